use rstest::rstest;

use super::*;

const NOW: &str = "2026-03-10T10:00:00Z";

fn earlier(state: &str, same: bool, minutes_ago: i64) -> Earlier {
    let now: Timestamp = NOW.parse().unwrap();
    Earlier {
        generation: 3,
        state: state.to_owned(),
        same,
        approved: false,
        decided_at: now - SignedDuration::from_mins(minutes_ago),
    }
}

#[rstest]
#[case::refused("failed", false, Step::Write { generation: 4 })]
#[case::taken_back("cancelled", false, Step::Write { generation: 4 })]
#[case::waits("queued", false, Step::Resume)]
#[case::leaves("sending", true, Step::Already)]
#[case::left("sent", false, Step::Already)]
#[case::perhaps("unknown", false, Step::Already)]
#[case::in_drafts("drafted", false, Step::Already)]
#[case::left_and_again("sent", true, Step::Write { generation: 4 })]
#[case::perhaps_and_again("unknown", true, Step::Write { generation: 4 })]
fn a_command_given_twice_goes_on_from_what_the_first_came_to(
    #[case] state: &str,
    #[case] again: bool,
    #[case] expected: Step,
) {
    assert_eq!(step(Some(&earlier(state, true, 90)), again, NOW.parse().unwrap()), expected);
}

#[test]
fn the_first_command_writes() {
    assert_eq!(step(None, false, NOW.parse().unwrap()), Step::Write { generation: 0 });
    assert_eq!(step(None, true, NOW.parse().unwrap()), Step::Write { generation: 0 });
}

#[test]
fn other_words_take_the_place_of_what_still_waits() {
    assert_eq!(step(Some(&earlier("queued", false, 1)), false, NOW.parse().unwrap()), Step::Replace { generation: 4 });
    // it may have left before: only the person who let it go knows
    let approved = Earlier { approved: true, ..earlier("queued", false, 1) };
    assert_eq!(step(Some(&approved), false, NOW.parse().unwrap()), Step::Resume);
}

#[test]
fn the_same_words_do_not_leave_twice_within_the_hour_whatever_is_asked() {
    let now = NOW.parse().unwrap();
    assert_eq!(step(Some(&earlier("sent", true, 59)), true, now), Step::TooSoon);
    assert_eq!(step(Some(&earlier("sent", true, -59)), true, now), Step::TooSoon, "a clock that was set back");
    assert_eq!(step(Some(&earlier("sent", false, 1)), true, now), Step::Write { generation: 4 });
}
