//! Sending: claim what is due, read the mailbox, judge each mail once more, then speak SMTP in two
//! phases. What may have been handed out is never handed out again.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};

use super::watch::Link;
use super::{Workspace, breaker, health, remind};
use crate::app::{App, AppError, GATE_SERVES, OnServer, Passage};
use crate::config::Mode;
use crate::domain::delivery::{self, Errand, Next, SendOutcome};
use crate::mail::imap::Role;
use crate::mail::smtp::{self, SmtpError, SmtpSession};
use crate::store::cases::StoredMail;
use crate::store::outbox::{self, Group, OutboxRow};
use crate::store::{StoreError, apply, mailboxes};

mod append;

pub use append::copy_to_sent;

/// How long a Sent folder that the server fills may lag before a mail of unknown fate counts as lost.
const GRACE: SignedDuration = SignedDuration::from_mins(15);

/// What is noted of a draft.
const IN_DRAFTS: &str = "waits in Drafts";

/// What one pass did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// Taken by the server; mail to the user itself is not counted.
    pub sent: usize,
    /// Put into Drafts.
    pub drafted: usize,
    /// Stopped at the gate.
    pub cancelled: usize,
    /// Refused for good.
    pub failed: usize,
    /// Refused for now: tried again later.
    pub deferred: usize,
    /// Perhaps taken, perhaps not: looked for, never sent again blindly.
    pub unknown: usize,
    /// Mails that new reading brought in.
    pub read: usize,
    /// Something due stays because the mailbox can't be read.
    pub unread: Option<String>,
    /// Something due waits for another mailbox to be read.
    pub waits: Option<String>,
    /// Something due stays because the sending server can't be used.
    pub trouble: Option<String>,
    /// That trouble is a wrong user name or password: not to be tried again and again.
    pub sign_in_refused: bool,
}

/// Why a pass ended early.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The door or the database.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for SendError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Sends what a person asked for by itself and what goes to the user. It needs no gate and heeds no pause, and
/// leaves even while the mailbox can't be read, unless it waited so long that it may have left before.
///
/// # Errors
/// If the database fails. Trouble with the servers is part of the result.
pub async fn send_asked(link: &mut Link<'_>) -> Result<Sending, SendError> {
    let workspace = link.workspace();
    let mut done = Sending::default();
    let Some(account) = mailboxes::account(workspace.store().read(), &link.account.name)? else { return Ok(done) };
    let now = workspace.clock.now();
    remind::drop_stale_mail(workspace, now)?;
    let rows = workspace.store().write::<_, StoreError>(|tx| outbox::claim(tx, account.id, Group::ByRequest, now))?;
    if rows.is_empty() {
        return Ok(done);
    }
    let (waited, mut rows): (Vec<OutboxRow>, Vec<OutboxRow>) =
        rows.into_iter().partition(|row| now.duration_since(row.decided_at) > GRACE);
    rows.extend(not_sent_before(link, waited, now, &mut done).await?);
    let now = workspace.clock.now();
    let app = workspace.app();
    let mut failed = 0;
    let cleared = workspace.store().write::<_, AppError>(|tx| {
        let mut cleared = Vec::new();
        for row in rows {
            failed += usize::from(!clear(&app, tx, row, now, &mut cleared)?);
        }
        Ok(cleared)
    })?;
    done.failed += failed;
    hand_over(link, cleared, None, &mut done).await?;
    if done.trouble.is_some() {
        remind::pass_on(workspace, &account, now)?;
    }
    Ok(done)
}

/// Sends behind the gate everything that is due for one account: what the machine writes to others, and
/// follow-ups that a person said to send, which no pause and no other mailbox keeps.
///
/// # Errors
/// If the database fails. Trouble with the servers is part of the result.
pub async fn send_due(link: &mut Link<'_>) -> Result<Sending, SendError> {
    let workspace = link.workspace();
    let mut done = Sending::default();
    let Some(account) = mailboxes::account(workspace.store().read(), &link.account.name)? else { return Ok(done) };
    let now = workspace.clock.now();
    let paused = breaker::check(workspace, now)?;
    done.waits = if paused { None } else { health::waits_for(workspace, &account.name, now)? };
    let automatic = !paused && done.waits.is_none();
    let rows = workspace.store().write::<_, StoreError>(|tx| {
        let mut rows = outbox::claim(tx, account.id, Group::ByWord, now)?;
        if automatic {
            rows.extend(outbox::claim(tx, account.id, Group::Automatic, now)?);
        }
        Ok(rows)
    })?;
    if rows.is_empty() {
        return Ok(done);
    }
    // the read begins after the claim: what it shows is newer than the decision to send
    match link.read().await {
        Ok(read) => done.read = read.new,
        Err(error) => {
            release(workspace, &rows, now, "the mailbox could not be read")?;
            done.unread = Some(error.to_string());
            return Ok(done);
        }
    }
    let gate_ended = workspace.clock.now();
    workspace.app().consider(&mut workspace.store(), gate_ended, |_| {})?;
    let cleared = pass_gate(workspace, &rows, gate_ended, &mut done)?;
    hand_over(link, cleared, Some(gate_ended), &mut done).await?;
    Ok(done)
}

/// Looks for mails of unknown fate on the server, once it has been read.
///
/// # Errors
/// If the database fails.
pub fn resolve_unknown(link: &Link<'_>) -> Result<usize, SendError> {
    let workspace = link.workspace();
    let now = workspace.clock.now();
    let mut store = workspace.store();
    let Some(account) = mailboxes::account(store.read(), &link.account.name)? else { return Ok(0) };
    let unknown = outbox::in_state(store.read(), "unknown")?;
    let mut resolved = 0;
    for row in unknown.into_iter().filter(|row| row.account_id == account.id) {
        let settled = row.settled_at.unwrap_or(now);
        let read_since = account.last_read_at.is_some_and(|read| read > settled);
        if let OnServer::Left(mail) = workspace.app().on_server(store.read(), &row)? {
            store.write::<_, AppError>(|tx| found(&workspace.app(), tx, &row, &mail, settled))?;
            resolved += 1;
        } else if link.account.server_makes_copies()
            && link.sees_copies()
            && read_since
            && now.duration_since(settled) > GRACE
        {
            store.write::<_, StoreError>(|tx| {
                outbox::requeue(tx, &row, now, false, "the server has no copy, so it never took it")
            })?;
            resolved += 1;
        }
    }
    Ok(resolved)
}

/// A mail that was found on the server left, whatever was noted of it.
fn found(
    app: &App<'_>,
    tx: &Transaction<'_>,
    row: &OutboxRow,
    mail: &StoredMail,
    left_at: Timestamp,
) -> Result<(), AppError> {
    outbox::settle(tx, row, "sent", "found on the server", left_at)?;
    outbox::set_copy(tx, row.id, "server")?;
    apply::note_alias(tx, &row.message_id, mail.id)?;
    app.left(tx, row, left_at)
}

/// What waited long may have left before: a backup that was restored knows nothing of it. So Sent is read
/// first, and what lies there is not sent again. Gives back what may leave.
async fn not_sent_before(
    link: &mut Link<'_>,
    waited: Vec<OutboxRow>,
    now: Timestamp,
    done: &mut Sending,
) -> Result<Vec<OutboxRow>, SendError> {
    if waited.is_empty() {
        return Ok(waited);
    }
    let workspace = link.workspace();
    match link.read().await {
        Ok(read) => done.read = read.new,
        Err(error) => {
            release(workspace, &waited, now, "it waited long, and Sent cannot be read to see whether it left before")?;
            done.unread = Some(error.to_string());
            return Ok(Vec::new());
        }
    }
    let app = workspace.app();
    app.consider(&mut workspace.store(), now, |_| {})?;
    let rest = workspace.store().write::<_, AppError>(|tx| {
        let mut rest = Vec::new();
        for claimed in waited {
            let Some(row) = outbox::get(tx, claimed.id)?.filter(|row| row.state == "claimed") else { continue };
            match app.on_server(tx, &row)? {
                OnServer::Left(mail) => found(&app, tx, &row, &mail, mail.at)?,
                // a draft is looked for once more before it is put there
                OnServer::Draft | OnServer::Nothing => rest.push(row),
            }
        }
        Ok(rest)
    })?;
    Ok(rest)
}

/// Judges every claimed mail on what the read has shown and renders what may leave, in one
/// transaction.
fn pass_gate(
    workspace: &Workspace,
    rows: &[OutboxRow],
    now: Timestamp,
    done: &mut Sending,
) -> Result<Vec<OutboxRow>, SendError> {
    let app = workspace.app();
    let (mut cancelled, mut failed) = (0, 0);
    let cleared = workspace.store().write::<_, AppError>(|tx| {
        let mut cleared = Vec::new();
        for claimed in rows {
            // read again: the user may have answered, which cancels it
            let Some(mut row) = outbox::get(tx, claimed.id)?.filter(|row| row.state == "claimed") else { continue };
            if row.errand == Errand::Answer && workspace.config.auto_reply.mode == Mode::Draft {
                // switched to drafts since it was decided: the stricter of both holds
                row.mode = "draft".to_owned();
            }
            match app.on_server(tx, &row)? {
                OnServer::Nothing => {}
                OnServer::Draft => {
                    outbox::settle(tx, &row, "drafted", IN_DRAFTS, now)?;
                    continue;
                }
                OnServer::Left(mail) => {
                    found(&app, tx, &row, &mail, mail.at)?;
                    continue;
                }
            }
            match app.gate(tx, &row, now)? {
                Passage::Go => failed += usize::from(!clear(&app, tx, row, now, &mut cleared)?),
                // unless it went back by itself, with other words
                Passage::Wait { until, because }
                    if outbox::get(tx, row.id)?.is_some_and(|now| now.state == "claimed") =>
                {
                    outbox::requeue(tx, &row, until, false, &because)?;
                }
                Passage::Wait { .. } => {}
                Passage::Cancel { because, rules } => {
                    outbox::settle(tx, &row, "cancelled", &because, now)?;
                    app.called_back(tx, &row, &rules, now)?;
                    cancelled += 1;
                }
            }
        }
        Ok(cleared)
    })?;
    done.cancelled += cancelled;
    done.failed += failed;
    Ok(cleared)
}

/// Renders a mail that may leave, once, and keeps the bytes for every further try. One mail that can't
/// be written must not keep the others: it fails, and `false` says so.
fn clear(
    app: &App<'_>,
    tx: &Transaction<'_>,
    mut row: OutboxRow,
    now: Timestamp,
    cleared: &mut Vec<OutboxRow>,
) -> Result<bool, AppError> {
    if row.bytes.is_none() {
        match app.render(&row, now) {
            Ok(bytes) => {
                outbox::rendered(tx, row.id, &bytes)?;
                row.bytes = Some(bytes);
            }
            Err(error) => {
                outbox::settle(tx, &row, "failed", &error.to_string(), now)?;
                return Ok(false);
            }
        }
    }
    cleared.push(row);
    Ok(true)
}

async fn hand_over(
    link: &mut Link<'_>,
    cleared: Vec<OutboxRow>,
    gate_ended: Option<Timestamp>,
    done: &mut Sending,
) -> Result<(), SendError> {
    let (drafts, mails): (Vec<OutboxRow>, Vec<OutboxRow>) = cleared.into_iter().partition(|row| row.mode == "draft");
    put_drafts(link, &drafts, done).await?;
    send_all(link, &mails, gate_ended, done).await
}

/// `gate_ended`: when the read ended that lets these mails leave; `None` for mail without a gate.
async fn send_all(
    link: &mut Link<'_>,
    rows: &[OutboxRow],
    gate_ended: Option<Timestamp>,
    done: &mut Sending,
) -> Result<(), SendError> {
    let workspace = link.workspace();
    if rows.is_empty() {
        return Ok(());
    }
    let mut session = match connect(link).await {
        Ok(session) => session,
        Err((why, sign_in_refused)) => {
            // nothing was offered to anybody: due as before, for when the server can be used again
            done.sign_in_refused = sign_in_refused;
            release(workspace, rows, workspace.clock.now(), &why)?;
            done.trouble = Some(why);
            return Ok(());
        }
    };
    for (index, row) in rows.iter().enumerate() {
        let now = workspace.clock.now();
        if is_too_old(gate_ended, now) {
            // the read is too old for the rest: they pass a new gate in the next round
            release(workspace, rows.get(index..).unwrap_or_default(), now, "waits for a fresh read")?;
            break;
        }
        let outcome = send_one(workspace, &mut session, row, gate_ended).await?;
        let broke = matches!(outcome, SendOutcome::Unknown { .. } | SendOutcome::NotSent { .. });
        let limited = settle(link, row, &outcome, done)?;
        let rest = rows.get(index + 1..).unwrap_or_default();
        if let Some(until) = limited {
            release(workspace, rest, until, "the provider lets this account send no more for now")?;
            break;
        }
        if broke {
            release(workspace, rest, now, "the connection broke")?;
            return Ok(());
        }
        if rest.iter().any(|row| row.errand.is_automatic()) && breaker::check(workspace, now)? {
            release(workspace, rest, now, "everything automatic is paused")?;
            break;
        }
    }
    session.quit().await;
    Ok(())
}

/// A session, or why there is none and whether the sign-in was refused.
async fn connect(link: &Link<'_>) -> Result<SmtpSession, (String, bool)> {
    let workspace = link.workspace();
    let password = link.password().await.map_err(|why| (why, false))?;
    smtp::connect(&link.account.smtp, Some((&link.account.auth.username, &password)), workspace.limits)
        .await
        .map_err(|error| (error.to_string(), matches!(error, SmtpError::SignIn { .. })))
}

/// Whether the gate's read no longer serves; a clock that was set back makes it so too.
fn is_too_old(gate_ended: Option<Timestamp>, now: Timestamp) -> bool {
    gate_ended.is_some_and(|ended| now.duration_since(ended).abs() > GATE_SERVES)
}

/// One mail: MAIL, RCPT, DATA; after the 354 the database says `sending`, and only then the first
/// byte of the body goes out. A server that hesitated until the read grew old gets no body.
async fn send_one(
    workspace: &Workspace,
    session: &mut SmtpSession,
    row: &OutboxRow,
    gate_ended: Option<Timestamp>,
) -> Result<SendOutcome, SendError> {
    if let Err(error) = session.begin(&row.sender.address, &row.recipient.address).await {
        return Ok(error.into());
    }
    if is_too_old(gate_ended, workspace.clock.now()) {
        return Ok(SendOutcome::NotSent {
            why: "the server hesitated until the read of the mailbox was too old".into(),
        });
    }
    let ours = workspace.store().write::<_, StoreError>(|tx| outbox::sending(tx, row.id))?;
    if !ours {
        return Ok(SendOutcome::NotSent { why: "it was cancelled at the last moment".into() });
    }
    let bytes = row.bytes.as_deref().unwrap_or_default();
    Ok(session.body(bytes).await)
}

/// Turns an outcome into the row's next state. The time until which the provider takes no more, if it
/// says so.
fn settle(
    link: &Link<'_>,
    row: &OutboxRow,
    outcome: &SendOutcome,
    done: &mut Sending,
) -> Result<Option<Timestamp>, SendError> {
    let workspace = link.workspace();
    let now = workspace.clock.now();
    let next = delivery::next(outcome, row.attempts + 1, now);
    let why = outcome.to_string();
    workspace.store().write::<_, AppError>(|tx| {
        let Some(row) = outbox::get(tx, row.id)? else { return Ok(()) };
        match &next {
            Next::Sent => {
                outbox::settle(tx, &row, "sent", &why, now)?;
                outbox::set_copy(tx, row.id, workspace.app().copy_of(link.account, &row))?;
                workspace.app().left(tx, &row, now)?;
                done.sent += usize::from(row.errand != Errand::Digest);
            }
            Next::RetryAt(at) => {
                outbox::requeue(tx, &row, *at, true, &why)?;
                match outcome {
                    SendOutcome::NotSent { .. } => done.trouble = Some(why.clone()),
                    _ => done.deferred += 1,
                }
            }
            Next::LimitReached { until } => {
                outbox::requeue(tx, &row, *until, true, &why)?;
                mailboxes::limited(tx, row.account_id, *until)?;
                crate::store::apply::journal(tx, now, "limit", row.message_id.as_str(), &why)?;
                done.trouble = Some(format!("the provider lets this account send no more for now: {why}"));
            }
            Next::Failed { reason, policy } => {
                outbox::settle(tx, &row, "failed", reason, now)?;
                if *policy {
                    outbox::refused_by_policy(tx, row.id)?;
                }
                done.failed += 1;
            }
            Next::Unknown => {
                outbox::settle(tx, &row, "unknown", &why, now)?;
                done.unknown += 1;
            }
        }
        Ok(())
    })?;
    Ok(match next {
        Next::LimitReached { until } => Some(until),
        _ => None,
    })
}

async fn put_drafts(link: &mut Link<'_>, rows: &[OutboxRow], done: &mut Sending) -> Result<(), SendError> {
    let workspace = link.workspace();
    for (index, row) in rows.iter().enumerate() {
        let still = outbox::get(workspace.store().read(), row.id)?.is_some_and(|now| now.state == "claimed");
        if !still {
            continue;
        }
        let bytes = row.bytes.clone().unwrap_or_default();
        let put = match link.folder_or_create(Role::Drafts, "Drafts").await {
            Ok(folder) => append::append_once(link, &folder, row, &bytes, "\\Draft").await,
            Err(error) => Err(error),
        };
        let now = workspace.clock.now();
        match put {
            Ok(()) => {
                workspace.store().write::<_, StoreError>(|tx| outbox::settle(tx, row, "drafted", IN_DRAFTS, now))?;
                done.drafted += 1;
            }
            Err(error) => {
                release(workspace, rows.get(index..).unwrap_or_default(), now, &error.to_string())?;
                done.trouble = Some(error.to_string());
                return Ok(());
            }
        }
    }
    Ok(())
}

fn release(workspace: &Workspace, rows: &[OutboxRow], due_at: Timestamp, because: &str) -> Result<(), SendError> {
    workspace.store().write::<_, StoreError>(|tx| {
        for claimed in rows {
            if let Some(row) = outbox::get(tx, claimed.id)?.filter(|row| row.state == "claimed") {
                outbox::requeue(tx, &row, due_at, false, because)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}
