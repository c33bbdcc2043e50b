//! What a person decided, each with the rows it changed as they were before, so that `undo` puts back
//! what was and guesses nothing. The one place through which review, pause and corrections go.
//!
//! Undone is the latest first. What follows from the rows (who answered when, whether a mail counts) is
//! not kept but reckoned anew. A mail that left can't be called back: such a decision is final, says so
//! once, and the next undo goes further back.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction};

use super::apply::{self, Subject};
use super::cases;
use super::outbox;
use super::reports;
use super::review;
use super::roster;
use super::{StoreError, stamp};
use crate::domain::ident::{Address, OwnAddresses};
use crate::domain::outreach::{self, Tag};

pub use follow_up::{FollowUpWord, decide_follow_up, send_follow_up};
pub use hand::{Hand, LoggedAs, allow, close, log, merge, never, note};
pub use image::Image;
pub use next_step::{change_sequence, decide_next_step, note_event, set_zone};

pub use super::apply::Logged;
pub(super) use image::{capture_mail, capture_suppression};

mod follow_up;
mod hand;
mod image;
mod next_step;

/// What an undo did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// No decision is left.
    Nothing,
    /// The decision was taken back.
    Done {
        /// `corrected`, `approved`, …
        what: String,
        /// In words.
        about: String,
        /// What of it could not be taken back, in words.
        left: Vec<String>,
        /// Mails to consider again, in the same transaction.
        again: Vec<i64>,
    },
    /// The decision can't be taken back any more.
    TooLate {
        /// `approved`, …
        what: String,
        /// In words.
        about: String,
        /// Why.
        because: String,
    },
}

/// Keeps a decision with what it changed.
pub(super) fn record(
    tx: &Transaction<'_>,
    now: Timestamp,
    what: &str,
    about: &str,
    before: &[Image],
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO decision (at, what, about, before) VALUES (?1, ?2, ?3, ?4)",
        (stamp(now), what, about, serde_json::to_string(before)?),
    )?;
    Ok(())
}

/// Takes back the latest decision that stands; of an answer by mail that held several commands, all.
///
/// # Errors
/// If SQLite fails.
pub fn undo(tx: &Transaction<'_>, now: Timestamp) -> Result<Undone, StoreError> {
    let latest = "id = (SELECT max(id) FROM decision WHERE state = 'made')";
    let made: Vec<(i64, String, String, String)> = tx
        .prepare_cached(&format!(
            "SELECT id, what, about, before FROM decision WHERE state = 'made'
             AND ({latest} OR batch = (SELECT batch FROM decision WHERE {latest})) ORDER BY id DESC"
        ))?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    let Some((_, first, _, _)) = made.first() else { return Ok(Undone::Nothing) };
    let one = made.len() == 1;
    let what = if one { first.clone() } else { "all of your answer by mail:".to_owned() };
    let about = |said: &[String]| said.join("; ");
    let (mut back, mut all, mut left, mut again) = (Vec::new(), Vec::new(), Vec::new(), BTreeSet::new());
    for (id, what, about, before) in &made {
        let images: Vec<Image> = serde_json::from_str(before)?;
        let restored = image::restore_all(tx, &images, now)?;
        let too_late = restored.back == 0 && !restored.left.is_empty();
        let state = if too_late { "final" } else { "undone" };
        tx.execute("UPDATE decision SET state = ?2 WHERE id = ?1", (id, state))?;
        let said = if one { about.clone() } else { format!("{what} {about}").trim().to_owned() };
        if !too_late {
            apply::journal(tx, now, "undone", &id.to_string(), &format!("{what} {about}"))?;
            back.push(said.clone());
        }
        all.push(said);
        left.extend(restored.left);
        again.extend(restored.again);
    }
    if back.is_empty() {
        return Ok(Undone::TooLate { what, about: about(&all), because: left.join("; ") });
    }
    Ok(Undone::Done { what, about: about(&back), left, again: again.into_iter().collect() })
}

/// Whether the latest decision that stands was made by an answer to a daily mail; `None`: there is none.
///
/// # Errors
/// If SQLite fails.
pub fn latest_came_by_mail(tx: &Transaction<'_>) -> Result<Option<bool>, StoreError> {
    let sql = "SELECT batch IS NOT NULL FROM decision WHERE state = 'made' ORDER BY id DESC LIMIT 1";
    Ok(tx.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
}

/// Every decision there was until now: what comes behind it is new.
///
/// # Errors
/// If SQLite fails.
pub fn last(tx: &Transaction<'_>) -> Result<i64, StoreError> {
    Ok(tx.query_row("SELECT coalesce(max(id), 0) FROM decision", [], |row| row.get(0))?)
}

/// Joins the decisions since then to one: they came by that mail.
///
/// # Errors
/// If SQLite fails.
pub fn join(tx: &Transaction<'_>, since: i64, mail: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE decision SET batch = ?2 WHERE id > ?1", (since, mail))?;
    Ok(())
}

/// Releases a held mail, or sends one of unknown fate again. Returns whether it was waiting.
///
/// # Errors
/// If SQLite fails.
pub fn approve(tx: &Transaction<'_>, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    decide_mail(tx, id, "approved", now, |tx| review::approve(tx, id, now))
}

/// Releases a held mail with other words, or as a draft. Returns whether it was waiting.
///
/// # Errors
/// If SQLite fails.
pub fn approve_as(tx: &Transaction<'_>, id: i64, change: &Change<'_>, now: Timestamp) -> Result<bool, StoreError> {
    decide_mail(tx, id, "approved", now, |tx| {
        review::reword(tx, id, change.subject, change.text, change.draft)?;
        review::approve(tx, id, now)
    })
}

/// What a person changes about a mail that is held.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// Another subject.
    pub subject: Option<&'a str>,
    /// Another text.
    pub text: Option<&'a str>,
    /// Into Drafts, not to its reader.
    pub draft: bool,
}

/// Drops a held mail, or takes one of unknown fate as settled. Returns whether it was waiting.
///
/// # Errors
/// If SQLite fails.
pub fn reject(tx: &Transaction<'_>, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    decide_mail(tx, id, "rejected", now, |tx| review::reject(tx, id, now))
}

/// Says of a proposal whether it is outreach. Returns whether it was open.
///
/// # Errors
/// If SQLite fails.
pub fn decide_proposal(
    tx: &Transaction<'_>,
    message: i64,
    accept: bool,
    own: &OwnAddresses,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(mail) = cases::mail(tx, message)? else { return Ok(false) };
    let asked: Vec<_> = outreach::recipients(&mail.gist, own).into_iter().cloned().collect();
    let mut before = Vec::new();
    if !image::capture_proposal(tx, &mail, &asked, accept, &mut before)? {
        return Ok(false);
    }
    let subject = Subject { message, account: mail.account_id, gist: &mail.gist, at: mail.at };
    apply::decide_proposal(tx, &subject, &asked, accept, now)?;
    let to: Vec<&str> = asked.iter().map(|to| to.address.as_str()).collect();
    let about = format!("p{message}: the mail to {} as outreach", to.join(", "));
    record(tx, now, if accept { "accepted" } else { "rejected" }, &about, &before)?;
    Ok(true)
}

/// Says of a possible answer whether it is one. Returns whether it was open.
///
/// # Errors
/// If SQLite fails.
pub fn decide_answer(
    tx: &Transaction<'_>,
    outreach: i64,
    message: i64,
    accept: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut before = Vec::new();
    image::capture_matched(tx, outreach, message, &mut before)?;
    if !apply::decide_match(tx, outreach, message, accept, now)? {
        return Ok(false);
    }
    let about = format!("a{outreach}-{message}: mail {message} as an answer to outreach {outreach}");
    record(tx, now, if accept { "accepted" } else { "rejected" }, &about, &before)?;
    Ok(true)
}

/// Keeps that a person asked for a mail: `undo` stops it while it waits.
///
/// # Errors
/// If SQLite fails.
pub fn asked(tx: &Transaction<'_>, id: i64, to: &Address, now: Timestamp) -> Result<(), StoreError> {
    record(tx, now, "sent", &format!("m{id}: the mail to {to}"), &[image::never_asked(id, now)])
}

/// Puts tags on an outreach or takes them off. Returns the tags that it bears then, or `None` if that
/// changes nothing.
///
/// # Errors
/// If SQLite fails.
pub fn tag(
    tx: &Transaction<'_>,
    outreach: i64,
    tags: &[Tag],
    on: bool,
    now: Timestamp,
) -> Result<Option<Vec<String>>, StoreError> {
    let was = reports::tags(tx, outreach)?;
    let mut is: BTreeSet<&str> = was.iter().map(String::as_str).collect();
    for tag in tags {
        if on {
            is.insert(tag.as_str())
        } else {
            is.remove(tag.as_str())
        };
    }
    let is: Vec<String> = is.into_iter().map(str::to_owned).collect();
    if is == was {
        return Ok(None);
    }
    apply::set_tags(tx, outreach, is.iter().map(String::as_str))?;
    let named: Vec<&str> = tags.iter().map(Tag::as_str).collect();
    let what = if on { "tagged" } else { "untagged" };
    let about = format!("outreach {outreach}: {}", named.join(", "));
    apply::journal(tx, now, what, &outreach.to_string(), &named.join(", "))?;
    record(tx, now, what, &about, &[Image::Tags { outreach, tags: was }])?;
    Ok(Some(is))
}

/// Sets or removes the pause of everything automatic; `until` is when it ends by itself.
///
/// # Errors
/// If SQLite fails.
pub fn pause(tx: &Transaction<'_>, paused: bool, until: Option<Timestamp>, now: Timestamp) -> Result<(), StoreError> {
    let mut before = Vec::new();
    for name in ["paused", "paused_because", "resumed_at"] {
        image::capture_setting(tx, name, &mut before)?;
    }
    apply::pause(tx, paused, until, now)?;
    let about = until.map(|until| format!("until {until}")).unwrap_or_default();
    record(tx, now, if paused { "paused" } else { "resumed" }, &about, &before)
}

/// Lets a recruiter be answered once more. `latest`: their latest pitch, which is judged again. Returns
/// whether they counted as answered.
///
/// # Errors
/// If SQLite fails.
pub fn rearm(
    tx: &Transaction<'_>,
    latest: i64,
    marks: &[String],
    about: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let answered = roster::armed_marks(tx, marks)?;
    if answered.is_empty() {
        return Ok(false);
    }
    let mut before: Vec<Image> =
        answered.iter().map(|(mark, root)| Image::Armed { mark: mark.clone(), root: root.clone() }).collect();
    image::capture_mail(tx, latest, &mut before)?;
    roster::rearm(tx, &answered, about, now)?;
    record(tx, now, "rearmed", about, &before)?;
    Ok(true)
}

fn decide_mail(
    tx: &Transaction<'_>,
    id: i64,
    what: &str,
    now: Timestamp,
    decide: impl FnOnce(&Transaction<'_>) -> Result<bool, StoreError>,
) -> Result<bool, StoreError> {
    let Some(row) = outbox::get(tx, id)? else { return Ok(false) };
    let mut before = Vec::new();
    image::capture_outbox(tx, id, &mut before)?;
    if !decide(tx)? {
        return Ok(false);
    }
    record(tx, now, what, &format!("m{id}: the mail to {}", row.recipient.address), &before)?;
    Ok(true)
}
