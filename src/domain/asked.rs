//! What a person asks to be sent: what speaks against it, and whether it is there already.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ident::{Address, NamedAddress};

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
    /// The experiment for which the template was drawn by lot; `None`: a person chose it.
    #[serde(default)]
    pub drawn_from: Option<String>,
}

/// Draws one of two templates for somebody, and gives its name and that of the experiment. The lot hangs
/// on the install secret, the reader and the two names, in whatever order they are given: asked again it
/// falls the same way, and nobody can choose it.
pub fn draw(secret: &[u8], to: &Address, one: &str, other: &str) -> (String, String) {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    let mut hash = Sha256::new();
    for part in [secret, to.mailbox_key().as_bytes(), first.as_bytes(), second.as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let heads = hash.finalize().first().is_some_and(|byte| byte % 2 == 0);
    (if heads { first } else { second }.to_owned(), format!("{first} or {second}"))
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
    /// A follow-up whose day has not come.
    NotDue {
        /// Its day.
        at: Timestamp,
        /// What it follows.
        because: String,
    },
    /// A follow-up that waits for a person to look at what came, or that a person stopped.
    Waits {
        /// Why.
        because: String,
    },
    /// The person, or somebody of their organisation, got mail today.
    Today {
        /// When.
        at: Timestamp,
        /// It was a colleague.
        colleague: bool,
    },
    /// Another mail to the person is about to leave.
    Queued {
        /// Its subject.
        subject: String,
    },
}

impl Objection {
    /// In one sentence, times by that zone. Subjects and addresses stand in it as they are.
    pub fn in_words(&self, zone: &TimeZone) -> String {
        let on = |at: &Timestamp| moment(*at, zone);
        match self {
            Self::Never { entry, because } => format!("{entry} is on the never list: {because}"),
            Self::Bounced { at } => format!("the mail to this address of {} came back: it does not exist", on(at)),
            Self::Running { outreach, subject, at, answered } => {
                let how = if *answered { "was answered" } else { "runs" };
                format!("outreach {outreach} to the same person {how}: \"{subject}\", last on {}", on(at))
            }
            Self::Organisation { outreach, to, at } => {
                format!("outreach {outreach} to the same organisation runs: to {to}, last on {}", on(at))
            }
            Self::SameSubject { at } => {
                format!("you wrote to this person with this subject on {}; it lies in Sent", on(at))
            }
            Self::Leftover { text } => format!("the mail still says {text}"),
            Self::NotDue { at, because } => format!("its day has not come: {}, {because}", on(at)),
            Self::Waits { because } => because.clone(),
            Self::Today { at, colleague: false } => format!("the person got a mail from you today, at {}", on(at)),
            Self::Today { at, colleague: true } => {
                format!("a colleague of theirs got a follow-up today, at {}", on(at))
            }
            Self::Queued { subject } => format!("another mail to this person is about to leave: \"{subject}\""),
        }
    }
}

/// A moment as a person reads it.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y %H:%M").to_string()
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
