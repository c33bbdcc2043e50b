//! Mail that has not left: automatic answers when what they are to say changes, and what is tried again.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction};

use super::{COLUMNS, OutboxRow, WAITS, select};
use crate::domain::ident::{DedupeKey, MessageId};
use crate::store::StoreError;
use crate::store::apply::journal;

/// What an answer is from now on.
#[derive(Debug)]
pub struct Turned {
    /// What makes it the same mail through replays.
    pub key: DedupeKey,
    /// Derived from the key.
    pub message_id: MessageId,
    /// The template's name.
    pub purpose: String,
    /// Its text.
    pub text: String,
    /// Waits for a person, and why.
    pub held: Option<String>,
    /// Why it changed.
    pub because: &'static str,
}

/// Automatic answers of which nothing was handed out.
///
/// # Errors
/// If SQLite fails.
pub fn waiting_answers(conn: &Connection) -> Result<Vec<OutboxRow>, StoreError> {
    select(conn, &format!("SELECT {COLUMNS} FROM outbox WHERE errand = 'answer' AND {WAITS} ORDER BY id"), [])
}

/// Automatic answers of another purpose that lie in Drafts.
///
/// # Errors
/// If SQLite fails.
pub fn drafted_answers(conn: &Connection, but_not: &str) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE errand = 'answer' AND state = 'drafted' AND copy <> 'made'
         AND purpose <> ?1 ORDER BY id"
    );
    select(conn, &sql, [but_not])
}

/// Mail to others that a server refused for now and that is tried again, oldest first.
///
/// # Errors
/// If SQLite fails.
pub fn retried(conn: &Connection) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE errand <> 'digest' AND state IN ('queued', 'claimed') AND attempts > 0
         ORDER BY id"
    );
    select(conn, &sql, [])
}

/// Puts an answer that waits in the place of itself, with other words: whom it answers, and the names under
/// which its reader counts as answered, stay. Returns whether it still waited.
///
/// # Errors
/// If SQLite fails.
pub fn turn(tx: &Transaction<'_>, row: &OutboxRow, to: &Turned, now: Timestamp) -> Result<bool, StoreError> {
    let moved = tx.execute(
        "UPDATE OR IGNORE outbox
         SET dedupe_key = ?2, message_id = ?3, purpose = ?4, text = ?5, bytes = NULL, claimed_at = NULL,
             approved = CASE WHEN ?6 IS NULL THEN approved ELSE 0 END,
             because = CASE WHEN ?6 IS NOT NULL THEN ?6 WHEN state = 'held' THEN because ELSE ?7 END,
             state = CASE WHEN ?6 IS NOT NULL OR state = 'held' THEN 'held' ELSE 'queued' END
         WHERE id = ?1 AND state IN ('held', 'queued', 'claimed')",
        (row.id, to.key.as_str(), to.message_id.as_str(), &to.purpose, &to.text, &to.held, to.because),
    )?;
    if moved > 0 {
        journal(tx, now, "reworded", to.message_id.as_str(), to.because)?;
    }
    Ok(moved > 0)
}
