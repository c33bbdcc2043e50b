//! `status`: when each mailbox was last read, and what waits.

use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Call;
use super::look::{self, Column, Tint};
use super::sync::counted;
use crate::service::Workspace;
use crate::store::cases;
use crate::store::mailboxes::{self, AccountRow};
use crate::store::{outbox, reports, review};

/// Runs `status`. Exit code 4 if something due stays unsent because its mailbox is stale.
///
/// # Errors
/// If the config, the data folder or the database can't be used.
pub fn run(call: &Call) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let now = call.clock.now();
    let store = workspace.store();
    let conn = store.read();
    let mut accounts = Vec::new();
    let mut unreadable = Vec::new();
    let mut stuck = false;
    for account in &workspace.config.accounts {
        let row = mailboxes::account(conn, &account.name)?;
        let stale = is_stale(&workspace, row.as_ref(), now);
        stuck |= stale && outbox::is_due(conn, &account.name, now)?;
        unreadable.push(mailboxes::given_up(conn, &account.name)?);
        accounts.push((account.name.clone(), row, stale));
    }
    let counts = reports::outbox_counts(conn)?;
    let paused = cases::paused(conn, now)?;
    let waiting = review::waiting(conn)?.count();
    let value = json!({
        "accounts": accounts.iter().map(|(name, row, stale)| account_json(name, row.as_ref(), *stale)).collect::<Vec<_>>(),
        "outbox": reports::OUTBOX_STATES.iter()
            .map(|state| ((*state).to_owned(), json!(counts.get(*state).copied().unwrap_or(0))))
            .collect::<Map<String, Value>>(),
        "paused": paused.map(|until| json!({"until": until})),
    });
    call.say(&value, || {
        let mut said = accounts_text(call, &accounts, now);
        for ((name, ..), lost) in accounts.iter().zip(&unreadable).filter(|(_, lost)| **lost > 0) {
            let mails = counted(*lost as usize, "mail", "mails");
            said.push_str(&format!(
                "{name}: {mails} the server names but never hands out; look in your mail program\n"
            ));
        }
        let busy: Vec<String> = reports::OUTBOX_STATES
            .iter()
            .filter_map(|state| Some(format!("{} {state}", counts.get(*state).filter(|n| **n > 0)?)))
            .collect();
        let outbox = if busy.is_empty() { "empty".to_owned() } else { busy.join(", ") };
        said.push_str(&format!("\nOutbox   {outbox}\n"));
        if waiting > 0 {
            said.push_str(&format!("Waiting  {waiting} for your word: checkback review\n"));
        }
        match paused {
            Some(Some(until)) => said.push_str(&format!("Paused   until {until}: checkback resume ends it\n")),
            Some(None) => said.push_str("Paused   until you say: checkback resume\n"),
            None => {}
        }
        said
    })?;
    Ok(ExitCode::from(if stuck { 4 } else { 0 }))
}

/// Whether an account was never read, or not for too long.
pub(super) fn is_stale(workspace: &Workspace, row: Option<&AccountRow>, now: Timestamp) -> bool {
    let limit = workspace.config.service.stale_after;
    row.and_then(|row| row.last_read_at).is_none_or(|read| now.duration_since(read) > limit)
}

fn account_json(name: &str, row: Option<&AccountRow>, stale: bool) -> Value {
    json!({
        "name": name,
        "last_read_at": row.and_then(|row| row.last_read_at),
        "stale": stale,
        "error": row.and_then(|row| row.error.as_ref()),
        "history_complete": row.is_some_and(|row| row.history_complete),
    })
}

fn accounts_text(call: &Call, accounts: &[(String, Option<AccountRow>, bool)], now: Timestamp) -> String {
    const COLUMNS: [Column; 3] = [Column::left("account"), Column::left("last read"), Column::left("")];
    let rows: Vec<Vec<String>> = accounts
        .iter()
        .map(|(name, row, stale)| {
            let read = row.as_ref().and_then(|row| row.last_read_at);
            let when = read.map_or_else(|| "never".to_owned(), |at| look::relative(at, now));
            let error = row.as_ref().and_then(|row| row.error.clone());
            let note = match (error, stale) {
                (Some(error), _) => error,
                (None, true) if read.is_some() => "stale: nothing automatic leaves until it is read".to_owned(),
                (None, true) => "not opened yet: checkback sync".to_owned(),
                (None, false) => "up to date".to_owned(),
            };
            vec![name.clone(), when, note]
        })
        .collect();
    let table = call.look.table(&COLUMNS, &rows);
    if accounts.iter().any(|(_, _, stale)| *stale) { call.look.tinted(Tint::Warn, &table) } else { table }
}
