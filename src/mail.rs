//! Mail servers and mail text: reading over IMAP, sending over SMTP, composing the exact bytes.
//!
//! Here belongs everything that speaks to a mail server or writes a mail. Here never belongs: a
//! decision (that is `domain`), the database, a clock. Every wait is bounded by [`Limits`], every
//! size too, and nothing that a server says can end the process.

use std::time::Duration;

pub mod compose;
pub mod folder_names;
pub mod imap;
pub mod mailfile;
pub mod smtp;
pub mod tls;
mod wire;

pub use wire::WireError;

#[cfg(test)]
mod peer;

/// How long to wait and how much to accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the TCP connection, each address of the host by itself, and for the TLS handshake.
    pub connect: Duration,
    /// Longest silence of the server while an answer is awaited, and longest stall of a write.
    pub silence: Duration,
    /// Longest wait for the answer to a mail's body (RFC 5321 §4.5.3.2.6 asks for ten minutes).
    pub after_body: Duration,
    /// Longest duration of one command, however lively the server is.
    pub command: Duration,
    /// Longest line of a server, in bytes.
    pub line: usize,
    /// What an announced literal may have beyond the bytes that were asked for.
    pub slack: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            silence: Duration::from_secs(60),
            after_body: Duration::from_secs(600),
            command: Duration::from_secs(900),
            line: 1 << 20,
            slack: 2 << 20,
        }
    }
}
