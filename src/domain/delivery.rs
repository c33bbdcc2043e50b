//! What became of a mail that was handed to a server, and what to do next.

use jiff::{SignedDuration, Timestamp};

use super::dsn;
use super::gist::BounceReason;

/// Why a mail of ours leaves: what it must pass before it does, and how it is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// The machine answers an inquiry.
    Answer,
    /// The machine follows up on an outreach.
    FollowUp,
    /// A person sends it.
    Own,
    /// It goes to the user.
    Digest,
}

impl Errand {
    const ALL: [Self; 4] = [Self::Answer, Self::FollowUp, Self::Own, Self::Digest];

    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::FollowUp => "follow_up",
            Self::Own => "own",
            Self::Digest => "digest",
        }
    }

    /// The errand of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|errand| errand.as_str() == name)
    }

    /// Whether it is mail that the machine writes to others: that stops with a pause, and passes the
    /// gate (product §3.5).
    pub fn is_automatic(self) -> bool {
        matches!(self, Self::Answer | Self::FollowUp)
    }
}

/// How far the dialogue with the server came (RFC 5321 §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before any mail was named: greeting, EHLO, sign-in.
    Connect,
    /// MAIL: our own address.
    Sender,
    /// RCPT: the address we write to.
    Recipient,
    /// DATA, before any byte of the mail.
    Data,
    /// After the mail's last byte.
    Body,
}

/// The end of one attempt to send one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The server took it.
    Accepted {
        /// Its reply, with the code.
        reply: String,
    },
    /// The server said no; the mail did not leave.
    Refused {
        /// The reply code, such as 550.
        code: u16,
        /// The enhanced code (RFC 3463), such as `5.1.1`.
        enhanced: Option<String>,
        /// What it says.
        text: String,
        /// Whether it would say so again (5xx).
        permanent: bool,
        /// To what it said no.
        stage: Stage,
    },
    /// The connection ended after the mail had begun to leave: maybe it was delivered. Never sent
    /// again blindly.
    Unknown {
        /// What happened.
        why: String,
    },
    /// The connection ended, or never began, before any byte of the mail left: safe to try again.
    NotSent {
        /// What happened.
        why: String,
    },
}

impl std::fmt::Display for SendOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Accepted { reply } => write!(f, "accepted: {reply}"),
            Self::Refused { code, text, .. } => write!(f, "refused: {code} {text}"),
            Self::Unknown { why } => write!(f, "unknown: {why}"),
            Self::NotSent { why } => f.write_str(why),
        }
    }
}

/// What to do with the mail now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is sent.
    Sent,
    /// Try again then.
    RetryAt(Timestamp),
    /// Give it up and tell the user.
    Failed {
        /// For the user.
        reason: String,
        /// `false`: the address is dead. `true`: the address may be fine, what stands in the way is a
        /// policy, the size, a full mailbox, or our own account.
        policy: bool,
    },
    /// Find out whether it arrived, by its Message-ID.
    Unknown,
    /// The provider lets this account send no more for now: send nothing at all until then, and tell
    /// the user. The mail waits.
    LimitReached {
        /// When to try again.
        until: Timestamp,
    },
}

/// Attempts after which a mail that is always refused for now is given up.
pub const MAX_ATTEMPTS: u32 = 8;

/// What follows from the outcome of the attempt number `attempts` (1 for the first).
///
/// A refusal for now is tried again after growing delays, [`MAX_ATTEMPTS`] times. A mail that could
/// not even be offered is tried again for ever, at most hourly: being offline is nobody's refusal.
pub fn next(outcome: &SendOutcome, attempts: u32, now: Timestamp) -> Next {
    match outcome {
        SendOutcome::Accepted { .. } => Next::Sent,
        SendOutcome::Unknown { .. } => Next::Unknown,
        SendOutcome::NotSent { .. } => Next::RetryAt(later(now, delay(attempts).min(OFFLINE_DELAY))),
        SendOutcome::Refused { code, enhanced, text, permanent, stage } => {
            if is_sending_limit(enhanced.as_deref(), text) {
                return Next::LimitReached { until: later(now, LIMIT_DELAY) };
            }
            if !permanent && attempts < MAX_ATTEMPTS {
                return Next::RetryAt(later(now, delay(attempts)));
            }
            let dead = *permanent && *stage == Stage::Recipient && is_dead_address(enhanced.as_deref(), text);
            // a server that tells its rules at RCPT speaks of the mail, not of the address
            let by_rule =
                *stage == Stage::Recipient && dsn::reason_of(enhanced.as_deref(), text) == BounceReason::Policy;
            let stage = if by_rule { Stage::Data } else { *stage };
            Next::Failed { reason: reason(stage, *code, text), policy: !dead }
        }
    }
}

/// How long nothing is sent after a provider said that its limit is reached.
pub const LIMIT_DELAY: SignedDuration = SignedDuration::from_hours(24);
const OFFLINE_DELAY: SignedDuration = SignedDuration::from_hours(1);
/// Minutes before the second attempt, the third …
const DELAYS: [i64; 7] = [1, 5, 15, 60, 240, 480, 720];

fn delay(attempts: u32) -> SignedDuration {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let minutes = DELAYS.get(index).or(DELAYS.last()).copied().unwrap_or(60);
    SignedDuration::from_mins(minutes)
}

fn later(now: Timestamp, delay: SignedDuration) -> Timestamp {
    now.saturating_add(delay).unwrap_or(now)
}

/// Whether the refusal is the provider's limit on what this account may send, by code (Gmail: 5.4.5,
/// 4.7.28) or by text. A full mailbox and a mail too large have limits too, and are none of this.
fn is_sending_limit(enhanced: Option<&str>, text: &str) -> bool {
    const CODES: &[&str] = &["5.4.5", "4.7.28", "5.7.28"];
    const SIGNS: &[&str] = &[
        "sending limit",
        "sending quota",
        "daily limit",
        "daily quota",
        "daily user sending",
        "daily message limit",
        "hourly limit",
        "limit exceeded",
        "exceeded the limit",
        "exceeded your limit",
        "exceeded its limit",
        "exceeded the maximum number of messages",
        "too many messages",
        "message limit reached",
        "submission quota",
    ];
    const OTHER_LIMITS: &[&str] =
        &["size", "mailbox", "storage", "disk", "connection", "recipients per", "line length"];
    match enhanced {
        Some(code) if CODES.contains(&code) => return true,
        // mailbox full, mail too large, system full
        Some("5.2.2" | "4.2.2" | "5.2.3" | "5.3.4" | "4.3.1" | "5.3.1") => return false,
        _ => {}
    }
    let lower = text.to_lowercase();
    SIGNS.iter().any(|sign| lower.contains(sign)) && !OTHER_LIMITS.iter().any(|other| lower.contains(other))
}

/// Whether a refused recipient means that there is no such mailbox, by the tables that read bounces;
/// a refusal of the address without a word about why counts as one.
fn is_dead_address(enhanced: Option<&str>, text: &str) -> bool {
    match dsn::reason_of(enhanced, text) {
        BounceReason::Address => true,
        BounceReason::Unknown => enhanced.is_none(),
        _ => false,
    }
}

fn reason(stage: Stage, code: u16, text: &str) -> String {
    let what = match stage {
        Stage::Connect => "the connection",
        Stage::Sender => "the sender's address",
        Stage::Recipient => "the recipient's address",
        Stage::Data | Stage::Body => "the mail",
    };
    format!("the mail server refused {what}: {code} {text}")
}

#[cfg(test)]
mod tests;
