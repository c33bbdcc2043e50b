//! How the accounts stand, and what must wait for them.

use jiff::Timestamp;

use super::Workspace;
use crate::domain::policy;
use crate::store::health::{self, Health};
use crate::store::{StoreError, mailboxes, outbox};

/// Every account of the config, in its order.
///
/// # Errors
/// If the database fails.
pub fn accounts(workspace: &Workspace, now: Timestamp) -> Result<Vec<Health>, StoreError> {
    let names = workspace.config.accounts.iter().map(|account| account.name.as_str());
    health::accounts(workspace.store().read(), names, workspace.config.service.stale_after, now)
}

/// Why automatic mail that is due in an account has to wait for another account: what that one holds
/// may forbid it. The account's own reading is the gate's.
///
/// # Errors
/// If the database fails.
pub fn waits_for(workspace: &Workspace, name: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
    let accounts = accounts(workspace, now)?;
    let Some(stale) = accounts.iter().find(|other| other.stale && other.name != name) else { return Ok(None) };
    if !outbox::is_due(workspace.store().read(), name, true, now)? {
        return Ok(None);
    }
    Ok(Some(format!("nothing automatic leaves while the mailbox “{}” is not read: it may forbid it", stale.name)))
}

/// Why answers of an account wait that were not even written: another mailbox was never read, and whom the
/// user knows stands in its Sent folder.
///
/// # Errors
/// If the database fails.
pub fn waits_for_history(workspace: &Workspace, name: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
    let store = workspace.store();
    let since = now.checked_sub(policy::MAX_AGE).unwrap_or(Timestamp::MIN);
    let waiting = health::waiting_for_history(store.read(), name, since)?;
    if waiting == 0 {
        return Ok(None);
    }
    for account in &workspace.config.accounts {
        let known = mailboxes::account(store.read(), &account.name)?;
        if !known.is_some_and(|known| known.history_complete) {
            let mails = if waiting == 1 { "1 mail waits".to_owned() } else { format!("{waiting} mails wait") };
            return Ok(Some(format!(
                "{mails} for an answer until the mailbox “{}” was read: whom you know stands there",
                account.name
            )));
        }
    }
    Ok(None)
}

/// Whether something due stays unsent because a mailbox is stale, be it another, or its own can't be read.
///
/// # Errors
/// If the database fails.
pub fn is_stuck(workspace: &Workspace, accounts: &[Health], now: Timestamp) -> Result<bool, StoreError> {
    let any_stale = accounts.iter().any(|account| account.stale);
    for account in accounts {
        if any_stale && waits_for_history(workspace, &account.name, now)?.is_some() {
            return Ok(true);
        }
    }
    let store = workspace.store();
    for account in accounts.iter().filter(|account| any_stale || account.error.is_some()) {
        if outbox::is_due(store.read(), &account.name, false, now)? {
            return Ok(true);
        }
    }
    Ok(false)
}
