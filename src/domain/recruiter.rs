//! Is this a recruiter's pitch? Score, signals, and what it pitches.
//!
//! Phrases of eleven languages raise signals; the table of [`signals`] gives each a side and points. A trained
//! table of [`wording`] hears the rest. What both say, and the shape of the mail, is weighed by a trained
//! [balance](evidence), which gives a probability. The worst mistake is a wrong answer, so that some signals
//! hold a mail for a person whatever else it says, and the upper threshold is high.

use super::gist::{Assessment, Pitch, RecruiterVerdict};
use super::inbound::Inbound;
use super::reply_text::ReplyText;
use signals::Side;

pub use evidence::{Balance, Evidence, TRAITS};

mod context;
mod evidence;
mod greeting;
mod normal;
mod phrases;
mod pitched;
mod same_role;
mod signals;
pub mod wording;

/// Scores from here on are surely pitches.
pub const UPPER: f64 = 0.82;
/// Scores below are surely none.
pub const LOWER: f64 = 0.3;
/// The highest score of mail that something forbids to answer unseen.
const HELD: f64 = 0.75;
/// Points of [`Side::Job`] or [`Side::Writer`] that make an offer of a job, or a recruiter by trade.
const OFFER: f64 = 2.0;
/// Points of a job or a recruiter below which the phrases know of neither.
const TRACE: f64 = 0.2;
/// What long pitches mention in passing ("our conference budget", "my client", "it has been a while"): it is
/// weighed, and forbids nothing alone.
const MENTIONED: &[&str] = &[
    "client",
    "closing",
    "event",
    "forwarded",
    "job_alert",
    "other_recruiting",
    "outsourcing",
    "personal",
    "sales",
    "survey",
    "training",
    "warm",
];

/// Scores a mail. `language` is that of its own words, if it is sure: a pitch in a language without a
/// table is at most held, since what speaks against it can't be read.
pub fn assess(mail: &Inbound, text: &ReplyText, language: Option<&str>) -> Assessment {
    let evidence = evidence(mail, text, language);
    let likeness = likeness(&evidence);
    let score = score(&evidence, Balance::shipped().log_odds(&evidence.traits(likeness)));
    let verdict = if score >= UPPER {
        RecruiterVerdict::Recruiter
    } else if score >= LOWER {
        RecruiterVerdict::Unsure
    } else {
        RecruiterVerdict::NotRecruiter
    };
    let mut signals = evidence.names();
    signals.extend(worded(likeness).map(str::to_owned));
    Assessment { verdict, score, signals, scam: evidence.points(Side::Scam) < 0.0 }
}

/// Everything that a mail is scored by; for the program that trains and ablates the scorer.
pub fn evidence(mail: &Inbound, text: &ReplyText, language: Option<&str>) -> Evidence {
    Evidence::of(mail, text, language)
}

/// The score of a mail by the shipped tables.
pub fn score_of(evidence: &Evidence) -> f64 {
    score(evidence, Balance::shipped().log_odds(&evidence.traits(likeness(evidence))))
}

/// The score of a mail whose traits come to these log-odds.
pub fn score(evidence: &Evidence, log_odds: f64) -> f64 {
    let likely = 1.0 / (1.0 + (-log_odds).exp());
    if evidence.wording.is_empty() {
        0.0
    } else if is_forbidden(evidence) || evidence.points(Side::Job) + evidence.points(Side::Writer) < TRACE {
        likely.min(HELD)
    } else {
        likely
    }
}

/// Reads what was pitched.
pub fn pitch(mail: &Inbound, text: &ReplyText) -> Pitch {
    pitched::read(mail, text)
}

/// Whether two pitches are likely one and the same role, as when two agencies have it: the job's name
/// agrees, no fact that both name disagrees, and company, or two of place, pay and skills, agree.
pub fn same_role(one: &Pitch, other: &Pitch) -> bool {
    same_role::same_role(one, other)
}

/// Whether the domain is a known relay of a recruiting platform (LinkedIn, XING, an ATS, a
/// sequencer), to which a `Reply-To` may lead although the author sits elsewhere.
pub fn is_relay(domain: &str) -> bool {
    context::is_relay(domain)
}

fn likeness(evidence: &Evidence) -> f64 {
    evidence.wording.likeness(wording::Table::shipped())
}

/// Whether something forbids an answer that no person has looked at, however likely a pitch it is.
fn is_forbidden(evidence: &Evidence) -> bool {
    let forbids = |signal: &&signals::Signal| match signal.side {
        Side::Against => !MENTIONED.contains(&signal.name),
        Side::Scam | Side::Doubt => true,
        _ => false,
    };
    evidence.signals.iter().any(forbids)
}

/// How the table of wordings hears it, if it hears it clearly.
fn worded(likeness: f64) -> Option<&'static str> {
    match likeness {
        much if much > 0.5 => Some("worded_like_pitches"),
        little if little < -0.5 => Some("-worded_otherwise"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
