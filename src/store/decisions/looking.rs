//! The day on which the user begins to look for work, and the day on which that is over: each one decision
//! with everything that follows from it.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::image::{self, Image};
use super::record;
use crate::store::{StoreError, outbox, roster};

/// What followed from it.
#[derive(Debug, Default)]
pub struct Followed {
    /// Mails that were written.
    pub written: Vec<i64>,
    /// Mails that waited and were worded anew or dropped.
    pub changed: usize,
}

/// The user looks for work from now on, or no longer does. `purpose`: that of the mails to recruiters that
/// say so; `then` does what follows.
///
/// # Errors
/// If SQLite fails, or what follows does.
pub fn look_for_work<E: From<StoreError>>(
    tx: &Transaction<'_>,
    looking: bool,
    purpose: &str,
    now: Timestamp,
    then: impl FnOnce(&Transaction<'_>) -> Result<Followed, E>,
) -> Result<Followed, E> {
    let mut before = Vec::new();
    let was = roster::looking_since(tx)?.is_some();
    image::capture_setting(tx, roster::LOOKING, &mut before)?;
    for row in outbox::waiting_answers(tx)?.into_iter().chain(outbox::waiting_for(tx, purpose)?) {
        image::capture_outbox(tx, row.id, &mut before)?;
    }
    roster::set_looking(tx, looking, now)?;
    let followed = then(tx)?;
    before.extend(followed.written.iter().map(|id| Image::NewMail { id: *id }));
    if was != looking || followed.changed > 0 || !followed.written.is_empty() {
        let what = if looking { roster::REOPENED } else { roster::SETTLED };
        record(tx, now, what, if looking { "to look for work" } else { "looking for work" }, &before)?;
    }
    Ok(followed)
}
