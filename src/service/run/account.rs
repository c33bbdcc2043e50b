//! The task of one account: reads, has decided, sends. Its trouble is its own: a panic ends the task,
//! which is begun again; a refused sign-in ends it until the service is started again.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::alive::keep_alive;
use super::backoff::Backoff;
use super::post::{Asked, Post, State};
use super::{Pace, watcher, words};
use crate::config::Account;
use crate::mail::imap::{ImapError, Role};
use crate::service::sync::{self, AccountSynced};
use crate::service::watch::{Link, ReadError};
use crate::service::{Workspace, follow_up, schedule};
use crate::store::{StoreError, due, mailboxes, outbox};

/// Between two looks at a mail that leaves while the service stops.
const STEP: Duration = Duration::from_millis(20);

/// Rounds for one order after which it ends although something is still new.
const MAX_ROUNDS: usize = 20;

/// Keeps an account's task alive.
#[derive(Debug, Clone)]
pub(super) struct Keeper {
    pub(super) workspace: Arc<Workspace>,
    pub(super) account: Account,
    pub(super) post: Arc<Post>,
    pub(super) pace: Pace,
}

impl Keeper {
    /// Until `stop`. A mail whose body has begun is given [`Pace::last_words`] to its end.
    pub(super) async fn keep(self, stop: CancellationToken) {
        let broke_down = || {
            let why = "the task of this account broke down and begins again";
            tracing::error!(account = self.post.name, "{why}");
            self.post.set_state(State::Trouble(why.to_owned()));
        };
        let begin = || self.clone().work_until(stop.clone());
        if let Some(Some(why)) = keep_alive(&self.pace, &stop, begin, broke_down).await {
            self.stay_stopped(why, &stop).await;
        }
    }

    /// Works beside its IDLE until the stop (`None`), or until the sign-in is refused for good.
    async fn work_until(self, stop: CancellationToken) -> Option<String> {
        let watching = self.clone();
        let _watcher = AbortOnDropHandle::new(tokio::spawn(watching.watch()));
        let mut worker = Worker::new(&self);
        let mut work = pin!(worker.work());
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            why = &mut work => return Some(why),
        }
        // Looked at after every step: what has not begun to leave does not begin now, what has begun
        // may end. Dropping it at any other point loses nothing: the rows say how far it came.
        let is_leaving = || {
            let store = self.workspace.try_store()?;
            Some(due::is_sending(store.read(), &self.account.name).unwrap_or(false))
        };
        let mut again = tokio::time::interval(STEP);
        let last_words = std::future::poll_fn(|cx| {
            while again.poll_tick(cx).is_ready() {}
            match is_leaving() {
                Some(false) => return Poll::Ready(()),
                // somebody else is at the database: asked again in a moment
                None => return Poll::Pending,
                Some(true) => {}
            }
            work.as_mut().poll(cx).map(|_| ())
        });
        if timeout(self.pace.last_words, last_words).await.is_err() {
            tracing::warn!(
                account = self.post.name,
                "A mail was leaving when the service stopped: its fate is unknown"
            );
        }
        None
    }

    /// Waits in IDLE until it is dropped.
    async fn watch(self) {
        let broke_down = || tracing::error!(account = self.post.name, "the task in IDLE broke down and begins again");
        let begin = || {
            let Self { workspace, account, post, pace } = self.clone();
            async move { watcher::watch(&workspace, &account, &post, &pace).await }
        };
        keep_alive(&self.pace, &CancellationToken::new(), begin, broke_down).await;
    }

    /// Says to everybody who asks why nothing is read.
    async fn stay_stopped(&self, why: String, stop: &CancellationToken) {
        tracing::error!(
            account = self.post.name,
            "This account has stopped until checkback is started again: {}",
            words::masked(&why)
        );
        self.post.set_state(State::Stopped(why.clone()));
        self.note_stopped(&why);
        loop {
            let far = Instant::now() + self.pace.longest_retry;
            let asked = tokio::select! {
                () = stop.cancelled() => return,
                asked = self.post.wait(far) => asked,
            };
            for order in asked.orders {
                let _nobody_waits = order.send(AccountSynced {
                    name: self.account.name.clone(),
                    error: Some(format!("it has stopped until checkback run is started again: {why}")),
                    ..AccountSynced::default()
                });
            }
        }
    }
}

impl Keeper {
    /// For `status`: a sending server that refuses the sign-in leaves no mark on the account else.
    fn note_stopped(&self, why: &str) {
        let now = self.workspace.clock.now();
        let mut store = self.workspace.store();
        let noted = mailboxes::account(store.read(), &self.account.name).and_then(|account| match account {
            Some(account) => store.write(|tx| mailboxes::account_read(tx, account.id, now, Some(why))),
            None => Ok(()),
        });
        if let Err(error) = noted {
            tracing::error!(account = self.post.name, "It could not be noted that the account has stopped: {error}");
        }
    }
}

/// What is read in a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Everything,
    Folder(Role),
    Nothing,
}

struct Worker<'a> {
    workspace: &'a Arc<Workspace>,
    account: &'a Account,
    post: &'a Post,
    pace: Pace,
    link: Link<'a>,
    reading: Backoff,
    sending: Backoff,
    /// When everything is read by time alone.
    next_read: Instant,
    /// Before then nothing is sent by time alone.
    send_from: Instant,
    /// Sign-ins refused in a row.
    refused: u32,
}

impl<'a> Worker<'a> {
    fn new(keeper: &'a Keeper) -> Self {
        let Keeper { workspace, account, post, pace } = keeper;
        let now = Instant::now();
        Self {
            workspace,
            account,
            post,
            pace: *pace,
            link: Link::new(workspace, account),
            reading: Backoff::new(pace),
            sending: Backoff::new(pace),
            next_read: now,
            send_from: now,
            refused: 0,
        }
    }

    /// Works; returns why not any longer.
    async fn work(&mut self) -> String {
        let mut broke_off = true;
        loop {
            let result = self.turn(broke_off).await;
            broke_off = result.is_err();
            match result {
                Ok(Some(why)) => return why,
                Ok(None) => {}
                Err(error) => {
                    // the store: nothing works without it
                    let wait = self.reading.next();
                    let why = words::masked(&format!("{error:#}"));
                    tracing::error!(account = self.post.name, wait_seconds = wait.as_secs(), "{why}");
                    self.post.set_state(State::Trouble(why));
                    self.link.forget();
                    (self.next_read, self.send_from) = (Instant::now() + wait, Instant::now() + wait);
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    /// Waits for something to do, and does it.
    async fn turn(&mut self, broke_off: bool) -> anyhow::Result<Option<String>> {
        if broke_off {
            let (name, now) = (Some(self.account.name.as_str()), self.workspace.clock.now());
            self.workspace.store().write::<_, StoreError>(|tx| outbox::recover_of(tx, name, now))?;
        }
        let until = self.next_read.min(self.next_sending()?.unwrap_or(self.next_read));
        let asked = self.post.wait(until).await;
        if asked.woke {
            self.reading.reset();
            self.sending.reset();
        }
        if asked.afresh {
            self.link.forget();
        }
        let Asked { folder, orders, afresh, .. } = asked;
        if !orders.is_empty() {
            return self.carry_out(orders).await;
        }
        let reading = match folder {
            _ if afresh || Instant::now() >= self.next_read => Reading::Everything,
            Some(role) => Reading::Folder(role),
            None => Reading::Nothing,
        };
        let mut account = self.blank();
        let refused = self.pass(reading, &mut account).await?;
        Ok(self.note(&account, reading, refused))
    }

    /// When the next mail may leave, in the time that timers know.
    fn next_sending(&self) -> Result<Option<Instant>, StoreError> {
        let Some(at) = schedule::next_due(self.workspace, &self.account.name)? else { return Ok(None) };
        let wait = at.duration_since(self.workspace.clock.now());
        let wait = Duration::try_from(wait).unwrap_or_default();
        Ok(Instant::now().checked_add(wait).map(|at| at.max(self.send_from)))
    }

    /// A whole `sync`, for everybody who asked for one meanwhile.
    async fn carry_out(
        &mut self,
        orders: Vec<tokio::sync::oneshot::Sender<AccountSynced>>,
    ) -> anyhow::Result<Option<String>> {
        let mut account = self.blank();
        let mut ended = None;
        for _ in 0..MAX_ROUNDS {
            let mut round = self.blank();
            let refused = self.pass(Reading::Everything, &mut round).await?;
            let again = round.new + round.sending.sent + round.sending.drafted + round.sending.cancelled > 0;
            ended = self.note(&round, Reading::Everything, refused);
            let failed = round.failed();
            sync::join(&mut account, round);
            if ended.is_some() || failed || !again {
                break;
            }
        }
        for order in orders {
            let _nobody_waits = order.send(account.clone());
        }
        Ok(ended)
    }

    /// One pass, as `sync` makes it. Whether the sign-in was refused.
    async fn pass(&mut self, reading: Reading, account: &mut AccountSynced) -> anyhow::Result<bool> {
        sync::send_asked(&mut self.link, account).await?;
        let read = match reading {
            Reading::Everything => Some(self.link.read().await),
            Reading::Folder(role) => Some(self.link.read_role(role).await),
            Reading::Nothing => None,
        };
        let refused = matches!(&read, Some(Err(ReadError::Imap(ImapError::SignIn { .. }))));
        if matches!(&read, Some(Err(ReadError::Imap(ImapError::Silent { .. })))) {
            // the other connection leads to the same server
            self.post.renew_idle();
        }
        if let Some(read) = read {
            sync::note_read(account, read)?;
        }
        if account.error.is_none() {
            let workspace = Arc::clone(self.workspace);
            // may take long after a first read: beside everything else
            let considered = tokio::task::spawn_blocking(move || {
                workspace.app().consider(&mut workspace.store(), workspace.clock.now(), |_| {})?;
                follow_up::plan_due(&workspace)
            });
            considered.await??;
            if account.sending.trouble.is_none() {
                sync::hand_out(&mut self.link, account).await?;
            }
        }
        Ok(refused || account.sending.sign_in_refused)
    }

    /// Draws the conclusions of a pass: when to read and to send next. Why the account stops, if it does.
    fn note(&mut self, account: &AccountSynced, reading: Reading, refused: bool) -> Option<String> {
        let now = Instant::now();
        let name = &self.post.name;
        let trouble = account.error.as_ref().or(account.sending.trouble.as_ref());
        let sending = &account.sending;
        if account.new + sending.sent + sending.drafted + sending.cancelled + sending.failed + sending.deferred > 0 {
            tracing::info!(
                account = name,
                new = account.new,
                sent = sending.sent,
                drafted = sending.drafted,
                stopped = sending.cancelled,
                refused = sending.failed + sending.deferred,
                "Mail was read or sent"
            );
        }
        if let Some(why) = trouble {
            self.post.set_state(State::Trouble(why.clone()));
        }
        if refused {
            self.refused += 1;
            let why = trouble.cloned().unwrap_or_default();
            if self.refused > 1 {
                return Some(why);
            }
            // the password may have been changed: it is looked up once more before the account gives up
            tracing::warn!(account = name, "{}; once more", words::masked(&why));
            self.link.forget();
            let wait = self.pace.first_retry;
            (self.next_read, self.send_from) = (now + wait, now + wait);
            return None;
        }
        if account.error.is_some() {
            let wait = self.reading.next();
            tracing::warn!(
                account = name,
                wait_seconds = wait.as_secs(),
                "It cannot be read: {}",
                words::masked(trouble.map_or("", String::as_str))
            );
            (self.next_read, self.send_from) = (now + wait, now + wait);
            return None;
        }
        if reading == Reading::Everything {
            self.reading.reset();
            self.next_read = now + self.between_reads();
            tracing::debug!(account = name, "Everything was read");
        }
        if let Some(why) = &sending.trouble {
            let wait = self.sending.next();
            tracing::warn!(
                account = name,
                wait_seconds = wait.as_secs(),
                "Nothing can be sent: {}",
                words::masked(why)
            );
            self.send_from = now + wait;
            return None;
        }
        let moved = sending.sent + sending.drafted + sending.cancelled + sending.failed + sending.unknown > 0;
        // what is due and stays, though nothing failed, waits for something: not in a tight loop
        self.send_from = now;
        if !moved && self.next_sending().ok().flatten().is_some_and(|at| at <= Instant::now()) {
            self.send_from = now + self.pace.look_again;
        }
        if sending.sent > 0 {
            self.sending.reset();
        }
        // a mail that left proves a whole read, by the gate
        if reading == Reading::Everything || sending.sent > 0 {
            self.refused = 0;
            self.post.set_state(State::Well);
        }
        None
    }

    /// Often enough that an account in order is never stale, whatever `poll` says.
    fn between_reads(&self) -> Duration {
        let stale = self.workspace.config.service.stale_after;
        let wait = self.account.poll.min(stale / 2);
        Duration::try_from(wait).unwrap_or(self.pace.longest_retry).max(self.pace.tick)
    }

    fn blank(&self) -> AccountSynced {
        AccountSynced { name: self.account.name.clone(), ..AccountSynced::default() }
    }
}
