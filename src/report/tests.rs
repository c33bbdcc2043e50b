use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::text::{Style, render};
use super::*;
use crate::domain::rate::{Assignment, Fate, Pursuit, Settings, by, compare, curve, rate};

/// Wednesday, 09:00 in Los Angeles.
fn made_at() -> Timestamp {
    "2026-11-18T17:00:00Z".parse().unwrap()
}

/// This many days before the report, answered so many days later.
fn pursuit(days_ago: i64, answered_after: Option<i64>, fate: Fate) -> Pursuit {
    let first_touch = made_at() - (days_ago * 24).hours();
    Pursuit {
        first_touch,
        first_response: answered_after.map(|days| first_touch + (days * 24 + 5).hours()),
        fate,
        read_until: Some(made_at()),
    }
}

/// Forty outreach over twelve weeks: 7 of 31 answered, four too young, four bounced, one refused.
fn autumn() -> Vec<Pursuit> {
    let mut all: Vec<Pursuit> = (0..31)
        .map(|i| {
            let answered_after = (i % 4 == 1 && i < 28).then(|| [0, 1, 2, 2, 4, 6, 11][i as usize / 4]);
            pursuit(23 + i * 2, answered_after, Fate::Delivered)
        })
        .collect();
    all.extend(
        [(2, None), (5, Some(1)), (9, None), (13, None)].map(|(ago, after)| pursuit(ago, after, Fate::Delivered)),
    );
    all.extend([30, 41, 52, 60].map(|ago| pursuit(ago, None, Fate::Bounced)));
    all.push(pursuit(35, None, Fate::Refused));
    all
}

fn monday(pursuit: &Pursuit) -> Date {
    let day = pursuit.first_touch.to_zoned(TimeZone::UTC).date();
    day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).unwrap()
}

fn rows<K: Ord + ToString>(keyed: impl IntoIterator<Item = (K, Pursuit)>) -> Vec<GroupRow> {
    let parts = by(keyed, &Settings::default());
    parts
        .into_iter()
        .map(|(name, part)| GroupRow { name: name.to_string(), rate: part.rate, shrunk: part.shrunk })
        .collect()
}

fn sample() -> ReportData {
    let (all, settings) = (autumn(), Settings::default());
    let keyed = |key: fn(usize, &Pursuit) -> &'static str| all.iter().enumerate().map(move |(i, p)| (key(i, p), *p));
    let templates = rows(keyed(|i, _| if i % 3 == 0 { "coffee-chat" } else { "short-question" }));
    let weekday = |p: &Pursuit| p.first_touch.to_zoned(TimeZone::UTC).weekday().to_monday_one_offset();
    let mut weekdays = rows(all.iter().map(|p| (weekday(p), *p)));
    for row in &mut weekdays {
        let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        row.name = names[row.name.parse::<usize>().unwrap() - 1].to_owned();
    }
    let organisations = rows(keyed(|i, _| {
        [
            "acme.example",
            "<b>Böse & Söhne</b>",
            "=HYPERLINK(\"x\")",
            "an-uncommonly-long-name-of-an-organisation.example",
        ][i % 4]
    }));
    let comparison = TemplateComparison {
        a: templates[0].name.clone(),
        b: templates[1].name.clone(),
        result: compare(
            &templates[0].rate.observed.unwrap(),
            &templates[1].rate.observed.unwrap(),
            Assignment::Observational,
        ),
    };
    ReportData {
        rate: rate(&all, &settings, 6),
        made_at: made_at(),
        zone: TimeZone::get("America/Los_Angeles").unwrap(),
        weeks: by(all.iter().map(|p| (monday(p), *p)), &settings)
            .into_iter()
            .map(|(monday, part)| WeekRow::new(monday, &part.rate))
            .collect(),
        by: [("template", templates), ("weekday", weekdays), ("organisation", organisations)]
            .map(|(name, rows)| (name.to_owned(), rows))
            .into(),
        comparison: Some(comparison),
        curve: curve(&all, &settings),
        undecided_range: Some([0.21, 0.26]),
        other_channels: vec![ChannelRow { name: "LinkedIn".into(), asked: 12, answered: 3 }],
        stages: Vec::new(),
        attention: vec![
            "Two answers from this week wait for you: Ada Park (question), Ben Okoye (not now, until March).".into(),
            "One follow-up is held: the template `nudge` has no name to greet.".into(),
        ],
        accounts_stale: vec![],
        per_week_target: 10,
        asked_this_week: 4,
    }
}

fn empty() -> ReportData {
    ReportData {
        rate: rate(&[], &Settings::default(), 0),
        weeks: vec![],
        by: BTreeMap::new(),
        comparison: None,
        curve: vec![],
        undecided_range: None,
        other_channels: vec![],
        attention: vec![],
        asked_this_week: 0,
        ..sample()
    }
}

#[test]
fn dump() {
    for style in [Style { colour: true, ..Style::default() }, Style { unicode: false, width: 50, ..Style::default() }] {
        println!("{}", render(&sample(), style));
    }
    println!("{}", render(&empty(), Style::default()));
    println!("{}", sheet::csv(&sample()));
}

#[test]
fn dump_html() {
    std::fs::write("/tmp/rate-report.html", html::render(&sample()).unwrap()).unwrap();
    let stale = ReportData { accounts_stale: vec!["personal".into()], ..empty() };
    std::fs::write("/tmp/rate-empty.html", html::render(&stale).unwrap()).unwrap();
}
