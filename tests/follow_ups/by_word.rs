//! A follow-up that the user sends by hand: once, not before what it thanks for, and not without a question
//! where something stands against it.

use checkback::app::correct::WordError;
use checkback::domain::act::{Action, Item};
use checkback::domain::asked::Objection;
use checkback::domain::sequence::Event;
use checkback::domain::sequence::life::Happened;
use checkback::store::decisions::Undone;
use rstest::rstest;

use super::asking::*;
use super::house::House;
use super::mail::Mail;

async fn asked(sequence: &str) -> House {
    let house = house().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", sequence).await;
    house
}

fn send(house: &House, outreach: i64, anyway: bool) -> Result<Vec<Objection>, String> {
    let app = house.workspace.app();
    let sent =
        app.follow_up_send_asked(&mut house.workspace.store(), outreach, &Default::default(), anyway, house.now());
    sent.map_err(|error| error.to_string())
}

fn meet(house: &House, when: &str) {
    let what = Happened { event: Event::Meeting, at: when.parse().unwrap(), who: String::new() };
    house.workspace.app().note_event(&mut house.workspace.store(), 1, &what, house.now()).unwrap();
}

#[tokio::test]
async fn what_was_asked_for_is_not_asked_for_twice_and_taking_it_back_stops_it() {
    let house = asked("cold").await;
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert_eq!(send(&house, 1, false), Ok(Vec::new()));
    for anyway in [false, true] {
        let again = send(&house, 1, anyway).unwrap_err();
        assert!(again.contains("asked for already"), "{again}");
    }
    let undone = house.workspace.app().undo(&mut house.workspace.store(), house.now()).unwrap();
    assert!(matches!(undone, Undone::Done { .. }), "{undone:?}");
    house.sync_well().await;
    assert!(nudges(&house).is_empty());
    assert_eq!(follow_ups(&house), ["1 due"]);
}

#[tokio::test]
async fn nobody_is_thanked_for_a_meeting_that_is_yet_to_be() {
    let house = asked("informational").await;
    meet(&house, "2026-03-12T14:00:00Z");
    for anyway in [false, true] {
        let refused = send(&house, 1, anyway).unwrap_err();
        assert!(refused.contains("the meeting is yet to be, on 12 Mar 2026 15:00"), "{refused}");
    }
    at(&house, "2026-03-12T14:00:00Z");
    assert!(matches!(send(&house, 1, false).unwrap().as_slice(), [Objection::NotDue { .. }]));
    assert_eq!(send(&house, 1, true), Ok(Vec::new()));
    house.sync_well().await;
    assert!(text(&nudges(&house)[0]).contains("taking the time"));
}

#[rstest]
#[case::before_its_day("2026-03-11T09:00:00Z", false, &["not_due"])]
#[case::right_after_the_first_mail("2026-03-10T10:20:00Z", false, &["not_due", "today"])]
#[case::after_their_own_mail(FIRST_NUDGE, true, &["waits"])]
#[tokio::test]
async fn what_stands_against_it_is_named_and_a_second_word_sends_it(
    #[case] when: &str,
    #[case] wrote: bool,
    #[case] expected: &[&str],
) {
    let house = asked("cold").await;
    at(&house, when);
    house.sync_well().await;
    if wrote {
        // no answer, as far as a machine can tell
        let mail =
            Mail::to_dana("hello@bigcorp.example", "Kim Roth <kim@bigcorp.example>", "Parking", "Bay 4 is free.\r\n");
        house.deliver(&mail.set("Date", "Tue, 17 Mar 2026 07:59:00 +0000"));
        house.sync_well().await;
    }
    let against = send(&house, 1, false).unwrap();
    let names: Vec<String> = against
        .iter()
        .map(|one| serde_json::to_value(one).unwrap()["objection"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, expected, "{against:?}");
    // who can't be asked is told, and how it goes all the same
    let by_mail =
        house.workspace.app().act(&mut house.workspace.store(), Item::FollowUp(1), &Action::Send, house.now());
    match by_mail {
        Err(WordError::Refused(why)) => assert!(why.contains("--anyway") || why.contains("does not wait"), "{why}"),
        other => panic!("{other:?}"),
    }
    house.sync_well().await;
    assert!(nudges(&house).is_empty());
    assert_eq!(send(&house, 1, true), Ok(Vec::new()));
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 1);
}

#[tokio::test]
async fn one_person_gets_one_mail_a_day_unless_the_user_insists() {
    let house = asked("cold").await;
    at(&house, "2026-03-10T11:00:00Z");
    ask(&house, "Kim Roth", "kim@bigcorp.example", "A question about queues", "cold").await;
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert_eq!(send(&house, 1, false), Ok(Vec::new()));
    let queued = send(&house, 2, false).unwrap();
    assert!(matches!(queued.as_slice(), [Objection::Queued { .. }]), "{queued:?}");
    house.sync_well().await;
    let today = send(&house, 2, false).unwrap();
    assert!(matches!(today.as_slice(), [Objection::Today { colleague: false, .. }]), "{today:?}");
    assert_eq!(nudges(&house).len(), 1);
}

#[rstest]
#[case("2026-03-13T11:00:00Z", "waits until Tue 17 Mar 2026, its own day, which is later")]
#[case("2026-03-20T11:00:00Z", "waits until Fri 20 Mar 2026")]
#[tokio::test]
async fn what_is_put_off_names_the_day_that_holds(#[case] until: &str, #[case] said: &str) {
    let house = asked("cold").await;
    let until = until.parse().unwrap();
    let app = house.workspace.app();
    app.follow_up_snooze(&mut house.workspace.store(), 1, until, house.now()).unwrap();
    assert_eq!(app.waits_until(house.workspace.store().read(), 1, until).unwrap(), said);
}
