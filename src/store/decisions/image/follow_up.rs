//! Follow-ups as they were before a decision.

use rusqlite::{OptionalExtension as _, Transaction, named_params};
use serde::{Deserialize, Serialize};

use super::{Image, Restored, gone};
use crate::store::StoreError;

/// A row of `follow_up`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    outreach: i64,
    step: u32,
    #[serde(default)]
    template: String,
    #[serde(default)]
    action: String,
    state: String,
    reason: String,
    because: String,
    due_at: String,
    settled_at: Option<String>,
    snoozed_until: Option<String>,
    outbox: Option<i64>,
}

/// The part of an outreach that a person's word on its follow-ups moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pursuit {
    outreach: i64,
    automatic: bool,
    heeded_mail: i64,
    heeded_at: Option<String>,
}

pub(in crate::store) fn capture_follow_up(
    tx: &Transaction<'_>,
    outreach: i64,
    step: u32,
    into: &mut Vec<Image>,
) -> Result<(), StoreError> {
    let row = tx
        .query_row(
            "SELECT state, reason, because, due_at, settled_at, snoozed_until, outbox, template, action FROM follow_up
             WHERE outreach = ?1 AND step = ?2",
            (outreach, step),
            |row| {
                Ok(FollowUp {
                    outreach,
                    step,
                    state: row.get(0)?,
                    reason: row.get(1)?,
                    because: row.get(2)?,
                    due_at: row.get(3)?,
                    settled_at: row.get(4)?,
                    snoozed_until: row.get(5)?,
                    outbox: row.get(6)?,
                    template: row.get(7)?,
                    action: row.get(8)?,
                })
            },
        )
        .optional()?;
    into.extend(row.map(Image::FollowUp));
    Ok(())
}

pub(in crate::store) fn capture_pursuit(
    tx: &Transaction<'_>,
    outreach: i64,
    into: &mut Vec<Image>,
) -> Result<(), StoreError> {
    let row = tx
        .query_row("SELECT automatic, heeded_mail, heeded_at FROM outreach WHERE id = ?1", [outreach], |row| {
            Ok(Pursuit { outreach, automatic: row.get(0)?, heeded_mail: row.get(1)?, heeded_at: row.get(2)? })
        })
        .optional()?;
    into.extend(row.map(Image::Pursuit));
    Ok(())
}

pub(super) fn put_follow_up(tx: &Transaction<'_>, was: &FollowUp) -> Result<(), StoreError> {
    // a mail that was written then and called back since is planned anew
    let state = if was.state == "written" { "planned" } else { &was.state };
    if !was.action.is_empty() {
        // another sequence took its place
        tx.execute(
            "INSERT OR IGNORE INTO follow_up (outreach, step, template, action, due_at, because)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (was.outreach, was.step, &was.template, &was.action, &was.due_at, &was.because),
        )?;
    }
    tx.execute(
        "UPDATE follow_up SET state = :state, reason = :reason, because = :because, due_at = :due,
                settled_at = :settled, snoozed_until = :snoozed, outbox = :outbox
         WHERE outreach = :outreach AND step = :step",
        named_params! {
            ":state": state, ":reason": was.reason, ":because": was.because, ":due": was.due_at,
            ":settled": was.settled_at, ":snoozed": was.snoozed_until, ":outbox": was.outbox,
            ":outreach": was.outreach, ":step": was.step,
        },
    )?;
    // what followed from the decision: the step behind it
    tx.execute(
        "DELETE FROM follow_up WHERE outreach = ?1 AND step > ?2 AND outbox IS NULL AND ?3 <> 'done'",
        (was.outreach, was.step, &was.state),
    )?;
    Ok(())
}

pub(super) fn put_pursuit(tx: &Transaction<'_>, was: &Pursuit) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outreach SET automatic = ?2, heeded_mail = ?3, heeded_at = ?4, unplanned = 1 WHERE id = ?1",
        (was.outreach, was.automatic, was.heeded_mail, &was.heeded_at),
    )?;
    Ok(())
}

/// Calls back a mail that a decision had written. Returns whether it had not left yet.
pub(super) fn call_back(tx: &Transaction<'_>, id: i64, restored: &mut Restored) -> Result<bool, StoreError> {
    let row: Option<(String, String)> = tx
        .query_row("SELECT state, recipient FROM outbox WHERE id = ?1", [id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((state, recipient)) = row else { return Ok(true) };
    if !matches!(state.as_str(), "held" | "queued" | "cancelled") {
        restored.left.push(gone(id, &recipient, &state));
        return Ok(false);
    }
    tx.execute("UPDATE outbox SET state = 'cancelled', because = 'taken back by you' WHERE id = ?1", [id])?;
    Ok(true)
}
