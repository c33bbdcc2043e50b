//! The given name in a name.

use super::{NamedAddress, registrable_domain};

/// Words before a given name.
const DEGREES: [&str; 4] = ["dr", "prof", "dipl", "ing"];
/// Words before a family name that stands alone: "Herr Roth" is nobody's first name.
const TITLES: [&str; 17] = [
    "mr", "mrs", "ms", "miss", "mx", "herr", "herrn", "frau", "m", "mme", "monsieur", "madame", "sir", "señor",
    "señora", "signor", "signora",
];
/// Words behind a name and a comma, in lower case and without dots.
const SUFFIXES: [&str; 20] = [
    "phd", "md", "mba", "msc", "bsc", "ba", "ma", "jr", "sr", "esq", "cfa", "cpa", "pmp", "sphr", "phr", "cissp",
    "dipl", "ii", "iii", "llm",
];
/// Words of a name that no person bears: teams, functions and firms.
const NOBODY: [&str; 48] = [
    "team",
    "support",
    "recruiting",
    "recruitment",
    "recruiter",
    "recruiters",
    "recrutement",
    "talent",
    "talents",
    "hr",
    "careers",
    "karriere",
    "hiring",
    "info",
    "noreply",
    "gmbh",
    "ag",
    "kg",
    "inc",
    "ltd",
    "llc",
    "llp",
    "plc",
    "bv",
    "sarl",
    "helpdesk",
    "staffing",
    "personalberatung",
    "personalvermittlung",
    "bewerbung",
    "systems",
    "solutions",
    "consulting",
    "technologies",
    "technology",
    "software",
    "group",
    "agency",
    "partners",
    "corp",
    "corporation",
    "company",
    "notifications",
    "newsletter",
    "operations",
    "services",
    "department",
    "acquisition",
];
/// Words that begin no person's name, though some bear them as a family's.
const NO_GIVEN_NAME: [&str; 29] = [
    "jobs",
    "sales",
    "contact",
    "office",
    "service",
    "career",
    "the",
    "customer",
    "head",
    "chief",
    "director",
    "manager",
    "lead",
    "senior",
    "founder",
    "ceo",
    "cto",
    "vp",
    "president",
    "engineer",
    "engineering",
    "developer",
    "admin",
    "people",
    "hello",
    "hi",
    "account",
    "marketing",
    "personal",
];
/// Words that a function is called by, behind the name and a comma.
const FUNCTIONS: [&str; 4] = ["of", "at", "for", "from"];
/// Words in front of a family name.
const PARTICLES: [&str; 13] = ["van", "von", "de", "da", "di", "del", "della", "la", "le", "den", "der", "ten", "ter"];

/// The given name of a full name as people write it before an address, in the case that a person would
/// write; `None` where it can't be told, as with an initial or a team.
pub fn first_name(name: &str) -> Option<String> {
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '“' | '”'));
    let bare =
        |word: &str| -> String { word.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase() };
    let words = |text: &str| text.split_whitespace().map(bare).collect::<Vec<_>>();
    let is_nobody = |text: &str| words(text).iter().any(|word| NOBODY.contains(&word.as_str()));
    let is_function = |text: &str| {
        let all = words(text);
        let begins = all.first().is_some_and(|word| NO_GIVEN_NAME.contains(&word.as_str()));
        begins || is_nobody(text) || all.iter().any(|word| FUNCTIONS.contains(&word.as_str()))
    };
    let given = match name.split_once(',') {
        Some((full, behind))
            if is_function(behind) || behind.split([' ', ',']).all(|word| is_suffix(word, &bare(word))) =>
        {
            full
        }
        // "García Márquez, Gabriel", but "Kim Roth, Globex" too
        Some((family, _))
            if is_nobody(family) || words(family).iter().filter(|word| !goes_before(word)).count() > 1 =>
        {
            return None;
        }
        Some((_, given)) => given,
        None => name,
    };
    if is_nobody(given) {
        return None;
    }
    let mut named = given.split_whitespace().skip_while(|word| is_in(&DEGREES, word) || is_in(&TITLES, word));
    let first = named.next()?;
    let titled = given.split_whitespace().next().is_some_and(|word| is_in(&TITLES, word) || is_in(&DEGREES, word));
    if titled && !name.contains(',') && named.next().is_none() {
        return None;
    }
    if NO_GIVEN_NAME.contains(&bare(first).as_str()) {
        return None;
    }
    let is_name = first.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '\u{300}'..='\u{36f}'));
    let letters = first.chars().filter(|c| c.is_alphabetic()).count();
    // one letter is an initial, but for scripts that write a name in one
    let is_whole = letters > 1 || first.chars().any(|c| c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase());
    (is_name && is_whole).then(|| in_its_case(first, letters))
}

/// The first name by which a mail greets somebody. A name that is the domain's is a firm's: `Globex` of
/// `jobs@globex.example`.
pub fn first_name_of(person: &NamedAddress) -> Option<String> {
    let name = person.name.as_deref()?;
    let first = first_name(name)?;
    let squeezed = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let domain = registrable_domain(person.address.domain()).unwrap_or_default();
    let firm = squeezed(domain.split('.').next().unwrap_or_default());
    let is_firm = !firm.is_empty() && (squeezed(&first) == firm || squeezed(name) == firm);
    let own = squeezed(person.address.local()).contains(&squeezed(&first));
    (!is_firm || own).then_some(first)
}

fn is_in(table: &[&str], word: &str) -> bool {
    table.contains(&word.trim_end_matches('.').to_lowercase().as_str())
}

/// Stands before a name, and is none.
fn goes_before(word: &str) -> bool {
    is_in(&DEGREES, word) || is_in(&TITLES, word) || PARTICLES.contains(&word)
}

fn is_suffix(word: &str, bare: &str) -> bool {
    bare.is_empty() || SUFFIXES.contains(&bare) || (word.contains('.') && bare.chars().count() <= 4)
}

/// `KIM` and `kim` are Kim, `JP`, `Jean-Luc` and `McKenna` stay.
fn in_its_case(name: &str, letters: usize) -> String {
    let shouted = letters > 2 && !name.chars().any(char::is_lowercase);
    let whispered = !name.chars().any(char::is_uppercase);
    if !shouted && !whispered {
        return name.to_owned();
    }
    let mut begins = true;
    let mut written = String::with_capacity(name.len());
    for c in name.chars() {
        if begins {
            written.extend(c.to_uppercase())
        } else {
            written.extend(c.to_lowercase())
        }
        begins = c == '-';
    }
    written
}
