//! Whom a mail greets: one that greets somebody else was not meant for us.

use std::sync::LazyLock;

use regex::Regex;

use super::context::head;
use super::normal::fold;
use crate::domain::inbound::Inbound;

/// Letters that two forms of one name share at least ("Sam", "Samuel", "Samie").
const SHARED: usize = 3;

/// Whether the greeting bears a name that is none of the addressees'. Without a display name in `To`
/// nothing can be said, nor of names in scripts without capitals.
pub(super) fn names_another(mail: &Inbound, own: &str) -> bool {
    let known: Vec<String> = mail
        .to
        .iter()
        .chain(&mail.cc)
        .filter(|to| to.name.as_deref().is_some_and(|name| name.is_ascii() || name.chars().any(char::is_uppercase)))
        .flat_map(|to| [to.name.clone().unwrap_or_default(), to.address.local().to_owned()])
        .flat_map(|name| words(&name))
        .collect();
    if known.is_empty() {
        return false;
    }
    let Some(found) = GREETING.captures(head(own.trim_start(), 120)) else { return false };
    if found.get(1).is_some_and(|name| name.as_str().starts_with("I'") || name.as_str().starts_with("I’")) {
        return false; // "Hi I'm Tom"
    }
    let named = found.get(1).map(|name| words(name.as_str())).unwrap_or_default();
    let meant: Vec<&String> = named.iter().filter(|word| !NO_NAMES.contains(&word.as_str())).collect();
    !meant.is_empty() && !meant.iter().any(|word| known.iter().any(|name| alike(word, name)))
}

fn words(name: &str) -> Vec<String> {
    fold(name).split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1).map(str::to_owned).collect()
}

fn alike(one: &str, other: &str) -> bool {
    let shared = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    shared >= SHARED || one == other
}

static GREETING: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^(?i:hi|hii|hello|hey|dear|good (?:morning|afternoon|evening)|greetings|hallo|guten (?:tag|morgen|abend)|servus|moin|lieber?|sehr geehrte[rs]?|bonjour|bonsoir|salut|chere?|cher|hola|buenas|buenos d[ií]as|buenas tardes|estimad[oa]|querid[oa]|ol[áa]|oi|bom dia|boa tarde|prezad[oa]|car[oa]|ciao|buongiorno|buonasera|salve|gentile|gentilissim[oa]|hoi|beste|geachte|dag|goedemorgen|goedemiddag|cze[śs][ćc]|dzie[ńn] dobry|szanown[ya]|witam|witaj|hej|hei|hejsan|kære|kjære|kära|käre|goddag)\s+((?:\p{Lu}[\p{L}'’.-]*[ \t]*){1,4})(?:[,!:;.\n–-]|$)";
    #[expect(clippy::expect_used, reason = "the pattern is constant, and every test runs it")]
    Regex::new(pattern).expect("the pattern is constant and tested")
});

/// Capitalised words of greetings that name nobody, folded.
const NO_NAMES: &[&str] = &[
    "there",
    "all",
    "team",
    "everyone",
    "everybody",
    "folks",
    "professional",
    "professionals",
    "candidate",
    "candidates",
    "consultant",
    "applicant",
    "friend",
    "sir",
    "madam",
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "talent",
    "developer",
    "developers",
    "engineer",
    "engineers",
    "colleague",
    "colleagues",
    "job",
    "seeker",
    "partner",
    "associate",
    "again",
    "herr",
    "herrn",
    "frau",
    "damen",
    "und",
    "herren",
    "zusammen",
    "kollege",
    "kollegin",
    "kollegen",
    "monsieur",
    "madame",
    "mademoiselle",
    "senor",
    "senora",
    "sr",
    "sra",
    "don",
    "dona",
    "senhor",
    "senhora",
    "signor",
    "signora",
    "signore",
    "dott",
    "dottore",
    "dottoressa",
    "ing",
    "egregio",
    "heer",
    "mevrouw",
    "meneer",
    "pan",
    "pani",
    "panie",
    "panstwo",
    "tecken",
    "hr",
    "fru",
    "herre",
    "rust",
    "java",
    "python",
    "software",
    "happy",
    "good",
    "hope",
    "my",
    "this",
    "it",
    "we",
    "our",
    "your",
    "thanks",
    "thank",
    "greetings",
    "morning",
    "afternoon",
    "evening",
    "tag",
    "dia",
    "dag",
];
