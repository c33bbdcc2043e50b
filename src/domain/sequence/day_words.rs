//! Days as a person writes them in a mail: "on Tuesday", "on Friday 20 March", "three weeks ago".

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan as _, Unit};

/// A day to come: `today`, `tomorrow`, `on Thursday` of this week, `on Tuesday 8 December` of the next one
/// ("next Tuesday" is this week's to some), and `on 14 December` beyond.
pub fn coming(day: Date, today: Date) -> String {
    let days = between(today, day);
    let weeks = between(monday(today), monday(day)) / 7;
    match (days, weeks) {
        (0, _) => "today".to_owned(),
        (1, _) => "tomorrow".to_owned(),
        (2.., 0) => format!("on {}", day.strftime("%A")),
        (2.., 1) => format!("on {}", day.strftime("%A %-d %B")),
        _ => on(day, today),
    }
}

/// A day that is past: `today`, `yesterday`, `on Tuesday` of this week, `last Friday`, `a week ago`,
/// `in March` beyond half a year.
pub fn past(day: Date, today: Date) -> String {
    const COUNT: [&str; 9] = [
        "",
        "a week",
        "two weeks",
        "three weeks",
        "four weeks",
        "five weeks",
        "six weeks",
        "seven weeks",
        "eight weeks",
    ];
    let days = between(day, today);
    let weeks = between(monday(day), monday(today)) / 7;
    match (days, weeks) {
        (0, _) => "today".to_owned(),
        (1, _) => "yesterday".to_owned(),
        (2.., 0) => format!("on {}", day.strftime("%A")),
        (2..=6, 1) => format!("last {}", day.strftime("%A")),
        (7.., _) => {
            let rounded = usize::try_from((days + 3) / 7).unwrap_or(usize::MAX);
            match COUNT.get(rounded) {
                Some(words) => format!("{words} ago"),
                None => month(day, today),
            }
        }
        _ => on(day, today),
    }
}

/// The working day (Monday to Friday) that lies that many behind a day.
pub fn working_day(today: Date, count: u32) -> Date {
    let mut day = today;
    let mut left = count.min(1_000);
    while left > 0 {
        let Ok(next) = day.tomorrow() else { return day };
        day = next;
        left -= u32::from(!matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
    }
    day
}

fn month(day: Date, today: Date) -> String {
    match day.year() == today.year() {
        true => format!("in {}", day.strftime("%B")),
        false => format!("in {}", day.strftime("%B %Y")),
    }
}

fn on(day: Date, today: Date) -> String {
    match day.year() == today.year() || between(today, day).abs() < 120 {
        true => format!("on {}", day.strftime("%-d %B")),
        false => format!("on {}", day.strftime("%-d %B %Y")),
    }
}

fn monday(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
}

fn between(from: Date, to: Date) -> i32 {
    from.until((Unit::Day, to)).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    #[rstest]
    #[case::the_same_day(date(2026, 3, 11), "today")]
    #[case::the_next(date(2026, 3, 12), "tomorrow")]
    #[case::this_week(date(2026, 3, 13), "on Friday")]
    #[case::the_sunday_is_this_week(date(2026, 3, 15), "on Sunday")]
    #[case::the_week_after(date(2026, 3, 17), "on Tuesday 17 March")]
    #[case::later(date(2026, 3, 23), "on 23 March")]
    #[case::next_year(date(2027, 9, 1), "on 1 September 2027")]
    #[case::over_the_turn_of_a_year(date(2026, 12, 31), "on 31 December")]
    fn a_day_to_come_is_named_as_people_do(#[case] day: Date, #[case] words: &str) {
        // a Wednesday
        assert_eq!(coming(day, date(2026, 3, 11)), words);
    }

    #[rstest]
    #[case::the_same_day(date(2026, 3, 12), "today")]
    #[case::the_day_before(date(2026, 3, 11), "yesterday")]
    #[case::this_week(date(2026, 3, 10), "on Tuesday")]
    #[case::the_week_before(date(2026, 3, 6), "last Friday")]
    #[case::the_same_weekday(date(2026, 3, 5), "a week ago")]
    #[case::nine_days(date(2026, 3, 3), "a week ago")]
    #[case::two_weeks(date(2026, 2, 26), "two weeks ago")]
    #[case::eighteen_days(date(2026, 2, 22), "three weeks ago")]
    #[case::last_year(date(2025, 10, 2), "in October 2025")]
    fn a_past_day_is_named_as_people_do(#[case] day: Date, #[case] words: &str) {
        // a Thursday
        assert_eq!(past(day, date(2026, 3, 12)), words);
    }

    #[test]
    fn working_days_leave_out_the_weekend() {
        assert_eq!(working_day(date(2026, 3, 12), 3), date(2026, 3, 17));
        assert_eq!(working_day(date(2026, 3, 14), 1), date(2026, 3, 16));
        assert_eq!(working_day(date(2028, 2, 28), 1), date(2028, 2, 29));
    }
}
