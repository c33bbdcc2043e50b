//! How often the 95 % intervals hold the truth: `cargo run --release --example coverage -- 20000`.
//!
//! Draws so many mailboxes for each number of outreach and each true rate, and counts those whose
//! interval holds it. The figures are in docs/accuracy.md. The same number gives the same draws.

use checkback::domain::rate::{Fate, Pursuit, Settings, rate};
use jiff::{SignedDuration, Timestamp};

const DAY: f64 = 86_400.0;
const WINDOW: f64 = 21.0;
/// Mean days to an answer, before it is cut at the window.
const MEAN: f64 = 5.0;

fn main() {
    let runs = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(20_000);
    println!("{runs} mailboxes each; in brackets: the share of mailboxes that have the interval at all");
    println!("{:>4} {:>6}  {:>18}  {:>18}  {:>18}", "n", "p", "Wilson", "log-log, all old", "log-log, half young");
    for n in [10, 30, 100] {
        for truth in [0.05, 0.25, 0.5] {
            let mut draws = Draws(20_261_120 + n);
            let (mut wilson, mut old, mut young) = (Held::default(), Held::default(), Held::default());
            for _ in 0..runs {
                // everybody had the window
                let all: Vec<Pursuit> = (0..n).map(|_| draws.pursuit(truth, 60.0)).collect();
                let found = rate(&all, &Settings::default(), 0);
                wilson.note(found.observed.map(|seen| seen.interval), truth);
                old.note(found.expected.map(|seen| seen.interval), truth);
                // one half was sent in the last three weeks, evenly
                let all: Vec<Pursuit> = (0..n)
                    .map(|i| {
                        let age = if i % 2 == 0 { 60.0 } else { WINDOW * (i as f64 + 0.5) / n as f64 };
                        draws.pursuit(truth, age)
                    })
                    .collect();
                young.note(rate(&all, &Settings::default(), 0).expected.map(|seen| seen.interval), truth);
            }
            println!("{n:>4} {truth:>6.2}  {}  {}  {}", wilson.said(runs), old.said(runs), young.said(runs));
        }
    }
}

/// Small linear congruential generator (Knuth's MMIX constants): the same draws everywhere.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Sent so many days ago, read until now; answered with this chance within the window.
    fn pursuit(&mut self, truth: f64, age: f64) -> Pursuit {
        let now = Timestamp::UNIX_EPOCH;
        let days = |days: f64| SignedDuration::from_secs((days * DAY) as i64);
        let first_touch = now - days(age);
        let answered = self.next() < truth;
        let delay = -MEAN * (1.0 - self.next() * (1.0 - (-WINDOW / MEAN).exp())).ln();
        let first_response = (answered && delay <= age).then(|| first_touch + days(delay));
        Pursuit { first_touch, first_response, fate: Fate::Delivered, read_until: Some(now) }
    }
}

#[derive(Default)]
struct Held {
    given: u32,
    held: u32,
}

impl Held {
    fn note(&mut self, interval: Option<[f64; 2]>, truth: f64) {
        if let Some([lo, hi]) = interval {
            self.given += 1;
            self.held += u32::from((lo..=hi).contains(&truth));
        }
    }

    fn said(&self, runs: u32) -> String {
        let share = |n: u32, of: u32| 100.0 * f64::from(n) / f64::from(of.max(1));
        format!("{:>8.1} % ({:>3.0} %)", share(self.held, self.given), share(self.given, runs))
    }
}
