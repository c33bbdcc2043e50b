//! An answer to the daily mail goes to the user: one copy comes into the inbox, one lies in Sent, and either
//! may be read first.

use jiff::SignedDuration;
use rstest::rstest;

use super::answering::{later, reply, told};
use super::house::House;
use super::letters::{to_dana, to_others, until};
use super::mail::Mail;

const STEP: SignedDuration = SignedDuration::from_hours(4);

/// The copy that comes in: some servers stamp what a user sends to themselves, some do not.
fn come_in(house: &House, mail: &Mail, stamped: bool) {
    let stamp = "from a.example by mx.devmail.example; Wed, 11 Mar 2026 12:00:05 +0100";
    let mail = mail.clone();
    house.deliver(&if stamped { mail.on_top("Received", stamp) } else { mail });
}

/// Mails that say a command did not lie in Sent.
fn accused(house: &House) -> usize {
    let says =
        |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").contains("not out of your Sent folder");
    to_dana(house).iter().filter(|letter| says(&letter.text)).count()
}

#[rstest]
#[tokio::test]
async fn an_answer_is_carried_out_once_whichever_copy_is_read_first(
    #[values(true, false)] stamped: bool,
    #[values("inbox first", "sent first", "together", "the next day")] order: &str,
) {
    let (house, letter) = told().await;
    let command = reply(&letter, "send 1\r\n");
    match order {
        "sent first" => house.put("Sent", &command),
        _ => {
            come_in(&house, &command, stamped);
            if order == "together" { house.put("Sent", &command) } else { 0 }
        }
    };
    later(&house).await;
    match order {
        "inbox first" => {
            assert_eq!(to_others(&house), 0, "the inbox commands nothing");
            house.put("Sent", &command);
        }
        "the next day" => {
            until(&house, "2026-03-12T12:00", STEP).await;
            assert_eq!(to_others(&house), 0);
            house.put("Sent", &command);
        }
        "sent first" => come_in(&house, &command, stamped),
        _ => {}
    }
    later(&house).await;
    assert_eq!(to_others(&house), 1, "{:?}", house.texts("SELECT refused FROM mail_command"));
    let confirmed = || to_dana(&house).iter().filter(|letter| letter.subject == "Done: 1").count();
    assert_eq!(confirmed(), 1);
    until(&house, "2026-03-14T12:00", STEP).await;
    assert_eq!((to_others(&house), confirmed()), (1, 1));
    assert_eq!(
        accused(&house),
        usize::from(order == "the next day"),
        "only a copy that was looked for in vain is told"
    );
}

#[tokio::test]
async fn a_daily_mail_that_is_written_before_the_copy_in_sent_can_be_there_accuses_nobody() {
    let (house, letter) = told().await;
    until(&house, "2026-03-12T07:58", STEP).await;
    let command = reply(&letter, "no 1\r\n").set("Date", "Thu, 12 Mar 2026 07:58:00 +0100");
    come_in(&house, &command, false);
    until(&house, "2026-03-12T08:05", SignedDuration::from_mins(1)).await;
    house.put("Sent", &command);
    until(&house, "2026-03-14T12:00", STEP).await;
    assert!(house.outbox("held").is_empty());
    assert_eq!(accused(&house), 0, "{:?}", to_dana(&house));
}
