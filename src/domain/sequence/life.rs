//! The life of a follow-up: what the log of an outreach says → what becomes of its next step. Reckoned
//! anew from what is stored whenever something may have changed, so that the order of events does not
//! matter and the same log gives the same plan.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::calendar::Calendar;
use super::{Action, MAX_NUDGES, Sequence, Step};
use crate::domain::decide::GateVerdict;
use crate::domain::duration::Span;

/// What is later than this is held for a person.
pub const TOO_LATE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long an absence without an end moves a step.
const AWAY: Span = Span::Days(7);
/// Working days between the return from an absence and the step.
const AFTER_RETURN: u32 = 2;

/// Why a follow-up is stopped, paused, held, or waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bar {
    /// A person answered, here or to another outreach to the same person.
    Response,
    /// It could not be delivered.
    Bounced,
    /// The person is no longer there.
    LeftCompany,
    /// The person asked not to be written to, or is on the never list.
    NeverList,
    /// The pursuit is over.
    Closed,
    /// The user said so.
    ByYou,
    /// Mail came from the person that nothing else explains.
    Mail,
    /// Mail came that may be an answer.
    Candidate,
    /// The touch was made in another way.
    Made,
    /// Everything automatic is paused.
    Paused,
    /// A mail on the server can't be read yet.
    Unread,
    /// The person is away, or the plan has moved.
    NotYet,
    /// Outside the window or on a day off.
    Window,
    /// Enough for today.
    DailyLimit,
    /// The person got a mail today.
    SameDay,
    /// Too soon after the mail before.
    Spacing,
    /// Over seven days late.
    TooLate,
    /// The text has a gap.
    Gap,
    /// The sending server refused it.
    Refused,
    /// No day is left on which it may leave.
    NoDay,
}

impl Bar {
    const ALL: [Self; 20] = [
        Self::Response,
        Self::Bounced,
        Self::LeftCompany,
        Self::NeverList,
        Self::Closed,
        Self::ByYou,
        Self::Mail,
        Self::Candidate,
        Self::Made,
        Self::Paused,
        Self::Unread,
        Self::NotYet,
        Self::Window,
        Self::DailyLimit,
        Self::SameDay,
        Self::Spacing,
        Self::TooLate,
        Self::Gap,
        Self::Refused,
        Self::NoDay,
    ];

    /// The name in `--json` and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Bounced => "bounced",
            Self::LeftCompany => "left_company",
            Self::NeverList => "never_list",
            Self::Closed => "closed",
            Self::ByYou => "by_you",
            Self::Mail => "mail",
            Self::Candidate => "candidate",
            Self::Made => "made",
            Self::Paused => "paused",
            Self::Unread => "unread",
            Self::NotYet => "not_yet",
            Self::Window => "window",
            Self::DailyLimit => "daily_limit",
            Self::SameDay => "same_day",
            Self::Spacing => "spacing",
            Self::TooLate => "too_late",
            Self::Gap => "gap",
            Self::Refused => "refused",
            Self::NoDay => "no_day",
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bar| bar.as_str() == name)
    }

    /// In one sentence, for a person.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Response => "the person answered",
            Self::Bounced => "the mail could not be delivered",
            Self::LeftCompany => "the person is no longer there",
            Self::NeverList => "the person is on the never list",
            Self::Closed => "the outreach is closed",
            Self::ByYou => "stopped by you",
            Self::Mail => "mail came from this person",
            Self::Candidate => "mail came that may be an answer",
            Self::Made => "you wrote yourself",
            Self::Paused => "everything automatic is paused",
            Self::Unread => "a new mail on the server cannot be read yet",
            Self::NotYet => "its day has not come",
            Self::Window => "outside the send window",
            Self::DailyLimit => "today's limit of follow-ups is reached",
            Self::SameDay => "the person got a mail from you today",
            Self::Spacing => "too soon after the follow-up before",
            Self::TooLate => "over seven days late",
            Self::Gap => "its text has a gap",
            Self::Refused => "the mail server refused it",
            Self::NoDay => "no day is left on which it may leave",
        }
    }
}

/// Where a follow-up stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Its day has not come.
    Planned,
    /// The user is reminded of it.
    Due,
    /// It lies in the outbox.
    Written,
    /// Mail came that may change it.
    Paused,
    /// A person decides.
    Held,
    /// The touch was made.
    Done,
    /// It will never be.
    Stopped,
}

impl State {
    const ALL: [Self; 7] =
        [Self::Planned, Self::Due, Self::Written, Self::Paused, Self::Held, Self::Done, Self::Stopped];

    /// The name in `--json` and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Due => "due",
            Self::Written => "written",
            Self::Paused => "paused",
            Self::Held => "held",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

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
    let number = made(case) + 1;
    let step = case.sequence.step(number)?;
    let known = case.follow_ups.iter().find(|one| one.step == number);
    let action = if case.may_act && case.people == 1 { step.action } else { Action::Remind };
    let due_at = due_at(case, step, known, calendar);
    let turn = match (standing(case.signs), known) {
        (_, Some(known)) if known.reason == Some(Bar::ByYou) => Turn::Stay,
        (Some(Turn::Stop(bar)), _) => Turn::Stop(bar),
        (Some(turn), _) => turn,
        (None, known) => match due_at {
            None => Turn::Hold(Bar::NoDay),
            Some(due_at) => turn(known, action, ripe(known, action, due_at, calendar), due_at, now),
        },
    };
    Some(Next { number, step, action, due_at, turn })
}

/// A written follow-up that is about to leave, with what the gate's read has shown.
#[derive(Debug, Clone, Copy)]
pub struct GateCase<'a> {
    /// Everything that decides about its outreach.
    pub case: Case<'a>,
    /// Number of its step.
    pub step: u32,
    /// Everything automatic is paused.
    pub paused: bool,
    /// A new mail on the server can't be read yet: it may be the answer.
    pub unread: bool,
    /// When other follow-ups left or leave today.
    pub leaving: &'a [Timestamp],
    /// When the person got other mail today.
    pub written_to: &'a [Timestamp],
}

/// Judges a follow-up once more (product §3.5): what has passed for good calls it back, what passes by
/// itself lets it wait.
pub fn gate(gate: &GateCase<'_>, calendar: &Calendar, now: Timestamp) -> GateVerdict<Bar> {
    let case = &gate.case;
    let cancel = |bar| GateVerdict::Cancel(vec![bar]);
    let (number, known) = (made(case) + 1, case.follow_ups.iter().find(|one| one.step == gate.step));
    let Some(step) = case.sequence.step(gate.step).filter(|_| number == gate.step) else { return cancel(Bar::Made) };
    match known.map(|known| (known.state, known.reason)) {
        Some((State::Written, _)) => {}
        Some((_, Some(bar))) => return cancel(bar),
        _ => return cancel(Bar::NotYet),
    }
    if let Some(Turn::Stop(bar) | Turn::Pause(bar)) = standing(case.signs) {
        return cancel(bar);
    }
    match due_at(case, step, known, calendar) {
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
        (gate.leaving.iter().any(near), Bar::Spacing),
    ];
    let waits: Vec<Bar> = waits.into_iter().filter(|(holds, _)| *holds).map(|(_, bar)| bar).collect();
    if waits.is_empty() { GateVerdict::Go } else { GateVerdict::Wait(waits) }
}

/// Steps that were made: touches after the first mail, or what the user says was done elsewhere.
pub fn made(case: &Case<'_>) -> u32 {
    let touches = u32::try_from(case.touches.len().saturating_sub(1)).unwrap_or(MAX_NUDGES);
    let said = case.follow_ups.iter().filter(|one| one.state == State::Done).map(|one| one.step).max();
    touches.max(said.unwrap_or(0))
}

/// What stands against any follow-up, whatever its day: a stop goes before a pause.
pub fn standing(signs: &Signs) -> Option<Turn> {
    let stops = [
        (signs.response, Bar::Response),
        (signs.left, Bar::LeftCompany),
        (signs.bounced, Bar::Bounced),
        (signs.never, Bar::NeverList),
        (signs.closed, Bar::Closed),
    ];
    let pauses = [(signs.candidate, Bar::Candidate), (signs.mail, Bar::Mail)];
    let first = |list: &[(bool, Bar)]| list.iter().find(|(holds, _)| *holds).map(|(_, bar)| *bar);
    first(&stops).map(Turn::Stop).or_else(|| first(&pauses).map(Turn::Pause))
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

fn due_at(case: &Case<'_>, step: &Step, known: Option<&FollowUp>, calendar: &Calendar) -> Option<Timestamp> {
    let said = case.follow_ups.iter().filter(|one| one.state == State::Done).filter_map(|one| one.settled_at);
    let last = case.touches.iter().copied().chain(said).max()?;
    let mut due = calendar.due_at(last, step.after)?;
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
