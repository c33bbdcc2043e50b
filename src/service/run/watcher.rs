//! IDLE on a connection of its own: tells that something changed, and reads nothing itself.

use std::time::Duration;

use tokio::time::sleep;

use super::Pace;
use super::backoff::Backoff;
use super::post::Post;
use super::words;
use crate::mail::imap::{Idle, ImapError, Role};
use crate::service::Workspace;
use crate::service::watch::{Link, ReadError};

/// Until a server that has no IDLE is asked for it again: perhaps it was replaced.
const ASK_AGAIN: Duration = Duration::from_secs(3600);

/// Watches the folder where new mail shows up first, for as long as it is let.
pub(super) async fn watch(workspace: &Workspace, account: &crate::config::Account, post: &Post, pace: &Pace) {
    let mut backoff = Backoff::new(pace);
    let mut wakes = post.wakes();
    let mut was_silent = false;
    loop {
        let mut link = Link::new(workspace, account);
        let ended = tokio::select! {
            ended = idle(&mut link, post, pace, &mut backoff, &mut was_silent) => Some(ended),
            woken = wakes.changed() => match woken {
                Ok(()) => None,
                Err(_) => return,
            },
        };
        let wait = match ended {
            None => {
                backoff.reset();
                continue;
            }
            Some(Ended::NoIdle) => {
                tracing::info!(account = post.name, "The server has no IDLE: it is polled");
                ASK_AGAIN
            }
            Some(Ended::Failed(error)) => {
                was_silent |= matches!(error, ReadError::Imap(ImapError::Silent { .. }));
                if matches!(error, ReadError::Imap(ImapError::SignIn { .. })) {
                    // the other task finds out, and says so
                    post.afresh();
                }
                let wait = backoff.next();
                let why = words::masked(&error.to_string());
                tracing::info!(account = post.name, wait_seconds = wait.as_secs(), "IDLE broke: {why}");
                wait
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            _ = wakes.changed() => backoff.reset(),
        }
    }
}

enum Ended {
    NoIdle,
    Failed(ReadError),
}

async fn idle(link: &mut Link<'_>, post: &Post, pace: &Pace, backoff: &mut Backoff, was_silent: &mut bool) -> Ended {
    match try_idle(link, post, pace, backoff, was_silent).await {
        Ok(ended) => ended,
        Err(error) => Ended::Failed(error),
    }
}

async fn try_idle(
    link: &mut Link<'_>,
    post: &Post,
    pace: &Pace,
    backoff: &mut Backoff,
    was_silent: &mut bool,
) -> Result<Ended, ReadError> {
    let session = link.session().await?;
    if !session.has("IDLE") {
        return Ok(Ended::NoIdle);
    }
    // Gmail: whatever label a mail gets, it lies in All Mail
    let wanted = if session.has("X-GM-EXT-1") { [Role::All, Role::Inbox] } else { [Role::Inbox, Role::Inbox] };
    let folders = session.folders().await?;
    let found = wanted.iter().find_map(|role| folders.iter().find(|folder| folder.role == *role && folder.selectable));
    let Some(folder) = found else { return Ok(Ended::NoIdle) };
    session.examine(&folder.name).await?;
    if std::mem::take(was_silent) {
        // the server is back, or the network: the other connection knows no better than this one did
        post.afresh();
    }
    // what came while nobody watched
    post.folder_changed(folder.role);
    tracing::debug!(account = post.name, "IDLE waits");
    loop {
        match session.idle(pace.renewal).await {
            Ok(Idle::Changed) => post.folder_changed(folder.role),
            Ok(Idle::TimedOut) => {}
            Err(ImapError::Refused { .. }) => return Ok(Ended::NoIdle),
            Err(error) => return Err(error.into()),
        }
        backoff.reset();
    }
}
