//! What a person sends with the program itself, through real servers, and whatever cuts it off.

use std::time::Duration;

use serde_json::Value;

use crate::desk::{Desk, Run};
use crate::letters::Letter;
use crate::servers::Servers;

const WHY: &str = "why=Your article on fuzzing a scheduler answered half of my questions.";

fn coffee<'a>(to: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["--json", "send", "coffee", "--to", to, "--var", "topic=testing schedulers", "--var", WHY];
    args.extend(more);
    args
}

fn refused(run: &Run, told: &str) {
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains(told), "{told}: {run:?}");
}

fn lying(servers: &Servers, user: &str, folder: &str) -> usize {
    servers.lying(user, folder).len()
}

#[test]
fn a_mail_is_sent_answered_and_counted() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", "[goal]\nwindow = \"21d\"\n");
    let kim = "Kim Roth <kim@bigcorp.example>";
    refused(&desk.run(&["send", "coffe", "--to", kim]), "did you mean coffee?");
    refused(&desk.run(&["send", "coffee", "--to", kim, "--var", "topic=x"]), "--var why=");
    refused(&desk.run(&coffee("-", &[])), "--to -: write one person");
    refused(&desk.run(&coffee(kim, &["--var", "compnay=x"])), "names no such value");
    let shown = desk.run(&coffee(kim, &["--dry-run"])).ok();
    assert!(shown["head"].as_str().unwrap().contains("Message-ID: <"), "{shown}");
    assert_eq!(desk.outbox("sent") + desk.outbox("queued"), 0);

    // the very first command: nothing was read before
    let sent = desk.run(&coffee(kim, &["--tag", "kernel"])).ok();
    assert_eq!((&sent["state"], &sent["outreach"]), (&Value::from("sent"), &Value::from(1)));
    servers.wait_until(|| lying(&servers, "kim", "INBOX") == 1);
    let got = servers.lying("kim", "INBOX").remove(0);
    let text = String::from_utf8(got.raw).unwrap();
    let id = sent["message_id"].as_str().unwrap();
    assert!(text.contains(&format!("<{id}>")) && text.contains("Hi Kim,"), "{text}");
    refused(&desk.run(&coffee(kim, &[])), "already sent on");
    let lou = "Lou Gray <lou@bigcorp.example>";
    refused(&desk.run(&coffee(lou, &[])), "same organisation runs");

    let reply =
        Letter::new(kim, "Dana <dana@devmail.example>", "Re: A question", "yes@bigcorp.example", "Sure, Friday.")
            .field("In-Reply-To", &format!("<{id}>"));
    servers.deliver("kim@bigcorp.example", "dana@devmail.example", &reply.raw());
    desk.sync();
    let outreach = desk.run(&["--json", "outreach", "show", "1"]).ok();
    assert_eq!((&outreach["status"], &outreach["template"]), (&"answered".into(), &"coffee".into()));
    assert_eq!(outreach["matched"][0]["evidence"], "in_reply_to");
    assert_eq!(outreach["matched"][0]["level"], "sure");
    let report = desk.run(&["--json", "report"]).ok();
    assert_eq!((&report["rate"]["sent"], &report["by"]["template"][0]["name"]), (&1.into(), &"coffee".into()));
    assert_eq!((lying(&servers, "dana", "Sent"), lying(&servers, "kim", "INBOX")), (1, 1));

    // and what else a person says by hand
    let logged = desk.run(&["--json", "outreach", "add", "--to", "Jo Marsh", "--channel", "coffee"]).ok();
    assert_eq!((&logged["logged"], &logged["to"]["address"]), (&"begun".into(), &Value::Null));
    desk.run(&["people", "note", "Jo Marsh", "likes", "tea"]);
    let jo = desk.run(&["--json", "people", "show", "jo marsh"]).ok();
    assert_eq!((&jo["notes"][0]["text"], &jo["answered"]), (&"likes tea".into(), &true.into()));
    desk.run(&["--json", "people", "merge", "Jo Marsh", "jo@startup.example"]).ok();
    let jo = desk.run(&["--json", "people", "show", "jo@startup.example"]).ok();
    assert_eq!(jo["name"], "Jo Marsh");
    desk.run(&["--json", "people", "never", "@startup.example"]).ok();
    refused(&desk.run(&coffee("Jo <jo@startup.example>", &[])), "never list");
    desk.run(&["--json", "undo"]).ok();
    let closed = desk.run(&["--json", "outreach", "close", "1", "--stage", "withdrawn"]).ok();
    assert_eq!(closed["stage"], "withdrawn");
    refused(&desk.run(&["outreach", "close", "1", "--stage", "no_answer"]), "can't become no_answer");
    let templates = desk.run(&["--json", "template", "lint", "--all"]).ok();
    assert!(templates.as_array().unwrap().iter().all(|one| one["findings"] == serde_json::json!([])), "{templates}");
}

#[test]
fn a_draft_lies_in_drafts_once() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", "");
    let kim = "Kim Roth <kim@bigcorp.example>";
    assert_eq!(desk.run(&coffee(kim, &["--draft"])).ok()["state"], "drafted");
    refused(&desk.run(&coffee(kim, &["--draft"])), "Drafts folder");
    desk.sync();
    assert_eq!((lying(&servers, "dana", "Drafts"), lying(&servers, "kim", "INBOX")), (1, 0));
    // the user sends it
    let draft = servers.lying("dana", "Drafts").remove(0);
    servers.lay("dana", "Sent", &draft.raw, "S", checkback::clock::now());
    desk.sync();
    let outreach = desk.run(&["--json", "outreach", "show", "1"]).ok();
    assert_eq!((&outreach["template"], &outreach["source"]), (&"coffee".into(), &"checkback".into()));
    assert_eq!(desk.run(&["--json", "review"]).ok()["proposals"], serde_json::json!([]));
}

#[test]
fn whenever_it_is_killed_and_given_again_the_reader_gets_one_mail() {
    let servers = Servers::start();
    let desk = Desk::of(&servers, "dana", "");
    desk.sync();
    let begun = std::time::Instant::now();
    desk.run(&coffee("Pat <pat@measure.example>", &[])).ok();
    let whole = begun.elapsed();
    let (mut killed, mut unknown) = (0, 0);
    for step in 1..=10_u32 {
        let to = format!("Kim <kim{step}@firm{step}.example>");
        let mut child = desk.spawn(&coffee(&to, &[]));
        std::thread::sleep(whole.mul_f64(f64::from(step) / 10.0).max(Duration::from_millis(2)));
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
        // given again, and once more
        let runs = [desk.run(&coffee(&to, &[])), desk.run(&coffee(&to, &[]))];
        assert_eq!(runs[1].code, Some(2), "{runs:?}");
        unknown += usize::from(runs[1].json()["was"] == "unknown");
    }
    desk.sync();
    servers.settle();
    let got: Vec<usize> = (1..=10).map(|n| lying(&servers, &format!("kim{n}"), "INBOX")).collect();
    println!("{killed} killed, {unknown} of unknown fate, a whole one takes {whole:?}: {got:?}");
    assert!(killed > 0, "no run was killed before its end");
    assert!(got.iter().all(|count| *count <= 1), "{got:?}");
    assert!(got.iter().filter(|count| **count == 0).count() <= unknown, "{got:?}, {unknown} of unknown fate");
    assert_eq!(usize::try_from(desk.outbox("unknown")).unwrap(), unknown);
}
