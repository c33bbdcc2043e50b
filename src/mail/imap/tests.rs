use std::time::Duration;

use secrecy::SecretString;
use tokio::task::JoinHandle;

use super::*;
use crate::config::Tls;
use crate::mail::peer::{Step, impatient, patient, peer, say};

const CAPS: &str = "IMAP4rev1 IDLE UIDPLUS";

fn login(capabilities: &str) -> Vec<Step> {
    vec![
        say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"),
        Step::Hear("C1 LOGIN \"dana\" \"se\\\"cret\""),
        say(format!("C1 OK [CAPABILITY {capabilities}] welcome\r\n")),
    ]
}

async fn dialogue_with(limits: Limits, capabilities: &str, script: Vec<Step>) -> (Session, JoinHandle<Vec<u8>>) {
    let mut whole = login(capabilities);
    whole.extend(script);
    let (server, heard) = peer(whole).await;
    let session = connect(&server, "dana", &SecretString::from("se\"cret"), limits).await.unwrap();
    (session, heard)
}

async fn dialogue(script: Vec<Step>) -> (Session, JoinHandle<Vec<u8>>) {
    dialogue_with(patient(), CAPS, script).await
}

async fn refused_connect(script: Vec<Step>) -> ImapError {
    let (server, _heard) = peer(script).await;
    connect(&server, "dana", &SecretString::from("se\"cret"), impatient()).await.unwrap_err()
}

#[tokio::test]
async fn a_session_examines_lists_and_fetches() {
    let (mut session, heard) = dialogue(vec![
        Step::Hear("C2 EXAMINE \"INBOX\""),
        say("* FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 77] ok\r\n* OK [UIDNEXT 12] ok\r\nC2 OK [READ-ONLY] done\r\n"),
        Step::Hear("C3 UID FETCH 5:* (UID RFC822.SIZE)"),
        say("* 3 FETCH (UID 11 RFC822.SIZE 300)\r\n* 1 FETCH (UID 4 RFC822.SIZE 9)\r\n* 2 FETCH (RFC822.SIZE 200 UID 7)\r\nC3 OK done\r\n"),
        Step::Hear("C4 UID FETCH 7,11 (UID FLAGS INTERNALDATE BODY.PEEK[]<0.100>)"),
        say("* 2 FETCH (UID 7 INTERNALDATE \"17-Jul-2026 02:44:25 -0700\" BODY[]<0> {5}\r\nA: b\n)\r\n"),
        say("* 3 FETCH (BODY[] \"short\" INTERNALDATE \" 7-Jul-2026 02:44:25 +0000\" UID 11)\r\nC4 OK done\r\n"),
        Step::Hear("C5 LOGOUT"),
        say("* BYE see you\r\nC5 OK bye\r\n"),
    ])
    .await;
    let examined = session.examine("INBOX").await.unwrap();
    assert_eq!(examined, Examined { uid_validity: 77, uid_next: Some(12), exists: 3 });
    let entries = session.list_uids(5).await.unwrap();
    assert_eq!(entries, [Entry { uid: 7, size: 200 }, Entry { uid: 11, size: 300 }]);
    let mails = session.fetch(&[11, 7], 100, false).await.unwrap();
    assert_eq!(
        mails.iter().map(|mail| (mail.uid, mail.raw.as_slice())).collect::<Vec<_>>(),
        [(7, &b"A: b\n"[..]), (11, &b"short"[..])]
    );
    assert_eq!(mails[0].internal_date.to_string(), "2026-07-17T09:44:25Z");
    assert_eq!(mails[1].internal_date.to_string(), "2026-07-07T02:44:25Z");
    session.logout().await;
    heard.await.unwrap();
}

#[tokio::test]
async fn a_no_after_some_answers_is_an_error_and_the_session_goes_on() {
    let (mut session, _heard) = dialogue(vec![
        Step::Hear("C2 UID FETCH 1:3 (UID FLAGS INTERNALDATE BODY.PEEK[]<0.100>)"),
        say("* 1 FETCH (UID 1 BODY[]<0> {1}\r\nx)\r\nC2 NO [SERVERBUG] some messages could not be read\r\n"),
        Step::Hear("C3 NOOP"),
        say("C3 OK done\r\n"),
    ])
    .await;
    let error = session.fetch(&[1, 2, 3], 100, false).await.unwrap_err();
    assert!(
        matches!(&error, ImapError::Refused { command: "UID FETCH", text } if text.contains("SERVERBUG")),
        "{error:?}"
    );
    assert!(error.is_transient() && error.keeps_connection());
    session.noop().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_ends_between_two_lines_is_an_error() {
    let (mut session, _heard) =
        dialogue(vec![Step::Hear("C2 UID FETCH 1:* (UID RFC822.SIZE)"), say("* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n")])
            .await;
    assert!(matches!(session.list_uids(1).await, Err(ImapError::Closed { .. })));
    assert!(matches!(session.noop().await, Err(ImapError::Closed { .. })));
}

#[tokio::test]
async fn a_connection_that_ends_inside_a_mail_is_an_error() {
    let (mut session, _heard) = dialogue(vec![
        Step::Hear("C2 UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[]<0.100>)"),
        say("* 1 FETCH (UID 1 BODY[]<0> {50}\r\nhalf"),
    ])
    .await;
    assert!(matches!(session.fetch(&[1], 100, false).await, Err(ImapError::Closed { .. })));
}

#[tokio::test]
async fn bye_is_told_with_its_text() {
    let (mut session, _heard) =
        dialogue(vec![Step::Hear("C2 NOOP"), say("* BYE [UNAVAILABLE] shutting down\r\n")]).await;
    let error = session.noop().await.unwrap_err();
    assert_eq!(error.to_string(), "the mail server closed the connection: [UNAVAILABLE] shutting down");
    assert!(error.is_transient());
}

#[tokio::test]
async fn silence_is_an_error_after_the_limit() {
    let (mut session, _heard) =
        dialogue_with(impatient(), CAPS, vec![Step::Hear("C2 EXAMINE \"INBOX\""), say("* 3 EXISTS\r\n"), Step::Hold])
            .await;
    let error = session.examine("INBOX").await.unwrap_err();
    assert!(matches!(error, ImapError::Silent { command: "EXAMINE" }), "{error:?}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_silent_greeting_is_an_error_too() {
    assert!(matches!(refused_connect(vec![Step::Hold]).await, ImapError::Silent { .. }));
}

#[tokio::test]
async fn a_huge_announced_literal_is_refused_before_it_is_allocated() {
    let (mut session, _heard) = dialogue(vec![
        Step::Hear("C2 UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[]<0.100>)"),
        say("* 1 FETCH (UID 1 BODY[]<0> {400000000}\r\nabc"),
        Step::Hold,
    ])
    .await;
    let error = session.fetch(&[1], 100, false).await.unwrap_err();
    assert!(matches!(error, ImapError::TooLarge { command: "UID FETCH" }), "{error:?}");
}

#[tokio::test]
async fn an_endless_line_is_refused() {
    let (mut session, _heard) = dialogue(vec![Step::Hear("C2 NOOP"), say([b'x'; 100_000]), Step::Hold]).await;
    assert!(matches!(session.noop().await, Err(ImapError::TooLarge { .. })));
}

#[tokio::test]
async fn nul_bytes_deep_nesting_and_nonsense_are_errors_not_hangs() {
    let deep = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(5000));
    for line in
        ["* OK a\0b\r\n", "* 1 FETCH (INTERNALDATE NIL)\r\n", "hello there\r\n", "* 1 FETCH UID\r\n", "* \0", &deep]
    {
        let (mut session, _heard) = dialogue(vec![Step::Hear("C2 NOOP"), say(line), Step::Hold]).await;
        let error = session.noop().await.unwrap_err();
        assert!(matches!(error, ImapError::Garbled { command: "NOOP", .. }), "{line:?}: {error:?}");
        assert!(!error.to_string().contains("hello"));
    }
}

#[tokio::test]
async fn untagged_lines_nobody_asked_for_do_not_disturb() {
    let (mut session, _heard) = dialogue(vec![
        Step::Hear("C2 UID FETCH 2:4 (UID FLAGS INTERNALDATE BODY.PEEK[HEADER]<0.100>)"),
        say("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n* ESEARCH (TAG \"A\") UID ALL 1:3\r\n* STATUS x (SIZE 5)\r\n"),
        say("* METADATA x (/a {3}\r\n))))\r\n* 9 FETCH (FLAGS (\\Seen) UID 99)\r\n* 8 FETCH (UID 98 BODY[HEADER]<0> {1}\r\nz)\r\n"),
        say("* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n* 2 FETCH (BODY[HEADER]<0> {4}\r\nA: b)\r\n"),
        say("* 3 FETCH (UID 3 BODY[HEADER]<0> NIL)\r\n* 4 FETCH (UID 4 BODY[HEADER]<0> \"\")\r\n* 4 EXPUNGE\r\nC2 OK done\r\n"),
    ])
    .await;
    let mails = session.fetch(&[2, 3, 4], 100, true).await.unwrap();
    assert_eq!(mails.len(), 1, "what came without data is missing");
    assert_eq!(
        (mails[0].uid, mails[0].raw.as_slice(), mails[0].internal_date),
        (2, &b"A: b"[..], Timestamp::UNIX_EPOCH)
    );
}

#[tokio::test]
async fn a_server_that_ignores_the_cut_is_cut_here() {
    let (mut session, _heard) = dialogue(vec![
        Step::Hear("C2 UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[]<0.3>)"),
        say("* 1 FETCH (UID 1 BODY[] {6}\r\nabcdef)\r\nC2 OK done\r\n"),
    ])
    .await;
    assert_eq!(session.fetch(&[1], 3, false).await.unwrap()[0].raw, b"abc");
}

#[tokio::test]
async fn gmail_ids_are_asked_for_where_they_exist() {
    let (mut session, _heard) = dialogue_with(patient(), "IMAP4rev1 X-GM-EXT-1", vec![
        Step::Hear("C2 UID FETCH 1 (UID FLAGS INTERNALDATE X-GM-MSGID X-GM-THRID BODY.PEEK[]<0.9>)"),
        say("* 1 FETCH (X-GM-THRID 1278455344230334866 X-GM-MSGID 1278455344230334865 UID 1 BODY[]<0> {1}\r\nx)\r\nC2 OK done\r\n"),
    ])
    .await;
    let mails = session.fetch(&[1], 9, false).await.unwrap();
    assert_eq!(mails[0].provider_id.as_deref(), Some("1278455344230334865"));
    assert_eq!(mails[0].provider_thread.as_deref(), Some("1278455344230334866"));
}

#[tokio::test]
async fn an_empty_folder_may_be_answered_with_no() {
    let (mut session, _heard) = dialogue(vec![
        Step::Hear("C2 EXAMINE \"Leer\""),
        say("* 0 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\nC2 OK done\r\n"),
        Step::Hear("C3 UID FETCH 1:* (UID RFC822.SIZE)"),
        say("C3 NO no matching messages\r\n"),
    ])
    .await;
    assert_eq!(session.examine("Leer").await.unwrap().uid_next, None);
    assert_eq!(session.list_uids(0).await.unwrap(), []);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_refused() {
    let (mut session, _heard) =
        dialogue(vec![Step::Hear("C2 EXAMINE \"a\\\"b\\\\c\""), say("C2 NO [NONEXISTENT] no such mailbox\r\n")]).await;
    let error = session.examine("a\"b\\c").await.unwrap_err();
    assert!(matches!(error, ImapError::Refused { command: "EXAMINE", .. }) && !error.is_transient());
}

#[tokio::test]
async fn idle_tells_of_new_mail_and_not_of_keepalives() {
    let (mut session, _heard) = dialogue(vec![
        Step::Hear("C2 IDLE"),
        say("+ idling\r\n* OK Still here\r\n* 2 RECENT\r\n* 1 FETCH (FLAGS (\\Seen))\r\n"),
        say("* 4 EXISTS\r\n"),
        Step::Hear("DONE"),
        say("* 5 EXISTS\r\nC2 OK done\r\n"),
        Step::Hear("C3 NOOP"),
        say("C3 OK done\r\n"),
    ])
    .await;
    assert_eq!(session.idle(Duration::from_secs(20)).await.unwrap(), Idle::Changed);
    session.noop().await.unwrap();
}

#[tokio::test]
async fn idle_ends_by_itself_after_its_time() {
    let (mut session, _heard) =
        dialogue(vec![Step::Hear("C2 IDLE"), say("+\r\n"), Step::Hear("DONE"), say("C2 OK done\r\n")]).await;
    assert_eq!(session.idle(Duration::from_millis(20)).await.unwrap(), Idle::TimedOut);
}

#[tokio::test]
async fn idle_refused_is_an_error_and_no_hang() {
    let (mut session, _heard) =
        dialogue(vec![Step::Hear("C2 IDLE"), say("C2 NO not now\r\n"), Step::Hear("C3 NOOP"), say("C3 OK done\r\n")])
            .await;
    let error = session.idle(Duration::from_secs(20)).await.unwrap_err();
    assert!(matches!(error, ImapError::Refused { command: "IDLE", .. }));
    session.noop().await.unwrap();
}

#[tokio::test]
async fn idle_that_is_cut_off_is_an_error() {
    let (mut session, _heard) = dialogue(vec![Step::Hear("C2 IDLE"), say("+ idling\r\n")]).await;
    assert!(matches!(session.idle(Duration::from_secs(20)).await, Err(ImapError::Closed { .. })));
}

#[tokio::test]
async fn idle_may_be_dropped_and_the_next_command_ends_it() {
    let (mut session, heard) = dialogue(vec![
        Step::Hear("C2 IDLE"),
        say("+ idling\r\n"),
        Step::Hear("DONE"),
        say("* 3 EXISTS\r\nC2 OK done\r\n"),
        Step::Hear("C3 NOOP"),
        say("C3 OK done\r\n"),
    ])
    .await;
    // long enough for `+` to have come; were it not, the session says so
    let dropped = tokio::time::timeout(Duration::from_secs(1), session.idle(Duration::from_secs(20))).await;
    assert!(dropped.is_err());
    session.noop().await.unwrap();
    heard.await.unwrap();
}

#[tokio::test]
async fn a_dropped_command_leaves_no_session_that_reads_old_answers() {
    let (mut session, _heard) = dialogue(vec![Step::Hear("C2 NOOP"), Step::Hold]).await;
    assert!(tokio::time::timeout(Duration::from_millis(50), session.noop()).await.is_err());
    assert!(matches!(session.examine("INBOX").await, Err(ImapError::Closed { .. })));
}

#[tokio::test]
async fn append_bears_untagged_lines_before_the_go_ahead() {
    let (mut session, heard) = dialogue(vec![
        Step::Hear("C2 APPEND \"Sent\" (\\Seen) {10}"),
        say("* 4 EXISTS\r\n* OK Still here\r\n+ go\r\n"),
        Step::Take(10),
        Step::Hear(""),
        say("C2 OK [APPENDUID 1 5] done\r\n"),
    ])
    .await;
    session.append("Sent", b"A: b\r\n\r\nhi", &["\\Seen"]).await.unwrap();
    assert_eq!(heard.await.unwrap(), b"A: b\r\n\r\nhi");
}

#[tokio::test]
async fn append_refused_before_the_bytes_is_an_error() {
    let (mut session, _heard) = dialogue(vec![
        Step::Hear("C2 APPEND \"Entw&APw-rfe\" (\\Draft \\Seen) {2}"),
        say("C2 NO [TRYCREATE] no such folder\r\n"),
        Step::Hear("C3 NOOP"),
        say("C3 OK done\r\n"),
    ])
    .await;
    let error = session.append("Entw&APw-rfe", b"hi", &["\\Draft", "\\Seen"]).await.unwrap_err();
    assert!(matches!(error, ImapError::Refused { command: "APPEND", .. }));
    session.noop().await.unwrap();
}

#[tokio::test]
async fn a_message_is_looked_up_by_its_id() {
    let (mut session, _heard) = dialogue(vec![
        Step::Hear("C2 UID SEARCH HEADER Message-ID \"x@example.org\""),
        say("* SEARCH 9 3 9 \r\nC2 OK done\r\n"),
        Step::Hear("C3 UID SEARCH HEADER Message-ID \"x@example.org\""),
        say("C3 NO cannot\r\n"),
    ])
    .await;
    let id = MessageId::parse("<x@example.org>").unwrap();
    assert_eq!(session.find_message_id(&id).await.unwrap(), [3, 9]);
    assert!(session.find_message_id(&id).await.is_err(), "a refused search has not found nothing");
}

#[tokio::test]
async fn folders_are_asked_for_with_their_uses() {
    let (mut session, _heard) = dialogue_with(patient(), "IMAP4rev1 SPECIAL-USE LIST-EXTENDED", vec![
        Step::Hear("C2 LIST \"\" \"*\" RETURN (SPECIAL-USE)"),
        say("C2 BAD what?\r\n"),
        Step::Hear("C3 LIST \"\" \"*\""),
        say("* LIST () \"/\" INBOX\r\n* LIST (\\Sent \\X-odd) \"/\" {7}\r\na\"b (c)\r\n* LIST () \"/\" \"q\\\"x\"\r\nC3 OK done\r\n"),
    ])
    .await;
    let folders = session.folders().await.unwrap();
    let seen: Vec<_> = folders.iter().map(|folder| (folder.name.as_str(), folder.role)).collect();
    assert_eq!(seen, [("INBOX", Role::Inbox), ("a\"b (c)", Role::Sent), ("q\"x", Role::Other)]);
}

#[tokio::test]
async fn an_old_server_is_asked_with_xlist() {
    let (mut session, _heard) = dialogue_with(patient(), "IMAP4rev1 XLIST", vec![
        Step::Hear("C2 XLIST \"\" \"*\""),
        say("* XLIST (\\Inbox) \"/\" \"Posteingang\"\r\n* XLIST (\\AllMail) \"/\" \"Alles\"\r\n* XLIST (\\Spam) \"/\" Mist\r\nC2 OK done\r\n"),
    ])
    .await;
    let roles: Vec<Role> = session.folders().await.unwrap().iter().map(|folder| folder.role).collect();
    assert_eq!(roles, [Role::Inbox, Role::All, Role::Junk]);
}

#[tokio::test]
async fn a_wrong_password_is_told_as_such_and_not_as_passing() {
    let error = refused_connect(vec![
        say("* OK [CAPABILITY IMAP4rev1] ready\r\n"),
        Step::Hear("C1 LOGIN \"dana\" \"se\\\"cret\""),
        say("C1 NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"),
    ])
    .await;
    assert!(matches!(&error, ImapError::SignIn { message } if message.contains("Invalid credentials")), "{error:?}");
    assert!(!error.is_transient());
    assert!(!error.to_string().contains("cret\""));
}

#[tokio::test]
async fn a_wrong_password_stays_wrong_whatever_else_is_said() {
    let error = refused_connect(vec![
        say("* OK [CAPABILITY IMAP4rev1] ready\r\n"),
        Step::Hear("C1 LOGIN \"dana\" \"se\\\"cret\""),
        say("C1 NO [AUTHENTICATIONFAILED] too many failures, try again later\r\n"),
    ])
    .await;
    assert!(matches!(error, ImapError::SignIn { .. }) && !error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_session_may_live_in_a_task_of_its_own() {
    let (mut session, _heard) = dialogue(vec![Step::Hear("C2 NOOP"), say("C2 OK done\r\n")]).await;
    tokio::spawn(async move { session.noop().await }).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_busy_server_at_sign_in_is_passing() {
    let error = refused_connect(vec![
        say("* OK [CAPABILITY IMAP4rev1] ready\r\n"),
        Step::Hear("C1 LOGIN \"dana\" \"se\\\"cret\""),
        say("C1 BAD User is authenticated but not connected.\r\n"),
    ])
    .await;
    assert!(error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_server_without_login_is_signed_in_by_sasl() {
    let (server, _heard) = peer(vec![
        say("* OK ready\r\n"),
        Step::Hear("C1 CAPABILITY"),
        say("* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN\r\nC1 OK done\r\n"),
        Step::Hear("C2 AUTHENTICATE PLAIN"),
        say("+ \r\n"),
        Step::Hear("AGRhbmEAcMOkc3M="),
        say("C2 OK in\r\n"),
        Step::Hear("C3 CAPABILITY"),
        say("* CAPABILITY IMAP4rev1 ID IDLE\r\nC3 OK done\r\n"),
        Step::Hear(concat!("C4 ID (\"name\" \"checkback\" \"version\" \"", env!("CARGO_PKG_VERSION"), "\")")),
        say("* ID NIL\r\nC4 OK done\r\n"),
    ])
    .await;
    let session = connect(&server, "dana", &SecretString::from("päss"), patient()).await.unwrap();
    assert!(session.has("idle") && !session.has("LOGINDISABLED"));
}

#[tokio::test]
async fn no_password_is_sent_where_none_is_taken() {
    let error = refused_connect(vec![say("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\r\n"), Step::Hold]).await;
    assert!(matches!(error, ImapError::Unsafe(_)), "{error:?}");
}

#[tokio::test]
async fn plain_text_goes_to_this_machine_only() {
    // an address set aside for documents (RFC 5737): nothing is connected to
    let server = Server { host: "192.0.2.1".to_owned(), port: 143, tls: Tls::None, pin_sha256: None };
    let error = connect(&server, "dana", &SecretString::from("x"), patient()).await.unwrap_err();
    assert!(matches!(error, ImapError::Wire(WireError::PlainAbroad { .. })), "{error:?}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_port_nobody_listens_on_is_passing() {
    let (server, playing) = peer(vec![]).await;
    playing.abort();
    let _ = playing.await;
    let error = connect(&server, "dana", &SecretString::from("x"), patient()).await.unwrap_err();
    assert!(matches!(error, ImapError::Wire(WireError::Connect { .. })) && error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn preauth_before_starttls_is_refused() {
    let (mut server, _heard) = peer(vec![say("* PREAUTH hello\r\n"), Step::Hold]).await;
    server.tls = Tls::StartTls;
    let error = connect(&server, "dana", &SecretString::from("x"), patient()).await.unwrap_err();
    assert!(matches!(error, ImapError::Unsafe(_)), "{error:?}");
}

#[tokio::test]
async fn a_server_that_refuses_starttls_gets_no_password() {
    let (mut server, heard) =
        peer(vec![say("* OK hi\r\n"), Step::Hear("C1 STARTTLS"), say("C1 BAD unknown\r\n"), Step::Hold]).await;
    server.tls = Tls::StartTls;
    let error = connect(&server, "dana", &SecretString::from("x"), patient()).await.unwrap_err();
    assert!(matches!(error, ImapError::Wire(WireError::Tls { .. })), "{error:?}");
    assert_eq!(heard.await.unwrap(), b"");
}

#[tokio::test]
async fn a_hundred_thousand_uids_are_listed_in_eight_bytes_each() {
    let mut answer = String::new();
    for uid in 1..=100_000 {
        answer.push_str(&format!("* {uid} FETCH (UID {uid} RFC822.SIZE 4711)\r\n"));
    }
    answer.push_str("C3 OK done\r\n");
    let (mut session, _heard) = dialogue(vec![
        Step::Hear("C2 EXAMINE \"INBOX\""),
        say("* 100000 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\nC2 OK done\r\n"),
        Step::Hear("C3 UID FETCH 1:* (UID RFC822.SIZE)"),
        say(answer),
    ])
    .await;
    session.examine("INBOX").await.unwrap();
    let entries = session.list_uids(1).await.unwrap();
    assert_eq!((entries.len(), entries[99_999].uid, size_of::<Entry>()), (100_000, 100_000, 8));
}
