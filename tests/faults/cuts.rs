//! The connection to the IMAP server ends after any of its bytes, and the next one may too: nothing is
//! missed, nothing happens twice, and the cursor is never ahead of what was learnt.

use checkback::sandbox::{EventKind, Fault, ImapEffect, Verb};
use jiff::SignedDuration;

use super::house::House;
use super::ledger::ledger;
use super::mail::Mail;
use super::simulator::laws::cursor_never_ahead;

/// Places cut in the quick sample.
const SAMPLE: usize = 45;

#[tokio::test]
async fn a_session_that_is_cut_anywhere_misses_nothing_and_doubles_nothing() {
    let length = session_length().await;
    cut_at((0..length).step_by(length / SAMPLE)).await;
}

/// `STEP=1`: after every byte.
#[tokio::test]
#[ignore = "takes minutes: tests/bench/cuts"]
async fn every_byte() {
    let step: usize = std::env::var("STEP").ok().and_then(|step| step.parse().ok()).unwrap_or(1);
    let length = session_length().await;
    // a fresh mailbox now and then: a session grows with what it has to list
    let places: Vec<usize> = (0..length).step_by(step).collect();
    for some in places.chunks(100) {
        cut_at(some.iter().copied()).await;
    }
    println!("{} cuts in a session of {length} bytes: nothing missed, nothing doubled", places.len());
}

/// A house with no limit a day, and one recruiter more for each round.
async fn house() -> House {
    House::with(|config, _| config.auto_reply.daily_limit = 100_000).await
}

fn write_to_dana(house: &House, round: usize) {
    let pitch = Mail::pitch_from(&format!("Jonas Beck{round}"), &format!("jonas@talentwerk{round}.example"));
    house.deliver(&pitch);
    let from = format!("Lena <lena{round}@friends.example>");
    house.deliver(&Mail::to_dana(&format!("hi{round}@friends.example"), &from, "Hi", "See you on Sunday.\r\n"));
}

async fn cut_at(places: impl Iterator<Item = usize>) {
    let house = house().await;
    let mut rounds = 0;
    for (round, place) in places.enumerate() {
        rounds += 1;
        write_to_dana(&house, round);
        house.world().inject(Fault::imap(Verb::Connect).then(ImapEffect::CutAfter(place)));
        // every other time the second connection is cut as well
        if round % 2 == 1 {
            house.world().inject(Fault::imap(Verb::Connect).nth(2).then(ImapEffect::CutAfter(place / 2)));
        }
        for _ in 0..2 {
            house.sync().await;
            house.advance(SignedDuration::from_mins(2));
            cursor_never_ahead(&house).unwrap_or_else(|why| panic!("cut after {place} bytes: {why}"));
        }
    }
    house.world().clear_faults();
    for _ in 0..4 {
        house.sync().await;
        house.advance(SignedDuration::from_mins(30));
    }
    let taken = ledger(&house.sent());
    assert!(taken.values().all(|count| *count == 1), "{taken:?}");
    assert_eq!(taken.len() + house.outbox("unknown").len(), rounds);
    assert_eq!(house.count("SELECT count(*) FROM message WHERE ours = 0"), 2 * rounds as i64);
    let copies = house.folder("Sent").len();
    assert_eq!(copies, taken.len(), "each copy once");
}

/// How many bytes the server says in one whole session, by halving.
async fn session_length() -> usize {
    let (mut short, mut long) = (0, 1 << 16);
    while long - short > 64 {
        let middle = (short + long) / 2;
        if is_cut(middle).await { short = middle } else { long = middle }
    }
    long
}

async fn is_cut(place: usize) -> bool {
    let house = house().await;
    write_to_dana(&house, 0);
    let connections =
        |house: &House| house.world().events().iter().filter(|event| event.kind == EventKind::ImapConnected).count();
    let before = connections(&house);
    house.world().inject(Fault::imap(Verb::Connect).then(ImapEffect::CutAfter(place)));
    let synced = house.sync().await;
    connections(&house) > before + 1 || synced.exit_code() != 0
}
