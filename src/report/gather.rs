//! From the log of outreach to [`ReportData`]: which numbers belong into a report.

use std::collections::BTreeMap;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rayon::prelude::*;

use super::{By, ChannelRow, NotCounted, ReportData, StageRow, WeekRow, words};
use crate::domain::outreach::Stage;
use crate::domain::rate::{self, Fate, Pursuit, Settings};
use crate::store::rates::{self, Asked};
use crate::store::{Store, review};

use parts::{Beside, Parts};

mod calendar;
mod parts;

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
    /// A mailbox of the past: nothing in it waits for a word, nobody is asked this week.
    pub past: bool,
}

/// Gathers a report from the store with everything that any form of it shows.
///
/// # Errors
/// If the database can't be read.
pub fn gather(store: &Store, scope: &Scope, now: Timestamp) -> anyhow::Result<ReportData> {
    collect(store, scope, &By::ALL, true, now)
}

/// Gathers a report without the curve of answers, which the terminal does not show, and with some of
/// the breakdowns. The weeks are always there.
///
/// # Errors
/// If the database can't be read.
pub fn gather_by(store: &Store, scope: &Scope, by: &[By], now: Timestamp) -> anyhow::Result<ReportData> {
    collect(store, scope, by, false, now)
}

fn collect(store: &Store, scope: &Scope, by: &[By], with_curve: bool, now: Timestamp) -> anyhow::Result<ReportData> {
    let conn = store.read();
    let log = rates::log(conn, scope.since, scope.read_until).context("reading the log of outreach")?;
    let parts = Parts::of(&log, scope);
    let proposals = rates::proposed(conn, scope.since, scope.read_until)?;
    let rate = rate::rate(parts.pursuits(), &scope.settings, count(&proposals));
    let this_week = calendar::monday(calendar::date(now, &scope.zone));
    let weeks = parts.weeks(this_week);
    let beside = Beside::read(store, by)?;
    // each on a core of its own: with years of outreach this is half of the work
    let found = by.par_iter().map(|by| (by.as_str().to_owned(), parts.by(*by, &beside, &weeks))).collect();
    let uncounted = rates::uncounted(conn, &log, scope.since)?;
    let mut report = ReportData {
        weeks: weeks.iter().map(|(monday, group)| WeekRow::new(*monday, &group.rate)).collect(),
        by: found,
        comparison: by.contains(&By::Template).then(|| parts.comparison()).flatten(),
        curve: if with_curve { rate::curve(parts.pursuits(), &scope.settings) } else { Vec::new() },
        undecided_range: rate::either_way(rate.observed.as_ref(), &proposals, &scope.settings),
        other_channels: channels(&parts),
        stages: stages(&parts),
        not_counted: NotCounted {
            late: late(parts.pursuits(), &scope.settings),
            left: uncounted.left,
            machines: uncounted.machines,
            possible: if scope.past { 0 } else { uncounted.possible },
            turned_away: uncounted.turned_away,
        },
        attention: Vec::new(),
        accounts_stale: scope.accounts_stale.clone(),
        per_week_target: scope.per_week,
        asked_this_week: parts.since(this_week),
        made_at: now,
        zone: scope.zone.clone(),
        since: scope.since,
        rate,
    };
    if !scope.past {
        report.attention = attention(store, &report, &Troubles::of(&parts, now, &scope.settings))?;
    }
    Ok(report)
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

/// Answered, but only after the window.
fn late<'a>(pursuits: impl Iterator<Item = &'a Pursuit>, settings: &Settings) -> u32 {
    let late = |one: &&Pursuit| {
        let window = settings.window();
        one.fate == Fate::Delivered && one.first_response.is_some_and(|at| at.duration_since(one.first_touch) > window)
    };
    u32::try_from(pursuits.filter(late).count()).unwrap_or(u32::MAX)
}

fn channels(parts: &Parts<'_>) -> Vec<ChannelRow> {
    let mut found: BTreeMap<&str, ChannelRow> = BTreeMap::new();
    for one in &parts.other {
        let name = parts.log.name(one.asked.channel);
        let channel = found.entry(name).or_insert_with(|| ChannelRow { name: name.to_owned(), asked: 0, answered: 0 });
        channel.asked += 1;
        channel.answered += u32::from(one.asked.pursuit.first_response.is_some());
    }
    found.into_values().collect()
}

/// The funnel as far as anybody came in it. Who has not arrived was not contacted; who was closed
/// counts as far as is known: to the answer, if there was one.
fn stages(parts: &Parts<'_>) -> Vec<StageRow> {
    let reached = |one: &Asked| {
        let answered = if one.pursuit.first_response.is_some() { Stage::Answered } else { Stage::Contacted };
        if one.stage.is_closed() { answered } else { one.stage.max(answered) }
    };
    let mut exactly: BTreeMap<Stage, u32> = BTreeMap::new();
    let all = parts.mail.iter().chain(&parts.other).map(|one| one.asked);
    for one in all.filter(|one| one.pursuit.fate == Fate::Delivered) {
        *exactly.entry(reached(one)).or_default() += 1;
    }
    if exactly.is_empty() {
        return Vec::new();
    }
    let sent = count(&parts.mail) + count(&parts.other);
    let open = Stage::ALL.into_iter().filter(|stage| (Stage::Contacted..=Stage::Accepted).contains(stage));
    let from = |stage: Stage| (stage, exactly.range(stage..).map(|(_, n)| n).sum());
    // a stage that all of them skipped is none of theirs
    let known = open.filter(|stage| *stage <= Stage::Answered || exactly.contains_key(stage)).map(from);
    let named = |stage: Stage| match stage {
        Stage::Contacted => "arrived".to_owned(),
        other => other.as_str().replace('_', " "),
    };
    std::iter::once(StageRow { name: "asked".to_owned(), count: sent })
        .chain(known.map(|(stage, count)| StageRow { name: named(stage), count }))
        .collect()
}

/// What did not arrive of the outreach of the last window: what is older was told in its time, and
/// cannot be mended any more.
struct Troubles {
    sent: u32,
    bounced: u32,
    refused: u32,
}

impl Troubles {
    fn of(parts: &Parts<'_>, now: Timestamp, settings: &Settings) -> Self {
        let late = parts.pursuits().filter(|one| now.duration_since(one.first_touch) <= settings.window());
        let lately = rate::rate(late, settings, 0);
        Self { sent: lately.sent, bounced: lately.bounced, refused: lately.refused }
    }
}

/// What a person should look at first, in words.
fn attention(store: &Store, report: &ReportData, lately: &Troubles) -> anyhow::Result<Vec<String>> {
    let waiting = review::counts(store.read())?;
    let window = words::days(report.rate.window_days);
    let said = [
        (waiting.unknown > 0)
            .then(|| format!("{} of which it is not known whether it left: checkback review", mails(waiting.unknown))),
        (lately.refused > 0).then(|| {
            let refused = mails(lately.refused);
            format!("{refused} of the last {window} refused for another reason than a dead address: mend it, ask again")
        }),
        (lately.bounced >= 3 && lately.bounced * 10 >= lately.sent).then(|| {
            let (bounced, sent) = (lately.bounced, lately.sent);
            format!("{bounced} of {sent} in the last {window} went to dead addresses: check them before you send")
        }),
        (waiting.held > 0).then(|| format!("{} held for your word: checkback review", mails(waiting.held))),
        match waiting.answers {
            0 => None,
            1 => Some("1 possible answer does not count until you accept it: checkback review".to_owned()),
            n => Some(format!("{n} possible answers do not count until you accept them: checkback review")),
        },
        match waiting.proposals {
            0 => None,
            1 => Some("1 mail in Sent may be outreach, only you know: checkback review".to_owned()),
            n => Some(format!("{n} mails in Sent may be outreach, only you know: checkback review")),
        },
    ];
    Ok(said.into_iter().flatten().collect())
}

fn mails(n: u32) -> String {
    format!("{n} {}", if n == 1 { "mail" } else { "mails" })
}
