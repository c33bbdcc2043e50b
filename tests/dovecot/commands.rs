//! The daily mail answered through real servers: copies in Sent as a client makes them and as a server
//! does, and a forged command that only lies in the inbox.

use mail_parser::MessageParser;
use rstest::rstest;

use crate::desk::{ANSWER_AT_ONCE, Desk};
use crate::letters::Letter;
use crate::servers::Servers;

const DANA: &str = "Dana Reyes <dana@devmail.example>";
const VAGUE: &str = "Hi Dana,\n\nI am a recruiter at Brightstaff. I would like to stay in touch with you.\n\nRita";

/// A desk whose first start was yesterday, with one held answer of which the daily mail told: its subject
/// and its id.
fn told(servers: &Servers) -> (Desk, String, String) {
    let desk = Desk::of(servers, "dana", &format!("{ANSWER_AT_ONCE}[reminders]\nat = \"00:00\"\n"));
    let utc =
        format!("timezone = \"UTC\"\n{}", std::fs::read_to_string(desk.data().with_file_name("config.toml")).unwrap());
    desk.write_config(&utc);
    desk.sync();
    let database = rusqlite::Connection::open(desk.data().join("checkback.db")).unwrap();
    database.execute("UPDATE account SET opened_at = '2026-01-01T00:00:00Z'", []).unwrap();
    let vague =
        Letter::new("Rita Holm <rita@brightstaff.example>", DANA, "Hello", "vague-1@brightstaff.example", VAGUE);
    servers.deliver("rita@brightstaff.example", "dana@devmail.example", &vague.raw());
    desk.sync();
    servers.wait_until(|| servers.lying("dana", "INBOX").len() == 2);
    let inbox = servers.lying("dana", "INBOX");
    let mut daily = inbox.iter().map(|mail| MessageParser::default().parse(&mail.raw).unwrap());
    let daily = daily.rfind(|mail| mail.header_raw("Auto-Submitted").is_some()).unwrap();
    let subject = daily.subject().unwrap().to_owned();
    assert!(subject.contains(": 1 to decide [cb-") || subject.contains("the week [cb-"), "{subject}");
    assert_eq!(desk.outbox("held"), 1);
    (desk, subject, daily.message_id().unwrap().to_owned())
}

fn reply(subject: &str, parent: &str) -> Letter {
    let text = "Send 1\n\nOn Monday checkback <dana@devmail.example> wrote:\n> no 1\n";
    Letter::new(DANA, DANA, &format!("Re: {subject}"), "reply-1@devmail.example", text)
        .field("In-Reply-To", &format!("<{parent}>"))
}

fn carried_out(servers: &Servers, desk: &Desk) {
    desk.sync();
    servers.wait_until(|| servers.lying("rita", "INBOX").len() == 1);
    desk.sync();
    servers.settle();
    assert_eq!(servers.lying("rita", "INBOX").len(), 1);
    let inbox = servers.lying("dana", "INBOX");
    let confirmed = inbox.iter().filter(|mail| String::from_utf8_lossy(&mail.raw).contains("Subject: Done: 1"));
    assert_eq!(confirmed.count(), 1, "one confirmation");
}

#[test]
fn an_answer_whose_copy_the_client_put_into_sent_is_carried_out_once() {
    let servers = Servers::start();
    let (desk, subject, parent) = told(&servers);
    let reply = reply(&subject, &parent);
    // it comes in before its copy is there
    servers.deliver("dana@devmail.example", "dana@devmail.example", &reply.raw());
    desk.sync();
    assert_eq!((desk.outbox("held"), servers.lying("rita", "INBOX").len()), (1, 0), "the inbox commands nothing");
    servers.lay("dana", "Sent", reply.raw().as_bytes(), "S", reply.written_at());
    carried_out(&servers, &desk);
}

#[test]
fn an_answer_whose_copy_the_server_put_into_sent_is_carried_out_once() {
    let servers = Servers::start();
    let (desk, subject, parent) = told(&servers);
    let reply = reply(&subject, &parent);
    let stamped = reply.clone().at(reply.written_at());
    servers.lay("dana", "Sent", stamped.raw().as_bytes(), "S", reply.written_at());
    servers.deliver("dana@devmail.example", "dana@devmail.example", &reply.raw());
    carried_out(&servers, &desk);
}

/// The service, ended with its owner.
struct Service(std::process::Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[rstest]
fn the_service_carries_out_an_answer_whose_copy_in_the_inbox_it_hears_of_first(#[values(true, false)] stamped: bool) {
    let servers = Servers::start();
    let (desk, subject, parent) = told(&servers);
    let path = desk.data().with_file_name("config.toml");
    let polled = std::fs::read_to_string(&path).unwrap().replace("[account.imap]\n", "[account.imap]\npoll = \"3s\"\n");
    desk.write_config(&polled);
    let mut command = desk.command(&["run"]);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let _service = Service(command.spawn().unwrap());
    let database = rusqlite::Connection::open(desk.data().join("checkback.db")).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let reply = reply(&subject, &parent);
    if stamped {
        servers.deliver("dana@devmail.example", "dana@devmail.example", &reply.raw());
    } else {
        servers.lay("dana", "INBOX", reply.raw().as_bytes(), "", reply.written_at());
    }
    servers.wait_until(|| count("SELECT count(*) FROM mail_command WHERE obeyed = 0") == 1);
    assert_eq!(desk.outbox("held"), 1, "the inbox commands nothing");
    servers.lay("dana", "Sent", reply.raw().as_bytes(), "S", reply.written_at());
    servers.wait_until(|| servers.lying("rita", "INBOX").len() == 1);
    let confirmed = || {
        let inbox = servers.lying("dana", "INBOX");
        inbox.iter().filter(|mail| String::from_utf8_lossy(&mail.raw).contains("Subject: Done: 1")).count()
    };
    servers.wait_until(|| confirmed() == 1);
    assert_eq!(count("SELECT count(*) FROM mail_command WHERE obeyed = 1"), 1);
}
