//! When something is due by time alone: the service sleeps until then.

use jiff::Timestamp;

use super::Workspace;
use crate::store::{StoreError, due};

/// When the next mail of an account may leave; a time that is past means now. `None`: only a change
/// brings something.
///
/// # Errors
/// If the database fails.
pub fn next_due(workspace: &Workspace, account: &str) -> Result<Option<Timestamp>, StoreError> {
    due::next_of(workspace.store().read(), account, workspace.clock.now())
}

/// Does what time brings for the whole workspace and no mailbox asks for, and says when it wants to be
/// called again; `None`: when something has changed. It is called after every change, too, so it must
/// be cheap when there is nothing to do.
///
/// # Errors
/// If the database fails.
pub fn tend(_workspace: &Workspace) -> Result<Option<Timestamp>, StoreError> {
    Ok(None)
}
