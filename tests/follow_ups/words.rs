//! What a person says of a follow-up, and takes back.

use checkback::app::App;
use checkback::app::correct::WordError;
use checkback::store::Store;
use checkback::store::decisions::Undone;
use jiff::Timestamp;

use super::asking::*;
use super::house::House;

async fn reminded() -> House {
    let house = house().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "cold").await;
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 due"]);
    house
}

fn say(house: &House, word: impl FnOnce(&App<'_>, &mut Store, Timestamp) -> Result<(), WordError>) {
    word(&house.workspace.app(), &mut house.workspace.store(), house.now()).unwrap();
}

fn undo(house: &House) -> Undone {
    house.workspace.app().undo(&mut house.workspace.store(), house.now()).unwrap()
}

async fn is_as_before(house: &House) {
    let undone = undo(house);
    assert!(matches!(undone, Undone::Done { .. }), "{undone:?}");
    house.sync_well().await;
    assert_eq!(follow_ups(house), ["1 due"]);
    assert_eq!(due_at(house), [FIRST_NUDGE]);
}

#[tokio::test]
async fn done_elsewhere_counts_as_the_touch() {
    let house = reminded().await;
    say(&house, |app, store, now| app.follow_up_done(store, 1, now));
    assert_eq!(follow_ups(&house), ["1 done", "2 planned"]);
    assert_eq!(due_at(&house), [SECOND_NUDGE]);
    is_as_before(&house).await;
}

#[tokio::test]
async fn a_snoozed_reminder_comes_back_on_its_day() {
    let house = reminded().await;
    let until = "2026-03-29T22:00:00Z".parse().unwrap();
    say(&house, |app, store, now| app.follow_up_snooze(store, 1, until, now));
    at(&house, "2026-03-29T21:59:00Z");
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 planned"]);
    at(&house, "2026-03-29T22:00:00Z");
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 due"]);
    assert_eq!(due_at(&house), ["2026-03-30T07:00:00Z"]);
}

#[tokio::test]
async fn stopped_is_stopped_until_the_user_goes_on() {
    let house = reminded().await;
    say(&house, |app, store, now| app.follow_up_stop(store, 1, now));
    house.advance(hours(24 * 30));
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 stopped by_you"]);
    say(&house, |app, store, now| app.follow_up_go_on(store, 1, now));
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 due"]);
}

#[tokio::test]
async fn stopping_can_be_taken_back() {
    let house = reminded().await;
    say(&house, |app, store, now| app.follow_up_stop(store, 1, now));
    is_as_before(&house).await;
}

#[tokio::test]
async fn what_the_user_sends_now_bears_no_mark_and_is_the_touch() {
    let house = reminded().await;
    say(&house, |app, store, now| app.follow_up_send(store, 1, &Default::default(), now));
    assert_eq!(follow_ups(&house), ["1 written"]);
    house.sync_well().await;
    let sent = nudges(&house);
    assert_eq!(sent.len(), 1);
    assert!(!text(&sent[0]).contains("Auto-Submitted"));
    assert_eq!(follow_ups(&house), ["1 done", "2 planned"]);
    assert!(matches!(undo(&house), Undone::TooLate { .. }), "it has left");
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 done", "2 planned"]);
    assert_eq!(nudges(&house).len(), 1);
}

#[tokio::test]
async fn sending_now_can_be_taken_back_before_it_left() {
    let house = reminded().await;
    say(&house, |app, store, now| app.follow_up_send(store, 1, &Default::default(), now));
    is_as_before(&house).await;
    assert!(nudges(&house).is_empty());
    say(&house, |app, store, now| app.follow_up_send(store, 1, &Default::default(), now));
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 1, "and then be said again");
}

#[tokio::test]
async fn a_mail_that_the_user_sends_while_the_server_is_away_is_not_written_again_by_machine() {
    let house = house().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "send").await;
    at(&house, "2026-03-16T10:00:00Z");
    house.world().inject(checkback::sandbox::Fault::smtp(checkback::sandbox::SmtpStage::Connect).reply("421 4.3.2 no"));
    say(&house, |app, store, now| {
        app.follow_up_send_asked(store, 1, &Default::default(), true, now).map(|against| assert!(against.is_empty()))
    });
    house.sync().await;
    assert!(nudges(&house).is_empty());
    at(&house, FIRST_NUDGE);
    for _ in 0..3 {
        house.sync().await;
        house.advance(hours(1));
    }
    assert_eq!(nudges(&house).len(), 1);
    assert_eq!(house.count("SELECT count(*) FROM touch"), 2);
}

#[tokio::test]
async fn nothing_can_be_said_where_nothing_is_planned() {
    let house = house().await;
    let said = house.workspace.app().follow_up_stop(&mut house.workspace.store(), 7, house.now());
    assert!(matches!(said, Err(WordError::Refused(_))), "{said:?}");
}
