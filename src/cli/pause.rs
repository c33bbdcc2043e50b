//! `pause` and `resume`: stop and start everything automatic at once.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Call, Usage};

/// Options of `pause`.
#[derive(Debug, Args)]
pub struct PauseArgs {
    /// Start again by itself on this day (2026-12-01), or then (2026-12-01T09:00)
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
}

/// Runs `pause`.
///
/// # Errors
/// If the date is none, or lies behind; if the workspace can't be used.
pub fn pause(call: &Call, args: PauseArgs) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let now = call.clock.now();
    let until = args.until.as_deref().map(|text| moment("--until", text, &workspace.config.timezone)).transpose()?;
    if let Some(until) = until.filter(|until| *until <= now) {
        return Err(Usage(format!("--until {until} is over already; name a day to come")).into());
    }
    workspace.app().pause(&mut workspace.store(), until, now)?;
    call.say(&json!({"paused": {"until": until}}), || match args.until {
        Some(text) => format!("Paused until {text}. Nothing automatic leaves; mail is still read.\n"),
        None => "Paused. Nothing automatic leaves; mail is still read. checkback resume ends it.\n".to_owned(),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `resume`.
///
/// # Errors
/// If the workspace can't be used.
pub fn resume(call: &Call) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let now = call.clock.now();
    workspace.app().resume(&mut workspace.store(), now)?;
    call.say(&json!({"paused": null}), || "Going on. What was due meanwhile leaves with the next sync.\n".to_owned())?;
    Ok(ExitCode::SUCCESS)
}

/// A day, or a moment of it, as a person writes it.
///
/// # Errors
/// If it is none; `option` is named then.
pub(super) fn moment(option: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, Usage> {
    let wrong = || Usage(format!("{option} {text}: write a day such as 2026-12-01, or 2026-12-01T09:00"));
    let local: DateTime = match text.parse::<Date>() {
        Ok(day) if !text.contains(['T', ' ']) => day.at(0, 0, 0, 0),
        _ => text.parse().map_err(|_| wrong())?,
    };
    local.to_zoned(zone.clone()).map(|zoned| zoned.timestamp()).map_err(|_| wrong())
}
