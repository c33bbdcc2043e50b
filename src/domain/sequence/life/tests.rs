use std::collections::BTreeSet;

use jiff::civil::{date, time};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::domain::sequence::Only;

fn calendar() -> Calendar {
    Calendar {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        window: (time(9, 0, 0, 0), time(17, 0, 0, 0)),
        reader: None,
        days_off: BTreeSet::new(),
        spacing: SignedDuration::from_mins(3),
        daily_limit: 25,
    }
}

fn sequence(action: Action) -> Sequence {
    let step = |days| Step {
        when: When::Touch(Span::BusinessDays(days)),
        only: Only::default(),
        template: format!("nudge-{days}"),
        action,
    };
    Sequence { name: "cold".into(), about: String::new(), asks: true, steps: vec![step(5), step(8), step(3)] }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const FIRST: &str = "2026-03-10T10:00:00Z";

fn follow_up(step: u32, state: State) -> FollowUp {
    FollowUp { step, state, reason: None, settled_at: None, snoozed_until: None, mail: None }
}

/// What becomes of the next step of an outreach sent on Tuesday 10 March.
fn turn_of(action: Action, signs: &Signs, known: &[FollowUp], now: &str) -> (u32, Action, Option<Timestamp>, Turn) {
    let sequence = sequence(action);
    let touches = [at(FIRST)];
    let case = Case { sequence: &sequence, touches: &touches, may_act: true, people: 1, signs, follow_ups: known };
    let next = next(&case, &calendar(), at(now)).unwrap();
    (next.number, next.action, next.due_at, next.turn)
}

#[rstest]
#[case::by_its_own(Signs::default(), None, "5 business days after the mail before it")]
#[case::heeded(
    Signs { heeded_at: Some(at("2026-04-01T12:00:00Z")), ..Signs::default() },
    None,
    "5 business days after the mail before it, but not before you said so"
)]
#[case::heeded_before_it_was_due(
    Signs { heeded_at: Some(at("2026-03-12T12:00:00Z")), ..Signs::default() },
    None,
    "5 business days after the mail before it"
)]
#[case::snoozed(
    Signs::default(),
    Some("2026-03-20T00:00:00Z"),
    "5 business days after the mail before it, but not before you said so"
)]
#[case::away(
    Signs {
        absences: vec![Absence { told_at: at("2026-03-11T08:00:00Z"), until: Some(date(2026, 3, 30)) }],
        ..Signs::default()
    },
    None,
    "5 business days after the mail before it, put off while they are away"
)]
fn why_a_step_comes_on_its_day_says_what_moved_it(
    #[case] signs: Signs,
    #[case] snoozed: Option<&str>,
    #[case] expected: &str,
) {
    let sequence = sequence(Action::Send);
    let touches = [at(FIRST)];
    let known = [FollowUp { snoozed_until: snoozed.map(at), ..follow_up(1, State::Planned) }];
    let case =
        Case { sequence: &sequence, touches: &touches, may_act: true, people: 1, signs: &signs, follow_ups: &known };
    assert_eq!(next(&case, &calendar(), at("2026-03-12T12:00:00Z")).unwrap().because(), expected);
}

#[rstest]
#[case::the_day_before(Action::Send, "2026-03-16T22:59:00Z", Turn::Plan)]
#[case::a_reminder_comes_with_its_day(Action::Remind, "2026-03-16T23:00:00Z", Turn::Act)]
#[case::a_mail_waits_for_the_window(Action::Send, "2026-03-17T07:59:59Z", Turn::Plan)]
#[case::a_mail_in_the_window(Action::Send, "2026-03-17T08:00:00Z", Turn::Act)]
#[case::a_week_late(Action::Send, "2026-03-24T08:00:00Z", Turn::Act)]
#[case::later_still(Action::Send, "2026-03-24T08:00:01Z", Turn::Hold(Bar::TooLate))]
fn a_step_waits_for_its_day_and_is_held_when_it_is_too_late(
    #[case] action: Action,
    #[case] now: &str,
    #[case] turn: Turn,
) {
    let (number, _, due_at, found) = turn_of(action, &Signs::default(), &[], now);
    assert_eq!((number, due_at), (1, Some(at("2026-03-17T08:00:00Z"))));
    assert_eq!(found, turn);
}

#[rstest]
#[case::response(|signs: &mut Signs| signs.response = true, Turn::Stop(Bar::Response))]
#[case::bounce(|signs: &mut Signs| signs.bounced = true, Turn::Stop(Bar::Bounced))]
#[case::left(|signs: &mut Signs| { signs.left = true; signs.bounced = true }, Turn::Stop(Bar::LeftCompany))]
#[case::never(|signs: &mut Signs| signs.never = true, Turn::Stop(Bar::NeverList))]
#[case::closed(|signs: &mut Signs| signs.closed = true, Turn::Stop(Bar::Closed))]
#[case::mail(|signs: &mut Signs| signs.mail = true, Turn::Pause(Bar::Mail))]
#[case::candidate(|signs: &mut Signs| { signs.mail = true; signs.candidate = true }, Turn::Pause(Bar::Candidate))]
#[case::a_stop_goes_before_a_pause(|signs: &mut Signs| { signs.mail = true; signs.closed = true }, Turn::Stop(Bar::Closed))]
fn what_happened_stops_or_pauses_it(#[case] happen: fn(&mut Signs), #[case] turn: Turn) {
    let mut signs = Signs::default();
    happen(&mut signs);
    for state in [State::Planned, State::Due, State::Held, State::Paused, State::Written] {
        assert_eq!(turn_of(Action::Send, &signs, &[follow_up(1, state)], "2026-03-17T09:00:00Z").3, turn, "{state:?}");
    }
}

#[rstest]
#[case::back_on_a_monday(Some(date(2026, 3, 23)), "2026-03-25T08:00:00Z")]
#[case::back_before_the_step(Some(date(2026, 3, 11)), "2026-03-17T08:00:00Z")]
#[case::without_a_date(None, "2026-03-19T08:00:00Z")]
fn an_absence_moves_it_behind_the_return(#[case] until: Option<Date>, #[case] due: &str) {
    let absence = Absence { told_at: at("2026-03-12T12:00:00Z"), until };
    let signs = Signs { absences: vec![absence], ..Signs::default() };
    let (_, _, due_at, turn) = turn_of(Action::Send, &signs, &[], "2026-03-13T09:00:00Z");
    assert_eq!((due_at, turn), (Some(at(due)), Turn::Plan));
}

#[test]
fn a_reminder_that_was_told_comes_back_only_when_its_day_moved() {
    let told = [follow_up(1, State::Due)];
    assert_eq!(turn_of(Action::Remind, &Signs::default(), &told, "2026-04-30T09:00:00Z").3, Turn::Stay);
    let snoozed = [FollowUp { snoozed_until: Some(at("2026-05-04T07:00:00Z")), ..follow_up(1, State::Due) }];
    assert_eq!(turn_of(Action::Remind, &Signs::default(), &snoozed, "2026-04-30T09:00:00Z").3, Turn::Plan);
}

#[test]
fn what_the_user_stopped_stays_stopped() {
    let stopped = [FollowUp { reason: Some(Bar::ByYou), ..follow_up(1, State::Stopped) }];
    let signs = Signs { mail: true, ..Signs::default() };
    assert_eq!(turn_of(Action::Send, &signs, &stopped, "2026-03-17T09:00:00Z").3, Turn::Stay);
}

#[test]
fn going_on_after_a_pause_counts_from_the_users_word_and_is_not_too_late() {
    let paused = [follow_up(1, State::Paused)];
    let signs = Signs { heeded_at: Some(at("2026-05-05T10:00:00Z")), ..Signs::default() };
    assert_eq!(turn_of(Action::Send, &signs, &paused, "2026-05-05T10:00:00Z").3, Turn::Act);
}

#[rstest]
#[case::in_drafts("drafted", Turn::Stay)]
#[case::of_unknown_fate("unknown", Turn::Stay)]
#[case::on_its_way("sending", Turn::Stay)]
#[case::called_back("cancelled", Turn::Act)]
#[case::refused("failed", Turn::Hold(Bar::Refused))]
fn a_written_mail_is_never_written_twice(#[case] mail: &str, #[case] turn: Turn) {
    let written = [FollowUp { mail: Some(mail.into()), ..follow_up(1, State::Written) }];
    assert_eq!(turn_of(Action::Send, &Signs::default(), &written, "2026-03-17T09:00:00Z").3, turn);
}

#[rstest]
#[case::not_sent_from_here(false, 1)]
#[case::to_several_people(true, 2)]
fn the_machine_only_reminds(#[case] may_act: bool, #[case] people: usize) {
    let (sequence, touches, signs) = (sequence(Action::Send), [at(FIRST)], Signs::default());
    let case = Case { sequence: &sequence, touches: &touches, may_act, people, signs: &signs, follow_ups: &[] };
    assert_eq!(next(&case, &calendar(), at(FIRST)).unwrap().action, Action::Remind);
}

#[test]
fn a_touch_by_hand_takes_the_place_of_a_nudge_and_there_are_never_more_than_two() {
    let (sequence, signs) = (sequence(Action::Send), Signs::default());
    let touches = [at(FIRST), at("2026-03-12T10:00:00Z"), at("2026-03-20T10:00:00Z")];
    let follow_ups = [follow_up(1, State::Planned)];
    let of = |count: usize| {
        let case = Case {
            sequence: &sequence,
            touches: &touches[..count],
            may_act: true,
            people: 1,
            signs: &signs,
            follow_ups: &follow_ups,
        };
        next(&case, &calendar(), at("2026-03-20T11:00:00Z")).map(|next| (next.number, next.due_at))
    };
    assert_eq!(of(1), Some((1, Some(at("2026-03-17T08:00:00Z")))));
    assert_eq!(of(2), Some((2, Some(at("2026-03-24T08:00:00Z")))), "from the touch by hand");
    assert_eq!(of(3), None, "the file has a third step");
}

#[test]
fn what_the_user_did_elsewhere_counts_as_the_touch() {
    let (sequence, signs, touches) = (sequence(Action::Send), Signs::default(), [at(FIRST)]);
    let done = FollowUp { settled_at: Some(at("2026-03-18T10:00:00Z")), ..follow_up(1, State::Done) };
    let follow_ups = [done];
    let case = Case {
        sequence: &sequence,
        touches: &touches,
        may_act: true,
        people: 1,
        signs: &signs,
        follow_ups: &follow_ups,
    };
    let next = next(&case, &calendar(), at("2026-03-18T11:00:00Z")).unwrap();
    assert_eq!((next.number, next.due_at), (2, Some(at("2026-03-30T07:00:00Z"))));
}

#[rstest]
#[case::since_the_start(false, "2026-06-01T10:00:00Z", true)]
#[case::old_and_still_to_come(true, "2026-03-16T10:00:00Z", true)]
#[case::old_and_due(true, "2026-03-17T10:00:00Z", false)]
fn the_first_start_brings_up_nothing_old(#[case] before_start: bool, #[case] now: &str, #[case] worth: bool) {
    let (sequence, touches, signs) = (sequence(Action::Send), [at(FIRST)], Signs::default());
    let case =
        Case { sequence: &sequence, touches: &touches, may_act: true, people: 1, signs: &signs, follow_ups: &[] };
    assert_eq!(is_worth_enrolling(&case, before_start, &calendar(), at(now)), worth);
}

#[test]
fn every_name_is_read_back() {
    assert!(Bar::ALL.iter().all(|bar| Bar::parse(bar.as_str()) == Some(*bar)));
    assert!(State::ALL.iter().all(|state| State::parse(state.as_str()) == Some(*state)));
}

fn meeting(text: &str) -> Happened {
    Happened { event: Event::Meeting, at: at(text), who: String::new() }
}

fn coffee() -> Sequence {
    let step = |when| Step { when, template: "x".into(), action: Action::Remind, only: Only::default() };
    let steps = vec![
        step(When::Touch(Span::BusinessDays(5))),
        step(When::Event(Event::Meeting, Span::BusinessDays(1))),
        step(When::Event(Event::Meeting, Span::Days(21))),
    ];
    Sequence { name: "coffee".into(), about: String::new(), asks: true, steps }
}

fn number_of(
    sequence: &Sequence,
    touches: &[Timestamp],
    signs: &Signs,
    known: &[FollowUp],
    now: &str,
) -> Option<(u32, Turn)> {
    let case = Case { sequence, touches, may_act: true, people: 1, signs, follow_ups: known };
    next(&case, &calendar(), at(now)).map(|next| (next.number, next.turn))
}

#[test]
fn a_meeting_puts_its_steps_in_the_place_of_the_nudges() {
    let sequence = coffee();
    let touches = [at(FIRST), at("2026-03-12T14:00:00Z")];
    let signs = Signs { response: true, happened: vec![meeting("2026-03-12T14:00:00Z")], ..Signs::default() };
    let of = |known: &[FollowUp], now: &str| number_of(&sequence, &touches, &signs, known, now);
    assert_eq!(of(&[], "2026-03-12T15:00:00Z"), Some((2, Turn::Plan)), "the meeting itself is no thank-you");
    assert_eq!(of(&[], "2026-03-13T09:00:00Z"), Some((2, Turn::Act)));
    let thanked = [FollowUp { settled_at: Some(at("2026-03-13T09:00:00Z")), ..follow_up(2, State::Done) }];
    assert_eq!(of(&thanked, "2026-03-14T09:00:00Z"), Some((3, Turn::Plan)));
    assert_eq!(of(&[], "2026-04-02T09:00:00Z"), Some((3, Turn::Act)), "thanks that nobody sent are past");
}

#[test]
fn a_mail_by_hand_after_the_meeting_is_the_thank_you_and_never_the_question() {
    let sequence = coffee();
    let signs = Signs { response: true, happened: vec![meeting("2026-03-12T14:00:00Z")], ..Signs::default() };
    let touches = [at(FIRST), at("2026-03-12T20:00:00Z"), at("2026-03-14T10:00:00Z")];
    assert_eq!(number_of(&sequence, &touches, &signs, &[], "2026-03-15T10:00:00Z"), Some((3, Turn::Plan)));
}

#[test]
fn mail_after_the_meeting_pauses_and_a_stop_stops() {
    let sequence = coffee();
    let mut signs = Signs { happened: vec![meeting("2026-03-12T14:00:00Z")], mail: true, ..Signs::default() };
    let of = |signs: &Signs| number_of(&sequence, &[at(FIRST)], signs, &[], "2026-03-13T09:00:00Z");
    assert_eq!(of(&signs), Some((2, Turn::Pause(Bar::Mail))));
    signs.never = true;
    assert_eq!(of(&signs), Some((2, Turn::Stop(Bar::NeverList))));
}

#[test]
fn a_step_whose_condition_does_not_hold_is_passed_over() {
    let mut sequence = coffee();
    sequence.steps[1].only.tones = vec!["yes".into()];
    sequence.steps[2].only.tags = vec!["hiring".into()];
    let mut signs = Signs { happened: vec![meeting("2026-03-12T14:00:00Z")], ..Signs::default() };
    let of = |signs: &Signs| number_of(&sequence, &[at(FIRST)], signs, &[], "2026-03-12T15:00:00Z");
    assert_eq!(of(&signs), None);
    signs.tags = vec!["hiring".into()];
    assert_eq!(of(&signs), Some((3, Turn::Plan)));
    signs.tone = Some("yes".into());
    assert_eq!(of(&signs), Some((2, Turn::Plan)));
}

fn in_touch() -> Sequence {
    let step =
        Step { when: When::Quiet(Span::Months(4)), template: "x".into(), action: Action::Send, only: Only::default() };
    Sequence { name: "touch".into(), about: String::new(), asks: false, steps: vec![step] }
}

#[test]
fn keeping_in_touch_counts_from_the_last_contact_and_ends_after_two_without_an_answer() {
    let (sequence, mut signs) = (in_touch(), Signs::default());
    let due = |touches: &[Timestamp], signs: &Signs| {
        let case = Case { sequence: &sequence, touches, may_act: true, people: 1, signs, follow_ups: &[] };
        next(&case, &calendar(), at("2026-03-11T10:00:00Z")).map(|next| (next.number, next.due_at.unwrap(), next.turn))
    };
    assert_eq!(due(&[at(FIRST)], &signs), Some((1, at("2026-07-10T07:00:00Z"), Turn::Plan)));
    signs.heard_at = Some(at("2026-05-05T12:00:00Z"));
    assert_eq!(due(&[at(FIRST)], &signs), Some((1, at("2026-09-07T07:00:00Z"), Turn::Plan)), "skipped for contact");
    signs.response = true;
    assert!(matches!(due(&[at(FIRST)], &signs), Some((1, _, Turn::Plan))), "an answer does not end it");
    let twice = [at(FIRST), at("2026-05-06T12:00:00Z"), at("2026-09-07T12:00:00Z")];
    assert!(matches!(due(&twice, &signs), Some((3, _, Turn::Stop(Bar::Unanswered)))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn whatever_the_log_says_a_step_acts_only_on_its_day_and_nobody_is_nudged_three_times(
        kind in 0usize..3,
        touches in proptest::collection::vec(0i64..3_000, 0..5),
        met in proptest::option::of(0i64..3_000),
        heard in proptest::option::of(0i64..3_000),
        response: bool, mail: bool, never: bool, hours in 0i64..6_000, done in 0u32..4,
    ) {
        let sequence = vec![sequence(Action::Send), coffee(), in_touch()].swap_remove(kind);
        let after = |hours: i64| at(FIRST).checked_add(SignedDuration::from_hours(hours)).unwrap();
        let mut sent: Vec<Timestamp> = touches.into_iter().map(after).collect();
        sent.push(at(FIRST));
        sent.sort_unstable();
        let now = after(hours);
        let happened = met.map(|hours| Happened { event: Event::Meeting, at: after(hours), who: String::new() });
        let heard_at = heard.map(after);
        let signs =
            Signs { response, mail, never, heard_at, happened: happened.into_iter().collect(), ..Signs::default() };
        let known: Vec<FollowUp> = (1..=done)
            .map(|step| FollowUp { settled_at: Some(after(i64::from(step) * 200)), ..follow_up(step, State::Done) })
            .collect();
        let case =
            Case { sequence: &sequence, touches: &sent, may_act: true, people: 1, signs: &signs, follow_ups: &known };
        let Some(found) = next(&case, &calendar(), now) else { return Ok(()) };
        prop_assert!(!known.iter().any(|one| one.step == found.number), "made once");
        prop_assert_eq!(next(&case, &calendar(), now), Some(found));
        if found.turn == Turn::Act {
            let due_at = found.due_at.unwrap();
            prop_assert!(!never && now.duration_since(due_at) <= TOO_LATE);
            prop_assert!(now >= due_at || found.action == Action::Remind);
            match found.step.when {
                When::Touch(_) | When::On(_) => prop_assert!(!response && !mail && sent.len() <= 2),
                When::Event(..) => prop_assert!(!mail && due_at >= signs.happened[0].at),
                When::Quiet(_) => prop_assert!(due_at > *sent.last().unwrap() && heard_at.is_none_or(|at| due_at > at)),
            }
        }
    }

    #[test]
    fn nothing_acts_after_an_answer_or_before_its_day_or_past_the_second_nudge(
        response: bool, mail: bool, never: bool, touches in 1usize..5, hours in 0i64..2_000, state in 0usize..7,
    ) {
        let sequence = sequence(Action::Send);
        let sent: Vec<Timestamp> =
            (0..touches).map(|n| at(FIRST).checked_add(SignedDuration::from_hours(n as i64 * 50)).unwrap()).collect();
        let signs = Signs { response, mail, never, ..Signs::default() };
        let follow_ups = [follow_up(1, State::ALL[state])];
        let now = at(FIRST).checked_add(SignedDuration::from_hours(hours)).unwrap();
        let case =
            Case { sequence: &sequence, touches: &sent, may_act: true, people: 1, signs: &signs, follow_ups: &follow_ups };
        let Some(found) = next(&case, &calendar(), now) else { return Ok(()) };
        prop_assert!(found.number <= crate::domain::sequence::MAX_NUDGES);
        if found.turn == Turn::Act {
            prop_assert!(!response && !mail && !never);
            prop_assert!(now >= found.due_at.unwrap());
            prop_assert!(now.duration_since(found.due_at.unwrap()) <= TOO_LATE);
        }
    }
}
