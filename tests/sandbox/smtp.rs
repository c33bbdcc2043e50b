//! Sending: lettre hands over, the model shows what came of it.

use std::time::Duration;

use checkback::sandbox::{EventKind, Outcome, Sandbox, SentCopy};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::common::{sandbox, sandbox_with};
use super::raw::Raw;

fn transport(sandbox: &Sandbox, password: &str, mechanism: Mechanism) -> AsyncSmtpTransport<Tokio1Executor> {
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(sandbox.smtp_addr().port())
        .credentials(Credentials::new("ada".to_owned(), password.to_owned()))
        .authentication(vec![mechanism])
        .build()
}

fn mail(body: &str) -> lettre::Message {
    lettre::Message::builder()
        .from("Ada <ada@home.example>".parse().unwrap())
        .to("Rita <rita@agency.example>".parse().unwrap())
        .subject("Re: A role")
        .message_id(Some("<2@home.example>".to_owned()))
        .body(body.to_owned())
        .unwrap()
}

#[tokio::test]
async fn a_mail_sent_by_lettre_is_recorded_and_delivered() {
    let sandbox = sandbox().await;
    for mechanism in [Mechanism::Plain, Mechanism::Login] {
        transport(&sandbox, "secret", mechanism).send(mail(".\r\n..two dots\r\nbye")).await.unwrap();
    }
    let received = sandbox.world().received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].mail_from, "ada@home.example");
    assert_eq!(received[0].rcpt_to, ["rita@agency.example"]);
    assert_eq!(received[0].outcome, Outcome::Accepted);
    let data = String::from_utf8(received[0].data.clone()).unwrap();
    assert!(data.ends_with("\r\n\r\n.\r\n..two dots\r\nbye\r\n"), "{data:?}");
    assert!(received[0].at_seq < received[1].at_seq && received[0].client < received[1].client);
    sandbox.world().edit(|world| {
        let delivered = &world.message("rita", "INBOX", 1).unwrap().bytes;
        assert!(delivered.starts_with(b"Return-Path: <ada@home.example>\r\nReceived: from "));
        assert!(delivered.ends_with(&received[0].data));
        assert!(world.folder("ada", "Sent").unwrap().messages.is_empty(), "nobody ordered a copy");
    });
}

#[tokio::test]
async fn a_wrong_password_or_none_is_refused() {
    let sandbox = sandbox().await;
    let error = transport(&sandbox, "wrong", Mechanism::Plain).send(mail("hi")).await.unwrap_err();
    assert!(error.is_permanent() && error.to_string().contains("535"), "{error}");
    let mut raw = Raw::connect(sandbox.smtp_addr()).await;
    raw.until("220").await;
    raw.say("HELO me", "250").await;
    raw.say("MAIL FROM:<ada@home.example>", "530").await;
    raw.say("AUTH XOAUTH2 abc", "504").await;
    raw.say("AUTH PLAIN not-base64", "535").await;
    assert!(sandbox.world().received().is_empty());
}

#[tokio::test]
async fn idle_wakes_when_a_mail_is_sent_by_smtp() {
    let sandbox = sandbox_with(|options| options.smtp_auth_required = false).await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    raw.command("EXAMINE INBOX").await;
    raw.send("x IDLE\r\n").await;
    raw.until("+ ").await;
    let mut sender = Raw::connect(sandbox.smtp_addr()).await;
    sender.until("220").await;
    sender.say("HELO agency.example", "250").await;
    sender.say("MAIL FROM:<>", "250").await;
    sender.say("RCPT TO:<ADA@home.example>", "250").await;
    sender.say("DATA", "354").await;
    sender.say("Subject: bounce\r\n\r\n.", "250").await;
    assert_eq!(raw.until("EXISTS").await, "* 3 EXISTS\r\n");
    assert_eq!(sandbox.world().received()[0].mail_from, "");
}

#[tokio::test]
async fn a_server_may_file_the_copy_itself_and_rename_the_mail() {
    for (copy, id) in [(SentCopy::AsSent, "<2@home.example>"), (SentCopy::NewMessageId, "<renamed-")] {
        let sandbox = sandbox().await;
        sandbox.world().edit(|world| world.user_mut("ada").unwrap().sent_copy = Some(copy));
        transport(&sandbox, "secret", Mechanism::Plain).send(mail("hi")).await.unwrap();
        sandbox.world().edit(|world| {
            for (user, folder) in [("ada", "Sent"), ("rita", "INBOX")] {
                let bytes = world.message(user, folder, 1).unwrap().bytes.to_vec();
                let text = String::from_utf8(bytes).unwrap();
                assert!(text.contains(&format!("Message-ID: {id}")), "{text}");
                assert_eq!(text.matches("Message-ID").count(), 1);
                assert!(text.ends_with("\r\n\r\nhi") || text.ends_with("\r\n\r\nhi\r\n"), "{text}");
            }
            assert!(world.message("ada", "Sent", 1).unwrap().flags.contains("\\Seen"));
        });
        assert!(sandbox.world().received()[0].data.windows(16).any(|part| part == b"<2@home.example>"));
    }
}

#[tokio::test]
async fn unknown_local_recipients_are_recorded_or_refused_as_ordered() {
    let sandbox = sandbox().await;
    let mut raw = Raw::smtp(sandbox.smtp_addr()).await;
    raw.say("RCPT TO:<nobody@agency.example>", "250").await;
    sandbox.world().edit(|world| world.options.refuse_unknown_recipients = true);
    raw.say("RCPT TO:<nobody@agency.example>", "550").await;
    raw.say("RCPT TO:<anyone@elsewhere.example>", "250").await;
}

#[tokio::test]
async fn the_dialogue_is_held_in_order_and_nonsense_is_answered() {
    let sandbox = sandbox().await;
    let mut raw = Raw::smtp(sandbox.smtp_addr()).await;
    raw.say("MAIL FROM:<ada@home.example>", "503").await;
    raw.say("RSET", "250").await;
    raw.say("RCPT TO:<rita@agency.example>", "503").await;
    raw.say("DATA", "503").await;
    raw.say("FROB", "500").await;
    raw.say("MAIL ada", "501").await;
    raw.say("BDAT 3 LAST", "502").await;
    raw.say(&"x".repeat(100_000), "500").await;
    raw.say("NOOP", "250").await;
    raw.say("QUIT", "221").await;
    assert_eq!(raw.rest().await, "");
    assert!(sandbox.world().received().is_empty());
}

#[tokio::test]
async fn a_mail_over_the_limit_is_refused_before_or_after_it_came() {
    let sandbox = sandbox_with(|options| options.max_message_size = 1000).await;
    let mut raw = Raw::smtp(sandbox.smtp_addr()).await;
    raw.say("DATA", "354").await;
    raw.say(&format!("{}\r\n.", "long line\r\n".repeat(50_000)), "552").await;
    raw.say("MAIL FROM:<ada@home.example> SIZE=2000", "552").await;
    raw.say("NOOP", "250").await;
    assert!(sandbox.world().received().iter().all(|mail| !mail.was_accepted() && mail.data.is_empty()));
}

#[tokio::test]
async fn pipelined_commands_after_the_body_are_not_lost() {
    let sandbox = sandbox().await;
    let mut raw = Raw::smtp(sandbox.smtp_addr()).await;
    raw.send("DATA\r\n.\r\nNOOP\r\nQUIT\r\n").await;
    let answer = raw.rest().await;
    assert_eq!(answer, "354 go ahead\r\n250 2.0.0 taken\r\n250 2.0.0 ok\r\n221 2.0.0 bye\r\n");
    assert_eq!(sandbox.world().received()[0].data, b"");
}

#[tokio::test]
async fn a_test_can_wait_for_what_it_expects() {
    let sandbox = sandbox().await;
    let world = sandbox.world().clone();
    let inbox = |world: &checkback::sandbox::World| world.folder("rita", "INBOX").unwrap().messages.len();
    let waiting =
        tokio::spawn(async move { world.wait_until(Duration::from_secs(10), |world| inbox(world) == 1).await });
    transport(&sandbox, "secret", Mechanism::Plain).send(mail("hi")).await.unwrap();
    assert!(waiting.await.unwrap());
    assert!(!sandbox.world().wait_until(Duration::from_millis(20), |world| inbox(world) == 2).await);
    assert!(sandbox.world().events().iter().any(|event| event.kind == EventKind::SmtpAccepted));
}
