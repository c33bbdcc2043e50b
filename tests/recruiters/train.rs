//! The program that makes the two tables of weights from the labelled sets.
//!
//! The table of wordings is a support vector machine with squared hinge loss, trained in the dual by coordinate
//! descent (Hsieh et al. 2008, "A dual coordinate descent method for large-scale linear SVM"). The balance is a
//! logistic regression over the traits, in which each mail's likeness comes from a table that has not read
//! its author. Both give the same numbers every time.

use std::collections::BTreeMap;

use checkback::domain::recruiter::wording::{BLOCKS, SHARES, Table, UNIT, Wording};
use checkback::domain::recruiter::{Evidence, TRAITS};

/// Mails that a feature must be seen in.
const SEEN: usize = 3;
/// Features that are kept: those that say most over all mails.
const KEPT: usize = 20_000;
/// How dear a mistake in training is, against small weights.
const COST: f64 = 0.05;
const EPOCHS: usize = 40;
/// Pulls the weights of the balance to nothing.
const SHRINK: f64 = 10.0;
const STEPS: usize = 3_000;

/// A labelled mail of an author.
#[derive(Clone, Copy)]
pub struct Sample<'a> {
    pub author: &'a str,
    pub evidence: &'a Evidence,
    pub is_pitch: bool,
}

/// The text of a table of wordings that has read these mails.
pub fn wordings(samples: &[Sample<'_>]) -> String {
    let mut seen: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (block, feature) in samples.iter().flat_map(|sample| features(&sample.evidence.wording)) {
        *seen.entry((block, feature)).or_default() += 1;
    }
    seen.retain(|_, mails| *mails >= SEEN);
    let all = Columns::of(&seen, samples.len());
    let (weights, _) = machine(&all.rows(samples), samples);
    // what says much in few mails says little in all
    let mut by_say: Vec<(f64, (usize, &str))> = all
        .at
        .iter()
        .map(|(feature, column)| {
            (weights[*column].abs() * (seen[feature] as f64).sqrt() * all.rarity[*column], *feature)
        })
        .collect();
    by_say.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    by_say.truncate(KEPT);
    let kept = by_say.into_iter().map(|(_, feature)| (feature, seen[&feature])).collect();
    let kept = Columns::of(&kept, samples.len());
    let (weights, bias) = machine(&kept.rows(samples), samples);
    let mut table = "# Made by `cargo test --test recruiters train -- --ignored`; in ten-thousandths.\n".to_owned();
    table.push_str(&format!("bias\t{:.0}\n", bias * UNIT));
    for ((block, feature), column) in &kept.at {
        let (rarity, weight) = (kept.rarity[*column] * UNIT, weights[*column] * UNIT);
        table.push_str(&format!("{}\t{rarity:.0}\t{weight:.0}\t{feature}\n", BLOCKS[*block]));
    }
    table
}

/// The likeness of every mail by a table that has read all authors but its own.
pub fn foreign_likeness(samples: &[Sample<'_>]) -> Vec<f64> {
    let mut authors: Vec<&str> = samples.iter().map(|sample| sample.author).collect();
    authors.sort_unstable();
    authors.dedup();
    let tables: BTreeMap<&str, String> = std::thread::scope(|scope| {
        let train = |author| {
            let others: Vec<Sample<'_>> = samples.iter().filter(|sample| sample.author != author).copied().collect();
            (author, wordings(&others))
        };
        let running: Vec<_> = authors.iter().map(|author| scope.spawn(move || train(*author))).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let tables: BTreeMap<&str, Table<'_>> = tables.iter().map(|(author, rows)| (*author, Table::parse(rows))).collect();
    samples.iter().map(|sample| sample.evidence.wording.likeness(&tables[sample.author])).collect()
}

/// The text of the balance of mails with their likeness.
pub fn balance(samples: &[(Sample<'_>, f64)]) -> String {
    let traits: Vec<[f64; TRAITS.len()]> =
        samples.iter().map(|(sample, likeness)| sample.evidence.traits(*likeness)).collect();
    let count = traits.len() as f64;
    let mean: [f64; TRAITS.len()] =
        std::array::from_fn(|at| traits.iter().map(|traits| traits[at]).sum::<f64>() / count);
    let spread: [f64; TRAITS.len()] = std::array::from_fn(|at| {
        let squares: f64 = traits.iter().map(|traits| (traits[at] - mean[at]).powi(2)).sum();
        (squares / count).sqrt().max(1e-6)
    });
    let (mut weights, mut bias) = ([0.0; TRAITS.len()], 0.0);
    for _ in 0..STEPS {
        let (mut slope, mut lift) = (weights.map(|weight| SHRINK * weight), 0.0);
        for (traits, (sample, _)) in traits.iter().zip(samples) {
            let of: [f64; TRAITS.len()] = std::array::from_fn(|at| (traits[at] - mean[at]) / spread[at]);
            let said: f64 = bias + of.iter().zip(&weights).map(|(of, weight)| of * weight).sum::<f64>();
            let error = 1.0 / (1.0 + (-said).exp()) - if sample.is_pitch { 1.0 } else { 0.0 };
            lift += error;
            slope.iter_mut().zip(of).for_each(|(slope, of)| *slope += error * of);
        }
        weights.iter_mut().zip(slope).for_each(|(weight, slope)| *weight -= slope / count);
        bias -= lift / count;
    }
    let shift: f64 = (0..TRAITS.len()).map(|at| weights[at] * mean[at] / spread[at]).sum();
    let mut table = format!("{:.3}\tbias\n", bias - shift);
    for (at, name) in TRAITS.iter().enumerate() {
        table.push_str(&format!("{:.3}\t{name}\n", weights[at] / spread[at]));
    }
    table
}

fn features(wording: &Wording) -> impl Iterator<Item = (usize, &str)> {
    let blocks = wording.features().into_iter().enumerate();
    blocks.flat_map(|(block, features)| features.into_iter().map(move |feature| (block, feature)))
}

/// Features as columns of a matrix.
struct Columns<'a> {
    at: BTreeMap<(usize, &'a str), usize>,
    rarity: Vec<f64>,
}

impl<'a> Columns<'a> {
    fn of(seen: &BTreeMap<(usize, &'a str), usize>, mails: usize) -> Self {
        let at = seen.keys().enumerate().map(|(column, feature)| (*feature, column)).collect();
        let rarity = |mails_with: &usize| ((1.0 + mails as f64) / (1.0 + *mails_with as f64)).ln() + 1.0;
        Self { at, rarity: seen.values().map(rarity).collect() }
    }

    /// One row for each mail, each block of it of the length of its share.
    fn rows(&self, samples: &[Sample<'_>]) -> Vec<Vec<(usize, f64)>> {
        samples.iter().map(|sample| self.row(&sample.evidence.wording)).collect()
    }

    fn row(&self, wording: &Wording) -> Vec<(usize, f64)> {
        let mut blocks: [Vec<(usize, f64)>; 4] = Default::default();
        for (block, feature) in features(wording) {
            if let Some(column) = self.at.get(&(block, feature)) {
                blocks[block].push((*column, self.rarity[*column]));
            }
        }
        for (block, share) in blocks.iter_mut().zip(SHARES) {
            let length = block.iter().map(|(_, rarity)| rarity * rarity).sum::<f64>().sqrt();
            block.iter_mut().for_each(|(_, value)| *value *= share / length);
        }
        blocks.concat()
    }
}

/// Weights and bias that part pitches from other mail, both kinds together counting alike.
fn machine(rows: &[Vec<(usize, f64)>], samples: &[Sample<'_>]) -> (Vec<f64>, f64) {
    let columns = rows.iter().flatten().map(|(column, _)| column + 1).max().unwrap_or(0);
    let pitches = samples.iter().filter(|sample| sample.is_pitch).count() as f64;
    let all = samples.len() as f64;
    let (mut weights, mut bias, mut alpha) = (vec![0.0; columns], 0.0, vec![0.0_f64; rows.len()]);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut random = 1_u64;
    for _ in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(at, usize::try_from((random >> 33) % (at as u64 + 1)).unwrap());
        }
        for &mail in &order {
            let (row, is_pitch) = (&rows[mail], samples[mail].is_pitch);
            let sign = if is_pitch { 1.0 } else { -1.0 };
            let cost = COST * all / (2.0 * if is_pitch { pitches } else { all - pitches });
            let soft = 1.0 / (2.0 * cost);
            let said: f64 = bias + row.iter().map(|(column, value)| weights[*column] * value).sum::<f64>();
            let slope = sign * said - 1.0 + soft * alpha[mail];
            let length: f64 = 1.0 + row.iter().map(|(_, value)| value * value).sum::<f64>();
            let next = (alpha[mail] - slope / (length + soft)).max(0.0);
            let step = (next - alpha[mail]) * sign;
            alpha[mail] = next;
            if step != 0.0 {
                bias += step;
                row.iter().for_each(|(column, value)| weights[*column] += step * value);
            }
        }
    }
    (weights, bias)
}
