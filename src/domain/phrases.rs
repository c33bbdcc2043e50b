//! Looking for many fixed phrases in one pass over a text.

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};

pub use filter::{Filter, OneOf};
pub use patterns::{Likely, Patterns};
pub use vocabulary::{Found, Hit, Vocabulary};

mod filter;
mod finder;
mod patterns;
mod vocabulary;

/// A table of phrases, ready to be searched for. Phrases are in lower case with single spaces, as
/// [`flatten`] makes the text.
pub struct Phrases {
    matcher: AhoCorasick,
    words: &'static [&'static str],
}

impl Phrases {
    /// Builds the automaton once.
    #[expect(clippy::expect_used, reason = "the tables are constants of this crate, and a test builds each")]
    pub fn new(words: &'static [&'static str]) -> Self {
        let builder = &mut AhoCorasick::builder();
        let matcher = builder.match_kind(MatchKind::LeftmostLongest).start_kind(StartKind::Both).build(words);
        Self { matcher: matcher.expect("a table of phrases is small"), words }
    }

    /// The first phrase found in flattened text and where it begins.
    pub fn find(&self, flat: &str) -> Option<(usize, &'static str)> {
        let hit = self.matcher.find(flat)?;
        Some((hit.start(), self.words.get(hit.pattern().as_usize()).copied().unwrap_or_default()))
    }

    /// Whether any phrase stands in flattened text.
    pub fn is_in(&self, flat: &str) -> bool {
        self.matcher.is_match(flat)
    }

    /// Whether any phrase stands in flattened text at the beginning of a word; a short one has to be
    /// the whole word.
    pub fn has_word(&self, flat: &str) -> bool {
        self.matcher.find_iter(flat).any(|hit| {
            let before = flat.get(..hit.start()).and_then(|head| head.chars().next_back());
            let after = flat.get(hit.end()..).and_then(|tail| tail.chars().next());
            let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let wide = flat.get(hit.start()..hit.end()).is_some_and(|found| !found.is_ascii());
            wide || (!letter(before) && (hit.len() > 5 || !letter(after)))
        })
    }

    /// The phrase that flattened text begins with.
    pub fn at_start(&self, flat: &str) -> Option<&'static str> {
        let hit = self.matcher.find(Input::new(flat).anchored(Anchored::Yes))?;
        self.words.get(hit.pattern().as_usize()).copied()
    }

    /// How many different phrases stand in flattened text.
    pub fn count(&self, flat: &str) -> usize {
        let mut seen: Vec<_> = self.matcher.find_iter(flat).map(|hit| hit.pattern()).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    }
}

/// Lower case, white space as single spaces, plain apostrophes and no invisible characters; reads
/// about `max` bytes of the text.
pub fn flatten(text: &str, max: usize) -> String {
    let mut flat: Vec<u8> = Vec::with_capacity(text.len().min(max) + 4);
    let mut gap = false;
    let mut letter = [0; 4];
    for c in text.chars() {
        if flat.len() >= max {
            break;
        }
        // nearly all text is ASCII, and takes the short way
        let plain = match c {
            ' ' | '\t'..='\r' => {
                gap = !flat.is_empty();
                continue;
            }
            '`' | '’' | '‘' | '´' => '\'',
            '\0'..='\x7f' => c.to_ascii_lowercase(),
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => continue,
            _ if c.is_whitespace() => {
                gap = !flat.is_empty();
                continue;
            }
            _ => c,
        };
        if gap {
            flat.push(b' ');
            gap = false;
        }
        match u8::try_from(plain) {
            Ok(byte) if byte.is_ascii() => flat.push(byte),
            _ => plain.to_lowercase().for_each(|c| flat.extend_from_slice(c.encode_utf8(&mut letter).as_bytes())),
        }
    }
    String::from_utf8(flat).unwrap_or_default()
}

/// A subject without the leading tags of gateways, such as `[EXTERNAL]` or `*** SPAM ***`.
pub fn without_gateway_tag(subject: &str) -> &str {
    let mut rest = subject.trim_start_matches(['*', ' ', '!', '\t']);
    while let Some((tag, tail)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        let lower = tag.trim().to_lowercase();
        if !["ext", "spam", "caution", "warn", "suspect"].iter().any(|word| lower.starts_with(word)) {
            break;
        }
        rest = tail.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_case_and_apostrophes_are_evened_out() {
        assert_eq!(flatten("  I\u{2019}m\r\n\tAFRAID\u{a0} Ünzustellbar\u{200b} ", 100), "i'm afraid ünzustellbar");
    }

    #[test]
    fn the_longest_phrase_at_a_place_is_named() {
        let table = Phrases::new(&["out of", "out of office"]);
        assert_eq!(table.find("i am out of office"), Some((5, "out of office")));
        assert_eq!(table.at_start("out of coffee"), Some("out of"));
        assert_eq!(table.count("out of office, out of office, out of luck"), 2);
    }
}
