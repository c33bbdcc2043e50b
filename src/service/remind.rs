//! Mail to the user: one calm mail a day, and one warning when a mailbox is not read any more. It needs
//! no gate; it is written after the mailboxes were read, or tried, so that it is fresh.

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Workspace, health};
use crate::app::daily::{DAILY, STALE};
use crate::config::Account;
use crate::domain::daily::Plan;
use crate::store::health::Health;
use crate::store::mailboxes::AccountRow;
use crate::store::outbox;
use crate::store::{StoreError, agenda, apply, found, mail_commands};

/// How long to wait for the first read after a sleep before looking again.
const READING: SignedDuration = SignedDuration::from_mins(1);

/// Writes the mails to the user for which it is time, and returns how many. To be called when the
/// mailboxes have been read, or tried: what is to be told is in the database then.
///
/// # Errors
/// If the database fails.
pub fn remind(workspace: &Workspace, now: Timestamp) -> anyhow::Result<usize> {
    let accounts = health::accounts(workspace, now)?;
    let Some((sender, account)) = sender(workspace, &accounts) else { return Ok(0) };
    let mut written = 0;
    for stale in accounts.iter().filter(|account| is_to_be_warned_of(account)) {
        written += usize::from(warn(workspace, stale, sender, account, now)?);
    }
    let Some(day) = plan(workspace).due(now, is_handled(workspace, &accounts, now)?) else { return Ok(written) };
    if accounts.iter().any(is_untried) {
        return Ok(written);
    }
    written += usize::from(write_daily(workspace, &accounts, day, (sender, account), now)?);
    Ok(written)
}

/// When [`remind`] may have something to write next; `None` if never. It may lie in the past.
///
/// # Errors
/// If the database fails.
pub fn next_at(workspace: &Workspace, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let accounts = health::accounts(workspace, now)?;
    if sender(workspace, &accounts).is_none() {
        return Ok(None);
    }
    let soon = now.saturating_add(READING).unwrap_or(now);
    let mut daily = plan(workspace).next_at(now, is_handled(workspace, &accounts, now)?);
    if accounts.iter().any(is_untried) {
        daily = daily.max(soon);
    }
    let after = workspace.config.service.stale_after.saturating_add(SignedDuration::from_secs(1));
    let stale = accounts.iter().filter(|account| account.warned_at.is_none()).filter_map(|account| {
        let stale_at = account.since?.checked_add(after).ok()?;
        // whether it is trouble or was a sleep, the next read shows
        Some(if is_untried(account) { stale_at.max(soon) } else { stale_at })
    });
    Ok(stale.chain([daily]).min())
}

/// Drops a daily mail that could not leave on its day: nobody plans yesterday, and two on one day are
/// one too many. What it told is told by the next one. Of one that may have left nobody asks any more. A
/// warning that could not leave goes when it is over.
///
/// # Errors
/// If the database fails.
pub fn drop_stale_mail(workspace: &Workspace, now: Timestamp) -> Result<(), StoreError> {
    let plan = plan(workspace);
    let today = plan.day(now);
    let digests = outbox::open_digests(workspace.store().read(), DAILY)?;
    for row in digests.iter().filter(|row| plan.day(row.decided_at) < today) {
        let (state, because) = match row.state.as_str() {
            "unknown" => ("sent", "taken as sent: its day is over"),
            _ => ("cancelled", "its day is over"),
        };
        workspace.store().write::<_, StoreError>(|tx| outbox::settle(tx, row, state, because, now))?;
    }
    let warnings = outbox::open_digests(workspace.store().read(), STALE)?;
    if !warnings.is_empty() && health::accounts(workspace, now)?.iter().all(|account| account.warned_at.is_none()) {
        for row in warnings.iter().filter(|row| row.state == "queued") {
            let because = "the mailbox is read again";
            workspace.store().write::<_, StoreError>(|tx| outbox::settle(tx, row, "cancelled", because, now))?;
        }
    }
    Ok(())
}

/// Hands mail to the user that an account can't send to the next account, in the order of the config.
///
/// # Errors
/// If the database fails.
pub fn pass_on(workspace: &Workspace, from: &AccountRow, now: Timestamp) -> Result<(), StoreError> {
    let accounts = health::accounts(workspace, now)?;
    let at = accounts.iter().position(|account| account.name == from.name).unwrap_or(0);
    let others = accounts.iter().cycle().skip(at + 1).take(accounts.len().saturating_sub(1));
    let Some((next, to)) = others.filter(|other| other.limited_until.is_none()).find_map(|o| Some((o, o.account?)))
    else {
        return Ok(());
    };
    let Some(config) = workspace.config.accounts.iter().find(|account| account.name == next.name) else {
        return Ok(());
    };
    let moved =
        workspace.store().write::<_, StoreError>(|tx| outbox::hand_digests_over(tx, from.id, to, &config.email))?;
    if moved > 0 {
        tracing::info!(from = from.name, to = next.name, "Mail to the user goes out by another account");
    }
    Ok(())
}

fn plan(workspace: &Workspace) -> Plan {
    Plan { at: workspace.config.reminders.at, zone: workspace.config.timezone.clone() }
}

/// The first account that can send, as far as is known; `None` if mail to the user is switched off, or
/// nothing was opened yet.
fn sender<'a>(workspace: &'a Workspace, accounts: &[Health]) -> Option<(&'a Account, i64)> {
    if !workspace.config.reminders.mail {
        return None;
    }
    // where reading fails, sending often fails too
    let doubt = |account: &&Health| (account.limited_until.is_some(), account.stale);
    let chosen = accounts.iter().filter(|account| account.account.is_some()).min_by_key(doubt)?;
    let config = workspace.config.accounts.iter().find(|account| account.name == chosen.name)?;
    Some((config, chosen.account?))
}

/// Stale and not even tried since: the computer slept. It is no trouble until a read failed.
fn is_untried(account: &Health) -> bool {
    account.stale && account.error.is_none()
}

fn is_to_be_warned_of(account: &Health) -> bool {
    account.stale && account.error.is_some() && account.warned_at.is_none()
}

/// Whether today is done. So is the day on which the first account was opened after the moment: that mail
/// begins with the next morning.
fn is_handled(workspace: &Workspace, accounts: &[Health], now: Timestamp) -> Result<bool, StoreError> {
    let plan = plan(workspace);
    let today = plan.day(now);
    if accounts.iter().filter_map(|account| account.opened_at).min().is_some_and(|opened| opened > plan.moment(today)) {
        return Ok(true);
    }
    let start = |day: Date| day.to_zoned(plan.zone.clone()).map_or(now, |start| start.timestamp());
    let tomorrow = today.tomorrow().unwrap_or(today);
    agenda::is_handled(workspace.store().read(), today, start(today), start(tomorrow))
}

fn warn(
    workspace: &Workspace,
    stale: &Health,
    sender: &Account,
    account: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let limit = workspace.config.service.stale_after;
    if stale.since.is_none_or(|since| now.duration_since(since) <= limit) {
        return Ok(false);
    }
    let mail = workspace.app().stale_mail(stale, sender, account, now);
    workspace.store().write(|tx| {
        apply::warned(tx, &stale.name, now)?;
        Ok(apply::write_mail(tx, &mail, now)?.is_some())
    })
}

/// Writes the mail of the day, unless there is nothing to say. Either way the day is done. After a
/// restored backup the mail may lie in the mailbox already.
fn write_daily(
    workspace: &Workspace,
    accounts: &[Health],
    day: Date,
    (sender, account): (&Account, i64),
    now: Timestamp,
) -> anyhow::Result<bool> {
    let app = workspace.app();
    let mut store = workspace.store();
    let mut daily = app.daily(&store, accounts, now).context("gathering the daily mail")?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    daily.answering = app.answering(sender, seed);
    let mail = app.daily_mail(&daily, sender, account)?;
    let is_there = found::by_id(store.read(), &mail.message_id)?.is_some();
    let wanted = daily.has_news() && !is_there;
    let written = store.write::<_, StoreError>(|tx| {
        apply::handled_day(tx, day)?;
        let row = if wanted { apply::write_mail(tx, &mail, now)? } else { None };
        if let Some(row) = row {
            apply::told(tx, row, &daily.told)?;
            mail_commands::told(tx, row, &daily.told_refused)?;
            app.offer(tx, row, &daily)?;
        }
        Ok(row.is_some())
    })?;
    Ok(written)
}
