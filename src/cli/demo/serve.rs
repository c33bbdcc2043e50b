//! `demo --serve`: the servers stay up, and the service answers whoever writes.

use std::time::Duration;

use crate::cli::Call;
use crate::sandbox::World;
use crate::service::sync;

use super::findings;
use super::sample;
use super::stage::{PASSWORD, RECRUITER, Stage, USER, account_config};
use super::story;

/// The mailbox is read at the latest after this time, changed or not.
const AT_LATEST: Duration = Duration::from_secs(60);

/// How to reach the servers, with everything to copy and paste.
pub fn how_to(stage: &Stage) -> String {
    let (imap, smtp) = (stage.sandbox.imap_addr(), stage.sandbox.smtp_addr());
    let (recruiter, recruiter_address) = RECRUITER;
    let dana = sample::ADDRESS;
    let config = account_config(&stage.sandbox, "password_env = \"DANA_PASSWORD\"", "15m");
    format!(
        "\nThe servers stay up until you press Ctrl-C.\n\n\
         Write to Dana as a recruiter (paste it into a shell):\n\n\
         curl -s smtp://{smtp} --mail-from {recruiter_address} --mail-rcpt {dana} -T - <<'MAIL'\n\
         From: Robin Vale <{recruiter_address}>\nTo: {dana}\nSubject: Senior Rust Engineer in Leeds\n\n\
         Hi Dana, I am a recruiter at Vale Search and came across your profile. My client is\n\
         hiring a Senior Rust Engineer, permanent, 90-100k. Are you open to a call this week?\n\
         Robin Vale, Vale Search\nMAIL\n\n\
         Read the answer that Robin got:\n\n\
         curl -s 'imap://{recruiter}:{PASSWORD}@{imap}/INBOX;MAILINDEX=1'\n\n\
         With any mail program: no encryption (these servers are on this computer only)\n\n\
           IMAP      {imap}\n  SMTP      {smtp}\n  Dana      user {USER}, password {PASSWORD}, {dana}\n  \
           recruiter user {recruiter}, password {PASSWORD}, {recruiter_address}\n\n\
         With a checkback of your own: save this as demo.toml, then\n\n\
         export DANA_PASSWORD={PASSWORD}\n\
         checkback --config demo.toml --data ./demo-data sync\n\
         checkback --config demo.toml --data ./demo-data report\n\n\
         {config}\n\
         (The demo answers at once; yours then finds that answer in Sent and stays silent.)\n\n"
    )
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
