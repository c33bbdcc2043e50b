//! The tables of phrases and the search for them.
//!
//! A table is a text file. `[name]` begins the phrases of one signal, `#` a comment. A phrase is a row
//! of words; `(a|b|)` offers a choice, empty for "may be missing"; ` .. ` lets a few words of the same
//! sentence pass; `@role` is the name of a job; a `*` leaves a word open at that end. Accents, case
//! and typographic quotes do not matter. Words are matched whole.

use std::sync::LazyLock;

use memchr::memmem;

use super::normal::{fold, is_unspaced};
use crate::domain::phrases::{Filter, OneOf};
use parse::parse;
use starts::Starts;

mod parse;
mod starts;

/// How far ` .. ` reaches, in bytes.
const REACH: usize = 70;

/// A match: the signal, and the bytes of the folded text.
pub(super) type Hit = (&'static str, usize, usize);

/// Every signal that speaks in a folded text. English is always read, since it is mixed into all
/// others; of the rest only the language of the text, or all of them if that is not sure.
pub(super) fn find(text: &str, language: Option<&str>) -> Vec<&'static str> {
    let text = &Text::of(text);
    let mut names = Vec::new();
    for (languages, table) in TABLES.iter() {
        if languages.is_empty() || language.is_none_or(|code| languages.contains(&code)) {
            names.extend(table.search(text, true).into_iter().map(|hit| hit.0));
        }
    }
    if !text.roles.is_empty() {
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
    Text::of(text).roles
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
    !AGENCIES.search(&Text::of(text), true).is_empty()
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

/// A folded text with what every table asks of it.
struct Text<'t> {
    text: &'t str,
    starts: Starts,
    roles: Vec<(usize, usize)>,
}

impl<'t> Text<'t> {
    fn of(text: &'t str) -> Self {
        let mut read = Self { text, starts: Starts::of(text), roles: Vec::new() };
        let found = ROLES.search(&read, false);
        read.roles = found.into_iter().map(|(_, start, end)| (start, end)).collect();
        read.roles.sort_unstable();
        read.roles.dedup();
        read
    }
}

struct Phrase {
    signal: &'static str,
    elements: Vec<Element>,
    beginnings: Vec<Beginning>,
}

/// Where a phrase is tried.
enum Beginning {
    /// Where a word begins, named by its hash.
    Word(u64),
    /// Wherever these letters stand: words that are open at an end, and those of scripts without spaces.
    Anywhere(String),
    /// Where the name of a job begins.
    Role,
}

impl Phrase {
    fn new(signal: &'static str, elements: Vec<Element>) -> Self {
        let mut beginnings = Vec::new();
        for element in &elements {
            let Element::Words { choices, optional } = element else {
                beginnings.push(Beginning::Role);
                break;
            };
            beginnings.extend(choices.iter().map(Beginning::of));
            if !optional {
                break;
            }
        }
        Self { signal, elements, beginnings }
    }
}

impl Beginning {
    fn of(literal: &Literal) -> Self {
        let word = starts::first_word(&literal.text);
        let whole = word.len() == literal.text.len();
        if literal.open_start || word.is_empty() || whole && literal.open_end {
            Self::Anywhere(literal.text.clone())
        } else {
            Self::Word(starts::hash(word))
        }
    }
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

/// Phrases, and the words without which each can't match.
struct Table {
    phrases: Vec<Phrase>,
    filter: Filter,
}

impl Table {
    fn new(sources: &[&'static str]) -> Self {
        Self::of(sources.iter().flat_map(|source| parse(source)).collect())
    }

    fn of(phrases: Vec<Phrase>) -> Self {
        Self { filter: Filter::new(phrases.iter().map(|phrase| needed(&phrase.elements))), phrases }
    }

    /// All matches; with `once` only one of each signal.
    fn search(&self, text: &Text<'_>, once: bool) -> Vec<Hit> {
        let likely = self.filter.likely(text.text);
        let mut search = Search { text: text.text, roles: &text.roles, once, hits: Vec::new() };
        for phrase in likely.iter().filter_map(|index| self.phrases.get(*index)) {
            for beginning in &phrase.beginnings {
                match beginning {
                    Beginning::Word(hash) => text.starts.each(*hash).for_each(|at| search.attempt(phrase, at)),
                    Beginning::Anywhere(words) => {
                        everywhere(text.text, words).for_each(|at| search.attempt(phrase, at));
                    }
                    Beginning::Role => text.roles.iter().for_each(|role| search.attempt(phrase, role.0)),
                }
            }
        }
        search.hits
    }
}

/// Sets of strings, of each of which one stands wherever these elements match.
fn needed(elements: &[Element]) -> Vec<OneOf> {
    /// Strings of one set.
    const MOST: usize = 12;
    let mut sets: Vec<OneOf> = Vec::new();
    let mut run = vec![String::new()];
    // whether nothing but a space can stand between the run and what follows
    let mut joins = true;
    for element in elements {
        let Element::Words { choices, optional } = element else {
            sets.push(std::mem::replace(&mut run, vec![String::new()]));
            joins = true;
            continue;
        };
        let mut tails: Vec<&str> = choices.iter().map(|choice| choice.text.as_str()).collect();
        tails.extend(optional.then_some(""));
        if !joins || tails.iter().any(|tail| tail.starts_with(is_unspaced)) || run.len() * tails.len() > MOST {
            sets.push(std::mem::replace(&mut run, vec![String::new()]));
        }
        let joined = |head: &String, tail: &str| match (head.is_empty(), tail.is_empty()) {
            (false, false) => format!("{head} {tail}"),
            _ => format!("{head}{tail}"),
        };
        run = run.iter().flat_map(|head| tails.iter().map(move |tail| joined(head, tail))).collect();
        joins = choices.iter().all(|choice| !choice.open_end && !choice.text.ends_with(is_unspaced));
    }
    sets.push(run);
    sets
}

struct Search<'a> {
    text: &'a str,
    roles: &'a [(usize, usize)],
    once: bool,
    hits: Vec<Hit>,
}

impl Search<'_> {
    fn attempt(&mut self, phrase: &Phrase, at: usize) {
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

/// Where words stand in a text, places that overlap too.
fn everywhere<'t>(text: &'t str, words: &'t str) -> impl Iterator<Item = usize> + 't {
    let finder = memmem::Finder::new(words);
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + finder.find(text.as_bytes().get(from..)?)?;
        from = at + 1;
        Some(at)
    })
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
