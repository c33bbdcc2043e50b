use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

mod edges;

const DAY: i64 = 86_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn pursuit(touch: i64, response: Option<i64>, fate: Fate, read_until: Option<i64>) -> Pursuit {
    Pursuit { first_touch: at(touch), first_response: response.map(at), fate, read_until: read_until.map(at) }
}

/// Sent at 0, read until day 60, answered on this day.
fn settled(answered_on: Option<i64>) -> Pursuit {
    pursuit(0, answered_on.map(|day| day * DAY), Fate::Delivered, Some(60 * DAY))
}

fn share(answered: usize, of: usize) -> Vec<Pursuit> {
    (0..of).map(|i| settled((i < answered).then_some(2))).collect()
}

fn of(pursuits: &[Pursuit]) -> Rate {
    rate(pursuits, &Settings::default(), 0)
}

fn seen(answered: u32, of: u32) -> Observed {
    Observed { answered, of, rate: f64::from(answered) / f64::from(of), interval: wilson(answered, of, 0.95) }
}

/// The largest difference from the reference so far, and over how many numbers: printed for docs/accuracy.md.
#[derive(Default)]
struct Largest {
    difference: f64,
    of: u32,
}

impl Largest {
    #[track_caller]
    fn check(&mut self, ours: f64, theirs: f64, what: &str) {
        assert_close(ours, theirs, what);
        self.difference = self.difference.max((ours - theirs).abs());
        self.of += 1;
    }
}

#[track_caller]
fn assert_close(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() < 1e-9, "{what}: {ours} is not {theirs}");
}

fn fixture() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/rate.json")).unwrap()
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array().map(|list| list.iter().map(|x| x.as_f64().unwrap()).collect())
}

#[test]
fn every_figure_is_that_of_lifelines_statsmodels_and_scipy() {
    let fixture = fixture();
    let cases = fixture["cases"].as_array().unwrap();
    assert!(cases.len() > 400);
    let mut largest = Largest::default();
    for (index, case) in cases.iter().enumerate() {
        let pursuits: Vec<Pursuit> = case["pursuits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let fate = match row[2].as_str().unwrap() {
                    "d" => Fate::Delivered,
                    "b" => Fate::Bounced,
                    _ => Fate::Refused,
                };
                pursuit(row[0].as_i64().unwrap(), row[1].as_i64(), fate, row[3].as_i64())
            })
            .collect();
        let goal = numbers(&case["goal"]).unwrap();
        let settings = Settings {
            window_days: u32::try_from(case["window_days"].as_u64().unwrap()).unwrap(),
            goal: (goal[0], goal[1]),
            level: 0.95,
        };
        let (ours, theirs) = (rate(&pursuits, &settings, 0), &case["expect"]);
        for (count, name) in
            [(ours.sent, "sent"), (ours.bounced, "bounced"), (ours.refused, "refused"), (ours.delivered, "delivered")]
        {
            assert_eq!(json!(count), theirs[name], "{name} of case {index}");
        }
        assert_eq!(serde_json::to_value(ours.verdict).unwrap(), theirs["verdict"], "case {index}");
        let observed =
            ours.observed.map(|o| vec![f64::from(o.answered), f64::from(o.of), o.rate, o.interval[0], o.interval[1]]);
        let expected = ours.expected.map(|e| vec![e.rate, e.interval[0], e.interval[1]]);
        for (what, ours, theirs) in [
            ("observed", observed, numbers(&theirs["observed"])),
            ("expected", expected, numbers(&theirs["expected"])),
            ("median", ours.median_days_to_answer.map(|x| vec![x]), theirs["median"].as_f64().map(|x| vec![x])),
            ("probability", ours.probability_reached.map(|x| vec![x]), theirs["probability"].as_f64().map(|x| vec![x])),
        ] {
            assert_eq!(ours.is_some(), theirs.is_some(), "{what} of case {index}: {ours:?}, not {theirs:?}");
            for (a, b) in ours.iter().flatten().zip(theirs.iter().flatten()) {
                largest.check(*a, *b, &format!("{what} of case {index}"));
            }
        }
    }
    println!("{} cases, {} numbers, largest difference {:e}", cases.len(), largest.of, largest.difference);
}

#[test]
fn two_parts_compare_as_by_quadrature_in_scipy() {
    let mut largest = Largest::default();
    for row in fixture()["higher"].as_array().unwrap() {
        let row = numbers(row).unwrap();
        let part = |k: f64, n: f64| seen(k as u32, n as u32);
        let ours = compare(Some(&part(row[0], row[1])), Some(&part(row[2], row[3])), Assignment::Observational);
        largest.check(ours.a_is_higher, row[4], &format!("{row:?}"));
    }
    println!("{} comparisons, largest difference {:e}", largest.of, largest.difference);
}

#[test]
fn small_parts_shrink_as_with_the_beta_binomial_of_scipy() {
    let mut largest = Largest::default();
    for row in fixture()["shrunk"].as_array().unwrap() {
        let parts: Vec<Vec<f64>> = row[0].as_array().unwrap().iter().map(|part| numbers(part).unwrap()).collect();
        let keyed: Vec<(usize, Pursuit)> = parts
            .iter()
            .enumerate()
            .flat_map(|(name, part)| {
                share(part[0] as usize, part[1] as usize).into_iter().map(move |pursuit| (name, pursuit))
            })
            .collect();
        let groups = by(keyed.iter().map(|(name, pursuit)| (name, pursuit)), &Settings::default());
        for (group, theirs) in groups.values().zip(numbers(&row[1]).unwrap()) {
            largest.check(group.shrunk.unwrap(), theirs, &format!("{parts:?}"));
        }
    }
    println!("{} shrunk rates, largest difference {:e}", largest.of, largest.difference);
}

#[test]
fn the_json_is_the_contracts() {
    let mut pursuits = share(7, 31);
    pursuits.push(pursuit(0, None, Fate::Bounced, None));
    let value = serde_json::to_value(rate(&pursuits, &Settings::default(), 6)).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    let mut contract = vec![
        "window_days",
        "sent",
        "bounced",
        "refused",
        "delivered",
        "observed",
        "expected",
        "median_days_to_answer",
        "goal",
        "verdict",
        "probability_reached",
        "undecided",
    ];
    contract.sort_unstable();
    let mut keys: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, contract);
    assert_eq!(value["observed"]["answered"], 7);
    assert_eq!(value["observed"]["of"], 31);
    assert_close(value["observed"]["rate"].as_f64().unwrap(), 7.0 / 31.0, "rate");
    assert_eq!(value["goal"], json!([0.25, 0.30]));
    assert_eq!(value["verdict"], "too_early");
    assert_eq!(value["undecided"], 6);
    assert_eq!(value["expected"]["interval"].as_array().unwrap().len(), 2);
}

#[test]
fn nothing_sent_is_null_and_never_nought_percent() {
    let value = serde_json::to_value(of(&[])).unwrap();
    assert_eq!(
        value,
        json!({"window_days": 21, "sent": 0, "bounced": 0, "refused": 0, "delivered": 0, "observed": null,
            "expected": null, "median_days_to_answer": null, "goal": [0.25, 0.30], "verdict": "too_early",
            "probability_reached": null, "undecided": 0})
    );
}

#[test]
fn a_bounce_counts_in_nothing_but_the_bounces() {
    let with = [share(3, 12), vec![pursuit(0, Some(DAY), Fate::Bounced, Some(60 * DAY))]].concat();
    let (without, with) = (of(&share(3, 12)), of(&with));
    assert_eq!((with.sent, with.bounced, with.delivered), (13, 1, 12));
    assert_eq!(with.observed, without.observed);
    assert_eq!(with.expected, without.expected);
    assert_eq!(with.median_days_to_answer, without.median_days_to_answer);
}

#[test]
fn a_young_outreach_is_not_observed_even_if_it_was_answered() {
    let rate = of(&[pursuit(0, Some(DAY), Fate::Delivered, Some(20 * DAY))]);
    assert_eq!(rate.observed, None);
    assert_eq!(rate.probability_reached, None);
}

#[test]
fn a_stale_mailbox_holds_its_outreach_back() {
    let fresh = share(2, 10);
    let stale: Vec<Pursuit> = (0..10).map(|_| pursuit(0, None, Fate::Delivered, Some(5 * DAY))).collect();
    let rate = of(&[fresh, stale].concat());
    assert_eq!(rate.observed.unwrap().of, 10, "what was not watched for the window is not silence");
}

#[test]
fn a_late_answer_is_no_answer_within_the_window_but_has_its_time() {
    let rate = of(&[settled(Some(30)), settled(None)]);
    assert_eq!(rate.observed.unwrap().answered, 0);
    assert_eq!(rate.expected, None);
    assert_eq!(rate.median_days_to_answer, Some(30.0));
}

#[test]
fn an_answer_before_the_question_took_no_time() {
    assert_eq!(of(&[settled(Some(-3))]).median_days_to_answer, Some(0.0));
    assert_eq!(of(&[settled(Some(-3))]).observed.unwrap().answered, 1);
}

#[test]
fn silence_beyond_what_was_seen_is_not_expected_to_go_on() {
    // Five answered, five just sent: of days 10 to 21 nothing is known.
    let young = (0..5).map(|_| pursuit(50 * DAY, None, Fate::Delivered, Some(60 * DAY)));
    let rate = of(&share(5, 5).into_iter().chain(young).collect::<Vec<_>>());
    assert_eq!(rate.expected, None);
}

#[rstest::rstest]
#[case::nine_tell_nothing(0, 9, Verdict::TooEarly)]
#[case::ten_may(0, 10, Verdict::Below)]
#[case::the_example(7, 31, Verdict::TooEarly)]
#[case::in_the_band(280, 1000, Verdict::Reached)]
#[case::over_it(20, 40, Verdict::Above)]
#[case::all(10, 10, Verdict::Above)]
#[case::on_the_edge(250, 1000, Verdict::TooEarly)]
fn the_verdict_follows_the_posterior(#[case] answered: usize, #[case] of_: usize, #[case] verdict: Verdict) {
    assert_eq!(of(&share(answered, of_)).verdict, verdict);
}

#[test]
fn more_needed_settles_it_and_one_less_does_not() {
    let rate = of(&share(7, 31));
    let more = rate.more_needed.unwrap();
    let goal = (0.25, 0.30);
    let with = |more: u32| verdict(7.0 / 31.0 * f64::from(31 + more), 31 + more, goal);
    assert_ne!(with(more), Verdict::TooEarly);
    assert_eq!(with(more - 1), Verdict::TooEarly);
    assert_eq!(of(&share(250, 1000)).more_needed, None, "on the edge nothing ever settles it");
    assert_eq!(of(&share(0, 40)).more_needed, None, "it is settled");
    assert_eq!(of(&share(0, 9)).more_needed, Some(1));
}

#[test]
fn proposals_move_the_rate_no_further_than_by_those_with_and_those_without_an_answer() {
    let proposals = [share(2, 6), vec![pursuit(0, None, Fate::Bounced, Some(60 * DAY))]].concat();
    let [lo, hi] = either_way(Some(&seen(7, 31)), &proposals, &Settings::default()).unwrap();
    assert_close(lo, 7.0 / 35.0, "all the silent accepted");
    assert_close(hi, 9.0 / 33.0, "all the answered accepted");
    assert_eq!(either_way(None, &proposals, &Settings::default()), Some([0.0, 1.0]));
    assert_eq!(either_way(None, &share(0, 3), &Settings::default()), Some([0.0, 0.0]));
    assert_eq!(either_way(None, &share(3, 3), &Settings::default()), Some([1.0, 1.0]));
    assert_eq!(either_way(Some(&seen(7, 31)), &[], &Settings::default()), None);
}

#[test]
fn a_comparison_of_few_is_marked_so() {
    let compare = |a: &Observed, b: &Observed| compare(Some(a), Some(b), Assignment::Randomised);
    assert!(compare(&seen(9, 9), &seen(0, 100)).too_early);
    assert!(!compare(&seen(9, 10), &seen(0, 100)).too_early);
}

#[test]
fn the_curve_starts_at_nothing_and_ends_where_the_watching_ends() {
    let curve = curve(&[settled(Some(3)), settled(Some(3)), settled(Some(9)), settled(None)], &Settings::default());
    let corners: Vec<(f64, f64)> = curve.iter().map(|point| (point.days, point.rate)).collect();
    assert_eq!(corners, [(0.0, 0.0), (3.0, 0.5), (9.0, 0.75), (60.0, 0.75)]);
    assert!(super::curve(&[], &Settings::default()).is_empty());
}

/// Counts how often the interval holds the truth: the promise of "95 %".
#[test]
fn the_intervals_hold_the_truth_about_as_often_as_they_promise() {
    // Small linear congruential generator (Knuth's MMIX constants): the same draws everywhere.
    let mut state = 20_261_120_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (truth, runs) = (0.26, 2_000);
    let (mut observed_holds, mut observed_runs, mut expected_holds, mut expected_runs) = (0, 0, 0, 0);
    for _ in 0..runs {
        // Sixty outreach, one a day; 26 % are answered within the window, exponentially.
        let pursuits: Vec<Pursuit> = (0..60)
            .map(|day| {
                let delay = (draw() < truth).then(|| -5.0 * (1.0 - draw() * (1.0 - (-21.0_f64 / 5.0).exp())).ln());
                let response = delay.map(|days| day * DAY + (days * DAY as f64) as i64);
                pursuit(day * DAY, response.filter(|at| *at <= 60 * DAY), Fate::Delivered, Some(60 * DAY))
            })
            .collect();
        let rate = of(&pursuits);
        let holds = |[lo, hi]: [f64; 2]| i32::from((lo..=hi).contains(&truth));
        if let Some(seen) = rate.observed {
            observed_runs += 1;
            observed_holds += holds(seen.interval);
        }
        if let Some(seen) = rate.expected {
            expected_runs += 1;
            expected_holds += holds(seen.interval);
        }
    }
    let observed = f64::from(observed_holds) / f64::from(observed_runs);
    let expected = f64::from(expected_holds) / f64::from(expected_runs);
    println!("observed {observed} of {observed_runs}, expected {expected} of {expected_runs}");
    assert!((0.93..=0.98).contains(&observed), "observed: {observed}");
    assert!((0.93..=0.98).contains(&expected), "expected: {expected}");
}

prop_compose! {
    fn any_pursuit()(
        touch in 0_i64..100 * DAY,
        response in proptest::option::of(-5 * DAY..60 * DAY),
        fate in prop_oneof![4 => Just(Fate::Delivered), 1 => Just(Fate::Bounced), 1 => Just(Fate::Refused)],
        read_until in proptest::option::weighted(0.9, 0_i64..160 * DAY),
    ) -> Pursuit {
        pursuit(touch, response.map(|after| touch + after), fate, read_until)
    }
}

proptest! {
    #[test]
    fn counts_add_up_and_intervals_hold_their_rate(pursuits in prop::collection::vec(any_pursuit(), 0..60)) {
        let rate = of(&pursuits);
        prop_assert_eq!(rate.sent, rate.bounced + rate.refused + rate.delivered);
        if let Some(seen) = rate.observed {
            prop_assert!(seen.answered <= seen.of && seen.of <= rate.delivered && seen.of > 0);
        }
        let pairs = [rate.observed.map(|o| (o.rate, o.interval)), rate.expected.map(|e| (e.rate, e.interval))];
        for (share, [lo, hi]) in pairs.into_iter().flatten() {
            prop_assert!(0.0 <= lo && lo <= share && share <= hi && hi <= 1.0, "{} {} {}", lo, share, hi);
        }
        prop_assert!(rate.probability_reached.is_none_or(|p| (0.0..=1.0).contains(&p)));
        let more_makes_sense = rate.more_needed.is_none() || rate.verdict == Verdict::TooEarly;
        prop_assert!(more_makes_sense);
    }

    #[test]
    fn the_order_of_the_outreach_changes_nothing(pursuits in prop::collection::vec(any_pursuit(), 0..40)) {
        let backwards: Vec<Pursuit> = pursuits.iter().rev().copied().collect();
        prop_assert_eq!(of(&pursuits), of(&backwards));
    }

    #[test]
    fn one_more_answer_never_lowers_the_rate(answered in 0_usize..50, more in 1_usize..50) {
        let total = answered + more;
        let (less, more) = (of(&share(answered, total)), of(&share(answered + 1, total)));
        let (a, b) = (less.observed.unwrap(), more.observed.unwrap());
        prop_assert!(a.rate < b.rate && a.interval[0] <= b.interval[0] && a.interval[1] <= b.interval[1]);
        prop_assert!(less.probability_reached <= more.probability_reached);
    }

    #[test]
    fn the_curve_only_rises_and_passes_through_the_expected_rate(
        pursuits in prop::collection::vec(any_pursuit(), 0..40),
    ) {
        let curve = super::curve(&pursuits, &Settings::default());
        for pair in curve.windows(2) {
            prop_assert!(pair[0].days <= pair[1].days && pair[0].rate <= pair[1].rate);
        }
        if let Some(expected) = of(&pursuits).expected {
            let there = curve.iter().rev().find(|point| point.days <= 21.0).unwrap();
            prop_assert!((there.rate - expected.rate).abs() < 1e-12);
        }
    }

    #[test]
    fn comparing_the_other_way_round_gives_the_rest(
        (ka, na) in (1_u32..200).prop_flat_map(|n| (0..=n, Just(n))),
        (kb, nb) in (1_u32..200).prop_flat_map(|n| (0..=n, Just(n))),
    ) {
        let (a, b) = (seen(ka, na), seen(kb, nb));
        let ab = compare(Some(&a), Some(&b), Assignment::Observational).a_is_higher;
        let ba = compare(Some(&b), Some(&a), Assignment::Observational).a_is_higher;
        prop_assert!((ab + ba - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_shrunk_rate_lies_between_its_own_and_the_whole(
        parts in prop::collection::vec((1_usize..20).prop_flat_map(|n| (0..=n, Just(n))), 1..6),
    ) {
        let total: (usize, usize) = parts.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        let whole = total.0 as f64 / total.1 as f64;
        let keyed: Vec<(usize, Pursuit)> =
            parts.iter().enumerate().flat_map(|(i, (k, n))| share(*k, *n).into_iter().map(move |p| (i, p))).collect();
        for group in by(keyed.iter().map(|(i, p)| (i, p)), &Settings::default()).values() {
            let (own, shrunk) = (group.rate.observed.unwrap().rate, group.shrunk.unwrap());
            prop_assert!(own.min(whole) - 1e-12 <= shrunk && shrunk <= own.max(whole) + 1e-12);
        }
    }
}

#[test]
fn an_absurd_duration_is_no_panic() {
    let far = Pursuit {
        first_touch: Timestamp::MIN,
        first_response: Some(Timestamp::MAX),
        fate: Fate::Delivered,
        read_until: Some(Timestamp::MAX),
    };
    assert_eq!(of(&[far]).observed.unwrap().answered, 0);
    assert!(of(&[far]).median_days_to_answer.unwrap() > 0.0);
}
