//! `status`: when each mailbox was last read, and what waits.

use std::process::ExitCode;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::Call;
use super::look::{self, Column, Tint};
use super::sync::{counted, retried_json, retried_text};
use crate::domain::delivery::Errand;
use crate::service::health::{accounts as accounts_of, is_stuck};
use crate::store::health::{self, Health, paused_because};
use crate::store::outbox::{self, OutboxRow};
use crate::store::{cases, mailboxes, reports, review};

/// Runs `status`. Exit code 4 if something due stays unsent because its mailbox is stale.
///
/// # Errors
/// If the config, the data folder or the database can't be used.
pub fn run(call: &Call) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let now = call.clock.now();
    let accounts = accounts_of(&workspace, now)?;
    let stuck = is_stuck(&workspace, &accounts, now)?;
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
    let retried = outbox::retried(conn)?;
    let since = now.checked_sub(SHOWN).unwrap_or(Timestamp::MIN);
    let mut failed = outbox::in_state(conn, "failed")?;
    failed.retain(|row| row.errand != Errand::Digest && row.settled_at.is_some_and(|at| at >= since));
    failed.extend(health::returned(conn, since)?);
    let mut value = json!({
        "accounts": accounts.iter().map(account_json).collect::<Vec<_>>(),
        "outbox": reports::OUTBOX_STATES.iter()
            .map(|state| ((*state).to_owned(), json!(counts.get(*state).copied().unwrap_or(0))))
            .collect::<Map<String, Value>>(),
        "paused": paused.map(|until| json!({"until": until, "because": because})),
    });
    if let Some(fields) = value.as_object_mut() {
        let rows = |rows: &[OutboxRow]| rows.iter().map(retried_json).collect::<Value>();
        let lists = [("retried", &retried), ("failed", &failed)];
        fields
            .extend(lists.iter().filter(|(_, all)| !all.is_empty()).map(|(name, all)| ((*name).to_owned(), rows(all))));
    }
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
        for row in &retried {
            said.push('\n');
            said.push_str(&retried_text(row, &workspace.config.timezone));
        }
        for row in &failed {
            said.push_str(&failed_text(row, &workspace.config.timezone));
        }
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

/// How long a mail that was refused or came back is shown.
const SHOWN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A mail that was refused for good or came back, and what the server said.
fn failed_text(row: &OutboxRow, zone: &TimeZone) -> String {
    let at = row.settled_at.unwrap_or(row.decided_at).to_zoned(zone.clone()).strftime("%a %-d %b, %H:%M");
    let (what, why) = match row.state.as_str() {
        "sent" => ("came back", "returned as undeliverable"),
        _ => ("failed", row.because.as_str()),
    };
    format!("\nm{} to {} {what}, {at}\n{}", row.id, row.recipient.address, look::hanging("    ", why))
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
