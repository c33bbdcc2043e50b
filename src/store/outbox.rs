//! The outbox: every mail of ours from its decision to its outcome. A row moves only forward:
//! held → queued → claimed → sending → sent | failed | unknown, or drafted, or cancelled; `claimed`
//! may fall back to `queued`, since nothing was handed out yet.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use super::apply::{Pursuit, journal};
use super::{StoreError, parse_stamp, stamp};
use crate::domain::delivery::Errand;
use crate::domain::ident::{Address, DedupeKey, MessageId, NamedAddress};
use crate::domain::policy::Rule;

mod answers;
mod claim;
mod digest;

pub use answers::{Turned, drafted_answers, retried, turn, waiting_answers};
pub use claim::{Group, claim, recover, recover_of};
pub use digest::{hand_digests_over, open_digests};

/// A mail of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Row.
    pub id: i64,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// Its account.
    pub account_id: i64,
    /// Why it leaves.
    pub errand: Errand,
    /// Template name.
    pub purpose: String,
    /// `send` or `draft`.
    pub mode: String,
    /// The mail that is answered.
    pub inquiry: Option<i64>,
    /// From.
    pub sender: NamedAddress,
    /// To.
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
    /// Rendered bytes, once claimed.
    pub bytes: Option<Vec<u8>>,
    /// State.
    pub state: String,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// When it may leave.
    pub due_at: Timestamp,
    /// A person released it.
    pub approved: bool,
    /// Tries so far.
    pub attempts: u32,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// Why it is in this state.
    pub because: String,
    /// Copy in Sent: none, due, made, server.
    pub copy: String,
    /// What it means for outreach when it leaves.
    pub pursuit: Pursuit,
}

const COLUMNS: &str =
    "id, message_id, account_id, errand, purpose, mode, inquiry, sender, sender_name, recipient, recipient_name,
    subject, text, html, in_reply_to, refs, bytes, state, decided_at, due_at, approved, attempts, settled_at, because,
    copy, asks, sequence, outreach, step";

/// The errands of mail that the machine writes to others, and those of all other mail.
const AUTOMATIC: &str = "errand IN ('answer', 'follow_up')";
/// Until the server said 354 nothing is sent of what is not claimed any more.
const WAITS: &str = "(state IN ('held', 'queued') OR (state = 'claimed' AND mode = 'send'))";
/// A follow-up that a person said to send: it passes the gate, and no pause or limit holds it.
const BY_WORD: &str = "(errand = 'own' AND outreach IS NOT NULL)";
/// What a person sends otherwise, and mail to the user.
const BY_REQUEST: &str = "(errand = 'digest' OR (errand = 'own' AND outreach IS NULL))";

/// Begins the reason of a follow-up that was to leave by a person's word and that the gate called back.
pub const CALLED_BACK: &str = "called back: ";

impl OutboxRow {
    /// Whether it is a follow-up that a person said to send.
    pub fn is_by_word(&self) -> bool {
        self.errand == Errand::Own && matches!(self.pursuit, Pursuit::Touches { .. })
    }
}

/// Keeps the rendered bytes of a claimed mail; they are rendered once.
///
/// # Errors
/// If SQLite fails.
pub fn rendered(tx: &Transaction<'_>, id: i64, bytes: &[u8]) -> Result<(), StoreError> {
    tx.execute("UPDATE outbox SET bytes = ?1 WHERE id = ?2 AND bytes IS NULL AND state = 'claimed'", (bytes, id))?;
    Ok(())
}

/// The server said 354: from now on the mail may have been taken. Returns whether the row was still
/// claimed; if not, nothing may be sent.
///
/// # Errors
/// If SQLite fails.
pub fn sending(tx: &Transaction<'_>, id: i64) -> Result<bool, StoreError> {
    let moved = tx.execute(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ?1 AND state = 'claimed'",
        [id],
    )?;
    Ok(moved == 1)
}

/// Settles a mail in a final state (`sent`, `failed`, `unknown`, `drafted`, `cancelled`).
///
/// # Errors
/// If SQLite fails.
pub fn settle(
    tx: &Transaction<'_>,
    row: &OutboxRow,
    state: &str,
    because: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outbox SET state = ?1, because = ?2, settled_at = ?3, claimed_at = NULL WHERE id = ?4",
        (state, because, stamp(now), row.id),
    )?;
    digest::forget_tokens(tx, row, state)?;
    journal(tx, now, state, row.message_id.as_str(), because)
}

/// Notes that a failed mail was refused for another reason than a dead address.
///
/// # Errors
/// If SQLite fails.
pub fn refused_by_policy(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE outbox SET policy = 1 WHERE id = ?1", [id])?;
    Ok(())
}

/// Puts a claimed or refused mail back, to be tried at `due_at`.
///
/// # Errors
/// If SQLite fails.
pub fn requeue(
    tx: &Transaction<'_>,
    row: &OutboxRow,
    due_at: Timestamp,
    tried: bool,
    because: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outbox SET state = 'queued', claimed_at = NULL, due_at = ?1, because = ?2,
                attempts = attempts + ?3
         WHERE id = ?4 AND state NOT IN ('sent', 'failed', 'drafted', 'cancelled')",
        (stamp(due_at), because, i64::from(tried && row.state == "claimed"), row.id),
    )?;
    Ok(())
}

/// Notes how the copy in Sent stands: due, made, server.
///
/// # Errors
/// If SQLite fails.
pub fn set_copy(tx: &Transaction<'_>, id: i64, copy: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE outbox SET copy = ?1 WHERE id = ?2", (copy, id))?;
    Ok(())
}

/// Seconds between two mails of a person's own that were released together.
const SPACING: u32 = 180;

/// A person releases a held mail: an unsure score no longer blocks it. An answer is due now; of the
/// user's own mails of one purpose each waits for the one before, so that no provider sees a burst.
///
/// # Errors
/// If SQLite fails.
pub fn approve(tx: &Transaction<'_>, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    let moved = tx.execute(
        "UPDATE outbox SET state = 'queued', approved = 1, because = 'approved by you', due_at = max(?1, coalesce(
             (SELECT max(strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(other.settled_at, other.due_at), ?3))
              FROM outbox AS other WHERE other.id <> ?2 AND outbox.errand = 'own' AND other.errand = 'own'
                  AND other.purpose = outbox.purpose AND other.approved = 1
                  AND other.state IN ('queued', 'claimed', 'sending', 'sent')), ?1))
         WHERE id = ?2 AND state = 'held'",
        (stamp(now), id, format!("+{SPACING} seconds")),
    )?;
    Ok(moved == 1)
}

/// Cancels what waits as an answer to a mail that the user answered by hand, and returns it as it was.
///
/// # Errors
/// If SQLite fails.
pub fn cancel_answers_to(
    tx: &Transaction<'_>,
    parent: &MessageId,
    rule: Rule,
    now: Timestamp,
) -> Result<Vec<OutboxRow>, StoreError> {
    let waiting = select(
        tx,
        &format!("SELECT {COLUMNS} FROM outbox WHERE in_reply_to = ?1 AND state IN ('held', 'queued')"),
        [parent.as_str()],
    )?;
    for row in &waiting {
        settle(tx, row, "cancelled", rule.as_str(), now)?;
    }
    Ok(waiting)
}

/// Held answers to mail that came before that moment.
///
/// # Errors
/// If SQLite fails.
pub fn held_answers_to_older(conn: &Connection, than: Timestamp) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE state = 'held' AND errand = 'answer'
         AND EXISTS (SELECT 1 FROM message WHERE message.id = outbox.inquiry AND message.at < ?1) ORDER BY id"
    );
    select(conn, &sql, [stamp(than)])
}

/// Answers that nobody released in time, since that moment.
///
/// # Errors
/// If SQLite fails.
pub fn ended_unreleased(conn: &Connection, since: Timestamp) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE state = 'cancelled' AND errand = 'answer' AND because = ?1
         AND settled_at > ?2 ORDER BY id"
    );
    select(conn, &sql, (Rule::TooOld.as_str(), stamp(since)))
}

/// Follow-ups that a person said to send and that the gate called back since that moment.
///
/// # Errors
/// If SQLite fails.
pub fn called_back(conn: &Connection, since: Timestamp) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE state = 'cancelled' AND {BY_WORD} AND settled_at > ?2
         AND substr(because, 1, length(?1)) = ?1 ORDER BY id"
    );
    select(conn, &sql, (CALLED_BACK, stamp(since)))
}

/// Mail of a step of an outreach that the machine has not handed out yet.
///
/// # Errors
/// If SQLite fails.
pub fn waiting_of_step(conn: &Connection, outreach: i64, step: u32) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE outreach = ?1 AND step = ?2 AND errand = 'follow_up'
         AND state IN ('held', 'queued', 'claimed')"
    );
    select(conn, &sql, (outreach, step))
}

/// Queues a mail again that was called back before it was offered to anybody, with its words of now.
/// Returns its row, if there is such a one.
///
/// # Errors
/// If SQLite fails.
pub fn revive(tx: &Transaction<'_>, mail: &super::apply::NewMail) -> Result<Option<i64>, StoreError> {
    let row = tx
        .query_row(
            "UPDATE outbox SET state = 'queued', because = 'every rule holds', subject = ?2, text = ?3, mode = ?4,
                    due_at = ?5, bytes = NULL, settled_at = NULL, claimed_at = NULL
             WHERE dedupe_key = ?1 AND state = 'cancelled' AND attempts = 0 RETURNING id",
            (mail.key.as_str(), &mail.subject, &mail.text, mail.mode, stamp(mail.due_at)),
            |row| row.get(0),
        )
        .optional()?;
    Ok(row)
}

/// The draft that answers one of these mails, if it waits in Drafts.
///
/// # Errors
/// If SQLite fails.
pub fn drafted_answer_to(conn: &Connection, parent: &MessageId) -> Result<Option<OutboxRow>, StoreError> {
    let rows = select(
        conn,
        &format!("SELECT {COLUMNS} FROM outbox WHERE in_reply_to = ?1 AND state = 'drafted' AND copy <> 'made'"),
        [parent.as_str()],
    )?;
    Ok(rows.into_iter().next())
}

/// Everything that was written in answer to a mail, oldest first.
///
/// # Errors
/// If SQLite fails.
pub fn answers_to(conn: &Connection, inquiry: i64) -> Result<Vec<OutboxRow>, StoreError> {
    select(conn, &format!("SELECT {COLUMNS} FROM outbox WHERE inquiry = ?1 ORDER BY id"), [inquiry])
}

/// Mail in one of these states, oldest first.
///
/// # Errors
/// If SQLite fails.
pub fn in_state(conn: &Connection, state: &str) -> Result<Vec<OutboxRow>, StoreError> {
    select(conn, &format!("SELECT {COLUMNS} FROM outbox WHERE state = ?1 ORDER BY id"), [state])
}

/// Mail of a purpose that waits, oldest first.
///
/// # Errors
/// If SQLite fails.
pub fn waiting_for(conn: &Connection, purpose: &str) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE purpose = ?1 AND state IN ('held', 'queued') ORDER BY id");
    select(conn, &sql, [purpose])
}

/// Sent mail of an account whose copy in Sent is still due.
///
/// # Errors
/// If SQLite fails.
pub fn copies_due(conn: &Connection, account: i64) -> Result<Vec<OutboxRow>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM outbox WHERE copy = 'due' AND state = 'sent' AND account_id = ?1 ORDER BY id");
    select(conn, &sql, [account])
}

/// The mail of that row.
///
/// # Errors
/// If SQLite fails.
pub fn get(conn: &Connection, id: i64) -> Result<Option<OutboxRow>, StoreError> {
    Ok(select(conn, &format!("SELECT {COLUMNS} FROM outbox WHERE id = ?1"), [id])?.into_iter().next())
}

/// The mail of that key.
///
/// # Errors
/// If SQLite fails.
pub fn by_key(conn: &Connection, key: &DedupeKey) -> Result<Option<OutboxRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE dedupe_key = ?1");
    Ok(select(conn, &sql, [key.as_str()])?.into_iter().next())
}

/// The mail of that Message-ID.
///
/// # Errors
/// If SQLite fails.
pub fn by_message_id(conn: &Connection, id: &MessageId) -> Result<Option<OutboxRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE message_id = ?1");
    Ok(select(conn, &sql, [id.as_str()])?.into_iter().next())
}

/// Mail of a person's, or of a sequence, to an address that left, may have left or lies in Drafts, the
/// latest first.
///
/// # Errors
/// If SQLite fails.
pub fn pursued(conn: &Connection, account: i64, to: &Address) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE recipient = ?2 AND account_id = ?1 AND errand IN ('own', 'follow_up')
         AND state IN ('sent', 'unknown', 'drafted', 'sending', 'claimed') ORDER BY id DESC LIMIT 20"
    );
    select(conn, &sql, (account, to.as_str()))
}

/// Mail of an outreach that waits: nothing of it was handed out.
///
/// # Errors
/// If SQLite fails.
pub fn waiting_of(conn: &Connection, outreach: i64) -> Result<Vec<OutboxRow>, StoreError> {
    select(conn, &format!("SELECT {COLUMNS} FROM outbox WHERE outreach = ?1 AND {WAITS} ORDER BY id"), [outreach])
}

/// Mail that the machine wrote to others and that waits.
///
/// # Errors
/// If SQLite fails.
pub fn automatic_waiting(conn: &Connection) -> Result<Vec<OutboxRow>, StoreError> {
    select(conn, &format!("SELECT {COLUMNS} FROM outbox WHERE {AUTOMATIC} AND {WAITS} ORDER BY id"), [])
}

/// Notes by which words the outreach is sorted that a mail begins, and for which experiment its template
/// was drawn by lot.
///
/// # Errors
/// If SQLite fails.
pub fn sorted(tx: &Transaction<'_>, id: i64, tags: &[String], drawn_from: Option<&str>) -> Result<(), StoreError> {
    let tags = serde_json::to_string(tags)?;
    tx.execute("UPDATE outbox SET tags = ?2, drawn_from = ?3 WHERE id = ?1", (id, tags, drawn_from))?;
    Ok(())
}

/// Whether something that passes the gate is due by then: what a mailbox that can't be read keeps from
/// leaving. `automatic`: only what the machine writes to others.
///
/// # Errors
/// If SQLite fails.
pub fn is_due(conn: &Connection, account: &str, automatic: bool, now: Timestamp) -> Result<bool, StoreError> {
    let gated = if automatic { AUTOMATIC.to_owned() } else { format!("({AUTOMATIC} OR {BY_WORD})") };
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM outbox JOIN account ON account.id = account_id
                        WHERE state IN ('queued', 'claimed') AND due_at <= ?1 AND account.name = ?2 AND {gated})"
    );
    Ok(conn.prepare_cached(&sql)?.query_row((stamp(now), account), |row| row.get(0))?)
}

fn select(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<OutboxRow>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_row(row)?);
    }
    Ok(found)
}

fn read_row(row: &Row<'_>) -> Result<OutboxRow, StoreError> {
    let id_of = |text: String| MessageId::parse(&text).ok_or(StoreError::Value(text));
    let address_of = |text: String| Address::parse(&text).ok_or(StoreError::Value(text));
    let refs: String = row.get("refs")?;
    let in_reply_to: Option<String> = row.get("in_reply_to")?;
    let errand: String = row.get("errand")?;
    let pursuit = match (row.get::<_, bool>("asks")?, row.get::<_, Option<i64>>("outreach")?) {
        (true, _) => Pursuit::Begins { sequence: row.get("sequence")? },
        (false, Some(outreach)) => Pursuit::Touches { outreach, step: row.get("step")? },
        (false, None) => Pursuit::None,
    };
    Ok(OutboxRow {
        id: row.get("id")?,
        message_id: id_of(row.get("message_id")?)?,
        account_id: row.get("account_id")?,
        errand: Errand::parse(&errand).ok_or(StoreError::Value(errand))?,
        purpose: row.get("purpose")?,
        mode: row.get("mode")?,
        inquiry: row.get("inquiry")?,
        sender: NamedAddress { name: row.get("sender_name")?, address: address_of(row.get("sender")?)? },
        recipient: NamedAddress { name: row.get("recipient_name")?, address: address_of(row.get("recipient")?)? },
        subject: row.get("subject")?,
        text: row.get("text")?,
        html: row.get("html")?,
        in_reply_to: in_reply_to.map(id_of).transpose()?,
        references: serde_json::from_str(&refs)?,
        bytes: row.get("bytes")?,
        state: row.get("state")?,
        decided_at: parse_stamp(&row.get::<_, String>("decided_at")?)?,
        due_at: parse_stamp(&row.get::<_, String>("due_at")?)?,
        approved: row.get("approved")?,
        attempts: row.get("attempts")?,
        settled_at: super::parse_stamp_opt(row.get("settled_at")?)?,
        because: row.get("because")?,
        copy: row.get("copy")?,
        pursuit,
    })
}
