//! From the store to a [`Daily`]: what belongs into the user's day.

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::{Answer, Daily, Due, Held, Possible, Proposed, Suggested, Trouble, Warning, words};
use crate::domain::daily;
use crate::domain::delivery::Errand;
use crate::domain::gist::Tone;
use crate::report::By;
use crate::report::gather::{self, Scope};
use crate::store::agenda::{self, AnswerRow, DueRow};
use crate::store::cases::{self, StoredMail};
use crate::store::health::{self, Health};
use crate::store::mail_commands::{self, Refused};
use crate::store::next_steps::OpenStep;
use crate::store::outbox::{self, OutboxRow};
use crate::store::review::{self, Item};
use crate::store::{Store, StoreError};

/// Older answers are no news, however late they were found.
const NEWS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Without daily mails nothing was ever told: the answers of so long are shown.
const UNTOLD: SignedDuration = SignedDuration::from_hours(24);

/// What is not in the store.
#[derive(Debug)]
pub struct Sources<'a> {
    /// What the report is about; its zone is the user's.
    pub scope: Scope,
    /// How the accounts stand.
    pub accounts: &'a [Health],
    /// Whether daily mails are sent.
    pub mailed: bool,
    /// Templates that can't be used, and why.
    pub broken_templates: Vec<(String, String)>,
}

/// Gathers the day. `finish` gives a follow-up's subject and text, or why there is none.
///
/// # Errors
/// If the database can't be read.
pub fn gather(
    store: &Store,
    sources: &Sources<'_>,
    finish: impl Fn(&DueRow) -> (String, Result<String, String>),
    now: Timestamp,
) -> anyhow::Result<Daily> {
    let conn = store.read();
    let local = now.to_zoned(sources.scope.zone.clone());
    let midnight = local.start_of_day().map_or(now, |start| start.timestamp());
    let told_until = agenda::last_daily(conn, midnight)?;
    let is_new = |at: Timestamp| told_until.is_none_or(|told| at >= told);
    let answers = match sources.mailed {
        true => agenda::answers(conn, before(now, NEWS), midnight)?,
        false => agenda::answers(conn, before(midnight, UNTOLD), Timestamp::UNIX_EPOCH)?,
    };
    let waiting = review::waiting(conn)?;
    let refused = mail_commands::untold(conn)?;
    let mut daily = Daily {
        day: local.date(),
        made_at: now,
        zone: sources.scope.zone.clone(),
        warnings: warnings(store, sources, told_until.unwrap_or_else(|| before(midnight, UNTOLD)), &local)?,
        due: agenda::due(conn, now)?.iter().map(|row| due(row, &local, finish(row))).collect(),
        held: Vec::new(),
        told: answers.iter().map(|answer| answer.mail.id).collect(),
        suggestions: suggestions(&waiting.next_steps, &answers),
        answers: answers.into_iter().map(|row| answer(row, &waiting.next_steps)).collect(),
        told_refused: refused.iter().map(|one| one.message).collect(),
        answering: None,
        proposals: Vec::new(),
        possible_answers: Vec::new(),
        report: gather::gather_by(store, &sources.scope, &[By::Template], now).context("gathering the report")?,
        with_report: daily::is_report_day(local.date()),
    };
    let (strays, refused): (Vec<Refused>, Vec<Refused>) = refused.into_iter().partition(|one| one.stray);
    let told = refused.iter().map(|one| words::refused(one, &local)).chain(words::strays(&strays, &local));
    daily.warnings.extend(told.map(|text| Warning { kind: Trouble::Command, text }));
    daily.warnings.sort_by_key(|warning| warning.kind);
    for row in &waiting.held {
        let inquiry = row.inquiry.map(|id| cases::mail(conn, id)).transpose()?.flatten();
        daily.held.push(held(row, inquiry.as_ref(), is_new(row.decided_at)));
    }
    for proposal in waiting.proposals {
        let proposed = agenda::proposed_at(conn, proposal.message)?;
        daily.proposals.push(Proposed {
            item: Item::Proposal(proposal.message).to_string(),
            sent: on(proposal.mail.at, &local),
            subject: proposal.mail.gist.subject,
            to: proposal.mail.gist.to,
            because: proposal.because,
            fresh: proposed.is_none_or(is_new),
        });
    }
    for possible in waiting.answers {
        daily.possible_answers.push(Possible {
            item: Item::Answer { outreach: possible.outreach, message: possible.mail.id }.to_string(),
            from: possible.mail.gist.from,
            subject: possible.mail.gist.subject,
            outreach: possible.subject,
            because: possible.because,
            fresh: is_new(possible.at),
        });
    }
    Ok(daily)
}

fn before(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.checked_sub(span).unwrap_or(Timestamp::MIN)
}

/// The user's day of a moment.
fn on(at: Timestamp, local: &Zoned) -> Date {
    at.to_zoned(local.time_zone().clone()).date()
}

fn due(row: &DueRow, local: &Zoned, (subject, text): (String, Result<String, String>)) -> Due {
    let (text, problem) = match text {
        Ok(text) => (Some(text), None),
        Err(problem) => (None, Some(problem)),
    };
    Due {
        item: Item::FollowUp(row.outreach).to_string(),
        follow_up: row.follow_up,
        outreach: row.outreach,
        to: row.to.clone(),
        subject,
        text,
        problem,
        since: on(row.since, local),
        first_touch: on(row.first_touch_at, local),
        action: row.action.clone(),
        state: row.state.clone(),
        because: row.because.clone(),
    }
}

fn held(row: &OutboxRow, inquiry: Option<&StoredMail>, fresh: bool) -> Held {
    let gist = inquiry.map(|mail| &mail.gist);
    Held {
        item: Item::Mail(row.id).to_string(),
        to: row.recipient.clone(),
        subject: row.subject.clone(),
        text: row.text.clone(),
        because: row.because.clone(),
        score: gist.map(|gist| gist.recruiter.score),
        signals: gist.map(|gist| gist.recruiter.signals.clone()).unwrap_or_default(),
        begins: gist.map(|gist| beginning(&gist.text)).unwrap_or_default(),
        fresh,
    }
}

fn answer(row: AnswerRow, suggested: &[OpenStep]) -> Answer {
    let step = suggested.iter().find(|step| step.mail.id == row.mail.id);
    let gist = row.mail.gist;
    let tone = gist.tone.unwrap_or(Tone::Unclear);
    Answer {
        outreach: row.outreach,
        from: gist.from,
        subject: row.subject,
        item: step.map(|step| Item::Next(step.id).to_string()),
        next: step.map_or_else(|| words::next_step(&tone, row.dealt_with), |step| step.step.ask()),
        tone,
        begins: beginning(&gist.text),
        at: row.mail.at,
        likely: row.level == "likely",
    }
}

/// What older answers suggest; that of an answer which is told now stands with it.
fn suggestions(open: &[OpenStep], told: &[AnswerRow]) -> Vec<Suggested> {
    let older = open.iter().filter(|step| told.iter().all(|answer| answer.mail.id != step.mail.id));
    older
        .map(|step| Suggested {
            item: Item::Next(step.id).to_string(),
            from: step.mail.gist.from.clone(),
            subject: step.subject.clone(),
            next: step.step.ask(),
        })
        .collect()
}

/// The first words of a mail, without the greeting.
fn beginning(text: &str) -> String {
    const LENGTH: usize = 160;
    let is_greeting = |line: &str| line.len() < 40 && line.ends_with([',', '!']);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let said: String = lines.skip_while(|line| is_greeting(line)).collect::<Vec<_>>().join(" ");
    let whole = if said.is_empty() { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { said };
    if whole.chars().count() <= LENGTH {
        return whole;
    }
    let cut: String = whole.chars().take(LENGTH).collect();
    format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head))
}

/// What is wrong now, and what went wrong since `since`.
fn warnings(store: &Store, sources: &Sources<'_>, since: Timestamp, local: &Zoned) -> Result<Vec<Warning>, StoreError> {
    let conn = store.read();
    let mut found = Vec::new();
    let mut warn = |kind, text: String| found.push(Warning { kind, text });
    for account in sources.accounts {
        if account.stale {
            warn(Trouble::Stale, words::stale(account, local));
        }
        if let Some(until) = account.limited_until {
            warn(Trouble::Limit, words::limited(&account.name, until, local));
        }
    }
    match (health::paused_because(conn)?, cases::paused(conn, local.timestamp())?) {
        (Some(because), Some(_)) => warn(Trouble::Breaker, words::breaker(&because)),
        (None, Some(until)) => warn(Trouble::Paused, words::paused(until, local)),
        (_, None) => {}
    }
    for row in review::waiting(conn)?.unknown {
        warn(Trouble::UnknownFate, words::unknown_fate(&row));
    }
    let lately = |row: &OutboxRow| row.errand != Errand::Digest && row.settled_at.is_some_and(|at| at > since);
    for row in outbox::in_state(conn, "failed")?.iter().filter(|row| lately(row)) {
        warn(Trouble::Failed, words::failed(row));
    }
    for row in outbox::called_back(conn, since)? {
        warn(Trouble::CalledBack, words::called_back(&row));
    }
    for row in outbox::ended_unreleased(conn, since)? {
        warn(Trouble::Ended, words::ended(&row));
    }
    for missing in agenda::given_up(conn, since)? {
        warn(Trouble::Missing, words::given_up(&missing));
    }
    for (name, why) in &sources.broken_templates {
        warn(Trouble::Template, words::broken_template(name, why));
    }
    for (account, at, was) in agenda::read_again(conn, since)? {
        let still = sources.accounts.iter().any(|known| known.name == account && known.stale);
        if !still {
            warn(Trouble::ReadAgain, words::read_again(&account, at, was, local));
        }
    }
    found.sort_by_key(|warning| warning.kind);
    Ok(found)
}
