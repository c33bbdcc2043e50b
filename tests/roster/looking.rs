//! The day on which the user begins to look for work, or no longer does: what has not left says so too, and
//! all of it can be taken back.

use checkback::config::Mode;
use checkback::store::decisions::{self, Change, Undone};
use jiff::SignedDuration;
use rstest::rstest;

use super::house::House;
use super::mail::Mail;
use super::stories::{look_for_work, now, settle};

const DELAY: SignedDuration = SignedDuration::from_mins(15);

/// A house whose answers wait a quarter of an hour.
async fn patient(mode: Mode) -> House {
    House::with(|config, _| {
        config.auto_reply.mode = mode;
        config.auto_reply.delay = DELAY;
    })
    .await
}

fn turn(house: &House, to_open: bool) {
    if to_open {
        look_for_work(house, false);
    } else {
        settle(house);
    }
}

fn undo(house: &House) -> String {
    match house.workspace.app().undo(&mut house.workspace.store(), house.now()).unwrap() {
        Undone::Done { what, about, left, .. } => {
            assert!(left.is_empty(), "{left:?}");
            format!("{what} {about}").trim().to_owned()
        }
        other => panic!("{other:?}"),
    }
}

/// What those who wrote were told, each once.
fn told(house: &House) -> Vec<&'static str> {
    let sent = house.sent();
    let folder = house.folder("Drafts");
    let texts = sent.iter().map(|mail| String::from_utf8_lossy(&mail.data).into_owned()).chain(folder);
    texts
        .map(|text| match (text.contains("looking for a new position"), text.contains("8 months")) {
            (true, false) => "open",
            (false, true) => "check-back",
            _ if text.contains("Now is a good time") => "reopen",
            other => panic!("{other:?}: {text}"),
        })
        .collect()
}

async fn later(house: &House) {
    house.advance(DELAY);
    house.sync_well().await;
}

#[rstest]
#[case::reopened(true, "open")]
#[case::settled(false, "check-back")]
#[tokio::test]
async fn an_answer_that_has_not_left_says_what_holds_when_it_leaves(
    #[case] to_open: bool,
    #[case] expected: &str,
    #[values(Mode::Send, Mode::Draft)] mode: Mode,
) {
    let house = patient(mode).await;
    if !to_open {
        look_for_work(&house, false);
    }
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    assert_eq!(house.states(), ["queued"]);
    turn(&house, to_open);
    assert_eq!(house.states(), ["queued"], "who is told so by the answer gets no other mail");
    later(&house).await;
    assert_eq!(told(&house), [expected]);
    // and it is still the one answer
    house.deliver(&now(&house, Mail::pitch().set("Message-ID", "<bump@brightstaff.example>")));
    later(&house).await;
    later(&house).await;
    assert_eq!(told(&house), [expected]);
}

#[tokio::test]
async fn a_held_answer_says_what_holds_when_it_is_approved() {
    let house = House::open().await;
    let vague = Mail::read("pitches/vague.eml");
    house.deliver(&vague);
    house.sync_well().await;
    let held = house.outbox("held").remove(0);
    assert!(held.text.contains("8 months"), "{}", held.text);
    look_for_work(&house, false);
    let row = house.outbox("held").remove(0);
    assert_eq!(row.id, held.id);
    assert!(row.text.contains("looking for a new position"), "{}", row.text);
    assert_eq!(row.because, held.because);
    house.write(|tx| decisions::approve(tx, row.id, house.now()));
    house.sync_well().await;
    assert_eq!(told(&house), ["open"]);
}

#[tokio::test]
async fn words_that_a_person_changed_are_not_replaced_but_asked_about() {
    let house = patient(Mode::Send).await;
    house.deliver(&Mail::read("pitches/vague.eml"));
    house.sync_well().await;
    let id = house.outbox("held")[0].id;
    let mine = "Thanks, but not before the summer.\n";
    let change = Change { text: Some(mine), ..Change::default() };
    house.write(|tx| decisions::approve_as(tx, id, &change, house.now()));
    look_for_work(&house, false);
    let held = house.outbox("held");
    assert_eq!((held[0].id, held[0].text.as_str(), held[0].approved), (id, mine, false));
    assert!(held[0].because.contains("do they still hold"), "{}", held[0].because);
    later(&house).await;
    assert!(house.sent().is_empty());
    house.write(|tx| decisions::approve(tx, id, house.now()));
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1, "they leave as they are by the person's word");
}

#[tokio::test]
async fn the_gate_asks_once_more_whether_an_answer_still_fits() {
    let house = patient(Mode::Send).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    // as a database of an earlier version has it
    house.write(|tx| checkback::store::roster::set_looking(tx, true, house.now()));
    later(&house).await;
    house.sync_well().await;
    assert_eq!(told(&house), ["open"]);
}

#[tokio::test]
async fn drafts_of_before_are_named() {
    let house = patient(Mode::Draft).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    later(&house).await;
    assert_eq!(told(&house), ["check-back"]);
    let app = house.workspace.app();
    let turn = app.begin_to_look(&mut house.workspace.store(), &[], house.now()).unwrap();
    assert_eq!(turn.drafts, ["rita.holm@brightstaff.example"]);
}

#[tokio::test]
async fn the_search_and_its_end_are_each_one_decision_that_can_be_taken_back() {
    let house = patient(Mode::Send).await;
    house.deliver(&Mail::pitch_from("Tom Berg", "tom@northhire.example"));
    house.sync_well().await;
    later(&house).await;
    assert_eq!(told(&house), ["check-back"]);
    house.deliver(&now(&house, Mail::pitch()));
    house.sync_well().await;
    house.workspace.app().pause(&mut house.workspace.store(), None, house.now()).unwrap();
    house.workspace.app().resume(&mut house.workspace.store(), house.now()).unwrap();
    let waiting = |house: &House| {
        let mut all = house.outbox("held");
        all.extend(house.outbox("queued"));
        let mut all: Vec<_> = all.into_iter().map(|row| (row.id, row.purpose, row.state, row.message_id)).collect();
        all.sort();
        all
    };
    let before = waiting(&house);
    assert_eq!(look_for_work(&house, false), 1);
    let looking = waiting(&house);
    assert_eq!(looking.iter().map(|(_, purpose, ..)| purpose.as_str()).collect::<Vec<_>>(), ["open", "reopen"]);
    assert_eq!(settle(&house), 1);
    assert_eq!(waiting(&house), before);
    assert_eq!(undo(&house), "ended looking for work");
    assert_eq!(waiting(&house), looking);
    assert_eq!(look_for_work(&house, false), 0, "nobody is written to twice");
    assert_eq!(undo(&house), "began to look for work");
    assert_eq!(waiting(&house), before);
    assert_eq!(look_for_work(&house, false), 1, "it can be begun again");
    assert_eq!(undo(&house), "began to look for work");
    assert_eq!(undo(&house), "resumed");
    // what came meanwhile, and was decided by what held then
    undo(&house);
    look_for_work(&house, false);
    house.deliver(&now(&house, Mail::pitch_from("Ada Quist", "ada@nordstaff.example")));
    house.sync_well().await;
    undo(&house);
    later(&house).await;
    assert_eq!(told(&house), ["check-back", "check-back", "check-back"]);
}
