//! Intervals and posterior probabilities of one share.

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::beta::checked_beta_reg;

/// Wilson's score interval for `answered` of `of` at this level, e.g. 0.95 (E. B. Wilson, JASA 22, 1927).
/// It always contains the share; for `of == 0` it is `[0, 1]`.
pub fn wilson(answered: u32, of: u32, level: f64) -> [f64; 2] {
    if of == 0 {
        return [0.0, 1.0];
    }
    let (n, share, z) = (f64::from(of), f64::from(answered) / f64::from(of), quantile(level));
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let (centre, scale) = (share + z * z / (2.0 * n), 1.0 + z * z / n);
    // The ends are exact at 0 and 1; rounding must not push them past the share.
    [
        if answered == 0 { 0.0 } else { ((centre - spread) / scale).clamp(0.0, share) },
        if answered >= of { 1.0 } else { ((centre + spread) / scale).clamp(share, 1.0) },
    ]
}

/// The normal quantile that leaves `(1 - level) / 2` on either side.
pub(super) fn quantile(level: f64) -> f64 {
    let tail = (1.0 - level.clamp(0.0, 1.0 - 1e-12)) / 2.0;
    Normal::standard().inverse_cdf(1.0 - tail)
}

/// P(p ≥ x), which is P(p > x), for p from the posterior Beta(k + ½, n − k + ½) (Jeffreys' prior).
pub(super) fn at_least(k: f64, n: f64, x: f64) -> f64 {
    // I_{1-x}(b, a) instead of 1 - I_x(a, b): small tails keep their digits.
    beta_below(n - k + 0.5, k + 0.5, 1.0 - x)
}

/// The regularised incomplete beta function I_x(a, b), for a, b > 0.
pub(super) fn beta_below(a: f64, b: f64, x: f64) -> f64 {
    checked_beta_reg(a, b, x.clamp(0.0, 1.0)).map_or(f64::NAN, |p| p.clamp(0.0, 1.0))
}
