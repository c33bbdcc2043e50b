//! A table of phrases as it is written.

use super::{Element, Literal, Phrase, fold};

/// The phrases of a table's text.
pub(super) fn parse(source: &'static str) -> Vec<Phrase> {
    let mut signal = "";
    let mut phrases = Vec::new();
    for line in source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            signal = name;
        } else {
            phrases.extend(variants(line).iter().map(|line| Phrase::new(signal, elements(line))));
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
