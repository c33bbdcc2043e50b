//! What waits for a person: held mail, proposals, mail of unknown fate, possible answers.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction};

use super::apply;
use super::cases::{self, StoredMail};
use super::next_steps::{self, OpenStep};
use super::outbox::{self, OutboxRow};
use super::{StoreError, follow_ups, parse_stamp};
use crate::domain::act::Kind;
use crate::domain::delivery::Errand;
use crate::domain::ident::Address;

pub use crate::domain::act::Item;

/// A new thread in Sent that may be outreach. Whether an answer came is not told, so that the
/// decision can't bias the rate.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Row of the mail.
    pub message: i64,
    /// The mail.
    pub mail: StoredMail,
    /// Why it is proposed.
    pub because: String,
}

/// A mail that may belong to an outreach and does not count until it is accepted.
#[derive(Debug, Clone)]
pub struct PossibleAnswer {
    /// The outreach.
    pub outreach: i64,
    /// Subject of the outreach.
    pub subject: String,
    /// The mail.
    pub mail: StoredMail,
    /// Evidence, in words.
    pub because: String,
    /// When it came.
    pub at: Timestamp,
}

/// Everything that waits for a person.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// Finished mail that is not sent until a person says so.
    pub held: Vec<OutboxRow>,
    /// Mail that may or may not have been sent.
    pub unknown: Vec<OutboxRow>,
    /// New threads in Sent.
    pub proposals: Vec<Proposal>,
    /// Possible answers.
    pub answers: Vec<PossibleAnswer>,
    /// What answers suggest to do next.
    pub next_steps: Vec<OpenStep>,
}

impl Waiting {
    /// How many decisions wait.
    pub fn count(&self) -> usize {
        self.held.len() + self.unknown.len() + self.proposals.len() + self.answers.len() + self.next_steps.len()
    }
}

/// How much waits for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Finished mail that is not sent until a person says so.
    pub held: u32,
    /// Mail that may or may not have been sent.
    pub unknown: u32,
    /// New threads in Sent.
    pub proposals: u32,
    /// Possible answers.
    pub answers: u32,
    /// What answers suggest to do next.
    pub next_steps: u32,
}

impl Counts {
    /// How many decisions wait.
    pub fn sum(self) -> u32 {
        self.held + self.unknown + self.proposals + self.answers + self.next_steps
    }
}

/// Counts what [`waiting`] would read.
///
/// # Errors
/// If SQLite fails.
pub fn counts(conn: &Connection) -> Result<Counts, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT (SELECT count(*) FROM outbox WHERE state = 'held'),
                    (SELECT count(*) FROM outbox WHERE state = 'unknown'),
                    (SELECT count(*) FROM proposal WHERE state = 'open'),
                    (SELECT count(*) FROM matched JOIN outreach ON outreach.id = outreach
                     WHERE level = 'candidate' AND kind = 'human' AND first_response_at IS NULL),
                    (SELECT count(*) FROM next_step WHERE state = 'open')",
        )?
        .query_row([], |row| {
            Ok(Counts {
                held: row.get(0)?,
                unknown: row.get(1)?,
                proposals: row.get(2)?,
                answers: row.get(3)?,
                next_steps: row.get(4)?,
            })
        })?)
}

/// Reads everything that waits, oldest first.
///
/// # Errors
/// If SQLite fails.
pub fn waiting(conn: &Connection) -> Result<Waiting, StoreError> {
    Ok(Waiting {
        held: outbox::in_state(conn, "held")?,
        unknown: unknown(conn)?,
        proposals: proposals(conn)?,
        answers: possible_answers(conn)?,
        next_steps: next_steps::open(conn)?,
    })
}

/// What an item is now, and whom it is about; `None`: it does not wait (any more).
///
/// # Errors
/// If SQLite fails.
pub fn find(conn: &Connection, item: Item) -> Result<Option<Found>, StoreError> {
    Ok(match item {
        Item::Mail(id) => outbox::get(conn, id)?.and_then(|row| {
            let kind = match (row.state.as_str(), row.errand) {
                (_, Errand::Digest) => return None,
                ("held", Errand::Answer) => Kind::HeldAnswer,
                ("held", _) => Kind::HeldMail,
                ("unknown", _) => Kind::Unknown,
                _ => return None,
            };
            Some(Found {
                kind,
                person: Some(row.recipient.address.clone()),
                inquiry: row.inquiry,
                words: Some((row.subject, row.text)),
            })
        }),
        Item::Proposal(message) => conn
            .prepare_cached("SELECT 1 FROM proposal WHERE message = ?1 AND state = 'open'")?
            .exists([message])?
            .then(|| Found::of(Kind::Proposal, None)),
        Item::Answer { outreach, message } => {
            let open = conn
                .prepare_cached(
                    "SELECT 1 FROM matched WHERE outreach = ?1 AND message = ?2 AND level = 'candidate'
                     AND kind = 'human'",
                )?
                .exists([outreach, message])?;
            let from = cases::mail(conn, message)?.and_then(|mail| mail.gist.author().cloned());
            open.then(|| Found::of(Kind::Answer, from))
        }
        Item::Next(id) => {
            next_steps::get(conn, id)?.map(|step| Found::of(Kind::NextStep, step.mail.gist.author().cloned()))
        }
        Item::FollowUp(outreach) => follow_ups::open(conn, outreach)?.map(|to| Found::of(Kind::FollowUp, to)),
    })
}

/// An item that waits.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Whom it is about.
    pub person: Option<Address>,
    /// The mail that it answers.
    pub inquiry: Option<i64>,
    /// Subject and text, where they are finished.
    pub words: Option<(String, String)>,
}

impl Found {
    fn of(kind: Kind, person: Option<Address>) -> Self {
        Self { kind, person, inquiry: None, words: None }
    }
}

/// Releases a held mail, or a mail of unknown fate that shall be sent again. What has no text can't
/// be released. Returns whether it was waiting.
///
/// # Errors
/// If SQLite fails.
pub(super) fn approve(tx: &Transaction<'_>, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    let Some(row) = outbox::get(tx, id)?.filter(|row| !row.text.trim().is_empty()) else { return Ok(false) };
    let released = match row.state.as_str() {
        "held" => outbox::approve(tx, id, now)?,
        "unknown" => {
            outbox::requeue(tx, &row, now, false, "sent again by your word")?;
            true
        }
        _ => false,
    };
    if released {
        apply::journal(tx, now, "approved", row.message_id.as_str(), "by you")?;
    }
    Ok(released)
}

/// Gives a held mail other words, or another way to go.
///
/// # Errors
/// If SQLite fails.
pub(super) fn reword(
    tx: &Transaction<'_>,
    id: i64,
    subject: Option<&str>,
    text: Option<&str>,
    draft: bool,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outbox SET subject = coalesce(?2, subject), text = coalesce(?3, text),
                mode = CASE WHEN ?4 THEN 'draft' ELSE mode END WHERE id = ?1 AND state = 'held'",
        (id, subject, text, draft),
    )?;
    Ok(())
}

/// Drops a held mail, or takes one of unknown fate as settled. Returns whether it was waiting.
///
/// # Errors
/// If SQLite fails.
pub(super) fn reject(tx: &Transaction<'_>, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    let waiting = |row: &OutboxRow| matches!(row.state.as_str(), "held" | "unknown");
    let Some(row) = outbox::get(tx, id)?.filter(waiting) else { return Ok(false) };
    // what may have arrived counts as sent, so that nobody is written to twice
    let (state, because) = match row.state.as_str() {
        "unknown" => ("sent", "taken as sent by your word"),
        _ => ("cancelled", "rejected by you"),
    };
    outbox::settle(tx, &row, state, because, now)?;
    Ok(true)
}

/// Mail to the user itself is nothing to ask about: it lies in the mailbox, or it is stale.
fn unknown(conn: &Connection) -> Result<Vec<OutboxRow>, StoreError> {
    let mut rows = outbox::in_state(conn, "unknown")?;
    rows.retain(|row| row.errand != Errand::Digest);
    Ok(rows)
}

fn proposals(conn: &Connection) -> Result<Vec<Proposal>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT message, because FROM proposal WHERE state = 'open' ORDER BY message")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (message, because) = row?;
        if let Some(mail) = cases::mail(conn, message)? {
            found.push(Proposal { message, mail, because });
        }
    }
    Ok(found)
}

fn possible_answers(conn: &Connection) -> Result<Vec<PossibleAnswer>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT outreach, message, outreach.subject, matched.because, matched.at
         FROM matched JOIN outreach ON outreach.id = outreach
         WHERE level = 'candidate' AND kind = 'human' AND first_response_at IS NULL ORDER BY matched.at, message",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some(mail) = cases::mail(conn, row.get(1)?)? {
            found.push(PossibleAnswer {
                outreach: row.get(0)?,
                subject: row.get(2)?,
                mail,
                because: row.get(3)?,
                at: parse_stamp(&row.get::<_, String>(4)?)?,
            });
        }
    }
    Ok(found)
}
