//! What a person notes beside mail, the sequence they choose, and their word on what an answer suggests.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction};

use super::hand::{self, Hand};
use super::image::{self, Image};
use super::{follow_up, record};
use crate::domain::ident::{Address, NamedAddress};
use crate::domain::outreach::{Channel, Stage};
use crate::domain::sequence::Event;
use crate::domain::sequence::life::{Bar, Happened};
use crate::store::apply::{self, Logged, NewMail};
use crate::store::{StoreError, outbox, parse_stamp, people};

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

/// Keeps the zone of everybody behind an address; `None`: not known. Returns whether that is new; `None` if
/// nobody has the address.
///
/// # Errors
/// If SQLite fails.
pub fn set_zone(
    tx: &Transaction<'_>,
    address: &Address,
    zone: Option<&str>,
    now: Timestamp,
) -> Result<Option<bool>, StoreError> {
    let mut before = Vec::new();
    let mut known = false;
    for one in people::addresses_of(tx, address)? {
        let key = one.mailbox_key();
        let was: Option<Option<String>> =
            tx.query_row("SELECT zone FROM address WHERE key = ?1", [&key], |row| row.get(0)).optional()?;
        known |= was.is_some();
        let Some(was) = was.filter(|was| was.as_deref() != zone) else { continue };
        tx.execute("UPDATE address SET zone = ?2 WHERE key = ?1", (&key, zone))?;
        before.push(Image::Hand(Hand::Zone { key, was }));
    }
    if before.is_empty() {
        return Ok(known.then_some(false));
    }
    record(tx, now, "noted", &format!("the zone of {address}"), &before)?;
    Ok(Some(true))
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
    let steps = Some(steps_of(tx, outreach)?);
    before.push(Image::Hand(Hand::Happened { id: row, steps }));
    answer_in_life(tx, outreach, what, before, now)?;
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

fn steps_of(tx: &Transaction<'_>, outreach: i64) -> Result<Vec<u32>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT step FROM follow_up WHERE outreach = ?1 ORDER BY step")?;
    let rows = statement.query_map([outreach], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whoever met the user or introduced them has answered, as with a call that is logged: then, or by now
/// if the meeting is still to come. What was before the first mail answers nothing.
fn answer_in_life(
    tx: &Transaction<'_>,
    outreach: i64,
    what: &Happened,
    before: &mut Vec<Image>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (channel, about) = match what.event {
        Event::Meeting => ("meeting", "a meeting"),
        Event::Introduced => ("meeting", "an introduction"),
        Event::Agreed => return Ok(()),
    };
    let Some(channel) = Channel::parse(channel) else { return Ok(()) };
    let asked = tx
        .query_row(
            "SELECT account_id, first_touch_at, asked.address, name, first_out_at, first_in_at
             FROM outreach JOIN outreach_person AS asked ON asked.outreach = outreach.id
             JOIN address ON address.key = asked.key WHERE outreach.id = ?1 AND first_response_at IS NULL
             ORDER BY asked.key LIMIT 1",
            [outreach],
            |row| {
                let text = (row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?);
                Ok((row.get(0)?, text, (row.get(4)?, row.get(5)?)))
            },
        )
        .optional()?;
    let Some((account, (first, address, name), known)) = asked else { return Ok(()) };
    let at = what.at.min(now);
    let address = Address::parse(&address).ok_or(StoreError::Value(address))?;
    if at < parse_stamp(&first)? {
        return Ok(());
    }
    let key = address.mailbox_key();
    before.push(Image::Hand(Hand::Known { key, was: known }));
    before.push(Image::Hand(Hand::Answer { outreach }));
    let person = NamedAddress { name: Some(name).filter(|name| !name.is_empty()), address };
    let about = about.to_owned();
    let logged = Logged { account, person, channel, at, about, answered: Some(at), sequence: None, tags: Vec::new() };
    apply::answer_logged(tx, &logged, outreach)
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
    for step in steps_of(tx, outreach)?.into_iter().rev() {
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
