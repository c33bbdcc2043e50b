//! How an answer sounds: yes, not now (until), try other, no, left, question, unclear.
//!
//! Phrase lists of ten languages (`tone/words.rs`) and the order in which they outweigh each other.
//! A phrase of agreement behind a negation is none: "not interested" never sounds like a yes.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use regex::{Regex, RegexSet, RegexSetBuilder};

use super::dates::{self, Precision};
use super::gist::Tone;
use super::phrases::flatten;
use super::{out_of_office, reply_text};

mod words;

/// The tone of what a person wrote (never of what they quoted).
pub fn tone(own: &str, subject: &str, language: Option<&str>, received: Timestamp) -> Tone {
    let text = prepared(own);
    if text.is_empty() {
        return Tone::Unclear;
    }
    // one pass says which of the tables are worth a closer look
    let found = ANY.matches(&text);
    if found.matched(0) && FOR_GOOD.is_match(&text) {
        return Tone::No { for_good: true };
    }
    if out_of_office::says_left(&text) || found.matched(1) && GONE.is_match(&text) {
        return Tone::LeftCompany;
    }
    let offer = if found.matched(2) { last_affirmed(&OFFER, &text) } else { None };
    let last = |at: usize, phrases: &Regex| {
        if found.matched(at) { phrases.find_iter(&text).last().map(|hit| hit.start()) } else { None }
    };
    let refusal = last(3, &NO);
    let later = last(4, &LATER);
    // an offer outweighs a "no" that it follows: "we don't hire, but let's have a coffee"
    let offered = |against: Option<usize>| offer.is_some_and(|at| against.is_none_or(|other| at > other));
    if found.matched(5) && points_elsewhere(&text) && !TO_ME.is_match(&text) && !(offered(None) && refusal.is_none()) {
        return Tone::TryOther { address: reply_text::addresses(&text, 1).pop() };
    }
    if later.is_some() && !offered(refusal.max(later)) {
        return Tone::NotNow { until: until(own, subject, language, received) };
    }
    if refusal.is_some() && !offered(refusal) {
        return Tone::No { for_good: false };
    }
    if offer.is_some() || found.matched(6) && last_affirmed(&YES, &text).is_some() {
        return Tone::Yes;
    }
    // an address in the text itself, and nothing else to go by: somebody else's
    if let Some(address) = reply_text::addresses(&text, 1).pop()
        && !text.contains(['?', '？'])
    {
        return Tone::TryOther { address: Some(address) };
    }
    if text.contains(['?', '？']) || text.contains("でしょうか") || text.contains("ますか") || text.contains("ですか")
    {
        Tone::Question
    } else {
        Tone::Unclear
    }
}

/// Characters that are looked at.
const LOOKED_AT: usize = 3000;

/// Lower case, one line, plain apostrophes; links say nothing.
fn prepared(text: &str) -> String {
    let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(at, _)| at);
    let mut line = flatten(text.get(..end).unwrap_or_default(), usize::MAX);
    if line.contains("://") {
        line = line.split(' ').filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" ");
    }
    POLITE.replace_all(&line, "").into_owned()
}

/// Whether a phrase names somebody else to ask; "contact me", "talk to us again" do not.
fn points_elsewhere(text: &str) -> bool {
    OTHER.find_iter(text).any(|hit| {
        let rest = text.get(hit.end()..).unwrap_or_default();
        let rest_of_word = rest.split(' ').next().unwrap_or_default();
        let next = rest.split(' ').nth(1).unwrap_or_default();
        !SELF.is_match(&format!("{}{rest_of_word} {next}", hit.as_str()))
    })
}

/// Where the last phrase stands that no word before it turns into its opposite.
fn last_affirmed(phrases: &Regex, text: &str) -> Option<usize> {
    let affirmed = phrases.find_iter(text).filter(|hit| {
        let from = (hit.start().saturating_sub(40)..=hit.start()).find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let before = text.get(from..hit.start()).unwrap_or_default();
        let clause = before.rsplit(['.', '!', '?', ',', ';', ':', '–', '。', '、']).next().unwrap_or_default();
        !NEGATION.is_match(clause.trim_end())
    });
    affirmed.last().map(|hit| hit.start())
}

/// The day that "later" means: a named one, or a span from the day of receipt.
fn until(own: &str, subject: &str, language: Option<&str>, received: Timestamp) -> Option<Date> {
    let today = received.to_zoned(jiff::tz::TimeZone::UTC).date();
    let in_text = |text: &str| {
        let lower = dates::prepared(text);
        let days = dates::find(&lower, language, received);
        let future = |precise: bool| {
            days.iter()
                .find(|day| (day.precision != Precision::Weekday) == precise && day.date > today)
                .map(|day| day.date)
        };
        future(true).or_else(|| span(&lower, today)).or_else(|| future(false))
    };
    in_text(own).or_else(|| in_text(subject))
}

/// "In three months", "in ein paar Wochen", "next year".
fn span(lower: &str, today: Date) -> Option<Date> {
    if let Some(found) = SPAN.captures(lower) {
        let word = found.name("n")?.as_str();
        let unit = found.name("u")?.as_str();
        let count = match word.parse::<i64>() {
            Ok(number) => number,
            Err(_) => NUMBERS.iter().find(|(words, _)| words.contains(&word)).map(|(_, number)| *number)?,
        };
        if count > 60 {
            return None;
        }
        let begins = |units: &[&str]| units.iter().any(|begin| unit.starts_with(begin));
        let span = match () {
            () if begins(&["da", "tag", "jour", "día", "dia", "giorn", "dni", "dzie", "日"]) => {
                Span::new().days(count)
            }
            () if begins(&["we", "wo", "sem", "sett", "tyg", "tydz", "veck", "週"]) => Span::new().weeks(count),
            () if begins(&["mo", "mê", "mes", "mes", "maand", "mies", "mån", "mês", "か月", "ヶ月", "カ月"]) => {
                Span::new().months(count)
            }
            () if begins(&["qu", "trim", "kw"]) => Span::new().months(3 * count),
            () => Span::new().years(count),
        };
        return today.checked_add(span).ok();
    }
    if NEXT_YEAR.is_match(lower) {
        return Date::new(today.year() + 1, 1, 1).ok();
    }
    NEXT_MONTH.is_match(lower).then(|| today.last_of_month().tomorrow().ok()).flatten()
}

const NUMBERS: &[(&[&str], i64)] = &[
    (
        &[
            "a", "an", "one", "einem", "einer", "ein", "un", "une", "una", "um", "uma", "een", "jeden", "en", "ett",
            "miesiąc",
        ],
        1,
    ),
    (&["two", "a couple of", "couple of", "zwei", "deux", "dos", "dois", "duas", "due", "twee", "dwa", "två"], 2),
    (
        &[
            "three", "a few", "few", "drei", "ein paar", "einigen", "trois", "quelques", "tres", "unos", "unas",
            "três", "alguns", "algumas", "tre", "qualche", "drie", "een paar", "enkele", "trzy", "kilka", "några",
        ],
        3,
    ),
    (&["four", "vier", "quatre", "cuatro", "quatro", "quattro", "cztery", "fyra"], 4),
    (&["five", "fünf", "cinq", "cinco", "cinque", "vijf", "pięć", "fem"], 5),
    (&["six", "half a", "sechs", "seis", "sei", "zes", "sześć", "sex"], 6),
    (&["eight", "acht", "huit", "ocho", "oito", "otto", "osiem", "åtta"], 8),
    (&["nine", "neun", "neuf", "nueve", "nove", "negen", "dziewięć", "nio"], 9),
    (&["ten", "zehn", "dix", "diez", "dez", "dieci", "tien", "tio"], 10),
    (&["twelve", "zwölf", "douze", "doce", "doze", "dodici", "twaalf", "tolv"], 12),
];

fn any_of(lists: &[&str]) -> String {
    let bounded: Vec<String> = lists.iter().map(|list| format!("(?:{list})")).collect();
    let wide = bounded.last().cloned().unwrap_or_default();
    let narrow = bounded.get(..bounded.len().saturating_sub(1)).unwrap_or_default().join("|");
    format!(r"(?:^|[^\p{{L}}])(?:{narrow})|{wide}")
}

fn regex(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns are constants that the tests compile")]
    regex::RegexBuilder::new(pattern).size_limit(64 << 20).dfa_size_limit(8 << 20).build().expect("a valid pattern")
}

/// All the tables below in one, without their bounds of words, which would make the search slow.
static ANY: LazyLock<RegexSet> = LazyLock::new(|| {
    let tables = [
        any_of(words::FOR_GOOD),
        GONE_PATTERN.to_owned(),
        any_of(words::OFFER),
        any_of(words::NO),
        any_of(words::LATER),
        any_of(words::OTHER),
        any_of(words::YES),
    ];
    let loose = tables.iter().map(|table| table.replace(r"\b", ""));
    #[expect(clippy::expect_used, reason = "the patterns are constants that the tests compile")]
    RegexSetBuilder::new(loose).size_limit(128 << 20).dfa_size_limit(16 << 20).build().expect("valid patterns")
});

static FOR_GOOD: LazyLock<Regex> = LazyLock::new(|| regex(&any_of(words::FOR_GOOD)));
static OTHER: LazyLock<Regex> = LazyLock::new(|| regex(&any_of(words::OTHER)));
static LATER: LazyLock<Regex> = LazyLock::new(|| regex(&any_of(words::LATER)));
static NO: LazyLock<Regex> = LazyLock::new(|| regex(&any_of(words::NO)));
static YES: LazyLock<Regex> = LazyLock::new(|| regex(&any_of(words::YES)));
static OFFER: LazyLock<Regex> = LazyLock::new(|| regex(&any_of(words::OFFER)));
static NEGATION: LazyLock<Regex> = LazyLock::new(|| regex(words::NEGATION));

/// The author speaks of themselves.
static SELF: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?:me|us|you|mir|mich|uns|moi|nous|mí|conmigo|nosotros|mim|comigo|conosco|mij|ons|mną|mnie|nami|mig|oss|again)\b",
    )
});

/// Negations that deny nothing.
static POLITE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:please )?(?:do not|don't) hesitate(?: to)?|no (?:problem|worries|rush|need to)|not only|why not|can't (?:wait|say no)(?: to)?|not a problem|zögern sie nicht|kein(?: problem|e ursache)|n'hésitez pas|pas de (?:problème|souci)|no (?:dude|dudes|hay problema)|sem problema|não hesite|non esiti?|nessun problema|geen probleem|aarzel niet|nie ma problemu|inga problem|tveka inte",
    )
});

/// Somebody else handed the mail to the author: no pointer to another.
static TO_ME: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:hat|haben) (?:mir|uns) |(?:forwarded|passed|sent|handed)(?: \S+){0,4} (?:to|on to) (?:me|us)\b|m'a transm|me (?:ha )?(?:pasó|pasado|reenvi|encaminh)|mi ha (?:inoltrato|girato)|aan mij doorgestuurd|przekazał\w* mi|till mig",
    )
});

/// A colleague says of somebody that they are gone.
static GONE: LazyLock<Regex> = LazyLock::new(|| regex(GONE_PATTERN));

const GONE_PATTERN: &str = r"\b(?:she|he|they) (?:has |have |had |'s )?(?:recently |just |since |already )?(?:left (?:us|the|\p{L}+ (?:in|at|last|this|for|to)|in|at|last)|moved on|retired|resigned|quit)\b|\b(?:hat|haben) (?:uns|das unternehmen|die firma|unser unternehmen|unsere firma)(?: \S+){0,4} verlassen|(?:nous|nos) a(?:vons)? quitt|ci ha lasciat|nos ha dejado|(?:isn't|is not|aren't) (?:with us|here) any ?more|(?:doesn't|does not|don't|do not) work (?:here|there|(?:at|for|with) \S+) any ?more|has passed away";

static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?:in|nach|dans|d'ici|en|dentro de|em|daqui a|tra|fra|over|binnen|za|om|after|about|around) (?:about |etwa |ca\.? |environ |unos |cerca de |circa |ongeveer |około |ungefär |another )?(?P<n>\d{1,2}|\p{L}+|ein paar|een paar|a few|a couple of|half a) (?P<u>days?|weeks?|months?|quarters?|years?|tagen?|wochen?|monaten?|quartale?n?|jahr\p{L}*|jours?|semaines?|mois|trimestres?|ans?|années?|d[ií]as?|semanas?|mes(?:es)?|mês|años?|anos?|giorn[io]|settiman[ae]|mes[ei]|ann[io]|dagen|weken|week|maand(?:en)?|jaar|dni|tygodni\p{L}*|tydzień|miesi\p{L}*|lat\p{L}*|rok|dagar|veck\p{L}*|månad\p{L}*|år)\b|(?P<x>)後",
    )
});
static NEXT_YEAR: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"next year|new year|nächste[ns]? jahr|neue[ns]? jahr|l'année prochaine|l'an prochain|nouvelle année|(?:próximo año|año que viene|nuevo año)|(?:próximo ano|ano que vem|novo ano)|(?:prossimo anno|anno prossimo|nuovo anno)|(?:volgend jaar|nieuwe jaar)|(?:przyszłym roku|nowym roku)|nästa år|nya året|来年|年明け",
    )
});
static NEXT_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"next month|nächste[nrs]? monat|le mois prochain|próximo mes|mes que viene|próximo mês|mês que vem|prossimo mese|mese prossimo|volgende maand|przyszłym miesiącu|nästa månad|来月",
    )
});

#[cfg(test)]
mod tests;
