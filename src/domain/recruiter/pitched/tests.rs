use super::*;
use crate::domain::{inbound, reply_text};

fn pitched(from: &str, subject: &str, body: &str) -> Pitch {
    let raw = format!(
        "From: {from}\nTo: Dana Reyes <dana@devmail.example>\nSubject: {subject}\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}"
    );
    let mail = inbound::parse(raw.as_bytes());
    read(&mail, &reply_text::split(&mail))
}

#[test]
fn the_writers_own_title_is_no_role_that_is_offered() {
    let body = "Hi Dana,\n\nWe are growing the team and I would love a quick chat about it. Any time this week?\n\n\
                Carl\nHead of Platform, Exec Systems\n";
    let pitch = pitched("Carl Moor <carl@exec-systems.example>", "Quick chat?", body);
    assert_eq!(pitch.role, None);
    let body =
        "Hi Dana,\n\nI'm a Principal Engineer at Marbleport. We are hiring a Senior Storage Engineer. Interested?\n";
    let pitch = pitched("Ada Lund <ada@marbleport.example>", "Storage", body);
    assert_eq!(pitch.role.as_deref(), Some("Senior Storage Engineer"));
}

#[test]
fn a_firm_that_recruits_is_the_agency_and_never_the_employer() {
    let body = "Hi Dana,\n\nTalentCo is hiring a Senior Backend Engineer in Leeds. Are you open to a call?\n\nKim\n";
    let pitch = pitched("Kim Roth <kim@talentco.example>", "Backend", body);
    assert_eq!(pitch.agency.as_deref(), Some("TalentCo"));
    assert_eq!(pitch.company, None);
    let quiet = pitched("Kim Roth <kim@lomax.example>", "Backend", "Hi Dana, I have a backend role. A call?\n");
    assert_eq!(quiet.company, None, "a domain alone is no employer");
}

#[test]
fn the_name_of_a_role_is_read_whole() {
    for (text, role) in [
        ("We are hiring a Staff Engineer, Ledger. Interested?", "Staff Engineer, Ledger"),
        ("my client needs a Platform Engineer (Go) in Delft.", "Platform Engineer (Go)"),
        ("Wir suchen einen Teamleiter Embedded Software (m/w/d).", "Teamleiter Embedded Software (m/w/d)"),
        ("I'm looking for an Interim Head of IT for six months.", "Interim Head of IT"),
        ("On recherche une ingénieure de données senior.", "ingénieure de données senior"),
    ] {
        assert_eq!(role::read("Hello", text).as_deref(), Some(role), "{text}");
    }
}

#[test]
fn pay_is_read_as_it_is_written_and_other_money_is_none() {
    for (text, paid) in [
        ("It pays 95k plus 1.2% of it.", Some("95k plus 1.2%")),
        ("up to SAR 28,000 - 32,000 tax free", Some("SAR 28,000 - 32,000")),
        ("TJM 520, trois mois", Some("TJM 520")),
        ("stawka 28-34 tys. netto", Some("28-34 tys")),
        ("年収は900万〜1,300万円です", Some("900万〜1,300万円")),
        ("Entgelt nach E 14 TV-L", Some("E 14 TV-L")),
        ("550 a day", Some("550 a day")),
        ("we raised $14M, and pay $220k + 1.1%", Some("$220k + 1.1%")),
        ("a £500 voucher if you refer somebody", None),
        ("36 hours per week", None),
    ] {
        let read = pay::read(text);
        assert!(
            paid.map_or(read.is_none(), |paid| read.as_deref().is_some_and(|r| r.starts_with(paid))),
            "{text}: {read:?}"
        );
    }
}
