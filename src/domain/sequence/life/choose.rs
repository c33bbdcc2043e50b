//! Which step of a sequence is next. Three kinds of steps: nudges follow our own mail while nobody
//! answers; what follows an event takes their place once that has happened; keeping in touch comes again
//! whenever it was quiet for long.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Bar, Case, State};
use crate::domain::duration::Span;
use crate::domain::sequence::calendar::Calendar;
use crate::domain::sequence::{Event, MAX_NUDGES, Only, Step, When};

/// A step that the user says was made explains a mail of theirs this near to it.
const NEAR: SignedDuration = SignedDuration::from_hours(48);

/// The next step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice<'a> {
    /// Its number, from 1.
    pub number: u32,
    /// The step.
    pub step: &'a Step,
}

/// The next step, if one follows.
pub(super) fn choose<'a>(case: &Case<'a>, calendar: &Calendar, now: Timestamp) -> Option<Choice<'a>> {
    let made = made(case);
    if let Some(stopped) = case.follow_ups.iter().find(|one| one.reason == Some(Bar::ByYou)) {
        // a word against one is a word against all that would follow it
        return case.sequence.step(stopped.step).map(|step| Choice { number: stopped.step, step });
    }
    if case.sequence.repeats() {
        let number = made.keys().max().map_or(1, |last| last.saturating_add(1));
        return case.sequence.step(number).map(|step| Choice { number, step });
    }
    let after_events = events(case, &made);
    let ripe = |choice: &Choice<'_>| day_of(case, choice.step, calendar).is_some_and(|day| day <= now);
    // what nobody did while it was time gives way to what comes after it
    let chosen = after_events.iter().rfind(|choice| ripe(choice)).or_else(|| after_events.first());
    if chosen.is_some() || has_happened(case) {
        return chosen.copied();
    }
    let nudges = numbered(case).filter(|choice| choice.step.when.is_nudge());
    let given = nudges.clone().filter(|choice| made.contains_key(&choice.number)).count();
    if given >= MAX_NUDGES as usize {
        return None;
    }
    nudges.into_iter().find(|choice| !made.contains_key(&choice.number) && holds(&choice.step.only, case))
}

/// When a step is due by itself, before absences and the user's word move it.
pub(super) fn day_of(case: &Case<'_>, step: &Step, calendar: &Calendar) -> Option<Timestamp> {
    let said = case.follow_ups.iter().filter(|one| one.state == State::Done).filter_map(|one| one.settled_at);
    let last = || case.touches.iter().copied().chain(said).max();
    match step.when {
        When::Touch(span) => calendar.due_at(last()?, span),
        When::On(day) => calendar.due_at(calendar.day_begins(day), Span::Days(0)),
        When::Event(event, span) => calendar.due_at(latest(case, event)?, span),
        When::Quiet(span) => calendar.due_at(last().max(heard(case))?, span),
    }
}

/// Why a step comes on its day, in words.
pub fn wait(step: &Step) -> String {
    step.when.to_string()
}

/// Steps that were made, and when: touches after the first mail in their order, and what the user says
/// was done elsewhere.
pub fn made(case: &Case<'_>) -> BTreeMap<u32, Timestamp> {
    let mut left: Vec<Timestamp> = case.touches.iter().skip(1).copied().filter(|at| !is_event(case, *at)).collect();
    let mut made = BTreeMap::new();
    for one in case.follow_ups.iter().filter(|one| one.state == State::Done || one.mail.as_deref() == Some("sent")) {
        let at = one.settled_at.unwrap_or(Timestamp::MIN);
        let near = |touch: &Timestamp| touch.duration_since(at).abs();
        let nearest = left.iter().enumerate().min_by_key(|(_, touch)| near(touch));
        let explained = nearest.filter(|(_, touch)| near(touch) <= NEAR).map(|(index, _)| index);
        let touch = explained.map(|index| left.remove(index));
        made.insert(one.step, if one.state == State::Done { at } else { touch.unwrap_or(at) });
    }
    for touch in left {
        if case.sequence.repeats() {
            let number = made.keys().max().map_or(1, |last| last.saturating_add(1));
            made.insert(number, touch);
            continue;
        }
        let steps = numbered(case).filter(|choice| !made.contains_key(&choice.number));
        let by_event = steps.clone().find(|choice| is_first_after_event(case, choice, touch));
        let past = case.signs.happened.iter().any(|one| one.at < touch && case.sequence.follows(one.event));
        let nudge = steps.into_iter().find(|choice| choice.step.when.is_nudge()).filter(|_| !past);
        if let Some(choice) = by_event.or(nudge) {
            made.insert(choice.number, touch);
        }
    }
    made
}

/// Mails of ours, the first one apart, since somebody of the outreach was last heard of.
pub(super) fn unanswered(case: &Case<'_>) -> u32 {
    let since = heard(case);
    let mails = case.touches.iter().skip(1).filter(|at| since.is_none_or(|since| **at > since));
    u32::try_from(mails.count()).unwrap_or(u32::MAX)
}

fn numbered<'a>(case: &Case<'a>) -> impl Iterator<Item = Choice<'a>> + Clone {
    case.sequence.steps.iter().zip(1u32..).map(|(step, number)| Choice { number, step })
}

/// Steps whose event has come or is known to come, and that are still to be made.
fn events<'a>(case: &Case<'a>, made: &BTreeMap<u32, Timestamp>) -> Vec<Choice<'a>> {
    let event_of = |choice: &Choice<'_>| match choice.step.when {
        When::Event(event, _) => Some(event),
        _ => None,
    };
    let is_open = |choice: &Choice<'a>| {
        let Some(event) = event_of(choice).filter(|event| latest(case, *event).is_some()) else { return false };
        let mut same = numbered(case).filter(|other| event_of(other) == Some(event));
        let passed = same.any(|other| other.number >= choice.number && made.contains_key(&other.number));
        !passed && holds(&choice.step.only, case)
    };
    numbered(case).filter(is_open).collect()
}

/// A mail of ours after an event is what its first step would have said.
fn is_first_after_event(case: &Case<'_>, choice: &Choice<'_>, touch: Timestamp) -> bool {
    let When::Event(event, _) = choice.step.when else { return false };
    let first = numbered(case).find(|other| matches!(other.step.when, When::Event(of, _) if of == event));
    first.is_some_and(|first| first.number == choice.number) && latest(case, event).is_some_and(|at| at < touch)
}

fn has_happened(case: &Case<'_>) -> bool {
    case.signs.happened.iter().any(|one| case.sequence.follows(one.event))
}

fn latest(case: &Case<'_>, event: Event) -> Option<Timestamp> {
    case.signs.happened.iter().filter(|one| one.event == event).map(|one| one.at).max()
}

fn heard(case: &Case<'_>) -> Option<Timestamp> {
    let met = case.signs.happened.iter().filter(|one| one.event == Event::Meeting).map(|one| one.at);
    met.chain(case.signs.heard_at).max()
}

/// The touch was no mail: it is the meeting itself.
fn is_event(case: &Case<'_>, touch: Timestamp) -> bool {
    case.signs.happened.iter().any(|one| one.event == Event::Meeting && one.at == touch)
}

fn holds(only: &Only, case: &Case<'_>) -> bool {
    let signs = case.signs;
    let stage = only.stages.is_empty() || only.stages.contains(&signs.stage);
    let tone = only.tones.is_empty() || signs.tone.as_ref().is_some_and(|tone| only.tones.contains(tone));
    let tag = only.tags.is_empty() || only.tags.iter().any(|tag| signs.tags.contains(tag));
    stage && tone && tag
}
