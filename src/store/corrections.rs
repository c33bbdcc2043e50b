//! What a person said of mails against what was read: kept, laid over the mail, and listed. Each
//! command is one decision, with the mails that it concerns as they were before.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction};
use serde_json::{Value, json};

use super::apply::{self, Subject};
use super::cases::{self, StoredMail};
use super::decisions::{self, Image};
use super::{StoreError, parse_stamp, stamp};
use crate::domain::correction::{self, Correction, Verdict};
use crate::domain::gist::{Gist, Tone};
use crate::domain::ident::Address;

/// Evidence of a match that nothing but a person's word made.
pub(super) const YOUR_WORD: &str = "your_word";

/// What a person wants changed about a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Another verdict.
    Verdict {
        /// Which.
        verdict: Verdict,
        /// Not for its like.
        only: bool,
    },
    /// The mail belongs to this outreach.
    Answers(i64),
    /// The mail doesn't belong to this outreach.
    Not(i64),
    /// Nothing goes to its sender by machine any more.
    Never,
}

/// What was corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// Every mail that it concerns, the named one included.
    pub concerns: Vec<i64>,
    /// Each change in words.
    pub changes: Vec<String>,
}

/// Why a correction was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CorrectError {
    /// It makes no sense for this mail; says what would.
    #[error("{0}")]
    Refused(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for CorrectError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A correction as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectionRow {
    /// When it was said.
    pub at: Timestamp,
    /// The mail it was said of.
    pub message: i64,
    /// `kind`, `tone`, `recruiter`, `outreach`.
    pub field: String,
    /// The verdict as it was read.
    pub before: String,
    /// What was said.
    pub after: Value,
    /// It also applies to mail of that sender that is like it.
    pub like: bool,
}

impl CorrectionRow {
    /// What was said, in words.
    pub fn value(&self) -> String {
        match serde_json::from_value::<Verdict>(self.after.clone()) {
            Ok(verdict) => verdict.as_str().to_owned(),
            Err(_) => {
                let one = self.after.as_object().and_then(|fields| fields.iter().next());
                one.map_or_else(String::new, |(word, root)| format!("{word} {}", root.as_str().unwrap_or_default()))
            }
        }
    }
}

/// Corrections that stand for a mail, the weaker before the stronger. `read`: what was read of it.
pub(super) fn of(conn: &Connection, message: i64, read: &Gist) -> Result<Vec<Correction>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT before, after, message = ?1 FROM correction
         WHERE undone_at IS NULL AND field <> 'outreach' AND (message = ?1 OR (scope = ?2 AND scope <> ''))
         ORDER BY message = ?1, id",
    )?;
    let mut rows = statement.query((message, correction::scope(read)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let verdict = serde_json::from_str(&row.get::<_, String>(1)?)?;
        let correction = Correction { verdict, before: row.get(0)?, own: row.get(2)? };
        if correction.concerns(read) {
            found.push(correction);
        }
    }
    Ok(found)
}

/// Corrections that stand for a mail, oldest first, those of its like included.
///
/// # Errors
/// If SQLite fails.
pub fn listed(conn: &Connection, message: i64) -> Result<Vec<CorrectionRow>, StoreError> {
    let Some(read) = read_gist(conn, message)? else { return Ok(Vec::new()) };
    let mut statement = conn.prepare_cached(
        "SELECT at, message, field, before, after, scope <> '' FROM correction
         WHERE undone_at IS NULL AND (message = ?1 OR (scope = ?2 AND scope <> '')) ORDER BY id",
    )?;
    let mut rows = statement.query((message, correction::scope(&read)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let one = CorrectionRow {
            at: parse_stamp(&row.get::<_, String>(0)?)?,
            message: row.get(1)?,
            field: row.get(2)?,
            before: row.get(3)?,
            after: serde_json::from_str(&row.get::<_, String>(4)?)?,
            like: row.get(5)?,
        };
        let concerns = || -> Result<bool, StoreError> {
            let verdict = serde_json::from_value(one.after.clone())?;
            Ok(Correction { verdict, before: one.before.clone(), own: false }.concerns(&read))
        };
        if one.message == message || concerns()? {
            found.push(one);
        }
    }
    Ok(found)
}

/// Takes a person's word about a mail: keeps it, lays it over every mail that it concerns and reckons
/// their outreach anew. The mails are to be considered again, in the same transaction.
///
/// # Errors
/// If a wish makes no sense for this mail, or SQLite fails; then nothing is kept.
pub fn correct(
    tx: &Transaction<'_>,
    mail: &StoredMail,
    wishes: &[Wish],
    now: Timestamp,
) -> Result<Corrected, CorrectError> {
    check(tx, mail, wishes)?;
    let Some(read) = read_gist(tx, mail.id)? else {
        return Err(CorrectError::Refused(format!("there is no mail {}", mail.id)));
    };
    let mut concerns = BTreeSet::from([mail.id]);
    for wish in wishes {
        concerns.extend(concerned(tx, mail, &read, wish)?);
    }
    let mut before = Vec::new();
    for message in &concerns {
        decisions::capture_mail(tx, *message, &mut before)?;
    }
    let mut changes = Vec::new();
    for wish in wishes {
        changes.push(take(tx, mail, &read, wish, now, &mut before)?);
    }
    for message in &concerns {
        refit(tx, *message)?;
    }
    let from = mail.gist.author().map_or("nobody", Address::as_str);
    let about = format!("mail {} from {from}: {}", mail.id, changes.join("; "));
    apply::journal(tx, now, "corrected", mail.gist.root(), &changes.join("; "))?;
    decisions::record(tx, now, "corrected", &about, &before)?;
    Ok(Corrected { concerns: concerns.into_iter().collect(), changes })
}

/// Lays the corrections that stand over what was stored of a mail: its kind, its matches (those that
/// no person decided are to be found again), its place in the roster, its outreach.
pub(super) fn refit(tx: &Transaction<'_>, message: i64) -> Result<(), StoreError> {
    let Some(mail) = cases::mail(tx, message)? else { return Ok(()) };
    let kind = mail.gist.kind.as_str();
    let joined = outreach_of(tx, message)?;
    tx.execute("DELETE FROM matched WHERE message = ?1 AND decided = 0", [message])?;
    apply::lift_silence(tx, message)?;
    tx.execute(
        "UPDATE matched SET kind = ?2, tone = ?3 WHERE message = ?1",
        (message, kind, mail.gist.tone.as_ref().map(|tone| tone.as_str())),
    )?;
    apply::set_kind(tx, message, kind)?;
    apply::withdraw_pitch(tx, message)?;
    for outreach in joined {
        apply::reckon(tx, outreach)?;
    }
    Ok(())
}

/// Mails that a correction applies to beside the one it was said of.
pub(super) fn like(tx: &Transaction<'_>, read: &Gist, correction: &Correction) -> Result<Vec<i64>, StoreError> {
    let (scope, Some(author)) = (correction::scope(read), read.author()) else { return Ok(Vec::new()) };
    if scope.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement =
        tx.prepare_cached("SELECT id, gist FROM message WHERE from_key = ?1 AND ours = 0 ORDER BY id")?;
    let mut rows = statement.query([author.mailbox_key()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let other: Gist = serde_json::from_str(&row.get::<_, String>(1)?)?;
        if correction::scope(&other) == scope && correction.concerns(&other) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

/// What was read of a mail, before any correction.
pub(super) fn read_gist(conn: &Connection, message: i64) -> Result<Option<Gist>, StoreError> {
    let mut statement = conn.prepare_cached("SELECT gist FROM message WHERE id = ?1")?;
    let mut rows = statement.query([message])?;
    rows.next()?.map(|row| Ok(serde_json::from_str(&row.get::<_, String>(0)?)?)).transpose()
}

/// Whether a person joined the mail to an outreach.
///
/// # Errors
/// If SQLite fails.
pub fn is_joined(conn: &Connection, message: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM matched WHERE message = ?1 AND decided = 1 AND level IN ('sure', 'likely')";
    Ok(conn.prepare_cached(sql)?.exists([message])?)
}

/// The outreach that a mail is joined to.
pub(super) fn outreach_of(tx: &Transaction<'_>, message: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT outreach FROM matched WHERE message = ?1 ORDER BY outreach")?;
    let rows = statement.query_map([message], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn check(tx: &Transaction<'_>, mail: &StoredMail, wishes: &[Wish]) -> Result<(), CorrectError> {
    let refuse = |why: String| Err(CorrectError::Refused(why));
    if mail.ours {
        return refuse(format!("you wrote mail {} yourself; only mail that came in can be corrected", mail.id));
    }
    let kind = wishes.iter().rev().find_map(|wish| match wish {
        Wish::Verdict { verdict: Verdict::Kind(kind), .. } => Some(*kind),
        _ => None,
    });
    let kind = kind.unwrap_or(mail.gist.kind);
    for wish in wishes {
        match wish {
            Wish::Verdict { verdict: Verdict::Tone(_), .. } if !correction::can_have_tone(kind) => {
                return refuse(format!(
                    "mail {} is taken for {}, which has no tone; say --kind human too if a person wrote it",
                    mail.id,
                    kind.as_str()
                ));
            }
            Wish::Answers(outreach) => {
                let Some((first, _)) = outreach_row(tx, *outreach)? else { return refuse(no_outreach(*outreach)) };
                if mail.at < first {
                    return refuse(format!(
                        "mail {} came before outreach {outreach} began: it can't answer it",
                        mail.id
                    ));
                }
            }
            Wish::Not(outreach) => {
                if outreach_row(tx, *outreach)?.is_none() {
                    return refuse(no_outreach(*outreach));
                }
                if !outreach_of(tx, mail.id)?.contains(outreach) {
                    return refuse(format!(
                        "mail {} is not joined to outreach {outreach}; checkback why {} shows what it is joined to",
                        mail.id, mail.id
                    ));
                }
            }
            Wish::Never if mail.gist.author().is_none() => {
                return refuse(format!("mail {} names no sender", mail.id));
            }
            _ => {}
        }
    }
    Ok(())
}

fn no_outreach(outreach: i64) -> String {
    format!("there is no outreach {outreach}; checkback outreach list shows them")
}

fn outreach_row(tx: &Transaction<'_>, outreach: i64) -> Result<Option<(Timestamp, String)>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT first_touch_at, root FROM outreach WHERE id = ?1")?;
    let mut rows = statement.query([outreach])?;
    rows.next()?.map(|row| Ok((parse_stamp(&row.get::<_, String>(0)?)?, row.get(1)?))).transpose()
}

fn concerned(tx: &Transaction<'_>, mail: &StoredMail, read: &Gist, wish: &Wish) -> Result<Vec<i64>, StoreError> {
    match wish {
        Wish::Verdict { verdict, only: false } if !matches!(verdict, Verdict::Tone(_)) => {
            let before = verdict.read_of(read).to_owned();
            like(tx, read, &Correction { verdict: verdict.clone(), before, own: false })
        }
        Wish::Never => {
            let key = mail.gist.author().map(Address::mailbox_key).unwrap_or_default();
            let mut statement = tx.prepare_cached(
                "SELECT message.id FROM message JOIN outbox ON outbox.inquiry = message.id
                 WHERE from_key = ?1 AND state IN ('held', 'queued')",
            )?;
            let rows = statement.query_map([key], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        }
        _ => Ok(Vec::new()),
    }
}

fn take(
    tx: &Transaction<'_>,
    mail: &StoredMail,
    read: &Gist,
    wish: &Wish,
    now: Timestamp,
    before: &mut Vec<Image>,
) -> Result<String, StoreError> {
    let (field, was, after, scope, words) = match wish {
        Wish::Verdict { verdict, only } => {
            let was = verdict.read_of(read);
            let alone = *only || matches!(verdict, Verdict::Tone(_));
            let scope = if alone { String::new() } else { correction::scope(read) };
            let day = match verdict {
                Verdict::Tone(Tone::NotNow { until: Some(until) }) => format!(" (until {until})"),
                _ => String::new(),
            };
            let words = match was == verdict.as_str() && day.is_empty() {
                true => format!("{} {was}, as it was read", verdict.field()),
                false => format!("{} {was} → {}{day}", verdict.field(), verdict.as_str()),
            };
            (verdict.field(), was.to_owned(), serde_json::to_value(verdict)?, scope, words)
        }
        Wish::Answers(outreach) => {
            let was = join(tx, mail, *outreach, "sure", "you said so")?;
            (
                "outreach",
                was,
                json!({"answers": root(tx, *outreach)?}),
                String::new(),
                format!("answers outreach {outreach}"),
            )
        }
        Wish::Not(outreach) => {
            let was = join(tx, mail, *outreach, "refused", "you said that it is no part of it")?;
            let words = format!("doesn't answer outreach {outreach}");
            ("outreach", was, json!({"not": root(tx, *outreach)?}), String::new(), words)
        }
        Wish::Never => {
            let Some(author) = mail.gist.author() else { return Ok(String::new()) };
            decisions::capture_suppression(tx, author.as_str(), before)?;
            apply::suppress(tx, author.as_str(), apply::YOUR_WORD, "you said so", now)?;
            return Ok("never write to the sender by machine".to_owned());
        }
    };
    tx.execute(
        "INSERT INTO correction (at, message, field, before, after, scope) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (stamp(now), mail.id, field, was, after.to_string(), scope),
    )?;
    before.push(Image::Correction { id: tx.last_insert_rowid() });
    Ok(words)
}

fn root(tx: &Transaction<'_>, outreach: i64) -> Result<String, StoreError> {
    Ok(outreach_row(tx, outreach)?.map(|(_, root)| root).unwrap_or_default())
}

/// Joins or parts by a person's word; the evidence that was found stays. Returns the level before.
fn join(
    tx: &Transaction<'_>,
    mail: &StoredMail,
    outreach: i64,
    level: &str,
    because: &str,
) -> Result<String, StoreError> {
    let mut statement = tx.prepare_cached("SELECT level FROM matched WHERE outreach = ?1 AND message = ?2")?;
    let was = statement.query_map((outreach, mail.id), |row| row.get::<_, String>(0))?.next().transpose()?;
    let subject = Subject { message: mail.id, account: mail.account_id, gist: &mail.gist, at: mail.at };
    apply::join(tx, &subject, outreach, level, YOUR_WORD, because)?;
    Ok(was.unwrap_or_else(|| "none".to_owned()))
}
