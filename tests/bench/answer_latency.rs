//! From a pitch that the SMTP server has accepted to the answer in the recruiter's mailbox, with no
//! delay configured and `sync` in a loop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::desk::{ANSWER_AT_ONCE, Desk};
use crate::letters::pitch;
use crate::servers::Servers;

#[test]
#[ignore = "a measurement: tests/bench/answer-latency runs it"]
fn answer_latency() {
    let count: usize = std::env::var("PITCHES").map_or(100, |text| text.parse().unwrap());
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", &format!("{ANSWER_AT_ONCE}daily_limit = 10000\n"));
    desk.sync();
    let done = AtomicBool::new(false);
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let run = desk.run(&["sync"]);
                assert_eq!(run.code, Some(0), "{run:?}");
            }
        });
        let times = (0..count)
            .map(|n| {
                let from = format!("rita{n}@agency{n}.example");
                let letter = pitch(&from, "dana@devmail.example", &format!("p{n}@agency{n}.example"));
                let user = format!("rita{n}");
                servers.accept(&from, "dana@devmail.example", &letter.raw());
                let accepted = Instant::now();
                servers.wait_until(|| !servers.lying(&user, "INBOX").is_empty());
                accepted.elapsed()
            })
            .collect();
        done.store(true, Ordering::Relaxed);
        times
    });
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_millis();
    println!(
        "from accepted to answered: n {} | median {} ms | p99 {} ms | longest {} ms",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
