//! From the log of outreach to [`ReportData`]: which numbers belong into a report.

use std::collections::BTreeMap;

use anyhow::Context as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::{ChannelRow, GroupRow, ReportData, WeekRow};
use crate::domain::rate::{self, Pursuit, Settings};
use crate::store::reports::{self, PursuitRow};
use crate::store::{Store, review};

/// What a report is about.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Window and band.
    pub settings: Settings,
    /// The user's zone: weeks and weekdays are the user's.
    pub zone: TimeZone,
    /// Asks a week aimed at.
    pub per_week: u32,
    /// Only outreach begun since then.
    pub since: Option<Timestamp>,
    /// Counts every account as read up to then: an audit is as old as its newest mail.
    pub read_until: Option<Timestamp>,
    /// Accounts that were not read lately.
    pub accounts_stale: Vec<String>,
}

/// Gathers a report from the store.
///
/// # Errors
/// If the database can't be read.
pub fn gather(store: &Store, scope: &Scope, now: Timestamp) -> anyhow::Result<ReportData> {
    let conn = store.read();
    let mut rows = reports::pursuits(conn, scope.read_until).context("reading the log of outreach")?;
    rows.retain(|row| scope.since.is_none_or(|since| row.pursuit.first_touch >= since));
    let (mail, other): (Vec<PursuitRow>, Vec<PursuitRow>) = rows.into_iter().partition(|row| row.channel == "mail");
    let pursuits: Vec<Pursuit> = mail.iter().map(|row| row.pursuit).collect();
    let undecided = reports::undecided(conn)?;
    let proposals = reports::proposed_pursuits(conn, scope.read_until)?;
    let rate = rate::rate(&pursuits, &scope.settings, undecided);
    let day = |at: Timestamp| at.to_zoned(scope.zone.clone()).date();
    let this_week = monday(day(now));
    let mut report = ReportData {
        weeks: weeks(&mail, scope, this_week, &day),
        by: breakdowns(&mail, &other, scope, &day),
        comparison: None,
        curve: rate::curve(&pursuits, &scope.settings),
        undecided_range: rate::either_way(rate.observed.as_ref(), &proposals, &scope.settings),
        other_channels: channels(&other),
        stages: Vec::new(),
        attention: Vec::new(),
        accounts_stale: scope.accounts_stale.clone(),
        per_week_target: scope.per_week,
        asked_this_week: count(mail.iter().chain(&other).filter(|row| day(row.pursuit.first_touch) >= this_week)),
        made_at: now,
        zone: scope.zone.clone(),
        rate,
    };
    report.attention = attention(store, &report)?;
    Ok(report)
}

fn monday(date: Date) -> Date {
    let back = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(Span::new().days(back)).unwrap_or(date)
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

/// Every week from the first outreach to the last one, empty weeks too.
fn weeks(rows: &[PursuitRow], scope: &Scope, this_week: Date, day: &impl Fn(Timestamp) -> Date) -> Vec<WeekRow> {
    let mut parts: BTreeMap<Date, Vec<Pursuit>> = BTreeMap::new();
    for row in rows {
        parts.entry(monday(day(row.pursuit.first_touch))).or_default().push(row.pursuit);
    }
    let Some(mut week) = parts.keys().next().copied() else { return Vec::new() };
    let last = parts.keys().next_back().copied().unwrap_or(week).max(this_week);
    let mut found = Vec::new();
    while week <= last {
        let part = parts.remove(&week).unwrap_or_default();
        found.push(WeekRow::new(week, &rate::rate(&part, &scope.settings, 0)));
        match week.checked_add(Span::new().weeks(1)) {
            Ok(next) => week = next,
            Err(_) => break,
        }
    }
    found
}

fn breakdowns(
    mail: &[PursuitRow],
    other: &[PursuitRow],
    scope: &Scope,
    day: &impl Fn(Timestamp) -> Date,
) -> BTreeMap<String, Vec<GroupRow>> {
    let name_of_day = |row: &PursuitRow| day(row.pursuit.first_touch).weekday().to_monday_zero_offset();
    let mut by = BTreeMap::new();
    let mut part = |name: &str, keyed: Vec<(String, Pursuit)>| {
        let groups = rate::by(keyed, &scope.settings);
        by.insert(name.to_owned(), groups.into_iter().map(|(name, group)| group_row(name, group)).collect::<Vec<_>>());
    };
    let keyed = |key: &dyn Fn(&PursuitRow) -> Option<String>| {
        mail.iter().filter_map(|row| Some((key(row)?, row.pursuit))).collect::<Vec<_>>()
    };
    part("template", keyed(&|row| row.template.clone()));
    part("source", keyed(&|row| Some(row.source.clone())));
    part("organisation", keyed(&|row| row.organisation.clone()));
    part("week", keyed(&|row| Some(monday(day(row.pursuit.first_touch)).to_string())));
    part("channel", mail.iter().chain(other).map(|row| (row.channel.clone(), row.pursuit)).collect());
    part("step", mail.iter().flat_map(steps).collect());
    let weekdays = rate::by(mail.iter().map(|row| (name_of_day(row), row.pursuit)), &scope.settings);
    let rows = weekdays.into_iter().map(|(offset, group)| group_row(weekday(offset), group)).collect();
    by.insert("weekday".to_owned(), rows);
    by
}

fn group_row(name: String, group: rate::Group) -> GroupRow {
    GroupRow { name, rate: group.rate, shrunk: group.shrunk }
}

fn weekday(monday_zero: i8) -> String {
    let name = match Weekday::from_monday_zero_offset(monday_zero) {
        Ok(Weekday::Monday) => "Monday",
        Ok(Weekday::Tuesday) => "Tuesday",
        Ok(Weekday::Wednesday) => "Wednesday",
        Ok(Weekday::Thursday) => "Thursday",
        Ok(Weekday::Friday) => "Friday",
        Ok(Weekday::Saturday) => "Saturday",
        _ => "Sunday",
    };
    name.to_owned()
}

/// Each touch as a pursuit of its own, among those that were still unanswered when it was sent.
fn steps(row: &PursuitRow) -> Vec<(String, Pursuit)> {
    let open = |at: &Timestamp| row.pursuit.first_response.is_none_or(|answer| answer >= *at);
    row.touches
        .iter()
        .filter(|at| open(at))
        .enumerate()
        .map(|(step, at)| {
            let name = if step == 0 { "first mail".to_owned() } else { format!("follow-up {step}") };
            let next = row.touches.get(step + 1);
            let first_response = row.pursuit.first_response.filter(|answer| next.is_none_or(|next| answer < next));
            (name, Pursuit { first_touch: *at, first_response, ..row.pursuit })
        })
        .collect()
}

fn channels(other: &[PursuitRow]) -> Vec<ChannelRow> {
    let mut found: BTreeMap<&str, ChannelRow> = BTreeMap::new();
    for row in other {
        let channel = found.entry(&row.channel).or_insert_with(|| ChannelRow {
            name: row.channel.clone(),
            asked: 0,
            answered: 0,
        });
        channel.asked += 1;
        channel.answered += u32::from(row.pursuit.first_response.is_some());
    }
    found.into_values().collect()
}

/// What a person should look at first, in words.
fn attention(store: &Store, report: &ReportData) -> anyhow::Result<Vec<String>> {
    let waiting = review::waiting(store.read())?;
    let mut found = Vec::new();
    if !waiting.unknown.is_empty() {
        found.push(format!(
            "{} of which it is not known whether it left: checkback review",
            mails(waiting.unknown.len())
        ));
    }
    if report.rate.refused > 0 {
        found.push(format!("{} refused for another reason than a dead address", mails(report.rate.refused as usize)));
    }
    if !waiting.held.is_empty() {
        found.push(format!("{} held for your word: checkback review", mails(waiting.held.len())));
    }
    match waiting.answers.len() {
        0 => {}
        1 => found.push("1 possible answer does not count until you accept it: checkback review".to_owned()),
        n => found.push(format!("{n} possible answers do not count until you accept them: checkback review")),
    }
    Ok(found)
}

fn mails(n: usize) -> String {
    format!("{n} {}", if n == 1 { "mail" } else { "mails" })
}
