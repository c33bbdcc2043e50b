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
    let words = Words::of(text);
    let mut hashes: Vec<u32> = if words.ends.is_empty() {
        Vec::new()
    } else if words.ends.len() < WORDS {
        vec![hash(&words.joined)]
    } else {
        words.runs(WORDS).map(hash).collect()
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

/// The words of a text, each with a space behind it, in one string.
#[derive(Default)]
struct Words {
    joined: String,
    /// Where each word ends, its space included.
    ends: Vec<usize>,
}

impl Words {
    /// NFKC, lower case, split at everything that is no letter or digit. Scripts that put no spaces
    /// between words give one word a character.
    fn of(text: &str) -> Self {
        let mut words =
            Self { joined: String::with_capacity(text.len() + 1), ends: Vec::with_capacity(text.len() / 6) };
        let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
        let text = text.get(..end).unwrap_or_default();
        // ASCII is its own normal form
        if text.is_ascii() {
            for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
                let start = words.joined.len();
                words.joined.push_str(word);
                words.joined.get_mut(start..).into_iter().for_each(str::make_ascii_lowercase);
                words.end();
            }
            return words;
        }
        for c in text.nfkc().flat_map(char::to_lowercase) {
            match c {
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
                c if is_unspaced(c) => {
                    words.end();
                    words.joined.push(c);
                    words.end();
                }
                c if c.is_alphanumeric() => words.joined.push(c),
                _ => words.end(),
            }
        }
        words.end();
        words
    }

    /// Ends the present word, if one was begun.
    fn end(&mut self) {
        if self.joined.len() > self.ends.last().copied().unwrap_or(0) {
            self.joined.push(' ');
            self.ends.push(self.joined.len());
        }
    }

    /// Every run of so many words.
    fn runs(&self, count: usize) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ends = self.ends.iter().copied().skip(count - 1);
        starts.zip(ends).map(|(start, end)| self.joined.get(start..end).unwrap_or_default())
    }
}

/// Han, kana, Thai, Lao.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0e01}'..='\u{0edf}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// FNV-1a, then the finaliser of MurmurHash3: the smallest hashes must be a fair sample.
fn hash(words: &str) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in words.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests;
