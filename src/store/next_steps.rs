//! What the tone of answers suggests to do next: rows of `next_step`.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::cases::{self, StoredMail};
use super::{StoreError, apply, stamp};
use crate::domain::next_step::NextStep;

/// A suggestion that waits for a person.
#[derive(Debug, Clone)]
pub struct OpenStep {
    /// Its row.
    pub id: i64,
    /// The outreach.
    pub outreach: i64,
    /// Subject of the outreach.
    pub subject: String,
    /// The answer that suggests it.
    pub mail: StoredMail,
    /// What is suggested.
    pub step: NextStep,
    /// Why.
    pub because: String,
}

/// The latest answer to an outreach, which alone suggests something. Not one that was there before the
/// first start, nor one that was logged by hand.
///
/// # Errors
/// If SQLite fails.
pub fn latest_answer(conn: &Connection, outreach: i64) -> Result<Option<StoredMail>, StoreError> {
    let id: Option<i64> = conn
        .prepare_cached(
            "SELECT message FROM matched WHERE outreach = ?1 AND kind = 'human' AND level IN ('sure', 'likely')
             ORDER BY at DESC, message DESC LIMIT 1",
        )?
        .query_row([outreach], |row| row.get(0))
        .optional()?;
    let mail = id.map(|id| cases::mail(conn, id)).transpose()?.flatten();
    Ok(mail.filter(|mail| !mail.before_start && mail.role != "logged"))
}

/// Stores what the answers to an outreach suggest: of what is open only `wanted` stays. What a person
/// decided stays decided.
///
/// # Errors
/// If SQLite fails.
pub fn suggest(
    tx: &Transaction<'_>,
    outreach: i64,
    wanted: Option<(i64, &NextStep, &str)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let message = wanted.map_or(-1, |(message, _, _)| message);
    tx.prepare_cached("UPDATE next_step SET state = 'gone' WHERE outreach = ?1 AND message <> ?2 AND state = 'open'")?
        .execute((outreach, message))?;
    let Some((message, step, because)) = wanted else { return Ok(()) };
    let new = tx
        .prepare_cached(
            "INSERT INTO next_step (outreach, message, step, because, at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (outreach, message) DO UPDATE SET step = excluded.step, because = excluded.because, state = 'open'
             WHERE state IN ('open', 'gone') AND (step <> excluded.step OR state = 'gone')",
        )?
        .execute((outreach, message, serde_json::to_string(step)?, because, stamp(now)))?;
    if new > 0 {
        apply::journal(tx, now, "next step", &outreach.to_string(), because)?;
    }
    Ok(())
}

/// Every suggestion that waits, oldest first.
///
/// # Errors
/// If SQLite fails.
pub fn open(conn: &Connection) -> Result<Vec<OpenStep>, StoreError> {
    read(conn, None)
}

/// One suggestion that waits.
///
/// # Errors
/// If SQLite fails.
pub fn get(conn: &Connection, id: i64) -> Result<Option<OpenStep>, StoreError> {
    Ok(read(conn, Some(id))?.pop())
}

/// What a person said of the suggestion of an answer: it, and whether they said yes.
///
/// # Errors
/// If SQLite fails.
pub fn decided(conn: &Connection, message: i64) -> Result<Option<(NextStep, bool)>, StoreError> {
    let row: Option<(String, bool)> = conn
        .prepare_cached(
            "SELECT step, state = 'accepted' FROM next_step WHERE message = ?1 AND state IN ('accepted', 'refused')
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([message], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(step, accepted)| Ok((serde_json::from_str(&step)?, accepted))).transpose()
}

fn read(conn: &Connection, id: Option<i64>) -> Result<Vec<OpenStep>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT next_step.id, outreach, outreach.subject, message, step, next_step.because
         FROM next_step JOIN outreach ON outreach.id = outreach
         WHERE state = 'open' AND (?1 IS NULL OR next_step.id = ?1) ORDER BY next_step.id",
    )?;
    let mut rows = statement.query([id])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(mail) = cases::mail(conn, row.get(3)?)? else { continue };
        found.push(OpenStep {
            id: row.get(0)?,
            outreach: row.get(1)?,
            subject: row.get(2)?,
            mail,
            step: serde_json::from_str(&row.get::<_, String>(4)?)?,
            because: row.get(5)?,
        });
    }
    Ok(found)
}
