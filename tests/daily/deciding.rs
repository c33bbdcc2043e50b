//! What an answer to the daily mail does to follow-ups and to what answers suggest.

use checkback::config::LogSent;
use jiff::SignedDuration;
use rstest::rstest;

use super::house::House;
use super::letters::{Letter, at, to_dana, to_others, until};
use super::mail::Mail;

const STEP: SignedDuration = SignedDuration::from_hours(4);
pub(super) const KIM: &str = "Kim Roth <kim@bigcorp.example>";

/// A house whose user asked Kim something on Tuesday 10 March.
pub(super) async fn asked() -> House {
    let house = House::with(|config, _| {
        config.reminders.mail = true;
        config.outreach.log_sent = LogSent::AllNewThreads;
    })
    .await;
    let words = "Hello Kim,\r\n\r\nmay I ask you three questions about schedulers?\r\n\r\nDana\r\n";
    house.put("Sent", &Mail::by_dana("ask-1@devmail.example", KIM, "Coffee and schedulers", words));
    house.sync_well().await;
    house
}

/// Kim did not answer, and the daily mail of Tuesday 17 March says that the nudge is due.
pub(super) async fn due() -> (House, Letter) {
    let house = asked().await;
    until(&house, "2026-03-17T12:00", STEP).await;
    let letter = to_dana(&house).pop().unwrap();
    assert_eq!(letter.subject, "Tue 17 March: 1 follow-up due");
    assert!(letter.text.contains("1. Kim Roth"), "{}", letter.text);
    (house, letter)
}

/// The user's answer to a daily mail, as it lies in Sent and comes in again.
pub(super) async fn say(house: &House, letter: &Letter, words: &str) {
    let mail = Mail::by_dana(
        &format!("reply-{}@devmail.example", house.now().as_second()),
        "checkback <dana@devmail.example>",
        &format!("Re: {} [{}]", letter.subject, letter.token),
        &format!("{words}\r\n"),
    )
    .answering(&letter.message_id);
    say_mail(house, mail).await;
}

/// The same with a mail as a link writes it.
pub(super) async fn say_mail(house: &House, mail: Mail) {
    let date = jiff::fmt::rfc2822::to_string(&house.now().to_zoned(super::letters::zone())).unwrap();
    let mail = mail.set("Date", &date);
    house.put("Sent", &mail);
    house.deliver(&mail);
    house.advance(SignedDuration::from_mins(10));
    house.sync().await;
}

pub(super) fn answer_of_kim(words: &str) -> Mail {
    Mail::to_dana("re-1@bigcorp.example", KIM, "Re: Coffee and schedulers", words).answering("ask-1@devmail.example")
}

pub(super) fn steps(house: &House) -> Vec<String> {
    house.texts("SELECT step || ' ' || state || ' ' || reason FROM follow_up ORDER BY step")
}

#[tokio::test]
async fn a_follow_up_that_is_sent_by_a_word_leaves_once_in_the_thread_and_the_next_is_planned() {
    let (house, letter) = due().await;
    say(&house, &letter, "send 1").await;
    let sent = house.sent().into_iter().filter(|mail| mail.rcpt_to == ["kim@bigcorp.example"]).collect::<Vec<_>>();
    assert_eq!(sent.len(), 1, "{:?}", house.texts("SELECT refused FROM mail_command"));
    let text = String::from_utf8(sent[0].data.clone()).unwrap();
    assert!(text.contains("In-Reply-To: <ask-1@devmail.example>"), "{text}");
    assert!(!text.contains("Auto-Submitted"), "it is the user's own mail: {text}");
    until(&house, "2026-03-19T12:00", STEP).await;
    assert_eq!(to_others(&house), 1);
    assert!(steps(&house)[0].starts_with("1 done"), "{:?}", steps(&house));
    assert!(steps(&house)[1].starts_with("2 planned"), "{:?}", steps(&house));
}

#[rstest]
#[case::done("done 1", "1 done", 0)]
#[case::stopped("stop 1", "1 stopped", 0)]
#[case::later("snooze 1 3d", "1 planned", 0)]
#[case::into_drafts("draft 1", "1 ", 1)]
#[tokio::test]
async fn a_word_about_a_follow_up_sends_nothing(#[case] words: &str, #[case] step: &str, #[case] drafts: usize) {
    let (house, letter) = due().await;
    say(&house, &letter, words).await;
    assert_eq!(to_others(&house), 0);
    assert!(steps(&house)[0].starts_with(step), "{:?}", steps(&house));
    assert_eq!(house.folder("Drafts").len(), drafts);
    let confirmation = to_dana(&house).pop().unwrap();
    assert_eq!(confirmation.subject, "Done: 1", "{}", confirmation.text);
}

#[tokio::test]
async fn a_follow_up_that_is_put_off_is_due_again_on_its_day() {
    let (house, letter) = due().await;
    say(&house, &letter, "snooze 1 3d").await;
    until(&house, "2026-03-19T12:00", STEP).await;
    assert!(steps(&house)[0].starts_with("1 planned"), "{:?}", steps(&house));
    until(&house, "2026-03-20T20:00", STEP).await;
    assert!(steps(&house)[0].starts_with("1 due"), "{:?}", steps(&house));
}

#[tokio::test]
async fn a_word_that_comes_after_the_persons_answer_sends_nothing_and_is_told() {
    let (house, letter) = due().await;
    house.deliver(
        &answer_of_kim("Hi Dana,\r\n\r\nyes, with pleasure.\r\n\r\nKim\r\n").dated("Tue, 17 Mar 2026 10:00:00 +0000"),
    );
    say(&house, &letter, "send 1").await;
    assert_eq!(to_others(&house), 0, "{:?}", steps(&house));
    let refused = house.texts("SELECT refused FROM mail_command").concat();
    assert!(refused.contains("it was stopped"), "{refused}");
}

#[rstest]
#[case::yes("yes 1", 1)]
#[case::no("no 1", 0)]
#[tokio::test]
async fn what_an_answer_suggests_is_decided_by_its_number(#[case] words: &str, #[case] drafts: usize) {
    let house = asked().await;
    house.advance(SignedDuration::from_hours(1));
    house.deliver(
        &answer_of_kim("Hi Dana,\r\n\r\nYes, with pleasure. Does Thursday at three work for you?\r\n\r\nKim\r\n")
            .dated("Tue, 10 Mar 2026 14:00:00 +0000"),
    );
    until(&house, "2026-03-11T12:00", STEP).await;
    let letter = to_dana(&house).pop().unwrap();
    assert_eq!(letter.subject, "Wed 11 March: 1 new answer, 1 to decide");
    assert!(letter.text.contains("1. Kim Roth: yes"), "{}", letter.text);
    assert!(letter.text.contains("yes 1 · no 1"), "{}", letter.text);
    say(&house, &letter, words).await;
    assert_eq!(house.folder("Drafts").len(), drafts, "{:?}", house.texts("SELECT refused FROM mail_command"));
    assert_eq!(to_others(&house), 0);
    assert_eq!(house.count("SELECT count(*) FROM next_step WHERE state = 'open'"), 0);
}

#[tokio::test]
async fn a_suggestion_that_nobody_decided_stays_in_the_next_mails() {
    let house = asked().await;
    house.advance(SignedDuration::from_hours(1));
    house.deliver(
        &answer_of_kim("Hi Dana,\r\n\r\nNo, I am not interested, sorry.\r\n\r\nKim\r\n")
            .dated("Tue, 10 Mar 2026 14:00:00 +0000"),
    );
    until(&house, "2026-03-16T12:00", STEP).await;
    let letters = to_dana(&house);
    assert!(letters[0].text.contains("yes 1 · no 1"), "{}", letters[0].text);
    assert!(letters.len() == 2 && house.now() > at("2026-03-16T08:00"), "{letters:?}");
    assert!(letters[1].text.contains("Shall it be done?"), "{}", letters[1].text);
    assert!(letters[1].text.contains("1. Kim Roth"), "{}", letters[1].text);
}
