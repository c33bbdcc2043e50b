use super::*;

#[test]
fn a_fixed_clock_moves_only_when_told_and_all_clones_with_it() {
    let clock = Clock::fixed("2026-11-20T09:00:00Z".parse().unwrap());
    let other = clock.clone();
    assert_eq!(other.now(), clock.now());
    clock.advance(SignedDuration::from_hours(48));
    assert_eq!(other.now().to_string(), "2026-11-22T09:00:00Z");
    clock.advance(SignedDuration::MAX);
    assert_eq!(other.now(), Timestamp::MAX);
}

#[test]
fn the_system_clock_runs_on_its_own() {
    let before = now();
    Clock::System.advance(SignedDuration::from_hours(1));
    let after = Clock::System.now();
    assert!(before <= after && after.duration_since(before) < SignedDuration::from_mins(30));
}
