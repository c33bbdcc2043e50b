//! Whether two display names are one person's.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use titles::TITLES;

use crate::domain::ident::NamedAddress;

mod titles;

/// What follows one of these is no part of the name: "Ana Silva via LinkedIn", "Ana Silva | Acme".
const CUTS: &[&str] = &[" via ", " from ", " at ", " on behalf of ", " (", "[", "|", " @", " - ", " – ", "/"];

/// Whether both are the same full name: case, accents, titles, initials and the order of "Last,
/// First" do not count. A first name alone is nobody's in particular.
pub(super) fn same(one: &NamedAddress, other: &NamedAddress) -> bool {
    let folded = of(one);
    folded.is_some() && folded == of(other)
}

/// The form in which two spellings of a full name are equal; `None` for what is no full name.
pub fn name_key(person: &NamedAddress) -> Option<String> {
    of(person).map(|words| words.join(" "))
}

/// Whether a text names the person: every word of the full name that is long enough to tell (the
/// surname, as a rule) or the name as a whole.
pub(super) fn is_named_in(person: &NamedAddress, text: &str) -> bool {
    const TELLING: usize = 4;
    let Some(words) = of(person) else { return false };
    let folded: Vec<String> = folded_words(text);
    let surname = person.name.as_deref().and_then(|name| folded_words(name).into_iter().next_back());
    let wanted: Vec<&String> = match &surname {
        Some(surname) if surname.chars().count() >= TELLING => vec![surname],
        _ => words.iter().collect(),
    };
    wanted.iter().all(|word| folded.contains(word))
}

/// The words of a text, folded as those of a name.
pub(super) fn folded_words(text: &str) -> Vec<String> {
    plain(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(unumlauted).collect()
}

/// The display name, or a full name that the address spells out (`ana.silva@`).
fn of(person: &NamedAddress) -> Option<Vec<String>> {
    match &person.name {
        Some(name) if !name.contains('@') => fold(name),
        _ => fold(&person.address.local().split('+').next()?.replace(['.', '_'], " ")),
    }
}

/// The words of a full name, folded and sorted.
fn fold(name: &str) -> Option<Vec<String>> {
    let lower: String = name.chars().take(200).collect::<String>().to_lowercase();
    let bare = CUTS.iter().fold(lower.as_str(), |rest, cut| match rest.split_once(cut) {
        Some((name, _)) if !name.trim().is_empty() => name,
        _ => rest,
    });
    let plain = plain(bare);
    let mut words: Vec<String> = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !TITLES.contains(word))
        .map(unumlauted)
        .collect();
    if words.iter().all(|word| word.chars().all(is_wide)) {
        let whole = words.concat();
        return (whole.chars().count() >= 2).then(|| vec![whole]);
    }
    words.retain(|word| word.chars().count() > 1);
    words.sort();
    (words.len() >= 2).then_some(words)
}

fn unumlauted(word: &str) -> String {
    word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

/// Lower case without accents.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut plain = String::new();
    for c in lower.nfkd().filter(|c| !is_combining_mark(*c) && !matches!(c, '\'' | '’' | '‘' | '`' | '"')) {
        match c {
            'ß' => plain.push_str("ss"),
            'ø' | 'œ' => plain.push('o'),
            'æ' => plain.push('a'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ı' => plain.push('i'),
            'þ' => plain.push_str("th"),
            _ => plain.push(c),
        }
    }
    plain
}

/// Han, kana and hangul, where a whole name is often one word.
fn is_wide(c: char) -> bool {
    c as u32 >= 0x2e80
}

#[cfg(test)]
mod tests;
