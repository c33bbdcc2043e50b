//! `outreach met|introduced`: what happened beside mail, which steps of a sequence follow.

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{add, one};
use crate::app::correct::WordError;
use crate::cli::{Call, Usage, look};
use crate::domain::sequence::Event;
use crate::domain::sequence::life::Happened;
use crate::service::Workspace;
use crate::store::follow_ups;

/// Options of `outreach met`.
#[derive(Debug, Args)]
pub struct MetArgs {
    /// The number from `outreach list`, or the Message-ID of its first mail
    #[arg(value_name = "ID")]
    id: String,
    /// When: 2026-12-01, or 2026-12-01T09:00; a day to come too. Default: now
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
}

/// Options of `outreach introduced`.
#[derive(Debug, Args)]
pub struct IntroducedArgs {
    /// The number from `outreach list`, or the Message-ID of its first mail
    #[arg(value_name = "ID")]
    id: String,
    /// To whom, by name
    #[arg(long, value_name = "NAME")]
    to: String,
    /// When: 2026-12-01. Default: now
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
}

pub(super) fn met(call: &Call, workspace: &Workspace, args: &MetArgs) -> anyhow::Result<()> {
    note(call, workspace, &args.id, Event::Meeting, args.on.as_deref(), "")
}

pub(super) fn introduced(call: &Call, workspace: &Workspace, args: &IntroducedArgs) -> anyhow::Result<()> {
    let who = args.to.trim();
    if who.is_empty() {
        return Err(Usage("--to: write the name of the person you were introduced to".into()).into());
    }
    note(call, workspace, &args.id, Event::Introduced, args.on.as_deref(), who)
}

fn note(call: &Call, workspace: &Workspace, id: &str, event: Event, on: Option<&str>, who: &str) -> anyhow::Result<()> {
    let now = call.clock.now();
    let mut store = workspace.store();
    let id = one(&store, id)?.id;
    let at: Timestamp = match on {
        Some(text) => add::day_or_moment("--on", text, &workspace.config.timezone)?,
        None => now,
    };
    let what = Happened { event, at, who: who.to_owned() };
    let new = workspace.app().note_event(&mut store, id, &what, now).map_err(|error| match error {
        WordError::Refused(why) => anyhow::Error::from(Usage(why)),
        WordError::App(error) => error.into(),
    })?;
    let plan = follow_ups::plan_of(store.read(), id)?;
    let next = plan.iter().find(|row| matches!(row.state.as_str(), "planned" | "due"));
    let value = json!({
        "outreach": id, "event": event.as_str(), "at": at, "who": who, "new": new,
        "next": next.map(|row| json!({"template": row.template, "due_at": row.due_at})),
    });
    call.say(&value, || {
        let follows = next.map(|row| {
            let day = row.due_at.to_zoned(workspace.config.timezone.clone()).strftime("%a %-d %b %Y");
            format!("Next: {} on {day}. ", look::clean(&row.template))
        });
        let noted = if new { "Noted" } else { "It was noted before" };
        format!("{noted}. {}checkback undo takes it back.\n", follows.unwrap_or_default())
    })
}
