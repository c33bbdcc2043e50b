//! Another program keeps the database locked, for a moment or for long: nothing is lost, nothing leaves twice,
//! and what is wrong is said.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use checkback::sandbox::{Fault, SmtpStage, Verb, World};
use rstest::rstest;
use rusqlite::Connection;

use super::ledger::Ledger;
use super::scene::{Scene, Setup, Stage};

/// A lock that a hook of the server can take.
type Held = Arc<Mutex<Option<Connection>>>;

/// Takes the database for writing, as a backup program or a browser of SQLite files does.
fn lock_of(scene: &Scene) -> (Held, impl Fn(&mut World) + Send + Sync + 'static) {
    let (held, path) = (Held::default(), scene.program.data().join("checkback.db"));
    let taken = Arc::clone(&held);
    let take = move |_: &mut World| {
        let other = Connection::open(&path).unwrap();
        other.busy_timeout(Duration::from_secs(5)).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        *taken.lock().unwrap() = Some(other);
    };
    (held, take)
}

fn free(held: &Held) {
    drop(held.lock().unwrap().take());
}

#[rstest]
#[case::while_it_reads(false)]
#[case::while_it_sends(true)]
fn a_database_that_is_locked_for_a_moment_is_waited_for(#[case] sending: bool) {
    let stage = Stage::new(Setup::Append);
    let scene = stage.scene();
    let (held, take) = lock_of(&scene);
    let moment = Arc::clone(&held);
    let lock_a_moment = move |world: &mut World| {
        take(world);
        let moment = Arc::clone(&moment);
        std::thread::spawn(move || {
            // the moment itself: nobody waits for anything here
            std::thread::sleep(Duration::from_millis(1500));
            free(&moment);
        });
    };
    scene.sandbox.world().inject(match sending {
        true => Fault::smtp(SmtpStage::Data).run(lock_a_moment),
        false => Fault::imap(Verb::Fetch).folder("INBOX").run(lock_a_moment),
    });
    let run = scene.program.run(&["sync"]);
    assert!(run.status.success(), "{run:?}");
    scene.run_until_quiet();
    assert_eq!(scene.check(&Ledger::new()), 0);
    stage.runtime.block_on(scene.sandbox.stop());
}

/// When the database is locked for good.
#[derive(Debug, Clone, Copy)]
enum When {
    FromTheStart,
    Reading,
    Sending(SmtpStage),
}

/// Each waits as long as the program is patient, so all of them do at once.
#[test]
fn a_database_that_stays_locked_is_named_and_nothing_is_lost_or_doubled() {
    std::thread::scope(|scope| {
        for (when, setup, at_most_unknown) in [
            (When::FromTheStart, Setup::Append, 0),
            (When::Reading, Setup::Append, 0),
            (When::Sending(SmtpStage::Data), Setup::Append, 0),
            // taken, and nobody could write it down: it is held as of unknown fate and told
            (When::Sending(SmtpStage::AfterBody), Setup::Append, 1),
            (When::Sending(SmtpStage::AfterBody), Setup::Server, 1),
        ] {
            scope.spawn(move || lock_for_good(when, setup, at_most_unknown));
        }
    });
}

fn lock_for_good(when: When, setup: Setup, at_most_unknown: usize) {
    let stage = Stage::new(setup);
    let scene = stage.scene();
    let (held, take) = lock_of(&scene);
    let world = scene.sandbox.world();
    match when {
        When::FromTheStart => world.edit(|world| take(world)),
        When::Reading => world.inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(2).run(take)),
        When::Sending(stage) => world.inject(Fault::smtp(stage).run(take)),
    }
    let run = scene.program.run(&["sync"]);
    says_who_locks(&run);
    free(&held);
    scene.run_until_quiet();
    let unknown = scene.check(&Ledger::new());
    assert!(unknown <= at_most_unknown, "{when:?}, {setup:?}: {unknown}");
    stage.runtime.block_on(scene.sandbox.stop());
}

fn says_who_locks(run: &std::process::Output) {
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert!(said.contains("another program has kept the database locked"), "{said}");
}
