//! The only caller of mail-parser.

use std::borrow::Cow;
use std::sync::LazyLock;

use jiff::Timestamp;
use mail_parser::parsers::MessageStream;
use mail_parser::{Address as Parsed, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};
use memchr::memmem;

use super::{ContentDigest, Defect, Header, Inbound, MAX_BYTES, Part, ReturnPath};
use crate::domain::ident::{Address, MessageId, NamedAddress};

mod charset;
mod recover;

/// Nested messages that are read; deeper ones are left out.
const MAX_DEPTH: u8 = 10;
/// MIME parts that are read.
const MAX_PARTS: usize = 1000;
/// `message/rfc822` headers or multiparts in one mail beyond which its body is not parsed at all:
/// mail-parser recurses into each, and anybody can send a mail of fifty thousand.
const MAX_NESTING: usize = 200;
/// `Content-Type` fields in one mail beyond which its body is not parsed: each level of nesting needs
/// one, however oddly its value is written.
const MAX_TYPES: usize = 2500;
/// Header fields that are kept.
const MAX_HEADERS: usize = 2000;
/// Text kept of one part, in bytes.
const MAX_PART_TEXT: usize = 64 * 1024;
/// Text kept of all body parts of one kind, in bytes.
const MAX_TEXT: usize = 256 * 1024;

/// Characters kept of a header field.
const MAX_LINE: usize = 4000;

static PARSER: LazyLock<MessageParser> = LazyLock::new(MessageParser::default);

/// Parses any bytes into an [`Inbound`]. What could not be understood stands in `defects`.
pub fn parse(raw: &[u8]) -> Inbound {
    let mut mail = Inbound { size: raw.len(), ..Inbound::default() };
    let raw = strip_envelope_line(raw);
    let raw = match raw.get(..MAX_BYTES) {
        Some(head) => {
            mail.defects.push(Defect::Truncated);
            head
        }
        None => raw,
    };
    if memchr::memchr(0, raw).is_some() {
        mail.defects.push(Defect::NulBytes);
    }
    let raw = &*with_line_feeds(raw);
    let parsed = if nests_too_deep(raw) {
        mail.defects.push(Defect::TooDeep);
        PARSER.parse_headers(raw)
    } else {
        whole(raw).or_else(|| {
            mail.defects.push(Defect::Unparsable);
            PARSER.parse_headers(raw)
        })
    };
    let Some(message) = parsed else {
        mail.defects.push(Defect::Unparsable);
        return finish(mail);
    };
    read_header(&message, &mut mail);
    if mail.headers.is_empty() {
        mail.defects.push(Defect::Unparsable);
        return finish(mail);
    }
    if !mail.defects.contains(&Defect::TooDeep) && !mail.defects.contains(&Defect::Unparsable) {
        read_bodies(&message, &mut mail);
        collect_parts(&message, 0, &mut mail);
        recover::broken_multipart(raw, &message, &mut mail);
        recover::lost_text(&mut mail);
    }
    finish(mail)
}

/// The whole mail. mail-parser asserts in debug builds what crossed boundaries of nested messages
/// disprove; a library that panics must not make a mail unreadable for ever.
fn whole(raw: &[u8]) -> Option<Message<'_>> {
    std::panic::catch_unwind(|| PARSER.parse(raw)).ok().flatten()
}

/// Decodes a raw field value (RFC 2047) into one line.
pub fn decode_field(raw: &[u8]) -> String {
    unstructured(raw)
}

/// The text of HTML, its tags and entities resolved. Quotes and layout are not kept apart.
pub fn html_to_text(html: &str) -> String {
    mail_parser::decoders::html::html_to_text(html)
}

/// mbox leaves a `From ` or `>From ` line on top of some mails; some stores a byte-order mark.
fn strip_envelope_line(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw).trim_ascii_start();
    if raw.starts_with(b"From ") || raw.starts_with(b">From ") {
        let end = memchr::memchr(b'\n', raw).map_or(raw.len(), |at| at + 1);
        return raw.get(end..).unwrap_or_default();
    }
    raw
}

/// Some old systems end lines with a carriage return alone.
fn with_line_feeds(raw: &[u8]) -> Cow<'_, [u8]> {
    let head = raw.get(..raw.len().min(16 * 1024)).unwrap_or(raw);
    if memchr::memchr(b'\n', head).is_some() || memchr::memchr(b'\r', head).is_none() {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect())
}

fn nests_too_deep(raw: &[u8]) -> bool {
    let lower = raw.to_ascii_lowercase();
    let more_than = |needle: &[u8], max: usize| memmem::find_iter(&lower, needle).nth(max).is_some();
    more_than(b"rfc822", MAX_NESTING)
        || more_than(b"message/global", MAX_NESTING)
        || more_than(b"multipart", MAX_NESTING)
        || more_than(b"content-type", MAX_TYPES)
}

fn read_header(message: &Message<'_>, mail: &mut Inbound) {
    for header in message.headers().iter().take(MAX_HEADERS) {
        let raw = message.raw_message.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default();
        let value = unstructured(raw);
        mail.headers.push(Header { name: header.name.as_str().to_lowercase(), value });
    }
    let first = |parsed: Option<&Parsed<'_>>| mailboxes(parsed).into_iter().next();
    mail.from = mailboxes(message.from());
    mail.sender = first(message.sender());
    mail.reply_to = mailboxes(message.reply_to());
    mail.to = message.all_to().flat_map(|list| mailboxes(Some(list))).collect();
    mail.cc = message.all_cc().flat_map(|list| mailboxes(Some(list))).collect();
    mail.bcc = message.all_bcc().flat_map(|list| mailboxes(Some(list))).collect();
    mail.message_id = message.header_raw("Message-ID").and_then(|raw| MessageId::parse_list(raw).into_iter().next());
    let ids = |name: &'static str| message.header_raw(name).map(MessageId::parse_list).unwrap_or_default();
    mail.in_reply_to = ids("In-Reply-To");
    mail.references = ids("References");
    mail.subject =
        mail.header("subject").map_or_else(|| one_line(message.subject().unwrap_or_default()), str::to_owned);
    mail.date = message.date().and_then(|date| Timestamp::from_second(date.to_timestamp()).ok());
    mail.return_path = return_path(mail.header("return-path"));
    for name in ["from", "date", "message-id", "subject"] {
        if mail.header_values(name).nth(1).is_some() && !mail.defects.contains(&Defect::RepeatedField) {
            mail.defects.push(Defect::RepeatedField);
        }
    }
}

/// A raw field value as one decoded line.
fn unstructured(raw: &[u8]) -> String {
    if let Some(line) = plain(raw) {
        return line;
    }
    let mut with_end = Vec::with_capacity(raw.len() + 2);
    with_end.extend_from_slice(raw.trim_ascii_end());
    with_end.extend_from_slice(b"\r\n");
    let with_end = charset::readable(&with_end);
    match MessageStream::new(&with_end).parse_unstructured() {
        HeaderValue::Text(text) => one_line(&text),
        _ => String::new(),
    }
}

/// The one decoded line of a field that needs no decoding, as nearly every field.
fn plain(raw: &[u8]) -> Option<String> {
    let raw = raw.trim_ascii_end();
    let text = std::str::from_utf8(raw).ok().filter(|text| text.is_ascii())?;
    if raw.len() > MAX_LINE || memmem::find(raw, b"=?").is_some() || raw.iter().any(|&byte| is_odd(byte)) {
        return None;
    }
    let ends = memchr::memchr_iter(b'\r', raw);
    if ends.into_iter().any(|at| raw.get(at + 1) != Some(&b'\n')) {
        return None;
    }
    let Some(first_end) = memchr::memchr(b'\n', raw) else { return Some(text.trim().replace('\t', " ")) };
    let mut line = String::with_capacity(text.len());
    line.push_str(text.get(..first_end)?.trim());
    for more in text.get(first_end + 1..)?.split('\n') {
        // what is not folded belongs to another field
        if !more.starts_with([' ', '\t']) {
            return None;
        }
        let more = more.trim();
        if !more.is_empty() && !line.is_empty() {
            line.push(' ');
        }
        line.push_str(more);
    }
    Some(if memchr::memchr(b'\t', line.as_bytes()).is_some() { line.replace('\t', " ") } else { line })
}

/// A control character that a plain field has none of.
fn is_odd(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r') || byte == 0x7f
}

fn one_line(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_LINE).collect();
    flat.trim().to_owned()
}

fn mailboxes(parsed: Option<&Parsed<'_>>) -> Vec<NamedAddress> {
    let list = match parsed {
        Some(Parsed::List(list)) => list.iter().collect::<Vec<_>>(),
        Some(Parsed::Group(groups)) => groups.iter().flat_map(|group| &group.addresses).collect(),
        None => Vec::new(),
    };
    list.into_iter()
        .filter_map(|entry| {
            let address = Address::parse(entry.address.as_deref()?)?;
            let name = entry.name.as_deref().map(one_line).filter(|name| !name.is_empty());
            Some(NamedAddress { name, address })
        })
        .collect()
}

fn return_path(field: Option<&str>) -> ReturnPath {
    match field.map(str::trim) {
        None => ReturnPath::Absent,
        Some("" | "<>" | "< >") => ReturnPath::Null,
        Some(text) => Address::parse(text).map_or(ReturnPath::Unreadable, ReturnPath::Mailbox),
    }
}

fn read_bodies(message: &Message<'_>, mail: &mut Inbound) {
    let mut broken = false;
    for part in message.text_bodies() {
        if let PartType::Text(text) = &part.body {
            append(&mut mail.text, &charset::repaired(message, part, text));
            broken |= part.is_encoding_problem;
        }
    }
    for part in message.html_bodies() {
        if let PartType::Html(html) = &part.body {
            append(&mut mail.html, &charset::repaired(message, part, html));
            broken |= part.is_encoding_problem;
        }
    }
    if broken {
        mail.defects.push(Defect::Undecodable);
    }
}

fn append(whole: &mut String, text: &str) {
    if !whole.is_empty() {
        whole.push('\n');
    }
    whole.push_str(clipped(text, MAX_TEXT.saturating_sub(whole.len())));
}

/// The longest beginning of `text` that is no longer than `max` bytes.
fn clipped(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

fn collect_parts(message: &Message<'_>, depth: u8, mail: &mut Inbound) {
    for part in &message.parts {
        if mail.parts.len() >= MAX_PARTS {
            return;
        }
        mail.parts.push(read_part(message, part, depth));
        if let PartType::Message(nested) = &part.body
            && depth < MAX_DEPTH
        {
            collect_parts(nested, depth + 1, mail);
        }
    }
}

fn read_part(message: &Message<'_>, part: &MessagePart<'_>, depth: u8) -> Part {
    let mut read = Part { mime: "text/plain".to_owned(), depth, ..Part::default() };
    if let Some(declared) = part.content_type() {
        let subtype = declared.c_subtype.as_deref().unwrap_or("plain");
        read.mime = format!("{}/{subtype}", declared.c_type).to_lowercase();
        for attribute in declared.attributes.iter().flatten() {
            read.attributes.insert(attribute.name.to_lowercase(), attribute.value.to_string());
        }
    }
    read.file_name = part.attachment_name().map(one_line);
    read.attachment = part.content_disposition().is_some_and(|d| d.c_type.eq_ignore_ascii_case("attachment"));
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => {
            read.size = text.len();
            read.text = clipped(&charset::repaired(message, part, text), MAX_PART_TEXT).to_owned();
        }
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            read.size = bytes.len();
            let head = bytes.get(..MAX_PART_TEXT).unwrap_or(bytes);
            if read.mime.starts_with("message/") || read.mime.starts_with("text/") {
                read.text = String::from_utf8_lossy(head).into_owned();
            }
        }
        PartType::Message(nested) => {
            let root = nested.root_part();
            let (from, to) = (root.offset_header as usize, root.offset_body as usize);
            let header =
                nested.raw_message.get(from..to).or_else(|| message.raw_message.get(from..to)).unwrap_or_default();
            read.size = part.offset_end.saturating_sub(part.offset_body) as usize;
            read.text = clipped(&String::from_utf8_lossy(header), MAX_PART_TEXT).to_owned();
        }
        PartType::Multipart(_) => {}
    }
    read
}

fn finish(mut mail: Inbound) -> Inbound {
    let missing = [
        (mail.from.is_empty(), Defect::NoFrom),
        (mail.message_id.is_none(), Defect::NoMessageId),
        (mail.date.is_none(), Defect::NoDate),
    ];
    mail.defects.extend(missing.into_iter().filter(|(missing, _)| *missing).map(|(_, defect)| defect));
    mail.defects.sort();
    mail.defects.dedup();
    let from = mail.from.first().map(|author| author.address.as_str()).unwrap_or_default();
    let text = if mail.text.is_empty() { &mail.html } else { &mail.text };
    mail.digest = ContentDigest::of(from, mail.date, &mail.subject, text);
    mail
}
