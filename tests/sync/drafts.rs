//! Draft mode: the answer waits in Drafts until the user sends it.

use checkback::config::Mode;
use checkback::sandbox::{Fault, ImapEffect, SpecialUse, Verb};
use jiff::SignedDuration;
use rstest::rstest;

use super::house::House;
use super::mail::Mail;

async fn house() -> House {
    House::with(|config, _| config.auto_reply.mode = Mode::Draft).await
}

#[tokio::test]
async fn the_answer_is_put_into_drafts_once_and_not_sent() {
    let house = house().await;
    house.deliver(&Mail::pitch());
    for _ in 0..3 {
        house.sync_well().await;
        house.advance(SignedDuration::from_hours(25));
    }
    assert!(house.world().received().is_empty());
    let drafts = house.folder("Drafts");
    assert_eq!(drafts.len(), 1);
    assert!(!drafts[0].contains("Auto-Submitted"), "what a person sends is the person's own mail");
    assert!(house.world().flags("dana", "Drafts").unwrap()[&1].contains("\\Draft"));
    assert_eq!(house.states(), ["drafted"]);
}

#[rstest]
#[case::lost_answer(ImapEffect::CutAfter(0))]
#[case::cut_before(ImapEffect::Cut)]
#[case::refused(ImapEffect::No("[UNAVAILABLE] later".to_owned()))]
#[tokio::test]
async fn a_broken_append_leaves_one_draft(#[case] effect: ImapEffect) {
    let house = house().await;
    house.world().inject(Fault::imap(Verb::Append).folder("Drafts").then(effect));
    house.deliver(&Mail::pitch());
    house.sync().await;
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    assert_eq!(house.folder("Drafts").len(), 1);
    assert_eq!(house.states(), ["drafted"]);
    assert_eq!(house.world().faults_pending(), 0);
}

#[tokio::test]
async fn an_answer_in_drafts_that_all_mail_shows_was_not_sent_after_a_crash_behind_the_append() {
    let house = House::with(|config, world| {
        config.auto_reply.mode = Mode::Draft;
        world.add_folder("dana", "All Mail", Some(SpecialUse::All)).unwrap();
    })
    .await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.write(|tx| Ok(tx.execute("UPDATE outbox SET state = 'queued', settled_at = NULL", [])?));
    let draft = house.folder("Drafts").remove(0);
    house.world().deliver("dana", "All Mail", draft.as_bytes(), None).unwrap();
    house.sync_well().await;
    assert_eq!(house.states(), ["drafted"]);
    assert_eq!(house.folder("Drafts").len(), 1);
}

#[tokio::test]
async fn an_append_that_arrived_although_its_answer_was_lost_is_found() {
    let house = house().await;
    // the mail is stored, then the connection ends before the answer
    house.deliver(&Mail::pitch());
    let hit = Fault::imap(Verb::Append).folder("Drafts").run_after(|_| ());
    house.world().inject(hit);
    house.sync_well().await;
    let draft = house.folder("Drafts").remove(0);
    let changed = house.write(|tx| Ok(tx.execute("UPDATE outbox SET state = 'queued', settled_at = NULL", [])?));
    assert_eq!(changed, 1);
    house.sync_well().await;
    assert_eq!(house.folder("Drafts"), [draft]);
}

#[rstest]
#[case::as_it_was(false)]
#[case::by_a_client_that_renames_it(true)]
#[tokio::test]
async fn the_promise_starts_when_the_user_sends_the_draft(#[case] renamed: bool) {
    let house = house().await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    assert_eq!(house.texts("SELECT check_back_on FROM roster"), [""]);
    house.advance(SignedDuration::from_hours(48));
    let mut draft =
        house.folder("Drafts").remove(0).replace("Tue, 10 Mar 2026 11:05:00 +0100", "Thu, 12 Mar 2026 11:05:00 +0100");
    if renamed {
        let line = draft.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
        draft = draft.replace(&line, "Message-ID: <client-made@devmail.example>").replace("Hi,\r\n", "Hi Rita,\r\n");
    }
    house.world().expunge("dana", "Drafts", 1).unwrap();
    house.world().deliver("dana", "Sent", draft.as_bytes(), None).unwrap();
    house.sync_well().await;
    assert_eq!(house.texts("SELECT check_back_on FROM roster"), ["2026-11-12"]);
    house.advance(SignedDuration::from_hours(24));
    house.sync_well().await;
    assert!(house.folder("Drafts").is_empty() && house.world().received().is_empty());
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 0);
}
