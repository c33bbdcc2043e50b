//! Which of the remaining lines are signature, footer or warning.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{Line, Mark, beginnings, begins_with, words};

/// Lines behind `--` from which on it was no signature but a rule between two parts of the text.
const MAX_DELIMITED: usize = 30;
/// Lines of a name block beneath a closing word.
const MAX_BLOCK: usize = 14;

/// Marks signatures, disclaimers, "Sent from my …" and warnings of gateways, in every stretch of own
/// text: the one above the quote, those between, the one beneath.
pub(super) fn mark(lines: &mut [Line<'_>]) {
    mark_banner(lines);
    let mut start = 0;
    while start < lines.len() {
        let stretch = lines.iter().skip(start).take_while(|line| line.mark != Mark::Quoted).count();
        if let Some(run) = lines.get_mut(start..start + stretch) {
            mark_run(run);
        }
        start += stretch.max(1);
    }
}

/// A gateway's warning above the text, to its blank line.
fn mark_banner(lines: &mut [Line<'_>]) {
    let Some(first) = lines.iter().position(|line| !line.is_blank()) else { return };
    let Some(line) = lines.get(first) else { return };
    if !line.is_own() || !begins_with(&BANNER, line.text.trim_start_matches(['*', ' ', '-', '!'])) {
        return;
    }
    let end = lines.iter().skip(first).take(6).take_while(|line| !line.is_blank()).count();
    // a warning without a blank line behind it: only its own line is known to be one
    let count = if end == 6 { 1 } else { end };
    let alone = lines.iter().skip(first + count).all(Line::is_blank);
    if !alone {
        lines.iter_mut().skip(first).take(count).for_each(|line| line.mark = Mark::Signature);
    }
}

fn mark_run(run: &mut [Line<'_>]) {
    // a delimiter counts only where few enough lines stand behind it
    let tail =
        run.iter().enumerate().rev().filter(|(_, line)| !line.is_blank()).nth(MAX_DELIMITED).map_or(0, |(at, _)| at);
    let end = run.iter().enumerate().position(|(at, line)| {
        let footer = line.is_own() && at > 0 && begins_paragraph(run, at) && is_disclaimer(line.text.trim());
        footer || (at >= tail && is_delimiter(&line.text))
    });
    let end = end.unwrap_or(run.len());
    run.iter_mut().skip(end).for_each(|line| line.mark = Mark::Signature);
    for line in run.iter_mut().take(end).filter(|line| is_sent_from(&line.text)) {
        line.mark = Mark::Signature;
    }
    if let Some(above) = run.get_mut(..end) {
        mark_sign_off(above);
    }
}

fn begins_paragraph(run: &[Line<'_>], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| run.get(before)).is_none_or(|line| line.is_blank() || is_rule(&line.text))
}

fn is_rule(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 5 && text.chars().all(|c| matches!(c, '-' | '_' | '*' | '=' | '–' | '—'))
}

/// `-- ` (RFC 3676 §4.3), as programs that cut trailing spaces leave it too.
fn is_delimiter(line: &str) -> bool {
    matches!(line.trim_end(), "--" | "—" | "- --") || (line.trim().len() >= 20 && line.trim().chars().all(|c| c == '_'))
}

fn is_disclaimer(text: &str) -> bool {
    begins_with(&DISCLAIMER, text.trim_start_matches(['*', '_', '-', ' ', '=', '(', '"']))
}

fn is_sent_from(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['-', '–', '—', '*', ' ', '_', '[', '(']);
    if text.is_empty() || text.len() > 160 || !begins_with(&SENT_FROM, text) {
        return false;
    }
    let lower = text.to_lowercase();
    DEVICE.is_match(&lower) && lower.split_whitespace().count() <= 14
}

/// A closing word in a line of its own and the name block beneath it. Only where text stands above,
/// and where nothing beneath reads like another paragraph.
fn mark_sign_off(run: &mut [Line<'_>]) {
    let written = |line: &Line<'_>| line.is_own() && !line.is_blank();
    let Some(first) = run.iter().position(written) else { return };
    let mut block = 0;
    let mut found = None;
    for (at, line) in run.iter().enumerate().rev().filter(|(_, line)| written(line)) {
        if at > first && is_sign_off(&line.text) {
            found = Some(at);
            break;
        }
        block += 1;
        if block > MAX_BLOCK || !is_block_line(&line.text) {
            break;
        }
    }
    if let Some(at) = found {
        run.iter_mut().skip(at).for_each(|line| line.mark = Mark::Signature);
    }
}

fn is_sign_off(text: &str) -> bool {
    let bare = text.trim().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let bare = bare.strip_suffix(" from").unwrap_or(&bare);
    if bare.len() > 60 {
        return false;
    }
    if words::SIGN_OFF.contains(&bare) {
        return true;
    }
    // "Best regards, Alex" in one line
    let Some((closing, name)) = bare.split_once([',', '，']) else { return false };
    words::SIGN_OFF.contains(&closing.trim()) && name.split_whitespace().count() <= 3
}

/// Whether the line can be part of a name block: short, and neither a question nor a sentence.
fn is_block_line(text: &str) -> bool {
    let text = text.trim();
    let count = text.split_whitespace().count();
    let wide = text.chars().filter(|c| *c as u32 >= 0x2e80).count();
    let asks = text.ends_with(['?', '？', '!', '。']);
    let sentence = count >= 7 && text.ends_with(['.', ':', ',']) && !text.contains(['@', '|']);
    let postscript = text.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("ps"))
        || text.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("p.s"));
    !asks && !sentence && !postscript && count <= 16 && wide <= 40 && text.len() <= 300
}

static BANNER: LazyLock<AhoCorasick> = LazyLock::new(|| beginnings(words::BANNER));
static DISCLAIMER: LazyLock<AhoCorasick> = LazyLock::new(|| beginnings(words::DISCLAIMER));
static SENT_FROM: LazyLock<AhoCorasick> = LazyLock::new(|| beginnings(words::SENT_FROM));
static DEVICE: LazyLock<AhoCorasick> = LazyLock::new(|| beginnings(words::DEVICE));
