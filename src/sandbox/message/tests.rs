use super::*;

#[test]
fn a_mail_is_cut_at_its_first_empty_line() {
    let cases: [(&[u8], &[u8], &[u8]); 5] = [
        (b"A: 1\r\n\r\nbody\r\n\r\nmore", b"A: 1\r\n\r\n", b"body\r\n\r\nmore"),
        (b"A: 1\n\nbody", b"A: 1\n\n", b"body"),
        (b"A: 1\r\n", b"A: 1\r\n", b""),
        (b"\r\nbody", b"\r\n", b"body"),
        (b"", b"", b""),
    ];
    for (mail, header, body) in cases {
        assert_eq!(split(mail), (header, body));
    }
}

#[test]
fn folded_fields_stay_together_and_are_unfolded_as_values() {
    let mail = b"Subject: a\r\n  long one\r\nTo: b\r\nsubject : second\r\n\r\nSubject: not a header\r\n";
    assert_eq!(fields(mail).len(), 3);
    assert_eq!(values(mail, b"SUBJECT"), [b"a  long one".to_vec(), b"second".to_vec()]);
    assert!(values(mail, b"Cc").is_empty());
}

#[test]
fn a_new_message_id_replaces_every_old_one() {
    let mail = b"Message-Id: <old@x>\r\nSubject: s\r\nMESSAGE-ID: <older@x>\r\n\r\nMessage-ID: stays";
    assert_eq!(with_message_id(mail, "new@y"), b"Message-ID: <new@y>\r\nSubject: s\r\n\r\nMessage-ID: stays");
}

#[test]
fn the_day_of_sending_is_read_without_its_zone() {
    let mail = |date: &str| format!("Date: {date}\r\n\r\n").into_bytes();
    assert_eq!(sent_on(&mail("Thu, 1 Jan 2026 23:30:00 -0800")), Some(jiff::civil::date(2026, 1, 1)));
    assert_eq!(sent_on(&mail("yesterday")), None);
}
