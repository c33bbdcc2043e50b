//! The strings without which an expression can't match.

use regex_syntax::hir::{Class, Hir, HirKind, Literal};

use crate::domain::phrases::filter::{OneOf, rarest};

/// Strings of one set.
const MOST: usize = 12;
/// Letters of a class that are spelt out.
const LETTERS: usize = 6;

/// Sets of strings, of each of which one stands in whatever the pattern matches; none for a pattern that
/// can't be read.
pub(super) fn strings(pattern: &str) -> Vec<OneOf> {
    regex_syntax::parse(pattern).map(|hir| sets_of(&hir)).unwrap_or_default()
}

fn sets_of(hir: &Hir) -> Vec<OneOf> {
    if let Some(all) = all_of(hir) {
        return vec![all];
    }
    match hir.kind() {
        HirKind::Capture(capture) => sets_of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => sets_of(&repetition.sub),
        HirKind::Alternation(choices) => {
            let all: Option<Vec<OneOf>> = choices.iter().map(|choice| rarest(sets_of(choice))).collect();
            all.map(|sets| sets.concat()).into_iter().collect()
        }
        HirKind::Concat(row) => {
            let mut sets: Vec<OneOf> = Vec::new();
            // what stands side by side is one longer string
            let mut run = nothing();
            for part in row {
                let all = all_of(part);
                match all.as_ref().and_then(|all| joined(&run, all)) {
                    Some(longer) => run = longer,
                    None => {
                        if all.is_none() {
                            sets.extend(sets_of(part));
                        }
                        sets.push(std::mem::replace(&mut run, all.unwrap_or_else(nothing)));
                    }
                }
            }
            sets.push(run);
            sets
        }
        _ => Vec::new(),
    }
}

/// Everything that an expression can match, if that is little.
fn all_of(hir: &Hir) -> Option<OneOf> {
    let all = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => nothing(),
        HirKind::Literal(Literal(bytes)) => vec![std::str::from_utf8(bytes).ok()?.to_owned()],
        HirKind::Class(Class::Unicode(class)) => {
            let letters = || class.iter().flat_map(|range| range.start()..=range.end());
            if letters().nth(LETTERS).is_some() {
                return None;
            }
            letters().map(String::from).collect()
        }
        HirKind::Class(Class::Bytes(_)) => return None,
        HirKind::Repetition(repetition) if (repetition.min, repetition.max) == (0, Some(1)) => {
            let mut all = all_of(&repetition.sub)?;
            all.push(String::new());
            all
        }
        HirKind::Repetition(_) => return None,
        HirKind::Capture(capture) => all_of(&capture.sub)?,
        HirKind::Concat(row) => row.iter().try_fold(nothing(), |run, part| joined(&run, &all_of(part)?))?,
        HirKind::Alternation(choices) => choices.iter().map(all_of).collect::<Option<Vec<OneOf>>>()?.concat(),
    };
    (all.len() <= MOST).then_some(all)
}

/// The empty string alone.
fn nothing() -> OneOf {
    vec![String::new()]
}

/// Every string of the one behind every string of the other, if these are few.
fn joined(heads: &[String], tails: &[String]) -> Option<OneOf> {
    let few = heads.len() * tails.len() <= MOST;
    few.then(|| heads.iter().flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}"))).collect())
}
