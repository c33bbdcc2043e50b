//! `report`: the response rate against the goal.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;

use super::look;
use super::{Call, Usage};
use crate::app::daily::scope;
use crate::config::Config;
use crate::domain::duration::Span;
use crate::report::gather::{self, Scope};
use crate::report::text::{self, Style};
use crate::report::{By, html, sheet};
use crate::service::health;

/// Options of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Only outreach begun since this day (2026-10-01), or in so long (90d)
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// One breakdown in full
    #[arg(long, value_name = "WHAT", value_parser = By::ALL.map(By::as_str), conflicts_with = "html")]
    by: Option<String>,
    /// Write a self-contained page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print CSV
    #[arg(long, conflicts_with_all = ["json", "html"])]
    csv: bool,
}

/// Runs `report`. A stale mailbox is said, and is no failure: nothing was to be sent.
///
/// # Errors
/// If the workspace can't be used, a date is none, or the page can't be written.
pub fn run(call: &Call, args: ReportArgs) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let now = call.clock.now();
    let accounts = health::accounts(&workspace, now)?;
    let accounts_stale = accounts.into_iter().filter(|account| account.stale).map(|account| account.name).collect();
    let store = workspace.store();
    let since = args.since.as_deref().map(|text| start_of(text, &workspace.config, now)).transpose()?;
    let scope = Scope { since, accounts_stale, ..scope(&workspace.config) };
    let by = args.by.as_deref().and_then(By::parse);
    let data = match by {
        Some(by) => gather::gather_by(&store, &scope, &[by], now)?,
        None if args.html.is_none() => gather::gather_by(&store, &scope, &By::ALL, now)?,
        None => gather::gather(&store, &scope, now)?,
    };
    if let Some(path) = &args.html {
        let page = html::render(&data)?;
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("The report lies in {}", path.display());
        if !call.json {
            return Ok(ExitCode::SUCCESS);
        }
    }
    call.say(&data.json(), || match by {
        _ if args.csv => sheet::csv(&data),
        Some(by) => text::breakdown(&data, by, style(call)),
        None => text::render(&data, style(call)),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// How a report looks on this output.
pub(super) fn style(call: &Call) -> Style {
    Style { colour: call.look.colour, unicode: look::shows_unicode(), width: call.look.width }
}

/// The first moment of a day, or of the day that lies so long ago.
fn start_of(text: &str, config: &Config, now: Timestamp) -> Result<Timestamp, Usage> {
    let wrong = || Usage(format!("--since {text}: write a day such as 2026-10-01, or how long ago, such as 90d"));
    let today = now.to_zoned(config.timezone.clone()).date();
    let day: Date = match (text.parse(), Span::parse(text)) {
        (Ok(day), _) => day,
        (_, Ok(Span::Days(days))) => today.checked_sub(jiff::Span::new().days(days)).map_err(|_| wrong())?,
        (_, Ok(Span::Months(months))) => today.checked_sub(jiff::Span::new().months(months)).map_err(|_| wrong())?,
        _ => return Err(wrong()),
    };
    day.to_zoned(config.timezone.clone()).map(|zoned| zoned.timestamp()).map_err(|_| wrong())
}
