use super::*;
use crate::domain::read;

fn gist() -> Gist {
    let raw = "Return-Path: <maria.kowalska@brightforge.example>\r\n\
        Received: from a by b; Fri, 20 Nov 2026 11:00:00 +0000\r\n\
        From: Maria Kowalska <maria.kowalska@brightforge.example>\r\nTo: Dana Reyes <dana@devmail.example>\r\n\
        Cc: tom@brightforge.example\r\n\
        Subject: Out of office: Maria Kowalska\r\nDate: Fri, 20 Nov 2026 10:59:00 +0000\r\n\
        Message-ID: <abc.17@mail.brightforge.example>\r\nIn-Reply-To: <dana-9@devmail.example>\r\n\
        Auto-Submitted: auto-replied\r\n\r\n\
        Hi Dana,\r\n\r\nI am out of the office until 12 December. Please call +48 601 555 019 or write to\r\n\
        Tom.Novak@brightforge.example, see https://brightforge.example/team?u=7 or brightforge.example.\r\n\
        greetings, maria\r\n";
    read::read(raw.as_bytes(), "2026-11-20T12:00:00Z".parse().unwrap())
}

#[test]
fn nobody_can_be_told_by_it() {
    let eml = to_eml(&anonymise(&gist()));
    let lower = eml.to_lowercase();
    for told in ["maria", "kowalska", "brightforge", "dana", "reyes", "devmail", "novak", "601", "555", "team?u"] {
        assert!(!lower.contains(told), "{told} stayed in\n{eml}");
    }
    assert!(eml.contains("I am out of the office until 00 December"), "{eml}");
}

#[test]
fn one_person_is_one_stand_in_and_a_colleague_shares_the_organisation() {
    let anonymous = anonymise(&gist());
    let from = anonymous.from.clone().unwrap().address;
    assert_eq!(anonymous.return_path, ReturnPath::Mailbox(from.clone()));
    assert_eq!(anonymous.cc[0].address.domain(), from.domain());
    assert_ne!(anonymous.to[0].address.domain(), from.domain());
    assert_eq!(anonymous.in_reply_to[0].as_str().rsplit_once('@').unwrap().1, anonymous.to[0].address.domain());
}

#[test]
fn what_decided_is_still_in_the_mail() {
    let before = gist();
    let again = read::read(to_eml(&anonymise(&before)).as_bytes(), "2026-11-20T12:00:00Z".parse().unwrap());
    assert_eq!(again.kind, before.kind);
    assert_eq!(again.marks, before.marks);
    assert_eq!(again.came, before.came);
}

#[test]
fn public_providers_and_machines_keep_their_names() {
    let mut names = Names::default();
    let address = |names: &mut Names, text: &str| names.address(&Address::parse(text).unwrap()).to_string();
    assert_eq!(address(&mut names, "jane.doe@gmail.com"), "person1@gmail.com");
    assert_eq!(address(&mut names, "mailer-daemon@acme.example"), "mailer-daemon@org1.example");
}
