//! A mail's bytes cut into header and body: just enough of RFC 5322 for FETCH, SEARCH and the server-made copies.

use jiff::Timestamp;
use jiff::civil::Date;

/// Header (with the empty line that ends it) and body.
pub(super) fn split(mail: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    for line in mail.split_inclusive(|&byte| byte == b'\n') {
        end += line.len();
        if line == b"\r\n" || line == b"\n" {
            break;
        }
    }
    mail.split_at_checked(end).unwrap_or((mail, &[]))
}

/// The header fields, folded lines together, each with its line break.
pub(super) fn fields(mail: &[u8]) -> Vec<&[u8]> {
    let (header, _) = split(mail);
    let mut fields = Vec::new();
    let mut rest = header;
    while !rest.is_empty() && !rest.starts_with(b"\r\n") && !rest.starts_with(b"\n") {
        let mut end = 0;
        for line in rest.split_inclusive(|&byte| byte == b'\n') {
            if end > 0 && !line.starts_with(b" ") && !line.starts_with(b"\t") {
                break;
            }
            end += line.len();
        }
        let Some((field, after)) = rest.split_at_checked(end) else { break };
        fields.push(field);
        rest = after;
    }
    fields
}

/// A field's name, without its colon.
pub(super) fn name(field: &[u8]) -> &[u8] {
    let end = memchr::memchr(b':', field).unwrap_or(field.len());
    field.split_at_checked(end).map_or(field, |(name, _)| name).trim_ascii()
}

/// The values of every field of this name, unfolded.
pub(super) fn values(mail: &[u8], wanted: &[u8]) -> Vec<Vec<u8>> {
    let named = fields(mail).into_iter().filter(|field| name(field).eq_ignore_ascii_case(wanted));
    let value = |field: &[u8]| {
        let after_colon = field.iter().copied().skip_while(|&byte| byte != b':').skip(1);
        let unfolded: Vec<u8> = after_colon.filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        unfolded.trim_ascii().to_vec()
    };
    named.map(value).collect()
}

/// The day of the Date field, without regard to its zone (RFC 3501 §6.4.4, SENTSINCE and its kin).
pub(super) fn sent_on(mail: &[u8]) -> Option<Date> {
    let date = values(mail, b"Date").into_iter().next()?;
    let text = String::from_utf8(date).ok()?;
    let zoned = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_zoned(text).ok()?;
    Some(zoned.date())
}

/// The mail with another Message-ID.
pub(super) fn with_message_id(mail: &[u8], message_id: &str) -> Vec<u8> {
    let mut out = format!("Message-ID: <{message_id}>\r\n").into_bytes();
    for field in fields(mail) {
        if !name(field).eq_ignore_ascii_case(b"Message-ID") {
            out.extend_from_slice(field);
        }
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(split(mail).1);
    out
}

/// The mail as final delivery leaves it (RFC 5321 §4.4): with Return-Path and a trace line.
pub(super) fn with_trace(mail: &[u8], mail_from: &str, seq: u64, now: Timestamp) -> Vec<u8> {
    let date = jiff::fmt::rfc2822::to_string(&now.to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default();
    let trace = format!(
        "Return-Path: <{mail_from}>\r\nReceived: from client.example by sandbox.example with ESMTP id {seq}; {date}\r\n"
    );
    [trace.as_bytes(), mail].concat()
}

#[cfg(test)]
mod tests;
