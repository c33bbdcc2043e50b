//! What a person asks to be sent: what speaks against it, and whether it is there already.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ident::NamedAddress;

/// A person's order for one mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Name of the template.
    pub template: String,
    /// Whom it goes to.
    pub to: NamedAddress,
    /// From which account; `None`: the first.
    pub account: Option<String>,
    /// Instead of the template's subject.
    pub subject: Option<String>,
    /// Values for the template.
    pub vars: BTreeMap<String, String>,
    /// The sequence of the outreach that it begins; `None`: that of the config, `none`: none.
    pub sequence: Option<String>,
    /// Into Drafts instead of to the server.
    pub draft: bool,
    /// Once more, although it was sent before.
    pub again: bool,
    /// Although something speaks against it.
    pub anyway: bool,
    /// Words by which the outreach is sorted.
    pub tags: Vec<String>,
}

/// What speaks against writing to somebody: a person is asked first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "objection", rename_all = "snake_case")]
pub enum Objection {
    /// On the never list, perhaps because they asked for it.
    Never {
        /// Address or domain on the list.
        entry: String,
        /// Why it is there.
        because: String,
    },
    /// Mail to the address came back.
    Bounced {
        /// When it was written to last.
        at: Timestamp,
    },
    /// An outreach to the same person runs.
    Running {
        /// The outreach.
        outreach: i64,
        /// Its subject.
        subject: String,
        /// Its latest touch.
        at: Timestamp,
        /// Whether the person answered it.
        answered: bool,
    },
    /// An outreach to somebody else of the organisation runs.
    Organisation {
        /// The outreach.
        outreach: i64,
        /// Whom it asks.
        to: String,
        /// Its latest touch.
        at: Timestamp,
    },
    /// A mail with this subject to this person lies in Sent.
    SameSubject {
        /// When it was sent.
        at: Timestamp,
    },
    /// The text holds what was meant to be replaced.
    Leftover {
        /// What.
        text: String,
    },
}

/// A mail that an earlier command of the same template, recipient and account wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// How often the command was repeated on purpose before it.
    pub generation: u32,
    /// Its state in the outbox.
    pub state: String,
    /// It says the same, to the same folder or server.
    pub same: bool,
    /// A person let it go although it may have left.
    pub approved: bool,
    /// When it was written.
    pub decided_at: Timestamp,
}

/// What to do with an order, given what earlier ones came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A new mail of this generation.
    Write {
        /// Its generation.
        generation: u32,
    },
    /// The mail that an earlier command wrote still waits: it goes as it is.
    Resume,
    /// The mail that waits says something else: it goes no more, this one instead.
    Replace {
        /// The generation of the new one.
        generation: u32,
    },
    /// It is done, or may be: nothing is sent.
    Already,
    /// The very same words left within the hour: once more can only be a mistake.
    TooSoon,
}

/// How long the very same words are not sent again, whatever is asked.
const SAME_WORDS: SignedDuration = SignedDuration::from_hours(1);

/// Whether an order is new. Repeating a command that was cut off anywhere sends one mail: what waits
/// goes on, and what left or may have left stays done until the person says `again`.
pub fn step(latest: Option<&Earlier>, again: bool, now: Timestamp) -> Step {
    let Some(earlier) = latest else { return Step::Write { generation: 0 } };
    let next = earlier.generation.saturating_add(1);
    match earlier.state.as_str() {
        // neither reached anybody
        "failed" | "cancelled" => Step::Write { generation: next },
        "queued" | "held" if earlier.same || earlier.approved => Step::Resume,
        "queued" | "held" => Step::Replace { generation: next },
        // on its way at this moment
        "claimed" | "sending" => Step::Already,
        _ if !again => Step::Already,
        _ if earlier.same && now.duration_since(earlier.decided_at).abs() < SAME_WORDS => Step::TooSoon,
        _ => Step::Write { generation: next },
    }
}

#[cfg(test)]
mod tests;
