//! Which lines are quoted: marked with `>`, behind an attribution line, behind a separator or a
//! header block.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::{Line, Mark, beginnings, begins_with, words};

/// An address within a text. Its last label is all ASCII or not at all, as Japanese and Korean write
/// on without a space.
pub(in super::super) static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"[A-Za-z0-9\u{80}-\u{24f}._%+'&=/-]+@(?:[\p{L}\p{M}\p{N}-]+\.)+(?:[A-Za-z][A-Za-z0-9-]+|\p{L}[\p{L}\p{M}\p{N}-]+)",
    )
});

/// Marks every quoted line.
pub(super) fn mark(lines: &mut [Line<'_>]) {
    for line in lines.iter_mut().filter(|line| has_mark(&line.text)) {
        line.mark = Mark::Quoted;
    }
    mark_orphans(lines);
    let mut at = 0;
    while at < lines.len() {
        let behind = lines.get(at..).unwrap_or_default();
        let Some(head) = quote_head(behind) else {
            at += 1;
            continue;
        };
        let next = behind.iter().skip(head.lines).find(|line| !line.is_blank());
        let marked = next.is_some_and(|line| !line.is_own());
        if !marked && !head.telling {
            at += 1;
            continue;
        }
        let count = if marked { head.lines } else { behind.len() };
        lines.iter_mut().skip(at).take(count).for_each(|line| line.mark = Mark::Quoted);
        at += count;
    }
}

/// A line without its quote marks.
pub(super) fn without_marks(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '|']).trim_end()
}

/// Whether the line says that a forwarded mail follows.
pub(super) fn is_forward_marker(line: &str) -> bool {
    FORWARDED.is_match(&line.to_lowercase())
}

fn has_mark(line: &str) -> bool {
    let trimmed = line.trim_start();
    trimmed.starts_with('>') || INITIALS.is_match(trimmed)
}

/// A line that a program broke off a quoted line when it wrapped it: short, between two quoted ones,
/// behind one that was full.
fn mark_orphans(lines: &mut [Line<'_>]) {
    for at in 1..lines.len().saturating_sub(1) {
        let [Some(before), Some(line), Some(after)] = [lines.get(at - 1), lines.get(at), lines.get(at + 1)] else {
            return;
        };
        let full = before.text.chars().take(200).count() >= 68 && before.text.trim_start().starts_with('>');
        let orphan = line.is_own()
            && full
            && !line.is_blank()
            && line.text.chars().take(40).count() <= 24
            && !line.text.trim_end().ends_with(['?', '!'])
            && line.text.chars().next().is_some_and(|c| !c.is_uppercase())
            && after.text.trim_start().starts_with('>')
            && !super::quotes::without_marks(&after.text).is_empty();
        if orphan && let Some(line) = lines.get_mut(at) {
            line.mark = Mark::Quoted;
        }
    }
}

/// What stands above a quote.
struct Head {
    lines: usize,
    /// Whether it is one even if nothing behind it bears a quote mark.
    telling: bool,
}

/// Whether a quote's head begins with the first of these lines.
fn quote_head(lines: &[Line<'_>]) -> Option<Head> {
    let first = lines.first().filter(|line| line.is_own() && !line.is_blank())?;
    let bare = head_of(&first.text).trim();
    // only a line that begins so is worth its letters' case and an expression
    let ruled = bare.starts_with(['-', '_', '*', '=', '–', '—']);
    if ruled || begins_with(&FORWARDED_WORDS, bare.trim_start_matches(['-', '_', '*', '=', '>', ' ', '–', '—'])) {
        let lower = bare.to_lowercase();
        let lower = lower.trim();
        if SEPARATOR.is_match(lower) || FORWARDED.is_match(lower) {
            let blank = lines.iter().skip(1).take_while(|line| line.is_blank()).count();
            let block = header_block(lines.get(1 + blank..).unwrap_or_default(), 1).map_or(0, |count| blank + count);
            return Some(Head { lines: 1 + block, telling: true });
        }
        if RULE.is_match(lower) {
            let blank = lines.iter().skip(1).take_while(|line| line.is_blank()).count();
            let count = header_block(lines.get(1 + blank..).unwrap_or_default(), 2)?;
            return Some(Head { lines: 1 + blank + count, telling: true });
        }
    }
    if let Some(count) = header_block(lines, 2) {
        return Some(Head { lines: count, telling: true });
    }
    attribution(lines)
}

/// The length of a header block as Outlook writes it ("From: … Sent: … To: … Subject: …"): a line
/// that names the author, and at least `others` further fields within the next lines.
fn header_block(lines: &[Line<'_>], others: usize) -> Option<usize> {
    let label = |line: &Line<'_>| field_label(&line.text);
    let first = lines.first().and_then(label)?;
    // GMX and web.de begin with the date
    let from_next = lines.get(1).and_then(label) == Some(Field::From);
    let from = first == Field::From || ((others < 2 || from_next) && first != Field::None);
    if !from {
        return None;
    }
    let mut kinds = vec![first];
    let mut end = 1;
    let mut unknown = None;
    for (offset, line) in lines.iter().enumerate().take(14).skip(1) {
        match label(line) {
            Some(kind) => {
                if kind != first && !kinds.contains(&kind) {
                    kinds.push(kind);
                }
                end = offset + 1;
            }
            // HTML turned into text may part the fields; a long value goes on in the next line
            None if line.is_blank() && offset <= end + 1 => {}
            // a field in words that we do not know, once
            None if offset == end && unknown.is_none() && is_field_like(&line.text) => {
                unknown = Some(offset);
                end = offset + 1;
            }
            None if offset <= end + 2 && line.text.starts_with([' ', '\t']) => {}
            None if offset == end && line.text.contains('@') => {}
            None => break,
        }
    }
    if unknown == Some(end - 1) {
        end -= 1;
    }
    let single_line = kinds.len() == 1 && others < 2;
    (kinds.len() > others || single_line).then_some(end)
}

/// "Word: value", the word short.
fn is_field_like(line: &str) -> bool {
    let label = head_of(line).split_once([':', '：']).filter(|(_, value)| value.starts_with([' ', '\t']));
    label.is_some_and(|(label, _)| (2..=20).contains(&label.chars().count()) && !label.contains(['.', ',', '?', '!']))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    From,
    Sent,
    To,
    Subject,
    None,
}

/// Which header field the line shows, as "From: …" or "*From:* …".
fn field_label(line: &str) -> Option<Field> {
    let line = head_of(line);
    memchr::memchr2(b':', b'\xef', line.as_bytes())?;
    let line = line.trim_start_matches(['*', '>', ' ', '|', '_']);
    let (label, value) = line.split_once([':', '：'])?;
    let label = label.trim_matches(['*', ' ', '_']);
    if label.len() > 60 || value.starts_with("//") {
        return None;
    }
    let label = label.to_lowercase();
    let is = |words: &[&str]| words.contains(&label.as_str());
    match () {
        () if is(words::FROM) => Some(Field::From),
        () if is(words::SENT) => Some(Field::Sent),
        () if is(words::TO) => Some(Field::To),
        () if is(words::SUBJECT) => Some(Field::Subject),
        () => None,
    }
}

/// "On Monday Sam wrote:", in one to four lines.
fn attribution(lines: &[Line<'_>]) -> Option<Head> {
    let mut length = 0;
    // a line that is wrapped within the address is one already without the rest, and tells more with it
    let mut weak = None;
    for (offset, line) in lines.iter().take(4).enumerate() {
        if line.is_blank() || !line.is_own() {
            return weak;
        }
        let part = head_of(&line.text).trim();
        length += part.len() + usize::from(offset > 0);
        if length > 600 {
            return weak;
        }
        let ends = part.ends_with([':', '：', '-', '>', ')']) || offset == 0 || part.ends_with("wrote");
        if !ends {
            continue;
        }
        let parts: Vec<&str> = lines.iter().take(offset + 1).map(|line| head_of(&line.text).trim()).collect();
        // what stands above a line that is one by itself was written by the sender
        if offset > 0 && may_be_attribution(part, &[part]) {
            let alone = part.to_lowercase();
            if STARTS.is_match(&alone) && is_attribution(&alone).is_some() {
                return weak;
            }
        }
        if may_be_attribution(part, &parts)
            && let Some(telling) = is_attribution(&parts.join(" ").to_lowercase())
        {
            if telling {
                return Some(Head { lines: offset + 1, telling });
            }
            weak = weak.or(Some(Head { lines: offset + 1, telling }));
        }
    }
    weak
}

/// A colon or a rule at its end, or a digit: no attribution line is without.
fn may_be_attribution(last: &str, parts: &[&str]) -> bool {
    last.ends_with([':', '：', '-'])
        || parts.iter().any(|part| !part.is_ascii() || part.bytes().any(|byte| byte.is_ascii_digit()))
}

/// Whether the text is an attribution line, and if so whether it tells enough without marked lines
/// behind it: a date or an address.
fn is_attribution(lower: &str) -> Option<bool> {
    let colon = lower.ends_with([':', '：']);
    let dashed = lower.starts_with("--") && lower.ends_with("--");
    let tail_from = lower.len().saturating_sub(160);
    let tail = lower.get((tail_from..=lower.len()).find(|&at| lower.is_char_boundary(at))?..)?;
    let verb = VERBS.find_iter(tail).any(|hit| whole_word(tail, hit.start(), hit.end()));
    if !verb && !colon {
        return None;
    }
    let has_date = DATE.is_match(lower);
    let has_address = lower.contains('@');
    match () {
        () if verb && (colon || dashed) => Some(has_date || has_address),
        // without a colon only a marked line behind it proves it
        () if verb && has_date && lower.len() < 200 && STARTS.is_match(lower) => Some(false),
        // Gmail in Russian and Japanese names date and author, and no verb
        () if colon && has_date && has_address && lower.len() < 300 => Some(true),
        // "* Dana Reed [2026-11-26 09:12]:", as mutt writes
        () if colon && has_date && lower.len() < 120 && (lower.starts_with("* ") || lower.ends_with("]:")) => {
            Some(false)
        }
        () => None,
    }
}

/// Whether the hit is no part of a longer word; scripts that write without spaces have no such bound.
fn whole_word(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|head| head.chars().next_back());
    let after = text.get(end..).and_then(|rest| rest.chars().next());
    let free = |c: Option<char>| c.is_none_or(|c| !c.is_alphabetic() || c as u32 >= 0x0e00);
    free(before) && free(after)
}

/// The beginning of a line: nothing behind it matters for what kind of line it is.
fn head_of(line: &str) -> &str {
    let end = (0..=line.len().min(700)).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    line.get(..end).unwrap_or_default()
}

fn regex(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns are constants that the tests compile")]
    Regex::new(pattern).expect("a valid pattern")
}

fn alternatives(words: &[&str]) -> String {
    words.iter().map(|word| regex::escape(word)).collect::<Vec<_>>().join("|")
}

#[expect(clippy::expect_used, reason = "the words are constants that the tests compile")]
static VERBS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(aho_corasick::MatchKind::LeftmostLongest)
        .build(words::WROTE)
        .expect("a list of words")
});

/// "JD> …", as some old programs quote.
static INITIALS: LazyLock<Regex> = LazyLock::new(|| regex(r"^[A-Z][A-Za-z]{0,3}>+ ?\S"));

static SEPARATOR: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"^[-_*=\s–—]{{2,}}\s*(?:{})\s*:?[-_*=\s–—]*$", alternatives(words::ORIGINAL))));

/// What [`FORWARDED`] begins with behind its rule.
static FORWARDED_WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| beginnings(words::FORWARDED));

static FORWARDED: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(r"^(?:[-_*=>\s–—]*)(?:{})(?:\s*:?[-_*=\s–—]+|\s*:|\s*[:>]\s*.*)?$", alternatives(words::FORWARDED)))
});

/// The line that Outlook draws above its header block.
static RULE: LazyLock<Regex> = LazyLock::new(|| regex(r"^[_-]{5,}$"));

/// A year or a time of day.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\b(?:19|20)\d\d(?:\D|$)|\d{1,2}[:.h]\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|[0-9０-９]{1,2}[月월]")
});

/// First words of an attribution line.
static STARTS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^[-\s*]*(?:on|am|le|el|il|em|a|op|den|dne|dňa|w dniu|dnia|в|у|στις|la|pe|vào|pada|在|於|בתאריך|في|\d|\p{L}{2,12}[.,]? \d)",
    )
});
