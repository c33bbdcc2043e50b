//! The model behind its lock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::faults::Fault;
use super::log::{CommandSeen, Event, EventKind, Received};
use super::model::{World, WorldError};

/// A handle on the model; clones share it. No method waits for the network.
#[derive(Debug, Clone)]
pub struct SharedWorld {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    world: Mutex<World>,
    changes: watch::Sender<u64>,
}

impl SharedWorld {
    pub(super) fn new(world: World) -> SharedWorld {
        SharedWorld { inner: Arc::new(Inner { world: Mutex::new(world), changes: watch::channel(0).0 }) }
    }

    /// Looks at the model or changes it, then wakes clients in IDLE. Must not be called again from inside.
    pub fn edit<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        // A panic in a test's closure must not turn every later connection into a second panic.
        let answer = act(&mut self.inner.world.lock().unwrap_or_else(PoisonError::into_inner));
        self.inner.changes.send_modify(|count| *count += 1);
        answer
    }

    /// See [`World::deliver`]; clients in IDLE on that folder are told.
    ///
    /// # Errors
    /// When the folder is unknown.
    pub fn deliver(
        &self,
        user: &str,
        folder: &str,
        bytes: &[u8],
        internal_date: Option<Timestamp>,
    ) -> Result<u32, WorldError> {
        self.edit(|world| world.deliver(user, folder, bytes, internal_date))
    }

    /// See [`World::expunge`].
    ///
    /// # Errors
    /// When the message is not there.
    pub fn expunge(&self, user: &str, folder: &str, uid: u32) -> Result<(), WorldError> {
        self.edit(|world| world.expunge(user, folder, uid))
    }

    /// See [`World::move_message`].
    ///
    /// # Errors
    /// When the message or the target is not there.
    pub fn move_message(&self, user: &str, from: &str, uid: u32, to: &str) -> Result<u32, WorldError> {
        self.edit(|world| world.move_message(user, from, uid, to))
    }

    /// See [`World::set_uid_validity`].
    ///
    /// # Errors
    /// When the folder is unknown.
    pub fn set_uid_validity(&self, user: &str, folder: &str, value: u32) -> Result<(), WorldError> {
        self.edit(|world| world.set_uid_validity(user, folder, value))
    }

    /// See [`World::flags`].
    ///
    /// # Errors
    /// When the folder is unknown.
    pub fn flags(&self, user: &str, folder: &str) -> Result<BTreeMap<u32, BTreeSet<String>>, WorldError> {
        self.look(|world| world.flags(user, folder))
    }

    /// Orders a fault or a hook.
    pub fn inject(&self, fault: Fault) {
        self.look(|world| {
            world.inject(fault);
        });
    }

    /// How many one-shot faults have not struck yet: 0 at the end of a test shows that all were met.
    pub fn faults_pending(&self) -> usize {
        self.look(|world| world.faults.iter().filter(|fault| !fault.is_standing()).count())
    }

    /// Removes every fault, standing ones too.
    pub fn clear_faults(&self) {
        self.look(|world| world.faults.clear());
    }

    /// Every mail that reached DATA, in order; accepted or not.
    pub fn received(&self) -> Vec<Received> {
        self.look(|world| world.log.received().cloned().collect())
    }

    /// The mails the server took, whether or not the client learnt so: what was really sent.
    pub fn accepted(&self) -> Vec<Received> {
        self.look(|world| world.log.received().filter(|mail| mail.was_accepted()).cloned().collect())
    }

    /// Every IMAP command read, in order.
    pub fn commands(&self) -> Vec<CommandSeen> {
        self.look(|world| {
            let commands = world.log.events().filter_map(|event| match &event.kind {
                EventKind::Imap(seen) => Some(seen.clone()),
                _ => None,
            });
            commands.collect()
        })
    }

    /// Everything that happened, in order.
    pub fn events(&self) -> Vec<Event> {
        self.look(|world| world.log.events().cloned().collect())
    }

    /// Waits until `enough` holds of the model; false when it does not within `patience`.
    pub async fn wait_until(&self, patience: Duration, enough: impl Fn(&World) -> bool) -> bool {
        let mut changes = self.changes();
        let waiting = async {
            while !self.look(|world| enough(world)) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(patience, waiting).await.is_ok()
    }

    /// As [`SharedWorld::edit`], without waking anybody.
    pub(super) fn look<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        act(&mut self.inner.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells of every change from now on.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }
}
