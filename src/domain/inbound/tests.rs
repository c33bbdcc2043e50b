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

/// Runs on the stack of a thread of the thread pools, in a debug build.
fn on_a_small_stack(raw: Vec<u8>) -> Inbound {
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || parse(&raw)).unwrap().join().unwrap()
}

fn nested(line: &str) -> Vec<u8> {
    let mut raw = b"From: a@b.example\r\n".to_vec();
    while raw.len() + line.len() < MAX_BYTES {
        raw.extend_from_slice(line.as_bytes());
    }
    raw
}

#[test]
fn no_nesting_within_the_limit_overflows_a_two_megabyte_stack() {
    for line in [
        "Content-Type: message/rfc822\n\n",
        "content-type:message/global\n\n",
        "Content-Type: message/ rfc822\n\n",
        "Content-Type: multipart/digest; boundary=b\n\n--b\n\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
        "Content-Type: multi\n part/mixed; boundary=b\n\n--b\n",
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n",
        "(((((((((((((((",
        "X: =?utf-8?q?=?utf-8?q?",
        "To: a:b:c:<<<,",
    ] {
        on_a_small_stack(nested(line));
    }
}

#[test]
fn parsing_takes_linear_time_on_hostile_shapes() {
    for line in
        ["--b\n", "=?utf-8?b?", "Received: from a by b\n", "<", "\r", "Content-Type: multipart/x; boundary=b\n\n--b\n"]
    {
        let start = std::time::Instant::now();
        parse(&nested(line));
        assert!(start.elapsed().as_secs() < 10, "{line:?} took {:?}", start.elapsed());
    }
}

#[test]
fn lines_may_end_with_a_carriage_return_alone() {
    let mail = parse(b"From: a@b.example\rSubject: old\r\rHello\rthere\r");
    assert_eq!((mail.subject.as_str(), mail.text.trim()), ("old", "Hello\nthere"));
}

#[test]
fn blank_lines_on_top_are_skipped() {
    assert_eq!(parse(b"  \r\n\r\nFrom: a@b.example\r\nSubject: x\r\n\r\nHi").subject, "x");
}

#[test]
fn undeclared_charsets_are_guessed() {
    let latin = parse(b"From: a@b.example\nSubject: Gr\xfc\xdfe\n\nSch\xf6ne Gr\xfc\xdfe\n");
    assert_eq!((latin.subject.as_str(), latin.text.trim()), ("Gr\u{fc}\u{df}e", "Sch\u{f6}ne Gr\u{fc}\u{df}e"));
    let japanese = parse(b"From: a@b.example\nSubject: \x1b$BFb\x1b(B\n\n\x1b$BFbMF\x1b(B\n");
    assert_eq!((japanese.subject.as_str(), japanese.text.trim()), ("\u{5185}", "\u{5185}\u{5bb9}"));
}

#[test]
fn declared_charsets_of_old_systems_are_decoded() {
    let utf7 = parse(b"From: a@b.example\nContent-Type: text/plain; charset=UTF-7\n\nHi Mom +Jjo-!\n");
    assert_eq!(utf7.text.trim(), "Hi Mom \u{263a}!");
    let unicode = parse(b"From: a@b.example\nContent-Type: text/plain; charset=unicode-1-1-utf-7\n\n+Jjo-!\n");
    assert_eq!(unicode.text.trim(), "\u{263a}!");
}

#[test]
fn a_wrong_boundary_is_read_by_the_one_that_is_shown() {
    let mail = parse(
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=\"right\"\n\n\
          --wrong\nContent-Type: text/plain\n\nHello\n--wrong\nContent-Type: image/png\n\nx\n--wrong--\n",
    );
    assert_eq!(mail.text.trim(), "Hello");
    assert!(mail.defects.contains(&Defect::BrokenMime));
}

#[test]
fn an_unclosed_boundary_is_a_defect_and_costs_no_text() {
    let mail = parse(
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nHello\n",
    );
    assert_eq!(mail.text.trim(), "Hello");
    assert!(mail.defects.contains(&Defect::BrokenMime));
}

#[test]
fn the_part_of_a_nested_message_holds_its_header() {
    let raw = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n\
                Message-ID: <in@b.example>\nSubject: inner\n\nText of it\n--x--\n";
    let mail = parse(raw);
    let part = mail.part("message/rfc822").unwrap();
    assert_eq!(part.text.trim(), "Message-ID: <in@b.example>\nSubject: inner");
    let inner = mail.parts.iter().find(|part| part.depth == 1).unwrap();
    assert_eq!(inner.text.trim(), "Text of it");
}

#[test]
fn a_base64_nested_message_holds_its_header_too() {
    use base64::Engine as _;
    let inner = base64::engine::general_purpose::STANDARD.encode("Message-ID: <in@b.example>\n\nText\n");
    let raw =
        format!("From: a@b.example\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}\n");
    assert_eq!(parse(raw.as_bytes()).part("message/rfc822").unwrap().text.trim(), "Message-ID: <in@b.example>");
}

#[test]
fn re_wrapping_changes_no_digest_and_another_text_does() {
    let of = |text: &str| parse(format!("From: a@b.example\nSubject: x\n\n{text}").as_bytes()).digest;
    assert_eq!(of("one two\nthree"), of("one\r\ntwo  three\n"));
    assert_ne!(of("one two three"), of("one two four"));
}

#[test]
fn a_mail_with_nothing_but_tnef_parses() {
    let mail = parse(b"From: a@b.example\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+Ig==\n");
    assert_eq!((mail.text.as_str(), mail.parts.len()), ("", 1));
}

#[test]
fn nested_messages_that_cross_their_boundaries_are_read_as_far_as_the_parser_bears_it() {
    // found by fuzzing: mail-parser asserts in debug builds that this cannot be
    let raw = b"From: a@b.example\nSubject: crossed\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHi\n--x\n\
                Content-Type: message/rfc822\n\nFrom: c@d.example\nContent-Type: multipart/report; boundary=y\n\
                Content-Type: message/rfc822\n\n--y\n\nIt failed.\n--y\nContent-Type: message/delivery-status\n\n\
                Action: failed\n--y--\n--x--\n";
    let mail = parse(raw);
    assert_eq!(mail.subject, "crossed");
    assert_eq!(mail.from.len(), 1);
    assert!(mail.defects.contains(&Defect::Unparsable) || mail.text.contains("Hi"), "{:?}", mail.defects);
}
