//! What the response rate is reckoned from and broken down by: one scan of one index, however large
//! the mailbox is. What a person reads of an outreach is in [`super::reports`].

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{StoreError, parse_stamp, parse_stamp_opt, stamp};
use crate::domain::outreach::Stage;
use crate::domain::rate::{Fate, Pursuit};

/// All in `outreach_rate`: the table itself is not touched.
pub(super) const LOG: &str =
    "SELECT id, account_id, first_touch_at, first_response_at, fate, stage, channel, source, template,
            first_organisation, drawn_from
     FROM outreach WHERE first_touch_at >= ?1 ORDER BY first_touch_at";

/// All in `touch_later`.
pub(super) const FOLLOW_UPS: &str = "SELECT outreach, at FROM touch WHERE step > 0 ORDER BY outreach, at";

/// All in `matched_machine`.
pub(super) const MACHINES: &str = "SELECT kind, outreach FROM matched
     WHERE kind <> 'human' AND level IN ('sure', 'likely') ORDER BY kind, outreach";

/// A name that stands once in [`Log`], whoever bears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(u32);

/// One outreach as the rate sees it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Row.
    pub id: i64,
    /// What the rate is reckoned from.
    pub pursuit: Pursuit,
    /// Stage; one that this version does not know counts as contacted.
    pub stage: Stage,
    /// `mail`, `linkedin`, `call` …
    pub channel: Name,
    /// Where it came into the log from.
    pub source: Name,
    /// Template of the first touch.
    pub template: Option<Name>,
    /// Organisation of the first of those asked that has one.
    pub organisation: Option<Name>,
    /// The experiment for which checkback drew the template by lot.
    pub drawn_from: Option<Name>,
}

/// Every outreach, by date of its first touch.
#[derive(Debug, Default)]
pub struct Log {
    /// The outreach.
    pub asked: Vec<Asked>,
    names: Vec<String>,
    known: HashMap<String, Name>,
}

impl Log {
    /// The name in words.
    pub fn name(&self, name: Name) -> &str {
        self.names.get(name.0 as usize).map_or("", String::as_str)
    }

    /// The name of this word, if anything bears it.
    pub fn find(&self, word: &str) -> Option<Name> {
        self.known.get(word).copied()
    }

    /// `last` is what the row before had in this column: most often the same.
    fn intern(&mut self, word: &str, last: &mut Option<Name>) -> Name {
        if let Some(name) = last.filter(|name| self.name(*name) == word) {
            return name;
        }
        let next = Name(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        let name = self.known.get(word).copied().unwrap_or_else(|| {
            self.names.push(word.to_owned());
            self.known.insert(word.to_owned(), next);
            next
        });
        *last = Some(name);
        name
    }
}

/// Reads the log. `since`: only what was begun then or later. `read_until`: overrides how far the
/// accounts were read (an audit is as old as its newest mail).
///
/// # Errors
/// If SQLite fails.
pub fn log(conn: &Connection, since: Option<Timestamp>, read_until: Option<Timestamp>) -> Result<Log, StoreError> {
    let accounts = read_untils(conn, read_until)?;
    let mut statement = conn.prepare_cached(LOG)?;
    let mut rows = statement.query([since_text(since)])?;
    let mut log = Log::default();
    let (mut channel, mut source, mut template, mut organisation, mut drawn) = (None, None, None, None, None);
    while let Some(row) = rows.next()? {
        let mut named = |at: usize, last: &mut Option<Name>| -> Result<Option<Name>, StoreError> {
            Ok(text(row.get_ref(at)?)?.map(|word| log.intern(word, last)))
        };
        let channel = named(6, &mut channel)?;
        let source = named(7, &mut source)?;
        let template = named(8, &mut template)?;
        let organisation = named(9, &mut organisation)?;
        let drawn_from = named(10, &mut drawn)?;
        let account: i64 = row.get(1)?;
        log.asked.push(Asked {
            id: row.get(0)?,
            pursuit: Pursuit {
                first_touch: parse_stamp(text(row.get_ref(2)?)?.unwrap_or_default())?,
                first_response: text(row.get_ref(3)?)?.map(parse_stamp).transpose()?,
                fate: match text(row.get_ref(4)?)? {
                    Some("bounced") => Fate::Bounced,
                    Some("refused") => Fate::Refused,
                    _ => Fate::Delivered,
                },
                read_until: accounts.get(&account).copied().flatten(),
            },
            stage: text(row.get_ref(5)?)?.and_then(Stage::parse).unwrap_or(Stage::Contacted),
            channel: channel.unwrap_or(Name(u32::MAX)),
            source: source.unwrap_or(Name(u32::MAX)),
            template,
            organisation,
            drawn_from,
        });
    }
    Ok(log)
}

/// When the follow-ups of each outreach were sent.
#[derive(Debug, Default)]
pub struct FollowUps {
    /// By outreach, then in order of time: one list, because most outreach has one or two.
    sent: Vec<(i64, Timestamp)>,
}

impl FollowUps {
    /// Those of this outreach, in order of time.
    pub fn of(&self, outreach: i64) -> &[(i64, Timestamp)] {
        let from = self.sent.partition_point(|(id, _)| *id < outreach);
        let rest = self.sent.get(from..).unwrap_or_default();
        let many = rest.iter().take_while(|(id, _)| *id == outreach).count();
        rest.get(..many).unwrap_or_default()
    }
}

/// Reads the follow-ups of all outreach.
///
/// # Errors
/// If SQLite fails.
pub fn follow_ups(conn: &Connection) -> Result<FollowUps, StoreError> {
    let mut statement = conn.prepare_cached(FOLLOW_UPS)?;
    let mut rows = statement.query([])?;
    let mut found = FollowUps::default();
    while let Some(row) = rows.next()? {
        let at = parse_stamp(text(row.get_ref(1)?)?.unwrap_or_default())?;
        found.sent.push((row.get(0)?, at));
    }
    Ok(found)
}

/// Every tag with the outreach that bears it.
///
/// # Errors
/// If SQLite fails.
pub fn tags(conn: &Connection) -> Result<Vec<(i64, String)>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT outreach, tag FROM outreach_tag ORDER BY outreach, tag")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What came back to outreach and is no answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uncounted {
    /// Outreach with joined mail that a machine wrote, by its kind.
    pub machines: BTreeMap<String, u32>,
    /// Outreach whose addressee has left, by a machine's word; among the bounced.
    pub left: u32,
    /// Mails that may be an answer and wait for a person's word.
    pub possible: u32,
    /// First mails that the mail server refused as they left.
    pub turned_away: u32,
}

/// Counts what came back to the outreach of this log and does not count as an answer.
///
/// # Errors
/// If SQLite fails.
pub fn uncounted(conn: &Connection, log: &Log, since: Option<Timestamp>) -> Result<Uncounted, StoreError> {
    let of_log: Option<HashSet<i64>> = since.map(|_| log.asked.iter().map(|asked| asked.id).collect());
    let bounced = log.asked.iter().filter(|asked| asked.pursuit.fate == Fate::Bounced);
    let mut left: HashMap<i64, bool> = bounced.map(|asked| (asked.id, false)).collect();
    let mut found = Uncounted::default();
    let mut statement = conn.prepare_cached(MACHINES)?;
    let mut rows = statement.query([])?;
    let mut last = (String::new(), -1);
    while let Some(row) = rows.next()? {
        let (kind, outreach) = (text(row.get_ref(0)?)?.unwrap_or_default(), row.get(1)?);
        if last.1 == outreach && last.0 == kind || of_log.as_ref().is_some_and(|log| !log.contains(&outreach)) {
            continue;
        }
        if last.0 != kind {
            kind.clone_into(&mut last.0);
        }
        last.1 = outreach;
        match found.machines.get_mut(kind) {
            Some(count) => *count += 1,
            None => {
                found.machines.insert(kind.to_owned(), 1);
            }
        }
        // a bounce comes before a note in the order of kinds: it was the address then
        match kind {
            "bounce" => {
                left.remove(&outreach);
            }
            "out_of_office" => {
                left.entry(outreach).and_modify(|left| *left = true);
            }
            _ => {}
        }
    }
    found.left = u32::try_from(left.values().filter(|left| **left).count()).unwrap_or(u32::MAX);
    found.possible = conn
        .prepare_cached(
            "SELECT count(*) FROM matched JOIN outreach ON outreach.id = outreach
             WHERE level = 'candidate' AND kind = 'human' AND first_response_at IS NULL AND first_touch_at >= ?1",
        )?
        .query_row([since_text(since)], |row| row.get(0))?;
    found.turned_away = conn
        .prepare_cached("SELECT count(*) FROM outbox WHERE state = 'failed' AND asks = 1 AND settled_at >= ?1")?
        .query_row([since_text(since)], |row| row.get(0))?;
    Ok(found)
}

/// Open proposals as if they were outreach, to say how far they can move the rate.
///
/// # Errors
/// If SQLite fails.
pub fn proposed(
    conn: &Connection,
    since: Option<Timestamp>,
    read_until: Option<Timestamp>,
) -> Result<Vec<Pursuit>, StoreError> {
    let accounts = read_untils(conn, read_until)?;
    let mut statement = conn.prepare_cached(
        "SELECT message.at, message.account_id,
                (SELECT min(answer.at) FROM reference JOIN message AS answer ON answer.id = reference.message
                 WHERE parent = message.message_id AND answer.ours = 0 AND answer.kind = 'human'),
                (SELECT CASE WHEN count(*) < coalesce(json_array_length(message.gist, '$.to'), 1) THEN 'delivered'
                             WHEN max(coalesce(json_extract(failed.gist, '$.bounce.reason'), 'address') <> 'address')
                             THEN 'refused' ELSE 'bounced' END
                 FROM reference JOIN message AS failed ON failed.id = reference.message
                 WHERE parent = message.message_id AND failed.ours = 0
                   AND (failed.kind = 'bounce' OR json_extract(failed.gist, '$.out_of_office.left')))
         FROM proposal JOIN message ON message.id = proposal.message
         WHERE state = 'open' AND message.at >= ?1",
    )?;
    let mut rows = statement.query([since_text(since)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let account: i64 = row.get(1)?;
        found.push(Pursuit {
            first_touch: parse_stamp(&row.get::<_, String>(0)?)?,
            first_response: parse_stamp_opt(row.get(2)?)?,
            fate: match text(row.get_ref(3)?)? {
                Some("bounced") => Fate::Bounced,
                Some("refused") => Fate::Refused,
                _ => Fate::Delivered,
            },
            read_until: accounts.get(&account).copied().flatten(),
        });
    }
    Ok(found)
}

fn read_untils(
    conn: &Connection,
    overridden: Option<Timestamp>,
) -> Result<BTreeMap<i64, Option<Timestamp>>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT id, last_read_at FROM account")?;
    let mut rows = statement.query([])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        found.insert(row.get(0)?, overridden.or(parse_stamp_opt(row.get(1)?)?));
    }
    Ok(found)
}

/// Sorts before every time where there is none.
fn since_text(since: Option<Timestamp>) -> String {
    since.map(stamp).unwrap_or_default()
}

fn text(value: ValueRef<'_>) -> Result<Option<&str>, StoreError> {
    value.as_str_or_null().map_err(|error| StoreError::Value(error.to_string()))
}
