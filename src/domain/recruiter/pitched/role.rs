//! The role that a pitch names: of all names of jobs in a mail the one that is sought.

use std::cmp::Reverse;
use std::sync::LazyLock;

use regex::Regex;

use super::words::NO_ROLE;
use super::{constant, first};

/// A name of a job with how much speaks for it.
struct Candidate {
    points: i32,
    /// Where it stands; the subject goes before the text.
    at: (bool, usize),
    name: String,
}

/// The role that subject and text name, if one of the jobs in them is likely offered.
pub(super) fn read(subject: &str, body: &str) -> Option<String> {
    if let Some(named) = first(&LABELLED, body) {
        return Some(named);
    }
    let mut all = candidates(subject, false);
    all.extend(candidates(body, true));
    let best = all.iter().max_by_key(|one| (one.points, Reverse(one.at)))?;
    // "Platform Engineer" here, "Senior Platform Engineer (Go)" there
    let longer = all.iter().filter(|one| one.name.contains(&best.name) && one.name.chars().count() <= LONGEST);
    longer.max_by_key(|one| one.name.chars().count()).filter(|_| best.points >= FEWEST).map(|one| one.name.clone())
}

/// Whether a text holds the name of a job, whoever's it is.
pub(super) fn names_a_job(text: &str) -> bool {
    ROLE.is_match(text) || WHOLE.is_match(text)
}

/// A longer name is none, in characters.
const LONGEST: usize = 70;
/// Fewer points than this: the writer's own title rather.
const FEWEST: i32 = -2;

fn candidates(text: &str, in_body: bool) -> Vec<Candidate> {
    let mut found = Vec::new();
    for pattern in [&*ROLE, &*LATIN, &*WHOLE, &*JAPANESE] {
        for captures in pattern.captures_iter(text) {
            let Some(hit) = captures.get(1) else { continue };
            let Some(name) = telling(hit.as_str()) else { continue };
            let before = text.get(..hit.start()).and_then(|head| head.split('\n').next_back()).unwrap_or_default();
            found.push(Candidate {
                points: points(&name, before, in_body, hit.start()),
                at: (in_body, hit.start()),
                name,
            });
        }
    }
    found
}

fn points(name: &str, before: &str, in_body: bool, at: usize) -> i32 {
    let sought = SOUGHT.is_match(before);
    let introduces = in_body && !sought && at < INTRODUCTION && INTRODUCES.is_match(before);
    let short = !name.contains([' ', '-']) && name.chars().count() < 14;
    let several = PLURAL.is_match(name.split(',').next().unwrap_or_default());
    let capital = name.chars().next().is_some_and(char::is_uppercase);
    let weights = [
        (!in_body, 3),
        (sought, 4),
        (several, -3),
        (short, -2),
        (capital, 1),
        (introduces, -6),
        (SOMEBODYS.is_match(before), -4),
    ];
    weights.iter().filter(|(holds, _)| *holds).map(|(_, weight)| weight).sum()
}

/// Bytes of a text in which its writer tells who they are.
const INTRODUCTION: usize = 220;

/// The name of a job without what stands around it; `None`: it says too little, or is a recruiter's own.
fn telling(found: &str) -> Option<String> {
    let joined = found.split_whitespace().collect::<Vec<_>>().join(" ");
    if JAPANESE.find(&joined).is_some_and(|hit| hit.as_str().len() == joined.len()) {
        return Some(joined);
    }
    let bare = NO_BEGINNING.replace(&joined, "");
    let bare = NO_ROLE.iter().fold(&*bare, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
    let trimmed =
        bare.trim_matches(|c: char| matches!(c, ' ' | '.' | ',' | ';' | ':' | '-' | '–' | '|' | '!' | '?' | '"' | '*'));
    let first = trimmed.chars().next()?;
    let telling = trimmed.contains([' ', '-']) || first.is_uppercase() || trimmed.len() > 9;
    let lower = trimmed.to_lowercase();
    (telling && !RECRUITS.is_match(trimmed) && !BARE.contains(&lower.as_str())).then(|| trimmed.to_owned())
}

/// Names of jobs that say nothing alone.
const BARE: &[&str] = &[
    "lead",
    "principal",
    "partner",
    "manager",
    "director",
    "directors",
    "engineer",
    "engineers",
    "developers",
    "consultant",
    "managers",
    "management",
    "executive",
    "officer",
    "professor",
    "head",
    "chief",
    "leads",
    "specialist",
    "owner",
    "master",
    "first",
    "dev",
    "architect",
    "analysts",
    "designer",
    "contractor",
    "leiter",
    "leitung",
    "chef",
    "associate",
];

static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?im)^[\s*•>-]*(?:job title|position title|requirement|rolle|quest|project role|role|position|title|job role|stelle|poste|puesto|posición|vaga|cargo|functie|stanowisko|ruolo|posizione|roll|stilling|職種|ポジション|募集職種)\s*[:：]\s*(.{3,70}?)\s*$",
    )
});

/// What stands before a job that is offered.
static SOUGHT: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:hiring|hire|looking for|searching for|search for|seeking|seek|need|needs|recruiting|recruit|recruiting for|appoint|appointing|appointment of|role of|role as|position of|position as|post of|job as|opening for|openings for|vacancy for|opportunity as|working on|signed off|as|for|is|wants?|suchen|suche|sucht|gesucht|besetzen|als|cherchons|cherche|recrutons|recrute|buscamos|busca|buscando|busco|procuramos|procura|cerchiamo|cerca|zoeken|zoekt|zoek|szukamy|szuka|söker|søger|søker|poste d['e]|puesto de|vaga de|vaga para) (?:is )?(?:a|an|our|their|the|one|another|two|three|some|someone as|her|his|its|new|next|first|un|une|uno|una|um|uma|eine|einen|einer|een|en|et|ett|nach einem|nach einer|zum nächstmöglichen Zeitpunkt)?(?: (?:new|next|first|experienced|strong|great|additional|permanent|contract|full-time|hands-on|an|a|really good|another|erfahrenen?|neue[n]?))? ?$",
    )
});

/// "I'm a Principal Consultant at …".
static INTRODUCES: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?i)\b(?:I'm|I am|as|my name|ich bin|je suis|soy|sono|jestem)\b[^.]*$"));

/// "Your current …", "reporting to the …".
static SOMEBODYS: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:your|you're|you are|Ihr|votre|tu|with|report(?:s|ing)? to|spoke to|our CTO|from our|the) ?(?:current |role as |work as |time as )?$",
    )
});

static PLURAL: LazyLock<Regex> = LazyLock::new(|| constant(r"(?:ers|ects|ists|ants|tors)$"));

/// Jobs of those who write pitches.
static RECRUITS: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"People|Talent|Recruit|Hiring|HR |Personal|Acquisition|Account|Partner\b|Delivery|Resourc|Consultant, |Principal Consultant|Managing Partner|Senior Consultant|Associate Director",
    )
});

/// Words of the sentence that stand before a name of a job and look like a part of it.
static NO_BEGINNING: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"^(?:(?:I|We|Jag|Jeg|Ich|Unser[en]*|From|Your|Hej|Hi|Hello|Dear|als|en|ett|et|bin|le|la|kontakta|As|My|Mein|This|That|fyra|Für|Our|Their|The|A|An|Is)\b[\s.,]*)+",
    )
});

static ROLE: LazyLock<Regex> = LazyLock::new(|| {
    let word = r"\p{Lu}(?:[\p{L}\d+#&/·-]|\.\p{L})*";
    let level = r"(?:(?:Very )?Senior|Sr\.?|SR|Junior|Mid-level|Lead|Principal|Staff|Founding|Chief|Head|First|Distinguished|Expert|Experienced|Associate|Fractional|Interim|Freelance|senior|lead|principal|staff|founding|first|experienced|fractional|interim|freelance|head|Technical|technical|Group|Global|Deputy|Vice|Managing|Leitende[rn]?|Erfahrene[rn]?|Leitender|Sénior|Technische[rn]?)";
    let field = r"(?:\p{Lu}[\p{L}\d+#./&-]*|C\+\+|\.NET|[a-z]*-?end|systems?|software|data|platform|storage|infrastructure|embedded|firmware|hardware|security|backend|frontend|full-stack|fullstack|rust|java|golang|python|research|robotics|network|database|protocol|site|reliability|machine|learning|cloud|engineering|product|project|programme|program|quality|test|devops|mobile|web|technical|control|power|electronics|mechanical|clinical|sales|solutions|support|node|react|php|ios|android|kotlin|scala|ruby|kernel|compiler|graphics|game|server|kubernetes|linux|integration|scientific|blockchain|crypto|devsecops|detection|response|application|appsec|incident|&|/)";
    let noun = r"(?:Engineers?|Developers?|Programmers?|Architects?|Scientists?|Managers?|Management|Consultants?|Contractors?|CTO|COO|CFO|CIO|CISO|CDO|CEO|SRE|DBA|RSSI|Maintainer|Researcher|Analysts?|Co-?[Ff]ounder|engineers?|developers?|programmers?|architects?|scientists?|analysts?|managers?|consultants?|contractors?|cto|coo|cfo|co-?founder|maintainer|Lead|Leads|lead|Specialists?|specialists?|Directors?|director|Principal|Partner|Professor|Lecturer|Instructor|Nurse|Controller|Controllerin|Tester|Generalist|generalist|Officer|Advis[oe]r|advis[oe]r|dev|Dev|Trainer|Owner|Master|Administrators?|administrators?|Techlead|Teamlead|Tech Lead|Postdoc|Fellow|Executive|Representative|Designer|Writer|Evaluator|evaluator|\w*[Ee]ntwickler(?:in)?|\w*[Ii]ngenieur(?:in)?|\w*[Aa]rchitekt(?:in)?|[Tt]eamleiter(?:in)?|\w*[Ll]eiter(?:in)?|\w*[Ll]eitung|\w*[Mm]anager(?:in)?|\w*[Kk]onsulent|\w*[Bb]erater(?:in)?|\w*[Dd]ataingenjör|\w*ingenjör|\w*ingeniør|\w*utvecklare|\w*udvikler|\w*utvikler|\w*[Oo]ntwikkelaar|\w*arkitekt|\w*konsult|\w*chef|\w*sjef|\w*direktør|\w*direktör|\w*leder|エンジニア)";
    let about = "IoT|Automotive|Data|Cloud|Security|Sécurité|Embedded|Java|Platform|Automazione|Embarcados|Elektronik|Electronics|Cyber|Connected|Firmware|Infrastructure|Verteilte";
    let tail = format!(
        r"(?:(?:, | - | – )(?:{word})(?:(?: | & | and |/){word}){{0,2}}| (?:[IVX]{{1,3}}|[Bb]ack-?end|[Ff]ront-?end|[Ff]ull-?[Ss]tack|Rust|Java|Go|Python|Senior|Sénior)\b| (?:für|of|for) {word}(?: {word})?| (?:{about})(?: {word})?)?(?: \([^)\n]{{1,20}}\))?"
    );
    let head = "Head|VP|Director|Directeur|Vice President|Chief|Leiter(?:in)?|Leitung|Hoofd|Lead|Manager|Professor|Chef|Jefe/?a?|Responsable|Responsabile|Respons[áa]vel|Gerente|Directora?|Gruppenleitung";
    let officer = format!(r"VP,? {word}|Vice President, {word}(?: {word})*|Chief {word}(?: & {word})? Officer");
    constant(&format!(
        r"((?:(?:{level} )?(?:{head})(?: of| de| d'| della?| do| da| di|,)? ?{word}(?:(?: | & | de | e | of ){word})*|{officer}|(?:{level} )?(?:{field} ){{0,4}}(?:{level} )?{noun}){tail})(?:\W|$)"
    ))
});

/// Names of jobs in languages that put what a job is about behind it.
static LATIN: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?:^|[^\p{L}-])((?:[Ii]ngénieur(?:e|·e)?|[Dd]éveloppeu(?:r|se)|[Aa]rchitecte|[Dd]irecteur|[Dd]irectrice|[Cc]hef(?:fe)? d[e'][ ’]?\p{L}+|[Rr]esponsable|[Dd]ev|[Ii]ngenier[oa]|[Dd]esarrollador(?:a)?|[Pp]rogramador(?:a)?|[Aa]rquitect[oa]|[Gg]erente|[Jj]efe(?:/a)?|[Dd]irectora?|[Aa]dministrador(?:a)?|(?:[Pp]essoa )?[Ee]ngenheir[oa]|(?:[Pp]essoa )?[Dd]esenvolvedor(?:a)?|[Rr]esponsável|[Cc]oordenador(?:a)?|[Ss]viluppat(?:ore|rice)|[Ii]ngegnere|[Pp]rogrammatore|[Aa]rchitetto|[Rr]esponsabile|[Dd]irettore|[Ii]nżyniera?|[Pp]rogramist[aęy]|[Dd]yrektora?|[Kk]ierownik|[Aa]nalista|[Cc]onsultant(?:e)?|[Hh]oofd|[Tt]eamleider)(?: (?:de|du|des|d'|di|do|del|della|dla|en|ds\.) ?\p{L}+| d'\p{L}+| (?:\p{Lu}(?:[\p{L}\d+#/-]|\.\p{L})*|\.NET|C\+\+|logiciel|technique|data|full ?stack|back-?end|front-?end|sénior|senior|danych|firmware|sistemi|sistemas|software|backend|embarqués?|embarcados|et|e)){0,4})(?:[^\p{L}-]|$)",
    )
});

/// Names of jobs that are one word.
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?:^|[^\p{L}-])((?:(?:Senior|Lead|Principal|Erfahrene[rn]?|senior|erfaren|ledende|Leitende[rn]?|Teamlead) )?(?:[\p{L}+#]+[- ])?[\p{L}]*(?:[Ee]ntwickler(?:in)?(?: oder -Entwickler)?|[Aa]dministrator(?:in)?|[Oo]ntwikkelaar|directeur|utvecklare|udvikler|utvikler|ingenjör|ingeniør|ingenieur|arkitekt|-konsult|(?:utvecklings|udviklings|teknik|projekt|enhets|interims)chef)(?: \p{Lu}[\p{L}\d+#./-]*){0,2}(?: \([mwdfhx/|]{3,9}\))?|Wissenschaftliche[r]? Mitarbeiter(?:in)?)(?:[^\p{L}-]|$)",
    )
});

static JAPANESE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"((?:[\p{Katakana}ーA-Za-z\p{Han}み]{0,14})(?:エンジニア|マネージャー|テックリード|リーダー|アーキテクト|部長|CTO)(?:[（(][^）)\n]{1,12}[)）])?)",
    )
});
