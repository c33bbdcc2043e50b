//! `sync`: read, decide, gate, send all that is due, again until nothing is new, exit.

use std::process::ExitCode;

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::json;

use super::look::{self, Tint};
use super::{Call, Usage};
use crate::domain::duration::Span;
use crate::service::Workspace;
use crate::service::command::{Command, Outcome, Turn};
use crate::service::sync::{self, AccountSynced, Synced};
use crate::store::outbox::{self, OutboxRow};
use crate::store::review::Counts;

/// Options of `sync`.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// Judge mail from before the first start too, if it came within this time (30d)
    #[arg(long, value_name = "TIME")]
    backfill: Option<String>,
}

/// Runs `sync`.
///
/// # Errors
/// If the config, the data folder or the lock can't be used, or the database fails.
pub async fn run(call: &Call, args: SyncArgs) -> anyhow::Result<ExitCode> {
    let backfill = match &args.backfill {
        Some(text) => Some(
            Span::parse(text)
                .ok()
                .and_then(Span::exact)
                .ok_or_else(|| Usage(format!("--backfill {text}: write a time such as 30d, 2w or 12h")))?,
        ),
        None => None,
    };
    let workspace = call.workspace()?;
    let order = Command::Sync { backfill_seconds: backfill.map(|time| time.as_secs()) };
    let synced = match call.turn(&workspace, &order).await? {
        Turn::Served(Outcome::Synced(synced)) => synced,
        Turn::Served(_) => anyhow::bail!("the running service is of another version: start it again"),
        Turn::Own { lock: _lock, .. } => sync::sync(&workspace, backfill).await?,
    };
    let waits = crate::store::review::counts(workspace.store().read())?;
    let retried = outbox::retried(workspace.store().read())?;
    let rows: Vec<_> = synced.accounts.iter().map(to_json).collect();
    let value = json!({
        "accounts": rows, "held": waits.held, "proposals": waits.proposals, "unknown": synced.unknown,
        "retried": retried.iter().map(retried_json).collect::<Vec<_>>(),
    });
    call.say(&value, || text(call, &workspace, &synced, waits, &retried))?;
    for account in &synced.accounts {
        for trouble in account.error.iter().chain(&account.sending.trouble).chain(&account.sending.waits) {
            eprintln!("checkback: {}: {trouble}", account.name);
        }
    }
    Ok(ExitCode::from(synced.exit_code()))
}

fn to_json(account: &AccountSynced) -> serde_json::Value {
    json!({
        "name": account.name, "new": account.new, "sent": account.sending.sent,
        "drafted": account.sending.drafted, "cancelled": account.sending.cancelled,
        "failed": account.sending.failed, "deferred": account.sending.deferred, "unknown": account.sending.unknown,
        "error": account.error.as_ref().or(account.sending.trouble.as_ref()),
    })
}

fn text(call: &Call, workspace: &Workspace, synced: &Synced, waits: Counts, retried: &[OutboxRow]) -> String {
    let widest = synced.accounts.iter().map(|account| account.name.chars().count()).max().unwrap_or(0);
    let mut said = String::new();
    for account in &synced.accounts {
        let name = format!("{:widest$}", account.name);
        // what was read before it failed is told, what was not read is no "0"
        let unread = account.error.is_some() && account.new == 0;
        let mut parts = match unread {
            true => vec![call.look.tinted(Tint::Bad, "not read")],
            false => vec![counted(account.new, "new mail", "new mails")],
        };
        let sending = &account.sending;
        if sending.sent > 0 {
            parts.push(call.look.tinted(Tint::Good, &counted(sending.sent, "answer sent", "answers sent")));
        }
        if sending.drafted > 0 {
            parts.push(counted(sending.drafted, "answer put into Drafts", "answers put into Drafts"));
        }
        if sending.cancelled > 0 {
            parts.push(counted(
                sending.cancelled,
                "answer stopped at the last check",
                "answers stopped at the last check",
            ));
        }
        if sending.failed > 0 {
            parts.push(call.look.tinted(Tint::Warn, &counted(sending.failed, "answer refused", "answers refused")));
        }
        if sending.deferred > 0 {
            parts.push(counted(sending.deferred, "answer refused for now", "answers refused for now"));
        }
        if sending.unknown > 0 {
            let what = counted(sending.unknown, "answer of unknown fate", "answers of unknown fate");
            parts.push(call.look.tinted(Tint::Warn, &what));
        }
        if account.failed() && !unread {
            parts.push(call.look.tinted(Tint::Bad, "not all of it worked"));
        }
        said.push_str(&format!("{name}  {}\n", parts.join(", ")));
    }
    for row in retried {
        said.push_str(&retried_text(row, &workspace.config.timezone));
    }
    let kinds = [(waits.held, "mail", "mails"), (waits.proposals, "proposal", "proposals")];
    let waiting: Vec<String> =
        kinds.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| counted(*n as usize, one, many)).collect();
    if !waiting.is_empty() {
        let verb = if waits.held + waits.proposals == 1 { "waits" } else { "wait" };
        said.push_str(&format!("{} {verb} for your word: checkback review\n", waiting.join(" and ")));
    }
    if synced.unknown > 0 {
        said.push_str(
            "An earlier run ended while a mail was leaving; it is not sent again by machine.\n\
             checkback review asks what became of it.\n",
        );
    }
    said
}

/// A mail that was refused for now, and when it is tried again.
pub(super) fn retried_text(row: &OutboxRow, zone: &TimeZone) -> String {
    let at = row.due_at.to_zoned(zone.clone()).strftime("%a %-d %b, %H:%M");
    format!(
        "m{} to {} was refused for now; tried again {at}\n{}",
        row.id,
        row.recipient.address,
        look::hanging("    ", &row.because)
    )
}

pub(super) fn retried_json(row: &OutboxRow) -> serde_json::Value {
    json!({
        "item": format!("m{}", row.id), "to": row.recipient.address, "tries": row.attempts, "because": row.because,
        "due_at": row.due_at,
    })
}

/// A number and its noun.
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
