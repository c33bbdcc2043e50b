//! What the user does with the mail between two reads, and what the server does to its folders.

use std::fs;

use crate::desk::{ANSWER_AT_ONCE, ANSWER_LATER, Desk, account};
use crate::letters::{Letter, pitch};
use crate::servers::Servers;

const ME: &str = "dana@devmail.example";

/// A desk on which an answer to rita@agency.example waits.
fn waiting(servers: &Servers) -> Desk {
    let desk = Desk::of(servers, "dana", ANSWER_LATER);
    desk.sync();
    servers.deliver("rita@agency.example", ME, &pitch("rita@agency.example", ME, "p@agency.example").raw());
    desk.sync();
    assert_eq!(desk.outbox("queued"), 1);
    desk
}

fn assert_nothing_left(servers: &Servers, desk: &Desk, rule: &str) {
    desk.let_the_delay_pass();
    desk.sync();
    servers.settle();
    assert_eq!(servers.lying("rita", "INBOX"), []);
    assert_eq!((desk.outbox("cancelled"), desk.outbox("queued"), desk.outbox("sent")), (1, 0, 0));
    let why = desk.run(&["--json", "why", "p@agency.example"]);
    assert!(why.out.contains(rule), "{why:?}");
}

#[test]
fn an_answer_of_the_user_stops_the_one_of_the_machine() {
    let servers = Servers::start();
    let desk = waiting(&servers);
    let own = Letter::new(ME, "rita@agency.example", "Re: Senior Rust Engineer", "own@devmail.example", "Let's talk!")
        .field("In-Reply-To", "<p@agency.example>");
    servers.lay("dana", "Sent", own.raw().as_bytes(), "S", own.written_at());
    assert_nothing_left(&servers, &desk, "answered_meanwhile");
}

#[test]
fn a_pitch_that_went_to_junk_is_not_answered() {
    let servers = Servers::start();
    let desk = waiting(&servers);
    move_all(&servers, "INBOX", "Junk");
    assert_nothing_left(&servers, &desk, "junk");
}

#[test]
fn nobody_is_answered_again_when_folders_are_moved_renamed_or_numbered_anew() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", ANSWER_AT_ONCE);
    desk.sync();
    servers.deliver("rita@agency.example", ME, &pitch("rita@agency.example", ME, "p@agency.example").raw());
    desk.sync();
    servers.wait_until(|| servers.lying("rita", "INBOX").len() == 1);
    desk.sync();

    let lay = |folder: &str| {
        let letter = pitch("rita@agency.example", ME, "p@agency.example");
        servers.lay("dana", folder, letter.raw().as_bytes(), "S", letter.written_at());
    };
    // a second label on the same mail, then a move, then a renamed folder
    lay("Agencies");
    desk.sync();
    move_all(&servers, "INBOX", "Archive");
    desk.sync();
    let home = servers.maildir("dana");
    fs::rename(home.join(".Archive"), home.join(".Archive2026")).unwrap();
    desk.sync();
    // UIDVALIDITY changes everywhere, as after a restored backup
    for folder in [home.clone(), home.join(".Sent"), home.join(".Archive2026"), home.join(".Agencies")] {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().starts_with("dovecot") && entry.file_type().unwrap().is_file() {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }
    desk.sync();
    // new data, old mailbox: what lies there is history, and the answer in Sent is recognised
    let anew = Desk::of(&servers, "dana", ANSWER_AT_ONCE);
    anew.sync();
    let backfilled = anew.run(&["--json", "sync", "--backfill", "30d"]);
    assert_eq!(backfilled.code, Some(0), "{backfilled:?}");
    servers.settle();
    assert_eq!(servers.lying("rita", "INBOX").len(), 1);
    assert_eq!(servers.lying("dana", "Sent").len(), 1);
    assert_eq!((desk.outbox("sent"), anew.outbox("sent")), (1, 0));
}

#[test]
fn a_recruiter_who_writes_to_two_accounts_gets_one_answer() {
    let servers = Servers::start();
    let desk = Desk::new(&format!("{}{}{ANSWER_AT_ONCE}", account(&servers, "dana"), account(&servers, "eve")));
    desk.sync();
    // one mail to both
    let both = pitch("rita@agency.example", "dana@devmail.example, eve@devmail.example", "both@agency.example");
    servers.deliver("rita@agency.example", "dana@devmail.example", &both.raw());
    servers.deliver("rita@agency.example", "eve@devmail.example", &both.raw());
    // and one mail each
    for user in ["dana", "eve"] {
        let to = format!("{user}@devmail.example");
        let letter = pitch("Ralf <ralf@agency.example>", &to, &format!("to-{user}@agency.example"));
        servers.deliver("ralf@agency.example", &to, &letter.raw());
    }
    desk.sync();
    desk.sync();
    servers.settle();
    for user in ["rita", "ralf"] {
        assert_eq!(servers.lying(user, "INBOX").len(), 1, "{user}");
    }
}

#[test]
fn a_draft_that_the_user_sends_is_recognised() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", "[auto_reply]\nmode = \"draft\"\ndelay = \"0s\"\n");
    desk.sync();
    servers.deliver("rita@agency.example", ME, &pitch("rita@agency.example", ME, "p@agency.example").raw());
    desk.sync();
    let recruiters = |desk: &Desk| desk.run(&["--json", "recruiters", "list"]).ok();
    let before = recruiters(&desk);
    assert_eq!(before[0]["check_back_on"], serde_json::Value::Null, "{before}");
    // a mail program gives it an id of its own
    let draft = servers.lying("dana", "Drafts").remove(0);
    let text = String::from_utf8(draft.raw).unwrap();
    let sent = text.replacen("Message-ID: <", "Message-ID: <mua-", 1);
    assert_ne!(sent, text);
    servers.lay("dana", "Sent", sent.as_bytes(), "S", checkback::clock::now());
    fs::remove_file(servers.maildir("dana").join(".Drafts").join(&draft.file)).unwrap();
    desk.sync();
    desk.sync();
    let after = recruiters(&desk);
    assert_ne!(after[0]["check_back_on"], serde_json::Value::Null, "{after}");
    assert_eq!(servers.lying("dana", "Drafts"), []);
    assert_eq!(servers.lying("rita", "INBOX"), []);
}

/// Moves every mail, as a mail program on another machine does.
fn move_all(servers: &Servers, from: &str, to: &str) {
    for mail in servers.lying("dana", from) {
        servers.lay("dana", to, &mail.raw, "S", checkback::clock::now());
        let home = servers.maildir("dana");
        let folder = if from == "INBOX" { home } else { home.join(format!(".{from}")) };
        fs::remove_file(folder.join(&mail.file)).unwrap();
    }
}
