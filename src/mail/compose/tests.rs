use super::*;
use crate::domain::ident::Address;

fn named(name: Option<&str>, address: &str) -> NamedAddress {
    NamedAddress { name: name.map(str::to_owned), address: Address::parse(address).unwrap() }
}

fn id(text: &str) -> MessageId {
    MessageId::parse(text).unwrap()
}

fn now() -> Zoned {
    "2026-11-20T10:05:07-08:00[America/Los_Angeles]".parse().unwrap()
}

fn draft() -> Draft {
    Draft {
        from: named(Some("Dana Reyes"), "dana@devmail.example"),
        to: named(None, "rae@agency.example"),
        subject: "Re: Staff engineer".to_owned(),
        text: "Hi,\n\nbye\n".to_owned(),
        html: None,
        in_reply_to: Some(id("b@agency.example")),
        references: vec![id("a@agency.example"), id("b@agency.example")],
        message_id: id("c@devmail.example"),
        auto_submitted: Some(AutoSubmitted::Replied),
    }
}

fn rendered(draft: &Draft) -> String {
    String::from_utf8(render(draft, &now()).unwrap()).unwrap()
}

fn assert_is_plain_mail(text: &str) {
    assert!(text.is_ascii());
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "only CRLF: {text:?}");
    assert!(text.split("\r\n").all(|line| line.len() <= 998));
}

#[test]
fn the_bytes_of_an_answer_are_exactly_these() {
    assert_eq!(
        rendered(&draft()),
        "Date: Fri, 20 Nov 2026 10:05:07 -0800\r\n\
         From: \"Dana Reyes\" <dana@devmail.example>\r\n\
         To: rae@agency.example\r\n\
         Subject: Re: Staff engineer\r\n\
         MIME-Version: 1.0\r\n\
         Message-ID: <c@devmail.example>\r\n\
         In-Reply-To: <b@agency.example>\r\n\
         References: <a@agency.example>\r\n <b@agency.example>\r\n\
         Auto-Submitted: auto-replied\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n\
         Hi,\r\n\r\nbye\r\n"
    );
}

#[test]
fn a_paragraph_in_one_line_leaves_as_it_is() {
    let mut draft = draft();
    draft.text = "Thanks for reaching out, ".repeat(8);
    let text = rendered(&draft);
    assert!(text.ends_with(&format!("\r\n\r\n{}\r\n", draft.text.trim_end())), "{text}");
    assert!(text.contains("Content-Transfer-Encoding: 7bit"));
}

#[test]
fn what_a_person_sends_bears_no_mark_of_a_machine() {
    let mut draft = draft();
    draft.auto_submitted = None;
    assert!(!rendered(&draft).contains("Auto-Submitted"));
    draft.auto_submitted = Some(AutoSubmitted::Generated);
    assert!(rendered(&draft).contains("\r\nAuto-Submitted: auto-generated\r\n"));
}

#[test]
fn text_beyond_ascii_and_long_lines_leave_as_7bit() {
    for text in
        ["Grüße aus Köln", "日本語のメールです。よろしくお願いします。", &"x".repeat(5000), &"ein wort ".repeat(500)]
    {
        let mut draft = draft();
        draft.text = text.to_owned();
        draft.subject = format!("Re: {text}");
        draft.from.name = Some("Dáná Réyes".to_owned());
        let mail = rendered(&draft);
        assert_is_plain_mail(&mail);
        let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
        assert_eq!(parsed.body_text(0).unwrap().trim_end().replace("\r\n", "\n"), text.trim_end());
        assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("Dáná Réyes"));
    }
}

#[test]
fn nothing_in_a_draft_becomes_a_header_of_its_own() {
    let mut draft = draft();
    draft.subject = "hi\r\nBcc: eve@evil.example\r\n\r\nowned\u{2028}x\0".to_owned();
    draft.to.name = Some("Rae\r\nBcc: eve@evil.example".to_owned());
    draft.from.name = Some("\" <eve@evil.example>,\n".to_owned());
    let mail = rendered(&draft);
    assert_is_plain_mail(&mail);
    let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
    assert!(parsed.bcc().is_none());
    assert_eq!(parsed.to().unwrap().iter().count(), 1);
    assert_eq!(parsed.from().unwrap().first().unwrap().address(), Some("dana@devmail.example"));
    assert_eq!(parsed.body_text(0).unwrap().trim_end(), "Hi,\r\n\r\nbye");
}

#[test]
fn text_with_odd_line_ends_and_control_characters_is_made_plain() {
    let mut draft = draft();
    draft.text = "a\rb\r\nc\u{0}\u{7}d\n.\n\n\n".to_owned();
    assert!(rendered(&draft).ends_with("\r\n\r\na\r\nb\r\ncd\r\n.\r\n"));
}

#[test]
fn a_long_thread_keeps_its_first_and_last_ids_each_on_a_line() {
    let mut draft = draft();
    draft.references = (0..200).map(|n| id(&format!("{n}.{}@agency.example", "x".repeat(200)))).collect();
    draft.references.push(id(&"y".repeat(950)));
    draft.references.push(id("ü@agency.example"));
    let mail = rendered(&draft);
    assert_is_plain_mail(&mail);
    let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
    let ids = parsed.references().as_text_list().unwrap().to_vec();
    assert_eq!(ids.len(), MAX_REFERENCES);
    assert!(ids[0].starts_with("0.") && ids[1].starts_with("171.") && ids[29].starts_with("199."));
}

#[test]
fn the_same_draft_gives_the_same_bytes_with_html_too() {
    let mut draft = draft();
    draft.html = Some("<p>Hi,</p><p>bye – bis bald</p>".to_owned());
    let mail = rendered(&draft);
    assert_eq!(mail, rendered(&draft));
    assert_is_plain_mail(&mail);
    let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>Hi,</p><p>bye – bis bald</p>");
    assert_eq!(parsed.body_text(0).unwrap().trim_end(), "Hi,\r\n\r\nbye");
}

#[test]
fn no_text_and_no_usable_address_are_no_mail() {
    let mut empty = draft();
    empty.text = " \n".to_owned();
    assert!(matches!(render(&empty, &now()), Err(ComposeError::Empty)));
    let mut foreign = draft();
    foreign.to = named(None, "rené@agency.example");
    assert!(matches!(render(&foreign, &now()), Err(ComposeError::Address { .. })));
}
