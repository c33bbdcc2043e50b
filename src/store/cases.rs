//! Reads for the decisions: what waits, and everything the rules ask about it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, ToSql, params_from_iter};

use super::{StoreError, corrections, parse_stamp, people, stamp};
use crate::domain::correction;
use crate::domain::decide::{address_mark, answer_marks};
use crate::domain::gist::Gist;
use crate::domain::ident::{Address, BaseSubject, MessageId, NamedAddress, OwnAddresses};
use crate::domain::matching::{self, Candidate};
use crate::domain::outreach::{self, RunningOutreach};
use crate::domain::policy::{History, is_listed};

/// Outreach whose last touch is older no longer counts as running to an organisation.
const RUNNING: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Outreach that is looked at for one mail; more than anybody runs to one person or organisation.
const MAX_CANDIDATES: usize = 64;

/// A mail of the store.
#[derive(Debug, Clone)]
pub struct StoredMail {
    /// Row.
    pub id: i64,
    /// Its account.
    pub account_id: i64,
    /// The account's name.
    pub account: String,
    /// The user (or this program) wrote it.
    pub ours: bool,
    /// Role of the folder it was first seen in.
    pub role: String,
    /// INTERNALDATE.
    pub received: Timestamp,
    /// When it came or was sent by its own header.
    pub at: Timestamp,
    /// It lay there before the first start.
    pub before_start: bool,
    /// `X-GM-THRID`, or empty.
    pub thread: String,
    /// Learnt, not considered yet.
    pub pending: bool,
    /// Rules that block an automatic answer; `None`: never judged.
    pub blocked_by: Option<Vec<String>>,
    /// What was made of it, in words.
    pub because: String,
    /// What it says, with what a person corrected.
    pub gist: Gist,
}

/// Mail that was learnt and not considered yet, in order of date.
///
/// # Errors
/// If SQLite fails.
pub fn pending(conn: &Connection, limit: u32) -> Result<Vec<StoredMail>, StoreError> {
    stored(conn, "message.pending = 1 ORDER BY message.at, message.ours DESC, message.id LIMIT ?1", [limit])
}

/// Mail whose blocks may have passed by themselves: judged again while it is young enough.
///
/// # Errors
/// If SQLite fails.
pub fn deferred(conn: &Connection, since: Timestamp) -> Result<Vec<StoredMail>, StoreError> {
    let passing = "message.blocked_by IS NOT NULL AND message.at >= ?1 AND message.ours = 0
         AND EXISTS (SELECT 1 FROM json_each(message.blocked_by) WHERE value IN ('paused', 'history_incomplete', 'daily_limit'))
         AND NOT EXISTS (SELECT 1 FROM json_each(message.blocked_by) WHERE value NOT IN ('paused', 'history_incomplete', 'daily_limit', 'unsure'))
         AND NOT EXISTS (SELECT 1 FROM outbox WHERE inquiry = message.id) ORDER BY message.at, message.id";
    stored(conn, passing, [stamp(since)])
}

/// The mail of that row.
///
/// # Errors
/// If SQLite fails.
pub fn mail(conn: &Connection, id: i64) -> Result<Option<StoredMail>, StoreError> {
    Ok(stored(conn, "message.id = ?1", [id])?.into_iter().next())
}

/// Somebody's mail that was learnt after that row, in the order in which it was learnt.
///
/// # Errors
/// If SQLite fails.
pub fn arrived_after(conn: &Connection, row: i64) -> Result<Vec<StoredMail>, StoreError> {
    stored(conn, "message.id > ?1 AND message.ours = 0 ORDER BY message.id", [row])
}

/// Mail by its Message-ID (brackets or not) or row number, as a person names it.
///
/// # Errors
/// If SQLite fails.
pub fn find_mail(conn: &Connection, name: &str) -> Result<Vec<StoredMail>, StoreError> {
    if let Ok(row) = name.parse::<i64>() {
        return stored(conn, "message.id = ?1", [row]);
    }
    let Some(id) = MessageId::parse(name) else { return Ok(Vec::new()) };
    stored(conn, "message.message_id = ?1 ORDER BY message.id", [id.as_str()])
}

/// Whether the mail lies in Junk: the latest place it was found in counts.
///
/// # Errors
/// If SQLite fails.
pub fn is_in_junk(conn: &Connection, mail: &StoredMail) -> Result<bool, StoreError> {
    let latest: Option<String> = conn
        .prepare_cached(
            "SELECT role FROM location JOIN mailbox ON mailbox.id = mailbox_id WHERE message = ?1
             ORDER BY nth DESC LIMIT 1",
        )?
        .query_row([mail.id], |row| row.get(0))
        .optional()?;
    Ok(latest.as_deref().unwrap_or(&mail.role) == "junk")
}

/// What the past says about the sender of a mail. `but_not`: the outbox row that is being judged.
///
/// # Errors
/// If SQLite fails.
pub fn history(
    conn: &Connection,
    mail: &StoredMail,
    now: Timestamp,
    but_not: Option<i64>,
) -> Result<History, StoreError> {
    let gist = &mail.gist;
    let senders: Vec<&Address> = gist.author().into_iter().chain(&gist.sender).chain(&gist.reply_to).collect();
    let mut people: Vec<Address> = Vec::new();
    for address in &senders {
        people.extend(people::addresses_of(conn, address)?);
    }
    let keys: BTreeSet<String> = people.iter().map(Address::mailbox_key).collect();
    let mut past = History { answers_us: answers_ours(conn, gist)?, ..History::default() };
    for key in &keys {
        // what the user wrote since then answers it: see `is_answered_by_hand`
        past.wrote_before |=
            exists(conn, "SELECT 1 FROM address WHERE key = ?1 AND first_out_at <= ?2", &[key, &stamp(mail.at)])?;
        past.running_outreach |= exists(
            conn,
            "SELECT 1 FROM outreach_person JOIN outreach ON outreach.id = outreach
             WHERE key = ?1 AND stage NOT IN ('rejected', 'withdrawn', 'no_answer')",
            &[key],
        )?;
    }
    for organisation in senders.iter().filter_map(|address| address.organisation()) {
        past.running_outreach |= exists(
            conn,
            "SELECT 1 FROM address JOIN outreach_person USING (key) JOIN outreach ON outreach.id = outreach
             WHERE organisation = ?1 AND last_touch_at >= ?2 AND stage NOT IN ('rejected', 'withdrawn', 'no_answer')",
            &[&organisation.as_str(), &stamp(now.checked_sub(RUNNING).unwrap_or(Timestamp::MIN))],
        )?;
    }
    past.suppressed = {
        let list = suppressed(conn)?;
        people.iter().any(|address| is_listed(&list, address))
    };
    for mark in answer_marks(gist).into_iter().chain(people.iter().filter_map(address_mark)) {
        past.already_answered |= exists(
            conn,
            "SELECT 1 FROM answered LEFT JOIN outbox ON outbox.id = answered.outbox
             WHERE mark = ?1 AND rearmed_at IS NULL AND (answered.outbox IS NULL
                   OR (outbox.state NOT IN ('cancelled', 'failed') AND outbox.id <> ?2))",
            &[&mark, &but_not.unwrap_or(-1)],
        )?;
    }
    Ok(past)
}

/// Whether the user answered the mail by hand: a Sent message answers it, or the user has written to
/// its sender since, be it in another thread.
///
/// # Errors
/// If SQLite fails.
pub fn is_answered_by_hand(conn: &Connection, mail: &StoredMail) -> Result<bool, StoreError> {
    for address in mail.gist.author().into_iter().chain(&mail.gist.sender).chain(&mail.gist.reply_to) {
        let since = "SELECT 1 FROM address WHERE key = ?1 AND first_out_at > ?2";
        if exists(conn, since, &[&address.mailbox_key(), &stamp(mail.at)])? {
            return Ok(true);
        }
    }
    let Some(id) = &mail.gist.message_id else { return Ok(false) };
    exists(
        conn,
        "SELECT 1 FROM reference JOIN message ON message.id = message
         WHERE parent = ?1 AND ours = 1 AND json_extract(gist, '$.auto_submitted') = 0",
        &[&id.as_str()],
    )
}

/// Automatic answers that left or wait since the beginning of the user's day, `but_not` excepted.
///
/// # Errors
/// If SQLite fails.
pub fn answered_since(conn: &Connection, day_start: Timestamp, but_not: Option<i64>) -> Result<u32, StoreError> {
    let count = conn
        .prepare_cached(
            "SELECT count(*) FROM outbox WHERE errand = 'answer' AND id <> ?2 AND approved = 0
             AND (state IN ('claimed', 'sending', 'unknown') OR (state = 'queued' AND decided_at >= ?1)
                  OR (state IN ('sent', 'drafted') AND settled_at >= ?1))",
        )?
        .query_row((stamp(day_start), but_not.unwrap_or(-1)), |row| row.get(0))?;
    Ok(count)
}

/// Whether an answer to the mail was ever written.
///
/// # Errors
/// If SQLite fails.
pub fn has_answer(conn: &Connection, message: i64) -> Result<bool, StoreError> {
    exists(conn, "SELECT 1 FROM outbox WHERE inquiry = ?1", &[&message])
}

/// Since when everything automatic is paused: `None` if it is not, `Some(None)` without an end.
///
/// # Errors
/// If SQLite fails.
pub fn paused(conn: &Connection, now: Timestamp) -> Result<Option<Option<Timestamp>>, StoreError> {
    let value: Option<String> =
        conn.query_row("SELECT value FROM setting WHERE name = 'paused'", [], |row| row.get(0)).optional()?;
    match value.as_deref() {
        None => Ok(None),
        Some("") => Ok(Some(None)),
        Some(until) => {
            let until = parse_stamp(until)?;
            Ok((now < until).then_some(Some(until)))
        }
    }
}

/// Outreach that a mail may belong to.
///
/// # Errors
/// If SQLite fails.
pub fn candidates(conn: &Connection, mail: &StoredMail) -> Result<Vec<Candidate>, StoreError> {
    let gist = &mail.gist;
    let mut found: BTreeSet<i64> = BTreeSet::new();
    let bounce = gist.bounce.as_ref();
    let ids = gist.parents().chain(&gist.quoted_ids).chain(bounce.and_then(|b| b.original_message_id.as_ref()));
    for id in ids.take(40) {
        collect(conn, &mut found, BY_ID, &[&id.as_str()])?;
    }
    let people = gist.author().into_iter().chain(&gist.sender).chain(&gist.reply_to);
    let failed = bounce.map(|b| b.recipients.as_slice()).unwrap_or_default();
    let copied = gist.cc.iter().map(|cc| &cc.address);
    let keys: BTreeSet<String> =
        people.chain(failed).chain(copied).chain(&gist.quoted_addresses).take(40).map(Address::mailbox_key).collect();
    for key in &keys {
        collect(conn, &mut found, BY_PERSON, &[key])?;
    }
    if let Some(organisation) = gist.author().and_then(Address::organisation) {
        collect(
            conn,
            &mut found,
            "SELECT outreach FROM address JOIN outreach_person USING (key) WHERE organisation = ?1",
            &[&organisation.as_str()],
        )?;
    }
    if gist.base_subject.is_telling() {
        collect(conn, &mut found, "SELECT id FROM outreach WHERE base_subject = ?1", &[&gist.base_subject.as_str()])?;
    }
    if let Some(name) = gist.from.as_ref().and_then(matching::name_key) {
        collect(conn, &mut found, "SELECT outreach FROM outreach_person WHERE name_key = ?1", &[&name])?;
    }
    if !mail.thread.is_empty() {
        collect(
            conn,
            &mut found,
            "SELECT outreach FROM touch JOIN message ON message.id = touch.message WHERE thread = ?1 AND thread <> ''",
            &[&mail.thread],
        )?;
    }
    found.into_iter().rev().take(MAX_CANDIDATES).map(|id| candidate(conn, id)).collect()
}

/// What the log of outreach says about a mail of ours.
#[derive(Debug, Clone, Default)]
pub struct SentFacts {
    /// Outreach that the mail may continue.
    pub running: Vec<RunningOutreach>,
    /// For each addressee: no human mail went both ways before.
    pub strangers: Vec<bool>,
    /// What the user decided about such mail before.
    pub remembered: Option<bool>,
    /// The program wrote it by itself.
    pub made_by_us: bool,
}

/// Reads what the log of outreach says about a mail of ours.
///
/// # Errors
/// If SQLite fails.
pub fn sent_facts(conn: &Connection, mail: &StoredMail, own: &OwnAddresses) -> Result<SentFacts, StoreError> {
    let gist = &mail.gist;
    let mut facts = SentFacts::default();
    let mut found = BTreeSet::new();
    for id in gist.parents().take(40) {
        collect(conn, &mut found, BY_ID, &[&id.as_str()])?;
        collect(conn, &mut found, BY_ANSWER, &[&id.as_str()])?;
    }
    for person in outreach::recipients(gist, own).into_iter().take(40) {
        let key = person.address.mailbox_key();
        collect(conn, &mut found, BY_PERSON, &[&key])?;
        let known = exists(
            conn,
            "SELECT 1 FROM address WHERE key = ?1 AND first_out_at < ?2 AND first_in_at < ?2",
            &[&key, &stamp(mail.at)],
        )?;
        facts.strangers.push(!known);
        let organisation = person.address.organisation().map(|o| o.as_str().to_owned()).unwrap_or_default();
        let decided: Option<bool> = conn
            .prepare_cached(
                "SELECT outreach FROM remembered WHERE subject IN (?1, ?2) ORDER BY subject = ?1 DESC LIMIT 1",
            )?
            .query_row([&key, &organisation], |row| row.get(0))
            .optional()?;
        facts.remembered = facts.remembered.or(decided);
    }
    for id in found {
        let known = candidate(conn, id)?;
        let last_touch = known.touched_at.last().copied().unwrap_or(mail.at);
        let mut ids = known.ids;
        ids.extend(answer_ids(conn, id)?);
        facts.running.push(RunningOutreach {
            outreach: id,
            ids,
            recipients: known
                .recipients
                .into_iter()
                .map(|person| person.address)
                .chain(known.other_addresses)
                .collect(),
            base_subject: known.base_subjects.into_iter().next().unwrap_or_else(|| BaseSubject::of("")),
            last_touch,
        });
    }
    if let Some(id) = &gist.message_id {
        // a follow-up that lay in Drafts is the user's own mail when the user has sent it
        let ours = "SELECT 1 FROM outbox WHERE message_id = ?1 AND NOT (mode = 'draft' AND outreach IS NOT NULL)";
        facts.made_by_us = exists(conn, ours, &[&id.as_str()])?;
    }
    Ok(facts)
}

/// Outreach by the id of one of its touches, rewritten ids included.
const BY_ID: &str = "SELECT outreach FROM touch WHERE message IN
    (SELECT id FROM message WHERE message_id = ?1 UNION SELECT message FROM id_alias WHERE message_id = ?1)";

/// Outreach to a person, by any address that is known to be theirs.
const BY_PERSON: &str = "SELECT outreach FROM outreach_person WHERE key = ?1
    UNION SELECT outreach FROM address JOIN outreach_person USING (key)
          WHERE person_id = (SELECT person_id FROM address WHERE key = ?1)";

/// Outreach by the id of an answer to it.
const BY_ANSWER: &str = "SELECT outreach FROM matched JOIN message ON message.id = message
    WHERE message.message_id = ?1 AND level <> 'candidate'";

fn answer_ids(conn: &Connection, outreach: i64) -> Result<Vec<MessageId>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT message_id FROM matched JOIN message ON message.id = message WHERE outreach = ?1 AND level <> 'candidate'",
    )?;
    let rows = statement.query_map([outreach], |row| row.get::<_, String>(0))?;
    let ids = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(ids.iter().filter_map(|id| MessageId::parse(id)).collect())
}

fn candidate(conn: &Connection, outreach: i64) -> Result<Candidate, StoreError> {
    let mut found = Candidate {
        outreach,
        ids: Vec::new(),
        recipients: Vec::new(),
        other_addresses: Vec::new(),
        base_subjects: Vec::new(),
        touched_at: Vec::new(),
        thread_index: None,
        provider_thread: None,
        shingles: Vec::new(),
    };
    let mut touches = conn.prepare_cached(
        "SELECT gist, touch.at, thread FROM touch JOIN message ON message.id = message WHERE outreach = ?1 ORDER BY touch.at",
    )?;
    let mut rows = touches.query([outreach])?;
    while let Some(row) = rows.next()? {
        let gist: Gist = serde_json::from_str(&row.get::<_, String>(0)?)?;
        found.touched_at.push(parse_stamp(&row.get::<_, String>(1)?)?);
        let thread: String = row.get(2)?;
        found.provider_thread = found.provider_thread.or(Some(thread).filter(|thread| !thread.is_empty()));
        found.thread_index = found.thread_index.or(gist.thread_index);
        found.ids.extend(gist.message_id.into_iter().chain(gist.other_ids));
        found.base_subjects.push(gist.base_subject);
        found.shingles.extend(gist.own_shingles);
    }
    let mut aliases = conn.prepare_cached(
        "SELECT id_alias.message_id FROM touch JOIN id_alias USING (message) WHERE outreach = ?1 ORDER BY 1",
    )?;
    let mut rows = aliases.query([outreach])?;
    while let Some(row) = rows.next()? {
        found.ids.extend(MessageId::parse(&row.get::<_, String>(0)?).filter(|id| !found.ids.contains(id)));
    }
    found.shingles.sort_unstable();
    found.shingles.dedup();
    let mut people =
        conn.prepare_cached("SELECT address, name FROM outreach_person WHERE outreach = ?1 ORDER BY key")?;
    let mut rows = people.query([outreach])?;
    while let Some(row) = rows.next()? {
        let (address, name): (String, String) = (row.get(0)?, row.get(1)?);
        let address = Address::parse(&address).ok_or(StoreError::Value(address))?;
        for other in people::addresses_of(conn, &address)?.into_iter().filter(|other| *other != address) {
            found.other_addresses.push(other);
        }
        found.recipients.push(NamedAddress { name: Some(name).filter(|name| !name.is_empty()), address });
    }
    Ok(found)
}

fn answers_ours(conn: &Connection, gist: &Gist) -> Result<bool, StoreError> {
    for parent in gist.parents().take(40) {
        let ours = exists(
            conn,
            "SELECT 1 FROM message WHERE message_id = ?1 AND ours = 1
             UNION SELECT 1 FROM id_alias WHERE message_id = ?1",
            &[&parent.as_str()],
        )?;
        if ours {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Addresses and domains never to be written to by machine, beside the config's.
///
/// # Errors
/// If SQLite fails.
pub fn suppressed(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT entry FROM suppression")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn collect(conn: &Connection, into: &mut BTreeSet<i64>, sql: &str, params: &[&dyn ToSql]) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params_from_iter(params), |row| row.get(0))?;
    for row in rows {
        into.insert(row?);
    }
    Ok(())
}

fn exists(conn: &Connection, sql: &str, params: &[&dyn ToSql]) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached(sql)?.exists(params_from_iter(params))?)
}

pub(super) fn stored(
    conn: &Connection,
    which: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<StoredMail>, StoreError> {
    let sql = format!(
        "SELECT message.id, account_id, account.name, ours, role, received_at, at, before_start, thread, blocked_by, because, gist,
                pending
         FROM message JOIN account ON account.id = account_id WHERE {which}"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let blocked: Option<String> = row.get(9)?;
        let id = row.get(0)?;
        let received = parse_stamp(&row.get::<_, String>(5)?)?;
        let read: Gist = serde_json::from_str(&row.get::<_, String>(11)?)?;
        let corrections = corrections::of(conn, id, &read)?;
        let gist = if corrections.is_empty() { read } else { correction::apply(&read, received, &corrections) };
        found.push(StoredMail {
            id,
            account_id: row.get(1)?,
            account: row.get(2)?,
            ours: row.get(3)?,
            role: row.get(4)?,
            received,
            at: parse_stamp(&row.get::<_, String>(6)?)?,
            before_start: row.get(7)?,
            thread: row.get(8)?,
            blocked_by: blocked.as_deref().map(serde_json::from_str).transpose()?,
            because: row.get(10)?,
            pending: row.get(12)?,
            gist,
        });
    }
    Ok(found)
}
