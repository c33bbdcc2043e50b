//! One table of the config file while it is read: typed values with their lines, mistakes collected,
//! unknown keys refused.

use std::cell::RefCell;

use jiff::civil::Time;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;
use crate::domain::duration::Span;

/// Every section and its keys, in the order of the documentation.
pub(super) const SECTIONS: &[(&str, &[&str])] = &[
    (
        TOP,
        &[
            "timezone",
            "employer_domains",
            "never",
            "account",
            "auto_reply",
            "outreach",
            "goal",
            "follow_up",
            "reminders",
            "service",
        ],
    ),
    (
        "account",
        &["name", "email", "display_name", "aliases", "sent_copy", "authserv_id", "imap", "smtp", "auth", "folders"],
    ),
    ("account.imap", &["host", "port", "tls", "pin_sha256", "poll"]),
    ("account.smtp", &["host", "port", "tls", "pin_sha256"]),
    ("account.auth", &["username", "password_env", "password_command"]),
    ("account.folders", &["sent", "drafts"]),
    ("auto_reply", &["mode", "delay", "months", "daily_limit"]),
    ("outreach", &["log_sent"]),
    ("goal", &["response_rate", "window", "per_week"]),
    ("follow_up", &["sequence", "send_window", "daily_limit", "spacing", "holidays"]),
    ("reminders", &["mode", "at", "to", "confirm"]),
    ("service", &["stale_after"]),
];

/// The same of a sequence file.
const SEQUENCE_FILE: &[(&str, &[&str])] = &[
    ("sequence", &["about", "asks", "step"]),
    ("sequence.step", &["after", "on", "every", "template", "action", "stage", "tone", "tag"]),
];

/// Name of what stands before the first section.
pub(super) const TOP: &str = "";

/// The line of a place in a text, from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    memchr::memchr_iter(b'\n', before).count() + 1
}

/// The text of the file, and the mistakes found in it so far.
pub(super) struct Source<'t> {
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, problems: RefCell::new(Vec::new()) }
    }

    /// Notes a mistake at a byte of the text.
    pub(super) fn note(&self, at: Option<usize>, what: impl Into<String>, fix: impl Into<String>) {
        let line = at.map(|at| line_of(self.text, at));
        self.problems.borrow_mut().push(Problem { what: what.into(), line, fix: fix.into() });
    }

    /// How many mistakes were found so far.
    pub(super) fn count(&self) -> usize {
        self.problems.borrow().len()
    }

    /// The mistakes in the order of their lines; what is missing altogether comes last.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        problems
    }
}

/// A value of the file, or the place where it is missing.
#[derive(Clone, Copy)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

/// One table. Getters return `None` where the key is not set, and where it is set wrongly: the
/// mistake is noted then.
pub(super) struct Section<'s, 't> {
    source: &'s Source<'t>,
    name: &'static str,
    table: Option<&'s DeTable<'t>>,
    at: Option<usize>,
    meant: Vec<&'static str>,
}

impl<'s, 't> Section<'s, 't> {
    /// Wraps a table and notes the keys that do not belong there.
    pub(super) fn new(source: &'s Source<'t>, name: &'static str, table: &'s DeTable<'t>, at: usize) -> Self {
        let mut section = Self { source, name, table: Some(table), at: Some(at), meant: Vec::new() };
        section.meant = section.refuse_unknown_keys();
        section
    }

    /// A section that the file does not have: every key has its default.
    fn absent(source: &'s Source<'t>, name: &'static str, at: Option<usize>) -> Self {
        Self { source, name, table: None, at, meant: Vec::new() }
    }

    /// Whether the file has the section.
    pub(super) fn is_present(&self) -> bool {
        self.table.is_some()
    }

    /// A section inside this one; `path` is its full name.
    pub(super) fn section(&self, key: &'static str, path: &'static str) -> Section<'s, 't> {
        match self.get(key) {
            None => Section::absent(self.source, path, self.at),
            Some(found) => match found.get_ref() {
                DeValue::Table(table) => Section::new(self.source, path, table, found.span().start),
                _ => {
                    self.note(found.span().start, key, "is no section", format!("write [{path}] on a line of its own"));
                    Section::absent(self.source, path, Some(found.span().start))
                }
            },
        }
    }

    /// The tables of `[[key]]`.
    pub(super) fn sections(&self, key: &'static str, path: &'static str) -> Vec<Section<'s, 't>> {
        let Some(found) = self.get(key) else { return Vec::new() };
        let tables = |values: &'s [Spanned<DeValue<'t>>]| -> Option<Vec<Section<'s, 't>>> {
            let pairs: Option<Vec<_>> = values
                .iter()
                .map(|value| value.get_ref().as_table().map(|table| (table, value.span().start)))
                .collect();
            Some(pairs?.into_iter().map(|(table, at)| Section::new(self.source, path, table, at)).collect())
        };
        found.get_ref().as_array().and_then(|array| tables(array)).unwrap_or_else(|| {
            self.note(
                found.span().start,
                key,
                "is not a list of sections",
                format!("write [[{key}]], with two brackets"),
            );
            Vec::new()
        })
    }

    /// A text without control characters. Empty texts are `None`: they stand for the default.
    pub(super) fn text(&self, key: &'static str) -> Option<Found<String>> {
        let found = self.get(key)?;
        let at = found.span().start;
        let Some(text) = found.get_ref().as_str() else {
            self.wrong_type(key, found, "a text in quotes");
            return None;
        };
        if text.chars().any(char::is_control) {
            self.note(at, key, "holds a line break or another control character", "write it in one line");
            return None;
        }
        let trimmed = text.trim();
        (!trimmed.is_empty()).then(|| Found { value: trimmed.to_owned(), at })
    }

    /// A text that `read` understands; its error says what to write instead.
    pub(super) fn read<T>(&self, key: &'static str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<Found<T>> {
        let text = self.text(key)?;
        match read(&text.value) {
            Ok(value) => Some(Found { value, at: text.at }),
            Err(fix) => {
                self.note(text.at, key, &format!("is \"{}\"", text.value), fix);
                None
            }
        }
    }

    /// As [`Section::read`], for a key that has no default.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        example: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Found<T>> {
        if self.is_misspelt(key) {
            return None;
        }
        if self.get(key).is_none_or(|found| found.get_ref().as_str().is_some_and(|text| text.trim().is_empty())) {
            let line = self.get(key).map(|found| found.span().start).or(self.at);
            self.source.note(line, format!("`{key}`{} is missing", self.place()), format!("write {key} = {example}"));
            return None;
        }
        self.read(key, read)
    }

    /// One of a few words; an empty one is refused, since it names none of them.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let words: Vec<String> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let fix = format!("write {}", one_of(&words));
        let found = self.get(key)?;
        if found.get_ref().as_str().is_some_and(|text| text.trim().is_empty()) {
            self.note(found.span().start, key, "is empty", fix);
            return None;
        }
        let read = |text: &str| choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or(fix);
        self.read(key, read).map(|found| found.value)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let found = self.get(key)?;
        let flag = found.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, found, "true or false without quotes");
        }
        flag
    }

    /// A whole number within the bounds.
    pub(super) fn number(&self, key: &'static str, bounds: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let found = self.get(key)?;
        let Some(integer) = found.get_ref().as_integer() else {
            self.wrong_type(key, found, "a whole number without quotes");
            return None;
        };
        let value =
            i64::from_str_radix(integer.as_str(), integer.radix()).ok().and_then(|value| u32::try_from(value).ok());
        let within = value.filter(|value| bounds.contains(value));
        if within.is_none() {
            let fix = format!("write a whole number from {} to {}", bounds.start(), bounds.end());
            self.note(found.span().start, key, &format!("is {}", integer.as_str()), fix);
        }
        within
    }

    /// An exact duration: no months, no business days.
    pub(super) fn duration(
        &self,
        key: &'static str,
        least: jiff::SignedDuration,
        most: jiff::SignedDuration,
    ) -> Option<jiff::SignedDuration> {
        let read = |text: &str| {
            let span = Span::parse(text).map_err(|error| error.to_string())?;
            let exact = span.exact().ok_or("write it in s, m, h, d or w")?;
            if exact < least || exact > most {
                return Err(format!("write a duration from {} to {}", written(least), written(most)));
            }
            Ok(exact)
        };
        self.read(key, read).map(|found| found.value)
    }

    /// A duration in whole days.
    pub(super) fn days(&self, key: &'static str, bounds: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let read = |text: &str| {
            let span = Span::parse(text).map_err(|error| error.to_string())?;
            let days = span.days().ok_or("write it in days or weeks, such as \"21d\"")?;
            let fix = || format!("write {}d to {}d", bounds.start(), bounds.end());
            if bounds.contains(&days) { Ok(days) } else { Err(fix()) }
        };
        self.read(key, read).map(|found| found.value)
    }

    /// A time of day, `"HH:MM"`.
    pub(super) fn time(&self, key: &'static str) -> Option<Time> {
        self.read(key, super::values::time_of_day).map(|found| found.value)
    }

    /// A list of texts, each understood by `read`.
    pub(super) fn list<T>(&self, key: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Option<Vec<T>> {
        let found = self.get(key)?;
        let Some(array) = found.get_ref().as_array() else {
            self.wrong_type(key, found, "a list of texts, such as [\"…\", \"…\"]");
            return None;
        };
        let mut values = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str().map(&read) {
                Some(Ok(value)) => values.push(value),
                Some(Err(fix)) => {
                    let text = item.get_ref().as_str().unwrap_or_default();
                    self.note(item.span().start, key, &format!("holds \"{}\"", text.escape_debug()), fix);
                }
                None => self.wrong_type(key, item, "texts in quotes"),
            }
        }
        Some(values)
    }

    /// A list of exactly two values, with the place of the list.
    pub(super) fn pair<T: Copy>(
        &self,
        key: &'static str,
        example: &str,
        read: impl Fn(&DeValue<'t>) -> Option<T>,
    ) -> Option<Found<(T, T)>> {
        let found = self.get(key)?;
        let values: Option<Vec<T>> =
            found.get_ref().as_array().and_then(|array| array.iter().map(|item| read(item.get_ref())).collect());
        match values.as_deref() {
            Some([first, second]) => Some(Found { value: (*first, *second), at: found.span().start }),
            _ => {
                self.note(found.span().start, key, "is not the pair it has to be", format!("write {key} = {example}"));
                None
            }
        }
    }

    /// Whether the key is written in the file, rightly or not.
    pub(super) fn place_of(&self, key: &str) -> Option<usize> {
        self.get(key).map(|found| found.span().start)
    }

    /// Whether the key holds a single text.
    pub(super) fn is_text(&self, key: &str) -> bool {
        self.get(key).is_some_and(|found| found.get_ref().as_str().is_some())
    }

    /// Whether the key is missing, but an unknown key looks like it: that mistake was noted already.
    pub(super) fn is_misspelt(&self, key: &str) -> bool {
        self.get(key).is_none() && self.meant.contains(&key)
    }

    /// Where the section begins.
    pub(super) fn begins_at(&self) -> Option<usize> {
        self.at
    }

    /// Notes a mistake of a key; `what` says how it is wrong.
    pub(super) fn note(&self, at: usize, key: &str, what: &str, fix: impl Into<String>) {
        self.source.note(Some(at), format!("`{key}`{} {what}", self.place()), fix);
    }

    fn get(&self, key: &str) -> Option<&'s Spanned<DeValue<'t>>> {
        self.table.and_then(|table| table.get(key))
    }

    fn place(&self) -> String {
        place(self.name)
    }

    fn wrong_type(&self, key: &str, found: &Spanned<DeValue<'t>>, right: &str) {
        let article = if matches!(found.get_ref(), DeValue::Array(_) | DeValue::Integer(_)) { "an" } else { "a" };
        let what = format!("is {article} {}", found.get_ref().type_str());
        self.note(found.span().start, key, &what, format!("write {right}"));
    }

    /// Notes the keys that do not belong here; returns those that were probably meant.
    fn refuse_unknown_keys(&self) -> Vec<&'static str> {
        let known = keys_of(self.name);
        let mut meant = Vec::new();
        for key in self.table.iter().flat_map(|table| table.keys()) {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            meant.extend(nearest(name, known.iter().copied()));
            let what = format!("unknown key `{}`{}", name.escape_debug(), self.place());
            self.source.note(Some(key.span().start), what, right_key(name, self.name, known));
        }
        meant
    }
}

/// The word of `known` that was most likely meant, if one is near at all.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}

fn keys_of(section: &str) -> &'static [&'static str] {
    SECTIONS.iter().chain(SEQUENCE_FILE).find(|(name, _)| *name == section).map_or(&[], |(_, keys)| keys)
}

fn place(section: &str) -> String {
    match section {
        TOP | "sequence" => String::new(),
        "account" => " in [[account]]".to_owned(),
        "sequence.step" => " in [[step]]".to_owned(),
        name => format!(" in [{name}]"),
    }
}

/// What should have been written instead of an unknown key.
fn right_key(key: &str, section: &str, known: &[&'static str]) -> String {
    if section == "account.auth" && key == "password" {
        return "a password never stands in this file: did you mean `password_env` or `password_command`?".to_owned();
    }
    let family = if section.starts_with("sequence") { SEQUENCE_FILE } else { SECTIONS };
    let homes: Vec<String> = family
        .iter()
        .filter(|(name, keys)| *name != section && keys.contains(&key))
        .map(|(name, _)| match *name {
            TOP => "at the top of the file, before the first section".to_owned(),
            "sequence" => "before the first [[step]]".to_owned(),
            "sequence.step" => "in [[step]]".to_owned(),
            "account" if keys_of(&format!("account.{key}")).is_empty() => "in [[account]]".to_owned(),
            "account" => format!("below [[account]] as [account.{key}]"),
            name => format!("in [{name}]"),
        })
        .collect();
    match nearest(key, known.iter().copied()) {
        _ if !homes.is_empty() => format!("`{key}` belongs {}", one_of(&homes)),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys here are {}", known.join(", ")),
    }
}

fn one_of(words: &[String]) -> String {
    match words {
        [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
        _ => words.join(""),
    }
}

fn written(duration: jiff::SignedDuration) -> String {
    let seconds = duration.as_secs();
    let span = match u32::try_from(seconds / 86_400) {
        Ok(days) if days > 0 && seconds % 86_400 == 0 => Span::Days(days),
        _ => Span::Exact(seconds),
    };
    format!("\"{span}\"")
}
