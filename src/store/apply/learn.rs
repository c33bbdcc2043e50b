//! What was read: mails, where they lie, whom they name.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::know_address;
use crate::domain::gist::{Gist, Kind};
use crate::domain::ident::{Address, MessageId};
use crate::store::mailboxes::{self, MailboxRow};
use crate::store::{StoreError, stamp};

/// A mail as it was fetched and read.
#[derive(Debug, Clone)]
pub struct Learnt {
    /// UID in the folder.
    pub uid: u32,
    /// INTERNALDATE.
    pub received: Timestamp,
    /// What it says.
    pub gist: Gist,
    /// The user (or this program) wrote it.
    pub ours: bool,
    /// `X-GM-THRID`, or empty.
    pub thread: String,
}

/// Stores a chunk of a folder and moves its cursor, all in one transaction. Returns how many mails
/// were new; copies of what a machine sent for the user are none.
///
/// # Errors
/// If SQLite fails.
pub fn learn(tx: &Transaction<'_>, mailbox: &MailboxRow, chunk: &[Learnt], cursor: u32) -> Result<usize, StoreError> {
    let mut fresh = 0;
    for mail in chunk {
        let is_new = learn_one(tx, mailbox, mail)?;
        fresh += usize::from(is_new && !(mail.ours && mail.gist.auto_submitted));
        mailboxes::found_missing(tx, mailbox.id, mail.uid)?;
    }
    mailboxes::advance(tx, mailbox.id, cursor)?;
    Ok(fresh)
}

/// Lets mail from before the first start be judged, if the server got it since `since`.
///
/// # Errors
/// If SQLite fails.
pub fn backfill(tx: &Transaction<'_>, since: Timestamp) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "UPDATE message SET before_start = 0, pending = 1, blocked_by = NULL
         WHERE before_start = 1 AND ours = 0 AND received_at >= ?1",
        [stamp(since)],
    )?)
}

/// Keeps of a mail that belongs to nothing only what has no words.
///
/// # Errors
/// If SQLite fails.
pub fn forget_words(tx: &Transaction<'_>, message: i64, slim: Gist) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE message SET gist = ?1 WHERE id = ?2")?
        .execute((serde_json::to_string(&slim)?, message))?;
    Ok(())
}

/// Stores a mail of ours as it left, before its copy is seen in any folder. Returns its row. The copy is
/// the same mail then, by its Message-ID, author and digest.
///
/// # Errors
/// If SQLite fails.
pub fn learn_own(tx: &Transaction<'_>, account: i64, gist: &Gist, at: Timestamp) -> Result<i64, StoreError> {
    let id = gist.message_id.as_ref().map_or("", MessageId::as_str);
    let from_key = gist.author().map(Address::mailbox_key).unwrap_or_default();
    let known: Option<i64> = tx
        .prepare_cached("SELECT id FROM message WHERE message_id = ?1 AND from_key = ?2 AND digest = ?3")?
        .query_row((id, &from_key, gist.digest.as_str()), |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    tx.prepare_cached(
        "INSERT INTO message (message_id, from_key, digest, account_id, ours, role, received_at, at, kind,
                              base_subject, before_start, pending, because, gist)
         VALUES (:id, :from, :digest, :account, 1, 'sent', :at, :at, :kind, :base, 0, 0, 'written here', :gist)",
    )?
    .execute(named_params! {
        ":id": id, ":from": from_key, ":digest": gist.digest.as_str(), ":account": account, ":at": stamp(at),
        ":kind": gist.kind.as_str(), ":base": gist.base_subject.as_str(), ":gist": serde_json::to_string(gist)?,
    })?;
    let message = tx.last_insert_rowid();
    for parent in gist.parents() {
        tx.prepare_cached("INSERT OR IGNORE INTO reference (message, parent) VALUES (?1, ?2)")?
            .execute((message, parent.as_str()))?;
    }
    note_ours(tx, message, gist, at)?;
    Ok(message)
}

/// Notes a further id of a mail: that by which a server knows it.
///
/// # Errors
/// If SQLite fails.
pub fn note_alias(tx: &Transaction<'_>, id: &MessageId, message: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO id_alias (message_id, message)
         SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM message WHERE id = ?2 AND message_id = ?1)",
    )?
    .execute((id.as_str(), message))?;
    // what answers it under that id was of no interest until now
    tx.prepare_cached(
        "UPDATE message SET pending = 1 WHERE pending = 0 AND ours = 0
         AND id IN (SELECT message FROM reference WHERE parent = ?1)",
    )?
    .execute([id.as_str()])?;
    Ok(())
}

fn learn_one(tx: &Transaction<'_>, mailbox: &MailboxRow, mail: &Learnt) -> Result<bool, StoreError> {
    let gist = &mail.gist;
    let id = gist.message_id.as_ref().map_or("", MessageId::as_str);
    let from_key = gist.author().map(Address::mailbox_key).unwrap_or_default();
    let known: Option<i64> = tx
        .prepare_cached("SELECT id FROM message WHERE message_id = ?1 AND from_key = ?2 AND digest = ?3")?
        .query_row((id, &from_key, gist.digest.as_str()), |row| row.get(0))
        .optional()?;
    let message = match known {
        Some(message) => {
            leave_or_enter_junk(tx, mailbox, message)?;
            message
        }
        None => insert(tx, mailbox, mail, id, &from_key)?,
    };
    let nth = "SELECT coalesce(max(nth), 0) + 1 FROM location WHERE message = ?3";
    let place = format!("INSERT OR REPLACE INTO location (mailbox_id, uid, message, nth) VALUES (?1, ?2, ?3, ({nth}))");
    tx.prepare_cached(&place)?.execute((mailbox.id, mail.uid, message))?;
    if known.is_some() && mail.ours {
        // first seen elsewhere, now in Sent or filed under Outreach: it may be outreach after all, an answer to
        // the daily mail of which the inbox showed its copy first,
        let at = gist.came.map_or(mail.received, |came| came.min(mail.received));
        note_ours(tx, message, gist, at)?;
        // or a draft that lay in All Mail was sent
        tx.prepare_cached(
            "UPDATE message SET ours = 1, pending = 1,
                    role = CASE WHEN ?2 = 'outreach' OR (?2 = 'sent' AND role <> 'outreach') THEN ?2 ELSE role END
             WHERE id = ?1 AND (ours = 0 OR (?2 = 'outreach' AND role <> ?2)
                                OR (?2 = 'sent' AND role NOT IN ('sent', 'outreach')))",
        )?
        .execute((message, &mailbox.role))?;
    }
    Ok(known.is_none())
}

/// A mail lies in Junk or outside it, never both: where it was seen last is where it was moved to. That
/// it is gone from where it was is not told, since nothing asks for what vanished.
fn leave_or_enter_junk(tx: &Transaction<'_>, mailbox: &MailboxRow, message: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM location WHERE message = ?1
            AND mailbox_id IN (SELECT id FROM mailbox WHERE account_id = ?2 AND (role = 'junk') <> ?3)",
    )?
    .execute((message, mailbox.account_id, mailbox.role == "junk"))?;
    Ok(())
}

fn insert(
    tx: &Transaction<'_>,
    mailbox: &MailboxRow,
    mail: &Learnt,
    id: &str,
    from_key: &str,
) -> Result<i64, StoreError> {
    let gist = &mail.gist;
    let at = match gist.came {
        // a server that does not say when it got the mail
        Some(came) if mail.received == Timestamp::UNIX_EPOCH => came,
        Some(came) => came.min(mail.received),
        None => mail.received,
    };
    tx.prepare_cached(
        "INSERT INTO message (message_id, from_key, digest, account_id, ours, role, received_at, at, kind,
                              base_subject, thread, before_start, gist)
         VALUES (:id, :from, :digest, :account, :ours, :role, :received, :at, :kind, :base, :thread, :before, :gist)",
    )?
    .execute(named_params! {
        ":id": id, ":from": from_key, ":digest": gist.digest.as_str(), ":account": mailbox.account_id,
        ":ours": mail.ours, ":role": mailbox.role, ":received": stamp(mail.received), ":at": stamp(at),
        ":kind": gist.kind.as_str(), ":base": gist.base_subject.as_str(), ":thread": mail.thread,
        ":before": mailbox.is_before_start(mail.uid, mail.received, gist.came),
        ":gist": serde_json::to_string(gist)?,
    })?;
    let message = tx.last_insert_rowid();
    let original = gist.bounce.iter().filter_map(|bounce| bounce.original_message_id.as_ref());
    for parent in gist.parents().chain(&gist.quoted_ids).chain(original) {
        tx.prepare_cached("INSERT OR IGNORE INTO reference (message, parent) VALUES (?1, ?2)")?
            .execute((message, parent.as_str()))?;
    }
    if mail.ours {
        note_ours(tx, message, gist, at)?;
    } else {
        note_theirs(tx, mailbox.account_id, gist, at)?;
    }
    Ok(message)
}

/// Further ids of a mail of ours, and whom the user knows by having written to them. What a machine
/// sent makes nobody known.
fn note_ours(tx: &Transaction<'_>, message: i64, gist: &Gist, at: Timestamp) -> Result<(), StoreError> {
    for alias in &gist.other_ids {
        tx.prepare_cached("INSERT OR IGNORE INTO id_alias (message_id, message) VALUES (?1, ?2)")?
            .execute((alias.as_str(), message))?;
    }
    if gist.auto_submitted {
        return Ok(());
    }
    for to in gist.addressees().chain(&gist.bcc) {
        let key = know_address(tx, &to.address)?;
        tx.prepare_cached("UPDATE address SET first_out_at = min(coalesce(first_out_at, ?2), ?2) WHERE key = ?1")?
            .execute((key, stamp(at)))?;
    }
    Ok(())
}

fn note_theirs(tx: &Transaction<'_>, account: i64, gist: &Gist, at: Timestamp) -> Result<(), StoreError> {
    if let Some(from) = gist.author().filter(|_| gist.kind == Kind::Human) {
        let key = know_address(tx, from)?;
        tx.prepare_cached("UPDATE address SET first_in_at = min(coalesce(first_in_at, ?2), ?2) WHERE key = ?1")?
            .execute((key, stamp(at)))?;
    }
    if let Some(result) = &gist.authentication {
        tx.prepare_cached(
            "INSERT INTO authserv (account_id, id, seen) VALUES (?1, ?2, 1)
             ON CONFLICT (account_id, id) DO UPDATE SET seen = seen + 1",
        )?
        .execute((account, &result.authserv_id))?;
    }
    Ok(())
}
