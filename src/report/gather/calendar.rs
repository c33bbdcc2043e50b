//! Days and weeks of the user.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// The day of a moment in a zone.
pub(super) fn date(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

/// The Monday of that day's week.
pub(super) fn monday(date: Date) -> Date {
    let back = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(Span::new().days(back)).unwrap_or(date)
}

/// A day and the Monday of its week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub date: Date,
    pub monday: Date,
}

/// Days of moments that come in order: the rules of a zone are only asked once a day.
#[derive(Debug)]
pub(super) struct Days<'a> {
    zone: &'a TimeZone,
    /// The latest day, from its first moment to that of the next.
    last: Option<(Day, Timestamp, Timestamp)>,
}

impl<'a> Days<'a> {
    pub(super) fn of(zone: &'a TimeZone) -> Self {
        Self { zone, last: None }
    }

    pub(super) fn day(&mut self, at: Timestamp) -> Day {
        if let Some((day, _, _)) = self.last.filter(|(_, from, to)| *from <= at && at < *to) {
            return day;
        }
        let date = date(at, self.zone);
        let day = Day { date, monday: monday(date) };
        let start = |date: Date| date.to_zoned(self.zone.clone()).ok().map(|start| start.timestamp());
        self.last = date.tomorrow().ok().and_then(|next| Some((day, start(date)?, start(next)?)));
        day
    }
}

/// In English, like everything that is said.
pub(super) fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn days_in_order_are_the_days_of_the_zone_also_where_the_clocks_change() {
        for zone in ["America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "America/Havana", "UTC"] {
            let zone = TimeZone::get(zone).unwrap();
            let mut days = Days::of(&zone);
            let mut at: Timestamp = "2011-12-25T00:17:00Z".parse().unwrap();
            for _ in 0..20_000 {
                let date = date(at, &zone);
                assert_eq!(days.day(at), Day { date, monday: monday(date) }, "{at} in {zone:?}");
                at = at.checked_add(5.hours().minutes(30)).unwrap();
            }
        }
    }
}
