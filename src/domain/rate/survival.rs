//! The expected rate: how many will have answered by day d, young outreach included.
//!
//! Kaplan and Meier (JASA 53, 1958) with "answered" as the event: an unanswered outreach is known to
//! be unanswered until its account was last read, and leaves the risk set there (is *censored*). An
//! outreach of which nothing was ever seen (never read, or sent after the last read) says nothing
//! and is left out. Answers at the same moment as a censoring come first, as is usual.

use jiff::SignedDuration;
use serde::Serialize;

use super::interval::{quantile, wilson};
use super::{Estimate, Fate, Pursuit, Settings, count, days};

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
pub fn curve(pursuits: &[Pursuit], settings: &Settings) -> Vec<CurvePoint> {
    let delivered: Vec<&Pursuit> = pursuits.iter().filter(|pursuit| pursuit.fate == Fate::Delivered).collect();
    let courses = courses(&delivered);
    let Some(end) = courses.iter().map(|course| course.time).max() else { return Vec::new() };
    let mut points = vec![CurvePoint { days: 0.0, rate: 0.0, lo: 0.0, hi: 0.0 }];
    for step in steps(&courses) {
        let estimate = step.estimate(settings.level);
        let [lo, hi] = estimate.interval;
        points.push(CurvePoint { days: days(step.at), rate: estimate.rate, lo, hi });
    }
    if let Some(last) = points.last().copied().filter(|last| last.days < days(end)) {
        points.push(CurvePoint { days: days(end), ..last });
    }
    points
}

/// 1 − S(window). `None` if nothing was answered within the window, or if the observations do not
/// reach it: the curve is known up to the longest one, and flat beyond would be a guess. Only where
/// all were answered nothing remains to be known, and then it is enough that somebody was
/// *followed* as long as the window.
pub(super) fn expected(delivered: &[&Pursuit], settings: &Settings) -> Option<Estimate> {
    let window = settings.window();
    let courses = courses(delivered);
    let last = steps(&courses).into_iter().take_while(|step| step.at <= window).last()?;
    let reaches = if last.survival > 0.0 {
        courses.iter().any(|course| course.time >= window)
    } else {
        delivered.iter().filter_map(|pursuit| pursuit.followed_for()).any(|time| time >= window)
    };
    reaches.then(|| last.estimate(settings.level))
}

/// One outreach from its first touch to its answer, or to the end of what was seen of it.
struct Course {
    time: SignedDuration,
    answered: bool,
}

/// In order of time.
fn courses(delivered: &[&Pursuit]) -> Vec<Course> {
    let mut courses: Vec<Course> = delivered
        .iter()
        .filter_map(|pursuit| match pursuit.answered_after() {
            Some(time) => Some(Course { time, answered: true }),
            None => pursuit
                .followed_for()
                .filter(|time| *time >= SignedDuration::ZERO)
                .map(|time| Course { time, answered: false }),
        })
        .collect();
    courses.sort_unstable_by_key(|course| course.time);
    courses
}

/// The state of the estimate right after the answers at `at`.
struct Step {
    at: SignedDuration,
    survival: f64,
    /// Σ d / (n (n − d)).
    greenwood: f64,
    answered: u32,
}

impl Step {
    fn estimate(&self, level: f64) -> Estimate {
        let rate = 1.0 - self.survival;
        if self.survival <= 0.0 {
            // Greenwood's variance has no value here; so many answers and not one refusal do.
            return Estimate { rate, interval: wilson(self.answered, self.answered, level) };
        }
        let log = self.survival.ln();
        let theta = quantile(level) * self.greenwood.sqrt() / log;
        let end = |sign: f64| 1.0 - self.survival.powf((sign * theta).exp());
        let (a, b) = (end(1.0), end(-1.0));
        Estimate { rate, interval: [a.min(b).clamp(0.0, rate), a.max(b).clamp(rate, 1.0)] }
    }
}

fn steps(courses: &[Course]) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut survival, mut greenwood, mut answered) = (1.0, 0.0, 0);
    let mut at_risk = courses.len();
    for together in courses.chunk_by(|a, b| a.time == b.time) {
        let events = together.iter().filter(|course| course.answered).count();
        if let Some(first) = together.first().filter(|_| events > 0) {
            let (n, d) = (f64::from(count(at_risk)), f64::from(count(events)));
            survival *= (n - d) / n;
            greenwood += d / (n * (n - d));
            answered += count(events);
            steps.push(Step { at: first.time, survival, greenwood, answered });
        }
        at_risk -= together.len();
    }
    steps
}
