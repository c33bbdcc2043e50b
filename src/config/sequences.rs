//! Sequence files: TOML → [`Sequence`], every mistake with its line. Shipped ones, and the user's own,
//! which go before them by name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use toml::de::DeTable;

use super::problem::{ConfigError, Problem};
use super::section::{Section, Source};
use crate::domain::duration::Span;
use crate::domain::sequence::{Action, MAX_NUDGES, Sequence, Step};

/// What checkback brings along.
const SHIPPED: &[(&str, &str)] = &[("cold", include_str!("../../templates/sequences/cold.toml"))];
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
            let sequence = match source(&path) {
                Ok(text) => parse(&name, &text),
                Err(what) => Err(vec![Problem { what, line: None, fix: "see that it can be read as text".into() }]),
            };
            sequences.known.insert(name, SequenceFile { own: true, origin: path, sequence });
        }
        Ok(sequences)
    }

    /// The sequence of that name, if there is one without a mistake.
    pub fn get(&self, name: &str) -> Option<&Sequence> {
        self.known.get(name)?.sequence.as_ref().ok()
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
        self.known.insert(name, SequenceFile { own: true, origin, sequence: Ok(sequence) });
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
    for extra in sections.iter().skip(MAX_NUDGES as usize) {
        source.note(extra.begins_at(), "this step is one too many", "nobody gets more than two nudges: remove it");
    }
    let steps: Vec<Option<Step>> = sections.iter().map(step).collect();
    let problems = source.into_problems();
    match steps.into_iter().collect::<Option<Vec<Step>>>() {
        Some(steps) if problems.is_empty() => {
            Ok(Sequence { name: name.to_owned(), about: about.unwrap_or_default(), asks: asks.unwrap_or(false), steps })
        }
        _ => Err(problems),
    }
}

/// `None` only if a mistake was noted.
fn step(section: &Section<'_, '_>) -> Option<Step> {
    let after = section.required("after", "\"5 business days\"", wait);
    let template = section.required("template", "\"cold-nudge-1\"", template_name);
    let actions = Action::ALL.map(|action| (action.as_str(), action));
    let action = section.choice("action", &actions);
    let action = if section.place_of("action").is_some() { action? } else { Action::Remind };
    Some(Step { after: after?.value, template: template?.value, action })
}

/// A nudge waits for a day at least.
fn wait(text: &str) -> Result<Span, String> {
    let span = Span::parse(text).map_err(|error| error.to_string())?;
    match span {
        Span::BusinessDays(0) | Span::Days(0) | Span::Months(0) => Err("write a day at least".to_owned()),
        Span::Exact(seconds) if seconds < 86_400 => Err("write a day at least".to_owned()),
        Span::BusinessDays(days) | Span::Days(days) if days > 1_000 => Err("write 1000 days at most".to_owned()),
        Span::Months(months) if months > 36 => Err("write 36mo at most".to_owned()),
        Span::Exact(seconds) if seconds > 1_000 * 86_400 => Err("write 1000 days at most".to_owned()),
        span => Ok(span),
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
