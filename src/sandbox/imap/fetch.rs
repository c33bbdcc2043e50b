//! FETCH: which items of which messages, and the line for each.

use std::num::NonZeroU32;

use imap_types::IntoStatic;
use imap_types::core::{IString, Literal, NString, Vec1};
use imap_types::datetime::DateTime;
use imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItem, MessageDataItemName, Section};
use imap_types::flag::{Flag, FlagFetch};
use imap_types::response::{Data, Response};

use super::session::{Answer, Session, count};
use super::structure;
use crate::sandbox::message as mail;
use crate::sandbox::model::{Message, SEEN, World};

/// What a FETCH asked for. The lines are made one by one while they are written, so that a whole folder never lies in memory twice.
#[derive(Debug)]
pub(super) struct FetchPlan {
    /// Sequence number and UID of each message.
    pub(super) numbers: Vec<(u32, u32)>,
    items: Vec<MessageDataItemName<'static>>,
}

/// `None` for 0.
pub(super) fn non_zero(number: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(number)
}

/// Checks a FETCH; its data come later, by [`line()`].
pub(super) fn answer(
    numbers: Vec<(u32, u32)>,
    items: &MacroOrMessageDataItemNames<'static>,
    uid: bool,
    rfc822: bool,
) -> Answer {
    let mut items: Vec<MessageDataItemName<'static>> = match items {
        MacroOrMessageDataItemNames::Macro(short) => short.expand().into_iter().map(IntoStatic::into_static).collect(),
        MacroOrMessageDataItemNames::MessageDataItemNames(items) => items.clone(),
    };
    if items
        .iter()
        .any(|item| matches!(item, MessageDataItemName::Binary { .. } | MessageDataItemName::BinarySize { .. }))
    {
        return Answer::bad("BINARY is not offered");
    }
    items.retain(|item| rfc822 || *item != MessageDataItemName::Rfc822);
    if uid && !items.contains(&MessageDataItemName::Uid) {
        // RFC 3501 §6.4.8: the UID belongs to every line.
        items.insert(0, MessageDataItemName::Uid);
    }
    Answer { fetch: Some(FetchPlan { numbers, items }), ..Answer::ok() }
}

/// The line of one message, or `None` when it is gone. Reading a body without PEEK marks it as seen.
pub(super) fn line(
    world: &mut World,
    session: &mut Session,
    plan: &FetchPlan,
    number: u32,
    uid: u32,
) -> Option<Response<'static>> {
    let user = session.user.as_ref()?;
    let selected = session.selected.as_mut()?;
    let message = world.message(user, &selected.folder, uid).ok()?;
    let marks = !selected.read_only && plan.items.iter().any(marks_seen) && !message.flags.contains(SEEN);
    if marks {
        let mut flags = message.flags.clone();
        flags.insert(SEEN.to_owned());
        world.set_flags(user, &selected.folder, uid, flags);
    }
    let message = world.message(user, &selected.folder, uid).ok()?;
    if marks && let Some(known) = selected.known.iter_mut().find(|known| known.uid == uid) {
        known.revision = message.revision;
    }
    let mut items: Vec<_> = plan.items.iter().filter_map(|name| item(message, name)).collect();
    if marks && !plan.items.contains(&MessageDataItemName::Flags) {
        items.push(MessageDataItem::Flags(flag_items(message)));
    }
    let items = Vec1::try_from(items).ok()?;
    Some(Response::Data(Data::Fetch { seq: non_zero(number)?, items }))
}

/// The flags as FETCH tells them.
pub(super) fn flag_items(message: &Message) -> Vec<FlagFetch<'static>> {
    let flags = message.flags.iter().filter_map(|flag| Flag::try_from(flag.as_str()).ok());
    flags.map(|flag| FlagFetch::Flag(flag.into_static())).collect()
}

fn marks_seen(item: &MessageDataItemName<'_>) -> bool {
    matches!(
        item,
        MessageDataItemName::BodyExt { peek: false, .. }
            | MessageDataItemName::Rfc822
            | MessageDataItemName::Rfc822Text
    )
}

fn item(message: &Message, name: &MessageDataItemName<'static>) -> Option<MessageDataItem<'static>> {
    let bytes = &message.bytes;
    Some(match name {
        MessageDataItemName::Uid => MessageDataItem::Uid(non_zero(message.uid)?),
        MessageDataItemName::Flags => MessageDataItem::Flags(flag_items(message)),
        MessageDataItemName::InternalDate => MessageDataItem::InternalDate(date_time(message.internal_date)?),
        MessageDataItemName::Rfc822Size => MessageDataItem::Rfc822Size(count(bytes.len())),
        MessageDataItemName::Rfc822 => MessageDataItem::Rfc822(string(bytes)),
        MessageDataItemName::Rfc822Header => MessageDataItem::Rfc822Header(string(mail::split(bytes).0)),
        MessageDataItemName::Rfc822Text => MessageDataItem::Rfc822Text(string(mail::split(bytes).1)),
        MessageDataItemName::BodyExt { section, partial, .. } => {
            let data = section_bytes(bytes, section.as_ref());
            let (origin, data) = match (partial, data) {
                (Some((from, length)), Some(data)) => (Some(*from), Some(cut(data, *from, length.get()))),
                (None, data) => (None, data),
                (Some((from, _)), None) => (Some(*from), None),
            };
            let data = data.map_or(NString(None), |data| string(&data));
            MessageDataItem::BodyExt { section: section.clone(), origin, data }
        }
        MessageDataItemName::Envelope => MessageDataItem::Envelope(structure::envelope(bytes)),
        MessageDataItemName::Body => MessageDataItem::Body(structure::body(bytes)),
        MessageDataItemName::BodyStructure => MessageDataItem::BodyStructure(structure::body(bytes)),
        _ => return None,
    })
}

fn section_bytes(bytes: &[u8], section: Option<&Section<'_>>) -> Option<Vec<u8>> {
    let only = |names: &Vec1<imap_types::core::AString<'_>>, wanted: bool| {
        let named = |field: &&[u8]| {
            let name = mail::name(field);
            names.as_ref().iter().any(|wanted| wanted.as_ref().eq_ignore_ascii_case(name)) == wanted
        };
        let mut header = mail::fields(bytes).into_iter().filter(named).collect::<Vec<_>>().concat();
        header.extend_from_slice(b"\r\n");
        header
    };
    Some(match section {
        None => bytes.to_vec(),
        Some(Section::Header(None)) => mail::split(bytes).0.to_vec(),
        Some(Section::Text(None)) => mail::split(bytes).1.to_vec(),
        Some(Section::HeaderFields(None, names)) => only(names, true),
        Some(Section::HeaderFieldsNot(None, names)) => only(names, false),
        Some(Section::Part(part)) => structure::part(bytes, part)?,
        Some(Section::Mime(part)) => structure::part_header(bytes, part)?,
        // Header and text of attached mails: NIL, as for a part that is not there.
        Some(_) => return None,
    })
}

fn cut(data: Vec<u8>, from: u32, length: u32) -> Vec<u8> {
    let (from, length) = (usize::try_from(from).unwrap_or(usize::MAX), usize::try_from(length).unwrap_or(usize::MAX));
    data.into_iter().skip(from).take(length).collect()
}

fn string(bytes: &[u8]) -> NString<'static> {
    // RFC 3501 allows no NUL in a literal; Dovecot, too, puts 0x80 in its place.
    let bytes: Vec<u8> = bytes.iter().map(|&byte| if byte == 0 { 0x80 } else { byte }).collect();
    NString(Literal::try_from(bytes).ok().map(IString::Literal))
}

/// imap-types speaks chrono: its value is read from text, so that chrono need not be a dependency of ours.
fn date_time(time: jiff::Timestamp) -> Option<DateTime> {
    let seconds = time.as_second().clamp(0, 253_402_300_799);
    let text = jiff::Timestamp::from_second(seconds).ok()?.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    Some(DateTime::unvalidated(text.parse().ok()?))
}
