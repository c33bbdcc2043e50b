//! Who may take a row: the one sender claims what is due; after a crash its rows are freed.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;

use super::{AUTOMATIC, BY_REQUEST, BY_WORD, COLUMNS, OutboxRow, select, settle};
use crate::domain::delivery;
use crate::store::{StoreError, stamp};

/// A clock that is trimmed by less was not set back.
const CLOCK_JITTER: SignedDuration = SignedDuration::from_mins(10);

/// After a crash, under the lock: what was claimed is queued again, what was being sent is unknown.
/// Returns how many are unknown.
///
/// # Errors
/// If SQLite fails.
pub fn recover(tx: &Transaction<'_>, now: Timestamp) -> Result<usize, StoreError> {
    recover_of(tx, None, now)
}

/// [`recover`] for one account, by its only sender: its last pass broke off.
///
/// # Errors
/// If SQLite fails.
pub fn recover_of(tx: &Transaction<'_>, account: Option<&str>, now: Timestamp) -> Result<usize, StoreError> {
    const ITS: &str = "(?1 IS NULL OR account_id IN (SELECT id FROM account WHERE name = ?1))";
    tx.execute(
        &format!("UPDATE outbox SET state = 'queued', claimed_at = NULL WHERE state = 'claimed' AND {ITS}"),
        [account],
    )?;
    let unknown =
        select(tx, &format!("SELECT {COLUMNS} FROM outbox WHERE state = 'sending' AND {ITS} ORDER BY id"), [account])?;
    for row in &unknown {
        settle(tx, row, "unknown", "the program ended while the server was taking it", now)?;
    }
    Ok(unknown.len())
}

/// Who decides that a mail leaves, and so what it has to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The machine: the gate, and whatever else lets it wait.
    Automatic,
    /// A person, of a follow-up: the gate.
    ByWord,
    /// A person, or it goes to the user: nothing.
    ByRequest,
}

/// Claims what is due for an account of one group.
///
/// # Errors
/// If SQLite fails.
pub fn claim(tx: &Transaction<'_>, account: i64, group: Group, now: Timestamp) -> Result<Vec<OutboxRow>, StoreError> {
    let errands = match group {
        Group::Automatic => AUTOMATIC,
        Group::ByWord => BY_WORD,
        Group::ByRequest => BY_REQUEST,
    };
    after_the_clock_was_set_back(tx, account, now)?;
    let due = select(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM outbox WHERE state = 'queued' AND account_id = ?1 AND due_at <= ?2 AND {errands}
             AND NOT EXISTS (SELECT 1 FROM account WHERE account.id = ?1 AND limited_until > ?2 AND limited_until <= ?3)
             ORDER BY due_at, id"
        ),
        // a limit that ends later was noted under a clock that has been set back since
        (account, stamp(now), stamp(now.saturating_add(delivery::LIMIT_DELAY).unwrap_or(now))),
    )?;
    for row in &due {
        tx.execute("UPDATE outbox SET state = 'claimed', claimed_at = ?1 WHERE id = ?2", (stamp(now), row.id))?;
    }
    Ok(due)
}

/// A mail that was decided in what is the future now waits as long as it was to wait, reckoned from now: a
/// clock that was set back by a week is no reason to be a week late.
fn after_the_clock_was_set_back(tx: &Transaction<'_>, account: i64, now: Timestamp) -> Result<(), StoreError> {
    let sure = now.saturating_add(CLOCK_JITTER).unwrap_or(now);
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE state = 'queued' AND account_id = ?1 AND decided_at > ?2");
    for row in select(tx, &sql, (account, stamp(sure)))? {
        let due_at = now.saturating_add(row.due_at.duration_since(row.decided_at)).unwrap_or(now);
        tx.execute(
            "UPDATE outbox SET decided_at = ?2, due_at = ?3 WHERE id = ?1",
            (row.id, stamp(now), stamp(due_at)),
        )?;
    }
    Ok(())
}
