//! How long to wait after a failure: longer each time, and never all at the same moment.

use std::time::Duration;

use super::Pace;

/// Failures in a row.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    pub(super) fn new(pace: &Pace) -> Self {
        Self { first: pace.first_retry, longest: pace.longest_retry, failures: 0 }
    }

    /// It worked.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed: how long to wait.
    pub(super) fn next(&mut self) -> Duration {
        let wait = delay(self.first, self.longest, self.failures, getrandom::u32().unwrap_or(u32::MAX / 2));
        self.failures = self.failures.saturating_add(1);
        wait
    }
}

/// Doubled with each failure up to the longest; of that between one half and all, by chance: after an
/// outage not every client comes back in the same second.
fn delay(first: Duration, longest: Duration, failures: u32, chance: u32) -> Duration {
    let whole = first.saturating_mul(2_u32.saturating_pow(failures)).min(longest);
    whole.mul_f64(0.5 + f64::from(chance) / f64::from(u32::MAX) / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_wait_grows_and_stays_within_its_bounds(failures in 0_u32..100, chance: u32) {
            let (first, longest) = (Duration::from_secs(5), Duration::from_secs(300));
            let whole = (5.0 * 2_f64.powi(i32::try_from(failures).unwrap())).min(300.0);
            let wait = delay(first, longest, failures, chance).as_secs_f64();
            prop_assert!(wait >= whole / 2.0 - 1e-6 && wait <= whole + 1e-6, "{wait} of {whole}");
        }
    }

    #[test]
    fn chance_spreads_the_wait() {
        let at = |chance| delay(Duration::from_secs(8), Duration::from_secs(300), 0, chance);
        assert_eq!((at(0), at(u32::MAX)), (Duration::from_secs(4), Duration::from_secs(8)));
    }
}
