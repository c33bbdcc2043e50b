//! Mail of ours as the servers have it: found again by its id, or by its words where a server gave it another.

use jiff::SignedDuration;
use rusqlite::{Connection, OptionalExtension as _};

use super::cases::{self, StoredMail};
use super::outbox::OutboxRow;
use super::{StoreError, stamp};
use crate::domain::ident::MessageId;

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
/// servers give a mail another id. Words count only from when the mail was decided: an earlier one to the
/// same person may have had the same subject.
///
/// # Errors
/// If SQLite fails.
pub fn on_server(conn: &Connection, row: &OutboxRow) -> Result<Option<i64>, StoreError> {
    let by_id = conn
        .query_row(
            "SELECT message.id FROM message JOIN location ON location.message = message.id
             WHERE message.id IN (SELECT id FROM message WHERE message_id = ?1
                                  UNION SELECT message FROM id_alias WHERE message_id = ?1)",
            [row.message_id.as_str()],
            |found| found.get(0),
        )
        .optional()?;
    if by_id.is_some() {
        return Ok(by_id);
    }
    let since = row.decided_at.checked_sub(CLOCKS_DIFFER).unwrap_or(row.decided_at);
    let by_words = conn
        .query_row(
            "SELECT message.id FROM message JOIN location ON location.message = message.id
             WHERE ours = 1 AND at >= ?1 AND json_extract(gist, '$.subject') = ?2
               AND EXISTS (SELECT 1 FROM json_each(gist, '$.to') WHERE json_extract(value, '$.address') = ?3)
               AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.message_id = message.message_id)
               AND NOT EXISTS (SELECT 1 FROM id_alias WHERE id_alias.message = message.id)",
            (stamp(since), &row.subject, row.recipient.address.as_str()),
            |found| found.get(0),
        )
        .optional()?;
    Ok(by_words)
}
