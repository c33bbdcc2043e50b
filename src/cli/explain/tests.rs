use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::domain::gist::{BounceReason, Kind};
use crate::domain::inbound::Defect;
use crate::domain::read;

fn now() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

fn mail(id: &str, date: &str) -> String {
    format!(
        "From: Rita <rita@agency.example>\nTo: dana@devmail.example\nMessage-ID: <{id}>\nDate: {date}\nSubject: {id}\n\nHi\n"
    )
}

fn gist() -> Gist {
    let mut gist = read::read(mail("A@b", "Mon, 5 Jan 2026 10:00:00 +0000").as_bytes(), now());
    gist.kind = Kind::Human;
    gist.tone = Some(Tone::NotNow { until: None });
    gist.defects = Vec::new();
    gist.recruiter.score = 0.973_456;
    gist.recruiter.verdict = crate::domain::gist::RecruiterVerdict::Recruiter;
    gist.recruiter.signals = vec!["pitch".to_owned()];
    gist.bounce = None;
    gist.out_of_office = None;
    gist
}

#[test]
fn a_verdict_has_the_fields_of_the_contract_in_their_order() {
    let text = serde_json::to_string(&verdict("x.mbox", 3, &gist(), &[])).unwrap();
    assert_eq!(
        text,
        "{\"file\":\"x.mbox\",\"index\":3,\"message_id\":\"A@b\",\"kind\":\"human\",\"defects\":[],\"bounce\":null,\
         \"out_of_office\":null,\"tone\":\"not_now\",\"recruiter\":{\"verdict\":\"recruiter\",\"score\":0.9735,\
         \"signals\":[\"pitch\"]},\"would_reply\":true,\"blocked_by\":[]}"
    );
}

#[test]
fn a_bounce_and_an_absence_are_written_out() {
    let mut gist = gist();
    gist.message_id = None;
    gist.kind = Kind::Bounce;
    gist.tone = None;
    gist.defects = vec![Defect::NoMessageId];
    gist.bounce = Some(Bounce {
        permanent: true,
        reason: BounceReason::Address,
        status: Some("5.1.1".to_owned()),
        recipients: Address::parse("Gone@Agency.example").into_iter().collect(),
        original_message_id: MessageId::parse("<a@b>"),
        original_subject: Some("Coffee".to_owned()),
    });
    gist.out_of_office = Some(OutOfOffice {
        until: Some(jiff::civil::date(2026, 12, 1)),
        left: false,
        stand_in: Address::parse("jo@agency.example"),
    });
    let value = serde_json::to_value(verdict("x.eml", 0, &gist, &["not_human", "automatic_marks"])).unwrap();
    assert_eq!(
        value,
        json!({
            "file": "x.eml", "index": 0, "message_id": null, "kind": "bounce", "defects": ["no_message_id"],
            "bounce": {"permanent": true, "reason": "address", "status": "5.1.1",
                "recipients": ["gone@agency.example"], "original_message_id": "a@b"},
            "out_of_office": {"until": "2026-12-01", "left": false, "stand_in": "jo@agency.example"},
            "tone": null,
            "recruiter": {"verdict": "recruiter", "score": 0.9735, "signals": ["pitch"]},
            "would_reply": false, "blocked_by": ["not_human", "automatic_marks"],
        })
    );
}

fn explained(paths: &[PathBuf], format: Format) -> (String, Vec<String>, Explained) {
    let mut judged = Vec::new();
    let mut out = Vec::new();
    let outcome = run(paths, now(), format, &ProgressBar::hidden(), &mut out, |mail| {
        judged.push(mail.gist.subject.clone());
        if judged.len() == 1 { Vec::new() } else { vec!["already_answered"] }
    })
    .unwrap();
    (String::from_utf8(out).unwrap(), judged, outcome)
}

#[test]
fn mails_are_judged_in_order_of_date_and_printed_in_the_order_given() {
    let folder = TempDir::new().unwrap();
    let paths = ["new.eml", "missing.eml", "old.eml"].map(|name| folder.path().join(name));
    fs::write(&paths[0], mail("new@x", "Tue, 6 Jan 2026 10:00:00 +0000")).unwrap();
    fs::write(&paths[2], mail("old@x", "Mon, 5 Jan 2026 10:00:00 +0000")).unwrap();
    let (out, judged, outcome) = explained(&paths, Format::Json);
    assert_eq!(judged, ["old@x", "new@x"]);
    let rows: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = rows.iter().map(|row| (row["message_id"].as_str(), row["would_reply"].as_bool())).collect();
    assert_eq!(told, [(Some("new@x"), Some(false)), (Some("old@x"), Some(true))]);
    assert_eq!(rows[0]["file"], json!(paths[0]));
    assert_eq!((outcome.mails, outcome.failures.len()), (2, 1));
    assert!(outcome.failures[0].to_string().contains("missing.eml can't be read"));
}

#[test]
fn the_table_tells_what_blocks_an_answer() {
    let folder = TempDir::new().unwrap();
    let paths = ["1.eml", "2.eml"].map(|name| folder.path().join(name));
    for path in &paths {
        fs::write(path, mail("x@y", "Mon, 5 Jan 2026 10:00:00 +0000")).unwrap();
    }
    let (out, ..) = explained(&paths, Format::Table(Look::PLAIN));
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[1].starts_with("Rita  x@y") && lines[1].ends_with("yes"), "{out}");
    assert!(lines[2].ends_with("no: already_answered"), "{out}");
}
