//! Where each word of a text begins, to be asked for by the word.

use super::is_unspaced;

/// Chains of words; a text of the usual length has about as many different words.
const CHAINS: usize = 256;

/// The beginnings of the words of one text.
pub(super) struct Starts {
    /// Place in `words` of the last word of each chain, plus one.
    last: [u32; CHAINS],
    words: Vec<Word>,
}

struct Word {
    hash: u64,
    at: usize,
    /// Place of the word before it in its chain, plus one.
    before: u32,
}

impl Starts {
    pub(super) fn of(text: &str) -> Self {
        let mut starts = Self { last: [0; CHAINS], words: Vec::with_capacity(text.len() / 5) };
        let mut within = false;
        for (at, c) in text.char_indices() {
            let letter = c.is_alphanumeric();
            if letter && !within && !is_unspaced(c) {
                starts.add(hash(first_word(text.get(at..).unwrap_or_default())), at);
            }
            within = letter;
        }
        starts
    }

    fn add(&mut self, hash: u64, at: usize) {
        if let Some(last) = self.last.get_mut(chain(hash)) {
            self.words.push(Word { hash, at, before: *last });
            *last = u32::try_from(self.words.len()).unwrap_or(0);
        }
    }

    /// Where the word with this [`hash`] begins.
    pub(super) fn each(&self, hash: u64) -> impl Iterator<Item = usize> {
        let mut place = self.last.get(chain(hash)).copied().unwrap_or(0);
        let words = std::iter::from_fn(move || {
            let word = self.words.get(usize::try_from(place.checked_sub(1)?).ok()?)?;
            place = word.before;
            Some(word)
        });
        words.filter(move |word| word.hash == hash).map(|word| word.at)
    }
}

/// The letters and digits that a text begins with.
pub(super) fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() || is_unspaced(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// FNV-1a of a word.
pub(super) fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn chain(hash: u64) -> usize {
    // the upper bits are the better mixed ones
    (hash >> 40) as usize % CHAINS
}
