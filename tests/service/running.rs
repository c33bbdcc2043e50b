//! A service that runs in this process.

use std::sync::Arc;
use std::time::Duration;

use checkback::mail::compose::Templates;
use checkback::sandbox::{EventKind, Verb, World};
use checkback::service::run::tell::Speaker;
use checkback::service::run::{Pace, run};
use checkback::service::{Lock, Workspace};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::house::House;

/// Longest wait for something to happen.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Quick, so that nobody waits.
pub const PACE: Pace = Pace {
    tick: Duration::from_millis(20),
    renewal: Duration::from_secs(300),
    first_retry: Duration::from_millis(20),
    longest_retry: Duration::from_millis(200),
    look_again: Duration::from_millis(200),
    last_words: Duration::from_millis(1500),
    jump: Duration::from_secs(15),
};

pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
    _lock: Lock,
}

impl Running {
    /// Starts it and waits until every account waits in IDLE.
    pub async fn watching(house: &House) -> Self {
        let before = count(house, is_idle);
        let running = Self::at(house, PACE);
        let wanted = before + house.workspace.config.accounts.len();
        until(house, |world| count_in(world, is_idle) >= wanted).await;
        until_so(|| house.texts("SELECT name FROM account WHERE last_read_at IS NOT NULL").len() == wanted - before)
            .await;
        running
    }

    /// Starts it.
    pub fn at(house: &House, pace: Pace) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(Arc::clone(&house.workspace), stop.clone(), pace, Speaker::mute()));
        Self { stop, task, _lock: Lock::try_take_for_service(house.workspace.folder()).unwrap().unwrap() }
    }

    /// Stops it, which must be soon over.
    pub async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(2), self.task).await.unwrap().unwrap().unwrap();
    }
}

/// The workspace as another process opens it.
pub fn other_process(house: &House) -> Workspace {
    let own = &house.workspace;
    Workspace::open(own.config.clone(), own.folder(), Templates::shipped(), own.clock.clone()).unwrap()
}

/// Waits for something in the world.
pub async fn until(house: &House, so: impl Fn(&World) -> bool) {
    assert!(house.world().wait_until(PATIENCE, so).await, "it did not come true: {:#?}", house.world().events());
}

/// Waits for something that nobody tells of.
pub async fn until_so(mut so: impl FnMut() -> bool) {
    let waiting = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it did not come true");
}

pub fn accepted(world: &World) -> usize {
    world.received().filter(|mail| mail.was_accepted()).count()
}

pub fn count_in(world: &World, is: impl Fn(&EventKind) -> bool) -> usize {
    world.events().filter(|event| is(&event.kind)).count()
}

pub fn count(house: &House, is: impl Fn(&EventKind) -> bool) -> usize {
    house.world().events().iter().filter(|event| is(&event.kind)).count()
}

pub fn is_idle(event: &EventKind) -> bool {
    is_command(event, Verb::Idle)
}

pub fn is_command(event: &EventKind, verb: Verb) -> bool {
    matches!(event, EventKind::Imap(seen) if seen.verb == verb)
}
