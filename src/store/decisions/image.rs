//! A row as it was before a decision, and how it is put back.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, named_params};
use serde::{Deserialize, Serialize};

use super::hand::{self, Hand};
use crate::domain::correction::Correction;
use crate::domain::ident::NamedAddress;
use crate::store::cases::StoredMail;
use crate::store::{StoreError, apply, corrections, stamp};

pub use follow_up::{FollowUp, Pursuit};
pub(super) use follow_up::{capture_follow_up, capture_pursuit};

pub use waiting::Waiting;
pub(super) use waiting::{capture_outbox, never_asked};
use waiting::{gone, put_waiting};

mod follow_up;
mod waiting;

/// A row as it was before a decision, or that there was none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum Image {
    /// A setting.
    Setting {
        /// Its name.
        name: String,
        /// Its value, if it was set.
        value: Option<String>,
    },
    /// An address that the user had not put on the never list.
    Suppression {
        /// The address.
        entry: String,
    },
    /// What was remembered of proposals to an address or domain.
    Remembered {
        /// Address key or domain.
        subject: String,
        /// Whether it is outreach, and since when.
        was: Option<(bool, String)>,
    },
    /// An open proposal.
    Proposal {
        /// The mail.
        message: i64,
        /// When it was proposed.
        at: String,
    },
    /// An outreach that did not exist.
    Begun {
        /// Its root.
        root: String,
        /// The mail it begins with.
        message: i64,
    },
    /// The tags of an outreach.
    Tags {
        /// Its row.
        outreach: i64,
        /// All of them.
        tags: Vec<String>,
    },
    /// A mail that was joined to an outreach.
    Matched(Matched),
    /// A mail of ours that waited.
    Outbox(Waiting),
    /// A name under which a recruiter counted as answered.
    Armed {
        /// Address key, thread root, or name and organisation.
        mark: String,
        /// The mail that was answered.
        root: String,
    },
    /// A correction that was not said.
    Correction {
        /// Its row.
        id: i64,
    },
    /// Somebody's mail with all that was made of it.
    Mail(Mail),
    /// What was logged by hand.
    Hand(Hand),
    /// A follow-up.
    FollowUp(FollowUp),
    /// What was said of the follow-ups of an outreach.
    Pursuit(Pursuit),
    /// A mail of ours that was not written.
    NewMail {
        /// Its row.
        id: i64,
    },
}

/// A row of `matched`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matched {
    outreach: i64,
    message: i64,
    level: String,
    evidence: String,
    because: String,
    kind: String,
    tone: Option<String>,
    at: String,
    decided: bool,
}

/// What was made of a mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mail {
    message: i64,
    kind: String,
    pending: bool,
    blocked_by: Option<String>,
    because: String,
    /// It stood in the roster.
    pitch: bool,
    /// Answers that were written.
    answers: Vec<i64>,
    matched: Vec<Matched>,
    /// The silence that it asked for: entry, why, since when.
    #[serde(default)]
    silence: Vec<(String, String, String)>,
    /// The newest outreach there was: what was joined to a newer one was not joined by the decision.
    newest: i64,
}

/// What putting back came to.
#[derive(Debug, Default)]
pub(super) struct Restored {
    /// Rows that are as they were.
    pub back: usize,
    /// What could not be put back, in words.
    pub left: Vec<String>,
    /// Mails to consider again.
    pub again: BTreeSet<i64>,
}

pub(super) fn capture_setting(tx: &Transaction<'_>, name: &str, into: &mut Vec<Image>) -> Result<(), StoreError> {
    let value = tx.query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0)).optional()?;
    into.push(Image::Setting { name: name.to_owned(), value });
    Ok(())
}

pub(in crate::store) fn capture_suppression(
    tx: &Transaction<'_>,
    entry: &str,
    into: &mut Vec<Image>,
) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM suppression WHERE entry = ?1 AND message = ?2";
    if !tx.prepare_cached(sql)?.exists((entry, apply::YOUR_WORD))? {
        into.push(Image::Suppression { entry: entry.to_owned() });
    }
    Ok(())
}

/// Returns whether the proposal is open.
pub(super) fn capture_proposal(
    tx: &Transaction<'_>,
    mail: &StoredMail,
    asked: &[NamedAddress],
    accept: bool,
    into: &mut Vec<Image>,
) -> Result<bool, StoreError> {
    let at = tx
        .query_row("SELECT at FROM proposal WHERE message = ?1 AND state = 'open'", [mail.id], |row| row.get(0))
        .optional()?;
    let Some(at) = at else { return Ok(false) };
    into.push(Image::Proposal { message: mail.id, at });
    for subject in apply::remembered_of(asked) {
        let was = tx
            .query_row("SELECT outreach, at FROM remembered WHERE subject = ?1", [&subject], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        into.push(Image::Remembered { subject, was });
    }
    let root = mail.gist.root();
    if accept && !tx.prepare_cached("SELECT 1 FROM outreach WHERE root = ?1")?.exists([root])? {
        into.push(Image::Begun { root: root.to_owned(), message: mail.id });
    }
    Ok(true)
}

pub(super) fn capture_matched(
    tx: &Transaction<'_>,
    outreach: i64,
    message: i64,
    into: &mut Vec<Image>,
) -> Result<(), StoreError> {
    into.extend(matched_of(tx, message)?.into_iter().filter(|one| one.outreach == outreach).map(Image::Matched));
    Ok(())
}

/// Somebody's mail, and the answers to it that wait.
pub(in crate::store) fn capture_mail(
    tx: &Transaction<'_>,
    message: i64,
    into: &mut Vec<Image>,
) -> Result<(), StoreError> {
    let (kind, pending, blocked_by, because, pitch, newest) = tx
        .prepare_cached(
            "SELECT kind, pending, blocked_by, because, EXISTS (SELECT 1 FROM pitch WHERE message = message.id),
                    (SELECT coalesce(max(id), 0) FROM outreach) FROM message WHERE id = ?1",
        )?
        .query_row([message], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })?;
    let answers = answers_of(tx, message)?;
    let matched = matched_of(tx, message)?;
    let waiting: Vec<i64> = answers.iter().filter(|(_, state, _)| is_waiting(state)).map(|(id, _, _)| *id).collect();
    let answers = answers.into_iter().map(|(id, _, _)| id).collect();
    let silence = tx
        .prepare_cached("SELECT entry, because, at FROM suppression WHERE message = ?1 ORDER BY entry")?
        .query_map([message], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    into.push(Image::Mail(Mail {
        message,
        kind,
        pending,
        blocked_by,
        because,
        pitch,
        answers,
        matched,
        silence,
        newest,
    }));
    for id in waiting {
        capture_outbox(tx, id, into)?;
    }
    Ok(())
}

/// Puts back what it can, the last changed first.
pub(super) fn restore_all(tx: &Transaction<'_>, images: &[Image], now: Timestamp) -> Result<Restored, StoreError> {
    let mut restored = Restored::default();
    let mut known = BTreeSet::new();
    let mut later = BTreeSet::new();
    let mut said = Vec::new();
    for image in images {
        match image {
            Image::Mail(mail) => {
                known.insert(mail.message);
            }
            Image::Correction { id } => said.push(*id),
            _ => {}
        }
    }
    for id in said {
        later.extend(concerned_by(tx, id)?);
    }
    for image in images.iter().rev() {
        restore(tx, image, now, &mut restored)?;
    }
    // like mail that came since
    for message in later.difference(&known) {
        corrections::refit(tx, *message)?;
        drop_answers(tx, *message, &[], &mut restored)?;
        restored.again.insert(*message);
    }
    Ok(restored)
}

fn restore(tx: &Transaction<'_>, image: &Image, now: Timestamp, restored: &mut Restored) -> Result<(), StoreError> {
    match image {
        Image::Setting { name, value: Some(value) } => {
            tx.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)", [name, value])?;
        }
        Image::Setting { name, value: None } => {
            tx.execute("DELETE FROM setting WHERE name = ?1", [name])?;
        }
        Image::Suppression { entry } => {
            tx.execute("DELETE FROM suppression WHERE entry = ?1 AND message = ?2", (entry, apply::YOUR_WORD))?;
        }
        Image::Remembered { subject, was: Some((outreach, at)) } => {
            tx.execute(
                "INSERT OR REPLACE INTO remembered (subject, outreach, at) VALUES (?1, ?2, ?3)",
                (subject, outreach, at),
            )?;
        }
        Image::Remembered { subject, was: None } => {
            tx.execute("DELETE FROM remembered WHERE subject = ?1", [subject])?;
        }
        Image::Proposal { message, at } => {
            tx.execute("UPDATE proposal SET state = 'open', at = ?2 WHERE message = ?1", (message, at))?;
        }
        Image::Tags { outreach, tags } => apply::set_tags(tx, *outreach, tags.iter().map(String::as_str))?,
        Image::Begun { root, message } => dismantle(tx, root, *message, restored)?,
        Image::Armed { mark, root } => {
            tx.execute("UPDATE answered SET rearmed_at = NULL WHERE mark = ?1 AND root = ?2", [mark, root])?;
        }
        Image::Matched(matched) => {
            put_matched(tx, matched)?;
            apply::reckon(tx, matched.outreach)?;
        }
        Image::Outbox(waiting) => return put_waiting(tx, waiting, restored),
        Image::Correction { id } => {
            tx.execute("UPDATE correction SET undone_at = ?2 WHERE id = ?1", (id, stamp(now)))?;
        }
        Image::Mail(mail) => put_mail(tx, mail, restored)?,
        Image::Hand(hand) => hand::restore(tx, hand, restored)?,
        // what left stays as it is, and with it all that was said beside it
        Image::FollowUp(_) | Image::Pursuit(_) if !restored.left.is_empty() => return Ok(()),
        Image::FollowUp(was) => follow_up::put_follow_up(tx, was)?,
        Image::Pursuit(was) => follow_up::put_pursuit(tx, was)?,
        Image::NewMail { id } if !follow_up::call_back(tx, *id, restored)? => return Ok(()),
        Image::NewMail { .. } => {}
    }
    restored.back += 1;
    Ok(())
}

/// Takes an outreach out of the log; what was joined to it is looked at again, but not the mail it
/// began with, which is as it was.
fn dismantle(tx: &Transaction<'_>, root: &str, first: i64, restored: &mut Restored) -> Result<(), StoreError> {
    let id: Option<i64> =
        tx.query_row("SELECT id FROM outreach WHERE root = ?1", [root], |row| row.get(0)).optional()?;
    let Some(id) = id else { return Ok(()) };
    let joined: Vec<i64> = tx
        .prepare_cached(
            "SELECT message FROM matched WHERE outreach = ?1 UNION SELECT message FROM touch WHERE outreach = ?1
             UNION SELECT message.id FROM message JOIN outreach_person ON key = from_key
                   WHERE outreach = ?1 AND ours = 0 AND blocked_by IS NOT NULL",
        )?
        .query_map([id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    // mail that waits for it is pointless; mail that left keeps its row
    tx.execute(
        "UPDATE outbox SET state = 'cancelled', because = 'the outreach was taken back'
         WHERE outreach = ?1 AND state IN ('held', 'queued', 'claimed')",
        [id],
    )?;
    tx.execute("UPDATE outbox SET outreach = NULL WHERE outreach = ?1", [id])?;
    for table in ["matched", "touch", "outreach_person", "outreach_tag", "follow_up", "happened", "next_step"] {
        tx.execute(&format!("DELETE FROM {table} WHERE outreach = ?1"), [id])?;
    }
    tx.execute("DELETE FROM outreach WHERE id = ?1", [id])?;
    for message in joined.into_iter().filter(|message| *message != first) {
        apply::lift_silence(tx, message)?;
        restored.again.insert(message);
    }
    Ok(())
}

fn put_mail(tx: &Transaction<'_>, mail: &Mail, restored: &mut Restored) -> Result<(), StoreError> {
    let id = mail.message;
    let mut outreach: BTreeSet<i64> = corrections::outreach_of(tx, id)?.into_iter().collect();
    tx.execute("DELETE FROM matched WHERE message = ?1 AND outreach <= ?2", (id, mail.newest))?;
    for matched in &mail.matched {
        put_matched(tx, matched)?;
        outreach.insert(matched.outreach);
    }
    if outreach.iter().any(|one| *one > mail.newest) {
        restored.again.insert(id);
    }
    let left = drop_answers(tx, id, &mail.answers, restored)?;
    if !left {
        tx.execute("UPDATE message SET blocked_by = ?2 WHERE id = ?1", (id, &mail.blocked_by))?;
    }
    tx.execute("UPDATE message SET pending = ?2, because = ?3 WHERE id = ?1", (id, mail.pending, &mail.because))?;
    apply::set_kind(tx, id, &mail.kind)?;
    apply::lift_silence(tx, id)?;
    for (entry, because, at) in &mail.silence {
        tx.execute(
            "INSERT OR REPLACE INTO suppression (entry, message, because, at) VALUES (?1, ?2, ?3, ?4)",
            (entry, id, because, at),
        )?;
    }
    match mail.pitch {
        true => apply::restore_pitch(tx, id)?,
        false => apply::withdraw_pitch(tx, id)?,
    }
    for one in outreach {
        apply::reckon(tx, one)?;
    }
    Ok(())
}

/// Removes answers to a mail that were written since, as if they had never been decided. Returns
/// whether one had left.
fn drop_answers(
    tx: &Transaction<'_>,
    message: i64,
    but_not: &[i64],
    restored: &mut Restored,
) -> Result<bool, StoreError> {
    let mut left = false;
    for (id, state, untouched) in answers_of(tx, message)?.into_iter().filter(|(id, _, _)| !but_not.contains(id)) {
        if untouched {
            tx.execute("DELETE FROM answered WHERE outbox = ?1", [id])?;
            tx.execute("DELETE FROM outbox WHERE id = ?1", [id])?;
            restored.again.extend(judged_by_it(tx, message)?);
        } else {
            let recipient: String =
                tx.query_row("SELECT recipient FROM outbox WHERE id = ?1", [id], |row| row.get(0))?;
            restored.left.push(gone(id, &recipient, &state));
            left = true;
        }
    }
    Ok(left)
}

/// Other mail of the sender that got no answer since this one had.
fn judged_by_it(tx: &Transaction<'_>, message: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM message WHERE from_key = (SELECT from_key FROM message WHERE id = ?1) AND id <> ?1 AND ours = 0
         AND EXISTS (SELECT 1 FROM json_each(blocked_by) WHERE value = 'already_answered')
         AND NOT EXISTS (SELECT 1 FROM outbox WHERE inquiry = message.id)",
    )?;
    let rows = statement.query_map([message], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn concerned_by(tx: &Transaction<'_>, correction: i64) -> Result<Vec<i64>, StoreError> {
    let row: Option<(i64, String, String)> = tx
        .query_row(
            "SELECT message, before, after FROM correction WHERE id = ?1 AND scope <> '' AND field <> 'outreach'",
            [correction],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((message, before, after)) = row else { return Ok(Vec::new()) };
    let Some(read) = corrections::read_gist(tx, message)? else { return Ok(Vec::new()) };
    corrections::like(tx, &read, &Correction { verdict: serde_json::from_str(&after)?, before, own: false })
}

fn is_waiting(state: &str) -> bool {
    matches!(state, "held" | "queued" | "claimed")
}

/// Answers to a mail with their state, and whether a server or the Drafts folder never saw them.
fn answers_of(tx: &Transaction<'_>, message: i64) -> Result<Vec<(i64, String, bool)>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT id, state, state IN ('held', 'queued', 'cancelled') AND attempts = 0 AND bytes IS NULL
         FROM outbox WHERE inquiry = ?1 ORDER BY id",
    )?;
    let rows = statement.query_map([message], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn matched_of(tx: &Transaction<'_>, message: i64) -> Result<Vec<Matched>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT outreach, message, level, evidence, because, kind, tone, at, decided FROM matched
         WHERE message = ?1 ORDER BY outreach",
    )?;
    let rows = statement.query_map([message], |row| {
        Ok(Matched {
            outreach: row.get(0)?,
            message: row.get(1)?,
            level: row.get(2)?,
            evidence: row.get(3)?,
            because: row.get(4)?,
            kind: row.get(5)?,
            tone: row.get(6)?,
            at: row.get(7)?,
            decided: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// An outreach that is gone since takes its matches with it.
fn put_matched(tx: &Transaction<'_>, matched: &Matched) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO matched (outreach, message, level, evidence, because, kind, tone, at, decided)
         SELECT :outreach, :message, :level, :evidence, :because, :kind, :tone, :at, :decided
         WHERE EXISTS (SELECT 1 FROM outreach WHERE id = :outreach)",
    )?
    .execute(named_params! {
        ":outreach": matched.outreach, ":message": matched.message, ":level": matched.level,
        ":evidence": matched.evidence, ":because": matched.because, ":kind": matched.kind, ":tone": matched.tone,
        ":at": matched.at, ":decided": matched.decided,
    })?;
    Ok(())
}
