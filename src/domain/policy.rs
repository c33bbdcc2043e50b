//! May we answer? Each rule of the recruiter answer is a function with a name; `why` prints the
//! names, the database stores them, and their order is the order of [`RULES`].

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::gist::{Gist, Kind, RecruiterVerdict};
use super::ident::{Address, OwnAddresses, registrable_domain};
use super::recruiter;

/// Mail that lay on the server for longer is not answered any more.
pub const MAX_AGE: SignedDuration = SignedDuration::from_hours(14 * 24);
/// More addressees than this in To and Cc: not a mail to us.
pub const MAX_RECIPIENTS: usize = 5;

/// Why an inquiry is not answered by machine (product §3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Not switched on.
    Off,
    /// Everything automatic is paused.
    Paused,
    /// It lay in its folder before the account was first opened.
    BeforeStart,
    /// The server got it over 14 days ago.
    TooOld,
    /// Sent has not been read to its beginning yet.
    HistoryIncomplete,
    /// Its kind is not `human`.
    NotHuman,
    /// A mark of mail-rules §A1, §A2.
    AutomaticMarks,
    /// Lies in Junk, or was marked as spam.
    Junk,
    /// None of the user's addresses in To or Cc.
    NotAddressed,
    /// More than five addressees.
    TooManyRecipients,
    /// From the user.
    #[serde(rename = "self")]
    Own,
    /// Under the lower threshold.
    NotRecruiter,
    /// Between the two thresholds: held for a person, unless it is a scam.
    Unsure,
    /// A job scam.
    Scam,
    /// The user wrote to this person before, or it answers the user.
    KnownPerson,
    /// Outreach runs to the person or the organisation.
    RunningOutreach,
    /// On the never list.
    NeverList,
    /// From the employer's domain.
    Employer,
    /// This person was ever answered by machine.
    AlreadyAnswered,
    /// Enough for today.
    DailyLimit,
    /// The account's own provider says that the sender is forged.
    DmarcFail,
    /// Reply-To of another organisation that is no known recruiting relay.
    ForeignReplyTo,
    /// The user has answered.
    AnsweredMeanwhile,
}

impl Rule {
    /// The name in `--json`, in `why` and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Paused => "paused",
            Self::BeforeStart => "before_start",
            Self::TooOld => "too_old",
            Self::HistoryIncomplete => "history_incomplete",
            Self::NotHuman => "not_human",
            Self::AutomaticMarks => "automatic_marks",
            Self::Junk => "junk",
            Self::NotAddressed => "not_addressed",
            Self::TooManyRecipients => "too_many_recipients",
            Self::Own => "self",
            Self::NotRecruiter => "not_recruiter",
            Self::Unsure => "unsure",
            Self::Scam => "scam",
            Self::KnownPerson => "known_person",
            Self::RunningOutreach => "running_outreach",
            Self::NeverList => "never_list",
            Self::Employer => "employer",
            Self::AlreadyAnswered => "already_answered",
            Self::DailyLimit => "daily_limit",
            Self::DmarcFail => "dmarc_fail",
            Self::ForeignReplyTo => "foreign_reply_to",
            Self::AnsweredMeanwhile => "answered_meanwhile",
        }
    }

    /// The rule of that name.
    pub fn parse(name: &str) -> Option<Self> {
        RULES.iter().map(|(rule, _)| *rule).find(|rule| rule.as_str() == name)
    }

    /// Whether it may stop blocking by itself, so that the inquiry is judged again later.
    pub fn passes(self) -> bool {
        matches!(self, Self::Paused | Self::HistoryIncomplete | Self::DailyLimit)
    }

    /// Whether it blocks only until a person has looked at the answer.
    pub fn is_a_person_s_call(self) -> bool {
        self == Self::Unsure
    }

    /// In one sentence, for a person.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Off => "automatic answers are switched off",
            Self::Paused => "everything automatic is paused",
            Self::BeforeStart => "it was there before checkback first opened the account",
            Self::TooOld => "it is over 14 days old",
            Self::HistoryIncomplete => "the Sent folder has not been read to its beginning yet",
            Self::NotHuman => "no person wrote it",
            Self::AutomaticMarks => "it bears a mark that forbids automatic answers",
            Self::Junk => "it lies in Junk or was marked as spam",
            Self::NotAddressed => "none of your addresses stands in To or Cc",
            Self::TooManyRecipients => "it went to more than five people",
            Self::Own => "you wrote it yourself",
            Self::NotRecruiter => "it does not read like a recruiter's pitch",
            Self::Unsure => "it may be a recruiter's pitch, but that is not sure: a person decides",
            Self::Scam => "it reads like a job scam",
            Self::KnownPerson => "you know this person, or the mail answers one of yours",
            Self::RunningOutreach => "your own outreach to this person or organisation is running",
            Self::NeverList => "the sender is on your never list",
            Self::Employer => "it comes from your employer",
            Self::AlreadyAnswered => "this person has had an automatic answer",
            Self::DailyLimit => "today's limit of automatic answers is reached",
            Self::DmarcFail => "your provider says that the sender is forged",
            Self::ForeignReplyTo => "answers would go to another organisation",
            Self::AnsweredMeanwhile => "you have answered it yourself",
        }
    }
}

/// One inquiry with everything the rules ask. Facts that only a live mailbox knows are in `live`;
/// without one (a mail file), the rules that need it count as met.
#[derive(Debug, Clone)]
pub struct InquiryCase<'a> {
    /// The mail.
    pub gist: &'a Gist,
    /// The user's addresses. Empty: unknown, and `not_addressed` counts as met.
    pub own: &'a OwnAddresses,
    /// Domains of the employer.
    pub employer_domains: &'a [String],
    /// Addresses and domains never written to by machine.
    pub never: &'a [String],
    /// Whether it lies in Junk.
    pub in_junk: bool,
    /// What the past says about the sender.
    pub history: History,
    /// The `authserv-id` of the user's provider; `None`: not known, the topmost field is believed.
    pub authserv_id: Option<&'a str>,
    /// What only a live mailbox knows.
    pub live: Option<Live>,
}

/// What the past says about the sender of an inquiry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// The user ever wrote to this person.
    pub wrote_before: bool,
    /// The mail answers a mail of the user.
    pub answers_us: bool,
    /// Outreach runs to the person or the organisation.
    pub running_outreach: bool,
    /// This person opted out, or was put on the never list by command.
    pub suppressed: bool,
    /// This person was ever answered by machine.
    pub already_answered: bool,
}

/// What only a live mailbox knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Live {
    /// Automatic answers are switched on.
    pub on: bool,
    /// Everything automatic is paused.
    pub paused: bool,
    /// It lay in its folder before the account was first opened.
    pub before_start: bool,
    /// INTERNALDATE, or what the mail's own header says if that is earlier: mail that is copied into a
    /// folder is dated by the day of the copying.
    pub received: Timestamp,
    /// Now.
    pub now: Timestamp,
    /// Sent has been read to its beginning.
    pub history_complete: bool,
    /// Answers that left or wait for today.
    pub answered_today: u32,
    /// How many may.
    pub daily_limit: u32,
    /// A Sent message of the user answers this mail.
    pub answered_meanwhile: bool,
}

/// A rule as a function: does it block this inquiry?
pub type Blocks = fn(&InquiryCase<'_>) -> bool;

/// Every rule in the order in which blocks are stored.
pub const RULES: [(Rule, Blocks); 23] = [
    (Rule::Off, off),
    (Rule::Paused, paused),
    (Rule::BeforeStart, before_start),
    (Rule::TooOld, too_old),
    (Rule::HistoryIncomplete, history_incomplete),
    (Rule::NotHuman, not_human),
    (Rule::AutomaticMarks, automatic_marks),
    (Rule::Junk, junk),
    (Rule::NotAddressed, not_addressed),
    (Rule::TooManyRecipients, too_many_recipients),
    (Rule::Own, own),
    (Rule::NotRecruiter, not_recruiter),
    (Rule::Unsure, unsure),
    (Rule::Scam, scam),
    (Rule::KnownPerson, known_person),
    (Rule::RunningOutreach, running_outreach),
    (Rule::NeverList, never_list),
    (Rule::Employer, employer),
    (Rule::AlreadyAnswered, already_answered),
    (Rule::DailyLimit, daily_limit),
    (Rule::DmarcFail, dmarc_fail),
    (Rule::ForeignReplyTo, foreign_reply_to),
    (Rule::AnsweredMeanwhile, answered_meanwhile),
];

/// Every rule that blocks, in order. Empty: it may be answered.
pub fn judge(case: &InquiryCase<'_>) -> Vec<Rule> {
    RULES.iter().filter(|(_, blocks)| blocks(case)).map(|(rule, _)| *rule).collect()
}

/// Whom the answer goes to: Reply-To where it belongs to the author's organisation or to a relay of
/// a recruiting platform, else the author (mail-rules §A2.4).
pub fn answer_to(gist: &Gist) -> Option<&Address> {
    let author = gist.author()?;
    let reply_to = gist.reply_to.first();
    Some(reply_to.filter(|address| belongs_together(author, address)).unwrap_or(author))
}

/// Whether an address or its domain (or a domain above it) stands in a list of both.
pub fn is_listed(list: &[String], address: &Address) -> bool {
    list.iter().any(|entry| {
        let entry = entry.trim().trim_start_matches('@').to_lowercase();
        match Address::parse(&entry) {
            Some(listed) => listed.same_mailbox(address),
            None => is_domain_or_below(address.domain(), &entry),
        }
    })
}

fn is_domain_or_below(domain: &str, above: &str) -> bool {
    !above.is_empty() && (domain == above || domain.strip_suffix(above).is_some_and(|rest| rest.ends_with('.')))
}

fn belongs_together(author: &Address, other: &Address) -> bool {
    author.same_mailbox(other)
        || match (author.organisation(), other.organisation()) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        }
        || recruiter::is_relay(other.domain())
}

fn off(case: &InquiryCase<'_>) -> bool {
    case.live.is_some_and(|live| !live.on)
}

fn paused(case: &InquiryCase<'_>) -> bool {
    case.live.is_some_and(|live| live.paused)
}

fn before_start(case: &InquiryCase<'_>) -> bool {
    case.live.is_some_and(|live| live.before_start)
}

fn too_old(case: &InquiryCase<'_>) -> bool {
    case.live.is_some_and(|live| live.now.duration_since(live.received) > MAX_AGE)
}

fn history_incomplete(case: &InquiryCase<'_>) -> bool {
    case.live.is_some_and(|live| !live.history_complete)
}

fn not_human(case: &InquiryCase<'_>) -> bool {
    case.gist.kind != Kind::Human
}

fn automatic_marks(case: &InquiryCase<'_>) -> bool {
    !case.gist.marks.is_empty()
}

fn junk(case: &InquiryCase<'_>) -> bool {
    case.in_junk || case.gist.spam
}

fn not_addressed(case: &InquiryCase<'_>) -> bool {
    !case.own.is_empty() && !case.gist.addressees().any(|entry| case.own.contains(&entry.address))
}

fn too_many_recipients(case: &InquiryCase<'_>) -> bool {
    case.gist.addressees().count() > MAX_RECIPIENTS
}

fn own(case: &InquiryCase<'_>) -> bool {
    let senders = case.gist.from.iter().map(|from| &from.address).chain(&case.gist.sender).chain(&case.gist.reply_to);
    let path = match &case.gist.return_path {
        super::inbound::ReturnPath::Mailbox(address) => Some(address),
        _ => None,
    };
    senders.chain(path).any(|address| case.own.contains(address))
}

fn not_recruiter(case: &InquiryCase<'_>) -> bool {
    // what no person wrote has no score: that it is not human is the whole reason
    let scored = matches!(case.gist.kind, Kind::Human | Kind::OutOfOffice);
    scored && case.gist.recruiter.verdict == RecruiterVerdict::NotRecruiter
}

fn unsure(case: &InquiryCase<'_>) -> bool {
    // what reads like a scam is not held: there is nothing for a person to release
    case.gist.recruiter.verdict == RecruiterVerdict::Unsure && !case.gist.recruiter.scam
}

fn scam(case: &InquiryCase<'_>) -> bool {
    case.gist.recruiter.scam
}

fn known_person(case: &InquiryCase<'_>) -> bool {
    case.history.wrote_before || case.history.answers_us
}

fn running_outreach(case: &InquiryCase<'_>) -> bool {
    case.history.running_outreach
}

fn never_list(case: &InquiryCase<'_>) -> bool {
    let gist = case.gist;
    case.history.suppressed
        || gist.author().into_iter().chain(&gist.sender).chain(&gist.reply_to).any(|at| is_listed(case.never, at))
}

fn employer(case: &InquiryCase<'_>) -> bool {
    let gist = case.gist;
    gist.author().into_iter().chain(&gist.sender).chain(&gist.reply_to).any(|at| is_listed(case.employer_domains, at))
}

fn already_answered(case: &InquiryCase<'_>) -> bool {
    case.history.already_answered
}

fn daily_limit(case: &InquiryCase<'_>) -> bool {
    case.live.is_some_and(|live| live.answered_today >= live.daily_limit)
}

fn dmarc_fail(case: &InquiryCase<'_>) -> bool {
    case.gist.authentication.as_ref().is_some_and(|result| {
        let ours = case.authserv_id.is_none_or(|id| same_server(id, &result.authserv_id));
        ours && result.dmarc_fail
    })
}

/// An authserv-id is a host of the provider; hosts of one provider count as one.
fn same_server(known: &str, named: &str) -> bool {
    known.eq_ignore_ascii_case(named)
        || registrable_domain(known).is_some_and(|domain| Some(domain) == registrable_domain(named))
}

fn foreign_reply_to(case: &InquiryCase<'_>) -> bool {
    let Some(author) = case.gist.author() else { return true };
    case.gist.reply_to.iter().any(|address| !belongs_together(author, address))
}

fn answered_meanwhile(case: &InquiryCase<'_>) -> bool {
    case.live.is_some_and(|live| live.answered_meanwhile)
}

#[cfg(test)]
mod tests;
