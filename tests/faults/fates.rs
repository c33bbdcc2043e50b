//! Mail of unknown fate, and copies that a server keeps, hides or names anew: each left once, or is found again.

use checkback::config::SentCopy;
use checkback::domain::delivery::Errand;
use checkback::sandbox::{Fault, ImapEffect, SentCopy as ServerCopy, SmtpEffect, SmtpStage, Verb};
use jiff::SignedDuration;
use rstest::rstest;

use super::edges::{FRIEND, a_day_passes, once_each, queue};
use super::house::House;
use super::mail::Mail;

#[rstest]
#[case::of_a_persons_own(true)]
#[case::of_an_answer(false)]
#[tokio::test]
async fn a_mail_of_unknown_fate_is_found_under_the_id_that_the_server_gave_it(#[case] own: bool) {
    let house = House::with(|config, world| {
        config.accounts[0].sent_copy = SentCopy::Server;
        world.user_mut("dana").unwrap().sent_copy = Some(ServerCopy::NewMessageId);
    })
    .await;
    if own {
        queue(&house, Errand::Own, FRIEND, "hello");
    } else {
        house.deliver(&Mail::pitch());
    }
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::AcceptThenCut));
    house.sync().await;
    a_day_passes(&house).await;
    assert_eq!(once_each(&house), 1);
    assert_eq!(house.states(), ["sent"]);
}

#[rstest]
#[case::by_the_person("Re: About hello", None)]
#[case::by_a_machine("Automatic reply: About hello", Some("auto-replied"))]
#[tokio::test]
async fn mail_of_unknown_fate_that_is_answered_has_left(#[case] subject: &str, #[case] automatic: Option<&str>) {
    let house = House::open().await;
    queue(&house, Errand::Own, FRIEND, "hello");
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::AcceptThenCut));
    house.sync().await;
    assert_eq!((house.states(), once_each(&house)), (vec!["unknown".to_owned()], 1));
    let id = house.outbox("unknown")[0].message_id.as_str().to_owned();
    house.advance(SignedDuration::from_hours(2));
    let answer = Mail::to_dana("re-1@friends.example", &format!("Mia <{FRIEND}>"), subject, "Thanks, see you.\r\n");
    let answer = answer.answering(&id).dated("Tue, 10 Mar 2026 12:00:00 +0000");
    house.deliver(&match automatic {
        Some(mark) => answer.set("Auto-Submitted", mark),
        None => answer,
    });
    house.sync_well().await;
    a_day_passes(&house).await;
    assert_eq!(house.states(), ["sent"]);
    let answered = "SELECT count(*) FROM outreach WHERE first_response_at IS NOT NULL";
    assert_eq!(house.count(answered), i64::from(automatic.is_none()), "and it counts as answered by a person only");
    assert_eq!((house.folder("Sent").len(), once_each(&house)), (1, 1), "its copy is made late");
}

#[tokio::test]
async fn words_of_ones_own_under_the_same_subject_are_no_copy_of_what_may_have_left() {
    let house = House::with(|config, _| config.accounts[0].sent_copy = SentCopy::Server).await;
    queue(&house, Errand::Own, FRIEND, "hello");
    house.world().inject(Fault::smtp(SmtpStage::Body(0)).then(SmtpEffect::Cut));
    house.sync().await;
    assert_eq!((house.states(), once_each(&house)), (vec!["unknown".to_owned()], 0));
    house.advance(SignedDuration::from_mins(5));
    let other = "Dear Mia,\r\n\r\nyou know what, I will simply come over on Sunday and tell you all of it.\r\n";
    let by_hand = Mail::by_dana("by-hand@devmail.example", FRIEND, "About hello", other);
    house.put("Sent", &by_hand.dated("Tue, 10 Mar 2026 10:10:00 +0000"));
    a_day_passes(&house).await;
    assert_eq!((house.states(), once_each(&house)), (vec!["sent".to_owned()], 1), "it was lost, and leaves");
}

#[tokio::test]
async fn a_draft_is_found_where_the_search_finds_nothing() {
    let house = House::with(|config, _| config.auto_reply.mode = checkback::config::Mode::Draft).await;
    house.deliver(&Mail::pitch());
    house.world().inject(Fault::imap(Verb::Search).folder("Drafts").standing().then(ImapEffect::EmptyOk));
    // the draft is stored, the answer is lost
    house.world().inject(Fault::imap(Verb::Append).folder("Drafts").then(ImapEffect::CutAfter(0)));
    house.sync().await;
    assert_eq!(house.folder("Drafts").len(), 1);
    a_day_passes(&house).await;
    assert_eq!(house.folder("Drafts").len(), 1);
    assert_eq!(house.states(), ["drafted"]);
}

#[tokio::test]
async fn a_copy_in_sent_whose_answer_was_lost_is_made_once() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.world().inject(Fault::imap(Verb::Search).folder("Sent").standing().then(ImapEffect::EmptyOk));
    house.world().inject(Fault::imap(Verb::Append).folder("Sent").then(ImapEffect::CutAfter(0)));
    house.sync().await;
    a_day_passes(&house).await;
    assert_eq!((house.folder("Sent").len(), once_each(&house)), (1, 1));
}
