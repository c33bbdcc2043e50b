//! Mail of ours as the servers have it: found again by its id, or by its words where a server gave it another.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use super::cases::{self, StoredMail};
use super::outbox::OutboxRow;
use super::{StoreError, stamp};
use crate::domain::gist::Gist;
use crate::domain::ident::MessageId;
use crate::domain::{command, matching, read};

/// How far the server's clock may be behind ours.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(2);

/// A mail of ours by its Message-ID, or by the one that its server gave it instead.
///
/// # Errors
/// If SQLite fails.
pub fn own_mail(conn: &Connection, id: &MessageId) -> Result<Option<StoredMail>, StoreError> {
    let named = "message.ours = 1 AND message.id IN (SELECT id FROM message WHERE message_id = ?1
         UNION SELECT message FROM id_alias WHERE message_id = ?1) ORDER BY message.id LIMIT 1";
    Ok(cases::stored(conn, named, [id.as_str()])?.into_iter().next())
}

/// The mail of ours on the server that this one became: by its Message-ID, else by its words, since some
/// servers give a mail another id ([`is_copy`]).
///
/// # Errors
/// If SQLite fails.
pub fn on_server(conn: &Connection, row: &OutboxRow) -> Result<Option<i64>, StoreError> {
    let by_id = by_id(conn, &row.message_id)?;
    if by_id.is_some() {
        return Ok(by_id);
    }
    let named = "message.ours = 1 AND message.at >= ?1
           AND EXISTS (SELECT 1 FROM location WHERE location.message = message.id)
           AND EXISTS (SELECT 1 FROM json_each(gist, '$.to') WHERE json_extract(value, '$.address') = ?2)
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.message_id = message.message_id)
           AND NOT EXISTS (SELECT 1 FROM id_alias WHERE id_alias.message = message.id) ORDER BY message.id";
    let mails = cases::stored(conn, named, (stamp(earliest(row)), row.recipient.address.as_str()))?;
    Ok(mails.into_iter().find(|mail| is_copy(row, &mail.gist, mail.at)).map(|mail| mail.id))
}

/// The mail on the server that bears this Message-ID, or got another one for it; if there are several, one that
/// lies in Sent.
///
/// # Errors
/// If SQLite fails.
pub fn by_id(conn: &Connection, id: &MessageId) -> Result<Option<i64>, StoreError> {
    let found = conn.query_row(
        "SELECT message.id FROM message JOIN location ON location.message = message.id
         WHERE message.id IN (SELECT id FROM message WHERE message_id = ?1
                              UNION SELECT message FROM id_alias WHERE message_id = ?1)
         ORDER BY role <> 'sent', message.id LIMIT 1",
        [id.as_str()],
        |found| found.get(0),
    );
    Ok(found.optional()?)
}

/// Whether a mail of ours to the same person, seen under another id, is what this row became: the subject and
/// the words are the same, or most of them are, and it is not older than the decision. An earlier mail to the
/// person may have had the same subject, and a later one answers under it.
pub fn is_copy(row: &OutboxRow, gist: &Gist, at: Timestamp) -> bool {
    if at < earliest(row) || one_line(&gist.subject) != one_line(&command::redact(&row.subject)) {
        return false;
    }
    // as the reader sees it: without a signature
    let written = format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{}", row.text);
    let ours = read::read(written.as_bytes(), at);
    one_line(&ours.text) == one_line(&gist.text) || matching::alike(&gist.own_shingles, &matching::shingles(&row.text))
}

fn earliest(row: &OutboxRow) -> Timestamp {
    row.decided_at.checked_sub(CLOCKS_DIFFER).unwrap_or(row.decided_at)
}

/// A text without what programs change in its spaces and line ends.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
