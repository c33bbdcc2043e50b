//! Measurements of `run`: answers, idling, a dead connection. `tests/bench/service` runs them.

use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::desk::{ANSWER_AT_ONCE, Desk, account_with, server};
use crate::letters::pitch;
use crate::proxy::Proxy;
use crate::servers::Servers;

/// The service, ended with its owner.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A desk whose program speaks through wires, with a poll that does not come in the way.
fn desk_at(imap: u16, smtp: u16, poll: &str) -> Desk {
    let imap = format!("{}poll = \"{poll}\"\n", server(imap, "none", ""));
    let account = account_with("dana", &imap, &server(smtp, "none", ""), "MAIL_PASSWORD");
    let desk = Desk::new(&format!("{account}{ANSWER_AT_ONCE}daily_limit = 10000\n"));
    desk.sync();
    desk
}

fn is_idle(bytes: &[u8]) -> bool {
    bytes.windows(6).any(|word| word == b" IDLE\r")
}

/// What a server says of new mail to a client that waits in IDLE.
fn is_notice(bytes: &[u8]) -> bool {
    let has = |word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    bytes.starts_with(b"* ") && has(b" EXISTS") && !has(b"UIDVALIDITY")
}

/// Starts the service and waits until its two connections stand.
fn serve(desk: &Desk, servers: &Servers, imap: &Proxy) -> Service {
    imap.forget();
    let mut command = desk.command(&["run"]);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let service = Service(command.spawn().unwrap());
    servers.wait_until(|| imap.when(is_idle).len() == 1);
    // its first reads, which nobody tells of
    std::thread::sleep(Duration::from_secs(5));
    service
}

#[test]
#[ignore = "a measurement: tests/bench/service runs it"]
fn answers() {
    let count: usize = std::env::var("PITCHES").map_or(60, |text| text.parse().unwrap());
    let servers = Servers::start();
    let (imap, smtp) = (Proxy::to(servers.imap), Proxy::to(servers.smtp));
    let desk = desk_at(imap.port, smtp.port, "1h");
    let _service = serve(&desk, &servers, &imap);
    let database = rusqlite::Connection::open(desk.data().join("checkback.db")).unwrap();
    let known = |id: &str| {
        let mut statement = database.prepare_cached("SELECT 1 FROM message WHERE message_id = ?1").unwrap();
        statement.exists([id]).unwrap()
    };
    let mut figures = [const { Vec::new() }; 4];
    for n in 0..count {
        imap.forget();
        smtp.forget();
        let from = format!("rita{n}@agency{n}.example");
        let id = format!("p{n}@agency{n}.example");
        servers.accept(&from, "dana@devmail.example", &pitch(&from, "dana@devmail.example", &id).raw());
        let accepted = Instant::now();
        while !known(&id) {
            assert!(accepted.elapsed() < Duration::from_secs(30), "it was not read");
            std::thread::sleep(Duration::from_micros(200));
        }
        let committed = Instant::now();
        let user = format!("rita{n}");
        servers.wait_until(|| !servers.lying(&user, "INBOX").is_empty());
        let answered = Instant::now();
        let noticed = imap.when(is_notice)[0];
        let data = smtp.when(|bytes| bytes == b"DATA\r\n")[0];
        for (all, time) in
            figures.iter_mut().zip([committed - noticed, data - noticed, data - accepted, answered - accepted])
        {
            all.push(time);
        }
        // the copy in Sent and what it sets going
        servers.wait_until(|| servers.lying("dana", "Sent").len() == n + 1);
    }
    let names = [
        "server's notice -> row committed",
        "server's notice -> DATA, gate on",
        "accepted        -> DATA",
        "accepted        -> in the mailbox",
    ];
    for (name, mut times) in names.into_iter().zip(figures) {
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1000.0;
        println!("{name}: n {count} | median {:.1} ms | p99 {:.1} ms | longest {:.1} ms", at(0.5), at(0.99), at(1.0));
        assert!(at(1.0) < 2000.0 || !cfg!(not(debug_assertions)), "IDLE is real: {name}");
    }
}

#[test]
#[ignore = "a measurement: tests/bench/service runs it"]
fn idle() {
    let seconds: u64 = std::env::var("SECONDS_IDLE").map_or(600, |text| text.parse().unwrap());
    let servers = Servers::start();
    let imap = Proxy::to(servers.imap);
    // the default poll
    let desk = desk_at(imap.port, servers.smtp, "2m");
    let service = serve(&desk, &servers, &imap);
    let before = Cost::of(service.0.id());
    std::thread::sleep(Duration::from_secs(seconds));
    let after = Cost::of(service.0.id());
    let share = |n: u64| n as f64 / seconds as f64;
    println!(
        "idle, one account, {seconds} s: resident {} kB (highest {} kB), CPU {:.3} %, wake-ups {:.2}/s, {} threads",
        after.resident,
        after.highest,
        // the kernel counts in hundredths of a second
        share(after.ticks - before.ticks),
        share(after.wakes - before.wakes),
        after.threads
    );
}

#[test]
#[ignore = "a measurement: tests/bench/service runs it"]
fn dead() {
    std::thread::scope(|scope| {
        for poll in ["2m", "1h"] {
            scope.spawn(move || found_dead(poll));
        }
    });
}

fn found_dead(poll: &str) {
    let servers = Servers::start();
    let imap = Proxy::to(servers.imap);
    let desk = desk_at(imap.port, servers.smtp, poll);
    let _service = serve(&desk, &servers, &imap);
    imap.go_dead();
    let begun = Instant::now();
    let letter = pitch("rita@agency.example", "dana@devmail.example", "dead@agency.example");
    servers.deliver("rita@agency.example", "dana@devmail.example", &letter.raw());
    while servers.lying("rita", "INBOX").is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(1800), "it was not found");
        std::thread::sleep(Duration::from_millis(100));
    }
    let took = begun.elapsed().as_secs_f64();
    println!("every connection dead without a word, poll {poll}: answered after {took:.0} s");
}

/// What a process has used so far.
struct Cost {
    resident: u64,
    highest: u64,
    ticks: u64,
    wakes: u64,
    threads: u64,
}

impl Cost {
    fn of(pid: u32) -> Self {
        let field = |text: &str, name: &str| -> u64 {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let times: Vec<u64> =
            stat.rsplit_once(')').unwrap().1.split_whitespace().skip(11).take(2).map(|n| n.parse().unwrap()).collect();
        let wakes = fs::read_dir(format!("/proc/{pid}/task"))
            .unwrap()
            .map(|task| fs::read_to_string(task.unwrap().path().join("status")).unwrap())
            .map(|status| field(&status, "voluntary_ctxt_switches"))
            .sum();
        Self {
            resident: field(&status, "VmRSS"),
            highest: field(&status, "VmHWM"),
            ticks: times.iter().sum(),
            wakes,
            threads: field(&status, "Threads"),
        }
    }
}
