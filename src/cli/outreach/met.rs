//! `outreach met|introduced`: what happened beside mail, which steps of a sequence follow.

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{add, one};
use crate::app::correct::WordError;
use crate::cli::{Call, Usage, look};
use crate::domain::sequence::Event;
use crate::domain::sequence::life::{Happened, State};
use crate::service::Workspace;
use crate::store::Store;
use crate::store::follow_ups::{self, PlanRow};

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
    let before = one(&store, id)?;
    let id = before.id;
    let at: Timestamp = match on {
        Some(text) => add::day_or_moment("--on", text, &workspace.config.timezone)?,
        None => now,
    };
    let what = Happened { event, at, who: who.to_owned() };
    let new = workspace.app().note_event(&mut store, id, &what, now).map_err(|error| match error {
        WordError::Refused(why) => anyhow::Error::from(Usage(why)),
        WordError::App(error) => error.into(),
    })?;
    let answered =
        before.pursuit.first_response.is_none() && one(&store, &id.to_string())?.pursuit.first_response.is_some();
    let next = next_of(&store, id)?;
    let value = json!({
        "outreach": id, "event": event.as_str(), "at": at, "who": Some(who).filter(|who| !who.is_empty()),
        "new": new, "counts_as_answer": answered, "next": next.as_ref().map(next_json),
    });
    call.say(&value, || {
        let noted = match (new, answered) {
            (true, true) => "Noted; it counts as their answer.",
            (true, false) => "Noted.",
            (false, _) => return format!("It was noted before. {}\n", next_in_words(workspace, next.as_ref())),
        };
        format!("{noted} {}\ncheckback undo takes it back.\n", next_in_words(workspace, next.as_ref()))
    })
}

/// The follow-up of an outreach that is still to come.
pub(super) fn next_of(store: &Store, outreach: i64) -> anyhow::Result<Option<PlanRow>> {
    let mut plan = follow_ups::plan_of(store.read(), outreach)?;
    plan.retain(|row| !matches!(row.state, State::Done | State::Stopped));
    Ok(plan.into_iter().min_by_key(|row| row.due_at))
}

pub(super) fn next_json(row: &PlanRow) -> serde_json::Value {
    json!({"template": row.template, "due_at": row.due_at, "state": row.state.as_str()})
}

/// What follows, as a sentence.
pub(super) fn next_in_words(workspace: &Workspace, next: Option<&PlanRow>) -> String {
    let Some(row) = next else { return "Nothing follows.".to_owned() };
    let day = row.due_at.to_zoned(workspace.config.timezone.clone()).strftime("%a %-d %b %Y");
    let template = look::clean(&row.template);
    match row.state {
        State::Due => format!("Next: {template}, due now."),
        State::Paused | State::Held => format!("Next: {template}, which waits for you: {}.", look::clean(&row.because)),
        _ => format!("Next: {template} on {day}."),
    }
}
