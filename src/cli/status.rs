//! `status`: when each mailbox was last read, and what waits.

use std::process::ExitCode;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::Call;
use super::look::{self, Column, Tint};
use super::sync::counted;
use crate::service::health;
use crate::store::health::{Health, paused_because};
use crate::store::{cases, mailboxes, reports, review};

/// Runs `status`. Exit code 4 if something due stays unsent because its mailbox is stale.
///
/// # Errors
/// If the config, the data folder or the database can't be used.
pub fn run(call: &Call) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let now = call.clock.now();
    let accounts = health::accounts(&workspace, now)?;
    let stuck = health::is_stuck(&workspace, &accounts, now)?;
    let store = workspace.store();
    let conn = store.read();
    let mut unreadable = Vec::new();
    for account in &accounts {
        unreadable.push(mailboxes::given_up(conn, &account.name)?);
    }
    let counts = reports::outbox_counts(conn)?;
    let paused = cases::paused(conn, now)?;
    let because = paused.and(paused_because(conn)?);
    let waiting = review::counts(conn)?.sum();
    let value = json!({
        "accounts": accounts.iter().map(account_json).collect::<Vec<_>>(),
        "outbox": reports::OUTBOX_STATES.iter()
            .map(|state| ((*state).to_owned(), json!(counts.get(*state).copied().unwrap_or(0))))
            .collect::<Map<String, Value>>(),
        "paused": paused.map(|until| json!({"until": until, "because": because})),
    });
    call.say(&value, || {
        let mut said = accounts_text(call, &workspace.config.timezone, &accounts, now);
        for (account, lost) in accounts.iter().zip(&unreadable).filter(|(_, lost)| **lost > 0) {
            let mails = counted(*lost as usize, "mail", "mails");
            let name = &account.name;
            said.push_str(&format!("\n{name}: the server names {mails} that it never hands out\n"));
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
        if let Some(because) = &because {
            said.push_str(&format!("Breaker  {}\n", look::clean(because)));
        }
        match paused {
            Some(Some(until)) => {
                let until = until.to_zoned(workspace.config.timezone.clone()).strftime("%a %-d %b %Y, %H:%M");
                said.push_str(&format!("Paused   until {until}: checkback resume ends it\n"));
            }
            Some(None) => said.push_str("Paused   until you say: checkback resume\n"),
            None => {}
        }
        said
    })?;
    Ok(ExitCode::from(if stuck { 4 } else { 0 }))
}

fn account_json(account: &Health) -> Value {
    let mut value = json!({
        "name": account.name,
        "last_read_at": account.last_read_at,
        "stale": account.stale,
        "error": account.error,
        "history_complete": account.history_complete,
    });
    if let (Some(fields), Some(until)) = (value.as_object_mut(), account.limited_until) {
        fields.insert("limited_until".to_owned(), json!(until));
    }
    value
}

fn accounts_text(call: &Call, zone: &TimeZone, accounts: &[Health], now: Timestamp) -> String {
    const COLUMNS: [Column; 3] = [Column::left("account"), Column::left("last read"), Column::left("")];
    let rows: Vec<Vec<String>> = accounts
        .iter()
        .map(|account| {
            let when = account.last_read_at.map_or_else(|| "never".to_owned(), |at| look::relative(at, now));
            let note = match (account.stale, &account.error) {
                (_, Some(_)) if !account.stale => "the last read failed",
                (false, _) => "up to date",
                (true, None) if account.last_read_at.is_none() => "not opened yet: checkback sync",
                (true, _) => "stale: nothing automatic leaves until it is read",
            };
            vec![account.name.clone(), when, note.to_owned()]
        })
        .collect();
    let table = call.look.table(&COLUMNS, &rows);
    let wrong = accounts.iter().any(|account| account.stale);
    let mut said = if wrong { call.look.tinted(Tint::Warn, &table) } else { table };
    for account in accounts {
        if let Some(error) = &account.error {
            said.push_str(&call.look.tinted(Tint::Bad, &format!("\n{}: {}\n", account.name, look::clean(error))));
        }
        if let Some(until) = account.limited_until {
            let until = until.to_zoned(zone.clone()).strftime("%a %-d %b, %H:%M");
            said.push_str(&format!("\n{}: the provider takes no more mail until {until}\n", account.name));
        }
    }
    said
}
