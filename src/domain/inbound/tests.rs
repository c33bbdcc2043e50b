use super::*;
use proptest::prelude::*;

#[test]
fn a_plain_mail_gives_its_fields() {
    let mail = parse(
        b"Return-Path: <r@agency.example>\r\nFrom: =?utf-8?Q?J=C3=B6rg?= <R@Agency.example>\r\nTo: Dana <dana@devmail.example>\r\n\
          Subject: =?utf-8?B?SGFsbG8=?=\r\n welt\r\nMessage-ID: <X1@agency.example>\r\nReferences: <a@b><c@d>\r\n\
          Date: Thu, 1 Oct 2026 09:00:00 +0200\r\n\r\nGood day\r\n",
    );
    assert_eq!(mail.author().map(NamedAddress::label), Some("Jörg"));
    assert_eq!(mail.subject, "Hallo welt");
    assert_eq!(mail.references.len(), 2);
    assert_eq!(mail.message_id.as_ref().map(MessageId::as_str), Some("X1@agency.example"));
    assert_eq!(mail.date.map(|at| at.to_string()), Some("2026-10-01T07:00:00Z".into()));
    assert_eq!(mail.text.trim(), "Good day");
    assert!(matches!(&mail.return_path, ReturnPath::Mailbox(a) if a.as_str() == "r@agency.example"));
    assert_eq!(mail.defects, []);
}

#[test]
fn an_empty_return_path_is_null_and_a_missing_one_absent() {
    assert_eq!(parse(b"Return-Path: <>\r\nFrom: a@b.c\r\n\r\n").return_path, ReturnPath::Null);
    assert_eq!(parse(b"From: a@b.c\r\n\r\n").return_path, ReturnPath::Absent);
}

#[test]
fn an_mbox_line_on_top_is_no_header() {
    assert_eq!(parse(b"From dana Thu Oct 1 09:00:00 2026\nFrom: a@b.c\n\nx").from.len(), 1);
}

#[test]
fn ten_thousand_nested_messages_cost_only_their_header() {
    let mut raw = b"From: a@b.c\r\nSubject: deep\r\n".to_vec();
    for _ in 0..10_000 {
        raw.extend_from_slice(b"Content-Type: message/rfc822\r\n\r\n");
    }
    let mail = parse(&raw);
    assert!(mail.defects.contains(&Defect::TooDeep));
    assert_eq!(mail.subject, "deep");
}

#[test]
fn an_announced_gigabyte_is_cut_at_the_limit() {
    let mut raw = b"From: a@b.c\r\n\r\n".to_vec();
    raw.resize(MAX_BYTES * 4, b'x');
    let mail = parse(&raw);
    assert!(mail.defects.contains(&Defect::Truncated));
    assert!(mail.text.len() <= MAX_BYTES);
}

proptest! {
    #[test]
    fn any_bytes_parse(raw in proptest::collection::vec(any::<u8>(), 0..2000)) {
        parse(&raw);
    }

    #[test]
    fn any_header_lines_parse(lines in proptest::collection::vec("[A-Za-z-]{1,20}: [^\r\n]{0,60}", 0..20)) {
        let mut raw = lines.join("\r\n");
        raw.push_str("\r\n\r\nbody");
        parse(raw.as_bytes());
    }
}
