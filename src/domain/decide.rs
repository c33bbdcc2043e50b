//! What happens next: a mail and its case in, a [`Decision`] out. Pure and short, so that it runs
//! inside the write transaction on a case that can't be stale.
//!
//! `arrived`: somebody's mail. `sent`: a mail of ours seen in Sent. `gate`: a mail of ours that is
//! about to leave. The outcome of sending is decided in `delivery`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::gist::{BounceReason, Gist, Kind, Pitch, RecruiterVerdict, Tone};
use super::ident::{Address, MessageId, NamedAddress, reply_subject};
use super::matching::{self, Candidate, Level, Match};
use super::outreach::{self, SentCase, SentVerdict};
use super::policy::{self, InquiryCase, Rule};
use super::{recruiter, senders, tone};

/// The template that asks a recruiter to come back later.
pub const CHECK_BACK: &str = "check-back";

/// What is to be stored, and why.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// Each is one change of the database.
    pub facts: Vec<Fact>,
    /// In words, for `why`.
    pub because: String,
}

/// One change, as data.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// The mail begins an outreach.
    Outreach {
        /// Whom it asks.
        asked: Vec<NamedAddress>,
        /// The rule that logged it.
        because: String,
    },
    /// The mail is a further touch of an outreach.
    Touch {
        /// The outreach.
        outreach: i64,
    },
    /// The mail may be outreach: the user decides.
    Proposal {
        /// The rule that proposed it.
        because: String,
    },
    /// The mail belongs to an outreach.
    Matched(Match),
    /// A person of an outreach could not be reached.
    Unreachable {
        /// The outreach.
        outreach: i64,
        /// Whom, as far as the notice says; empty: everybody it asked.
        recipients: Vec<Address>,
        /// Why.
        reason: BounceReason,
    },
    /// The sender asked never to be written to again.
    OptOut {
        /// The address, or the domain of the organisation.
        entry: String,
        /// In words.
        because: String,
    },
    /// The rules that block an automatic answer; none if it is answered.
    Judged(Vec<Rule>),
    /// A recruiter wrote.
    Recruiter {
        /// Who.
        from: NamedAddress,
        /// What was pitched.
        pitch: Pitch,
    },
    /// A mail is to be written.
    Write(Order),
    /// The user answered by hand: an answer that waits is pointless.
    UserAnswered {
        /// Ids of the answered mail.
        parents: Vec<MessageId>,
    },
    /// A check-back of ours was found in Sent, whoever sent it and with whatever secret.
    CheckBackSeen {
        /// Ids of the answered mail; none if it had none.
        parents: Vec<MessageId>,
        /// Who got it.
        recipients: Vec<Address>,
    },
}

/// A mail that is to be written: everything but its words, which the template gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Name of the template, which is the purpose too.
    pub template: String,
    /// Language of the mail that is answered, if it is sure.
    pub language: Option<String>,
    /// Own address: the one that was written to.
    pub sender: Address,
    /// Whom it goes to.
    pub recipient: NamedAddress,
    /// Subject line.
    pub subject: String,
    /// The mail that is answered.
    pub in_reply_to: Option<MessageId>,
    /// Its ancestors and itself.
    pub references: Vec<MessageId>,
    /// Message-ID (or digest) of what is answered: the root of the dedupe key.
    pub root: String,
    /// Waits for a person.
    pub held: bool,
    /// When it may leave.
    pub due_at: Timestamp,
    /// Every name under which the recipient counts as answered.
    pub marks: Vec<String>,
}

/// Somebody's mail and what decides about it.
#[derive(Debug, Clone)]
pub struct ArrivedCase<'a> {
    /// The mail with all that the rules of the recruiter answer ask.
    pub inquiry: InquiryCase<'a>,
    /// When it came.
    pub at: Timestamp,
    /// `X-GM-THRID`.
    pub provider_thread: Option<&'a str>,
    /// Outreach that it may belong to.
    pub candidates: Vec<Candidate>,
    /// Now.
    pub now: Timestamp,
    /// How long an answer waits.
    pub delay: SignedDuration,
    /// It was judged before and an answer was written: only the matches are looked at again.
    pub answer_exists: bool,
    /// The user said that it belongs to an outreach.
    pub joined: bool,
}

/// Decides about somebody's mail.
pub fn arrived(case: &ArrivedCase<'_>) -> Decision {
    let gist = case.inquiry.gist;
    let own = case.inquiry.own;
    let matches = matching::find(gist, case.at, own, case.provider_thread, &case.candidates);
    let mut facts: Vec<Fact> = Vec::new();
    for found in &matches {
        facts.extend(unreachable(gist, found.outreach).filter(|_| found.level.counts()));
        facts.push(Fact::Matched(found.clone()));
    }
    facts.extend(opt_out(gist, case.joined || !matches.is_empty()));
    let mut inquiry = case.inquiry.clone();
    let counts = |level| level != Level::Candidate;
    inquiry.history.answers_us |= matches.iter().any(|found| counts(found.level));
    let blocked = policy::judge(&inquiry);
    let recruiter = gist.recruiter.verdict == RecruiterVerdict::Recruiter;
    let stranger_pitch = !blocked
        .iter()
        .any(|rule| matches!(rule, Rule::NotHuman | Rule::Own | Rule::Scam | Rule::NotRecruiter | Rule::Employer));
    if recruiter
        && stranger_pitch
        && let Some(from) = &gist.from
    {
        facts.push(Fact::Recruiter { from: from.clone(), pitch: gist.pitch.clone() });
    }
    let because = describe(gist, &matches, &blocked);
    if !case.answer_exists {
        let held = blocked == [Rule::Unsure];
        if (blocked.is_empty() || held)
            && let Some(order) = check_back(case, held)
        {
            facts.push(Fact::Write(order));
        }
        facts.push(Fact::Judged(blocked));
    }
    Decision { facts, because }
}

/// Decides about a mail of ours that was seen in Sent.
pub fn sent(case: &SentCase<'_>) -> Decision {
    let gist = case.gist;
    let parents: Vec<MessageId> = gist.parents().cloned().collect();
    let mut facts = Vec::new();
    if gist.auto_submitted || case.made_by_us {
        let others = gist.to.iter().map(|to| &to.address).filter(|to| !case.own.contains(to));
        let recipients: Vec<Address> = others.cloned().collect();
        // a pitch without a Message-ID leaves nothing that an answer could name
        if !parents.is_empty() || gist.auto_submitted && !recipients.is_empty() {
            facts.push(Fact::CheckBackSeen { parents, recipients });
        }
        return Decision { facts, because: "sent by machine: never outreach".into() };
    }
    if !parents.is_empty() {
        facts.push(Fact::UserAnswered { parents });
    }
    let because = match outreach::judge_sent(case) {
        SentVerdict::Logged { because } => {
            let asked = outreach::recipients(gist, case.own).into_iter().cloned().collect();
            facts.push(Fact::Outreach { asked, because: because.clone() });
            because
        }
        SentVerdict::Touch { outreach, because } => {
            facts.push(Fact::Touch { outreach });
            because
        }
        SentVerdict::Proposed { because } => {
            facts.push(Fact::Proposal { because: because.clone() });
            because
        }
        SentVerdict::NotOutreach { because } => because,
    };
    Decision { facts, because }
}

/// What the gate says of a mail that is about to leave: an answer by its rules, a follow-up by its bars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GateVerdict<R = Rule> {
    /// It may leave.
    Go,
    /// Not now: it stays queued.
    Wait(Vec<R>),
    /// Never: it is cancelled.
    Cancel(Vec<R>),
}

/// Judges an automatic answer once more, on what the gate's fresh read shows. `approved`: a person
/// released it, so that an unsure score does not block; every other rule still does.
pub fn gate(case: &InquiryCase<'_>, approved: bool) -> GateVerdict {
    let blocked: Vec<Rule> =
        policy::judge(case).into_iter().filter(|rule| !(approved && rule.is_a_person_s_call())).collect();
    match blocked.iter().all(|rule| rule.passes()) {
        true if blocked.is_empty() => GateVerdict::Go,
        true => GateVerdict::Wait(blocked),
        false => GateVerdict::Cancel(blocked),
    }
}

/// The day that "check back in `months` months" names, by the user's calendar.
pub fn check_back_on(sent_at: Timestamp, months: u32, zone: &TimeZone) -> Date {
    let day = sent_at.to_zoned(zone.clone()).date();
    day.checked_add(Span::new().months(i64::from(months))).unwrap_or(Date::MAX)
}

/// Who of an outreach could not be reached, by a mail that belongs to it.
pub fn unreachable(gist: &Gist, outreach: i64) -> Option<Fact> {
    match (gist.kind, &gist.bounce, &gist.out_of_office) {
        (Kind::Bounce, Some(bounce), _) if bounce.permanent => {
            Some(Fact::Unreachable { outreach, recipients: bounce.recipients.clone(), reason: bounce.reason })
        }
        (Kind::OutOfOffice, _, Some(away)) if away.left => Some(Fact::Unreachable {
            outreach,
            recipients: gist.author().cloned().into_iter().collect(),
            reason: BounceReason::Address,
        }),
        _ => None,
    }
}

/// Every name under which a person counts as answered: the addresses, the thread, and the name
/// within the organisation.
pub fn answer_marks(gist: &Gist) -> Vec<String> {
    let senders = gist.from.iter().map(|from| &from.address).chain(&gist.sender).chain(&gist.reply_to);
    let mut marks: Vec<String> = senders.filter_map(address_mark).collect();
    let thread = gist.references.first().into_iter().chain(gist.in_reply_to.first());
    marks.extend(std::iter::once(gist.root()).chain(thread.map(MessageId::as_str)).map(|id| format!("mail:{id}")));
    if let Some(from) = &gist.from
        && let (Some(name), Some(organisation)) = (matching::name_key(from), from.address.organisation())
    {
        marks.push(format!("person:{name}|{}", organisation.as_str()));
    }
    marks.sort();
    marks.dedup();
    marks
}

/// The mark of an address. A platform's relay writes for many people: there only the exact address
/// counts, which often holds a token of the thread, and never a robot's.
pub fn address_mark(address: &Address) -> Option<String> {
    match recruiter::is_relay(address.domain()) {
        false => Some(format!("address:{}", address.mailbox_key())),
        true if senders::robot_address(address).is_some() => None,
        true => Some(format!("address:{}", address.as_str())),
    }
}

/// Who asked for silence: the person, and the whole organisation if they say so.
fn opt_out(gist: &Gist, is_matched: bool) -> Vec<Fact> {
    let asked_us = gist.kind == Kind::Human && is_matched;
    let author = gist.author().filter(|_| asked_us && gist.tone == Some(Tone::No { for_good: true }));
    let Some(address) = author else { return Vec::new() };
    let because = "asked not to be written to again".to_owned();
    let mut facts = vec![Fact::OptOut { entry: address.as_str().to_owned(), because }];
    if let Some(organisation) = address.organisation().filter(|_| tone::speaks_for_all(&gist.text)) {
        let because = format!("{address} asked that nobody there is written to again");
        facts.push(Fact::OptOut { entry: format!("@{}", organisation.as_str()), because });
    }
    facts
}

/// The answer of product §3.4, as an order for the template.
fn check_back(case: &ArrivedCase<'_>, held: bool) -> Option<Order> {
    let gist = case.inquiry.gist;
    let address = policy::answer_to(gist)?.clone();
    let own = case.inquiry.own;
    let sender = gist.addressees().map(|to| &to.address).find(|to| own.is_empty() || own.contains(to))?.clone();
    let name = gist.from.as_ref().and_then(|from| from.name.clone());
    let mut references = gist.references.clone();
    if references.is_empty() {
        references.extend(gist.in_reply_to.iter().take(1).cloned());
    }
    references.extend(gist.message_id.clone());
    references.dedup();
    Some(Order {
        template: CHECK_BACK.into(),
        language: gist.language.clone(),
        sender,
        recipient: NamedAddress { name, address },
        subject: reply_subject(&gist.subject),
        in_reply_to: gist.message_id.clone(),
        references,
        root: gist.root().to_owned(),
        held,
        due_at: case.now.checked_add(case.delay).unwrap_or(case.now),
        marks: answer_marks(gist),
    })
}

fn describe(gist: &Gist, matches: &[Match], blocked: &[Rule]) -> String {
    let mut said = vec![format!("{}: {}", gist.kind.as_str(), gist.kind_because)];
    said.extend(matches.iter().map(|found| format!("{} by {}", found.level.as_str(), found.evidence.as_str())));
    if blocked.is_empty() {
        said.push("answered".into());
    }
    said.join("; ")
}

#[cfg(test)]
mod tests;
