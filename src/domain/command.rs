//! Commands that the user writes above a daily mail, and the tokens that make them count.
//!
//! A token is 160 random bits, spelt in 32 letters and digits behind `cb-`. Only its SHA-256 is kept.

use sha2::{Digest as _, Sha256};

use super::act::{Item, Word};

/// Random bytes from which all tokens of one daily mail are derived.
pub type Seed = [u8; 32];

/// Begins every token.
const LEAD: &str = "cb-";
/// Letters of a token behind its lead: 160 bits.
const LENGTH: usize = 32;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Above the user's own words in an answer that sends them.
pub const TEXT_BEGINS: &str = "=== your text ===";
/// Beneath them.
pub const TEXT_ENDS: &str = "=== end of your text ===";

/// The token of one purpose. The seed is forgotten once the mail is written.
pub fn token(seed: &Seed, purpose: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(seed);
    hash.update(purpose.as_bytes());
    let mut spelt = String::from(LEAD);
    let (mut bits, mut have) = (0_u32, 0_u32);
    for byte in hash.finalize().iter().take(LENGTH * 5 / 8) {
        bits = (bits << 8) | u32::from(*byte);
        have += 8;
        while have >= 5 {
            have -= 5;
            let letter = usize::try_from((bits >> have) & 31).ok().and_then(|at| ALPHABET.get(at));
            spelt.extend(letter.map(|letter| char::from(*letter)));
        }
    }
    spelt
}

/// What is kept of a token.
pub fn hash(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every different token in a text, in its order, 20 at most. Mail programs may break a line within one
/// only where a blank stands, so a token is always whole.
pub fn tokens(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<String> = Vec::new();
    for (at, _) in lower.match_indices(LEAD) {
        let rest = lower.get(at + LEAD.len()..).unwrap_or_default();
        let letters: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric()).take(LENGTH + 1).collect();
        let before = lower.get(..at).and_then(|before| before.chars().next_back());
        let whole = letters.len() == LENGTH && letters.bytes().all(|letter| ALPHABET.contains(&letter));
        let token = format!("{LEAD}{letters}");
        if whole && !before.is_some_and(|c| c.is_ascii_alphanumeric()) && !found.contains(&token) {
            found.push(token);
            if found.len() >= 20 {
                break;
            }
        }
    }
    found
}

/// The hashes of the tokens in a text, as [`tokens`] finds them: what is kept of a mail that bears them.
pub fn hashes(text: &str) -> Vec<String> {
    tokens(text).iter().map(|token| hash(token)).collect()
}

/// A text without the letters of any token in it, wherever one stands (in an encoded link too).
pub fn redact(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in lower.match_indices(LEAD) {
        let begins = at + LEAD.len();
        let letters = lower.get(begins..).unwrap_or_default().bytes();
        let length = letters.take_while(|letter| ALPHABET.contains(letter)).count();
        if at >= from && length >= LENGTH {
            kept.push_str(text.get(from..begins).unwrap_or_default());
            kept.push('…');
            from = begins + length;
        }
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    kept
}

/// What a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The number that the daily mail printed.
    Number(u32),
    /// The name that the terminal shows.
    Item(Item),
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Item(item) => write!(f, "{item}"),
        }
    }
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What to do.
    pub word: Word,
    /// With what; never empty.
    pub targets: Vec<Target>,
    /// Until when, as it was written.
    pub until: String,
}

/// What a person wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orders {
    /// Commands, in their order.
    pub orders: Vec<Order>,
    /// Lines that begin like a command and are none.
    pub mangled: Vec<String>,
    /// The last answer is to be taken back, all of it.
    pub undo: bool,
}

/// Takes back what an answer decided.
pub const UNDO: &str = "undo";

/// Lines that are looked at.
const MOST_LINES: usize = 200;
/// A line of more words that begins with a command's word and has no number is prose.
const SHORT: usize = 4;

/// The commands in what a person wrote: one or several a line, in whatever case. Greetings, thanks and
/// signatures are passed over.
pub fn parse(text: &str) -> Orders {
    let mut found = Orders::default();
    for line in text.lines().take(MOST_LINES) {
        read_line(line, &mut found);
    }
    found
}

fn read_line(line: &str, found: &mut Orders) {
    let spaced: String =
        line.chars().map(|c| if matches!(c, ',' | ';' | '&' | '+' | '\u{a0}' | ':') { ' ' } else { c }).collect();
    let trim = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let words: Vec<String> = spaced.split_whitespace().map(trim).filter(|word| !word.is_empty()).collect();
    let filler = |word: &&String| matches!(word.as_str(), "please" | "pls" | "and" | "then" | "also" | "ok" | "okay");
    let mut rest = words.iter().filter(|word| !filler(word)).peekable();
    if rest.peek().is_some_and(|word| *word == UNDO) {
        match rest.count() {
            1 => found.undo = true,
            _ if words.len() <= SHORT => found.mangled.push(shortened(line)),
            _ => {}
        }
        return;
    }
    if rest.peek().is_none_or(|word| Word::parse(word).is_none()) {
        return;
    }
    let before = found.orders.len();
    while let Some(word) = rest.next().and_then(|word| Word::parse(word)) {
        let mut order = Order { word, targets: Vec::new(), until: String::new() };
        while let Some(target) = rest.peek().and_then(|word| target(word)) {
            order.targets.push(target);
            rest.next();
        }
        let mut until: Vec<&str> = Vec::new();
        while let Some(word) = rest.peek().filter(|word| Word::parse(word).is_none()) {
            until.push(word);
            rest.next();
        }
        order.until = when(&until);
        let fits = if word == Word::Snooze { !order.until.is_empty() } else { order.until.is_empty() };
        if order.targets.is_empty() || !fits {
            // nothing of a line that is half understood
            found.orders.truncate(before);
            if words.len() <= SHORT || !order.targets.is_empty() {
                found.mangled.push(shortened(line));
            }
            return;
        }
        found.orders.push(order);
    }
}

fn shortened(line: &str) -> String {
    line.trim().chars().take(120).collect()
}

fn target(word: &str) -> Option<Target> {
    match word.parse::<u32>() {
        Ok(number) if number > 0 && word.len() <= 4 => Some(Target::Number(number)),
        _ => Item::parse(word).map(Target::Item),
    }
}

/// `until next friday` → `friday`, `for 3 days` → `3d`.
fn when(words: &[&str]) -> String {
    let kept: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !matches!(*word, "until" | "till" | "to" | "for" | "on" | "next" | "in"))
        .collect();
    let unit = |unit: &str| match unit {
        "day" | "days" => Some("d"),
        "week" | "weeks" => Some("w"),
        "month" | "months" => Some("mo"),
        _ => None,
    };
    match kept.as_slice() {
        [number, name] if unit(name).is_some() => format!("{number}{}", unit(name).unwrap_or_default()),
        other => other.join(" "),
    }
}

#[cfg(test)]
mod tests;
