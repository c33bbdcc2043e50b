//! Who wrote, and what the past says about them.

use checkback::config::LogSent;
use checkback::domain::ident::Address;
use rstest::rstest;

use super::common::{is_answered, is_stopped};
use super::house::House;
use super::mail::Mail;

const RITA: &str = "Rita Holm <rita.holm@brightstaff.example>";

/// Another recruiter of the same agency.
fn colleague() -> Mail {
    Mail::pitch_from("Jonas Beck", "jonas.beck@brightstaff.example")
}

#[tokio::test]
async fn mail_from_oneself_is_not_answered() {
    let alias = Address::parse("dana@freelance.example").unwrap();
    let house = House::with(|config, _| config.accounts[0].aliases.push(alias)).await;
    let mail = Mail::pitch().set("From", "Dana Reyes <dana@freelance.example>");
    is_stopped(&house, &mail, "self").await;
}

#[tokio::test]
async fn whom_the_user_wrote_to_before_is_not_answered() {
    let before = Mail::by_dana("old@devmail.example", RITA, "Thanks", "Thanks for the talk.\r\n");
    let bytes = before.dated("Mon, 2 Feb 2026 10:00:00 +0000").bytes();
    let house = House::with(|_, world| _ = world.deliver("dana", "Sent", &bytes, None).unwrap()).await;
    is_stopped(&house, &Mail::pitch(), "known_person").await;
    is_answered(&house, &colleague()).await;
}

#[tokio::test]
async fn a_mail_that_answers_the_user_is_not_answered() {
    let asked =
        Mail::by_dana("asked@devmail.example", "Ask <ask@somewhere.example>", "A question", "Who does Rust?\r\n");
    let bytes = asked.bytes();
    let house = House::with(|_, world| _ = world.deliver("dana", "Sent", &bytes, None).unwrap()).await;
    let thread = "<asked@devmail.example> <noted@brightstaff.example>";
    let mail = Mail::pitch().answering("noted@brightstaff.example").set("References", thread);
    is_stopped(&house, &mail, "known_person").await;
}

#[tokio::test]
async fn an_organisation_with_running_outreach_is_not_answered() {
    let ask =
        Mail::by_dana("ask@devmail.example", "Kim Roth <kim@brightstaff.example>", "Coffee?", "May I ask you?\r\n");
    let house = House::with(|config, _| config.outreach.log_sent = LogSent::AllNewThreads).await;
    house.put("Sent", &ask);
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 1);
    is_stopped(&house, &Mail::pitch(), "running_outreach").await;
    is_answered(&house, &Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example")).await;
}

#[rstest]
#[case("rita.holm@brightstaff.example")]
#[case("brightstaff.example")]
#[tokio::test]
async fn who_is_on_the_never_list_is_not_answered(#[case] entry: &str) {
    let house = House::with(|config, _| config.never.push(entry.to_owned())).await;
    is_stopped(&house, &Mail::pitch(), "never_list").await;
    is_answered(&house, &Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example")).await;
}

#[tokio::test]
async fn the_employer_is_not_answered() {
    let house = House::with(|config, _| config.employer_domains.push("brightstaff.example".to_owned())).await;
    is_stopped(&house, &Mail::pitch(), "employer").await;
    is_answered(&house, &Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example")).await;
}

#[tokio::test]
async fn one_address_is_answered_once() {
    let house = House::open().await;
    is_answered(&house, &Mail::pitch()).await;
    let again =
        Mail::pitch().set("Message-ID", "<pitch-2@brightstaff.example>").set("Subject", "Another role: Go Engineer");
    is_stopped(&house, &again, "already_answered").await;
}

#[tokio::test]
async fn one_thread_is_answered_once() {
    let house = House::open().await;
    is_answered(&house, &Mail::pitch()).await;
    let other = Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example")
        .set("Message-ID", "<passed-on@brightstaff.example>")
        .answering("pitch-1@brightstaff.example");
    is_stopped(&house, &other, "already_answered").await;
}

#[tokio::test]
async fn one_reply_to_is_answered_once() {
    let house = House::open().await;
    is_answered(&house, &Mail::pitch()).await;
    is_stopped(&house, &colleague().set("Reply-To", "rita.holm@brightstaff.example"), "already_answered").await;
}

#[tokio::test]
async fn one_person_with_a_new_address_is_answered_once() {
    let house = House::open().await;
    is_answered(&house, &Mail::pitch()).await;
    is_stopped(&house, &Mail::pitch_from("Rita Holm", "r.holm@brightstaff.example"), "already_answered").await;
    is_answered(&house, &colleague()).await;
}

#[rstest]
#[case::configured(Some("mx.devmail.example"))]
#[case::learnt(None)]
#[tokio::test]
async fn a_sender_whom_the_provider_calls_forged_is_not_answered(#[case] id: Option<&str>) {
    let house = House::with(|config, _| config.accounts[0].authserv_id = id.map(str::to_owned)).await;
    is_answered(&house, &Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example")).await;
    let forged = Mail::pitch().set("Authentication-Results", "mx.devmail.example; spf=pass; dmarc=fail (p=none)");
    is_stopped(&house, &forged, "dmarc_fail").await;
}

#[tokio::test]
async fn the_word_of_another_server_on_the_sender_is_nothing() {
    let house = House::with(|config, _| config.accounts[0].authserv_id = Some("mx.devmail.example".into())).await;
    is_answered(&house, &Mail::pitch().set("Authentication-Results", "mail.elsewhere.example; dmarc=fail")).await;
}

#[tokio::test]
async fn answers_that_would_go_elsewhere_are_not_written() {
    let house = House::open().await;
    is_stopped(&house, &Mail::pitch().set("Reply-To", "collect@elsewhere.example"), "foreign_reply_to").await;
    let own = Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example").set("Reply-To", "jobs@talentwerk.example");
    is_answered(&house, &own).await;
    assert_eq!(house.sent()[0].rcpt_to, ["jobs@talentwerk.example"]);
}
