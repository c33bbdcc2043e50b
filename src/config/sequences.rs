//! Sequence files: TOML → [`Sequence`], every mistake with its line. Shipped ones, and the user's own,
//! which go before them by name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{ConfigError, Problem};
use super::section::{Section, Source, line_of, nearest};
use crate::domain::duration::Span;
use crate::domain::outreach::{Stage, Tag};
use crate::domain::sequence::{Action, Event, MAX_NUDGES, Only, Sequence, Step, When};

/// What checkback brings along.
const SHIPPED: &[(&str, &str)] = &[
    ("cold", include_str!("../../templates/sequences/cold.toml")),
    ("informational", include_str!("../../templates/sequences/informational.toml")),
    ("referral", include_str!("../../templates/sequences/referral.toml")),
    ("thank-you", include_str!("../../templates/sequences/thank-you.toml")),
    ("introduced", include_str!("../../templates/sequences/introduced.toml")),
    ("check-back-return", include_str!("../../templates/sequences/check-back-return.toml")),
    ("keep-in-touch", include_str!("../../templates/sequences/keep-in-touch.toml")),
    ("later", include_str!("../../templates/sequences/later.toml")),
];
/// A sequence file is no longer than this, in bytes.
const MAX_SOURCE: u64 = 64 * 1024;

/// All sequences by name, the faulty ones too: a mistake in one keeps nobody from using the others.
#[derive(Debug, Clone)]
pub struct Sequences {
    known: BTreeMap<String, SequenceFile>,
}

/// One sequence file.
#[derive(Debug, Clone)]
pub struct SequenceFile {
    /// The user's own.
    pub own: bool,
    /// Where it is from, as named to the user.
    pub origin: PathBuf,
    /// What it says, or every mistake in it.
    pub sequence: Result<Sequence, Vec<Problem>>,
    /// The line of each step's template.
    lines: Vec<Option<usize>>,
}

impl SequenceFile {
    /// The line on which a step names its template, if that can be told. `step`: from 0.
    pub fn line_of_template(&self, step: usize) -> Option<usize> {
        self.lines.get(step).copied().flatten()
    }
}

impl Sequences {
    /// The shipped sequences alone.
    pub fn shipped() -> Self {
        let mut sequences = Self { known: BTreeMap::new() };
        for (name, text) in SHIPPED {
            let file = SequenceFile {
                own: false,
                origin: PathBuf::from(format!("{name}.toml (shipped)")),
                sequence: parse(name, text),
                lines: lines_of_templates(text),
            };
            sequences.known.insert((*name).to_owned(), file);
        }
        sequences
    }

    /// The shipped sequences and those of the user's folder (`<name>.toml`), which may not exist.
    ///
    /// # Errors
    /// If the folder exists and can't be read.
    pub fn load(folder: &Path) -> Result<Self, ConfigError> {
        let unreadable = |reason| ConfigError::Unreadable { path: folder.to_owned(), reason };
        let mut sequences = Self::shipped();
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(sequences),
            entries => entries.map_err(unreadable)?,
        };
        for entry in entries {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".toml"));
            let Some(name) = name.filter(|name| !name.is_empty()).map(str::to_owned) else { continue };
            let (sequence, lines) = match source(&path) {
                Ok(text) => (parse(&name, &text), lines_of_templates(&text)),
                Err(what) => {
                    let fix = "see that it can be read as text".into();
                    (Err(vec![Problem { what, line: None, fix }]), Vec::new())
                }
            };
            sequences.known.insert(name, SequenceFile { own: true, origin: path, sequence, lines });
        }
        Ok(sequences)
    }

    /// The sequence of that name, if there is one without a mistake.
    pub fn get(&self, name: &str) -> Option<&Sequence> {
        self.known.get(name)?.sequence.as_ref().ok()
    }

    /// The sequence of that name.
    ///
    /// # Errors
    /// In words, if there is none, or one with mistakes.
    pub fn find(&self, name: &str) -> Result<&Sequence, String> {
        match self.file(name).map(|file| &file.sequence) {
            Some(Ok(sequence)) => Ok(sequence),
            Some(Err(_)) => Err(format!("the sequence {name} has mistakes: checkback sequence check {name}")),
            None => {
                let names: Vec<&str> = self.known.keys().map(String::as_str).collect();
                Err(format!("there is no sequence {name}; there are {}", names.join(", ")))
            }
        }
    }

    /// The file of that name.
    pub fn file(&self, name: &str) -> Option<&SequenceFile> {
        self.known.get(name)
    }

    /// Every file, by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &SequenceFile)> {
        self.known.iter().map(|(name, file)| (name.as_str(), file))
    }

    /// Puts a sequence beside the others, or in the place of the one with its name.
    pub fn insert(&mut self, sequence: Sequence) {
        let (name, origin) = (sequence.name.clone(), PathBuf::from(format!("{}.toml", sequence.name)));
        self.known.insert(name, SequenceFile { own: true, origin, sequence: Ok(sequence), lines: Vec::new() });
    }
}

/// Reads one sequence.
///
/// # Errors
/// With every mistake, its line and what to write instead.
pub fn parse(name: &str, text: &str) -> Result<Sequence, Vec<Problem>> {
    let text = text.trim_start_matches('\u{feff}');
    let source = Source::new(text);
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let fix = format!("{} (texts and durations stand in quotes)", error.message().trim());
            source.note(error.span().map(|span| span.start), "this can't be read as TOML", fix);
            return Err(source.into_problems());
        }
    };
    let top = Section::new(&source, "sequence", table.get_ref(), 0);
    let about = top.text("about").map(|found| found.value);
    let asks = top.flag("asks");
    let sections = top.sections("step", "sequence.step");
    if top.place_of("step").is_none() && !top.is_misspelt("step") {
        source.note(None, "there is no step", "write [[step]] and below it after, template and action");
    }
    let steps: Vec<Option<Step>> = sections.iter().map(step).collect();
    let kind = |is: fn(When) -> bool| {
        let both = sections.iter().zip(&steps);
        both.filter(move |(_, step)| step.as_ref().is_some_and(|step| is(step.when))).map(|(section, _)| section)
    };
    for extra in kind(When::is_nudge).skip(MAX_NUDGES as usize) {
        let fix =
            "nobody gets more than two nudges: remove it, or let it follow an event (after = \"3w after meeting\")";
        source.note(extra.begins_at(), "this step is one too many", fix);
    }
    if sections.len() > 1
        && let Some(repeats) = kind(|when| matches!(when, When::Quiet(_))).next()
    {
        source.note(repeats.begins_at(), "a step with `every` stands beside others", "give it a file of its own");
    }
    let problems = source.into_problems();
    match steps.into_iter().collect::<Option<Vec<Step>>>() {
        Some(steps) if problems.is_empty() => {
            Ok(Sequence { name: name.to_owned(), about: about.unwrap_or_default(), asks: asks.unwrap_or(false), steps })
        }
        _ => Err(problems),
    }
}

/// Where each step names its template.
fn lines_of_templates(text: &str) -> Vec<Option<usize>> {
    let text = text.trim_start_matches('\u{feff}');
    let Ok(table) = DeTable::parse(text) else { return Vec::new() };
    let steps = table.get_ref().get("step").and_then(|steps| steps.get_ref().as_array());
    let steps = steps.map(|steps| steps.iter()).unwrap_or_default();
    let template = |step: &Spanned<DeValue<'_>>| step.get_ref().as_table()?.get("template").map(|found| found.span());
    steps.map(|step| template(step).map(|span| line_of(text, span.start))).collect()
}

/// `None` only if a mistake was noted.
fn step(section: &Section<'_, '_>) -> Option<Step> {
    let when = when(section);
    let template = section.required("template", "\"cold-nudge-1\"", template_name);
    let actions = Action::ALL.map(|action| (action.as_str(), action));
    let action = section.choice("action", &actions);
    let action = if section.place_of("action").is_some() { action? } else { Action::Remind };
    let only = Only {
        stages: words(section, "stage", |text| one_of(text, Stage::ALL.map(Stage::as_str))),
        tones: words(section, "tone", |text| one_of(text, TONES)),
        tags: words(section, "tag", |text| {
            Tag::parse(text).map(|tag| tag.as_str().to_owned()).map_err(|error| error.to_string())
        }),
    };
    Some(Step { when: when?, template: template?.value, action, only })
}

/// The tones of an answer, by name.
const TONES: [&str; 7] = ["yes", "not_now", "try_other", "no", "left_company", "question", "unclear"];

/// A step comes after the mail before it or an event, on a day, or whenever it was quiet for long.
fn when(section: &Section<'_, '_>) -> Option<When> {
    let set: Vec<(&str, usize)> =
        ["after", "on", "every"].into_iter().filter_map(|key| Some((key, section.place_of(key)?))).collect();
    if let [_, (key, at), ..] = set.as_slice() {
        section.note(*at, key, "says a second time when the step comes", "write one of after, on and every");
        return None;
    }
    let misspelt = section.is_misspelt("on") || section.is_misspelt("every");
    match set.first() {
        Some(("on", _)) => section.required("on", "\"2026-12-01\"", day).map(|day| When::On(day.value)),
        Some(("every", _)) => section.required("every", "\"3mo\"", pause).map(|span| When::Quiet(span.value)),
        None if misspelt => None,
        _ => section.required("after", "\"5 business days\"", after).map(|when| when.value),
    }
}

/// `5 business days`, or `2 days after meeting`.
fn after(text: &str) -> Result<When, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(at) = words.iter().position(|word| *word == "after") else { return pause(text).map(When::Touch) };
    let (span, name) = words.split_at(at);
    let name = name.get(1..).unwrap_or_default().join(" ");
    let name = name.strip_prefix("the ").unwrap_or(&name);
    let event = Event::parse(name).ok_or_else(|| {
        let near = nearest(name, Event::ALL.map(Event::as_str)).map(|near| format!("did you mean {near}? "));
        format!("{}a step can follow {}", near.unwrap_or_default(), Event::ALL.map(Event::as_str).join(", "))
    })?;
    length(&span.join(" "), true).map(|span| When::Event(event, span))
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "write a day such as \"2026-12-01\"".to_owned())
}

/// A nudge waits for a day at least.
fn pause(text: &str) -> Result<Span, String> {
    length(text, false)
}

fn length(text: &str, at_once: bool) -> Result<Span, String> {
    let span = Span::parse(&short(text)).map_err(|error| error.to_string())?;
    match span {
        Span::Exact(seconds) if seconds < 86_400 => Err("write a day at least".to_owned()),
        Span::BusinessDays(0) | Span::Days(0) | Span::Months(0) if !at_once => Err("write a day at least".to_owned()),
        Span::BusinessDays(days) | Span::Days(days) if days > 1_000 => Err("write 1000 days at most".to_owned()),
        Span::Months(months) if months > 36 => Err("write 36mo at most".to_owned()),
        Span::Exact(seconds) if seconds > 1_000 * 86_400 => Err("write 1000 days at most".to_owned()),
        span => Ok(span),
    }
}

/// `2 days`, `3 weeks`, `1 month` as the units are written elsewhere.
fn short(text: &str) -> String {
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["the" | "same", "day"] => "0d".to_owned(),
        [count, "day" | "days"] => format!("{count}d"),
        [count, "week" | "weeks"] => format!("{count}w"),
        [count, "month" | "months"] => format!("{count}mo"),
        _ => text.to_owned(),
    }
}

fn one_of<const N: usize>(text: &str, known: [&'static str; N]) -> Result<String, String> {
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(match nearest(text, known) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("write one of {}", known.join(", ")),
    })
}

/// One text or a list of them.
fn words(section: &Section<'_, '_>, key: &'static str, read: impl Fn(&str) -> Result<String, String>) -> Vec<String> {
    match section.is_text(key) {
        true => section.read(key, read).map(|found| found.value).into_iter().collect(),
        false => section.list(key, read).unwrap_or_default(),
    }
}

fn template_name(text: &str) -> Result<String, String> {
    let usable = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    match text.chars().all(usable) && !text.starts_with('.') {
        true => Ok(text.to_owned()),
        false => Err("write the name of a mail template, without its folder and ending".to_owned()),
    }
}

fn source(path: &Path) -> Result<String, String> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > MAX_SOURCE => Err(format!("it is longer than {MAX_SOURCE} bytes")),
        _ => fs::read_to_string(path).map_err(|error| format!("it can't be read ({error})")),
    }
}

#[cfg(test)]
mod tests;
