//! The real program, killed just before any of its system calls, and once more while it recovers:
//! nobody gets a mail twice, nobody's is lost, and what nobody can know is told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Instant;

use rstest::rstest;

use super::ledger::Ledger;
use super::program::{Call, End, WRITES, has_strace};
use super::scene::{Setup, Stage};

/// Kills tried in the quick sample of each setup.
const SAMPLE: usize = 4;
/// Runs that a sweep does at once.
const WORKERS: u32 = 2;

/// What a sweep came to.
#[derive(Debug, Default)]
struct Tally {
    kills: AtomicU32,
    unknown: AtomicU32,
    mails: AtomicU32,
}

#[rstest]
#[case::copies_by_append(Setup::Append)]
#[case::copies_by_the_server(Setup::Server)]
#[case::drafts(Setup::Draft)]
#[test]
fn wherever_it_is_killed_each_mail_leaves_once(#[case] setup: Setup) {
    let stage = Stage::new(setup);
    let calls = calls_of(&stage);
    let tally = Tally::default();
    for at in 1..=SAMPLE {
        kill_at(&stage, &calls, calls.len() * at / (SAMPLE + 1), &tally);
    }
    assert!(tally.kills.load(Ordering::Relaxed) >= 3, "{tally:?}");
}

/// Every call in turn. `KILLS=1` takes every one, `KILLS=3` every third.
#[test]
#[ignore = "takes minutes: tests/bench/kills"]
fn every_call() {
    let step: usize = std::env::var("KILLS").ok().and_then(|step| step.parse().ok()).unwrap_or(1);
    assert!(has_strace(), "the sweep needs strace");
    for setup in [Setup::Append, Setup::Server, Setup::Draft] {
        let begun = Instant::now();
        let calls = calls_of(&Stage::new(setup));
        let (tally, next) = (Tally::default(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    let stage = Stage::new(setup);
                    loop {
                        let at = next.fetch_add(step, Ordering::Relaxed);
                        if at >= calls.len() {
                            break;
                        }
                        kill_at(&stage, &calls, at, &tally);
                    }
                });
            }
        });
        let calls = calls.len();
        let Tally { kills, unknown, mails } = tally;
        println!(
            "{setup:?}: {calls} calls, {kills:?} kills, {mails:?} mails: 0 doubled, 0 lost, {unknown:?} of unknown fate, {:?}",
            begun.elapsed()
        );
    }
}

/// One scene: killed before that call, killed once more at some call of the next run, then left alone.
fn kill_at(stage: &Stage, calls: &[Call], at: usize, tally: &Tally) {
    let scene = stage.scene();
    if scene.program.sync_killed_before(&calls[at]) == End::Killed {
        tally.kills.fetch_add(1, Ordering::Relaxed);
        // the recovery is killed too, early and late in turn
        let again = &calls[at * 7 % calls.len()];
        if at.is_multiple_of(2) && scene.program.sync_killed_before(again) == End::Killed {
            tally.kills.fetch_add(1, Ordering::Relaxed);
        }
    }
    scene.run_until_quiet();
    let unknown = scene.check(&Ledger::new());
    tally.unknown.fetch_add(u32::try_from(unknown).unwrap(), Ordering::Relaxed);
    tally.mails.fetch_add(4, Ordering::Relaxed);
    stage.runtime.block_on(scene.sandbox.stop());
}

/// The calls that one whole `sync` makes, in order.
fn calls_of(stage: &Stage) -> Vec<Call> {
    let scene = stage.scene();
    if !cfg!(target_os = "linux") {
        return (1..=1000).map(|nth| Call { name: "write".to_owned(), nth }).collect();
    }
    assert!(has_strace(), "system calls are watched with strace: install it");
    let log = scene.program.path("calls");
    let options = format!("trace={WRITES}");
    let run = scene.program.trace(&["-o", log.to_str().unwrap(), "-e", &options], &["sync"]);
    assert!(run.status.success(), "{run:?}");
    scene.check(&Ledger::new());
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let log = std::fs::read_to_string(log).unwrap();
    let names = log.lines().filter_map(|line| line.split_once('(').map(|(name, _)| name.to_owned()));
    let calls = names.map(|name| {
        let nth = seen.entry(name.clone()).or_default();
        *nth += 1;
        Call { name, nth: *nth }
    });
    let calls = calls.collect();
    stage.runtime.block_on(scene.sandbox.stop());
    calls
}
