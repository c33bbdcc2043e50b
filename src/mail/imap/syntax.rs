//! The bits of IMAP syntax that are read and written here: strings of commands, LIST lines and dates.

use jiff::Timestamp;
use jiff::fmt::strtime;

/// A command under construction, in the pieces between which a `+` is awaited.
#[derive(Debug, Default)]
pub(super) struct Command {
    pieces: Vec<Vec<u8>>,
    current: Vec<u8>,
}

impl Command {
    pub(super) fn new(text: &str) -> Self {
        Self { pieces: Vec::new(), current: text.as_bytes().to_vec() }
    }

    pub(super) fn text(mut self, text: &str) -> Self {
        self.current.extend_from_slice(text.as_bytes());
        self
    }

    /// A string: quoted where that is possible, else a literal (RFC 9051 §4.3).
    pub(super) fn string(mut self, value: &str) -> Self {
        if !value.bytes().all(|byte| matches!(byte, 0x20..0x7f)) || value.len() > 1000 {
            return self.literal(value.as_bytes());
        }
        self.current.push(b'"');
        for byte in value.bytes() {
            if matches!(byte, b'"' | b'\\') {
                self.current.push(b'\\');
            }
            self.current.push(byte);
        }
        self.current.push(b'"');
        self
    }

    pub(super) fn literal(mut self, bytes: &[u8]) -> Self {
        self.current.extend_from_slice(format!("{{{}}}", bytes.len()).as_bytes());
        self.next(bytes)
    }

    /// The server's `+` is awaited, then these bytes follow.
    pub(super) fn next(mut self, bytes: &[u8]) -> Self {
        self.pieces.push(std::mem::replace(&mut self.current, bytes.to_vec()));
        self
    }

    pub(super) fn pieces(mut self) -> Vec<Vec<u8>> {
        self.pieces.push(self.current);
        self.pieces
    }
}

/// One LIST line (RFC 9051 §7.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListLine {
    /// In lower case, with the backslash.
    pub(super) attributes: Vec<String>,
    pub(super) delimiter: Option<char>,
    /// Unquoted, still in modified UTF-7.
    pub(super) name: String,
}

/// Parses `* LIST (\Attr …) "/" name`; `None` for what is no such line.
pub(super) fn list_line(line: &[u8]) -> Option<ListLine> {
    let rest = line.strip_prefix(b"* ")?;
    let open = memchr::memchr(b'(', rest)?;
    let rest = rest.get(open + 1..)?;
    let close = memchr::memchr(b')', rest)?;
    let (attributes, rest) = rest.split_at(close);
    let attributes = String::from_utf8_lossy(attributes).split_whitespace().map(str::to_ascii_lowercase).collect();
    let (delimiter, rest) = astring(rest.strip_prefix(b")")?.trim_ascii_start())?;
    let (name, _) = astring(rest.trim_ascii_start())?;
    let name = name?;
    (!name.is_empty()).then_some(ListLine { attributes, delimiter: delimiter.and_then(|d| d.chars().next()), name })
}

/// An atom, a quoted string or a literal, and what follows; `None` inside for NIL.
fn astring(text: &[u8]) -> Option<(Option<String>, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"\"") {
        let mut value = Vec::new();
        let mut escaped = false;
        for (index, &byte) in rest.iter().enumerate() {
            match byte {
                _ if escaped => {
                    value.push(byte);
                    escaped = false;
                }
                b'\\' => escaped = true,
                b'"' => return Some((Some(lossy(&value)), rest.get(index + 1..)?)),
                _ => value.push(byte),
            }
        }
        return None;
    }
    if text.first() == Some(&b'{') {
        let end = memchr::memmem::find(text, b"}\r\n")?;
        let size: usize = std::str::from_utf8(text.get(1..end)?).ok()?.trim_end_matches('+').parse().ok()?;
        let data = text.get(end + 3..)?;
        return Some((Some(lossy(data.get(..size)?)), data.get(size..)?));
    }
    let end = text.iter().position(|byte| matches!(byte, b' ' | b'\r' | b'\n')).unwrap_or(text.len());
    let (atom, rest) = text.split_at(end);
    if atom.is_empty() {
        return None;
    }
    Some(((!atom.eq_ignore_ascii_case(b"NIL")).then(|| lossy(atom)), rest))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A `date-time` such as `17-Jul-2026 02:44:25 -0700` (RFC 9051 §9).
pub(super) fn internal_date(text: &str) -> Option<Timestamp> {
    strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests;
