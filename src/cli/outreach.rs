//! `outreach list|show|tag|untag`: the log of what was asked, and what came back.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::look::{self, Column, Tint};
use super::{Call, Usage};
use crate::store::Store;
use crate::store::reports::{self, MatchedRow, PursuitRow};

mod tag;

/// Commands of `outreach`.
#[derive(Debug, Subcommand)]
pub enum OutreachCommand {
    /// Every outreach, newest first
    List(ListArgs),
    /// One outreach with its touches and everything that came back
    Show(ShowArgs),
    /// Put words on an outreach, to break the report down by them
    Tag(tag::TagArgs),
    /// Take words off an outreach
    Untag(tag::TagArgs),
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
    let workspace = call.workspace()?;
    match command {
        OutreachCommand::List(args) => {
            let most = args.limit.or((!args.all && !call.json).then_some(SHOWN));
            let store = workspace.store();
            let (rows, count) = reports::newest(store.read(), args.status.as_deref(), most)?;
            let values: Vec<Listed<'_>> = rows.iter().map(|row| Listed::of(row, &[])).collect();
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
            call.say(&Listed::of(&row, &matched), || show(&workspace.config, &row, &matched))?;
        }
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

/// One outreach as JSON: borrowed, as a list may have very many.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    id: i64,
    message_id: &'a str,
    to: Vec<&'a str>,
    subject: &'a str,
    sent_at: Timestamp,
    touches: &'a [Timestamp],
    channel: &'a str,
    source: &'a str,
    stage: &'a str,
    status: &'a str,
    answered_at: Option<Timestamp>,
    template: Option<&'a str>,
    organisation: Option<&'a str>,
    tags: &'a [String],
    because: &'a str,
    matched: Vec<Value>,
}

impl<'a> Listed<'a> {
    fn of(row: &'a PursuitRow, matched: &[MatchedRow]) -> Self {
        Self {
            id: row.id,
            message_id: &row.root,
            to: row.people.iter().map(|(address, _)| address.as_str()).collect(),
            subject: &row.subject,
            sent_at: row.pursuit.first_touch,
            touches: &row.touches,
            channel: &row.channel,
            source: &row.source,
            stage: &row.stage,
            status: row.status(),
            answered_at: row.pursuit.first_response,
            template: row.template.as_deref(),
            organisation: row.organisation.as_deref(),
            tags: &row.tags,
            because: &row.because,
            matched: matched.iter().map(matched_json).collect(),
        }
    }
}

/// One matched mail as JSON, as `audit` prints it.
pub(super) fn matched_json(row: &MatchedRow) -> Value {
    json!({
        "message_id": Some(&row.message_id).filter(|id| !id.is_empty()),
        "kind": row.kind, "level": row.level, "evidence": row.evidence, "tone": row.tone, "at": row.at,
    })
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

fn show(config: &crate::config::Config, row: &PursuitRow, matched: &[MatchedRow]) -> String {
    let when = |at: jiff::Timestamp| at.to_zoned(config.timezone.clone()).strftime("%a %d %b %Y %H:%M").to_string();
    let mut said = format!("{}  {}\n\n", row.id, look::clean(&row.subject));
    for (address, name) in &row.people {
        said.push_str(&format!("  asked    {} <{address}>\n", look::clean(name)));
    }
    said.push_str(&format!("  status   {} ({})\n  logged   {}\n", row.status(), row.stage, row.because));
    if !row.tags.is_empty() {
        said.push_str(&format!("  tags     {}\n", row.tags.join(", ")));
    }
    for (step, at) in row.touches.iter().enumerate() {
        let what = if step == 0 { "first mail" } else { "follow-up" };
        said.push_str(&format!("  {}  {what}\n", when(*at)));
    }
    for mail in matched {
        let tone = mail.tone.as_deref().map(|tone| format!(", {tone}")).unwrap_or_default();
        let at = when(mail.at);
        said.push_str(&format!(
            "  {at}  {}{tone}: {} by {} (why {})\n",
            mail.kind, mail.level, mail.evidence, mail.message
        ));
    }
    said
}
