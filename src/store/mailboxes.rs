//! Accounts, folders and their cursors.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Transaction, named_params};

use super::{StoreError, parse_stamp, parse_stamp_opt, stamp};

/// Minutes until a UID that the server would not hand out is asked for again; after the last time it
/// is given up.
pub(super) const RETRY_MINUTES: [i64; 7] = [0, 2, 15, 60, 360, 1440, 4320];

/// A UID that was asked for more often than this is given up.
pub(super) const MOST_ATTEMPTS: i64 = RETRY_MINUTES.len() as i64;

/// An account as far as reading it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Row.
    pub id: i64,
    /// Name in the config.
    pub name: String,
    /// First start.
    pub opened_at: Timestamp,
    /// Every folder was read up to then.
    pub last_read_at: Option<Timestamp>,
    /// Sent has been read to its beginning.
    pub history_complete: bool,
    /// Why the last read failed.
    pub error: Option<String>,
    /// The provider takes no more mail before then.
    pub limited_until: Option<Timestamp>,
}

/// A folder and the cursor in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxRow {
    /// Row.
    pub id: i64,
    /// Its account.
    pub account_id: i64,
    /// Name as the server gives it.
    pub folder: String,
    /// Role, as stored.
    pub role: String,
    /// UIDVALIDITY of the cursor.
    pub uid_validity: u32,
    /// Highest UID that was learnt.
    pub cursor: u32,
    /// Mail below lay there before the first start.
    pub start_uid: u32,
    /// Mail the server got before then is older than the first start.
    pub start_before: Timestamp,
}

impl MailboxRow {
    /// Whether a mail lay in the folder before the account was first opened. A folder that appeared
    /// later has no noted UIDNEXT: there the mail's own dates decide, `Date` with a day of grace.
    pub fn is_before_start(&self, uid: u32, received: Timestamp, came: Option<Timestamp>) -> bool {
        let grace = SignedDuration::from_hours(24);
        uid < self.start_uid
            || received < self.start_before
            || came.is_some_and(|at| at.saturating_add(grace).is_ok_and(|later| later < self.start_before))
    }
}

/// What EXAMINE said of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Name as the server gives it.
    pub folder: String,
    /// Role, as stored.
    pub role: String,
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UIDNEXT.
    pub uid_next: u32,
}

/// The account of that name, if it was ever opened.
///
/// # Errors
/// If SQLite fails.
pub fn account(conn: &Connection, name: &str) -> Result<Option<AccountRow>, StoreError> {
    let sql =
        "SELECT id, name, opened_at, last_read_at, history_complete, error, limited_until FROM account WHERE name = ?1";
    let raw = conn
        .prepare_cached(sql)?
        .query_row([name], |row| {
            let times: (String, Option<String>, Option<String>) = (row.get(2)?, row.get(3)?, row.get(6)?);
            Ok((row.get(0)?, row.get(1)?, times, row.get(4)?, row.get(5)?))
        })
        .optional()?;
    raw.map(|(id, name, (opened, read, limited), history_complete, error)| {
        let opened_at = parse_stamp(&opened)?;
        let (last_read_at, limited_until) = (parse_stamp_opt(read)?, parse_stamp_opt(limited)?);
        Ok(AccountRow { id, name, opened_at, last_read_at, history_complete, error, limited_until })
    })
    .transpose()
}

/// Notes that the provider takes no more mail of an account before `until`.
///
/// # Errors
/// If SQLite fails.
pub fn limited(tx: &Transaction<'_>, account: i64, until: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET limited_until = ?2 WHERE id = ?1", (account, stamp(until)))?;
    Ok(())
}

/// The provider's own authserv-id: the one that stands on top most often.
///
/// # Errors
/// If SQLite fails.
pub fn learnt_authserv_id(conn: &Connection, account: i64) -> Result<Option<String>, StoreError> {
    let id = conn
        .prepare_cached("SELECT id FROM authserv WHERE account_id = ?1 ORDER BY seen DESC, id LIMIT 1")?
        .query_row([account], |row| row.get(0))
        .optional()?;
    Ok(id)
}

/// Opens an account for the first time: notes it and, in the same transaction, where each of its
/// folders ends, so that nothing that lies there now is ever taken for new.
///
/// # Errors
/// If SQLite fails.
pub fn open_account(
    tx: &Transaction<'_>,
    name: &str,
    folders: &[Examined],
    now: Timestamp,
) -> Result<AccountRow, StoreError> {
    tx.execute("INSERT INTO account (name, opened_at) VALUES (?1, ?2)", [name, &stamp(now)])?;
    tx.execute("DELETE FROM unopened WHERE name = ?1", [name])?;
    let id = tx.last_insert_rowid();
    for folder in folders {
        insert_mailbox(tx, id, folder, folder.uid_next, Timestamp::UNIX_EPOCH)?;
    }
    account(tx, name)?.ok_or_else(|| StoreError::Value(format!("account {name:?} vanished")))
}

/// The folder's row for reading on. A folder that is new since the first start is noted; one whose
/// UIDVALIDITY changed begins anew, with mail older than its last good read taken as history.
///
/// # Errors
/// If SQLite fails.
pub fn open_mailbox(tx: &Transaction<'_>, account: &AccountRow, seen: &Examined) -> Result<MailboxRow, StoreError> {
    let Some(known) = mailbox(tx, account.id, &seen.folder)? else {
        insert_mailbox(tx, account.id, seen, 1, account.opened_at)?;
        return require_mailbox(tx, account.id, &seen.folder);
    };
    if known.uid_validity != seen.uid_validity {
        // what was still missing is older than the last read and yet was never learnt
        tx.execute(
            "UPDATE mailbox SET uid_validity = :validity, cursor = 0, start_uid = 1,
                    start_before = max(start_before, CASE
                        WHEN EXISTS (SELECT 1 FROM missing WHERE mailbox_id = :id) THEN :opened
                        ELSE coalesce(last_read_at, :opened) END) WHERE id = :id",
            named_params! {":validity": seen.uid_validity, ":opened": stamp(account.opened_at), ":id": known.id},
        )?;
        tx.execute("DELETE FROM location WHERE mailbox_id = ?1", [known.id])?;
        tx.execute("DELETE FROM missing WHERE mailbox_id = ?1", [known.id])?;
    }
    tx.execute("UPDATE mailbox SET role = ?1 WHERE id = ?2 AND role <> ?1", (&seen.role, known.id))?;
    require_mailbox(tx, account.id, &seen.folder)
}

/// Moves the cursor; never backwards.
///
/// # Errors
/// If SQLite fails.
pub fn advance(tx: &Transaction<'_>, mailbox: i64, uid: u32) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE mailbox SET cursor = max(cursor, ?1) WHERE id = ?2")?.execute((uid, mailbox))?;
    Ok(())
}

/// Notes that a folder was read to its end.
///
/// # Errors
/// If SQLite fails.
pub fn folder_read(tx: &Transaction<'_>, mailbox: i64, at: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE mailbox SET last_read_at = ?1 WHERE id = ?2", (stamp(at), mailbox))?;
    Ok(())
}

/// Notes that Sent has been read to its beginning (or that there is none).
///
/// # Errors
/// If SQLite fails.
pub fn history_complete(tx: &Transaction<'_>, account: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET history_complete = 1 WHERE id = ?1", [account])?;
    Ok(())
}

/// Notes that every folder of the account was read, or why not.
///
/// # Errors
/// If SQLite fails.
pub fn account_read(tx: &Transaction<'_>, account: i64, at: Timestamp, error: Option<&str>) -> Result<(), StoreError> {
    if let Some(why) = error {
        tx.execute("UPDATE account SET error = ?1 WHERE id = ?2", (why, account))?;
        return Ok(());
    }
    // who was warned is told that it is over
    tx.execute(
        "INSERT INTO journal (at, event, subject, because)
         SELECT ?1, 'read_again', name, coalesce(last_read_at, '') FROM account
         WHERE id = ?2 AND warned_at IS NOT NULL",
        (stamp(at), account),
    )?;
    tx.execute(
        "UPDATE account SET last_read_at = ?1, error = NULL, warned_at = NULL WHERE id = ?2",
        (stamp(at), account),
    )?;
    Ok(())
}

/// Notes why an account that was never opened could not be.
///
/// # Errors
/// If SQLite fails.
pub fn unopened(tx: &Transaction<'_>, name: &str, at: Timestamp, error: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO unopened (name, since, error) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET error = excluded.error",
        (name, stamp(at), error),
    )?;
    Ok(())
}

/// Notes a UID that the server did not hand out, and when to ask for it again.
///
/// # Errors
/// If SQLite fails.
pub fn note_missing(
    tx: &Transaction<'_>,
    mailbox: i64,
    uid: u32,
    because: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let tried: u32 = tx
        .prepare_cached("SELECT attempts FROM missing WHERE mailbox_id = ?1 AND uid = ?2")?
        .query_row((mailbox, uid), |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    let minutes = RETRY_MINUTES.get(tried as usize).copied().unwrap_or(0);
    let retry_at = now.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(now);
    tx.execute(
        "INSERT INTO missing (mailbox_id, uid, attempts, retry_at, because) VALUES (?1, ?2, 1, ?3, ?4)
         ON CONFLICT (mailbox_id, uid) DO UPDATE SET
             attempts = attempts + 1, retry_at = excluded.retry_at, because = excluded.because",
        (mailbox, uid, stamp(retry_at), because),
    )?;
    Ok(())
}

/// Forgets a UID that was handed out at last, or is gone.
///
/// # Errors
/// If SQLite fails.
pub fn found_missing(tx: &Transaction<'_>, mailbox: i64, uid: u32) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM missing WHERE mailbox_id = ?1 AND uid = ?2")?.execute((mailbox, uid))?;
    Ok(())
}

/// UIDs to ask for once more.
///
/// # Errors
/// If SQLite fails.
pub fn missing(conn: &Connection, mailbox: i64, now: Timestamp) -> Result<Vec<u32>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT uid FROM missing WHERE mailbox_id = ?1 AND attempts <= ?2 AND retry_at <= ?3 ORDER BY uid",
    )?;
    let rows = statement.query_map((mailbox, MOST_ATTEMPTS, stamp(now)), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many mails of an account the server named and never handed out, however often it was asked.
///
/// # Errors
/// If SQLite fails.
pub fn given_up(conn: &Connection, account: &str) -> Result<u32, StoreError> {
    let count = conn
        .prepare_cached(
            "SELECT count(*) FROM missing JOIN mailbox ON mailbox.id = mailbox_id
             JOIN account ON account.id = account_id WHERE name = ?1 AND attempts > ?2",
        )?
        .query_row((account, RETRY_MINUTES.len() as i64), |row| row.get(0))?;
    Ok(count)
}

fn insert_mailbox(
    tx: &Transaction<'_>,
    account: i64,
    seen: &Examined,
    start_uid: u32,
    start_before: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO mailbox (account_id, folder, role, uid_validity, start_uid, start_before)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (account, &seen.folder, &seen.role, seen.uid_validity, start_uid, stamp(start_before)),
    )?;
    Ok(())
}

fn require_mailbox(conn: &Connection, account: i64, folder: &str) -> Result<MailboxRow, StoreError> {
    mailbox(conn, account, folder)?.ok_or_else(|| StoreError::Value(format!("folder {folder:?} vanished")))
}

fn mailbox(conn: &Connection, account: i64, folder: &str) -> Result<Option<MailboxRow>, StoreError> {
    let raw = conn
        .prepare_cached(
            "SELECT id, role, uid_validity, cursor, start_uid, start_before FROM mailbox
             WHERE account_id = ?1 AND folder = ?2",
        )?
        .query_row((account, folder), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get::<_, String>(5)?))
        })
        .optional()?;
    raw.map(|(id, role, uid_validity, cursor, start_uid, before)| {
        let start_before = parse_stamp(&before)?;
        let folder = folder.to_owned();
        Ok(MailboxRow { id, account_id: account, folder, role, uid_validity, cursor, start_uid, start_before })
    })
    .transpose()
}
