//! Many tables of phrases, looked for in one pass over a text: a mail is held against some two thousand
//! phrases of a dozen tables.

use super::finder::Finder;

/// The phrases of several tables, each table named by its place in the list.
pub struct Vocabulary {
    finder: Finder,
    /// The table of each phrase, and its words.
    phrases: Vec<(usize, &'static str)>,
}

/// A phrase that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Place of its table in the list that the vocabulary was made of.
    pub table: usize,
    /// Where it begins, in bytes.
    pub start: usize,
    /// The phrase itself.
    pub words: &'static str,
}

impl Hit {
    /// Where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.start + self.words.len()
    }
}

/// Everything that was found in one text, by place, the longer phrase first.
#[derive(Debug, Clone, Default)]
pub struct Found {
    hits: Vec<Hit>,
}

impl Vocabulary {
    /// Files the phrases of every table.
    pub fn new(tables: &[&[&'static str]]) -> Self {
        let numbered = tables.iter().enumerate();
        let phrases: Vec<(usize, &'static str)> =
            numbered.flat_map(|(table, words)| words.iter().map(move |words| (table, *words))).collect();
        Self { finder: Finder::new(phrases.iter().map(|(_, words)| *words)), phrases }
    }

    /// Every phrase that stands in the text, those within others too.
    pub fn search(&self, text: &str) -> Found {
        let mut hits = Vec::new();
        self.finder.each(text, |phrase, start| {
            hits.extend(self.phrases.get(phrase).map(|&(table, words)| Hit { table, start, words }));
        });
        hits.sort_unstable_by_key(|hit: &Hit| (hit.start, usize::MAX - hit.words.len()));
        Found { hits }
    }
}

impl Found {
    /// Every hit of a table, those within others too.
    pub fn all(&self, table: usize) -> impl Iterator<Item = &Hit> {
        self.hits.iter().filter(move |hit| hit.table == table)
    }

    /// The hits of a table from left to right, of those that begin at one place the longest, none that
    /// overlaps the one before it.
    pub fn each(&self, table: usize) -> impl Iterator<Item = &Hit> {
        let mut end = 0;
        self.all(table).filter(move |hit| {
            let free = hit.start >= end;
            if free {
                end = hit.end();
            }
            free
        })
    }

    /// The first hit of a table.
    pub fn first(&self, table: usize) -> Option<&Hit> {
        self.all(table).next()
    }

    /// Whether a phrase of the table was found.
    pub fn has(&self, table: usize) -> bool {
        self.first(table).is_some()
    }

    /// How many different phrases of a table were found.
    pub fn count(&self, table: usize) -> usize {
        let mut seen: Vec<&str> = self.each(table).map(|hit| hit.words).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    }
}

#[cfg(test)]
mod tests {
    use aho_corasick::{AhoCorasick, MatchKind};
    use proptest::prelude::*;

    use super::*;

    const NOTES: &[&str] = &["out of", "out of office", "office", "büro", "休暇中"];
    const OTHERS: &[&str] = &["of office", "offices", "吗"];

    #[test]
    fn each_table_finds_its_own_phrases_the_longest_first() {
        let vocabulary = Vocabulary::new(&[NOTES, OTHERS]);
        let found = vocabulary.search("out of office, nicht im büro 休暇中 offices吗");
        let of = |table| found.each(table).map(|hit| hit.words).collect::<Vec<_>>();
        assert_eq!(of(0), ["out of office", "büro", "休暇中", "office"]);
        assert_eq!(of(1), ["of office", "offices", "吗"]);
        assert_eq!(found.all(0).count(), 6);
        assert_eq!((found.count(0), found.has(1), found.has(7)), (4, true, false));
        assert!(!vocabulary.search("").has(0));
    }

    proptest! {
        #[test]
        fn it_finds_what_a_plain_search_finds(text in "(out of|office|s| |ü|o|of ){0,40}") {
            let plain = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(NOTES).unwrap();
            let wanted: Vec<_> = plain.find_iter(&text).map(|hit| (hit.start(), hit.end())).collect();
            let found = Vocabulary::new(&[OTHERS, NOTES]).search(&text);
            prop_assert_eq!(found.each(1).map(|hit| (hit.start, hit.end())).collect::<Vec<_>>(), wanted);
        }
    }
}
