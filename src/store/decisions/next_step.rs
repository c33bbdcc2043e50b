//! What a person notes beside mail, the sequence they choose, and their word on what an answer suggests.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction};

use super::hand::{self, Hand};
use super::image::{self, Image};
use super::{follow_up, record};
use crate::domain::ident::Address;
use crate::domain::outreach::Stage;
use crate::domain::sequence::Event;
use crate::domain::sequence::life::{Bar, Happened};
use crate::store::apply::{self, NewMail};
use crate::store::{StoreError, outbox, people};

/// Notes what happened beside mail of an outreach. `sequence`: enrols it there, so that something
/// follows. Returns whether it is new.
///
/// # Errors
/// If SQLite fails.
pub fn note_event(
    tx: &Transaction<'_>,
    outreach: i64,
    what: &Happened,
    sequence: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut before = Vec::new();
    if !happen(tx, outreach, what, sequence, &mut before, now)? {
        return Ok(false);
    }
    let about = format!("{} of outreach {outreach}", what.event.explain().trim_start_matches("the "));
    record(tx, now, "noted", &about, &before)?;
    Ok(true)
}

/// Enrols an outreach in another sequence; what the old one planned is dropped. Returns whether that is new.
///
/// # Errors
/// If SQLite fails.
pub fn change_sequence(tx: &Transaction<'_>, outreach: i64, name: &str, now: Timestamp) -> Result<bool, StoreError> {
    let mut before = Vec::new();
    image::capture_pursuit(tx, outreach, &mut before)?;
    follow_up::heed(tx, outreach, now)?;
    if !enrol(tx, outreach, name, &mut before, now)? {
        return Ok(false);
    }
    record(tx, now, "enrolled", &format!("outreach {outreach} in {name}"), &before)?;
    Ok(true)
}

/// Keeps the zone of everybody behind an address; `None`: not known. Returns whether that is new.
///
/// # Errors
/// If SQLite fails.
pub fn set_zone(
    tx: &Transaction<'_>,
    address: &Address,
    zone: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut before = Vec::new();
    for one in people::addresses_of(tx, address)? {
        let key = one.mailbox_key();
        let was: Option<Option<String>> =
            tx.query_row("SELECT zone FROM address WHERE key = ?1", [&key], |row| row.get(0)).optional()?;
        let Some(was) = was.filter(|was| was.as_deref() != zone) else { continue };
        tx.execute("UPDATE address SET zone = ?2 WHERE key = ?1", (&key, zone))?;
        before.push(Image::Hand(Hand::Zone { key, was }));
    }
    if before.is_empty() {
        return Ok(false);
    }
    record(tx, now, "noted", &format!("the zone of {address}"), &before)?;
    Ok(true)
}

/// Takes a person's word on a suggestion. Accepted: what it notes, the sequence it needs, and the mail
/// that it puts into Drafts. Returns whether it was open.
///
/// # Errors
/// If SQLite fails.
pub fn decide_next_step(
    tx: &Transaction<'_>,
    id: i64,
    accepted: bool,
    event: Option<(&Happened, Option<&str>)>,
    mail: Option<&NewMail>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let state = if accepted { "accepted" } else { "refused" };
    let sql = "UPDATE next_step SET state = ?2 WHERE id = ?1 AND state = 'open'";
    if tx.execute(sql, (id, state))? == 0 {
        return Ok(false);
    }
    let outreach: i64 = tx.query_row("SELECT outreach FROM next_step WHERE id = ?1", [id], |row| row.get(0))?;
    let mut before = vec![Image::Hand(Hand::NextStep { id })];
    if let Some((what, sequence)) = event {
        happen(tx, outreach, what, sequence, &mut before, now)?;
    }
    if let Some(mail) = mail {
        let row = match outbox::revive(tx, mail)? {
            Some(row) => Some(row),
            None => apply::write_mail(tx, mail, now)?,
        };
        before.extend(row.map(|id| Image::NewMail { id }));
    }
    apply::journal(tx, now, "next step", &format!("n{id}"), &format!("{state} by you"))?;
    record(tx, now, state, &format!("n{id}: what the answer to outreach {outreach} suggests"), &before)?;
    Ok(true)
}

fn happen(
    tx: &Transaction<'_>,
    outreach: i64,
    what: &Happened,
    sequence: Option<&str>,
    before: &mut Vec<Image>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    image::capture_pursuit(tx, outreach, before)?;
    hand::capture_outreach(tx, outreach, before)?;
    let Some(row) = apply::happened(tx, outreach, what, now)? else { return Ok(false) };
    before.push(Image::Hand(Hand::Happened { id: row }));
    follow_up::heed(tx, outreach, now)?;
    let stage = match what.event {
        Event::Meeting => Some(Stage::Meeting),
        Event::Introduced => Some(Stage::Introduced),
        Event::Agreed => None,
    };
    let may = |stage: &Stage| people::stage(tx, outreach).map(|was| was.is_some_and(|was| was.may_become(*stage)));
    if let Some(stage) = stage
        && may(&stage)?
    {
        apply::set_stage(tx, outreach, stage, now)?;
    }
    if let Some(name) = sequence {
        enrol(tx, outreach, name, before, now)?;
    }
    Ok(true)
}

/// The images of the follow-ups come first: put back last, they find the old sequence again.
fn enrol(
    tx: &Transaction<'_>,
    outreach: i64,
    name: &str,
    before: &mut Vec<Image>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let was: Option<String> =
        tx.query_row("SELECT sequence FROM outreach WHERE id = ?1", [outreach], |row| row.get(0))?;
    if was.as_deref() == Some(name) {
        return Ok(false);
    }
    let steps: Vec<u32> = tx
        .prepare_cached("SELECT step FROM follow_up WHERE outreach = ?1 ORDER BY step DESC")?
        .query_map([outreach], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for step in steps {
        for row in outbox::waiting_of_step(tx, outreach, step)? {
            image::capture_outbox(tx, row.id, before)?;
        }
        image::capture_follow_up(tx, outreach, step, before)?;
        apply::cancel_mail(tx, outreach, step, Bar::Overtaken, now)?;
    }
    before.push(Image::Hand(Hand::Sequence { outreach, was }));
    tx.execute("DELETE FROM follow_up WHERE outreach = ?1", [outreach])?;
    apply::enrol(tx, outreach, name, "as you said", now)?;
    Ok(true)
}
