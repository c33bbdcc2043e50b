//! What becomes of a follow-up.

use checkback::domain::sequence::life::State;
use checkback::store::follow_ups::plan_of;
use rstest::rstest;

use super::asking::*;
use super::house::House;
use super::mail::Mail;

const KIM: &str = "Kim Roth <kim@bigcorp.example>";

async fn asked_kim(sequence: &str) -> (House, String) {
    let house = house().await;
    let id = ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", sequence).await;
    assert_eq!(follow_ups(&house), ["1 planned"]);
    assert_eq!(due_at(&house), [FIRST_NUDGE]);
    (house, id)
}

fn header(text: &str, name: &str) -> String {
    let unfolded = text.replace("\r\n ", " ");
    let line = unfolded.lines().find(|line| line.starts_with(&format!("{name}: "))).unwrap_or_default();
    line.trim_start_matches(&format!("{name}: ")).to_owned()
}

#[tokio::test]
async fn two_nudges_leave_in_the_thread_of_the_first_mail_and_then_none() {
    let (house, id) = asked_kim("send").await;
    at(&house, "2026-03-17T07:59:59Z");
    house.sync_well().await;
    assert!(nudges(&house).is_empty());
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 1);
    assert_eq!(follow_ups(&house), ["1 done", "2 planned"]);
    assert_eq!(due_at(&house), [SECOND_NUDGE], "from the first nudge as it was sent");
    for day in 0..120 {
        house.advance(hours(24));
        house.sync_well().await;
        assert!(nudges(&house).len() <= 2, "day {day}");
    }
    assert_eq!(follow_ups(&house), ["1 done", "2 done"]);
    let sent: Vec<String> = nudges(&house).iter().map(text).collect();
    let [first, second] = sent.as_slice() else { panic!("{}", sent.len()) };
    for mail in [first, second] {
        assert_eq!(header(mail, "Subject"), "Re: Coffee and schedulers");
        assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
        assert_eq!(header(mail, "To"), "\"Kim Roth\" <kim@bigcorp.example>");
        assert!(mail.contains("Hi Kim,") && mail.contains("Dana"), "{mail}");
    }
    assert_eq!(header(first, "References"), format!("<{id}>"));
    assert_eq!(header(second, "References"), format!("<{id}> {}", header(first, "Message-ID")));
    assert_eq!(header(second, "In-Reply-To"), header(first, "Message-ID"));
    assert_eq!(house.count("SELECT count(*) FROM touch"), 3);
}

#[tokio::test]
async fn the_shipped_sequence_reminds_in_the_morning_with_the_finished_text_and_sends_nothing() {
    let (house, _) = asked_kim("cold").await;
    at(&house, "2026-03-16T22:59:00Z");
    house.sync_well().await;
    assert!(today(&house).is_empty());
    at(&house, "2026-03-16T23:00:00Z");
    house.sync_well().await;
    let waiting = today(&house);
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].state, State::Due);
    assert_eq!(waiting[0].person.0, "kim@bigcorp.example");
    assert_eq!(waiting[0].subject, "Re: Coffee and schedulers");
    assert!(waiting[0].text.starts_with("Hi Kim,\n"), "{}", waiting[0].text);
    house.advance(hours(24 * 40));
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 due"], "told once, and not held later");
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn an_answer_stops_it_and_every_other_outreach_to_that_person() {
    let (house, id) = asked_kim("send").await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "A talk in May", "send").await;
    ask(&house, "Lee Park", "lee@other.example", "Compilers", "send").await;
    let answer = Mail::to_dana("answer@bigcorp.example", KIM, "Re: Coffee and schedulers", "Gladly! Thursday?\r\n");
    house.deliver(&arriving(&house, answer.answering(&id)));
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 stopped response", "1 stopped response", "1 planned"]);
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert_eq!(nudges(&house).iter().map(|mail| mail.rcpt_to[0].as_str()).collect::<Vec<_>>(), ["lee@other.example"]);
}

#[tokio::test]
async fn an_old_answer_stops_no_later_ask() {
    let (house, id) = asked_kim("send").await;
    let answer = Mail::to_dana("answer@bigcorp.example", KIM, "Re: Coffee and schedulers", "Gladly! Thursday?\r\n");
    house.deliver(&arriving(&house, answer.answering(&id)));
    house.advance(hours(24 * 90));
    house.sync_well().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Another thing", "send").await;
    assert_eq!(follow_ups(&house), ["1 stopped response", "1 planned"]);
}

#[rstest]
#[case::another_thread("About the meetup", "See you there?\r\n")]
#[case::a_receipt("Read: Coffee and schedulers", "Your message was read.\r\n")]
#[tokio::test]
async fn any_mail_from_the_person_pauses_it_until_the_user_goes_on(#[case] subject: &str, #[case] words: &str) {
    let (house, _) = asked_kim("send").await;
    house.deliver(&arriving(&house, Mail::to_dana("m@bigcorp.example", KIM, subject, words)));
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert!(nudges(&house).is_empty());
    let states = follow_ups(&house);
    assert!(states == ["1 paused mail"] || states == ["1 paused candidate"], "{states:?}");
    assert_eq!(today(&house).len(), 1, "it is shown");
    let now = house.now();
    house.workspace.app().follow_up_go_on(&mut house.workspace.store(), 1, now).unwrap();
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 1);
}

/// A notice that Kim's address is dead, about the mail with that id.
fn bounce(id: &str) -> Mail {
    let body = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n\r\n--b\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bigcorp.example\r\n\r\n\
         Final-Recipient: rfc822; kim@bigcorp.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         From: Dana Reyes <dana@devmail.example>\r\nTo: {KIM}\r\nSubject: Coffee and schedulers\r\n\
         Message-ID: <{id}>\r\n\r\n--b--\r\n"
    );
    let daemon = "Mail Delivery <mailer-daemon@mx.bigcorp.example>";
    Mail::to_dana("dsn@mx.bigcorp.example", daemon, "Undelivered mail", &body)
        .set("Content-Type", "multipart/report; report-type=delivery-status; boundary=b")
        .on_top("Return-Path", "<>")
}

#[tokio::test]
async fn a_hard_bounce_stops_it_and_every_other_outreach_to_that_address() {
    let (house, id) = asked_kim("send").await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "A talk in May", "send").await;
    ask(&house, "Lee Park", "lee@other.example", "Compilers", "send").await;
    house.deliver(&arriving(&house, bounce(&id)));
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 stopped bounced", "1 stopped bounced", "1 done", "2 planned"]);
    assert_eq!(nudges(&house).iter().map(|mail| mail.rcpt_to[0].as_str()).collect::<Vec<_>>(), ["lee@other.example"]);
}

#[tokio::test]
async fn an_address_that_was_dead_before_an_ask_stops_nothing_of_it() {
    let (house, id) = asked_kim("send").await;
    house.deliver(&arriving(&house, bounce(&id)));
    house.advance(hours(24));
    house.sync_well().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "A talk in May", "send").await;
    assert_eq!(follow_ups(&house), ["1 stopped bounced", "1 planned"]);
}

#[rstest]
#[case::with_a_date("I am out of the office until 23 March 2026.", "2026-03-26T08:00:00Z")]
#[case::without_a_date("I am out of the office at the moment.", "2026-03-19T08:00:00Z")]
#[tokio::test]
async fn an_absence_moves_it(#[case] words: &str, #[case] due: &str) {
    let (house, id) = asked_kim("send").await;
    at(&house, "2026-03-12T12:00:00Z");
    let away = Mail::to_dana("away@bigcorp.example", KIM, "Automatic reply: Coffee and schedulers", words)
        .answering(&id)
        .on_top("Auto-Submitted", "auto-replied");
    house.deliver(&arriving(&house, away));
    house.sync_well().await;
    assert_eq!((follow_ups(&house), due_at(&house)), (vec!["1 planned".to_owned()], vec![due.to_owned()]));
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert!(nudges(&house).is_empty());
    at(&house, due);
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 1);
}

#[tokio::test]
async fn a_mail_by_hand_in_the_thread_takes_the_place_of_the_nudge() {
    let (house, id) = asked_kim("send").await;
    at(&house, "2026-03-12T10:00:00Z");
    let by_hand = Mail::by_dana("by-hand@devmail.example", KIM, "Re: Coffee and schedulers", "One more thing.\r\n");
    house.put("Sent", &arriving(&house, by_hand.answering(&id)));
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 done", "2 planned"]);
    assert_eq!(due_at(&house), ["2026-03-24T08:00:00Z"], "eight working days after it");
    for _ in 0..60 {
        house.advance(hours(24));
        house.sync_well().await;
    }
    assert_eq!(nudges(&house).len(), 1);
    assert_eq!(follow_ups(&house), ["1 done", "2 done"]);
}

#[tokio::test]
async fn what_was_not_sent_from_here_is_only_reminded_of_until_the_user_says_otherwise() {
    let house = House::with(|config, _| {
        settings(config);
        config.follow_up.sequence = Some("send".into());
    })
    .await;
    let mail = Mail::by_dana("hand@devmail.example", KIM, "Coffee and schedulers", "Hello Kim,\r\n\r\nmay I ask?\r\n");
    house.put("Sent", &arriving(&house, mail));
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 planned"]);
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 due"]);
    assert!(house.sent().is_empty());
    let now = house.now();
    house.workspace.app().follow_up_allow(&mut house.workspace.store(), 1, now).unwrap();
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
    assert_eq!(follow_ups(&house), ["1 done", "2 planned"]);
}

#[tokio::test]
async fn a_draft_waits_in_drafts_and_counts_when_the_user_sends_it() {
    let (house, _) = asked_kim("draft").await;
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    house.advance(hours(48));
    house.sync_well().await;
    let drafts = house.folder("Drafts");
    assert_eq!(drafts.len(), 1);
    assert!(!drafts[0].contains("Auto-Submitted"));
    assert_eq!(follow_ups(&house), ["1 written"]);
    let sent = house.now().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let date = drafts[0].lines().find(|line| line.starts_with("Date: ")).unwrap().to_owned();
    let copy = drafts[0].replace(&date, &format!("Date: {sent}"));
    house.world().deliver("dana", "Sent", copy.as_bytes(), None).unwrap();
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 done", "2 planned"]);
}

#[tokio::test]
async fn a_text_with_a_gap_is_held_and_says_what_is_missing() {
    let house = House::with(|config, _| {
        settings(config);
        let mut news = sequence(checkback::domain::sequence::Action::Send);
        news.name = "news".into();
        news.steps[0].template = "keep-in-touch".into();
        config.sequences.insert(news);
    })
    .await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee", "news").await;
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 held gap"]);
    assert!(today(&house)[0].because.contains("news"), "{}", today(&house)[0].because);
    assert!(nudges(&house).is_empty());
}

#[tokio::test]
async fn somebody_whose_name_is_not_known_is_greeted_without_one() {
    let house = house().await;
    ask(&house, " ", "desk@bigcorp.example", "Coffee", "send").await;
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    assert!(text(&nudges(&house)[0]).contains("\r\nHi,\r\n"), "{}", text(&nudges(&house)[0]));
}

#[tokio::test]
async fn planning_again_changes_nothing() {
    let (house, _) = asked_kim("send").await;
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    let now = house.now();
    let lines = || house.count("SELECT count(*) FROM journal");
    let before = (lines(), follow_ups(&house), due_at(&house), house.states());
    house.write(|tx| tx.execute("UPDATE outreach SET unplanned = 1", []).map_err(Into::into));
    assert_eq!(house.workspace.app().plan(&mut house.workspace.store(), now).unwrap(), 0);
    house.write(|tx| tx.execute("UPDATE message SET pending = 1", []).map_err(Into::into));
    house.sync_well().await;
    assert_eq!((lines(), follow_ups(&house), due_at(&house), house.states()), before);
}

#[tokio::test]
async fn every_follow_up_says_why() {
    let (house, _) = asked_kim("send").await;
    at(&house, FIRST_NUDGE);
    house.sync_well().await;
    let plan = plan_of(house.workspace.store().read(), 1).unwrap();
    assert!(plan.iter().all(|row| !row.because.is_empty()), "{plan:?}");
    assert_eq!(house.count("SELECT count(*) FROM journal WHERE event LIKE 'follow_up%' AND because = ''"), 0);
}
