use rstest::rstest;

use super::*;

#[rstest]
#[case::as_ever(1.0, 1.0, false)]
#[case::a_busy_machine(9.0, 9.0, false)]
#[case::a_clock_that_is_trimmed(3.0, 1.0, false)]
#[case::asleep_where_timers_sleep_too(3600.0, 1.0, true)]
#[case::asleep_where_timers_run_on(3600.0, 3600.0, true)]
#[case::set_back(-3600.0, 1.0, true)]
#[case::a_clock_that_stands_as_in_tests(0.0, 1.0, false)]
fn a_sleep_is_told_from_a_trimmed_clock(#[case] wall: f64, #[case] passed: f64, #[case] jumped: bool) {
    let wall = SignedDuration::from_secs_f64(wall);
    assert_eq!(has_jumped(wall, Duration::from_secs_f64(passed), &Pace::default()), jumped);
}
