//! Days that are named by a span or by a place in the year: "in two months", "until after Easter",
//! "bis Ende des Monats", "next quarter".

use std::sync::LazyLock;

use jiff::Span;
use jiff::civil::{Date, Weekday};
use regex::{Captures, Regex};

/// The day that the first span of a prepared text leads to, counted from `today`.
pub fn after(lower: &str, today: Date) -> Option<Date> {
    counted(lower, today).or_else(|| named(lower, today))
}

/// A day that the calendar has a name for.
pub struct Place {
    /// Where its words begin, in bytes.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// The day.
    pub date: Date,
    /// Whether the words tell by themselves that something ends there ("after Easter").
    pub is_end: bool,
}

/// The first such day of a prepared text; nothing that is counted from today, as nobody knows when an
/// absence note was written.
pub fn place(lower: &str, today: Date) -> Option<Place> {
    PLACES.iter().find_map(|(pattern, means, is_end)| {
        let hit = pattern.find(lower)?;
        Some(Place { start: hit.start(), end: hit.end(), date: means(today)?, is_end: *is_end })
    })
}

fn named(lower: &str, today: Date) -> Option<Date> {
    place(lower, today).map(|place| place.date)
}

/// "In three months", "in ein paar Wochen", "for the next two weeks".
fn counted(lower: &str, today: Date) -> Option<Date> {
    let lasting = || LASTING.captures(lower).filter(|found| !is_years(found));
    let found = SPAN.captures(lower).or_else(lasting)?;
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
        () if begins(&["da", "tag", "jour", "día", "dia", "giorn", "dni", "dzie", "日"]) => Span::new().days(count),
        () if begins(&["we", "wo", "sem", "sett", "tyg", "tydz", "veck", "週"]) => Span::new().weeks(count),
        () if begins(&["mo", "mê", "mes", "maand", "mies", "mån", "か月", "ヶ月", "カ月"]) => {
            Span::new().months(count)
        }
        () if begins(&["qu", "trim", "kw"]) => Span::new().months(3 * count),
        () => Span::new().years(count),
    };
    today.checked_add(span).ok()
}

/// "For ten years" tells of the past.
fn is_years(found: &Captures<'_>) -> bool {
    let years = ["y", "j", "an", "añ", "lat", "rok", "år"];
    found.name("u").is_some_and(|unit| {
        years.iter().any(|begin| unit.as_str().starts_with(begin) && !unit.as_str().starts_with("jour"))
    })
}

type Means = fn(Date) -> Option<Date>;

/// What a place in the calendar is called, the surest first, and the day that it means.
static PLACES: LazyLock<Vec<(Regex, Means, bool)>> = LazyLock::new(|| {
    let places: [(&str, Means, bool); 10] = [
        (EASTER, after_easter, true),
        (CHRISTMAS, after_christmas, true),
        (NEW_YEAR, |today| Date::new(today.year() + 1, 1, 2).ok(), true),
        (YEAR, |today| Date::new(today.year() + 1, 1, 1).ok(), false),
        (NEXT_YEAR, |today| Date::new(today.year() + 1, 1, 1).ok(), false),
        (QUARTER, next_quarter, false),
        (MONTH, |today| today.last_of_month().tomorrow().ok(), false),
        (SUMMER, after_summer, true),
        (NEXT_WEEK, |today| today.nth_weekday(1, Weekday::Monday).ok(), false),
        (WEEK, |today| today.nth_weekday(1, Weekday::Monday).ok(), true),
    ];
    places.into_iter().map(|(pattern, means, is_end)| (regex(pattern), means, is_end)).collect()
});

const EASTER: &str = r"\b(?:after|until|till|past|over) (?:after )?(?:the )?easter|(?:nach|bis|über) (?:nach )?(?:den )?oster|(?:après|jusqu'à) pâques|(?:después de|hasta|tras) (?:la )?(?:semana santa|pascua)|(?:depois d[ae]|até|após) (?:a )?páscoa|(?:dopo|fino a) pasqua|(?:na|tot) (?:na )?pasen|(?:efter|till) (?:efter )?påsk|po wielkanocy|po świętach wielkanocnych";
const CHRISTMAS: &str = r"\b(?:after|until|till|past|over) (?:after )?(?:christmas|xmas)|(?:nach|bis|über) (?:nach )?(?:den )?weihnacht|(?:après|jusqu'à) (?:les fêtes de )?noël|(?:después de|hasta|tras) (?:la )?navidad|(?:depois do|até ao?|após o) natal|(?:dopo|fino a) natale|(?:na|tot) (?:na )?(?:de )?kerst|(?:efter|till) (?:efter )?jul(?:en)?\b|po bożym narodzeniu";
const NEW_YEAR: &str = r"\bafter (?:the )?new year|nach neujahr|après le (?:nouvel an|jour de l'an)|después de (?:año nuevo|reyes)|depois do ano novo|dopo (?:capodanno|l'epifania)|na (?:nieuwjaar|nieuw jaar)|efter nyår|po nowym roku";
const YEAR: &str = r"\b(?:end of (?:the|this) year|year's end|year[- ]end)|jahresende|ende (?:des|dieses) jahres|fin (?:de l'|d')année|(?:fin|finales) de año|(?:fim|final) d[eo] ano|fine (?:dell')?anno|eind(?:e)? (?:van )?(?:het|dit) jaar|årsskiftet|slutet av året|końca roku|年末";
const NEXT_YEAR: &str = r"next year|new year|nächste[ns]? jahr|neue[ns]? jahr|l'année prochaine|l'an prochain|nouvelle année|(?:próximo año|año que viene|nuevo año)|(?:próximo ano|ano que vem|novo ano)|(?:prossimo anno|anno prossimo|nuovo anno)|(?:volgend jaar|nieuwe jaar)|(?:przyszłym roku|nowym roku)|nästa år|nya året|来年|年明け";
const QUARTER: &str = r"(?:next|coming|following|end of (?:the|this)) quarter|(?:nächste[nrs]?|kommende[nrs]?|ende (?:des|dieses)) (?:quartal|quartals)|(?:trimestre prochain|prochain trimestre|fin (?:du|de ce) trimestre)|(?:próximo trimestre|trimestre que (?:viene|vem)|fin(?:al)? (?:de|del|deste) trimestre)|(?:prossimo trimestre|trimestre prossimo|fine (?:del )?trimestre)|(?:volgend|komend) kwartaal|nästa kvartal|(?:następnym|przyszłym|kolejnym) kwartale|来四半期";
const MONTH: &str = r"next month|end of (?:the|this) month|month[- ]end|nächste[nrs]? monat|monatsende|ende (?:des|dieses) monats|le mois prochain|fin (?:du|de ce) mois|próximo mes|mes que viene|(?:fin|final|finales) (?:de|del|de este) mes|próximo mês|mês que vem|(?:fim|final) d(?:o|e|este) mês|prossimo mese|mese prossimo|fine (?:del )?mese|volgende maand|eind(?:e)? (?:van )?(?:de|deze) maand|przyszłym miesiącu|końca miesiąca|nästa månad|slutet av månaden|månadsskiftet|来月|月末";
const SUMMER: &str = r"\b(?:after|until|till) (?:after )?(?:the )?summer|nach (?:dem sommer|den sommerferien|der sommerpause)|après l'été|à la rentrée|(?:después del|tras el) verano|(?:depois do|após o) verão|dopo l'estate|na de zomer|efter sommaren|po wakacjach";
const NEXT_WEEK: &str = r"next week|coming week|nächste[nr]? woche|kommende[nr]? woche|(?:la )?semaine prochaine|próxima semana|semana que (?:viene|vem)|prossima settimana|settimana prossima|volgende week|komende week|nästa vecka|przyszłym tygodniu|来週";
const WEEK: &str = r"(?:this|end of (?:the|this)|rest of (?:the|this)) week|diese[r]? woche|ende der woche|cette semaine|esta semana|questa settimana|deze week|eind van de week|denna vecka|den här veckan|tym tygodniu|今週";

/// Tuesday after Easter, the next that comes.
fn after_easter(today: Date) -> Option<Date> {
    let of = |year| easter(year)?.checked_add(Span::new().days(2)).ok();
    of(today.year()).filter(|day| *day > today).or_else(|| of(today.year() + 1))
}

/// Easter Sunday (Meeus, "Astronomical Algorithms", ch. 8).
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(i16::try_from(year).ok()?, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?).ok()
}

fn after_christmas(today: Date) -> Option<Date> {
    let of = |year| Date::new(year, 12, 27).ok();
    of(today.year()).filter(|day| *day > today).or_else(|| of(today.year() + 1))
}

fn after_summer(today: Date) -> Option<Date> {
    let of = |year| Date::new(year, 9, 1).ok();
    of(today.year()).filter(|day| *day > today).or_else(|| of(today.year() + 1))
}

fn next_quarter(today: Date) -> Option<Date> {
    let month = (today.month() - 1) / 3 * 3 + 4;
    if month > 12 { Date::new(today.year() + 1, 1, 1).ok() } else { Date::new(today.year(), month, 1).ok() }
}

fn regex(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns are constants that the tests compile")]
    Regex::new(pattern).expect("a valid pattern")
}

const NUMBERS: &[(&[&str], i64)] = &[
    (
        &[
            "a", "an", "one", "einem", "einer", "ein", "eine", "einen", "un", "une", "una", "uma", "um", "een",
            "jeden", "en", "ett", "miesiąc",
        ],
        1,
    ),
    (
        &[
            "two",
            "a couple of",
            "couple of",
            "zwei",
            "deux",
            "dos",
            "dois",
            "duas",
            "due",
            "twee",
            "dwa",
            "dwóch",
            "två",
        ],
        2,
    ),
    (
        &[
            "three", "a few", "few", "several", "drei", "ein paar", "einigen", "einige", "trois", "quelques", "tres",
            "unos", "unas", "três", "alguns", "algumas", "tre", "qualche", "drie", "een paar", "enkele", "trzy",
            "kilka", "några",
        ],
        3,
    ),
    (&["four", "vier", "quatre", "cuatro", "quatro", "quattro", "cztery", "fyra"], 4),
    (&["five", "fünf", "cinq", "cinco", "cinque", "vijf", "pięć", "fem"], 5),
    (&["six", "half a", "sechs", "seis", "sei", "zes", "sześć", "sex"], 6),
    (&["seven", "sieben", "sept", "siete", "sete", "sette", "zeven", "siedem", "sju"], 7),
    (&["eight", "acht", "huit", "ocho", "oito", "otto", "osiem", "åtta"], 8),
    (&["nine", "neun", "neuf", "nueve", "nove", "negen", "dziewięć", "nio"], 9),
    (&["ten", "zehn", "dix", "diez", "dez", "dieci", "tien", "tio"], 10),
    (&["twelve", "zwölf", "douze", "doce", "doze", "dodici", "twaalf", "tolv"], 12),
];

/// Numbers and units of a span.
const AMOUNT: &str = r"(?P<n>\d{1,2}|ein paar|een paar|a few|a couple of|half a|\p{L}+) (?P<u>days?|weeks?|months?|quarters?|years?|tagen?|wochen?|monaten?|quartale?n?|jahr\p{L}*|jours?|semaines?|mois|trimestres?|ans?|années?|d[ií]as?|semanas?|mes(?:es)?|mês|años?|anos?|giorn[io]|settiman[ae]|mes[ei]|ann[io]|dagen|weken|week|maand(?:en)?|jaar|dni|tygodni\p{L}*|tydzień|miesi\p{L}*|lat\p{L}*|rok|dagar|veck\p{L}*|månad\p{L}*|år)\b";

static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"\b(?:in|nach|dans|d'ici|en|dentro de|em|daqui a|tra|fra|over|binnen|za|om|after|about|around) (?:about |etwa |ca\.? |environ |unos |cerca de |circa |ongeveer |około |ungefär |another )?{AMOUNT}"
    ))
});

/// "For the next two weeks", "für drei Monate".
static LASTING: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"\b(?:for|over|für|pendant|pour|durante|por|per|voor|de komende|i|de närmaste|przez) (?:the |die |les |las |los |os |as |i |le |de )?(?:next |coming |nächsten |kommenden |prochaines |prochains |próximas |próximos |prossime |prossimi |komende |volgende |närmaste |about |another |at least |mindestens )?{AMOUNT}"
    ))
});

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<String> {
        // a Friday
        after(text, Date::constant(2026, 11, 20)).map(|day| day.to_string())
    }

    #[test]
    fn a_span_or_a_feast_leads_to_a_day() {
        let table = [
            ("try me in two months", "2027-01-20"),
            ("i am swamped for the next three weeks", "2026-12-11"),
            ("melden sie sich in einem halben jahr", ""),
            ("ich bin für zwei wochen weg", "2026-12-04"),
            ("not before the end of the month", "2026-12-01"),
            ("bis ende des monats ist es schwierig", "2026-12-01"),
            ("let's talk after easter", "2027-03-30"),
            ("nach ostern gern", "2027-03-30"),
            ("après noël", "2026-12-27"),
            ("after the new year", "2027-01-02"),
            ("maybe in the new year", "2027-01-01"),
            ("next quarter", "2027-01-01"),
            ("el próximo trimestre", "2027-01-01"),
            ("fino a fine mese", "2026-12-01"),
            ("la semaine prochaine", "2026-11-23"),
            ("diese woche geht es nicht", "2026-11-23"),
            ("à la rentrée", "2027-09-01"),
            ("年末まで", "2027-01-01"),
            ("i have written rust for ten years", ""),
            ("schönes wochenende", ""),
            ("perhaps one day", ""),
            ("we are two people", ""),
        ];
        let wrong: Vec<_> = table
            .iter()
            .filter(|(text, wanted)| day(text).unwrap_or_default() != *wanted)
            .map(|(text, wanted)| format!("{text}: {:?}, not {wanted}", day(text)))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn easter_falls_where_the_calendar_says() {
        for (year, month, day) in [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25)] {
            assert_eq!(easter(year), Date::new(year, month, day).ok());
        }
    }
}
