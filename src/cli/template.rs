//! `template list|show|preview|lint`: the texts that mails are made of.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::look::{self, Column};
use super::{Call, Usage, send};
use crate::app::words;
use crate::config;
use crate::domain::ident::NamedAddress;
use crate::mail::compose::{Finding, Templates};

/// Commands of `template`.
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// Every template, and where it is from
    List,
    /// One template as it is written, and the values it needs
    Show {
        /// Its name
        name: String,
    },
    /// A template filled in; what is missing is marked
    Preview(PreviewArgs),
    /// What is wrong with a template, or with all of them
    Lint {
        /// Its name. Default: your own ones
        name: Option<String>,
        /// The shipped ones too
        #[arg(long, conflicts_with = "name")]
        all: bool,
    },
}

/// Options of `template preview`.
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// Its name
    name: String,
    /// Whom it goes to: "Name <address>"
    #[arg(long, value_name = "PERSON")]
    to: Option<String>,
    /// A value
    #[arg(long = "var", value_name = "NAME=VALUE")]
    vars: Vec<String>,
}

/// Runs a command of `template`.
///
/// # Errors
/// If there is no such template, an option makes no sense, or the folder of templates can't be read.
pub fn run(call: &Call, command: TemplateCommand) -> anyhow::Result<ExitCode> {
    match command {
        TemplateCommand::List => {
            let templates = call.templates()?;
            let values: Vec<Value> = templates.names().map(|(name, _)| to_json(&templates, name)).collect();
            call.say(&values, || list(call, &templates))?;
        }
        TemplateCommand::Show { name } => {
            let templates = call.templates()?;
            exists(&templates, &name)?;
            call.say(&to_json(&templates, &name), || show(&templates, &name))?;
        }
        TemplateCommand::Preview(args) => preview(call, &args)?,
        TemplateCommand::Lint { name, all } => return lint(call, name, all),
    }
    Ok(ExitCode::SUCCESS)
}

fn exists(templates: &Templates, name: &str) -> Result<(), Usage> {
    if templates.source(name).is_some() {
        return Ok(());
    }
    let near = config::nearest(name, templates.names().map(|(name, _)| name));
    let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
    Err(Usage(format!("there is no template {name}; {near}checkback template list shows them")))
}

fn to_json(templates: &Templates, name: &str) -> Value {
    let Some(source) = templates.source(name) else { return Value::Null };
    let needs = templates.needs(name);
    json!({
        "name": name, "own": source.own, "about": source.header.about, "asks": source.header.asks,
        "needs": needs.as_ref().ok(), "error": needs.as_ref().err().map(ToString::to_string), "text": source.text,
    })
}

fn list(call: &Call, templates: &Templates) -> String {
    let columns = [Column::left("template"), Column::left("from"), Column::left("what for")];
    let cells: Vec<Vec<String>> = templates
        .names()
        .map(|(name, own)| {
            let about = match (templates.needs(name), templates.source(name)) {
                (Err(_), _) => format!("broken: checkback template lint {name}"),
                (_, Some(source)) if name == "check-back" && source.header.about.is_empty() => {
                    "The answer to recruiters.".to_owned()
                }
                (_, source) => source.map(|source| source.header.about.clone()).unwrap_or_default(),
            };
            vec![name.to_owned(), if own { "you" } else { "shipped" }.to_owned(), about]
        })
        .collect();
    call.look.table(&columns, &cells)
}

fn show(templates: &Templates, name: &str) -> String {
    let Some(source) = templates.source(name) else { return String::new() };
    let from = match source.own {
        Some(path) => look::clean(&path.display().to_string()),
        None => format!("shipped; a file {name}.hbs in the folder templates beside the config goes before it"),
    };
    let mut said = format!("{name}\n  from   {from}\n");
    match templates.needs(name) {
        Ok(needs) => {
            for value in needs {
                let meaning = source.header.meaning(&value).or(known(&value)).unwrap_or("--var");
                said.push_str(&format!("  needs  {value}: {}\n", look::clean(meaning)));
            }
        }
        Err(error) => said.push_str(&format!("  broken {error}\n")),
    }
    format!("{said}\n{}", look::clean_lines(source.text))
}

/// Values that need no `--var`.
fn known(value: &str) -> Option<&'static str> {
    match value {
        "first_name" | "name" => Some("of --to"),
        "email" | "greeting" => Some("of --to"),
        "my_first_name" | "my_name" => Some("of display_name in the config"),
        "months" => Some("of [auto_reply] in the config"),
        _ => None,
    }
}

fn preview(call: &Call, args: &PreviewArgs) -> anyhow::Result<()> {
    let workspace = call.workspace()?;
    let templates = &workspace.templates;
    exists(templates, &args.name)?;
    let needs = templates.needs(&args.name).map_err(|error| Usage(error.to_string()))?;
    let vars = send::values(&args.vars)?;
    let today = workspace.config.calendar().day(call.clock.now());
    let mut values = std::collections::BTreeMap::from([("today".to_owned(), today.to_string())]);
    for day in ["asked_on", "met_on", "introduced_on", "agreed_on"] {
        values.insert(day.to_owned(), today.saturating_sub(jiff::ToSpan::days(9)).to_string());
    }
    if let Some(account) = workspace.config.accounts.first() {
        let me = NamedAddress { name: account.display_name.clone(), address: account.email.clone() };
        let to = args.to.as_deref().map(|to| send::person("--to", to)).transpose()?;
        values.extend(words::of_person(to.as_ref().unwrap_or(&me), &me, today));
        if to.is_none() {
            values.retain(|name, _| name.starts_with("my_") || name == "today");
        }
    }
    values.insert("months".to_owned(), workspace.config.auto_reply.months.to_string());
    values.extend(vars);
    let is_gap = |name: &&String| values.get(*name).is_none_or(|value| value.trim().is_empty());
    let missing: Vec<String> = needs.iter().filter(is_gap).cloned().collect();
    values.extend(missing.iter().map(|name| (name.clone(), format!("‹{name}›"))));
    let rendered = templates.render(&args.name, None, &values).map_err(|error| Usage(error.to_string()))?;
    let value = json!({
        "name": args.name, "subject": rendered.subject, "text": rendered.text, "missing": missing,
    });
    call.say(&value, || {
        let subject = rendered.subject.map(|subject| format!("Subject: {}\n\n", look::clean(&subject)));
        let mut said = format!("{}{}", subject.unwrap_or_default(), look::clean_lines(&rendered.text));
        if !missing.is_empty() {
            said.push_str(&format!("\nStill needed: {}\n", missing.join(", ")));
        }
        said
    })
}

fn lint(call: &Call, name: Option<String>, all: bool) -> anyhow::Result<ExitCode> {
    let templates = call.templates()?;
    let names: Vec<String> = match name {
        Some(name) => {
            exists(&templates, &name)?;
            vec![name]
        }
        None => templates.names().filter(|(_, own)| all || *own).map(|(name, _)| name.to_owned()).collect(),
    };
    let mut found: Vec<(String, Vec<Finding>)> = Vec::new();
    for name in names {
        let findings = templates.lint(&name)?;
        found.push((name, findings));
    }
    let values: Vec<Value> = found.iter().map(|(name, findings)| json!({"name": name, "findings": findings})).collect();
    let faults: usize = found.iter().map(|(_, findings)| findings.len()).sum();
    call.say(&values, || {
        let mut said = String::new();
        for (name, findings) in &found {
            for finding in findings {
                let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
                said.push_str(&format!("{name}{line}: {}\n", look::clean(&finding.what)));
            }
        }
        match (found.len(), faults) {
            (0, _) => said.push_str("You have no templates of your own; --all looks at the shipped ones.\n"),
            (_, 0) => said.push_str("No faults.\n"),
            _ => {}
        }
        said
    })?;
    Ok(ExitCode::from(if faults == 0 { 0 } else { 1 }))
}
