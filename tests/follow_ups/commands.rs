//! The commands of sequences as a user types them: the real program against the loopback server.

use checkback::domain::sequence::Event;
use rstest::rstest;
use serde_json::{Value, json};

use super::desk::*;
use super::mail::Mail;

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_is_noted_counts_as_the_answer_and_the_thanks_follow() {
    let desk = Desk::new().await;
    desk.asked_kim(9, "informational");
    let said = desk.say(&["outreach", "met", "1", "--on", &ago(1)]);
    assert!(said.starts_with("Noted; it counts as their answer. Next: coffee-thanks"), "{said}");
    assert!(said.ends_with("checkback undo takes it back.\n"), "{said}");
    let shown = desk.json(&["outreach", "show", "1"]);
    assert_eq!((&shown["status"], &shown["stage"]), (&json!("answered"), &json!("meeting")));
    assert_eq!(shown["happened"][0]["event"], "meeting");
    assert_eq!(shown["happened"][0]["who"], Value::Null);
    let text = desk.say(&["outreach", "show", "1"]);
    assert!(text.contains("you meet, as you noted") && text.contains("answered, as you logged"), "{text}");
    let again = desk.say(&["outreach", "met", "1", "--on", &ago(1)]);
    assert!(again.starts_with("It was noted before. Next: coffee-thanks"), "{again}");
    desk.say(&["undo"]);
    let undone = desk.json(&["outreach", "show", "1"]);
    assert_eq!((&undone["status"], &undone["happened"]), (&json!("awaiting"), &json!([])));
    assert_eq!(undone["follow_ups"][0]["template"], "coffee-nudge");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_to_come_puts_the_thanks_behind_it() {
    let desk = Desk::new().await;
    desk.asked_kim(2, "informational");
    let met = desk.json(&["outreach", "met", "1", "--on", &ago(-6)]);
    assert_eq!((&met["event"], &met["new"], &met["counts_as_answer"]), (&json!("meeting"), &json!(true), &json!(true)));
    assert_eq!((&met["next"]["template"], &met["next"]["state"]), (&json!("coffee-thanks"), &json!("planned")));
    let text = desk.say(&["outreach", "met", "1", "--on", &ago(-6)]);
    assert!(text.contains(&next_working_day(&ago(-6))), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_introduction_names_who_it_was_to_and_that_stands_in_the_thanks() {
    let desk = Desk::new().await;
    desk.asked_kim(9, "cold");
    let said = desk.say(&["outreach", "introduced", "1", "--to", "Lee Park", "--on", &ago(1)]);
    assert!(said.contains("Next: introduced-thanks"), "{said}");
    assert!(desk.say(&["outreach", "show", "1"]).contains("introduced you to Lee Park, as you noted"));
    let shown = desk.json(&["outreach", "show", "1"]);
    assert_eq!((&shown["stage"], &shown["happened"][0]["who"]), (&json!("introduced"), &json!("Lee Park")));
    desk.say(&["outreach", "follow", "1", "send"]);
    let plan = desk.say(&["outreach", "show", "1"]);
    assert!(plan.contains("answered"), "{plan}");
}

#[rstest]
#[case::no_outreach(&["outreach", "met", "99"], "there is no outreach 99")]
#[case::no_day(&["outreach", "met", "1", "--on", "soon"], "write a day such as 2026-12-01")]
#[case::nobody(&["outreach", "introduced", "1", "--to", " "], "write the name")]
#[case::no_name(&["outreach", "introduced", "1"], "--to <NAME>")]
#[case::no_sequence(&["outreach", "follow", "1", "enrol", "colt"], "there is no sequence colt; there are ")]
#[case::no_word(&["outreach", "follow", "1"], "snooze")]
#[case::no_value(&["outreach", "follow", "1", "send", "--var", "x"], "name=value")]
#[case::add_in_no_sequence(
    &["outreach", "add", "--to", "Lee <lee@x.example>", "--channel", "mail", "--sequence", "colt"],
    "there is no sequence colt"
)]
#[case::simulate_nobody(&["sequence", "simulate", "cold", "--to", "Kim"], "Ada Moreau <ada@example.org>")]
#[case::simulate_nothing(&["sequence", "simulate", "colt", "--to", "k@x.example"], "there is no sequence colt")]
#[case::simulate_no_day(&["sequence", "simulate", "cold", "--to", "k@x.example", "--event", "2026-11-31"], "--event")]
#[case::no_days(&["sequence", "plan", "--days", "0"], "1..=366")]
#[case::check_nothing(&["sequence", "check", "colt"], "there is no sequence colt")]
#[case::no_zone(&["people", "zone", "kim@bigcorp.example", "Asia/Tokio"], "write a zone such as Asia/Tokyo")]
#[case::zone_of_nobody(&["people", "zone", "lee@x.example", "Asia/Tokyo"], "nobody with lee@x.example is known")]
#[case::zone_of_no_name(&["people", "zone", "Lee", "Asia/Tokyo"], "nobody called Lee is known")]
#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_with_what_to_write_instead(#[case] args: &[&str], #[case] told: &str) {
    let desk = Desk::new().await;
    desk.asked_kim(1, "cold");
    let said = desk.refused(args);
    assert!(said.contains(told), "{said}");
    assert_eq!(desk.json(&["outreach", "list"]).as_array().unwrap().len(), 1, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outreach_goes_from_one_sequence_to_another_and_back_with_undo() {
    let desk = Desk::new().await;
    desk.asked_kim(1, "cold");
    let follow = |word: &[&str]| desk.say(&[&["outreach", "follow", "1"], word].concat());
    let said = follow(&["enrol", "referral"]);
    assert!(said.starts_with("Outreach 1 goes by referral. Next: referral-nudge on "), "{said}");
    assert_eq!(follow(&["enrol", "referral"]), "Outreach 1 goes by referral already: nothing is changed.\n");
    let none = follow(&["enrol", "none"]);
    assert_eq!(none, "Outreach 1 gets no follow-ups. checkback undo takes it back.\n");
    assert_eq!(desk.json(&["outreach", "show", "1"])["follow_ups"], json!([]));
    desk.say(&["undo"]);
    desk.say(&["undo"]);
    assert_eq!(desk.json(&["outreach", "show", "1"])["follow_ups"][0]["template"], "cold-nudge-1");
    let told = desk.json(&["outreach", "follow", "1", "enrol", "referral"]);
    assert_eq!((&told["sequence"], &told["new"]), (&json!("referral"), &json!(true)));
    assert_eq!(told["next"]["template"], "referral-nudge");
    desk.write_sequence("gap", "[[step]]\nafter = \"5d\"\ntemplate = \"nowhere\"\n");
    let gap = desk.refused(&["outreach", "follow", "1", "enrol", "gap"]);
    assert!(gap.contains("the mail template nowhere, which is not there: checkback sequence check gap"), "{gap}");
    desk.write_sequence("broken", "[[step]]\n");
    let broken = desk.refused(&["outreach", "follow", "1", "enrol", "broken"]);
    assert!(broken.contains("the sequence broken has mistakes: checkback sequence check broken"), "{broken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_word_on_a_follow_up_is_taken_and_goes_with_undo() {
    let desk = Desk::new().await;
    desk.asked_kim(9, "cold");
    let states = || -> Vec<String> {
        let shown = desk.json(&["outreach", "show", "1"]);
        let plan = shown["follow_ups"].as_array().unwrap().iter();
        plan.map(|one| format!("{} {}", one["step"], one["state"].as_str().unwrap())).collect()
    };
    desk.say(&["sync"]);
    let before = states();
    assert_eq!(before, ["1 due"]);
    for (word, after) in [
        (&["done"][..], &["1 done", "2 planned"][..]),
        (&["snooze", "3d"], &["1 planned"]),
        (&["stop"], &["1 stopped"]),
        (&["send"], &["1 written"]),
    ] {
        let said = desk.say(&[&["outreach", "follow", "1"], word].concat());
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.ends_with("checkback undo takes it back."), "{said}");
        assert_eq!(states(), after, "{word:?}");
        desk.say(&["undo"]);
        desk.say(&["sync"]);
        assert_eq!(states(), before, "{word:?} taken back");
    }
    desk.say(&["outreach", "follow", "1", "stop"]);
    let told = desk.json(&["outreach", "follow", "1", "go-on"]);
    assert_eq!((&told["id"], &told["said"]), (&json!(1), &json!("goes on")));
    assert_eq!(states(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_dates_and_finished_texts_are_shown_before_anything_is_enrolled() {
    let desk = Desk::new().await;
    let kim = ["--to", "Kim Roth <kim@bigcorp.example>", "--subject", "Testing schedulers"];
    let text = desk.say(&[&["sequence", "simulate", "informational"], &kim[..]].concat());
    for words in [
        "Re: Testing schedulers",
        "Hi Kim,",
        "the meeting, if there is one",
        "remind with coffee-thanks",
        "Are you hiring at the moment",
        "referral bonus",
        "Nothing is enrolled and nothing is sent.",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let steps = desk.json(&[&["sequence", "simulate", "informational"], &kim[..]].concat());
    let steps = steps.as_array().unwrap();
    let templates: Vec<&str> = steps.iter().map(|step| step["template"].as_str().unwrap()).collect();
    assert_eq!(templates, ["coffee-nudge", "coffee-thanks", "coffee-referral"]);
    assert_eq!(steps[1]["given"], Event::Meeting.as_str());
    assert!(steps.iter().all(|step| step["due_at"].is_string() && step["error"].is_null()), "{steps:?}");
    let gap = desk.say(&["sequence", "simulate", "introduced", "--to", "kim@bigcorp.example"]);
    assert!(gap.contains("--var introduced=…"), "{gap}");
    let values = ["--var", "introduced=Lee Park", "--var", "outcome=I start on Monday.", "--event", "2027-02-01"];
    let given = [&["sequence", "simulate", "introduced", "--to", "kim@bigcorp.example"], &values[..]].concat();
    let told = desk.say(&given);
    assert!(told.contains("Mon 1 Feb 2027 12:00  the introduction") && told.contains("I start on Monday."), "{told}");
    assert!(told.contains("\n    Hi,\n"), "a name that is not known is left out: {told}");
    assert_eq!(desk.json(&["outreach", "list"]), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_zone_of_a_person_is_kept_shown_and_moves_what_is_planned_and_simulated() {
    let desk = Desk::new().await;
    desk.asked_kim(1, "cold");
    let due = || desk.json(&["outreach", "show", "1"])["follow_ups"][0]["due_at"].as_str().unwrap().to_owned();
    let before = due();
    assert!(before.contains("T09:00:00"), "{before}");
    let said = desk.say(&["people", "zone", "Kim Roth", "asia/tokyo"]);
    assert_eq!(said, "Follow-ups to kim@bigcorp.example come in the working hours of Asia/Tokyo.\n");
    desk.say(&["sync"]);
    assert!(due().contains("T00:00:00"), "nine in Tokyo: {}", due());
    assert!(desk.say(&["people", "show", "kim"]).contains("zone      Asia/Tokyo"));
    assert_eq!(desk.json(&["people", "show", "kim"])["zone"], "Asia/Tokyo");
    let simulated = desk.say(&["sequence", "simulate", "cold", "--to", "Kim Roth <kim@bigcorp.example>"]);
    assert!(simulated.starts_with("They read their mail in Asia/Tokyo; the times are yours.\n"), "{simulated}");
    assert!(simulated.contains(" 00:00  remind with cold-nudge-1"), "{simulated}");
    let again = desk.say(&["people", "zone", "kim", "Asia/Tokyo"]);
    assert_eq!(again, "kim@bigcorp.example has the zone Asia/Tokyo already: nothing is changed.\n");
    let none = desk.json(&["people", "zone", "kim", "none"]);
    assert_eq!(none, json!({"address": "kim@bigcorp.example", "zone": null, "new": true}));
    desk.say(&["undo"]);
    desk.say(&["undo"]);
    desk.say(&["sync"]);
    assert_eq!((due(), desk.json(&["people", "show", "kim"])["zone"].clone()), (before, Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_in_the_next_days_is_shown_with_what_waits_for_the_user() {
    let desk = Desk::new().await;
    assert_eq!(desk.say(&["sequence", "plan"]), "Nothing is planned for the next 14 days.\n");
    desk.asked_kim(1, "cold");
    desk.say(&["outreach", "add", "--to", "Lee Park <lee@other.example>", "--channel", "mail", "--on", &ago(1)]);
    desk.receives(Mail::to_dana("hello@other.example", "Lee Park <lee@other.example>", "The meetup", "See you!\r\n"));
    let text = desk.say(&["sequence", "plan"]);
    assert!(text.contains("Kim Roth") && text.contains("remind cold-nudge-1"), "{text}");
    assert!(text.contains("you decide") && text.contains("   2  mail came"), "{text}");
    let plan = desk.json(&["sequence", "plan"]);
    let plan = plan.as_array().unwrap();
    assert_eq!(plan.len(), 2);
    let lee = plan.iter().find(|one| one["outreach"] == 2).unwrap();
    assert_eq!(
        (&lee["at"], &lee["action"], &lee["template"]),
        (&Value::Null, &json!("remind"), &json!("cold-nudge-1"))
    );
    assert_eq!(desk.say(&["sequence", "plan", "--days", "1"]), "Nothing is planned for the next day.\n");
}

#[rstest]
#[case::toml("[[step\n", 1, "can't be read as TOML")]
#[case::no_step("about = \"x\"\n", 0, "there is no step")]
#[case::duration("[[step]]\nafter = \"soon\"\ntemplate = \"x\"\n", 2, "a whole number and a unit")]
#[case::event("[[step]]\nafter = \"2 days after meting\"\ntemplate = \"x\"\n", 2, "did you mean meeting?")]
#[case::misspelt("about = \"x\"\n[[step]]\nafter = \"5d\"\ntempalte = \"x\"\n", 4, "did you mean `template`?")]
#[case::action("[[step]]\nafter = \"5d\"\ntemplate = \"cold-nudge-1\"\naction = \"shout\"\n", 4, "\"remind\"")]
#[case::stage("[[step]]\nafter = \"5d\"\ntemplate = \"x\"\nstage = [\"answred\"]\n", 4, "\"answered\"")]
#[case::tone("[[step]]\nafter = \"5d\"\ntemplate = \"x\"\ntone = \"yess\"\n", 4, "\"yes\"")]
#[case::twice("[[step]]\nafter = \"5d\"\non = \"2026-12-01\"\ntemplate = \"x\"\n", 3, "says a second time")]
#[case::template("[[step]]\nafter = \"5d\"\n\ntemplate = \"nowhere\"\n", 4, "write templates/nowhere.hbs")]
#[case::bad_template("[[step]]\nafter = \"5d\"\ntemplate = \"bad\"\n", 3, "checkback template lint bad")]
#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_in_a_sequence_is_told_with_its_file_and_line(
    #[case] text: &str,
    #[case] line: usize,
    #[case] told: &str,
) {
    let desk = Desk::new().await;
    desk.write_sequence("mine", text);
    desk.write_template("bad", "{{#if x}}");
    let run = desk.run(&["sequence", "check", "mine"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let (first, rest) = run.out.split_once('\n').unwrap();
    assert_eq!(first, format!("mine  {}", desk.sequence_file("mine")));
    fits(rest);
    let plain = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plain.contains(told), "{plain}");
    assert!(line == 0 || plain.contains(&format!("line {line}:")), "{plain}");
    let all = desk.run(&["sequence", "check", "--json"]);
    assert_eq!(all.code, Some(1));
    let all: Value = serde_json::from_str(&all.out).unwrap();
    let mine = all.as_array().unwrap().iter().find(|one| one["name"] == "mine").unwrap();
    assert_eq!(mine["file"], desk.sequence_file("mine"));
    assert_eq!(mine["mistakes"].as_array().unwrap().len(), 1, "{mine}");
    // the others can be used all the same
    assert!(desk.say(&["sequence", "list"]).contains("checkback sequence check mine") || line >= 3);
    desk.say(&["sequence", "simulate", "cold", "--to", "kim@bigcorp.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_sequences_are_listed_shown_simulated_and_right() {
    let desk = Desk::new().await;
    let listed = desk.json(&["sequence", "list"]);
    for name in
        ["check-back-return", "cold", "informational", "introduced", "keep-in-touch", "later", "referral", "thank-you"]
    {
        assert!(names(&listed).contains(&name), "{name}");
        let shown = desk.say(&["sequence", "show", name]);
        assert!(shown.starts_with(name) && shown.contains("remind with"), "{shown}");
        let simulated = desk.say(&["sequence", "simulate", name, "--to", "Kim Roth <kim@bigcorp.example>"]);
        assert!(simulated.contains("remind with"), "{simulated}");
    }
    let text = desk.say(&["sequence", "list"]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("and would refer you") && text.contains("Logged outreach is enrolled in cold."), "{text}");
    let checked = desk.json(&["sequence", "check"]);
    assert!(checked.as_array().unwrap().iter().all(|one| one["mistakes"] == json!([])), "{checked}");
    assert_eq!(names(&checked), names(&listed));
}

#[rstest]
#[case::later("Not now, please write to me again in five weeks.", "later", "as-agreed")]
#[case::yes("Sure, gladly! Let us talk.", "yes", "cold-nudge-1")]
#[tokio::test(flavor = "multi_thread")]
async fn what_an_answer_suggests_is_one_word_away(#[case] words: &str, #[case] next: &str, #[case] template: &str) {
    let desk = Desk::new().await;
    let to = ["--to", "Kim Roth <kim@bigcorp.example>", "--var", "topic=schedulers", "--var", "why=I read your paper."];
    let sent = desk.json(&[&["send", "coffee"], &to[..]].concat());
    let id = sent["message_id"].as_str().unwrap().to_owned();
    let kim = "Kim Roth <kim@bigcorp.example>";
    let answer = Mail::to_dana("a@bigcorp.example", kim, "Re: A question about schedulers", &format!("{words}\r\n"));
    desk.receives(answer.answering(&id));
    let waiting = desk.json(&["review"]);
    assert!(waiting.to_string().contains(&format!("\"{next}\"")), "{waiting}");
    desk.say(&["review", "yes", "n1"]);
    desk.say(&["sync"]);
    let shown = desk.json(&["outreach", "show", "1"]);
    let planned = shown["follow_ups"].as_array().unwrap().iter().filter(|one| one["state"] == "planned");
    let planned: Vec<&str> = planned.map(|one| one["template"].as_str().unwrap()).collect();
    match next {
        "later" => assert_eq!(planned, [template]),
        _ => {
            assert!(planned.is_empty(), "no nudge after an answer: {shown}");
            let drafts = desk.sandbox.world().edit(|world| world.folder("dana", "Drafts").unwrap().messages.len());
            assert_eq!(drafts, 1, "the thanks are a draft");
        }
    }
}
