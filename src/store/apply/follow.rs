//! Follow-ups: enrolment, and where each one stands. Writing the same twice changes nothing.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::journal;
use crate::domain::sequence::Action;
use crate::domain::sequence::life::{Bar, Happened, State};
use crate::store::{StoreError, outbox, stamp};

/// Where a follow-up stands from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
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
    /// Why, by its name.
    pub reason: Option<Bar>,
    /// Why, in words.
    pub because: String,
    /// Finished subject line; empty before its day.
    pub subject: String,
    /// Finished text; empty before its day.
    pub text: String,
    /// The mail that was written for it.
    pub outbox: Option<i64>,
}

/// Enrols an outreach in a sequence; `none` keeps it out for good.
///
/// # Errors
/// If SQLite fails.
pub fn enrol(
    tx: &Transaction<'_>,
    outreach: i64,
    sequence: &str,
    because: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let changed =
        tx.execute("UPDATE outreach SET sequence = ?2 WHERE id = ?1 AND sequence IS NOT ?2", (outreach, sequence))?;
    match changed {
        0 => Ok(()),
        _ => journal(tx, now, "enrolled", &outreach.to_string(), &format!("{sequence}: {because}")),
    }
}

/// Notes that an outreach was planned on all that is known.
///
/// # Errors
/// If SQLite fails.
pub fn looked(tx: &Transaction<'_>, outreach: i64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE outreach SET unplanned = 0 WHERE id = ?1")?.execute([outreach])?;
    Ok(())
}

/// Stores where a follow-up stands. Returns whether that is new.
///
/// # Errors
/// If SQLite fails.
pub fn put(tx: &Transaction<'_>, outreach: i64, entry: &Entry, now: Timestamp) -> Result<bool, StoreError> {
    let state: Option<String> = tx
        .prepare_cached("SELECT state FROM follow_up WHERE outreach = ?1 AND step = ?2")?
        .query_row((outreach, entry.step), |row| row.get(0))
        .optional()?;
    let moved = state.as_deref() != Some(entry.state.as_str());
    let changed = tx
        .prepare_cached(
            "INSERT INTO follow_up (outreach, step, template, action, due_at, state, reason, because, subject, text,
                                    outbox, settled_at)
             VALUES (:outreach, :step, :template, :action, :due, :state, :reason, :because, :subject, :text,
                     :outbox, :now)
             ON CONFLICT (outreach, step) DO UPDATE SET template = excluded.template, action = excluded.action,
                 due_at = excluded.due_at, state = excluded.state, reason = excluded.reason,
                 because = excluded.because, subject = excluded.subject, text = excluded.text,
                 outbox = coalesce(excluded.outbox, outbox),
                 settled_at = CASE state WHEN excluded.state THEN settled_at ELSE excluded.settled_at END
             WHERE (template, action, due_at, state, reason, because, subject, text) IS NOT
                   (excluded.template, excluded.action, excluded.due_at, excluded.state, excluded.reason,
                    excluded.because, excluded.subject, excluded.text)
                OR excluded.outbox IS NOT NULL AND excluded.outbox IS NOT outbox",
        )?
        .execute(named_params! {
            ":outreach": outreach, ":step": entry.step, ":template": entry.template,
            ":action": entry.action.as_str(), ":due": stamp(entry.due_at), ":state": entry.state.as_str(),
            ":reason": entry.reason.map_or("", Bar::as_str), ":because": entry.because,
            ":subject": entry.subject, ":text": entry.text, ":outbox": entry.outbox, ":now": stamp(now),
        })?;
    if moved {
        let subject = format!("{outreach}:{}", entry.step);
        journal(tx, now, &format!("follow_up {}", entry.state.as_str()), &subject, &entry.because)?;
    }
    Ok(changed > 0)
}

/// The touch of a step was made at that time: the step is done, and mail that waits for it is pointless.
/// A step that was stopped stays so.
///
/// # Errors
/// If SQLite fails.
pub fn make(
    tx: &Transaction<'_>,
    outreach: i64,
    step: u32,
    at: Timestamp,
    because: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE follow_up SET state = 'done', reason = '', because = ?4, settled_at = ?3
         WHERE outreach = ?1 AND step = ?2 AND state NOT IN ('done', 'stopped')",
        (outreach, step, stamp(at), because),
    )?;
    if changed > 0 {
        cancel_mail(tx, outreach, step, Bar::Made, now)?;
        journal(tx, now, "follow_up done", &format!("{outreach}:{step}"), because)?;
    }
    Ok(changed > 0)
}

/// A step will not be: something else stands in its place. Returns whether that is new.
///
/// # Errors
/// If SQLite fails.
pub fn stop(tx: &Transaction<'_>, outreach: i64, step: u32, bar: Bar, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE follow_up SET state = 'stopped', reason = ?3, because = ?4, settled_at = ?5
         WHERE outreach = ?1 AND step = ?2 AND state NOT IN ('done', 'stopped')",
        (outreach, step, bar.as_str(), bar.explain(), stamp(now)),
    )?;
    if changed > 0 {
        journal(tx, now, "follow_up stopped", &format!("{outreach}:{step}"), bar.explain())?;
    }
    Ok(changed > 0)
}

/// Notes what happened beside mail. The row, or `None` if it was noted before.
///
/// # Errors
/// If SQLite fails.
pub fn happened(
    tx: &Transaction<'_>,
    outreach: i64,
    what: &Happened,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let (event, at) = (what.event.as_str(), stamp(what.at));
    let new = tx.execute(
        "INSERT OR IGNORE INTO happened (outreach, event, at, who, noted_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        (outreach, event, &at, &what.who, stamp(now)),
    )?;
    if new == 0 {
        return Ok(None);
    }
    let id = tx.last_insert_rowid();
    journal(tx, now, event, &outreach.to_string(), &format!("noted by you: {at}"))?;
    Ok(Some(id))
}

/// Calls back what waits in the outbox for a step. Nothing of it was handed out: a server gets the first
/// byte only of what is still claimed then.
///
/// # Errors
/// If SQLite fails.
pub fn cancel_mail(tx: &Transaction<'_>, outreach: i64, step: u32, bar: Bar, now: Timestamp) -> Result<(), StoreError> {
    for row in outbox::waiting_of_step(tx, outreach, step)? {
        outbox::settle(tx, &row, "cancelled", bar.as_str(), now)?;
    }
    Ok(())
}
