//! `outreach list|show|add|close|met|introduced|tag|untag|follow`: the log of what was asked, and what came back.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::look::{self, Column, Tint};
use super::{Call, Usage};
use crate::domain::ident::Address;
use crate::domain::outreach::MAIL;
use crate::domain::sequence::Event;
use crate::domain::sequence::life::{Happened, State};
use crate::store::Store;
use crate::store::follow_ups::{self, PlanRow};
use crate::store::reports::{self, MatchedRow, PursuitRow};

pub mod add;
mod follow;
mod met;
mod tag;

/// Commands of `outreach`.
#[derive(Debug, Subcommand)]
pub enum OutreachCommand {
    /// Every outreach, newest first
    List(ListArgs),
    /// One outreach with its touches and everything that came back
    Show(ShowArgs),
    /// Log a call, a coffee, a message on another channel
    Add(add::AddArgs),
    /// Close an outreach: nothing more goes out for it
    Close(add::CloseArgs),
    /// Put words on an outreach, to break the report down by them
    Tag(tag::TagArgs),
    /// Take words off an outreach
    Untag(tag::TagArgs),
    /// Note that you met or spoke: what its sequence plans after a meeting follows
    Met(met::MetArgs),
    /// Note that the person introduced you to somebody
    Introduced(met::IntroducedArgs),
    /// Say what becomes of its follow-up: send, done, snooze, stop, go-on, enrol, automate
    Follow(follow::FollowArgs),
}

/// Options of `outreach list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only those awaiting an answer, answered, or bounced
    #[arg(long, value_name = "STATUS", value_parser = ["awaiting", "answered", "bounced"])]
    status: Option<String>,
    /// At most so many, the newest; else 50, and with --json all
    #[arg(long, value_name = "N", conflicts_with = "all")]
    limit: Option<u32>,
    /// All of them
    #[arg(long)]
    all: bool,
}

/// Options of `outreach show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The number from `outreach list`, or the Message-ID of its first mail
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs a command of `outreach`.
///
/// # Errors
/// If the workspace can't be used, or there is no such outreach.
pub fn run(call: &Call, command: OutreachCommand) -> anyhow::Result<ExitCode> {
    let command = match command {
        OutreachCommand::Add(args) => return add::add(call, args),
        OutreachCommand::Close(args) => return add::close(call, args),
        other => other,
    };
    let workspace = call.workspace()?;
    match command {
        OutreachCommand::List(args) => {
            let most = args.limit.or((!args.all && !call.json).then_some(SHOWN));
            let store = workspace.store();
            let (rows, count) = reports::newest(store.read(), args.status.as_deref(), most)?;
            let values = rows.iter().map(|row| to_json(row, &[]));
            let values: Vec<Value> = if call.json { values.collect() } else { Vec::new() };
            let none = match &args.status {
                Some(status) if count == 0 => reports::outreach_count(store.read())?.ne(&0).then_some(status),
                _ => None,
            };
            call.say(&values, || match none {
                Some(status) => format!("No outreach is {status}.\n"),
                None => list(call, &workspace.config, &rows, count),
            })?;
        }
        OutreachCommand::Show(args) => {
            let store = workspace.store();
            let row = one(&store, &args.id)?;
            let matched = reports::matched(store.read(), row.id)?;
            let plan = follow_ups::plan_of(store.read(), row.id)?;
            let events = follow_ups::happened_of(store.read(), row.id)?;
            let mut value = to_json(&row, &matched);
            if let Some(fields) = value.as_object_mut() {
                fields.insert("follow_ups".to_owned(), plan.iter().map(plan_json).collect());
                fields.insert("happened".to_owned(), events.iter().map(event_json).collect());
            }
            call.say(&value, || {
                let config = &workspace.config;
                let shown = show(config, &row, &matched);
                format!("{shown}{}{}", happened(config, &events), planned(config, plan))
            })?;
        }
        OutreachCommand::Add(_) | OutreachCommand::Close(_) => {}
        OutreachCommand::Follow(args) => follow::run(call, &workspace, &args)?,
        OutreachCommand::Met(args) => met::met(call, &workspace, &args)?,
        OutreachCommand::Introduced(args) => met::introduced(call, &workspace, &args)?,
        OutreachCommand::Tag(args) => tag::run(call, &workspace, &args, true)?,
        OutreachCommand::Untag(args) => tag::run(call, &workspace, &args, false)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Rows of a list that nobody asked to be longer.
const SHOWN: u32 = 50;

fn one(store: &Store, id: &str) -> anyhow::Result<PursuitRow> {
    let row = reports::pursuit(store.read(), id.trim_matches(['<', '>']))?;
    Ok(row.ok_or_else(|| Usage(format!("there is no outreach {id}; checkback outreach list shows them")))?)
}

/// One outreach as JSON.
pub(super) fn to_json(row: &PursuitRow, matched: &[MatchedRow]) -> Value {
    json!({
        "id": row.id,
        "message_id": row.root,
        "to": row.people.iter().map(|(address, _)| address).filter(|address| !is_stand_in(address)).collect::<Vec<_>>(),
        "names": row.people.iter().map(|(_, name)| name).collect::<Vec<_>>(),
        "subject": row.subject,
        "sent_at": row.pursuit.first_touch,
        "touches": row.touches,
        "channel": row.channel,
        "source": row.source,
        "template": row.template,
        "stage": row.stage,
        "status": row.status(),
        "answered_at": row.pursuit.first_response,
        "organisation": row.organisation,
        "tags": row.tags,
        "because": row.because,
        "matched": matched.iter().map(matched_json).collect::<Vec<_>>(),
    })
}

/// One matched mail as JSON, as `audit` prints it.
pub(super) fn matched_json(row: &MatchedRow) -> Value {
    json!({
        "message_id": Some(&row.message_id).filter(|id| !id.is_empty()),
        "kind": row.kind, "level": row.level, "evidence": row.evidence, "tone": row.tone, "at": row.at,
    })
}

fn plan_json(row: &PlanRow) -> Value {
    json!({
        "step": row.step, "template": row.template, "action": row.action.as_str(), "due_at": row.due_at,
        "state": row.state.as_str(), "because": row.because, "settled_at": row.settled_at,
    })
}

fn event_json(one: &Happened) -> Value {
    json!({"event": one.event.as_str(), "at": one.at, "who": Some(&one.who).filter(|who| !who.is_empty())})
}

/// What the user noted beside mail.
fn happened(config: &crate::config::Config, events: &[Happened]) -> String {
    let mut said = String::new();
    for one in events {
        let day = one.at.to_zoned(config.timezone.clone()).strftime("%a %d %b %Y");
        let what = match one.event {
            Event::Meeting => "you meet, as you noted".to_owned(),
            Event::Introduced if one.who.is_empty() => "introduced you, as you noted".to_owned(),
            Event::Introduced => format!("introduced you to {}, as you noted", look::clean(&one.who)),
            Event::Agreed => "the day to write again".to_owned(),
        };
        said.push_str(&format!("  {day}        {what}\n"));
    }
    said
}

/// The follow-ups that were not made yet, the next first; those that were stand among the touches.
fn planned(config: &crate::config::Config, mut plan: Vec<PlanRow>) -> String {
    plan.sort_by_key(|row| (row.state != State::Stopped, row.due_at));
    let mut said = String::new();
    for row in plan.iter().filter(|row| row.state != State::Done) {
        let due_at = row.due_at.to_zoned(config.timezone.clone()).strftime("%a %d %b %Y %H:%M");
        said.push_str(&format!(
            "  {due_at}  follow-up {} {}: {}\n    {}\n",
            row.step,
            row.state.as_str(),
            row.action.as_str(),
            look::clean(&row.because)
        ));
    }
    said
}

fn list(call: &Call, config: &crate::config::Config, rows: &[PursuitRow], count: u32) -> String {
    if count == 0 {
        return "No outreach is logged yet. checkback sync reads your Sent folder;\n\
                checkback review decides what of it is outreach.\n"
            .to_owned();
    }
    const COLUMNS: [Column; 5] = [
        Column::right("id"),
        Column::left("sent"),
        Column::left("to"),
        Column::left("subject"),
        Column::left("status"),
    ];
    let today = call.clock.now().to_zoned(config.timezone.clone()).date();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let sent = row.pursuit.first_touch.to_zoned(config.timezone.clone()).date();
            vec![row.id.to_string(), look::day(sent, today), people(row), row.subject.clone(), row.status().to_owned()]
        })
        .collect();
    let mut said = call.look.table(&COLUMNS, &cells);
    let more = count as usize - rows.len().min(count as usize);
    if more > 0 {
        said.push_str(&call.look.tinted(Tint::Dim, &format!("… {more} more: --all")));
        said.push('\n');
    }
    said
}

fn people(row: &PursuitRow) -> String {
    let label = |(address, name): &(String, String)| if name.is_empty() { address.clone() } else { name.clone() };
    row.people.iter().map(label).collect::<Vec<_>>().join(", ")
}

/// Somebody without an address is known by a stand-in for it.
fn is_stand_in(address: &str) -> bool {
    Address::parse(address).is_some_and(|address| address.is_stand_in())
}

fn show(config: &crate::config::Config, row: &PursuitRow, matched: &[MatchedRow]) -> String {
    let when = |at: jiff::Timestamp| at.to_zoned(config.timezone.clone()).strftime("%a %d %b %Y %H:%M").to_string();
    let mut said = format!("{}  {}\n\n", row.id, look::clean(&row.subject));
    for (address, name) in &row.people {
        let address = if is_stand_in(address) { String::new() } else { format!(" <{address}>") };
        said.push_str(&format!("  asked    {}{address}\n", look::clean(name)));
    }
    if row.channel != MAIL {
        said.push_str(&format!("  channel  {}\n", row.channel));
    }
    if let Some(template) = &row.template {
        said.push_str(&format!("  template {}\n", look::clean(template)));
    }
    said.push_str(&format!("  status   {} ({})\n  logged   {}\n", row.status(), row.stage, row.because));
    if !row.tags.is_empty() {
        said.push_str(&format!("  tags     {}\n", row.tags.join(", ")));
    }
    for (step, at) in row.touches.iter().enumerate() {
        let what = match (step, row.channel.as_str()) {
            (0, MAIL) => "first mail",
            (0, channel) => channel,
            _ => "follow-up",
        };
        said.push_str(&format!("  {}  {what}\n", when(*at)));
    }
    for mail in matched {
        let tone = mail.tone.as_deref().map(|tone| format!(", {tone}")).unwrap_or_default();
        let at = when(mail.at);
        let how = match mail.message_id.is_empty() && mail.evidence == "your_word" {
            true => "answered, as you logged".to_owned(),
            false => format!("{}{tone}: {} by {} (why {})", mail.kind, mail.level, mail.evidence, mail.message),
        };
        said.push_str(&format!("  {at}  {how}\n"));
    }
    said
}
