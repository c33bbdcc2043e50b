//! How an answer sounds: yes, not now (until), try other, no, left, question, unclear.
//!
//! Phrase lists of ten languages (`tone/words.rs`) and the order in which they outweigh each other.
//! A phrase of agreement behind a negation is none: "not interested" never sounds like a yes.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use regex::Regex;

use super::dates::{self, Precision, spans};
use super::gist::Tone;
use super::phrases::{Likely, Patterns, flatten};
use super::{out_of_office, reply_text};

mod words;

/// The tone of what a person wrote (never of what they quoted).
pub fn tone(own: &str, subject: &str, language: Option<&str>, received: Timestamp) -> Tone {
    let text = prepared(own);
    if text.is_empty() {
        return Tone::Unclear;
    }
    let found = TABLES.search(&text);
    if found.has(table::FOR_GOOD) {
        return Tone::No { for_good: true };
    }
    if out_of_office::says_left(&text) || found.has(table::GONE) {
        return Tone::LeftCompany;
    }
    let offer = last_affirmed(&found, table::OFFER, &text);
    let last = |table: usize| found.each(table).last().map(|hit| hit.start);
    let refusal = last(table::NO);
    let later = last(table::LATER);
    // an offer outweighs a "no" that it follows: "we don't hire, but let's have a coffee"
    let offered = |against: Option<usize>| offer.is_some_and(|at| against.is_none_or(|other| at > other));
    if points_elsewhere(&found, &text) && !found.has(table::TO_ME) && !(offered(None) && refusal.is_none()) {
        return Tone::TryOther { address: reply_text::addresses(&text, 1).pop() };
    }
    if later.is_some() && !offered(refusal.max(later)) {
        return Tone::NotNow { until: until(own, subject, language, received) };
    }
    if refusal.is_some() && !offered(refusal) {
        return Tone::No { for_good: false };
    }
    if offer.is_some() || last_affirmed(&found, table::YES, &text).is_some() {
        return Tone::Yes;
    }
    // an address in the text itself, and nothing else to go by: somebody else's
    if let Some(address) = reply_text::addresses(&text, 1).pop()
        && !text.contains(['?', '？'])
    {
        return Tone::TryOther { address: Some(address) };
    }
    let asks = ["でしょうか", "ますか", "ですか", "ませんか"].iter().any(|words| text.contains(words));
    if asks || text.contains(['?', '？']) || ASKS.is_match(&text) { Tone::Question } else { Tone::Unclear }
}

/// Whether who asks for silence asks it for everybody of their organisation.
pub fn speaks_for_all(own: &str) -> bool {
    WHOLE.is_match(&prepared(own))
}

static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"any(?:one|body)(?: else)? (?:here|at|of us|in (?:our|this)|from (?:our|this))|any of (?:us|my colleagues|our)|(?:our|the whole|the entire) (?:company|organi[sz]ation|team|staff|employees|colleagues|domain)|my colleagues|everyone (?:here|at)|niemand(?:en|em)? (?:bei uns|hier)|unsere (?:firma|mitarbeiter|kollegen)|meine kollegen",
    )
});

/// Characters that are looked at.
const LOOKED_AT: usize = 3000;

/// Lower case, one line, plain apostrophes; links say nothing.
fn prepared(text: &str) -> String {
    let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(at, _)| at);
    let mut line = flatten(text.get(..end).unwrap_or_default(), usize::MAX);
    if line.contains("://") {
        line = line.split(' ').filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" ");
    }
    without_courtesy(line)
}

fn without_courtesy(line: String) -> String {
    let found = POLITE.search(&line);
    let mut hits = found.each(0).peekable();
    if hits.peek().is_none() {
        return line;
    }
    let mut rest = String::with_capacity(line.len());
    let mut from = 0;
    for hit in hits {
        rest.push_str(line.get(from..hit.start).unwrap_or_default());
        from = hit.end;
    }
    rest.push_str(line.get(from..).unwrap_or_default());
    rest
}

/// Whether a phrase names somebody else to ask; "contact me", "talk to us again" do not.
fn points_elsewhere(found: &Likely<'_>, text: &str) -> bool {
    found.each(table::OTHER).any(|hit| {
        let words = text.get(hit.clone()).unwrap_or_default();
        let rest = text.get(hit.end..).unwrap_or_default();
        let rest_of_word = rest.split(' ').next().unwrap_or_default();
        let next = rest.split(' ').nth(1).unwrap_or_default();
        !SELF.is_match(&format!("{words}{rest_of_word} {next}"))
    })
}

/// Where the last phrase stands that no word before it turns into its opposite.
fn last_affirmed(found: &Likely<'_>, table: usize, text: &str) -> Option<usize> {
    let affirmed = found.each(table).filter(|hit| {
        let from = (hit.start.saturating_sub(40)..=hit.start).find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let before = text.get(from..hit.start).unwrap_or_default();
        let clause = before.rsplit(['.', '!', '?', ',', ';', ':', '–', '。', '、']).next().unwrap_or_default();
        !NEGATION.is_match(clause.trim_end())
    });
    affirmed.last().map(|hit| hit.start)
}

/// The day that "later" means: a named one, or a span from the day of receipt.
/// A month or a year that is named alone is its first day.
fn until(own: &str, subject: &str, language: Option<&str>, received: Timestamp) -> Option<Date> {
    let today = received.to_zoned(jiff::tz::TimeZone::UTC).date();
    let in_text = |text: &str| {
        let lower = dates::prepared(text);
        let days = dates::find(&lower, language, received);
        let back = dates::first_day_back(text, language, received);
        let future = |precise: bool| {
            let mut named = days.iter().filter(|day| (day.precision != Precision::Weekday) == precise);
            let named = named.find(|day| day.date > today)?;
            // "until the 14th I am away": the day after it
            Some(back.filter(|back| named.date.tomorrow().is_ok_and(|next| *back == next)).unwrap_or(named.date))
        };
        future(true).or_else(|| spans::after(&lower, today)).or_else(|| future(false))
    };
    in_text(own).or_else(|| in_text(subject))
}

fn regex(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns are constants that the tests compile")]
    Regex::new(&lean(pattern)).expect("a valid pattern")
}

/// Every sign and space: what stands before a word.
const NO_LETTER: &str = r"[\x00-@\[-`\{-\u{bf}\u{2000}-\u{206f}\u{3000}-\u{303f}\u{ff00}-\u{ff20}\u{ff3b}-\u{ff40}]";

/// The pattern with letters as "no sign, no space" instead of as Unicode's tables: hundreds of times
/// in a list, those would fill a hundred megabytes.
fn lean(pattern: &str) -> String {
    const NO_WORD: &str = r"\x00-/:-@\[-`\{-\u{bf}\u{2000}-\u{206f}\u{3000}-\u{303f}\u{ff00}-\u{ff0f}\u{ff1a}-\u{ff20}";
    pattern
        .replace(r"[^\p{L}]", NO_LETTER)
        .replace(r"\p{L}", &NO_LETTER.replacen('[', "[^", 1))
        .replace(r"\w", &format!("[^{NO_WORD}]"))
}

/// The tables of [`TABLES`], by their place.
mod table {
    pub(super) const FOR_GOOD: usize = 0;
    pub(super) const GONE: usize = 1;
    pub(super) const OFFER: usize = 2;
    pub(super) const NO: usize = 3;
    pub(super) const LATER: usize = 4;
    pub(super) const OTHER: usize = 5;
    pub(super) const YES: usize = 6;
    pub(super) const TO_ME: usize = 7;
}

static TABLES: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new([
        bounded(words::FOR_GOOD),
        free(GONE),
        bounded(words::OFFER),
        bounded(words::NO),
        bounded(words::LATER),
        bounded(words::OTHER),
        bounded(words::YES),
        free(TO_ME),
    ])
});

/// Patterns that begin where a word does; the last of the list is of a script without such bounds.
fn bounded(list: &[&str]) -> Vec<(&'static str, String)> {
    let last = list.len().saturating_sub(1);
    list.iter().enumerate().map(|(at, pattern)| (if at < last { NO_LETTER } else { "" }, lean(pattern))).collect()
}

/// A pattern that says itself where it begins.
fn free(pattern: &str) -> Vec<(&'static str, String)> {
    vec![("", lean(pattern))]
}

static NEGATION: LazyLock<Regex> = LazyLock::new(|| regex(words::NEGATION));

/// The author speaks of themselves.
static SELF: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?:me|us|you|mir|mich|uns|moi|nous|mí|conmigo|nosotros|mim|comigo|conosco|mij|ons|mną|mnie|nami|mig|oss|again)\b",
    )
});

/// Negations that deny nothing.
static POLITE: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new([free(
        r"(?:please )?(?:do not|don't) hesitate(?: to)?|no (?:problem|worries|rush|need to)|not only|why not|can't (?:wait|say no)(?: to)?|not a problem|zögern sie nicht|kein(?: problem|e ursache)|n'hésitez pas|pas de (?:problème|souci)|no (?:dude|dudes|hay problema)|sem problema|não hesite|non esiti?|nessun problema|geen probleem|aarzel niet|nie ma problemu|inga problem|tveka inte",
    )])
});

/// A question without its mark: a sentence that begins like one.
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:^|[.!:] )(?:(?:what|which|who|how|why|where) (?:is|are|do|does|did|would|can|could|kind|sort|much|many|long|exactly)|(?:could|can|would) you (?:tell|explain|clarify|say|elaborate)|do you (?:have|know|want|need|work|live)|(?:wie|was|welche[rsn]?|wer|warum|wo) (?:ist|sind|haben|hast|können|genau|viel|lange|meinen|meinst)|können sie (?:mir )?(?:sagen|erklären|erläutern)|(?:quel\w*|comment|pourquoi|combien|où) (?:est|sont|avez|pouvez|serait)|pouvez-vous (?:me )?(?:dire|préciser|expliquer)|(?:qué|cuál|cómo|cuánto|dónde) (?:es|son|tipo|tiene|podría)|(?:qual|quanto|como|onde) (?:é|são|seria|tem)|(?:quale|quanto|come|dove) (?:è|sono|sarebbe|avete)|(?:wat|welke|hoe|waarom|waar) (?:is|zijn|bedoel|voor|veel|lang)|(?:jaki|jaka|jakie|jak|ile|czy) (?:jest|są|to|ma|pan|pani|masz)|(?:vad|vilken|vilka|hur|varför|var) (?:är|menar|har|mycket|länge))\b",
    )
});

/// Somebody else handed the mail to the author: no pointer to another.
const TO_ME: &str = r"(?:hat|haben) (?:mir|uns) |(?:forwarded|passed|sent|handed)(?: \S+){0,4} (?:to|on to) (?:me|us)\b|m'a transm|me (?:ha )?(?:pasó|pasado|reenvi|encaminh)|mi ha (?:inoltrato|girato)|aan mij doorgestuurd|przekazał\w* mi|till mig";

/// A colleague says of somebody that they are gone.
const GONE: &str = r"\b(?:she|he|they) (?:has |have |had |'s )?(?:recently |just |since |already )?(?:left (?:us|the|\p{L}+ (?:in|at|last|this|for|to)|in|at|last)|moved on|retired|resigned|quit)\b|\b(?:hat|haben) (?:uns|das unternehmen|die firma|unser unternehmen|unsere firma)(?: \S+){0,4} verlassen|(?:nous|nos) a(?:vons)? quitt|ci ha lasciat|nos ha dejado|(?:isn't|is not|aren't) (?:with us|here) any ?more|(?:doesn't|does not|don't|do not) work (?:here|there|(?:at|for|with) \S+) any ?more|passed away|hung up (?:my|her|his) boots|\bbei \p{L}+ (?:bin|ist|war) (?:ich |er |sie )?(?:\S+ ){0,5}(?:raus|weg)\b|\bhabe (?:\S+ ){0,5}(?:verlassen|den laden gewechselt|die firma gewechselt|den (?:job|arbeitgeber) gewechselt)|\bya no (?:estoy|trabajo) (?:en|con|para) \p{L}+,|\bme (?:fui|marché) (?:de|en)\b|\bme jubilé|\bsaí d[aoe] \p{L}+|\bnon ci lavoro più|\b(?:lavoro|lavora) più (?:qui|lì|in|per)\b|\bho cambiato (?:azienda|lavoro)|\bho lasciato (?:l|la|il)\b|\b(?:werk|werkt) (?:\S+ ){0,4}niet meer (?:bij|voor|hier|daar)|\bben (?:daar|hier|er) weg\b|\bvoor mezelf begonnen|\bslutade (?:på|hos|i)\b|もう(?:\S{0,12})(?:いない|いません|おりません|辞め)|\b(?:odeszłam|odszedłem) z\b|\bj'ai quitté|\bje ne (?:suis|travaille) plus (?:chez|à|dans)";

#[cfg(test)]
mod tests;
