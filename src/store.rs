//! SQLite: one file, WAL, `synchronous = FULL`. All SQL of the crate lives here and below.
//!
//! `apply` is the sole writer of what was decided, `mailboxes` moves cursors, `outbox` claims;
//! `cases` and `reports` read. Every write is one `BEGIN IMMEDIATE` transaction. Never here: a
//! clock, a socket, a decision.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

pub mod agenda;
pub mod apply;
pub mod cases;
pub mod commands;
pub mod corrections;
pub mod decisions;
pub mod due;
pub mod follow_ups;
pub mod found;
pub mod health;
pub mod mail_commands;
pub mod mailboxes;
pub mod next_steps;
pub mod outbox;
pub mod people;
pub mod rates;
pub mod reports;
pub mod review;
pub mod roster;

/// The schema, oldest first. Never changed once released: a new step is a new file.
const STEPS: &[M<'static>] = &[
    M::up(include_str!("store/migrations/0001_house.sql")),
    M::up(include_str!("store/migrations/0002_service.sql")),
    M::up(include_str!("store/migrations/0003_sequences.sql")),
    M::up(include_str!("store/migrations/0004_answers_to_the_daily_mail.sql")),
    M::up(include_str!("store/migrations/0005_answers_taken_back_whole.sql")),
    M::up(include_str!("store/migrations/0006_silence.sql")),
];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// How long a statement waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(20);

/// The database of one workspace.
#[derive(Debug)]
pub struct Store {
    conn: Connection,
}

/// Why the database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file can't be opened or created.
    #[error("cannot open the database {path}: {source}. Check that the folder exists and can be written")]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file was written by a newer version.
    #[error("the database {path} cannot be brought up to date: {source}. Was it written by a newer checkback?")]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: rusqlite_migration::Error,
    },
    /// No space is left on the disk.
    #[error("the disk is full: nothing was written. Free some space and start again; nothing is lost")]
    DiskFull,
    /// Another program keeps the database locked.
    #[error(
        "another program has kept the database locked for over {} seconds: close it and start again; nothing is lost",
        BUSY.as_secs()
    )]
    Locked,
    /// Any other error of SQLite.
    #[error("the database failed: {0}")]
    Sqlite(rusqlite::Error),
    /// A stored value can't be read back.
    #[error("the database holds a value that cannot be read: {0}")]
    Value(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Locked,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Value(error.to_string())
    }
}

impl Store {
    /// Opens the file, creates it (readable by its owner only) and brings its schema up to date.
    ///
    /// # Errors
    /// If the file can't be opened, or holds a newer schema.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let fail = |source| StoreError::Open { path: path.to_owned(), source };
        let mut conn = Connection::open(path).map_err(fail)?;
        owner_only(path).map_err(|error| fail(rusqlite::Error::ToSqlConversionFailure(Box::new(error))))?;
        prepare(&conn).map_err(fail)?;
        MIGRATIONS.to_latest(&mut conn).map_err(|source| StoreError::Migrate { path: path.to_owned(), source })?;
        Ok(Self { conn })
    }

    /// A database for one command: SQLite's own temporary file, which only grows on disk when it
    /// outgrows the cache, and which nobody else sees. Gone when it is dropped.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn temporary() -> Result<Self, StoreError> {
        let mut conn = Connection::open("")?;
        prepare(&conn)?;
        MIGRATIONS
            .to_latest(&mut conn)
            .map_err(|source| StoreError::Migrate { path: PathBuf::from("temporary"), source })?;
        Ok(Self { conn })
    }

    /// Runs `work` in one write transaction: all of it happens, or nothing.
    ///
    /// # Errors
    /// Those of `work`, and those of SQLite.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let value = work(&tx)?;
        tx.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// The connection, for reads.
    pub fn read(&self) -> &Connection {
        &self.conn
    }

    /// A number that changes when another connection has changed the file.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        Ok(self.conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
    }

    /// The schema as SQLite holds it, one statement after the other.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn schema(&self) -> Result<String, StoreError> {
        let mut statement = self.conn.prepare(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
        )?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.join(";\n\n") + ";\n")
    }
}

fn prepare(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(())
}

#[cfg(unix)]
fn owner_only(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn owner_only(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// A time as it is stored: whole seconds, so that text sorts by time.
pub(crate) fn stamp(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).map_or_else(|_| at.to_string(), |whole| whole.to_string())
}

/// A stored time.
pub(crate) fn parse_stamp(text: &str) -> Result<Timestamp, StoreError> {
    if let Some(at) = whole_seconds(text.as_bytes()) {
        return Ok(at);
    }
    text.parse().map_err(|error| StoreError::Value(format!("time {text:?}: {error}")))
}

/// A time as [`stamp`] writes it for the years 0 to 9999; anything else is left to the parser of
/// everything. Reports read hundreds of thousands of them.
fn whole_seconds(text: &[u8]) -> Option<Timestamp> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = text else {
        return None;
    };
    let digit = |c: &u8| c.is_ascii_digit().then(|| i64::from(c - b'0'));
    let two = |a, b| Some(digit(a)? * 10 + digit(b)?);
    let (year, month, day) = (two(y1, y2)? * 100 + two(y3, y4)?, two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    // the 29th to 31st are left to the parser, which knows the months
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days since 1970-01-01, counted in years that begin with March, so that the leap day is the last.
    let (from_march, year) = ((month + 9) % 12, year - i64::from(month < 3));
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = year * 365 + leaps + (from_march * 153 + 2) / 5 + day - 1 - 719_468;
    Timestamp::from_second(((days * 24 + hour) * 60 + minute) * 60 + second).ok()
}

/// A stored time that may be missing.
pub(crate) fn parse_stamp_opt(text: Option<String>) -> Result<Option<Timestamp>, StoreError> {
    text.as_deref().map(parse_stamp).transpose()
}

#[cfg(test)]
mod tests;
