//! Whether a mail is worded like the pitches or like the other mails that the table was trained on.
//!
//! The table ([`wording.txt`](wording.txt)) is a linear classifier (a support vector machine with squared
//! hinge loss) over words, pairs of words and runs of letters; `tests/recruiters/train.rs` makes it from the
//! mails under `tests/fixtures/recruiter`. It hears what no list of phrases foresees, and says it in one
//! number, which is one of the [traits](super::evidence) that a mail is weighed by.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use super::context::{self, head};
use super::normal::fold;
use crate::domain::inbound::Inbound;
use crate::domain::reply_text::ReplyText;

/// Own words that are looked at, in bytes.
const READ: usize = 2_500;
/// Stands between two words.
const GAP: char = '_';
/// Letters of a run in the text.
const RUN: usize = 4;
/// Letters of the runs in the subject and the sender's name.
const SHORT_RUNS: std::ops::RangeInclusive<usize> = 3..=5;

/// The parts of a mail whose features are counted apart, by their letter in the table.
pub const BLOCKS: [char; 4] = ['w', 'r', 's', 'f'];
/// What a block weighs: the text says most, in words as in runs of letters.
pub const SHARES: [f64; 4] = [5.0, 5.0, 2.0, 2.0];

/// A mail's words in one spelling: lower case, without accents; all numbers are alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wording {
    text: String,
    subject: String,
    sender: String,
}

impl Wording {
    pub(super) fn of(mail: &Inbound, text: &ReplyText) -> Self {
        let mut said = String::from(head(&text.own, READ));
        said.push('\n');
        said.push_str(head(&text.signature, READ / 4));
        if context::quotes_author(mail, text) {
            said.push('\n');
            said.push_str(head(&text.quoted, READ / 2));
        }
        let sender = mail
            .author()
            .map(|author| format!("{} {}", author.name.as_deref().unwrap_or_default(), author.address.as_str()));
        Self { text: plain(&said), subject: plain(&mail.subject), sender: plain(&sender.unwrap_or_default()) }
    }

    /// The features of each of the [`BLOCKS`], each once: words and pairs of words, runs of letters of the
    /// text, of the subject, of the sender's name and address.
    pub fn features(&self) -> [BTreeSet<&str>; 4] {
        let mut found: [BTreeSet<&str>; 4] = Default::default();
        self.visit(|block, feature| {
            if let Some(block) = found.get_mut(block) {
                block.insert(feature);
            }
        });
        found
    }

    /// How much it is worded like pitches: above 0 more like them, below more like other mail.
    pub fn likeness(&self, table: &Table<'_>) -> f64 {
        let mut known: [Vec<(usize, Row)>; 4] = Default::default();
        self.visit(|block, feature| {
            let row = table.rows.get(block).and_then(|rows| rows.get(feature));
            if let (Some(row), Some(known)) = (row, known.get_mut(block)) {
                known.push(*row);
            }
        });
        let mut sum = table.bias;
        for (block, share) in known.iter_mut().zip(SHARES) {
            block.sort_unstable_by_key(|(at, _)| *at);
            block.dedup_by_key(|(at, _)| *at);
            let length = block.iter().map(|(_, row)| row.rarity * row.rarity).sum::<f64>().sqrt();
            if length > 0.0 {
                sum += share / length * block.iter().map(|(_, row)| row.rarity * row.weight).sum::<f64>();
            }
        }
        sum
    }

    /// Whether the mail has no words at all.
    pub(super) fn is_empty(&self) -> bool {
        self.text.len() <= 1 && self.subject.len() <= 1
    }

    /// The logarithm of its length in letters, and how often it asks, up to nine times.
    pub(super) fn shape(&self) -> (f64, f64) {
        let letters = u32::try_from(self.text.chars().count()).unwrap_or(u32::MAX);
        let asks = u32::try_from(self.text.matches('?').take(9).count()).unwrap_or(9);
        ((f64::from(letters) + 30.0).ln(), f64::from(asks))
    }

    fn visit<'a>(&'a self, mut found: impl FnMut(usize, &'a str)) {
        for word in words(&self.text) {
            found(0, word);
            runs(word, RUN, |run| found(1, run));
        }
        pairs(&self.text, |pair| found(0, pair));
        for (block, text) in [(2, &self.subject), (3, &self.sender)] {
            for word in words(text) {
                SHORT_RUNS.for_each(|length| runs(word, length, |run| found(block, run)));
            }
        }
    }
}

/// `_one_two_three_`: words and single signs between gaps.
fn plain(text: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(folded.len() + 2);
    out.push(GAP);
    let mut number = false;
    for c in folded.chars() {
        let digit = c.is_ascii_digit();
        if digit && number {
            continue;
        }
        number = digit;
        if digit {
            out.push('0');
        } else if c.is_alphanumeric() {
            out.push(c);
        } else {
            if !out.ends_with(GAP) {
                out.push(GAP);
            }
            if matches!(c, '?' | '!' | '€' | '£' | '$' | '%' | '@') {
                out.push(c);
                out.push(GAP);
            }
        }
    }
    if !out.ends_with(GAP) {
        out.push(GAP);
    }
    out
}

/// The words with the gaps around them.
fn words(plain: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = plain.get(from + 1..)?;
        let end = from + 1 + rest.find(GAP)?;
        let word = plain.get(from..=end)?;
        from = end;
        Some(word)
    })
}

/// Two words that stand side by side, with the gaps around them.
fn pairs<'a>(plain: &'a str, mut found: impl FnMut(&'a str)) {
    let mut gaps = plain.match_indices(GAP).map(|(at, _)| at);
    let (Some(mut first), Some(mut second)) = (gaps.next(), gaps.next()) else { return };
    for third in gaps {
        if let Some(pair) = plain.get(first..=third) {
            found(pair);
        }
        (first, second) = (second, third);
    }
}

/// All runs of so many letters of a word; the word itself if it is shorter.
fn runs<'a>(word: &'a str, letters: usize, mut found: impl FnMut(&'a str)) {
    let mut ends = word.char_indices().map(|(at, _)| at).skip(letters).chain([word.len()]);
    for (start, _) in word.char_indices() {
        let Some(end) = ends.next() else { break };
        if let Some(run) = word.get(start..end) {
            found(run);
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Row {
    /// The rarer a feature in the mails of training, the more it tells (inverse document frequency).
    rarity: f64,
    weight: f64,
}

/// What each feature says.
#[derive(Debug, Default)]
pub struct Table<'rows> {
    bias: f64,
    rows: [HashMap<&'rows str, (usize, Row)>; 4],
}

/// Whole ten-thousandths stand in the file.
pub const UNIT: f64 = 10_000.0;

impl<'rows> Table<'rows> {
    /// Reads rows of `block<TAB>rarity<TAB>weight<TAB>feature`, and `bias<TAB>weight`.
    pub fn parse(rows: &'rows str) -> Self {
        let mut table = Self::default();
        for (at, line) in rows.lines().enumerate() {
            let mut columns = line.split('\t');
            let block = columns.next().unwrap_or_default();
            let mut number = || Some(columns.next()?.parse::<f64>().ok()? / UNIT);
            if block == "bias" {
                table.bias = number().unwrap_or_default();
            } else if let Some(at_block) = BLOCKS.iter().position(|letter| block.starts_with(*letter))
                && let (Some(rarity), Some(weight)) = (number(), number())
                && let (Some(rows), Some(feature)) = (table.rows.get_mut(at_block), columns.next())
            {
                rows.insert(feature, (at, Row { rarity, weight }));
            }
        }
        table
    }

    /// The table that is shipped.
    pub(super) fn shipped() -> &'static Table<'static> {
        static SHIPPED: LazyLock<Table<'static>> = LazyLock::new(|| Table::parse(include_str!("wording.txt")));
        &SHIPPED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_pairs_and_runs_are_cut_with_their_gaps() {
        let plain = plain("Hi Łukasz, 4,500 € ok?");
        assert_eq!(plain, "_hi_lukasz_0_0_€_ok_?_");
        assert_eq!(words(&plain).collect::<Vec<_>>(), ["_hi_", "_lukasz_", "_0_", "_0_", "_€_", "_ok_", "_?_"]);
        let mut found = Vec::new();
        pairs(&plain, |pair| found.push(pair));
        assert_eq!(found.first(), Some(&"_hi_lukasz_"));
        assert_eq!(found.last(), Some(&"_ok_?_"));
        let mut found = Vec::new();
        runs("_lukasz_", 4, |run| found.push(run));
        assert_eq!(found, ["_luk", "luka", "ukas", "kasz", "asz_"]);
        let mut found = Vec::new();
        runs("_€_", 4, |run| found.push(run));
        assert_eq!(found, ["_€_"]);
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows: usize = Table::shipped().rows.iter().map(HashMap::len).sum();
        let lines = include_str!("wording.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(rows + 1, lines);
    }
}
