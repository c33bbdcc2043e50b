//! The program is killed whenever: nobody is answered twice, nothing is lost.

use std::time::Duration;

use crate::desk::{ANSWER_AT_ONCE, Desk};
use crate::letters::pitch;
use crate::servers::Servers;

/// Recruiters who write before each round of kills.
const PER_ROUND: usize = 3;

/// No new round begins after this time: a busy machine needs not do them all.
const ENOUGH: Duration = Duration::from_secs(40);

#[test]
fn whenever_it_is_killed_every_recruiter_gets_one_answer() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", &format!("{ANSWER_AT_ONCE}daily_limit = 500\n"));
    desk.sync();
    // how long a whole one takes on this machine, so that the kills fall into it
    let begun = std::time::Instant::now();
    write_to_dana(&servers, "measure", 0..PER_ROUND);
    let delivered = begun.elapsed();
    desk.sync();
    let whole = begun.elapsed() - delivered;
    let mut recruiters = PER_ROUND;
    let mut killed = 0;
    for round in 0..5_u32 {
        if begun.elapsed() > ENOUGH && round > 0 {
            break;
        }
        write_to_dana(&servers, "round", recruiters..recruiters + PER_ROUND);
        recruiters += PER_ROUND;
        for step in 1..=4_u32 {
            let after = whole.mul_f64(f64::from(step * 8 + round * 2) / 40.0);
            let mut child = desk.spawn(&["sync"]);
            std::thread::sleep(after.max(Duration::from_millis(2)));
            child.kill().unwrap();
            killed += usize::from(child.wait().unwrap().code().is_none());
        }
    }
    assert!(killed >= 1, "only {killed} runs were killed before their end");
    desk.sync();
    desk.sync();
    servers.settle();

    let answers: Vec<usize> = (0..recruiters).map(|n| servers.lying(&format!("rita{n}"), "INBOX").len()).collect();
    assert!(answers.iter().all(|count| *count <= 1), "somebody was answered twice: {answers:?}");
    let unanswered = answers.iter().filter(|count| **count == 0).count();
    // what was cut off while the server took it may have arrived or not: a person decides
    let unknown = usize::try_from(desk.outbox("unknown")).unwrap();
    assert!(unanswered <= unknown, "{unanswered} recruiters got nothing, but only {unknown} are of unknown fate");
    assert_eq!(usize::try_from(desk.outbox("sent")).unwrap() + unknown, recruiters);
    for state in ["queued", "claimed", "sending", "failed", "held", "cancelled"] {
        assert_eq!(desk.outbox(state), 0, "{state}");
    }

    println!("{killed} killed, {unknown} of unknown fate, {unanswered} unanswered, a whole sync takes {whole:?}");
    // the copies in Sent: one for each that is known to have been sent
    let mut copies: Vec<String> = servers.lying("dana", "Sent").iter().map(|mail| message_id(&mail.raw)).collect();
    let all = copies.len();
    copies.sort();
    copies.dedup();
    assert_eq!(copies.len(), all, "Sent holds a copy twice");
    assert_eq!(all, recruiters - unknown);
}

#[test]
fn a_second_sync_beside_a_running_one_sends_nothing_twice() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", ANSWER_AT_ONCE);
    desk.sync();
    write_to_dana(&servers, "twice", 0..PER_ROUND);
    let running: Vec<_> = (0..4).map(|_| desk.spawn(&["sync"])).collect();
    for child in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    servers.settle();
    for n in 0..PER_ROUND {
        assert_eq!(servers.lying(&format!("rita{n}"), "INBOX").len(), 1);
    }
}

fn write_to_dana(servers: &Servers, what: &str, recruiters: std::ops::Range<usize>) {
    let before = servers.lying("dana", "INBOX").len();
    let count = recruiters.len();
    for n in recruiters {
        let from = format!("rita{n}@agency{n}.example");
        let letter = pitch(&from, "dana@devmail.example", &format!("{what}{n}@agency{n}.example"));
        let letter = letter.field("Reply-To", &format!("rita{n}@agency{n}.example"));
        servers.accept(&from, "dana@devmail.example", &letter.raw());
    }
    servers.wait_until(|| servers.lying("dana", "INBOX").len() == before + count);
}

fn message_id(raw: &[u8]) -> String {
    let mail = mail_parser::MessageParser::new().parse(raw).unwrap();
    mail.message_id().unwrap().to_owned()
}
