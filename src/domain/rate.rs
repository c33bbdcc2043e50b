//! The response rate: the only implementation, whoever shows it.
//!
//! Two figures, because each answers its own question. *Observed* is a plain share that anybody can
//! recount: of the outreach that had its full time to be answered, how much was. *Expected* uses the
//! young outreach too, by what is known of it so far, and says where the observed rate is heading.
//! Neither is ever given where the data cannot bear it: then it is `None`, never 0 %.

mod groups;
mod interval;
mod survival;
mod tally;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use groups::{Assignment, Comparison, Group, by, compare, either_way};
pub use interval::wilson;
pub use survival::{CurvePoint, curve};

use interval::at_least;
use tally::Tally;

/// Fewer observed outreach than this give no verdict.
pub const FEWEST_FOR_A_VERDICT: u32 = 10;

/// Probability from which a statement about the goal is made.
const CONVINCED: f64 = 0.8;

/// Beyond this many further outreach "so many more would settle it" is no advice.
const MOST_MORE: u32 = 10_000;

/// One outreach, as far as the rate needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pursuit {
    /// When its first message left.
    pub first_touch: Timestamp,
    /// The first *human* match at level `sure` or `likely`; every later one changes nothing.
    pub first_response: Option<Timestamp>,
    /// Whether it got there. A pursuit that is not delivered counts nowhere else, answered or not.
    pub fate: Fate,
    /// Until when its account was read; `None`: never.
    pub read_until: Option<Timestamp>,
}

/// What became of the mail itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// As far as is known, it arrived.
    Delivered,
    /// The address is dead, or its owner has left.
    Bounced,
    /// Failed for good for another reason: policy, size, a full mailbox.
    Refused,
}

/// What the rate is measured against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Days from the first touch within which an answer counts.
    pub window_days: u32,
    /// The band aimed at, as shares, `lo <= hi`.
    pub goal: (f64, f64),
    /// Level of the intervals, 0.95 by default.
    pub level: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { window_days: 21, goal: (0.25, 0.30), level: 0.95 }
    }
}

impl Settings {
    /// The time from the first touch within which an answer counts.
    pub fn window(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.window_days))
    }
}

/// The response rate with everything that belongs to it. Serialised, it is the `rate` object of `--json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rate {
    /// Days from the first touch within which an answer counts.
    pub window_days: u32,
    /// Outreach begun.
    pub sent: u32,
    /// Of those: went to a dead address.
    pub bounced: u32,
    /// Of those: failed for good for another reason.
    pub refused: u32,
    /// `sent - bounced - refused`.
    pub delivered: u32,
    /// The plain share; `None` while no delivered outreach has had its full time.
    pub observed: Option<Observed>,
    /// The share that will have answered within the window; `None` where it cannot be estimated.
    pub expected: Option<Estimate>,
    /// Median of the days from first touch to answer over all answers, late ones too.
    pub median_days_to_answer: Option<f64>,
    /// The band aimed at.
    pub goal: [f64; 2],
    /// Where the observed rate stands against the band.
    pub verdict: Verdict,
    /// Posterior probability that the rate is at least the band's lower end.
    pub probability_reached: Option<f64>,
    /// Threads in Sent of which nobody has said yet whether they are outreach.
    pub undecided: u32,
    /// How many more outreach, answered at the present rate, would end `too_early`; `None` if it has
    /// ended, if there is no present rate, or if it would take more than 10,000.
    #[serde(skip)]
    pub more_needed: Option<u32>,
}

/// `answered` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Observed {
    /// Those of `of` that were answered within the window.
    pub answered: u32,
    /// Delivered outreach whose window had passed when its account was last read.
    pub of: u32,
    /// `answered / of`.
    pub rate: f64,
    /// Wilson's score interval.
    pub interval: [f64; 2],
}

/// An estimate and its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// 1 − Kaplan–Meier survival at the window.
    pub rate: f64,
    /// Log-log interval from Greenwood's variance.
    pub interval: [f64; 2],
}

/// Where the rate stands against the goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The data do not tell.
    TooEarly,
    /// Probably under the band.
    Below,
    /// Probably in the band or over it.
    Reached,
    /// Probably over the band.
    Above,
}

/// The response rate of these pursuits.
///
/// A moment exactly at the end of the window is inside it, for the answer and for the reading alike.
pub fn rate<'a>(pursuits: impl IntoIterator<Item = &'a Pursuit>, settings: &Settings, undecided: u32) -> Rate {
    let rate = Tally::of(pursuits, settings).rate(settings);
    let more_needed = rate.observed.as_ref().and_then(|seen| more_needed(seen, settings.goal));
    Rate { undecided, more_needed, ..rate }
}

fn verdict(answered: f64, of: u32, (lo, hi): (f64, f64)) -> Verdict {
    if of < FEWEST_FOR_A_VERDICT {
        return Verdict::TooEarly;
    }
    let reached = at_least(answered, f64::from(of), lo);
    if reached <= 1.0 - CONVINCED {
        Verdict::Below
    } else if at_least(answered, f64::from(of), hi) >= CONVINCED {
        Verdict::Above
    } else if reached >= CONVINCED {
        Verdict::Reached
    } else {
        Verdict::TooEarly
    }
}

/// Doubling, then halving: the posterior only narrows as n grows at one rate.
fn more_needed(seen: &Observed, goal: (f64, f64)) -> Option<u32> {
    let settled = |more: u32| {
        let of = seen.of.saturating_add(more);
        verdict(seen.rate * f64::from(of), of, goal) != Verdict::TooEarly
    };
    if settled(0) {
        return None;
    }
    let (mut open, mut enough) = (0, 1);
    while !settled(enough) {
        if enough == MOST_MORE {
            return None;
        }
        open = enough;
        enough = (enough * 2).min(MOST_MORE);
    }
    while enough - open > 1 {
        let middle = open + (enough - open) / 2;
        if settled(middle) { enough = middle } else { open = middle }
    }
    Some(enough)
}

fn days(time: SignedDuration) -> f64 {
    time.as_secs_f64() / 86_400.0
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
