//! What the service asks about the outbox between two passes: when the next mail may leave, and
//! whether one is leaving right now.

use jiff::Timestamp;
use rusqlite::Connection;

use super::{StoreError, cases, parse_stamp_opt, stamp};

/// When the next mail of an account may leave, which may be long ago; `None`: nothing waits, or all of
/// it waits for a person. A pause without an end holds what the machine writes to others.
///
/// # Errors
/// If SQLite fails.
pub fn next_of(conn: &Connection, account: &str, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    // text of times sorts as the times do; beyond every time: not before a person says so
    const NEVER: &str = "~";
    let not_before = match cases::paused(conn, now)? {
        None => String::new(),
        Some(Some(until)) => stamp(until),
        Some(None) => NEVER.to_owned(),
    };
    let next: Option<String> = conn
        .prepare_cached(
            "SELECT min(max(due_at, coalesce(limited_until, ''),
                            CASE WHEN errand IN ('answer', 'follow_up') THEN ?2 ELSE '' END))
             FROM outbox JOIN account ON account.id = account_id WHERE state = 'queued' AND account.name = ?1",
        )?
        .query_row((account, not_before), |row| row.get(0))?;
    parse_stamp_opt(next.filter(|text| text != NEVER))
}

/// Whether a mail of the account is being handed over: its body may have left in part.
///
/// # Errors
/// If SQLite fails.
pub fn is_sending(conn: &Connection, account: &str) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM outbox JOIN account ON account.id = account_id
                        WHERE state = 'sending' AND account.name = ?1)",
    )?;
    Ok(statement.query_row([account], |row| row.get(0))?)
}
