//! Why a mail was not delivered: from the enhanced status code (RFC 3463 and its use in practice)
//! and from what the server wrote beside it.

use std::sync::LazyLock;

use regex::Regex;

use super::reason_words as words;
use crate::domain::gist::BounceReason;
use crate::domain::phrases::{Phrases, flatten};

/// Text that is searched for words, in bytes.
const MAX_TEXT: usize = 8 * 1024;

struct Tables {
    sender: Phrases,
    full: Phrases,
    size: Phrases,
    policy: Phrases,
    address: Phrases,
    network: Phrases,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    sender: Phrases::new(words::SENDER),
    full: Phrases::new(words::FULL),
    size: Phrases::new(words::SIZE),
    policy: Phrases::new(words::POLICY),
    address: Phrases::new(words::ADDRESS),
    network: Phrases::new(words::NETWORK),
});

static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[245]\.\d{1,2}\.\d{1,3}").ok());

/// The reason, from the status code and the diagnostic text. Words that are surely about something
/// else than the address win over a code that blames the address: calling an address dead ends a
/// pursuit for good.
pub fn of(status: Option<&str>, diagnostic: &str) -> BounceReason {
    let flat = without_names(&flatten(diagnostic, MAX_TEXT));
    let by_code = status.map_or(BounceReason::Unknown, by_code);
    let by_text = by_text(&flat);
    match (by_code, by_text) {
        (BounceReason::Full | BounceReason::Size, _) => by_code,
        _ if is_about_sender(status) => BounceReason::Policy,
        (_, BounceReason::Unknown) => by_code,
        // "5.1.1 … does not exist, or its mailbox can't be reached": the code knows better
        (BounceReason::Address, BounceReason::Network) => BounceReason::Address,
        _ => by_text,
    }
}

/// `X.1.7` and `X.1.8` blame our own address.
fn is_about_sender(status: Option<&str>) -> bool {
    status.is_some_and(|code| code.ends_with(".1.7") || code.ends_with(".1.8"))
}

/// Leaves out addresses, links and host names: `spam@…` or `mx.filter.example` say nothing.
fn without_names(flat: &str) -> String {
    let named = |word: &&str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let host = bare.len() > 3 && bare.contains('.') && bare.chars().any(|c| c.is_ascii_alphabetic());
        let list = ["spamhaus", "spamcop", "sorbs", "barracuda", "senderbase"].iter().any(|list| bare.contains(list));
        !(word.contains('@') || word.contains("://") || host) || list
    };
    flat.split(' ').filter(named).collect::<Vec<_>>().join(" ")
}

fn by_text(flat: &str) -> BounceReason {
    let tables = &*TABLES;
    if tables.sender.has_word(flat) {
        return BounceReason::Policy;
    }
    let order = [
        (&tables.full, BounceReason::Full),
        (&tables.size, BounceReason::Size),
        (&tables.policy, BounceReason::Policy),
        (&tables.address, BounceReason::Address),
        (&tables.network, BounceReason::Network),
    ];
    order.into_iter().find(|(table, _)| table.has_word(flat)).map_or(BounceReason::Unknown, |(_, reason)| reason)
}

fn by_code(status: &str) -> BounceReason {
    let mut numbers = status.split('.').map(|number| number.parse::<u16>().unwrap_or_default());
    let (class, subject, detail) =
        (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    match (class, subject, detail) {
        (_, 1, 7 | 8) => BounceReason::Policy,
        (5, 1, _) | (5, 2, 1) | (5, 4, 4 | 310) => BounceReason::Address,
        (_, 2, 2) => BounceReason::Full,
        (_, 2, 3) | (_, 3, 4) => BounceReason::Size,
        (_, 2, 1) | (_, 4, 5) | (_, 7, _) | (_, 6, _) => BounceReason::Policy,
        (_, 4, _) | (4, 1, _) => BounceReason::Network,
        _ => BounceReason::Unknown,
    }
}

/// The best enhanced code: that of the `Status` field, unless it says nothing (`5.0.0`) and the
/// diagnostic text has a better one. Never a piece of an IP address or of a version.
pub fn status(field: &str, diagnostic: &str) -> Option<String> {
    let declared = codes(field).next();
    if let Some(code) = &declared
        && !code.ends_with(".0.0")
    {
        return declared;
    }
    let better = codes(diagnostic).find(|code| !code.ends_with(".0.0"));
    better.or(declared).or_else(|| codes(diagnostic).next())
}

fn codes(text: &str) -> impl Iterator<Item = String> + '_ {
    let found = CODE.iter().flat_map(move |regex| regex.find_iter(text));
    found
        .filter(move |hit| {
            let before = text.get(..hit.start()).and_then(|head| head.chars().next_back());
            let mut after = text.get(hit.end()..).unwrap_or_default().chars();
            let (next, second) = (after.next(), after.next());
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            let glued = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '/' | '-'));
            let longer = digit(next) || next == Some('/') || (next == Some('.') && digit(second));
            !(glued || longer)
        })
        .map(|hit| hit.as_str().to_owned())
}
