use super::*;

fn ids(field: &str) -> Vec<String> {
    MessageId::parse_list(field).iter().map(|id| id.as_str().to_owned()).collect()
}

#[test]
fn ids_joined_without_a_space_are_told_apart() {
    assert_eq!(ids("<a@b><c@d>"), ["a@b", "c@d"]);
}

#[test]
fn ids_without_brackets_are_read_from_a_list_with_commas() {
    assert_eq!(ids("a@b, c@d"), ["a@b", "c@d"]);
}

#[test]
fn an_id_folded_in_its_middle_is_joined_again() {
    assert_eq!(ids("<very-long\r\n -id@host>"), ["very-long-id@host"]);
}

#[test]
fn words_around_a_bracketed_id_are_no_ids() {
    assert_eq!(ids("Your message of Mon <a@b> \"from x@y\""), ["a@b"]);
}

#[test]
fn the_left_part_of_a_message_id_keeps_its_case() {
    assert_ne!(MessageId::parse("<A@b>"), MessageId::parse("<a@b>"));
}

#[test]
fn an_address_without_a_domain_is_none() {
    for text in ["", "dana", "@x", "dana@", "a b@c.d", "a@b,c@d"] {
        assert_eq!(Address::parse(text), None, "{text}");
    }
}

#[test]
fn spellings_of_one_mailbox_share_their_key() {
    let key = |text: &str| Address::parse(text).map(|a| a.mailbox_key());
    assert_eq!(key("Dana.Reyes+jobs@GoogleMail.com"), key("danareyes@gmail.com"));
    assert_eq!(key("prvs=123abc=dana@devmail.example"), key("dana@devmail.example"));
    assert_ne!(key("dana.reyes@devmail.example"), key("danareyes@devmail.example"));
}

#[test]
fn an_organisation_is_the_registrable_domain_and_freemail_is_none() {
    let organisation = |text: &str| Organisation::of_domain(text).map(|o| o.as_str().to_owned());
    assert_eq!(organisation("mail.acme.co.uk"), Some("acme.co.uk".into()));
    assert_eq!(organisation("gmail.com"), None);
    assert_eq!(organisation("co.uk"), None);
}

#[test]
fn subjects_lose_leads_tags_and_case_until_nothing_more_falls_off() {
    for (subject, base) in [
        ("Re: [EXTERNAL] AW: Coffee about Rust", "coffee about rust"),
        ("RE[2]: Re(3): Fwd: Coffee  about\u{a0}Rust", "coffee about rust"),
        ("回复：Re: Coffee about Rust", "coffee about rust"),
        ("***SPAM*** Coffee about Rust (fwd)", "coffee about rust"),
        ("SV : Coffee about Rust", "coffee about rust"),
        ("Regarding: tests", "regarding: tests"),
        ("[only a tag]", "[only a tag]"),
    ] {
        assert_eq!(BaseSubject::of(subject).as_str(), base, "{subject}");
    }
}

#[test]
fn a_generic_subject_tells_nothing() {
    for subject in ["Hello", "Re: CV", "", "Quick question!", "Bewerbung"] {
        assert!(!BaseSubject::of(subject).is_telling(), "{subject}");
    }
    assert!(BaseSubject::of("Coffee about your Rust work").is_telling());
}

#[test]
fn the_message_id_of_a_key_depends_on_the_key_and_the_secret_alone() {
    let key = |step| {
        let to = Address::parse("r@agency.example").unwrap();
        DedupeKey::new("personal", "root@x", &to, "check-back", step, 0)
    };
    assert_eq!(key(0).message_id(b"s", "d.example"), key(0).message_id(b"s", "d.example"));
    assert_ne!(key(0).message_id(b"s", "d.example"), key(1).message_id(b"s", "d.example"));
    assert_ne!(key(0).message_id(b"s", "d.example"), key(0).message_id(b"t", "d.example"));
}

#[test]
fn a_reply_has_one_re_and_the_originals_subject() {
    for (original, reply) in [
        ("Staff engineer", "Re: Staff engineer"),
        ("Re: Staff engineer", "Re: Staff engineer"),
        ("RE: re:Re [2]: Staff engineer", "Re: Staff engineer"),
        ("Regarding: you", "Re: Regarding: you"),
        ("Fwd: a\r\nBcc: b", "Re: Fwd: a Bcc: b"),
        ("", "Re:"),
    ] {
        assert_eq!(reply_subject(original), reply);
    }
}

#[test]
fn somebody_without_an_address_has_a_stand_in_that_no_mail_reaches() {
    let jane = Address::stand_in("Jane  Döring (Acme)").unwrap();
    assert_eq!(jane.as_str(), "jane-döring-acme@people.invalid");
    assert!(jane.is_stand_in() && jane.organisation().is_none());
    assert!(!Address::parse("jane@acme.example").unwrap().is_stand_in());
    assert_eq!(Address::stand_in(" - "), None);
}
