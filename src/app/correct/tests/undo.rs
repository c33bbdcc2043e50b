//! Undo takes back any decisions in any order.

use proptest::prelude::*;

use super::world::MAILS;
use super::*;

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
