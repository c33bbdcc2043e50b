//! When the daily mail is written: once a day, by the user's calendar and clock.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

/// The settings that decide it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Local time of day.
    pub at: Time,
    /// The user's zone.
    pub zone: TimeZone,
}

impl Plan {
    /// The user's day at that moment.
    pub fn day(&self, now: Timestamp) -> Date {
        now.to_zoned(self.zone.clone()).date()
    }

    /// The moment of a day at which its mail is written. A time that the clock jumps over comes as much
    /// later as the clock jumps; of a time that comes twice, the first counts.
    pub fn moment(&self, day: Date) -> Timestamp {
        day.to_datetime(self.at).to_zoned(self.zone.clone()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    /// The day whose mail is to be written now; `handled`: today was looked at already, whether there was
    /// something to say or not. A machine that slept through the moment does it when it wakes, on the
    /// same day only: yesterday's list is nobody's plan.
    pub fn due(&self, now: Timestamp, handled: bool) -> Option<Date> {
        let today = self.day(now);
        (!handled && now >= self.moment(today)).then_some(today)
    }

    /// When to look at the earliest; in the past if it is time.
    pub fn next_at(&self, now: Timestamp, handled: bool) -> Timestamp {
        let today = self.day(now);
        self.moment(if handled { today.tomorrow().unwrap_or(today) } else { today })
    }
}

/// Whether the day's mail brings the report.
pub fn is_report_day(day: Date) -> bool {
    day.weekday() == Weekday::Monday
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};
    use proptest::prelude::*;
    use rstest::rstest;

    fn plan(at: Time) -> Plan {
        Plan { at, zone: TimeZone::get("Europe/Berlin").unwrap() }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[rstest]
    #[case::before_it("2026-03-10T06:59:59Z", false, None)]
    #[case::at_it("2026-03-10T07:00:00Z", false, Some(date(2026, 3, 10)))]
    #[case::slept_through_it("2026-03-10T22:30:00Z", false, Some(date(2026, 3, 10)))]
    #[case::past_midnight_it_is_too_late("2026-03-10T23:30:00Z", false, None)]
    #[case::done("2026-03-10T09:00:00Z", true, None)]
    fn it_is_due_once_a_day(#[case] now: &str, #[case] handled: bool, #[case] due: Option<Date>) {
        assert_eq!(plan(time(8, 0, 0, 0)).due(at(now), handled), due);
    }

    #[rstest]
    #[case::winter(time(8, 0, 0, 0), date(2026, 3, 28), "2026-03-28T07:00:00Z")]
    #[case::the_clock_went_forward(time(8, 0, 0, 0), date(2026, 3, 29), "2026-03-29T06:00:00Z")]
    #[case::the_clock_went_back(time(8, 0, 0, 0), date(2026, 10, 25), "2026-10-25T07:00:00Z")]
    #[case::a_time_that_is_jumped_over(time(2, 30, 0, 0), date(2026, 3, 29), "2026-03-29T01:30:00Z")]
    #[case::a_time_that_comes_twice(time(2, 30, 0, 0), date(2026, 10, 25), "2026-10-25T00:30:00Z")]
    fn the_moment_is_by_the_users_clock(#[case] time: Time, #[case] day: Date, #[case] moment: &str) {
        assert_eq!(plan(time).moment(day), at(moment));
    }

    proptest! {
        #[test]
        fn looking_again_in_time_writes_one_a_day(hour in 0..24_i8, minute in 0..60_i8) {
            let plan = plan(time(hour, minute, 0, 0));
            let (mut now, end) = (at("2026-03-20T12:00:00Z"), at("2026-11-05T12:00:00Z"));
            let mut written: Vec<Date> = Vec::new();
            let mut sleeping = 0;
            while now < end {
                let handled = |now| written.last() == Some(&plan.day(now));
                let Some(day) = plan.due(now, handled(now)) else {
                    now = plan.next_at(now, handled(now));
                    sleeping += 1;
                    prop_assert!(sleeping < 600, "it ends");
                    continue;
                };
                prop_assert!(written.is_empty() || now == plan.moment(day));
                written.push(day);
            }
            let first = written[0];
            prop_assert!(written.iter().zip(first.series(jiff::Span::new().days(1))).all(|(day, next)| *day == next));
            prop_assert!(written.len() >= 229);
        }
    }
}
