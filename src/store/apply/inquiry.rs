//! Inquiries: what was judged of them, the roster, and the answers that were written.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{Subject, journal, know_address};
use crate::domain::decide::address_mark;
use crate::domain::delivery::Errand;
use crate::domain::gist::Pitch;
use crate::domain::ident::{Address, DedupeKey, MessageId, NamedAddress};
use crate::domain::policy::Rule;
use crate::store::outbox::{self, OutboxRow};
use crate::store::{StoreError, cases, stamp};

/// A mail that was decided and worded; its text and headers are frozen from now on.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// What makes it the same mail through replays.
    pub key: DedupeKey,
    /// Derived from the key.
    pub message_id: MessageId,
    /// Its account.
    pub account: i64,
    /// Why it leaves.
    pub errand: Errand,
    /// The template's name.
    pub purpose: String,
    /// `send` or `draft`.
    pub mode: &'static str,
    /// The mail that is answered.
    pub inquiry: Option<i64>,
    /// Own address and name.
    pub sender: NamedAddress,
    /// Whom it goes to.
    pub recipient: NamedAddress,
    /// Subject line.
    pub subject: String,
    /// Finished text.
    pub text: String,
    /// The same as HTML, where there is one.
    pub html: Option<String>,
    /// The mail that is answered.
    pub in_reply_to: Option<MessageId>,
    /// Its ancestors and itself.
    pub references: Vec<MessageId>,
    /// Waits for a person, and why.
    pub held: Option<String>,
    /// When it may leave.
    pub due_at: Timestamp,
    /// Names under which the recipient counts as answered.
    pub marks: Vec<String>,
    /// Root of what is answered.
    pub root: String,
    /// What it means for outreach.
    pub pursuit: Pursuit,
}

/// What a mail of ours means for outreach when it leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Pursuit {
    /// Nothing.
    #[default]
    None,
    /// It begins one.
    Begins {
        /// The sequence in which that one is enrolled.
        sequence: Option<String>,
    },
    /// It is a further touch of one.
    Touches {
        /// The outreach.
        outreach: i64,
        /// The step of its sequence; 0: none.
        step: u32,
    },
}

/// Puts a mail into the outbox and gives its row. The same decision taken twice writes one row; the
/// second time gives none.
///
/// # Errors
/// If SQLite fails.
pub fn write_mail(tx: &Transaction<'_>, mail: &NewMail, now: Timestamp) -> Result<Option<i64>, StoreError> {
    let settled = if mail.errand.is_automatic() { "every rule holds" } else { "asked for" };
    let because = mail.held.as_deref().unwrap_or(settled);
    let (asks, sequence, outreach, step) = match &mail.pursuit {
        Pursuit::None => (false, None, None, 0),
        Pursuit::Begins { sequence } => (true, sequence.as_deref(), None, 0),
        Pursuit::Touches { outreach, step } => (false, None, Some(*outreach), *step),
    };
    let state = if mail.held.is_some() { "held" } else { "queued" };
    let inserted = tx.execute(
        "INSERT OR IGNORE INTO outbox (dedupe_key, message_id, account_id, errand, purpose, mode, inquiry, sender,
             sender_name, recipient, recipient_name, subject, text, html, in_reply_to, refs, state, decided_at, due_at,
             because, asks, sequence, outreach, step)
         VALUES (:key, :id, :account, :errand, :purpose, :mode, :inquiry, :sender,
             :sender_name, :recipient, :recipient_name, :subject, :text, :html, :in_reply_to, :refs, :state, :now, :due,
             :because, :asks, :sequence, :outreach, :step)",
        named_params! {
            ":key": mail.key.as_str(), ":id": mail.message_id.as_str(), ":account": mail.account,
            ":errand": mail.errand.as_str(), ":html": mail.html, ":asks": asks, ":sequence": sequence,
            ":outreach": outreach, ":step": step,
            ":purpose": mail.purpose, ":mode": mail.mode, ":inquiry": mail.inquiry,
            ":sender": mail.sender.address.as_str(), ":sender_name": mail.sender.name,
            ":recipient": mail.recipient.address.as_str(), ":recipient_name": mail.recipient.name,
            ":subject": mail.subject, ":text": mail.text,
            ":in_reply_to": mail.in_reply_to.as_ref().map(MessageId::as_str),
            ":refs": serde_json::to_string(&mail.references)?,
            ":state": state, ":now": stamp(now), ":due": stamp(mail.due_at), ":because": because,
        },
    )?;
    if inserted == 0 {
        return Ok(None);
    }
    let outbox = tx.last_insert_rowid();
    for mark in &mail.marks {
        tx.execute(
            "INSERT OR REPLACE INTO answered (mark, root, outbox, at) VALUES (?1, ?2, ?3, ?4)",
            (mark, &mail.root, outbox, stamp(now)),
        )?;
    }
    journal(tx, now, state, mail.message_id.as_str(), because)?;
    Ok(Some(outbox))
}

/// Writes into the roster that a recruiter was answered, and the day that the answer promised, if any.
///
/// # Errors
/// If SQLite fails.
pub fn note_answer(
    tx: &Transaction<'_>,
    inquiry: i64,
    answered: Timestamp,
    on: Option<Date>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE roster SET answered_at = ?2, check_back_on = coalesce(?3, check_back_on)
         WHERE id = (SELECT roster FROM pitch WHERE message = ?1)",
        (inquiry, stamp(answered), on.map(|on| on.to_string())),
    )?;
    Ok(())
}

/// Writes the day that a check-back from elsewhere promised into the roster, unless a promise stands there:
/// by the pitch it answers, or by its recipient where that had no Message-ID.
///
/// # Errors
/// If SQLite fails.
pub fn note_promise(
    tx: &Transaction<'_>,
    parents: &[MessageId],
    recipients: &[Address],
    answered: Timestamp,
    on: Date,
) -> Result<(), StoreError> {
    const PROMISED: &str = "UPDATE roster SET answered_at = ?2, check_back_on = ?3 WHERE answered_at IS NULL AND";
    let by_pitch = format!(
        "{PROMISED} id IN (SELECT roster FROM pitch JOIN message ON message.id = pitch.message WHERE message_id = ?1)"
    );
    for parent in parents {
        tx.execute(&by_pitch, (parent.as_str(), stamp(answered), on.to_string()))?;
    }
    if parents.is_empty() {
        for recipient in recipients {
            let by_address = format!("{PROMISED} key = ?1");
            tx.execute(&by_address, (recipient.mailbox_key(), stamp(answered), on.to_string()))?;
        }
    }
    Ok(())
}

/// Stores why the gate stopped an answer with the mail it answers.
///
/// # Errors
/// If SQLite fails.
pub fn note_blocks(tx: &Transaction<'_>, row: &OutboxRow, rules: &[Rule]) -> Result<(), StoreError> {
    row.inquiry.map_or(Ok(()), |message| judged(tx, message, rules))
}

/// Stores every rule that blocks.
pub(super) fn judged(tx: &Transaction<'_>, message: i64, rules: &[Rule]) -> Result<(), StoreError> {
    let names: Vec<&str> = rules.iter().map(|rule| rule.as_str()).collect();
    tx.prepare_cached("UPDATE message SET blocked_by = ?1 WHERE id = ?2")?
        .execute((serde_json::to_string(&names)?, message))?;
    Ok(())
}

/// Enters a recruiter's pitch into the roster.
pub(super) fn recruiter(
    tx: &Transaction<'_>,
    subject: &Subject<'_>,
    from: &NamedAddress,
    pitch: &Pitch,
) -> Result<(), StoreError> {
    let at = stamp(subject.at);
    let key = know_address(tx, &from.address)?;
    tx.execute(
        "INSERT INTO roster (key, address, name, agency, first_seen_at, last_seen_at)
         VALUES (:key, :address, :name, :agency, :at, :at)
         ON CONFLICT (key) DO UPDATE SET
             last_seen_at = max(last_seen_at, excluded.last_seen_at),
             first_seen_at = min(first_seen_at, excluded.first_seen_at),
             name = CASE name WHEN '' THEN excluded.name ELSE name END,
             agency = CASE agency WHEN '' THEN excluded.agency ELSE agency END,
             returned_at = CASE WHEN check_back_on IS NOT NULL AND excluded.last_seen_at >= check_back_on
                                THEN excluded.last_seen_at ELSE returned_at END",
        named_params! {
            ":key": key, ":address": from.address.as_str(), ":name": from.name.as_deref().unwrap_or_default(),
            ":agency": pitch.agency.as_deref().unwrap_or_default(), ":at": at,
        },
    )?;
    let roster: i64 = tx.query_row("SELECT id FROM roster WHERE key = ?1", [&key], |row| row.get(0))?;
    let inserted = tx.execute(
        "INSERT OR IGNORE INTO pitch (message, roster, at, subject, pitch) VALUES (?1, ?2, ?3, ?4, ?5)",
        (subject.message, roster, &at, &subject.gist.subject, serde_json::to_string(pitch)?),
    )?;
    tx.execute("UPDATE roster SET pitches = pitches + ?2 WHERE id = ?1", (roster, i64::from(inserted > 0)))?;
    Ok(())
}

/// Takes a mail out of the roster: it is no pitch after all. The recruiter stays as a row, since an
/// answer may have promised a day, and is not shown while nothing of theirs is a pitch.
pub(in crate::store) fn withdraw_pitch(tx: &Transaction<'_>, message: i64) -> Result<(), StoreError> {
    let roster: Option<i64> = tx
        .query_row("DELETE FROM pitch WHERE message = ?1 RETURNING roster", [message], |row| row.get(0))
        .optional()?;
    let Some(roster) = roster else { return Ok(()) };
    tx.execute(
        "UPDATE roster SET
             pitches = (SELECT count(*) FROM pitch WHERE roster = ?1),
             first_seen_at = coalesce((SELECT min(at) FROM pitch WHERE roster = ?1), first_seen_at),
             last_seen_at = coalesce((SELECT max(at) FROM pitch WHERE roster = ?1), last_seen_at),
             returned_at = (SELECT max(at) FROM pitch WHERE roster = ?1 AND at >= check_back_on)
         WHERE id = ?1",
        [roster],
    )?;
    Ok(())
}

/// Puts a mail back into the roster.
pub(in crate::store) fn restore_pitch(tx: &Transaction<'_>, message: i64) -> Result<(), StoreError> {
    let known = tx.prepare_cached("SELECT 1 FROM pitch WHERE message = ?1")?.exists([message])?;
    let Some(mail) = cases::mail(tx, message)?.filter(|_| !known) else { return Ok(()) };
    let subject = Subject { message, account: mail.account_id, gist: &mail.gist, at: mail.at };
    mail.gist.from.as_ref().map_or(Ok(()), |from| recruiter(tx, &subject, from, &mail.gist.pitch))
}

/// A person's word in place of a mail that asks for silence.
pub(in crate::store) const YOUR_WORD: i64 = 0;

/// Never write to this address by machine again, as a mail asks, or [`YOUR_WORD`].
pub(in crate::store) fn suppress(
    tx: &Transaction<'_>,
    entry: &str,
    message: i64,
    because: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let inserted = tx.execute(
        "INSERT OR IGNORE INTO suppression (entry, message, because, at) VALUES (?1, ?2, ?3, ?4)",
        (entry, message, because, stamp(now)),
    )?;
    if inserted > 0 { journal(tx, now, "never", entry, because) } else { Ok(()) }
}

/// What a mail asked for is not asked any more, until the mail is considered again.
pub(in crate::store) fn lift_silence(tx: &Transaction<'_>, message: i64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM suppression WHERE message = ?1 AND message <> ?2")?.execute((message, YOUR_WORD))?;
    Ok(())
}

/// The user answered by hand: what waits as an answer to that mail is pointless.
pub(super) fn user_answered(tx: &Transaction<'_>, parents: &[MessageId], now: Timestamp) -> Result<(), StoreError> {
    for parent in parents {
        for row in outbox::cancel_answers_to(tx, parent, Rule::AnsweredMeanwhile, now)? {
            let unsure = (row.state == "held").then_some(Rule::Unsure);
            let rules: Vec<Rule> = unsure.into_iter().chain([Rule::AnsweredMeanwhile]).collect();
            note_blocks(tx, &row, &rules)?;
        }
    }
    Ok(())
}

/// A check-back lies in Sent: its recipient counts as answered, even if this database never wrote it.
pub(super) fn check_back_seen(
    tx: &Transaction<'_>,
    subject: &Subject<'_>,
    parents: &[MessageId],
    recipients: &[Address],
) -> Result<(), StoreError> {
    let at = stamp(subject.at);
    let Some(root) = parents.first().or(subject.gist.message_id.as_ref()) else { return Ok(()) };
    let addresses = recipients.iter().filter_map(address_mark);
    for mark in addresses.chain(parents.iter().map(|id| format!("mail:{}", id.as_str()))) {
        tx.execute(
            // an answer that waits here meanwhile must not take the mark for its own: the gate would let it go
            "INSERT INTO answered (mark, root, outbox, at) VALUES (?1, ?2, NULL, ?3)
             ON CONFLICT (mark, root) DO UPDATE SET outbox = NULL, at = excluded.at",
            (mark, root.as_str(), &at),
        )?;
    }
    Ok(())
}
