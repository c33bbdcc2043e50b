//! What a person logs by hand, with what it changed: touches, stages, notes, who is who, the never list.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension as _, Transaction};
use serde::{Deserialize, Serialize};

use super::image::{self, Image, Restored};
use super::{follow_up, record};
use crate::domain::ident::Address;
use crate::domain::outreach::{MAIL, Stage};
use crate::domain::policy::{Rule, is_listed};
use crate::domain::sequence::Event;
use crate::domain::sequence::life::Happened;
use crate::store::apply::{self, Logged, Subject};
use crate::store::{StoreError, corrections, outbox, people};

/// How long after its last touch an outreach takes up what is logged for the person.
const RUNNING: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A row as it was before a person logged something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Hand {
    /// An outreach.
    Outreach {
        /// Its row.
        id: i64,
        /// Stage, fate, first and last touch, first response.
        was: (String, String, String, String, Option<String>),
    },
    /// A touch that was not there.
    Touch {
        /// The outreach.
        outreach: i64,
        /// The row of the message.
        message: i64,
    },
    /// A logged answer that was not there.
    Answer {
        /// The outreach.
        outreach: i64,
    },
    /// Since when an address is known.
    Known {
        /// Its key.
        key: String,
        /// First mail to it, first mail from it.
        was: (Option<String>, Option<String>),
    },
    /// An entry of the never list.
    Listed {
        /// Address or domain.
        entry: String,
        /// Why and since when.
        was: (String, String),
        /// The mail that asks for it.
        #[serde(default)]
        message: i64,
    },
    /// Whose address it was.
    Person {
        /// Its key.
        key: String,
        /// The person.
        was: Option<i64>,
    },
    /// A note that was not there.
    Note {
        /// Its row.
        id: i64,
    },
    /// Something that had not happened.
    Happened {
        /// Its row.
        id: i64,
        /// The steps that were planned or made before.
        #[serde(default)]
        steps: Option<Vec<u32>>,
    },
    /// The sequence of an outreach.
    Sequence {
        /// The outreach.
        outreach: i64,
        /// Its name.
        was: Option<String>,
    },
    /// The zone of an address.
    Zone {
        /// Its key.
        key: String,
        /// The zone's name.
        was: Option<String>,
    },
    /// A suggestion that was open.
    NextStep {
        /// Its row.
        id: i64,
    },
    /// Why an inquiry is not answered.
    Blocked {
        /// The row of the mail.
        message: i64,
        /// The rules.
        was: Option<String>,
    },
}

/// What became of something that was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggedAs {
    /// It began an outreach.
    Begun(i64),
    /// It is a further touch of one that runs.
    Touch(i64),
    /// The very same was logged before.
    Known(i64),
}

/// Logs what a person did on any channel: a touch of the outreach to that person which runs, or a new
/// one. `fresh`: always a new one.
///
/// # Errors
/// If SQLite fails.
pub fn log(tx: &Transaction<'_>, logged: &Logged, fresh: bool, now: Timestamp) -> Result<LoggedAs, StoreError> {
    let person = &logged.person.address;
    let key = person.mailbox_key();
    let mut before = Vec::new();
    let known = tx
        .query_row("SELECT first_out_at, first_in_at FROM address WHERE key = ?1", [&key], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (message, gist) = apply::note_logged(tx, logged, true, logged.at)?;
    let subject = Subject { message, account: logged.account, gist: &gist, at: logged.at };
    let touched: Option<i64> =
        tx.query_row("SELECT outreach FROM touch WHERE message = ?1", [message], |row| row.get(0)).optional()?;
    if let Some(outreach) = touched {
        return Ok(LoggedAs::Known(outreach));
    }
    before.push(Image::Hand(Hand::Known { key, was: known.unwrap_or_default() }));
    let runs = if fresh { None } else { people::running_outreach(tx, person, logged.at, RUNNING)? };
    let done = match runs {
        Some(outreach) => {
            capture_outreach(tx, outreach, &mut before)?;
            capture_follow_ups(tx, outreach, &mut before)?;
            before.push(Image::Hand(Hand::Touch { outreach, message }));
            apply::touch(tx, &subject, outreach)?;
            LoggedAs::Touch(outreach)
        }
        None => {
            let (outreach, new) = apply::begin_logged(tx, &subject, logged)?;
            if !new {
                return Ok(LoggedAs::Known(outreach));
            }
            before.push(Image::Begun { root: gist.root().to_owned(), message });
            LoggedAs::Begun(outreach)
        }
    };
    let (LoggedAs::Begun(outreach) | LoggedAs::Touch(outreach) | LoggedAs::Known(outreach)) = done;
    if logged.answered.is_some() {
        if matches!(done, LoggedAs::Touch(_)) {
            before.push(Image::Hand(Hand::Answer { outreach }));
        }
        apply::answer_logged(tx, logged, outreach)?;
        apply::stop_follow_ups(tx, outreach, "the person answered, as you logged")?;
    }
    if logged.channel.is_answered_by_nature() && logged.answered.is_some() {
        let met = Happened { event: Event::Meeting, at: logged.at, who: String::new() };
        if matches!(done, LoggedAs::Touch(_)) {
            image::capture_pursuit(tx, outreach, &mut before)?;
        }
        before.extend(
            apply::happened(tx, outreach, &met, now)?.map(|id| Image::Hand(Hand::Happened { id, steps: None })),
        );
        follow_up::heed(tx, outreach, now)?;
        let stage = people::stage(tx, outreach)?;
        if stage.is_some_and(|stage| stage.may_become(Stage::Meeting)) {
            apply::set_stage(tx, outreach, Stage::Meeting, now)?;
        }
    }
    let what = if logged.channel.as_str() == MAIL { "mail to" } else { logged.channel.as_str() };
    record(tx, now, "logged", &format!("{what} {} (outreach {outreach})", logged.person.label()), &before)?;
    Ok(done)
}

/// Closes an outreach, or says that it may not become that. Its follow-ups stop.
///
/// # Errors
/// If SQLite fails.
pub fn close(tx: &Transaction<'_>, outreach: i64, stage: Stage, now: Timestamp) -> Result<bool, StoreError> {
    if !people::stage(tx, outreach)?.is_some_and(|was| was.may_become(stage)) {
        return Ok(false);
    }
    let mut before = Vec::new();
    capture_outreach(tx, outreach, &mut before)?;
    capture_follow_ups(tx, outreach, &mut before)?;
    let because = format!("closed: {}", stage.as_str());
    for row in outbox::waiting_of(tx, outreach)? {
        image::capture_outbox(tx, row.id, &mut before)?;
        outbox::settle(tx, &row, "cancelled", &because, now)?;
    }
    apply::set_stage(tx, outreach, stage, now)?;
    apply::stop_follow_ups(tx, outreach, &because)?;
    record(tx, now, "closed", &format!("outreach {outreach} as {}", stage.as_str()), &before)?;
    Ok(true)
}

/// Puts an address, or a domain (`@corp.example`), on the never list: nothing automatic goes there any
/// more, and what waits is cancelled. Returns how many mails and follow-ups that were; `None`: it
/// stood there already.
///
/// # Errors
/// If SQLite fails.
pub fn never(tx: &Transaction<'_>, entry: &str, now: Timestamp) -> Result<Option<(usize, usize)>, StoreError> {
    let mut before = Vec::new();
    image::capture_suppression(tx, entry, &mut before)?;
    if before.is_empty() {
        return Ok(None);
    }
    apply::suppress(tx, entry, apply::YOUR_WORD, "you said so", now)?;
    let list = [entry.to_owned()];
    let mut mails = 0;
    for row in outbox::automatic_waiting(tx)?.into_iter().filter(|row| is_listed(&list, &row.recipient.address)) {
        image::capture_outbox(tx, row.id, &mut before)?;
        outbox::settle(tx, &row, "cancelled", &format!("{}: you said so", Rule::NeverList.as_str()), now)?;
        if let Some(message) = row.inquiry {
            let was = tx.query_row("SELECT blocked_by FROM message WHERE id = ?1", [message], |row| row.get(0))?;
            before.push(Image::Hand(Hand::Blocked { message, was }));
            apply::note_blocks(tx, &row, &[Rule::NeverList])?;
        }
        mails += 1;
    }
    let mut follow_ups = 0;
    let mut outreach = BTreeSet::new();
    for (id, address) in people::followed_up(tx)? {
        if is_listed(&list, &address) && outreach.insert(id) {
            follow_ups += capture_follow_ups(tx, id, &mut before)?;
            apply::stop_follow_ups(tx, id, Rule::NeverList.as_str())?;
        }
    }
    record(tx, now, "never", &format!("again by machine to {entry}"), &before)?;
    Ok(Some((mails, follow_ups)))
}

/// Takes an entry off the never list. Returns whether it stood there.
///
/// # Errors
/// If SQLite fails.
pub fn allow(tx: &Transaction<'_>, entry: &str, now: Timestamp) -> Result<bool, StoreError> {
    let before: Vec<Image> = tx
        .prepare_cached("SELECT because, at, message FROM suppression WHERE entry = ?1 ORDER BY message")?
        .query_map([entry], |row| {
            let was = (row.get(0)?, row.get(1)?);
            Ok(Image::Hand(Hand::Listed { entry: entry.to_owned(), was, message: row.get(2)? }))
        })?
        .collect::<Result<_, _>>()?;
    if before.is_empty() {
        return Ok(false);
    }
    apply::allow(tx, entry, now)?;
    record(tx, now, "allowed", &format!("mail to {entry} by machine again"), &before)?;
    Ok(true)
}

/// Says that addresses belong to one person. Returns whether they did not before.
///
/// # Errors
/// If SQLite fails.
pub fn merge(tx: &Transaction<'_>, addresses: &[Address], name: &str, now: Timestamp) -> Result<bool, StoreError> {
    let mut all: Vec<Address> = Vec::new();
    for address in addresses {
        for one in people::addresses_of(tx, address)? {
            if !all.iter().any(|known| known.same_mailbox(&one)) {
                all.push(one);
            }
        }
    }
    let one_already = match addresses.first() {
        Some(first) => people::addresses_of(tx, first)?.len() == all.len(),
        None => true,
    };
    if one_already {
        return Ok(false);
    }
    let mut before = Vec::new();
    for address in &all {
        let key = address.mailbox_key();
        let was = tx
            .query_row("SELECT person_id FROM address WHERE key = ?1", [&key], |row| row.get::<_, Option<i64>>(0))
            .optional()?;
        before.push(Image::Hand(Hand::Person { key, was: was.flatten() }));
    }
    apply::merge(tx, &all, name, now)?;
    let names: Vec<&str> = all.iter().map(Address::as_str).collect();
    record(tx, now, "merged", &names.join(", "), &before)?;
    Ok(true)
}

/// Keeps a note about somebody.
///
/// # Errors
/// If SQLite fails.
pub fn note(tx: &Transaction<'_>, address: &Address, text: &str, now: Timestamp) -> Result<(), StoreError> {
    let id = apply::note(tx, address, text, now)?;
    record(tx, now, "noted", &format!("about {address}"), &[Image::Hand(Hand::Note { id })])
}

pub(super) fn capture_outreach(tx: &Transaction<'_>, id: i64, into: &mut Vec<Image>) -> Result<(), StoreError> {
    let was = tx.query_row(
        "SELECT stage, fate, first_touch_at, last_touch_at, first_response_at FROM outreach WHERE id = ?1",
        [id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
    )?;
    into.push(Image::Hand(Hand::Outreach { id, was }));
    Ok(())
}

fn capture_follow_ups(tx: &Transaction<'_>, outreach: i64, into: &mut Vec<Image>) -> Result<usize, StoreError> {
    let steps: Vec<u32> = tx
        .prepare_cached(
            "SELECT step FROM follow_up WHERE outreach = ?1 AND state NOT IN ('done', 'stopped') ORDER BY step",
        )?
        .query_map([outreach], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for step in &steps {
        image::capture_follow_up(tx, outreach, *step, into)?;
    }
    Ok(steps.len())
}

/// Puts a row back.
pub(super) fn restore(tx: &Transaction<'_>, hand: &Hand, restored: &mut Restored) -> Result<(), StoreError> {
    match hand {
        Hand::Outreach { id, was: (stage, fate, first, last, response) } => {
            tx.execute(
                "UPDATE outreach SET stage = ?2, fate = ?3, first_touch_at = ?4, last_touch_at = ?5,
                        first_response_at = ?6 WHERE id = ?1",
                (id, stage, fate, first, last, response),
            )?;
            // what came since is reckoned anew
            apply::reckon(tx, *id)?;
        }
        Hand::Touch { outreach, message } => {
            tx.execute("DELETE FROM touch WHERE outreach = ?1 AND message = ?2", (outreach, message))?;
        }
        Hand::Answer { outreach } => {
            tx.execute(
                "DELETE FROM matched WHERE outreach = ?1 AND message =
                     (SELECT max(message) FROM matched JOIN message ON message.id = message
                      WHERE outreach = ?1 AND role = 'logged')",
                [outreach],
            )?;
        }
        Hand::Known { key, was: (out, into) } => {
            tx.execute("UPDATE address SET first_out_at = ?2, first_in_at = ?3 WHERE key = ?1", (key, out, into))?;
        }
        Hand::Listed { entry, was: (because, at), message } => {
            tx.execute(
                "INSERT OR REPLACE INTO suppression (entry, message, because, at) VALUES (?1, ?2, ?3, ?4)",
                (entry, message, because, at),
            )?;
        }
        Hand::Person { key, was } => {
            tx.execute("UPDATE address SET person_id = ?2 WHERE key = ?1", (key, was))?;
            let mut mails =
                tx.prepare_cached("SELECT id FROM message WHERE ours = 0 AND role <> 'logged' AND from_key = ?1")?;
            let ids = mails.query_map([key], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?;
            for id in ids {
                // what was joined because they were one is judged anew; a person's word stays
                let joined = corrections::outreach_of(tx, id)?;
                tx.execute("DELETE FROM matched WHERE message = ?1 AND decided = 0", [id])?;
                apply::lift_silence(tx, id)?;
                for outreach in joined {
                    apply::reckon(tx, outreach)?;
                }
                restored.again.insert(id);
            }
        }
        Hand::Note { id } => {
            tx.execute("DELETE FROM note WHERE id = ?1", [id])?;
        }
        Hand::Happened { id, steps } => {
            if let Some(steps) = steps {
                // what followed from it and was not made is gone
                tx.execute(
                    "DELETE FROM follow_up WHERE outreach = (SELECT outreach FROM happened WHERE id = ?1)
                     AND state <> 'done' AND outbox IS NULL AND step NOT IN (SELECT value FROM json_each(?2))",
                    (id, serde_json::to_string(steps)?),
                )?;
            }
            tx.execute("DELETE FROM happened WHERE id = ?1", [id])?;
        }
        Hand::Sequence { outreach, was } => {
            tx.execute("DELETE FROM follow_up WHERE outreach = ?1", [outreach])?;
            tx.execute("UPDATE outreach SET sequence = ?2 WHERE id = ?1", (outreach, was))?;
        }
        Hand::Zone { key, was } => {
            tx.execute("UPDATE address SET zone = ?2 WHERE key = ?1", (key, was))?;
        }
        Hand::NextStep { id } => {
            tx.execute("UPDATE next_step SET state = 'open' WHERE id = ?1", [id])?;
        }
        Hand::Blocked { message, was } => {
            tx.execute("UPDATE message SET blocked_by = ?2 WHERE id = ?1", (message, was))?;
        }
    }
    Ok(())
}
