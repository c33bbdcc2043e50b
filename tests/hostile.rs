//! Any bytes as the answers of an IMAP server: the client's own command loop ends every conversation soon, on
//! a small stack, and what it understands is what was asked for. `fuzz/` runs the same for hours.

#[cfg(test)]
#[path = "hostile/server.rs"]
mod server;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

    use super::server::{NEXT, UNFINISHED, converse};

    const STACK: usize = 2 * 1024 * 1024;
    const CASES: u32 = 300;

    /// What servers say, whole and in pieces.
    const PIECES: &[&[u8]] = &[
        b"* 3 EXISTS\r\n",
        b"* OK [UIDVALIDITY 7] ok\r\n",
        b"* OK [UIDNEXT 4294967295] ok\r\n",
        b"* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n",
        b"* 2 FETCH (UID 7 FLAGS (\\Draft \\Seen) INTERNALDATE \"17-Jul-2026 02:44:25 -0700\" BODY[]<0> {5}\r\nA: b\n)\r\n",
        b"* 9 FETCH (BODY[HEADER]<0> \"x\" UID 2 X-GM-THRID 1 X-GM-MSGID 99999999999999999999)\r\n",
        b"* 1 FETCH (UID 1 BODY[] {536870912}\r\nabc",
        b"* 1 FETCH (UID 1 BODYSTRUCTURE ((((((",
        b"* 1 FETCH (INTERNALDATE NIL)\r\n",
        b"* LIST (\\Sent \\HasNoChildren) \"/\" {4}\r\nSent\r\n",
        b"* LIST () NIL \"a\\\"b\"\r\n",
        b"* LIST (\\Noselect) \"/\" \"\"\r\n",
        b"* XLIST (\\AllMail) \"/\" &-&AOQ-\r\n",
        b"* SEARCH 1 2 3 4294967295 0\r\n",
        b"* SEARCH 1 2 (MODSEQ 9)\r\n",
        b"* ESEARCH (TAG \"C1\") UID ALL 1:9\r\n",
        b"* VANISHED (EARLIER) 1:4294967295\r\n",
        b"* 1 EXPUNGE\r\n",
        b"* BYE see you\r\n",
        b"* CAPABILITY IMAP4rev1 MESSAGELIMIT=0\r\n",
        b"+ go on\r\n",
        b"C3 NO [UNAVAILABLE] later\r\n",
        b"C4 BAD what\r\n",
        b"C99999999999 OK x\r\n",
        b"* METADATA x (y {3}\r\nabc)\r\n",
        b"\r\n",
        b"*\r\n",
        b"* OK a\0b\r\n",
        b"{12}\r\n",
        b"{3+}\r\n",
        b"~{9}\r\n",
        b"(\"",
        b"\xff\xfb",
    ];

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            6 => prop::sample::select(PIECES).prop_map(<[u8]>::to_vec),
            1 => (prop::sample::select(PIECES), 0..60_usize)
                .prop_map(|(piece, length)| piece[..length.min(piece.len())].to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..40),
            1 => Just(vec![UNFINISHED]),
            6 => Just(vec![NEXT]),
        ]
    }

    #[test]
    fn whatever_a_server_answers_the_conversation_ends_and_gives_what_was_asked_for() {
        let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
        // the same cases in every run
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let answers = prop::collection::vec(piece(), 0..40);
        let talked = runner.run(&answers, |pieces| {
            let answers = pieces.concat();
            let thread = std::thread::Builder::new().stack_size(STACK);
            let talk = move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(converse(&answers));
            };
            let ended = thread.spawn(talk).unwrap().join();
            prop_assert!(ended.is_ok(), "it panicked");
            Ok(())
        });
        talked.unwrap();
    }
}
