//! `run`: the service in the foreground, as a service manager or a terminal wants it.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Call, LOCK_WAIT};
use crate::service::run::tell::Speaker;
use crate::service::run::{self, Pace};
use crate::service::{Lock, Workspace};

/// Within this time a lock that nobody holds for long is had.
const MOMENT: Duration = Duration::from_secs(1);

/// Runs `run` until SIGTERM, SIGINT or Ctrl-C.
///
/// # Errors
/// If the config or the data folder can't be used, or another service works on the folder.
pub async fn run(call: &Call) -> anyhow::Result<ExitCode> {
    // what a panic says may hold mail text: only where it happened is told
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!("A task broke down at {at}");
    }));
    let stop = CancellationToken::new();
    run::stop_at_signals(stop.clone())?;
    let workspace = call.workspace()?;
    let ended = {
        let start = take_lock(&workspace);
        tokio::select! {
            lock = start => Some(lock?),
            () = stop.cancelled() => None,
        }
    };
    let Some(_lock) = ended else { return Ok(ExitCode::SUCCESS) };
    run::run(Arc::new(workspace), stop, Pace::default(), Speaker::from_environment()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Waits for a command that holds the lock, not for another service.
async fn take_lock(workspace: &Workspace) -> anyhow::Result<Lock> {
    let folder = workspace.folder();
    let begun = tokio::time::Instant::now();
    loop {
        if let Some(lock) = Lock::try_take_for_service(folder)? {
            return Ok(lock);
        }
        match Lock::holder(folder).filter(|holder| holder.service) {
            // a command may look whether it is free at this very moment
            Some(holder) if begun.elapsed() > MOMENT => anyhow::bail!(
                "checkback already runs on {} (process {}); one service is enough",
                folder.display(),
                holder.pid
            ),
            _ if begun.elapsed() > LOCK_WAIT => {
                anyhow::bail!("a command works on {} for over a minute; wait for it or end it", folder.display())
            }
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}
