//! Any bytes are read, on a small stack, in time that grows no faster than they do.

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use checkback::domain::gist::{Gist, Kind};
    use checkback::domain::read::read;
    use jiff::Timestamp;
    use proptest::prelude::*;

    const STACK: usize = 2 * 1024 * 1024;
    /// Bytes of the smaller of two mails whose times are compared; twice as much is still read whole.
    const SIZE: usize = 48 * 1024;
    const HEAD: &str = "From: ana@acme.example\nTo: dana@harbour.example\nSubject: Re: Question\nMessage-ID: \
                        <1@acme.example>\nDate: Tue, 15 Sep 2026 08:00:00 +0000\n";

    fn read_on_small_stack(raw: Vec<u8>) -> Gist {
        let received: Timestamp = "2026-09-15T08:00:00Z".parse().unwrap();
        let thread = std::thread::Builder::new().stack_size(STACK);
        thread.spawn(move || read(&raw, received)).unwrap().join().unwrap()
    }

    fn best_of_two(raw: &[u8]) -> Duration {
        let once = |_| {
            let begin = Instant::now();
            read_on_small_stack(raw.to_vec());
            begin.elapsed()
        };
        (0..2).map(once).min().unwrap()
    }

    fn filled(head: &str, unit: &str, bytes: usize) -> Vec<u8> {
        format!("{head}{}", unit.repeat(bytes / unit.len())).into_bytes()
    }

    /// What is repeated behind which header: each was chosen against one step of the reading.
    const HOSTILE: &[(&str, &str, &str)] = &[
        ("one long line", "\n", "a"),
        ("lines without end", "\n", "\n"),
        ("quote marks", "\n", ">"),
        ("nested quotes", "\n", "> > > > word\n"),
        ("attribution lines", "\n", "On Tue, 15 Sep 2026 at 10:00 Dana <d@h.example> wrote\n"),
        ("attribution words", "\n", "on on wrote: "),
        ("header blocks", "\n", "From: a\nSent: b\n"),
        ("signatures", "\n", "-- \n"),
        ("rules", "\n", "_____\n"),
        ("addresses", "\n", "a@a.b,"),
        ("at signs", "\n", "a@"),
        ("domain labels", "\na@", "a."),
        ("numbers", "\n", "1/1/"),
        ("days", "\n", "12 december - "),
        ("wide days", "\n", "12月14日から"),
        ("weekdays", "\n", "until monday the "),
        ("tone", "\n", "not at the moment we are not "),
        ("negations", "\n", "no no not never happy to "),
        ("codes", "\n", "550 5.1.1 <a@b.c>: "),
        ("notice", "Return-Path: <>\nFrom: mailer-daemon@b.example\nSubject: failure notice\n\n", "<a@b.c>:\n550 no\n"),
        (
            "status groups",
            "Content-Type: message/delivery-status\n\n",
            "Final-Recipient: rfc822;a@b.c\nAction: failed\n\n",
        ),
        ("json", "From: no-reply@sns.amazonaws.com\n\n{", "{\"bounce\":["),
        ("open tags", "Content-Type: text/html\n\n", "<div>"),
        ("open quotes in HTML", "Content-Type: text/html\n\n", "<blockquote>a"),
        ("broken tags", "Content-Type: text/html\n\n", "<a b='"),
        ("entities", "Content-Type: text/html\n\n", "&amp"),
        ("tables", "Content-Type: text/html\n\n", "<table><tr><td>a"),
        ("comments", "Content-Type: text/html\n\n", "<!--"),
        ("references", "References: ", "<a@b.c> "),
        ("encoded words", "Subject: ", "=?utf-8?q?=41?= "),
        ("parentheses", "To: ", "("),
        ("groups", "To: ", "a:b@c.d;,"),
        ("fields", "", "X-Field: a\n"),
        ("received", "", "Received: from a by b; x\n"),
        ("parts", "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\na\n"),
        ("prefixes of a boundary", "Content-Type: multipart/mixed; boundary=b\n\n", "--"),
        ("nested messages", "Content-Type: message/rfc822\n\n", "Content-Type: message/rfc822\n\n"),
        ("parameters", "Content-Type: text/plain", "; a*0*=b"),
        ("base64", "Content-Transfer-Encoding: base64\n\n", "QUFB"),
        ("quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\n", "=41=\n"),
        ("calendar", "Content-Type: text/calendar\n\n", "METHOD:REPLY\n"),
        ("marks on letters", "\n", "a\u{301}\u{301}\u{301}"),
        ("case that grows", "\n", "İ"),
    ];

    #[test]
    fn twice_the_mail_takes_at_most_about_twice_the_time() {
        read_on_small_stack(b"From: a@b.c\n\nthe tables are built".to_vec());
        for (name, head, unit) in HOSTILE {
            let head = format!("{HEAD}{head}");
            let ratio = || {
                let once = best_of_two(&filled(&head, unit, SIZE));
                let twice = best_of_two(&filled(&head, unit, SIZE * 2));
                (once, twice, twice < once * 3 + Duration::from_millis(30))
            };
            // another program may have had the processor: only what is slow again is slow
            let (once, twice, good) = ratio();
            println!("{name}: {once:?}, {twice:?}");
            assert!(good || ratio().2 || ratio().2, "{name}: {once:?}, of twice the size {twice:?}");
        }
    }

    #[test]
    fn fifty_thousand_elements_within_each_other_need_no_deep_stack() {
        for (open, close) in [("<div>", "</div>"), ("<blockquote>", "</blockquote>"), ("<b>", "</b>"), ("<ul><li>", "")]
        {
            let html = format!("{}hello{}", open.repeat(50_000), close.repeat(50_000));
            let raw = format!("{HEAD}Content-Type: text/html\n\n{html}");
            read_on_small_stack(raw.into_bytes());
        }
    }

    #[test]
    fn multiparts_within_each_other_need_no_deep_stack() {
        let mut raw = HEAD.to_owned();
        for depth in 0..5_000 {
            raw.push_str(&format!("Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n"));
        }
        let gist = read_on_small_stack(raw.into_bytes());
        assert_eq!(gist.kind, Kind::Automatic, "what can't be read is never a person's");
    }

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let known = (0..HOSTILE.len(), 1..400_usize)
            .prop_map(|(at, count)| format!("{}{}", HOSTILE[at].1, HOSTILE[at].2.repeat(count)).into_bytes());
        let structure = prop::sample::select(vec![
            "\n\n",
            "--b\n",
            "--b--\n",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n",
            "Content-Type: message/rfc822\n\n",
            "Content-Type: text/html; charset=iso-2022-jp\n\n",
            "Auto-Submitted: auto-replied\n",
            "Content-Transfer-Encoding: base64\n",
            "\u{0}",
            "\r",
            "I am out of the office until 2/30.\n",
            "\u{feff}",
        ]);
        prop_oneof![
            known,
            structure.prop_map(|text| text.as_bytes().to_vec()),
            prop::collection::vec(any::<u8>(), 0..200),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_mixture_of_hostile_pieces_is_read(pieces in prop::collection::vec(piece(), 0..12), head in any::<bool>()) {
            let mut raw = if head { HEAD.as_bytes().to_vec() } else { Vec::new() };
            raw.extend(pieces.concat());
            let gist = read_on_small_stack(raw);
            prop_assert_eq!(gist.bounce.is_some(), matches!(gist.kind, Kind::Bounce | Kind::Delay));
            prop_assert_eq!(gist.out_of_office.is_some(), gist.kind == Kind::OutOfOffice);
            prop_assert!(gist.text.chars().count() <= 4000);
            prop_assert!(!gist.kind_because.is_empty());
        }
    }
}
