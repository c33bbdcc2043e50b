//! What a pitch offers: role, company, pay and the rest, as far as the mail says it in so many words.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{head, speaks_for_agency};
use super::normal::fold;
use crate::domain::gist::Pitch;
use crate::domain::ident::registrable_domain;
use crate::domain::inbound::Inbound;
use crate::domain::reply_text::ReplyText;
use words::{CALENDAR, CLIENTS, CONTRACT, NO_COMPANY, NO_JOB_LINKS, NO_PLACE, NO_ROLE, REMOTE, SOUGHT};

mod words;

/// Own words that are read, in bytes.
const READ: usize = 8_000;

/// Reads what was pitched.
pub(super) fn read(mail: &Inbound, text: &ReplyText) -> Pitch {
    let own = head(&text.own, READ);
    let both = format!("{}\n{own}", mail.subject);
    let sender = sender_name(mail, text);
    let named = first(&JAPANESE_COMPANY, own)
        .or_else(|| first(&COMPANY, own))
        .or_else(|| first(&COMPANY, &mail.subject))
        .filter(|name| plausible(name, mail));
    let own_name = named == sender || named.as_deref().is_some_and(|name| name.starts_with("株式会社"));
    let in_house = named.is_some() && own_name && !names_client(&both);
    let (agency, company) = if speaks_for_agency(mail, text) && !in_house {
        let company = named.filter(|name| sender.as_deref() != Some(name.as_str()));
        (sender.or_else(|| author_domain(mail)), company)
    } else {
        let japanese = named.clone().filter(|name| name.starts_with("株式会社"));
        (None, japanese.or(sender).or(named).or_else(|| author_domain(mail)))
    };
    let company_name = company.clone();
    Pitch {
        role: first(&LABELLED_ROLE, own).or_else(|| role(&mail.subject)).or_else(|| role(own)),
        company: first(&LABELLED_COMPANY, own).or(company),
        agency,
        place: first(&LABELLED_PLACE, own)
            .or_else(|| first(&PLACE, &both).filter(|place| is_place(place, company_name.as_deref()))),
        remote: by_words(&both, REMOTE),
        pay: PAY.find(&both).map(|found| found.as_str().trim_end_matches(['.', ',', ' ']).trim().to_owned()),
        contract: by_words(&both, CONTRACT),
        skills: skills(&both),
        link: LINK.find_iter(own).map(|found| found.as_str()).find(|link| is_job_link(link)).map(clean_link),
    }
}

/// The first named group that took part in the match, trimmed.
fn first(pattern: &Regex, text: &str) -> Option<String> {
    let captures = pattern.captures(text)?;
    let found = captures.iter().skip(1).flatten().next()?.as_str();
    let found = found.split_whitespace().collect::<Vec<_>>().join(" ");
    let trimmed =
        found.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | ':' | '-' | '–' | '|' | '!' | '?' | '"' | '*'));
    (!trimmed.is_empty()).then(|| trimmed.trim().to_owned())
}

/// The first name of a job that says more than "engineers". The longer of two readings at one place.
fn role(text: &str) -> Option<String> {
    let mut found: Vec<(usize, String)> = ROLE
        .captures_iter(text)
        .chain(WORLD_ROLE.captures_iter(text))
        .chain(JAPANESE_ROLE.captures_iter(text))
        .filter_map(|captures| captures.get(1))
        .filter(|found| !is_own_title(text.get(..found.start()).unwrap_or_default(), found.as_str()))
        .filter_map(|found| Some((found.end(), telling(found.as_str())?)))
        .collect();
    found.sort_by_key(|(end, role)| (end.saturating_sub(role.len()), usize::MAX - role.len()));
    found.into_iter().next().map(|(_, role)| role)
}

fn telling(found: &str) -> Option<String> {
    let found = NO_ROLE.iter().fold(found, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
    let telling = found.contains([' ', '-']) || found.chars().next().is_some_and(char::is_uppercase) || found.len() > 9;
    let recruits = ["People", "Talent", "Recruit", "Hiring"].iter().any(|word| found.contains(word));
    (telling && !recruits).then(|| found.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// "CTO" and the like are what the writer is, unless someone is sought.
fn is_own_title(before: &str, found: &str) -> bool {
    let title = matches!(
        found,
        "CTO" | "cto" | "Co-founder" | "co-founder" | "cofounder" | "Manager" | "Consultant" | "Director"
    );
    let sought = before.lines().next_back().unwrap_or_default().to_lowercase();
    title && !before.is_empty() && !SOUGHT.iter().any(|word| sought.contains(word))
}

/// The organisation of the sender as the mail spells it: the words that the domain is made of.
fn sender_name(mail: &Inbound, text: &ReplyText) -> Option<String> {
    let label = author_domain(mail)?;
    let squeezed: String = label.chars().filter(|c| c.is_alphanumeric()).collect();
    let name = mail.author().and_then(|author| author.name.clone()).unwrap_or_default();
    let whole = format!("{}\n{}\n{}\n{name}", head(&text.own, READ), head(&text.signature, 1_000), mail.subject);
    let words: Vec<&str> = whole
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '|' | '"' | '<' | '>' | ':' | '/'))
        .collect();
    let mut best: Option<String> = None;
    for (at, word) in words.iter().enumerate() {
        if !word.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit()) || word.contains('@') {
            continue;
        }
        let mut joined = String::new();
        for length in 1..=3 {
            let Some(next) = words.get(at + length - 1) else { break };
            let next_bare = next.trim_matches(|c: char| !c.is_alphanumeric());
            if next_bare.is_empty() && *next != "&" {
                break;
            }
            joined.extend(fold(next_bare).chars().filter(|c| c.is_alphanumeric()));
            let fits = joined == squeezed || (joined.len() >= 4 && squeezed.starts_with(&joined));
            if fits
                && best.as_ref().is_none_or(|best| joined.len() > best.chars().filter(|c| c.is_alphanumeric()).count())
            {
                let span = words.get(at..at + length).unwrap_or_default().join(" ");
                best = Some(
                    span.trim_matches(|c: char| !c.is_alphanumeric())
                        .trim_end_matches("'s")
                        .trim_end_matches("’s")
                        .to_owned(),
                );
            }
        }
    }
    best
}

/// First label of the sender's own domain; none for private mailboxes and relays.
fn author_domain(mail: &Inbound) -> Option<String> {
    let author = mail.author()?;
    author.address.organisation()?;
    if super::is_relay(author.address.domain()) {
        return None;
    }
    let domain = registrable_domain(author.address.domain())?;
    domain.split('.').next().map(str::to_owned)
}

/// Not a place, a network, or the name of the person who is written to.
fn plausible(name: &str, mail: &Inbound) -> bool {
    let name = name.to_lowercase();
    let own = mail.to.iter().any(|to| {
        let known = to.name.as_deref().unwrap_or_default().to_lowercase();
        known.split_whitespace().any(|part| name == part) || name == known || name == to.address.local()
    });
    !own && name.chars().count() > 2 && !NO_COMPANY.contains(&name.as_str()) && !CALENDAR.contains(&name.as_str())
}

/// Whether the mail speaks of a client.
fn names_client(text: &str) -> bool {
    let lower = text.to_lowercase();
    CLIENTS.iter().any(|word| lower.contains(word))
}

fn is_place(place: &str, company: Option<&str>) -> bool {
    company != Some(place) && plausible_place(place) && !ROLE.is_match(place)
}

/// Months, weekdays and technologies stand behind "in" as well.
fn plausible_place(place: &str) -> bool {
    let first = place.split(' ').next().unwrap_or_default();
    let technology = include_str!("skills.txt").lines().any(|line| line == first);
    let first = first.to_lowercase();
    !technology && !CALENDAR.contains(&first.as_str()) && !NO_PLACE.contains(&first.as_str())
}

fn by_words(text: &str, table: &[(&str, &[&str])]) -> Option<String> {
    let lower = text.to_lowercase();
    table
        .iter()
        .find(|(_, words)| words.iter().any(|word| contains_word(&lower, word)))
        .map(|(name, _)| (*name).to_owned())
}

fn skills(text: &str) -> Vec<String> {
    let mut found: Vec<(usize, &str)> = Vec::new();
    let mut current = "";
    for line in include_str!("skills.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let spelling = line.strip_prefix('=').unwrap_or(line);
        if spelling == line {
            current = line;
        }
        if found.iter().all(|(_, name)| *name != current)
            && let Some(at) = position(text, spelling)
        {
            found.push((at, current));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name.to_owned()).collect()
}

fn contains_word(text: &str, word: &str) -> bool {
    position(text, word).is_some()
}

/// Where a word stands whole. "Go" at the beginning of a sentence, before a verb's object, is no skill.
fn position(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word).map(|(at, _)| at).find(|&at| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let rest = text.get(at + word.len()..).unwrap_or_default();
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '+' | '#' | '@'));
        let wordy = word != "Go"
            || !["through", "ahead", "to ", "for ", "on ", "here", "with"]
                .iter()
                .any(|verb| rest.trim_start().starts_with(verb));
        (edge(before) || !word.is_ascii()) && (edge(rest.chars().next()) || !word.is_ascii()) && wordy
    })
}

fn is_job_link(link: &str) -> bool {
    let lower = link.to_lowercase();
    !NO_JOB_LINKS.iter().any(|part| lower.contains(part))
}

fn clean_link(link: &str) -> String {
    link.trim_end_matches(['.', ',', ')', '>', ']', ';', '!', '?', '"', '\'']).to_owned()
}

fn constant(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns are constant, and every test runs them")]
    Regex::new(pattern).expect("a constant pattern")
}

static ROLE: LazyLock<Regex> = LazyLock::new(|| {
    let level = r"(?:Senior|Junior|Mid-level|Lead|Principal|Staff|Founding|Chief|Head|First|Distinguished|Experienced|Fractional|Interim|senior|lead|principal|staff|founding|first|experienced|fractional|head|Sr\.?|Technical|technical|Leitende[rn]?|Erfahrene[rn]?)";
    let field = r"(?:[A-Z][\w+#./&-]*|[a-z]*-?end|systems?|software|data|platform|storage|infrastructure|embedded|security|backend|frontend|full-stack|rust|research|robotics|network|database|protocol|site|reliability|machine|learning|cloud)";
    let noun = r"(?:Engineers?|Developers?|Programmers?|Architects?|Scientists?|Manager|Consultant|CTO|SRE|DBA|Maintainer|Researcher|Co-?[Ff]ounder|engineers?|developers?|programmers?|architects?|cto|co-?founder|maintainer|Lead|Specialist|Director|\w*[Ee]ntwickler(?:in)?|\w*[Ii]ngenieur(?:in)?|\w*[Aa]rchitekt(?:in)?|[Tt]eamleiter(?:in)?|[Dd]éveloppeu(?:r|se)|[Ii]ngénieure?|[Dd]esarrollador(?:a)?|[Ii]ngeniero|[Dd]esenvolvedor(?:a)?|[Ee]ngenheir[oa]|[Ss]viluppat(?:ore|rice)|[Ii]ngegnere|\w*[Oo]ntwikkelaar|[Pp]rogramista|\w*utvecklare|\w*udvikler|エンジニア)";
    constant(&format!(
        r"((?:Head|VP|Director|Vice President) of [A-Z][a-z]+|VP Engineering|(?:{level} )?(?:{field} ){{0,3}}(?:{level} )?{noun}(?: (?:[IVX]{{1,3}}|[Bb]ack-?end|[Ff]ront-?end|[Ff]ull-?[Ss]tack|Rust|Java|Go|Python|Senior|Sénior))?(?: de [Ss]oftware)?)(?:\W|$)"
    ))
});

/// Names of jobs in languages that put what a job is about behind it, or write it as one word.
static WORLD_ROLE: LazyLock<Regex> = LazyLock::new(|| {
    let about = r"(?: (?:de|d'|di|do|da|del|dla) ?\p{L}+| (?:\p{Lu}[\p{L}\d+#./-]*|logiciel|technique|data|full ?stack|back-?end|front-?end|sénior|danych|firmware)){0,3}";
    let behind = r"[Ii]ngénieure?|[Dd]éveloppeu(?:r|se)|[Aa]rchitecte|[Dd]irecteur|[Dd]irectrice|[Dd]ev|[Ii]ngenier[oa]|[Dd]esarrollador(?:a)?|[Pp]rogramador(?:a)?|[Aa]rquitect[oa]|[Dd]irectora?|[Aa]dministrador(?:a)?|(?:pessoa )?[Ee]ngenheir[oa]|[Dd]esenvolvedor(?:a)?|[Ss]viluppat(?:ore|rice)|[Ii]ngegnere|[Pp]rogrammatore|[Aa]rchitetto|[Ii]nżyniera?|[Pp]rogramist[aęy]|[Dd]yrektora?|Leiter(?:in)?";
    let whole = r"(?:[\p{L}+#]+-)?[\p{L}]*(?:[Ee]ntwickler(?:in)?(?: oder -Entwickler)?|[Aa]dministrator(?:in)?|[Oo]ntwikkelaar|directeur|utvecklare|udvikler|utvikler|ingenjör|ingeniør|arkitekt|-konsult|(?:utvecklings|udviklings|teknik)chef)|Wissenschaftliche[r]? Mitarbeiter(?:in)?|Head of [A-Z]\w+(?: [A-Z]\w+)?|Chief Technology Officer|Vice President, [A-Z]\w+(?: [A-Z]\w+)?|(?:[Bb]ackend|[Ff]rontend|[Pp]latform|[Dd]ata|[Nn]ode|[Jj]ava|[Rr]ust|[Gg]o|[Pp]ython|[Rr]eact|Backend-|Frontend-)[ -]?(?:lead|developer|engineer|[Dd]ev)";
    constant(&format!(r"(?:^|[^\p{{L}}-])((?:(?:{behind}){about}|{whole}))(?:[^\p{{L}}-]|$)"))
});

static JAPANESE_ROLE: LazyLock<Regex> =
    LazyLock::new(|| constant(r"([\p{Katakana}ーA-Za-z]*エンジニア|テックリード|CTO(?:候補|職|をお探し))"));

static JAPANESE_COMPANY: LazyLock<Regex> = LazyLock::new(|| constant(r"(株式会社[\p{Katakana}ー\p{Han}A-Za-z]{1,20})"));

static LABELLED_ROLE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?im)^[\s*•>-]*(?:job title|position title|role|position|title|job role|stelle|rolle|poste|puesto|posición|vaga|cargo|functie|stanowisko|ruolo|posizione|roll|stilling|職種|ポジション)\s*[:：]\s*(.{3,70}?)\s*$",
    )
});

static LABELLED_COMPANY: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?im)^[\s*•>-]*(?:company|employer|firma|unternehmen|entreprise|empresa|azienda|bedrijf|企業名|会社名)\s*[:：]\s*(.{2,50}?)\s*$",
    )
});

static LABELLED_PLACE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?im)^[\s*•>-]*(?:location|work location|place|ort|standort|einsatzort|lieu|localisation|ubicación|localização|local|locatie|standplaats|lokalizacja|sede|luogo|plats|ort|sted|勤務地)\s*[:：]\s*(.{2,60}?)\s*$",
    )
});

static COMPANY: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?:\bat|@|\bjoin|\bbehind|\bfounder of|\bCTO of|\bCEO of|\bfounders of|\bteam at|\bfrom|\bon behalf of|\bbei|\bbei der|\bvon|\bchez|\bpresso|\bbij|\bhos|\bna|\bwith) ((?:\p{Lu}[\w&'.+-]*\w)(?: (?:\p{Lu}[\w&'.-]*\w|AI|& \p{Lu}\w+)){0,2})",
    )
});

static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?:\b(?:based|located|office|offices|standort|siège|basé|basée|role|position|job|company|team|startup|Developer|Engineer|Entwickler) in|\bin|\bà|\ben|\bem|\ba|\bw|\bi) ((?:[A-ZÄÖÜÅØÉŁŚ][a-zäöüåøéèêóãçßłśńż]{2,})(?:[ -](?:am|sur|de|del|upon|Tel|[A-ZÄÖÜ][a-zäöüßéã]{2,})){0,2})",
    )
});

static PAY: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"\d{1,3}(?:[.,' ]\d{3})+|\d{2,7}(?:[.,]\d{1,2})?";
    let currency = r"(?:[€£$¥]|EUR|USD|GBP|CHF|PLN|SEK|DKK|NOK|CZK|BRL|AED|R\$|US\$)";
    let after = r"(?:\s?(?:€|£|\$|EUR\b|Euro\b|euros?\b|USD\b|GBP\b|CHF\b|PLN\b|zł|SEK\b|DKK\b|NOK\b|CZK\b|kr\b|万円|円|reais\b))";
    let unit = r"(?:\s?[kK](?:€|\b))?";
    let per = r"(?:\s?(?:/\s?(?:h|hr|hour|day|d|Tag|Std|jour|godz|month|mo|year|yr)\b|(?:per|pro|par|por|al|a|an) (?:hour|day|year|annum|month|Stunde|Tag|Jahr|jour|an|hora|mes|dia|año|ano|maand)\b|p\.?a\.?|per uur|på timme|netto|brutto|b/a))?";
    let range = r"\s?(?:-|–|—|to|and|und|bis|à|et|a|e|y|tot|en|do|til|till|och|og|から|~|〜)\s?";
    constant(&format!(
        r"{currency}\s?(?:{number}){unit}(?:{range}{currency}?\s?(?:{number}){unit})?{after}?{per}|(?:{number}){unit}(?:{after})?{range}(?:{number}){unit}{after}{per}|(?:{number}){unit}{after}{per}|\d{{2,3}}{range}\d{{2,3}}\s?[kK]\b(?:\s?€)?|\d{{2,3}}\s?[kK]\b"
    ))
});

static LINK: LazyLock<Regex> = LazyLock::new(|| constant(r#"https?://[^\s<>"\]]{4,300}"#));
