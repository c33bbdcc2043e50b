use super::*;
use jiff::civil::{date, time};
use proptest::prelude::*;
use rstest::rstest;

fn calendar(zone: &str) -> Calendar {
    Calendar {
        zone: TimeZone::get(zone).unwrap(),
        window: (time(9, 0, 0, 0), time(17, 0, 0, 0)),
        reader: None,
        days_off: BTreeSet::new(),
        spacing: SignedDuration::from_mins(3),
        daily_limit: 25,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[rstest]
#[case::a_week_of_work("2026-03-10T10:00:00Z", "5 business days", "2026-03-17T08:00:00Z")]
#[case::from_a_saturday("2026-03-14T10:00:00Z", "5 business days", "2026-03-20T08:00:00Z")]
#[case::from_late_in_the_evening("2026-03-13T22:30:00Z", "5 business days", "2026-03-20T08:00:00Z")]
#[case::the_clock_goes_forward_between("2026-03-27T10:00:00Z", "1 business day", "2026-03-30T07:00:00Z")]
#[case::the_clock_goes_back_between("2026-10-23T10:00:00Z", "1 business day", "2026-10-26T08:00:00Z")]
#[case::over_a_holiday("2026-12-23T10:00:00Z", "2 business days", "2026-12-28T08:00:00Z")]
#[case::days_that_end_on_a_sunday("2026-03-10T10:00:00Z", "5d", "2026-03-16T08:00:00Z")]
#[case::the_end_of_a_short_month("2026-01-31T10:00:00Z", "1mo", "2026-03-02T08:00:00Z")]
#[case::a_leap_day("2028-02-28T10:00:00Z", "1d", "2028-02-29T08:00:00Z")]
#[case::a_year_from_a_leap_day("2028-02-29T10:00:00Z", "12mo", "2029-02-28T08:00:00Z")]
#[case::hours_inside_the_window("2026-03-10T10:00:00Z", "2h", "2026-03-10T12:00:00Z")]
#[case::hours_past_the_window("2026-03-13T15:00:00Z", "2h", "2026-03-16T08:00:00Z")]
#[case::at_once_before_the_window("2026-03-10T05:00:00Z", "0d", "2026-03-10T08:00:00Z")]
#[case::at_once_inside_the_window("2026-03-10T10:00:00Z", "0d", "2026-03-10T10:00:00Z")]
#[case::at_once_past_the_window("2026-03-10T20:00:00Z", "0d", "2026-03-11T08:00:00Z")]
fn a_step_is_due_on_the_day_a_person_would_count(#[case] touch: &str, #[case] after: &str, #[case] due: &str) {
    let mut calendar = calendar("Europe/Berlin");
    calendar.days_off.insert(date(2026, 12, 25));
    assert_eq!(calendar.due_at(at(touch), Span::parse(after).unwrap()), Some(at(due)));
}

#[rstest]
#[case::summer_time_there_and_not_yet_here("2026-03-06T10:00:00Z", "1 business day", "2026-03-09T13:00:00Z")]
#[case::summer_time_in_both("2026-03-27T10:00:00Z", "1 business day", "2026-03-30T13:00:00Z")]
#[case::winter_here_and_not_yet_there("2026-10-23T10:00:00Z", "1 business day", "2026-10-26T13:00:00Z")]
#[case::winter_in_both("2026-10-30T10:00:00Z", "1 business day", "2026-11-02T14:00:00Z")]
#[case::the_touch_is_of_the_users_day("2026-03-10T23:30:00Z", "1 business day", "2026-03-12T13:00:00Z")]
#[case::a_leap_day("2028-02-28T10:00:00Z", "1d", "2028-02-29T14:00:00Z")]
#[case::the_end_of_a_month("2026-08-31T10:00:00Z", "1mo", "2026-09-30T13:00:00Z")]
fn the_window_is_that_of_the_reader_on_the_day_that_the_user_counts(
    #[case] touch: &str,
    #[case] after: &str,
    #[case] due: &str,
) {
    let mut calendar = calendar("Europe/Berlin");
    calendar.reader = Some(TimeZone::get("America/New_York").unwrap());
    assert_eq!(calendar.due_at(at(touch), Span::parse(after).unwrap()), Some(at(due)));
}

#[test]
fn the_window_opens_when_the_clock_has_jumped_over_its_beginning() {
    // New York skips 02:00 to 03:00 on Sunday 8 March 2026; there the week has no Sunday, so a weekday
    // is taken where it does: Cairo, Friday 24 April 2026, midnight to 01:00
    let mut calendar = calendar("Africa/Cairo");
    calendar.window = (time(0, 30, 0, 0), time(8, 0, 0, 0));
    let opening = calendar.next_open(calendar.day_begins(date(2026, 4, 24))).unwrap();
    let local = opening.to_zoned(calendar.zone.clone());
    assert_eq!((local.date(), local.time()), (date(2026, 4, 24), time(1, 0, 0, 0)));
    calendar.window = (time(0, 10, 0, 0), time(0, 40, 0, 0));
    let skipped = calendar.next_open(at("2026-04-23T20:00:00Z")).unwrap();
    assert_eq!(calendar.day(skipped), date(2026, 4, 27), "the whole window does not exist on that day");
}

#[test]
fn mails_keep_their_gap_and_the_days_limit() {
    let mut calendar = calendar("Europe/Berlin");
    calendar.daily_limit = 3;
    let monday = at("2026-03-16T15:56:00Z");
    let mut taken = Vec::new();
    for _ in 0..4 {
        let slot = calendar.slot(monday, &taken, &BTreeSet::new()).unwrap();
        taken.push(slot);
    }
    let times: Vec<String> = taken.iter().map(ToString::to_string).collect();
    assert_eq!(times, ["2026-03-16T15:56:00Z", "2026-03-16T15:59:00Z", "2026-03-17T08:00:00Z", "2026-03-17T08:03:00Z"]);
}

#[test]
fn nobody_is_written_to_on_a_day_that_is_barred() {
    let calendar = calendar("Europe/Berlin");
    let barred = BTreeSet::from([date(2026, 3, 16)]);
    assert_eq!(calendar.slot(at("2026-03-16T10:00:00Z"), &[], &barred), Some(at("2026-03-17T08:00:00Z")));
}

#[test]
fn a_limit_of_none_a_day_lets_nothing_leave() {
    let mut calendar = calendar("Europe/Berlin");
    calendar.daily_limit = 0;
    assert_eq!(calendar.slot(at("2026-03-16T10:00:00Z"), &[], &BTreeSet::new()), None);
}

fn calendars() -> impl Strategy<Value = Calendar> {
    // half hours, a summer time of half an hour, changes at midnight, both ends of the world, no change at all
    const ZONES: [&str; 12] = [
        "Europe/Berlin",
        "America/Los_Angeles",
        "America/New_York",
        "Asia/Kathmandu",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "UTC",
        "America/Santiago",
    ];
    let zones = || proptest::sample::select(&ZONES[..]);
    let window = (0i8..23, 0i8..60, 1i32..600);
    let off = proptest::collection::btree_set(0i64..800, 0..40);
    (zones(), proptest::option::of(zones()), window, off, 0i64..90, 1u32..6).prop_map(
        |(zone, reader, (hour, minute, length), off, gap, limit)| {
            let from = time(hour, minute, 0, 0);
            let to = from.saturating_add(i64::from(length).minutes());
            Calendar {
                zone: TimeZone::get(zone).unwrap(),
                window: (from, to.max(time(hour, minute, 30, 0))),
                reader: reader.map(|reader| TimeZone::get(reader).unwrap()),
                days_off: off.into_iter().map(|day| date(2010, 6, 1).saturating_add(day.days())).collect(),
                spacing: SignedDuration::from_mins(gap),
                daily_limit: limit,
            }
        },
    )
}

/// Days on which reckoning goes wrong: changes of the clock in each zone, the leap day, ends of months and of
/// the year, the day that Samoa left out.
const ODD_DAYS: [&str; 17] = [
    "2010-08-31",
    "2010-10-02",
    "2010-10-31",
    "2010-11-07",
    "2010-12-31",
    "2011-01-31",
    "2011-02-28",
    "2011-03-13",
    "2011-03-27",
    "2011-04-02",
    "2011-04-29",
    "2011-09-30",
    "2011-10-15",
    "2011-12-30",
    "2012-02-28",
    "2012-02-29",
    "2012-02-25",
];

/// From 2010 to 2012, one of four about an odd day.
fn moments() -> impl Strategy<Value = Timestamp> {
    let odd = (proptest::sample::select(&ODD_DAYS[..]), -86_400i64..172_800).prop_map(|(day, second)| {
        let day: Date = day.parse().unwrap();
        day.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second() + second
    });
    prop_oneof![3 => 1_275_000_000i64..1_340_000_000, 1 => odd]
        .prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn spans() -> impl Strategy<Value = Span> {
    prop_oneof![
        (0u32..40).prop_map(Span::BusinessDays),
        (0u32..400).prop_map(Span::Days),
        (0u32..24).prop_map(Span::Months),
        (0i64..2_000_000).prop_map(Span::Exact),
    ]
}

/// One more of the same unit.
fn longer(span: Span) -> Span {
    match span {
        Span::Exact(seconds) => Span::Exact(seconds + 1),
        Span::Days(days) => Span::Days(days + 1),
        Span::Months(months) => Span::Months(months + 1),
        Span::BusinessDays(days) => Span::BusinessDays(days + 1),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_due_lies_in_the_window_of_a_working_day_and_not_before_the_touch(
        calendar in calendars(), touch in moments(), span in spans(),
    ) {
        let due = calendar.due_at(touch, span).unwrap();
        prop_assert!(calendar.is_open(due), "{due}");
        prop_assert!(due >= touch);
        prop_assert_eq!(calendar.due_at(touch, span), Some(due));
    }

    #[test]
    fn a_later_touch_or_a_longer_wait_is_never_due_earlier(
        calendar in calendars(), touch in moments(), by in 0i64..400_000, span in spans(),
    ) {
        let due = calendar.due_at(touch, span).unwrap();
        let later = touch.checked_add(SignedDuration::from_secs(by)).unwrap();
        prop_assert!(calendar.due_at(later, span).unwrap() >= due);
        prop_assert!(calendar.due_at(touch, longer(span)).unwrap() >= due);
    }

    #[test]
    fn business_days_are_counted_one_by_one(calendar in calendars(), touch in moments(), days in 1u32..15) {
        let due = calendar.due_at(touch, Span::BusinessDays(days)).unwrap();
        let (from, to) = (calendar.day(touch), calendar.day_there(due));
        let between = from.series(1.day()).skip(1).take_while(|day| *day <= to);
        let counted = between.filter(|day| calendar.is_working(*day)).count();
        // a day whose whole window the clock jumps over is worked, but nothing leaves on it
        prop_assert!(counted == days as usize || counted == days as usize + 1, "{counted}");
    }

    #[test]
    fn opening_is_the_earliest_moment(calendar in calendars(), moment in moments(), back in 1i64..200_000) {
        let open = calendar.next_open(moment).unwrap();
        prop_assert!(calendar.is_open(open) && open >= moment);
        prop_assert_eq!(calendar.next_open(open), Some(open));
        let between = open.checked_sub(SignedDuration::from_secs(back)).unwrap();
        prop_assert!(between < moment || !calendar.is_open(between), "{between} is open and before {open}");
    }

    #[test]
    fn nothing_is_due_outside_the_readers_office_hours(
        calendar in calendars(), touch in moments(), span in spans(),
    ) {
        let there = calendar.reader.clone().unwrap_or_else(|| calendar.zone.clone());
        let local = calendar.due_at(touch, span).unwrap().to_zoned(there);
        prop_assert!(calendar.window.0 <= local.time() && local.time() < calendar.window.1, "{local}");
        prop_assert!(local.weekday().to_monday_one_offset() <= 5 && !calendar.days_off.contains(&local.date()));
    }

    #[test]
    fn slots_hold_every_rule(calendar in calendars(), moment in moments(), count in 1usize..12) {
        let mut taken: Vec<Timestamp> = Vec::new();
        let barred = BTreeSet::from([calendar.day(moment)]);
        for _ in 0..count {
            let slot = calendar.slot(moment, &taken, &barred).unwrap();
            prop_assert!(calendar.is_open(slot) && slot >= moment);
            prop_assert!(!barred.contains(&calendar.day(slot)));
            prop_assert!(taken.iter().all(|other| slot.duration_since(*other).abs() >= calendar.spacing));
            let of_day = taken.iter().filter(|other| calendar.day(**other) == calendar.day(slot)).count();
            prop_assert!(of_day < calendar.daily_limit as usize);
            taken.push(slot);
        }
    }
}
