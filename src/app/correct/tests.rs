use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::app::ingest::{self, RawMail};
use crate::config::Config;
use crate::domain::correction::parse_tone;
use crate::domain::gist::{Kind, RecruiterVerdict};
use crate::mail::compose::Templates;
use crate::store::mailboxes::{self, Examined};
use crate::store::reports;

const NOW: &str = "2026-11-20T12:00:00Z";

pub(crate) const CONFIG: &str = r#"timezone = "UTC"
[[account]]
name = "personal"
email = "dana@devmail.example"
[account.imap]
host = "127.0.0.1"
tls = "none"
[account.smtp]
host = "127.0.0.1"
tls = "none"
[account.auth]
password_env = "DANA_PASSWORD"
[auto_reply]
mode = "send"
"#;

/// Folder, sender, recipient, id, the id it answers, date, subject, text; and how a pitch is scored.
type Told =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const DANA: &str = "Dana Reyes <dana@devmail.example>";

/// Two asks of Dana, what came back, and two recruiters.
const MAILS: [Told; 9] = [
    (
        "sent",
        DANA,
        "Ann Archer <ann@acme.example>",
        "ask1",
        "",
        "01 Oct",
        "A coffee in October",
        "Could we meet for a coffee?",
    ),
    (
        "sent",
        DANA,
        "Bo Baker <bo@bright.example>",
        "ask2",
        "",
        "02 Oct",
        "Your talk on parsers",
        "May I ask how you did it?",
    ),
    (
        "inbox",
        "Ann Archer <ann@acme.example>",
        DANA,
        "re1",
        "ask1",
        "03 Oct",
        "Re: A coffee in October",
        "Yes, happy to. Is Friday good?",
    ),
    (
        "inbox",
        "Ann Archer <ann@acme.example>",
        DANA,
        "re2",
        "ask1",
        "05 Oct",
        "Re: A coffee in October",
        "See you there.",
    ),
    (
        "inbox",
        "Bo Baker <bo@bright.example>",
        DANA,
        "other",
        "",
        "07 Oct",
        "Lunch menu",
        "The soup was good, wasn't it?",
    ),
    (
        "inbox",
        "Rita Roe <rita@agency.example>",
        DANA,
        "pitch1",
        "",
        "18 Nov",
        "unsure: a role",
        "I came across your profile.",
    ),
    (
        "inbox",
        "Rita Roe <rita@agency.example>",
        DANA,
        "pitch2",
        "",
        "19 Nov",
        "unsure: another role",
        "Are you open to work?",
    ),
    (
        "inbox",
        "Cy Cole <cy@staffing.example>",
        DANA,
        "pitch3",
        "",
        "19 Nov",
        "none: hello",
        "I wonder whether you are open to talk.",
    ),
    (
        "inbox",
        "Di Dow <di@search.example>",
        DANA,
        "pitch4",
        "",
        "19 Nov",
        "pitch: a role",
        "A role for you at a client.",
    ),
];

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) struct World {
    config: Config,
    templates: Templates,
    pub store: Store,
}

impl World {
    pub fn new() -> Self {
        let config = Config::parse(CONFIG, Path::new("/tmp/config.toml")).unwrap();
        let mut world = Self { config, templates: Templates::load(None).unwrap(), store: Store::in_memory().unwrap() };
        learn(&mut world.store, &world.config, &MAILS);
        world.consider();
        world
    }

    fn app(&self) -> App<'_> {
        App::new(&self.config, &self.templates, b"secret of this install")
    }

    fn consider(&mut self) {
        let app = App::new(&self.config, &self.templates, b"secret of this install");
        app.consider(&mut self.store, now(), |_| {}).unwrap();
    }

    fn arrives(&mut self, told: Told) {
        learn(&mut self.store, &self.config, &[told]);
        self.consider();
    }

    pub fn correct_kind(&mut self, name: &str, kind: Kind) {
        self.say(name, &[Wish::Verdict { verdict: Verdict::Kind(kind), only: false }]).unwrap();
    }

    pub fn id(&self, name: &str) -> i64 {
        cases::find_mail(self.store.read(), &format!("{name}@x.example")).unwrap().remove(0).id
    }

    fn mail(&self, name: &str) -> cases::StoredMail {
        cases::mail(self.store.read(), self.id(name)).unwrap().unwrap()
    }

    fn say(&mut self, name: &str, wishes: &[Wish]) -> Result<Taken, WordError> {
        let id = self.id(name);
        let app = App::new(&self.config, &self.templates, b"secret of this install");
        app.correct(&mut self.store, id, wishes, now())
    }

    fn undo(&mut self) -> Undone {
        let app = App::new(&self.config, &self.templates, b"secret of this install");
        app.undo(&mut self.store, now()).unwrap()
    }

    /// Accepts or rejects a proposal as `review` does.
    fn propose(&mut self, name: &str, accept: bool) -> bool {
        let (id, own) = (self.id(name), self.app().own.clone());
        let done = self.store.write::<_, StoreError>(|tx| decisions::decide_proposal(tx, id, accept, &own, now()));
        self.consider();
        done.unwrap()
    }

    /// State of the answer to a mail.
    fn answer(&self, name: &str) -> Option<String> {
        outbox::answers_to(self.store.read(), self.id(name)).unwrap().pop().map(|row| row.state)
    }

    fn answered(&self) -> Vec<bool> {
        let rows = reports::pursuits(self.store.read(), Some(now())).unwrap();
        rows.iter().map(|row| row.pursuit.first_response.is_some()).collect()
    }

    /// Everything that a decision may change, one line a row.
    fn state(&self) -> Vec<String> {
        const ASKED: [&str; 11] = [
            "SELECT root, fate, stage, first_touch_at, last_touch_at, first_response_at FROM outreach ORDER BY root",
            "SELECT root, key, failed FROM outreach_person JOIN outreach ON outreach.id = outreach ORDER BY 1, 2",
            "SELECT root, message, level, evidence, kind, tone, decided FROM matched JOIN outreach ON outreach.id = outreach ORDER BY 1, 2",
            "SELECT root, message, step FROM touch JOIN outreach ON outreach.id = outreach ORDER BY 1, 2",
            "SELECT message, state FROM proposal ORDER BY 1",
            "SELECT subject, outreach FROM remembered ORDER BY 1",
            "SELECT message_id, state, approved, due_at, because FROM outbox ORDER BY 1",
            // the other rules say how things stood when the mail was last looked at
            "SELECT id, kind, pending, (SELECT group_concat(value) FROM json_each(blocked_by)
                 WHERE value IN ('not_human', 'automatic_marks', 'not_recruiter', 'unsure')) FROM message ORDER BY 1",
            "SELECT 'setting', name, value FROM setting UNION ALL SELECT 'never', entry, because FROM suppression ORDER BY 2",
            "SELECT mark, root FROM answered ORDER BY 1, 2",
            "SELECT 'pitch', message, pitches FROM pitch JOIN roster ON roster.id = roster UNION ALL
             SELECT 'in', key, first_in_at FROM address ORDER BY 1, 2",
        ];
        let mut lines = Vec::new();
        for sql in ASKED {
            let mut statement = self.store.read().prepare(sql).unwrap();
            let columns = statement.column_count();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let cells = (0..columns).map(|at| format!("{:?}", row.get::<_, rusqlite::types::Value>(at).unwrap()));
                lines.push(cells.collect::<Vec<_>>().join(" "));
            }
        }
        lines
    }
}

/// Learns the mails of the story.
pub(crate) fn learn_all(store: &mut Store, config: &Config) {
    learn(store, config, &MAILS);
}

/// Learns mails as a read of the account would.
fn learn(store: &mut Store, config: &Config, mails: &[Told]) {
    let folder = |role: &str| Examined { folder: role.into(), role: role.into(), uid_validity: 1, uid_next: 1 };
    let own = config.own_addresses();
    store
        .write::<_, StoreError>(|tx| {
            let account = match mailboxes::account(tx, "personal")? {
                Some(account) => account,
                None => {
                    let opened = "2026-09-01T00:00:00Z".parse().unwrap();
                    mailboxes::open_account(tx, "personal", &[folder("sent"), folder("inbox")], opened)?
                }
            };
            mailboxes::history_complete(tx, account.id)?;
            mailboxes::account_read(tx, account.id, now(), None)?;
            for (role, from, to, id, parent, date, subject, text) in mails {
                let stamp = if *role == "inbox" {
                    format!("Received: from a by b; {date} 2026 09:00:00 +0000\r\n")
                } else {
                    String::new()
                };
                let parent =
                    if parent.is_empty() { String::new() } else { format!("In-Reply-To: <{parent}@x.example>\r\n") };
                let raw = format!(
                    "{stamp}From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date} 2026 09:00:00 +0000\r\n\
                     Message-ID: <{id}@x.example>\r\n{parent}\r\n{text}\r\n"
                );
                let mailbox = mailboxes::open_mailbox(tx, &account, &folder(role))?;
                let received = crate::domain::read::read(raw.as_bytes(), now()).date.unwrap();
                let raw = RawMail { uid: mailbox.cursor + 1, received, raw: raw.into_bytes(), thread: String::new() };
                let mut learnt = ingest::read_chunk(std::slice::from_ref(&raw), role, &own);
                // what the score is, is not what is tested here
                learnt[0].gist.recruiter.verdict = match subject.split(':').next() {
                    Some("pitch") => RecruiterVerdict::Recruiter,
                    Some("unsure") => RecruiterVerdict::Unsure,
                    _ => RecruiterVerdict::NotRecruiter,
                };
                apply::learn(tx, &mailbox, &learnt, raw.uid)?;
            }
            Ok(())
        })
        .unwrap();
}

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

/// One thing that a person may decide.
#[derive(Debug, Clone, Copy)]
enum Act {
    Propose(usize, bool),
    Answer(bool),
    Held(usize, bool),
    Pause(bool),
    Kind(usize, usize),
    Tone(usize),
    Recruiter(usize, bool),
    Never(usize),
    Join(usize, usize, bool),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..2usize, any::<bool>()).prop_map(|(at, yes)| Act::Propose(at, yes)),
        any::<bool>().prop_map(Act::Answer),
        (0..2usize, any::<bool>()).prop_map(|(at, yes)| Act::Held(at, yes)),
        any::<bool>().prop_map(Act::Pause),
        (2..9usize, 0..6usize).prop_map(|(mail, kind)| Act::Kind(mail, kind)),
        (2..9usize).prop_map(Act::Tone),
        (2..9usize, any::<bool>()).prop_map(|(mail, yes)| Act::Recruiter(mail, yes)),
        (2..9usize).prop_map(Act::Never),
        (2..9usize, 0..2usize, any::<bool>()).prop_map(|(mail, outreach, yes)| Act::Join(mail, outreach, yes)),
    ]
}

impl World {
    /// Returns whether the decision was taken.
    fn decide(&mut self, act: Act) -> bool {
        let name = |at: usize| MAILS[at].3;
        match act {
            Act::Propose(at, yes) => self.propose(name(at), yes),
            Act::Answer(yes) => {
                let waiting = crate::store::review::waiting(self.store.read()).unwrap().answers;
                let Some(one) = waiting.first() else { return false };
                let (outreach, message) = (one.outreach, one.mail.id);
                self.store
                    .write::<_, StoreError>(|tx| decisions::decide_answer(tx, outreach, message, yes, now()))
                    .unwrap()
            }
            Act::Held(at, yes) => {
                let Some(row) = outbox::in_state(self.store.read(), "held").unwrap().into_iter().nth(at) else {
                    return false;
                };
                self.store
                    .write::<_, StoreError>(|tx| match yes {
                        true => decisions::approve(tx, row.id, now()),
                        false => decisions::reject(tx, row.id, now()),
                    })
                    .unwrap()
            }
            Act::Pause(yes) => {
                self.store.write::<_, StoreError>(|tx| decisions::pause(tx, yes, None, now())).unwrap();
                true
            }
            Act::Kind(mail, at) => self.say(name(mail), &[kind(Kind::ALL[at])]).is_ok(),
            Act::Tone(mail) => {
                let tone = Verdict::Tone(parse_tone("not_now:2027-03-01").unwrap());
                self.say(name(mail), &[Wish::Verdict { verdict: tone, only: false }]).is_ok()
            }
            Act::Recruiter(mail, yes) => self.say(name(mail), &[recruiter(yes)]).is_ok(),
            Act::Never(mail) => self.say(name(mail), &[Wish::Never]).is_ok(),
            Act::Join(mail, at, yes) => {
                let rows = reports::pursuits(self.store.read(), None).unwrap();
                let Some(id) = rows.get(at).map(|row| row.id) else { return false };
                self.say(name(mail), &[if yes { Wish::Answers(id) } else { Wish::Not(id) }]).is_ok()
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn undo_restores_the_rate_and_every_state_after_any_decisions(acts in proptest::collection::vec(act(), 1..9)) {
        let mut world = World::new();
        let mut states = Vec::new();
        for act in &acts {
            let before = world.state();
            if world.decide(*act) {
                states.push((*act, before));
            }
        }
        for (act, before) in states.into_iter().rev() {
            let undone = world.undo();
            prop_assert!(matches!(&undone, Undone::Done { left, .. } if left.is_empty()), "{act:?}: {undone:?}");
            let after = world.state();
            let odd: Vec<&String> = after.iter().filter(|line| !before.contains(line))
                .chain(before.iter().filter(|line| !after.contains(line))).collect();
            prop_assert!(odd.is_empty(), "undoing {act:?} of {acts:?}: {odd:#?}");
        }
        prop_assert_eq!(world.undo(), Undone::Nothing);
    }
}
