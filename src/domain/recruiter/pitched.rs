//! What a pitch offers: role, company, pay and the rest, as far as the mail says it in so many words.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{head, quotes_author, recruits, speaks_for_agency};
use super::normal::fold;
use crate::domain::gist::Pitch;
use crate::domain::ident::registrable_domain;
use crate::domain::inbound::Inbound;
use crate::domain::reply_text::ReplyText;
use words::{CALENDAR, CLIENTS, CONTRACT, FIRM_ENDS, MAKERS, NO_COMPANY, NO_JOB_LINKS, NO_PLACE, REMOTE};

mod pay;
mod role;
#[cfg(test)]
mod tests;
mod words;

/// Own words that are read, in bytes.
const READ: usize = 8_000;

/// Reads what was pitched.
pub(super) fn read(mail: &Inbound, text: &ReplyText) -> Pitch {
    let own = without_sign_off(mail, head(&text.own, READ));
    // a reminder leaves the facts to the first mail, which it quotes
    let before = if quotes_author(mail, text) { head(&text.quoted, READ) } else { "" };
    let both = format!("{}\n{own}", mail.subject);
    let sender = sender_name(mail, text);
    let named = first(&JAPANESE_COMPANY, own)
        .or_else(|| every(&COMPANY, own).find(|name| plausible(name, mail)))
        .or_else(|| every(&COMPANY, &mail.subject).find(|name| plausible(name, mail)))
        .map(|name| whole_name(&both, name));
    let own_name = named == sender || named.as_deref().is_some_and(|name| name.starts_with("株式会社"));
    let in_house = named.is_some() && own_name && !names_client(&both) && !recruits(mail);
    let (agency, company) = if (speaks_for_agency(mail, text) || recruits(mail)) && !in_house {
        let company = named.filter(|name| sender.as_deref() != Some(name.as_str()));
        (sender.or_else(|| author_domain(mail)), company)
    } else {
        let japanese = named.clone().filter(|name| name.starts_with("株式会社"));
        (None, japanese.or(sender).or(named).or_else(|| spelt_domain(mail, text)))
    };
    let company_name = company.clone();
    Pitch {
        role: role::read(&mail.subject, own).or_else(|| role::read("", before)),
        company: first(&LABELLED_COMPANY, own).or(company),
        agency,
        place: first(&LABELLED_PLACE, own)
            .or_else(|| first(&PLACE, &both).filter(|place| is_place(place, company_name.as_deref()))),
        remote: by_words(&both, REMOTE),
        pay: pay::read(&both).or_else(|| pay::read(before)),
        contract: by_words(&both, CONTRACT),
        skills: skills(&both),
        link: LINK.find_iter(own).map(|found| found.as_str()).find(|link| is_job_link(link)).map(clean_link),
    }
}

/// The words before the writer's name that stands alone in a line near the end: what is below it is the
/// writer's title and firm, even where no `--` parts it.
fn without_sign_off<'a>(mail: &Inbound, own: &'a str) -> &'a str {
    let name = mail.author().and_then(|author| author.name.as_deref()).unwrap_or_default().to_lowercase();
    let Some(given) = name.split([' ', ',']).next().filter(|given| !given.is_empty()) else { return own };
    let written: Vec<&str> = own.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = written.len().saturating_sub(SIGN_OFF).max(1);
    let signed = written.iter().skip(last).find(|line| {
        let bare: String = line.chars().filter(|c| c.is_alphabetic() || *c == ' ').collect::<String>().to_lowercase();
        let words: Vec<&str> = bare.split_whitespace().collect();
        let short = words.len() <= 3 && line.chars().count() < 40 && !line.trim_end().ends_with(['?', '!']);
        bare.trim() == name || (short && words.first() == Some(&given))
    });
    let at = signed.and_then(|line| own.rfind(line));
    at.and_then(|at| own.get(..at)).unwrap_or(own)
}

/// Lines from the end among which the writer's name is looked for.
const SIGN_OFF: usize = 9;

/// A name with the words of firms that follow it in the text: "Kurogane" of "Kurogane Systems Europe B.V.".
fn whole_name(text: &str, name: String) -> String {
    let Some(rest) = text.find(&name).and_then(|at| text.get(at + name.len()..)) else { return name };
    let mut whole = name;
    for word in rest.split(' ').skip(1).take(3) {
        let bare = word.trim_end_matches([',', ';', ':', '!', '?', ')']).trim_end_matches("'s").trim_end_matches("’s");
        let bare = if bare.matches('.').count() == 1 { bare.trim_end_matches('.') } else { bare };
        if !rest.starts_with(' ') || !FIRM_ENDS.contains(&bare) {
            break;
        }
        whole = format!("{whole} {bare}");
        if bare.len() != word.len() {
            break;
        }
    }
    whole
}

/// The domain's first label where the mail itself writes it as a word, or speaks of the work as its own.
fn spelt_domain(mail: &Inbound, text: &ReplyText) -> Option<String> {
    let label = author_domain(mail)?;
    let whole = format!("{}\n{}\n{}", mail.subject, head(&text.own, READ), head(&text.signature, 1_000)).to_lowercase();
    (position(&whole, &label).is_some() || MAKERS.iter().any(|words| whole.contains(words))).then_some(label)
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

/// Every first group of a pattern, trimmed.
fn every<'a>(pattern: &'a Regex, text: &'a str) -> impl Iterator<Item = String> + 'a {
    pattern
        .captures_iter(text)
        .filter_map(|captures| Some(captures.get(1)?.as_str().trim_matches(['.', ',', '\'', '-']).to_owned()))
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
    best.map(|name| whole_name(&whole, name))
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
    let sender = mail.author().and_then(|author| author.name.as_deref()).unwrap_or_default().to_lowercase();
    let relay = mail.author().is_some_and(|author| super::is_relay(author.address.domain()));
    let network = relay && mail.author().is_some_and(|author| author.address.domain().starts_with(&name));
    let writer = sender.split_whitespace().any(|part| name == part) || name == sender;
    let technology = include_str!("skills.txt").lines().any(|line| line.trim_start_matches('=').to_lowercase() == name);
    !own && !writer
        && !network
        && !technology
        && name.chars().count() > 2
        && !NO_COMPANY.contains(&name.as_str())
        && !CALENDAR.contains(&name.as_str())
}

/// Whether the mail speaks of a client.
fn names_client(text: &str) -> bool {
    let lower = text.to_lowercase();
    CLIENTS.iter().any(|word| lower.contains(word))
}

fn is_place(place: &str, company: Option<&str>) -> bool {
    company != Some(place) && plausible_place(place) && !role::names_a_job(place)
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

static JAPANESE_COMPANY: LazyLock<Regex> = LazyLock::new(|| constant(r"(株式会社[\p{Katakana}ー\p{Han}A-Za-z]{1,20})"));

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

static LINK: LazyLock<Regex> = LazyLock::new(|| constant(r#"https?://[^\s<>"\]]{4,300}"#));
