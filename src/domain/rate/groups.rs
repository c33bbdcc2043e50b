//! The rate of parts: breakdowns, two parts compared, and what undecided proposals could change.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use serde::Serialize;
use statrs::function::beta::ln_beta;

use super::interval::beta_below;
use super::tally::Tally;
use super::{FEWEST_FOR_A_VERDICT, Observed, Pursuit, Rate, Settings};

/// One part of a breakdown.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its rate by itself.
    pub rate: Rate,
    /// Its observed rate drawn toward the whole's, the more the fewer outreach it has and the less the
    /// parts differ: "1 of 1" is not 100 %. `None` where nothing was observed.
    pub shrunk: Option<f64>,
}

/// The pursuits parted by key. One that bears several keys (tags) is given once for each. A part has no
/// [`Rate::more_needed`]: it is advice for the whole.
pub fn by<K: Ord, P: Borrow<Pursuit>>(
    keyed: impl IntoIterator<Item = (K, P)>,
    settings: &Settings,
) -> BTreeMap<K, Group> {
    let window = settings.window();
    let mut parts: BTreeMap<K, Tally> = BTreeMap::new();
    for (key, pursuit) in keyed {
        parts.entry(key).or_default().add(pursuit.borrow(), window);
    }
    let rates: Vec<(K, Rate)> = parts.into_iter().map(|(key, part)| (key, part.rate(settings))).collect();
    let prior = Prior::learn(rates.iter().filter_map(|(_, rate)| rate.observed.as_ref()));
    rates
        .into_iter()
        .map(|(key, rate)| {
            let shrunk = rate.observed.as_ref().map(|seen| prior.shrink(seen));
            (key, Group { rate, shrunk })
        })
        .collect()
}

/// How it came that an outreach belongs to this part and not to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Assignment {
    /// The person chose; the parts may differ in more than what is compared.
    Observational,
    /// checkback drew lots.
    Randomised,
}

/// Whether part A is answered more often than part B.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// Posterior probability that A's rate is the higher one (Jeffreys' prior for each).
    pub a_is_higher: f64,
    /// Either part has fewer than ten observed outreach.
    pub too_early: bool,
    /// Whether the comparison may be read as cause and effect.
    pub assignment: Assignment,
}

/// Compares two parts; one of which nothing was observed yet is `None`.
pub fn compare(a: Option<&Observed>, b: Option<&Observed>, assignment: Assignment) -> Comparison {
    let (a, b) = (Counts::of(a), Counts::of(b));
    // The narrower posterior is integrated over: the other's distribution is smooth at its scale.
    let a_is_higher = if a.n + b.n <= 0.0 {
        0.5
    } else if a.n >= b.n {
        higher(&a, &b)
    } else {
        1.0 - higher(&b, &a)
    };
    Comparison { a_is_higher, too_early: a.n.min(b.n) < f64::from(FEWEST_FOR_A_VERDICT), assignment }
}

/// The observed rate's range over every way to accept or reject the proposals: lowest if just those
/// without an answer are accepted, highest if just those with one are. Without an observed rate, of the
/// ways that give one. `None` if no proposal arrived whose window has passed.
pub fn either_way(decided: Option<&Observed>, proposals: &[Pursuit], settings: &Settings) -> Option<[f64; 2]> {
    let open = Tally::of(proposals, settings).observed(settings)?;
    let (k, n) = decided.map_or((0, 0), |decided| (decided.answered, decided.of));
    let silent = open.of - open.answered;
    // no rate without an outreach: where none is silent the answered ones stand alone, and the other way round
    let share =
        |answered: u32, of: u32, otherwise: f64| if of == 0 { otherwise } else { f64::from(answered) / f64::from(of) };
    Some([share(k, n + silent, 1.0), share(k + open.answered, n + open.answered, 0.0)])
}

struct Counts {
    k: f64,
    n: f64,
}

impl Counts {
    fn of(seen: Option<&Observed>) -> Self {
        let (k, n) = seen.map_or((0, 0), |seen| (seen.answered, seen.of));
        Self { k: f64::from(k), n: f64::from(n) }
    }
}

/// What the parts together say of a part: empirical Bayes, beta-binomial.
///
/// The mean is the whole's share. How much parts differ is the intra-class correlation ρ = 1 / (1 + M)
/// of Beta(M·mean, M·(1 − mean)); with the few parts that people have, one best ρ is as often 0 or 1 as
/// not, so its likelihood is averaged over a grid of (0, 1) instead.
struct Prior {
    mean: f64,
    /// (M, weight), weights sum to 1.
    concentrations: Vec<(f64, f64)>,
}

impl Prior {
    const GRID: u32 = 200;

    fn learn<'a>(parts: impl Iterator<Item = &'a Observed>) -> Self {
        // Thousands of small parts have few different counts: each is reckoned once.
        let mut alike: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for part in parts {
            *alike.entry((part.answered, part.of)).or_default() += 1.0;
        }
        let alike: Vec<(f64, f64, f64)> =
            alike.into_iter().map(|((k, n), parts)| (f64::from(k), f64::from(n), parts)).collect();
        let (k, n) = alike.iter().fold((0.0, 0.0), |(k, n), part| (k + part.0 * part.2, n + part.1 * part.2));
        let mean = if n > 0.0 { k / n } else { 0.0 };
        if k <= 0.0 || k >= n {
            return Self { mean, concentrations: Vec::new() };
        }
        let grid = (0..Self::GRID).map(|i| (f64::from(i) + 0.5) / f64::from(Self::GRID));
        let likelihoods: Vec<(f64, f64)> = grid
            .map(|rho| {
                let m = (1.0 - rho) / rho;
                let (a, b) = (m * mean, m * (1.0 - mean));
                let prior = ln_beta(a, b);
                (m, alike.iter().map(|(k, n, parts)| parts * (ln_beta(k + a, n - k + b) - prior)).sum())
            })
            .collect();
        let best = likelihoods.iter().map(|(_, l)| *l).fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = likelihoods.iter().map(|(_, l)| (l - best).exp()).sum();
        Self { mean, concentrations: likelihoods.into_iter().map(|(m, l)| (m, (l - best).exp() / total)).collect() }
    }

    fn shrink(&self, part: &Observed) -> f64 {
        if self.concentrations.is_empty() {
            // Nobody answered, or everybody did: the parts do not differ.
            return self.mean;
        }
        let part = Counts::of(Some(part));
        self.concentrations.iter().map(|(m, weight)| weight * (part.k + m * self.mean) / (part.n + m)).sum()
    }
}

/// P(A > B) = ∫ f_A(x) F_B(x) dx.
///
/// In x = sin²φ the density of Beta(k + ½, n − k + ½) is 2 sin^2k φ cos^2(n−k) φ / B: smooth to both
/// ends, with a spread of about 1 / (2√n), so Simpson's rule over twelve spreads around the peak is exact
/// to about 1e-12.
fn higher(a: &Counts, b: &Counts) -> f64 {
    const INTERVALS: u32 = 2_000;
    let peak = (a.k / a.n).sqrt().asin();
    let reach = 6.0 / a.n.sqrt();
    let (from, to) = ((peak - reach).max(0.0), (peak + reach).min(std::f64::consts::FRAC_PI_2));
    let step = (to - from) / f64::from(INTERVALS);
    let norm = ln_beta(a.k + 0.5, a.n - a.k + 0.5);
    let value = |i: u32| {
        let phi = from + step * f64::from(i);
        // 0 · ln 0 is 0 here: the factor is absent.
        let power = |base: f64, exponent: f64| if exponent > 0.0 { exponent * base.ln() } else { 0.0 };
        let density = 2.0 * (power(phi.sin(), 2.0 * a.k) + power(phi.cos(), 2.0 * (a.n - a.k)) - norm).exp();
        density * beta_below(b.k + 0.5, b.n - b.k + 0.5, phi.sin().powi(2))
    };
    let inner: f64 = (1..INTERVALS).map(|i| if i % 2 == 1 { 4.0 } else { 2.0 } * value(i)).sum();
    ((value(0) + inner + value(INTERVALS)) * step / 3.0).clamp(0.0, 1.0)
}
