//! "send 1" answered from every mail program, in every encoding that one may choose for it.

use base64::Engine as _;
use checkback::domain::{command, read};
use rstest::rstest;

use super::answering::{STEP, crlf, later, put, quoted, reply, told};
use super::letters::{Letter, to_dana, to_others, until};
use super::mail::Mail;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    TopPosted,
    BottomPosted,
    Bare,
    OutlookHtml,
    OutlookText,
    OutlookPhone,
    GmailApp,
    GmailWeb,
    AppleSigned,
    AppleShort,
    Thunderbird,
    Proton,
    YahooWeb,
    K9,
    German,
}

impl Client {
    const ALL: [Self; 15] = [
        Self::TopPosted,
        Self::BottomPosted,
        Self::Bare,
        Self::OutlookHtml,
        Self::OutlookText,
        Self::OutlookPhone,
        Self::GmailApp,
        Self::GmailWeb,
        Self::AppleSigned,
        Self::AppleShort,
        Self::Thunderbird,
        Self::Proton,
        Self::YahooWeb,
        Self::K9,
        Self::German,
    ];

    /// The encoding that it chooses by itself.
    fn encoding(self) -> Encoding {
        match self {
            Self::OutlookText | Self::YahooWeb => Encoding::Base64,
            Self::AppleShort | Self::OutlookPhone | Self::Proton => Encoding::QuotedPrintable,
            _ => Encoding::EightBit,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    EightBit,
    QuotedPrintable,
    Base64,
}

impl Encoding {
    const ALL: [Self; 3] = [Self::EightBit, Self::QuotedPrintable, Self::Base64];

    fn name(self) -> &'static str {
        match self {
            Self::EightBit => "8bit",
            Self::QuotedPrintable => "quoted-printable",
            Self::Base64 => "base64",
        }
    }

    fn encoded(self, text: &str) -> String {
        match self {
            Self::EightBit => text.to_owned(),
            Self::Base64 => {
                let all = base64::engine::general_purpose::STANDARD.encode(text);
                let lines = all.as_bytes().chunks(76);
                lines.map(|line| format!("{}\r\n", std::str::from_utf8(line).unwrap())).collect()
            }
            Self::QuotedPrintable => text.split("\r\n").map(|line| quoted_printable(line) + "\r\n").collect(),
        }
    }
}

fn quoted_printable(line: &str) -> String {
    let mut said = String::new();
    let mut column = 0;
    for byte in line.bytes() {
        let piece = match byte {
            b' '..=b'~' if byte != b'=' => char::from(byte).to_string(),
            _ => format!("={byte:02X}"),
        };
        if column + piece.len() > 72 {
            said.push_str("=\r\n");
            column = 0;
        }
        column += piece.len();
        said.push_str(&piece);
    }
    // a blank at the end would be lost
    if said.ends_with(' ') {
        said.truncate(said.len() - 1);
        said.push_str("=20");
    }
    said
}

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// The parts that a program writes.
fn parts(letter: &Letter, client: Client) -> Vec<(&'static str, String)> {
    let page = letter.html.split("<body").nth(1).and_then(|rest| rest.split_once('>')).unwrap().1;
    let page = crlf(page.split("</body>").next().unwrap());
    let quote = quoted(letter);
    let on = "On Wed, 11 Mar 2026 at 08:00, checkback <dana@devmail.example> wrote:";
    let header_block = format!(
        "<b>From:</b> checkback &lt;dana@devmail.example&gt;<br><b>Sent:</b> Wednesday, March 11, 2026 8:00 AM<br>\
         <b>To:</b> dana@devmail.example<br><b>Subject:</b> {}<br>",
        letter.subject
    );
    match client {
        Client::TopPosted => vec![(TEXT, format!("send 1\r\n\r\n{on}\r\n{quote}"))],
        Client::BottomPosted => vec![(TEXT, format!("{on}\r\n{quote}\r\nSend 1.\r\n"))],
        Client::Bare => vec![(TEXT, "send 1\r\n".to_owned())],
        Client::OutlookHtml => vec![(
            HTML,
            format!(
                "<html><body><div style=\"font-family:Aptos\">Send 1</div><div><br></div><div id=\"Signature\">\
                 <p>Dana Reyes</p></div><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\">\
                 <div id=\"divRplyFwdMsg\" dir=\"ltr\">{header_block}</div><div>{page}</div></body></html>"
            ),
        )],
        Client::OutlookText => vec![(
            TEXT,
            format!(
                "SEND 1\r\n\r\n________________________________\r\nFrom: checkback <dana@devmail.example>\r\nSent: \
                 Wednesday, March 11, 2026 8:00 AM\r\nTo: dana@devmail.example\r\nSubject: {}\r\n\r\n{}",
                letter.subject,
                crlf(&letter.text)
            ),
        )],
        Client::OutlookPhone => vec![(
            HTML,
            format!(
                "<html><body><div dir=\"ltr\">Send 1</div><div id=\"ms-outlook-mobile-signature\" dir=\"ltr\"><div><br></div>\
                 Get <a href=\"https://aka.ms/o0ukef\">Outlook for iOS</a></div><hr style=\"display:inline-block;width:98%\" \
                 tabindex=\"-1\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><font>{header_block}</font><div>&nbsp;</div></div>\
                 {page}</body></html>"
            ),
        )],
        Client::GmailApp => vec![
            (TEXT, format!("send 1\r\n\r\n{on}\r\n\r\n{quote}")),
            (
                HTML,
                format!(
                    "<div dir=\"auto\">send 1</div><br><div class=\"gmail_quote\"><div dir=\"ltr\">{on}</div>{page}</div>"
                ),
            ),
        ],
        Client::GmailWeb => vec![
            (
                TEXT,
                format!(
                    "Hi,\r\n\r\nplease send 1\r\n\r\nThanks!\r\n\r\nOn Wed, Mar 11, 2026 at 8:00\u{202f}AM checkback\r\n\
                     <dana@devmail.example> wrote:\r\n\r\n{quote}"
                ),
            ),
            (HTML, "<div dir=\"ltr\">Hi</div>".to_owned()),
        ],
        Client::AppleSigned => {
            vec![(TEXT, format!("Send 1\r\n\r\nSent from my iPhone\r\n\r\n> {on}\r\n> \r\n{quote}"))]
        }
        Client::AppleShort => vec![(
            TEXT,
            "Send 1\r\n\r\n-- \r\nDana\r\n\r\n> On 11 Mar 2026, at 08:00, checkback <dana@devmail.example> wrote:\r\n> \
             \r\n> send 1 · no 1\r\n"
                .to_owned(),
        )],
        Client::Thunderbird => vec![(
            "text/plain; charset=UTF-8; format=flowed",
            format!(
                "send 1\r\n\r\nAm 11.03.26 um 08:00 schrieb checkback:\r\n{quote}\r\n-- \r\nDana Reyes\r\nno 1\r\n"
            ),
        )],
        Client::Proton => vec![(
            TEXT,
            format!(
                "Send 1\r\n\r\nSent with Proton Mail secure email.\r\n\r\nOn Wednesday, March 11th, 2026 at 8:00 AM, \
                 checkback <dana@devmail.example> wrote:\r\n\r\n{quote}"
            ),
        )],
        Client::YahooWeb => vec![(
            HTML,
            format!(
                "<html><head></head><body><div class=\"ydp1yahoo-style-wrap\" style=\"font-size:16px;\"><div dir=\"ltr\" \
                 data-setdir=\"false\">send 1</div><div><br></div></div><div id=\"yahoo_quoted_41\" \
                 class=\"yahoo_quoted\"><div>On Wednesday, March 11, 2026 at 08:00:00 AM GMT+1, checkback \
                 &lt;dana@devmail.example&gt; wrote: </div><div><br></div>{page}</div></body></html>"
            ),
        )],
        Client::K9 => vec![(
            TEXT,
            format!(
                "send 1\r\n\r\nOn 11 March 2026 08:00:00 CET, checkback <dana@devmail.example> wrote:\r\n{quote}\r\n-- \
                 \r\nSent from my Android device with K-9 Mail. Please excuse my brevity.\r\n"
            ),
        )],
        Client::German => vec![(
            TEXT,
            format!(
                "Hallo,\r\n\r\nsend 1\r\n\r\nViele Grüße\r\nDana\r\n\r\nAm Mi., 11. März 2026 um 08:00 Uhr schrieb \
                 checkback <dana@devmail.example>:\r\n\r\n{quote}"
            ),
        )],
    }
}

fn from_client(letter: &Letter, client: Client, encoding: Encoding) -> Mail {
    let parts = parts(letter, client);
    if let [(kind, text)] = parts.as_slice() {
        let mail = reply(letter, &encoding.encoded(text)).set("Content-Type", kind);
        return mail.set("Content-Transfer-Encoding", encoding.name());
    }
    let mut body = String::new();
    for (kind, text) in &parts {
        body.push_str(&format!(
            "--b1\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {}\r\n\r\n{}\r\n",
            encoding.name(),
            encoding.encoded(text)
        ));
    }
    reply(letter, &(body + "--b1--\r\n")).set("Content-Type", "multipart/alternative; boundary=b1")
}

#[tokio::test]
async fn every_program_is_understood_in_every_encoding() {
    let (house, letter) = told().await;
    let (mut understood, mut tried, mut wrong) = (0, 0, Vec::new());
    for client in Client::ALL {
        for encoding in Encoding::ALL {
            let gist = read::read(&from_client(&letter, client, encoding).bytes(), house.now());
            let said = command::parse(&gist.text);
            let orders: Vec<String> = said.orders.iter().map(|order| format!("{order:?}")).collect();
            let one = command::parse("send 1").orders.iter().map(|order| format!("{order:?}")).collect::<Vec<_>>();
            tried += 1;
            if gist.tokens == [command::hash(&letter.token)] && orders == one && said.mangled.is_empty() {
                understood += 1;
            } else {
                wrong.push(format!("{client:?} as {}: {said:?} of {:?}", encoding.name(), gist.text));
            }
        }
    }
    println!(
        "= replies understood, {} programs in {} encodings: {understood} of {tried}",
        Client::ALL.len(),
        Encoding::ALL.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    let figure =
        format!("{} programs in {} encodings: {understood} of {tried}", Client::ALL.len(), Encoding::ALL.len());
    assert!(include_str!("../../docs/reliability.md").contains(&figure), "docs/reliability.md shall say: {figure}");
}

#[rstest]
#[tokio::test]
async fn a_reply_is_carried_out_from_whatever_program(
    #[values(
        Client::TopPosted,
        Client::BottomPosted,
        Client::Bare,
        Client::OutlookHtml,
        Client::OutlookText,
        Client::OutlookPhone,
        Client::GmailApp,
        Client::GmailWeb,
        Client::AppleSigned,
        Client::AppleShort,
        Client::Thunderbird,
        Client::Proton,
        Client::YahooWeb,
        Client::K9,
        Client::German
    )]
    client: Client,
) {
    let (house, letter) = told().await;
    put(&house, &from_client(&letter, client, client.encoding()));
    later(&house).await;
    assert_eq!(to_others(&house), 1, "{:?}", house.texts("SELECT refused FROM mail_command"));
    let letters = to_dana(&house);
    assert_eq!(letters.len(), 2, "the daily mail and one confirmation");
    assert_eq!(letters[1].subject, "Done: 1");
    assert!(letters[1].text.contains("send 1: leaves after a last check."), "{}", letters[1].text);
    // neither the reply nor the confirmation asks for anything again
    until(&house, "2026-03-13T12:00", STEP).await;
    assert_eq!((to_others(&house), to_dana(&house).len()), (1, 2));
}
