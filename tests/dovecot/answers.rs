//! Recruiters who write are answered once; everybody else never.

use mail_parser::{Message, MessageParser};

use crate::desk::{ANSWER_AT_ONCE, Desk};
use crate::letters::{Letter, days_ago, pitch};
use crate::servers::{Lying, Servers};

const TEXT: &str = "Hi,\n\nThanks for reaching out to me, but right now is not a good time to entertain new opportunities. \
                    Feel free to check back in 8 months.";

fn read(mail: &Lying) -> Message<'_> {
    MessageParser::new().parse(&mail.raw).unwrap()
}

fn field(mail: &Lying, name: &str) -> Option<String> {
    read(mail).header_raw(name.to_owned()).map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn an_old_mailbox_answers_nobody_and_a_new_pitch_is_answered_once() {
    let servers = Servers::start();
    for (number, days) in [400, 30, 3, 1].into_iter().enumerate() {
        let old = pitch("Olga <olga@agency.example>", "dana@devmail.example", &format!("old{number}@agency.example"));
        let old = old.at(days_ago(days));
        let flags = if number == 1 { "" } else { "S" };
        servers.lay("dana", "INBOX", old.raw().as_bytes(), flags, old.written_at());
    }
    let desk = Desk::of(&servers, "dana", ANSWER_AT_ONCE);
    desk.sync();
    servers.settle();
    assert_eq!(servers.lying("olga", "INBOX").len(), 0);
    assert_eq!(desk.outbox("sent"), 0);

    let new = pitch("Rita Vale <rita@agency.example>", "Dana Reyes <dana@devmail.example>", "new1@agency.example")
        .field("References", "<thread0@agency.example>");
    servers.deliver("rita@agency.example", "dana@devmail.example", &new.raw());
    let synced = desk.sync();
    assert_eq!(synced["accounts"][0]["sent"], 1, "{synced}\n{}", desk.run(&["why", "new1@agency.example"]).out);
    servers.wait_until(|| servers.lying("rita", "INBOX").len() == 1);
    let arrived = servers.lying("rita", "INBOX");
    let answer = read(&arrived[0]);
    assert_eq!(answer.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), TEXT);
    assert_eq!(answer.subject(), Some("Re: Senior Rust Engineer role, remote, 160-190k"));
    assert_eq!(field(&arrived[0], "Auto-Submitted").as_deref(), Some("auto-replied"));
    assert_eq!(field(&arrived[0], "In-Reply-To").as_deref(), Some("<new1@agency.example>"));
    assert_eq!(field(&arrived[0], "References").as_deref(), Some("<thread0@agency.example> <new1@agency.example>"));
    assert_eq!(field(&arrived[0], "From").as_deref(), Some("\"Dana Reyes\" <dana@devmail.example>"));
    assert_eq!(field(&arrived[0], "To").as_deref(), Some("\"Rita Vale\" <rita@agency.example>"));
    assert_eq!(field(&arrived[0], "Return-Path").as_deref(), Some("<dana@devmail.example>"));

    let copies = servers.lying("dana", "Sent");
    assert_eq!(copies.len(), 1);
    assert!(copies[0].file.ends_with(":2,S"), "{}", copies[0].file);
    assert_eq!(field(&copies[0], "Message-ID"), field(&arrived[0], "Message-ID"));

    desk.sync();
    let second = pitch("rita@agency.example", "dana@devmail.example", "new2@agency.example");
    servers.deliver("rita@agency.example", "dana@devmail.example", &second.raw());
    desk.sync();
    desk.sync();
    servers.settle();
    assert_eq!(servers.lying("rita", "INBOX").len(), 1);
    assert_eq!(servers.lying("dana", "Sent").len(), 1);
    assert_eq!(desk.outbox("sent"), 1);
}

#[test]
fn only_recruiters_who_wrote_themselves_are_answered() {
    let servers = Servers::start();
    let sent = Letter::new(
        "dana@devmail.example",
        "Kim <kim@agency.example>",
        "Hello again",
        "sent1@devmail.example",
        "Hi Kim, how have you been?",
    )
    .at(days_ago(200));
    servers.lay("dana", "Sent", sent.raw().as_bytes(), "S", sent.written_at());
    let desk = Desk::of(&servers, "dana", &format!("{ANSWER_AT_ONCE}daily_limit = 50\n"));
    desk.sync();

    let me = "dana@devmail.example";
    let silent = [
        pitch("Kim <kim@agency.example>", me, "known@agency.example"),
        pitch("list@agency.example", me, "list@agency.example").field("List-Id", "Jobs <jobs.agency.example>"),
        pitch("bulk@agency.example", me, "bulk@agency.example").field("Precedence", "bulk"),
        pitch("auto@agency.example", me, "auto@agency.example").field("Auto-Submitted", "auto-generated"),
        pitch("mute@agency.example", me, "mute@agency.example").field("X-Auto-Response-Suppress", "All"),
        pitch("noreply@agency.example", me, "noreply@agency.example"),
        pitch("bcc@agency.example", "someone@home.example", "bcc@agency.example"),
        pitch("answer@agency.example", me, "answer@agency.example").field("In-Reply-To", "<sent1@devmail.example>"),
        Letter::new(
            "Pat <pat@home.example>",
            me,
            "Saturday",
            "friend@home.example",
            "Hey, are we still on for the lake on Saturday? I can drive. Bring the kids!\n\nPat",
        ),
        Letter::new(
            "The Rust Digest <digest@home.example>",
            me,
            "This week in systems programming",
            "digest@home.example",
            "Ten new crates, three jobs, one conference.\n\nUnsubscribe: https://digest.example/u/1",
        )
        .field("List-Unsubscribe", "<https://digest.example/u/1>")
        .field("List-Id", "<digest.home.example>"),
    ];
    for letter in &silent {
        servers.accept("sender@agency.example", me, &letter.raw());
    }
    // the null return path of a machine
    servers.accept("", me, &pitch("bounce@agency.example", me, "null@agency.example").raw());
    // and one that is to be answered, as the measure of all
    servers.accept("rita@agency.example", me, &pitch("rita@agency.example", me, "rita@agency.example").raw());
    servers.wait_until(|| servers.lying("dana", "INBOX").len() == silent.len() + 2);
    let synced = desk.sync();
    servers.wait_until(|| servers.lying("rita", "INBOX").len() == 1);
    servers.settle();
    assert_eq!(synced["accounts"][0]["sent"], 1, "{synced}");
    for user in ["kim", "list", "bulk", "auto", "mute", "noreply", "bcc", "answer", "pat", "digest", "bounce", "sender"]
    {
        assert_eq!(servers.lying(user, "INBOX"), [], "{user} was answered");
    }
}

#[test]
fn an_alias_that_was_written_to_answers() {
    let servers = Servers::start();
    let config = crate::desk::account(&servers, "dana")
        .replace("[account.imap]", "aliases = [\"dana.dev@devmail.example\"]\n[account.imap]");
    let desk = Desk::new(&format!("{config}{ANSWER_AT_ONCE}"));
    desk.sync();
    let letter = pitch("rita@agency.example", "dana.dev@devmail.example", "alias@agency.example");
    servers.deliver("rita@agency.example", "dana@devmail.example", &letter.raw());
    desk.sync();
    servers.wait_until(|| servers.lying("rita", "INBOX").len() == 1);
    let arrived = servers.lying("rita", "INBOX");
    assert_eq!(field(&arrived[0], "From").as_deref(), Some("\"Dana Reyes\" <dana.dev@devmail.example>"));
}

#[test]
fn reading_changes_no_flag_and_no_mail() {
    let servers = Servers::start();
    let folders = ["INBOX", "Sent", "Junk", "Archive", "Drafts"];
    for folder in folders {
        for (number, flags) in ["", "S", "RS", "FS", "T"].into_iter().enumerate() {
            let id = format!("{number}.{folder}@agency.example");
            let from = if folder == "Sent" { "dana@devmail.example" } else { "rita@agency.example" };
            let to = if folder == "Sent" { "rita@agency.example" } else { "dana@devmail.example" };
            let letter = pitch(from, to, &id).at(days_ago(40));
            servers.lay("dana", folder, letter.raw().as_bytes(), flags, letter.written_at());
        }
    }
    let desk = Desk::of(&servers, "dana", ANSWER_AT_ONCE);
    // that an unread mail moves from `new` to `cur` is Dovecot's own doing
    let lying = |folder| -> Vec<(String, Vec<u8>)> {
        let mails = servers.lying("dana", folder).into_iter();
        mails
            .map(|mail| {
                let (_, name) = mail.file.split_once('/').unwrap();
                let (name, flags) = name.split_once(":2,").unwrap_or((name, ""));
                (format!("{}:{flags}", name.split(',').next().unwrap()), mail.raw)
            })
            .collect()
    };
    let before: Vec<_> = folders.iter().map(|folder| lying(folder)).collect();
    desk.sync();
    servers.deliver(
        "ruth@agency.example",
        "dana@devmail.example",
        &pitch("ruth@agency.example", "dana@devmail.example", "fresh@agency.example").raw(),
    );
    assert_eq!(desk.sync()["accounts"][0]["sent"], 1);
    for (folder, before) in folders.iter().zip(before) {
        let after = lying(folder);
        assert_eq!(before.len(), 5, "{folder}");
        assert!(before.iter().all(|mail| after.contains(mail)), "{folder}: {after:#?}");
        let more = after.iter().filter(|mail| !before.contains(mail)).count();
        assert_eq!(more, usize::from(matches!(*folder, "INBOX" | "Sent")), "{folder}");
    }
    let fresh = servers
        .lying("dana", "INBOX")
        .into_iter()
        .find(|mail| String::from_utf8_lossy(&mail.raw).contains("<fresh@agency.example>"));
    let name = fresh.unwrap().file;
    assert!(name.ends_with(":2,") || !name.contains(":2,"), "the answered mail got a flag: {name}");
}

#[test]
fn a_draft_lies_in_drafts_once_and_nothing_is_sent() {
    let mut servers = Servers::start();
    let desk = Desk::of(&servers, "dana", "[auto_reply]\nmode = \"draft\"\ndelay = \"0s\"\n");
    desk.sync();
    servers.deliver(
        "rita@agency.example",
        "dana@devmail.example",
        &pitch("Rita <rita@agency.example>", "dana@devmail.example", "d1@agency.example").raw(),
    );
    servers.settle();
    // a draft needs no SMTP server
    servers.stop_smtp();
    assert_eq!(desk.sync()["accounts"][0]["drafted"], 1);
    assert_eq!(desk.sync()["accounts"][0]["drafted"], 0);
    let drafts = servers.lying("dana", "Drafts");
    assert_eq!(drafts.len(), 1);
    assert!(drafts[0].file.ends_with(":2,D"), "{}", drafts[0].file);
    assert_eq!(field(&drafts[0], "In-Reply-To").as_deref(), Some("<d1@agency.example>"));
    assert_eq!(field(&drafts[0], "Auto-Submitted"), None);
    assert_eq!(read(&drafts[0]).body_text(0).unwrap().replace("\r\n", "\n").trim_end(), TEXT);
    assert_eq!(desk.outbox("drafted"), 1);
    assert_eq!(servers.lying("dana", "Sent"), []);
}
