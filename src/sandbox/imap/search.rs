//! SEARCH.

use imap_types::core::Vec1;
use imap_types::datetime::NaiveDate;
use imap_types::response::Data;
use imap_types::search::SearchKey;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::command::{holds, latest};
use super::fetch::non_zero;
use super::session::{Answer, Session, count};
use crate::sandbox::message as mail;
use crate::sandbox::model::{DELETED, Message, SEEN, World};

/// One message with what search keys need to know of it.
struct Candidate<'a> {
    message: &'a Message,
    number: u32,
    last_number: u32,
    last_uid: u32,
}

/// SEARCH and UID SEARCH, over the messages the client knows.
pub(super) fn answer(world: &World, session: &Session, user: &str, keys: Vec1<SearchKey<'_>>, uid: bool) -> Answer {
    let Some(selected) = &session.selected else { return Answer::bad("open a folder first") };
    let last_number = count(selected.known.len());
    let last_uid = selected.known.last().map_or(0, |known| known.uid);
    let mut found = Vec::new();
    for (at, known) in selected.known.iter().enumerate() {
        let Ok(message) = world.message(user, &selected.folder, known.uid) else { continue };
        let candidate = Candidate { message, number: count(at + 1), last_number, last_uid };
        if keys.as_ref().iter().all(|key| matches(key, &candidate)) {
            found.extend(non_zero(if uid { known.uid } else { candidate.number }));
        }
    }
    let found = latest(found, world.options.message_limit);
    Answer { by_number: !uid, ..Answer::ok().data(Data::Search(found)) }
}

/// RFC 3501 §6.4.4. The depth of nested keys is bounded by the codec's parser.
fn matches(key: &SearchKey<'_>, candidate: &Candidate<'_>) -> bool {
    let message = candidate.message;
    let flagged = |flag: &str| message.flags.iter().any(|own| own.eq_ignore_ascii_case(flag));
    let header =
        |name: &[u8], part: &[u8]| mail::values(&message.bytes, name).iter().any(|value| contains(value, part));
    let arrived = message.internal_date.to_zoned(TimeZone::UTC).date();
    let arrival = |wanted: &NaiveDate, test: fn(Date, Date) -> bool| day(wanted).is_some_and(|day| test(arrived, day));
    let sent = |wanted: &NaiveDate, test: fn(Date, Date) -> bool| {
        mail::sent_on(&message.bytes).zip(day(wanted)).is_some_and(|(sent, day)| test(sent, day))
    };
    let size = count(message.bytes.len());
    match key {
        SearchKey::And(keys) => keys.as_ref().iter().all(|key| matches(key, candidate)),
        SearchKey::Or(one, other) => matches(one, candidate) || matches(other, candidate),
        SearchKey::Not(key) => !matches(key, candidate),
        SearchKey::All | SearchKey::Old => true,
        // No client is ever told of \Recent.
        SearchKey::Recent | SearchKey::New => false,
        SearchKey::SequenceSet(set) => holds(set, candidate.number, candidate.last_number),
        SearchKey::Uid(set) => holds(set, message.uid, candidate.last_uid),
        SearchKey::Answered => flagged("\\Answered"),
        SearchKey::Unanswered => !flagged("\\Answered"),
        SearchKey::Deleted => flagged(DELETED),
        SearchKey::Undeleted => !flagged(DELETED),
        SearchKey::Draft => flagged("\\Draft"),
        SearchKey::Undraft => !flagged("\\Draft"),
        SearchKey::Flagged => flagged("\\Flagged"),
        SearchKey::Unflagged => !flagged("\\Flagged"),
        SearchKey::Seen => flagged(SEEN),
        SearchKey::Unseen => !flagged(SEEN),
        SearchKey::Keyword(word) => flagged(word.as_ref()),
        SearchKey::Unkeyword(word) => !flagged(word.as_ref()),
        SearchKey::Bcc(part) => header(b"Bcc", part.as_ref()),
        SearchKey::Cc(part) => header(b"Cc", part.as_ref()),
        SearchKey::From(part) => header(b"From", part.as_ref()),
        SearchKey::Subject(part) => header(b"Subject", part.as_ref()),
        SearchKey::To(part) => header(b"To", part.as_ref()),
        SearchKey::Header(name, part) => header(name.as_ref(), part.as_ref()),
        SearchKey::Body(part) => contains(mail::split(&message.bytes).1, part.as_ref()),
        SearchKey::Text(part) => contains(&message.bytes, part.as_ref()),
        SearchKey::Larger(than) => size > *than,
        SearchKey::Smaller(than) => size < *than,
        SearchKey::Before(wanted) => arrival(wanted, |own, wanted| own < wanted),
        SearchKey::On(wanted) => arrival(wanted, |own, wanted| own == wanted),
        SearchKey::Since(wanted) => arrival(wanted, |own, wanted| own >= wanted),
        SearchKey::SentBefore(wanted) => sent(wanted, |own, wanted| own < wanted),
        SearchKey::SentOn(wanted) => sent(wanted, |own, wanted| own == wanted),
        SearchKey::SentSince(wanted) => sent(wanted, |own, wanted| own >= wanted),
    }
}

fn day(date: &NaiveDate) -> Option<Date> {
    date.as_ref().to_string().parse().ok()
}

/// Without regard to ASCII case; an empty part is in everything.
fn contains(text: &[u8], part: &[u8]) -> bool {
    let (text, part) = (text.to_ascii_lowercase(), part.to_ascii_lowercase());
    memchr::memmem::find(&text, &part).is_some()
}
