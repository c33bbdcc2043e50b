//! Patterns of days within a text, built from the names of `words`.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Weekday;
use regex::Regex;

use super::words;

fn table(rows: &'static [&'static str]) -> HashMap<&'static str, i16> {
    let mut names = HashMap::new();
    for (row, number) in rows.iter().zip(1..) {
        row.split(' ').for_each(|name| {
            names.entry(name).or_insert(number);
        });
    }
    names
}

fn regex(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns are constants that the tests compile")]
    Regex::new(pattern).expect("a valid pattern")
}

pub(super) static MONTH_NAMES: LazyLock<HashMap<&'static str, i16>> = LazyLock::new(|| table(&words::MONTHS));

pub(super) static WEEKDAY_NAMES: LazyLock<HashMap<&'static str, Weekday>> = LazyLock::new(|| {
    let numbered = table(&words::WEEKDAYS).into_iter();
    numbered
        .filter_map(|(name, day)| Some((name, Weekday::from_monday_one_offset(i8::try_from(day).ok()?).ok()?)))
        .collect()
});

pub(super) static WORD: LazyLock<Regex> = LazyLock::new(|| regex(r"\p{L}[\p{L}\p{M}]*(?:-feira)?"));
pub(super) static NUMERIC: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?:(?P<iy>20\d\d)(?:-|/|\.\s?)(?P<im>\d{1,2})(?:-|/|\.\s?)(?P<id>\d{1,2})|(?P<a>\d{1,2})(?P<sep>[./-])\s?(?P<b>\d{1,2})(?:[./-]\s?(?P<y>20\d\d|\d\d)\b)?)\b\.?",
    )
});
pub(super) static WIDE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:(?P<y>20\d\d)\s*[年년]\s*)?(?P<m>[0-9０-９]{1,2})\s*[月월]\s*(?:(?P<d>[0-9０-９]{1,2})\s*[日号號일])?(?:\s*[(（][月火水木金土日一二三四五六월화수목금토일](?:曜日?|요일)?[)）])?",
    )
});
pub(super) static DAY_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?:^|[^\d:/])(?P<d>\d{1,2})(?:st|nd|rd|th|er|[ºª°])?\.?(?:\s*-?(?:of|de|d'|di|a|ο|η)\b)?[\s.]*$")
});
pub(super) static DAY_BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\.?\s*(?:the )?(?P<d>\d{1,2})(?:st|nd|rd|th|-?ján|-?jén)?(?:\s*(?:-|–|—|to|through|thru|until)\s*(?P<e>\d{1,2})(?:st|nd|rd|th)?)?(?:\.|\b)(?:,?\s*(?P<y>20\d\d)\b)?",
    )
});
pub(super) static YEAR_BEFORE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?P<y>20\d\d)\.?\s*$"));
pub(super) static YEAR_BEHIND: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\.?,?\s*(?:de |del |of |do )?(?P<y>20\d\d)\b"));
pub(super) static MONTH_LEAD: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:^|[\s(])(?P<w>in|until|till|by|early|late|mid|mid-|end of|the end of|beginning of|start of|of|im|ab|bis|ende|anfang|mitte|en|fin|début|mi-|jusqu'en|em|fim de|início de|final de|finales de|principios de|a partir de|a|nel|in|fine|inizio|metà|eind|begin|tot|vanaf|i|till|slutet av|början av|från|w|od|do|pod koniec|końca|na początku|początku|v|ve|в|у|до|с|от|από|τον|kuni|later in)\s*$",
    )
});
pub(super) static QUARTER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\bq(?P<a>[1-4])\b|\b(?P<b>first|second|third|fourth|ersten|zweiten|dritten|vierten|1\.|2\.|3\.|4\.|premier|deuxième|troisième|quatrième|primer|segundo|tercer|cuarto|primo|secondo|terzo|quarto|primeiro|terceiro|eerste|tweede|derde|vierde|första|andra|tredje|fjärde|1st|2nd|3rd|4th)\s+(?:quarter|quartal|trimestre|kwartaal|kvartalet|kvartal|kwartał\w*)",
    )
});

pub(super) const ORDINALS: [&[&str]; 4] = [
    &["1", "first", "ersten", "1.", "premier", "primer", "primo", "primeiro", "eerste", "första", "1st"],
    &["2", "second", "zweiten", "2.", "deuxième", "segundo", "secondo", "tweede", "andra", "2nd"],
    &["3", "third", "dritten", "3.", "troisième", "tercer", "terzo", "terceiro", "derde", "tredje", "3rd"],
    &["4", "fourth", "vierten", "4.", "quatrième", "cuarto", "quarto", "vierde", "fjärde", "4th"],
];
pub(super) const END_OF: &[&str] = &[
    "end of",
    "the end of",
    "ende",
    "fin",
    "fim de",
    "final de",
    "finales de",
    "fine",
    "eind",
    "slutet av",
    "końca",
    "pod koniec",
    "late",
];
pub(super) const MID_OF: &[&str] = &["mid", "mid-", "mitte", "mi-", "metà"];

/// Behind which words another clause begins. A point between digits or behind a short form is none.
pub(super) static CLAUSE_END: LazyLock<Regex> = LazyLock::new(|| regex(r"[!?;。！？]|[\p{L}\d)]{4}\.(?:\s|$)|\n\s*\n"));
pub(super) static RANGE_JOINT: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"^[.,]?\s*(?:\(?\p{{L}}{{2,12}}\.?\)?,?\s+)?(?:-|–|—|~|～|〜|から|부터|bis zum|{})(?:\s+(?:{}|\p{{L}}{{2,14}}[.,]?))*$",
        words::UNTIL,
        words::FILLER
    ))
});
/// Behind which words the first end of a range stands, and what joins it to the other.
pub(super) static BETWEEN_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:^|[\s(,])(?:between|zwischen|entre|tra|fra|tussen|mellan|mellem|mellom|pomiędzy|między|mezi|medzi|között|între|между|між)(?:\s+(?:{}|{}),?)*\s*$",
        words::FILLER,
        words::WEEKDAYS.join("|").replace(' ', "|")
    ))
});
pub(super) static AND: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"^[.,]?\s*(?:and|und|et|y|e|en|och|og|a|i|și|és|и|та|і)(?:\s+(?:{}|\p{{L}}{{2,14}}[.,]?))*\s*$",
        words::FILLER
    ))
});
pub(super) static CLAUSE_JOINT: LazyLock<Regex> =
    LazyLock::new(|| regex(r",\s|\s(?:and|und|et|y|e|en|och|og|i|oraz|a|и|та|і)\s"));
pub(super) static TOMORROW: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\b(?:tomorrow|demain|domani|amanhã|imorgon|jutro|zítra|zajtra|holnap|завтра)\b|明日|明天|내일")
});
pub(super) static OPEN_RANGE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"\b\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s*(?:-|–|—|a|à|e|y|en|{})\s*(?:(?:{})\s+)*$",
        words::UNTIL,
        words::FILLER
    ))
});
pub(super) static UNTIL_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?:(?:^|[\s(,:–-])(?:{})\s*(?:(?:{}|{}),?\s*)*[(]?|(?:至|到|直到)\s*)$",
        words::UNTIL,
        words::FILLER,
        words::WEEKDAYS.join("|").replace(' ', "|")
    ))
});
