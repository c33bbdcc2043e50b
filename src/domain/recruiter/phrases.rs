//! The tables of phrases and the search for them.
//!
//! A table is a text file. `[name]` begins the phrases of one signal, `#` a comment. A phrase is a row
//! of words; `(a|b|)` offers a choice, empty for "may be missing"; ` .. ` lets a few words of the same
//! sentence pass; `@role` is the name of a job; a `*` leaves a word open at that end. Accents, case
//! and typographic quotes do not matter. Words are matched whole.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::normal::{fold, is_unspaced};

/// How far ` .. ` reaches, in bytes.
const REACH: usize = 70;

/// A match: the signal, and the bytes of the folded text.
pub(super) type Hit = (&'static str, usize, usize);

/// Every signal that speaks in a folded text. English is always read, since it is mixed into all
/// others; of the rest only the language of the text, or all of them if that is not sure.
pub(super) fn find(text: &str, language: Option<&str>) -> Vec<&'static str> {
    let roles = roles(text);
    let mut names = Vec::new();
    for (languages, table) in TABLES.iter() {
        if languages.is_empty() || language.is_none_or(|code| languages.contains(&code)) {
            names.extend(table.search(text, &roles, true).into_iter().map(|hit| hit.0));
        }
    }
    if !roles.is_empty() {
        names.push("role_title");
    }
    names
}

/// Whether there is a table for the language.
pub(super) fn reads(language: &str) -> bool {
    language == "en" || TABLES.iter().any(|(languages, _)| languages.contains(&language))
}

/// Where the names of jobs stand in a folded text: byte ranges, in their order.
pub(super) fn roles(text: &str) -> Vec<(usize, usize)> {
    let mut roles: Vec<(usize, usize)> =
        ROLES.search(text, &[], false).into_iter().map(|(_, start, end)| (start, end)).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// Every signal name that the tables use.
#[cfg(test)]
pub(super) fn table_names() -> Vec<&'static str> {
    TABLES.iter().flat_map(|(_, table)| &table.phrases).map(|phrase| phrase.signal).collect()
}

static ROLES: LazyLock<Table> = LazyLock::new(|| Table::new(&[include_str!("phrases/roles.txt")]));

/// Whether somebody speaks who fills jobs for others. A search for these few phrases alone costs a
/// fraction of [`find`].
pub(super) fn speaks_for_others(text: &str) -> bool {
    !AGENCIES.search(text, &roles(text), true).is_empty()
}

static TABLES: LazyLock<Vec<(&'static [&'static str], Table)>> =
    LazyLock::new(|| SOURCES.iter().map(|(languages, sources)| (*languages, Table::new(sources))).collect());

static AGENCIES: LazyLock<Table> = LazyLock::new(|| {
    let phrases = SOURCES.iter().flat_map(|(_, sources)| *sources).flat_map(|source| parse(source));
    Table::of(phrases.filter(|phrase| matches!(phrase.signal, "agency" | "headhunter")).collect())
});

const SOURCES: &[(&[&str], &[&str])] = &[
    (&[], &[include_str!("phrases/en.txt"), include_str!("phrases/en_against.txt")]),
    (&["de"], &[include_str!("phrases/de.txt")]),
    (&["fr"], &[include_str!("phrases/fr.txt")]),
    (&["es"], &[include_str!("phrases/es.txt")]),
    (&["pt"], &[include_str!("phrases/pt.txt")]),
    (&["it"], &[include_str!("phrases/it.txt")]),
    (&["nl"], &[include_str!("phrases/nl.txt")]),
    (&["pl"], &[include_str!("phrases/pl.txt")]),
    (&["sv", "da", "no", "nb", "nn"], &[include_str!("phrases/nordic.txt")]),
    (&["ja"], &[include_str!("phrases/ja.txt")]),
];

/// Signals of a thing that a pitch may disclaim: "not a survey", "no sweat equity".
const NEGATABLE: &[&str] = &[
    "cofounder",
    "survey",
    "event",
    "event_hint",
    "sales",
    "sales_hint",
    "training",
    "newsletter",
    "newsletter_hint",
    "recruiting_vendor",
    "outsourcing",
    "outsourcing_hint",
    "job_alert",
];

/// Words before a thing that deny it, folded.
const DENIALS: &[&str] = &[
    "no",
    "not",
    "not a",
    "not an",
    "not another",
    "never",
    "without",
    "isn't a",
    "isn't",
    "aren't",
    "instead of",
    "rather than",
    "kein",
    "keine",
    "keinen",
    "nicht",
    "ohne",
    "pas",
    "pas de",
    "pas un",
    "pas une",
    "sans",
    "sin",
    "no es una",
    "no es un",
    "nao",
    "sem",
    "niet",
    "geen",
    "zonder",
    "nie",
    "bez",
    "senza",
    "inte",
    "ingen",
    "ikke",
    "utan",
    "uden",
    "uten",
];

/// Whether what follows this text is denied by its last words.
fn is_negated(before: &str) -> bool {
    let before = before.trim_end();
    DENIALS.iter().any(|denial| {
        before.strip_suffix(denial).is_some_and(|rest| !rest.chars().next_back().is_some_and(char::is_alphanumeric))
    })
}

struct Phrase {
    signal: &'static str,
    elements: Vec<Element>,
}

enum Element {
    Words { choices: Vec<Literal>, optional: bool },
    Gap,
    Role,
}

struct Literal {
    text: String,
    open_start: bool,
    open_end: bool,
}

struct Table {
    phrases: Vec<Phrase>,
    /// Phrases by the first word of any of their beginnings.
    by_word: HashMap<String, Vec<usize>>,
    /// Beginnings that are no whole words: open ones, and those of scripts without spaces.
    open: Option<AhoCorasick>,
    open_phrases: Vec<usize>,
    /// Phrases that begin with the name of a job.
    by_role: Vec<usize>,
}

impl Table {
    fn new(sources: &[&'static str]) -> Self {
        Self::of(sources.iter().flat_map(|source| parse(source)).collect())
    }

    fn of(phrases: Vec<Phrase>) -> Self {
        let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
        let (mut open, mut open_phrases, mut by_role) = (Vec::new(), Vec::new(), Vec::new());
        for (index, phrase) in phrases.iter().enumerate() {
            for element in &phrase.elements {
                let Element::Words { choices, optional } = element else {
                    by_role.push(index);
                    break;
                };
                for choice in choices {
                    let word = first_word(&choice.text);
                    if choice.open_start || word.is_empty() || word.len() == choice.text.len() && choice.open_end {
                        open.push(choice.text.clone());
                        open_phrases.push(index);
                    } else {
                        let listed = by_word.entry(word.to_owned()).or_default();
                        if listed.last() != Some(&index) {
                            listed.push(index);
                        }
                    }
                }
                if !optional {
                    break;
                }
            }
        }
        // A few thousand short words exceed no limit of the builder.
        let open = AhoCorasick::new(&open).ok();
        Self { phrases, by_word, open, open_phrases, by_role }
    }

    /// All matches; with `once` only the first of each signal.
    fn search(&self, text: &str, roles: &[(usize, usize)], once: bool) -> Vec<Hit> {
        let mut search = Search { table: self, text, roles, once, hits: Vec::new() };
        let mut before = None;
        for (at, c) in text.char_indices() {
            if c.is_alphanumeric() && !before.is_some_and(char::is_alphanumeric) {
                let word = first_word(text.get(at..).unwrap_or_default());
                for &index in self.by_word.get(word).into_iter().flatten() {
                    search.attempt(index, at);
                }
            }
            before = Some(c);
        }
        for found in self.open.iter().flat_map(|open| open.find_overlapping_iter(text)) {
            if let Some(&index) = self.open_phrases.get(found.pattern().as_usize()) {
                search.attempt(index, found.start());
            }
        }
        for &(start, _) in roles {
            for &index in &self.by_role {
                search.attempt(index, start);
            }
        }
        search.hits
    }
}

struct Search<'a> {
    table: &'a Table,
    text: &'a str,
    roles: &'a [(usize, usize)],
    once: bool,
    hits: Vec<Hit>,
}

impl Search<'_> {
    fn attempt(&mut self, index: usize, at: usize) {
        let Some(phrase) = self.table.phrases.get(index) else { return };
        if self.once && self.hits.iter().any(|hit| std::ptr::eq(hit.0, phrase.signal)) {
            return;
        }
        if let Some(end) = self.follow(&phrase.elements, at, true)
            && !(NEGATABLE.contains(&phrase.signal) && is_negated(self.text.get(..at).unwrap_or_default()))
        {
            self.hits.push((phrase.signal, at, end));
        }
    }

    /// Where the rest of a phrase ends if it matches from here on.
    fn follow(&self, elements: &[Element], at: usize, first: bool) -> Option<usize> {
        let Some((element, rest)) = elements.split_first() else { return Some(at) };
        match element {
            Element::Words { choices, optional } => {
                for choice in choices {
                    if let Some(end) = self.literal(choice, at, first)
                        && let Some(end) = self.follow(rest, end, false)
                    {
                        return Some(end);
                    }
                }
                if *optional { self.follow(rest, at, first) } else { None }
            }
            Element::Role => self.roles_from(at, at + 1).find_map(|end| self.follow(rest, end, false)),
            Element::Gap => self.leap(rest, at),
        }
    }

    /// Lets some words pass before the rest.
    fn leap(&self, rest: &[Element], at: usize) -> Option<usize> {
        let text = self.text.get(at..)?;
        let end = at + sentence_end(text).min(REACH);
        if let Some((Element::Role, behind)) = rest.split_first() {
            return self.roles_from(at, end).find_map(|end| self.follow(behind, end, false));
        }
        let mut before = None;
        for (offset, c) in text.char_indices() {
            if at + offset > end {
                return None;
            }
            let starts_word = c == ' ' || is_unspaced(c) || !before.is_some_and(char::is_alphanumeric);
            if starts_word && let Some(end) = self.follow(rest, at + offset, false) {
                return Some(end);
            }
            before = Some(c);
        }
        None
    }

    /// The ends of the roles that begin at `from` (or one space behind) up to `to`.
    fn roles_from(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        let first = self.roles.partition_point(|role| role.0 < from);
        let roles = self.roles.get(first..).unwrap_or_default();
        roles.iter().take_while(move |role| role.0 <= to).map(|role| role.1)
    }

    /// Where the literal ends if it stands here, behind one space unless it begins the phrase.
    fn literal(&self, literal: &Literal, at: usize, first: bool) -> Option<usize> {
        let start = if first {
            at
        } else if self.text.as_bytes().get(at) == Some(&b' ') {
            at + 1
        } else if literal.text.starts_with(is_unspaced)
            || self.text.get(..at)?.ends_with(|c| is_unspaced(c) || c == ' ')
        {
            at
        } else {
            return None;
        };
        let rest = self.text.get(start..)?.strip_prefix(literal.text.as_str())?;
        let whole = |edge: Option<char>, beyond: Option<char>| {
            !(edge.is_some_and(|c| c.is_alphanumeric() && !is_unspaced(c)) && beyond.is_some_and(char::is_alphanumeric))
        };
        let open_end = literal.open_end || whole(literal.text.chars().next_back(), rest.chars().next());
        let beyond = self.text.get(..start)?.chars().next_back();
        let open_start = literal.open_start || whole(literal.text.chars().next(), beyond);
        if !(open_start && open_end) {
            return None;
        }
        let mut end = start + literal.text.len();
        if literal.open_end {
            end +=
                rest.chars().take_while(|c| c.is_alphanumeric() && !is_unspaced(*c)).map(char::len_utf8).sum::<usize>();
        }
        Some(end)
    }
}

/// Bytes up to the end of the sentence. A dot behind a short word ("Sr.", "z.B.") ends none.
fn sentence_end(text: &str) -> usize {
    let mut letters = 0;
    let mut stop = None;
    for (at, c) in text.char_indices() {
        if at > REACH {
            break;
        }
        if c == ' ' && stop.is_some() {
            break;
        }
        stop = match c {
            '\n' => return at,
            '。' | '！' | '？' => return at,
            '!' | '?' => Some(at),
            '.' if letters > 3 => Some(at),
            _ => None,
        };
        letters = if c.is_alphanumeric() { letters + 1 } else { 0 };
    }
    stop.unwrap_or(text.len())
}

/// The letters and digits that a text begins with.
fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() || is_unspaced(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn parse(source: &'static str) -> Vec<Phrase> {
    let mut signal = "";
    let mut phrases = Vec::new();
    for line in source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            signal = name;
        } else {
            phrases.extend(variants(line).iter().map(|line| Phrase { signal, elements: elements(line) }));
        }
    }
    phrases
}

/// A choice that holds a ` .. ` of its own becomes a phrase of its own.
fn variants(line: &str) -> Vec<String> {
    let pieces = split_top(line, ' ');
    for (at, piece) in pieces.iter().enumerate() {
        let Some(inner) = piece.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { continue };
        let (gapped, whole): (Vec<&str>, Vec<&str>) =
            split_top(inner, '|').into_iter().partition(|choice| choice.contains(" .. "));
        if gapped.is_empty() {
            continue;
        }
        let rest = (!whole.is_empty()).then(|| format!("({})", whole.join("|")));
        let replacements = gapped.into_iter().map(str::to_owned).chain(rest);
        return replacements
            .flat_map(|replacement| {
                let mut row: Vec<&str> = pieces.clone();
                if let Some(slot) = row.get_mut(at) {
                    *slot = &replacement;
                }
                variants(&row.join(" "))
            })
            .collect();
    }
    vec![line.to_owned()]
}

fn elements(line: &str) -> Vec<Element> {
    split_top(line, ' ')
        .into_iter()
        .filter(|piece| !piece.is_empty())
        .map(|piece| match piece {
            ".." => Element::Gap,
            "@role" => Element::Role,
            _ => {
                let expanded = expand(piece);
                let choices: Vec<Literal> = expanded.iter().filter_map(|choice| literal(choice)).collect();
                Element::Words { optional: expanded.iter().any(|choice| choice.trim().is_empty()), choices }
            }
        })
        .collect()
}

fn literal(choice: &str) -> Option<Literal> {
    let choice = choice.trim();
    let text = fold(choice.trim_matches('*')).trim().to_owned();
    let usable = !text.is_empty();
    usable.then(|| Literal { text, open_start: choice.starts_with('*'), open_end: choice.ends_with('*') })
}

/// All readings of a piece with choices: `we('re| are)` gives `we're` and `we are`.
fn expand(piece: &str) -> Vec<String> {
    let Some(open) = piece.find('(') else { return vec![piece.to_owned()] };
    let (head, behind) = piece.split_at(open);
    let mut depth = 0;
    let close = behind.char_indices().find_map(|(at, c)| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        (depth == 0).then_some(at)
    });
    let Some(close) = close else { return vec![piece.to_owned()] };
    let inner = behind.get(1..close).unwrap_or_default();
    let tails = expand(behind.get(close + 1..).unwrap_or_default());
    let mut all = Vec::new();
    for choice in split_top(inner, '|').into_iter().flat_map(expand) {
        for tail in &tails {
            all.push(format!("{head}{choice}{tail}"));
        }
    }
    all
}

/// Splits where the separator stands outside all parentheses.
fn split_top(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut start) = (0, 0);
    let mut pieces = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            c if c == separator && depth == 0 => {
                pieces.push(text.get(start..at).unwrap_or_default());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(text.get(start..).unwrap_or_default());
    pieces
}
