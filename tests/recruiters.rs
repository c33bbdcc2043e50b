//! The recruiter scorer and every rule together, on whole mails by an author who never saw either:
//! `tests/fixtures/recruiter/set_c`. Not for tuning: what this set teaches is gone once it is tuned on.

#![cfg(test)]

use std::path::Path;

use checkback::app::files::FileJudge;
use checkback::domain::ident::{Address, OwnAddresses};
use checkback::domain::read;
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
struct Label {
    file: String,
    expect_reply: bool,
    why: String,
}

/// Each mail judged alone: the rules that block an answer.
fn judged() -> Vec<(Label, Vec<&'static str>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recruiter/set_c");
    let labels = std::fs::read_to_string(folder.join("labels.jsonl")).unwrap();
    let me = Address::parse("dana@devmail.example").unwrap();
    let received: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    labels
        .lines()
        .map(|line| {
            let label: Label = serde_json::from_str(line).unwrap();
            let gist = read::read(&std::fs::read(folder.join(&label.file)).unwrap(), received);
            let blocked = FileJudge::new(OwnAddresses::new([&me])).judge(&gist, "inbox");
            (label, blocked)
        })
        .collect()
}

#[test]
fn of_mail_by_another_author_none_is_answered_wrongly_and_most_pitches_are_answered_or_held() {
    let judged = judged();
    let (pitches, others): (Vec<_>, Vec<_>) = judged.iter().partition(|(label, _)| label.expect_reply);
    let wrong: Vec<_> =
        others.iter().filter(|(_, by)| by.is_empty()).map(|(label, _)| (&label.file, &label.why)).collect();
    let answered = pitches.iter().filter(|(_, by)| by.is_empty()).count();
    let held = pitches.iter().filter(|(_, by)| by == &["unsure"]).count();
    println!("{answered} answered and {held} held of {}; wrong {wrong:?} of {}", pitches.len(), others.len());
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(answered >= 34, "{answered}");
    assert!(answered + held >= 54, "{answered} + {held}");
}
