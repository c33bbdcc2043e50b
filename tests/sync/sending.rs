//! What the sending server can do to a mail: it leaves once, later, or not at all, never twice.

use checkback::config::SentCopy;
use checkback::sandbox::{Fault, SmtpEffect, SmtpStage};
use checkback::store::{decisions, review};
use jiff::SignedDuration;
use rstest::rstest;

use super::house::House;
use super::mail::Mail;

async fn pitched(fault: Fault) -> House {
    let house = House::open().await;
    house.world().inject(fault);
    house.deliver(&Mail::pitch());
    house
}

/// A house whose server files the copies itself.
async fn filing() -> House {
    House::with(|config, world| {
        config.accounts[0].sent_copy = SentCopy::Server;
        world.user_mut("dana").unwrap().sent_copy = Some(checkback::sandbox::SentCopy::AsSent);
    })
    .await
}

/// A day with a sync every three hours.
async fn a_day_passes(house: &House) {
    for _ in 0..8 {
        house.advance(SignedDuration::from_hours(3));
        house.sync().await;
    }
}

#[rstest]
#[tokio::test]
async fn a_refusal_for_now_is_tried_again_later(
    #[values(
        SmtpStage::Connect,
        SmtpStage::Ehlo,
        SmtpStage::Auth,
        SmtpStage::Mail,
        SmtpStage::Rcpt,
        SmtpStage::Data,
        SmtpStage::AfterBody
    )]
    stage: SmtpStage,
    #[values("421 4.3.2 closing", "451 4.3.0 try again later", "452 4.3.1 no space")] reply: &str,
) {
    let effect = SmtpEffect::ReplyThenCut(reply.to_owned());
    let plain = SmtpEffect::Reply(reply.to_owned());
    let house = pitched(Fault::smtp(stage).then(if reply.starts_with("421") { effect } else { plain })).await;
    house.sync().await;
    assert_eq!(house.world().faults_pending(), 0);
    assert!(house.sent().is_empty());
    assert_eq!(house.states(), ["queued"]);
    a_day_passes(&house).await;
    assert_eq!(house.sent().len(), 1);
    assert_eq!(house.states(), ["sent"]);
}

#[tokio::test]
async fn a_server_that_never_takes_it_is_given_up_in_the_end() {
    let house = pitched(Fault::smtp(SmtpStage::Rcpt).standing().reply("450 4.2.1 later")).await;
    for _ in 0..6 {
        a_day_passes(&house).await;
    }
    assert!(house.sent().is_empty());
    assert_ne!(house.states(), ["queued"], "it is not tried for ever");
}

#[rstest]
#[case(SmtpStage::Rcpt, "550 5.1.1 no such user")]
#[case(SmtpStage::Mail, "550 5.7.1 not you")]
#[case(SmtpStage::Data, "554 5.5.1 no valid recipients")]
#[case(SmtpStage::AfterBody, "554 5.7.1 looks like spam")]
#[tokio::test]
async fn a_refusal_for_good_is_not_tried_again(#[case] stage: SmtpStage, #[case] reply: &str) {
    let house = pitched(Fault::smtp(stage).reply(reply)).await;
    house.sync().await;
    assert_eq!(house.states(), ["failed"]);
    a_day_passes(&house).await;
    assert!(house.sent().is_empty());
    assert_eq!(house.states(), ["failed"]);
}

/// Before a mail is named nothing is refused but the client: every mail waits for a person to mend that.
#[rstest]
#[case::the_client(SmtpStage::Connect, "554 5.7.1 no service for you", 1)]
#[case::its_greeting(SmtpStage::Ehlo, "550 5.7.1 go away", 1)]
#[case::its_password(SmtpStage::Auth, "535 5.7.8 wrong password", 1)]
#[tokio::test]
async fn a_server_that_turns_the_client_away_for_good_costs_no_mail(
    #[case] stage: SmtpStage,
    #[case] reply: &str,
    #[case] code: u8,
) {
    let house = pitched(Fault::smtp(stage).standing().reply(reply)).await;
    let synced = house.sync().await;
    assert_eq!(synced.exit_code(), code, "{synced:?}");
    assert!(synced.accounts[0].sending.trouble.is_some(), "it is told");
    assert_eq!(house.states(), ["queued"]);
    a_day_passes(&house).await;
    assert_eq!((house.states(), house.sent().len()), (vec!["queued".to_owned()], 0));
    house.world().clear_faults();
    a_day_passes(&house).await;
    assert_eq!((house.states(), house.sent().len()), (vec!["sent".to_owned()], 1));
}

#[rstest]
#[case(SmtpStage::Connect)]
#[case(SmtpStage::Ehlo)]
#[case(SmtpStage::Mail)]
#[case(SmtpStage::Rcpt)]
#[case(SmtpStage::Data)]
#[tokio::test]
async fn a_connection_that_breaks_before_the_body_harms_nothing(
    #[case] stage: SmtpStage,
    #[values(SmtpEffect::Cut, SmtpEffect::Silence)] effect: SmtpEffect,
) {
    let house = pitched(Fault::smtp(stage).then(effect)).await;
    assert_eq!(house.sync().await.exit_code(), 1);
    assert_eq!(house.states(), ["queued"]);
    a_day_passes(&house).await;
    assert_eq!(house.sent().len(), 1);
}

#[rstest]
#[case::mid_body(SmtpStage::Body(100), SmtpEffect::Cut, 0)]
#[case::not_taken(SmtpStage::AfterBody, SmtpEffect::Cut, 0)]
#[case::taken(SmtpStage::AfterBody, SmtpEffect::AcceptThenCut, 1)]
#[case::taken_in_silence(SmtpStage::AfterBody, SmtpEffect::AcceptThenSilence, 1)]
#[tokio::test]
async fn a_mail_of_unknown_fate_is_not_sent_again(
    #[case] stage: SmtpStage,
    #[case] effect: SmtpEffect,
    #[case] taken: usize,
) {
    let house = pitched(Fault::smtp(stage).then(effect)).await;
    house.sync().await;
    assert_eq!(house.states(), ["unknown"]);
    a_day_passes(&house).await;
    assert_eq!(house.sent().len(), taken);
    assert_eq!(house.states(), ["unknown"]);
    let waiting = review::waiting(house.workspace.store().read()).unwrap();
    assert_eq!(waiting.unknown.len(), 1, "a person is asked");
}

#[tokio::test]
async fn a_mail_of_unknown_fate_is_sent_again_when_a_person_says_so() {
    let house = pitched(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::Cut)).await;
    house.sync().await;
    let (row, now) = (house.outbox("unknown").remove(0), house.now());
    assert!(house.write(|tx| decisions::approve(tx, row.id, now)));
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
    assert_eq!(house.sent()[0].data, row.bytes.unwrap(), "the very same bytes");
}

#[tokio::test]
async fn the_copy_of_the_server_shows_that_a_lost_mail_was_sent() {
    let house = filing().await;
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::AcceptThenCut));
    house.deliver(&Mail::pitch());
    house.sync().await;
    house.advance(SignedDuration::from_mins(1));
    house.sync_well().await;
    assert_eq!(house.states(), ["sent"]);
    assert_eq!(house.texts("SELECT check_back_on FROM roster"), ["2026-11-10"]);
    a_day_passes(&house).await;
    assert_eq!((house.sent().len(), house.folder("Sent").len()), (1, 1));
}

#[tokio::test]
async fn the_missing_copy_of_the_server_shows_that_a_lost_mail_was_not_sent() {
    let house = filing().await;
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::Cut));
    house.deliver(&Mail::pitch());
    house.sync().await;
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    assert_eq!(house.states(), ["unknown"], "copies may lag");
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    assert_eq!(house.states(), ["sent"]);
    assert_eq!((house.sent().len(), house.folder("Sent").len()), (1, 1));
}

#[tokio::test]
async fn a_crash_while_the_server_takes_it_leaves_an_unknown_fate() {
    let mut house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.write(|tx| Ok(tx.execute("UPDATE outbox SET state = 'sending', bytes = x'41'", [])?));
    house.restart(|_| ());
    house.advance(SignedDuration::from_mins(20));
    assert_eq!(house.sync().await.unknown, 1);
    a_day_passes(&house).await;
    assert!(house.sent().is_empty());
    assert_eq!(house.states(), ["unknown"]);
}

#[tokio::test]
async fn a_crash_after_the_claim_sends_it_later() {
    let mut house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.write(|tx| Ok(tx.execute("UPDATE outbox SET state = 'claimed'", [])?));
    house.restart(|_| ());
    house.advance(SignedDuration::from_mins(20));
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn one_bad_recipient_does_not_keep_the_others() {
    let house = House::open().await;
    house.world().inject(Fault::smtp(SmtpStage::Rcpt).to("rita.holm@").standing().reply("550 5.1.1 no such user"));
    house.deliver(&Mail::pitch());
    house.deliver(&Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example"));
    house.deliver(&Mail::pitch_from("Mia Lang", "mia@codehire.example"));
    house.sync().await;
    a_day_passes(&house).await;
    let to: Vec<String> = house.sent().into_iter().flat_map(|mail| mail.rcpt_to).collect();
    assert_eq!(to, ["jonas@talentwerk.example", "mia@codehire.example"]);
    assert_eq!(house.states(), ["failed", "sent", "sent"]);
}
