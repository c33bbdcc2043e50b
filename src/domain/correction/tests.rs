use super::*;
use crate::domain::read;

const NOON: &str = "2026-11-20T12:00:00Z";

fn now() -> Timestamp {
    NOON.parse().unwrap()
}

fn mail(from: &str, text: &str) -> Gist {
    let raw = format!(
        "Received: from a by b; Fri, 20 Nov 2026 11:00:00 +0000\r\nFrom: {from}\r\nTo: dana@devmail.example\r\n\
         Subject: Hello\r\nDate: Fri, 20 Nov 2026 10:59:00 +0000\r\nMessage-ID: <1@x.example>\r\n\r\n{text}\r\n"
    );
    read::read(raw.as_bytes(), now())
}

fn said(verdict: Verdict, before: &str, own: bool) -> Correction {
    Correction { verdict, before: before.into(), own }
}

#[test]
fn a_kind_applies_to_mail_that_was_read_alike_and_to_no_other() {
    let human = mail("Ann <ann@acme.example>", "Thanks, we have got it.");
    let correction = said(Verdict::Kind(Kind::Automatic), "human", false);
    let changed = apply(&human, now(), std::slice::from_ref(&correction));
    assert_eq!(changed.kind, Kind::Automatic);
    assert_eq!(changed.tone, None);
    let mut bulk = human.clone();
    bulk.kind = Kind::Bulk;
    bulk.tone = None;
    assert_eq!(apply(&bulk, now(), &[correction]), bulk);
}

#[test]
fn what_was_read_as_a_machines_stays_unanswerable_when_it_is_said_to_be_human() {
    let mut automatic = mail("Ann <ann@acme.example>", "Sounds good, let us talk on Friday.");
    automatic.kind = Kind::Automatic;
    automatic.tone = None;
    let changed = apply(&automatic, now(), &[said(Verdict::Kind(Kind::Human), "automatic", true)]);
    assert_eq!(changed.kind, Kind::Human);
    assert!(changed.tone.is_some(), "a human mail sounds like something");
    assert_eq!(changed.marks, ["read as automatic before you corrected it"]);
}

#[test]
fn not_a_recruiter_holds_for_all_mail_of_the_sender() {
    let mut pitch = mail("Ann <ann@agency.example>", "A role for you.");
    pitch.recruiter.verdict = RecruiterVerdict::Recruiter;
    let changed = apply(&pitch, now(), &[said(Verdict::Recruiter(false), "unsure", false)]);
    assert_eq!(changed.recruiter.verdict, RecruiterVerdict::NotRecruiter);
    let lifted = apply(&changed, now(), &[said(Verdict::Recruiter(true), "unsure", false)]);
    assert_eq!(lifted.recruiter.verdict, RecruiterVerdict::NotRecruiter, "yes holds for its like only");
}

#[test]
fn a_bounce_by_word_names_nobody_and_a_bounce_that_was_read_keeps_its_recipients() {
    let plain = mail("Ann <ann@acme.example>", "It came back.");
    let bounced = apply(&plain, now(), &[said(Verdict::Kind(Kind::Bounce), "human", true)]);
    let bounce = bounced.bounce.unwrap();
    assert!(bounce.permanent && bounce.recipients.is_empty());
    let delayed = apply(&plain, now(), &[said(Verdict::Kind(Kind::Delay), "human", true)]);
    assert!(!delayed.bounce.unwrap().permanent);
}

#[test]
fn a_relay_is_told_apart_by_the_name() {
    let relay = |name: &str| scope(&mail(&format!("{name} <inmail-hit-reply@linkedin.com>"), "Hi"));
    assert_ne!(relay("Ann Archer"), relay("Bob Baker"));
    assert_eq!(scope(&mail("Ann <ann+x@acme.example>", "Hi")), "ann@acme.example");
}

#[test]
fn a_tone_is_read_with_its_detail_or_refused() {
    assert_eq!(parse_tone("not_now:2027-03-01"), Some(Tone::NotNow { until: "2027-03-01".parse().ok() }));
    assert_eq!(
        parse_tone("try_other:bo@acme.example"),
        Some(Tone::TryOther { address: Address::parse("bo@acme.example") })
    );
    for wrong in ["maybe", "not_now:soon", "try_other:nobody", "yes:1", ""] {
        assert_eq!(parse_tone(wrong), None, "{wrong}");
    }
}
