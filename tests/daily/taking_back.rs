//! The gate before a follow-up that was sent by a word, and `undo`: of one answer by mail, all of it.

use checkback::domain::act::{Action, Item};
use checkback::sandbox::{Fault, Verb, World};
use checkback::store::decisions::Undone;
use jiff::SignedDuration;
use rstest::rstest;

use super::answering::{STEP, link};
use super::deciding::{KIM, answer_of_kim, asked, due, say, say_mail, steps};
use super::house::House;
use super::letters::{Letter, to_dana, to_others, until, vague};
use super::mail::Mail;

/// A mail that is delivered right before the second look into INBOX: that of the gate.
fn at_the_gate(house: &House, mail: &Mail) {
    let bytes = mail.bytes();
    let put = move |world: &mut World| {
        world.deliver("dana", "INBOX", &bytes, None).unwrap();
    };
    house.world().inject(Fault::imap(Verb::Examine).folder("INBOX").nth(2).run(put));
}

fn late_answer() -> Mail {
    answer_of_kim("Hi Dana,\r\n\r\nyes, with pleasure.\r\n\r\nKim\r\n").dated("Tue, 17 Mar 2026 11:05:00 +0000")
}

/// One Kim, whose follow-up is due, and one held answer to Rita: a mail that offers both.
async fn two_to_decide() -> (House, Letter) {
    let house = asked().await;
    house.advance(SignedDuration::from_hours(1));
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    until(&house, "2026-03-17T12:00", STEP).await;
    let letter = to_dana(&house).pop().unwrap();
    assert_eq!(letter.subject, "Tue 17 March: 1 follow-up due, 1 to decide", "{:?}", steps(&house));
    assert!(letter.text.contains("1. Kim Roth") && letter.text.contains("2. Rita Holm"), "{}", letter.text);
    (house, letter)
}

fn undo(house: &House) -> Undone {
    house.workspace.app().undo(&mut house.workspace.store(), house.now()).unwrap()
}

fn refused(house: &House) -> String {
    house.texts("SELECT refused FROM mail_command ORDER BY message").concat()
}

#[derive(Debug, Clone, Copy)]
enum By {
    Mail,
    Terminal,
}

#[rstest]
#[tokio::test]
async fn an_answer_between_the_word_and_the_sending_stops_the_follow_up_and_is_told(
    #[values(By::Mail, By::Terminal)] by: By,
) {
    let (house, letter) = due().await;
    at_the_gate(&house, &late_answer());
    match by {
        By::Mail => say(&house, &letter, "send 1").await,
        By::Terminal => {
            let app = house.workspace.app();
            let acted = app.act(&mut house.workspace.store(), Item::FollowUp(1), &Action::Send, house.now()).unwrap();
            assert_eq!(acted.said, "leaves after a last check");
            house.sync_well().await;
        }
    }
    assert_eq!(house.world().faults_pending(), 0, "the gate has looked");
    assert_eq!(to_others(&house), 0);
    let written = house.texts("SELECT state || ' ' || because FROM outbox WHERE errand = 'own'");
    assert_eq!(written, ["cancelled called back: the person answered"]);
    assert!(steps(&house)[0].starts_with("1 stopped response"), "{:?}", steps(&house));
    until(&house, "2026-03-19T12:00", STEP).await;
    let flat = |mail: &Letter| mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told: Vec<Letter> = to_dana(&house).into_iter().filter(|mail| flat(mail).contains("did not leave")).collect();
    assert_eq!(told.len(), 1, "once");
    let flat = flat(&told[0]);
    assert!(flat.contains("Your follow-up to Kim Roth (“Re: Coffee and schedulers”) did not leave"), "{flat}");
    assert!(told[0].subject.contains("1 warning, 1 new answer"), "{}", told[0].subject);
    assert_eq!(to_others(&house), 0);
}

#[tokio::test]
async fn a_follow_up_by_a_word_waits_while_the_mailbox_cannot_be_read_and_leaves_then() {
    let (house, _) = due().await;
    house.workspace.app().act(&mut house.workspace.store(), Item::FollowUp(1), &Action::Send, house.now()).unwrap();
    house.world().inject(Fault::imap(Verb::Examine).folder("INBOX").nth(2).standing().no("[UNAVAILABLE] later"));
    assert_eq!(house.sync().await.exit_code(), 4);
    assert_eq!(to_others(&house), 0);
    house.world().clear_faults();
    house.sync_well().await;
    assert_eq!(to_others(&house), 1);
}

#[tokio::test]
async fn neither_the_hour_nor_a_pause_keeps_a_follow_up_that_the_user_sends() {
    let (house, _) = due().await;
    until(&house, "2026-03-17T22:00", STEP).await;
    house.workspace.app().pause(&mut house.workspace.store(), None, house.now()).unwrap();
    house.workspace.app().act(&mut house.workspace.store(), Item::FollowUp(1), &Action::Send, house.now()).unwrap();
    house.sync_well().await;
    assert_eq!(to_others(&house), 1);
}

#[tokio::test]
async fn a_follow_up_whose_text_was_edited_leaves_as_it_was_written() {
    let (house, letter) = due().await;
    let (subject, body) = link(&letter, "edit 1");
    let body = body.replace("wondered", "only hoped");
    assert!(body.contains("only hoped"), "{body}");
    say_mail(&house, Mail::by_dana("edit-1@devmail.example", "dana@devmail.example", &subject, &body)).await;
    let sent: Vec<_> = house.sent().into_iter().filter(|mail| mail.rcpt_to == ["kim@bigcorp.example"]).collect();
    assert_eq!(sent.len(), 1, "{}", refused(&house));
    let text = String::from_utf8(sent[0].data.clone()).unwrap();
    assert!(text.contains("only hoped") && !text.contains("wondered"), "{text}");
    assert!(!text.contains("===") && !text.contains("cb-"), "{text}");
    assert!(text.contains("In-Reply-To: <ask-1@devmail.example>"), "{text}");
}

#[tokio::test]
async fn a_recruiter_by_a_word_is_answered_and_is_remembered() {
    let (house, letter) = two_to_decide().await;
    say(&house, &letter, "recruiter 2").await;
    let sent: Vec<_> = house.sent().into_iter().filter(|mail| mail.rcpt_to != ["dana@devmail.example"]).collect();
    assert_eq!(sent.len(), 1, "{}", refused(&house));
    assert_eq!(sent[0].rcpt_to, ["rita.holm@brightstaff.example"]);
    assert!(String::from_utf8(sent[0].data.clone()).unwrap().contains("Auto-Submitted: auto-replied"));
    assert_eq!(house.count("SELECT count(*) FROM correction"), 1);
}

#[rstest]
#[case::follow_up("never 1", "kim@bigcorp.example")]
#[case::held_answer("never 2", "rita.holm@brightstaff.example")]
#[tokio::test]
async fn never_stops_what_waits_and_one_undo_by_mail_brings_it_back(#[case] words: &str, #[case] who: &str) {
    let (house, letter) = two_to_decide().await;
    let before = (steps(&house), house.outbox("held").len());
    say(&house, &letter, words).await;
    assert_eq!(house.texts("SELECT entry FROM suppression"), [who], "{}", refused(&house));
    assert_ne!((steps(&house), house.outbox("held").len()), before);
    say(&house, &letter, "undo").await;
    assert_eq!(house.count("SELECT count(*) FROM suppression"), 0, "{}", refused(&house));
    assert_eq!((steps(&house), house.outbox("held").len()), before);
    assert_eq!(to_others(&house), 0);
}

#[rstest]
#[tokio::test]
async fn undo_takes_back_all_of_an_answer_by_mail(#[values(By::Mail, By::Terminal)] by: By) {
    let (house, letter) = two_to_decide().await;
    let before = (steps(&house), house.outbox("held").len());
    say(&house, &letter, "snooze 1 3d\r\nno 2").await;
    let confirmation = to_dana(&house).pop().unwrap();
    assert_eq!(confirmation.subject, "Done: 2");
    assert!(confirmation.text.contains("the word undo takes all of it back"), "{}", confirmation.text);
    assert!(house.outbox("held").is_empty());
    match by {
        By::Mail => {
            say(&house, &letter, "Undo, please.").await;
            let said = to_dana(&house).pop().unwrap();
            assert_eq!(said.subject, "Done: 1");
            assert!(said.text.contains("undo: taken back: all of your answer by mail"), "{}", said.text);
        }
        By::Terminal => match undo(&house) {
            Undone::Done { what, about, left, .. } => {
                assert_eq!(what, "all of your answer by mail:");
                assert!(about.contains("rejected m") && about.contains("snoozed the follow-up"), "{about}");
                assert!(left.is_empty(), "{left:?}");
            }
            other => panic!("{other:?}"),
        },
    }
    assert_eq!((steps(&house), house.outbox("held").len()), before);
    assert_eq!(undo(&house), Undone::Nothing);
    until(&house, "2026-03-19T12:00", STEP).await;
    let again = to_dana(&house).pop().unwrap();
    assert!(
        again.subject.contains("1 follow-up due, 1 to decide"),
        "the next daily mail offers both: {}",
        again.subject
    );
    assert_eq!(to_others(&house), 0);
}

#[tokio::test]
async fn undo_says_what_has_left_and_takes_back_the_rest() {
    let (house, letter) = two_to_decide().await;
    say(&house, &letter, "send 1, no 2").await;
    assert_eq!(to_others(&house), 1);
    say(&house, &letter, "undo").await;
    assert_eq!(house.outbox("held").len(), 1, "{}", refused(&house));
    let said = to_dana(&house).pop().unwrap();
    assert_eq!(said.subject, "Done: 1, not done: 1");
    assert!(said.text.contains("to kim@bigcorp.example has left"), "{}", said.text);
    assert_eq!(to_others(&house), 1);
}

#[tokio::test]
async fn undo_by_mail_touches_nothing_that_was_decided_elsewhere_or_beside_other_commands() {
    let (house, letter) = two_to_decide().await;
    say(&house, &letter, "undo").await;
    assert!(refused(&house).contains("undo: there is nothing to take back"), "{}", refused(&house));
    say(&house, &letter, "no 2\r\nundo").await;
    assert!(refused(&house).contains("undo stands alone"), "{}", refused(&house));
    assert_eq!(house.outbox("held").len(), 1);
    house.workspace.app().act(&mut house.workspace.store(), Item::FollowUp(1), &Action::Stop, house.now()).unwrap();
    say(&house, &letter, "undo").await;
    assert!(refused(&house).contains("your last decision came by no mail"), "{}", refused(&house));
    assert!(steps(&house)[0].starts_with("1 stopped by_you"), "{:?}", steps(&house));
}

#[tokio::test]
async fn a_suggestion_that_was_followed_is_taken_back_as_far_as_it_can() {
    let house = asked().await;
    house.advance(SignedDuration::from_hours(1));
    house.deliver(
        &Mail::to_dana(
            "re-1@bigcorp.example",
            KIM,
            "Re: Coffee and schedulers",
            "Hi Dana,\r\n\r\nNo, I am not interested, sorry.\r\n\r\nKim\r\n",
        )
        .answering("ask-1@devmail.example")
        .dated("Tue, 10 Mar 2026 14:00:00 +0000"),
    );
    until(&house, "2026-03-11T12:00", STEP).await;
    let letter = to_dana(&house).pop().unwrap();
    say(&house, &letter, "no 1").await;
    assert_eq!(house.count("SELECT count(*) FROM next_step WHERE state = 'open'"), 0, "{}", refused(&house));
    say(&house, &letter, "undo").await;
    assert_eq!(house.count("SELECT count(*) FROM next_step WHERE state = 'open'"), 1, "{}", refused(&house));
}
