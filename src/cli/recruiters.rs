//! `recruiters`: the recruiters met so far, what the machine would have answered, and the day on which
//! they are needed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::look::{self, Column};
use super::{Call, Usage};
use crate::app::roster::{self, Ranked, SameRole};
use crate::domain::gist::Pitch;
use crate::domain::roster::{Promise, promise};
use crate::service::Workspace;
use crate::store::reports::{self, RosterRow};
use crate::store::roster as rows;

mod looking;
mod simulate;

/// Commands of `recruiters`.
#[derive(Debug, Subcommand)]
pub enum RecruitersCommand {
    /// Every recruiter, latest pitch first
    List {
        /// Best first, with what speaks for each
        #[arg(long)]
        best: bool,
    },
    /// Everything about one recruiter
    Show {
        /// Number, address, or a part of the name or agency
        #[arg(value_name = "WHO")]
        who: String,
    },
    /// Who would have been answered, who would be held, and why the rest not; sends nothing
    Simulate {
        /// How far back (365d)
        #[arg(long, value_name = "TIME", default_value = "365d")]
        since: String,
        /// Your own address, for mail files; may be given several times
        #[arg(long, value_name = "ADDRESS")]
        me: Vec<String>,
        /// Mail files instead of the mailboxes: mbox, Maildir, .eml
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// You look for work now: one finished mail to each recruiter, and automatic answers that say so
    Reopen {
        /// Put the mails into your Drafts folder instead of holding them for review
        #[arg(long)]
        drafts: bool,
        /// Only the best so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
        /// Show the mails and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// You no longer look for work: automatic answers ask to check back again
    Settle,
    /// Let a recruiter have one more automatic answer
    Rearm {
        /// Number, address, or a part of the name or agency
        #[arg(value_name = "WHO")]
        who: String,
    },
}

/// Runs a command of `recruiters`.
///
/// # Errors
/// If the workspace can't be used, or nobody is meant.
pub fn run(call: &Call, command: RecruitersCommand) -> anyhow::Result<ExitCode> {
    match command {
        RecruitersCommand::List { best: false } => {
            let workspace = call.workspace()?;
            let rows = reports::roster(workspace.store().read())?;
            let twice = roster::same_roles(&roster::ranked(workspace.store().read())?);
            let values: Vec<Value> = rows.iter().map(|row| with(to_json(row), same_role_as(&twice, row.id))).collect();
            call.say(&values, || {
                let told: String = twice.iter().map(|one| format!("{}\n", pitched_twice(one))).collect();
                format!("{}{told}", list(call, &workspace.config, &rows))
            })?;
        }
        RecruitersCommand::List { best: true } => best(call)?,
        RecruitersCommand::Show { who } => show(call, &who)?,
        RecruitersCommand::Simulate { since, me, paths } => return simulate::run(call, &since, &me, &paths),
        RecruitersCommand::Reopen { drafts, limit, dry_run } => looking::reopen(call, drafts, limit, dry_run)?,
        RecruitersCommand::Settle => looking::settle(call)?,
        RecruitersCommand::Rearm { who } => rearm(call, &who)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn to_json(row: &RosterRow) -> Value {
    json!({
        "id": row.id, "name": row.name, "address": row.address, "agency": row.agency,
        "first_seen_at": row.first_seen_at, "last_seen_at": row.last_seen_at, "pitches": row.pitches,
        "answered_at": row.answered_at, "check_back_on": row.check_back_on, "returned_at": row.returned_at,
        "pitch": row.pitch, "message": row.message, "blocked_by": row.blocked_by,
        "answer": row.answer.as_ref().map(|(state, at)| json!({"state": state, "due_at": at})),
    })
}

/// The others who pitched a role of this recruiter.
fn same_role_as(twice: &[SameRole], id: i64) -> Value {
    let others = twice.iter().filter_map(|one| match one.recruiters {
        [first, other] if first == id => Some(other),
        [other, second] if second == id => Some(other),
        _ => None,
    });
    json!({"same_role_as": others.collect::<Vec<i64>>()})
}

/// A double submission before it happens, in one sentence.
fn pitched_twice(one: &SameRole) -> String {
    let [first, second] = one.names.each_ref().map(|name| look::clean(name));
    format!(
        "{first} and {second} seem to have the same role, {}: let one of them put you forward.",
        look::clean(&one.role)
    )
}

/// An object with the fields of another one behind its own.
fn with(mut value: Value, more: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (value.as_object_mut(), more) {
        fields.extend(more);
    }
    value
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
            let answered = match (row.answered_at, answer_to_come(row)) {
                (_, Some("queued")) => {
                    let at = row.answer.as_ref().map(|(_, at)| at.to_zoned(zone.clone()));
                    let at = at.map(|at| {
                        if at.date() == today { at.strftime("%H:%M").to_string() } else { look::day(at.date(), today) }
                    });
                    format!("leaves {}", at.unwrap_or_default())
                }
                (_, Some("drafted")) => "in Drafts".to_owned(),
                (_, Some(_)) => "waits for you".to_owned(),
                (Some(at), None) => day(at),
                (None, None) => "no".to_owned(),
            };
            let back = match (row.returned_at, row.check_back_on) {
                (Some(at), _) => format!("came {}", day(at)),
                (None, Some(on)) if on < today => format!("{}, passed", on.strftime("%d %b %Y")),
                (None, Some(on)) => on.strftime("%d %b %Y").to_string(),
                (None, None) => String::new(),
            };
            vec![row.label().to_owned(), pitched(&row.pitch), day(row.last_seen_at), answered, back]
        })
        .collect();
    let table = call.look.table(&COLUMNS, &cells);
    format!("{table}\n{}", footer(rows))
}

/// Role and company (or who mediates) in a few words.
fn pitched(pitch: &Pitch) -> String {
    let company = pitch.company.as_ref().or(pitch.agency.as_ref());
    pitch.role.iter().chain(company).map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn footer(rows: &[RosterRow]) -> String {
    let is_unanswered = |row: &&RosterRow| row.answered_at.is_none() && answer_to_come(row).is_none();
    let unanswered = rows.iter().filter(is_unanswered).count();
    let to_come = rows.iter().filter(|row| answer_to_come(row).is_some()).count();
    match rows.iter().find(is_unanswered) {
        Some(row) => format!("{unanswered} not answered by machine; for the reason: checkback why {}\n", row.message),
        None if to_come > 0 => format!("{} to come.\n", super::sync::counted(to_come, "answer is", "answers are")),
        None => "All of them were answered.\n".to_owned(),
    }
}

/// The state of an answer that was written and has not left: held, queued or drafted.
fn answer_to_come(row: &RosterRow) -> Option<&str> {
    let (state, at) = row.answer.as_ref()?;
    let told = row.answered_at.is_some_and(|answered| answered >= *at);
    match state.as_str() {
        "held" => Some("held"),
        "queued" | "claimed" | "sending" => Some("queued"),
        "drafted" if !told => Some("drafted"),
        _ => None,
    }
}

fn best(call: &Call) -> anyhow::Result<()> {
    let workspace = call.workspace()?;
    let ranked = roster::ranked(workspace.store().read())?;
    let values: Vec<Value> = ranked
        .iter()
        .map(|one| {
            let more = json!({"points": one.quality.points, "because": one.quality.because});
            with(to_json(&one.row), more)
        })
        .collect();
    call.say(&values, || {
        const COLUMNS: [Column; 4] =
            [Column::right("points"), Column::left("recruiter"), Column::left("pitched"), Column::left("because")];
        let cells: Vec<Vec<String>> = ranked
            .iter()
            .map(|one| {
                vec![
                    one.quality.points.to_string(),
                    one.row.label().to_owned(),
                    pitched(&one.row.pitch),
                    one.quality.because.join(", "),
                ]
            })
            .collect();
        match cells.is_empty() {
            true => "No recruiter has written yet, as far as the mail that was read tells.\n".to_owned(),
            false => call.look.table(&COLUMNS, &cells),
        }
    })
}

/// The one recruiter that is meant.
fn one(workspace: &Workspace, who: &str) -> anyhow::Result<RosterRow> {
    let mut found = rows::find(workspace.store().read(), who)?;
    match found.len() {
        0 => Err(Usage(format!("{who}: no such recruiter; checkback recruiters list shows them")).into()),
        1 => Ok(found.remove(0)),
        _ => {
            let names: Vec<String> = found.iter().map(|row| format!("{} {}", row.id, row.address)).collect();
            Err(Usage(format!("{who} may be one of several; name the number: {}", names.join(", "))).into())
        }
    }
}

fn show(call: &Call, who: &str) -> anyhow::Result<()> {
    let workspace = call.workspace()?;
    let row = one(&workspace, who)?;
    let all = roster::ranked(workspace.store().read())?;
    let twice: Vec<SameRole> =
        roster::same_roles(&all).into_iter().filter(|one| one.recruiters.contains(&row.id)).collect();
    let Some(ranked) = all.into_iter().find(|other| other.row.id == row.id) else { return Ok(()) };
    let today = call.clock.now().to_zoned(workspace.config.timezone.clone()).date();
    let only: Vec<Pitch> = ranked.pitches.iter().map(|pitch| pitch.pitch.clone()).collect();
    let kept = promise(&roster::standing(&row, &only), today);
    let history: Vec<Value> = ranked
        .pitches
        .iter()
        .map(|one| json!({"message": one.message, "at": one.at, "subject": one.subject, "pitch": one.pitch}))
        .collect();
    let more = json!({
        "points": ranked.quality.points, "because": ranked.quality.because, "promise": kept.as_str(),
        "history": history,
    });
    let value = with(with(to_json(&row), more), same_role_as(&twice, row.id));
    call.say(&value, || {
        let told: String = twice.iter().map(|one| format!("\n  {}\n", pitched_twice(one))).collect();
        format!("{}{told}", story(&workspace, &ranked, kept, today))
    })
}

/// A recruiter's history as one reads it.
fn story(workspace: &Workspace, ranked: &Ranked, kept: Promise, today: jiff::civil::Date) -> String {
    let row = &ranked.row;
    let zone = &workspace.config.timezone;
    let day = |at: jiff::Timestamp| at.to_zoned(zone.clone()).strftime("%d %b %Y").to_string();
    let mut said = format!("{} <{}>", look::clean(row.label()), row.address);
    if !row.agency.is_empty() {
        said.push_str(&format!(", {}", look::clean(&row.agency)));
    }
    said.push_str(&format!("\n\n  {} points: {}\n\n", ranked.quality.points, ranked.quality.because.join(", ")));
    for one in &ranked.pitches {
        let what = match pitched(&one.pitch) {
            empty if empty.is_empty() => one.subject.clone(),
            what => what,
        };
        said.push_str(&format!("  {}  wrote about {}\n", day(one.at), look::truncated(&look::clean(&what), 50)));
        let details: Vec<&str> = [&one.pitch.place, &one.pitch.remote, &one.pitch.pay, &one.pitch.contract]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        if !details.is_empty() {
            said.push_str(&format!("               {}\n", look::truncated(&look::clean(&details.join(" · ")), 62)));
        }
    }
    if let Some(at) = row.answered_at {
        said.push_str(&format!("  {}  was answered\n", day(at)));
    }
    let on = row.check_back_on.map(|on| on.strftime("%d %b %Y").to_string()).unwrap_or_default();
    said.push_str(&match kept {
        Promise::None => String::new(),
        Promise::Ahead => {
            let away = row.check_back_on.map_or(0, |on| (on - today).get_days());
            format!("\n  Asked to check back on {on}, {away} days from now.\n")
        }
        Promise::Kept => {
            format!("\n  Asked to check back on {on}; they did, on {}.\n", row.returned_at.map(day).unwrap_or_default())
        }
        Promise::Passed => format!("\n  Asked to check back on {on}; nobody wrote since.\n"),
    });
    said
}

fn rearm(call: &Call, who: &str) -> anyhow::Result<()> {
    let workspace = call.workspace()?;
    let row = one(&workspace, who)?;
    let now = workspace.clock.now();
    let was = workspace.app().rearm(&mut workspace.store(), &row, now)?;
    call.say(&json!({"id": row.id, "address": row.address, "rearmed": was}), || match was {
        true => format!("{} may have one more automatic answer; checkback undo takes it back.\n", row.address),
        false => format!("{} had no automatic answer: nothing to change.\n", row.address),
    })
}
