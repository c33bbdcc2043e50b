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
    let mut plain = String::new();
    for c in bare.nfkd().filter(|c| !is_combining_mark(*c) && !matches!(c, '\'' | '’' | '‘' | '`' | '"')) {
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
    let mut words: Vec<String> = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !TITLES.contains(word))
        .map(|word| word.replace("ae", "a").replace("oe", "o").replace("ue", "u"))
        .collect();
    if words.iter().all(|word| word.chars().all(is_wide)) {
        let whole = words.concat();
        return (whole.chars().count() >= 2).then(|| vec![whole]);
    }
    words.retain(|word| word.chars().count() > 1);
    words.sort();
    (words.len() >= 2).then_some(words)
}

/// Han, kana and hangul, where a whole name is often one word.
fn is_wide(c: char) -> bool {
    c as u32 >= 0x2e80
}

#[cfg(test)]
mod tests;
