//! The daily mail answered: from every client, by nobody but the user, and once.

use checkback::sandbox::{SentCopy, SpecialUse};
use jiff::SignedDuration;

use super::house::House;
use super::letters::{Letter, reminded, to_dana, to_others, until, vague};
use super::mail::Mail;

pub(super) const STEP: SignedDuration = SignedDuration::from_hours(4);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A house with one held answer, of which the daily mail told.
pub(super) async fn told() -> (House, Letter) {
    let house = reminded().await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    until(&house, "2026-03-11T12:00", STEP).await;
    let letter = to_dana(&house).pop().unwrap();
    assert_eq!(letter.subject, "Wed 11 March: 1 to decide");
    assert!(letter.text.contains("send 1 · no 1"), "{}", letter.text);
    (house, letter)
}

pub(super) fn reply(letter: &Letter, body: &str) -> Mail {
    Mail::by_dana(
        "reply-1@devmail.example",
        "checkback <dana@devmail.example>",
        &format!("Re: {} [{}]", letter.subject, letter.token),
        body,
    )
    .set("Date", "Wed, 11 Mar 2026 12:00:00 +0100")
    .answering(&letter.message_id)
}

/// As the client puts it into Sent, and as it comes in again, for it goes to the user.
pub(super) fn put(house: &House, mail: &Mail) {
    house.put("Sent", mail);
    house.deliver(
        &mail.clone().on_top("Received", "from a.example by mx.devmail.example; Wed, 11 Mar 2026 12:00:05 +0100"),
    );
}

pub(super) async fn later(house: &House) {
    house.advance(HOUR);
    house.sync().await;
}

pub(super) fn quoted(letter: &Letter) -> String {
    letter.text.lines().map(|line| format!("> {line}\r\n")).collect()
}

pub(super) fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// The links of the HTML part, decoded: the subject and the body.
pub(super) fn links(letter: &Letter) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'%' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
                }
                other => bytes.push(other),
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    let plain = letter.html.replace("&#x3D;", "=").replace("&amp;", "&");
    let hrefs = plain.split("href=\"mailto:dana@devmail.example?subject=").skip(1);
    hrefs
        .map(|rest| {
            let (subject, rest) = rest.split_once("&body=").unwrap();
            (decode(subject), decode(rest.split('"').next().unwrap()))
        })
        .collect()
}

pub(super) fn link(letter: &Letter, order: &str) -> (String, String) {
    let found = links(letter).into_iter().find(|(subject, _)| subject.starts_with(&format!("{order} [")));
    found.unwrap_or_else(|| panic!("no link for {order}: {:?}", links(letter)))
}

#[tokio::test]
async fn a_link_does_what_it_says_and_its_mail_need_not_be_edited() {
    let (house, letter) = told().await;
    let (subject, body) = link(&letter, "no 1");
    put(&house, &Mail::by_dana("link-1@devmail.example", "dana@devmail.example", &subject, &body));
    later(&house).await;
    assert_eq!(house.states().iter().filter(|state| *state == "cancelled").count(), 1);
    assert_eq!(to_others(&house), 0);
}

#[tokio::test]
async fn a_text_that_was_edited_between_its_marks_is_sent_as_it_was_written() {
    let (house, letter) = told().await;
    let (subject, body) = link(&letter, "edit 1");
    assert!(body.contains("Feel free to check back"), "{body}");
    let body = body
        .replace("Thanks for reaching out to me", "Thank you, Rita")
        .replace("months.", "months.\r\n\r\nBest,\r\nDana");
    put(&house, &Mail::by_dana("edit-1@devmail.example", "dana@devmail.example", &subject, &body));
    later(&house).await;
    let sent = house.sent().into_iter().find(|mail| mail.rcpt_to != ["dana@devmail.example"]).unwrap();
    let sent = String::from_utf8(sent.data).unwrap();
    assert!(sent.contains("Thank you, Rita") && sent.contains("Best,\r\nDana"), "{sent}");
    assert!(!sent.contains("===") && !sent.contains("cb-"), "{sent}");
}

#[tokio::test]
async fn without_confirmations_the_user_gets_none() {
    let (mut house, letter) = told().await;
    house.restart(|config| config.reminders.confirm = false);
    put(&house, &reply(&letter, "send 1\r\n"));
    later(&house).await;
    assert_eq!((to_others(&house), to_dana(&house).len()), (1, 1));
}

#[tokio::test]
async fn after_seven_days_a_token_does_nothing() {
    let (house, letter) = told().await;
    until(&house, "2026-03-18T12:00", STEP).await;
    let before = to_dana(&house).len();
    put(&house, &reply(&letter, "send 1\r\n").set("Date", "Wed, 18 Mar 2026 12:00:00 +0100"));
    later(&house).await;
    assert_eq!(to_others(&house), 0);
    let after = to_dana(&house);
    assert_eq!((after.len() - before, after.last().unwrap().subject.as_str()), (1, "Not done: 1"));
}

#[tokio::test]
async fn a_command_is_carried_out_once_however_often_it_is_seen() {
    let (mut house, letter) = told().await;
    let backup = house.backup();
    let command = reply(&letter, "no 1\r\n");
    put(&house, &command);
    later(&house).await;
    let cancelled = "SELECT count(*) FROM decision WHERE state = 'made'";
    assert_eq!(house.count(cancelled), 1);
    // the folder is numbered anew, the mail is copied, and sent once more under another id
    house.world().edit(|world| world.set_uid_validity("dana", "Sent", 77).unwrap());
    house.put("Archive", &command);
    later(&house).await;
    assert_eq!(house.count(cancelled), 1);
    put(&house, &command.clone().set("Message-ID", "<again@devmail.example>"));
    later(&house).await;
    assert_eq!(house.count(cancelled), 1);
    assert!(to_dana(&house).last().unwrap().text.contains("an earlier answer decided it"));
    // an old backup decides the same again, and nothing else
    house.restore(&backup);
    later(&house).await;
    assert_eq!((house.count(cancelled), to_others(&house)), (1, 0));
}

#[tokio::test]
async fn a_restored_backup_sends_nothing_twice() {
    let (mut house, letter) = told().await;
    let backup = house.backup();
    put(&house, &reply(&letter, "send 1\r\n"));
    later(&house).await;
    assert_eq!(to_others(&house), 1);
    house.restore(&backup);
    later(&house).await;
    until(&house, "2026-03-13T12:00", STEP).await;
    assert_eq!(to_others(&house), 1);
}

#[tokio::test]
async fn the_decision_can_be_undone_and_the_token_stays_used() {
    let (house, letter) = told().await;
    put(&house, &reply(&letter, "no 1\r\n"));
    later(&house).await;
    assert!(house.outbox("held").is_empty());
    house.workspace.app().undo(&mut house.workspace.store(), house.now()).unwrap();
    assert_eq!(house.outbox("held").len(), 1);
    put(&house, &reply(&letter, "send 1\r\n").set("Message-ID", "<second@devmail.example>"));
    later(&house).await;
    assert_eq!(to_others(&house), 0, "decided once; the next daily mail offers it again");
}

#[tokio::test]
async fn what_was_decided_in_the_terminal_is_not_decided_by_a_late_answer() {
    let (house, letter) = told().await;
    let row = house.outbox("held").remove(0);
    house.write(|tx| checkback::store::decisions::reject(tx, row.id, house.now()));
    put(&house, &reply(&letter, "send 1\r\n"));
    later(&house).await;
    assert_eq!(to_others(&house), 0);
    assert!(to_dana(&house).last().unwrap().text.contains("it has changed since that mail"));
}

#[tokio::test]
async fn where_a_provider_hides_mail_to_oneself_the_copy_in_sent_counts_and_that_in_all_mail_does_not() {
    let house = House::with(|config, world| {
        config.reminders.mail = true;
        world.add_folder("dana", "[Gmail]/All Mail", Some(SpecialUse::All)).unwrap();
        world.user_mut("dana").unwrap().sent_copy = Some(SentCopy::AsSent);
    })
    .await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    until(&house, "2026-03-11T12:00", STEP).await;
    let letter = to_dana(&house).pop().unwrap();
    let command = reply(&letter, "send 1\r\n");
    house.put("[Gmail]/All Mail", &command);
    later(&house).await;
    assert_eq!(to_others(&house), 0, "anybody's mail lies in All Mail");
    house.put("Sent", &command);
    later(&house).await;
    assert_eq!(to_others(&house), 1);
    until(&house, "2026-03-13T12:00", STEP).await;
    assert!(to_dana(&house).iter().all(|letter| !letter.text.contains("not carried out")));
}
