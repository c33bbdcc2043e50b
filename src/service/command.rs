//! Handing work to a running service: the command goes into the database, its outcome comes back the
//! same way. Without a service the caller gets the lock and does it itself.

use std::time::Duration;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::asked;
use super::run::Signals;
use super::sync::Synced;
use super::{Holder, Lock, Workspace};
use crate::domain::asked::Request;
use crate::store::StoreError;
use crate::store::commands::{self, CommandState};

/// Exit code of a program that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;
/// How often the outcome is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// What the service can be asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Command {
    /// Read, decide, send what is due, until nothing is new.
    Sync {
        /// Judge mail from before the first start too, if the server got it within so many seconds.
        backfill_seconds: Option<i64>,
    },
    /// Send one mail that a person asks for.
    Send {
        /// The mail.
        request: Box<Request>,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Of [`Command::Sync`].
    Synced(Synced),
    /// Of [`Command::Send`].
    Asked(Box<asked::Outcome>),
    /// It could not be carried out.
    Failed {
        /// Why.
        why: String,
    },
}

/// Whose turn it is.
#[derive(Debug)]
pub enum Turn {
    /// The service did it.
    Served(Outcome),
    /// Nobody else is there: do it under this lock.
    Own {
        /// The lock.
        lock: Lock,
        /// A service had the command and ended without a word of its outcome.
        deserted: bool,
    },
}

/// Has the service carry out a command, or gets the lock where none runs; waits so long for either.
///
/// # Errors
/// If neither comes about in time: then the command is taken back, and is not carried out later unless
/// the service was already at it.
pub async fn turn(workspace: &Workspace, command: &Command, patience: Duration) -> anyhow::Result<Turn> {
    let deadline = Instant::now() + patience;
    let mut deserted = false;
    let mut signals = None;
    loop {
        if let Some(lock) = Lock::try_take(workspace.folder())? {
            if let Some(mut signals) = signals {
                // they end the program at once, as they did before the service was asked
                tokio::spawn(async move {
                    Signals::next(&mut signals).await;
                    std::process::exit(INTERRUPTED);
                });
            }
            return Ok(Turn::Own { lock, deserted });
        }
        match Lock::holder(workspace.folder()) {
            Some(holder) if holder.service => match ask(workspace, command, holder, deadline, &mut signals).await? {
                Asked::Served(outcome) => return Ok(Turn::Served(outcome)),
                Asked::Deserted => deserted = true,
                Asked::TakenBack => {}
            },
            _ => {}
        }
        if Instant::now() >= deadline {
            anyhow::bail!(
                "another checkback works on {} for over {} seconds; wait for it or end it",
                workspace.folder().display(),
                patience.as_secs()
            );
        }
        sleep(LOOK).await;
    }
}

enum Asked {
    Served(Outcome),
    /// The service ended while it was at it.
    Deserted,
    /// The service ended before it began.
    TakenBack,
}

/// Puts the command and waits. However this ends, a command that nobody has begun does not stay.
async fn ask(
    workspace: &Workspace,
    command: &Command,
    holder: Holder,
    deadline: Instant,
    signals: &mut Option<Signals>,
) -> anyhow::Result<Asked> {
    let signals = match signals {
        Some(listening) => listening,
        None => signals.insert(Signals::listen().context("cannot listen for signals")?),
    };
    let text = serde_json::to_string(command)?;
    let now = workspace.clock.now();
    let id = workspace.store().write::<_, StoreError>(|tx| commands::put(tx, &text, now))?;
    let waiting = TakeBack { workspace, id };
    loop {
        // looked for before the state is read: what a service did before it ended is not overlooked
        let gone = is_gone(workspace, holder)?;
        let state = commands::state(workspace.store().read(), id)?;
        match state {
            CommandState::Done(outcome) => {
                let outcome = serde_json::from_str(&outcome).context("the service's answer cannot be read")?;
                return Ok(Asked::Served(outcome));
            }
            CommandState::GivenUp { begun: true } => return Ok(Asked::Deserted),
            CommandState::GivenUp { begun: false } => return Ok(Asked::TakenBack),
            CommandState::Waiting if gone && waiting.take_back()? => return Ok(Asked::TakenBack),
            CommandState::Taken if gone => return Ok(Asked::Deserted),
            CommandState::Waiting | CommandState::Taken => {}
        }
        if Instant::now() >= deadline {
            if waiting.take_back()? {
                anyhow::bail!("the service (process {}) did not get to it in time; nothing was done", holder.pid);
            }
            anyhow::bail!(
                "the service (process {}) is still at it; checkback status shows what comes of it",
                holder.pid
            );
        }
        tokio::select! {
            () = sleep(LOOK) => {}
            () = signals.next() => {
                if waiting.take_back()? {
                    anyhow::bail!("interrupted before the service began: nothing was done");
                }
                anyhow::bail!(
                    "interrupted; the service (process {}) is already at it, and checkback status shows what comes of it",
                    holder.pid
                );
            }
        }
    }
}

/// Whether the service that was asked has ended.
fn is_gone(workspace: &Workspace, holder: Holder) -> anyhow::Result<bool> {
    if Lock::holder(workspace.folder()) != Some(holder) {
        return Ok(true);
    }
    // held for a moment only: the next turn of the caller takes it for good
    Lock::is_free(workspace.folder())
}

/// Takes a command back when its giver goes, by whatever way.
struct TakeBack<'a> {
    workspace: &'a Workspace,
    id: i64,
}

impl TakeBack<'_> {
    fn take_back(&self) -> Result<bool, StoreError> {
        self.workspace.store().write(|tx| commands::give_up(tx, self.id))
    }
}

impl Drop for TakeBack<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.take_back() {
            tracing::warn!(%error, "A command could not be taken back");
        }
    }
}
