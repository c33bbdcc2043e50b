//! One pitch, one answer: its exact words and headers, when it leaves, and that it leaves once.

use checkback::sandbox::Verb;
use checkback::service::sync::sync;
use checkback::store::decisions;
use jiff::SignedDuration;
use jiff::civil::date;
use mail_parser::MessageParser;

use super::house::House;
use super::mail::Mail;

const TEXT: &str = "Hi,\n\nThanks for reaching out to me, but right now is not a good time to entertain new \
                    opportunities. Feel free to check back in 8 months.";

#[tokio::test]
async fn the_first_start_answers_nobody_and_reads_everything() {
    let pitches = [Mail::pitch(), Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example")];
    let old = pitches.clone();
    let house = House::with(move |_, world| {
        for mail in &old {
            world.deliver("dana", "INBOX", &mail.bytes(), None).unwrap();
        }
    })
    .await;
    house.sync_well().await;
    assert!(house.sent().is_empty() && house.states().is_empty());
    assert_eq!(house.count("SELECT count(*) FROM message"), 2);
    assert_eq!(house.count("SELECT history_complete FROM account"), 1);
    assert_eq!(house.count("SELECT count(*) FROM roster"), 2, "the recruiters are remembered all the same");
}

#[tokio::test]
async fn a_pitch_gets_exactly_the_promised_answer() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    let sent = house.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].mail_from, "dana@devmail.example");
    assert_eq!(sent[0].rcpt_to, ["rita.holm@brightstaff.example"]);
    let mail = MessageParser::default().parse(&sent[0].data).unwrap();
    let header = |name: &str| mail.header_raw(name).map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "));
    assert_eq!(mail.body_text(0).unwrap().trim_end().replace("\r\n", "\n"), TEXT);
    assert_eq!(header("From").unwrap(), "\"Dana Reyes\" <dana@devmail.example>");
    assert_eq!(header("To").unwrap(), "\"Rita Holm\" <rita.holm@brightstaff.example>");
    assert_eq!(header("Subject").unwrap(), "Re: Senior Rust Engineer role in Berlin - remote possible");
    assert_eq!(header("In-Reply-To").unwrap(), "<pitch-1@brightstaff.example>");
    assert_eq!(header("References").unwrap(), "<pitch-1@brightstaff.example>");
    assert_eq!(header("Auto-Submitted").unwrap(), "auto-replied");
    assert_eq!(header("Date").unwrap(), "Tue, 10 Mar 2026 11:05:00 +0100");
    assert!(header("Message-ID").unwrap().ends_with("@devmail.example>"));
    for unwanted in ["Disposition-Notification-To", "Return-Receipt-To", "Reply-To", "Cc", "Bcc"] {
        assert_eq!(header(unwanted), None, "{unwanted}");
    }
    assert!(sent[0].data.is_ascii());
    let mut lines = sent[0].data.split(|byte| *byte == b'\n');
    assert!(lines.all(|line| line.len() < 999 && (line.is_empty() || line.ends_with(b"\r"))));
}

#[tokio::test]
async fn the_promise_is_kept_in_the_roster() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    let store = house.workspace.store();
    let roster = checkback::store::reports::roster(store.read()).unwrap();
    assert_eq!(roster.len(), 1);
    assert_eq!(roster[0].check_back_on, Some(date(2026, 11, 10)));
}

#[tokio::test]
async fn the_answer_comes_from_the_address_that_was_written_to() {
    let house = House::open().await;
    house.deliver(&Mail::pitch().set("To", "Dana <dana.reyes@devmail.example>"));
    house.sync_well().await;
    assert_eq!(house.sent()[0].mail_from, "dana.reyes@devmail.example");
}

#[tokio::test]
async fn many_syncs_send_one_answer() {
    let mut house = House::open().await;
    house.deliver(&Mail::pitch());
    for _ in 0..3 {
        house.sync_well().await;
        house.advance(SignedDuration::from_hours(30));
    }
    house.restart(|_| ());
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn a_delayed_answer_leaves_when_its_time_has_come() {
    let house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.advance(SignedDuration::from_secs(15 * 60 - 1));
    house.sync_well().await;
    assert!(house.sent().is_empty());
    assert_eq!(house.states(), ["queued"]);
    house.advance(SignedDuration::from_secs(1));
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn a_backfill_answers_what_lay_there_and_is_young_enough() {
    let (young, old) = (Mail::pitch(), Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example"));
    let mails = (young.bytes(), old.bytes());
    let house = House::with(move |_, world| {
        let now = world.now();
        let day = |days: i64| Some(now - SignedDuration::from_hours(24 * days));
        world.deliver("dana", "INBOX", &mails.0, day(10)).unwrap();
        world.deliver("dana", "INBOX", &mails.1, day(20)).unwrap();
    })
    .await;
    for _ in 0..2 {
        let synced = sync(&house.workspace, Some(SignedDuration::from_hours(24 * 30))).await.unwrap();
        assert_eq!(synced.exit_code(), 0);
    }
    assert_eq!(house.sent().len(), 1);
    assert_eq!(house.sent()[0].rcpt_to, ["rita.holm@brightstaff.example"]);
    assert_eq!(house.blocked_by(&old.id()), Some(vec!["too_old".to_owned()]));
}

#[tokio::test]
async fn a_held_answer_leaves_when_a_person_releases_it() {
    let house = House::open().await;
    house.deliver(&Mail::read("pitches/vague.eml"));
    house.sync_well().await;
    let (held, now) = (house.outbox("held"), house.now());
    assert_eq!(held.len(), 1);
    assert!(house.write(|tx| decisions::approve(tx, held[0].id, now)));
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
    assert!(!house.write(|tx| decisions::approve(tx, held[0].id, now)), "it is gone");
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn a_held_answer_that_a_person_drops_never_leaves() {
    let house = House::open().await;
    house.deliver(&Mail::read("pitches/vague.eml"));
    house.sync_well().await;
    let (held, now) = (house.outbox("held"), house.now());
    assert!(house.write(|tx| decisions::reject(tx, held[0].id, now)));
    assert!(!house.write(|tx| decisions::approve(tx, held[0].id, now)));
    house.sync_well().await;
    assert!(house.sent().is_empty());
    assert_eq!(house.states(), ["cancelled"]);
}

#[tokio::test]
async fn a_released_answer_still_obeys_every_other_rule() {
    let house = House::open().await;
    house.deliver(&Mail::read("pitches/vague.eml"));
    house.sync_well().await;
    let (held, now) = (house.outbox("held"), house.now());
    let by_hand = Mail::by_dana("h@devmail.example", "rita.holm@brightstaff.example", "Re: Hello", "Hi Rita\r\n");
    house.write(|tx| decisions::approve(tx, held[0].id, now));
    house.put("Sent", &by_hand.answering("vague-1@brightstaff.example"));
    house.sync_well().await;
    assert!(house.sent().is_empty());
    assert_eq!(house.states(), ["cancelled"]);
}

#[tokio::test]
async fn a_mail_that_is_moved_between_folders_is_one_mail() {
    let house = House::open().await;
    let uid = house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.world().move_message("dana", "INBOX", uid, "Archive").unwrap();
    house.sync_well().await;
    house.world().edit(|world| world.copy_message("dana", "Archive", 1, "INBOX").unwrap());
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
    assert_eq!(house.count("SELECT count(*) FROM message WHERE ours = 0"), 1);
}

#[tokio::test]
async fn a_pitch_that_the_user_sorts_into_a_new_folder_is_still_answered_once() {
    let house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    let uid = house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.world().edit(|world| world.add_folder("dana", "Jobs", None).unwrap());
    house.world().move_message("dana", "INBOX", uid, "Jobs").unwrap();
    house.advance(SignedDuration::from_mins(15));
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn a_pitch_that_the_user_marks_as_junk_while_it_waits_is_not_answered() {
    let house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    let uid = house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.world().move_message("dana", "INBOX", uid, "Junk").unwrap();
    house.advance(SignedDuration::from_mins(15));
    house.sync_well().await;
    assert!(house.sent().is_empty(), "{:?}", house.states());
    assert_eq!(house.blocked_by(&Mail::pitch().id()), Some(vec!["junk".to_owned()]));
}

#[tokio::test]
async fn a_message_id_used_by_two_senders_names_two_mails() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    let other =
        Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example").set("Message-ID", "<pitch-1@brightstaff.example>");
    house.deliver(&other);
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM message WHERE blocked_by IS NOT NULL"), 2);
    // one thread is answered once: the second has to be a forgery or a copy
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn the_copy_in_sent_is_made_once_and_is_no_outreach() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.sync_well().await;
    let copies = house.folder("Sent");
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].as_bytes(), house.sent()[0].data);
    let flags = house.world().flags("dana", "Sent").unwrap();
    assert!(flags[&1].contains("\\Seen"));
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 0);
    assert_eq!(house.count("SELECT count(*) FROM proposal"), 0);
}

#[tokio::test]
async fn a_copy_that_the_server_makes_is_not_made_twice() {
    let house = House::with(|config, world| {
        config.accounts[0].sent_copy = checkback::config::SentCopy::Server;
        world.user_mut("dana").unwrap().sent_copy = Some(checkback::sandbox::SentCopy::NewMessageId);
    })
    .await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(house.folder("Sent").len(), 1);
    assert_eq!(house.count("SELECT count(*) FROM proposal"), 0);
}

#[tokio::test]
async fn a_rebuilt_database_does_not_answer_again() {
    let mut house = House::open().await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.forget();
    for _ in 0..2 {
        let synced = sync(&house.workspace, Some(SignedDuration::from_hours(24 * 14))).await.unwrap();
        assert_eq!(synced.exit_code(), 0);
    }
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn reading_changes_nothing_in_the_mailbox() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.put("Junk", &Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example"));
    house.sync_well().await;
    for folder in ["INBOX", "Junk"] {
        assert!(house.world().flags("dana", folder).unwrap().values().all(|flags| flags.is_empty()), "{folder}");
    }
    for command in house.world().commands() {
        let appends = command.verb == Verb::Append && command.folder.as_deref() == Some("Sent");
        assert!(appends || !command.verb.writes(), "{command:?}");
        assert!(
            command.verb != Verb::Fetch || !command.text.replace("BODY.PEEK[", "").contains("BODY["),
            "{command:?}"
        );
        assert!(!command.text.contains("RFC822)") && !command.text.contains("RFC822.TEXT"), "{command:?}");
    }
}
