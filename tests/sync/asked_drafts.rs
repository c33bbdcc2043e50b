//! What a person asks for and finishes in Drafts: it begins its outreach when it is sent.

use checkback::sandbox::{Fault, ImapEffect, SpecialUse, Verb};
use checkback::service::asked::Outcome;
use jiff::SignedDuration;
use rstest::rstest;

use super::asked::{answer, ask, counts, draft, levels};
use super::house::House;

#[rstest]
#[case::as_it_was(false, false)]
#[case::with_another_id(true, false)]
#[case::with_another_id_and_other_words(true, true)]
#[tokio::test]
async fn a_draft_begins_its_outreach_when_the_user_sends_it(#[case] renamed: bool, #[case] changed: bool) {
    let house = House::open().await;
    let Outcome::Drafted(mail) = ask(&house, &draft()).await else { panic!() };
    assert_eq!((mail.outreach, counts(&house)), (None, (0, 0, 0)));
    assert!(matches!(ask(&house, &draft()).await, Outcome::Already { .. }));
    house.sync_well().await;
    assert_eq!(house.folder("Drafts").len(), 1);
    house.advance(SignedDuration::from_hours(24));
    let mut text = house.folder("Drafts").remove(0);
    assert!(text.contains("Date: Tue, 10 Mar 2026 11:05:00 +0100"), "{text}");
    text = text.replace("Tue, 10 Mar 2026 11:05:00", "Wed, 11 Mar 2026 11:05:00");
    let mut id = mail.message_id.as_str().to_owned();
    if renamed {
        text = text.replace(&id, "client-made@devmail.example");
        id = "client-made@devmail.example".to_owned();
    }
    if changed {
        text = text.replace("Hi Kim,", "Dear Kim,").replace("Subject: A question about testing", "Subject: On testing");
    }
    house.world().expunge("dana", "Drafts", 1).unwrap();
    house.world().deliver("dana", "Sent", text.as_bytes(), None).unwrap();
    house.sync_well().await;
    assert_eq!(
        house.texts("SELECT template || ' ' || sequence || ' ' || first_touch_at FROM outreach"),
        ["coffee cold 2026-03-11T10:05:00Z"]
    );
    assert_eq!(counts(&house), (1, 1, 0));
    house.deliver(&answer(&id, "Sure.\r\n\r\nKim\r\n").dated("Thu, 12 Mar 2026 06:00:00 +0000"));
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(levels(&house), ["sure in_reply_to"]);
    assert_eq!(house.states(), ["sent"]);
    assert!(house.sent().is_empty(), "the user sent it, not checkback");
}

#[rstest]
#[case::as_it_lies_there("drafted")]
#[case::after_a_crash_behind_the_append("queued")]
#[tokio::test]
async fn a_draft_that_a_provider_shows_in_all_mail_was_not_sent_yet(#[case] state: &str) {
    let house = House::with(|_, world| world.add_folder("dana", "All Mail", Some(SpecialUse::All)).unwrap()).await;
    assert!(matches!(ask(&house, &draft()).await, Outcome::Drafted(_)));
    house.write(|tx| Ok(tx.execute("UPDATE outbox SET state = ?1", [state])?));
    let text = house.folder("Drafts").remove(0);
    house.world().deliver("dana", "All Mail", text.as_bytes(), None).unwrap();
    house.sync_well().await;
    assert_eq!((counts(&house), house.states()), ((0, 0, 0), vec!["drafted".to_owned()]));
    assert_eq!(house.folder("Drafts").len(), 1);
    house.world().deliver("dana", "Sent", text.as_bytes(), None).unwrap();
    house.sync_well().await;
    assert_eq!((counts(&house), house.states()), ((1, 1, 0), vec!["sent".to_owned()]));
}

#[tokio::test]
async fn a_draft_whose_append_was_cut_off_lies_there_once() {
    let mut house = House::open().await;
    house.world().inject(Fault::imap(Verb::Append).folder("Drafts").then(ImapEffect::CutAfter(0)));
    ask(&house, &draft()).await;
    house.restart(|_| ());
    house.advance(SignedDuration::from_mins(5));
    ask(&house, &draft()).await;
    assert_eq!(house.folder("Drafts").len(), 1);
    assert_eq!(house.states(), ["drafted"]);
}
