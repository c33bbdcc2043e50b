//! What the commands say of mail that has not left, and of a mailbox that was not read.

use checkback::sandbox::{Fault, SmtpStage};
use serde_json::Value;

use super::mail::Mail;
use super::program::{Place, Run};

const SEND: [&str; 8] =
    ["send", "coffee", "--to", "Kim Roth <kim@bigcorp.example>", "--var", "topic=queues", "--var", "why=I heard you."];

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_waits_is_told_with_its_time_and_not_as_none() {
    let place = Place::with("delay = \"2h\"\n", |_| ()).await;
    place.pitch("Rita Holm", "rita.holm@brightstaff.example");
    place.run(&["sync"]);
    let list = place.run(&["recruiters", "list"]);
    assert!(list.out.contains("leaves ") && list.out.contains("1 answer is to come."), "{}", list.out);
    assert!(!list.out.contains("not answered by machine"), "{}", list.out);
    assert_eq!(json(&place.run(&["--json", "recruiters", "list"]))[0]["answer"]["state"], "queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_by_hand_that_was_refused_for_now_is_told_until_it_left() {
    let place = Place::new().await;
    let later = "451 4.7.1 greylisted, try again later";
    place.world().inject(Fault::smtp(SmtpStage::Rcpt).reply(later));
    assert_eq!(place.run(&SEND).code, Some(1));
    let synced = place.run(&["--json", "sync"]);
    let row = &json(&synced)["retried"][0];
    assert_eq!((row["to"].as_str(), row["tries"].as_u64()), (Some("kim@bigcorp.example"), Some(1)), "{synced:?}");
    for command in ["sync", "status"] {
        let said = place.run(&[command]).out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("to kim@bigcorp.example was refused for now; tried again"), "{command}: {said}");
        assert!(said.contains("greylisted"), "{command}: {said}");
    }
    let today = place.run(&["today"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(today.contains("Your mail to Kim Roth") && today.contains("It is tried again"), "{today}");
}

#[tokio::test(flavor = "multi_thread")]
async fn status_names_the_mails_that_failed() {
    let place = Place::new().await;
    place.world().inject(Fault::smtp(SmtpStage::Rcpt).reply("550 5.7.1 refused by policy"));
    place.pitch("Rita Holm", "rita.holm@brightstaff.example");
    place.run(&["sync"]);
    let said = place.run(&["status"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("to rita.holm@brightstaff.example failed"), "{said}");
    assert!(said.contains("refused by policy"), "{said}");
    assert_eq!(place.status()["failed"][0]["to"], "rita.holm@brightstaff.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_could_not_be_read_has_no_number_of_new_mails() {
    let place = Place::new().await;
    place.configure(1, 1, "delay = \"0s\"\n");
    let run = place.run(&["sync"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.out.trim_end(), "personal  not read", "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn proposals_are_mentioned_named_and_decided_as_a_range() {
    let place = Place::new().await;
    for (n, name) in ["Kim Roth", "Lee Park", "Ada Quist"].iter().enumerate() {
        let date = jiff::fmt::rfc2822::to_string(&checkback::clock::now().to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
        let to = format!("{name} <p{n}@corp{n}.example>");
        let mail =
            Mail::by_dana(&format!("ask-{n}@devmail.example"), &to, "A question about queues", "May I ask you?\r\n");
        place.world().deliver("dana", "Sent", &mail.dated(&date).bytes(), None).unwrap();
    }
    let synced = place.run(&["sync"]);
    assert!(synced.out.contains("3 proposals wait for your word"), "{synced:?}");
    let list = place.run(&["review"]).out;
    let names: Vec<&str> = list.lines().filter(|line| line.contains("outreach?")).collect();
    assert!(names.len() == 3 && names[1].contains("Lee Park"), "{list}");
    let item = |line: &str| line.split_whitespace().next().unwrap().to_owned();
    let range = format!("{}-{}", item(names[0]), item(names[1]));
    let decided = place.run(&["--json", "review", "yes", &range]);
    assert_eq!(json(&decided)["decided"].as_array().unwrap().len(), 2, "{decided:?}");
    let none = place.run(&["review", "yes", &range]);
    assert_eq!(none.code, Some(2));
    assert!(none.err.contains("nothing of these waits"), "{none:?}");
}
