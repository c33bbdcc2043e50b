//! `today`: what is due, who answered, what waits for a word: the daily mail in the terminal.

use std::process::ExitCode;

use super::Call;
use crate::report::daily::text;
use crate::report::text::Style;
use crate::service::health;

/// Runs `today`. Exit code 4 if something due stays unsent because a mailbox is stale.
///
/// # Errors
/// If the config, the data folder or the database can't be used.
pub fn run(call: &Call) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let now = call.clock.now();
    let accounts = health::accounts(&workspace, now)?;
    let stuck = health::is_stuck(&workspace, &accounts, now)?;
    let daily = workspace.app().daily(&workspace.store(), &accounts, now)?;
    // names and texts of mail are shown as they are, piped or not
    let style = Style { colour: call.look.colour, unicode: true, width: call.look.width };
    call.say(&daily.json(), || text::render(&daily, style))?;
    Ok(ExitCode::from(if stuck { 4 } else { 0 }))
}
