use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

use super::{Place, mails};

fn a_week() -> impl Iterator<Item = Zoned> {
    let monday: Zoned = "2026-11-16T00:10[Europe/Berlin]".parse().unwrap();
    (0..7).map(move |day| monday.checked_add(Span::new().days(day).hours(day * 3)).unwrap())
}

#[test]
fn the_sample_is_made_on_every_day_of_the_week() {
    for now in a_week() {
        let made = mails(&now).unwrap();
        let names: BTreeSet<&str> = made.iter().map(|mail| mail.message_id.as_str()).collect();
        assert_eq!(names.len(), made.len(), "two mails of one name");
        for mail in &made {
            assert!(mail.at <= now, "{} comes from the future", mail.message_id);
            assert!(!String::from_utf8_lossy(&mail.bytes).contains('{'), "{} has a gap", mail.message_id);
        }
    }
}

#[test]
fn the_sample_spans_the_last_two_months() {
    let now = a_week().next().unwrap();
    let made = mails(&now).unwrap();
    let oldest = made.iter().map(|mail| &mail.at).min().unwrap();
    let days = now.duration_since(oldest).as_hours() / 24;
    assert!((58..=66).contains(&days), "{days} days");
}

#[test]
fn no_outreach_changes_sides_of_the_window_with_the_weekday() {
    for now in a_week() {
        for mail in mails(&now).unwrap().iter().filter(|mail| mail.place == Place::Sent) {
            let days = now.duration_since(&mail.at).as_secs_f64() / 86_400.0;
            assert!(!(20.9..23.0).contains(&days), "{} is {days} days old", mail.message_id);
        }
    }
}

#[test]
fn header_fields_are_ascii() {
    let now = Zoned::new("2026-11-20T12:00:00Z".parse().unwrap(), TimeZone::UTC);
    for mail in mails(&now).unwrap() {
        let text = String::from_utf8(mail.bytes).unwrap();
        let (header, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(header.is_ascii(), "{header}");
    }
}
