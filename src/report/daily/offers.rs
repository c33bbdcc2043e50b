//! What a daily mail offers to be decided by an answer: words to write, links that write them.

use super::{Answering, Daily, words};
use crate::domain::act::{Item, Kind, Word};
use crate::domain::command::{self, TEXT_BEGINS, TEXT_ENDS};

/// How to answer, in sentences.
pub(super) const HOW: [&str; 2] = [
    "Answer this mail with such words, one command a line, above what is quoted: send 1 3 · snooze 2 friday · no 4.",
    "The word undo takes back your last answer. All of it works for seven days, from your own mailbox alone, and each item once.",
];

/// What the whole mail's token is derived with.
const PLAIN_WORDS: &str = "plain words";

/// One thing that can be said of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// Its number in the mail.
    pub number: u32,
    /// As it is written: `snooze 2 3d`.
    pub order: String,
    /// What a link says: `snooze 3d`.
    pub label: String,
    /// It can be said in plain words.
    pub in_words: bool,
    word: Word,
}

impl Offer {
    /// The link (RFC 6068): a mail to the user with the command, its token, and for a text that is to be
    /// edited the text between marks.
    pub fn href(&self, answering: &Answering, text: &str) -> String {
        let subject = format!("{} [{}]", self.order, command::token(&answering.seed, &self.order));
        let body = match self.word {
            Word::Edit => format!(
                "{TEXT_BEGINS}\n{}\n{TEXT_ENDS}\n\nChange what stands between the marks, and send this mail: it is sent as you wrote it.",
                text.trim_end()
            ),
            _ => format!("Send this mail as it is: {}.", self.order),
        };
        format!("mailto:{}?subject={}&body={}", encoded(answering.to.as_str()), encoded(&subject), encoded(&body))
    }
}

/// What can be said of an entry.
pub(super) fn of(entry: &words::Entry) -> Vec<Offer> {
    let Some((_, kind)) = entry.item.filter(|_| entry.number > 0) else { return Vec::new() };
    let number = entry.number;
    let no_text = entry.text.trim().is_empty() && matches!(kind, Kind::FollowUp | Kind::HeldAnswer | Kind::HeldMail);
    let offer = |word: Word, span: &str| Offer {
        number,
        order: format!("{} {number} {span}", word.as_str()).trim_end().to_owned(),
        label: format!("{} {span}", word.as_str()).trim_end().to_owned(),
        in_words: word != Word::Edit && span != "1w",
        word,
    };
    let words = kind.words().iter().filter(|word| !(no_text && matches!(word, Word::Send | Word::Draft)));
    words
        .flat_map(|word| match word {
            Word::Snooze => vec![offer(*word, "3d"), offer(*word, "1w")],
            _ => vec![offer(*word, "")],
        })
        .collect()
}

/// The token of plain words.
pub(super) fn word_token(answering: &Answering) -> String {
    command::token(&answering.seed, PLAIN_WORDS)
}

/// Numbers and their items.
pub type Numbered = Vec<(u32, Item)>;
/// Hashes of tokens, each with the item and action that it is for.
pub type Hashed = Vec<(String, Option<u32>, String)>;

/// Everything that a daily mail offers; nothing if it can't be answered.
pub fn all(daily: &Daily) -> (Numbered, Hashed) {
    let Some(answering) = &daily.answering else { return Default::default() };
    let sections = words::sections(daily);
    let entries: Vec<&words::Entry> = sections.iter().flat_map(|section| &section.entries).collect();
    let items = entries.iter().filter_map(|entry| entry.item.map(|(item, _)| (entry.number, item))).collect();
    let links = entries
        .iter()
        .flat_map(|entry| of(entry))
        .map(|offer| (command::hash(&command::token(&answering.seed, &offer.order)), Some(offer.number), offer.order));
    let plain = (command::hash(&word_token(answering)), None, String::new());
    (items, std::iter::once(plain).chain(links).collect())
}

/// Percent-encoded for a `mailto:` (RFC 6068 §2, §5): a line break is `%0D%0A`.
fn encoded(text: &str) -> String {
    let mut said = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'\n' => said.push_str("%0D%0A"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => said.push(char::from(byte)),
            _ => said.push_str(&format!("%{byte:02X}")),
        }
    }
    said
}
