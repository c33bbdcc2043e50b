use rstest::rstest;

use super::*;
use crate::app::correct::tests::{World, now};
use crate::store::decisions::Undone;
use crate::store::outbox;

impl World {
    fn act(&mut self, item: Item, action: &Action) -> Result<Acted, String> {
        let mut store = std::mem::replace(&mut self.store, Store::temporary().unwrap());
        let done = self.app().act(&mut store, item, action, now());
        self.store = store;
        done.map_err(|error| error.to_string())
    }

    fn held(&self, name: &str) -> Item {
        Item::Mail(outbox::answers_to(self.store.read(), self.id(name)).unwrap().pop().unwrap().id)
    }

    fn row(&self, item: Item) -> outbox::OutboxRow {
        let Item::Mail(id) = item else { panic!("{item} is no mail") };
        outbox::get(self.store.read(), id).unwrap().unwrap()
    }
}

fn edited() -> Action {
    Action::SendEdited { subject: Some("Re: your mail".to_owned()), text: "Not now, thank you.\n".to_owned() }
}

#[rstest]
#[case(Action::Send, "queued")]
#[case(Action::Yes, "queued")]
#[case(edited(), "queued")]
#[case(Action::Draft, "queued")]
#[case(Action::Recruiter, "queued")]
#[case(Action::No, "cancelled")]
#[case(Action::Never, "cancelled")]
fn each_word_on_a_held_answer_is_one_decision_that_undo_takes_back(#[case] action: Action, #[case] state: &str) {
    let mut world = World::new();
    let item = world.held("pitch1");
    let (before, words) = (world.state(), world.row(item));
    world.act(item, &action).unwrap();
    assert_eq!(world.row(item).state, state);
    assert!(matches!(world.undo(), Undone::Done { .. }));
    assert_eq!(world.state(), before);
    let after = world.row(item);
    assert_eq!((after.subject, after.text, after.mode), (words.subject, words.text, words.mode));
    assert_eq!(world.undo(), Undone::Nothing);
}

#[test]
fn an_edited_answer_bears_the_new_words_and_a_draft_goes_into_drafts() {
    let mut world = World::new();
    let item = world.held("pitch1");
    world.act(item, &edited()).unwrap();
    let row = world.row(item);
    assert_eq!(
        (row.subject.as_str(), row.text.as_str(), row.mode.as_str()),
        ("Re: your mail", "Not now, thank you.\n", "send")
    );
    assert!(row.approved);
    world.undo();
    world.act(item, &Action::Draft).unwrap();
    assert_eq!(world.row(item).mode, "draft");
}

#[test]
fn a_proposal_takes_yes_and_no_and_what_came_back_is_looked_at_again() {
    let mut world = World::new();
    let item = Item::Proposal(world.id("ask1"));
    let before = world.state();
    assert_eq!(world.act(item, &Action::Yes).unwrap().said, "logged as outreach");
    assert_eq!(world.answered(), [true]);
    let error = world.act(item, &Action::Yes).unwrap_err();
    assert!(error.contains("checkback review"), "{error}");
    world.undo();
    assert_eq!(world.state(), before);
}

#[rstest]
#[case(Action::Send, "yes, no")]
#[case(Action::Snooze(now()), "yes, no")]
#[case(Action::Recruiter, "yes, no")]
fn what_does_not_fit_is_refused_with_what_does_and_changes_nothing(#[case] action: Action, #[case] says: &str) {
    let mut world = World::new();
    let item = Item::Proposal(world.id("ask1"));
    let before = world.state();
    let error = world.act(item, &action).unwrap_err();
    assert!(error.contains(says), "{error}");
    assert_eq!(world.state(), before);
    assert_eq!(world.undo(), Undone::Nothing);
}

#[test]
fn what_is_not_there_is_refused_in_words() {
    let mut world = World::new();
    let all = [Item::Mail(99), Item::Proposal(99), Item::Answer { outreach: 9, message: 9 }, Item::FollowUp(99)];
    for item in all {
        let error = world.act(item, &Action::No).unwrap_err();
        assert!(error.contains(&item.to_string()), "{error}");
    }
}
