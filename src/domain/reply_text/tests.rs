use proptest::prelude::*;

use super::*;

fn plain(text: &str) -> ReplyText {
    split(&Inbound { text: text.to_owned(), ..Inbound::default() })
}

fn html(html: &str) -> ReplyText {
    split(&Inbound { html: html.to_owned(), ..Inbound::default() })
}

#[test]
fn an_attribution_line_of_any_language_begins_the_quote() {
    let heads = [
        "On Mon, 2 Nov 2026 at 10:14, Sam Reed <sam@reed.example> wrote:",
        "On Mon, 2 Nov 2026 at 10:14, Sam Reed\n<sam@reed.example>\nwrote:",
        "Am Mo., 2. Nov. 2026 um 10:14 Uhr schrieb Sam Reed <sam@reed.example>:",
        "Am 02.11.2026 um 10:14 schrieb Sam Reed:",
        "Le lun. 2 nov. 2026 à 10:14, Sam Reed <sam@reed.example> a écrit\u{a0}:",
        "El lun, 2 nov 2026 a las 10:14, Sam Reed (<sam@reed.example>) escribió:",
        "Il giorno lun 2 nov 2026 alle ore 10:14 Sam Reed <sam@reed.example> ha scritto:",
        "Em seg., 2 de nov. de 2026 às 10:14, Sam Reed <sam@reed.example> escreveu:",
        "Op ma 2 nov 2026 om 10:14 schreef Sam Reed <sam@reed.example>:",
        "Den mån 2 nov. 2026 kl 10:14 skrev Sam Reed <sam@reed.example>:",
        "ma 2. marrask. 2026 klo 10.14 Sam Reed (sam@reed.example) kirjoitti:",
        "pon., 2 lis 2026 o 10:14 Sam Reed <sam@reed.example> napisał(a):",
        "Dne po 2. 11. 2026 10:14 uživatel Sam Reed <sam@reed.example> napsal:",
        "Sam Reed <sam@reed.example> ezt írta (időpont: 2026. nov. 2., H, 10:14):",
        "În lun., 2 nov. 2026 la 10:14, Sam Reed <sam@reed.example> a scris:",
        "пн, 2 нояб. 2026 г. в 10:14, Sam Reed <sam@reed.example>:",
        "02.11.2026 10:14, Sam Reed пишет:",
        "Sam Reed <sam@reed.example>, 2 Kas 2026 Pzt, 10:14 tarihinde şunu yazdı:",
        "Στις Δευ 2 Νοε 2026 στις 10:14, ο χρήστης Sam Reed <sam@reed.example> έγραψε:",
        "2026年11月2日(月) 10:14 Sam Reed <sam@reed.example>:",
        "Sam Reed <sam@reed.example> 于2026年11月2日周一 10:14写道：",
        "2026년 11월 2일 (월) 오전 10:14, Sam Reed <sam@reed.example>님이 작성:",
        "---- On Mon, 02 Nov 2026 10:14:00 +0100 Sam Reed <sam@reed.example> wrote ----",
        "-----Original Message-----\nFrom: Sam Reed\nSent: Monday",
        "-----Ursprüngliche Nachricht-----",
        "________________________________\nFrom: Sam Reed <sam@reed.example>\nSent: Monday, 2 November 2026\nTo: Kim\nSubject: Hello",
        "Von: Sam Reed <sam@reed.example>\nGesendet: Montag, 2. November 2026 10:14\nAn: Kim\nBetreff: Hallo",
        "De : Sam Reed\nEnvoyé : lundi 2 novembre 2026\nÀ : Kim\nObjet : Bonjour",
        "差出人: Sam Reed\n送信日時: 2026年11月2日\n宛先: Kim\n件名: はじめまして",
        "发件人: Sam Reed\n发送时间: 2026年11月2日\n收件人: Kim\n主题: 你好",
    ];
    for head in heads {
        let text = plain(&format!("Thursday suits me.\n\n{head}\n\nShall we talk this week?\n"));
        assert_eq!(text.own, "Thursday suits me.", "{head}");
        assert!(text.quoted.contains("Shall we talk"), "{head}");
    }
}

#[test]
fn answers_above_between_and_beneath_marked_lines_are_own() {
    let top = plain("Yes, gladly.\n\nSam wrote:\n> Shall we talk?\n> Sam");
    assert_eq!((top.own.as_str(), top.quoted.as_str()), ("Yes, gladly.", "Sam wrote:\nShall we talk?\nSam"));
    let inline = plain("On 2 Nov 2026 Sam wrote:\n> Shall we talk?\n\nYes.\n\n> When?\n\nOn Thursday.");
    assert_eq!(inline.own, "Yes.\n\nOn Thursday.");
    let bottom = plain("> Shall we talk?\n> Sam\n\nYes, gladly.");
    assert_eq!(bottom.own, "Yes, gladly.");
    let wrapped = plain(
        "Yes.\n> a quoted line that was as long as the program allowed it and more was it, so\nit broke\n> off here",
    );
    assert_eq!(wrapped.own, "Yes.");
}

#[test]
fn plain_sentences_are_no_quote() {
    for text in [
        "As you wrote: it is late.\nLet us meet.",
        "To: be honest, I am not sure.\nFrom: what I hear, they hire.",
        "Here is what I need:\nyour CV",
        "Von meiner Seite aus passt Donnerstag.",
        "My number:\n030 1234567 (until 18:00):",
        "+1",
    ] {
        assert_eq!(plain(text).own, text);
        assert_eq!(plain(text).quoted, "");
    }
}

#[test]
fn signatures_and_footers_are_set_apart() {
    for (text, own) in [
        ("Sounds good.\n\n-- \nKim Lane\nAcme", "Sounds good."),
        ("Sounds good.\n\nSent from my iPhone", "Sounds good."),
        ("Passt.\n\nVon meinem iPhone gesendet", "Passt."),
        ("Ça marche.\n\nEnvoyé de mon iPhone", "Ça marche."),
        ("Van mij mag het.\n\nVerstuurd vanaf mijn iPad", "Van mij mag het."),
        ("いいですね。\n\niPhoneから送信", "いいですね。"),
        ("Sounds good.\n\nBest regards,\nKim Lane\nHead of Engineering | Acme\n+49 30 1234", "Sounds good."),
        ("Passt gut.\n\nMit freundlichen Grüßen\n\nKim Lane", "Passt gut."),
        ("Fine.\n\nThis e-mail and any attachments are confidential.", "Fine."),
        ("Regards,\nKim", "Regards,\nKim"),
        (
            "Sounds good.\n\nBest,\nKim\n\nPS: could you bring your laptop?",
            "Sounds good.\n\nBest,\nKim\n\nPS: could you bring your laptop?",
        ),
        ("CAUTION: This email originated from outside.\n\nSounds good.", "Sounds good."),
    ] {
        assert_eq!(plain(text).own, own, "{text}");
    }
}

#[test]
fn html_quotes_of_mail_programs_are_set_apart() {
    for (markup, own) in [
        (
            "<div dir=ltr>Yes &amp; gladly</div><br><div class=\"gmail_quote\"><div class=gmail_attr>On Monday:<br></div><blockquote class=\"gmail_quote\">Talk?</blockquote></div>",
            "Yes & gladly",
        ),
        (
            "<div class=\"gmail_quote\"><div class=gmail_attr>On Monday</div><blockquote class=gmail_quote>Talk?</blockquote><div>Yes</div><blockquote class=gmail_quote>When?</blockquote><div>Noon</div></div>",
            "Yes\n\nNoon",
        ),
        ("<p>Yes</p><hr><div id=\"divRplyFwdMsg\"><b>From:</b> Sam</div><div>Talk?</div>", "Yes"),
        (
            "<p>Yes</p><div class='moz-cite-prefix'>Sam wrote:</div><blockquote type=cite><p>Talk?</p></blockquote>",
            "Yes",
        ),
        ("<p>Yes</p><div class=\"protonmail_quote\">Sam<blockquote>Talk?</blockquote></div>", "Yes"),
        ("<p>Yes</p><div id=\"yahoo_quoted_1\" class=\"yahoo_quoted\">Talk?</div>", "Yes"),
        ("<p>Yes</p><div class=\"zmail_extra\">Talk?</div>", "Yes"),
        (
            "<p>Yes</p><p class=MsoNormal><b>From:</b> Sam<br><b>Sent:</b> Monday<br><b>To:</b> Kim<br><b>Subject:</b> Hi</p><p>Talk?</p>",
            "Yes",
        ),
        ("<style>p{color:red}</style><script>x</script><p>J&uuml;rgen&#8217;s <b>y</b>es</p>", "Jürgen’s yes"),
        ("<div style=\"display:none\">preview</div><p>Yes</p>", "Yes"),
        ("<html><head></head><body><title></title><style></style>Yes</body></html>", "Yes"),
        ("<img src=x>", ""),
        ("a < b, 1<2", "a < b, 1<2"),
        ("<p>Ask <a href=\"mailto:jo@acme.example?subject=x\">Jo</a></p>", "Ask Jo <jo@acme.example>"),
        ("<p>Yes</p><div class=\"gmail_signature\">Kim</div>", "Yes"),
    ] {
        assert_eq!(html(markup).own, own, "{markup}");
    }
}

#[test]
fn addresses_of_the_quote_are_kept_once() {
    let text = plain(
        "Yes\n\nFrom: Sam <sam@reed.example>\nSent: today\nTo: Kim <KIM@acme.example>; sam@reed.example\nSubject: Hi\n\nx",
    );
    let found: Vec<_> = text.quoted_addresses.iter().map(Address::as_str).collect();
    assert_eq!(found, ["sam@reed.example", "kim@acme.example"]);
}

#[test]
fn a_forward_is_told_from_an_answer_with_the_forward_button() {
    let forward = |subject: &str, text: &str, in_thread: bool| {
        let in_reply_to = if in_thread { crate::domain::ident::MessageId::parse_list("<a@b.example>") } else { vec![] };
        let mail = Inbound { subject: subject.into(), text: text.into(), in_reply_to, ..Inbound::default() };
        is_forward(&mail, &split(&mail))
    };
    let block = "\n\nVon: Sam\nGesendet: gestern\nAn: Kim\nBetreff: Hallo\n\nText";
    assert!(forward("WG: Hallo", &format!("zur Info{block}"), false));
    assert!(forward("Fwd: Hello", "", true));
    assert!(forward("[EXTERNAL] FW: Hello", "see below", false));
    assert!(!forward("WG: Hallo", &format!("Hallo Sam, danke für die Mail, Donnerstag passt mir gut.{block}"), true));
    assert!(!forward("Re: Hello", "see below", false));
    assert!(forward("Hello", "see below\n\nBegin forwarded message:\n\nFrom: Sam\nSubject: x", false));
}

#[test]
fn hostile_bodies_take_linear_time() {
    for unit in [
        "<div>",
        "<blockquote>",
        "</p>",
        "<a href=\"",
        "<a '",
        "<!--",
        "<style>",
        "&",
        "&#",
        "<div class='gmail_quote'>",
        "> ",
        "From: a\n",
        "On 2026\n",
        "wrote:",
        "-- \n",
        "@",
        "a@b.",
        "Best,\n",
        "_",
        "\u{a0}",
        "<pre>\n",
        "href ",
        "[",
    ] {
        let text = unit.repeat(60_000 / unit.len());
        let start = std::time::Instant::now();
        let whole = html(&text);
        let other = plain(&text);
        assert!(start.elapsed().as_secs() < 5, "{unit:?} took {:?}", start.elapsed());
        assert!(whole.own.len() + other.own.len() < 3_000_000);
    }
}

proptest! {
    #[test]
    fn any_text_is_taken_apart_without_growing(text in "(?s).{0,400}") {
        let parts = plain(&text);
        prop_assert!(parts.own.len() + parts.quoted.len() + parts.signature.len() <= text.len() * 2 + 2);
        let _ = html(&text);
    }

    #[test]
    fn any_markup_is_read(pieces in proptest::collection::vec(prop_oneof![
        Just("<div class=gmail_quote>"), Just("</div>"), Just("<blockquote>"), Just("</blockquote>"), Just("<p"), Just(">"),
        Just("\""), Just("x="), Just("ü"), Just("&amp"), Just("\n"), Just("> q"), Just("On 1 May 2026 x wrote:"), Just("-- "),
    ], 0..60)) {
        let joined = pieces.concat();
        let _ = html(&joined);
        let _ = plain(&joined);
    }
}
