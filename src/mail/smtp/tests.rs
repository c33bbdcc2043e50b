use secrecy::SecretString;
use tokio::task::JoinHandle;

use super::*;
use crate::mail::peer::{Step, impatient, patient, peer, say};

const MAIL: &[u8] = b"Subject: hi\r\n\r\n.dot\r\nbye\r\n";

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn greeting(extensions: &[&str]) -> Vec<Step> {
    let mut hello = String::from("250-relay.example at your service\r\n");
    for extension in extensions {
        hello.push_str(&format!("250-{extension}\r\n"));
    }
    hello.push_str("250 PIPELINING\r\n");
    vec![say("220-relay.example\r\n220 ESMTP\r\n"), Step::Hear("EHLO [127.0.0.1]"), say(hello)]
}

fn up_to_data() -> Vec<Step> {
    vec![
        Step::Hear("MAIL FROM:<dana@devmail.example>"),
        say("250 2.1.0 ok\r\n"),
        Step::Hear("RCPT TO:<rae@agency.example>"),
        say("250-2.1.5 ok\r\n250 2.1.5 really\r\n"),
        Step::Hear("DATA"),
        say("354 go\r\n"),
    ]
}

async fn session(limits: Limits, script: Vec<Vec<Step>>) -> (SmtpSession, JoinHandle<Vec<u8>>) {
    let mut whole = greeting(&[]);
    whole.extend(script.into_iter().flatten());
    let (server, heard) = peer(whole).await;
    (connect(&server, None, limits).await.unwrap(), heard)
}

async fn begin(session: &mut SmtpSession) -> Result<(), SmtpError> {
    session.begin(&address("dana@devmail.example"), &address("rae@agency.example")).await
}

#[tokio::test]
async fn a_mail_is_announced_then_sent_with_its_dots_doubled() {
    let (mut session, heard) = session(
        patient(),
        vec![
            up_to_data(),
            vec![Step::HearUntil("."), say("250 2.0.0 queued as 4711\r\n"), Step::Hear("QUIT"), say("221 bye\r\n")],
        ],
    )
    .await;
    begin(&mut session).await.unwrap();
    assert_eq!(session.body(MAIL).await, SendOutcome::Accepted { reply: "250 2.0.0 queued as 4711".to_owned() });
    session.quit().await;
    assert_eq!(heard.await.unwrap(), b"Subject: hi\r\n\r\n..dot\r\nbye\r\n.\r\n");
}

#[tokio::test]
async fn a_cut_before_the_go_ahead_means_not_sent() {
    for steps in [1, 3, 5] {
        let script: Vec<Step> = up_to_data().into_iter().take(steps).collect();
        let (mut session, _heard) = session(patient(), vec![script]).await;
        let error = begin(&mut session).await.unwrap_err();
        assert!(matches!(error, SmtpError::Closed(_)) && error.is_transient(), "{steps}: {error:?}");
        assert!(matches!(SendOutcome::from(error), SendOutcome::NotSent { .. }));
        assert!(matches!(begin(&mut session).await, Err(SmtpError::Closed(_))), "a broken session stays broken");
    }
}

#[tokio::test]
async fn silence_before_the_go_ahead_means_not_sent() {
    for steps in [1, 3, 5] {
        let mut script: Vec<Step> = up_to_data().into_iter().take(steps).collect();
        script.push(Step::Hold);
        let (mut session, _heard) = session(impatient(), vec![script]).await;
        let error = begin(&mut session).await.unwrap_err();
        assert!(matches!(error, SmtpError::Silent), "{steps}: {error:?}");
    }
}

#[tokio::test]
async fn a_cut_after_the_body_began_means_unknown() {
    for taken in [0, 5, MAIL.len()] {
        let (mut session, _heard) = session(patient(), vec![up_to_data(), vec![Step::Take(taken)]]).await;
        begin(&mut session).await.unwrap();
        let outcome = session.body(MAIL).await;
        assert!(matches!(outcome, SendOutcome::Unknown { .. }), "{taken}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_lost_250_means_unknown() {
    let (mut session, _heard) = session(impatient(), vec![up_to_data(), vec![Step::HearUntil("."), Step::Hold]]).await;
    begin(&mut session).await.unwrap();
    assert!(matches!(session.body(MAIL).await, SendOutcome::Unknown { .. }));
}

#[tokio::test]
async fn half_a_250_means_unknown() {
    let (mut session, _heard) =
        session(patient(), vec![up_to_data(), vec![Step::HearUntil("."), say("250-2.0.0 al")]]).await;
    begin(&mut session).await.unwrap();
    assert!(matches!(session.body(MAIL).await, SendOutcome::Unknown { .. }));
}

#[tokio::test]
async fn a_refused_recipient_is_told_with_its_code_and_the_session_goes_on() {
    let (mut session, _heard) = session(
        patient(),
        vec![
            vec![
                Step::Hear("MAIL FROM:<dana@devmail.example>"),
                say("250 ok\r\n"),
                Step::Hear("RCPT TO:<rae@agency.example>"),
                say(b"550-5.1.1 No such user\r\n550 5.1.1 caf\xe9 here\r\n"),
                Step::Hear("RSET"),
                say("250 ok\r\n"),
            ],
            up_to_data(),
        ],
    )
    .await;
    let outcome = SendOutcome::from(begin(&mut session).await.unwrap_err());
    let SendOutcome::Refused { code: 550, enhanced: Some(enhanced), permanent: true, stage: Stage::Recipient, text } =
        outcome
    else {
        panic!("{outcome:?}")
    };
    assert_eq!(enhanced, "5.1.1");
    assert!(text.starts_with("5.1.1 No such user 5.1.1 caf"));
    begin(&mut session).await.unwrap();
}

#[tokio::test]
async fn a_refused_body_is_a_refusal_and_no_doubt() {
    let (mut session, _heard) =
        session(patient(), vec![up_to_data(), vec![Step::HearUntil("."), say("451 4.7.1 greylisted\r\n")]]).await;
    begin(&mut session).await.unwrap();
    assert_eq!(
        session.body(MAIL).await,
        SendOutcome::Refused {
            code: 451,
            enhanced: Some("4.7.1".to_owned()),
            text: "4.7.1 greylisted".to_owned(),
            permanent: false,
            stage: Stage::Body
        }
    );
}

#[tokio::test]
async fn replies_beyond_utf_8_and_without_text_are_understood() {
    let (mut session, _heard) = session(
        patient(),
        vec![vec![
            Step::Hear("MAIL FROM:<dana@devmail.example>"),
            say(b"550 nicht erw\xfcnscht\r\n"),
            Step::Hear("RSET"),
            say("250\r\n"),
            Step::Hear("MAIL FROM:<dana@devmail.example>"),
            say("what?\r\n"),
        ]],
    )
    .await;
    let error = begin(&mut session).await.unwrap_err();
    assert!(matches!(error, SmtpError::Refused { stage: Stage::Sender, code: 550, .. }), "{error:?}");
    assert!(matches!(begin(&mut session).await, Err(SmtpError::Garbled)));
}

#[tokio::test]
async fn an_endless_reply_is_refused() {
    for endless in [vec![b'2'; 200_000], b"250-x\r\n".repeat(20_000)] {
        let (mut session, _heard) =
            session(patient(), vec![vec![Step::Hear("MAIL FROM:<dana@devmail.example>"), Step::Say(endless)]]).await;
        assert!(matches!(begin(&mut session).await, Err(SmtpError::Garbled)));
    }
}

#[tokio::test]
async fn bytes_that_servers_read_differently_are_not_sent() {
    for bytes in [&b"a\n.\nb"[..], b"caf\xc3\xa9\r\n", b"a\rb\r\n", b"a\0b\r\n", &[b'x'; 999]] {
        let (mut session, heard) = session(patient(), vec![up_to_data(), vec![Step::Hold]]).await;
        begin(&mut session).await.unwrap();
        assert!(matches!(session.body(bytes).await, SendOutcome::NotSent { .. }));
        session.quit().await;
        assert_eq!(heard.await.unwrap(), b"");
    }
}

#[tokio::test]
async fn a_mail_that_was_announced_and_given_up_is_not_delivered_by_quit() {
    let (mut session, heard) = session(patient(), vec![up_to_data(), vec![Step::Hold]]).await;
    begin(&mut session).await.unwrap();
    session.quit().await;
    assert_eq!(heard.await.unwrap(), b"");
}

#[tokio::test]
async fn an_address_beyond_ascii_is_refused_clearly_where_it_is_not_supported() {
    let (mut session, _heard) = session(patient(), vec![]).await;
    let error = session.begin(&address("dana@devmail.example"), &address("rené@agency.example")).await.unwrap_err();
    assert!(error.to_string().contains("r…@agency.example"));
    assert!(matches!(SendOutcome::from(error), SendOutcome::Refused { code: 553, permanent: true, .. }));
}

#[tokio::test]
async fn an_address_beyond_ascii_is_announced_where_it_is_supported() {
    let mut script = greeting(&["SMTPUTF8"]);
    script.extend([Step::Hear("MAIL FROM:<dana@devmail.example> SMTPUTF8"), say("250 ok\r\n")]);
    script.extend([
        Step::Hear("RCPT TO:<rené@agency.example>"),
        say("250 ok\r\n"),
        Step::Hear("DATA"),
        say("354 go\r\n"),
    ]);
    let (server, _heard) = peer(script).await;
    let mut session = connect(&server, None, patient()).await.unwrap();
    session.begin(&address("dana@devmail.example"), &address("rené@agency.example")).await.unwrap();
}

async fn sign_in(script: Vec<Step>) -> Result<SmtpSession, SmtpError> {
    let (server, _heard) = peer(script).await;
    connect(&server, Some(("dana", &SecretString::from("secret"))), patient()).await
}

#[tokio::test]
async fn plain_and_login_are_spoken_where_they_are_offered() {
    let mut plain = greeting(&["AUTH LOGIN PLAIN"]);
    plain.extend([Step::Hear("AUTH PLAIN AGRhbmEAc2VjcmV0"), say("235 in\r\n")]);
    sign_in(plain).await.unwrap();
    let mut login = greeting(&["AUTH LOGIN"]);
    login.extend([
        Step::Hear("AUTH LOGIN"),
        say("334 VXNlcm5hbWU6\r\n"),
        Step::Hear("ZGFuYQ=="),
        say("334 UGFzc3dvcmQ6\r\n"),
    ]);
    login.extend([Step::Hear("c2VjcmV0"), say("235 2.7.0 in\r\n")]);
    sign_in(login).await.unwrap();
}

#[tokio::test]
async fn no_sign_in_is_borne_on_this_machine() {
    sign_in(greeting(&[])).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_told_as_such_and_a_busy_server_as_passing() {
    let mut wrong = greeting(&["AUTH PLAIN"]);
    wrong.extend([Step::Hear("AUTH PLAIN AGRhbmEAc2VjcmV0"), say("535 5.7.8 bad credentials\r\n")]);
    let error = sign_in(wrong).await.unwrap_err();
    assert!(matches!(error, SmtpError::SignIn { .. }) && !error.is_transient(), "{error:?}");
    let mut busy = greeting(&["AUTH PLAIN"]);
    busy.extend([Step::Hear("AUTH PLAIN AGRhbmEAc2VjcmV0"), say("454 4.7.0 later\r\n")]);
    let error = sign_in(busy).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(matches!(SendOutcome::from(error), SendOutcome::NotSent { .. }));
}

#[tokio::test]
async fn starttls_that_is_not_offered_is_an_error() {
    let (mut server, _heard) = peer(greeting(&[])).await;
    server.tls = Tls::StartTls;
    let error = connect(&server, None, patient()).await.unwrap_err();
    assert!(matches!(error, SmtpError::Wire(WireError::Tls { .. })), "{error:?}");
}

#[tokio::test]
async fn plain_text_pushed_in_before_tls_is_refused() {
    let mut script = greeting(&["STARTTLS"]);
    script.extend([Step::Hear("STARTTLS"), say("220 go\r\n250 pushed in\r\n"), Step::Hold]);
    let (mut server, _heard) = peer(script).await;
    server.tls = Tls::StartTls;
    assert!(matches!(connect(&server, None, patient()).await, Err(SmtpError::Garbled)));
}
