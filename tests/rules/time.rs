//! Switches, age, history, the day's limit, and the user who is faster.

use checkback::config::Mode;
use checkback::sandbox::{Fault, Verb};
use checkback::store::apply;
use jiff::SignedDuration;

use super::common::{is_answered, is_stopped, nothing_left};
use super::house::House;
use super::mail::Mail;

#[tokio::test]
async fn nothing_is_answered_while_it_is_switched_off() {
    let mut house = House::with(|config, _| config.auto_reply.mode = Mode::Off).await;
    is_stopped(&house, &Mail::pitch(), "off").await;
    house.restart(|config| config.auto_reply.mode = Mode::Send);
    house.sync_well().await;
    nothing_left(&house, &Mail::pitch(), "off", 0);
}

#[tokio::test]
async fn nothing_is_answered_in_a_pause_and_everything_after_it() {
    let house = House::open().await;
    let now = house.now();
    house.write(|tx| apply::pause(tx, true, None, now));
    is_stopped(&house, &Mail::pitch(), "paused").await;
    house.write(|tx| apply::pause(tx, false, None, now));
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
    assert_eq!(house.blocked_by(&Mail::pitch().id()), Some(Vec::new()));
}

#[tokio::test]
async fn what_was_decided_before_a_pause_waits_for_its_end() {
    let house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    let now = house.now();
    let end = now + SignedDuration::from_hours(2);
    house.write(|tx| apply::pause(tx, true, Some(end), now));
    house.advance(SignedDuration::from_mins(20));
    house.sync_well().await;
    assert!(house.sent().is_empty());
    house.advance(SignedDuration::from_hours(2));
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn mail_from_before_the_first_start_is_not_answered() {
    let pitch = Mail::pitch();
    let bytes = pitch.bytes();
    let house = House::with(|_, world| _ = world.deliver("dana", "INBOX", &bytes, None).unwrap()).await;
    nothing_left(&house, &pitch, "before_start", 0);
    house.sync_well().await;
    nothing_left(&house, &pitch, "before_start", 0);
}

#[tokio::test]
async fn mail_that_lay_there_for_more_than_14_days_is_not_answered() {
    let house = House::open().await;
    let late = Mail::pitch();
    let old = house.now() - SignedDuration::from_hours(14 * 24) - SignedDuration::from_secs(1);
    house.world().deliver("dana", "INBOX", &late.bytes(), Some(old)).unwrap();
    house.sync_well().await;
    nothing_left(&house, &late, "too_old", 0);

    let other = Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example");
    let just = house.now() - SignedDuration::from_hours(14 * 24);
    house.world().deliver("dana", "INBOX", &other.bytes(), Some(just)).unwrap();
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn nothing_is_answered_before_sent_was_read() {
    let house = House::unopened(|_, _| ()).await;
    // the first EXAMINE notes where Sent ends, the second one is to read it
    house.world().inject(Fault::imap(Verb::Examine).folder("Sent").nth(2).standing().no("[UNAVAILABLE] later"));
    assert_eq!(house.sync().await.exit_code(), 1);
    house.deliver(&Mail::pitch());
    assert_eq!(house.sync().await.exit_code(), 4);
    nothing_left(&house, &Mail::pitch(), "history_incomplete", 0);
    house.world().clear_faults();
    house.sync_well().await;
    assert_eq!(house.blocked_by(&Mail::pitch().id()), Some(Vec::new()));
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn the_day_has_a_limit_and_the_next_day_goes_on() {
    let house = House::with(|config, _| config.auto_reply.daily_limit = 1).await;
    is_answered(&house, &Mail::pitch()).await;
    let second = Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example");
    is_stopped(&house, &second, "daily_limit").await;
    house.advance(SignedDuration::from_hours(14)); // midnight in Berlin is behind
    house.sync_well().await;
    assert_eq!(house.sent().len(), 2);
    assert_eq!(house.blocked_by(&second.id()), Some(Vec::new()));
}

#[tokio::test]
async fn the_last_moment_shows_that_the_user_answered() {
    let house = House::open().await;
    let answer = by_hand().bytes();
    // the first read of this sync decides to answer, the second one is the gate's
    let fault = Fault::imap(Verb::Examine).folder("Sent").nth(2).run(move |world| {
        world.deliver("dana", "Sent", &answer, None).unwrap();
    });
    house.world().inject(fault);
    is_stopped(&house, &Mail::pitch(), "answered_meanwhile").await;
    assert_eq!(house.world().faults_pending(), 0);
    assert_eq!(house.states(), ["cancelled"]);
}

#[tokio::test]
async fn the_user_answers_while_the_delay_runs() {
    let house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    assert_eq!(house.states(), ["queued"]);
    house.advance(SignedDuration::from_mins(10));
    house.put("Sent", &by_hand());
    house.sync_well().await;
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    nothing_left(&house, &Mail::pitch(), "answered_meanwhile", 0);
    assert_eq!(house.states(), ["cancelled"]);
}

#[tokio::test]
async fn the_user_writes_to_the_sender_in_a_thread_of_its_own() {
    let house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.put("Sent", &by_hand().without("In-Reply-To").without("References"));
    house.advance(SignedDuration::from_mins(20));
    house.sync_well().await;
    nothing_left(&house, &Mail::pitch(), "answered_meanwhile", 0);
}

/// Dana's own answer to the pitch.
fn by_hand() -> Mail {
    let body = "Hello Rita,\r\n\r\nthat sounds good, shall we talk on Friday?\r\n\r\nDana\r\n";
    Mail::by_dana(
        "by-hand@devmail.example",
        "Rita Holm <rita.holm@brightstaff.example>",
        "Re: Senior Rust Engineer",
        body,
    )
    .answering("pitch-1@brightstaff.example")
}
