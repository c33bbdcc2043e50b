//! Every edge of the rate, each with the whole of what is then said.

use rstest::rstest;

use super::*;

/// What a rate says, in one line: `k of n`, expected in percent, verdict, median.
fn said(pursuits: &[Pursuit]) -> String {
    let rate = of(pursuits);
    let observed = rate.observed.map_or("none".to_owned(), |seen| format!("{} of {}", seen.answered, seen.of));
    let expected = rate.expected.map_or("none".to_owned(), |e| format!("{:.1} %", e.rate * 100.0));
    let median = rate.median_days_to_answer.map_or("none".to_owned(), |days| format!("{days:.1} d"));
    format!("{} sent, observed {observed}, expected {expected}, {:?}, median {median}", rate.sent, rate.verdict)
}

const DELIVERED: Fate = Fate::Delivered;
const WINDOW: i64 = 21 * DAY;
const OLD: Option<i64> = Some(60 * DAY);

fn many(one: Pursuit, n: usize) -> Vec<Pursuit> {
    vec![one; n]
}

#[rstest]
#[case::none(vec![], "0 sent, observed none, expected none, TooEarly, median none")]
#[case::one_silent(share(0, 1), "1 sent, observed 0 of 1, expected none, TooEarly, median none")]
#[case::one_answered(share(1, 1), "1 sent, observed 1 of 1, expected 100.0 %, TooEarly, median 2.0 d")]
#[case::all_answered(share(12, 12), "12 sent, observed 12 of 12, expected 100.0 %, Above, median 2.0 d")]
#[case::all_bounced(
    many(pursuit(0, None, Fate::Bounced, OLD), 12),
    "12 sent, observed none, expected none, TooEarly, median none"
)]
#[case::all_refused(
    many(pursuit(0, None, Fate::Refused, OLD), 3),
    "3 sent, observed none, expected none, TooEarly, median none"
)]
#[case::an_answer_at_the_end_of_the_window(
    vec![pursuit(0, Some(WINDOW), DELIVERED, Some(WINDOW)), settled(None)],
    "2 sent, observed 1 of 2, expected 50.0 %, TooEarly, median 21.0 d"
)]
#[case::an_answer_a_second_after_it(
    vec![pursuit(0, Some(WINDOW + 1), DELIVERED, OLD), settled(None)],
    "2 sent, observed 0 of 2, expected none, TooEarly, median 21.0 d"
)]
#[case::late_answers_beside_one_in_time(
    vec![settled(Some(2)), settled(Some(30)), settled(Some(50)), settled(None)],
    "4 sent, observed 1 of 4, expected 25.0 %, TooEarly, median 30.0 d"
)]
#[case::answers_at_one_moment(
    vec![settled(Some(3)), settled(Some(3)), settled(Some(3)), settled(None)],
    "4 sent, observed 3 of 4, expected 75.0 %, TooEarly, median 3.0 d"
)]
// The one that was watched for three days was unanswered at the answer of the third day: at risk, 1 of 3.
#[case::an_answer_at_the_moment_another_is_lost_sight_of(
    vec![settled(Some(3)), pursuit(57 * DAY, None, DELIVERED, OLD), settled(None)],
    "3 sent, observed 1 of 2, expected 33.3 %, TooEarly, median 3.0 d"
)]
#[case::followed_for_less_than_the_window(
    vec![pursuit(0, Some(DAY), DELIVERED, Some(20 * DAY)), pursuit(0, None, DELIVERED, Some(WINDOW - 1))],
    "2 sent, observed none, expected none, TooEarly, median 1.0 d"
)]
#[case::followed_for_just_the_window(
    vec![pursuit(0, Some(DAY), DELIVERED, Some(WINDOW)), pursuit(0, None, DELIVERED, Some(WINDOW))],
    "2 sent, observed 1 of 2, expected 50.0 %, TooEarly, median 1.0 d"
)]
#[case::the_answer_is_dated_before_the_question(
    vec![settled(Some(-3)), settled(None)],
    "2 sent, observed 1 of 2, expected 50.0 %, TooEarly, median 0.0 d"
)]
#[case::sent_after_the_last_read(
    vec![settled(Some(2)), settled(None), pursuit(61 * DAY, None, DELIVERED, OLD)],
    "3 sent, observed 1 of 2, expected 50.0 %, TooEarly, median 2.0 d"
)]
#[case::an_account_never_read(
    vec![settled(Some(2)), settled(None), pursuit(0, None, DELIVERED, None)],
    "3 sent, observed 1 of 2, expected 50.0 %, TooEarly, median 2.0 d"
)]
// Six were sent when the stale mailbox was last read five days later: their silence is no answer "no".
#[case::a_stale_mailbox(
    [share(3, 10), many(pursuit(0, None, DELIVERED, Some(5 * DAY)), 6)].concat(),
    "16 sent, observed 3 of 10, expected 18.8 %, TooEarly, median 2.0 d"
)]
fn every_edge_has_its_figures(#[case] pursuits: Vec<Pursuit>, #[case] expected: &str) {
    assert_eq!(said(&pursuits), expected);
}

#[test]
fn nothing_observed_is_compared_without_a_figure_that_misleads() {
    let nothing = compare(None, None, Assignment::Observational);
    assert_close(nothing.a_is_higher, 0.5, "nothing is known of either");
    assert!(nothing.too_early);
    let one = compare(Some(&seen(9, 10)), None, Assignment::Observational);
    assert!(one.too_early && one.a_is_higher > 0.5, "{one:?}");
    let other = compare(None, Some(&seen(9, 10)), Assignment::Observational);
    assert_close(one.a_is_higher + other.a_is_higher, 1.0, "either way round");
}

#[test]
fn a_hundred_thousand_outreach_have_the_rate_of_their_shares() {
    let rate = of(&share(25_000, 100_000));
    assert_eq!(rate.observed.unwrap().of, 100_000);
    assert_close(rate.observed.unwrap().rate, 0.25, "observed");
    assert_close(rate.expected.unwrap().rate, 0.25, "expected");
}
