//! Reads about people: who is who, and what speaks against writing to somebody.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

pub use list::{Person, people};

use super::{StoreError, parse_stamp, stamp};
use crate::domain::asked::Objection;
use crate::domain::ident::{Address, BaseSubject, MessageId};
use crate::domain::outreach::Stage;
use crate::domain::policy::is_listed;

mod list;

/// Outreach whose last touch is older no longer counts as running to an organisation, and a mail in
/// Sent that is older is no mistake to repeat.
const RUNNING: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Stages in which nothing runs any more.
const CLOSED: &str = "('rejected', 'withdrawn', 'no_answer')";

/// Every address that is known of the person behind one, itself included.
///
/// # Errors
/// If SQLite fails.
pub fn addresses_of(conn: &Connection, address: &Address) -> Result<Vec<Address>, StoreError> {
    let mut found = vec![address.clone()];
    let mut statement = conn.prepare_cached(
        "SELECT address FROM address WHERE person_id = (SELECT person_id FROM address WHERE key = ?1) ORDER BY key",
    )?;
    let rows = statement.query_map([address.mailbox_key()], |row| row.get::<_, String>(0))?;
    for row in rows {
        let text = row?;
        let other = Address::parse(&text).ok_or(StoreError::Value(text))?;
        if !found.iter().any(|known| known.same_mailbox(&other)) {
            found.push(other);
        }
    }
    Ok(found)
}

/// The entries of the never list, each with its reason.
///
/// # Errors
/// If SQLite fails.
pub fn never_list(conn: &Connection) -> Result<Vec<(String, String, Timestamp)>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT entry, because, min(at) FROM suppression GROUP BY entry ORDER BY entry")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(0)?, row.get(1)?, parse_stamp(&row.get::<_, String>(2)?)?));
    }
    Ok(found)
}

/// What speaks against writing to somebody. `asks`: the mail asks something of them, so that a running
/// outreach does.
///
/// # Errors
/// If SQLite fails.
pub fn objections(
    conn: &Connection,
    to: &Address,
    never: &[String],
    asks: Option<&BaseSubject>,
    now: Timestamp,
) -> Result<Vec<Objection>, StoreError> {
    let addresses = addresses_of(conn, to)?;
    let mut found: Vec<Objection> = listed(conn, &addresses, never)?.into_iter().collect();
    for address in &addresses {
        let bounced: Option<String> = conn
            .prepare_cached(
                "SELECT max(last_touch_at) FROM outreach_person JOIN outreach ON outreach.id = outreach
                 WHERE key = ?1 AND failed = 'address' AND first_response_at IS NULL",
            )?
            .query_row([address.mailbox_key()], |row| row.get(0))?;
        // another address of the same person may be alive
        if let Some(at) = bounced.filter(|_| address.same_mailbox(to)) {
            found.push(Objection::Bounced { at: parse_stamp(&at)? });
        }
    }
    let Some(subject) = asks else { return Ok(found) };
    let mut runs = false;
    for address in &addresses {
        if let Some(objection) = running(conn, address)? {
            found.push(objection);
            runs = true;
        }
    }
    if !runs {
        found.extend(at_organisation(conn, to, now)?);
        found.extend(same_subject(conn, to, subject, now)?);
    }
    Ok(found)
}

fn listed(conn: &Connection, addresses: &[Address], never: &[String]) -> Result<Option<Objection>, StoreError> {
    let is_on = |entry: &String| addresses.iter().any(|address| is_listed(std::slice::from_ref(entry), address));
    if let Some(entry) = never.iter().find(|entry| is_on(entry)) {
        let because = "never in the config file".to_owned();
        return Ok(Some(Objection::Never { entry: entry.clone(), because }));
    }
    let entry = never_list(conn)?.into_iter().find(|(entry, _, _)| is_on(entry));
    Ok(entry.map(|(entry, because, _)| Objection::Never { entry, because }))
}

fn running(conn: &Connection, address: &Address) -> Result<Option<Objection>, StoreError> {
    let sql = format!(
        "SELECT id, subject, last_touch_at, first_response_at IS NOT NULL FROM outreach_person
         JOIN outreach ON outreach.id = outreach WHERE key = ?1 AND failed IS NULL AND stage NOT IN {CLOSED}
         ORDER BY last_touch_at DESC LIMIT 1"
    );
    let row: Option<(i64, String, String, bool)> = conn
        .prepare_cached(&sql)?
        .query_row([address.mailbox_key()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    row.map(|(outreach, subject, at, answered)| {
        Ok(Objection::Running { outreach, subject, at: parse_stamp(&at)?, answered })
    })
    .transpose()
}

fn at_organisation(conn: &Connection, to: &Address, now: Timestamp) -> Result<Option<Objection>, StoreError> {
    let Some(organisation) = to.organisation() else { return Ok(None) };
    let since = stamp(now.checked_sub(RUNNING).unwrap_or(Timestamp::MIN));
    let sql = format!(
        "SELECT outreach.id, outreach_person.address, last_touch_at FROM address JOIN outreach_person USING (key)
         JOIN outreach ON outreach.id = outreach
         WHERE organisation = ?1 AND last_touch_at >= ?2 AND failed IS NULL AND stage NOT IN {CLOSED}
         ORDER BY last_touch_at DESC LIMIT 1"
    );
    let row: Option<(i64, String, String)> = conn
        .prepare_cached(&sql)?
        .query_row((organisation.as_str(), since), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    row.map(|(outreach, to, at)| Ok(Objection::Organisation { outreach, to, at: parse_stamp(&at)? })).transpose()
}

/// A mail that is no outreach of the log, such as one whose log was lost.
fn same_subject(
    conn: &Connection,
    to: &Address,
    subject: &BaseSubject,
    now: Timestamp,
) -> Result<Option<Objection>, StoreError> {
    let since = stamp(now.checked_sub(RUNNING).unwrap_or(Timestamp::MIN));
    let at: Option<String> = conn
        .prepare_cached(
            "SELECT max(at) FROM message WHERE ours = 1 AND base_subject = ?1 AND at >= ?2
             AND EXISTS (SELECT 1 FROM json_each(gist, '$.to') WHERE json_extract(value, '$.address') = ?3)
             AND NOT EXISTS (SELECT 1 FROM touch WHERE touch.message = message.id)
             AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.message_id = message.message_id)",
        )?
        .query_row((subject.as_str(), since, to.as_str()), |row| row.get(0))?;
    at.map(|at| Ok(Objection::SameSubject { at: parse_stamp(&at)? })).transpose()
}

/// When the mail of ours with that id was sent, as far as a mailbox knows.
///
/// # Errors
/// If SQLite fails.
pub fn written(conn: &Connection, id: &MessageId) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<String> = conn
        .prepare_cached(
            "SELECT max(at) FROM message WHERE ours = 1 AND id IN
             (SELECT id FROM message WHERE message_id = ?1 UNION SELECT message FROM id_alias WHERE message_id = ?1)",
        )?
        .query_row([id.as_str()], |row| row.get(0))?;
    at.map(|at| parse_stamp(&at)).transpose()
}

/// The outreach that the mail of that id began.
///
/// # Errors
/// If SQLite fails.
pub fn outreach_begun_by(conn: &Connection, id: &MessageId) -> Result<Option<i64>, StoreError> {
    let found = conn
        .prepare_cached(
            "SELECT outreach FROM touch JOIN message ON message.id = touch.message
             WHERE message_id = ?1 AND step = 0 ORDER BY outreach LIMIT 1",
        )?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// The outreach to somebody, by any of their addresses, that is open and was touched within `near` of
/// that time; the latest, if there are several.
///
/// # Errors
/// If SQLite fails.
pub fn running_outreach(
    conn: &Connection,
    person: &Address,
    at: Timestamp,
    near: SignedDuration,
) -> Result<Option<i64>, StoreError> {
    let mut latest: Option<(String, i64)> = None;
    let since = stamp(at.checked_sub(near).unwrap_or(Timestamp::MIN));
    let until = stamp(at.checked_add(near).unwrap_or(Timestamp::MAX));
    let sql = format!(
        "SELECT last_touch_at, id FROM outreach_person JOIN outreach ON outreach.id = outreach
         WHERE key = ?1 AND failed IS NULL AND last_touch_at BETWEEN ?2 AND ?3 AND stage NOT IN {CLOSED}
         ORDER BY last_touch_at DESC, id DESC LIMIT 1"
    );
    for address in addresses_of(conn, person)? {
        let found = conn
            .prepare_cached(&sql)?
            .query_row((address.mailbox_key(), &since, &until), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        latest = latest.max(found);
    }
    Ok(latest.map(|(_, outreach)| outreach))
}

/// The zone in which a person reads their mail, if the user said it of any of their addresses.
///
/// # Errors
/// If SQLite fails.
pub fn zone(conn: &Connection, address: &Address) -> Result<Option<String>, StoreError> {
    for one in addresses_of(conn, address)? {
        let zone: Option<Option<String>> = conn
            .prepare_cached("SELECT zone FROM address WHERE key = ?1")?
            .query_row([one.mailbox_key()], |row| row.get(0))
            .optional()?;
        if let Some(zone) = zone.flatten() {
            return Ok(Some(zone));
        }
    }
    Ok(None)
}

/// The stage of an outreach; `None`: there is no such one.
///
/// # Errors
/// If SQLite fails.
pub fn stage(conn: &Connection, outreach: i64) -> Result<Option<Stage>, StoreError> {
    let name: Option<String> = conn
        .prepare_cached("SELECT stage FROM outreach WHERE id = ?1")?
        .query_row([outreach], |row| row.get(0))
        .optional()?;
    name.map(|name| Stage::parse(&name).ok_or(StoreError::Value(name))).transpose()
}

/// Every outreach with follow-ups to come, and whom it asks.
///
/// # Errors
/// If SQLite fails.
pub fn followed_up(conn: &Connection) -> Result<Vec<(i64, Address)>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT outreach, address FROM follow_up JOIN outreach_person USING (outreach)
         WHERE state NOT IN ('done', 'stopped') ORDER BY outreach",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(1)?;
        found.push((row.get(0)?, Address::parse(&text).ok_or(StoreError::Value(text))?));
    }
    Ok(found)
}
