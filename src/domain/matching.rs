//! [`Gist`] + candidates → [`Match`] with its evidence (product §3.2, mail-rules §C).

/// Hashes of the word 5-grams of a text, sorted, without repetition, 512 at most.
pub fn shingles(_text: &str) -> Vec<u32> {
    Vec::new()
}
