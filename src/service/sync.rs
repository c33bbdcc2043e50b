//! `sync`: read, decide, gate, send all that is due, again until nothing is new.

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::send::{self, Sending};
use super::watch::{AccountRead, Link, ReadError};
use super::{Workspace, follow_up, remind};
use crate::store::{StoreError, apply, outbox};

/// Rounds after which `sync` ends although something is still new: a mailbox that never rests.
const MAX_ROUNDS: usize = 20;

/// What one `sync` did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synced {
    /// One for each account.
    pub accounts: Vec<AccountSynced>,
    /// Mails of unknown fate after a crash.
    pub unknown: usize,
}

/// What one `sync` did for one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSynced {
    /// Its name.
    pub name: String,
    /// Mails that were new.
    pub new: usize,
    /// What was sent.
    pub sending: Sending,
    /// Why it could not be read.
    pub error: Option<String>,
    /// Something due stayed unsent because the mailbox could not be read.
    pub due_unsent: bool,
}

impl AccountSynced {
    /// Whether something of the account failed.
    pub fn failed(&self) -> bool {
        self.error.is_some() || self.sending.trouble.is_some()
    }
}

impl Synced {
    /// The exit code of product §5, first that applies: 4, 1, 3, 0.
    pub fn exit_code(&self) -> u8 {
        let failed = self.accounts.iter().filter(|account| account.failed()).count();
        match failed {
            _ if self.accounts.iter().any(|account| account.due_unsent) => 4,
            0 => 0,
            n if n == self.accounts.len() => 1,
            _ => 3,
        }
    }
}

/// Runs one `sync`; the caller holds the lock. `backfill`: mail from before the first start that the
/// server got within this time is judged too.
///
/// # Errors
/// If the database fails. Trouble with a server is noted on its account; the others go on.
pub async fn sync(workspace: &Workspace, backfill: Option<SignedDuration>) -> anyhow::Result<Synced> {
    let now = workspace.clock.now();
    let unknown = workspace.store().write::<_, StoreError>(|tx| outbox::recover(tx, now))?;
    let mut links: Vec<Link<'_>> =
        workspace.config.accounts.iter().map(|account| Link::new(workspace, account)).collect();
    let mut synced = Synced { unknown, ..Synced::default() };
    synced.accounts = links
        .iter()
        .map(|link| AccountSynced { name: link.account.name.clone(), ..AccountSynced::default() })
        .collect();
    for round in 0..MAX_ROUNDS {
        let first = round == 0;
        if !pass(workspace, &mut links, &mut synced, first.then_some(backfill).flatten()).await? {
            break;
        }
    }
    for link in links {
        link.close().await;
    }
    note_due(workspace, &mut synced)?;
    Ok(synced)
}

/// One round over all accounts. Whether another is needed.
async fn pass(
    workspace: &Workspace,
    links: &mut [Link<'_>],
    synced: &mut Synced,
    backfill: Option<SignedDuration>,
) -> anyhow::Result<bool> {
    for (link, account) in links.iter_mut().zip(&mut synced.accounts) {
        send_asked(link, account).await?;
    }
    // a sending server that is down is no reason not to read
    let live = links.iter_mut().zip(&synced.accounts).filter(|(_, account)| account.error.is_none());
    let reads = join_all(live.map(|(link, account)| async { (account.name.clone(), link.read().await) })).await;
    let mut again = false;
    for (name, read) in reads {
        let Some(account) = synced.accounts.iter_mut().find(|account| account.name == name) else { continue };
        again |= note_read(account, read)?;
    }
    if let Some(backfill) = backfill {
        judge_since(workspace, backfill)?;
    }
    workspace.app().consider(&mut workspace.store(), workspace.clock.now(), |_| {})?;
    follow_up::plan_due(workspace)?;
    for (link, account) in links.iter_mut().zip(&mut synced.accounts) {
        if account.failed() {
            continue;
        }
        again |= hand_out(link, account).await?;
    }
    if remind::remind(workspace, workspace.clock.now())? > 0 {
        for (link, account) in links.iter_mut().zip(&mut synced.accounts) {
            send_asked(link, account).await?;
        }
    }
    Ok(again)
}

/// Sends what a person asked for, unless the sending server failed in this run.
pub(super) async fn send_asked(link: &mut Link<'_>, account: &mut AccountSynced) -> anyhow::Result<()> {
    if account.sending.trouble.is_none() {
        let sending = send::send_asked(link).await?;
        account.new += sending.read;
        account.error = sending.unread.clone().or(account.error.take());
        add(&mut account.sending, sending);
    }
    Ok(())
}

/// Notes what a read came to. Whether it brought anything.
pub(super) fn note_read(account: &mut AccountSynced, read: Result<AccountRead, ReadError>) -> anyhow::Result<bool> {
    match read {
        Ok(read) => {
            account.new += read.new;
            Ok(read.new > 0)
        }
        Err(ReadError::Store(error)) => Err(error.into()),
        Err(error) => {
            account.error = Some(error.to_string());
            Ok(false)
        }
    }
}

/// Has mail from before the first start judged too, if the server got it within this time.
pub(super) fn judge_since(workspace: &Workspace, backfill: SignedDuration) -> Result<usize, StoreError> {
    let since = workspace.clock.now().checked_sub(backfill).unwrap_or(Timestamp::MIN);
    workspace.store().write::<_, StoreError>(|tx| apply::backfill(tx, since))
}

/// After a read and what followed from it: mail of unknown fate, what is due, copies in Sent. Whether
/// anything changed by it.
pub(super) async fn hand_out(link: &mut Link<'_>, account: &mut AccountSynced) -> anyhow::Result<bool> {
    send::resolve_unknown(link)?;
    let sending = send::send_due(link).await?;
    let again = sending.sent + sending.drafted + sending.cancelled + sending.read > 0;
    account.new += sending.read;
    account.error = sending.unread.clone().or(account.error.take());
    add(&mut account.sending, sending);
    match send::copy_to_sent(link).await {
        Ok(()) => {}
        Err(ReadError::Store(error)) => return Err(error.into()),
        Err(error) => account.error = Some(format!("the copy in Sent is still due: {error}")),
    }
    Ok(again)
}

/// Puts what a further round did to what the rounds before it did.
pub(super) fn join(total: &mut AccountSynced, more: AccountSynced) {
    total.new += more.new;
    add(&mut total.sending, more.sending);
    total.error = more.error.or(total.error.take());
    total.due_unsent |= more.due_unsent;
}

fn add(total: &mut Sending, more: Sending) {
    total.sent += more.sent;
    total.drafted += more.drafted;
    total.cancelled += more.cancelled;
    total.read += more.read;
    total.unread = more.unread.or(total.unread.take());
    total.waits = more.waits.or(total.waits.take());
    total.failed += more.failed;
    total.deferred += more.deferred;
    total.unknown += more.unknown;
    total.trouble = more.trouble.or(total.trouble.take());
    total.sign_in_refused |= more.sign_in_refused;
}

/// Notes what is due and stays because its mailbox can't be read.
pub(super) fn note_due(workspace: &Workspace, synced: &mut Synced) -> Result<(), StoreError> {
    let now = workspace.clock.now();
    let store = workspace.store();
    for account in &mut synced.accounts {
        let unread = account.error.is_some() || account.sending.waits.is_some();
        account.due_unsent = unread && outbox::is_due(store.read(), &account.name, false, now)?;
    }
    Ok(())
}
