//! The race: an answer arrives at a random moment around the time at which its follow-up is due. What the
//! server had delivered before the gate's read began must stop the follow-up, by the server's own log.

use std::sync::{Arc, Mutex};

use checkback::domain::sequence::Action;
use checkback::sandbox::{EventKind, Fault, ImapEffect, Moment, SmtpStage, Verb, World};
use jiff::{SignedDuration, Timestamp};

use super::asking::*;
use super::dice::Dice;
use super::house::House;
use super::mail::Mail;

/// Runs with one house: the log of its server stays short.
const OF_A_HOUSE: usize = 50;

/// Mail that the server keeps out of sight.
type Hidden = Arc<Mutex<Vec<Vec<u8>>>>;

/// How the runs ended.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    runs: usize,
    /// Stopped before it was written.
    unwritten: usize,
    /// Stopped at the gate.
    at_the_gate: usize,
    /// It had left before the answer came.
    before_the_answer: usize,
    /// The answer came when the read had begun, and the follow-up left.
    during_the_read: usize,
    /// It left although the answer had been delivered before the read began.
    broken: usize,
}

/// `blind`: the server hides from the gate's read what arrived since the read before it, so that it is
/// as if the gate did not read.
async fn race(runs: usize, blind: bool) -> Outcome {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut outcome = Outcome::default();
    while outcome.runs < runs {
        let house = House::with(|config, _| {
            settings(config);
            config.follow_up.daily_limit = 1_000;
            let mut one = sequence(Action::Send);
            one.name = "one".into();
            one.steps.truncate(1);
            config.sequences.insert(one);
        })
        .await;
        let count = OF_A_HOUSE.min(runs - outcome.runs);
        // the first one leaves without a race, so that the others are spaced
        let ids: Vec<String> =
            (0..=count).map(|n| queue_ask(&house, "Some Body", &address(n), &format!("Question {n}"), "one")).collect();
        house.sync_well().await;
        assert_eq!(follow_ups(&house), vec!["1 planned"; ids.len()]);
        at(&house, FIRST_NUDGE);
        house.sync_well().await;
        assert_eq!(nudges(&house).len(), 1);
        let mut commands = 60;
        for _ in 0..count {
            one_run(&house, &ids, &mut dice, &mut commands, blind, &mut outcome).await;
        }
    }
    println!("{outcome:?}");
    outcome
}

fn address(n: usize) -> String {
    format!("p{n}@company{n}.example")
}

async fn one_run(
    house: &House,
    ids: &[String],
    dice: &mut Dice,
    commands: &mut u64,
    blind: bool,
    outcome: &mut Outcome,
) {
    let (n, due_at) = next_in_line(house);
    house.advance(due_at.duration_since(house.now()).max(SignedDuration::ZERO));
    let (before_events, before_sent) = (house.world().events().len(), house.sent().len());
    let from = format!("Some Body <{}>", address(n));
    let answer = Mail::to_dana(&format!("answer-{n}@company{n}.example"), &from, "Re: a question", "Gladly!\r\n");
    let bytes = arriving(house, answer.answering(&ids[n])).bytes();
    let deliver = move |world: &mut World| {
        world.deliver("dana", "INBOX", &bytes, None).unwrap();
    };
    let hidden = Hidden::default();
    if blind {
        let (away, back) = (hidden.clone(), hidden.clone());
        house.world().inject(Fault::imap(Verb::List).nth(2).run(move |world| hide(world, &away)));
        house.world().inject(Fault::smtp(SmtpStage::Connect).run(move |world| show(world, &back)));
    }
    // before anything, at a command of the reading, or while the mail is handed over
    match dice.roll(*commands + 7) {
        0 => house.world().edit(deliver),
        k if k <= *commands => {
            let moment = if dice.roll(2) == 0 { Moment::Before } else { Moment::After };
            let nth = u32::try_from(k).unwrap();
            house.world().inject(Fault::imap(Verb::Any).nth(nth).then(ImapEffect::Run(moment, Arc::new(deliver))));
        }
        k => {
            const STAGES: [SmtpStage; 6] = [
                SmtpStage::Connect,
                SmtpStage::Ehlo,
                SmtpStage::Mail,
                SmtpStage::Rcpt,
                SmtpStage::Data,
                SmtpStage::AfterBody,
            ];
            let stage = STAGES[usize::try_from(k - *commands - 1).unwrap()];
            house.world().inject(Fault::smtp(stage).run(deliver));
        }
    }
    house.sync_well().await;
    house.world().clear_faults();
    house.world().edit(|world| show(world, &hidden));
    let events: Vec<_> = house.world().events().split_off(before_events);
    let is_list = |kind: &EventKind| matches!(kind, EventKind::Imap(seen) if seen.verb == Verb::List);
    let inbox = |kind: &EventKind| matches!(kind, EventKind::Delivered { folder, .. } if folder == "INBOX");
    let delivered = events.iter().find(|event| inbox(&event.kind)).map(|event| event.seq);
    let left = house.sent().split_off(before_sent);
    outcome.runs += 1;
    match left.as_slice() {
        [] => {
            let written =
                format!("SELECT count(*) FROM outbox WHERE errand = 'follow_up' AND recipient = '{}'", address(n));
            if house.count(&written) > 0 { outcome.at_the_gate += 1 } else { outcome.unwritten += 1 }
        }
        [mail] => {
            assert_eq!(mail.rcpt_to, [address(n)]);
            let accepted = mail.at_seq;
            let read_began = events.iter().rfind(|event| event.seq < accepted && is_list(&event.kind));
            let read_began = read_began.unwrap().seq;
            *commands = events.iter().filter(|event| event.seq < accepted && event.seq > 0).count() as u64;
            match delivered {
                Some(seq) if seq < read_began => outcome.broken += 1,
                Some(seq) if seq < accepted => outcome.during_the_read += 1,
                _ => outcome.before_the_answer += 1,
            }
        }
        more => panic!("{} mails left to one person", more.len()),
    }
}

/// Whose follow-up is due next, and when.
fn next_in_line(house: &House) -> (usize, Timestamp) {
    let line = house.texts(
        "SELECT address || ' ' || due_at FROM follow_up JOIN outreach_person USING (outreach)
         WHERE state = 'planned' ORDER BY due_at, follow_up.id LIMIT 1",
    );
    let first = line.first().unwrap_or_else(|| panic!("nobody is left: {:?}", follow_ups(house)));
    let (address, due_at) = first.split_once(' ').unwrap();
    let n = address.trim_start_matches('p').split('@').next().unwrap().parse().unwrap();
    (n, due_at.parse().unwrap())
}

/// Takes what came last into INBOX out of sight.
fn hide(world: &mut World, hidden: &Hidden) {
    let last = world.folder("dana", "INBOX").unwrap().messages.last().map(|mail| (mail.uid, mail.bytes.to_vec()));
    if let Some((uid, bytes)) = last {
        world.expunge("dana", "INBOX", uid).unwrap();
        hidden.lock().unwrap().push(bytes);
    }
}

/// Puts it back.
fn show(world: &mut World, hidden: &Hidden) {
    for bytes in hidden.lock().unwrap().drain(..) {
        world.deliver("dana", "INBOX", &bytes, None).unwrap();
    }
}

fn no_rule_broke(outcome: &Outcome, runs: usize) {
    assert_eq!((outcome.runs, outcome.broken), (runs, 0), "{outcome:?}");
    let all = [outcome.unwritten, outcome.at_the_gate, outcome.before_the_answer, outcome.during_the_read];
    assert!(all.iter().all(|count| *count > 0), "every case was met: {outcome:?}");
}

#[tokio::test]
async fn no_follow_up_leaves_after_an_answer_that_was_there_when_its_read_began() {
    no_rule_broke(&race(200, false).await, 200);
}

#[tokio::test]
#[ignore = "takes minutes: tests/bench/race"]
async fn ten_thousand_races() {
    let runs = std::env::var("RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    no_rule_broke(&race(runs, false).await, runs);
}

#[tokio::test]
async fn a_gate_that_does_not_read_breaks_the_rule() {
    let outcome = race(100, true).await;
    assert!(outcome.broken > 0, "{outcome:?}");
}
