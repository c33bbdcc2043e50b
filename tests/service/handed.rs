//! Commands that are given while the service runs.

use checkback::sandbox::{Fault, ImapEffect, Verb};
use rstest::rstest;

use super::program::Place;
use super::running::{PATIENCE, until_so};

const SEND: [&str; 9] = [
    "--json",
    "send",
    "coffee",
    "--to",
    "Kim Roth <kim@bigcorp.example>",
    "--var",
    "topic=queues",
    "--var",
    "why=I heard your talk.",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_second_service_says_so_and_leaves() {
    let place = Place::new().await;
    let service = place.watching().await;
    let second = place.run(&["run"]);
    assert_eq!(second.code, Some(1), "{second:?}");
    let pid = service.pid();
    assert!(second.err.contains("already runs") && second.err.contains(&format!("process {pid}")), "{}", second.err);
    service.terminate();
    // the file still names it, and nobody holds it
    let third = place.watching().await;
    third.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_is_handed_to_the_service_and_says_what_it_says_alone() {
    let place = Place::new().await;
    let alone = place.run(&["--json", "sync"]);
    let service = place.watching().await;
    let handed = place.run(&["--json", "sync"]);
    assert_eq!((&handed.out, &handed.err, handed.code), (&alone.out, &alone.err, alone.code));
    // and it is the service that reads
    let logins = |place: &Place| place.world().commands().iter().filter(|seen| seen.verb == Verb::Login).count();
    let before = logins(&place);
    place.world().deliver("dana", "Archive", &super::mail::Mail::pitch().bytes(), None).unwrap();
    let found = place.run(&["--json", "sync"]);
    let said: serde_json::Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(said["accounts"][0]["new"], 1, "{found:?}");
    assert_eq!(logins(&place), before);
    service.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_of_a_mailbox_that_fails_has_the_same_exit_code() {
    let place = Place::new().await;
    place.world().inject(Fault::imap(Verb::Examine).folder("Junk").standing().no("[UNAVAILABLE] later"));
    let alone = place.run(&["sync"]);
    place.world().clear_faults();
    let service = place.watching().await;
    place.world().inject(Fault::imap(Verb::Examine).folder("Junk").standing().no("[UNAVAILABLE] later"));
    let handed = place.run(&["sync"]);
    assert_eq!((handed.code, handed.out, handed.err), (alone.code, alone.out, alone.err));
    assert_eq!(handed.code, Some(1));
    service.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_is_handed_over_too() {
    let place = Place::with("delay = \"0s\"\n", |world| {
        let date = jiff::fmt::rfc2822::to_string(&checkback::clock::now().to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
        let old = super::mail::Mail::pitch().dated(&date);
        world.deliver("dana", "INBOX", &old.bytes(), None).unwrap();
    })
    .await;
    let service = place.watching().await;
    assert_eq!(place.accepted(), 0);
    let handed = place.run(&["--json", "sync", "--backfill", "2d"]);
    let said: serde_json::Value = serde_json::from_str(&handed.out).unwrap();
    assert_eq!((handed.code, &said["accounts"][0]["sent"]), (Some(0), &serde_json::json!(1)), "{handed:?}");
    assert_eq!(place.accepted(), 1);
    service.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_goes_on_alone_when_the_service_is_killed_over_it() {
    let place = Place::new().await;
    let service = place.watching().await;
    place.world().inject(Fault::imap(Verb::List).then(ImapEffect::Silence));
    let waiting = place.spawn(&["--json", "sync"]);
    until_so(|| place.world().faults_pending() == 0).await;
    place.pitch("Rita Holm", "rita@agency.example");
    service.kill();
    let run = waiting.end();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.err.contains("the service ended meanwhile"), "{}", run.err);
    assert_eq!(place.accepted(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_goes_on_alone_when_the_service_stops_over_it() {
    let place = Place::new().await;
    let service = place.watching().await;
    place.world().inject(Fault::imap(Verb::List).then(ImapEffect::Silence));
    let waiting = place.spawn(&["sync"]);
    until_so(|| place.world().faults_pending() == 0).await;
    service.terminate();
    let run = waiting.end();
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_was_left_waiting_is_never_carried_out_late() {
    let place = Place::new().await;
    let service = place.watching().await;
    service.signal("STOP");
    let waiting = place.spawn(&["sync"]);
    let database = place.database();
    let states = |wanted: &str| {
        let count: i64 =
            database.query_row("SELECT count(*) FROM command WHERE state = ?1", [wanted], |row| row.get(0)).unwrap();
        count
    };
    until_so(|| states("waiting") == 1).await;
    service.kill();
    let run = waiting.end();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!((states("waiting"), states("given_up"), states("done")), (0, 1, 0));
}

#[rstest]
#[case::by_the_user("INT")]
#[case::by_the_system("TERM")]
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_interrupted_before_the_service_begins_is_not_carried_out(#[case] signal: &str) {
    let place = Place::new().await;
    let service = place.watching().await;
    service.signal("STOP");
    let waiting = place.spawn(&SEND);
    let database = place.database();
    let count = |state: &str| -> i64 {
        database.query_row("SELECT count(*) FROM command WHERE state = ?1", [state], |row| row.get(0)).unwrap()
    };
    until_so(|| count("waiting") == 1).await;
    waiting.signal(signal);
    let run = waiting.end();
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.err.contains("interrupted before the service began: nothing was done"), "{}", run.err);
    service.signal("CONT");
    assert_eq!(place.run(&["sync"]).code, Some(0));
    assert_eq!((place.accepted(), count("given_up")), (0, 1));
    service.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_goes_on_alone_ends_at_a_signal_as_ever() {
    let place = Place::new().await;
    let service = place.watching().await;
    place.world().inject(Fault::imap(Verb::List).standing().then(ImapEffect::Silence));
    let waiting = place.spawn(&["sync"]);
    let database = place.database();
    let taken = || -> i64 {
        database.query_row("SELECT count(*) FROM command WHERE state = 'taken'", [], |row| row.get(0)).unwrap()
    };
    until_so(|| taken() == 1).await;
    let before = place.world().commands().len();
    service.kill();
    until_so(|| place.world().commands().iter().skip(before).any(|seen| seen.verb == Verb::List)).await;
    waiting.signal("INT");
    assert_eq!(waiting.end().code, Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_released_at_another_terminal_leaves_within_two_seconds() {
    let place = Place::with("delay = \"10h\"\n", |_| ()).await;
    let service = place.watching().await;
    place.pitch("Rita Holm", "rita@agency.example");
    until_so(|| place.outbox("queued") == 1).await;
    let now = checkback::clock::now();
    let database = place.database();
    database.execute("UPDATE outbox SET due_at = ?1", [now.to_string()]).unwrap();
    let begun = std::time::Instant::now();
    assert!(place.world().wait_until(PATIENCE, |world| world.received().count() == 1).await, "{}", service.log());
    let took = begun.elapsed();
    assert!(took < std::time::Duration::from_millis(2500), "{took:?}");
    service.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_a_person_sends_is_handed_to_the_service_and_leaves_once() {
    let place = Place::new().await;
    let service = place.watching().await;
    let first = place.run(&SEND);
    let said: serde_json::Value = serde_json::from_str(&first.out).unwrap_or_else(|_| panic!("{first:?}"));
    assert_eq!((first.code, said["state"].as_str()), (Some(0), Some("sent")), "{first:?}");
    let again = place.run(&SEND);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.err.contains("already sent"), "{}", again.err);
    let sent = place.world().accepted();
    assert_eq!(sent.iter().filter(|mail| mail.rcpt_to.iter().any(|to| to == "kim@bigcorp.example")).count(), 1);
    service.terminate();
}
