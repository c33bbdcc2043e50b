//! The gate: what a written follow-up must pass at the last moment.

use checkback::sandbox::{Fault, SmtpStage, Verb, World};
use checkback::store::decisions;
use jiff::SignedDuration;
use rstest::rstest;

use super::asking::*;
use super::house::House;
use super::mail::Mail;

const KIM: &str = "Kim Roth <kim@bigcorp.example>";

async fn asked() -> (House, String) {
    let house = house().await;
    let id = ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "send").await;
    at(&house, FIRST_NUDGE);
    (house, id)
}

/// Puts a mail into INBOX right before the second look into it: that of the gate.
fn at_the_gate(house: &House, mail: &Mail) {
    let bytes = arriving(house, mail.clone()).bytes();
    let put = move |world: &mut World| {
        world.deliver("dana", "INBOX", &bytes, None).unwrap();
    };
    house.world().inject(Fault::imap(Verb::Examine).folder("INBOX").nth(2).run(put));
}

#[rstest]
#[case::an_answer("Re: Coffee and schedulers", true, "1 stopped response")]
#[case::any_mail("The meetup", false, "1 paused candidate")]
#[tokio::test]
async fn mail_that_only_the_gates_read_shows_stops_it(
    #[case] subject: &str,
    #[case] answers: bool,
    #[case] becomes: &str,
) {
    let (house, id) = asked().await;
    let mail = Mail::to_dana("late@bigcorp.example", KIM, subject, "Hello Dana, gladly.\r\n");
    at_the_gate(&house, &if answers { mail.answering(&id) } else { mail });
    house.sync_well().await;
    assert_eq!(house.world().faults_pending(), 0);
    assert!(nudges(&house).is_empty());
    assert_eq!(house.states(), ["sent", "cancelled"], "it had been written");
    assert_eq!(follow_ups(&house), [becomes]);
}

#[tokio::test]
async fn an_absence_at_the_gate_moves_it_and_it_leaves_later_under_the_same_id() {
    let (house, id) = asked().await;
    let words = "I am out of the office until 23 March 2026.";
    let away = Mail::to_dana("away@bigcorp.example", KIM, "Automatic reply: Coffee and schedulers", words)
        .answering(&id)
        .on_top("Auto-Submitted", "auto-replied");
    at_the_gate(&house, &away);
    house.sync_well().await;
    assert_eq!(house.states(), ["sent", "cancelled"]);
    assert_eq!(follow_ups(&house), ["1 planned"]);
    let first_id = house.texts("SELECT message_id FROM outbox ORDER BY id")[1].clone();
    at(&house, "2026-03-26T08:00:00Z");
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 1);
    assert!(text(&nudges(&house)[0]).contains(&first_id));
    assert_eq!(house.states(), ["sent", "sent"]);
}

#[tokio::test]
async fn nothing_leaves_while_a_folder_cannot_be_read() {
    let (house, _) = asked().await;
    house.world().inject(Fault::imap(Verb::Examine).folder("INBOX").nth(2).standing().no("[UNAVAILABLE] later"));
    let synced = house.sync().await;
    assert_eq!(synced.exit_code(), 4);
    assert!(nudges(&house).is_empty());
    assert_eq!(follow_ups(&house), ["1 written"]);
    house.world().clear_faults();
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 1);
}

#[tokio::test]
async fn a_mail_that_the_server_shows_and_does_not_hand_out_lets_it_wait() {
    let (house, id) = asked().await;
    let answer = Mail::to_dana("late@bigcorp.example", KIM, "Re: Coffee and schedulers", "Gladly!\r\n").answering(&id);
    let uid = house.deliver(&arriving(&house, answer));
    let withhold = checkback::sandbox::ImapEffect::Withhold(vec![uid]);
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").standing().then(withhold));
    house.sync().await;
    house.advance(SignedDuration::from_mins(5));
    house.sync().await;
    assert!(nudges(&house).is_empty());
    house.world().clear_faults();
    house.advance(SignedDuration::from_hours(2));
    house.sync_well().await;
    assert!(nudges(&house).is_empty());
    assert_eq!(follow_ups(&house), ["1 stopped response"]);
}

#[tokio::test]
async fn a_pause_holds_it_back_and_resuming_lets_it_go() {
    let (house, _) = asked().await;
    let now = house.now();
    house.write(|tx| decisions::pause(tx, true, None, now));
    house.sync_well().await;
    assert!(nudges(&house).is_empty());
    assert_eq!(follow_ups(&house), ["1 planned paused"]);
    house.write(|tx| decisions::pause(tx, false, None, now));
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 1);
}

#[tokio::test]
async fn one_that_waited_for_the_sending_server_keeps_the_window() {
    let (house, _) = asked().await;
    house.world().inject(Fault::smtp(SmtpStage::Connect).reply("421 4.3.2 later"));
    at(&house, "2026-03-17T15:59:00Z");
    house.sync().await;
    assert!(nudges(&house).is_empty());
    house.advance(SignedDuration::from_mins(2));
    house.sync().await;
    assert!(nudges(&house).is_empty(), "17:01 in Berlin");
    at(&house, "2026-03-18T08:00:00Z");
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 1);
}

#[tokio::test]
async fn one_that_waited_for_over_a_week_is_held() {
    let (house, _) = asked().await;
    house.world().inject(Fault::smtp(SmtpStage::Connect).standing().reply("421 4.3.2 later"));
    house.sync().await;
    house.world().clear_faults();
    at(&house, "2026-03-25T10:00:00Z");
    house.sync_well().await;
    assert!(nudges(&house).is_empty());
    assert_eq!(follow_ups(&house), ["1 held too_late"]);
}
