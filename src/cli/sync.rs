//! `sync`: read, decide, gate, send all that is due, again until nothing is new, exit.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::look::Tint;
use super::{Call, Usage};
use crate::domain::duration::Span;
use crate::service::command::{Command, Outcome, Turn};
use crate::service::sync::{self, AccountSynced, Synced};

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
    let held = crate::store::reports::outbox_counts(workspace.store().read())?.get("held").copied().unwrap_or(0);
    let rows: Vec<_> = synced.accounts.iter().map(to_json).collect();
    call.say(&json!({"accounts": rows, "held": held, "unknown": synced.unknown}), || text(call, &synced, held))?;
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

fn text(call: &Call, synced: &Synced, held: u32) -> String {
    let widest = synced.accounts.iter().map(|account| account.name.chars().count()).max().unwrap_or(0);
    let mut said = String::new();
    for account in &synced.accounts {
        let name = format!("{:widest$}", account.name);
        let mut parts = vec![counted(account.new, "new mail", "new mails")];
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
        if account.failed() {
            parts.push(call.look.tinted(Tint::Bad, "not all of it worked"));
        }
        said.push_str(&format!("{name}  {}\n", parts.join(", ")));
    }
    if held > 0 {
        let waits = counted(held as usize, "mail waits", "mails wait");
        said.push_str(&format!("{waits} for your word: checkback review\n"));
    }
    if synced.unknown > 0 {
        said.push_str(
            "An earlier run ended while a mail was leaving; it is not sent again by machine.\n\
             checkback review asks what became of it.\n",
        );
    }
    said
}

/// A number and its noun.
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
