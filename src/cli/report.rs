//! `report`: the response rate against the goal.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use jiff::civil::Date;

use super::{Call, Usage};
use crate::app::daily::scope;
use crate::config::Config;
use crate::report::gather::{self, Scope};
use crate::report::text::{self, Style};
use crate::report::{html, sheet};
use crate::service::health;

/// Options of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Only outreach begun since this day (2026-10-01)
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Write a self-contained page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print CSV
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// Runs `report`.
///
/// # Errors
/// If the workspace can't be used, a date is none, or the page can't be written.
pub fn run(call: &Call, args: ReportArgs) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let now = call.clock.now();
    let accounts = health::accounts(&workspace, now)?;
    let accounts_stale = accounts.into_iter().filter(|account| account.stale).map(|account| account.name).collect();
    let store = workspace.store();
    let since = args.since.as_deref().map(|text| start_of(text, &workspace.config)).transpose()?;
    let scope = Scope { since, accounts_stale, ..scope(&workspace.config) };
    let data = gather::gather(&store, &scope, now)?;
    if let Some(path) = &args.html {
        let page = html::render(&data)?;
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("The report lies in {}", path.display());
        return Ok(ExitCode::SUCCESS);
    }
    call.say(&data.json(), || if args.csv { sheet::csv(&data) } else { text::render(&data, style(call)) })?;
    Ok(ExitCode::SUCCESS)
}

/// How a report looks on this output.
pub(super) fn style(call: &Call) -> Style {
    Style { colour: call.look.colour, unicode: call.look.terminal, width: call.look.width }
}

fn start_of(text: &str, config: &Config) -> Result<jiff::Timestamp, Usage> {
    let wrong = || Usage(format!("--since {text}: write a day such as 2026-10-01"));
    let day: Date = text.parse().map_err(|_| wrong())?;
    day.to_zoned(config.timezone.clone()).map(|zoned| zoned.timestamp()).map_err(|_| wrong())
}
