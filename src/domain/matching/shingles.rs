//! Texts compared by the hashes of their word 5-grams, kept as a bottom-k sketch: of all hashes the
//! smallest 512. Two sketches stay comparable below the smaller of their limits, where both are
//! complete (Broder 1997, "On the resemblance and containment of documents").

use unicode_normalization::UnicodeNormalization as _;

/// Words of one shingle.
const WORDS: usize = 5;
/// Hashes that are kept.
const SKETCH: usize = 512;
/// Characters of a text that are read.
const MAX_CHARS: usize = 200_000;
/// Shingles that must be shared before a text is said to be quoted at all.
const FEWEST: usize = 3;

/// Hashes of the word 5-grams of a text, sorted, without repetition, the smallest 512. A text of
/// fewer than five words is one shingle; one without words is none. Case, punctuation, quote marks
/// and line breaks do not count. The hashes are stored: they must never change.
pub fn shingles(text: &str) -> Vec<u32> {
    let words = words(text);
    let mut hashes: Vec<u32> = if words.is_empty() {
        Vec::new()
    } else if words.len() < WORDS {
        vec![hash(&words)]
    } else {
        words.windows(WORDS).map(hash).collect()
    };
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(SKETCH);
    hashes
}

/// How much of our text is found in theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overlap {
    /// Comparable shingles of ours that theirs has too.
    pub(super) shared: usize,
    /// Comparable shingles of ours.
    pub(super) of: usize,
}

impl Overlap {
    /// Estimates the containment of `ours` in `theirs`: only hashes below both sketches' limits are
    /// counted, since above a limit a hash may be missing only because it did not fit.
    pub(super) fn of(ours: &[u32], theirs: &[u32]) -> Self {
        let limit = limit(ours).min(limit(theirs));
        let comparable = ours.iter().take_while(|&&hash| hash <= limit);
        let (mut shared, mut of) = (0, 0);
        for hash in comparable {
            of += 1;
            shared += usize::from(theirs.binary_search(hash).is_ok());
        }
        Self { shared, of }
    }

    /// Most of our words are there: 60 % of the shingles, and three at least.
    pub(super) fn is_most(self) -> bool {
        self.is_some() && self.shared * 100 >= self.of * 60
    }

    /// Some of our words are there: more than a common phrase.
    pub(super) fn is_some(self) -> bool {
        self.shared >= FEWEST
    }
}

/// Whether two texts of ours are so alike that a quote of one is a quote of the other.
pub fn alike(one: &[u32], other: &[u32]) -> bool {
    Overlap::of(one, other).is_most() || Overlap::of(other, one).is_most()
}

/// The largest hash up to which a sketch is complete.
fn limit(sketch: &[u32]) -> u32 {
    if sketch.len() < SKETCH { u32::MAX } else { sketch.last().copied().unwrap_or(u32::MAX) }
}

/// NFKC, lower case, split at everything that is no letter or digit. Scripts that put no spaces
/// between words give one word a character.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut end = |word: &mut String| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
    };
    for c in text.chars().take(MAX_CHARS).nfkc().flat_map(char::to_lowercase) {
        match c {
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            c if is_unspaced(c) => {
                end(&mut word);
                word.push(c);
                end(&mut word);
            }
            c if c.is_alphanumeric() => word.push(c),
            _ => end(&mut word),
        }
    }
    end(&mut word);
    words
}

/// Han, kana, Thai, Lao.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0e01}'..='\u{0edf}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// FNV-1a, then the finaliser of MurmurHash3: the smallest hashes must be a fair sample.
fn hash(words: &[String]) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut eat = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for word in words {
        word.bytes().for_each(&mut eat);
        eat(b' ');
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests;
