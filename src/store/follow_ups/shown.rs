//! Follow-ups as a person is shown them.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{action_of, state_of};
use crate::domain::ident::Address;
use crate::domain::sequence::Action;
use crate::domain::sequence::life::State;
use crate::store::{StoreError, parse_stamp, parse_stamp_opt, stamp};

/// A follow-up that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRow {
    /// The outreach.
    pub outreach: i64,
    /// Number of the step, from 1.
    pub step: u32,
    /// Due, paused or held.
    pub state: State,
    /// Why.
    pub because: String,
    /// When it was due.
    pub due_at: Timestamp,
    /// Address and name of the person to be written to.
    pub person: (String, String),
    /// Subject line of the finished mail, or of the first one.
    pub subject: String,
    /// The finished text; empty if it has a gap.
    pub text: String,
    /// When the touch before it was sent.
    pub last_touch: Timestamp,
}

/// One follow-up of an outreach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Number of the step, from 1.
    pub step: u32,
    /// Mail template.
    pub template: String,
    /// What happens on its day.
    pub action: Action,
    /// When that is.
    pub due_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Why.
    pub because: String,
    /// When it came into that state.
    pub settled_at: Option<Timestamp>,
}

/// What waits for a person, the longest due first: reminders whose day has come, what mail paused, what
/// is held. `until`: due before then (the end of the user's day).
///
/// # Errors
/// If SQLite fails.
pub fn due_list(conn: &Connection, until: Timestamp) -> Result<Vec<DueRow>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT follow_up.outreach, step, state, follow_up.because, due_at, address, name,
                CASE follow_up.subject WHEN '' THEN outreach.subject ELSE follow_up.subject END, text, last_touch_at
         FROM follow_up JOIN outreach ON outreach.id = follow_up.outreach
         JOIN outreach_person ON outreach_person.outreach = outreach.id AND key =
             (SELECT key FROM outreach_person WHERE outreach = outreach.id ORDER BY failed IS NOT NULL, key LIMIT 1)
         WHERE state IN ('due', 'paused', 'held') AND (due_at < ?1 OR state = 'paused')
         ORDER BY due_at, follow_up.id",
    )?;
    let mut rows = statement.query([stamp(until)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(DueRow {
            outreach: row.get(0)?,
            step: row.get(1)?,
            state: state_of(row, 2)?,
            because: row.get(3)?,
            due_at: at(row, 4)?,
            person: (row.get(5)?, row.get(6)?),
            subject: row.get(7)?,
            text: row.get(8)?,
            last_touch: at(row, 9)?,
        });
    }
    Ok(found)
}

/// Whom the follow-up of an outreach goes to that is neither done nor stopped; the inner `None`: nobody
/// can be reached. The outer one: none is open.
///
/// # Errors
/// If SQLite fails.
pub fn open(conn: &Connection, outreach: i64) -> Result<Option<Option<Address>>, StoreError> {
    let person = conn
        .prepare_cached(
            "SELECT (SELECT address FROM outreach_person WHERE outreach = ?1 ORDER BY failed IS NOT NULL, key LIMIT 1)
             FROM follow_up WHERE outreach = ?1 AND state NOT IN ('done', 'stopped') LIMIT 1",
        )?
        .query_row([outreach], |row| row.get::<_, Option<String>>(0))
        .optional()?;
    Ok(person.map(|address| address.as_deref().and_then(Address::parse)))
}

/// Every follow-up of an outreach so far, in order.
///
/// # Errors
/// If SQLite fails.
pub fn plan_of(conn: &Connection, outreach: i64) -> Result<Vec<PlanRow>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT step, template, action, due_at, state, because, settled_at FROM follow_up
         WHERE outreach = ?1 ORDER BY step",
    )?;
    let mut rows = statement.query([outreach])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(PlanRow {
            step: row.get(0)?,
            template: row.get(1)?,
            action: action_of(row.get(2)?)?,
            due_at: at(row, 3)?,
            state: state_of(row, 4)?,
            because: row.get(5)?,
            settled_at: parse_stamp_opt(row.get(6)?)?,
        });
    }
    Ok(found)
}

fn at(row: &Row<'_>, column: usize) -> Result<Timestamp, StoreError> {
    parse_stamp(&row.get::<_, String>(column)?)
}
