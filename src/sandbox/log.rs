//! What the clients did, in order.

use std::collections::VecDeque;

use super::faults::{SmtpStage, Verb};

/// Entries kept of each list; the oldest go first. Bounds a demo that runs for days.
const MAX_EVENTS: usize = 100_000;
const MAX_RECEIVED: usize = 10_000;

/// One thing that happened. `seq` rises by one per event across all clients and both protocols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Position in the order of events, from 1.
    pub seq: u64,
    /// Which connection, from 1; 0 for what the world did itself.
    pub client: u64,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A client came by IMAP.
    ImapConnected,
    /// An IMAP command was read.
    Imap(CommandSeen),
    /// An IMAP connection ended, from either side.
    ImapClosed,
    /// An SMTP client reached a stage; the text is the host, the mechanism, the sender or the recipient.
    Smtp(SmtpStage, String),
    /// The SMTP server took a mail: it now counts as sent.
    SmtpAccepted,
    /// An SMTP connection ended, from either side.
    SmtpClosed,
    /// A message was put into a folder, by whatever way.
    Delivered {
        /// Login name.
        user: String,
        /// The folder's name.
        folder: String,
        /// The UID it got.
        uid: u32,
    },
}

/// An IMAP command as the server read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSeen {
    /// Position in the order of events.
    pub seq: u64,
    /// Which connection.
    pub client: u64,
    /// Login name, once logged in.
    pub user: Option<String>,
    /// Which command.
    pub verb: Verb,
    /// The folder it names, else the one that is open.
    pub folder: Option<String>,
    /// The command without its tag, at most 400 characters; of LOGIN and AUTHENTICATE the word only.
    pub text: String,
}

/// How a mail that reached DATA ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Taken and acknowledged.
    Accepted,
    /// Taken, but the client never got the 250: it cannot know.
    AcceptedReplyLost,
    /// Refused with this reply.
    Refused(String),
    /// Not taken: the connection ended or fell silent first.
    Cut,
}

/// A mail that reached DATA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Position in the order of events.
    pub at_seq: u64,
    /// Which connection.
    pub client: u64,
    /// Envelope sender; empty for the null sender `<>`.
    pub mail_from: String,
    /// Envelope recipients that were accepted.
    pub rcpt_to: Vec<String>,
    /// The mail as the client sent it, dots unstuffed; what had come when it was cut.
    pub data: Vec<u8>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Received {
    /// Whether the server took it, whatever the client learnt.
    pub fn was_accepted(&self) -> bool {
        matches!(self.outcome, Outcome::Accepted | Outcome::AcceptedReplyLost)
    }
}

/// The log.
#[derive(Debug, Default)]
pub(super) struct Log {
    events: VecDeque<Event>,
    received: VecDeque<Received>,
    last_seq: u64,
    last_client: u64,
}

impl Log {
    /// A number for a new connection.
    pub(super) fn new_client(&mut self) -> u64 {
        self.last_client += 1;
        self.last_client
    }

    /// Adds an event and gives its number.
    pub(super) fn push(&mut self, client: u64, mut kind: EventKind) -> u64 {
        self.last_seq += 1;
        let seq = self.last_seq;
        if let EventKind::Imap(seen) = &mut kind {
            seen.seq = seq;
        }
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(Event { seq, client, kind });
        seq
    }

    /// Adds a mail that reached DATA.
    pub(super) fn push_received(&mut self, received: Received) {
        if self.received.len() == MAX_RECEIVED {
            self.received.pop_front();
        }
        self.received.push_back(received);
    }

    /// Every event.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter()
    }

    /// Every mail that reached DATA.
    pub(super) fn received(&self) -> impl Iterator<Item = &Received> {
        self.received.iter()
    }
}
