//! Thousands of fixed strings, looked for in one pass over a text in which hardly any of them stands.
//!
//! Each string is filed under the four of its bytes that text holds most seldom; a text is read once,
//! four bytes at each place, and only where a filed piece stands is a string compared. Strings of three
//! bytes are pieces of their own, for which the text is read once more.

use std::collections::HashMap;

/// Bytes of the piece by which a string is filed.
const PIECE: usize = 4;
/// Bits of the hash of a piece.
const BITS: u32 = 17;
/// Words of the bit set over all hashes.
const SET: usize = (1 << BITS) / 64;
/// Bits of the hash that name a bucket.
const BUCKET_BITS: u32 = 12;

/// The strings, each named by its place in the list that the finder was made of. What a search touches
/// is kept small and together: it has to stay in the processor's cache beside much else.
pub struct Finder {
    /// Which hashes of pieces occur.
    set: Box<[u64; SET]>,
    /// Filed strings, sorted by the hash of their piece.
    filed: Vec<Filed>,
    /// Where the strings of a bucket begin in `filed`: one more entry than there are buckets.
    buckets: Vec<u32>,
    /// The bytes of all filed strings.
    bytes: Vec<u8>,
    /// Whether strings of three bytes are among them: filed as if a NUL stood behind them.
    has_threes: bool,
    /// Shorter strings.
    short: Vec<(u32, Box<[u8]>)>,
}

/// A string under its piece.
struct Filed {
    piece: u32,
    /// Where in the string the piece begins.
    offset: u32,
    /// Where in `bytes` the string stands.
    from: u32,
    to: u32,
    /// Its last bytes, which tell most strings of a piece apart.
    end: [u8; PIECE],
    index: u32,
}

impl Finder {
    /// Files the strings. An empty one is never found.
    pub fn new<'s>(strings: impl IntoIterator<Item = &'s str>) -> Self {
        let mut filed: Vec<Filed> = Vec::new();
        let (mut bytes, mut short, mut has_threes) = (Vec::new(), Vec::new(), false);
        let mut load: HashMap<[u8; PIECE], u32> = HashMap::new();
        for (index, string) in (0..).zip(strings) {
            let (offset, piece) = match string.as_bytes() {
                [] => continue,
                [a, b, c] => {
                    has_threes = true;
                    (0, [*a, *b, *c, 0])
                }
                long => match (0..).zip(pieces(long)).min_by_key(|(_, piece)| burden(piece, load.get(piece))) {
                    Some(lightest) => lightest,
                    None => {
                        short.push((index, long.into()));
                        continue;
                    }
                },
            };
            *load.entry(piece).or_insert(0) += 1;
            let from = small(bytes.len());
            bytes.extend_from_slice(string.as_bytes());
            let (piece, end) = (u32::from_le_bytes(piece), string.as_bytes().last_chunk().copied().unwrap_or(piece));
            filed.push(Filed { piece, offset, from, to: small(bytes.len()), end, index });
        }
        filed.sort_by_key(|one| hash(one.piece));
        let mut set = Box::new([0; SET]);
        for one in &filed {
            let hash = hash(one.piece);
            set.get_mut(hash / 64).into_iter().for_each(|word| *word |= 1 << (hash % 64));
        }
        let begin = |at: usize| small(filed.partition_point(|one| bucket(hash(one.piece)) < at));
        let buckets = (0..=1 << BUCKET_BITS).map(begin).collect();
        Self { set, filed, buckets, bytes, has_threes, short }
    }

    /// Tells of every place where a string stands, those within others too: its number and where it
    /// begins, in no order.
    pub fn each(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        for (at, piece) in pieces(text.as_bytes()).enumerate() {
            self.look(text.as_bytes(), at, piece, &mut found);
        }
        if self.has_threes {
            for (at, [a, b, c]) in text.as_bytes().array_windows().copied().enumerate() {
                self.look(text.as_bytes(), at, [a, b, c, 0], &mut found);
            }
        }
        // most of the short ones are of scripts that most texts do not hold
        let ascii = self.short.is_empty() || text.is_ascii();
        for (index, short) in self.short.iter().filter(|(_, short)| !ascii || short.is_ascii()) {
            memchr::memmem::find_iter(text.as_bytes(), short).for_each(|start| found(*index as usize, start));
        }
    }

    /// Compares what is filed under a piece that stands there.
    fn look(&self, text: &[u8], at: usize, piece: [u8; PIECE], found: &mut impl FnMut(usize, usize)) {
        let piece = u32::from_le_bytes(piece);
        let hash = hash(piece);
        if self.set.get(hash / 64).is_some_and(|word| word >> (hash % 64) & 1 == 1) {
            self.compare(text, at, piece, bucket(hash), found);
        }
    }

    fn compare(&self, text: &[u8], at: usize, piece: u32, bucket: usize, found: &mut impl FnMut(usize, usize)) {
        let [Some(from), Some(to)] = [self.buckets.get(bucket), self.buckets.get(bucket + 1)] else { return };
        let filed = self.filed.get(*from as usize..*to as usize).unwrap_or_default();
        for one in filed.iter().filter(|one| one.piece == piece) {
            let Some(start) = at.checked_sub(one.offset as usize) else { continue };
            let length = (one.to - one.from) as usize;
            let Some(there) = text.get(start..start + length) else { continue };
            // strings of three bytes are their piece
            let ends_so = there.last_chunk().is_none_or(|end| *end == one.end);
            if ends_so && self.bytes.get(one.from as usize..one.to as usize).is_some_and(|string| string == there) {
                found(one.index as usize, start);
            }
        }
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How many texts hold one of these strings, roughly, to compare sets of them.
pub(super) fn commonness_of(strings: &[String]) -> u64 {
    let rank = |string: &String| match string.as_bytes() {
        [] => u32::MAX,
        [a] => commonness(&[*a]) + 3 * MOST_COMMON,
        [a, b] => commonness(&[*a, *b]) + 2 * MOST_COMMON,
        [a, b, c] => commonness(&[*a, *b, *c]) + MOST_COMMON,
        long => pieces(long).map(|piece| commonness(&piece)).min().unwrap_or(u32::MAX),
    };
    strings.iter().map(|string| 1 << (rank(string) / HALF).min(40)).sum()
}

/// What it costs to file one more string under a piece: the comparisons, as often as the piece is met.
fn burden(piece: &[u8; PIECE], load: Option<&u32>) -> u32 {
    let doublings = load.map_or(0, |load| (load + 1).ilog2());
    commonness(piece) + HALF * doublings
}

/// Every four bytes of a text, one after the other.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = [u8; PIECE]> {
    bytes.array_windows().copied()
}

fn hash(piece: u32) -> usize {
    (piece.wrapping_mul(0x9e37_79b1) >> (u32::BITS - BITS)) as usize
}

fn bucket(hash: usize) -> usize {
    hash >> (BITS - BUCKET_BITS)
}

/// How often text holds these bytes, roughly: the commoner the letters and the words that they belong
/// to, the more.
fn commonness(piece: &[u8]) -> u32 {
    /// Letters of European languages, the commonest first.
    const BY_USE: &[u8] = b" eainrtosldcumphgvbfywzkjxq'-.,:";
    let rank = |byte: &u8| BY_USE.iter().position(|known| known == byte).unwrap_or(BY_USE.len());
    piece.iter().map(|byte| MOST_COMMON.saturating_sub(small(rank(byte)))).sum()
}

/// Ranks of [`commonness`] in which letters grow rarer by half.
const HALF: u32 = 5;

/// The [`commonness`] of a space.
const MOST_COMMON: u32 = 33;
