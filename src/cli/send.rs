//! `send TEMPLATE --to A`: one mail that a person asks for.

use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::json;

use super::look::{self, Tint};
use super::{Call, Usage};
use crate::domain::asked::{Objection, Request, moment};
use crate::domain::ident::{Address, NamedAddress};
use crate::service::Workspace;
use crate::service::asked::{self, Asked, Outcome};
use crate::service::command::{self, Command, Turn};

/// Options of `send`.
#[derive(Debug, Args)]
pub struct SendArgs {
    /// The template; `template list` shows them
    #[arg(required_unless_present = "ab")]
    template: Option<String>,
    /// Draw one of two templates by lot: then report can tell which one is answered more often
    #[arg(long, num_args = 2, value_names = ["TEMPLATE", "TEMPLATE"], conflicts_with_all = ["template", "subject"])]
    ab: Vec<String>,
    /// Whom to write to: "Name <address>"
    #[arg(long, value_name = "PERSON")]
    to: String,
    /// A value for the template
    #[arg(long = "var", value_name = "NAME=VALUE")]
    vars: Vec<String>,
    /// Instead of the template's subject
    #[arg(long)]
    subject: Option<String>,
    /// The follow-ups of the outreach; none: no follow-ups. Default: that of the config
    #[arg(long, value_name = "NAME")]
    sequence: Option<String>,
    /// From which account. Default: the first
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// A word to sort the outreach by
    #[arg(long = "tag", value_name = "WORD")]
    tags: Vec<String>,
    /// Put it into Drafts; the outreach begins when you send it from there
    #[arg(long)]
    draft: bool,
    /// Show the finished mail and send nothing
    #[arg(long, conflicts_with = "draft")]
    dry_run: bool,
    /// Send it once more, although it was sent before
    #[arg(long)]
    again: bool,
    /// Send it although something speaks against it
    #[arg(long)]
    anyway: bool,
}

/// Runs `send`.
///
/// # Errors
/// If an option makes no sense, something speaks against it and nobody can be asked, the workspace or
/// the lock can't be used, or the database fails.
pub async fn run(call: &Call, args: SendArgs) -> anyhow::Result<ExitCode> {
    let mut request = Request {
        template: args.template.unwrap_or_default(),
        drawn_from: None,
        to: person("--to", &args.to)?,
        account: args.account,
        subject: args.subject,
        vars: values(&args.vars)?,
        sequence: args.sequence,
        draft: args.draft,
        again: args.again,
        anyway: args.anyway,
        tags: args.tags.iter().map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect(),
    };
    let workspace = call.workspace()?;
    if let [one, other] = args.ab.as_slice() {
        // both must be fit to go, or what is missing would choose
        for template in [one, other] {
            let fit = Request { template: template.clone(), ..request.clone() };
            workspace.app().word_asked(&fit, call.clock.now()).map_err(Usage)?;
        }
        let (template, experiment) =
            crate::domain::asked::draw(workspace.app().secret, &request.to.address, one, other);
        (request.template, request.drawn_from) = (template, Some(experiment));
    }
    if args.dry_run {
        return show(call, &workspace, &request);
    }
    // what can't become a mail needs no lock and no connection
    workspace.app().word_asked(&request, call.clock.now()).map_err(Usage)?;
    let mut outcome = order(call, &workspace, &request).await?;
    if let Outcome::Objected { objections } = &outcome
        && ask(call, &workspace.config.timezone, objections)? == Some(true)
    {
        request.anyway = true;
        outcome = order(call, &workspace, &request).await?;
    }
    tell(call, &workspace, &request, &outcome)
}

/// Has the service send it, or sends it under the lock where none runs.
async fn order(call: &Call, workspace: &Workspace, request: &Request) -> anyhow::Result<Outcome> {
    match call.turn(workspace, &Command::Send { request: Box::new(request.clone()) }).await? {
        Turn::Served(command::Outcome::Asked(outcome)) => Ok(*outcome),
        Turn::Served(_) => anyhow::bail!("the running service is of another version: start it again"),
        Turn::Own { lock: _lock, .. } => asked::alone(workspace, request).await,
    }
}

/// A person as an option names one: `Name <address>`, or the address alone.
///
/// # Errors
/// If there is no address in it, or more than one.
pub(super) fn person(option: &str, text: &str) -> Result<NamedAddress, Usage> {
    let wrong = || Usage(format!("{option} {text}: write one person, as \"Kim Roth <kim@bigcorp.example>\""));
    let (name, address) = match text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
        None => ("", text.trim()),
    };
    if name.contains(['<', '>', '@']) || name.chars().any(char::is_control) {
        return Err(wrong());
    }
    let address = Address::parse(address).ok_or_else(wrong)?;
    if !address.as_str().is_ascii() || address.local().contains(['@', '"', '(', ')', '\\', ':']) {
        return Err(wrong());
    }
    Ok(NamedAddress { name: Some(name.to_owned()).filter(|name| !name.is_empty()), address })
}

/// Values as options give them.
///
/// # Errors
/// If one has no name, no value, or comes twice.
pub(super) fn values(vars: &[String]) -> Result<BTreeMap<String, String>, Usage> {
    let mut found = BTreeMap::new();
    for var in vars {
        let named = var.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        let (name, value) = named
            .filter(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_'))
            .ok_or_else(|| Usage(format!("--var {var}: write --var name=value, such as --var company=BigCorp")))?;
        if value.is_empty() {
            return Err(Usage(format!("--var {name}=: the value is empty, and the mail would have a gap there")));
        }
        if found.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Usage(format!("--var {name} comes twice; give it once")));
        }
    }
    Ok(found)
}

fn show(call: &Call, workspace: &Workspace, request: &Request) -> anyhow::Result<ExitCode> {
    let app = workspace.app();
    let worded = app.word_asked(request, call.clock.now()).map_err(Usage)?;
    let bytes = app.show_asked(request, &worded, call.clock.now())?;
    let raw = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let head = raw.split_once("\n\n").map_or(raw.as_str(), |(head, _)| head);
    let value = json!({
        "state": "dry_run", "to": request.to, "subject": worded.subject, "text": worded.text, "head": head,
        "account": worded.account.name, "begins_outreach": worded.asks, "sequence": worded.sequence,
    });
    call.say(&value, || {
        format!("{}\n{}\nNothing was sent.\n", look::clean_lines(head), look::clean_lines(&worded.text))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Shows what speaks against a mail and asks whether it shall go all the same. `None`: nobody can be asked.
///
/// # Errors
/// If the terminal fails.
pub(super) fn ask(call: &Call, zone: &TimeZone, objections: &[Objection]) -> anyhow::Result<Option<bool>> {
    if call.json || !call.look.terminal || !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    for line in in_words(objections, zone) {
        println!("{line}");
    }
    print!("{}", call.look.tinted(Tint::Strong, "Send it anyway? y/N > "));
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(Some(matches!(line.trim().to_lowercase().as_str(), "y" | "yes")))
}

/// Why nothing was sent, and how it goes all the same.
pub(super) fn objected(objections: &[Objection], zone: &TimeZone) -> String {
    let against = in_words(objections, zone).join("\n  ");
    format!("nothing was sent:\n  {against}\nIf it shall go all the same: --anyway")
}

fn in_words(objections: &[Objection], zone: &TimeZone) -> Vec<String> {
    objections.iter().map(|one| look::clean(&one.in_words(zone))).collect()
}

fn tell(call: &Call, workspace: &Workspace, request: &Request, outcome: &Outcome) -> anyhow::Result<ExitCode> {
    let zone = &workspace.config.timezone;
    let code = match outcome {
        Outcome::Sent(_) | Outcome::Drafted(_) => 0,
        Outcome::Queued(_) | Outcome::Unknown(_) | Outcome::Failed(_) | Outcome::Unread { .. } => 1,
        Outcome::Already { .. } | Outcome::Objected { .. } | Outcome::Refused { .. } => 2,
    };
    call.say(outcome, || match outcome {
        Outcome::Sent(mail) => told(mail, "Sent", request),
        Outcome::Drafted(mail) => told(mail, "Put into Drafts", request),
        _ => String::new(),
    })?;
    let trouble = match outcome {
        Outcome::Sent(mail) | Outcome::Drafted(mail) => mail.trouble.clone(),
        Outcome::Queued(mail) => Some(format!(
            "m{} was not sent yet: {}; it leaves with the next checkback sync. checkback undo stops it",
            mail.item,
            mail.trouble.as_deref().unwrap_or(&mail.because)
        )),
        Outcome::Unknown(mail) => Some(format!(
            "it is not known whether m{} left ({}); it is not sent again by machine: checkback review",
            mail.item, mail.because
        )),
        Outcome::Failed(mail) => Some(format!("m{} was not sent: {}", mail.item, mail.because)),
        Outcome::Unread { because } => Some(format!(
            "nothing was sent: the mailbox was never read, so it is not known to whom you wrote, and it can't be \
             read now: {because}"
        )),
        Outcome::Already { mail, was, at, too_soon } => {
            Some(already(mail.as_ref(), was, &moment(*at, zone), *too_soon))
        }
        Outcome::Objected { objections } => Some(objected(objections, zone)),
        Outcome::Refused { because } => Some(because.clone()),
    };
    if let Some(trouble) = trouble {
        eprintln!("checkback: {trouble}");
    }
    Ok(ExitCode::from(code))
}

fn told(mail: &Asked, what: &str, request: &Request) -> String {
    let to = mail
        .to
        .name
        .as_ref()
        .map_or_else(|| mail.to.address.to_string(), |name| format!("{name} <{}>", mail.to.address));
    let mut said = format!("{what}: m{} to {}\n\n", mail.item, look::clean(&to));
    said.push_str(&format!("  {}\n\n", look::clean(&mail.subject)));
    for line in mail.text.trim_end().lines() {
        said.push_str(format!("  {}", look::clean(line)).trim_end());
        said.push('\n');
    }
    said.push('\n');
    if mail.resumed {
        said.push_str("An earlier command wrote it, and it had not left yet.\n");
    }
    let follow =
        mail.sequence.as_ref().map_or_else(|| "no follow-ups".to_owned(), |sequence| format!("follow-ups: {sequence}"));
    match (mail.outreach, request.draft) {
        (Some(outreach), _) => said.push_str(&format!("Outreach {outreach}; {follow}.\n")),
        (None, true) => said.push_str("What it begins, begins when you send it from there.\n"),
        (None, false) => said.push_str("It asks nothing, so it begins no outreach.\n"),
    }
    said
}

fn already(mail: Option<&Asked>, was: &str, at: &str, too_soon: bool) -> String {
    let item = mail.map(|mail| format!("m{}: ", mail.item)).unwrap_or_default();
    match was {
        _ if too_soon => format!(
            "{item}the very same words left at {at}; nothing was sent. Other words, or an hour later, and --again \
             sends them"
        ),
        "drafted" => {
            format!("{item}it lies in your Drafts folder since {at}; send it from there. --again writes another one")
        }
        "unknown" => format!(
            "{item}it is not known whether this mail left on {at}: checkback review asks what became of it. --again \
             sends another one, whatever became of it"
        ),
        "claimed" | "sending" => format!("{item}it is leaving at this moment"),
        _ => format!("{item}this was already sent on {at}; nothing was sent. --again sends it once more"),
    }
}

#[cfg(test)]
mod tests;
