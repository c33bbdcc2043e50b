//! Servers as they are: each story plays one habit of a provider, and fails when what meets it is removed.

use std::time::Duration;

use checkback::sandbox::{Fault, ImapEffect, SpecialUse, Verb};
use jiff::SignedDuration;
use rstest::rstest;

use super::house::House;
use super::ledger::ledger;
use super::mail::Mail;

fn sent_once(house: &House, expected: usize) {
    let taken = ledger(&house.sent());
    assert!(taken.len() == expected && taken.values().all(|count| *count == 1), "{taken:?}");
}

/// Gmail: labels are folders, and everything lies in All Mail as well.
#[tokio::test]
async fn a_mail_under_several_labels_and_in_all_mail_is_one_mail() {
    let house = House::with(|_, world| {
        world.add_folder("dana", "[Gmail]/All Mail", Some(SpecialUse::All)).unwrap();
        world.add_folder("dana", "Recruiters", None).unwrap();
    })
    .await;
    for folder in ["INBOX", "[Gmail]/All Mail", "Recruiters"] {
        house.put(folder, &Mail::pitch());
    }
    house.sync_well().await;
    house.put("[Gmail]/All Mail", &Mail::pitch_from("Mia Lang", "mia@codehire.example"));
    house.sync_well().await;
    sent_once(&house, 2);
    assert_eq!(house.count("SELECT count(*) FROM message WHERE ours = 0"), 2);
    assert_eq!(house.count("SELECT count(*) FROM location JOIN message ON message.id = message WHERE ours = 0"), 4);
}

/// Gmail shows in All Mail what nobody has sent yet; so do other servers' folders of everything.
#[tokio::test]
async fn a_draft_that_shows_in_all_mail_is_nothing_that_was_sent() {
    let house = House::with(|config, world| {
        config.outreach.log_sent = checkback::config::LogSent::AllNewThreads;
        world.add_folder("dana", "[Gmail]/All Mail", Some(SpecialUse::All)).unwrap();
    })
    .await;
    let words = "Hello Kim,\r\n\r\nmay I ask you about schedulers?\r\n";
    let mail = Mail::by_dana("draft@devmail.example", "Kim <kim@bigcorp.example>", "Schedulers", words);
    let all = "[Gmail]/All Mail";
    house
        .world()
        .edit(|world| world.deliver_with_flags("dana", all, &mail.bytes(), None, &["\\Draft", "\\Seen"]).map(drop))
        .unwrap();
    // what it stands before is read all the same
    house.put(all, &Mail::pitch());
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 0);
    assert_eq!(house.count("SELECT count(*) FROM message WHERE ours = 1 AND message_id LIKE 'draft%'"), 0);
    assert_eq!(house.count("SELECT count(*) FROM missing"), 0);
    sent_once(&house, 1);
    // now she sends it: Gmail shows another mail then, and the draft is gone
    house.put("Sent", &mail);
    house.put(all, &mail);
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 1);
}

/// Exchange: a damaged item is answered OK without data; the others are not held up.
#[tokio::test]
async fn ok_without_data_for_one_mail_is_no_reading_of_it() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    let uid = house.deliver(&Mail::pitch_from("Mia Lang", "mia@codehire.example"));
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").standing().then(ImapEffect::Withhold(vec![uid])));
    house.sync_well().await;
    sent_once(&house, 1);
    house.world().clear_faults();
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    sent_once(&house, 2);
}

/// Exchange: signed in, and then every command is BAD, until the account has rested.
#[tokio::test]
async fn authenticated_but_not_connected_is_told_and_not_hammered() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    for verb in [Verb::List, Verb::Examine, Verb::Fetch, Verb::Search, Verb::Noop] {
        house.world().inject(Fault::imap(verb).standing().bad("User is authenticated but not connected."));
    }
    let before = house.world().commands().len();
    let synced = house.sync().await;
    assert_eq!(synced.exit_code(), 1);
    assert!(synced.accounts[0].error.as_ref().unwrap().contains("not connected"));
    let logins = house.world().commands().iter().skip(before).filter(|seen| seen.verb == Verb::Login).count();
    assert_eq!(logins, 1, "a server that is busy is not signed in to again and again");
    house.world().clear_faults();
    house.sync_well().await;
    sent_once(&house, 1);
}

/// Exchange: the same at the sign-in itself is no wrong password, which would stop the account for good.
#[tokio::test]
async fn not_connected_at_the_sign_in_is_no_wrong_password() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.world().inject(Fault::imap(Verb::Login).bad("User is authenticated but not connected."));
    let synced = house.sync().await;
    let error = synced.accounts[0].error.as_ref().unwrap();
    assert!(error.contains("not connected") && !error.contains("password"), "{error}");
    house.sync_well().await;
    sent_once(&house, 1);
}

/// Gmail ends a session after a day or with its token, Exchange whenever it likes: the next connection goes
/// on at once.
#[rstest]
#[case::gmail("Session expired, please login again.")]
#[case::exchange("Connection is closed. 14")]
#[tokio::test]
async fn a_session_that_the_server_ends_at_will_is_begun_anew_at_once(
    #[case] bye: &str,
    #[values(Verb::List, Verb::Examine, Verb::Fetch)] verb: Verb,
) {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.world().inject(Fault::imap(verb).bye(bye));
    house.sync_well().await;
    assert_eq!(house.world().faults_pending(), 0);
    sent_once(&house, 1);
}

/// Yahoo: a command looks at the latest thousand messages only, and says OK.
#[tokio::test]
async fn a_limit_on_messages_leaves_none_out() {
    let house = House::with(|_, world| {
        world.options.message_limit = Some(40);
        for n in 0..130 {
            let from = format!("Lena <lena{n}@friends.example>");
            let mail = Mail::to_dana(&format!("n{n}@friends.example"), &from, &format!("Hi {n}"), "Hi\r\n");
            world.deliver("dana", "INBOX", &mail.bytes(), None).unwrap();
        }
    })
    .await;
    assert_eq!(house.count("SELECT count(*) FROM message"), 130);
    house.deliver(&Mail::pitch());
    for n in 0..60 {
        let mail = Mail::to_dana(&format!("later{n}@friends.example"), "Lena <lena@friends.example>", "Hi", "Hi\r\n");
        house.deliver(&mail);
    }
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM message WHERE ours = 0"), 191);
    sent_once(&house, 1);
}

/// Yahoo: UIDs jump, single messages say that the server failed.
#[tokio::test]
async fn uids_that_jump_and_single_failures_lose_nothing() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.world().edit(|world| world.folder_mut("dana", "INBOX").unwrap().uid_next = 900_000);
    house.deliver(&Mail::pitch_from("Mia Lang", "mia@codehire.example"));
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(2).no("[SERVERBUG] please try again later"));
    house.sync().await;
    house.sync_well().await;
    sent_once(&house, 2);
}

/// iCloud: the item RFC822 is answered OK and holds nothing; BODY.PEEK[] is what works.
#[tokio::test]
async fn a_server_that_gives_nothing_for_rfc822_is_read() {
    let house = House::with(|_, world| world.options.rfc822 = false).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    sent_once(&house, 1);
}

/// Proton Bridge: UIDVALIDITY changes, every UID with it, and the same messages are served again.
#[tokio::test]
async fn a_bridge_that_numbers_everything_anew_again_and_again_answers_nobody_twice() {
    let house = House::open().await;
    for round in 0..6_u32 {
        let n = round as usize;
        house.deliver(&Mail::pitch_from(&format!("Jonas Beck{n}"), &format!("jonas@talentwerk{n}.example")));
        house.advance(SignedDuration::from_mins(5));
        for folder in ["INBOX", "Sent", "Archive"] {
            house.world().set_uid_validity("dana", folder, 5_000_000 + round).unwrap();
        }
        // what was removed moves all other numbers
        if round == 4 {
            let first = house.world().edit(|world| world.folder("dana", "INBOX").unwrap().messages[0].uid);
            house.world().expunge("dana", "INBOX", first).unwrap();
            house.world().set_uid_validity("dana", "INBOX", 6_000_000).unwrap();
        }
        // the bridge hands a mail out a second time
        if round == 3 {
            house.deliver(&Mail::pitch_from("Jonas Beck1", "jonas@talentwerk1.example"));
        }
        house.sync_well().await;
    }
    sent_once(&house, 6);
    assert_eq!(house.count("SELECT count(*) FROM message WHERE ours = 0"), 6);
}

/// Old servers do not say UIDNEXT: what lay there stays history, what comes is new.
#[tokio::test]
async fn a_server_without_uidnext_answers_no_history_and_everything_new() {
    let house = House::with(|_, world| {
        world.options.uid_next = false;
        world.deliver("dana", "INBOX", &Mail::pitch().bytes(), None).unwrap();
    })
    .await;
    house.deliver(&Mail::pitch_from("Mia Lang", "mia@codehire.example"));
    house.sync_well().await;
    house.sync_well().await;
    sent_once(&house, 1);
    assert_eq!(house.blocked_by(&Mail::pitch().id()), Some(vec!["before_start".to_owned()]));
}

/// Whatever a server says unasked is no answer to what was asked.
#[tokio::test]
async fn untagged_data_that_nobody_asked_for_changes_nothing() {
    let house = House::open().await;
    let chatter =
        b"* OK Still here\r\n* 3 FETCH (FLAGS (\\Seen))\r\n* VANISHED 1:3\r\n* ESEARCH (TAG \"x\") UID ALL 1:3\r\n\
        * STATUS INBOX (MESSAGES 3)\r\n* ENABLED CONDSTORE\r\n* XNEWS \"a\" {3}\r\nabc\r\n* 99 EXISTS\r\n* 0 RECENT\r\n\
        * NAMESPACE ((\"\" \"/\")) NIL NIL\r\n* METADATA x (y NIL)\r\n";
    for verb in [Verb::List, Verb::Examine, Verb::Fetch, Verb::Search, Verb::Append] {
        house.world().inject(Fault::imap(verb).standing().then(ImapEffect::Garbage(chatter.to_vec())));
    }
    house.deliver(&Mail::pitch());
    house.deliver(&Mail::pitch_from("Mia Lang", "mia@codehire.example"));
    house.sync_well().await;
    house.sync_well().await;
    sent_once(&house, 2);
    assert_eq!(house.folder("Sent").len(), 2);
}

/// One mail whose every FETCH breaks the connection holds up no other, day after day.
#[tokio::test]
async fn a_mail_that_breaks_every_connection_keeps_nothing_else_back() {
    let house = House::open().await;
    let unreadable = Mail::to_dana("poison@friends.example", "Lena <lena@friends.example>", "Hi", "Hi\r\n");
    house.put("Archive", &unreadable);
    let poison = ImapEffect::Garbage(b"* 1 FETCH (UID 1 BODY[] {999999999}\r\n".to_vec());
    house.world().inject(Fault::imap(Verb::Fetch).folder("Archive").nth(2).standing().then(poison));
    for day in 0..3 {
        house.deliver(&Mail::pitch_from("Jonas Beck", &format!("jonas@talentwerk{day}.example")));
        house.sync_well().await;
        house.advance(SignedDuration::from_hours(24));
    }
    sent_once(&house, 3);
    assert!(house.count("SELECT count(*) FROM missing") == 1, "it is noted and asked for again");
}

/// What no client can bear ends the connection soon, and the mail is read by the next one.
#[rstest]
#[case::a_literal_of_512_mb(ImapEffect::HugeLiteral(512 << 20))]
#[case::a_line_without_end(ImapEffect::Garbage(vec![b'x'; 3 << 20]))]
#[case::a_fetch_without_end(ImapEffect::Garbage([b"* 1 FETCH (".as_slice(), &vec![b'a'; 3 << 20]].concat()))]
#[case::a_nul(ImapEffect::Garbage(b"* 1 FETCH (UID 1 FLAGS (\0))\r\n".to_vec()))]
#[case::parentheses_without_end(ImapEffect::Garbage([b"* 1 FETCH ".as_slice(), &vec![b'('; 100_000], b"\r\n"].concat()))]
#[case::no_date(ImapEffect::Garbage(b"* 1 FETCH (UID 1 INTERNALDATE NIL)\r\n".to_vec()))]
#[tokio::test]
async fn what_no_client_can_bear_costs_one_connection(#[case] effect: ImapEffect, #[values(1, 2)] nth: u32) {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(nth).then(effect));
    let ended = tokio::time::timeout(Duration::from_secs(60), house.sync()).await;
    assert!(ended.is_ok(), "it hangs");
    assert_eq!(house.world().faults_pending(), 0);
    house.advance(SignedDuration::from_mins(10));
    house.sync().await;
    house.sync_well().await;
    sent_once(&house, 1);
}
