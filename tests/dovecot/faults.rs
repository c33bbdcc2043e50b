//! What goes wrong with real servers, disks and mail: a clear word, the right exit code, nothing lost.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::desk::{ANSWER_AT_ONCE, ANSWER_LATER, Desk, Run, account, account_with, server};
use crate::letters::{Letter, days_ago, pitch};
use crate::servers::{PASSWORD, Servers};

/// A port on which nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn deliver_pitch(servers: &Servers, user: &str, id: &str) {
    let (from, to) = (format!("{id}@agency.example"), format!("{user}@devmail.example"));
    servers.deliver(&from, &to, &pitch(&from, &to, &format!("{id}@agency.example")).raw());
}

#[test]
fn a_wrong_password_is_named_and_nothing_is_lost() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", ANSWER_AT_ONCE);
    desk.sync();
    deliver_pitch(&servers, "dana", "rita");
    let plain = |port| server(port, "none", "");
    let wrong = account_with("dana", &plain(servers.imap), &plain(servers.smtp), "WRONG_PASSWORD");
    desk.write_config(&format!("{wrong}{ANSWER_AT_ONCE}"));
    let refused = desk.run(&["sync"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("dana: ") && refused.err.contains("check username and password"), "{}", refused.err);
    assert!(!refused.err.contains("nonsense"), "{}", refused.err);
    let status = desk.run(&["--json", "status"]).json();
    assert!(status["accounts"][0]["error"].as_str().unwrap().contains("password"), "{status}");

    desk.write_config(&format!("{}{ANSWER_AT_ONCE}", account(&servers, "dana")));
    assert_eq!(desk.sync()["accounts"][0]["sent"], 1);
    servers.wait_until(|| servers.lying("rita", "INBOX").len() == 1);
    assert_eq!(desk.run(&["--json", "status"]).ok()["accounts"][0]["error"], serde_json::Value::Null);
}

#[test]
fn the_exit_code_tells_which_server_is_down_and_what_stays_unsent() {
    let mut servers = Servers::start();
    let plain = |port| server(port, "none", "");
    let down = |user| account_with(user, &plain(closed_port()), &plain(servers.smtp), "MAIL_PASSWORD");

    // a server that is down, and nothing due
    let desk = Desk::of(&servers, "dana", ANSWER_LATER);
    desk.sync();
    desk.write_config(&format!("{}{ANSWER_LATER}", down("dana")));
    let failed = desk.run(&["sync"]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.err.contains("127.0.0.1"), "{}", failed.err);

    // the other account goes on
    let two = Desk::new(&format!("{}{}{ANSWER_AT_ONCE}", account(&servers, "eve"), account(&servers, "fay")));
    two.sync();
    deliver_pitch(&servers, "eve", "ralf");
    two.write_config(&format!("{}{}{ANSWER_AT_ONCE}", account(&servers, "eve"), down("fay")));
    let partly = two.run(&["sync"]);
    assert_eq!(partly.code, Some(3), "{partly:?}");
    assert!(partly.err.contains("fay: ") && !partly.err.contains("eve: "), "{}", partly.err);
    servers.wait_until(|| servers.lying("ralf", "INBOX").len() == 1);

    // an answer is decided; by the time it is due the mailbox can't be read: it must not leave
    desk.write_config(&format!("{}{ANSWER_LATER}", account(&servers, "dana")));
    deliver_pitch(&servers, "dana", "rita");
    desk.sync();
    assert_eq!(desk.outbox("queued"), 1);
    desk.let_the_delay_pass();
    let unreadable = format!("{}{ANSWER_LATER}", down("dana"));
    desk.write_config(&unreadable);
    let stuck = desk.run(&["sync"]);
    assert_eq!(stuck.code, Some(4), "{stuck:?}");
    servers.settle();
    assert_eq!(servers.lying("rita", "INBOX"), []);

    // the mailbox is back, but the sending server is down: said, kept, and sent when it is there again
    servers.stop_smtp();
    desk.write_config(&format!("{}{ANSWER_LATER}", account(&servers, "dana")));
    let unsent = desk.run(&["sync"]);
    assert_eq!(unsent.code, Some(1), "{unsent:?}");
    assert_eq!(desk.outbox("queued"), 1);
    assert!(unsent.err.contains("127.0.0.1"), "{}", unsent.err);
}

#[test]
fn a_broken_config_names_the_line() {
    let desk = Desk::new("timezone = \"America/Los_Angeles\"\n\n[auto_repyl]\nmode = \"send\"\n");
    let refused = desk.run(&["sync"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains('3') && refused.err.contains("auto_reply"), "{}", refused.err);
    let missing = desk.run(&["--config", "/nonexistent/config.toml", "sync"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(missing.err.contains("/nonexistent/config.toml"), "{}", missing.err);
}

#[test]
fn poison_blocks_no_mailbox_and_takes_little_memory() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", ANSWER_AT_ONCE);
    desk.sync();
    let at = days_ago(0);
    let mut noise = 0x2545_f491_4f6c_dd1d_u64;
    let garbage: Vec<u8> = std::iter::repeat_with(|| {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise.to_le_bytes()
    })
    .take(50 * 1024 * 1024 / 8)
    .flatten()
    .collect();
    servers.lay("dana", "INBOX", &garbage, "", at);
    let lay = |id: &str, rest: &str| {
        let head = format!("From: x@agency.example\r\nTo: dana@devmail.example\r\nMessage-ID: <{id}@x.example>\r\n");
        servers.lay("dana", "INBOX", format!("{head}{rest}").as_bytes(), "", at);
    };
    lay("nested", &"Content-Type: message/rfc822\r\n\r\n".repeat(10_000));
    let multipart = |n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n");
    lay("multipart", &(0..10_000).map(multipart).collect::<String>());
    lay("html", &format!("Content-Type: text/html\r\n\r\n{}deep", "<div><blockquote>".repeat(20_000)));
    lay("line", &format!("X-Long: {}\r\n\r\nhi\r\n", "a".repeat(2_000_000)));
    lay("fields", &format!("{}\r\nhi\r\n", "Received: x\r\n".repeat(50_000)));
    servers.lay("dana", "INBOX", b"", "", at);
    servers.lay("dana", "INBOX", b"\r\n\0\0\0\r\n", "", at);
    let large = pitch("big@agency.example", "dana@devmail.example", "big@agency.example");
    let large = format!("{}{}", large.raw(), "filler of a large attachment\r\n".repeat(1_000_000));
    servers.lay("dana", "INBOX", large.as_bytes(), "", at);
    deliver_pitch(&servers, "dana", "rita");

    let mut child = desk.spawn(&["--json", "sync"]);
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(peak_kilobytes(&fs::read_to_string(&status).unwrap_or_default()));
        std::thread::sleep(Duration::from_millis(5));
    }
    let run = Run::from(child.wait_with_output().unwrap());
    let synced = run.ok();
    // all but the empty one, which looks like one that the server lost; copies of answers are no news
    assert_eq!(synced["accounts"][0]["new"], 9, "{synced}");
    for recruiter in ["rita", "big"] {
        servers.wait_until(|| servers.lying(recruiter, "INBOX").len() == 1);
    }
    println!("peak memory {peak} kB");
    assert!(peak > 0 && peak < 200 * 1024, "peak memory {peak} kB");
    assert_eq!(desk.sync()["accounts"][0]["new"], 0, "the poison is read again");
}

fn peak_kilobytes(status: &str) -> u64 {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)).map_or(0, |number| number.parse().unwrap())
}

#[test]
fn a_disk_that_cannot_be_written_is_named() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", ANSWER_AT_ONCE);
    // /proc takes no folder, not even from root
    let refused = desk.run(&["--data", "/proc/checkback", "sync"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("/proc/checkback"), "{}", refused.err);

    // the disk fills up while the mailbox is read: nothing may leave, nothing may be lost
    desk.sync();
    for number in 0..30 {
        let from = format!("Friend {number} <friend{number}@home.example>");
        let text = "A long letter about the summer. ".repeat(400);
        let id = format!("long{number}@home.example");
        let letter = Letter::new(&from, "dana@devmail.example", "The summer", &id, &text);
        servers.lay("dana", "INBOX", letter.raw().as_bytes(), "", days_ago(0));
    }
    deliver_pitch(&servers, "dana", "rita");
    let plain = desk.command(&["sync"]);
    let mut full = Command::new("sh");
    full.args(["-c", "trap '' XFSZ; ulimit -f 300; exec \"$@\"", "sh"]).arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        full.env(name, value.unwrap());
    }
    let output = Run::from(full.stdin(Stdio::null()).output().unwrap());
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.err.contains("checkback: "), "{}", output.err);
    assert!(!output.err.contains("panicked"), "{}", output.err);
    desk.sync();
    servers.wait_until(|| !servers.lying("rita", "INBOX").is_empty());
    servers.settle();
    assert_eq!(servers.lying("rita", "INBOX").len(), 1);
}

#[test]
fn the_password_is_found_nowhere() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", ANSWER_AT_ONCE);
    desk.sync();
    deliver_pitch(&servers, "dana", "rita");
    let run = desk.run(&["-vv", "--json", "sync"]);
    assert_eq!(run.code, Some(0));
    let mut said = vec![run.out.into_bytes(), run.err.into_bytes()];
    for entry in fs::read_dir(desk.data()).unwrap() {
        said.push(fs::read(entry.unwrap().path()).unwrap());
    }
    // as it goes over the wire, too
    let wire = format!("\0dana\0{PASSWORD}");
    for secret in [PASSWORD.as_bytes(), base64::Engine::encode(&base64::prelude::BASE64_STANDARD, wire).as_bytes()] {
        for text in &said {
            assert!(!text.windows(secret.len()).any(|window| window == secret), "{}", String::from_utf8_lossy(text));
        }
    }
}
