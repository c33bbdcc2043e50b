//! The given name in a name.

/// The given name of a full name as people write it before an address; `None` where it can't be told.
pub fn first_name(name: &str) -> Option<&str> {
    const TITLES: [&str; 12] = ["dr", "prof", "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "m", "mme", "sir"];
    let given = name.split_once(',').map_or(name, |(_, given)| given);
    let is_title = |word: &str| TITLES.contains(&word.trim_end_matches('.').to_lowercase().as_str());
    given.split_whitespace().find(|word| !is_title(word)).filter(|word| !word.contains('@'))
}
