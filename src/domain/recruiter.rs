//! Is this a recruiter's pitch? Score, signals, and what it pitches.
//!
//! Phrases of eleven languages raise signals; the table of [`signals`] weighs them. A pitch is a
//! stranger (or a recruiter by trade) who offers a job and asks for something: only mail with all three
//! can reach the upper threshold, and nothing that speaks against one may be found in it. The worst
//! mistake is a wrong answer, so that in doubt a mail is held for a person.

use std::collections::BTreeSet;

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
mod wording;

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
/// Points of [`Side::Job`] that spell an offer out in several ways.
const SPELT_OUT: f64 = 4.7;
/// Points of [`Side::Ask`] that only words give.
const SAID: f64 = 0.4;
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
const MENTIONED: &[&str] = &["event", "survey", "training", "employer", "personal", "job_alert", "newsletter"];
/// What a recruiter by trade, who has everything else in full, may say without meaning it: a warm word, the
/// season, the client's needs.
const TALK: &[&str] = &["warm", "personal", "client", "sales", "closing", "past"];
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
    let features = wording::features(&mail.subject, &text.own, &names);
    names.extend(wording_signal(wording::log_odds(&features)));
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

/// What the table of wordings knows a mail by, and what that comes to with the shipped weights; for the
/// program that trains it. `signals` as in [`Assessment::signals`].
pub fn wording(subject: &str, own: &str, signals: &[String]) -> (BTreeSet<String>, f64) {
    let names: Vec<&str> = signals.iter().map(String::as_str).filter(|name| !name.contains("worded_")).collect();
    let features = wording::features(subject, own, &names);
    let log_odds = wording::log_odds(&features);
    (features, log_odds)
}

/// The signal that log-odds of the table of wordings raise.
pub fn wording_signal(log_odds: f64) -> Option<&'static str> {
    if log_odds < wording::OTHERWISE {
        Some("worded_otherwise")
    } else {
        (log_odds > wording::LIKE).then_some("worded_like_pitches")
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
    // A recruiter who names the job and its terms to a stranger offers it, whatever the words.
    let listed = has(&["role_title", "terse_offer"]) && has(&["terms", "pay"]) && stranger > 0.0;
    let offers = job >= OFFER || writer >= OFFER && (has(OFFERS) || listed);
    // A first contact is a stranger's voice, or a recruiter who tells which job it is: who is already
    // talking with us need not.
    let told = has(TOLD);
    let in_full = has(&["job_listing", "role_and_pay"]) && (writer + stranger > 0.0 || has(&["ask_cv"]));
    let by_trade = writer >= OFFER && job > OFFER + 1.0 && has(&["role_title", "role_in_subject"]);
    // Nobody but a stranger says who he is, offers the job in full and asks for interest, with no hint of
    // anything else; nor would anybody else ask for another person who may want it.
    let spelt_out = stranger > 0.0 && ask >= 1.2 && (job >= SPELT_OUT || has(&["ask_referral"]) && job >= OFFER);
    let contact = in_full
        || by_trade
        || spelt_out && sum(Side::Hint) > -0.4
        || writer + stranger >= CONTACT && (stranger > 0.0 || told);
    let strong = writer >= OFFER && job > OFFER + 1.0 && stranger >= 1.5 && ask >= 1.0;
    let doubt = if strong { 2.0 * DOUBT } else { DOUBT };
    let trade = has(TRADE) || has(&["hiring_manager"]) && has(&["found_you"]);
    // A question mark alone asks for something only from a stranger; a reminder asks again.
    let asks = ask >= SAID || ask > 0.0 && stranger > 0.0 || writer >= CONTACT && has(&["bump"]);
    let complete = offers && asks && contact && trade && sum(Side::Hint) > doubt;
    let excused = if strong { excused(found, has(&["worded_like_pitches"])) } else { 0.0 };
    let against = sum(Side::Against) + sum(Side::Scam) - excused;
    let likely = 1.0 / (1.0 + (excused - points).exp());
    let (like, otherwise) = (has(&["worded_like_pitches"]), has(&["worded_otherwise"]));
    let clear = against == 0.0 && !found.iter().any(|signal| signal.side == Side::Scam);
    let sure = clear && (complete && (strong || !otherwise) || like && job + writer >= TRACE);
    let most = if sure {
        1.0
    } else if job + writer < TRACE && !like {
        NO_JOB
    } else {
        HELD
    };
    let least = if clear && like && sure {
        UPPER
    } else if offers && ask > 0.0 && against > SURELY_OTHER || clear && like {
        LOWER
    } else {
        0.0
    };
    likely.clamp(least.min(most), most)
}

/// The points of the one thing against a mail, if it is a thing that is only mentioned.
fn excused(found: &[&'static signals::Signal], like: bool) -> f64 {
    let mut against = found.iter().filter(|s| matches!(s.side, Side::Against | Side::Scam));
    match (against.next(), against.next()) {
        (Some(only), None) if MENTIONED.contains(&only.name) || like && TALK.contains(&only.name) => only.weight,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests;
