//! Outreach seen in Sent, what answers it, and what a person says about it.

use checkback::config::LogSent;
use checkback::domain::rate::Settings;
use checkback::report::gather::{Scope, gather};
use checkback::store::{decisions, review};
use jiff::SignedDuration;
use rstest::rstest;

use super::house::House;
use super::mail::Mail;

const KIM: &str = "Kim Roth <kim@bigcorp.example>";

fn ask() -> Mail {
    let words = "Hello Kim,\r\n\r\nI read your article on schedulers. May I ask you three questions over a coffee?\r\n\r\nDana\r\n";
    Mail::by_dana("ask-1@devmail.example", KIM, "Coffee and schedulers", words)
}

fn answer(id: &str, words: &str) -> Mail {
    Mail::to_dana(id, KIM, "Re: Coffee and schedulers", words).answering("ask-1@devmail.example")
}

async fn logging_all() -> House {
    House::with(|config, _| config.outreach.log_sent = LogSent::AllNewThreads).await
}

fn fates(house: &House) -> Vec<String> {
    house.texts("SELECT fate FROM outreach ORDER BY id")
}

fn levels(house: &House) -> Vec<String> {
    house.texts("SELECT level || ' ' || evidence || ' ' || kind FROM matched ORDER BY message")
}

#[rstest]
#[case(LogSent::Propose, 0, 1)]
#[case(LogSent::AllNewThreads, 1, 0)]
#[case(LogSent::Off, 0, 0)]
#[tokio::test]
async fn a_new_thread_to_a_stranger_is_treated_as_the_user_wants(
    #[case] log: LogSent,
    #[case] logged: i64,
    #[case] proposed: i64,
) {
    let house = House::with(|config, _| config.outreach.log_sent = log).await;
    house.put("Sent", &ask());
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM outreach"), logged);
    assert_eq!(house.count("SELECT count(*) FROM proposal WHERE state = 'open'"), proposed);
}

#[rstest]
#[case::bcc("Bcc", "dana+outreach@devmail.example")]
#[case::cc("Cc", "Dana <dana+outreach@devmail.example>")]
#[tokio::test]
async fn a_copy_to_the_outreach_address_logs_it(#[case] field: &str, #[case] to: &str) {
    let house = House::with(|config, _| config.outreach.log_sent = LogSent::Off).await;
    house.put("Sent", &ask().set(field, to));
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 1);
    assert_eq!(house.texts("SELECT key FROM outreach_person"), ["kim@bigcorp.example"]);
}

#[tokio::test]
async fn the_folder_outreach_logs_it() {
    let house = House::with(|config, world| {
        config.outreach.log_sent = LogSent::Off;
        world.add_folder("dana", "Outreach", None).unwrap();
    })
    .await;
    house.put("Outreach", &ask());
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 1);
}

#[tokio::test]
async fn a_mail_that_is_sent_and_then_filed_under_outreach_is_logged_once() {
    let house = House::with(|_, world| world.add_folder("dana", "Outreach", None).unwrap()).await;
    house.put("Sent", &ask());
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 0);
    house.put("Outreach", &ask());
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 1);
}

#[rstest]
#[case(true, 1)]
#[case(false, 0)]
#[tokio::test]
async fn a_decision_on_a_proposal_is_remembered(#[case] accept: bool, #[case] logged: i64) {
    let house = House::open().await;
    house.put("Sent", &ask());
    house.sync_well().await;
    let waiting = review::waiting(house.workspace.store().read()).unwrap();
    let (message, now, own) = (waiting.proposals[0].message, house.now(), house.workspace.config.own_addresses());
    assert!(house.write(|tx| decisions::decide_proposal(tx, message, accept, &own, now)));
    assert!(!house.write(|tx| decisions::decide_proposal(tx, message, accept, &own, now)), "decided once");
    assert_eq!(house.count("SELECT count(*) FROM outreach"), logged);
    // a colleague at the same company: the same decision, unasked
    let words = "Hello Lou,\r\n\r\nmay I ask you about compilers?\r\n";
    house.put("Sent", &Mail::by_dana("ask-2@devmail.example", "Lou Gray <lou@bigcorp.example>", "Compilers", words));
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM proposal WHERE state = 'open'"), 0);
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 2 * logged);
}

#[tokio::test]
async fn an_answer_counts_from_the_time_it_came() {
    let house = logging_all().await;
    house.put("Sent", &ask());
    house.sync_well().await;
    let words = "Hi Dana,\r\n\r\nsure, Friday at ten works for me.\r\n\r\nKim\r\n";
    house.advance(SignedDuration::from_hours(20));
    house.deliver(&answer("yes@bigcorp.example", words).dated("Wed, 11 Mar 2026 06:00:00 +0000"));
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(levels(&house), ["sure in_reply_to human"]);
    assert_eq!(house.texts("SELECT first_response_at FROM outreach"), ["2026-03-11T06:00:00Z"]);
    assert_eq!(house.texts("SELECT stage FROM outreach"), ["answered"]);
    assert!(house.sent().is_empty());
}

#[tokio::test]
async fn an_answer_that_is_read_before_its_question_is_matched_all_the_same() {
    let house = logging_all().await;
    house.deliver(
        &answer("yes@bigcorp.example", "Sure, Friday works.\r\n\r\nKim\r\n").dated("Wed, 11 Mar 2026 06:00:00 +0000"),
    );
    house.sync_well().await;
    assert!(levels(&house).is_empty());
    house.put("Sent", &ask());
    house.sync_well().await;
    assert_eq!(levels(&house), ["sure in_reply_to human"]);
}

#[tokio::test]
async fn an_absence_is_matched_and_is_no_response() {
    let house = logging_all().await;
    house.put("Sent", &ask());
    let words = "I am out of the office until 20 March and will answer after my return.\r\n";
    let mail = answer("away@bigcorp.example", words).set("Subject", "Automatic reply: Coffee and schedulers");
    house.deliver(&mail.set("Auto-Submitted", "auto-replied"));
    house.sync_well().await;
    assert_eq!(levels(&house), ["sure in_reply_to out_of_office"]);
    assert_eq!(house.texts("SELECT first_response_at FROM outreach"), [""]);
}

#[rstest]
#[case("5.1.1", "550 5.1.1 no such user", "bounced")]
#[case("5.7.1", "550 5.7.1 blocked by policy: spam", "refused")]
#[case("5.2.2", "552 5.2.2 mailbox full", "refused")]
#[tokio::test]
async fn a_bounce_says_what_became_of_the_outreach(#[case] status: &str, #[case] reply: &str, #[case] fate: &str) {
    let house = logging_all().await;
    house.put("Sent", &ask());
    house.deliver(&bounce(status, reply));
    house.sync_well().await;
    assert_eq!(fates(&house), [fate]);
}

#[tokio::test]
async fn a_person_who_answers_was_reached_whatever_a_machine_says() {
    let house = logging_all().await;
    house.put("Sent", &ask());
    house.deliver(&bounce("5.1.1", "550 5.1.1 no such user"));
    house.deliver(&answer("yes@bigcorp.example", "Sure, Friday works.\r\n\r\nKim\r\n"));
    house.sync_well().await;
    assert_eq!(fates(&house), ["delivered"]);
}

#[tokio::test]
async fn a_second_mail_in_the_thread_is_a_touch() {
    let house = logging_all().await;
    house.put("Sent", &ask());
    house.sync_well().await;
    let words = "Hello Kim,\r\n\r\njust once more: would a coffee suit you?\r\n";
    house.put(
        "Sent",
        &Mail::by_dana("ask-2@devmail.example", KIM, "Re: Coffee and schedulers", words)
            .answering("ask-1@devmail.example"),
    );
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 1);
    assert_eq!(house.count("SELECT count(*) FROM touch"), 2);
}

#[tokio::test]
async fn the_rate_counts_what_was_delivered_and_answered() {
    let house = logging_all().await;
    for n in 0..4 {
        let to = format!("Person {n} <p{n}@company{n}.example>");
        let words = format!("Hello,\r\n\r\nmay I ask you about topic number {n}, dear person {n}?\r\n");
        let mail = Mail::by_dana(&format!("q{n}@devmail.example"), &to, &format!("Question on topic {n}"), &words);
        house.put("Sent", &mail.dated("Tue, 10 Mar 2026 10:00:00 +0000"));
    }
    house.sync_well().await;
    house.advance(SignedDuration::from_hours(48));
    let words = "Gladly. Call me tomorrow.\r\n";
    let mail = Mail::to_dana("r1@company1.example", "Person 1 <p1@company1.example>", "Re: Question on topic 1", words);
    house.deliver(&mail.answering("q1@devmail.example").dated("Thu, 12 Mar 2026 09:00:00 +0000"));
    house.sync_well().await;
    house.advance(SignedDuration::from_hours(24 * 21));
    house.sync_well().await;
    let store = house.workspace.store();
    let scope = Scope {
        settings: Settings { window_days: 21, ..Settings::default() },
        zone: house.workspace.config.timezone.clone(),
        per_week: 10,
        since: None,
        read_until: None,
        accounts_stale: Vec::new(),
        past: false,
    };
    let rate = gather(&store, &scope, house.workspace.clock.now()).unwrap().rate;
    let observed = rate.observed.unwrap();
    assert_eq!((rate.sent, rate.delivered, observed.answered, observed.of), (4, 4, 1, 4));
}

/// A failure notice (RFC 3464) on the question to Kim.
fn bounce(status: &str, reply: &str) -> Mail {
    let body = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n\r\n--b\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bigcorp.example\r\n\r\n\
         Final-Recipient: rfc822; kim@bigcorp.example\r\nAction: failed\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; {reply}\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         From: Dana Reyes <dana@devmail.example>\r\nTo: {KIM}\r\nSubject: Coffee and schedulers\r\n\
         Message-ID: <ask-1@devmail.example>\r\n\r\n--b--\r\n"
    );
    Mail::to_dana(
        "dsn@mx.bigcorp.example",
        "Mail Delivery <mailer-daemon@mx.bigcorp.example>",
        "Undelivered mail",
        &body,
    )
    .set("Content-Type", "multipart/report; report-type=delivery-status; boundary=b")
    .on_top("Return-Path", "<>")
}
