//! Reads for the user's day: what is due, who answered, what the last daily mail told.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;

use super::cases::{self, StoredMail};
use super::outbox::{self, OutboxRow};
use super::{StoreError, health, parse_stamp, parse_stamp_opt, stamp};
use crate::domain::ident::{Address, NamedAddress};

/// A follow-up whose day has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRow {
    /// Row of the follow-up.
    pub follow_up: i64,
    /// Its outreach.
    pub outreach: i64,
    /// Subject of the first touch.
    pub subject: String,
    /// Whom it asks.
    pub to: NamedAddress,
    /// The account it was sent from.
    pub account: String,
    /// The step, and its template.
    pub step: u32,
    /// Name of the template.
    pub template: String,
    /// `remind`, `draft` or `send`.
    pub action: String,
    /// `due`, `held`, or `written` while the draft waits.
    pub state: String,
    /// Since when it is due.
    pub since: Timestamp,
    /// When the first touch was sent.
    pub first_touch_at: Timestamp,
    /// Why it is in that state.
    pub because: String,
    /// The mail that was written for it, if there is one already.
    pub written: Option<OutboxRow>,
    /// Its finished subject and text.
    pub finished: Option<(String, String)>,
}

/// A person's answer.
#[derive(Debug, Clone)]
pub struct AnswerRow {
    /// The outreach it answers.
    pub outreach: i64,
    /// Subject of the outreach.
    pub subject: String,
    /// `sure` or `likely`.
    pub level: String,
    /// The mail.
    pub mail: StoredMail,
    /// The user has written back.
    pub dealt_with: bool,
}

/// Mail in one folder that the server never handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// The account.
    pub account: String,
    /// The folder.
    pub folder: String,
    /// How many mails.
    pub mails: u32,
}

/// Follow-ups that wait for the user, oldest first: those of today, whatever their hour, late ones that are held,
/// and drafts.
///
/// # Errors
/// If SQLite fails.
pub fn due(conn: &Connection, now: Timestamp) -> Result<Vec<DueRow>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT follow_up.id, outreach.id, outreach.subject, account.name, follow_up.step, follow_up.template, action,
                follow_up.state, follow_up.due_at, first_touch_at, follow_up.because, follow_up.outbox,
                (SELECT json_array(address, name) FROM outreach_person
                 WHERE outreach_person.outreach = outreach.id ORDER BY failed IS NOT NULL, key LIMIT 1), follow_up.subject, follow_up.text
         FROM follow_up JOIN outreach ON outreach.id = follow_up.outreach JOIN account ON account.id = account_id
         WHERE (follow_up.due_at <= ?1 OR follow_up.state = 'due')
           AND (follow_up.state IN ('due', 'held')
                OR (follow_up.state = 'written'
                    AND EXISTS (SELECT 1 FROM outbox WHERE outbox.id = follow_up.outbox AND outbox.state = 'drafted')))
         ORDER BY follow_up.due_at, follow_up.id",
    )?;
    let mut rows = statement.query([stamp(now)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(person) = row.get::<_, Option<String>>(12)? else { continue };
        let (address, name): (String, String) = serde_json::from_str(&person)?;
        let address = Address::parse(&address).ok_or(StoreError::Value(address))?;
        let (subject, text): (String, String) = (row.get(13)?, row.get(14)?);
        found.push(DueRow {
            finished: Some((subject, text)).filter(|(_, text)| !text.is_empty()),
            follow_up: row.get(0)?,
            outreach: row.get(1)?,
            subject: row.get(2)?,
            to: NamedAddress { name: Some(name).filter(|name| !name.is_empty()), address },
            account: row.get(3)?,
            step: row.get(4)?,
            template: row.get(5)?,
            action: row.get(6)?,
            state: row.get(7)?,
            since: parse_stamp(&row.get::<_, String>(8)?)?,
            first_touch_at: parse_stamp(&row.get::<_, String>(9)?)?,
            because: row.get(10)?,
            written: row.get::<_, Option<i64>>(11)?.map(|id| outbox::get(conn, id)).transpose()?.flatten(),
        });
    }
    Ok(found)
}

/// Answers that came since `since` and that no daily mail written before `told_before` told of, oldest
/// first.
///
/// # Errors
/// If SQLite fails.
pub fn answers(conn: &Connection, since: Timestamp, told_before: Timestamp) -> Result<Vec<AnswerRow>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT matched.message, min(outreach.id), outreach.subject, level
         FROM matched JOIN outreach ON outreach.id = matched.outreach JOIN message ON message.id = matched.message
         WHERE matched.kind = 'human' AND level IN ('sure', 'likely') AND matched.at >= ?1 AND before_start = 0
           AND NOT EXISTS (SELECT 1 FROM told JOIN outbox ON outbox.id = told.outbox
                           WHERE told.message = matched.message AND outbox.decided_at < ?2
                             AND outbox.state NOT IN ('cancelled', 'failed'))
         GROUP BY matched.message ORDER BY matched.at, matched.message",
    )?;
    let mut rows = statement.query((stamp(since), stamp(told_before)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(mail) = cases::mail(conn, row.get(0)?)? else { continue };
        found.push(AnswerRow {
            outreach: row.get(1)?,
            subject: row.get(2)?,
            level: row.get(3)?,
            dealt_with: cases::is_answered_by_hand(conn, &mail)?,
            mail,
        });
    }
    Ok(found)
}

/// Mail that was given up on since `since` because the server did not hand it out.
///
/// # Errors
/// If SQLite fails.
pub fn given_up(conn: &Connection, since: Timestamp) -> Result<Vec<GivenUp>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT account.name, folder, count(*) FROM missing JOIN mailbox ON mailbox.id = mailbox_id
             JOIN account ON account.id = account_id
         WHERE attempts > ?1 AND retry_at >= ?2 GROUP BY mailbox.id ORDER BY mailbox.id",
    )?;
    let rows = statement.query_map((super::mailboxes::MOST_ATTEMPTS, stamp(since)), |row| {
        Ok(GivenUp { account: row.get(0)?, folder: row.get(1)?, mails: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a day was looked at for its daily mail: it says so, or a mail was written from `from` until
/// `to`, which a clock that was set back can't undo.
///
/// # Errors
/// If SQLite fails.
pub fn is_handled(conn: &Connection, day: Date, from: Timestamp, to: Timestamp) -> Result<bool, StoreError> {
    if health::setting(conn, "daily")?.is_some_and(|noted| noted == day.to_string()) {
        return Ok(true);
    }
    let written = conn
        .prepare_cached(
            "SELECT 1 FROM outbox
             WHERE errand = 'digest' AND purpose = 'daily' AND decided_at >= ?1 AND decided_at < ?2",
        )?
        .exists([stamp(from), stamp(to)])?;
    Ok(written)
}

/// When the latest daily mail before `before` was written, if it was not dropped.
///
/// # Errors
/// If SQLite fails.
pub fn last_daily(conn: &Connection, before: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let at = conn
        .prepare_cached(
            "SELECT max(decided_at) FROM outbox WHERE errand = 'digest' AND purpose = 'daily' AND decided_at < ?1
             AND state NOT IN ('cancelled', 'failed')",
        )?
        .query_row([stamp(before)], |row| row.get(0))?;
    parse_stamp_opt(at)
}

/// Since when an open proposal waits.
///
/// # Errors
/// If SQLite fails.
pub fn proposed_at(conn: &Connection, message: i64) -> Result<Option<Timestamp>, StoreError> {
    let at = conn
        .prepare_cached("SELECT max(at) FROM proposal WHERE message = ?1")?
        .query_row([message], |row| row.get(0))?;
    parse_stamp_opt(at)
}

/// Accounts of which the user was warned and that were read again since `since`: the name, when, and
/// the good read before.
///
/// # Errors
/// If SQLite fails.
pub fn read_again(
    conn: &Connection,
    since: Timestamp,
) -> Result<Vec<(String, Timestamp, Option<Timestamp>)>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT subject, at, because FROM journal WHERE event = 'read_again' AND at > ?1 ORDER BY id",
    )?;
    let mut rows = statement.query([stamp(since)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let was: String = row.get(2)?;
        found.push((row.get(0)?, parse_stamp(&row.get::<_, String>(1)?)?, was.parse().ok()));
    }
    Ok(found)
}
