//! Mail to the user in the outbox.

use rusqlite::{Connection, Transaction};

use super::{COLUMNS, OutboxRow, select};
use crate::domain::command;
use crate::domain::delivery::Errand;
use crate::domain::ident::Address;
use crate::store::StoreError;

/// Mail to the user of that purpose that waits, or of which nobody knows whether it left, oldest first.
///
/// # Errors
/// If SQLite fails.
pub fn open_digests(conn: &Connection, purpose: &str) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox
         WHERE errand = 'digest' AND state IN ('queued', 'unknown') AND purpose = ?1 ORDER BY id"
    );
    select(conn, &sql, [purpose])
}

/// Hands mail to the user that an account can't send over to another account. No server took any of it,
/// so that it may be rendered anew. Returns how many.
///
/// # Errors
/// If SQLite fails.
pub fn hand_digests_over(tx: &Transaction<'_>, from: i64, to: i64, sender: &Address) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "UPDATE outbox SET account_id = ?2, sender = ?3, bytes = NULL
         WHERE errand = 'digest' AND state = 'queued' AND account_id = ?1",
        (from, to, sender.as_str()),
    )?)
}

/// Takes the tokens out of a daily mail that will not be handed out again: they are kept as hashes alone.
pub(super) fn forget_tokens(tx: &Transaction<'_>, row: &OutboxRow, state: &str) -> Result<(), StoreError> {
    let subject = command::redact(&row.subject);
    if subject != row.subject && row.errand == Errand::Digest && matches!(state, "sent" | "failed" | "cancelled") {
        tx.execute(
            "UPDATE outbox SET subject = ?1, text = ?2, html = NULL, bytes = NULL WHERE id = ?3",
            (subject, command::redact(&row.text), row.id),
        )?;
    }
    Ok(())
}
