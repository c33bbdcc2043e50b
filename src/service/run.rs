//! `run`: the service. Each account has a task of its own that reads and sends, with a second
//! connection that waits in IDLE; this file starts them, and listens for what concerns them all: the
//! stop, another process's writes, commands, a clock that jumped.
//!
//! Never here: a decision, SQL. What may be lost with the process (who is woken by what) lives in
//! memory; work itself lives in rows.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{Workspace, schedule};
use crate::store::{StoreError, commands, outbox};
use alive::keep_alive;
use post::Post;
use tell::Speaker;

mod account;
mod alive;
mod backoff;
mod orders;
mod post;
mod stop;
pub mod tell;
mod watcher;
mod words;

pub(super) use stop::Signals;
pub use stop::stop_at_signals;

/// How fast the service goes about its work. The default is what users get.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between two looks at the clock and at what other processes wrote.
    pub tick: Duration,
    /// Longest IDLE; then it is renewed, which a dead connection does not outlive.
    pub renewal: Duration,
    /// First wait after a failure; doubled each time.
    pub first_retry: Duration,
    /// Longest wait after a failure.
    pub longest_retry: Duration,
    /// Until what is due and did not leave, though nothing failed, is tried again.
    pub look_again: Duration,
    /// How long a mail whose body has begun may take to its end when the service stops.
    pub last_words: Duration,
    /// A clock that moved by more than this against the time that passed has jumped: the machine slept.
    pub jump: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            tick: Duration::from_secs(1),
            renewal: Duration::from_secs(300),
            first_retry: Duration::from_secs(5),
            longest_retry: Duration::from_secs(300),
            look_again: Duration::from_secs(60),
            last_words: Duration::from_millis(1500),
            jump: Duration::from_secs(15),
        }
    }
}

/// Runs until `stop`; the caller holds the lock. Ends within [`Pace::last_words`] of the stop and a moment.
///
/// # Errors
/// If the database can't be used at the start. Later trouble is logged, noted, and tried again.
pub async fn run(
    workspace: Arc<Workspace>,
    stop: CancellationToken,
    pace: Pace,
    speaker: Speaker,
) -> anyhow::Result<()> {
    let now = workspace.clock.now();
    let unknown = workspace.store().write::<_, StoreError>(|tx| {
        commands::give_up_all(tx, now)?;
        outbox::recover(tx, now)
    })?;
    if unknown > 0 {
        tracing::warn!(unknown, "An earlier run ended while mail was leaving; checkback review asks what became of it");
    }
    let mut tasks = JoinSet::new();
    let mut posts = Vec::new();
    for account in &workspace.config.accounts {
        let post = Arc::new(Post::new(&account.name, stop.clone()));
        posts.push(Arc::clone(&post));
        let keeper = account::Keeper { workspace: Arc::clone(&workspace), account: account.clone(), post, pace };
        tasks.spawn(keeper.keep(stop.clone()));
    }
    tracing::info!(accounts = posts.len(), "The service runs");
    speaker.ready();
    let clerk = Clerk { workspace: Arc::clone(&workspace), posts, pace, speaker: speaker.clone() };
    let serve = || clerk.clone().serve(stop.clone());
    keep_alive(&pace, &stop, serve, || tracing::error!("The task for commands broke down and begins again")).await;
    speaker.stopping();
    while tasks.join_next().await.is_some() {}
    let now = workspace.clock.now();
    // else the next start does it: nothing is waited for now
    if let Some(mut store) = workspace.try_store() {
        store.write::<_, StoreError>(|tx| commands::give_up_all(tx, now))?;
    }
    tracing::info!("The service ends");
    Ok(())
}

/// What concerns all accounts.
#[derive(Clone)]
struct Clerk {
    workspace: Arc<Workspace>,
    posts: Vec<Arc<Post>>,
    pace: Pace,
    speaker: Speaker,
}

impl Clerk {
    /// Looks once a tick whether anything changed. It never waits for the database, so that it goes on
    /// whatever the others do.
    async fn serve(mut self, stop: CancellationToken) {
        let mut orders = JoinSet::new();
        let mut seen = Seen { version: None, at: self.workspace.clock.now(), since: Instant::now() };
        let mut tending = Tending { at: None, from: Instant::now() + self.pace.look_again, task: None };
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = sleep(self.pace.tick) => {}
                Some(_) = orders.join_next() => continue,
            }
            if seen.jumped(&self.workspace, &self.pace) {
                tracing::info!("The clock jumped, as after a sleep: everything is read again");
                self.posts.iter().for_each(|post| post.woke());
                tending.from = Instant::now() + self.pace.look_again;
            }
            match self.look(&mut seen, &mut orders) {
                Ok(changed) => self.tend(&mut tending, changed).await,
                Err(error) => tracing::error!("{error}"),
            }
            self.speaker.tell(&words::status(&self.posts));
            self.speaker.alive();
        }
    }

    /// What other processes wrote. Whether they wrote anything.
    fn look(&self, seen: &mut Seen, orders: &mut JoinSet<()>) -> Result<bool, StoreError> {
        let Some(version) = self.workspace.try_store().map(|store| store.data_version()).transpose()? else {
            return Ok(false);
        };
        while let Some(order) = orders::next(&self.workspace)? {
            orders.spawn(order.carry_out(Arc::clone(&self.workspace), self.posts.clone()));
        }
        let changed = seen.version.replace(version) != Some(version);
        if changed {
            self.posts.iter().for_each(|post| post.database_changed());
        }
        Ok(changed)
    }

    /// What time brings, beside everything else, since it may wait for the database.
    async fn tend(&self, tending: &mut Tending, changed: bool) {
        if let Some(task) = tending.task.take_if(|task| task.is_finished()) {
            match task.await {
                Ok(Ok(tended)) => {
                    tending.at = tended.next_at;
                    if tended.wrote {
                        self.posts.iter().for_each(|post| post.database_changed());
                    }
                }
                Ok(Err(error)) => self.put_off(tending, &format!("{error:#}")),
                Err(error) => self.put_off(tending, &format!("it broke down: {error}")),
            }
        }
        if changed {
            tending.at = Some(Timestamp::MIN);
        }
        let due = tending.at.is_some_and(|at| at <= self.workspace.clock.now());
        if due && tending.task.is_none() && Instant::now() >= tending.from {
            tending.at = None;
            let workspace = Arc::clone(&self.workspace);
            tending.task = Some(tokio::task::spawn_blocking(move || schedule::tend(&workspace)));
        }
    }

    fn put_off(&self, tending: &mut Tending, why: &str) {
        tracing::error!("What is to be told to the user could not be gathered: {}", words::masked(why));
        tending.at = Some(Timestamp::MIN);
        tending.from = Instant::now() + self.pace.look_again;
    }
}

/// What time brings for the whole workspace.
struct Tending {
    /// When to look next; `None`: when something has changed.
    at: Option<Timestamp>,
    /// Not before: after a start or a sleep every mailbox is tried first, so that what is told is fresh.
    from: Instant,
    task: Option<JoinHandle<anyhow::Result<schedule::Tended>>>,
}

/// What the clerk saw at its last look.
struct Seen {
    version: Option<i64>,
    at: Timestamp,
    since: Instant,
}

impl Seen {
    fn jumped(&mut self, workspace: &Workspace, pace: &Pace) -> bool {
        let (now, instant) = (workspace.clock.now(), Instant::now());
        let wall = now.duration_since(self.at);
        let passed = instant.duration_since(self.since);
        (self.at, self.since) = (now, instant);
        has_jumped(wall, passed, pace)
    }
}

/// Whether the clock on the wall and the time that passed disagree, or a tick came far too late: both
/// happen when the machine slept, the one or the other by system.
fn has_jumped(wall: SignedDuration, passed: Duration, pace: &Pace) -> bool {
    let passed_signed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
    let gap = wall.saturating_sub(passed_signed).unsigned_abs();
    gap > pace.jump || passed > pace.tick.saturating_add(pace.jump)
}

#[cfg(test)]
mod tests;
