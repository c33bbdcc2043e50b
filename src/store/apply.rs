//! The sole writer of what was learnt and decided: facts → rows, inside the caller's transaction.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Transaction;

use super::{StoreError, stamp};
use crate::domain::decide::Fact;
use crate::domain::gist::Gist;
use crate::domain::ident::{Address, MessageId};

mod follow;
mod hand;
mod inquiry;
mod learn;
mod pursuit;
mod tag;

pub use follow::{Entry, cancel_mail, enrol, happened, looked, make, put, stop};
pub use hand::Logged;
pub(super) use hand::{allow, answer_logged, begin_logged, merge, note, note_logged, set_stage, stop_follow_ups};
pub use inquiry::{NewMail, Pursuit, note_answer, note_blocks, note_promise, write_mail};
pub(super) use inquiry::{YOUR_WORD, lift_silence, restore_pitch, suppress, withdraw_pitch};
pub use learn::{Learnt, backfill, forget_words, learn, learn_own, note_alias};
pub use pursuit::{Begun, begin_by_hand, decide_match, decide_proposal, touch};
pub(super) use pursuit::{join, reckon, remembered_of};
pub use tag::set_tags;

/// The mail that a decision is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Row of the mail.
    pub message: i64,
    /// Its account.
    pub account: i64,
    /// What it says.
    pub gist: &'a Gist,
    /// When it came or was sent.
    pub at: Timestamp,
}

/// Stores a decision about a mail, mails to be written excepted: they need their words first and
/// come in by [`write_mail`]. Applying the same facts twice changes nothing.
///
/// # Errors
/// If SQLite fails.
pub fn apply(
    tx: &Transaction<'_>,
    subject: &Subject<'_>,
    facts: &[Fact],
    because: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    for fact in facts {
        match fact {
            Fact::Outreach { asked, because } => {
                let begun = Begun { source: "sent", template: None, sequence: None, because };
                pursuit::begin(tx, subject, asked, &begun)?;
            }
            Fact::Touch { outreach } => pursuit::touch(tx, subject, *outreach)?,
            Fact::Proposal { because } => pursuit::propose(tx, subject, because, now)?,
            Fact::Matched(found) => pursuit::matched(tx, subject, found)?,
            Fact::Unreachable { outreach, recipients, reason } => {
                pursuit::unreachable(tx, *outreach, recipients, *reason)?;
            }
            Fact::OptOut { entry, because } => inquiry::suppress(tx, entry, subject.message, because, now)?,
            Fact::Judged(rules) => inquiry::judged(tx, subject.message, rules)?,
            Fact::Recruiter { from, pitch } => inquiry::recruiter(tx, subject, from, pitch)?,
            Fact::UserAnswered { parents } => inquiry::user_answered(tx, parents, now)?,
            Fact::CheckBackSeen { parents, recipients } => inquiry::check_back_seen(tx, subject, parents, recipients)?,
            Fact::Write(_) => {}
        }
    }
    tx.prepare_cached("UPDATE message SET pending = 0, because = ?1 WHERE id = ?2")?
        .execute((because, subject.message))?;
    set_kind(tx, subject.message, subject.gist.kind.as_str())
}

/// Notes what a mail counts as, corrections included, and with it since when its sender is known to
/// write by hand.
pub(super) fn set_kind(tx: &Transaction<'_>, message: i64, kind: &str) -> Result<(), StoreError> {
    let changed =
        tx.prepare_cached("UPDATE message SET kind = ?2 WHERE id = ?1 AND kind <> ?2")?.execute((message, kind))?;
    if changed > 0 {
        tx.execute(
            "UPDATE address SET first_in_at = (SELECT min(at) FROM message
                 WHERE from_key = address.key AND ours = 0 AND kind = 'human')
             WHERE key = (SELECT from_key FROM message WHERE id = ?1 AND ours = 0)",
            [message],
        )?;
    }
    Ok(())
}

/// Appends a line to the journal.
///
/// # Errors
/// If SQLite fails.
pub fn journal(
    tx: &Transaction<'_>,
    at: Timestamp,
    event: &str,
    subject: &str,
    because: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO journal (at, event, subject, because) VALUES (?1, ?2, ?3, ?4)")?.execute((
        stamp(at),
        event,
        subject,
        because,
    ))?;
    Ok(())
}

/// Sets or removes the pause of everything automatic; `until` is when it ends by itself. What tripped
/// the breaker before counts no more after a person's word.
///
/// # Errors
/// If SQLite fails.
pub fn pause(tx: &Transaction<'_>, paused: bool, until: Option<Timestamp>, now: Timestamp) -> Result<(), StoreError> {
    if paused {
        set(tx, "paused", &until.map(stamp).unwrap_or_default())?;
    } else {
        tx.execute("DELETE FROM setting WHERE name = 'paused'", [])?;
        set(tx, "resumed_at", &stamp(now))?;
    }
    tx.execute("DELETE FROM setting WHERE name = 'paused_because'", [])?;
    journal(tx, now, if paused { "paused" } else { "resumed" }, "", "by command")
}

/// The breaker pauses everything automatic until a person resumes.
///
/// # Errors
/// If SQLite fails.
pub fn trip_breaker(tx: &Transaction<'_>, because: &str, now: Timestamp) -> Result<(), StoreError> {
    set(tx, "paused", "")?;
    set(tx, "paused_because", because)?;
    journal(tx, now, "paused", "", because)
}

/// Notes that the user's day was looked at for its daily mail.
///
/// # Errors
/// If SQLite fails.
pub fn handled_day(tx: &Transaction<'_>, day: Date) -> Result<(), StoreError> {
    set(tx, "daily", &day.to_string())
}

/// Notes which answers a daily mail tells of.
///
/// # Errors
/// If SQLite fails.
pub fn told(tx: &Transaction<'_>, outbox: i64, messages: &[i64]) -> Result<(), StoreError> {
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO told (message, outbox) VALUES (?1, ?2)")?;
    for message in messages {
        insert.execute((message, outbox))?;
    }
    Ok(())
}

/// Notes that the user was told by mail that an account can't be read.
///
/// # Errors
/// If SQLite fails.
pub fn warned(tx: &Transaction<'_>, account: &str, now: Timestamp) -> Result<(), StoreError> {
    for table in ["account", "unopened"] {
        tx.execute(&format!("UPDATE {table} SET warned_at = ?2 WHERE name = ?1"), (account, stamp(now)))?;
    }
    Ok(())
}

fn set(tx: &Transaction<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    tx.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)", [name, value])?;
    Ok(())
}

/// The address' row, made if there is none.
fn know_address(tx: &Transaction<'_>, address: &Address) -> Result<String, StoreError> {
    let key = address.mailbox_key();
    tx.prepare_cached("INSERT OR IGNORE INTO address (key, address, organisation) VALUES (?1, ?2, ?3)")?.execute((
        &key,
        address.as_str(),
        address.organisation().map(|organisation| organisation.as_str().to_owned()),
    ))?;
    Ok(key)
}

/// Looks at mails again that came before something they may belong to was known.
fn look_again(
    tx: &Transaction<'_>,
    subject: &Subject<'_>,
    ids: &[MessageId],
    keys: &[String],
) -> Result<(), StoreError> {
    for id in ids {
        tx.prepare_cached(
            "UPDATE message SET pending = 1 WHERE pending = 0 AND id <> ?2 AND id IN
             (SELECT message FROM reference WHERE parent = ?1)",
        )?
        .execute((id.as_str(), subject.message))?;
    }
    for key in keys {
        tx.prepare_cached(
            "UPDATE message SET pending = 1 WHERE pending = 0 AND ours = 0 AND from_key = ?1 AND at >= ?2",
        )?
        .execute((key, stamp(subject.at)))?;
    }
    Ok(())
}
