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

/// Days of moments that come in order: the rules of a zone are only asked once a day.
#[derive(Debug)]
pub(super) struct Days<'a> {
    zone: &'a TimeZone,
    /// The latest day, from its first moment to that of the next.
    last: Option<(Date, Timestamp, Timestamp)>,
}

impl<'a> Days<'a> {
    pub(super) fn of(zone: &'a TimeZone) -> Self {
        Self { zone, last: None }
    }

    pub(super) fn date(&mut self, at: Timestamp) -> Date {
        if let Some((date, _, _)) = self.last.filter(|(_, from, to)| *from <= at && at < *to) {
            return date;
        }
        let date = date(at, self.zone);
        let start = |date: Date| date.to_zoned(self.zone.clone()).ok().map(|start| start.timestamp());
        self.last = date.tomorrow().ok().and_then(|next| Some((date, start(date)?, start(next)?)));
        date
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
                assert_eq!(days.date(at), date(at, &zone), "{at} in {zone:?}");
                at = at.checked_add(5.hours().minutes(30)).unwrap();
            }
        }
    }
}
