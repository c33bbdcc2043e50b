//! The life of a follow-up: what the log of an outreach says → what becomes of its next step. Reckoned
//! anew from what is stored whenever something may have changed, so that the order of events does not
//! matter and the same log gives the same plan.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::calendar::Calendar;
use super::{Action, Event, Sequence, Step, When};
use crate::domain::decide::GateVerdict;
use crate::domain::duration::Span;

pub use choose::{made, wait};
pub use state::{Bar, State};

use choose::{Choice, choose};

mod choose;
mod state;

/// What is later than this is held for a person.
pub const TOO_LATE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long an absence without an end moves a step.
const AWAY: Span = Span::Days(7);
/// Working days between the return from an absence and the step.
const AFTER_RETURN: u32 = 2;

/// A follow-up as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Number of its step, from 1.
    pub step: u32,
    /// Where it stands.
    pub state: State,
    /// Why, if there is a reason.
    pub reason: Option<Bar>,
    /// When it was made.
    pub settled_at: Option<Timestamp>,
    /// Not before, by the user's word.
    pub snoozed_until: Option<Timestamp>,
    /// State of its mail in the outbox, if there is one; `asked`: the user sends it by hand.
    pub mail: Option<String>,
}

/// What happened that bears on the follow-ups of an outreach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs {
    /// A response to it, or since it began to another outreach to one of its people.
    pub response: bool,
    /// Nobody of it could be reached.
    pub bounced: bool,
    /// A machine says that the person left.
    pub left: bool,
    /// On a never list, by own wish or the user's.
    pub never: bool,
    /// Its stage is closed.
    pub closed: bool,
    /// Mail from one of its people that the user has not looked at yet.
    pub mail: bool,
    /// Mail that may be an answer, not decided.
    pub candidate: bool,
    /// Absences that were told since it began.
    pub absences: Vec<Absence>,
    /// The user said to go on, then.
    pub heeded_at: Option<Timestamp>,
    /// When one of its people was last heard of: mail that a person wrote, a call, a meeting.
    pub heard_at: Option<Timestamp>,
    /// What happened beside mail.
    pub happened: Vec<Happened>,
    /// Its stage, by name.
    pub stage: String,
    /// The tone of the latest response, by name.
    pub tone: Option<String>,
    /// The words that it is sorted by.
    pub tags: Vec<String>,
}

/// Something that steps can follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// What.
    pub event: Event,
    /// When it was, or will be.
    pub at: Timestamp,
    /// Who else it was about: whom somebody introduced.
    pub who: String,
}

/// Somebody is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// When that was told.
    pub told_at: Timestamp,
    /// The first day back, if it is told.
    pub until: Option<Date>,
}

/// Everything that decides about the next step of an outreach.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The sequence it is enrolled in.
    pub sequence: &'a Sequence,
    /// When its touches were sent, ascending; the first is the first mail.
    pub touches: &'a [Timestamp],
    /// Sent from here, or released by the user: the machine may do more than remind.
    pub may_act: bool,
    /// How many of its people can be reached.
    pub people: usize,
    /// What happened.
    pub signs: &'a Signs,
    /// Its follow-ups so far.
    pub follow_ups: &'a [FollowUp],
}

/// What becomes of the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next<'a> {
    /// Number of the step, from 1.
    pub number: u32,
    /// The step.
    pub step: &'a Step,
    /// What happens when its day has come; never more than the user allows.
    pub action: Action,
    /// When it is due, as far as that can be said.
    pub due_at: Option<Timestamp>,
    /// What is to be done with it.
    pub turn: Turn,
}

/// What is to be done with a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing: it stays as it is.
    Stay,
    /// It waits until it is due.
    Plan,
    /// Its time has come.
    Act,
    /// It waits for a person.
    Hold(Bar),
    /// It waits for a person to look at mail that came.
    Pause(Bar),
    /// It will never be.
    Stop(Bar),
}

/// What becomes of the next step of an outreach; `None`: nothing follows any more.
pub fn next<'a>(case: &Case<'a>, calendar: &Calendar, now: Timestamp) -> Option<Next<'a>> {
    let choice = choose(case, calendar, now)?;
    let known = case.follow_ups.iter().find(|one| one.step == choice.number);
    let action = if case.may_act && case.people == 1 { choice.step.action } else { Action::Remind };
    let due_at = due_at(case, &choice, known, calendar);
    let turn = match (standing_for(case, &choice), known) {
        (_, Some(known)) if known.reason == Some(Bar::ByYou) => Turn::Stay,
        (Some(turn), _) => turn,
        (None, known) => match due_at {
            None => Turn::Hold(Bar::NoDay),
            Some(due_at) => turn(known, action, ripe(known, action, due_at, calendar), due_at, now),
        },
    };
    Some(Next { number: choice.number, step: choice.step, action, due_at, turn })
}

/// A written follow-up that is about to leave, with what the gate's read has shown.
#[derive(Debug, Clone, Copy)]
pub struct GateCase<'a> {
    /// Everything that decides about its outreach.
    pub case: Case<'a>,
    /// Number of its step.
    pub step: u32,
    /// A person said to send it: what only lets it wait (its day, the window, the limits, a pause) does not
    /// hold then.
    pub by_word: bool,
    /// Everything automatic is paused.
    pub paused: bool,
    /// A new mail on the server can't be read yet: it may be the answer.
    pub unread: bool,
    /// When other follow-ups left or leave today.
    pub leaving: &'a [Timestamp],
    /// When the person got other mail today.
    pub written_to: &'a [Timestamp],
    /// When others of the person's organisation got a follow-up today.
    pub colleagues: &'a [Timestamp],
}

/// Judges a follow-up once more (product §3.5): what has passed for good calls it back, what passes by
/// itself lets it wait.
pub fn gate(gate: &GateCase<'_>, calendar: &Calendar, now: Timestamp) -> GateVerdict<Bar> {
    let case = &gate.case;
    let cancel = |bar| GateVerdict::Cancel(vec![bar]);
    let known = case.follow_ups.iter().find(|one| one.step == gate.step);
    let choice = choose(case, calendar, now).filter(|choice| choice.number == gate.step);
    let Some(choice) = choice else {
        let overtaken = case.signs.response || case.signs.happened.iter().any(|one| one.at <= now);
        return cancel(if overtaken { Bar::Response } else { Bar::Made });
    };
    match known.map(|known| (known.state, known.reason)) {
        Some((State::Written, _)) => {}
        // planned anew since it was said
        Some((State::Planned | State::Due | State::Held, _)) if gate.by_word => {}
        Some((_, Some(bar))) => return cancel(bar),
        _ => return cancel(Bar::NotYet),
    }
    if let Some(Turn::Stop(bar) | Turn::Pause(bar)) = standing_for(case, &choice) {
        return cancel(bar);
    }
    if gate.by_word {
        return if gate.unread { GateVerdict::Wait(vec![Bar::Unread]) } else { GateVerdict::Go };
    }
    match due_at(case, &choice, known, calendar) {
        None => return cancel(Bar::NoDay),
        Some(due_at) if now < due_at => return cancel(Bar::NotYet),
        Some(due_at) if now.duration_since(due_at) > TOO_LATE => return cancel(Bar::TooLate),
        Some(_) => {}
    }
    let today = |at: &&Timestamp| calendar.day(**at) == calendar.day(now);
    let near = |at: &Timestamp| now.duration_since(*at).abs() < calendar.spacing;
    let of_today = u32::try_from(gate.leaving.iter().filter(today).count()).unwrap_or(u32::MAX);
    let waits = [
        (gate.paused, Bar::Paused),
        (gate.unread, Bar::Unread),
        (!calendar.is_open(now), Bar::Window),
        (of_today >= calendar.daily_limit, Bar::DailyLimit),
        (gate.written_to.iter().any(|at| today(&at)), Bar::SameDay),
        (gate.colleagues.iter().any(|at| today(&at)), Bar::SameOrganisation),
        (gate.leaving.iter().any(near), Bar::Spacing),
    ];
    let waits: Vec<Bar> = waits.into_iter().filter(|(holds, _)| *holds).map(|(_, bar)| bar).collect();
    if waits.is_empty() { GateVerdict::Go } else { GateVerdict::Wait(waits) }
}

/// What stands against any nudge, whatever its day: a stop goes before a pause.
pub fn standing(signs: &Signs) -> Option<Turn> {
    let stop = Some(Turn::Stop(Bar::Response)).filter(|_| signs.response);
    stop.or_else(|| against_any(signs)).or_else(|| pauses(signs))
}

/// What stands against a step. Who answered is nudged no more; what follows an event or keeps in touch
/// goes on, and mail that came since makes it wait or moves it.
fn standing_for(case: &Case<'_>, choice: &Choice<'_>) -> Option<Turn> {
    let signs = case.signs;
    match choice.step.when {
        When::Touch(_) | When::On(_) => standing(signs),
        When::Event(..) => against_any(signs).or_else(|| pauses(signs)),
        When::Quiet(_) => {
            let candidate = Some(Turn::Pause(Bar::Candidate)).filter(|_| signs.candidate);
            let ignored = choose::unanswered(case) >= super::MAX_NUDGES;
            against_any(signs).or(Some(Turn::Stop(Bar::Unanswered)).filter(|_| ignored)).or(candidate)
        }
    }
}

fn against_any(signs: &Signs) -> Option<Turn> {
    let stops = [
        (signs.left, Bar::LeftCompany),
        (signs.bounced, Bar::Bounced),
        (signs.never, Bar::NeverList),
        (signs.closed, Bar::Closed),
    ];
    stops.iter().find(|(holds, _)| *holds).map(|(_, bar)| Turn::Stop(*bar))
}

fn pauses(signs: &Signs) -> Option<Turn> {
    let pauses = [(signs.candidate, Bar::Candidate), (signs.mail, Bar::Mail)];
    pauses.iter().find(|(holds, _)| *holds).map(|(_, bar)| Turn::Pause(*bar))
}

/// Whether an outreach from before the account's first start is followed up at all: only if its next
/// nudge is still to come, so that the first start brings up nothing old.
pub fn is_worth_enrolling(case: &Case<'_>, before_start: bool, calendar: &Calendar, now: Timestamp) -> bool {
    !before_start || next(case, calendar, now).is_some_and(|next| next.due_at.is_some_and(|due_at| due_at > now))
}

fn turn(known: Option<&FollowUp>, action: Action, ripe_at: Timestamp, due_at: Timestamp, now: Timestamp) -> Turn {
    let mail = known.and_then(|known| known.mail.as_deref());
    match known.map(|known| known.state) {
        Some(State::Done) => Turn::Stay,
        Some(State::Written) if mail == Some("failed") => Turn::Hold(Bar::Refused),
        // on its way or in Drafts; only what was called back is planned anew
        Some(State::Written) if !matches!(mail, None | Some("cancelled" | "queued")) => Turn::Stay,
        _ if now < ripe_at => Turn::Plan,
        Some(State::Held) => Turn::Stay,
        // the user may let the machine go on with what it reminded of
        Some(State::Due) if action == Action::Remind => Turn::Stay,
        Some(State::Written) if mail == Some("queued") => Turn::Stay,
        _ if now.duration_since(due_at) > TOO_LATE => Turn::Hold(Bar::TooLate),
        _ => Turn::Act,
    }
}

/// A reminder is told at the beginning of its day, so that the morning's mail has it.
pub fn ripe_at(action: Action, due_at: Timestamp, calendar: &Calendar) -> Timestamp {
    match action {
        Action::Remind => calendar.day_begins(calendar.day(due_at)),
        Action::Draft | Action::Send => due_at,
    }
}

fn ripe(known: Option<&FollowUp>, action: Action, due_at: Timestamp, calendar: &Calendar) -> Timestamp {
    let snoozed = known.and_then(|known| known.snoozed_until);
    snoozed.into_iter().fold(ripe_at(action, due_at, calendar), Timestamp::max)
}

fn due_at(case: &Case<'_>, choice: &Choice<'_>, known: Option<&FollowUp>, calendar: &Calendar) -> Option<Timestamp> {
    let mut due = choose::day_of(case, choice.step, calendar)?;
    for absence in &case.signs.absences {
        due = due.max(back_from(absence, calendar)?);
    }
    for not_before in case.signs.heeded_at.into_iter().chain(known.and_then(|known| known.snoozed_until)) {
        due = due.max(calendar.next_open(not_before)?);
    }
    Some(due)
}

/// Two working days after the return, or a week after it was told.
fn back_from(absence: &Absence, calendar: &Calendar) -> Option<Timestamp> {
    match absence.until {
        Some(back) => calendar.due_at(calendar.day_begins(back), Span::BusinessDays(AFTER_RETURN)),
        None => calendar.due_at(absence.told_at, AWAY),
    }
}

#[cfg(test)]
mod tests;
