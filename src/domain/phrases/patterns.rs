//! Tables of regular expressions of which hardly any matches a given text.
//!
//! Each alternative of a pattern is filed under the strings that it needs. A text is read once for all
//! these strings; only the alternatives whose strings stand in it are tried, and an alternative is
//! compiled when it is tried for the first time. What is found is what one expression
//! of all the table's alternatives would find, the foremost first and of those the first in the table.

use std::ops::Range;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use super::filter::Filter;

mod needed;

/// Limit of what a compiled alternative remembers while it searches, in bytes.
const MEMORY: usize = 1 << 18;

/// What is put before a text, so that each word in it has something before it.
const BEFORE: &str = "\n";

/// The patterns of several tables, each table named by its place in the list.
pub struct Patterns {
    filter: Filter,
    alternatives: Vec<Alternative>,
}

struct Alternative {
    table: usize,
    pattern: String,
    compiled: OnceLock<Option<Regex>>,
}

/// The alternatives that may match a text.
pub struct Likely<'p> {
    patterns: &'p Patterns,
    /// The text behind [`BEFORE`].
    padded: String,
    /// Places of the alternatives, in their order.
    likely: Vec<usize>,
}

impl Patterns {
    /// Files the patterns of every table, each an expression and what has to stand right before it (an
    /// expression too, or nothing). The texts are of one line each; a line break is put before them, which
    /// is no letter.
    pub fn new(tables: impl IntoIterator<Item = Vec<(&'static str, String)>>) -> Self {
        let (mut needed, mut alternatives) = (Vec::new(), Vec::new());
        for (table, patterns) in tables.into_iter().enumerate() {
            for (before, pattern) in patterns.iter().flat_map(|(before, all)| cut(all).map(move |one| (before, one))) {
                needed.push(needed::strings(pattern));
                let pattern = format!("{before}(?:{pattern})");
                alternatives.push(Alternative { table, pattern, compiled: OnceLock::new() });
            }
        }
        Self { filter: Filter::new(needed), alternatives }
    }

    /// Looks which alternatives may match a text of one line.
    pub fn search(&self, text: &str) -> Likely<'_> {
        Likely { patterns: self, padded: format!("{BEFORE}{text}"), likely: self.filter.likely(text) }
    }
}

impl Likely<'_> {
    /// The matches of a table from left to right, as byte ranges of the text.
    pub fn each(&self, table: usize) -> impl Iterator<Item = Range<usize>> {
        let mut tried: Vec<(&Regex, Option<Range<usize>>)> = self.of(table).map(|regex| (regex, Some(0..0))).collect();
        let mut from = 0;
        std::iter::from_fn(move || {
            for (regex, next) in &mut tried {
                if next.as_ref().is_some_and(|next| next.start < from || next.end == 0) {
                    *next = regex.find_at(&self.padded, from).map(|hit| hit.range());
                }
            }
            let foremost = tried.iter().filter_map(|(_, next)| next.clone()).min_by_key(|next| next.start)?;
            from = foremost.end;
            let unpadded = |at: usize| at.saturating_sub(BEFORE.len());
            Some(unpadded(foremost.start)..unpadded(foremost.end))
        })
    }

    /// Whether a table matches anywhere.
    pub fn has(&self, table: usize) -> bool {
        self.of(table).any(|regex| regex.is_match(&self.padded))
    }

    fn of(&self, table: usize) -> impl Iterator<Item = &Regex> {
        let places = self.likely.iter().filter_map(|place| self.patterns.alternatives.get(*place));
        places.filter(move |one| one.table == table).filter_map(Alternative::regex)
    }
}

impl Alternative {
    fn regex(&self) -> Option<&Regex> {
        // `^` is behind the line break that was put before the text
        let compile = || RegexBuilder::new(&self.pattern).multi_line(true).dfa_size_limit(MEMORY).build().ok();
        self.compiled.get_or_init(compile).as_ref()
    }
}

/// The alternatives of a pattern: what its outermost `|` part.
fn cut(pattern: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut in_class, mut escaped) = (0_u32, false, false);
    pattern.split(move |c: char| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '|' && depth == 0 && !in_class
    })
}

#[cfg(test)]
mod tests;
