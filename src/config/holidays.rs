//! Holidays from an iCalendar file (RFC 5545): the whole days of its events. Timed events are no
//! holidays and are passed over; of repetitions, those by the year are understood.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

use super::problem::{ConfigError, Problem};

/// A holiday file is no longer than this, in bytes.
const MAX_SOURCE: u64 = 4 * 1024 * 1024;
/// No holiday is longer, in days.
const LONGEST: i32 = 400;
/// Years for which a repetition without an end is kept.
const YEARS: i16 = 60;

/// Reads the file.
///
/// # Errors
/// If it can't be read, or with every mistake and its line.
pub fn load(path: &Path) -> Result<BTreeSet<Date>, ConfigError> {
    let unreadable = |reason| ConfigError::Unreadable { path: path.to_owned(), reason };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_SOURCE {
        return Err(unreadable(std::io::Error::other("it is longer than 4 MB")));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    parse(&String::from_utf8_lossy(&bytes))
        .map_err(|problems| ConfigError::Invalid { origin: path.to_owned(), problems })
}

/// Every day that the text names as a holiday.
///
/// # Errors
/// With every mistake and its line.
pub fn parse(text: &str) -> Result<BTreeSet<Date>, Vec<Problem>> {
    let mut days = BTreeSet::new();
    let mut problems = Vec::new();
    let mut event: Option<Event> = None;
    let mut calendars = 0;
    for (number, line) in unfolded(text) {
        let Some((name, parameters, value)) = property(&line) else {
            problems.push(problem(number, "is no line of an iCalendar file", "write NAME:VALUE"));
            continue;
        };
        match (name.as_str(), value.to_ascii_uppercase().as_str()) {
            ("BEGIN", "VCALENDAR") => calendars += 1,
            ("BEGIN", "VEVENT") => event = Some(Event { line: number, ..Event::default() }),
            ("END", "VEVENT") => match event.take() {
                Some(event) => event.into_days(&mut days, &mut problems),
                None => problems.push(problem(number, "ends an event that never began", "remove it")),
            },
            _ => {
                if let Some(event) = &mut event {
                    event.take(number, &name, &parameters, &value);
                }
            }
        }
    }
    if let Some(event) = event {
        problems.push(problem(event.line, "begins an event that never ends", "write END:VEVENT behind it"));
    }
    if calendars == 0 {
        problems.push(problem(1, "does not begin an iCalendar file", "write BEGIN:VCALENDAR, or name an .ics file"));
    }
    if problems.is_empty() { Ok(days) } else { Err(problems) }
}

#[derive(Debug, Default)]
struct Event {
    line: usize,
    /// The lines on which they stand, and their values.
    start: Option<(usize, String)>,
    end: Option<(usize, String)>,
    rule: Option<(usize, String)>,
    is_timed: bool,
    is_cancelled: bool,
}

impl Event {
    fn take(&mut self, line: usize, name: &str, parameters: &str, value: &str) {
        let is_date = parameters.contains("VALUE=DATE") && !parameters.contains("VALUE=DATE-TIME");
        match name {
            "DTSTART" => {
                self.is_timed = !is_date && value.contains('T');
                self.start = Some((line, value.to_owned()));
            }
            "DTEND" => self.end = Some((line, value.to_owned())),
            "RRULE" => self.rule = Some((line, value.to_owned())),
            "STATUS" => self.is_cancelled = value.eq_ignore_ascii_case("CANCELLED"),
            _ => {}
        }
    }

    fn into_days(self, days: &mut BTreeSet<Date>, problems: &mut Vec<Problem>) {
        if self.is_timed || self.is_cancelled {
            return;
        }
        let wrong = |line| problem(line, "names no day", "write a date such as 20261225");
        let Some((line, start)) = self.start else {
            return problems.push(problem(self.line, "begins an event without DTSTART", "write DTSTART;VALUE=DATE:…"));
        };
        let Some(first) = date(&start) else { return problems.push(wrong(line)) };
        let length = match self.end {
            // the day after the last one (RFC 5545 §3.6.1)
            Some((line, end)) => match date(&end).map(|end| end.since(first).map_or(0, |span| span.get_days())) {
                Some(length) if length <= LONGEST => length.max(1),
                Some(_) => return problems.push(problem(line, "ends over 400 days later", "write an earlier DTEND")),
                None => return problems.push(wrong(line)),
            },
            None => 1,
        };
        let starts = match self.rule {
            None => vec![first],
            Some((line, rule)) => match yearly(&rule, first) {
                Some(starts) => starts,
                None => {
                    let fix = "only repetitions by the year are understood (FREQ=YEARLY): write one event for each day";
                    return problems.push(problem(line, &format!("repeats by \"{rule}\""), fix));
                }
            },
        };
        for start in starts {
            days.extend((0..length).filter_map(|day| start.checked_add(day.days()).ok()));
        }
    }
}

/// The days of a yearly rule (RFC 5545 §3.3.10): the same date, or the n-th weekday of a month.
fn yearly(rule: &str, first: Date) -> Option<Vec<Date>> {
    let (mut interval, mut count, mut until, mut month, mut weekday, mut month_day) =
        (1i16, usize::MAX, Date::MAX, first.month(), None, None);
    let mut by_year = false;
    for part in rule.split(';') {
        let (name, value) = part.split_once('=')?;
        match name.to_ascii_uppercase().as_str() {
            "FREQ" => by_year = value.eq_ignore_ascii_case("YEARLY"),
            "INTERVAL" => interval = value.parse().ok().filter(|years| *years > 0)?,
            "COUNT" => count = value.parse().ok()?,
            "UNTIL" => until = date(value)?,
            "BYMONTH" => month = value.parse().ok()?,
            "BYMONTHDAY" => month_day = Some(value.parse::<i8>().ok()?),
            "BYDAY" => weekday = Some(nth_weekday(value)?),
            "WKST" => {}
            _ => return None,
        }
    }
    if !by_year {
        return None;
    }
    let years = (first.year()..=first.year().saturating_add(YEARS)).step_by(usize::try_from(interval).ok()?);
    let on = |year: i16| match weekday {
        Some((nth, weekday)) => Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok(),
        None => Date::new(year, month, month_day.unwrap_or(first.day())).ok(),
    };
    Some(years.filter_map(on).filter(|day| *day >= first && *day <= until).take(count).collect())
}

/// `4TH`: the fourth Thursday; `-1MO`: the last Monday.
fn nth_weekday(value: &str) -> Option<(i8, Weekday)> {
    let (nth, day) = value.split_at_checked(value.len().checked_sub(2)?)?;
    let weekday = match day.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    };
    Some((nth.parse().ok().filter(|nth| *nth != 0)?, weekday))
}

/// `20261225`, with or without a time behind it.
fn date(value: &str) -> Option<Date> {
    let digits = value.get(..8).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let rest = value.get(8..)?;
    if !(rest.is_empty() || rest.starts_with('T')) {
        return None;
    }
    Date::new(digits.get(..4)?.parse().ok()?, digits.get(4..6)?.parse().ok()?, digits.get(6..)?.parse().ok()?).ok()
}

/// Logical lines with the number of their first physical one (RFC 5545 §3.1).
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ if line.trim().is_empty() => {}
            _ => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

/// Name and parameters in upper case, and the value.
fn property(line: &str) -> Option<(String, String, String)> {
    let mut quoted = false;
    let colon = line.find(|c: char| {
        quoted ^= c == '"';
        c == ':' && !quoted
    })?;
    let (head, value) = line.split_at_checked(colon)?;
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some((
        name.trim().to_ascii_uppercase(),
        parameters.to_ascii_uppercase(),
        value.strip_prefix(':').unwrap_or(value).trim().to_owned(),
    ))
}

fn problem(line: usize, what: &str, fix: &str) -> Problem {
    Problem { what: format!("the line {what}"), line: Some(line), fix: fix.to_owned() }
}

#[cfg(test)]
mod tests;
