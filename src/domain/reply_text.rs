//! What the sender wrote: without quotes, signature and disclaimers.
//!
//! The text is cut into lines; each line is marked once, by the HTML element it stood in or by what
//! mail programs write around a quote (`reply_text/words.rs`), and the marks decide where it goes.
//! Every step looks at a fixed number of lines around it, so that the whole is linear on any input.

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, Anchored, Input, StartKind};

use super::command;
use super::ident::Address;
use super::inbound::Inbound;

mod html;
mod quotes;
mod signature;
#[rustfmt::skip] // word lists, filled to the width of the page
mod words;

/// The text of a mail, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyText {
    /// What the sender wrote, without quotes and signature.
    pub own: String,
    /// What was quoted or forwarded, header blocks included, without the quote marks.
    pub quoted: String,
    /// The signature and disclaimers.
    pub signature: String,
    /// What stands between the marks of an answer to the daily mail, if they stand there.
    pub marked: Option<String>,
    /// Addresses that the quoted part names, 50 at most.
    pub quoted_addresses: Vec<Address>,
}

/// Takes the text of a mail apart; HTML is turned into text where there is no text.
pub fn split(mail: &Inbound) -> ReplyText {
    let mut lines = if has_text(mail) { plain_lines(&mail.text) } else { html::lines(&mail.html) };
    let marked = between_marks(&lines);
    quotes::mark(&mut lines);
    signature::mark(&mut lines);
    let quoted = joined(&lines, Mark::Quoted);
    ReplyText {
        own: joined(&lines, Mark::Own),
        signature: joined(&lines, Mark::Signature),
        marked,
        quoted_addresses: addresses(&quoted, MAX_ADDRESSES),
        quoted,
    }
}

/// The lines between the first pair of marks. What is quoted bears quote marks before them.
fn between_marks(lines: &[Line<'_>]) -> Option<String> {
    let at =
        |mark: &str, from: usize| lines.iter().skip(from).position(|line| line.text.trim() == mark).map(|at| at + from);
    let begins = at(command::TEXT_BEGINS, 0)?;
    let ends = at(command::TEXT_ENDS, begins)?;
    let text: Vec<&str> = lines.get(begins + 1..ends)?.iter().map(|line| line.text.trim_end()).collect();
    Some(text.join("\n").trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whether the mail is a forward of somebody's mail, as far as subject and body say. An answer that
/// somebody wrote with the forward button is none (mail-rules §B8).
pub fn is_forward(mail: &Inbound, text: &ReplyText) -> bool {
    let words = text.own.split_whitespace().count();
    let in_thread = !mail.in_reply_to.is_empty() || !mail.references.is_empty();
    if has_forward_lead(&mail.subject) {
        return !(in_thread && words >= ANSWER_WORDS && !text.quoted.is_empty());
    }
    !in_thread && words < NOTE_WORDS && text.quoted.lines().take(3).any(quotes::is_forward_marker)
}

/// Every address in a text, in its order, without repetition, `max` at most.
pub(super) fn addresses(text: &str, max: usize) -> Vec<Address> {
    let mut found: Vec<Address> = Vec::new();
    if memchr::memchr(b'@', text.as_bytes()).is_none() {
        return found;
    }
    for hit in quotes::ADDRESS.find_iter(text) {
        if let Some(address) = Address::parse(hit.as_str())
            && !found.contains(&address)
        {
            found.push(address);
            if found.len() >= max {
                break;
            }
        }
    }
    found
}

const MAX_ADDRESSES: usize = 50;
/// Own words from which a mail with a forward lead within our thread is an answer.
const ANSWER_WORDS: usize = 8;
/// Own words up to which a mail with a forwarded part and no forward lead is a forward.
const NOTE_WORDS: usize = 40;
/// Bytes of one line that are kept.
const MAX_LINE: usize = 16 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Own,
    Quoted,
    Signature,
}

#[derive(Debug)]
struct Line<'m> {
    text: Cow<'m, str>,
    mark: Mark,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn is_own(&self) -> bool {
        self.mark == Mark::Own
    }
}

/// Whether the plain text is the mail, and not a notice that one should read the HTML.
fn has_text(mail: &Inbound) -> bool {
    let text = mail.text.trim();
    if mail.html.is_empty() {
        return true;
    }
    if text.len() >= 600 {
        return true;
    }
    let head: String = text.chars().take(200).collect::<String>().to_lowercase();
    let notice = head.contains("html")
        && ["client", "view this", "programm", "support", "display", "anzeigen"].iter().any(|word| head.contains(word));
    !text.is_empty() && !notice
}

fn plain_lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::with_capacity(text.len() / 40 + 1);
    for line in text.split('\n') {
        // a carriage return ends a line too, alone or before the line feed
        for piece in line.strip_suffix('\r').unwrap_or(line).split('\r') {
            lines.push(Line { text: normalised(piece), mark: Mark::Own });
        }
    }
    lines
}

/// Spaces of every kind become spaces, invisible characters go, and very long lines are cut.
fn normalised(line: &str) -> Cow<'_, str> {
    let end = (0..=line.len().min(MAX_LINE)).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    let line = line.get(..end).unwrap_or_default();
    if line.bytes().all(|byte| byte >= b' ' && byte.is_ascii()) {
        return Cow::Borrowed(line);
    }
    let kept = line
        .chars()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\0'))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    Cow::Owned(kept)
}

/// The lines of one mark, no two blank lines in a row, none at the ends.
fn joined(lines: &[Line<'_>], mark: Mark) -> String {
    let mut whole = String::new();
    let mut gap = false;
    for line in lines {
        if line.mark != mark {
            gap = true;
            continue;
        }
        let text = if mark == Mark::Quoted { quotes::without_marks(&line.text) } else { line.text.trim_end() };
        if text.trim().is_empty() {
            gap = true;
            continue;
        }
        if !whole.is_empty() {
            whole.push_str(if gap { "\n\n" } else { "\n" });
        }
        gap = false;
        whole.push_str(text);
    }
    whole
}

/// Whether a text begins with one of these, in whatever case.
fn begins_with(words: &AhoCorasick, text: &str) -> bool {
    // letters of ASCII are compared in any case, so that nearly no line has to be rewritten
    let ascii = text.as_bytes().get(..120).unwrap_or(text.as_bytes()).is_ascii();
    if ascii {
        return words.find(Input::new(text).anchored(Anchored::Yes)).is_some();
    }
    let head: String = text.chars().take(120).flat_map(char::to_lowercase).collect();
    words.find(Input::new(&head).anchored(Anchored::Yes)).is_some()
}

fn beginnings(words: &[&str]) -> AhoCorasick {
    #[expect(clippy::expect_used, reason = "the words are constants that the tests compile")]
    AhoCorasick::builder()
        .start_kind(StartKind::Both)
        .ascii_case_insensitive(true)
        .build(words)
        .expect("a list of words")
}

/// Whether the subject begins with a forward lead (mail-rules §C3), behind tags like `[EXTERNAL]`.
fn has_forward_lead(subject: &str) -> bool {
    let mut rest = subject.trim_start();
    while let Some(behind) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')).map(|(_, behind)| behind) {
        rest = behind.trim_start();
    }
    let Some((lead, _)) = rest.split_once([':', '：']) else { return false };
    let lead = lead.trim().trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | '^'));
    lead.len() < 40 && words::FORWARD_LEADS.contains(&lead.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests;
