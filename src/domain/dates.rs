//! Days that a text names, in many languages: "back on 5 May", "bis 14.12.", "3月2日まで".
//!
//! What a day means is told by the words around it; a day that is named for no such reason
//! (a meeting, an office number) is passed over.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use patterns::{
    AND, BETWEEN_BEFORE, CLAUSE_END, CLAUSE_JOINT, DAY_BEFORE, DAY_BEHIND, END_OF, MID_OF, MONTH_LEAD, MONTH_NAMES,
    NUMERIC, OPEN_RANGE, ORDINALS, QUARTER, RANGE_JOINT, TOMORROW, UNTIL_BEFORE, WEEKDAY_NAMES, WIDE, WORD,
    YEAR_BEFORE, YEAR_BEHIND,
};

mod patterns;
pub mod spans;
mod words;

/// A day that a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Where its words begin, in bytes of the lower-case text.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// The day itself; of a month or a quarter its first.
    pub date: Date,
    /// How exactly it was named.
    pub precision: Precision,
    /// Whether it closed a range within its own words ("1–14 December").
    closes_range: bool,
}

/// How exactly a day was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// With its day of the month.
    Day,
    /// As a weekday.
    Weekday,
    /// As a month, and nothing more.
    Month,
    /// As the middle or the end of a month.
    PartOfMonth,
    /// As a quarter.
    Quarter,
}

/// Characters that are looked at.
const LOOKED_AT: usize = 4000;
/// Days that are looked at.
const MAX_DAYS: usize = 40;

/// The first day on which the author of an absence note is back. `language` settles whether 3/4 is
/// in March or in April.
pub fn first_day_back(text: &str, language: Option<&str>, received: Timestamp) -> Option<Date> {
    let lower = prepared(text);
    let days = find(&lower, language, received);
    let today = received.to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut weaker = None;
    let mut past = None;
    for (at, day) in days.iter().enumerate() {
        let previous = at.checked_sub(1).and_then(|before| days.get(before));
        match relation(&lower, day, previous, days.get(at + 1)) {
            // a day that is over says nothing if another one is named
            Some(Relation::Back) if day.date < today => past = past.or(Some(day.date)),
            Some(Relation::Back) => return Some(day.date),
            Some(Relation::LastAway) if weaker.is_none() || previous.is_some_and(|p| day.date > p.date) => {
                weaker = Some(match day.precision {
                    Precision::Day | Precision::Weekday => day.date.tomorrow().unwrap_or(day.date),
                    Precision::Month | Precision::PartOfMonth | Precision::Quarter => day.date,
                });
            }
            _ => {}
        }
    }
    weaker.or(past).or_else(|| {
        let place = spans::place(&lower, today)?;
        let before = clause_before(lower.get(..place.start)?);
        let after = clause_after(lower.get(place.end..)?);
        let told = place.is_end || UNTIL_BEFORE.is_match(before) || says_back(before) || says_back(after);
        told.then_some(place.date)
    })
}

/// Whether a part of a clause says that somebody is back.
fn says_back(text: &str) -> bool {
    let padded = format!(" {text}");
    words::RETURN.iter().any(|word| padded.contains(word))
}

/// The text in which [`find`] gives places.
pub fn prepared(text: &str) -> String {
    let flat: String = text.chars().take(LOOKED_AT).collect::<String>().to_lowercase();
    let spaced: String = flat.chars().map(|c| if c == '\u{a0}' || c == '\u{202f}' { ' ' } else { c }).collect();
    spaced.replace("t.o.m.", "till och med").replace("fr.o.m.", "från och med")
}

/// Every day that a prepared text names, in its order, 40 at most.
pub fn find(lower: &str, language: Option<&str>, received: Timestamp) -> Vec<Day> {
    let today = received.to_zoned(jiff::tz::TimeZone::UTC).date();
    let reader = Reader { lower, language: language.unwrap_or("en"), today };
    let mut days: Vec<Day> = Vec::new();
    let mut add = |found: Vec<Day>| {
        for day in found {
            if days.len() < MAX_DAYS && !days.iter().any(|other| day.start < other.end && other.start < day.end) {
                days.push(day);
            }
        }
    };
    add(reader.numeric());
    add(reader.wide());
    add(reader.named());
    add(reader.quarters());
    let taken = days.clone();
    let weekdays = reader.weekdays(&taken);
    days.extend(weekdays);
    days.extend(reader.tomorrow());
    days.sort_by_key(|day| day.start);
    days
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Back,
    LastAway,
}

fn relation(lower: &str, day: &Day, previous: Option<&Day>, next: Option<&Day>) -> Option<Relation> {
    let floor = previous.map_or(0, |p| p.end);
    let ceiling = next.map_or(lower.len(), |n| n.start);
    let before = clause_before(lower.get(floor..day.start)?);
    let after = clause_after(lower.get(day.end..ceiling)?);
    let bare_after = after.trim_start_matches([' ', ')', '日']).trim_start_matches("(月").trim_start();
    if words::UNTIL_AFTER.iter().any(|suffix| bare_after.starts_with(suffix)) {
        return Some(Relation::LastAway);
    }
    let joined = before.trim();
    if previous.is_some_and(|previous| between(lower, previous, day)) {
        return Some(Relation::LastAway);
    }
    let in_range = previous.is_some_and(|p| p.precision == Precision::Day)
        && lower.get(floor..day.start).is_some_and(|between| RANGE_JOINT.is_match(between.trim()));
    if in_range || day.closes_range || OPEN_RANGE.is_match(before) {
        return Some(Relation::LastAway);
    }
    if UNTIL_BEFORE.is_match(before) {
        let not_back = words::NOT_BACK.iter().any(|phrase| joined.contains(phrase));
        return Some(if not_back { Relation::Back } else { Relation::LastAway });
    }
    let range_follows = next.is_some_and(|n| {
        lower
            .get(day.end..n.start)
            .is_some_and(|between| RANGE_JOINT.is_match(between.trim()) || UNTIL_BEFORE.is_match(between))
    });
    if range_follows || next.is_some_and(|next| between(lower, day, next)) {
        return None;
    }
    // "from Monday, returning Friday": behind the comma the next day is spoken of
    let spoken = if next.is_some_and(|next| next.start == day.end + after.len()) { first_clause(after) } else { after };
    (says_back(before) || says_back(spoken)).then_some(Relation::Back)
}

/// Whether two days are the ends of a range: "between 12 September and 26 September".
fn between(lower: &str, first: &Day, last: &Day) -> bool {
    let joint = lower.get(first.end..last.start).is_some_and(|joint| AND.is_match(joint));
    joint && BETWEEN_BEFORE.is_match(clause_before(lower.get(..first.start).unwrap_or_default()))
}

/// What stands before the first comma or "and".
fn first_clause(text: &str) -> &str {
    let end = CLAUSE_JOINT.find(text).map_or(text.len(), |hit| hit.start());
    text.get(..end).unwrap_or_default()
}

/// The part of the clause that stands before a day, 120 bytes at most.
fn clause_before(text: &str) -> &str {
    let start = (text.len().saturating_sub(120)..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let near = text.get(start..).unwrap_or_default();
    let end = CLAUSE_END.find_iter(near).last().map_or(0, |hit| hit.end());
    near.get(end..).unwrap_or_default()
}

/// The part of the clause that stands behind a day, 90 bytes at most.
fn clause_after(text: &str) -> &str {
    let end = (0..=text.len().min(90)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let near = text.get(..end).unwrap_or_default();
    let end = CLAUSE_END.find(near).map_or(near.len(), |hit| hit.end());
    near.get(..end).unwrap_or_default()
}

struct Reader<'a> {
    lower: &'a str,
    language: &'a str,
    today: Date,
}

impl Reader<'_> {
    /// 2026-12-14, 14.12.2026, 14.12., 12/14/26, 14/12.
    fn numeric(&self) -> Vec<Day> {
        let mut days = Vec::new();
        for found in NUMERIC.captures_iter(self.lower) {
            let Some(whole) = found.get(0) else { continue };
            let number = |name: &str| found.name(name).and_then(|hit| hit.as_str().parse::<i16>().ok());
            let date = if let (Some(y), Some(m), Some(d)) = (number("iy"), number("im"), number("id")) {
                civil(y, m, d)
            } else {
                let (Some(a), Some(b)) = (number("a"), number("b")) else { continue };
                let separator = found.name("sep").map_or("", |hit| hit.as_str());
                let year = number("y").map(|y| if y < 100 { 2000 + y } else { y });
                // without a year "24/7" and "1-2" are seldom a day
                if year.is_none() && (separator == "-" || (a, b) == (24, 7) || self.followed_by_hour(whole.end())) {
                    continue;
                }
                self.ordered(a, b, year, separator)
            };
            if let Some(date) = date {
                days.push(Day {
                    start: whole.start(),
                    end: whole.end(),
                    date,
                    precision: Precision::Day,
                    closes_range: false,
                });
            }
        }
        days
    }

    fn followed_by_hour(&self, end: usize) -> bool {
        let rest = self.lower.get(end..).unwrap_or_default().trim_start();
        ["uhr", "h ", "hrs", "am", "pm", "%", "€"].iter().any(|unit| rest.starts_with(unit))
    }

    /// Two numbers that are a day and a month, in the order of the language; English has both, so that
    /// the one that comes soon is meant.
    fn ordered(&self, a: i16, b: i16, year: Option<i16>, separator: &str) -> Option<Date> {
        let resolve = |month: i16, day: i16| match year {
            Some(year) => civil(year, month, day),
            None => self.next(month, day),
        };
        let day_first = resolve(b, a);
        let month_first = resolve(a, b);
        match self.language {
            _ if separator == "." => day_first,
            "en" => {
                let soon = |date: Option<Date>| date.filter(|d| *d >= self.today && self.within_days(*d, 150));
                soon(month_first).or(soon(day_first)).or(month_first).or(day_first)
            }
            "ja" | "zh" | "ko" | "hu" | "lt" => month_first.or(day_first),
            _ => day_first.or(month_first),
        }
    }

    fn within_days(&self, date: Date, days: i64) -> bool {
        self.today.checked_add(Span::new().days(days)).is_ok_and(|limit| date <= limit)
    }

    /// 12月14日, 12월 14일, 2026年12月.
    fn wide(&self) -> Vec<Day> {
        let mut days = Vec::new();
        for found in WIDE.captures_iter(self.lower) {
            let Some(whole) = found.get(0) else { continue };
            let number = |name: &str| found.name(name).and_then(|hit| narrow(hit.as_str()).parse::<i16>().ok());
            let Some(month) = number("m") else { continue };
            let (day, precision) = number("d").map_or((1, Precision::Month), |day| (day, Precision::Day));
            let next_year = self
                .lower
                .get(..whole.start())
                .is_some_and(|head| head.ends_with(['来', '明']) || head.ends_with("来年"));
            let date = match (number("y"), next_year) {
                (Some(year), _) => civil(year, month, day),
                (None, true) => civil(self.today.year() + 1, month, day),
                (None, false) => self.next(month, day),
            };
            if let Some(date) = date {
                days.push(Day { start: whole.start(), end: whole.end(), date, precision, closes_range: false });
            }
        }
        days
    }

    /// Days with the name of their month, and months alone.
    fn named(&self) -> Vec<Day> {
        let mut days = Vec::new();
        for word in WORD.find_iter(self.lower) {
            let Some(month) = month_of(word.as_str()) else { continue };
            let head = self.lower.get(..word.start()).unwrap_or_default();
            let tail = self.lower.get(word.end()..).unwrap_or_default();
            let found = self
                .day_before(head, tail, month, word.start(), word.end())
                .or_else(|| self.day_behind(head, tail, month, word.start(), word.end()))
                .or_else(|| self.month_alone(head, tail, month, word.as_str(), word.start(), word.end()));
            days.extend(found);
            if days.len() >= MAX_DAYS {
                break;
            }
        }
        days
    }

    /// "14. Dezember 2026", "14th of December", "1er mars".
    fn day_before(&self, head: &str, tail: &str, month: i16, from: usize, to: usize) -> Option<Day> {
        let near = last_bytes(head, 40);
        let found = DAY_BEFORE.captures(near)?;
        let whole = found.get(0)?;
        let day: i16 = found.name("d")?.as_str().parse().ok()?;
        let (year, length) = year_behind(tail);
        let date = self.dated(year, month, day)?;
        let start = from - near.len() + whole.start();
        Some(Day { start, end: to + length, date, precision: Precision::Day, closes_range: false })
    }

    /// "December 14th, 2026", "December 1–14", "május 5-ig".
    fn day_behind(&self, head: &str, tail: &str, month: i16, from: usize, to: usize) -> Option<Day> {
        let found = DAY_BEHIND.captures(tail)?;
        let whole = found.get(0)?;
        let number = |name: &str| found.name(name).and_then(|hit| hit.as_str().parse::<i16>().ok());
        let last = number("e");
        let day = last.or(number("d"))?;
        // "2026. május 5."
        let before = YEAR_BEFORE.captures(last_bytes(head, 12)).and_then(|hit| hit.name("y")?.as_str().parse().ok());
        let date = self.dated(number("y").or(before), month, day)?;
        Some(Day { start: from, end: to + whole.end(), date, precision: Precision::Day, closes_range: last.is_some() })
    }

    /// "in January", "end of March 2027".
    fn month_alone(&self, head: &str, tail: &str, month: i16, name: &str, from: usize, to: usize) -> Option<Day> {
        // a short December of the north, and an article: "Ende des Monats"
        if name == "des" {
            return None;
        }
        let near = last_bytes(head, 40);
        let led = MONTH_LEAD.captures(near);
        if led.is_none() && (name.chars().count() < 4 || month_is_a_word(name)) {
            return None;
        }
        let (year, length) = year_behind(tail);
        let word = led.as_ref().and_then(|hit| hit.name("w")).map_or("", |hit| hit.as_str());
        let mut date = match year {
            Some(year) => civil(year, month, 1)?,
            None => {
                let this_year = civil(self.today.year(), month, 1)?;
                // the end of the present month is still to come
                let present = END_OF.contains(&word) && this_year == self.today.first_of_month();
                if present || this_year > self.today.first_of_month() {
                    this_year
                } else {
                    civil(self.today.year() + 1, month, 1)?
                }
            }
        };
        let mut precision = Precision::PartOfMonth;
        if END_OF.contains(&word) {
            date = date.last_of_month().tomorrow().ok()?;
        } else if MID_OF.contains(&word) {
            date = civil(date.year(), i16::from(date.month()), 15)?;
        } else {
            precision = Precision::Month;
        }
        Some(Day { start: from, end: to + length, date, precision, closes_range: false })
    }

    /// "Q2 2027", "im zweiten Quartal".
    fn quarters(&self) -> Vec<Day> {
        let mut days = Vec::new();
        for found in QUARTER.captures_iter(self.lower) {
            let Some(whole) = found.get(0) else { continue };
            let word = ["a", "b"].iter().find_map(|name| found.name(name)).map_or("", |hit| hit.as_str());
            let Some(quarter) = ORDINALS.iter().position(|forms| forms.contains(&word)) else { continue };
            let month = i16::try_from(quarter).unwrap_or(0) * 3 + 1;
            let (year, length) = year_behind(self.lower.get(whole.end()..).unwrap_or_default());
            if let Some(date) = self.dated(year, month, 1) {
                let precision = Precision::Quarter;
                days.push(Day {
                    start: whole.start(),
                    end: whole.end() + length,
                    date,
                    precision,
                    closes_range: false,
                });
            }
        }
        days
    }

    /// Weekdays that are not part of a full date.
    fn weekdays(&self, taken: &[Day]) -> Vec<Day> {
        let mut days = Vec::new();
        for word in WORD.find_iter(self.lower) {
            let Some(weekday) = WEEKDAY_NAMES.get(word.as_str()).copied() else { continue };
            let beside = taken.iter().any(|day| {
                (day.precision == Precision::Day)
                    && (day.start.abs_diff(word.end()) <= 12 && day.start >= word.end()
                        || word.start() >= day.end && word.start() - day.end <= 4)
            });
            if beside || (word.as_str().len() <= 3 && word.as_str().is_ascii()) {
                continue;
            }
            if let Ok(date) = self.today.nth_weekday(1, weekday) {
                let precision = Precision::Weekday;
                days.push(Day { start: word.start(), end: word.end(), date, precision, closes_range: false });
                if days.len() >= MAX_DAYS {
                    break;
                }
            }
        }
        days
    }

    /// The day after the mail came.
    fn tomorrow(&self) -> Option<Day> {
        let found = TOMORROW.find(self.lower)?;
        let date = self.today.tomorrow().ok()?;
        let precision = Precision::Weekday;
        Some(Day { start: found.start(), end: found.end(), date, precision, closes_range: false })
    }

    fn dated(&self, year: Option<i16>, month: i16, day: i16) -> Option<Date> {
        year.map_or_else(|| self.next(month, day), |year| civil(year, month, day))
    }

    /// The next such day, today included.
    fn next(&self, month: i16, day: i16) -> Option<Date> {
        let year = self.today.year();
        civil(year, month, day).filter(|date| *date >= self.today).or_else(|| civil(year + 1, month, day))
    }
}

fn civil(year: i16, month: i16, day: i16) -> Option<Date> {
    if !(2000..=2100).contains(&year) {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Full-width digits as ASCII.
fn narrow(digits: &str) -> String {
    digits
        .chars()
        .map(|c| {
            c.to_digit(10).or((c as u32).checked_sub('０' as u32)).and_then(|d| char::from_digit(d, 10)).unwrap_or(c)
        })
        .collect()
}

fn last_bytes(text: &str, count: usize) -> &str {
    let start = (text.len().saturating_sub(count)..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.get(start..).unwrap_or_default()
}

/// A year right behind a month, and how many bytes it takes.
fn year_behind(tail: &str) -> (Option<i16>, usize) {
    let found = YEAR_BEHIND.captures(tail);
    let year = found.as_ref().and_then(|hit| hit.name("y")).and_then(|hit| hit.as_str().parse().ok());
    (year, found.and_then(|hit| hit.get(0)).map_or(0, |hit| hit.end()))
}

fn month_of(word: &str) -> Option<i16> {
    if let Some(month) = MONTH_NAMES.get(word) {
        return Some(*month);
    }
    let stem = words::MONTH_STEMS.iter().find(|(stem, month)| *month > 0 && word.starts_with(stem));
    stem.filter(|(stem, _)| word.len() <= stem.len() + 8).map(|(_, month)| i16::from(*month))
}

/// Month names that are everyday words too: alone they are no month.
fn month_is_a_word(name: &str) -> bool {
    ["may", "march", "mars", "mail", "marta", "maini", "august", "gener", "mayo", "listopad", "lipiec"].contains(&name)
}

#[cfg(test)]
mod tests;
