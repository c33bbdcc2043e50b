//! The given name in a name.

/// Words before a name.
const TITLES: [&str; 12] = ["dr", "prof", "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "m", "mme", "sir"];
/// Words behind a name and a comma, in lower case and without dots.
const SUFFIXES: [&str; 20] = [
    "phd", "md", "mba", "msc", "bsc", "ba", "ma", "jr", "sr", "esq", "cfa", "cpa", "pmp", "sphr", "phr", "cissp",
    "dipl", "ii", "iii", "llm",
];
/// Words of a name that no person bears.
const NOBODY: [&str; 17] = [
    "team",
    "support",
    "recruiting",
    "recruitment",
    "recruiter",
    "recruiters",
    "talent",
    "hr",
    "careers",
    "hiring",
    "info",
    "noreply",
    "gmbh",
    "inc",
    "ltd",
    "llc",
    "helpdesk",
];
/// Words that begin no person's name, though some bear them as a family's.
const NO_GIVEN_NAME: [&str; 8] = ["jobs", "sales", "contact", "office", "service", "career", "the", "customer"];

/// The given name of a full name as people write it before an address, in the case that a person would
/// write; `None` where it can't be told, as with an initial or a team.
pub fn first_name(name: &str) -> Option<String> {
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '“' | '”'));
    let bare =
        |word: &str| -> String { word.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase() };
    if name.split_whitespace().any(|word| NOBODY.contains(&bare(word).as_str())) {
        return None;
    }
    let given = match name.split_once(',') {
        Some((full, behind)) if behind.split([' ', ',']).all(|word| is_suffix(word, &bare(word))) => full,
        Some((_, given)) => given,
        None => name,
    };
    let is_title = |word: &str| TITLES.contains(&word.trim_end_matches('.').to_lowercase().as_str());
    let first = given.split_whitespace().find(|word| !is_title(word))?;
    if NO_GIVEN_NAME.contains(&bare(first).as_str()) {
        return None;
    }
    let is_name = first.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '\u{300}'..='\u{36f}'));
    let letters = first.chars().filter(|c| c.is_alphabetic()).count();
    // one letter is an initial, but for scripts that write a name in one
    let is_whole = letters > 1 || first.chars().any(|c| c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase());
    (is_name && is_whole).then(|| in_its_case(first, letters))
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
