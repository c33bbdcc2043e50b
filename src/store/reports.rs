//! Reads for people: how the accounts and the outbox stand, the log of outreach, the roster.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;

use super::{StoreError, parse_stamp, parse_stamp_opt};
use crate::domain::gist::Pitch;
use crate::domain::rate::{Fate, Pursuit};

/// Every state of the outbox, in the order of a mail's life.
pub const OUTBOX_STATES: [&str; 9] =
    ["held", "queued", "claimed", "sending", "sent", "failed", "unknown", "drafted", "cancelled"];

/// How many mails are in each state of the outbox, every state named.
///
/// # Errors
/// If SQLite fails.
pub fn outbox_counts(conn: &Connection) -> Result<BTreeMap<String, u32>, StoreError> {
    let mut counts: BTreeMap<String, u32> = OUTBOX_STATES.iter().map(|state| ((*state).to_owned(), 0)).collect();
    let mut statement = conn.prepare_cached("SELECT state, count(*) FROM outbox GROUP BY state")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in rows {
        let (state, count) = row?;
        counts.insert(state, count);
    }
    Ok(counts)
}

/// One outreach with what the rate needs and what it can be broken down by.
#[derive(Debug, Clone, PartialEq)]
pub struct PursuitRow {
    /// Row.
    pub id: i64,
    /// Message-ID (or digest) of the first touch.
    pub root: String,
    /// What the rate is reckoned from.
    pub pursuit: Pursuit,
    /// `mail`, `linkedin`, `call` …
    pub channel: String,
    /// Where it came into the log from.
    pub source: String,
    /// Template of the first touch.
    pub template: Option<String>,
    /// Stage of the pursuit.
    pub stage: String,
    /// Subject of the first touch.
    pub subject: String,
    /// Why it is outreach.
    pub because: String,
    /// When each touch was sent.
    pub touches: Vec<Timestamp>,
    /// Addresses and names of the people asked.
    pub people: Vec<(String, String)>,
    /// Organisation of the first of them that has one.
    pub organisation: Option<String>,
    /// What a person tagged it with.
    pub tags: Vec<String>,
}

impl PursuitRow {
    /// `answered`, `bounced` or `awaiting`.
    pub fn status(&self) -> &'static str {
        match (self.pursuit.first_response, self.pursuit.fate) {
            (Some(_), _) => "answered",
            (None, Fate::Delivered) => "awaiting",
            (None, _) => "bounced",
        }
    }
}

/// Every outreach by date of its first touch. `read_until`: overrides how far the accounts were read
/// (an audit is as old as its newest mail).
///
/// # Errors
/// If SQLite fails.
pub fn pursuits(conn: &Connection, read_until: Option<Timestamp>) -> Result<Vec<PursuitRow>, StoreError> {
    let mut found = select(conn, "ORDER BY first_touch_at, outreach.id", [], read_until)?;
    complete(conn, &mut found, false)?;
    Ok(found)
}

/// The newest outreach first, at most `most` of them, of one [`PursuitRow::status`] or of all; and how
/// many there are.
///
/// # Errors
/// If SQLite fails.
pub fn newest(
    conn: &Connection,
    status: Option<&str>,
    most: Option<u32>,
) -> Result<(Vec<PursuitRow>, u32), StoreError> {
    let only = match status {
        None => "",
        Some("answered") => "WHERE first_response_at IS NOT NULL",
        Some("awaiting") => "WHERE first_response_at IS NULL AND fate = 'delivered'",
        Some(_) => "WHERE first_response_at IS NULL AND fate <> 'delivered'",
    };
    let count = format!("SELECT count(*) FROM outreach {only}");
    let count = conn.prepare_cached(&count)?.query_row([], |row| row.get(0))?;
    let limit = most.map_or(-1, i64::from);
    let rest = format!("{only} ORDER BY first_touch_at DESC, outreach.id DESC LIMIT ?1");
    let mut found = select(conn, &rest, [limit], None)?;
    complete(conn, &mut found, most.is_some())?;
    Ok((found, count))
}

/// How many outreach there are.
///
/// # Errors
/// If SQLite fails.
pub fn outreach_count(conn: &Connection) -> Result<u32, StoreError> {
    Ok(conn.query_row("SELECT count(*) FROM outreach", [], |row| row.get(0))?)
}

/// One outreach, by its row or by the Message-ID of its first touch.
///
/// # Errors
/// If SQLite fails.
pub fn pursuit(conn: &Connection, name: &str) -> Result<Option<PursuitRow>, StoreError> {
    let mut found = match name.parse::<i64>() {
        Ok(id) => select(conn, "WHERE outreach.id = ?1", [id], None)?,
        Err(_) => select(conn, "WHERE root = ?1", [name], None)?,
    };
    complete(conn, &mut found, true)?;
    Ok(found.pop())
}

/// The tags of an outreach, in order.
///
/// # Errors
/// If SQLite fails.
pub fn tags(conn: &Connection, outreach: i64) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT tag FROM outreach_tag WHERE outreach = ?1 ORDER BY tag")?;
    let rows = statement.query_map([outreach], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Without touches, people and tags.
fn select<P: rusqlite::Params>(
    conn: &Connection,
    rest: &str,
    params: P,
    read_until: Option<Timestamp>,
) -> Result<Vec<PursuitRow>, StoreError> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT outreach.id, root, fate, first_touch_at, first_response_at, last_read_at, channel, source, template, stage,
                subject, because, first_organisation
         FROM outreach JOIN account ON account.id = account_id {rest}",
    ))?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let fate: String = row.get(2)?;
        let last_read = parse_stamp_opt(row.get(5)?)?;
        found.push(PursuitRow {
            id: row.get(0)?,
            root: row.get(1)?,
            pursuit: Pursuit {
                first_touch: parse_stamp(&row.get::<_, String>(3)?)?,
                first_response: parse_stamp_opt(row.get(4)?)?,
                fate: match fate.as_str() {
                    "bounced" => Fate::Bounced,
                    "refused" => Fate::Refused,
                    _ => Fate::Delivered,
                },
                read_until: read_until.or(last_read),
            },
            channel: row.get(6)?,
            source: row.get(7)?,
            template: row.get(8)?,
            stage: row.get(9)?,
            subject: row.get(10)?,
            because: row.get(11)?,
            touches: Vec::new(),
            people: Vec::new(),
            organisation: row.get(12)?,
            tags: Vec::new(),
        });
    }
    Ok(found)
}

/// Adds touches, people and tags: each outreach is looked up where there are `few`, else all are read.
fn complete(conn: &Connection, found: &mut [PursuitRow], few: bool) -> Result<(), StoreError> {
    let places: HashMap<i64, usize> = found.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
    let ids = serde_json::to_string(&places.keys().collect::<Vec<_>>())?;
    let only = if few { "WHERE outreach IN (SELECT value FROM json_each(?1))" } else { "WHERE ?1 IS NOT NULL" };
    let mut each = |columns: &str, order: &str, take: Take<'_>| -> Result<(), StoreError> {
        let mut statement = conn.prepare_cached(&format!("SELECT outreach, {columns} {only} ORDER BY {order}"))?;
        let mut rows = statement.query([&ids])?;
        while let Some(row) = rows.next()? {
            if let Some(outreach) = places.get(&row.get(0)?).and_then(|at| found.get_mut(*at)) {
                take(outreach, row)?;
            }
        }
        Ok(())
    };
    each("at FROM touch", "outreach", &mut |outreach, row| {
        outreach.touches.push(parse_stamp(&row.get::<_, String>(1)?)?);
        Ok(())
    })?;
    each("address, name FROM outreach_person", "outreach, key", &mut |outreach, row| {
        outreach.people.push((row.get(1)?, row.get(2)?));
        Ok(())
    })?;
    each("tag FROM outreach_tag", "outreach, tag", &mut |outreach, row| {
        outreach.tags.push(row.get(1)?);
        Ok(())
    })?;
    for outreach in found {
        outreach.touches.sort_unstable();
    }
    Ok(())
}

type Take<'a> = &'a mut dyn FnMut(&mut PursuitRow, &rusqlite::Row<'_>) -> Result<(), StoreError>;

/// A mail that was joined to an outreach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedRow {
    /// Row of the mail.
    pub message: i64,
    /// Its Message-ID, empty if it has none.
    pub message_id: String,
    /// Kind.
    pub kind: String,
    /// Level.
    pub level: String,
    /// Evidence.
    pub evidence: String,
    /// In words.
    pub because: String,
    /// Tone.
    pub tone: Option<String>,
    /// When it came.
    pub at: Timestamp,
}

/// Mail joined to an outreach, oldest first.
///
/// # Errors
/// If SQLite fails.
pub fn matched(conn: &Connection, outreach: i64) -> Result<Vec<MatchedRow>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT message.id, message_id, matched.kind, level, evidence, matched.because, tone, matched.at
         FROM matched JOIN message ON message.id = message WHERE outreach = ?1 ORDER BY matched.at, message.id",
    )?;
    let mut rows = statement.query([outreach])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(MatchedRow {
            message: row.get(0)?,
            message_id: row.get(1)?,
            kind: row.get(2)?,
            level: row.get(3)?,
            evidence: row.get(4)?,
            because: row.get(5)?,
            tone: row.get(6)?,
            at: parse_stamp(&row.get::<_, String>(7)?)?,
        });
    }
    Ok(found)
}

/// A recruiter of the roster with the latest pitch.
#[derive(Debug, Clone, PartialEq)]
pub struct RosterRow {
    /// Row.
    pub id: i64,
    /// Name, or empty.
    pub name: String,
    /// Address.
    pub address: String,
    /// Agency, or empty.
    pub agency: String,
    /// First pitch.
    pub first_seen_at: Timestamp,
    /// Latest pitch.
    pub last_seen_at: Timestamp,
    /// How many.
    pub pitches: u32,
    /// When it was answered by machine.
    pub answered_at: Option<Timestamp>,
    /// The day the answer promised.
    pub check_back_on: Option<Date>,
    /// Came back on or after that day.
    pub returned_at: Option<Timestamp>,
    /// What was pitched last.
    pub pitch: Pitch,
    /// The mail it was pitched in: row, and the rules that kept it from an answer.
    pub message: i64,
    /// Rules that block an answer to the latest pitch.
    pub blocked_by: Vec<String>,
    /// State of the automatic answer to the latest pitch, if one was written, and when it may leave.
    pub answer: Option<(String, Timestamp)>,
}

impl RosterRow {
    /// The name, or the address where there is none.
    pub fn label(&self) -> &str {
        if self.name.is_empty() { &self.address } else { &self.name }
    }
}

/// The roster, latest pitch first.
///
/// # Errors
/// If SQLite fails.
pub fn roster(conn: &Connection) -> Result<Vec<RosterRow>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT roster.id, name, address, agency, first_seen_at, last_seen_at, pitches, answered_at, check_back_on,
                returned_at, pitch.pitch, pitch.message, message.blocked_by, answer.state, answer.due_at
         FROM roster JOIN pitch ON pitch.message =
              (SELECT message FROM pitch WHERE roster = roster.id ORDER BY at DESC, message DESC LIMIT 1)
              JOIN message ON message.id = pitch.message
              LEFT JOIN outbox AS answer ON answer.id =
              (SELECT max(id) FROM outbox WHERE inquiry = pitch.message AND errand = 'answer')
         ORDER BY last_seen_at DESC, roster.id",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let blocked: Option<String> = row.get(12)?;
        let on: Option<String> = row.get(8)?;
        found.push(RosterRow {
            id: row.get(0)?,
            name: row.get(1)?,
            address: row.get(2)?,
            agency: row.get(3)?,
            first_seen_at: parse_stamp(&row.get::<_, String>(4)?)?,
            last_seen_at: parse_stamp(&row.get::<_, String>(5)?)?,
            pitches: row.get(6)?,
            answered_at: parse_stamp_opt(row.get(7)?)?,
            check_back_on: on.map(|on| on.parse().map_err(|_| StoreError::Value(on))).transpose()?,
            returned_at: parse_stamp_opt(row.get(9)?)?,
            pitch: serde_json::from_str(&row.get::<_, String>(10)?)?,
            message: row.get(11)?,
            blocked_by: blocked.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default(),
            answer: row.get::<_, Option<String>>(13)?.zip(parse_stamp_opt(row.get(14)?)?),
        });
    }
    Ok(found)
}

/// How many incoming mails there are of each kind, and since when.
///
/// # Errors
/// If SQLite fails.
pub fn kinds(conn: &Connection) -> Result<BTreeMap<String, u32>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT kind, count(*) FROM message WHERE ours = 0 AND role <> 'logged' GROUP BY kind")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether any mail is the user's own.
///
/// # Errors
/// If SQLite fails.
pub fn has_own_mail(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn
        .query_row("SELECT EXISTS (SELECT 1 FROM message WHERE ours = 1 AND role <> 'logged')", [], |row| row.get(0))?)
}

/// An outreach that a mail was joined to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyMatch {
    /// The outreach.
    pub outreach: i64,
    /// Its subject.
    pub subject: String,
    /// Level.
    pub level: String,
    /// Evidence.
    pub evidence: String,
    /// In words.
    pub because: String,
}

/// What a mail was joined to.
///
/// # Errors
/// If SQLite fails.
pub fn why_matched(conn: &Connection, message: i64) -> Result<Vec<WhyMatch>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT outreach, subject, level, evidence, matched.because FROM matched JOIN outreach ON outreach.id = outreach
         WHERE message = ?1 ORDER BY outreach",
    )?;
    let rows = statement.query_map([message], |row| {
        Ok(WhyMatch {
            outreach: row.get(0)?,
            subject: row.get(1)?,
            level: row.get(2)?,
            evidence: row.get(3)?,
            because: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A mail of ours that answers an inquiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyOutbox {
    /// Row in the outbox.
    pub id: i64,
    /// State.
    pub state: String,
    /// Why it is in that state.
    pub because: String,
    /// Whom it goes to.
    pub to: String,
}

/// What was written in answer to a mail.
///
/// # Errors
/// If SQLite fails.
pub fn why_outbox(conn: &Connection, message: i64) -> Result<Vec<WhyOutbox>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT id, state, because, recipient FROM outbox WHERE inquiry = ?1 ORDER BY id")?;
    let rows = statement.query_map([message], |row| {
        Ok(WhyOutbox { id: row.get(0)?, state: row.get(1)?, because: row.get(2)?, to: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
