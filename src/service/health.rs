//! How the accounts stand, and what must wait for them.

use jiff::Timestamp;

use super::Workspace;
use crate::store::health::{self, Health};
use crate::store::{StoreError, outbox};

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

/// Whether something due stays unsent because a mailbox is stale, be it another, or its own can't be read.
///
/// # Errors
/// If the database fails.
pub fn is_stuck(workspace: &Workspace, accounts: &[Health], now: Timestamp) -> Result<bool, StoreError> {
    let store = workspace.store();
    let any_stale = accounts.iter().any(|account| account.stale);
    for account in accounts.iter().filter(|account| any_stale || account.error.is_some()) {
        if outbox::is_due(store.read(), &account.name, false, now)? {
            return Ok(true);
        }
    }
    Ok(false)
}
