//! The breaker at work: looks at what went wrong with automatic mail and pauses.

use jiff::Timestamp;

use super::Workspace;
use crate::domain::breaker;
use crate::store::{StoreError, apply, cases, health};

/// Pauses everything automatic if too much of it went wrong. Returns whether it is paused now, by
/// whomever.
///
/// # Errors
/// If the database fails.
pub fn check(workspace: &Workspace, now: Timestamp) -> Result<bool, StoreError> {
    let tripped = {
        let store = workspace.store();
        let conn = store.read();
        if cases::paused(conn, now)?.is_some() {
            return Ok(true);
        }
        breaker::trips(&health::incidents(conn, now)?, health::resumed_at(conn)?, now)
    };
    let Some(because) = tripped else { return Ok(false) };
    tracing::warn!(%because, "Everything automatic is paused");
    workspace.store().write(|tx| apply::trip_breaker(tx, &because, now))?;
    Ok(true)
}
