//! Many tables of phrases, looked for in one pass over a text.
//!
//! A mail is held against some two thousand phrases of a dozen tables, and hardly any of them stands
//! in it. Each phrase is filed under the four of its bytes that text holds most seldom; a text is
//! read once, four bytes at each place, and only where a filed piece stands is a phrase compared.

/// Bytes of the piece by which a phrase is filed.
const PIECE: usize = 4;
/// Bits of the hash of a piece.
const BITS: u32 = 16;
/// Words of the bit set over all hashes.
const SET: usize = (1 << BITS) / 64;

/// The phrases of several tables, each table named by its place in the list.
pub struct Vocabulary {
    /// Which hashes of pieces occur.
    set: Box<[u64; SET]>,
    /// Filed phrases, sorted by the hash of their piece.
    filed: Vec<Filed>,
    /// Where the phrases of a hash begin in `filed`: one more entry than there are buckets.
    buckets: Vec<u32>,
    /// Phrases shorter than a piece, by table: words of one sign.
    short: Vec<(usize, &'static str)>,
}

/// A phrase under its piece.
struct Filed {
    piece: u32,
    /// Where in the phrase the piece begins.
    offset: usize,
    table: usize,
    words: &'static str,
}

/// A phrase that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Place of its table in the list that the vocabulary was made of.
    pub table: usize,
    /// Where it begins, in bytes.
    pub start: usize,
    /// The phrase itself.
    pub words: &'static str,
}

impl Hit {
    /// Where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.start + self.words.len()
    }
}

/// Everything that was found in one text, by place, the longer phrase first.
#[derive(Debug, Clone, Default)]
pub struct Found {
    hits: Vec<Hit>,
}

impl Vocabulary {
    /// Files the phrases of every table.
    pub fn new(tables: &[&[&'static str]]) -> Self {
        let mut filed: Vec<Filed> = Vec::new();
        let mut short = Vec::new();
        for (table, phrases) in tables.iter().enumerate() {
            for words in phrases.iter().copied() {
                let rarest = pieces(words.as_bytes()).enumerate().min_by_key(|(_, piece)| commonness(*piece));
                match rarest {
                    Some((offset, piece)) => {
                        filed.push(Filed { piece: u32::from_le_bytes(piece), offset, table, words });
                    }
                    None => short.push((table, words)),
                }
            }
        }
        filed.sort_by_key(|one| hash(one.piece));
        let mut set = Box::new([0; SET]);
        let mut buckets = vec![0; (1 << BITS) + 1];
        for (at, one) in filed.iter().enumerate() {
            let hash = hash(one.piece);
            if let Some(word) = set.get_mut(hash / 64) {
                *word |= 1 << (hash % 64);
            }
            let next = u32::try_from(at + 1).unwrap_or(u32::MAX);
            buckets.iter_mut().skip(hash + 1).take(1).for_each(|end| *end = next);
        }
        // an empty bucket begins where the one before it ends
        let mut last = 0;
        for end in &mut buckets {
            last = last.max(*end);
            *end = last;
        }
        Self { set, filed, buckets, short }
    }

    /// Every phrase that stands in the text, those within others too.
    pub fn search(&self, text: &str) -> Found {
        let mut hits = Vec::new();
        let bytes = text.as_bytes();
        for (at, piece) in pieces(bytes).enumerate() {
            let piece = u32::from_le_bytes(piece);
            let hash = hash(piece);
            if self.set.get(hash / 64).is_some_and(|word| word >> (hash % 64) & 1 == 1) {
                self.compare(bytes, at, piece, hash, &mut hits);
            }
        }
        for &(table, words) in self.short.iter().filter(|(_, words)| !words.is_empty()) {
            let found = memchr::memmem::find_iter(bytes, words);
            hits.extend(found.map(|start| Hit { table, start, words }));
        }
        hits.sort_unstable_by_key(|hit: &Hit| (hit.start, usize::MAX - hit.words.len()));
        Found { hits }
    }

    fn compare(&self, bytes: &[u8], at: usize, piece: u32, hash: usize, hits: &mut Vec<Hit>) {
        let [Some(from), Some(to)] = [self.buckets.get(hash), self.buckets.get(hash + 1)] else { return };
        for filed in self.filed.get(*from as usize..*to as usize).unwrap_or_default() {
            if filed.piece != piece || at < filed.offset {
                continue;
            }
            let start = at - filed.offset;
            if bytes.get(start..).is_some_and(|rest| rest.starts_with(filed.words.as_bytes())) {
                hits.push(Hit { table: filed.table, start, words: filed.words });
            }
        }
    }
}

impl Found {
    /// Every hit of a table, those within others too.
    pub fn all(&self, table: usize) -> impl Iterator<Item = &Hit> {
        self.hits.iter().filter(move |hit| hit.table == table)
    }

    /// The hits of a table from left to right, of those that begin at one place the longest, none that
    /// overlaps the one before it.
    pub fn each(&self, table: usize) -> impl Iterator<Item = &Hit> {
        let mut end = 0;
        self.all(table).filter(move |hit| {
            let free = hit.start >= end;
            if free {
                end = hit.end();
            }
            free
        })
    }

    /// The first hit of a table.
    pub fn first(&self, table: usize) -> Option<&Hit> {
        self.all(table).next()
    }

    /// Whether a phrase of the table was found.
    pub fn has(&self, table: usize) -> bool {
        self.first(table).is_some()
    }

    /// How many different phrases of a table were found.
    pub fn count(&self, table: usize) -> usize {
        let mut seen: Vec<&str> = self.each(table).map(|hit| hit.words).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    }
}

/// Every four bytes of a text, one after the other.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = [u8; PIECE]> {
    bytes.array_windows().copied()
}

fn hash(piece: u32) -> usize {
    (piece.wrapping_mul(0x9e37_79b1) >> (u32::BITS - BITS)) as usize
}

/// How often text holds these four bytes, roughly: the commoner the letters and the words that they
/// belong to, the more.
fn commonness(piece: [u8; PIECE]) -> u32 {
    /// Letters of European languages, the commonest first.
    const BY_USE: &[u8] = b" eainrtosldcumphgvbfywzkjxq'-.,:";
    let rank = |byte: &u8| BY_USE.iter().position(|known| known == byte).unwrap_or(BY_USE.len());
    piece.iter().map(|byte| u32::try_from(BY_USE.len() + 1 - rank(byte)).unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use aho_corasick::{AhoCorasick, MatchKind};
    use proptest::prelude::*;

    use super::*;

    const NOTES: &[&str] = &["out of", "out of office", "office", "büro", "休暇中"];
    const OTHERS: &[&str] = &["of office", "offices", "吗"];

    #[test]
    fn each_table_finds_its_own_phrases_the_longest_first() {
        let vocabulary = Vocabulary::new(&[NOTES, OTHERS]);
        let found = vocabulary.search("out of office, nicht im büro 休暇中 offices吗");
        let of = |table| found.each(table).map(|hit| hit.words).collect::<Vec<_>>();
        assert_eq!(of(0), ["out of office", "büro", "休暇中", "office"]);
        assert_eq!(of(1), ["of office", "offices", "吗"]);
        assert_eq!(found.all(0).count(), 6);
        assert_eq!((found.count(0), found.has(1), found.has(7)), (4, true, false));
        assert!(!vocabulary.search("").has(0));
    }

    proptest! {
        #[test]
        fn it_finds_what_a_plain_search_finds(text in "(out of|office|s| |ü|o|of ){0,40}") {
            let plain = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(NOTES).unwrap();
            let wanted: Vec<_> = plain.find_iter(&text).map(|hit| (hit.start(), hit.end())).collect();
            let found = Vocabulary::new(&[OTHERS, NOTES]).search(&text);
            prop_assert_eq!(found.each(1).map(|hit| (hit.start, hit.end())).collect::<Vec<_>>(), wanted);
        }
    }
}
