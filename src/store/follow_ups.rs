//! Reads about follow-ups: what to look at, everything that decides about one outreach, what a person
//! is shown.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{StoreError, cases, parse_stamp, parse_stamp_opt, stamp};
use crate::domain::gist::{Gist, Kind};
use crate::domain::ident::{Address, MessageId, NamedAddress};
use crate::domain::outreach::Stage;
use crate::domain::policy::is_listed;
use crate::domain::sequence::life::{Absence, Bar, FollowUp, Happened, Signs, State};
use crate::domain::sequence::{Action, Event};

pub use shown::{DueRow, PlanRow, due_list, open, plan_of};

mod shown;

/// Their clock and ours need not agree, and ours may have been set back by a day after the first touch: mail
/// from somebody who is asked counts if it is dated up to this long before it. Too much only makes a
/// follow-up wait for a person.
const SLACK: SignedDuration = SignedDuration::from_hours(26);

/// One outreach with everything that decides about its follow-ups.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// Row.
    pub id: i64,
    /// Its account.
    pub account_id: i64,
    /// The account's name.
    pub account: String,
    /// Message-ID (or digest) of the first touch.
    pub root: String,
    /// Subject of the first touch.
    pub subject: String,
    /// `mail`, `call` …
    pub channel: String,
    /// The sequence, `none`, or not decided yet.
    pub sequence: Option<String>,
    /// Sent from here, or released by the user.
    pub may_act: bool,
    /// Its first touch is older than the account's first start.
    pub before_start: bool,
    /// When its touches were sent, ascending.
    pub touches: Vec<Timestamp>,
    /// Ids of its touches, in that order.
    pub ids: Vec<MessageId>,
    /// Whose address the latest touch was sent from.
    pub sender: Option<Address>,
    /// Whom it asks and who can be reached, in the order in which they were asked.
    pub people: Vec<NamedAddress>,
    /// Keys of everybody it asked.
    pub keys: Vec<String>,
    /// The zone of the one who is written to, if the user said it.
    pub zone: Option<String>,
    /// What happened.
    pub signs: Signs,
    /// Its follow-ups.
    pub follow_ups: Vec<FollowUp>,
}

/// Outreach to look at: something changed, or the time of a follow-up has come; that of a reminder with
/// its day, which ends at `tomorrow`. In order of time.
///
/// # Errors
/// If SQLite fails.
pub fn to_look_at(conn: &Connection, now: Timestamp, tomorrow: Timestamp) -> Result<Vec<i64>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT outreach.id FROM outreach LEFT JOIN follow_up
             ON follow_up.outreach = outreach.id AND follow_up.state IN ('planned', 'written')
         WHERE outreach.unplanned = 1 OR outreach.id IN
             (SELECT outreach FROM follow_up WHERE state = 'planned'
              AND (due_at <= ?1 OR action = 'remind' AND due_at < ?2))
         GROUP BY outreach.id ORDER BY min(follow_up.due_at), outreach.id",
    )?;
    let rows = statement.query_map([stamp(now), stamp(tomorrow)], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the next follow-up is due; which may be past. `None`: none is planned.
///
/// # Errors
/// If SQLite fails.
pub fn next_planned(conn: &Connection) -> Result<Option<(Timestamp, Action)>, StoreError> {
    let mut statement = conn
        .prepare_cached("SELECT due_at, action FROM follow_up WHERE state = 'planned' ORDER BY due_at, id LIMIT 1")?;
    let next = statement
        .query_row([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .optional()?
        .map(|(at, action)| Ok::<_, StoreError>((parse_stamp(&at)?, action_of(action)?)));
    next.transpose()
}

/// Everything that decides about an outreach. `never`: the config's list.
///
/// # Errors
/// If SQLite fails.
pub fn enrolled(conn: &Connection, outreach: i64, never: &[String]) -> Result<Option<Enrolled>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT account_id, account.name, root, subject, channel, source, stage, fate, first_touch_at,
                first_response_at, sequence, automatic, heeded_mail, heeded_at, opened_at
         FROM outreach JOIN account ON account.id = account_id WHERE outreach.id = ?1",
    )?;
    let mut rows = statement.query([outreach])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let first = parse_stamp(&row.get::<_, String>(8)?)?;
    let opened = parse_stamp(&row.get::<_, String>(14)?)?;
    let (source, stage, fate): (String, String, String) = (row.get(5)?, row.get(6)?, row.get(7)?);
    let mut found = Enrolled {
        id: outreach,
        account_id: row.get(0)?,
        account: row.get(1)?,
        root: row.get(2)?,
        subject: row.get(3)?,
        channel: row.get(4)?,
        sequence: row.get(10)?,
        may_act: source == "checkback" || row.get(11)?,
        before_start: first < opened,
        touches: Vec::new(),
        ids: Vec::new(),
        sender: None,
        people: Vec::new(),
        keys: Vec::new(),
        zone: None,
        signs: Signs {
            response: row.get::<_, Option<String>>(9)?.is_some(),
            bounced: fate != "delivered",
            closed: Stage::parse(&stage).is_some_and(Stage::is_closed),
            heeded_at: parse_stamp_opt(row.get(13)?)?,
            happened: happened_of(conn, outreach)?,
            tags: super::reports::tags(conn, outreach)?,
            stage,
            ..Signs::default()
        },
        follow_ups: follow_ups_of(conn, outreach)?,
    };
    let heeded: i64 = row.get(12)?;
    read_touches(conn, &mut found)?;
    read_people(conn, &mut found, first, never)?;
    read_mail(conn, &mut found, first, heeded)?;
    Ok(Some(found))
}

/// When follow-ups left or are leaving since then, but one row of the outbox. What was cleared by the
/// gate leaves now.
///
/// # Errors
/// If SQLite fails.
pub fn leaving(
    conn: &Connection,
    since: Timestamp,
    now: Timestamp,
    but_not: i64,
) -> Result<Vec<Timestamp>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT coalesce(settled_at, ?2) FROM outbox WHERE errand = 'follow_up' AND id <> ?3
             AND ((state IN ('sent', 'drafted', 'unknown') AND settled_at >= ?1)
                  OR state = 'sending' OR (state = 'claimed' AND bytes IS NOT NULL))",
    )?;
    let rows = statement.query_map((stamp(since), stamp(now), but_not), |row| row.get::<_, String>(0))?;
    rows.map(|row| parse_stamp(&row?)).collect()
}

/// When a person got mail of the user's since then, written by whomever, or is getting one.
///
/// # Errors
/// If SQLite fails.
pub fn written_to(
    conn: &Connection,
    keys: &[String],
    own: &[String],
    since: Timestamp,
    now: Timestamp,
    but_not: i64,
) -> Result<Vec<Timestamp>, StoreError> {
    let mut found = Vec::new();
    let mut queued = conn.prepare_cached(
        "SELECT recipient, coalesce(settled_at, ?2) FROM outbox WHERE errand <> 'digest' AND id <> ?3
             AND ((state IN ('sent', 'unknown') AND settled_at >= ?1)
                  OR state = 'sending' OR (state = 'claimed' AND bytes IS NOT NULL))",
    )?;
    let mut rows = queued.query((stamp(since), stamp(now), but_not))?;
    while let Some(row) = rows.next()? {
        let key = Address::parse(&row.get::<_, String>(0)?).map(|address| address.mailbox_key());
        if key.is_some_and(|key| keys.contains(&key)) {
            found.push(parse_stamp(&row.get::<_, String>(1)?)?);
        }
    }
    // by hand: what lies in Sent
    let mut sent = conn.prepare_cached("SELECT gist, at FROM message WHERE from_key = ?1 AND at >= ?2 AND ours = 1")?;
    for from in own {
        let mut rows = sent.query((from, stamp(since)))?;
        while let Some(row) = rows.next()? {
            let gist: Gist = serde_json::from_str(&row.get::<_, String>(0)?)?;
            if gist.addressees().chain(&gist.bcc).any(|to| keys.contains(&to.address.mailbox_key())) {
                found.push(parse_stamp(&row.get::<_, String>(1)?)?);
            }
        }
    }
    Ok(found)
}

/// When others of a person's organisation got a follow-up since then, or are getting one.
///
/// # Errors
/// If SQLite fails.
pub fn written_to_colleagues(
    conn: &Connection,
    keys: &[String],
    since: Timestamp,
    now: Timestamp,
    but_not: i64,
) -> Result<Vec<Timestamp>, StoreError> {
    let organisation = |key: &String| Address::parse(key).and_then(|address| address.organisation());
    let theirs: Vec<_> = keys.iter().filter_map(organisation).collect();
    if theirs.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = conn.prepare_cached(
        "SELECT recipient, coalesce(settled_at, ?2) FROM outbox WHERE errand = 'follow_up' AND mode = 'send' AND id <> ?3
             AND ((state IN ('sent', 'unknown') AND settled_at >= ?1)
                  OR state = 'sending' OR (state = 'claimed' AND bytes IS NOT NULL))",
    )?;
    let mut rows = statement.query((stamp(since), stamp(now), but_not))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(address) = Address::parse(&row.get::<_, String>(0)?) else { continue };
        let same = address.organisation().is_some_and(|organisation| theirs.contains(&organisation));
        if same && !keys.contains(&address.mailbox_key()) {
            found.push(parse_stamp(&row.get::<_, String>(1)?)?);
        }
    }
    Ok(found)
}

/// Outreach with a follow-up to come.
///
/// # Errors
/// If SQLite fails.
pub fn open_outreach(conn: &Connection) -> Result<Vec<i64>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT outreach FROM follow_up WHERE state NOT IN ('done', 'stopped') ORDER BY outreach",
    )?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether an address key is one of a person's, or of their organisation.
pub fn is_near(key: &str, keys: &[String]) -> bool {
    let organisation = |key: &str| Address::parse(key).and_then(|address| address.organisation());
    keys.iter().any(|own| own == key || organisation(key).is_some_and(|other| organisation(own) == Some(other)))
}

/// What happened beside mail, in order of time.
///
/// # Errors
/// If SQLite fails.
pub fn happened_of(conn: &Connection, outreach: i64) -> Result<Vec<Happened>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT event, at, who FROM happened WHERE outreach = ?1 ORDER BY at, id")?;
    let mut rows = statement.query([outreach])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let event = Event::parse(&name).ok_or(StoreError::Value(name))?;
        found.push(Happened { event, at: parse_stamp(&row.get::<_, String>(1)?)?, who: row.get(2)? });
    }
    Ok(found)
}

/// Whether the account has mail that its server does not hand out and that is still asked for: it may
/// be an answer.
///
/// # Errors
/// If SQLite fails.
pub fn has_unread(conn: &Connection, account: i64) -> Result<bool, StoreError> {
    let tries = super::mailboxes::RETRY_MINUTES.len() as i64;
    Ok(conn
        .prepare_cached(
            "SELECT 1 FROM missing JOIN mailbox ON mailbox.id = mailbox_id WHERE account_id = ?1 AND attempts <= ?2",
        )?
        .exists((account, tries))?)
}

/// How many mails were ever written for a step of an outreach.
///
/// # Errors
/// If SQLite fails.
pub fn generations(conn: &Connection, outreach: i64, step: u32) -> Result<u32, StoreError> {
    Ok(conn.query_row("SELECT count(*) FROM outbox WHERE outreach = ?1 AND step = ?2", (outreach, step), |row| {
        row.get(0)
    })?)
}

fn read_touches(conn: &Connection, found: &mut Enrolled) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT touch.at, message.gist FROM touch JOIN message ON message.id = message
         WHERE outreach = ?1 ORDER BY touch.at, message.id",
    )?;
    let mut rows = statement.query([found.id])?;
    while let Some(row) = rows.next()? {
        found.touches.push(parse_stamp(&row.get::<_, String>(0)?)?);
        let gist: Gist = serde_json::from_str(&row.get::<_, String>(1)?)?;
        found.sender = gist.author().cloned().or(found.sender.take());
        // the token of the thread comes before the mail that began it
        found.ids.extend(gist.other_ids.into_iter().filter(|id| id.of_thread_token().is_some()));
        found.ids.extend(gist.message_id);
    }
    Ok(())
}

fn read_people(conn: &Connection, found: &mut Enrolled, first: Timestamp, never: &[String]) -> Result<(), StoreError> {
    let listed: Vec<String> = cases::suppressed(conn)?.into_iter().chain(never.iter().cloned()).collect();
    // an address that proved dead since is dead, whichever outreach the notice was about
    let mut statement = conn.prepare_cached(
        "SELECT key, address, name, failed IS NOT NULL OR EXISTS
             (SELECT 1 FROM outreach_person AS other JOIN matched ON matched.outreach = other.outreach
              WHERE other.key = asked.key AND other.failed = 'address' AND other.outreach <> asked.outreach
              AND matched.kind = 'bounce' AND level IN ('sure', 'likely') AND matched.at >= ?2)
         FROM outreach_person AS asked WHERE outreach = ?1 ORDER BY key",
    )?;
    let mut rows = statement.query((found.id, stamp(first)))?;
    while let Some(row) = rows.next()? {
        found.keys.push(row.get(0)?);
        let (text, name): (String, String) = (row.get(1)?, row.get(2)?);
        let address = Address::parse(&text).ok_or(StoreError::Value(text))?;
        found.signs.never |= is_listed(&listed, &address);
        if found.zone.is_none() {
            found.zone = super::people::zone(conn, &address)?;
        }
        if !row.get::<_, bool>(3)? {
            found.people.push(NamedAddress { name: Some(name).filter(|name| !name.is_empty()), address });
        }
    }
    found.signs.bounced |= found.people.is_empty() && !found.keys.is_empty() && !found.signs.response;
    Ok(())
}

fn read_mail(conn: &Connection, found: &mut Enrolled, first: Timestamp, heeded: i64) -> Result<(), StoreError> {
    found.signs.response |= conn
        .prepare_cached(
            "SELECT 1 FROM outreach_person AS asked
             JOIN outreach_person AS other ON other.key = asked.key
             JOIN matched ON matched.outreach = other.outreach
             WHERE asked.outreach = ?1 AND matched.kind = 'human' AND level IN ('sure', 'likely') AND matched.at >= ?2",
        )?
        .exists((found.id, stamp(first)))?;
    found.signs.candidate = conn
        .prepare_cached(
            "SELECT 1 FROM matched WHERE outreach = ?1 AND level = 'candidate' AND kind <> 'out_of_office'
             AND message > ?2",
        )?
        .exists((found.id, heeded))?;
    let since = stamp(first.checked_sub(SLACK).unwrap_or(first));
    let mut mails = conn.prepare_cached(
        "SELECT id, kind, at FROM message WHERE from_key = ?2 AND at >= ?3 AND ours = 0 AND NOT EXISTS
             (SELECT 1 FROM matched WHERE outreach = ?1 AND message = message.id AND level = 'refused')
         AND (role <> 'logged' OR EXISTS (SELECT 1 FROM matched WHERE message = message.id))",
    )?;
    let mut absent = BTreeSet::new();
    for key in &found.keys {
        let mut rows = mails.query((found.id, key, &since))?;
        while let Some(row) = rows.next()? {
            let (id, kind): (i64, String) = (row.get(0)?, row.get(1)?);
            if kind == Kind::Human.as_str() {
                found.signs.heard_at = found.signs.heard_at.max(Some(parse_stamp(&row.get::<_, String>(2)?)?));
            }
            if kind == Kind::OutOfOffice.as_str() {
                absent.insert(id);
            } else {
                found.signs.mail |= id > heeded;
            }
        }
    }
    let latest: Option<(String, Option<String>)> = conn
        .prepare_cached(
            // what was said in life has no tone
            "SELECT max(at) OVER (), tone FROM matched
             WHERE outreach = ?1 AND kind = 'human' AND level IN ('sure', 'likely')
             ORDER BY tone IS NULL, at DESC, message DESC LIMIT 1",
        )?
        .query_row([found.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((at, tone)) = latest {
        found.signs.heard_at = found.signs.heard_at.max(Some(parse_stamp(&at)?));
        found.signs.tone = tone;
    }
    let mut matched = conn.prepare_cached(
        "SELECT message FROM matched WHERE outreach = ?1 AND kind = 'out_of_office' AND level <> 'refused'",
    )?;
    for row in matched.query_map([found.id], |row| row.get(0))? {
        absent.insert(row?);
    }
    for id in absent {
        let Some(mail) = cases::mail(conn, id)? else { continue };
        let Some(away) = &mail.gist.out_of_office else { continue };
        found.signs.left |= away.left;
        found.signs.absences.push(Absence { told_at: mail.at, until: away.until });
    }
    Ok(())
}

fn follow_ups_of(conn: &Connection, outreach: i64) -> Result<Vec<FollowUp>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT follow_up.step, follow_up.state, reason, follow_up.settled_at, snoozed_until,
                CASE WHEN errand = 'own' AND outbox.state = 'queued' THEN 'asked' ELSE outbox.state END
         FROM follow_up LEFT JOIN outbox ON outbox.id = follow_up.outbox WHERE follow_up.outreach = ?1 ORDER BY follow_up.step",
    )?;
    let mut rows = statement.query([outreach])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(FollowUp {
            step: row.get(0)?,
            state: state_of(row, 1)?,
            reason: Bar::parse(&row.get::<_, String>(2)?),
            settled_at: parse_stamp_opt(row.get(3)?)?,
            snoozed_until: parse_stamp_opt(row.get(4)?)?,
            mail: row.get(5)?,
        });
    }
    Ok(found)
}

fn state_of(row: &Row<'_>, column: usize) -> Result<State, StoreError> {
    let name: String = row.get(column)?;
    State::parse(&name).ok_or(StoreError::Value(name))
}

fn action_of(name: String) -> Result<Action, StoreError> {
    Action::parse(&name).ok_or(StoreError::Value(name))
}
