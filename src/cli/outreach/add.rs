//! `outreach add` and `outreach close`: what was done on other channels, and what is over.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::{Call, Usage, look, send};
use crate::domain::ident::{Address, NamedAddress};
use crate::domain::outreach::{Channel, MAIL, Stage};
use crate::service::Workspace;
use crate::store::decisions::{self, LoggedAs};
use crate::store::{StoreError, mailboxes, people, reports};

/// Options of `outreach add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Whom: "Name <address>", an address, or the name alone
    #[arg(long, value_name = "PERSON")]
    to: String,
    /// How: call, coffee, meeting, linkedin, mail, or any other word
    #[arg(long, value_name = "CHANNEL")]
    channel: String,
    /// When: 2026-12-01, or 2026-12-01T09:00. Default: now
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// What it was about
    #[arg(long, visible_alias = "subject", value_name = "WORDS", default_value = "")]
    about: String,
    /// They answered, on that day. A call, a coffee or a meeting is an answer by nature
    #[arg(long, value_name = "DATE", num_args = 0..=1, default_missing_value = "")]
    answered: Option<String>,
    /// A call that nobody took, a coffee at which nobody turned up
    #[arg(long, conflicts_with = "answered")]
    unanswered: bool,
    /// Begin a new outreach, although one to this person runs
    #[arg(long)]
    new: bool,
    /// A note about the person
    #[arg(long, value_name = "WORDS")]
    note: Option<String>,
    /// The follow-ups of the outreach. Default: that of the config for mail, else none
    #[arg(long, value_name = "NAME")]
    sequence: Option<String>,
    /// For which account. Default: the first
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// A word to sort the outreach by
    #[arg(long = "tag", value_name = "WORD")]
    tags: Vec<String>,
}

/// Options of `outreach close`.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// The number from `outreach list`, or the Message-ID of its first mail
    #[arg(value_name = "ID")]
    id: String,
    /// How it ended. Default: no_answer where nobody answered
    #[arg(long, value_parser = ["rejected", "withdrawn", "no_answer"])]
    stage: Option<String>,
}

/// Runs `outreach add`.
///
/// # Errors
/// If an option makes no sense, or the workspace can't be used.
pub fn add(call: &Call, args: AddArgs) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let (now, zone) = (workspace.clock.now(), workspace.config.timezone.clone());
    let channel = Channel::parse(&args.channel)
        .ok_or_else(|| Usage(format!("--channel {}: write one word, such as call, coffee, linkedin", args.channel)))?;
    let at = args.on.as_deref().map(|text| moment("--on", text, &zone, now)).transpose()?.unwrap_or(now);
    let answered = match args.answered.as_deref() {
        Some("") => Some(at),
        Some(text) => Some(moment("--answered", text, &zone, now)?),
        None => (channel.is_answered_by_nature() && !args.unanswered).then_some(at),
    };
    if let Some(answered) = answered.filter(|answered| *answered < at) {
        let day = answered.to_zoned(zone).date();
        return Err(Usage(format!("--answered {day}: that is before it was asked")).into());
    }
    let person = whom(&workspace, &args.to)?;
    if workspace.config.own_addresses().contains(&person.address) {
        return Err(Usage(format!("{} is your own address", person.address)).into());
    }
    let is_mail = channel.as_str() == MAIL;
    if is_mail && person.address.is_stand_in() {
        return Err(Usage(format!("--to {}: a mail needs an address: \"Name <address>\"", args.to)).into());
    }
    if let Some(name) = &args.sequence {
        workspace.app().may_enrol(name).map_err(Usage)?;
    }
    let sequence = args.sequence.or_else(|| workspace.config.follow_up.sequence.clone().filter(|_| is_mail));
    let logged = crate::store::decisions::Logged {
        account: account(&workspace, args.account.as_deref())?,
        person: person.clone(),
        about: if args.about.trim().is_empty() { channel.as_str().to_owned() } else { args.about.trim().to_owned() },
        channel,
        at,
        answered,
        sequence: sequence.filter(|sequence| sequence != "none"),
        tags: args.tags.iter().map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect(),
    };
    let done = workspace.store().write::<_, StoreError>(|tx| {
        let done = decisions::log(tx, &logged, args.new, now)?;
        if let Some(note) = args.note.as_deref().map(str::trim).filter(|note| !note.is_empty()) {
            decisions::note(tx, &person.address, note, now)?;
        }
        Ok(done)
    })?;
    // mail that came before it was known may belong to it
    workspace.app().consider(&mut workspace.store(), now, |_| {})?;
    workspace.app().plan(&mut workspace.store(), now)?;
    let (outreach, what, said) = match done {
        LoggedAs::Begun(id) => (id, "begun", format!("Logged as outreach {id}")),
        LoggedAs::Touch(id) => {
            (id, "touch", format!("Logged with outreach {id}, which runs to the same person (--new begins another)"))
        }
        LoggedAs::Known(id) => (id, "known", format!("It stands in the log already: outreach {id}")),
    };
    let value = json!({
        "logged": what, "outreach": outreach, "to": label_json(&person), "channel": logged.channel.as_str(),
        "at": at, "answered_at": answered,
    });
    call.say(&value, || format!("{said}: {} with {}.\n", logged.channel.as_str(), look::clean(person.label())))?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `outreach close`.
///
/// # Errors
/// If there is no such outreach, or it can't end like that, or the workspace can't be used.
pub fn close(call: &Call, args: CloseArgs) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let wanted = args.id.trim_matches(['<', '>']);
    let row = reports::pursuits(workspace.store().read(), None)?
        .into_iter()
        .find(|row| row.id.to_string() == wanted || row.root == wanted)
        .ok_or_else(|| Usage(format!("there is no outreach {}; checkback outreach list shows them", args.id)))?;
    let stage = match args.stage.as_deref().and_then(Stage::parse) {
        Some(stage) => stage,
        None if row.pursuit.first_response.is_none() => Stage::NoAnswer,
        None => {
            return Err(
                Usage(format!("outreach {} was answered; say --stage rejected or --stage withdrawn", row.id)).into()
            );
        }
    };
    let now = workspace.clock.now();
    if !workspace.store().write::<_, StoreError>(|tx| decisions::close(tx, row.id, stage, now))? {
        return Err(
            Usage(format!("outreach {} is {}, which can't become {}", row.id, row.stage, stage.as_str())).into()
        );
    }
    call.say(&json!({"outreach": row.id, "stage": stage.as_str()}), || {
        format!(
            "Outreach {} is closed: {}. Nothing more goes out for it. checkback undo opens it again.\n",
            row.id,
            stage.as_str()
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A person by address, or by a name: that of somebody known, else of somebody without an address.
fn whom(workspace: &Workspace, text: &str) -> anyhow::Result<NamedAddress> {
    if text.contains('@') {
        return Ok(send::person("--to", text)?);
    }
    let known = people::people(workspace.store().read(), &workspace.config.never)?;
    let wanted = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let same: Vec<_> = known.iter().filter(|person| person.name.to_lowercase() == wanted.to_lowercase()).collect();
    match same.as_slice() {
        [one] => {
            let address = one.addresses.first().cloned();
            let address = address.ok_or_else(|| Usage(format!("--to {text}: write the address")))?;
            Ok(NamedAddress { name: Some(one.name.clone()), address })
        }
        [] => {
            let address = Address::stand_in(&wanted)
                .ok_or_else(|| Usage(format!("--to {text}: write a name, or \"Name <address>\"")))?;
            Ok(NamedAddress { name: Some(wanted), address })
        }
        several => {
            let all: Vec<_> = several.iter().flat_map(|person| &person.addresses).map(Address::as_str).collect();
            Err(Usage(format!("--to {text}: several people bear this name: {}; write the address", all.join(", ")))
                .into())
        }
    }
}

fn account(workspace: &Workspace, wanted: Option<&str>) -> anyhow::Result<i64> {
    let accounts = &workspace.config.accounts;
    let found = match wanted {
        None => accounts.first(),
        Some(name) => accounts.iter().find(|account| account.name == name),
    };
    let name = found.map(|account| account.name.as_str()).ok_or_else(|| {
        let names: Vec<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
        Usage(format!("there is no account {}; the config has {}", wanted.unwrap_or_default(), names.join(", ")))
    })?;
    let row = mailboxes::account(workspace.store().read(), name)?;
    let row = row.ok_or_else(|| Usage(format!("the account {name} was never read; checkback sync reads it")))?;
    Ok(row.id)
}

/// A moment that is past. Noon of today may still be to come: that is now.
fn moment(option: &str, text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, Usage> {
    let at = day_or_moment(option, text, zone)?;
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    match at > now {
        true if day(now) == day(at) => Ok(now),
        true => Err(Usage(format!("{option} {text} is still to come; log it when it was"))),
        false => Ok(at),
    }
}

/// A day counts from noon, so that no zone moves it to another one.
pub(in crate::cli) fn day_or_moment(option: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, Usage> {
    let wrong = || Usage(format!("{option} {text}: write a day such as 2026-12-01, or 2026-12-01T09:00"));
    let local: DateTime = match text.parse::<Date>() {
        Ok(day) if !text.contains(['T', ' ']) => day.to_datetime(Time::constant(12, 0, 0, 0)),
        _ => text.parse().map_err(|_| wrong())?,
    };
    local.to_zoned(zone.clone()).map(|zoned| zoned.timestamp()).map_err(|_| wrong())
}

/// A stand-in is nobody's address.
fn label_json(person: &NamedAddress) -> serde_json::Value {
    let address = Some(&person.address).filter(|address| !address.is_stand_in());
    json!({"name": person.name, "address": address})
}
