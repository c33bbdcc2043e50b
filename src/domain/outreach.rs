//! What of the Sent folder is outreach (product §3.1), and the [`Stage`]s of a pursuit.

use jiff::{SignedDuration, Timestamp};

use super::gist::{Gist, Kind};
use super::ident::{Address, BaseSubject, MessageId, NamedAddress, OwnAddresses};

pub use channel::{Channel, MAIL};
pub use stage::Stage;

mod channel;
mod stage;

/// Recipients beyond which an unmarked mail is no ask of a person.
const MOST_RECIPIENTS: usize = 3;
/// How long a mail is proposed after it was sent.
const PROPOSED: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How long a mail with the same subject to the same person is one more touch.
const SAME_ASK: SignedDuration = SignedDuration::from_hours(24 * 90);
/// The plus-tag of the user's own address that marks a mail as outreach.
const MARK: &str = "outreach";

/// Which new threads in Sent are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogPolicy {
    /// Marked ones are logged, others to strangers are proposed.
    Propose,
    /// Every new thread to one to three strangers, history included.
    AllNewThreads,
    /// Only marked ones.
    Off,
}

/// What a sent mail is. Each verdict has its reason in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentVerdict {
    /// The first touch of a new outreach.
    Logged {
        /// Why.
        because: String,
    },
    /// Perhaps outreach: a person is asked.
    Proposed {
        /// Why.
        because: String,
    },
    /// One more touch of an outreach that runs.
    Touch {
        /// [`RunningOutreach::outreach`].
        outreach: i64,
        /// Why.
        because: String,
    },
    /// Something else.
    NotOutreach {
        /// Why.
        because: String,
    },
}

/// An outreach that a sent mail may be a further touch of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningOutreach {
    /// Key of its row; only echoed.
    pub outreach: i64,
    /// Ids of all mails of its thread: ours, rewritten ones included, and the answers.
    pub ids: Vec<MessageId>,
    /// The persons asked, by every address known of them.
    pub recipients: Vec<Address>,
    /// The subject of its first touch.
    pub base_subject: BaseSubject,
    /// When its latest touch was sent.
    pub last_touch: Timestamp,
}

/// Everything that the verdict on a sent mail depends on.
#[derive(Debug, Clone, Copy)]
pub struct SentCase<'a> {
    /// The mail.
    pub gist: &'a Gist,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The present time.
    pub now: Timestamp,
    /// The user's addresses.
    pub own: &'a OwnAddresses,
    /// What of the unmarked mails is logged.
    pub log: LogPolicy,
    /// Lies in the folder or bears the label `Outreach`.
    pub in_outreach_folder: bool,
    /// For each of [`recipients`], in that order: no human mail went both ways before. What is
    /// missing counts as known.
    pub strangers: &'a [bool],
    /// Some recipient is a lead in the tracker.
    pub leads: bool,
    /// The outreach that the mail may continue.
    pub running: &'a [RunningOutreach],
    /// Whether the user accepted or rejected a proposal to this address or domain before.
    pub remembered: Option<bool>,
    /// Written by the program itself: a check-back, a reminder, a follow-up.
    pub made_by_us: bool,
}

/// Whom a sent mail goes to, without the user's own addresses, each mailbox once: To, Cc, Bcc.
pub fn recipients<'a>(gist: &'a Gist, own: &OwnAddresses) -> Vec<&'a NamedAddress> {
    let mut found: Vec<&NamedAddress> = Vec::new();
    for entry in gist.addressees().chain(&gist.bcc).filter(|entry| !own.contains(&entry.address)) {
        if !found.iter().any(|known| known.address.same_mailbox(&entry.address)) {
            found.push(entry);
        }
    }
    found
}

/// Says what a sent mail is. The rules in their order: what never is outreach, what continues one,
/// what the user marked, and then the policy for all others.
pub fn judge_sent(case: &SentCase<'_>) -> SentVerdict {
    let recipients = recipients(case.gist, case.own);
    if let Some(because) = never(case, &recipients) {
        return not(because);
    }
    if let Some(touch) = continued(case, &recipients) {
        return touch;
    }
    if case.gist.is_in_thread() {
        return not("a reply");
    }
    if let Some(mark) = mark(case) {
        return SentVerdict::Logged { because: mark.to_owned() };
    }
    if let Some(because) = not_an_ask(case, &recipients) {
        return not(because);
    }
    by_policy(case, recipients.len())
}

fn not(because: &str) -> SentVerdict {
    SentVerdict::NotOutreach { because: because.to_owned() }
}

/// What no mark can make outreach.
fn never(case: &SentCase<'_>, recipients: &[&NamedAddress]) -> Option<&'static str> {
    if case.made_by_us {
        Some("written by checkback itself")
    } else if case.gist.auto_submitted {
        Some("marked Auto-Submitted")
    } else if recipients.is_empty() {
        Some("to nobody but oneself")
    } else {
        None
    }
}

/// One more touch: the mail itself is known, or it goes to the same person in the thread, or under
/// the same subject at about the same time. Time counts in both directions, since history may be
/// read backwards.
fn continued(case: &SentCase<'_>, recipients: &[&NamedAddress]) -> Option<SentVerdict> {
    let gist = case.gist;
    let to_same = |one: &RunningOutreach| {
        one.recipients.iter().any(|asked| recipients.iter().any(|entry| entry.address.same_mailbox(asked)))
    };
    let is_known =
        |one: &&RunningOutreach| gist.message_id.iter().chain(&gist.other_ids).any(|id| one.ids.contains(id));
    let touch = |one: &RunningOutreach, because: &str| SentVerdict::Touch {
        outreach: one.outreach,
        because: because.to_owned(),
    };
    if let Some(one) = case.running.iter().find(is_known) {
        return Some(touch(one, "a mail of this outreach that is known already"));
    }
    // The nearest parent decides where a thread holds several outreach to one person.
    let in_thread = gist.parents().find_map(|id| case.running.iter().find(|one| one.ids.contains(id) && to_same(one)));
    if let Some(one) = in_thread {
        return Some(touch(one, "to the same person in the thread of this outreach"));
    }
    let gap = |one: &RunningOutreach| case.sent_at.duration_since(one.last_touch).abs();
    let nearest = case
        .running
        .iter()
        .filter(|one| to_same(one) && one.base_subject == gist.base_subject && gap(one) <= SAME_ASK)
        .min_by_key(|one| (gap(one), one.outreach))?;
    Some(touch(nearest, "to the same person with the same subject within 90 days"))
}

/// How the user marked the mail as outreach.
fn mark(case: &SentCase<'_>) -> Option<&'static str> {
    let is_mark = |entry: &NamedAddress| {
        let tag = entry.address.local().split_once('+').map(|(_, tag)| tag);
        tag == Some(MARK) && case.own.contains(&entry.address)
    };
    if case.in_outreach_folder {
        Some("lies in Outreach")
    } else if case.gist.bcc.iter().chain(&case.gist.cc).any(is_mark) {
        Some("copied to one's own address with +outreach")
    } else if case.leads {
        Some("to a lead")
    } else {
        None
    }
}

/// Why an unmarked new mail asks nothing of a person.
fn not_an_ask(case: &SentCase<'_>, recipients: &[&NamedAddress]) -> Option<&'static str> {
    if case.gist.kind != Kind::Human {
        Some("not written by hand")
    } else if case.gist.forward {
        Some("a forward of somebody's mail")
    } else if recipients.len() > MOST_RECIPIENTS {
        Some("to more than three people")
    } else if is_list_command(case.gist, recipients) {
        Some("a command to a mailing list")
    } else {
        None
    }
}

/// Subscribing and unsubscribing, which mail programs also do by themselves (RFC 2369 §3.2).
fn is_list_command(gist: &Gist, recipients: &[&NamedAddress]) -> bool {
    const ENDS: &[&str] = &["-request", "-subscribe", "-unsubscribe", "-leave", "-join"];
    const LOCALS: &[&str] = &["unsubscribe", "subscribe", "listserv", "majordomo"];
    let to_robot = |entry: &&NamedAddress| {
        let local = entry.address.local();
        let base = local.split('+').next().unwrap_or(local);
        LOCALS.contains(&base) || ENDS.iter().any(|end| base.ends_with(end))
    };
    gist.base_subject.as_str().split(' ').next() == Some("unsubscribe") || recipients.iter().any(to_robot)
}

fn by_policy(case: &SentCase<'_>, recipients: usize) -> SentVerdict {
    if case.log == LogPolicy::Off {
        return not("not marked, and log_sent is off");
    }
    let strangers = case.strangers.len() >= recipients && case.strangers.iter().all(|stranger| *stranger);
    if !strangers {
        return not("to somebody known");
    }
    if case.remembered == Some(false) {
        return not("such a proposal was rejected before");
    }
    if case.log == LogPolicy::AllNewThreads {
        return SentVerdict::Logged { because: "a new thread to strangers".to_owned() };
    }
    if case.now.duration_since(case.sent_at) > PROPOSED {
        return not("older than 90 days");
    }
    if case.remembered == Some(true) {
        return SentVerdict::Logged { because: "such a proposal was accepted before".to_owned() };
    }
    SentVerdict::Proposed { because: "a new thread to strangers".to_owned() }
}

#[cfg(test)]
mod tests;
