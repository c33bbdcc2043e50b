//! Bytes → [`Inbound`], with defects. Never fails, never panics, bounded in memory and stack.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ident::{Address, MessageId, NamedAddress};

pub use mime::{decode_field, html_to_text, parse};

mod mime;

/// The largest part of a mail that is read; what lies behind it does not exist for us.
pub const MAX_BYTES: usize = 512 * 1024;

/// A mail as it came in, parsed and decoded. Transient: what is kept of it is a `Gist`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbound {
    /// `Message-ID`; `None` if it is missing or unusable.
    pub message_id: Option<MessageId>,
    /// Hash of From, Date, Subject and the first text: tells apart mails that share a Message-ID.
    pub digest: ContentDigest,
    /// `From`, every mailbox in it.
    pub from: Vec<NamedAddress>,
    /// `Sender`.
    pub sender: Option<NamedAddress>,
    /// `Reply-To`.
    pub reply_to: Vec<NamedAddress>,
    /// `To`.
    pub to: Vec<NamedAddress>,
    /// `Cc`.
    pub cc: Vec<NamedAddress>,
    /// `Bcc`, which only Sent copies and drafts have.
    pub bcc: Vec<NamedAddress>,
    /// `Return-Path`, written by the last server.
    pub return_path: ReturnPath,
    /// `In-Reply-To`, a list by its grammar.
    pub in_reply_to: Vec<MessageId>,
    /// `References`, oldest first.
    pub references: Vec<MessageId>,
    /// `Subject`, decoded, in one line.
    pub subject: String,
    /// `Date`; may lie.
    pub date: Option<Timestamp>,
    /// Every header field of the mail itself in its order, repeated ones included.
    pub headers: Vec<Header>,
    /// The text/plain body parts, joined; empty if there are none.
    pub text: String,
    /// The text/html body parts, joined; empty if there are none.
    pub html: String,
    /// Every MIME part in document order, those of nested messages included (their depth is greater).
    pub parts: Vec<Part>,
    /// What was wrong with the bytes.
    pub defects: Vec<Defect>,
    /// Size of the bytes that were given.
    pub size: usize,
}

impl Inbound {
    /// The decoded values of every field of that name (given in lower case), in their order.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |header| header.name == name).map(|header| header.value.as_str())
    }

    /// The first field of that name (given in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name == name).map(|header| header.value.as_str())
    }

    /// The first author.
    pub fn author(&self) -> Option<&NamedAddress> {
        self.from.first()
    }

    /// The first part with this MIME type (lower case), nested messages included.
    pub fn part(&self, mime: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.mime == mime)
    }
}

/// One header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Name in lower case.
    pub name: String,
    /// Value, unfolded, with encoded words decoded.
    pub value: String,
}

/// What the `Return-Path` field says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnPath {
    /// There is no such field, as in mail that was appended or moved by a server.
    #[default]
    Absent,
    /// `<>`: the sender of bounces and of well-behaved robots.
    Null,
    /// An address.
    Mailbox(Address),
    /// Something else.
    Unreadable,
}

/// One part of the MIME tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Type and subtype in lower case, `text/plain` by default.
    pub mime: String,
    /// Parameters of `Content-Type`, names in lower case.
    pub attributes: BTreeMap<String, String>,
    /// File name, from `Content-Disposition` or `Content-Type`.
    pub file_name: Option<String>,
    /// Whether `Content-Disposition` says attachment.
    pub attachment: bool,
    /// Decoded text of text and message parts (of a nested message: its header block), 64 KiB at most.
    pub text: String,
    /// 0 for the parts of the mail itself, one more for each nested message around it.
    pub depth: u8,
    /// Size of the decoded contents in bytes.
    pub size: usize,
}

/// What was wrong with a mail's bytes. A mail with a fatal defect is never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    /// There are no bytes, or no header field can be found in them.
    Unparsable,
    /// Larger than [`MAX_BYTES`], only the beginning was read.
    Truncated,
    /// More nesting or more parts than any honest mail has; only its header was read.
    TooDeep,
    /// No usable `From`.
    NoFrom,
    /// No usable `Message-ID`.
    NoMessageId,
    /// No usable `Date`.
    NoDate,
    /// A NUL byte somewhere in the mail.
    NulBytes,
    /// A field that may stand once stands several times.
    RepeatedField,
    /// A text that could not be decoded by its declared charset or encoding.
    Undecodable,
    /// A MIME boundary that is missing or never closed.
    BrokenMime,
}

impl Defect {
    /// Whether the mail can't be understood at all: it is `automatic`, and never answered.
    pub fn is_fatal(self) -> bool {
        matches!(self, Self::Unparsable | Self::TooDeep | Self::NoFrom)
    }

    /// The name in `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unparsable => "unparsable",
            Self::Truncated => "truncated",
            Self::TooDeep => "too_deep",
            Self::NoFrom => "no_from",
            Self::NoMessageId => "no_message_id",
            Self::NoDate => "no_date",
            Self::NulBytes => "nul_bytes",
            Self::RepeatedField => "repeated_field",
            Self::Undecodable => "undecodable",
            Self::BrokenMime => "broken_mime",
        }
    }
}

/// The first 16 bytes of a SHA-256 over what makes a mail that mail, as hex.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentDigest(String);

impl ContentDigest {
    /// Bytes of the text that count.
    const TEXT: usize = 2048;

    /// Hash of the author, the date, the subject and the first 2 kB of text (mail-rules §C5); white
    /// space does not count, so that a server that re-wraps a mail changes nothing.
    pub fn of(from: &str, date: Option<Timestamp>, subject: &str, text: &str) -> Self {
        let mut hash = Sha256::new();
        let mut field = |value: &str| {
            let squeezed: Vec<u8> = if value.is_ascii() {
                value.bytes().filter(|byte| !matches!(byte, b' ' | b'\t'..=b'\r')).collect()
            } else {
                value.split_whitespace().flat_map(str::bytes).collect()
            };
            hash.update((squeezed.len() as u64).to_be_bytes());
            hash.update(&squeezed);
        };
        field(from);
        field(&date.map(|at| at.as_second().to_string()).unwrap_or_default());
        field(subject);
        let end = (0..=Self::TEXT.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        field(text.get(..end).unwrap_or_default());
        Self(hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// A digest read back from the database.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The hex form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
