//! When something is due by time alone: the service sleeps until then.

use jiff::Timestamp;

use super::{Workspace, follow_up, remind};
use crate::store::{StoreError, due};

/// What [`tend`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tended {
    /// There is something new to send.
    pub wrote: bool,
    /// When it wants to be called again; `None`: when something has changed.
    pub next_at: Option<Timestamp>,
}

/// When the next mail of an account may leave; a time that is past means now. `None`: only a change
/// brings something.
///
/// # Errors
/// If the database fails.
pub fn next_due(workspace: &Workspace, account: &str) -> Result<Option<Timestamp>, StoreError> {
    due::next_of(workspace.store().read(), account, workspace.clock.now())
}

/// Does what time brings for the whole workspace and no mailbox asks for. It is called after every
/// change, too, so it must be cheap when there is nothing to do. It may wait for the database.
///
/// # Errors
/// If the database fails.
pub fn tend(workspace: &Workspace) -> anyhow::Result<Tended> {
    let now = workspace.clock.now();
    // first, so that what is due today stands in today's mail
    let planned = follow_up::plan_due(workspace)?;
    let wrote = remind::remind(workspace, now)? + planned > 0;
    let next = [remind::next_at(workspace, now)?, follow_up::next_due(workspace)?];
    Ok(Tended { wrote, next_at: next.into_iter().flatten().min() })
}
