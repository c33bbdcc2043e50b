//! A mail of ours that waited, as it was before a decision.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction};
use serde::{Deserialize, Serialize};

use super::{Image, Restored};
use crate::store::{StoreError, stamp};

/// The part of an outbox row that a decision moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    id: i64,
    state: String,
    because: String,
    due_at: String,
    approved: bool,
    settled_at: Option<String>,
    /// Its words, which a person may have changed, and where it goes.
    #[serde(default)]
    words: Option<Words>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Words {
    subject: String,
    text: String,
    mode: String,
    /// What they are for, and the identity that follows from it: key and Message-ID.
    #[serde(default)]
    purpose: Option<(String, String, String)>,
}

pub(in crate::store) fn capture_outbox(tx: &Transaction<'_>, id: i64, into: &mut Vec<Image>) -> Result<(), StoreError> {
    let row = tx
        .prepare_cached(
            "SELECT id, state, because, due_at, approved, settled_at, subject, text, mode,
                    purpose, dedupe_key, message_id FROM outbox WHERE id = ?1",
        )?
        .query_row([id], |row| {
            Ok(Waiting {
                id: row.get(0)?,
                state: row.get(1)?,
                because: row.get(2)?,
                due_at: row.get(3)?,
                approved: row.get(4)?,
                settled_at: row.get(5)?,
                words: Some(Words {
                    subject: row.get(6)?,
                    text: row.get(7)?,
                    mode: row.get(8)?,
                    purpose: Some((row.get(9)?, row.get(10)?, row.get(11)?)),
                }),
            })
        })
        .optional()?;
    into.extend(row.map(Image::Outbox));
    Ok(())
}

/// A mail that a person asked for, as if it had been stopped.
pub(in crate::store) fn never_asked(id: i64, now: Timestamp) -> Image {
    Image::Outbox(Waiting {
        id,
        state: "cancelled".to_owned(),
        because: "taken back by you".to_owned(),
        due_at: stamp(now),
        approved: false,
        settled_at: Some(stamp(now)),
        words: None,
    })
}

pub(super) fn put_waiting(tx: &Transaction<'_>, waiting: &Waiting, restored: &mut Restored) -> Result<(), StoreError> {
    let now: Option<(String, String)> = tx
        .query_row("SELECT state, recipient FROM outbox WHERE id = ?1", [waiting.id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((state, recipient)) = now else { return Ok(()) };
    if !matches!(state.as_str(), "held" | "queued" | "cancelled") {
        restored.left.push(gone(waiting.id, &recipient, &state));
        return Ok(());
    }
    // what was claimed then has long been let go
    let back = if waiting.state == "claimed" { "queued" } else { &waiting.state };
    tx.execute(
        "UPDATE outbox SET state = ?2, because = ?3, due_at = ?4, approved = ?5, settled_at = ?6, claimed_at = NULL
         WHERE id = ?1",
        (waiting.id, back, &waiting.because, &waiting.due_at, waiting.approved, &waiting.settled_at),
    )?;
    if let Some(words) = &waiting.words {
        // rendered again if they differ: no server took them
        tx.execute(
            "UPDATE outbox SET bytes = CASE WHEN subject = ?2 AND text = ?3 THEN bytes END,
                    subject = ?2, text = ?3, mode = ?4 WHERE id = ?1",
            (waiting.id, &words.subject, &words.text, &words.mode),
        )?;
        if let Some((purpose, key, message_id)) = &words.purpose {
            tx.execute(
                "UPDATE OR IGNORE outbox SET purpose = ?2, dedupe_key = ?3, message_id = ?4 WHERE id = ?1",
                (waiting.id, purpose, key, message_id),
            )?;
        }
    }
    restored.back += 1;
    Ok(())
}

pub(super) fn gone(id: i64, recipient: &str, state: &str) -> String {
    match state {
        "claimed" | "sending" => format!("m{id} to {recipient} is leaving at this moment"),
        "drafted" => format!("m{id} to {recipient} lies in your Drafts folder; delete it there"),
        "unknown" => format!("m{id} to {recipient} may have left"),
        "failed" => format!("m{id} to {recipient} was handed to the server, which refused it"),
        _ => format!("m{id} to {recipient} has left"),
    }
}
