//! `sequence list|show|check|simulate|plan`: what follows a first mail, when, and how.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::look::{self, Column, Tint};
use super::{Call, Usage, send};
use crate::app::follow::plan::Coming;
use crate::app::follow::simulate::{Simulated, Supposed};
use crate::config::Problem;
use crate::config::sequences::SequenceFile;
use crate::domain::ident::{Address, NamedAddress};
use crate::domain::sequence::Step;
use crate::mail::compose::TemplateError;
use crate::service::Workspace;
use crate::store::{cases, people};

/// Commands of `sequence`.
#[derive(Debug, Subcommand)]
pub enum SequenceCommand {
    /// Every sequence, shipped and your own
    List,
    /// The steps of one
    Show {
        /// Its name
        name: String,
    },
    /// Every mistake in your sequence files, with its line; without a name in all of them
    Check {
        /// Its name
        name: Option<String>,
    },
    /// All dates and finished texts for one person; nothing is enrolled and nothing is sent
    Simulate(SimulateArgs),
    /// What leaves or is told in the next days, and when, if nothing happens in between
    Plan {
        /// So many days
        #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=366))]
        days: u32,
    },
}

/// Options of `sequence simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The sequence's name
    name: String,
    /// The person ("Ada Moreau <ada@example.org>")
    #[arg(long, value_name = "PERSON")]
    to: String,
    /// Subject of the first mail
    #[arg(long, default_value = "A question")]
    subject: String,
    /// When you meet or are introduced. Default: a week after the first mail
    #[arg(long, value_name = "DATE")]
    event: Option<String>,
    /// A value that only you know
    #[arg(long = "var", value_name = "NAME=VALUE")]
    vars: Vec<String>,
}

/// Runs a command of `sequence`.
///
/// # Errors
/// If the workspace can't be used, or there is no such sequence.
pub fn run(call: &Call, command: SequenceCommand) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    match command {
        SequenceCommand::List => list(call, &workspace),
        SequenceCommand::Show { name } => show(call, &workspace, &name),
        SequenceCommand::Check { name } => check(call, &workspace, name.as_deref()),
        SequenceCommand::Simulate(args) => simulate(call, &workspace, &args),
        SequenceCommand::Plan { days } => plan(call, &workspace, days),
    }
}

fn list(call: &Call, workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let files: Vec<(&str, &SequenceFile)> = workspace.config.sequences.files().collect();
    let default = workspace.config.follow_up.sequence.as_deref();
    let values: Vec<Value> = files.iter().map(|(name, file)| file_json(name, file)).collect();
    call.say(&values, || {
        let width = files.iter().map(|(name, _)| look::clean(name).chars().count()).max().unwrap_or_default().max(4);
        let mut said = call.look.tinted(Tint::Strong, &format!("{:<width$}  steps  what for", "name"));
        said.push('\n');
        for (name, file) in &files {
            let (steps, about) = match &file.sequence {
                Ok(sequence) => (sequence.steps.len().to_string(), sequence.about.clone()),
                Err(_) => ("-".to_owned(), format!("it has mistakes: checkback sequence check {name}")),
            };
            let yours = if file.own { " (your own)" } else { "" };
            let first = format!("{:<width$}  {steps:>5}  ", look::clean(name));
            said.push_str(&look::hanging(&first, format!("{about}{yours}").trim_start()));
        }
        said.push_str(&format!("\nLogged outreach is enrolled in {}.\n", default.unwrap_or("none")));
        said
    })?;
    Ok(ExitCode::SUCCESS)
}

fn show(call: &Call, workspace: &Workspace, name: &str) -> anyhow::Result<ExitCode> {
    let sequence = workspace.config.sequences.find(name).map_err(Usage)?;
    let value = workspace.config.sequences.file(name).map(|file| file_json(name, file));
    call.say(&value, || {
        let asks = if sequence.asks { "a mail sent with it is outreach" } else { "a mail sent with it is no outreach" };
        let mut said = look::hanging(&format!("{name}  "), &sequence.about);
        said.push_str(&format!("\n  {asks}\n"));
        for (index, step) in sequence.steps.iter().enumerate() {
            let action = step.action.as_str();
            let only = step.only.to_string();
            let only = if only.is_empty() { only } else { format!(" (only: {only})") };
            let what = format!("{}: {action} with {}{only}", step.when, step.template);
            said.push_str(&look::hanging(&format!("  {}. ", index + 1), &what));
        }
        said
    })?;
    Ok(ExitCode::SUCCESS)
}

fn check(call: &Call, workspace: &Workspace, name: Option<&str>) -> anyhow::Result<ExitCode> {
    let sequences = &workspace.config.sequences;
    if let Some(name) = name.filter(|name| sequences.file(name).is_none()) {
        sequences.find(name).map_err(Usage)?;
    }
    let files: Vec<_> = sequences.files().filter(|(known, _)| name.is_none_or(|name| name == *known)).collect();
    let faults: Vec<(&str, &SequenceFile, Vec<String>)> =
        files.iter().map(|(name, file)| (*name, *file, faults_of(workspace, file))).collect();
    let wrong = faults.iter().any(|(_, _, faults)| !faults.is_empty());
    let value = |(name, file, faults): &(&str, &SequenceFile, Vec<String>)| {
        let path = file.own.then(|| file.origin.display().to_string());
        json!({"name": name, "file": path, "mistakes": faults})
    };
    call.say(&faults.iter().map(value).collect::<Vec<_>>(), || {
        let mut said = String::new();
        for (name, file, faults) in &faults {
            match faults.as_slice() {
                [] => said.push_str(&format!("{name}  {}\n", call.look.tinted(Tint::Good, "right"))),
                faults => {
                    // the path stays whole, so that it can be copied
                    said.push_str(&format!("{name}  {}\n", look::clean(&file.origin.display().to_string())));
                    faults.iter().for_each(|fault| said.push_str(&look::hanging("  - ", fault)));
                }
            }
        }
        said
    })?;
    Ok(ExitCode::from(u8::from(wrong)))
}

/// The mistakes in a file, and the templates that it names and that are not there or can't be used.
fn faults_of(workspace: &Workspace, file: &SequenceFile) -> Vec<String> {
    let sequence = match &file.sequence {
        Err(problems) => return problems.iter().map(ToString::to_string).collect(),
        Ok(sequence) => sequence,
    };
    let fault = |(at, step): (usize, &Step)| {
        let name = &step.template;
        let (what, fix) = match workspace.templates.source(name) {
            None => (format!("there is no mail template {name}"), format!("write templates/{name}.hbs")),
            Some(_) if workspace.templates.needs(name).is_err() => {
                (format!("the mail template {name} can't be used"), format!("checkback template lint {name}"))
            }
            Some(_) => return None,
        };
        Some(Problem { what, line: file.line_of_template(at), fix }.to_string())
    };
    sequence.steps.iter().enumerate().filter_map(fault).collect()
}

fn plan(call: &Call, workspace: &Workspace, days: u32) -> anyhow::Result<ExitCode> {
    const COLUMNS: [Column; 4] = [Column::left("when"), Column::right("id"), Column::left("to"), Column::left("what")];
    let now = call.clock.now();
    let until = now.saturating_add(jiff::SignedDuration::from_hours(24 * i64::from(days)))?;
    let coming = workspace.app().coming(&workspace.store(), until, now)?;
    let paused = cases::paused(workspace.store().read(), now)?.is_some();
    let values: Vec<Value> = coming.iter().map(coming_json).collect();
    let zone = &workspace.config.timezone;
    call.say(&values, || {
        if coming.is_empty() {
            let span = if days == 1 { "day".to_owned() } else { format!("{days} days") };
            return format!("Nothing is planned for the next {span}.\n");
        }
        let row = |one: &Coming| {
            let day = |at: jiff::Timestamp| at.to_zoned(zone.clone()).strftime("%a %-d %b %H:%M").to_string();
            let at = one.at.map_or_else(|| "you decide".to_owned(), |at| day(at.max(now)));
            let what = format!("{} {}", one.action.as_str(), one.template);
            vec![at, one.outreach.to_string(), look::clean(&one.to), what]
        };
        let mut said = call.look.table(&COLUMNS, &coming.iter().map(row).collect::<Vec<_>>());
        let said_apart: Vec<&Coming> = coming.iter().filter(|one| one.at.is_none() || one.due_at < now).collect();
        if !said_apart.is_empty() {
            said.push('\n');
        }
        for one in said_apart {
            let due = one.due_at.to_zoned(zone.clone()).strftime("%a %-d %b");
            let due = if one.due_at < now { format!("it was due {due}") } else { format!("its day is {due}") };
            let why = match one.at {
                None => format!("{}; {due}", one.because),
                Some(_) => due,
            };
            said.push_str(&look::hanging(&format!("{:>4}  ", one.outreach), &why));
        }
        if paused {
            said.push_str("\nEverything automatic is paused: nothing leaves before checkback resume.\n");
        }
        said
    })?;
    Ok(ExitCode::SUCCESS)
}

fn coming_json(one: &Coming) -> Value {
    json!({
        "outreach": one.outreach, "step": one.step, "to": one.to, "template": one.template,
        "action": one.action.as_str(), "due_at": one.due_at, "at": one.at, "because": one.because,
    })
}

fn simulate(call: &Call, workspace: &Workspace, args: &SimulateArgs) -> anyhow::Result<ExitCode> {
    let sequence = workspace.config.sequences.find(&args.name).map_err(Usage)?;
    let to = person(&args.to).ok_or_else(|| {
        Usage(format!("--to {}: write one person, such as \"Ada Moreau <ada@example.org>\"", args.to))
    })?;
    let now = call.clock.now();
    let event_at = args
        .event
        .as_deref()
        .map(|text| super::outreach::add::day_or_moment("--event", text, &workspace.config.timezone))
        .transpose()?;
    let said = send::values(&args.vars)?;
    let zone = people::zone(workspace.store().read(), &to.address)?;
    let (to, subject) = (&to, args.subject.as_str());
    let supposed = Supposed { to, zone: zone.clone(), subject, first: now, event_at, said: &said };
    let steps = workspace.app().simulate(sequence, &supposed);
    let values: Vec<Value> = steps.iter().map(step_json).collect();
    call.say(&values, || {
        let own = &workspace.config.timezone;
        let when = |at: jiff::Timestamp| at.to_zoned(own.clone()).strftime("%a %-d %b %Y %H:%M").to_string();
        let mut said = format!("{}  the first mail, if it is sent now\n", when(now));
        if let Some(zone) = &zone {
            said = format!("They read their mail in {zone}; the times are yours.\n{said}");
        }
        let mut given = None;
        for step in &steps {
            if step.given != given
                && let Some((event, at)) = step.given
            {
                said.push_str(&format!("{}  {}, if there is one\n", when(at), event.explain()));
                given = step.given;
            }
            let due_at = step.due_at.map_or_else(|| "no working day is left".to_owned(), when);
            let only = if step.only.is_empty() { String::new() } else { format!(" (only: {})", step.only) };
            let what = format!("{} with {}{only}", step.action.as_str(), step.template);
            said.push_str(&look::hanging(&format!("{due_at}  "), &what));
            match &step.words {
                Ok((subject, text)) => {
                    let (subject, text) = (look::letter(subject, 4), look::letter(text, 4));
                    said.push_str(&format!("\n{subject}\n{text}\n"));
                }
                Err(error @ TemplateError::Gap { variable, .. }) => {
                    said.push_str(&look::hanging("    held: ", &format!("{error}. Give it with --var {variable}=…")));
                }
                Err(error) => said.push_str(&look::hanging("    held: ", &error.to_string())),
            }
        }
        said.push_str("Nothing is enrolled and nothing is sent. An answer ends the nudges at any time.\n");
        said.push_str("The first mail itself: checkback send TEMPLATE … --dry-run\n");
        said
    })?;
    Ok(ExitCode::SUCCESS)
}

/// `Ada Moreau <ada@example.org>`, or the address alone.
fn person(text: &str) -> Option<NamedAddress> {
    let (name, address) = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
        None => ("", text),
    };
    let address = Address::parse(address)?;
    Some(NamedAddress { name: Some(name.to_owned()).filter(|name| !name.is_empty()), address })
}

fn file_json(name: &str, file: &SequenceFile) -> Value {
    let sequence = file.sequence.as_ref().ok();
    json!({
        "name": name, "own": file.own,
        "about": sequence.map(|sequence| &sequence.about), "asks": sequence.map(|sequence| sequence.asks),
        "steps": sequence.map(|sequence| sequence.steps.iter().map(|step| json!({
            "when": step.when.to_string(), "only": step.only.to_string(), "template": step.template, "action": step.action.as_str(),
        })).collect::<Vec<_>>()),
        "mistakes": file.sequence.as_ref().err().map(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>()),
    })
}

fn step_json(step: &Simulated) -> Value {
    let (subject, text) = step.words.as_ref().map(|(subject, text)| (Some(subject), Some(text))).unwrap_or_default();
    json!({
        "step": step.number, "action": step.action.as_str(), "due_at": step.due_at, "template": step.template,
        "given": step.given.map(|(event, _)| event.as_str()), "only": step.only,
        "subject": subject, "text": text, "error": step.words.as_ref().err().map(ToString::to_string),
    })
}
