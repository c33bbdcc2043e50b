use async_imap::imap_proto::Response;
use proptest::prelude::*;

use super::*;

fn filter() -> Filter {
    let mut filter = Filter::new(64 * 1024);
    filter.expect(100, 1 << 20);
    filter
}

fn passed(input: impl AsRef<[u8]>) -> Result<String, Refusal> {
    let mut out = Vec::new();
    filter().feed(input.as_ref(), &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn known_lines_pass_and_unknown_untagged_ones_do_not() {
    let known = "* OK hi\r\n* bye now\r\n* 3 EXISTS\r\n* 3 fetch (UID 4)\r\n* SEARCH 1 2\r\n+ go\r\nC1 OK done\r\n";
    assert_eq!(passed(known).unwrap(), known);
    assert_eq!(
        passed("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n* ID (\"a\" {3}\r\n\0)(\"b\")\r\n* 5 ODD\r\n*\r\n").unwrap(),
        "*\r\n"
    );
}

#[test]
fn a_literal_of_a_fetch_passes_whatever_it_holds() {
    let fetch = "* 1 FETCH (UID 5 BODY[]<0> {12}\r\n((\"\r\n* ID\0{9 X {3}\r\nabc)\r\n* 2 EXISTS\r\n";
    assert_eq!(passed(fetch).unwrap(), fetch);
}

#[test]
fn list_lines_are_taken_aside_with_their_literals() {
    let mut filter = filter();
    let mut out = Vec::new();
    filter.feed(b"* LIST () \"/\" {4}\r\na\r\nb\r\n* XLIST (\\AllMail) \"/\" x\r\nC1 OK\r\n", &mut out).unwrap();
    assert_eq!(out, b"C1 OK\r\n");
    let names = filter.take_names();
    assert_eq!(names, [&b"* LIST () \"/\" {4}\r\na\r\nb\r\n"[..], b"* XLIST (\\AllMail) \"/\" x\r\n"]);
}

#[test]
fn what_is_too_large_is_refused_at_its_announcement() {
    for line in [
        "* 1 FETCH (BODY[] {101}\r\n",
        "* OK {99999999999999999999999}\r\n",
        "* LIST () \"/\" {65537}\r\n",
        "* X (~{4000000000}\r\n",
    ] {
        assert_eq!(passed(line), Err(Refusal::TooLarge), "{line}");
    }
    assert_eq!(passed(vec![b'x'; 70_000]), Err(Refusal::TooLarge));
    let mut filter = filter();
    filter.expect(100, 10);
    assert_eq!(filter.feed(b"* OK 1234567\r\n", &mut Vec::new()), Err(Refusal::TooLarge));
}

#[test]
fn nesting_cannot_be_hidden_from_the_filter() {
    let deep = "(".repeat(400);
    for line in [
        format!("* 1 FETCH (BODYSTRUCTURE {deep}\r\n"),
        format!("* 1 FETCH (X \"{deep}\r\n"),
        // no literal for the parser, so none here either
        format!("* 1 FETCH (X a{{50}}\r\n BODYSTRUCTURE {deep}\r\n"),
        format!("* 1 FETCH (X \"a {{50}}\r\n BODYSTRUCTURE {deep}\r\n"),
        format!("* 1 FETCH (X (y {{50}}\r\n) BODYSTRUCTURE {deep}\r\n"),
        format!("* 1 FETCH (X ~{{50}}\r\n BODYSTRUCTURE {deep}\r\n"),
        format!("* OK {{50}}\r\n* 1 FETCH (BODYSTRUCTURE {deep}\r\n"),
    ] {
        match passed(&line) {
            Err(Refusal::Garbled(_)) => {}
            // what came through must be harmless: a parser that recursed would end this process
            Ok(out) => drop(Response::parse(out.as_bytes())),
            Err(other) => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn nul_bytes_and_dateless_messages_are_refused() {
    assert!(matches!(passed("* OK \0"), Err(Refusal::Garbled(_))));
    assert!(matches!(passed("* OK [UIDVALIDITY 7]ébc\r\n"), Err(Refusal::Garbled(_))));
    assert!(passed("* OK [ALERT] é [x]é\r\n").is_ok());
    assert!(matches!(passed("* 1 FETCH (InternalDate NIL)\r\n"), Err(Refusal::Garbled(_))));
}

proptest! {
    #[test]
    fn how_the_bytes_are_cut_makes_no_difference(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "* 1 FETCH (UID 2 BODY[] {5}\r\n", "ab\r\nc", " {3}\r\n", ")\r\n", "* LIST () \"/\" x\r\n", "* OK \r\n",
            "* ID (\"a\" {2}\r\n", "C1 OK\r\n", "\"", "(", "\0", "* 5 EXISTS\r\n", "{50}\r\n", " ",
        ]), 0..12),
        cut in 1usize..7,
    ) {
        let whole = pieces.concat();
        let (mut one, mut other) = (filter(), filter());
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let at_once = one.feed(whole.as_bytes(), &mut first);
        let mut in_parts = Ok(());
        for part in whole.as_bytes().chunks(cut) {
            in_parts = in_parts.and_then(|()| other.feed(part, &mut second));
        }
        prop_assert_eq!(&at_once, &in_parts);
        if at_once.is_ok() {
            prop_assert_eq!(first, second);
            prop_assert_eq!(one.take_names(), other.take_names());
        }
    }

    #[test]
    fn whatever_passes_the_filter_does_not_panic_the_parser(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "* ", "1 ", "FETCH ", "(", ")", "UID ", "5 ", "BODY[] ", "{3}\r\n", "abc", "\r\n", "INTERNALDATE ", "NIL", "\"",
            "\\", "OK ", "[", "]", "COPYUID 1 5:2 9", "APPENDUID 1 2:1", "UIDNEXT 99999999999", "CAPABILITY ", "IMAP4rev1 ",
            "SEARCH ", "EXISTS", "C1 ", "+", "ENVELOPE ", "BODYSTRUCTURE ", "FLAGS ", "MODSEQ ", "X-GM-MSGID ", "* ID (\"a\" NIL)\r\n",
            "* METADATA \"\" \"\u{e9}\"\r\n", "* VANISHED 5:1\r\n", "* QUOTA x\r\n", "\u{e9}", " ",
        ]), 0..40),
    ) {
        let mut out = Vec::new();
        let mut filter = filter();
        let _ = filter.feed(pieces.concat().as_bytes(), &mut out);
        let mut rest: &[u8] = &out;
        while let Ok((after, _)) = Response::parse(rest) {
            rest = after;
        }
    }
}
