use super::*;
use jiff::civil::date;

fn calendar(events: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
}

fn event(lines: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\r\n{lines}\r\nSUMMARY:A day off\r\nEND:VEVENT\r\n"))
}

fn days(text: &str) -> Vec<Date> {
    parse(text).unwrap().into_iter().collect()
}

#[test]
fn whole_days_are_holidays_and_timed_events_are_not() {
    assert_eq!(days(&event("DTSTART;VALUE=DATE:20261225")), [date(2026, 12, 25)]);
    assert_eq!(
        days(&event("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227")),
        [date(2026, 12, 25), date(2026, 12, 26)],
        "the end is the day after the last"
    );
    assert_eq!(days(&event("DTSTART;TZID=\"Europe/Berlin\":20261225T100000")), []);
    assert_eq!(days(&event("DTSTART;VALUE=DATE:20261225\r\nSTATUS:CANCELLED")), []);
    assert_eq!(days(&event("DTSTART;VALUE\r\n =DATE:2026\r\n\t1225")), [date(2026, 12, 25)], "folded lines");
}

#[test]
fn yearly_repetitions_are_understood() {
    let christmas = days(&event("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY"));
    assert!(christmas.contains(&date(2026, 12, 25)) && christmas.contains(&date(2040, 12, 25)));
    let thanks = days(&event("DTSTART;VALUE=DATE:20201126\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=7"));
    assert_eq!(thanks.last(), Some(&date(2026, 11, 26)));
    let leap = days(&event("DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;UNTIL=20290101"));
    assert_eq!(leap, [date(2024, 2, 29), date(2028, 2, 29)]);
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let lines = |text: &str| -> Vec<Option<usize>> {
        parse(text).unwrap_err().into_iter().map(|problem| problem.line).collect()
    };
    assert_eq!(lines(&event("DTSTART;VALUE=DATE:2026-12-25")), [Some(4)]);
    assert_eq!(lines(&event("DTSTART;VALUE=DATE:20261225\r\nRRULE:FREQ=WEEKLY")), [Some(5)]);
    assert_eq!(lines(&event("CLASS:PUBLIC")), [Some(3)]);
    assert_eq!(lines(&calendar("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\n")), [Some(3)]);
    assert_eq!(lines("<html>\r\nnothing"), [Some(1), Some(2), Some(1)]);
}
