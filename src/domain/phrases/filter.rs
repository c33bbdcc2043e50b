//! Which rows of a large table can match a text at all: those whose needed strings stand in it.

use std::collections::HashMap;

use super::finder::{Finder, commonness_of};

/// Strings of which a text must hold one.
pub type OneOf = Vec<String>;

/// Rows, each with sets of strings; of every set one string stands in any text that the row matches.
pub struct Filter {
    finder: Finder,
    /// The rows whose rarest set holds a string, by the string's number, one string after the other.
    rows: Vec<u32>,
    /// Where the rows of each string begin: one more entry than there are strings.
    begins: Vec<u32>,
    /// The other set of each row, by the strings' numbers.
    needs: Vec<Option<Box<[u32]>>>,
    /// Rows that need no certain string.
    always: Vec<u32>,
}

impl Filter {
    /// Files rows by their two rarest sets; a set with an empty string says nothing.
    pub fn new(table: impl IntoIterator<Item = Vec<OneOf>>) -> Self {
        let mut strings: Vec<String> = Vec::new();
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut number = |string: String| {
            let next = || {
                strings.push(string.clone());
                small(strings.len() - 1)
            };
            *numbers.entry(string.clone()).or_insert_with(next)
        };
        let (mut rows, mut needs, mut always) = (Vec::new(), Vec::new(), Vec::new());
        for (row, sets) in (0..).zip(table) {
            let mut sets =
                telling(sets).into_iter().map(|set| set.into_iter().map(&mut number).collect::<Box<[u32]>>());
            match sets.next() {
                Some(rarest) => rows.extend(rarest.iter().map(|string| (*string, row))),
                None => always.push(row),
            }
            needs.push(sets.next());
        }
        rows.sort_unstable();
        let begin = |string: usize| small(rows.partition_point(|(one, _)| (*one as usize) < string));
        let begins = (0..=strings.len()).map(begin).collect();
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        Self { finder: Finder::new(strings.iter().map(String::as_str)), rows, begins, needs, always }
    }

    /// The rows that may match the text, in their order.
    pub fn likely(&self, text: &str) -> Vec<usize> {
        let mut there = Strings::default();
        let mut likely = self.always.clone();
        self.finder.each(text, |string, _| {
            if there.add(string)
                && let [Some(from), Some(to)] = [self.begins.get(string), self.begins.get(string + 1)]
            {
                likely.extend_from_slice(self.rows.get(*from as usize..*to as usize).unwrap_or_default());
            }
        });
        likely.sort_unstable();
        likely.dedup();
        let has_more = |row: &usize| {
            let more = self.needs.get(*row).and_then(Option::as_deref);
            more.is_none_or(|set| set.iter().any(|string| there.has(*string as usize)))
        };
        likely.into_iter().map(|row| row as usize).filter(has_more).collect()
    }
}

/// Numbers of the strings that stand in a text.
#[derive(Default)]
struct Strings {
    bits: Vec<u64>,
}

impl Strings {
    /// Adds one; whether it is new.
    fn add(&mut self, string: usize) -> bool {
        let new = !self.has(string);
        if self.bits.len() <= string / 64 {
            self.bits.resize(string / 64 + 1, 0);
        }
        self.bits.get_mut(string / 64).into_iter().for_each(|word| *word |= 1 << (string % 64));
        new
    }

    fn has(&self, string: usize) -> bool {
        self.bits.get(string / 64).is_some_and(|word| word >> (string % 64) & 1 == 1)
    }
}

/// The set of which the fewest texts hold a string.
pub(super) fn rarest(sets: Vec<OneOf>) -> Option<OneOf> {
    telling(sets).into_iter().next()
}

/// Sets that say anything, the rarest first.
pub(super) fn telling(sets: Vec<OneOf>) -> Vec<OneOf> {
    let says = |set: &OneOf| set.iter().all(|string| !string.is_empty());
    let mut sets: Vec<OneOf> = sets.into_iter().filter(says).map(smallest).collect();
    sets.sort_by_cached_key(|set| commonness_of(set));
    sets
}

/// The set without the strings that hold another one of it.
fn smallest(set: OneOf) -> OneOf {
    let mut kept: OneOf = Vec::with_capacity(set.len());
    for one in set {
        if !kept.iter().any(|other| one.contains(other.as_str())) {
            kept.retain(|other| !other.contains(one.as_str()));
            kept.push(one);
        }
    }
    kept
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_likely_if_one_string_of_each_of_its_sets_stands_in_the_text() {
        let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<OneOf>();
        let filter = Filter::new([
            vec![set(&["coffee", "tea"]), set(&["now", "later"])],
            vec![set(&["tea"]), set(&["", "office"])],
            vec![set(&["no"]), set(&["office"])],
            vec![],
        ]);
        assert_eq!(filter.likely("coffee, later"), [0, 3]);
        assert_eq!(filter.likely("some tea in the office"), [1, 3]);
        assert_eq!(filter.likely("no office for coffee now"), [0, 2, 3]);
        assert_eq!(filter.likely(""), [3]);
    }
}
