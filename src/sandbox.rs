//! The loopback mail server: a model mailbox spoken to over real IMAP and SMTP sockets, with faults on order.
//!
//! It is *the other side*: it shares no code with the client, so that a misreading of a protocol is not mirrored. IMAP commands are
//! parsed and replies written by imap-next and imap-codec, SMTP by smtp-proto. It listens on 127.0.0.1 only and speaks no TLS.
//!
//! - [`World`] is the model: users, folders, messages, options ([`Options`]), the log and the faults still to come.
//! - [`SharedWorld`] is the same model behind a lock: a test changes it while clients are connected; clients in IDLE are told.
//! - [`Fault`] makes one command or one SMTP stage go wrong, or runs a closure on the world at exactly that moment.
//! - [`Event`] is the log: IMAP commands, SMTP stages and deliveries under one rising number.
//!
//! **Invariants.** No lock is held across an await. A hook runs under the lock, so nothing can come between the command that
//! triggers it and its effect. No command is left unanswered unless a fault orders silence.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod faults;
mod imap;
mod log;
mod message;
mod model;
mod shared;
mod smtp;
mod stranger;
mod wire;

pub use faults::{Fault, Hook, ImapEffect, ImapTrigger, Moment, SmtpEffect, SmtpStage, SmtpTrigger, Verb};
pub use log::{CommandSeen, Event, EventKind, Outcome, Received};
pub use model::{Folder, Message, Options, SentCopy, SpecialUse, User, World, WorldError};
pub use shared::SharedWorld;
pub use stranger::hand_in;

/// How many connections of one protocol may be open at once; further ones wait.
const MAX_CONNECTIONS: usize = 256;
/// How long [`Sandbox::stop`] waits for the connections to end.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// A running server. Dropping it closes the listeners and every connection.
#[derive(Debug)]
pub struct Sandbox {
    imap_addr: SocketAddr,
    smtp_addr: SocketAddr,
    world: SharedWorld,
    token: CancellationToken,
    /// Ends the connections open now; a new one takes its place.
    connections: Arc<Mutex<CancellationToken>>,
    tasks: TaskTracker,
}

impl Sandbox {
    /// Binds both ports on 127.0.0.1 (those of [`Options`], 0 meaning any free one) and serves `world`.
    ///
    /// # Errors
    /// When a port cannot be bound. Must be called inside a tokio runtime.
    pub async fn start(world: World) -> io::Result<Sandbox> {
        let imap = TcpListener::bind((Ipv4Addr::LOCALHOST, world.options.imap_port)).await?;
        let smtp = TcpListener::bind((Ipv4Addr::LOCALHOST, world.options.smtp_port)).await?;
        let token = CancellationToken::new();
        let sandbox = Sandbox {
            imap_addr: imap.local_addr()?,
            smtp_addr: smtp.local_addr()?,
            world: SharedWorld::new(world),
            connections: Arc::new(Mutex::new(token.child_token())),
            token,
            tasks: TaskTracker::new(),
        };
        sandbox.listen(imap, imap::serve);
        sandbox.listen(smtp, smtp::serve);
        Ok(sandbox)
    }

    /// Where the IMAP server listens.
    pub fn imap_addr(&self) -> SocketAddr {
        self.imap_addr
    }

    /// Where the SMTP server listens.
    pub fn smtp_addr(&self) -> SocketAddr {
        self.smtp_addr
    }

    /// The model, to look at and to change while clients are connected.
    pub fn world(&self) -> &SharedWorld {
        &self.world
    }

    /// Ends every connection at once, as when the server restarts or the network fails; new ones are served.
    pub fn cut_connections(&self) {
        let mut current = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, self.token.child_token()).cancel();
    }

    /// Closes the listeners and every connection, and waits until they are gone (5 seconds at most).
    pub async fn stop(self) {
        self.token.cancel();
        self.tasks.close();
        // Every task ends at its next await once the token is cancelled; the bound only guards against a closure that blocks.
        let _ended = tokio::time::timeout(STOP_PATIENCE, self.tasks.wait()).await;
    }

    fn listen<F, R>(&self, listener: TcpListener, serve: F)
    where
        F: Fn(TcpStream, SharedWorld) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let (world, token, tasks) = (self.world.clone(), self.token.clone(), self.tasks.clone());
        let connections = Arc::clone(&self.connections);
        self.tasks.spawn(async move {
            let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
            loop {
                let accepted = tokio::select! {
                    () = token.cancelled() => return,
                    accepted = accept(&listener, &places) => accepted,
                };
                let Some((stream, place)) = accepted else { continue };
                let token = connections.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let connection = serve(stream, world.clone());
                tasks.spawn(async move {
                    tokio::select! {
                        () = token.cancelled() => {}
                        () = connection => {}
                    }
                    drop(place);
                });
            }
        });
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.token.cancel();
    }
}

/// The next client and its place, or `None` after a failed accept (no descriptors left): then a short pause has passed.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Replies are small: waiting for more to send would only slow the tests down.
            let _best_effort = stream.set_nodelay(true);
            Some((stream, place))
        }
        Err(_) => {
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}
