//! Every fault on order, as the client meets it.

use std::time::{Duration, Instant};

use checkback::sandbox::{Fault, ImapEffect, Outcome, Sandbox, SmtpEffect, SmtpStage, Verb};
use rstest::rstest;

use super::common::{MAIL, sandbox};
use super::raw::Raw;

/// What a client gets for a FETCH of both mails of its INBOX under this fault.
async fn fetch_under(fault: Fault) -> (Sandbox, Raw, String) {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    raw.command("EXAMINE INBOX").await;
    sandbox.world().inject(fault);
    let answer = raw.command("UID FETCH 1:* (UID BODY.PEEK[])").await;
    (sandbox, raw, answer)
}

#[rstest]
#[case(Fault::imap(Verb::Fetch).no("[UNAVAILABLE] later"), "x NO [UNAVAILABLE] later\r\n")]
#[case(Fault::imap(Verb::Fetch).bad("no"), "x BAD no\r\n")]
#[case(Fault::imap(Verb::Fetch).bye("closing"), "* BYE closing\r\n")]
#[case(Fault::imap(Verb::Any).folder("inbox").then(ImapEffect::EmptyOk), "x OK done\r\n")]
#[case(Fault::imap(Verb::Fetch).user("ada").then(ImapEffect::Cut), "")]
#[tokio::test]
async fn a_fault_replaces_the_answer(#[case] fault: Fault, #[case] expected: &str) {
    let (sandbox, _raw, answer) = fetch_under(fault).await;
    assert_eq!(answer, expected);
    assert_eq!(sandbox.world().faults_pending(), 0);
}

#[tokio::test]
async fn a_one_shot_fault_strikes_once_and_a_standing_one_every_time() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    sandbox.world().inject(Fault::imap(Verb::Examine).folder("Sent").nth(2).no("not now"));
    let answers = [
        raw.command("EXAMINE Sent").await,
        raw.command("EXAMINE INBOX").await,
        raw.command("EXAMINE Sent").await,
        raw.command("EXAMINE Sent").await,
    ];
    assert_eq!(answers.map(|answer| answer.contains("x NO")), [false, false, true, false]);
    sandbox.world().inject(Fault::imap(Verb::Noop).standing().bad("never"));
    assert!(raw.command("NOOP").await.contains("BAD never"));
    assert!(raw.command("NOOP").await.contains("BAD never"));
    sandbox.world().clear_faults();
    assert!(raw.command("NOOP").await.contains("x OK"));
}

#[tokio::test]
async fn the_connection_ends_after_exactly_so_many_bytes() {
    let (_sandbox, _raw, answer) = fetch_under(Fault::imap(Verb::Fetch).then(ImapEffect::CutAfter(40))).await;
    assert_eq!(answer.len(), 40);
    assert!(answer.starts_with("* 1 FETCH (UID 1 BODY[] {"), "{answer}");
}

#[tokio::test]
async fn the_greeting_can_be_cut_and_refused() {
    let sandbox = sandbox().await;
    sandbox.world().inject(Fault::imap(Verb::Connect).then(ImapEffect::CutAfter(4)));
    assert_eq!(Raw::connect(sandbox.imap_addr()).await.rest().await, "* OK");
    sandbox.world().inject(Fault::imap(Verb::Connect).bye("too many"));
    assert_eq!(Raw::connect(sandbox.imap_addr()).await.rest().await, "* BYE too many\r\n");
    sandbox.world().inject(Fault::imap(Verb::Login).no("[UNAVAILABLE] directory down"));
    let mut raw = Raw::connect(sandbox.imap_addr()).await;
    raw.until("ready").await;
    assert!(raw.command("LOGIN ada secret").await.contains("x NO [UNAVAILABLE]"));
    assert!(raw.command("LOGIN ada secret").await.contains("x OK"));
}

#[tokio::test]
async fn every_connection_can_be_cut_at_once_and_new_ones_are_served() {
    let sandbox = sandbox().await;
    let mut imap = Raw::imap(sandbox.imap_addr()).await;
    let mut smtp = Raw::smtp(sandbox.smtp_addr()).await;
    sandbox.cut_connections();
    assert_eq!((imap.rest().await, smtp.rest().await), (String::new(), String::new()));
    assert!(Raw::imap(sandbox.imap_addr()).await.command("NOOP").await.contains("x OK"));
}

#[tokio::test]
async fn idle_can_be_cut_right_after_it_was_accepted() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    sandbox.world().inject(Fault::imap(Verb::Idle).then(ImapEffect::CutAfter("+ idling\r\n".len())));
    raw.send("x IDLE\r\n").await;
    assert_eq!(raw.rest().await, "+ idling\r\n");
}

#[tokio::test]
async fn silence_keeps_the_connection_open() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    sandbox.world().inject(Fault::imap(Verb::Noop).then(ImapEffect::Silence));
    raw.send("x NOOP\r\nx NOOP\r\n").await;
    assert!(raw.is_silent().await);
}

#[tokio::test]
async fn a_delay_only_delays() {
    let started = Instant::now();
    let delay = Duration::from_millis(80);
    let (_sandbox, _raw, answer) = fetch_under(Fault::imap(Verb::Fetch).then(ImapEffect::Delay(delay))).await;
    assert!(started.elapsed() >= delay);
    assert_eq!(answer.matches("FETCH (").count(), 2);
}

#[tokio::test]
async fn garbage_and_a_huge_literal_reach_the_client() {
    let garbage = ImapEffect::Garbage(b"* ESEARCH garbage\r\n".to_vec());
    let (_sandbox, _raw, answer) = fetch_under(Fault::imap(Verb::Fetch).then(garbage)).await;
    assert!(answer.starts_with("* ESEARCH garbage\r\n* 1 FETCH"), "{answer}");

    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    sandbox.world().inject(Fault::imap(Verb::Noop).then(ImapEffect::HugeLiteral(400_000_000)));
    raw.send("x NOOP\r\n").await;
    assert_eq!(raw.until("{400000000}").await, "* 1 FETCH (UID 1 BODY[] {400000000}\r\n");
    assert_eq!(raw.bytes(3).await, b"abc");
    assert!(raw.is_silent().await);
}

#[tokio::test]
async fn a_fetch_may_say_ok_without_a_mail_or_no_after_some() {
    let withheld = ImapEffect::Withhold(vec![1]);
    let (_sandbox, _raw, answer) = fetch_under(Fault::imap(Verb::Fetch).then(withheld)).await;
    assert!(!answer.contains("UID 1 ") && answer.contains("UID 2 ") && answer.contains("x OK"), "{answer}");
    let (_sandbox, _raw, answer) = fetch_under(Fault::imap(Verb::Fetch).then(ImapEffect::NoAfter(1))).await;
    assert!(answer.contains("UID 1 ") && !answer.contains("UID 2 ") && answer.contains("x NO"), "{answer}");
}

#[tokio::test]
async fn a_mail_arrives_exactly_when_the_client_examines_a_folder_the_second_time() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    sandbox.world().inject(Fault::imap(Verb::Examine).folder("INBOX").nth(2).run(|world| {
        world.deliver("ada", "INBOX", MAIL.as_bytes(), None).unwrap();
    }));
    assert!(raw.command("EXAMINE INBOX").await.contains("* 2 EXISTS"));
    assert!(raw.command("EXAMINE INBOX").await.contains("* 3 EXISTS"));
    // After: the answer does not know the mail, the next command does.
    sandbox.world().inject(Fault::imap(Verb::Search).run_after(|world| {
        world.deliver("ada", "INBOX", MAIL.as_bytes(), None).unwrap();
    }));
    assert!(raw.command("UID SEARCH ALL").await.contains("* SEARCH 1 2 3\r\n"));
    assert!(raw.command("NOOP").await.contains("* 4 EXISTS"));
    // Just before the client looks, its UIDs become void.
    sandbox.world().inject(Fault::imap(Verb::Examine).run(|world| {
        world.set_uid_validity("ada", "INBOX", 4242).unwrap();
    }));
    assert!(raw.command("EXAMINE INBOX").await.contains("[UIDVALIDITY 4242]"));
}

#[tokio::test]
async fn a_mail_can_arrive_just_as_idle_begins() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    raw.command("EXAMINE INBOX").await;
    sandbox.world().inject(Fault::imap(Verb::Idle).run_after(|world| {
        world.deliver("ada", "INBOX", MAIL.as_bytes(), None).unwrap();
    }));
    raw.send("x IDLE\r\n").await;
    assert!(raw.until("EXISTS").await.ends_with("* 3 EXISTS\r\n"));
    raw.send("DONE\r\n").await;
    raw.until("x OK").await;
    sandbox.world().inject(Fault::imap(Verb::Idle).no("not today"));
    assert_eq!(raw.command("IDLE").await, "x NO not today\r\n");
    assert!(raw.command("NOOP").await.contains("x OK"));
}

#[tokio::test]
async fn a_hook_that_panics_harms_only_its_own_connection() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    sandbox.world().inject(Fault::imap(Verb::Noop).run(|_| panic!("on purpose")));
    raw.send("x NOOP\r\n").await;
    assert_eq!(raw.rest().await, "");
    assert!(Raw::imap(sandbox.imap_addr()).await.command("NOOP").await.contains("x OK"));
}

/// Hands over one mail and gives everything that came from DATA on.
async fn send_under(fault: Fault) -> (Sandbox, String) {
    let sandbox = sandbox().await;
    sandbox.world().inject(fault);
    let mut raw = Raw::smtp(sandbox.smtp_addr()).await;
    raw.send("DATA\r\n").await;
    let mut answer = raw.until("").await;
    if answer.starts_with("354") {
        raw.send(&format!("{MAIL}\r\n.\r\n")).await;
    }
    if !answer.is_empty() {
        raw.send("QUIT\r\n").await;
    }
    answer.push_str(&raw.rest().await);
    (sandbox, answer)
}

#[rstest]
#[case(Fault::smtp(SmtpStage::Data).reply("451 4.7.1 later"), "451 4.7.1 later", false)]
#[case(Fault::smtp(SmtpStage::Data).then(SmtpEffect::Cut), "", false)]
#[case(Fault::smtp(SmtpStage::Body(0)).then(SmtpEffect::Cut), "354 go ahead", false)]
#[case(Fault::smtp(SmtpStage::Body(20)).then(SmtpEffect::Cut), "354 go ahead", false)]
#[case(Fault::smtp(SmtpStage::AfterBody).reply("554 5.7.1 spam"), "554 5.7.1 spam", false)]
#[case(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::Cut), "354 go ahead", false)]
#[case(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::ReplyThenCut("421 4.3.2 closing".into())), "421 4.3.2 closing", false)]
#[case(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::AcceptThenCut), "354 go ahead", true)]
#[tokio::test]
async fn a_mail_is_taken_or_not_as_ordered(#[case] fault: Fault, #[case] last: &str, #[case] taken: bool) {
    let (sandbox, answer) = send_under(fault).await;
    let answer = answer.trim_end().trim_end_matches("221 2.0.0 bye").trim_end();
    assert!(answer.ends_with(last) && !answer.contains("250"), "{answer}");
    let received = sandbox.world().received();
    assert_eq!(sandbox.world().accepted().len(), usize::from(taken));
    assert_eq!(received.len(), 1);
    assert_eq!(sandbox.world().flags("rita", "INBOX").unwrap().len(), usize::from(taken));
    assert_eq!(sandbox.world().faults_pending(), 0);
}

#[tokio::test]
async fn a_cut_body_keeps_what_had_come() {
    let (sandbox, _) = send_under(Fault::smtp(SmtpStage::Body(20)).then(SmtpEffect::Cut)).await;
    let received = sandbox.world().received();
    assert_eq!((received[0].data.as_slice(), &received[0].outcome), (&MAIL.as_bytes()[..20], &Outcome::Cut));
}

#[tokio::test]
async fn early_stages_can_be_refused_and_recipients_picked() {
    let sandbox = sandbox().await;
    sandbox.world().inject(Fault::smtp(SmtpStage::Connect).reply("554 no service"));
    assert!(Raw::connect(sandbox.smtp_addr()).await.until("554").await.contains("no service"));
    sandbox.world().inject(Fault::smtp(SmtpStage::Ehlo).reply("421 4.3.2 busy"));
    let mut raw = Raw::connect(sandbox.smtp_addr()).await;
    raw.until("220").await;
    raw.say("EHLO me", "421").await;
    sandbox.world().inject(Fault::smtp(SmtpStage::Auth).reply("454 4.7.0 later"));
    raw.say("AUTH PLAIN AGFkYQBzZWNyZXQ=", "454").await;
    raw.say("AUTH PLAIN AGFkYQBzZWNyZXQ=", "235").await;
    sandbox.world().inject(Fault::smtp(SmtpStage::Mail).reply("452 4.3.1 full"));
    raw.say("MAIL FROM:<ada@home.example>", "452").await;
    raw.say("MAIL FROM:<ada@home.example>", "250").await;
    sandbox.world().inject(Fault::smtp(SmtpStage::Rcpt).to("<gone@").standing().reply("550 5.1.1 gone"));
    raw.say("RCPT TO:<gone@agency.example>", "550").await;
    raw.say("RCPT TO:<rita@agency.example>", "250").await;
    raw.say("RCPT TO:<gone@agency.example>", "550").await;
}

#[tokio::test]
async fn silence_after_the_body_may_hide_that_the_mail_was_taken() {
    for (effect, taken) in [(SmtpEffect::AcceptThenSilence, 1), (SmtpEffect::Silence, 0)] {
        let sandbox = sandbox().await;
        sandbox.world().inject(Fault::smtp(SmtpStage::AfterBody).then(effect));
        let mut raw = Raw::smtp(sandbox.smtp_addr()).await;
        raw.say("DATA", "354").await;
        raw.send(&format!("{MAIL}\r\n.\r\n")).await;
        assert!(raw.is_silent().await);
        let inbox = |world: &checkback::sandbox::World| world.folder("rita", "INBOX").unwrap().messages.len();
        assert_eq!(sandbox.world().edit(|world| inbox(world)), taken);
        // The mail must be on record while the client still waits.
        assert_eq!(sandbox.world().received().len(), taken);
    }
}

#[tokio::test]
async fn a_hook_runs_between_the_recipient_and_the_mail() {
    let sandbox = sandbox().await;
    sandbox.world().inject(Fault::smtp(SmtpStage::Data).run(|world| {
        world.deliver("ada", "INBOX", MAIL.as_bytes(), None).unwrap();
    }));
    let mut raw = Raw::smtp(sandbox.smtp_addr()).await;
    raw.say("DATA", "354").await;
    assert_eq!(sandbox.world().flags("ada", "INBOX").unwrap().len(), 3);
}
