use proptest::prelude::*;

use super::*;
use crate::domain::inbound;
use crate::domain::{language, reply_text};

/// Mails of a fixture: `=== name`, the header fields that matter, the text.
fn fixtures(table: &'static str) -> Vec<(&'static str, String)> {
    let fixed = "To: Sam Keller <sam@devmail.example>\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n\
                 Message-ID: <1@x.example>\nContent-Type: text/plain; charset=utf-8\n";
    let blocks = table.split("=== ").skip(1);
    blocks.filter_map(|block| block.split_once('\n')).map(|(name, mail)| (name, format!("{fixed}{mail}"))).collect()
}

fn read(raw: &str) -> (Inbound, ReplyText, Assessment) {
    let mail = inbound::parse(raw.as_bytes());
    let text = reply_text::split(&mail);
    let found = assess(&mail, &text, language::of(&text.own).as_deref());
    (mail, text, found)
}

fn pitch_of(from: &str, subject: &str, body: &str) -> Pitch {
    let (mail, text, _) = read(&format!(
        "From: {from}\nTo: sam@devmail.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    ));
    pitch(&mail, &text)
}

const PITCHES: &[&str] = &[
    include_str!("../../../tests/fixtures/recruiter/pitches.txt"),
    include_str!("../../../tests/fixtures/recruiter/set_a/pitches_en.txt"),
    include_str!("../../../tests/fixtures/recruiter/set_a/pitches_world.txt"),
    include_str!("../../../tests/fixtures/recruiter/set_b/pitches.txt"),
];
const OTHERS: &[&str] = &[
    include_str!("../../../tests/fixtures/recruiter/others.txt"),
    include_str!("../../../tests/fixtures/recruiter/set_a/others_en.txt"),
    include_str!("../../../tests/fixtures/recruiter/set_a/others_world.txt"),
    include_str!("../../../tests/fixtures/recruiter/set_b/others.txt"),
];

#[test]
fn most_pitches_are_answered_and_none_is_let_go() {
    let (mut all, mut held) = (0, Vec::new());
    for (name, raw) in PITCHES.iter().flat_map(|table| fixtures(table)) {
        let (_, _, found) = read(&raw);
        assert_ne!(found.verdict, RecruiterVerdict::NotRecruiter, "{name}: {found:?}");
        assert!(!found.scam, "{name}: {found:?}");
        all += 1;
        if found.verdict == RecruiterVerdict::Unsure {
            held.push(name);
        }
    }
    assert!(held.len() * 100 < all * 12, "held {} of {all}: {held:?}", held.len());
}

#[test]
fn mail_that_only_sounds_like_a_pitch_is_never_answered() {
    for (name, raw) in OTHERS.iter().flat_map(|table| fixtures(table)) {
        let (_, _, found) = read(&raw);
        assert_ne!(found.verdict, RecruiterVerdict::Recruiter, "{name}: {found:?}");
    }
}

#[test]
fn a_greeting_to_somebody_else_is_known() {
    let greets = |to: &str, own: &str| {
        let raw = format!("From: a@b.example\nTo: {to}\nSubject: x\n\n{own}\n");
        greeting::names_another(&inbound::parse(raw.as_bytes()), own)
    };
    let sam = "Sam Keller <sam@devmail.example>";
    assert!(greets(sam, "Hi Katherine, one of my clients …"));
    assert!(greets(sam, "Sehr geehrter Herr Okonkwo, …"));
    for own in
        ["Hi Sam,", "Dear Mr. Keller,", "Hi Samuel!", "Hi there,", "Dear Hiring friend", "hello", "Hi I'm Tom", "Sam,"]
    {
        assert!(!greets(sam, own), "{own}");
    }
    assert!(!greets("sam@devmail.example", "Hi Katherine,"));
}

#[test]
fn nothing_is_no_pitch() {
    let found = assess(&Inbound::default(), &ReplyText::default(), None);
    assert_eq!(found.verdict, RecruiterVerdict::NotRecruiter);
}

#[test]
fn signals_come_strongest_first_and_those_against_bear_a_minus() {
    let (_, _, found) = read(
        "From: a@b.example\nSubject: Engineer\n\nThank you for applying. We are hiring an engineer. Interested?\n",
    );
    assert_eq!(found.signals.first().map(String::as_str), Some("-application_receipt"));
    assert!(found.signals.contains(&"hiring".to_owned()), "{found:?}");
}

#[test]
fn every_phrase_raises_a_signal_that_has_a_weight() {
    for name in phrases::table_names() {
        assert!(signals::of(name).is_some(), "{name} is not in the table of signals");
    }
}

#[test]
fn a_pitch_in_a_language_without_a_table_is_held_at_most() {
    let raw = &fixtures(include_str!("../../../tests/fixtures/recruiter/pitches.txt"))[0].1;
    let (mail, text, _) = read(raw);
    assert_eq!(assess(&mail, &text, Some("fi")).verdict, RecruiterVerdict::Unsure);
}

#[test]
fn relays_are_known_by_their_domain() {
    assert!(is_relay("inmail.linkedin.com") && is_relay("mail.xing.com") && is_relay("eu.greenhouse.io"));
    assert!(!is_relay("brightstaff.example") && !is_relay("gmail.com") && !is_relay(""));
}

#[test]
fn an_agency_pitch_is_taken_apart() {
    let found = pitch_of(
        "Laura Mills <laura@brightstaff.example>",
        "Senior Backend Engineer (Go) | Manchester",
        "Hello Sam,\n\nI look after software roles for Brightstaff. My client in Manchester needs a Senior Backend Engineer, \
         £70,000 - £85,000, permanent, two days a week in the office, hybrid. Kafka and PostgreSQL are used.\n\
         https://brightstaff.example/jobs/17\nUnsubscribe: https://brightstaff.example/unsubscribe/1\n",
    );
    assert_eq!(found.role.as_deref(), Some("Senior Backend Engineer (Go)"));
    assert_eq!(found.agency.as_deref(), Some("Brightstaff"));
    assert_eq!(found.company, None);
    assert_eq!(found.place.as_deref(), Some("Manchester"));
    assert_eq!(found.pay.as_deref(), Some("£70,000 - £85,000"));
    assert_eq!(found.contract.as_deref(), Some("permanent"));
    assert_eq!(found.remote.as_deref(), Some("hybrid"));
    assert_eq!(found.skills, ["Go", "Kafka", "PostgreSQL"]);
    assert_eq!(found.link.as_deref(), Some("https://brightstaff.example/jobs/17"));
}

#[test]
fn pay_is_read_as_it_is_written() {
    let table = [
        ("It pays €90–110k plus bonus.", "€90–110k"),
        ("We pay 120-140k EUR.", "120-140k EUR"),
        ("Das Gehalt liegt zwischen 75.000 und 85.000 Euro.", "75.000 und 85.000 Euro"),
        ("Rate: $70/hr on C2C", "$70/hr"),
        ("stawka 150-180 zł/h netto", "150-180 zł/h"),
        ("年収は800万円から1000万円です", "800万円から1000万円"),
        ("£600 per day outside IR35", "£600 per day"),
    ];
    for (text, pay) in table {
        assert_eq!(pitch_of("a@firm.example", "Job", text).pay.as_deref(), Some(pay), "{text}");
    }
}

#[test]
fn go_is_a_skill_only_where_it_is_no_verb() {
    assert!(pitch_of("a@firm.example", "Hi", "We can go through it. Go ahead and call.").skills.is_empty());
    assert_eq!(pitch_of("a@firm.example", "Hi", "We write Go and C++.").skills, ["Go", "C++"]);
}

#[test]
fn one_role_from_two_agencies_is_known_and_two_roles_are_told_apart() {
    let pitch = |role: &str, company: &str, place: &str, pay: &str, skills: &[&str]| Pitch {
        role: Some(role.to_owned()),
        company: (!company.is_empty()).then(|| company.to_owned()),
        place: (!place.is_empty()).then(|| place.to_owned()),
        pay: (!pay.is_empty()).then(|| pay.to_owned()),
        skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
        ..Pitch::default()
    };
    let first = pitch("Senior Backend Engineer", "", "Manchester", "£70,000 - £85,000", &["Go", "Kafka"]);
    assert!(same_role(&first, &pitch("Backend Engineer", "", "Manchester", "£70k-85k", &["Kafka"])));
    assert!(same_role(&first, &pitch("Backend Engineer", "", "Manchester", "", &["Go", "Kafka", "AWS"])));
    assert!(!same_role(&first, &pitch("Frontend Engineer", "", "Manchester", "£70k-85k", &["Kafka"])));
    assert!(!same_role(&first, &pitch("Backend Engineer", "", "Leeds", "£70k-85k", &["Go", "Kafka"])));
    assert!(!same_role(&first, &pitch("Backend Engineer", "", "", "", &[])));
    let named = pitch("Data Engineer", "Acme", "", "", &[]);
    assert!(same_role(&named, &pitch("Senior Data Engineer", "Acme GmbH", "Berlin", "", &[])));
    assert!(!same_role(&named, &pitch("Data Engineer", "Umbra", "", "", &[])));
    assert!(!same_role(&Pitch::default(), &Pitch::default()));
}

proptest! {
    #[test]
    fn any_text_is_assessed_alike_twice(subject in ".{0,60}", own in "(?s).{0,400}", quoted in "(?s).{0,100}") {
        let mail = Inbound { subject, ..Inbound::default() };
        let text = ReplyText { own, quoted, ..ReplyText::default() };
        let found = assess(&mail, &text, None);
        prop_assert!((0.0..=1.0).contains(&found.score));
        prop_assert_eq!(found, assess(&mail, &text, None));
        let _ = pitch(&mail, &text);
    }
}
