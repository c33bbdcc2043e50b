//! What a rate needs to know of its pursuits, gathered in one pass: counts, and the few times that
//! matter. Most outreach is old and unanswered, and of that only the number is kept, so that a part of
//! a hundred thousand costs little more than counting it.

use jiff::SignedDuration;

use super::interval::{at_least, wilson};
use super::{Estimate, Fate, Observed, Pursuit, Rate, Settings, Verdict, days, survival, verdict};

/// The pursuits of one rate, or of one part of a breakdown.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    sent: u32,
    bounced: u32,
    refused: u32,
    /// Delivered, and the window had passed when the account was last read.
    of: u32,
    answered_in_time: u32,
    /// Times to the answer, zero where the sender's clock puts the answer before the question.
    pub(super) answers: Vec<SignedDuration>,
    /// Of the unanswered that were followed for less than the window: for how long.
    pub(super) young: Vec<SignedDuration>,
    /// Of the unanswered: followed for the window or longer.
    pub(super) silent: u32,
    /// The longest that anything delivered was followed.
    pub(super) longest: Option<SignedDuration>,
}

impl Tally {
    pub(super) fn of<'a>(pursuits: impl IntoIterator<Item = &'a Pursuit>, settings: &Settings) -> Self {
        let (mut tally, window) = (Self::default(), settings.window());
        for pursuit in pursuits {
            tally.add(pursuit, window);
        }
        tally
    }

    pub(super) fn add(&mut self, pursuit: &Pursuit, window: SignedDuration) {
        self.sent += 1;
        match pursuit.fate {
            Fate::Bounced => self.bounced += 1,
            Fate::Refused => self.refused += 1,
            Fate::Delivered => self.deliver(pursuit, window),
        }
    }

    fn deliver(&mut self, pursuit: &Pursuit, window: SignedDuration) {
        let since = |at: jiff::Timestamp| at.duration_since(pursuit.first_touch);
        let answer = pursuit.first_response.map(|at| since(at).max(SignedDuration::ZERO));
        let followed = pursuit.read_until.map(since);
        self.longest = self.longest.max(followed);
        if followed.is_some_and(|time| time >= window) {
            self.of += 1;
            self.answered_in_time += u32::from(answer.is_some_and(|time| time <= window));
        }
        match (answer, followed) {
            (Some(time), _) => self.answers.push(time),
            (None, Some(time)) if time >= window => self.silent += 1,
            // what was sent after the last read was never looked at: nothing is known of it
            (None, Some(time)) if time >= SignedDuration::ZERO => self.young.push(time),
            (None, _) => {}
        }
    }

    pub(super) fn observed(&self, settings: &Settings) -> Option<Observed> {
        (self.of > 0).then(|| Observed {
            answered: self.answered_in_time,
            of: self.of,
            rate: f64::from(self.answered_in_time) / f64::from(self.of),
            interval: wilson(self.answered_in_time, self.of, settings.level),
        })
    }

    /// Without proposals, and without the look ahead.
    pub(super) fn rate(mut self, settings: &Settings) -> Rate {
        self.answers.sort_unstable();
        self.young.sort_unstable();
        let observed = self.observed(settings);
        let (verdict, probability_reached) = match &observed {
            Some(seen) => (
                verdict(f64::from(seen.answered), seen.of, settings.goal),
                Some(at_least(f64::from(seen.answered), f64::from(seen.of), settings.goal.0)),
            ),
            None => (Verdict::TooEarly, None),
        };
        Rate {
            window_days: settings.window_days,
            sent: self.sent,
            bounced: self.bounced,
            refused: self.refused,
            delivered: self.sent - self.bounced - self.refused,
            expected: self.expected(settings),
            median_days_to_answer: self.median_days(),
            goal: settings.goal.into(),
            verdict,
            probability_reached,
            undecided: 0,
            more_needed: None,
            observed,
        }
    }

    /// 1 − S(window). `None` if nothing was answered within the window, or if the observations do not
    /// reach it: the curve is known up to the longest one, and flat beyond would be a guess. Only where
    /// all were answered nothing remains to be known, and then it is enough that somebody was
    /// *followed* as long as the window.
    fn expected(&self, settings: &Settings) -> Option<Estimate> {
        let window = settings.window();
        let last =
            survival::steps(&self.answers, &self.young, self.silent).take_while(|step| step.at <= window).last()?;
        let reaches = if last.survival > 0.0 {
            self.silent > 0 || self.answers.last().is_some_and(|time| *time >= window)
        } else {
            self.longest.is_some_and(|time| time >= window)
        };
        reaches.then(|| last.estimate(&survival::Level::of(settings.level)))
    }

    fn median_days(&self) -> Option<f64> {
        let upper = self.answers.get(self.answers.len() / 2).copied()?;
        let lower = self.answers.get((self.answers.len() - 1) / 2).copied()?;
        Some((days(lower) + days(upper)) / 2.0)
    }
}
