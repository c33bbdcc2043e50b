//! What time brings: follow-ups whose day has come.

use jiff::Timestamp;

use super::Workspace;
use crate::app::AppError;
use crate::domain::sequence::life;
use crate::store::{StoreError, follow_ups};

/// Plans follow-ups on all that is known: due ones are told to the user or written into the outbox.
/// Cheap when nothing changed and nothing is due. Returns how many moved.
///
/// # Errors
/// If the database fails.
pub fn plan_due(workspace: &Workspace) -> Result<usize, AppError> {
    workspace.app().plan(&mut workspace.store(), workspace.clock.now())
}

/// When [`plan_due`] has something to do next, unless something changes before; a time that is past
/// means now. `None`: nothing is planned.
///
/// # Errors
/// If the database fails.
pub fn next_due(workspace: &Workspace) -> Result<Option<Timestamp>, StoreError> {
    let next = follow_ups::next_planned(workspace.store().read())?;
    let calendar = workspace.config.calendar();
    Ok(next.map(|(due_at, action)| life::ripe_at(action, due_at, &calendar)))
}
