//! What a mail is weighed by: the sums of its signals by side, what follows from two of them together, how
//! it is worded, and its shape. Each is a number with a name; [`balance.txt`](balance.txt) has the weight of
//! each, which `tests/recruiters/train.rs` finds by logistic regression on mails whose phrases nobody had
//! put into the tables.

use std::sync::LazyLock;

use super::signals::{self, Side, Signal};
use super::wording::Wording;
use super::{OFFER, context};
use crate::domain::inbound::Inbound;
use crate::domain::reply_text::ReplyText;

/// The names of the traits, in the order of [`Evidence::traits`].
pub const TRAITS: [&str; 18] = [
    "likeness",
    "writer",
    "job",
    "stranger",
    "ask",
    "hint",
    "against",
    "any_against",
    "count_against",
    "offers",
    "by_trade",
    "writer_and_job",
    "stranger_and_job",
    "length",
    "reply_subject",
    "questions",
    "in_thread",
    "warm",
];

/// Everything that speaks for and against a mail being a pitch.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub(super) signals: Vec<&'static Signal>,
    /// Its words, for the table of wordings.
    pub wording: Wording,
    length: f64,
    questions: f64,
    reply_subject: bool,
}

impl Evidence {
    pub(super) fn of(mail: &Inbound, text: &ReplyText, language: Option<&str>) -> Self {
        let mut names = context::signals(mail, text, language);
        names.sort_unstable();
        names.dedup();
        let mut signals: Vec<&'static Signal> = names.iter().filter_map(|name| signals::of(name)).collect();
        signals.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then(a.name.cmp(b.name)));
        let wording = Wording::of(mail, text);
        let (length, questions) = wording.shape();
        Self { signals, wording, length, questions, reply_subject: context::answers_by_subject(&mail.subject) }
    }

    /// The names of the signals, strongest first; those against bear a minus.
    pub fn names(&self) -> Vec<String> {
        let name = |signal: &&Signal| {
            if signal.weight < 0.0 { format!("-{}", signal.name) } else { signal.name.to_owned() }
        };
        self.signals.iter().map(name).collect()
    }

    /// The same mail, had it not raised this signal.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut rest = self.clone();
        rest.signals.retain(|signal| signal.name != name);
        rest
    }

    /// Points of a side, up to its cap.
    pub(super) fn points(&self, side: Side) -> f64 {
        let sum: f64 = self.signals.iter().filter(|signal| signal.side == side).map(|signal| signal.weight).sum();
        let cap = signals::CAPS.iter().find(|(capped, _)| *capped == side).map_or(f64::INFINITY, |(_, cap)| *cap);
        sum.min(cap)
    }

    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.signals.iter().any(|signal| names.contains(&signal.name))
    }

    /// What it is weighed by, in the order of [`TRAITS`]. `likeness` as [`Wording::likeness`] tells it.
    pub fn traits(&self, likeness: f64) -> [f64; TRAITS.len()] {
        let [writer, job, stranger, ask] =
            [Side::Writer, Side::Job, Side::Stranger, Side::Ask].map(|side| self.points(side));
        let against = self.points(Side::Against) + self.points(Side::Scam);
        let forbids = self.signals.iter().filter(|signal| signal.side == Side::Against).count();
        let yes = |holds: bool| if holds { 1.0 } else { 0.0 };
        [
            likeness,
            writer,
            job,
            stranger,
            ask,
            self.points(Side::Hint),
            against.max(-10.0),
            yes(against < 0.0),
            u32::try_from(forbids).map_or(9.0, f64::from),
            yes(job >= OFFER),
            yes(writer >= OFFER),
            writer.min(2.0) * job.min(2.0),
            stranger.min(1.0) * job.min(2.0),
            self.length,
            yes(self.reply_subject),
            self.questions,
            yes(self.has(&["in_thread"])),
            yes(self.has(&["warm", "warm_hint"])),
        ]
    }
}

/// What each trait weighs.
#[derive(Debug, Clone, Default)]
pub struct Balance {
    /// Log-odds of a mail without any trait.
    pub bias: f64,
    /// Log-odds that one unit of each of the [`TRAITS`] adds.
    pub weights: [f64; TRAITS.len()],
}

impl Balance {
    /// Reads rows of `weight<TAB>trait`; the row that names no trait is the bias.
    pub fn parse(rows: &str) -> Self {
        let mut balance = Self::default();
        let rows = rows.lines().filter_map(|row| row.split_once('\t'));
        for (weight, name) in rows.filter_map(|(weight, name)| Some((weight.parse::<f64>().ok()?, name))) {
            match TRAITS.iter().zip(&mut balance.weights).find(|(known, _)| **known == name) {
                Some((_, place)) => *place = weight,
                None => balance.bias = weight,
            }
        }
        balance
    }

    /// The balance that is shipped.
    pub(super) fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Balance> = LazyLock::new(|| Balance::parse(include_str!("balance.txt")));
        &SHIPPED
    }

    /// The log-odds that a mail with these traits is a pitch.
    pub fn log_odds(&self, traits: &[f64; TRAITS.len()]) -> f64 {
        self.bias + traits.iter().zip(&self.weights).map(|(of, weight)| of * weight).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_balance_names_every_trait_and_the_bias() {
        let mut names: Vec<&str> =
            include_str!("balance.txt").lines().filter_map(|row| Some(row.split_once('\t')?.1)).collect();
        names.sort_unstable();
        let mut wanted: Vec<&str> = TRAITS.into_iter().chain(["bias"]).collect();
        wanted.sort_unstable();
        assert_eq!(names, wanted);
    }
}
