//! Out-of-office mail in many languages: is it one, when is the person back, who stands in.
//!
//! What counts is wording; header fields say that a machine wrote, and by that how much wording is
//! needed (mail-rules §B6). With no machine's mark a mail must read like a note and not like a talk.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Anchored, Input, StartKind};
use jiff::Timestamp;
use jiff::civil::Date;

use super::gist::OutOfOffice;
use super::ident::Address;
use super::inbound::{Inbound, ReturnPath};
use super::phrases::{Found, Hit, Vocabulary, flatten};
use super::reply_text::{self, ReplyText};
use super::{dates, language};

mod departed;
#[rustfmt::skip] // word lists, filled to the width of the page
mod words;

/// The evidence that the mail is an out-of-office answer, or `None`.
pub fn evidence(mail: &Inbound, text: &ReplyText) -> Option<String> {
    evidence_in(mail, text, &lowered(&text.own, NOTE * 2))
}

/// As [`evidence`], with the own text flattened already, as far as at least [`NOTE`] twice.
pub(super) fn evidence_in(mail: &Inbound, text: &ReplyText, flat: &str) -> Option<String> {
    let machine = machine(mail);
    let lead = subject_lead(&mail.subject);
    if mail.header("x-apple-action").is_some_and(|value| value.eq_ignore_ascii_case("vacation")) {
        return Some("X-Apple-Action: VACATION".to_owned());
    }
    let body = Wording::of(flat);
    let says_away = body.away || body.left;
    match (lead, machine) {
        (Some(Lead::Away), Machine::No) if body.conversation && !says_away => None,
        (Some(Lead::Away), _) if body.conversation && machine == Machine::No && body.supports < 1 => None,
        (Some(Lead::Away), _) => Some(format!("subject says away: {}", head(&mail.subject))),
        (Some(Lead::Noun), Machine::No) if says_away && !body.conversation => {
            Some("subject and text say away".to_owned())
        }
        (Some(Lead::Noun), Machine::Weak | Machine::Sure) if says_away || body.supports > 0 => {
            Some("subject and text say away, and a machine wrote".to_owned())
        }
        (Some(Lead::Automatic), Machine::No) if body.conversation && !says_away => None,
        (Some(Lead::Automatic), _) if says_away => Some("subject says automatic, text says away".to_owned()),
        (Some(Lead::Automatic), _) if !body.receipt => {
            Some(format!("subject says automatic reply: {}", head(&mail.subject)))
        }
        (_, Machine::Sure) if says_away => Some("a machine wrote, and the text says away".to_owned()),
        (_, Machine::Weak) if says_away && !body.conversation => {
            Some("an automatic rule wrote, and the text says away".to_owned())
        }
        (_, Machine::No) if body.left && body.automatic && body.is_note(&text.own) => {
            Some("no machine's mark, but the text calls itself automatic and says left".to_owned())
        }
        // no mark at all: a note has both parts, is short, asks nothing
        (_, Machine::No) if body.away && body.supports > 0 && body.is_note(&text.own) => {
            Some("no machine's mark, but the text is an absence note".to_owned())
        }
        _ => None,
    }
}

/// What an out-of-office answer says. `received` is the day from which relative dates count.
pub fn read(mail: &Inbound, text: &ReplyText, received: Timestamp) -> OutOfOffice {
    let left = has_left(&text.own) || has_left(&mail.subject);
    let language = language::of(&text.own);
    let until = |text: &str| dates::first_day_back(text, language.as_deref(), received);
    OutOfOffice {
        until: if left { None } else { first_day(until(&text.own), until(own_subject(&mail.subject))) },
        left,
        stand_in: stand_in(mail, text),
    }
}

/// Notes and Domino write "returning 28 September" above "out of the office until 28 September": the
/// subject then names the day itself.
fn first_day(text: Option<Date>, subject: Option<Date>) -> Option<Date> {
    let day_before = text.and_then(|day| day.yesterday().ok());
    subject.filter(|_| text.is_none() || subject == day_before).or(text)
}

/// Whether the text says that its author, or the person asked for, has left for good.
pub(super) fn has_left(text: &str) -> bool {
    says_left(&lowered(text, 2000))
}

/// As [`has_left`], of a flattened text.
pub(super) fn says_left(flat: &str) -> bool {
    // "zum 31.10. habe ich die Firma verlassen": the verb stands at the end
    let gap = |begin: &str, end: &str| {
        let behind = flat.split_once(begin).and_then(|(_, rest)| rest.split(['.', '!', '?', ';']).next());
        let mut words =
            behind.into_iter().flat_map(|rest| rest.split(' ').take(8)).map(|word| word.trim_end_matches(','));
        // who left the office comes back
        !words.clone().any(|word| departed::ROOMS.contains(&word)) && words.any(|word| word == end)
    };
    gap("habe ich ", "verlassen")
        || gap("ich habe ", "verlassen")
        || departed::names_what_was_left(flat)
        || VOCABULARY.search(flat).all(LEFT).any(|hit| begins_word(flat, hit.start))
}

/// Characters of the text in which absence must be stated.
const BODY: usize = 600;
/// Characters beyond which an unmarked mail is no note.
const NOTE: usize = 1200;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Machine {
    Sure,
    Weak,
    No,
}

/// How surely the header says that a machine wrote, strong to weak.
fn machine(mail: &Inbound) -> Machine {
    let has = |name: &str| mail.header(name).is_some_and(|value| !value.trim().is_empty());
    let is = |name: &str, wanted: &[&str]| {
        mail.header_values(name).any(|value| {
            let value = value.trim().to_ascii_lowercase();
            wanted.iter().any(|word| value.starts_with(word))
        })
    };
    let sure = is("auto-submitted", &["auto-"])
        || is("x-autoreply", &["yes", "true", "1", "vacation"])
        || is("x-autorespond", &["yes", "true", "1"])
        || has("x-autorespond")
        || is("precedence", &["auto_reply", "auto-reply"])
        || is("x-precedence", &["auto_reply", "auto-reply"])
        || is("x-post-messageclass", &["9"])
        || is("x-ms-exchange-generated-message-source", &["mailbox rules agent"])
        || has("x-vacation")
        || has("x-mail-autoreply")
        || has("x-autogenerated")
        || (has("x-auto-response-suppress") && has("x-ms-exchange-inbox-rules-loop"))
        || mail.message_id.as_ref().is_some_and(|id| id.as_str().contains("-vac@"));
    let weak = mail.return_path == ReturnPath::Null
        || has("x-ms-exchange-inbox-rules-loop")
        || has("x-auto-response-suppress")
        || is("precedence", &["bulk", "junk"]);
    match () {
        () if sure => Machine::Sure,
        () if weak => Machine::Weak,
        () => Machine::No,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    Away,
    Noun,
    Automatic,
}

/// What the subject begins with, behind tags and the name of the author; nothing behind a reply lead.
fn subject_lead(subject: &str) -> Option<Lead> {
    let lower = lowered(own_subject(subject), 300);
    let begins = |words: &AhoCorasick| words.find(Input::new(&lower).anchored(Anchored::Yes)).map(|hit| hit.end());
    // "AUTO: Kim Lane is out of the office (returning …)", "Kim Lane is out of the office"
    let inner = [
        "is out of the office",
        "is out of office",
        "is on vacation",
        "is on leave",
        "is away until",
        "out of office until",
    ];
    if inner.iter().any(|phrase| lower.contains(phrase)) {
        return Some(Lead::Away);
    }
    if let Some(end) = begins(&AWAY_LEADS) {
        // "Out of office policy" is no lead: a lead stands alone, or a colon or a date follows
        let rest = lower.get(end..).unwrap_or_default().trim_start();
        let policy = ["polic", "template", "message for", "work", "regel", "meldung einricht"]
            .iter()
            .any(|word| rest.starts_with(word));
        return (!policy && !lower.contains('?')).then_some(Lead::Away);
    }
    if let Some(end) = begins(&AUTO_LEADS) {
        return lower
            .get(end..)
            .is_some_and(|rest| rest.is_empty() || !rest.starts_with(char::is_alphabetic) || is_wide(rest))
            .then_some(Lead::Automatic);
    }
    begins(&NOUN_LEADS).map(|_| Lead::Noun)
}

fn is_wide(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c as u32 >= 0x2e80)
}

/// The subject without gateway tags; empty behind a reply lead. Gmail's responder writes the user's
/// own words and then `Re: <our subject>`: those words remain.
fn own_subject(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((tag, behind)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        if tag.len() > 30 || says(&AUTO_LEADS, &tag.to_lowercase()) {
            break;
        }
        rest = behind.trim_start();
    }
    let lower_lead = rest.split([':', '：']).next().unwrap_or_default().trim().to_lowercase();
    if lower_lead.chars().count() <= 6 && REPLY_LEADS.contains(&lower_lead.as_str()) {
        return "";
    }
    rest.find(" Re: ").and_then(|at| rest.get(..at)).unwrap_or(rest).trim_start_matches(['*', '<', '(', '【', ' '])
}

const REPLY_LEADS: &[&str] = &[
    "re", "aw", "sv", "antw", "odp", "res", "rép", "fw", "fwd", "wg", "tr", "rv", "r", "回复", "答复", "返信", "ynt",
    "vs", "отв", "atb", "vá",
];

/// What the beginning of the text says.
struct Wording {
    away: bool,
    left: bool,
    /// Calls itself automatic.
    automatic: bool,
    supports: usize,
    conversation: bool,
    receipt: bool,
}

impl Wording {
    fn of(flat: &str) -> Self {
        let text = Searched::of(clipped(flat, NOTE * 2));
        let body = clipped(text.flat, BODY).len();
        let mut supports: Vec<&str> = text.hits(SUPPORT, body).collect();
        supports.sort_unstable();
        supports.dedup();
        Self {
            away: text.says(AWAY, body),
            left: text.says(LEFT, body) || departed::names_what_was_left(clipped(text.flat, BODY)),
            automatic: ["automat", "automát", "automàt"].iter().any(|word| text.flat.contains(word)),
            supports: supports.len(),
            conversation: text.says(CONVERSATION, text.flat.len()) || asks(text.flat),
            receipt: text.says(RECEIPT, body),
        }
    }

    fn is_note(&self, own: &str) -> bool {
        // "your request" stands in receipts and in "if your request is urgent"
        !self.conversation && (!self.receipt || self.supports >= 2) && own.chars().take(NOTE + 1).count() <= NOTE
    }
}

/// Whether a question stands in the text; a link's question mark is none.
fn asks(lower: &str) -> bool {
    lower
        .split_whitespace()
        .any(|word| word.trim_end_matches([')', '"', '”', '!']).ends_with(['?', '？']) && !word.contains("://"))
        || lower.contains('？')
}

/// The address that the text names as a substitute: never the author's own, ours, or a quoted one.
fn stand_in(mail: &Inbound, text: &ReplyText) -> Option<Address> {
    let own = lowered(&text.own, 3000);
    let known = |address: &Address| {
        let same = |other: &Address| other.same_mailbox(address);
        mail.from
            .iter()
            .chain(&mail.to)
            .chain(&mail.cc)
            .chain(&mail.sender)
            .chain(&mail.reply_to)
            .any(|named| same(&named.address))
            || text.quoted_addresses.iter().any(same)
    };
    let mut first = None;
    for address in reply_text::addresses(&own, 10).into_iter().filter(|address| !known(address)) {
        let before = own.find(address.as_str()).and_then(|at| own.get(..at)).unwrap_or_default();
        let near: String = before.chars().rev().take(160).collect::<Vec<_>>().into_iter().rev().collect();
        if says(&CONTACT, &near) {
            return Some(address);
        }
        first = first.or(Some(address));
    }
    first
}

fn head(subject: &str) -> String {
    subject.chars().take(60).collect()
}

/// The beginning of a text in lower case, in one line, with plain apostrophes.
fn lowered(text: &str, chars: usize) -> String {
    flatten(clipped(text, chars), usize::MAX)
}

/// The first so many characters.
fn clipped(text: &str, chars: usize) -> &str {
    if text.len() <= chars {
        return text;
    }
    let end = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}

/// Tables of the body, by their place in [`VOCABULARY`].
const AWAY: usize = 0;
const SUPPORT: usize = 1;
const LEFT: usize = 2;
const RECEIPT: usize = 3;
const CONVERSATION: usize = 4;

static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::new(&[words::AWAY, words::SUPPORT, words::LEFT, words::RECEIPT, words::CONVERSATION]));

/// The beginning of a text and the phrases of the body that stand in it.
struct Searched<'t> {
    flat: &'t str,
    found: Found,
}

impl<'t> Searched<'t> {
    fn of(flat: &'t str) -> Self {
        Self { flat, found: VOCABULARY.search(flat) }
    }

    /// The phrases of a table that end before that byte and begin where a word does.
    fn hits(&self, table: usize, before: usize) -> impl Iterator<Item = &'static str> {
        let begun = move |hit: &&Hit| hit.end() <= before && begins_word(self.flat, hit.start);
        self.found.all(table).filter(begun).map(|hit| hit.words)
    }

    fn says(&self, table: usize, before: usize) -> bool {
        self.hits(table, before).next().is_some()
    }
}

/// A phrase begins where a word begins, save in scripts that join words or write prefixes on to them;
/// it may end within a word, as endings differ.
fn begins_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    before.is_none_or(|c| !c.is_alphanumeric() || c as u32 >= 0x0590)
}

fn says(phrases: &AhoCorasick, text: &str) -> bool {
    phrases.find_overlapping_iter(text).any(|hit| begins_word(text, hit.start()))
}

fn words(list: &[&str]) -> AhoCorasick {
    #[expect(clippy::expect_used, reason = "the words are constants that the tests compile")]
    AhoCorasick::builder().start_kind(StartKind::Both).build(list).expect("a list of words")
}

static AWAY_LEADS: LazyLock<AhoCorasick> = LazyLock::new(|| words(words::AWAY_LEADS));
static NOUN_LEADS: LazyLock<AhoCorasick> = LazyLock::new(|| words(words::NOUN_LEADS));
static AUTO_LEADS: LazyLock<AhoCorasick> = LazyLock::new(|| words(words::AUTO_LEADS));
static CONTACT: LazyLock<AhoCorasick> = LazyLock::new(|| words(words::CONTACT));

#[cfg(test)]
mod tests;
