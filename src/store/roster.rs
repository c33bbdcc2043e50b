//! The roster for whoever acts on it: a recruiter by name, what they pitched, arming them again, and
//! whether the user looks for work.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::apply::journal;
use super::cases::{self, StoredMail};
use super::reports::{self, RosterRow};
use super::{StoreError, parse_stamp, stamp};
use crate::domain::gist::Pitch;

/// The setting that says since when the user looks for work.
pub(super) const LOOKING: &str = "looking_since";

/// The decision to look for work, by its name.
pub(super) const REOPENED: &str = "began";
/// The decision to look no longer.
pub(super) const SETTLED: &str = "ended";

/// One pitch.
#[derive(Debug, Clone, PartialEq)]
pub struct PitchRow {
    /// Row of the mail.
    pub message: i64,
    /// When it came.
    pub at: Timestamp,
    /// Its subject.
    pub subject: String,
    /// What was pitched.
    pub pitch: Pitch,
}

/// Recruiters of the roster by number, address, or a part of their name or agency.
///
/// # Errors
/// If SQLite fails.
pub fn find(conn: &Connection, name: &str) -> Result<Vec<RosterRow>, StoreError> {
    let wanted = name.trim().to_lowercase();
    let mut rows = reports::roster(conn)?;
    if let Ok(id) = wanted.parse::<i64>() {
        rows.retain(|row| row.id == id);
    } else if wanted.contains('@') {
        rows.retain(|row| row.address.to_lowercase() == wanted);
    } else {
        let bears = |text: &str| !wanted.is_empty() && text.to_lowercase().contains(&wanted);
        rows.retain(|row| bears(&row.name) || bears(&row.agency));
    }
    Ok(rows)
}

/// What a recruiter pitched, oldest first.
///
/// # Errors
/// If SQLite fails.
pub fn pitches(conn: &Connection, roster: i64) -> Result<Vec<PitchRow>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT message, at, subject, pitch FROM pitch WHERE roster = ?1 ORDER BY at, message")?;
    let mut rows = statement.query([roster])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(PitchRow {
            message: row.get(0)?,
            at: parse_stamp(&row.get::<_, String>(1)?)?,
            subject: row.get(2)?,
            pitch: serde_json::from_str(&row.get::<_, String>(3)?)?,
        });
    }
    Ok(found)
}

/// A batch of somebody's mail since `since`, in order of date, after the mail of that date and row.
///
/// # Errors
/// If SQLite fails.
pub fn arrived_since(
    conn: &Connection,
    since: Timestamp,
    after: Option<(Timestamp, i64)>,
    limit: u32,
) -> Result<Vec<StoredMail>, StoreError> {
    let (at, row) = after.unwrap_or((since, 0));
    let (since, at) = (stamp(since), stamp(at));
    cases::stored(
        conn,
        "message.ours = 0 AND message.at >= ?1 AND (message.at, message.id) > (?2, ?3)
         ORDER BY message.at, message.id LIMIT ?4",
        (since, at, row, limit),
    )
}

/// The names under which a recruiter counts as answered and has not been armed again since.
///
/// # Errors
/// If SQLite fails.
pub(super) fn armed_marks(conn: &Connection, marks: &[String]) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT mark, root FROM answered WHERE mark = ?1 AND rearmed_at IS NULL")?;
    let mut found = Vec::new();
    for mark in marks {
        let rows = statement.query_map([mark], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

/// Lets these answers no longer count against another one.
///
/// # Errors
/// If SQLite fails.
pub(super) fn rearm(
    tx: &Transaction<'_>,
    answered: &[(String, String)],
    about: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (mark, root) in answered {
        tx.execute("UPDATE answered SET rearmed_at = ?3 WHERE mark = ?1 AND root = ?2", (mark, root, stamp(now)))?;
    }
    journal(tx, now, "rearmed", about, "by you")
}

/// Since when the user looks for work; `None`: not at all.
///
/// # Errors
/// If SQLite fails.
pub fn looking_since(conn: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let value: Option<String> =
        conn.query_row("SELECT value FROM setting WHERE name = ?1", [LOOKING], |row| row.get(0)).optional()?;
    value.as_deref().map(parse_stamp).transpose()
}

/// The user looks for work from now on, or no longer does.
///
/// # Errors
/// If SQLite fails.
pub fn set_looking(tx: &Transaction<'_>, looking: bool, now: Timestamp) -> Result<(), StoreError> {
    if looking {
        tx.execute("INSERT OR IGNORE INTO setting (name, value) VALUES (?1, ?2)", (LOOKING, stamp(now)))?;
    } else {
        tx.execute("DELETE FROM setting WHERE name = ?1", [LOOKING])?;
    }
    journal(tx, now, if looking { "looking" } else { "settled" }, "", "by command")
}

/// How often the user began to look for work: the generation of the mails that say so. A search that was
/// taken back has used up its own, and an end that was taken back none.
///
/// # Errors
/// If SQLite fails.
pub fn times_looked(conn: &Connection) -> Result<u32, StoreError> {
    let sql = "SELECT (SELECT count(*) FROM journal WHERE event = 'settled')
                    + (SELECT count(*) FROM decision WHERE state = 'undone' AND what = ?1)
                    - (SELECT count(*) FROM decision WHERE state = 'undone' AND what = ?2)";
    Ok(conn.query_row(sql, [REOPENED, SETTLED], |row| row.get(0))?)
}
