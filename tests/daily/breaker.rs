//! The breaker: automatic mail that is refused or returned again and again stops by itself.

use checkback::sandbox::{Fault, SmtpStage};
use checkback::store::health;
use jiff::SignedDuration;

use super::house::House;
use super::letters::{to_dana, until};
use super::mail::Mail;

const REFUSAL: &str = "550 5.7.1 message refused by policy";

/// Delivers pitches, each by another recruiter.
fn pitched(house: &House, numbers: std::ops::Range<usize>) {
    for n in numbers {
        house.deliver(&Mail::pitch_from(&format!("Rita Holm{n}"), &format!("rita{n}@agency{n}.example")));
    }
}

fn paused_because(house: &House) -> Option<String> {
    let store = house.workspace.store();
    let paused = checkback::store::cases::paused(store.read(), house.now()).unwrap();
    paused.and(health::paused_because(store.read()).unwrap())
}

fn resume(house: &House) {
    let (app, now) = (house.workspace.app(), house.now());
    app.resume(&mut house.workspace.store(), now).unwrap();
}

#[tokio::test]
async fn the_third_refusal_pauses_everything_automatic() {
    let house = House::open().await;
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).standing().reply(REFUSAL));
    pitched(&house, 0..5);
    house.sync().await;
    assert_eq!(house.states(), ["failed", "failed", "failed", "queued", "queued"]);
    let because = paused_because(&house).unwrap();
    assert_eq!(because, "automatic mail failed within 24 hours: 3 refused by the mail server");
    // where it says to look
    assert!(house.outbox("failed").iter().all(|row| row.because.contains("refused by policy")));
    house.world().clear_faults();
    house.advance(SignedDuration::from_hours(2));
    house.sync().await;
    assert!(house.sent().is_empty(), "until a person resumes");

    resume(&house);
    house.sync_well().await;
    assert_eq!(house.sent().len(), 2);
    assert_eq!(paused_because(&house), None, "what was before does not trip it again");
}

#[tokio::test]
async fn after_a_resume_it_takes_three_more() {
    let house = House::open().await;
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).standing().reply(REFUSAL));
    pitched(&house, 0..3);
    house.sync().await;
    assert!(paused_because(&house).is_some());
    house.advance(SignedDuration::from_mins(5));
    resume(&house);
    house.advance(SignedDuration::from_mins(5));
    pitched(&house, 3..5);
    house.sync().await;
    assert_eq!(paused_because(&house), None);
    pitched(&house, 5..6);
    house.sync().await;
    assert!(paused_because(&house).is_some());
}

#[tokio::test]
async fn a_dead_address_is_no_refusal_of_ours() {
    let house = House::open().await;
    house.world().inject(Fault::smtp(SmtpStage::Rcpt).standing().reply("550 5.1.1 no such user"));
    pitched(&house, 0..4);
    house.sync().await;
    assert_eq!(house.states(), ["failed"; 4]);
    assert_eq!(paused_because(&house), None);
}

#[tokio::test]
async fn three_answers_that_come_back_pause_it_too() {
    let house = House::open().await;
    pitched(&house, 0..3);
    house.sync_well().await;
    assert_eq!(house.sent().len(), 3);
    house.advance(SignedDuration::from_mins(5));
    for (n, row) in house.outbox("sent").iter().enumerate() {
        let notice = bounce(n, row.recipient.address.as_str(), row.message_id.as_str());
        house.world().deliver("dana", "INBOX", &notice, None).unwrap();
    }
    house.deliver(&Mail::pitch());
    house.sync().await;
    let because = paused_because(&house).unwrap();
    assert_eq!(because, "automatic mail failed within 24 hours: 3 returned as undeliverable");
    assert_eq!(house.sent().len(), 3);
}

#[tokio::test]
async fn the_user_is_told_in_the_daily_mail() {
    let house = House::with(|config, _| config.reminders.mail = true).await;
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).to("rita").standing().reply(REFUSAL));
    pitched(&house, 0..3);
    until(&house, "2026-03-11T08:00", SignedDuration::from_hours(1)).await;
    let letters = to_dana(&house);
    assert_eq!(letters.len(), 1);
    assert!(letters[0].text.contains("Everything automatic is paused: automatic mail failed"), "{}", letters[0].text);
    assert!(letters[0].text.contains("did not leave"));
}

fn bounce(n: usize, recipient: &str, id: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/mail/dsn-postfix-unknown-user.eml");
    let notice = std::fs::read_to_string(path).unwrap();
    let ours = notice
        .replace("dana@harbour.example", "dana@devmail.example")
        .replace("<n1@mx", &format!("<n{n}@mx"))
        .replace("Mon, 14 Sep 2026 09:13:00 +0200", "Tue, 10 Mar 2026 10:08:00 +0000")
        .replace("ines.vidal@kiteworks.example", recipient)
        .replace("20260914.7f3a@harbour.example", id);
    ours.into_bytes()
}
