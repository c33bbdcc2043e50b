//! What the mail says, how it came and whom it is for.

use rstest::rstest;

use super::common::{is_answered, is_stopped, nothing_left};
use super::house::House;
use super::mail::Mail;

#[tokio::test]
async fn what_no_person_wrote_is_not_answered() {
    let house = House::open().await;
    let mail = Mail::pitch().swap("Hi Dana,", "This is an automated message. This mailbox is not monitored.");
    is_stopped(&house, &mail, "not_human").await;
}

#[rstest]
#[case("X-Auto-Response-Suppress", "All")]
#[case("X-Auto-Response-Suppress", "DR, OOF")]
#[case("X-Loop", "rita.holm@brightstaff.example")]
#[tokio::test]
async fn a_mark_that_asks_for_silence_is_obeyed(#[case] name: &str, #[case] value: &str) {
    let house = House::open().await;
    is_stopped(&house, &Mail::pitch().set(name, value), "automatic_marks").await;
}

#[tokio::test]
async fn a_missing_return_path_and_a_way_to_unsubscribe_are_no_marks() {
    let house = House::open().await;
    let mail = Mail::pitch().without("Return-Path").set("List-Unsubscribe", "<mailto:stop@brightstaff.example>");
    is_answered(&house, &mail).await;
}

#[tokio::test]
async fn what_lies_in_junk_is_not_answered() {
    let house = House::open().await;
    house.put("Junk", &Mail::pitch());
    house.sync_well().await;
    nothing_left(&house, &Mail::pitch(), "junk", 0);
}

#[tokio::test]
async fn what_was_marked_as_spam_is_not_answered() {
    let house = House::open().await;
    is_stopped(&house, &Mail::pitch().on_top("X-Spam-Flag", "YES"), "junk").await;
}

#[rstest]
#[case("undisclosed-recipients:;")]
#[case("somebody.else@devmail.example")]
#[tokio::test]
async fn what_is_not_addressed_to_the_user_is_not_answered(#[case] to: &str) {
    let house = House::open().await;
    is_stopped(&house, &Mail::pitch().set("To", to), "not_addressed").await;
}

#[tokio::test]
async fn a_mail_to_more_than_five_is_not_answered() {
    let house = House::open().await;
    let others = "a@one.example, b@two.example, c@three.example, d@four.example";
    let five = Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example").set("Cc", others);
    is_answered(&house, &five).await;
    is_stopped(&house, &Mail::pitch().set("Cc", &format!("{others}, e@five.example")), "too_many_recipients").await;
}

#[tokio::test]
async fn what_is_no_pitch_is_not_answered() {
    let house = House::open().await;
    let words = "Hi Dana,\r\n\r\nthe meetup moved to Thursday, same place. Will you come?\r\n\r\nLena\r\n";
    let mail = Mail::to_dana("meetup@friends.example", "Lena Voss <lena@friends.example>", "Thursday", words);
    is_stopped(&house, &mail, "not_recruiter").await;
    assert!(house.states().is_empty());
}

#[tokio::test]
async fn what_may_be_a_pitch_is_held_for_a_person() {
    let house = House::open().await;
    is_stopped(&house, &Mail::read("pitches/vague.eml"), "unsure").await;
    assert_eq!(house.states(), ["held"]);
}

#[tokio::test]
async fn a_job_scam_is_not_answered() {
    let house = House::open().await;
    let mail = Mail::read("pitches/scam.eml");
    is_stopped(&house, &mail, "scam").await;
    assert!(house.states().is_empty());
}
