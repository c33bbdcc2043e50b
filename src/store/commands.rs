//! Commands that one process gives to the service, and what came of them. A row is executed at most
//! once, and never late: who waits no longer takes it back.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::{StoreError, stamp};

/// How long an outcome is kept after everybody has read it.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Nobody waits longer for a command to begin: a service that slept must not carry it out then.
const LATE: SignedDuration = SignedDuration::from_secs(90);

/// How a command stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandState {
    /// Nobody has begun it.
    Waiting,
    /// The service is at it.
    Taken,
    /// Its outcome, as JSON.
    Done(String),
    /// It will not be carried out.
    GivenUp {
        /// The service had begun: nobody knows how far it came.
        begun: bool,
    },
}

/// Puts a command (JSON) for the service and returns its row.
///
/// # Errors
/// If SQLite fails.
pub fn put(tx: &Transaction<'_>, command: &str, now: Timestamp) -> Result<i64, StoreError> {
    tx.execute("INSERT INTO command (at, command) VALUES (?1, ?2)", [&stamp(now), command])?;
    Ok(tx.last_insert_rowid())
}

/// Takes the oldest command that waits. What has waited longer than anybody waits for it is given up.
///
/// # Errors
/// If SQLite fails.
pub fn take(tx: &Transaction<'_>, now: Timestamp) -> Result<Option<(i64, String)>, StoreError> {
    let late = now.checked_sub(LATE).unwrap_or(Timestamp::MIN);
    tx.execute("UPDATE command SET state = 'given_up' WHERE state = 'waiting' AND at < ?1", [stamp(late)])?;
    let taken = tx
        .query_row(
            "UPDATE command SET state = 'taken'
             WHERE id = (SELECT min(id) FROM command WHERE state = 'waiting') AND state = 'waiting'
             RETURNING id, command",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    Ok(taken)
}

/// Whether a command waits.
///
/// # Errors
/// If SQLite fails.
pub fn any_waiting(conn: &Connection) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM command WHERE state = 'waiting')")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Notes the outcome (JSON) of a command that was taken.
///
/// # Errors
/// If SQLite fails.
pub fn finish(tx: &Transaction<'_>, id: i64, outcome: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE command SET state = 'done', outcome = ?2 WHERE id = ?1 AND state = 'taken'", (id, outcome))?;
    Ok(())
}

/// Takes back a command that nobody has begun. `false`: it was begun, or is over.
///
/// # Errors
/// If SQLite fails.
pub fn give_up(tx: &Transaction<'_>, id: i64) -> Result<bool, StoreError> {
    let moved = tx.execute("UPDATE command SET state = 'given_up' WHERE id = ?1 AND state = 'waiting'", [id])?;
    Ok(moved == 1)
}

/// Gives up everything that an earlier service left, and forgets what is long over.
///
/// # Errors
/// If SQLite fails.
pub fn give_up_all(tx: &Transaction<'_>, now: Timestamp) -> Result<usize, StoreError> {
    let left = tx.execute(
        "UPDATE command SET state = 'given_up', outcome = CASE state WHEN 'taken' THEN 'null' END
         WHERE state IN ('waiting', 'taken')",
        [],
    )?;
    let old = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    tx.execute("DELETE FROM command WHERE at < ?1", [stamp(old)])?;
    Ok(left)
}

/// How a command stands.
///
/// # Errors
/// If SQLite fails.
pub fn state(conn: &Connection, id: i64) -> Result<CommandState, StoreError> {
    let row: Option<(String, Option<String>)> = conn
        .prepare_cached("SELECT state, outcome FROM command WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match row {
        Some((state, _)) if state == "waiting" => CommandState::Waiting,
        Some((state, _)) if state == "taken" => CommandState::Taken,
        Some((state, outcome)) if state == "given_up" => CommandState::GivenUp { begun: outcome.is_some() },
        Some((_, Some(outcome))) => CommandState::Done(outcome),
        _ => CommandState::GivenUp { begun: false },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn write<T>(store: &mut Store, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> T {
        store.write(work).unwrap()
    }

    #[test]
    fn a_command_is_taken_once_in_order_and_its_outcome_read() {
        let mut store = Store::temporary().unwrap();
        let now = at("2026-03-10T10:00:00Z");
        let ids: Vec<i64> = ["one", "two"].map(|text| write(&mut store, |tx| put(tx, text, now))).to_vec();
        assert!(any_waiting(store.read()).unwrap());
        assert_eq!(write(&mut store, |tx| take(tx, now)), Some((ids[0], "one".to_owned())));
        assert_eq!(write(&mut store, |tx| take(tx, now)), Some((ids[1], "two".to_owned())));
        assert_eq!(write(&mut store, |tx| take(tx, now)), None);
        write(&mut store, |tx| finish(tx, ids[0], "7"));
        assert_eq!(state(store.read(), ids[0]).unwrap(), CommandState::Done("7".to_owned()));
        assert_eq!(state(store.read(), ids[1]).unwrap(), CommandState::Taken);
        assert!(!any_waiting(store.read()).unwrap());
    }

    #[test]
    fn what_was_taken_back_is_not_taken_and_what_was_taken_is_not_taken_back() {
        let mut store = Store::temporary().unwrap();
        let now = at("2026-03-10T10:00:00Z");
        let id = write(&mut store, |tx| put(tx, "one", now));
        assert!(write(&mut store, |tx| give_up(tx, id)));
        assert_eq!(write(&mut store, |tx| take(tx, now)), None);
        let id = write(&mut store, |tx| put(tx, "two", now));
        write(&mut store, |tx| take(tx, now));
        assert!(!write(&mut store, |tx| give_up(tx, id)));
    }

    #[test]
    fn a_command_that_nobody_can_wait_for_any_more_is_given_up() {
        let mut store = Store::temporary().unwrap();
        let id = write(&mut store, |tx| put(tx, "one", at("2026-03-10T10:00:00Z")));
        assert_eq!(write(&mut store, |tx| take(tx, at("2026-03-10T10:02:00Z"))), None);
        assert_eq!(state(store.read(), id).unwrap(), CommandState::GivenUp { begun: false });
    }

    #[test]
    fn the_next_service_gives_up_what_the_last_one_left_and_says_what_was_begun() {
        let mut store = Store::temporary().unwrap();
        let now = at("2026-03-10T10:00:00Z");
        let (begun, waiting) =
            (write(&mut store, |tx| put(tx, "one", now)), write(&mut store, |tx| put(tx, "two", now)));
        write(&mut store, |tx| take(tx, now));
        assert_eq!(write(&mut store, |tx| give_up_all(tx, now)), 2);
        assert_eq!(state(store.read(), begun).unwrap(), CommandState::GivenUp { begun: true });
        assert_eq!(state(store.read(), waiting).unwrap(), CommandState::GivenUp { begun: false });
        // an outcome that comes too late changes nothing
        write(&mut store, |tx| finish(tx, begun, "7"));
        assert_eq!(state(store.read(), begun).unwrap(), CommandState::GivenUp { begun: true });
        write(&mut store, |tx| give_up_all(tx, at("2026-03-20T10:00:00Z")));
        assert_eq!(store.read().query_row("SELECT count(*) FROM command", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }
}
