//! Is this a recruiter's pitch? Score, signals, and what it pitches.
//!
//! Phrases of eleven languages raise signals; the table of [`signals`] weighs them. A pitch is a
//! stranger (or a recruiter by trade) who offers a job and asks for something: only mail with all three
//! can reach the upper threshold, and nothing that speaks against one may be found in it. The worst
//! mistake is a wrong answer, so that in doubt a mail is held for a person.

use super::gist::{Assessment, Pitch, RecruiterVerdict};
use super::inbound::Inbound;
use super::reply_text::ReplyText;
use signals::Side;

mod context;
mod greeting;
mod normal;
mod phrases;
mod pitched;
mod same_role;
mod signals;

/// Scores from here on are surely pitches.
const UPPER: f64 = 0.8;
/// Scores below are surely none.
const LOWER: f64 = 0.3;
/// Points at which a mail is as likely a pitch as not.
const EVEN: f64 = 4.0;
/// Points of [`Side::Job`] that make an offer of a job.
const OFFER: f64 = 2.0;
/// The highest score of mail that lacks one of the three, or has something against it.
const HELD: f64 = 0.75;
/// The highest score of mail that neither offers a job nor comes from a recruiter.
const NO_JOB: f64 = 0.2;
/// Points of a job or a recruiter below which there is neither.
const TRACE: f64 = 1.2;
/// Points of a writer and a stranger's voice that make a first contact: one weak word proves none.
const CONTACT: f64 = 1.2;
/// What tells which job it is, or that a recruiter opens a conversation.
const TOLD: &[&str] = &[
    "job_listing",
    "role_and_pay",
    "role_in_subject",
    "pay",
    "ask_cv",
    "headhunter",
    "in_house_recruiter",
    "next_move",
    "introduces",
];
/// What offers a job in words, as against words that also stand in mail about jobs.
const OFFERS: &[&str] =
    &["role_offered", "hiring", "someone_wanted", "next_move", "introduces", "role_in_subject", "headhunter", "bump"];
/// What shows that the job is one of the user's trade, or that its writer fills jobs by trade.
const TRADE: &[&str] =
    &["role_title", "role_in_subject", "tech_word", "agency", "headhunter", "in_house_recruiter", "relay"];
/// What a long pitch may mention in passing ("our conference budget", "I write on Telegram"): one of these
/// alone does not hold a pitch that has everything else in full.
const MENTIONED: &[&str] =
    &["event", "survey", "training", "employer", "personal", "job_alert", "newsletter", "other_recruiting"];
/// Points against, in hints that forbid nothing alone, from which a mail is held.
const DOUBT: f64 = -1.5;
/// Points against up to which what offers a job and asks for something is held rather than let go.
const SURELY_OTHER: f64 = -5.5;

/// Scores a mail. `language` is that of its own words, if it is sure: a pitch in a language without a
/// table is at most held, since what speaks against it can't be read.
pub fn assess(mail: &Inbound, text: &ReplyText, language: Option<&str>) -> Assessment {
    let mut names = context::signals(mail, text, language);
    names.sort_unstable();
    names.dedup();
    let found = weighed(&names);
    let scam = found.iter().any(|signal| signal.side == Side::Scam);
    let score = score(&found);
    let verdict = if score >= UPPER {
        RecruiterVerdict::Recruiter
    } else if score >= LOWER {
        RecruiterVerdict::Unsure
    } else {
        RecruiterVerdict::NotRecruiter
    };
    let signals = found
        .iter()
        .map(|signal| if signal.weight < 0.0 { format!("-{}", signal.name) } else { signal.name.to_owned() })
        .collect();
    Assessment { verdict, score, signals, scam }
}

/// The score of signals by their names, as in [`Assessment::signals`]: what a mail would get if it spoke
/// with these alone. Unknown names count for nothing.
pub fn score_of(names: &[&str]) -> f64 {
    let bare: Vec<&str> = names.iter().map(|name| name.trim_start_matches('-')).collect();
    score(&weighed(&bare))
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

/// The rows of the table, strongest first.
fn weighed(names: &[&str]) -> Vec<&'static signals::Signal> {
    let mut found: Vec<&'static signals::Signal> = names.iter().filter_map(|name| signals::of(name)).collect();
    found.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then(a.name.cmp(b.name)));
    found
}

fn score(found: &[&'static signals::Signal]) -> f64 {
    let sum = |side: Side| -> f64 { found.iter().filter(|s| s.side == side).map(|s| s.weight).sum() };
    let capped = |side: Side| {
        let cap = signals::CAPS.iter().find(|(capped, _)| *capped == side).map_or(f64::INFINITY, |(_, cap)| *cap);
        sum(side).min(cap)
    };
    let (writer, job, stranger, ask) =
        (capped(Side::Writer), capped(Side::Job), capped(Side::Stranger), capped(Side::Ask));
    let points =
        writer + job + stranger + ask + capped(Side::Sent) + sum(Side::Hint) + sum(Side::Against) + sum(Side::Scam)
            - EVEN;
    let has = |names: &[&str]| found.iter().any(|signal| names.contains(&signal.name));
    let offers = job >= OFFER || (writer >= OFFER && has(OFFERS));
    // A first contact is a stranger's voice, or a recruiter who tells which job it is: who is already
    // talking with us need not.
    let told = has(TOLD);
    let in_full = has(&["job_listing", "role_and_pay"]) && (writer + stranger > 0.0 || has(&["ask_cv"]));
    let by_trade = writer >= OFFER && job > OFFER + 1.0 && has(&["role_title", "role_in_subject"]);
    let contact = in_full || by_trade || writer + stranger >= CONTACT && (stranger > 0.0 || told);
    let strong = writer >= OFFER && job > OFFER + 1.0 && stranger >= 1.5 && ask >= 1.0;
    let doubt = if strong { 2.0 * DOUBT } else { DOUBT };
    let trade = has(TRADE) || has(&["hiring_manager"]) && has(&["found_you"]);
    let complete = offers && ask > 0.0 && contact && trade && sum(Side::Hint) > doubt;
    let excused = if strong { excused(found) } else { 0.0 };
    let against = sum(Side::Against) + sum(Side::Scam) - excused;
    let likely = 1.0 / (1.0 + (excused - points).exp());
    let most = if job + writer < TRACE {
        NO_JOB
    } else if complete && against == 0.0 {
        1.0
    } else {
        HELD
    };
    let least = if offers && ask > 0.0 && against > SURELY_OTHER { LOWER } else { 0.0 };
    likely.clamp(least.min(most), most)
}

/// The points of the one thing against a mail, if it is a thing that is only mentioned.
fn excused(found: &[&'static signals::Signal]) -> f64 {
    let mut against = found.iter().filter(|s| matches!(s.side, Side::Against | Side::Scam));
    match (against.next(), against.next()) {
        (Some(only), None) if MENTIONED.contains(&only.name) => only.weight,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests;
