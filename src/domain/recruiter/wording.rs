//! Whether a mail is worded like the pitches or like the other mails that the table was trained on.
//!
//! The table ([`wording.txt`](wording.txt)) is a logistic regression over words, pairs of words, words of the
//! subject and the names of the other signals; `tests/recruiters/train.rs` makes it from the mails under
//! `tests/fixtures/recruiter`. It has two words to say: that a mail which the phrases take for a pitch is
//! worded like none, and that one with nothing against it, but too little for it, is worded like many.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use super::context::head;
use super::normal::{fold, is_unspaced};

/// Own words that are looked at, in bytes.
const READ: usize = 3_000;
/// Log-odds below which a mail is worded otherwise.
pub(super) const OTHERWISE: f64 = -1.0;
/// Log-odds above which it is worded like a pitch.
pub(super) const LIKE: f64 = 2.0;
/// The table's weights are whole hundredths.
const UNIT: f64 = 100.0;
/// The feature that every mail has.
const ALWAYS: &str = "=";

/// What the table knows a mail by: words, pairs of them, words of the subject (`s:`), signals (`@`).
/// `signals` are their names, with or without the minus of those against.
pub(super) fn features(subject: &str, own: &str, signals: &[&str]) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::from([ALWAYS.to_owned()]);
    let words = words(&fold(head(own, READ)));
    for pair in words.windows(2) {
        found.insert(pair.join(" "));
    }
    found.extend(words);
    found.extend(self::words(&fold(subject)).into_iter().map(|word| format!("s:{word}")));
    found.extend(signals.iter().map(|name| format!("@{}", name.trim_start_matches('-'))));
    found
}

/// The log-odds that a mail with these features is a pitch.
pub(super) fn log_odds(features: &BTreeSet<String>) -> f64 {
    features.iter().filter_map(|feature| WEIGHTS.get(feature.as_str())).sum()
}

/// Words and question marks; numbers are all alike; a letter of a script without spaces is a word.
fn words(folded: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut flush = |word: &mut String| {
        if !word.is_empty() {
            let number = word.chars().any(|c| c.is_ascii_digit());
            words.push(if number { "#".to_owned() } else { std::mem::take(word) });
            word.clear();
        }
    };
    for c in folded.chars() {
        if is_unspaced(c) || matches!(c, '?' | '€' | '£' | '$') {
            flush(&mut word);
            word.push(c);
            flush(&mut word);
        } else if c.is_alphanumeric() || c == '\'' && !word.is_empty() {
            word.push(c);
        } else {
            flush(&mut word);
        }
    }
    flush(&mut word);
    words
}

static WEIGHTS: LazyLock<HashMap<&'static str, f64>> = LazyLock::new(|| {
    let rows = include_str!("wording.txt").lines().filter(|line| !line.starts_with("# "));
    let pairs = rows.filter_map(|row| row.split_once('\t'));
    pairs.filter_map(|(weight, feature)| Some((feature, weight.parse::<f64>().ok()? / UNIT))).collect()
});
