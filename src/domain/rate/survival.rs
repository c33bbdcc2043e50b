//! The expected rate: how many will have answered by day d, young outreach included.
//!
//! Kaplan and Meier (JASA 53, 1958) with "answered" as the event: an unanswered outreach is known to
//! be unanswered until its account was last read, and leaves the risk set there (is *censored*). An
//! outreach of which nothing was ever seen (never read, or sent after the last read) says nothing
//! and is left out. Answers at the same moment as a censoring come first, as is usual.

use jiff::SignedDuration;
use serde::Serialize;

use super::interval::{quantile, wilson};
use super::tally::Tally;
use super::{Estimate, Pursuit, Settings, count, days};

/// A corner of the curve of answers over time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Days since the first touch.
    pub days: f64,
    /// Share answered by then.
    pub rate: f64,
    /// Lower end of its interval.
    pub lo: f64,
    /// Upper end of its interval.
    pub hi: f64,
}

/// The share answered by each day, as steps: each point holds until the next, the first is at day 0
/// and the last where the longest observation ends. Empty if nothing was observed.
pub fn curve<'a>(pursuits: impl IntoIterator<Item = &'a Pursuit>, settings: &Settings) -> Vec<CurvePoint> {
    // A window that nothing outlasts: here it matters how long the old ones were followed.
    let mut tally = Tally::default();
    pursuits.into_iter().for_each(|pursuit| tally.add(pursuit, SignedDuration::MAX));
    tally.answers.sort_unstable();
    tally.young.sort_unstable();
    let Some(end) = tally.answers.last().max(tally.young.last()).copied() else { return Vec::new() };
    let mut points = vec![CurvePoint { days: 0.0, rate: 0.0, lo: 0.0, hi: 0.0 }];
    let level = Level::of(settings.level);
    for step in steps(&tally.answers, &tally.young, 0) {
        let estimate = step.estimate(&level);
        let [lo, hi] = estimate.interval;
        points.push(CurvePoint { days: days(step.at), rate: estimate.rate, lo, hi });
    }
    if let Some(last) = points.last().copied().filter(|last| last.days < days(end)) {
        points.push(CurvePoint { days: days(end), ..last });
    }
    points
}

/// The state of the estimate right after the answers at `at`.
pub(super) struct Step {
    pub(super) at: SignedDuration,
    pub(super) survival: f64,
    /// Σ d / (n (n − d)).
    greenwood: f64,
    answered: u32,
}

/// A level and its quantile, which a curve needs at each of its corners.
pub(super) struct Level {
    share: f64,
    quantile: f64,
}

impl Level {
    pub(super) fn of(share: f64) -> Self {
        Self { share, quantile: quantile(share) }
    }
}

impl Step {
    pub(super) fn estimate(&self, level: &Level) -> Estimate {
        let rate = 1.0 - self.survival;
        if self.survival <= 0.0 {
            // Greenwood's variance has no value here; so many answers and not one refusal do.
            return Estimate { rate, interval: wilson(self.answered, self.answered, level.share) };
        }
        let log = self.survival.ln();
        let theta = level.quantile * self.greenwood.sqrt() / log;
        let end = |sign: f64| 1.0 - self.survival.powf((sign * theta).exp());
        let (a, b) = (end(1.0), end(-1.0));
        Estimate { rate, interval: [a.min(b).clamp(0.0, rate), a.max(b).clamp(rate, 1.0)] }
    }
}

/// The estimate after each moment with answers. Both lists in order of time; `beyond` counts the
/// unanswered that were followed for longer than any of `censored`, and at least to the last answer
/// that is looked at.
pub(super) fn steps<'a>(
    answers: &'a [SignedDuration],
    censored: &'a [SignedDuration],
    beyond: u32,
) -> impl Iterator<Item = Step> + 'a {
    let (mut survival, mut greenwood, mut answered, mut gone) = (1.0, 0.0, 0, 0);
    answers.chunk_by(|a, b| a == b).filter_map(move |together| {
        let at = together.first().copied()?;
        while censored.get(gone).is_some_and(|time| *time < at) {
            gone += 1;
        }
        let at_risk = answers.len() - answered + censored.len() - gone;
        let (n, d) = (f64::from(count(at_risk)) + f64::from(beyond), f64::from(count(together.len())));
        survival *= (n - d) / n;
        greenwood += d / (n * (n - d));
        answered += together.len();
        Some(Step { at, survival, greenwood, answered: count(answered) })
    })
}
