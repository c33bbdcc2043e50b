//! `demo --serve`: the servers stay up, and the service answers whoever writes.

use std::time::Duration;

use crate::cli::Call;
use crate::sandbox::World;
use crate::service::sync;

use super::findings;
use super::sample;
use super::stage::{PASSWORD, RECRUITER, Stage, USER, account_config};
use super::story;

const HOW_TO: &str = include_str!("serve.txt");

/// The mailbox is read at the latest after this time, changed or not.
const AT_LATEST: Duration = Duration::from_secs(60);

/// How to reach the servers, with everything to copy and paste.
pub fn how_to(stage: &Stage) -> String {
    let (recruiter, recruiter_address) = RECRUITER;
    let config = account_config(&stage.sandbox, "password_env = \"DANA_PASSWORD\"", "15m");
    let pieces = [
        ("{imap}", stage.sandbox.imap_addr().to_string()),
        ("{smtp}", stage.sandbox.smtp_addr().to_string()),
        ("{user}", USER.to_owned()),
        ("{dana}", sample::ADDRESS.to_owned()),
        ("{password}", PASSWORD.to_owned()),
        ("{recruiter}", recruiter.to_owned()),
        ("{recruiter_address}", recruiter_address.to_owned()),
        ("{config}", config),
    ];
    pieces.into_iter().fold(HOW_TO.to_owned(), |text, (gap, piece)| text.replace(gap, &piece))
}

/// Serves until Ctrl-C or a request to end. `newest` is the last mail that was told of.
///
/// # Errors
/// If the database fails, or standard output.
pub async fn serve(call: &Call, stage: &Stage, mut newest: i64) -> anyhow::Result<()> {
    loop {
        // counted before the read: what comes during it makes the next one
        let seen = stage.sandbox.world().edit(|world| mails_ever(world));
        let synced = sync::sync(&stage.workspace, None).await?;
        for trouble in synced.accounts.iter().flat_map(|account| account.error.iter().chain(&account.sending.trouble)) {
            eprintln!("checkback: {trouble}");
        }
        let arrivals = findings::arrivals(stage, newest)?;
        newest = arrivals.newest;
        let now = call.clock.now().to_zoned(stage.workspace.config.timezone.clone());
        if !call.json {
            call.say(&(), || story::arrived(call.look, &now.strftime("%H:%M:%S").to_string(), &arrivals))?;
        }
        stage.sandbox.world().wait_until(AT_LATEST, |world| mails_ever(world) != seen).await;
    }
}

/// Rises with every mail that comes into one of the sample's folders.
fn mails_ever(world: &World) -> u64 {
    let folders = world.users.get(USER).map(|user| user.folders.as_slice()).unwrap_or_default();
    folders.iter().map(|folder| u64::from(folder.uid_next)).sum()
}

/// Completes when the user or the system asks the program to end.
pub async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    // Without a handler the signal ends the program by itself.
    let _asked = tokio::signal::ctrl_c().await;
}
