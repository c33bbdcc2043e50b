//! How the accounts stand, whether they were ever opened or not, and what the breaker goes by.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use super::outbox::{self, OutboxRow};
use super::{StoreError, cases, mailboxes, parse_stamp, parse_stamp_opt, stamp};
use crate::domain::breaker::{self, Incident, Trouble};

/// An account of the config, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Name in the config.
    pub name: String,
    /// Row; `None` while it was never opened.
    pub account: Option<i64>,
    /// When it was first opened.
    pub opened_at: Option<Timestamp>,
    /// Every folder was read up to then.
    pub last_read_at: Option<Timestamp>,
    /// Since when it can't be read: the last good read, or the first try.
    pub since: Option<Timestamp>,
    /// Not completely read for too long, or never.
    pub stale: bool,
    /// Why the last read failed.
    pub error: Option<String>,
    /// Sent has been read to its beginning.
    pub history_complete: bool,
    /// The provider takes no more mail before then.
    pub limited_until: Option<Timestamp>,
    /// When the user was told by mail that it can't be read.
    pub warned_at: Option<Timestamp>,
}

/// The accounts of these names, in their order.
///
/// # Errors
/// If SQLite fails.
pub fn accounts<'a>(
    conn: &Connection,
    names: impl IntoIterator<Item = &'a str>,
    stale_after: SignedDuration,
    now: Timestamp,
) -> Result<Vec<Health>, StoreError> {
    names.into_iter().map(|name| account(conn, name, stale_after, now)).collect()
}

/// Automatic mail that came back for good since a moment, one group for each.
const RETURNED: &str = "FROM message JOIN outbox ON errand IN ('answer', 'follow_up')
             AND outbox.state = 'sent' AND outbox.settled_at <= message.received_at
             AND (EXISTS (SELECT 1 FROM reference
                          WHERE reference.message = message.id AND reference.parent = outbox.message_id)
                  OR (julianday(message.received_at) - julianday(outbox.settled_at) <= 7
                      AND EXISTS (SELECT 1 FROM json_each(message.gist, '$.bounce.recipients')
                                  WHERE value = outbox.recipient)))
         WHERE message.kind = 'bounce' AND message.received_at >= ?1 GROUP BY outbox.id";

/// Automatic mail that came back for good since then, oldest first.
///
/// # Errors
/// If SQLite fails.
pub fn returned(conn: &Connection, since: Timestamp) -> Result<Vec<OutboxRow>, StoreError> {
    let mut statement = conn.prepare_cached(&format!("SELECT outbox.id {RETURNED} ORDER BY outbox.id"))?;
    let ids: Vec<i64> = statement.query_map([stamp(since)], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids.into_iter().map(|id| outbox::get(conn, id)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// What went wrong with automatic mail lately, for the breaker.
///
/// # Errors
/// If SQLite fails.
pub fn incidents(conn: &Connection, now: Timestamp) -> Result<Vec<Incident>, StoreError> {
    let since = stamp(now.checked_sub(breaker::WINDOW).unwrap_or(Timestamp::MIN));
    let refused = "SELECT settled_at FROM outbox
         WHERE state = 'failed' AND policy = 1 AND errand IN ('answer', 'follow_up') AND settled_at >= ?1";
    // a mail comes back once, however many notices come; a provider that rewrites our ids names at least
    // the address
    let bounced = &format!("SELECT min(message.received_at) {RETURNED}");
    let mut found = Vec::new();
    for (sql, trouble) in [(refused, Trouble::Refused), (bounced, Trouble::Bounced)] {
        let mut statement = conn.prepare_cached(sql)?;
        for at in statement.query_map([&since], |row| row.get::<_, String>(0))? {
            found.push(Incident { at: parse_stamp(&at?)?, trouble });
        }
    }
    Ok(found)
}

/// How many mails of an account wait for the history of another one, and for nothing that lasts.
///
/// # Errors
/// If SQLite fails.
pub fn waiting_for_history(conn: &Connection, account: &str, since: Timestamp) -> Result<usize, StoreError> {
    let waits = |mail: &cases::StoredMail| {
        let blocked = mail.blocked_by.as_deref().unwrap_or_default();
        mail.account == account && blocked.iter().any(|rule| rule == "history_incomplete")
    };
    Ok(cases::deferred(conn, since)?.iter().filter(|mail| waits(mail)).count())
}

/// When a person last said `resume`.
///
/// # Errors
/// If SQLite fails.
pub fn resumed_at(conn: &Connection) -> Result<Option<Timestamp>, StoreError> {
    parse_stamp_opt(setting(conn, "resumed_at")?)
}

/// Why the breaker paused everything automatic; `None` if it did not.
///
/// # Errors
/// If SQLite fails.
pub fn paused_because(conn: &Connection) -> Result<Option<String>, StoreError> {
    setting(conn, "paused_because")
}

pub(super) fn setting(conn: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    Ok(conn.query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0)).optional()?)
}

fn account(conn: &Connection, name: &str, stale_after: SignedDuration, now: Timestamp) -> Result<Health, StoreError> {
    let known = mailboxes::account(conn, name)?;
    let (table, since) = if known.is_some() { ("account", "opened_at") } else { ("unopened", "since") };
    let noted: Option<(String, Option<String>, Option<String>)> = conn
        .query_row(&format!("SELECT {since}, error, warned_at FROM {table} WHERE name = ?1"), [name], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let (first_try, error, warned_at) = noted.map_or((None, None, None), |(at, why, warned)| (Some(at), why, warned));
    let last_read_at = known.as_ref().and_then(|known| known.last_read_at);
    Ok(Health {
        name: name.to_owned(),
        account: known.as_ref().map(|known| known.id),
        opened_at: known.as_ref().map(|known| known.opened_at),
        last_read_at,
        since: last_read_at.or(parse_stamp_opt(first_try)?),
        stale: last_read_at.is_none_or(|read| now.duration_since(read) > stale_after),
        error,
        history_complete: known.as_ref().is_some_and(|known| known.history_complete),
        limited_until: known.and_then(|known| known.limited_until).filter(|until| *until > now),
        warned_at: parse_stamp_opt(warned_at)?,
    })
}
