//! `recruiters list`: the recruiters met so far, what they pitched, what we answered, when to come back.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::Call;
use super::look::{self, Column};
use crate::store::reports::{self, RosterRow};

/// Commands of `recruiters`.
#[derive(Debug, Subcommand)]
pub enum RecruitersCommand {
    /// Every recruiter, latest pitch first
    List,
}

/// Runs a command of `recruiters`.
///
/// # Errors
/// If the workspace can't be used.
pub fn run(call: &Call, command: RecruitersCommand) -> anyhow::Result<ExitCode> {
    let RecruitersCommand::List = command;
    let workspace = call.workspace()?;
    let rows = reports::roster(workspace.store().read())?;
    let values: Vec<Value> = rows.iter().map(to_json).collect();
    call.say(&values, || list(call, &workspace.config, &rows))?;
    Ok(ExitCode::SUCCESS)
}

fn to_json(row: &RosterRow) -> Value {
    json!({
        "id": row.id, "name": row.name, "address": row.address, "agency": row.agency,
        "first_seen_at": row.first_seen_at, "last_seen_at": row.last_seen_at, "pitches": row.pitches,
        "answered_at": row.answered_at, "check_back_on": row.check_back_on, "returned_at": row.returned_at,
        "pitch": row.pitch, "message": row.message, "blocked_by": row.blocked_by,
    })
}

pub(super) fn list(call: &Call, config: &crate::config::Config, rows: &[RosterRow]) -> String {
    if rows.is_empty() {
        return "No recruiter has written yet, as far as the mail that was read tells.\n".to_owned();
    }
    const COLUMNS: [Column; 5] = [
        Column::left("recruiter"),
        Column::left("pitched"),
        Column::left("when"),
        Column::left("answered"),
        Column::left("back on"),
    ];
    let zone = &config.timezone;
    let today = call.clock.now().to_zoned(zone.clone()).date();
    let day = |at: jiff::Timestamp| look::day(at.to_zoned(zone.clone()).date(), today);
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let name = if row.name.is_empty() { &row.address } else { &row.name };
            let company = row.pitch.company.as_ref().or(row.pitch.agency.as_ref());
            let pitched: Vec<&str> = row.pitch.role.iter().chain(company).map(String::as_str).collect();
            let answered = row.answered_at.map_or_else(|| "no".to_owned(), day);
            let back = row.check_back_on.map(|on| on.strftime("%d %b %Y").to_string()).unwrap_or_default();
            vec![name.clone(), pitched.join(", "), day(row.last_seen_at), answered, back]
        })
        .collect();
    let table = call.look.table(&COLUMNS, &cells);
    format!("{table}\n{}", footer(rows))
}

fn footer(rows: &[RosterRow]) -> String {
    let unanswered = rows.iter().filter(|row| row.answered_at.is_none()).count();
    match rows.iter().find(|row| row.answered_at.is_none()) {
        Some(row) => format!("{unanswered} not answered by machine; for the reason: checkback why {}\n", row.message),
        None => "All of them were answered.\n".to_owned(),
    }
}
