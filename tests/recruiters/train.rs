//! The program that makes the table of wordings from the labelled sets: logistic regression by stochastic
//! gradients with a step for each feature, in an order that is the same every time.

use std::collections::{BTreeMap, BTreeSet};

const EPOCHS: usize = 14;
/// Mails that a feature must be seen in.
const SEEN: usize = 2;
const STEP: f64 = 0.1;
/// Pulls weights to nothing: what only few mails show shall say little.
const SHRINK: f64 = 1e-4;

/// A mail's features, and whether it is a pitch.
pub struct Sample {
    pub features: BTreeSet<String>,
    pub is_pitch: bool,
}

/// The weights of all features, trained on these mails.
pub fn train<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> BTreeMap<&'a str, f64> {
    let samples: Vec<&Sample> = samples.into_iter().collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for feature in samples.iter().flat_map(|sample| &sample.features) {
        *counts.entry(feature).or_default() += 1;
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut mails: Vec<(Vec<usize>, f64)> = Vec::new();
    for sample in samples {
        let mut row = Vec::new();
        for feature in sample.features.iter().filter(|feature| counts[feature.as_str()] >= SEEN) {
            let next = names.len();
            row.push(*names.entry(feature).or_insert(next));
        }
        mails.push((row, if sample.is_pitch { 1.0 } else { 0.0 }));
    }
    let (mut weights, mut squares) = (vec![0.0; names.len()], vec![1e-6_f64; names.len()]);
    let mut random = 1_u64;
    for _ in 0..EPOCHS {
        for at in (1..mails.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            mails.swap(at, usize::try_from((random >> 33) % (at as u64 + 1)).unwrap());
        }
        for (features, wanted) in &mails {
            let log_odds: f64 = features.iter().map(|&feature| weights[feature]).sum();
            let error = 1.0 / (1.0 + (-log_odds).exp()) - wanted;
            for &feature in features {
                let slope = error + SHRINK * weights[feature];
                squares[feature] += slope * slope;
                weights[feature] -= STEP * slope / squares[feature].sqrt();
            }
        }
    }
    names.into_iter().map(|(name, index)| (name, weights[index])).collect()
}

/// The log-odds of a mail.
pub fn log_odds(weights: &BTreeMap<&str, f64>, features: &BTreeSet<String>) -> f64 {
    features.iter().filter_map(|feature| weights.get(feature.as_str())).sum()
}
