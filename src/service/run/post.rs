//! What an account's tasks tell each other. It only wakes: nothing is lost with it that a read of the
//! mailbox or of the database would not bring back.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::mail::imap::Role;
use crate::service::sync::AccountSynced;

/// Where the messages for an account's tasks lie, and how the account stands.
#[derive(Debug)]
pub(super) struct Post {
    /// The account.
    pub(super) name: String,
    /// Ends the service.
    stop: CancellationToken,
    asked: Mutex<Asked>,
    bell: Notify,
    wakes: watch::Sender<u64>,
    state: Mutex<State>,
}

/// What was asked of the task that reads and sends.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// IDLE told of a change in this folder.
    pub(super) folder: Option<Role>,
    /// Another process wrote into the database.
    pub(super) database: bool,
    /// The connection may be dead: make a new one and read everything.
    pub(super) afresh: bool,
    /// Everything was this long not looked at: forget how long to wait after failures.
    pub(super) woke: bool,
    /// Somebody waits for a whole `sync`.
    pub(super) orders: Vec<oneshot::Sender<AccountSynced>>,
}

/// How an account stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum State {
    /// Not read yet.
    #[default]
    Beginning,
    /// Read to its end.
    Well,
    /// It failed, and is tried again.
    Trouble(String),
    /// It failed for good.
    Stopped(String),
}

impl Asked {
    fn is_empty(&self) -> bool {
        self.folder.is_none() && !self.database && !self.afresh && !self.woke && self.orders.is_empty()
    }
}

impl Post {
    pub(super) fn new(name: &str, stop: CancellationToken) -> Self {
        Self {
            name: name.to_owned(),
            stop,
            asked: Mutex::default(),
            bell: Notify::new(),
            wakes: watch::Sender::new(0),
            state: Mutex::default(),
        }
    }

    /// Waits until something is asked, until then at the latest.
    pub(super) async fn wait(&self, until: Instant) -> Asked {
        loop {
            let asked = std::mem::take(&mut *self.asked());
            if !asked.is_empty() {
                return asked;
            }
            tokio::select! {
                () = self.bell.notified() => {}
                () = sleep_until(until) => return std::mem::take(&mut *self.asked()),
            }
        }
    }

    /// Something changed in a folder.
    pub(super) fn folder_changed(&self, role: Role) {
        self.ask(|asked| asked.folder = Some(role));
    }

    /// Another process wrote.
    pub(super) fn database_changed(&self) {
        self.ask(|asked| asked.database = true);
    }

    /// The server may have gone without a word.
    pub(super) fn afresh(&self) {
        self.ask(|asked| asked.afresh = true);
    }

    /// The machine slept: no connection is to be trusted.
    pub(super) fn woke(&self) {
        self.renew_idle();
        self.ask(|asked| (asked.woke, asked.afresh) = (true, true));
    }

    /// The IDLE connection is not to be trusted.
    pub(super) fn renew_idle(&self) {
        self.wakes.send_modify(|count| *count += 1);
    }

    /// Tells when the IDLE connection is not to be trusted.
    pub(super) fn wakes(&self) -> watch::Receiver<u64> {
        self.wakes.subscribe()
    }

    /// Asks for a whole `sync`; what it came to, or nothing if the task broke down over it. If the service
    /// stops there is no outcome, neither good nor bad: whoever asked goes on alone.
    pub(super) async fn order(&self) -> Option<AccountSynced> {
        let (sender, receiver) = oneshot::channel();
        self.ask(|asked| asked.orders.push(sender));
        match receiver.await {
            Ok(synced) => Some(synced),
            Err(_) if self.stop.is_cancelled() => std::future::pending().await,
            Err(_) => None,
        }
    }

    pub(super) fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_state(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, change: impl FnOnce(&mut Asked)) {
        change(&mut self.asked());
        self.bell.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[tokio::test]
    async fn an_order_has_no_outcome_when_the_service_stops_over_it_and_fails_when_its_task_breaks_down() {
        for (stops, outcome) in [(false, Some(None)), (true, None)] {
            let stop = CancellationToken::new();
            let post = Post::new("work", stop.clone());
            let mut order = std::pin::pin!(post.order());
            assert!(order.as_mut().now_or_never().is_none());
            let taken = post.wait(Instant::now()).await;
            if stops {
                stop.cancel();
            }
            drop(taken);
            assert_eq!(order.as_mut().now_or_never().map(|synced| synced.map(|one| one.name)), outcome);
        }
    }
}
