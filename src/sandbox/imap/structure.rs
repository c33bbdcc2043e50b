//! ENVELOPE, BODYSTRUCTURE and the numbered parts, for mail clients that ask for them. Our own client never does.

use std::borrow::Cow;

use imap_types::body::{BasicFields, Body, BodyStructure, SpecificFields};
use imap_types::core::{IString, Literal, NString, Quoted, Vec1};
use imap_types::envelope::{Address, Envelope};
use imap_types::fetch::Part;
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::session::count;
use crate::sandbox::message::{split, values};

/// How much of a mail is looked at: mail-parser's recursion on nested mails needs stack in proportion to their number.
const MAX_PARSED: usize = 256 * 1024;
/// Mails inside mails that are described.
const MAX_DEPTH: u32 = 8;
/// Multiparts inside multiparts that are described.
const MAX_NESTING: u32 = 32;

/// The envelope (RFC 3501 §7.4.2).
pub(super) fn envelope(mail: &[u8]) -> Envelope<'static> {
    let field = |name: &[u8]| {
        let value = values(mail, name).into_iter().next();
        NString(value.map(|value| string(&String::from_utf8_lossy(&value))))
    };
    let parsed = MessageParser::new().parse_headers(split(mail).0);
    let list = |addresses: Option<&mail_parser::Address<'_>>| addresses.map(address_list).unwrap_or_default();
    let Some(parsed) = parsed else { return empty_envelope() };
    let from = list(parsed.from());
    // Sender and Reply-To stand in for each other's absence by From.
    let or_from = |addresses: Vec<Address<'static>>| if addresses.is_empty() { from.clone() } else { addresses };
    Envelope {
        date: field(b"Date"),
        subject: field(b"Subject"),
        sender: or_from(list(parsed.sender())),
        reply_to: or_from(list(parsed.reply_to())),
        to: list(parsed.to()),
        cc: list(parsed.cc()),
        bcc: list(parsed.bcc()),
        in_reply_to: field(b"In-Reply-To"),
        message_id: field(b"Message-ID"),
        from,
    }
}

/// The structure, without the extension data.
pub(super) fn body(mail: &[u8]) -> BodyStructure<'static> {
    mail_structure(mail, MAX_DEPTH)
}

/// The bytes of a part as they stand in the mail; `None` when there is no such part.
pub(super) fn part(mail: &[u8], part: &Part) -> Option<Vec<u8>> {
    let (mail, parsed) = parse(mail)?;
    let found = find(&parsed, part)?;
    Some(between(mail, found.raw_body_offset(), found.raw_end_offset()).to_vec())
}

/// The header of a part as it stands in the mail; `None` when there is no such part.
pub(super) fn part_header(mail: &[u8], part: &Part) -> Option<Vec<u8>> {
    let (mail, parsed) = parse(mail)?;
    let found = find(&parsed, part)?;
    Some(between(mail, found.raw_header_offset(), found.raw_body_offset()).to_vec())
}

fn parse(mail: &[u8]) -> Option<(&[u8], Message<'_>)> {
    let mail = mail.get(..MAX_PARSED).unwrap_or(mail);
    Some((mail, MessageParser::new().parse(mail)?))
}

fn find<'a>(parsed: &'a Message<'a>, part: &Part) -> Option<&'a MessagePart<'a>> {
    let mut found = parsed.part(0)?;
    for number in part.0.as_ref() {
        let at = usize::try_from(number.get()).ok()?;
        found = match &found.body {
            PartType::Multipart(children) => parsed.part(*children.get(at.checked_sub(1)?)?)?,
            _ if at == 1 => found,
            _ => return None,
        };
    }
    Some(found)
}

fn mail_structure(mail: &[u8], depth: u32) -> BodyStructure<'static> {
    let Some((mail, parsed)) = parse(mail) else { return plain(mail) };
    let Some(root) = parsed.part(0) else { return plain(mail) };
    part_structure(mail, &parsed, root, depth, MAX_NESTING)
}

fn part_structure(
    mail: &[u8],
    parsed: &Message<'_>,
    part: &MessagePart<'_>,
    depth: u32,
    nesting: u32,
) -> BodyStructure<'static> {
    let bytes = between(mail, part.raw_body_offset(), part.raw_end_offset());
    let kind = part.content_type();
    let subtype = |missing: &str| string(kind.and_then(|kind| kind.subtype()).unwrap_or(missing));
    let specific = match &part.body {
        PartType::Multipart(children) if nesting > 0 => {
            let children = children.iter().filter_map(|&child| parsed.part(child));
            let bodies = children.map(|child| part_structure(mail, parsed, child, depth, nesting - 1));
            return match Vec1::try_from(bodies.collect::<Vec<_>>()) {
                Ok(bodies) => BodyStructure::Multi { bodies, subtype: subtype("mixed"), extension_data: None },
                Err(_) => plain(bytes),
            };
        }
        PartType::Message(_) if depth > 0 => SpecificFields::Message {
            envelope: Box::new(envelope(bytes)),
            body_structure: Box::new(mail_structure(bytes, depth - 1)),
            number_of_lines: lines(bytes),
        },
        PartType::Text(_) | PartType::Html(_) => {
            SpecificFields::Text { subtype: subtype("plain"), number_of_lines: lines(bytes) }
        }
        _ => SpecificFields::Basic {
            r#type: string(kind.map_or("application", |kind| kind.ctype())),
            subtype: subtype("octet-stream"),
        },
    };
    let attributes = kind.and_then(|kind| kind.attributes()).unwrap_or_default();
    let basic = BasicFields {
        parameter_list: attributes.iter().map(|one| (string(&one.name), string(&one.value))).collect(),
        id: NString(part.content_id().map(|id| string(&format!("<{id}>")))),
        description: NString(part.content_description().map(string)),
        content_transfer_encoding: string(part.content_transfer_encoding().unwrap_or("7bit")),
        size: count(bytes.len()),
    };
    BodyStructure::Single { body: Body { basic, specific }, extension_data: None }
}

/// What is said of bytes that make no sense as MIME.
fn plain(bytes: &[u8]) -> BodyStructure<'static> {
    let basic = BasicFields {
        parameter_list: Vec::new(),
        id: NString(None),
        description: NString(None),
        content_transfer_encoding: string("8bit"),
        size: count(bytes.len()),
    };
    let specific = SpecificFields::Text { subtype: string("plain"), number_of_lines: lines(bytes) };
    BodyStructure::Single { body: Body { basic, specific }, extension_data: None }
}

fn empty_envelope() -> Envelope<'static> {
    let nil = || NString(None);
    Envelope {
        date: nil(),
        subject: nil(),
        from: Vec::new(),
        sender: Vec::new(),
        reply_to: Vec::new(),
        to: Vec::new(),
        cc: Vec::new(),
        bcc: Vec::new(),
        in_reply_to: nil(),
        message_id: nil(),
    }
}

fn address_list(addresses: &mail_parser::Address<'_>) -> Vec<Address<'static>> {
    let one = |address: &mail_parser::Addr<'_>| {
        let whole = address.address.as_deref().unwrap_or_default();
        let (mailbox, host) = whole.rsplit_once('@').unwrap_or((whole, ""));
        Address {
            name: NString(address.name.as_deref().map(string)),
            adl: NString(None),
            mailbox: NString(Some(string(mailbox))),
            host: NString(Some(string(host))),
        }
    };
    addresses.iter().map(one).collect()
}

fn between(mail: &[u8], from: u32, to: u32) -> &[u8] {
    let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX).min(mail.len());
    mail.get(at(from)..at(to)).unwrap_or_default()
}

fn lines(bytes: &[u8]) -> u32 {
    count(memchr::memchr_iter(b'\n', bytes).count())
}

fn string(text: &str) -> IString<'static> {
    let text = text.replace('\0', "");
    match Quoted::try_from(text.clone()) {
        Ok(quoted) => IString::Quoted(quoted),
        // Only a NUL is refused, and there is none.
        Err(_) => IString::Literal(
            Literal::try_from(text.into_bytes()).unwrap_or(Literal::unvalidated(Cow::Borrowed(b"".as_slice()))),
        ),
    }
}
