//! What a person logs by hand: touches on other channels, stages, notes, who is who, and who is never
//! written to.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::pursuit::{self, Begun};
use super::{Subject, journal, know_address};
use crate::domain::gist::{Gist, Kind};
use crate::domain::ident::{Address, BaseSubject, NamedAddress};
use crate::domain::inbound::ContentDigest;
use crate::domain::outreach::{Channel, Stage};
use crate::domain::read;
use crate::store::corrections::YOUR_WORD;
use crate::store::{StoreError, stamp};

/// What a person says to have done.
#[derive(Debug, Clone)]
pub struct Logged {
    /// The account whose outreach it is.
    pub account: i64,
    /// Whom it was about.
    pub person: NamedAddress,
    /// How.
    pub channel: Channel,
    /// When.
    pub at: Timestamp,
    /// In a few words; stands where a mail has its subject.
    pub about: String,
    /// When the person answered, if so.
    pub answered: Option<Timestamp>,
    /// The sequence in which the outreach is enrolled.
    pub sequence: Option<String>,
    /// Words by which it is sorted.
    pub tags: Vec<String>,
}

/// A row of `message` for what was no mail, or was not seen. Returns it and what it says.
pub(in crate::store) fn note_logged(
    tx: &Transaction<'_>,
    logged: &Logged,
    ours: bool,
    at: Timestamp,
) -> Result<(i64, Gist), StoreError> {
    let mut gist = read::read(&[], at);
    let address = logged.person.address.as_str();
    let what = format!("{} {address} {}", logged.channel.as_str(), logged.about);
    gist.digest = ContentDigest::of(if ours { "logged" } else { "logged answer" }, Some(at), &what, "");
    gist.subject.clone_from(&logged.about);
    gist.base_subject = BaseSubject::of(&logged.about);
    gist.kind = Kind::Human;
    gist.kind_because = "logged by you".to_owned();
    gist.defects.clear();
    match ours {
        true => gist.to = vec![logged.person.clone()],
        false => gist.from = Some(logged.person.clone()),
    }
    let key = know_address(tx, &logged.person.address)?;
    let from_key = if ours { "" } else { key.as_str() };
    tx.execute(
        "INSERT OR IGNORE INTO message (message_id, from_key, digest, account_id, ours, role, received_at, at, kind,
                                        base_subject, before_start, pending, because, gist)
         VALUES ('', :from, :digest, :account, :ours, 'logged', :at, :at, 'human', :base, 0, 0, 'logged by you', :gist)",
        named_params! {
            ":from": from_key, ":digest": gist.digest.as_str(), ":account": logged.account, ":ours": ours,
            ":at": stamp(at), ":base": gist.base_subject.as_str(), ":gist": serde_json::to_string(&gist)?,
        },
    )?;
    let sql = "SELECT id FROM message WHERE message_id = '' AND from_key = ?1 AND digest = ?2";
    let id = tx.query_row(sql, (from_key, gist.digest.as_str()), |row| row.get(0))?;
    // who was spoken to is nobody's stranger
    let column = if ours { "first_out_at" } else { "first_in_at" };
    let sql = format!("UPDATE address SET {column} = min(coalesce({column}, ?2), ?2) WHERE key = ?1");
    tx.execute(&sql, (&key, stamp(at)))?;
    Ok((id, gist))
}

/// Begins an outreach with what was logged. The row, and whether it is new.
pub(in crate::store) fn begin_logged(
    tx: &Transaction<'_>,
    subject: &Subject<'_>,
    logged: &Logged,
) -> Result<(i64, bool), StoreError> {
    let known =
        tx.query_row("SELECT id FROM outreach WHERE root = ?1", [subject.gist.root()], |row| row.get(0)).optional()?;
    if let Some(known) = known {
        return Ok((known, false));
    }
    let begun =
        Begun { source: "logged", template: None, sequence: logged.sequence.as_deref(), because: "logged by you" };
    let outreach = pursuit::begin(tx, subject, std::slice::from_ref(&logged.person), &begun)?;
    tx.execute("UPDATE outreach SET channel = ?2 WHERE id = ?1", (outreach, logged.channel.as_str()))?;
    for tag in &logged.tags {
        tx.execute("INSERT OR IGNORE INTO tag (outreach, tag) VALUES (?1, ?2)", (outreach, tag))?;
    }
    Ok((outreach, true))
}

/// Notes that the person answered, on whatever channel.
pub(in crate::store) fn answer_logged(tx: &Transaction<'_>, logged: &Logged, outreach: i64) -> Result<(), StoreError> {
    let Some(at) = logged.answered else { return Ok(()) };
    let (message, gist) = note_logged(tx, logged, false, at)?;
    let subject = Subject { message, account: logged.account, gist: &gist, at };
    pursuit::join(tx, &subject, outreach, "sure", YOUR_WORD, "logged by you")
}

/// Moves an outreach to a stage; the caller knows that it may.
pub(in crate::store) fn set_stage(
    tx: &Transaction<'_>,
    outreach: i64,
    stage: Stage,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute("UPDATE outreach SET stage = ?2 WHERE id = ?1", (outreach, stage.as_str()))?;
    journal(tx, now, "stage", &outreach.to_string(), stage.as_str())
}

/// Ends the follow-ups of an outreach that are still to come.
pub(in crate::store) fn stop_follow_ups(tx: &Transaction<'_>, outreach: i64, because: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE follow_up SET state = 'stopped', because = ?2 WHERE outreach = ?1 AND state NOT IN ('done', 'stopped')",
        (outreach, because),
    )?;
    Ok(())
}

/// Takes an entry off the never list.
pub(in crate::store) fn allow(tx: &Transaction<'_>, entry: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM suppression WHERE entry = ?1", [entry])?;
    journal(tx, now, "allowed", entry, "you said so")
}

/// Makes the person behind some addresses one. Mail that came from any of them is looked at again.
pub(in crate::store) fn merge(
    tx: &Transaction<'_>,
    addresses: &[Address],
    name: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut keys = Vec::new();
    for address in addresses {
        keys.push(know_address(tx, address)?);
    }
    let mut person: Option<i64> = None;
    for key in &keys {
        let known: Option<i64> =
            tx.query_row("SELECT person_id FROM address WHERE key = ?1", [key], |row| row.get(0))?;
        person = person.or(known);
    }
    let person = match person {
        Some(person) => person,
        None => {
            tx.execute("INSERT INTO person (name) VALUES (?1)", [name])?;
            tx.last_insert_rowid()
        }
    };
    for key in &keys {
        tx.execute("UPDATE address SET person_id = ?2 WHERE key = ?1", (key, person))?;
        tx.execute(
            "UPDATE message SET pending = 1 WHERE pending = 0 AND ours = 0 AND role <> 'logged' AND from_key = ?1",
            [key],
        )?;
    }
    journal(tx, now, "merged", &keys.join(" "), "you said so")
}

/// Keeps what a person noted about somebody. Returns its row.
pub(in crate::store) fn note(
    tx: &Transaction<'_>,
    address: &Address,
    text: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let key = know_address(tx, address)?;
    tx.execute("INSERT INTO note (key, at, text) VALUES (?1, ?2, ?3)", (key, stamp(now), text))?;
    Ok(tx.last_insert_rowid())
}
