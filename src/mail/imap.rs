//! Reading a mailbox over IMAP (RFC 9051, RFC 3501), without changing anything in it: EXAMINE and
//! BODY.PEEK only. The one thing written is a mail of ours, by APPEND.
//!
//! The command loop (`session.rs`) is our own, over the parser of async-imap: it demands the tagged
//! `OK` of every command, bounds silence and size (`guard.rs`), and turns an end of the connection
//! into an error. So `Ok` means that the server answered all of it, and a cursor may move.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;

pub use super::folder_names::Role;
pub use folders::Folder;

use super::Limits;
use super::wire::WireError;
use crate::config::Server;
use crate::domain::ident::MessageId;
use session::Line;

mod connect;
mod fetch;
mod folders;
mod guard;
mod session;
mod syntax;

/// A signed-in connection to one mailbox.
///
/// A method whose future was dropped half-way leaves the connection unusable ([`ImapError::Closed`]
/// from then on), except [`Session::idle`], which may be dropped while it waits.
#[derive(Debug)]
pub struct Session {
    line: Line,
    limits: Limits,
    exists: u32,
}

/// What EXAMINE tells of a folder (RFC 9051 §6.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    /// Another value than last time: all UIDs of the folder mean other messages now.
    pub uid_validity: u32,
    /// The UID that the next message will get at least; some old servers do not say.
    pub uid_next: Option<u32>,
    /// Messages in the folder.
    pub exists: u32,
}

/// One message of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its UID.
    pub uid: u32,
    /// Its size in bytes as the server reckons it; 0 if it does not say.
    pub size: u32,
}

/// One message as fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its UID.
    pub uid: u32,
    /// When the server received it; the epoch if the server does not say.
    pub internal_date: Timestamp,
    /// The message, or its header, cut off at the size that was asked for.
    pub raw: Vec<u8>,
    /// It is flagged `\Draft`: nobody has sent it.
    pub draft: bool,
    /// X-GM-THRID.
    pub provider_thread: Option<String>,
    /// X-GM-MSGID: the same for every label (folder) that the message has.
    pub provider_id: Option<String>,
}

/// How an IDLE ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// Something changed in the folder.
    Changed,
    /// Nothing did, as long as was asked for.
    TimedOut,
}

/// Why a mailbox could not be read. Every text says what to do, none holds mail text or secrets.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    /// No connection, or none that is safe.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The server takes no password from us as it is set up.
    #[error("{0}")]
    Unsafe(&'static str),
    /// Wrong user name or password: stop and ask, never try again by machine.
    #[error(
        "the mail server refused the sign-in: {message}; check username and password (many providers want an app password)"
    )]
    SignIn {
        /// What the server says.
        message: String,
    },
    /// The command was answered NO or BAD; the connection is still usable.
    #[error("the mail server refused {command}: {text}")]
    Refused {
        /// The command's name.
        command: &'static str,
        /// What the server says, with its response code.
        text: String,
    },
    /// The server ended the connection.
    #[error("the mail server closed the connection{}", if text.is_empty() { String::new() } else { format!(": {text}") })]
    Closed {
        /// What it said before, if anything.
        text: String,
    },
    /// No answer in time; the connection is given up.
    #[error("the mail server did not answer {command} in time")]
    Silent {
        /// The command's name.
        command: &'static str,
    },
    /// The answer is larger than what was asked for; the connection is given up.
    #[error("the mail server's answer to {command} is larger than what was asked for")]
    TooLarge {
        /// The command's name.
        command: &'static str,
    },
    /// The answer is no IMAP; the connection is given up.
    #[error("the mail server's answer to {command} cannot be read ({what})")]
    Garbled {
        /// The command's name.
        command: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl ImapError {
    /// Whether trying again later, with a new connection, may help without anybody doing something.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Wire(error) => matches!(error, WireError::Connect { .. }),
            Self::Closed { .. } | Self::Silent { .. } => true,
            Self::Refused { text, .. } => session::is_passing(text),
            Self::Unsafe(_) | Self::SignIn { .. } | Self::TooLarge { .. } | Self::Garbled { .. } => false,
        }
    }

    /// Whether the connection is still usable.
    pub fn keeps_connection(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

/// Connects and signs in: TLS as the server's settings say, the capabilities read again after the
/// sign-in, ID (RFC 2971) where it is offered.
///
/// # Errors
/// [`ImapError::SignIn`] for a wrong password; a connection that greets with PREAUTH before TLS is
/// refused, and so is one without TLS to another machine.
pub async fn connect(
    server: &Server,
    username: &str,
    password: &SecretString,
    limits: Limits,
) -> Result<Session, ImapError> {
    let line = connect::connect(server, username, password, &limits).await?;
    Ok(Session { line, limits, exists: 0 })
}

impl Session {
    /// Whether the server has this capability, such as `IDLE` or `X-GM-EXT-1`.
    pub fn has(&self, capability: &str) -> bool {
        self.line.has(capability)
    }

    /// All folders (LIST, or XLIST where there is no better) with what they are for.
    pub async fn folders(&mut self) -> Result<Vec<Folder>, ImapError> {
        folders::list(&mut self.line).await
    }

    /// Opens a folder for reading. `folder` is a [`Folder::name`].
    pub async fn examine(&mut self, folder: &str) -> Result<Examined, ImapError> {
        let examined = fetch::examine(&mut self.line, folder).await?;
        self.exists = examined.exists;
        Ok(examined)
    }

    /// UID and size of every message of the open folder from that UID on, sorted.
    pub async fn list_uids(&mut self, from: u32) -> Result<Vec<Entry>, ImapError> {
        fetch::list_uids(&mut self.line, from, self.exists).await
    }

    /// The same up to `to`, in as many commands as a server that announces MESSAGELIMIT (RFC 9738) needs: it
    /// looks at no more messages at once, says OK, and leaves the others out.
    pub async fn list_between(&mut self, from: u32, to: u32) -> Result<Vec<Entry>, ImapError> {
        fetch::list_between(&mut self.line, from, to, self.exists).await
    }

    /// The UIDs from `from` to `to` that the open folder has, by its search: another way to the same
    /// answer as [`Self::list_uids`], for listings that may have left something out.
    pub async fn search_uids(&mut self, from: u32, to: u32) -> Result<Vec<u32>, ImapError> {
        fetch::search_uids(&mut self.line, from, to).await
    }

    /// The messages with these UIDs, each cut off at `max_bytes`, or their headers only; in the order
    /// of their UIDs. What is missing in the result was expunged, or answered without data: the server
    /// cannot give it now.
    pub async fn fetch(
        &mut self,
        uids: &[u32],
        max_bytes: usize,
        headers_only: bool,
    ) -> Result<Vec<Fetched>, ImapError> {
        fetch::fetch(&mut self.line, &self.limits, uids, max_bytes, headers_only).await
    }

    /// The UIDs of the messages of the open folder with this Message-ID, as far as the server's search
    /// finds them; it may find more, and on some servers nothing.
    pub async fn find_message_id(&mut self, id: &MessageId) -> Result<Vec<u32>, ImapError> {
        fetch::search_message_id(&mut self.line, id).await
    }

    /// Puts a mail into a folder, with flags such as `\Seen` or `\Draft`. Not idempotent: look for the
    /// Message-ID first.
    pub async fn append(&mut self, folder: &str, bytes: &[u8], flags: &[&str]) -> Result<(), ImapError> {
        fetch::append(&mut self.line, folder, bytes, flags).await
    }

    /// Makes a folder: where there is no Sent or Drafts to put a mail of ours into.
    ///
    /// # Errors
    /// [`ImapError::Refused`] if the server does not let us.
    pub async fn create(&mut self, folder: &str) -> Result<(), ImapError> {
        fetch::create(&mut self.line, folder).await
    }

    /// Asks whether the connection still lives.
    pub async fn noop(&mut self) -> Result<(), ImapError> {
        self.line.command("NOOP", vec![b"NOOP".to_vec()], session::SMALL, |_| {}).await
    }

    /// Waits until something changes in the open folder (RFC 2177), at most `timeout`. A server's
    /// keepalives are no change.
    ///
    /// # Errors
    /// [`ImapError::Refused`] where the server does not want to; the session is usable then.
    pub async fn idle(&mut self, timeout: Duration) -> Result<Idle, ImapError> {
        self.line.idle(timeout).await
    }

    /// Says goodbye; whether it arrives does not matter.
    pub async fn logout(self) {
        self.line.logout().await;
    }
}

#[cfg(test)]
mod tests;
