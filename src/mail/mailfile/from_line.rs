//! The `From ` line before each mail of an mbox (RFC 4155): telling it from text, reading its date.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// What stands around a line that begins with `From `.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// Whether the line before is empty, or there is none.
    pub(super) after_blank: bool,
    /// The line behind it.
    pub(super) next: &'a [u8],
}

/// Whether a line separates two mails.
///
/// Writers quote such lines in text, but not all of them do, and not all put an empty line before:
/// two of the three signs (empty line before, date in the line, header field behind) are asked for.
pub(super) fn separates(line: &[u8], around: Around<'_>) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let header_follows = is_field(around.next);
    let dated = date(line).is_some();
    match (around.after_blank, dated) {
        (true, true) => true,
        (false, true) => header_follows,
        (true, false) => header_follows && names_a_sender_alone(rest),
        (false, false) => false,
    }
}

/// Whether a file's first bytes are those of an mbox.
pub(super) fn begins_an_mbox(first: &[u8]) -> bool {
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_start();
    let mut lines = first.split(|byte| *byte == b'\n');
    let line = lines.next().unwrap_or_default();
    separates(line, Around { after_blank: true, next: lines.next().unwrap_or_default() })
}

/// Whether the program that made the file wrote the line for want of an envelope; its date then tells
/// when the file was made.
pub(super) fn is_made_up(line: &[u8]) -> bool {
    let sender = line.strip_prefix(b"From ").unwrap_or(line).trim_ascii_start();
    sender.starts_with(b"MAILER-DAEMON ") || sender.starts_with(b"- ") || sender.starts_with(b"???@??? ")
}

/// The date of a `From ` line: `Thu Jan  1 00:00:00 2026`, where some put an offset or a zone name
/// before or behind the year. UTC unless an offset stands there.
pub(super) fn date(line: &[u8]) -> Option<Timestamp> {
    // A sender may be of any length; the date stands at the end.
    let tail = line.get(line.len().saturating_sub(80)..).unwrap_or(line);
    let text = String::from_utf8_lossy(tail);
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().rposition(|word| month(word).is_some())?;
    let (day, time) = (words.get(at + 1)?, words.get(at + 2)?);
    is_weekday(words.get(at.checked_sub(1)?)?).then_some(())?;
    let behind = words.get(at + 3..)?;
    let year = behind.iter().find_map(|word| (word.len() == 4).then(|| word.parse::<i16>().ok()).flatten())?;
    let offset = behind.iter().find_map(|word| offset(word)).unwrap_or(Offset::UTC);
    let mut parts = time.split(':').map(str::parse::<i8>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let second = parts.next().unwrap_or(Ok(0)).ok()?;
    let civil = DateTime::new(year, month(words.get(at)?)?, day.parse().ok()?, hour, minute, second.min(59), 0).ok()?;
    offset.to_timestamp(civil).ok()
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.iter().position(|month| *month == word).and_then(|at| i8::try_from(at + 1).ok())
}

fn is_weekday(word: &str) -> bool {
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&word)
}

fn offset(word: &str) -> Option<Offset> {
    let sign = match word.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = word.get(1..).filter(|digits| digits.len() == 4)?.parse::<i32>().ok()?;
    Offset::from_seconds(sign * (digits / 100 * 3600 + digits % 100 * 60)).ok()
}

/// Whether a line begins like a header field (RFC 5322 §2.2).
fn is_field(line: &[u8]) -> bool {
    let name = line.iter().take(80).take_while(|byte| byte.is_ascii_graphic() && **byte != b':').count();
    name > 0 && line.get(name) == Some(&b':')
}

/// `From dana@devmail.example`, the form without a date.
fn names_a_sender_alone(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii();
    !rest.iter().any(u8::is_ascii_whitespace) && (rest == b"-" || rest == b"MAILER-DAEMON" || rest.contains(&b'@'))
}
