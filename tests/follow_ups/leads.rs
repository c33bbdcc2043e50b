//! What the tone of an answer suggests, and what follows a meeting.

use checkback::app::correct::WordError;
use checkback::domain::next_step::NextStep;
use checkback::domain::sequence::Event;
use checkback::domain::sequence::life::{Happened, State};
use checkback::store::next_steps::{self, OpenStep};
use rstest::rstest;

use super::asking::*;
use super::house::{House, START};
use super::mail::Mail;

const KIM: &str = "Kim Roth <kim@bigcorp.example>";

async fn answered(words: &str) -> House {
    let house = house().await;
    let id = ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "cold").await;
    let answer = Mail::to_dana("answer@bigcorp.example", KIM, "Re: Coffee and schedulers", words);
    house.advance(hours(24));
    house.deliver(&arriving(&house, answer.answering(&id)));
    house.sync_well().await;
    house
}

fn open(house: &House) -> Vec<OpenStep> {
    next_steps::open(house.workspace.store().read()).unwrap()
}

async fn accept(house: &House) {
    let id = open(house)[0].id;
    assert!(house.workspace.app().next_step_accept(&mut house.workspace.store(), id, house.now()).unwrap());
    house.sync_well().await;
}

fn undo(house: &House) {
    house.workspace.app().undo(&mut house.workspace.store(), house.now()).unwrap();
}

#[tokio::test]
async fn later_with_a_date_becomes_one_follow_up_on_that_date() {
    let house = answered("Not now, please write to me again on 5 June 2026.\r\n").await;
    let steps = open(&house);
    assert!(matches!(steps[0].step, NextStep::Later { named: true, .. }), "{:?}", steps[0].step);
    accept(&house).await;
    assert_eq!(due_at(&house), ["2026-06-05T07:00:00Z"]);
    at(&house, "2026-06-05T07:00:00Z");
    house.sync_well().await;
    let waiting = today(&house);
    assert_eq!((waiting.len(), waiting[0].state), (1, State::Due));
    assert!(waiting[0].text.contains("another time would be better"), "{}", waiting[0].text);
}

#[tokio::test]
async fn mail_that_comes_before_that_date_pauses_it() {
    let house = answered("Not now, please write to me again on 5 June 2026.\r\n").await;
    accept(&house).await;
    let other = Mail::to_dana("other@bigcorp.example", KIM, "By the way", "Are you coming to the meetup?\r\n");
    house.deliver(&arriving(&house, other));
    house.sync_well().await;
    let states = follow_ups(&house);
    assert!(states.iter().any(|state| state.contains("paused")), "{states:?}");
}

#[tokio::test]
async fn undo_of_a_date_leaves_nothing_planned() {
    let house = answered("Not now, please write to me again on 5 June 2026.\r\n").await;
    let before = follow_ups(&house);
    accept(&house).await;
    undo(&house);
    house.sync_well().await;
    assert_eq!(follow_ups(&house), before);
    assert_eq!((due_at(&house), open(&house).len()), (Vec::<String>::new(), 1));
    assert_eq!(house.count("SELECT count(*) FROM happened"), 0);
}

#[tokio::test]
async fn whom_they_name_gets_a_finished_first_mail_that_says_who_named_them() {
    let house = answered("I am not the right person, please contact lee.park@other.example instead.\r\n").await;
    accept(&house).await;
    let drafts = house.folder("Drafts");
    assert_eq!(drafts.len(), 1);
    for words in ["lee.park@other.example", "Hi Lee,", "Kim Roth", "Coffee and schedulers"] {
        assert!(drafts[0].contains(words), "{words}: {}", drafts[0]);
    }
    assert!(!drafts[0].contains("In-Reply-To"));
}

#[tokio::test]
async fn a_name_that_came_with_a_mail_is_text_and_neither_a_template_nor_a_header() {
    let house = house().await;
    let id = ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "cold").await;
    let from = "=?utf-8?q?Kim_=7B=7Bemail=7D=7D=0D=0ABcc:_eve=40evil.example?= <kim@bigcorp.example>";
    let words = "I am not the right person, please contact lee.park@other.example instead.\r\n";
    let answer = Mail::to_dana("answer@bigcorp.example", from, "Re: Coffee and schedulers", words);
    house.advance(hours(24));
    house.deliver(&arriving(&house, answer.answering(&id)));
    house.sync_well().await;
    accept(&house).await;
    let draft = house.folder("Drafts").remove(0);
    let head = draft.split("\r\n\r\n").next().unwrap();
    assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
    let subject = checkback::domain::read::read(draft.as_bytes(), house.now()).subject;
    assert!(subject.contains("{{email}}") && subject.ends_with("suggested that I write to you"), "{subject}");
    assert!(!draft.contains("lee.park@other.example\r\nBcc"), "{draft}");
}

#[rstest]
#[case::a_yes("Sure, gladly! Let us talk.\r\n", "very kind of you")]
#[case::a_no("Thanks, but I am not interested.\r\n", "appreciate the clear answer")]
#[tokio::test]
async fn a_yes_and_a_no_are_thanked_for_in_the_thread_and_only_as_a_draft(#[case] words: &str, #[case] thanks: &str) {
    let house = answered(words).await;
    assert!(house.folder("Drafts").is_empty(), "nothing without a word of the user");
    accept(&house).await;
    let drafts = house.folder("Drafts");
    assert_eq!((drafts.len(), house.sent().len()), (1, 1));
    assert!(drafts[0].contains(thanks) && drafts[0].contains("In-Reply-To: <answer@bigcorp.example>"), "{}", drafts[0]);
}

#[tokio::test]
async fn what_the_user_answered_is_suggested_no_more() {
    let house = answered("Thanks, but I am not interested.\r\n").await;
    assert_eq!(open(&house).len(), 1);
    let by_hand = Mail::by_dana("hand@devmail.example", KIM, "Re: Coffee and schedulers", "Thank you anyway.\r\n");
    house.put("Sent", &arriving(&house, by_hand.answering("answer@bigcorp.example")));
    house.sync_well().await;
    assert!(open(&house).is_empty());
}

#[tokio::test]
async fn a_refused_suggestion_stays_refused_and_can_be_taken_back() {
    let house = answered("Thanks, but I am not interested.\r\n").await;
    let id = open(&house)[0].id;
    house.workspace.app().next_step_refuse(&mut house.workspace.store(), id, house.now()).unwrap();
    house.write(|tx| tx.execute("UPDATE outreach SET unplanned = 1", []).map_err(Into::into));
    house.sync_well().await;
    assert!(open(&house).is_empty());
    undo(&house);
    assert_eq!(open(&house).len(), 1);
}

fn meet(house: &House, when: &str) -> Result<bool, WordError> {
    let what = Happened { event: Event::Meeting, at: when.parse().unwrap(), who: String::new() };
    house.workspace.app().note_event(&mut house.workspace.store(), 1, &what, house.now())
}

#[tokio::test]
async fn after_a_meeting_come_the_thanks_and_three_weeks_later_the_question_with_the_bonus() {
    let house = house().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "informational").await;
    assert_eq!(follow_ups(&house), ["1 planned"]);
    at(&house, "2026-03-12T15:00:00Z");
    assert!(meet(&house, "2026-03-12T14:00:00Z").unwrap());
    assert_eq!(follow_ups(&house), ["1 stopped response", "2 planned"]);
    at(&house, "2026-03-13T08:00:00Z");
    house.sync_well().await;
    let thanks = &today(&house)[0];
    assert!(thanks.text.contains("taking the time yesterday"), "{}", thanks.text);
    let now = house.now();
    house.workspace.app().follow_up_send(&mut house.workspace.store(), 1, &Default::default(), now).unwrap();
    house.sync_well().await;
    assert_eq!(follow_ups(&house), ["1 stopped response", "2 done", "3 planned"]);
    assert_eq!(due_at(&house), ["2026-04-02T07:00:00Z"]);
    at(&house, "2026-04-02T07:00:00Z");
    house.sync_well().await;
    let question = &today(&house)[0];
    assert!(question.text.contains("three weeks ago") && question.text.contains("bonus"), "{}", question.text);
}

#[tokio::test]
async fn a_meeting_noted_by_mistake_is_taken_back_with_all_that_followed() {
    let house = house().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "cold").await;
    let before = (follow_ups(&house), due_at(&house));
    meet(&house, START).unwrap();
    assert_eq!(follow_ups(&house), ["1 planned"]);
    assert_eq!(house.texts("SELECT template FROM follow_up"), ["coffee-thanks"]);
    undo(&house);
    house.sync_well().await;
    assert_eq!((follow_ups(&house), due_at(&house)), before);
    assert_eq!(house.texts("SELECT stage FROM outreach"), ["contacted"]);
}

fn response(house: &House) -> Vec<String> {
    house.texts("SELECT first_response_at FROM outreach ORDER BY id")
}

#[tokio::test]
async fn whoever_met_the_user_has_answered_and_gets_no_nudge_about_anything_else() {
    let house = house().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "informational").await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "A talk in May", "send").await;
    at(&house, "2026-03-12T15:00:00Z");
    meet(&house, "2026-03-12T14:00:00Z").unwrap();
    house.sync_well().await;
    assert_eq!(response(&house), ["2026-03-12T14:00:00Z", ""], "the one that led to the meeting");
    assert_eq!(follow_ups(&house), ["1 stopped response", "2 planned", "1 stopped response"]);
    undo(&house);
    house.sync_well().await;
    assert_eq!(response(&house), ["", ""]);
    assert_eq!(follow_ups(&house), ["1 planned", "1 planned"]);
}

#[rstest]
#[case::a_day_to_come_is_answered_by_now("2026-03-20T14:00:00Z", "2026-03-12T15:00:00Z")]
#[case::a_day_before_the_first_mail_answers_nothing("2026-03-02T14:00:00Z", "")]
#[tokio::test]
async fn when_a_meeting_counts_as_an_answer(#[case] met: &str, #[case] answered: &str) {
    let house = house().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "informational").await;
    at(&house, "2026-03-12T15:00:00Z");
    meet(&house, met).unwrap();
    assert_eq!(response(&house), [answered]);
}

#[tokio::test]
async fn an_answer_by_mail_stays_the_answer_when_a_meeting_follows() {
    let house = answered("Sure, gladly! Let us talk.\r\n").await;
    let before = response(&house);
    house.advance(hours(24));
    let now = house.now().to_string();
    meet(&house, &now).unwrap();
    assert_eq!(response(&house), before);
}

#[tokio::test]
async fn whoever_introduced_the_user_has_answered_too() {
    let house = house().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "referral").await;
    at(&house, "2026-03-12T15:00:00Z");
    let what = Happened { event: Event::Introduced, at: house.now(), who: "Lee Park".into() };
    house.workspace.app().note_event(&mut house.workspace.store(), 1, &what, house.now()).unwrap();
    assert_eq!(response(&house), ["2026-03-12T15:00:00Z"]);
    at(&house, "2026-03-13T08:00:00Z");
    house.sync_well().await;
    assert!(today(&house)[0].text.contains("introducing me to Lee Park"), "{}", today(&house)[0].text);
}

#[tokio::test]
async fn the_window_is_that_of_the_person_where_their_zone_is_known() {
    let house = house().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee and schedulers", "send").await;
    let kim = checkback::domain::ident::Address::parse("kim@bigcorp.example").unwrap();
    let now = house.now();
    house.write(|tx| checkback::store::decisions::set_zone(tx, &kim, Some("America/New_York"), now));
    house.sync_well().await;
    assert_eq!(due_at(&house), ["2026-03-17T13:00:00Z"], "nine in New York");
    at(&house, "2026-03-17T12:59:00Z");
    house.sync_well().await;
    assert!(nudges(&house).is_empty());
    at(&house, "2026-03-17T13:00:00Z");
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 1);
}

#[tokio::test]
async fn two_colleagues_get_no_follow_up_on_the_same_day() {
    let house = house().await;
    for name in ["kim", "lee"] {
        queue_ask(&house, "Some Body", &format!("{name}@bigcorp.example"), &format!("A question to {name}"), "send");
    }
    house.sync_well().await;
    at(&house, FIRST_NUDGE);
    for _ in 0..20 {
        house.sync_well().await;
        house.advance(hours(1) / 3);
    }
    assert_eq!(nudges(&house).len(), 1);
    house.advance(hours(18));
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 2);
}

#[tokio::test]
async fn the_plan_shows_what_will_leave_and_when_before_it_does() {
    let house = house().await;
    for n in 0..3 {
        queue_ask(&house, "Some Body", &format!("p{n}@company{n}.example"), &format!("Question {n}"), "send");
    }
    house.sync_well().await;
    let until = "2026-04-01T00:00:00Z".parse().unwrap();
    // three days with the machine off
    at(&house, "2026-03-20T08:00:00Z");
    let plan = house.workspace.app().coming(&house.workspace.store(), until, house.now()).unwrap();
    let times: Vec<String> = plan.iter().map(|one| one.at.unwrap().to_string()).collect();
    assert_eq!(times, ["2026-03-20T08:00:00Z", "2026-03-20T08:03:00Z", "2026-03-20T08:06:00Z"]);
    assert!(house.count("SELECT count(*) FROM outbox WHERE errand = 'follow_up'") == 0, "nothing was written");
    at(&house, "2026-03-25T08:00:00Z");
    let plan = house.workspace.app().coming(&house.workspace.store(), until, house.now()).unwrap();
    assert!(plan.iter().all(|one| one.at.is_none() && one.because == "over seven days late"), "{plan:?}");
}
