use std::time::Duration;

use async_imap::types::Flag;
use checkback::sandbox::{EventKind, Sandbox, Verb};
use futures::TryStreamExt;
use tokio::net::TcpStream;

use super::common::{MAIL, noon, sandbox, sandbox_with};
use super::raw::Raw;

type Client = async_imap::Session<TcpStream>;

async fn login(sandbox: &Sandbox) -> Client {
    let stream = TcpStream::connect(sandbox.imap_addr()).await.unwrap();
    let mut client = async_imap::Client::new(stream);
    client.read_response().await.unwrap().unwrap();
    client.login("ada", "secret").await.map_err(|(error, _)| error).unwrap()
}

#[tokio::test]
async fn a_client_logs_in_lists_and_sees_the_roles() {
    let sandbox = sandbox().await;
    let mut client = login(&sandbox).await;
    let names: Vec<_> = client.list(Some(""), Some("*")).await.unwrap().try_collect().await.unwrap();
    let sent = names.iter().find(|name| name.name() == "Sent").unwrap();
    assert!(sent.attributes().iter().any(|attribute| format!("{attribute:?}").contains("Sent")));
    assert_eq!(sent.delimiter(), Some("/"));
    assert_eq!(names.len(), 7);
    let capabilities = client.capabilities().await.unwrap();
    assert!(["IDLE", "MOVE", "UIDPLUS", "SPECIAL-USE", "ID"].iter().all(|name| capabilities.has_str(name)));
    client.logout().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_refused_in_both_ways_to_log_in() {
    let sandbox = sandbox().await;
    let mut raw = Raw::connect(sandbox.imap_addr()).await;
    raw.until("ready\r\n").await;
    assert!(raw.command("LOGIN ada wrong").await.contains("x NO [AUTHENTICATIONFAILED]"));
    assert!(raw.command("AUTHENTICATE PLAIN AGFkYQB3cm9uZw==").await.contains("x NO"));
    assert!(raw.command("SELECT INBOX").await.contains("x BAD"));
    raw.send("x AUTHENTICATE PLAIN\r\n").await;
    assert!(raw.until("+").await.starts_with('+'));
    raw.send("AGFkYQBzZWNyZXQ=\r\n").await;
    assert!(raw.until("x ").await.contains("x OK"));
    let texts: Vec<String> = sandbox.world().commands().into_iter().map(|seen| seen.text).collect();
    assert!(texts.iter().all(|text| !text.contains("wrong") && !text.contains("secret")), "{texts:?}");
}

#[tokio::test]
async fn examine_and_peek_change_no_flag_but_a_plain_body_does() {
    let sandbox = sandbox().await;
    let before = sandbox.world().flags("ada", "INBOX").unwrap();
    let mut client = login(&sandbox).await;
    let folder = client.examine("INBOX").await.unwrap();
    assert_eq!((folder.exists, folder.uid_next, folder.uid_validity.is_some()), (2, Some(3), true));
    let items = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])";
    let mails: Vec<_> = client.uid_fetch("1:*", items).await.unwrap().try_collect().await.unwrap();
    assert_eq!(mails[0].body(), Some(MAIL.as_bytes()));
    assert_eq!(mails[0].size, Some(u32::try_from(MAIL.len()).unwrap()));
    assert_eq!(mails[0].internal_date().unwrap().timestamp(), noon().as_second());
    // Not even a plain BODY[] may change a folder that is only examined.
    let _: Vec<_> = client.uid_fetch("1", "BODY[]").await.unwrap().try_collect().await.unwrap();
    assert_eq!(sandbox.world().flags("ada", "INBOX").unwrap(), before);
    assert!(sandbox.world().commands().iter().all(|seen| !seen.verb.writes()));

    client.select("INBOX").await.unwrap();
    let seen: Vec<_> = client.uid_fetch("1", "BODY[]").await.unwrap().try_collect().await.unwrap();
    assert!(seen[0].flags().any(|flag| flag == Flag::Seen));
    assert!(sandbox.world().flags("ada", "INBOX").unwrap()[&1].contains("\\Seen"));
    assert!(sandbox.world().commands().iter().any(|seen| seen.verb.writes()));
}

#[tokio::test]
async fn parts_of_a_mail_can_be_fetched() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    raw.command("EXAMINE INBOX").await;
    let part = raw.command("UID FETCH 1 (BODY.PEEK[]<6.4>)").await;
    assert!(part.contains("BODY[]<6> {4}\r\nRita)"), "{part}");
    let fields = raw.command("FETCH 1 (BODY.PEEK[HEADER.FIELDS (subject X-None)])").await;
    assert!(fields.contains("{19}\r\nSubject: A role\r\n\r\n)"), "{fields}");
    let text = raw.command("FETCH 1 (BODY.PEEK[TEXT] RFC822.HEADER)").await;
    assert!(text.contains("Hello Ada\r\n.leading dot\r\n"), "{text}");
    let all = raw.command("FETCH 1 (ENVELOPE BODYSTRUCTURE)").await;
    assert!(all.contains("\"A role\" ((\"Rita\" NIL \"rita\" \"agency.example\"))"), "{all}");
    assert!(all.contains("(\"TEXT\" \"plain\"") || all.contains("(\"text\" \"plain\""), "{all}");
}

#[tokio::test]
async fn a_multipart_is_described_and_its_parts_are_found() {
    let sandbox = sandbox().await;
    let mail = "Subject: two\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>two</p>\r\n--b--\r\n";
    sandbox.world().deliver("ada", "Junk", mail.as_bytes(), None).unwrap();
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    raw.command("EXAMINE Junk").await;
    let all = raw.command("FETCH 1 (BODYSTRUCTURE BODY.PEEK[2] BODY.PEEK[3] BODY.PEEK[1.MIME])").await;
    assert!(all.contains("\"html\"") && all.contains("\"alternative\""), "{all}");
    assert!(all.contains("BODY[2] {10}\r\n<p>two</p>"), "{all}");
    assert!(all.contains("BODY[3] NIL"), "{all}");
    assert!(all.contains("Content-Type: text/plain"), "{all}");
}

#[tokio::test]
async fn search_answers_by_what_it_is_asked() {
    let sandbox = sandbox().await;
    let mut client = login(&sandbox).await;
    client.examine("INBOX").await.unwrap();
    let cases: [(&str, &[u32]); 12] = [
        ("ALL", &[1, 2]),
        ("UID 2:*", &[2]),
        ("UID 9:*", &[2]),
        ("HEADER Message-ID <1@agency.example>", &[1, 2]),
        ("SUBJECT another", &[2]),
        ("NOT SUBJECT another", &[1]),
        ("OR SUBJECT another SUBJECT role", &[1, 2]),
        ("SINCE 2-Jan-2026", &[1, 2]),
        ("SINCE 3-Jan-2026", &[]),
        ("SENTON 1-Jan-2026", &[1, 2]),
        ("UNSEEN FROM rita", &[1, 2]),
        ("SEEN", &[]),
    ];
    for (keys, expected) in cases {
        let mut found: Vec<u32> = client.uid_search(keys).await.unwrap().into_iter().collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{keys}");
    }
}

#[tokio::test]
async fn an_appended_mail_arrives_with_flags_and_date() {
    let sandbox = sandbox().await;
    let mut client = login(&sandbox).await;
    client.append("Sent", Some("(\\Seen)"), Some("\"05-Jan-2026 10:00:00 +0100\""), MAIL).await.unwrap();
    sandbox.world().edit(|world| {
        let message = world.message("ada", "Sent", 1).unwrap();
        assert_eq!(&*message.bytes, MAIL.as_bytes());
        assert_eq!(message.internal_date.to_string(), "2026-01-05T09:00:00Z");
        assert!(message.flags.contains("\\Seen"));
    });
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    raw.send("x APPEND Sent {2}\r\n").await;
    raw.until("+").await;
    raw.send("ab\r\n").await;
    assert!(raw.until("x ").await.contains("x OK [APPENDUID "));
    assert!(raw.command("APPEND Nowhere {2+}\r\nab").await.contains("x NO [TRYCREATE]"));
}

#[tokio::test]
async fn flags_copy_move_and_expunge_work_and_are_told() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    raw.command("SELECT INBOX").await;
    let stored = raw.command("UID STORE 1 +FLAGS (\\Flagged waiting)").await;
    assert!(stored.contains("* 1 FETCH (UID 1 FLAGS (\\Flagged waiting))"), "{stored}");
    assert!(!raw.command("UID STORE 1 +FLAGS.SILENT (\\Answered)").await.contains("FETCH"));
    assert!(raw.command("UID COPY 1 Archive").await.contains("x OK [COPYUID "));
    let moved = raw.command("UID MOVE 1 Trash").await;
    assert!(moved.contains("* OK [COPYUID") && moved.contains("* 1 EXPUNGE"), "{moved}");
    raw.command("STORE 1 +FLAGS (\\Deleted)").await;
    assert!(raw.command("EXPUNGE").await.contains("* 1 EXPUNGE"));
    assert!(sandbox.world().flags("ada", "INBOX").unwrap().is_empty());
    assert!(sandbox.world().flags("ada", "Trash").unwrap()[&1].contains("waiting"));
    assert!(raw.command("UID MOVE 1 Nowhere").await.contains("x NO [TRYCREATE]"));
}

#[tokio::test]
async fn an_examined_folder_cannot_be_changed() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    let opened = raw.command("EXAMINE INBOX").await;
    assert!(opened.contains("x OK [READ-ONLY]") && opened.contains("[PERMANENTFLAGS ()]"), "{opened}");
    for command in ["UID STORE 1 +FLAGS (\\Seen)", "EXPUNGE", "UID MOVE 1 Trash"] {
        assert!(raw.command(command).await.contains("x NO"), "{command}");
    }
}

#[tokio::test]
async fn folders_are_made_listed_and_counted() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    assert!(raw.command("CREATE Jobs/2026").await.contains("x OK"));
    assert!(raw.command("CREATE Jobs/2026").await.contains("x NO"));
    assert!(raw.command("LIST \"\" \"*/%\"").await.contains("Jobs/2026"));
    assert!(!raw.command("LIST \"\" %").await.contains("Jobs/2026"));
    assert!(raw.command("LIST \"\" \"\"").await.contains("(\\Noselect) \"/\" \"\""));
    assert!(raw.command("LIST \"\" inbox").await.contains("INBOX"));
    raw.command("UNSUBSCRIBE Jobs/2026").await;
    assert!(!raw.command("LSUB \"\" *").await.contains("Jobs/2026"));
    let status = raw.command("STATUS INBOX (MESSAGES UIDNEXT UNSEEN)").await;
    assert!(status.contains("(MESSAGES 2 UIDNEXT 3 UNSEEN 2)"), "{status}");
    assert!(raw.command("RENAME Jobs/2026 Past").await.contains("x OK"));
    assert!(raw.command("DELETE Past").await.contains("x OK"));
    assert!(raw.command("SELECT Past").await.contains("x NO"));
}

#[tokio::test]
async fn what_old_and_curious_clients_ask_is_answered() {
    let sandbox = sandbox_with(|options| options.xlist = true).await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    assert!(raw.command("NAMESPACE").await.contains("* NAMESPACE ((\"\" \"/\")) NIL NIL"));
    let listed = raw.command("XLIST \"\" *").await;
    assert!(listed.contains("* XLIST (\\HasNoChildren \\Sent) \"/\" Sent"), "{listed}");
    assert!(listed.contains("\\Inbox") && !listed.contains("* LIST"), "{listed}");
    assert!(raw.command("ID NIL").await.contains("* ID NIL"));
    for odd in ["FROBNICATE", "LIST (SUBSCRIBED) \"\" * RETURN (CHILDREN)", "UID FETCH", "GETQUOTAROOT INBOX", "CHECK"]
    {
        assert!(raw.command(odd).await.contains("x BAD"), "{odd}");
    }
    assert!(raw.command("NOOP").await.contains("x OK"));
}

#[tokio::test]
async fn options_that_are_off_are_not_announced() {
    let sandbox = sandbox_with(|options| {
        options.special_use = false;
        options.idle = false;
        options.move_messages = false;
        options.delimiter = '.';
    })
    .await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    let capabilities = raw.command("CAPABILITY").await;
    assert!(["SPECIAL-USE", "IDLE", "MOVE"].iter().all(|name| !capabilities.contains(name)), "{capabilities}");
    let listed = raw.command("LIST \"\" *").await;
    assert!(!listed.contains("\\Sent") && listed.contains("\".\" Sent"), "{listed}");
    assert!(raw.command("IDLE").await.contains("x BAD"));
    raw.command("SELECT INBOX").await;
    assert!(raw.command("UID MOVE 1 Trash").await.contains("x BAD"));
}

#[tokio::test]
async fn idle_is_woken_by_what_the_world_does() {
    let sandbox = sandbox().await;
    let mut client = login(&sandbox).await;
    client.select("INBOX").await.unwrap();
    let mut idle = client.idle();
    idle.init().await.unwrap();
    let (wait, _interrupt) = idle.wait_with_timeout(Duration::from_secs(10));
    let world = sandbox.world().clone();
    let delivering = async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.deliver("ada", "INBOX", MAIL.as_bytes(), None).unwrap();
    };
    let (woken, ()) = tokio::join!(wait, delivering);
    let async_imap::extensions::idle::IdleResponse::NewData(data) = woken.unwrap() else { panic!("not woken") };
    assert!(format!("{:?}", data.parsed()).contains("Exists(3)"));
    let mut client = idle.done().await.unwrap();
    assert_eq!(client.uid_search("UID 3").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_removed_mail_is_told_to_another_client() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    raw.command("SELECT INBOX").await;
    raw.send("x IDLE\r\n").await;
    raw.until("+ ").await;
    sandbox.world().expunge("ada", "INBOX", 1).unwrap();
    assert_eq!(raw.until("EXPUNGE").await, "* 1 EXPUNGE\r\n");
    raw.send("DONE\r\n").await;
    assert!(raw.until("x ").await.contains("x OK"));
}

#[tokio::test]
async fn a_new_uidvalidity_numbers_anew_and_sends_open_clients_away() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    sandbox.world().expunge("ada", "INBOX", 1).unwrap();
    raw.command("EXAMINE INBOX").await;
    sandbox.world().set_uid_validity("ada", "INBOX", 77).unwrap();
    raw.send("x NOOP\r\n").await;
    assert!(raw.rest().await.contains("* BYE"));
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    let opened = raw.command("EXAMINE INBOX").await;
    assert!(opened.contains("[UIDVALIDITY 77]") && opened.contains("[UIDNEXT 2]"), "{opened}");
}

#[tokio::test]
async fn the_log_tells_commands_with_their_folder_in_order() {
    let sandbox = sandbox().await;
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    raw.command("EXAMINE Sent").await;
    raw.command("UID FETCH 1:* (UID BODY.PEEK[])").await;
    let commands = sandbox.world().commands();
    let told: Vec<_> = commands.iter().map(|seen| (seen.verb, seen.folder.as_deref(), seen.text.as_str())).collect();
    assert_eq!(
        told,
        [
            (Verb::Login, None, "LOGIN"),
            (Verb::Examine, Some("Sent"), "EXAMINE Sent"),
            (Verb::Fetch, Some("Sent"), "UID FETCH 1:* (UID BODY.PEEK[])"),
        ]
    );
    let events = sandbox.world().events();
    assert!(events.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    assert!(events.iter().any(|event| matches!(event.kind, EventKind::Delivered { uid: 2, .. })));
}

#[tokio::test]
async fn stop_ends_every_connection_and_frees_the_ports() {
    let sandbox = sandbox().await;
    let addr = sandbox.imap_addr();
    let mut idle = Raw::imap(addr).await;
    idle.send("x IDLE\r\n").await;
    idle.until("+ ").await;
    tokio::time::timeout(Duration::from_secs(4), sandbox.stop()).await.unwrap();
    assert_eq!(idle.rest().await, "");
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn a_client_that_talks_nonsense_is_sent_away() {
    let sandbox = sandbox().await;
    let mut raw = Raw::connect(sandbox.imap_addr()).await;
    raw.send(&"\u{1}nonsense\r\n".repeat(60)).await;
    let said = raw.rest().await;
    assert!(said.contains("* BAD") && said.contains("* BYE"), "{said}");
}

#[tokio::test]
async fn hostile_input_is_answered_or_cut_and_the_server_lives() {
    let sandbox = sandbox().await;
    let long_line = format!("x NOOP {}\r\n", "y".repeat(5_000_000));
    for input in [
        "\r\n\r\n",
        "x\r\n",
        "x LOGIN {99999999999}\r\n",
        "x LOGIN {31457281}\r\n",
        "x LOGIN {5}\r\nab",
        "x SELECT \"unclosed\r\n",
        "x FETCH 0 BODY[]\r\n",
        "x UID FETCH 4294967295:1 (BODY.PEEK[]<4294967295.4294967295>)\r\n",
        "DONE\r\n",
        "x AUTHENTICATE PLAIN\r\n*\r\n",
        "x IDLE\r\nnot done\r\n",
        &format!("x SEARCH {}ALL\r\n", "NOT ".repeat(10_000)),
        &format!("x LIST \"\" {}\r\n", "*%".repeat(3_000)),
        &long_line,
    ] {
        for logged_in in [false, true] {
            let mut raw = match logged_in {
                true => Raw::imap(sandbox.imap_addr()).await,
                false => Raw::connect(sandbox.imap_addr()).await,
            };
            if logged_in {
                raw.command("EXAMINE INBOX").await;
            }
            raw.send(input).await;
        }
    }
    let mut raw = Raw::imap(sandbox.imap_addr()).await;
    raw.command("EXAMINE INBOX").await;
    assert!(raw.command(&format!("NOOP {}", "y".repeat(5_000_000))).await.contains("x BAD"));
    assert!(raw.command("UID FETCH 4294967295:1 (BODY.PEEK[]<4294967295.4294967295>)").await.contains("x OK"));
    assert!(raw.command(&format!("SEARCH {}ALL", "NOT ".repeat(10_000))).await.contains("x BAD"));
    assert!(raw.command("AUTHENTICATE PLAIN\r\n*").await.contains("x BAD"));
    assert!(raw.command("NOOP").await.contains("x OK"));
}
