use super::*;
use crate::domain::correction::parse_tone;
use crate::domain::gist::Kind;
use crate::store::reports;
use world::DANA;
pub(crate) use world::{CONFIG, World, learn_all, now};

mod undo;
mod world;

fn kind(kind: Kind) -> Wish {
    Wish::Verdict { verdict: Verdict::Kind(kind), only: false }
}

fn recruiter(yes: bool) -> Wish {
    Wish::Verdict { verdict: Verdict::Recruiter(yes), only: false }
}

#[test]
fn a_reply_that_no_person_wrote_leaves_the_rate_and_comes_back_with_undo() {
    let mut world = World::new();
    assert!(world.propose("ask1", true));
    assert_eq!(world.answered(), [true]);
    let before = world.state();
    let taken = world.say("re1", &[kind(Kind::Automatic)]).unwrap();
    assert_eq!(taken.concerns.len(), 2, "the second mail was read alike");
    assert_eq!(world.answered(), [false]);
    assert_eq!(world.mail("re2").gist.kind, Kind::Automatic);
    world.arrives((
        "inbox",
        "Ann Archer <ann@acme.example>",
        DANA,
        "re3",
        "ask1",
        "19 Nov",
        "Re: A coffee in October",
        "Got it.",
    ));
    assert_eq!(world.answered(), [false], "it holds for mail to come");
    assert!(matches!(world.undo(), Undone::Done { left, .. } if left.is_empty()));
    assert_eq!(world.answered(), [true]);
    assert_eq!(world.mail("re3").gist.kind, Kind::Human);
    let after = world.state();
    let gone: Vec<&String> = before.iter().filter(|line| !after.contains(line)).collect();
    assert!(gone.is_empty(), "{gone:?}");
}

#[test]
fn only_leaves_the_like_alone() {
    let mut world = World::new();
    world.propose("ask1", true);
    let wish = Wish::Verdict { verdict: Verdict::Kind(Kind::Automatic), only: true };
    assert_eq!(world.say("re1", &[wish]).unwrap().concerns.len(), 1);
    assert_eq!(world.answered(), [true], "the second answer still is one");
}

#[test]
fn a_bounce_by_word_takes_the_outreach_out_of_the_delivered() {
    let mut world = World::new();
    world.propose("ask1", true);
    world.say("re1", &[kind(Kind::Bounce)]).unwrap();
    let fate = |world: &World| reports::pursuits(world.store.read(), None).unwrap()[0].status();
    assert_eq!(fate(&world), "bounced");
    world.undo();
    assert_eq!(fate(&world), "answered");
}

#[test]
fn a_recruiter_by_word_is_answered_and_a_held_answer_is_let_go() {
    let mut world = World::new();
    assert_eq!(world.answer("pitch1").as_deref(), Some("held"));
    assert_eq!(world.answer("pitch3"), None);
    let before = world.state();
    assert_eq!(world.say("pitch1", &[recruiter(true)]).unwrap().released.len(), 1);
    assert_eq!(world.answer("pitch1").as_deref(), Some("queued"));
    world.say("pitch3", &[recruiter(true)]).unwrap();
    assert_eq!(world.answer("pitch3").as_deref(), Some("queued"));
    world.undo();
    assert_eq!(world.answer("pitch3"), None);
    world.undo();
    assert_eq!(world.state(), before);
}

#[test]
fn a_recruiter_by_word_lifts_no_other_rule() {
    let mut world = World::new();
    // Ann answers Dana's mail: a known person, whatever she is by trade
    world.say("re1", &[recruiter(true)]).unwrap();
    assert_eq!(world.answer("re1"), None);
    let blocked = world.mail("re1").blocked_by.unwrap();
    assert!(blocked.contains(&"known_person".to_owned()), "{blocked:?}");
    assert!(!blocked.contains(&"not_recruiter".to_owned()), "{blocked:?}");
    // a machine by what was read stays one for the answer
    world.arrives((
        "inbox",
        "Jo Job <jo@jobs.example>",
        DANA,
        "robot",
        "",
        "19 Nov",
        "pitch: Automatic reply: your application",
        "This is an automatic reply.",
    ));
    assert_ne!(world.mail("robot").gist.kind, Kind::Human);
    world.say("robot", &[kind(Kind::Human), recruiter(true)]).unwrap();
    assert_eq!(world.mail("robot").gist.kind, Kind::Human);
    assert_eq!(world.answer("robot"), None);
    assert_eq!(world.mail("robot").blocked_by.unwrap(), ["automatic_marks"]);
}

#[test]
fn no_recruiter_stops_what_waits_and_what_is_to_come() {
    let mut world = World::new();
    assert_eq!(world.answer("pitch4").as_deref(), Some("queued"));
    assert_eq!(world.say("pitch4", &[recruiter(false)]).unwrap().stopped.len(), 1);
    assert_eq!(world.answer("pitch4").as_deref(), Some("cancelled"));
    assert_eq!(world.mail("pitch4").blocked_by.unwrap(), ["not_recruiter"]);
    assert!(!reports::roster(world.store.read()).unwrap().iter().any(|row| row.address == "di@search.example"));
    world.arrives((
        "inbox",
        "Di Dow <di@search.example>",
        DANA,
        "again",
        "",
        "20 Nov",
        "pitch: yet another",
        "A role.",
    ));
    assert_eq!(world.answer("again"), None);
    world.undo();
    assert_eq!(world.answer("pitch4").as_deref(), Some("queued"));
    assert!(reports::roster(world.store.read()).unwrap().iter().any(|row| row.address == "di@search.example"));
}

#[test]
fn never_stops_what_waits() {
    let mut world = World::new();
    world.say("pitch4", &[Wish::Never]).unwrap();
    assert_eq!(world.answer("pitch4").as_deref(), Some("cancelled"));
    world.undo();
    assert_eq!(world.answer("pitch4").as_deref(), Some("queued"));
}

#[test]
fn a_mail_is_joined_to_an_outreach_or_parted_from_it() {
    let mut world = World::new();
    world.propose("ask1", true);
    world.propose("ask2", true);
    assert_eq!(world.answered(), [true, false]);
    let rows = reports::pursuits(world.store.read(), None).unwrap();
    let (first, second) = (rows[0].id, rows[1].id);
    world.say("other", &[Wish::Answers(second)]).unwrap();
    assert_eq!(world.answered(), [true, true]);
    let matched = reports::matched(world.store.read(), second).unwrap();
    assert_eq!((matched[0].level.as_str(), matched[0].evidence.as_str()), ("sure", "sender_only"));
    world.say("re1", &[Wish::Not(first)]).unwrap();
    world.say("re2", &[Wish::Not(first)]).unwrap();
    assert_eq!(world.answered(), [false, true]);
    for _ in 0..3 {
        world.undo();
    }
    assert_eq!(world.answered(), [true, false]);
}

#[test]
fn what_makes_no_sense_is_refused_and_keeps_nothing() {
    let mut world = World::new();
    let before = world.state();
    let tone = Wish::Verdict { verdict: Verdict::Tone(parse_tone("yes").unwrap()), only: false };
    for (mail, wishes) in [
        ("ask1", vec![kind(Kind::Bulk)]),
        ("re1", vec![Wish::Answers(99)]),
        ("re1", vec![Wish::Not(1)]),
        ("re1", vec![kind(Kind::Bulk), tone]),
    ] {
        assert!(matches!(world.say(mail, &wishes), Err(WordError::Refused(_))), "{mail} {wishes:?}");
    }
    assert_eq!(world.state(), before);
    assert_eq!(world.undo(), Undone::Nothing);
}

#[test]
fn a_mail_that_left_cannot_be_called_back_and_the_next_undo_goes_further() {
    let mut world = World::new();
    let id = outbox::in_state(world.store.read(), "held").unwrap()[0].id;
    world.store.write::<_, StoreError>(|tx| decisions::pause(tx, true, None, now())).unwrap();
    assert!(world.store.write::<_, StoreError>(|tx| decisions::approve(tx, id, now())).unwrap());
    world
        .store
        .write::<_, StoreError>(|tx| {
            let row = outbox::get(tx, id)?.unwrap();
            outbox::settle(tx, &row, "sent", "taken", now())
        })
        .unwrap();
    assert!(matches!(world.undo(), Undone::TooLate { because, .. } if because.contains("has left")));
    assert!(matches!(world.undo(), Undone::Done { what, .. } if what == "paused"));
    assert_eq!(cases::paused(world.store.read(), now()).unwrap(), None);
    assert_eq!(outbox::get(world.store.read(), id).unwrap().unwrap().state, "sent");
}

#[test]
fn undoing_a_correction_says_which_answer_had_left_and_never_writes_it_again() {
    let mut world = World::new();
    world.say("pitch3", &[recruiter(true)]).unwrap();
    let row = outbox::answers_to(world.store.read(), world.id("pitch3")).unwrap().remove(0);
    world.store.write::<_, StoreError>(|tx| outbox::settle(tx, &row, "sent", "taken", now())).unwrap();
    assert!(matches!(world.undo(), Undone::Done { left, .. } if left.len() == 1));
    world.say("pitch3", &[recruiter(true)]).unwrap();
    let rows = outbox::answers_to(world.store.read(), world.id("pitch3")).unwrap();
    assert_eq!(rows.iter().map(|row| row.state.as_str()).collect::<Vec<_>>(), ["sent"]);
}

#[test]
fn an_answer_that_a_correction_made_is_the_same_mail_when_it_is_made_again() {
    let mut world = World::new();
    let id_of =
        |world: &World| outbox::answers_to(world.store.read(), world.id("pitch3")).unwrap()[0].message_id.clone();
    world.say("pitch3", &[recruiter(true)]).unwrap();
    let first = id_of(&world);
    world.undo();
    world.say("pitch3", &[recruiter(true)]).unwrap();
    assert_eq!(id_of(&world), first);
}

const LEAVE_US: (&str, &str, &str, &str, &str, &str, &str, &str) = (
    "inbox",
    "Ann Archer <ann@acme.example>",
    DANA,
    "leave1",
    "ask1",
    "18 Nov",
    "Re: A coffee in October",
    "Please do not contact me or anyone at our company again.",
);

fn tone(name: &str) -> Wish {
    Wish::Verdict { verdict: Verdict::Tone(parse_tone(name).unwrap()), only: false }
}

#[test]
fn a_wish_for_silence_that_was_misread_is_lifted_for_the_whole_organisation_and_comes_back_with_undo() {
    let mut world = World::new();
    world.propose("ask1", true);
    world.arrives(LEAVE_US);
    assert_eq!(world.silenced(), ["@acme.example", "ann@acme.example"]);
    let before = world.state();
    world.say("leave1", &[tone("question")]).unwrap();
    assert_eq!(world.silenced(), Vec::<String>::new());
    world.undo();
    assert_eq!(world.silenced(), ["@acme.example", "ann@acme.example"]);
    assert_eq!(world.state(), before);
}

#[test]
fn undo_of_a_word_that_made_a_mail_ask_for_silence_leaves_nobody_on_the_list() {
    let mut world = World::new();
    world.propose("ask1", true);
    world.arrives(LEAVE_US);
    world.say("leave1", &[kind(Kind::Automatic)]).unwrap();
    assert_eq!(world.silenced(), Vec::<String>::new(), "a machine asks for nothing");
    let only = Wish::Verdict { verdict: Verdict::Kind(Kind::Human), only: true };
    world.say("leave1", &[only]).unwrap();
    assert_eq!(world.silenced(), ["@acme.example", "ann@acme.example"]);
    world.undo();
    assert_eq!(world.silenced(), Vec::<String>::new());
    world.undo();
    assert_eq!(world.silenced(), ["@acme.example", "ann@acme.example"]);
}

#[test]
fn silence_that_two_mails_ask_for_lasts_until_both_are_corrected_and_your_own_word_stays() {
    let mut world = World::new();
    world.propose("ask1", true);
    world.arrives(LEAVE_US);
    let (role, from, to, _, parent, _, subject, text) = LEAVE_US;
    world.arrives((role, from, to, "leave3", parent, "19 Nov", subject, text));
    world.say("leave1", &[tone("question")]).unwrap();
    assert_eq!(world.silenced(), ["@acme.example", "ann@acme.example"]);
    world.say("leave3", &[Wish::Never]).unwrap();
    world.say("leave3", &[tone("question")]).unwrap();
    assert_eq!(world.silenced(), ["ann@acme.example"], "you said so yourself");
    for _ in 0..3 {
        world.undo();
    }
    assert_eq!(world.silenced(), ["@acme.example", "ann@acme.example"]);
}

#[test]
fn a_mail_that_you_join_to_an_outreach_asks_for_silence_as_any_answer_does() {
    let mut world = World::new();
    world.propose("ask1", true);
    let (_, _, to, _, _, date, _, text) = LEAVE_US;
    world.arrives(("inbox", "Bea Bell <bea@bells.example>", to, "leave2", "", date, "Hello", text));
    assert_eq!(world.silenced(), Vec::<String>::new(), "it answers nothing of ours");
    let ask = reports::pursuits(world.store.read(), None).unwrap()[0].id;
    world.say("leave2", &[Wish::Answers(ask)]).unwrap();
    assert_eq!(world.silenced(), ["@bells.example", "bea@bells.example"]);
    world.undo();
    assert_eq!(world.silenced(), Vec::<String>::new());
}
