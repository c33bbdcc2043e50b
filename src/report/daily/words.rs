//! How the day is said, the same in text and in HTML: sections of entries.

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

use super::{Answer, Daily, Due, Held, Possible, Proposed, Suggested};
use crate::domain::act::{Item, Kind};
use crate::domain::gist::Tone;
use crate::domain::ident::NamedAddress;
use crate::report::words as figures;
use crate::store::agenda::GivenUp;
use crate::store::health::Health;
use crate::store::mail_commands::Refused;
use crate::store::outbox::{CALLED_BACK, OutboxRow};

/// Items of one kind that are shown; the rest is in `review`.
const MOST_ITEMS: usize = 8;

/// One part of the day.
pub(super) struct Section {
    pub title: String,
    /// Its entries say what is wrong.
    pub alarm: bool,
    pub entries: Vec<Entry>,
    /// What to do with all of them, in lines.
    pub foot: Vec<String>,
}

/// One item. What is empty is left out.
#[derive(Default)]
pub(super) struct Entry {
    /// Its name or number.
    pub mark: String,
    pub head: String,
    /// Address of whom the head names.
    pub address: String,
    pub subject: String,
    /// Beside the point, in lines.
    pub notes: Vec<String>,
    /// What somebody wrote.
    pub quote: String,
    /// What to do.
    pub step: String,
    /// What is missing.
    pub problem: String,
    /// A finished text, to be sent as it is.
    pub text: String,
    /// What it is, if it can be decided.
    pub item: Option<(Item, Kind)>,
    /// Its number in a mail; 0: none.
    pub number: u32,
}

/// `Tue 10 March: 2 due, 1 answer, 3 to decide`.
pub(super) fn subject(daily: &Daily) -> String {
    let counted = |n: usize, one: &str, many: &str| (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { many }));
    let wrong = daily.warnings.iter().filter(|warning| warning.kind.is_bad()).count();
    let parts: Vec<String> = [
        counted(wrong, "warning", "warnings"),
        counted(daily.due.len(), "follow-up due", "follow-ups due"),
        counted(daily.answers.len(), "new answer", "new answers"),
        counted(daily.waiting(), "to decide", "to decide"),
        daily.with_report.then(|| "the week".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let day = daily.day.strftime("%a %-d %B");
    if parts.is_empty() { format!("{day}: your day") } else { format!("{day}: {}", parts.join(", ")) }
}

/// Everything but the figures, in the order in which it matters; empty sections are left out.
pub(super) fn sections(daily: &Daily) -> Vec<Section> {
    let section = |title: &str, entries: Vec<Entry>, foot: Vec<String>| Section {
        title: title.to_owned(),
        alarm: false,
        entries,
        foot,
    };
    let warnings = daily.warnings.iter().map(|warning| Entry { head: warning.text.clone(), ..Entry::default() });
    let mut found = vec![
        Section { alarm: true, ..section("Needs attention", warnings.collect(), Vec::new()) },
        section(
            "Due today",
            daily.due.iter().map(|due| due_entry(due, daily)).collect(),
            match (daily.due.as_slice(), &daily.answering) {
                ([first, ..], None) => {
                    vec![format!("checkback review send {} (or done, snooze, edit, draft, stop)", first.item)]
                }
                _ => Vec::new(),
            },
        ),
        section(
            "New answers",
            daily.answers.iter().map(|answer| answer_entry(answer, daily)).collect(),
            match (daily.answers.iter().find_map(|answer| answer.item.as_ref()), &daily.answering) {
                (Some(item), None) => vec![format!("checkback review yes {item} (or no, never)")],
                _ => Vec::new(),
            },
        ),
    ];
    let waiting = [
        ("Held for your word: send it?", "send", newest(&daily.held, |held| held.fresh, held_entry)),
        ("Shall it be done?", "yes", newest(&daily.suggestions, |_| false, suggested_entry)),
        ("Is this an answer?", "yes", newest(&daily.possible_answers, |one| one.fresh, possible_entry)),
        ("Is this outreach?", "yes", newest(&daily.proposals, |one| one.fresh, proposal_entry)),
    ];
    let by_mail = daily.answering.is_some();
    found.extend(waiting.into_iter().map(|(title, yes, (entries, more))| {
        let item = if let ([one], 0) = (entries.as_slice(), more) { one.mark.clone() } else { "ITEM…".to_owned() };
        let rest = (more > 0).then(|| format!("And {more} more: checkback review"));
        let foot = [
            rest,
            (!by_mail).then(|| format!("Yes: checkback review {yes} {item}")),
            (!by_mail).then(|| format!("No: checkback review no {item}")),
        ];
        section(title, entries, foot.into_iter().flatten().collect())
    }));
    let mut found: Vec<Section> = found.into_iter().filter(|section| !section.entries.is_empty()).collect();
    if by_mail {
        let entries = found.iter_mut().flat_map(|section| &mut section.entries).filter(|entry| entry.item.is_some());
        for (entry, number) in entries.zip(1..) {
            entry.number = number;
            entry.mark = format!("{number}.");
        }
    }
    found
}

/// What is new first, then the latest of the rest; and how many are left out.
fn newest<T>(items: &[T], is_fresh: impl Fn(&T) -> bool, entry: impl Fn(&T) -> Entry) -> (Vec<Entry>, usize) {
    let mut sorted: Vec<&T> = items.iter().rev().collect();
    sorted.sort_by_key(|item| !is_fresh(item));
    (sorted.into_iter().take(MOST_ITEMS).map(entry).collect(), items.len().saturating_sub(MOST_ITEMS))
}

/// `4 of 9 asked this week`, and the rate in one sentence.
pub(super) fn standing(daily: &Daily) -> [String; 2] {
    let report = &daily.report;
    let asked = match report.per_week_target {
        0 => format!("{} asked this week", report.asked_this_week),
        target => format!("{} of {target} asked this week", report.asked_this_week),
    };
    let rate = match &report.rate.observed {
        Some(_) => format!("{} {}", figures::headline(&report.rate), figures::basis(&report.rate)),
        None => format!("No rate yet: {}", figures::basis(&report.rate)),
    };
    [asked, rate + "."]
}

/// The week's report in sentences.
pub(super) fn weekly(daily: &Daily) -> Vec<String> {
    let report = &daily.report;
    let expected = report.rate.expected.as_ref();
    let last = report.weeks.iter().rev().nth(1).map(|week| week.sent);
    [
        last.map(|asked| match report.per_week_target {
            0 => format!("{asked} asked last week"),
            target => format!("{asked} of {target} asked last week"),
        }),
        Some(report.standing()),
        Some(figures::counts(&report.rate)),
        expected.map(|expected| {
            format!("expected {} when the young outreach has had its time too", figures::estimate(expected))
        }),
        figures::undecided(report),
        figures::median(&report.rate),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What an answer asks of the user, in one line.
pub(super) fn next_step(tone: &Tone, dealt_with: bool) -> String {
    if dealt_with {
        return "You have written back.".to_owned();
    }
    match tone {
        Tone::Yes => "Agree on a time, today if you can.".to_owned(),
        Tone::NotNow { until: Some(day) } => format!("Thank them, and write again on {}.", date(*day)),
        Tone::NotNow { until: None } => "Thank them, and write again in a few weeks.".to_owned(),
        Tone::TryOther { address: Some(address) } => format!("Thank them, and write to {address}."),
        Tone::TryOther { address: None } => "Thank them, and write to the person they name.".to_owned(),
        Tone::No { for_good: true } => {
            "They asked not to be written to again: nothing goes to them by machine.".to_owned()
        }
        Tone::No { for_good: false } => "Thank them and let it rest.".to_owned(),
        Tone::LeftCompany => "Find out where they are now, or ask a colleague of theirs.".to_owned(),
        Tone::Question => "Answer the question.".to_owned(),
        Tone::Unclear => "Read it and write back.".to_owned(),
    }
}

pub(super) fn stale(account: &Health, local: &Zoned) -> String {
    let since = match (account.last_read_at, account.since) {
        (Some(read), _) => format!("has not been read since {}", moment(read, local)),
        (None, Some(tried)) => format!("could never be read, tried since {}", moment(tried, local)),
        (None, None) => "was never read".to_owned(),
    };
    let why = account.error.as_ref().map(|why| format!(": {}", why.trim_end_matches('.'))).unwrap_or_default();
    format!("Mailbox “{}” {since}{why}. Nothing automatic leaves until it is read again.", account.name)
}

pub(super) fn limited(account: &str, until: Timestamp, local: &Zoned) -> String {
    let until = moment(until, local);
    format!("The provider of “{account}” takes no more mail for now: nothing leaves there until {until}.")
}

pub(super) fn breaker(because: &str) -> String {
    format!("Everything automatic is paused: {because}. Look at them with checkback status, then: checkback resume")
}

pub(super) fn paused(until: Option<Timestamp>, local: &Zoned) -> String {
    match until {
        Some(until) => format!("Everything automatic is paused until {}.", moment(until, local)),
        None => "Everything automatic is paused until you say: checkback resume".to_owned(),
    }
}

pub(super) fn unknown_fate(row: &OutboxRow) -> String {
    format!(
        "It is not known whether the mail to {} left (“{}”). Look into Sent, then: checkback review",
        row.recipient.label(),
        row.subject
    )
}

pub(super) fn failed(row: &OutboxRow) -> String {
    format!(
        "The mail to {} did not leave (“{}”): {}.",
        row.recipient.label(),
        row.subject,
        row.because.trim_end_matches('.')
    )
}

pub(super) fn refused(refused: &Refused, local: &Zoned) -> String {
    let why = refused.why.join("; ");
    let why = why.trim_end_matches('.');
    format!(
        "Your answer of {} to a daily mail was not carried out, or not all of it: {why}.",
        moment(refused.at, local)
    )
}

/// One line, however many there are: nobody but the user makes the daily mail longer.
pub(super) fn strays(strays: &[Refused], local: &Zoned) -> Option<String> {
    let last = moment(strays.iter().map(|one| one.at).max()?, local);
    let mails = match strays.len() {
        1 => format!("A mail with the token of a daily mail came on {last}"),
        n => format!("{n} mails with the token of a daily mail came, the last on {last}"),
    };
    Some(format!(
        "{mails}, and not out of your Sent folder: nothing of it was carried out. Whoever wrote it has seen a daily mail."
    ))
}

pub(super) fn called_back(row: &OutboxRow) -> String {
    let why = row.because.strip_prefix(CALLED_BACK).unwrap_or(&row.because);
    format!(
        "Your follow-up to {} (“{}”) did not leave, though you had said so: {}.",
        row.recipient.label(),
        row.subject,
        why.trim_end_matches('.')
    )
}

pub(super) fn ended(row: &OutboxRow) -> String {
    format!(
        "The held answer to {} (“{}”) has ended: the mail is over 14 days old, and nobody released it.",
        row.recipient.label(),
        row.subject
    )
}

pub(super) fn given_up(missing: &GivenUp) -> String {
    let mails = if missing.mails == 1 { "1 mail" } else { &format!("{} mails", missing.mails) };
    format!(
        "The server does not hand out {mails} in {} of “{}”, however often it is asked: look there yourself.",
        missing.folder, missing.account
    )
}

pub(super) fn broken_template(name: &str, why: &str) -> String {
    format!("The template {name} can't be used: {}.", why.trim_end_matches('.'))
}

pub(super) fn read_again(account: &str, at: Timestamp, was: Option<Timestamp>, local: &Zoned) -> String {
    let gap = was.map(|was| format!("; it was not from {} on", moment(was, local))).unwrap_or_default();
    format!("Mailbox “{account}” is read again since {}{gap}.", moment(at, local))
}

/// `Tue 10 Mar, 21:05`; with the year if it is not that of `local`.
fn moment(at: Timestamp, local: &Zoned) -> String {
    let at = at.to_zoned(local.time_zone().clone());
    at.strftime(if at.year() == local.year() { "%a %-d %b, %H:%M" } else { "%a %-d %b %Y, %H:%M" }).to_string()
}

/// `Tuesday, 10 March 2026`.
pub(super) fn day(day: Date) -> String {
    day.strftime("%A, %-d %B %Y").to_string()
}

fn date(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// An entry about a person: the name and, where there is one, the address beside it.
fn about(person: Option<&NamedAddress>) -> Entry {
    let Some(person) = person else { return Entry { head: "somebody".to_owned(), ..Entry::default() } };
    let address = person.name.as_ref().map(|_| person.address.to_string()).unwrap_or_default();
    Entry { head: person.label().to_owned(), address, ..Entry::default() }
}

fn due_entry(due: &Due, daily: &Daily) -> Entry {
    let since = match (daily.day - due.since).get_days() {
        days if days <= 0 => "due today".to_owned(),
        1 => "due since yesterday".to_owned(),
        _ => format!("due since {}", due.since.strftime("%a %-d %b")),
    };
    let state = match due.state.as_str() {
        "held" => "; late, so it is not sent by itself",
        "written" => "; it lies in your Drafts",
        _ => "",
    };
    Entry {
        mark: due.item.clone(),
        item: Some((Item::FollowUp(due.outreach), Kind::FollowUp)),
        subject: due.subject.clone(),
        notes: vec![format!("first mail {}, {since}{state}", due.first_touch.strftime("%a %-d %b"))],
        problem: due.problem.as_ref().map(|why| format!("There is no text yet: {why}.")).unwrap_or_default(),
        text: due.text.clone().unwrap_or_default(),
        ..about(Some(&due.to))
    }
}

fn answer_entry(answer: &Answer, daily: &Daily) -> Entry {
    let from = answer.from.as_ref().map_or("somebody", NamedAddress::label);
    let likely = if answer.likely { "; likely, not sure: checkback why shows it" } else { "" };
    Entry {
        mark: answer.item.clone().unwrap_or_default(),
        item: answer.item.as_deref().and_then(Item::parse).map(|item| (item, Kind::NextStep)),
        head: format!("{from}: {}", tone(&answer.tone)),
        subject: answer.subject.clone(),
        notes: vec![format!("{}{likely}", moment(answer.at, &daily.made_at.to_zoned(daily.zone.clone())))],
        quote: answer.begins.clone(),
        step: answer.next.clone(),
        ..Entry::default()
    }
}

fn held_entry(held: &Held) -> Entry {
    let score = held.score.map(|score| format!("score {score:.2}: {}", held.signals.join(", ")));
    Entry {
        mark: held.item.clone(),
        item: Item::parse(&held.item)
            .map(|item| (item, if held.score.is_some() { Kind::HeldAnswer } else { Kind::HeldMail })),
        subject: held.subject.clone(),
        notes: std::iter::once(held.because.clone()).chain(score).collect(),
        quote: held.begins.clone(),
        text: held.text.clone(),
        ..about(Some(&held.to))
    }
}

fn suggested_entry(suggested: &Suggested) -> Entry {
    Entry {
        mark: suggested.item.clone(),
        item: Item::parse(&suggested.item).map(|item| (item, Kind::NextStep)),
        subject: suggested.subject.clone(),
        step: suggested.next.clone(),
        ..about(suggested.from.as_ref())
    }
}

fn possible_entry(possible: &Possible) -> Entry {
    Entry {
        mark: possible.item.clone(),
        item: Item::parse(&possible.item).map(|item| (item, Kind::Answer)),
        subject: possible.subject.clone(),
        notes: vec![format!("to “{}”: {}", possible.outreach, possible.because)],
        ..about(possible.from.as_ref())
    }
}

fn proposal_entry(proposed: &Proposed) -> Entry {
    let first = about(proposed.to.first());
    let others = match proposed.to.len() {
        0 | 1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    Entry {
        mark: proposed.item.clone(),
        item: Item::parse(&proposed.item).map(|item| (item, Kind::Proposal)),
        head: format!("{}{others}", first.head),
        subject: proposed.subject.clone(),
        notes: vec![format!("sent {}; {}", proposed.sent.strftime("%a %-d %b"), proposed.because)],
        ..first
    }
}

fn tone(tone: &Tone) -> &'static str {
    match tone {
        Tone::Yes => "yes",
        Tone::NotNow { .. } => "not now",
        Tone::TryOther { .. } => "try somebody else",
        Tone::No { .. } => "no",
        Tone::LeftCompany => "has left the company",
        Tone::Question => "a question",
        Tone::Unclear => "an answer",
    }
}
