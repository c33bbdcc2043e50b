//! The send gate against a real server: an answer arrives at about the time at which its follow-up leaves.
//! And where the follow-up lies then: in the thread of the first mail.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use checkback::clock::Clock;
use checkback::config::Config;
use checkback::domain::asked::Request;
use checkback::domain::duration::Span;
use checkback::domain::ident::{Address, NamedAddress};
use checkback::domain::sequence::{Action, Only, Sequence, Step, When};
use checkback::mail::compose::Templates;
use checkback::service::Workspace;
use checkback::service::asked::{self, Outcome};
use checkback::service::sync::sync;
use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::letters::Letter;
use crate::servers::{PASSWORD, Servers};

/// A Monday.
const START: &str = "2026-03-09T10:00:00Z";

/// The service in this process, with a clock of its own, against real servers.
struct Office {
    servers: Servers,
    clock: Clock,
    workspace: Workspace,
    runtime: Runtime,
    folder: TempDir,
}

impl Office {
    fn open() -> Self {
        let servers = Servers::start();
        let text = format!(
            "timezone = \"UTC\"\n[[account]]\nname = \"dana\"\nemail = \"dana@devmail.example\"\n\
             display_name = \"Dana Reyes\"\n[account.imap]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
             [account.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n[account.auth]\nusername = \"dana\"\n\
             password_command = \"printf {PASSWORD}\"\n[reminders]\nmode = \"off\"\n",
            servers.imap, servers.smtp
        );
        let mut config = Config::parse(&text, Path::new("config.toml")).unwrap();
        let when = When::Touch(Span::BusinessDays(5));
        let step = Step { when, template: "cold-nudge-1".into(), action: Action::Send, only: Only::default() };
        config.sequences.insert(Sequence { name: "one".into(), about: String::new(), asks: true, steps: vec![step] });
        let clock = Clock::fixed(START.parse().unwrap());
        let folder = TempDir::new().unwrap();
        let workspace = Workspace::open(config, folder.path(), Templates::shipped(), clock.clone()).unwrap();
        Self { servers, clock, workspace, runtime: Runtime::new().unwrap(), folder }
    }

    fn sync(&self) {
        let synced = self.runtime.block_on(sync(&self.workspace, None)).unwrap();
        assert_eq!(synced.exit_code(), 0, "{synced:?}");
    }

    /// Asks somebody; the Message-ID of the mail.
    fn ask(&self, user: &str) -> String {
        let request = Request {
            template: "coffee".into(),
            to: NamedAddress {
                name: Some("Kim Roth".into()),
                address: Address::parse(&format!("{user}@bigcorp.example")).unwrap(),
            },
            account: None,
            subject: None,
            vars: [("topic", "testing schedulers"), ("why", "Your article helped me.")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            sequence: Some("one".into()),
            draft: false,
            again: false,
            anyway: true,
            tags: Vec::new(),
            drawn_from: None,
        };
        match self.runtime.block_on(asked::send(&self.workspace, &request)).unwrap() {
            Outcome::Sent(mail) => mail.message_id.as_str().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    /// To the morning on which the follow-up is due.
    fn a_week_later(&self) {
        self.clock.advance(SignedDuration::from_hours(7 * 24));
    }

    fn claimed(&self, connection: &rusqlite::Connection) -> bool {
        let sql = "SELECT count(*) FROM outbox WHERE errand = 'follow_up' AND state <> 'queued' AND decided_at >= ?1";
        let now = self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        connection.query_row(sql, [now], |row| row.get::<_, i64>(0)).unwrap() > 0
    }

    fn received(&self, user: &str) -> usize {
        self.servers.lying(user, "INBOX").len()
    }
}

#[derive(Debug, Default)]
struct Raced {
    stopped: usize,
    before_the_answer: usize,
    at_about_the_same_time: usize,
    broken: usize,
}

fn race(runs: usize) -> Raced {
    let office = Office::open();
    office.sync();
    let connection = rusqlite::Connection::open(office.folder.path().join("checkback.db")).unwrap();
    let mut outcome = Raced::default();
    let mut dice: u64 = 0x9E37_79B9_7F4A_7C15;
    for run in 0..runs {
        let user = format!("kim{run}");
        let id = office.ask(&user);
        office.a_week_later();
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        // sometimes the read begins first, sometimes the answer is there long before
        let (head_start, lag) = (Duration::from_millis(dice % 300), Duration::from_millis((dice >> 20) % 1_500));
        let from = format!("Kim Roth <{user}@bigcorp.example>");
        let answer = Letter::new(
            &from,
            "dana@devmail.example",
            "Re: A question",
            &format!("yes{run}@bigcorp.example"),
            "Gladly!",
        )
        .at(office.clock.now())
        .field("In-Reply-To", &format!("<{id}>"));
        let over = AtomicBool::new(false);
        let (delivered, unclaimed) = std::thread::scope(|scope| {
            let arrives = scope.spawn(|| {
                if dice.is_multiple_of(2) {
                    std::thread::sleep(lag);
                }
                office.servers.deliver(&format!("{user}@bigcorp.example"), "dana@devmail.example", &answer.raw());
                Instant::now()
            });
            let watches = scope.spawn(|| {
                let own = rusqlite::Connection::open(office.folder.path().join("checkback.db")).unwrap();
                let mut last = Instant::now();
                while !over.load(Ordering::Relaxed) && !office.claimed(&own) {
                    last = Instant::now();
                    std::thread::sleep(Duration::from_millis(1));
                }
                last
            });
            std::thread::sleep(head_start);
            office.sync();
            over.store(true, Ordering::Relaxed);
            (arrives.join().unwrap(), watches.join().unwrap())
        });
        assert!(office.claimed(&connection) || office.received(&user) < 2, "what left was claimed");
        office.servers.settle();
        match office.received(&user) {
            1 => outcome.stopped += 1,
            2 if delivered < unclaimed => outcome.broken += 1,
            2 if delivered > unclaimed + Duration::from_millis(500) => outcome.before_the_answer += 1,
            2 => outcome.at_about_the_same_time += 1,
            more => panic!("{more} mails to one person"),
        }
        office.sync();
    }
    println!("{runs} runs: {outcome:?}");
    outcome
}

#[test]
fn no_follow_up_leaves_after_an_answer_that_a_real_server_had() {
    assert_eq!(race(6).broken, 0);
}

#[test]
#[ignore = "takes minutes: DOVECOT=500 tests/bench/race"]
fn an_answer_and_its_follow_up() {
    let runs = std::env::var("RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(500);
    let outcome = race(runs);
    assert_eq!(outcome.broken, 0, "{outcome:?}");
    assert!(outcome.stopped > 0 && outcome.stopped < runs, "both were met: {outcome:?}");
}

#[test]
fn a_follow_up_lies_in_the_thread_of_the_first_mail() {
    let office = Office::open();
    office.sync();
    office.ask("kim");
    office.a_week_later();
    office.sync();
    office.servers.wait_until(|| office.received("kim") == 2);
    let mut stream = TcpStream::connect(("127.0.0.1", office.servers.imap)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
        .write_all(
            format!("a LOGIN kim {PASSWORD}\r\nb EXAMINE INBOX\r\nc THREAD REFERENCES UTF-8 ALL\r\nd LOGOUT\r\n")
                .as_bytes(),
        )
        .unwrap();
    let lines: Vec<String> = BufReader::new(stream).lines().map_while(Result::ok).collect();
    let thread = lines.iter().find(|line| line.starts_with("* THREAD")).unwrap_or_else(|| panic!("{lines:?}"));
    assert_eq!(thread, "* THREAD (1 2)");
}
