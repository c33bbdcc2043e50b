//! What a daily mail offered, the tokens that it bore, and the mails that answered it.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::{StoreError, follow_ups, parse_stamp, stamp};
use crate::domain::act::Item;
use crate::domain::sequence::life::State;

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The daily mail that bore it.
    pub daily: i64,
    /// Its item; `None`: any, by plain words.
    pub number: Option<u32>,
    /// The action, as in a command.
    pub action: String,
    /// Whether its time is over.
    pub expires_at: Timestamp,
}

/// One item of a daily mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The number that was printed.
    pub number: u32,
    /// The item.
    pub item: Item,
    /// An answer decided it.
    pub used: bool,
    /// It is no longer what it was when it was printed.
    pub changed: bool,
}

/// A mail with a token of which something was refused, to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The mail.
    pub message: i64,
    /// It is none of the user's own in Sent.
    pub stray: bool,
    /// When it was read.
    pub at: Timestamp,
    /// What was refused and why.
    pub why: Vec<String>,
}

/// Keeps what a daily mail offers: its items, and the hashes of its tokens with the item and action of
/// each.
///
/// # Errors
/// If SQLite fails.
pub fn offer(
    tx: &Transaction<'_>,
    daily: i64,
    items: &[(u32, Item)],
    tokens: &[(String, Option<u32>, String)],
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    for (number, item) in items {
        tx.execute(
            "INSERT OR IGNORE INTO offered (outbox, number, item, generation) VALUES (?1, ?2, ?3, ?4)",
            (daily, number, item.to_string(), generation(tx, *item)?),
        )?;
    }
    for (hash, number, action) in tokens {
        tx.execute(
            "INSERT OR IGNORE INTO token (hash, outbox, number, action, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (hash, daily, number, action, stamp(expires_at)),
        )?;
    }
    Ok(())
}

/// What the token of that hash stands for.
///
/// # Errors
/// If SQLite fails.
pub fn token(conn: &Connection, hash: &str) -> Result<Option<Token>, StoreError> {
    let row: Option<(i64, Option<u32>, String, String)> = conn
        .prepare_cached("SELECT outbox, number, action, expires_at FROM token WHERE hash = ?1")?
        .query_row([hash], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    row.map(|(daily, number, action, expires)| Ok(Token { daily, number, action, expires_at: parse_stamp(&expires)? }))
        .transpose()
}

/// The items of a daily mail.
///
/// # Errors
/// If SQLite fails.
pub fn offered(conn: &Connection, daily: i64) -> Result<Vec<Offered>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT number, item, used_at IS NOT NULL, generation FROM offered WHERE outbox = ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([daily])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        let item = Item::parse(&name).ok_or(StoreError::Value(name))?;
        let was: String = row.get(3)?;
        found.push(Offered { number: row.get(0)?, item, used: row.get(2)?, changed: generation(conn, item)? != was });
    }
    Ok(found)
}

/// Notes that an item was decided by an answer: no other answer to that mail decides it again.
///
/// # Errors
/// If SQLite fails.
pub fn use_up(tx: &Transaction<'_>, daily: i64, number: u32, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE offered SET used_at = ?3 WHERE outbox = ?1 AND number = ?2", (daily, number, stamp(now)))?;
    Ok(())
}

/// Whether a mail was carried out already, or refused.
///
/// # Errors
/// If SQLite fails.
pub fn is_obeyed(conn: &Connection, message: i64) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT 1 FROM mail_command JOIN message ON message.id = message
         WHERE obeyed = 1 AND (message.id = ?1 OR
             message_id <> '' AND message_id = (SELECT message_id FROM message WHERE id = ?1))",
    )?;
    Ok(statement.exists([message])?)
}

/// Whether a copy of the mail lies in a folder with that role.
///
/// # Errors
/// If SQLite fails.
pub fn lies_in_sent(conn: &Connection, message: i64) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT 1 FROM location JOIN mailbox ON mailbox.id = mailbox_id WHERE message = ?1 AND mailbox.role = 'sent'",
    )?;
    Ok(statement.exists([message])?)
}

/// Keeps what became of a mail with a token.
///
/// # Errors
/// If SQLite fails.
pub fn note(
    tx: &Transaction<'_>,
    message: i64,
    obeyed: bool,
    refused: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO mail_command (message, at, obeyed, refused) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (message) DO UPDATE SET at = excluded.at, obeyed = excluded.obeyed, refused = excluded.refused
         WHERE mail_command.obeyed = 0",
        (message, stamp(now), obeyed, serde_json::to_string(refused)?),
    )?;
    Ok(())
}

/// Refusals that no daily mail told of yet. The copy in the inbox of what lies in Sent is none.
///
/// # Errors
/// If SQLite fails.
pub fn untold(conn: &Connection) -> Result<Vec<Refused>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT message, mail_command.at, refused, obeyed = 0 FROM mail_command JOIN message ON message.id = message
         WHERE told IS NULL AND refused <> '[]' AND (obeyed = 1 OR NOT EXISTS (
             SELECT 1 FROM mail_command AS done JOIN message AS sent ON sent.id = done.message
             WHERE done.obeyed = 1 AND sent.message_id = message.message_id AND sent.message_id <> ''))
         ORDER BY mail_command.at, message",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Refused {
            message: row.get(0)?,
            stray: row.get(3)?,
            at: parse_stamp(&row.get::<_, String>(1)?)?,
            why: serde_json::from_str(&row.get::<_, String>(2)?)?,
        });
    }
    Ok(found)
}

/// Notes that a daily mail tells of refusals.
///
/// # Errors
/// If SQLite fails.
pub fn told(tx: &Transaction<'_>, daily: i64, messages: &[i64]) -> Result<(), StoreError> {
    for message in messages {
        tx.execute("UPDATE mail_command SET told = ?1 WHERE message = ?2", [daily, *message])?;
    }
    Ok(())
}

/// What an item is now: another step of the follow-up, another state of the mail, are another thing.
fn generation(conn: &Connection, item: Item) -> Result<String, StoreError> {
    Ok(match item {
        Item::Mail(id) => super::outbox::get(conn, id)?
            .map(|row| format!("{} {} {}", row.state, row.attempts, row.decided_at))
            .unwrap_or_default(),
        Item::FollowUp(outreach) => {
            let plan = follow_ups::plan_of(conn, outreach)?;
            let open = plan.iter().find(|row| !matches!(row.state, State::Done | State::Stopped));
            open.map(|row| format!("step {}", row.step)).unwrap_or_default()
        }
        // read anew, the answer may suggest something else
        Item::Next(id) => super::next_steps::get(conn, id)?.map(|step| step.step.ask()).unwrap_or_default(),
        Item::Proposal(_) | Item::Answer { .. } => String::new(),
    })
}
