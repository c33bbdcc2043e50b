//! The daily mail answered: from every client, by nobody but the user, and once.

use base64::Engine as _;
use checkback::sandbox::{SentCopy, SpecialUse};
use jiff::SignedDuration;
use rstest::rstest;

use super::house::House;
use super::letters::{Letter, reminded, to_dana, to_others, until, vague};
use super::mail::Mail;

const STEP: SignedDuration = SignedDuration::from_hours(4);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A house with one held answer, of which the daily mail told.
pub async fn told() -> (House, Letter) {
    let house = reminded().await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    until(&house, "2026-03-11T12:00", STEP).await;
    let letter = to_dana(&house).pop().unwrap();
    assert_eq!(letter.subject, "Wed 11 March: 1 to decide");
    assert!(letter.text.contains("send 1 · no 1"), "{}", letter.text);
    (house, letter)
}

pub fn reply(letter: &Letter, body: &str) -> Mail {
    Mail::by_dana(
        "reply-1@devmail.example",
        "checkback <dana@devmail.example>",
        &format!("Re: {} [{}]", letter.subject, letter.token),
        body,
    )
    .set("Date", "Wed, 11 Mar 2026 12:00:00 +0100")
    .answering(&letter.message_id)
}

/// As the client puts it into Sent, and as it comes in again, for it goes to the user.
fn put(house: &House, mail: &Mail) {
    house.put("Sent", mail);
    house.deliver(
        &mail.clone().on_top("Received", "from a.example by mx.devmail.example; Wed, 11 Mar 2026 12:00:05 +0100"),
    );
}

pub async fn later(house: &House) {
    house.advance(HOUR);
    house.sync().await;
}

fn quoted(letter: &Letter) -> String {
    letter.text.lines().map(|line| format!("> {line}\r\n")).collect()
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// The links of the HTML part, decoded: the subject and the body.
fn links(letter: &Letter) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'%' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
                }
                other => bytes.push(other),
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    let plain = letter.html.replace("&#x3D;", "=").replace("&amp;", "&");
    let hrefs = plain.split("href=\"mailto:dana@devmail.example?subject=").skip(1);
    hrefs
        .map(|rest| {
            let (subject, rest) = rest.split_once("&body=").unwrap();
            (decode(subject), decode(rest.split('"').next().unwrap()))
        })
        .collect()
}

fn link(letter: &Letter, order: &str) -> (String, String) {
    let found = links(letter).into_iter().find(|(subject, _)| subject.starts_with(&format!("{order} [")));
    found.unwrap_or_else(|| panic!("no link for {order}: {:?}", links(letter)))
}

#[derive(Debug, Clone, Copy)]
enum Client {
    TopPosted,
    BottomPosted,
    Bare,
    OutlookHtml,
    OutlookBase64,
    GmailApp,
    GmailWeb,
    AppleSigned,
    AppleQuotedPrintable,
    Thunderbird,
    German,
}

fn from_client(letter: &Letter, client: Client) -> Mail {
    let html_quote = letter.html.split("<body").nth(1).and_then(|rest| rest.split_once('>')).unwrap().1;
    let html_quote = crlf(html_quote.split("</body>").next().unwrap());
    let base64 = |text: &str| {
        let all = base64::engine::general_purpose::STANDARD.encode(text);
        all.as_bytes().chunks(76).map(|line| format!("{}\r\n", std::str::from_utf8(line).unwrap())).collect::<String>()
    };
    let quote = quoted(letter);
    let alternative = |plain: &str, html: &str| {
        format!(
            "--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n--b1\r\nContent-Type: text/html; \
             charset=utf-8\r\n\r\n{html}\r\n--b1--\r\n"
        )
    };
    let both = "multipart/alternative; boundary=b1";
    let on = "On Wed, 11 Mar 2026 at 08:00, checkback <dana@devmail.example> wrote:";
    match client {
        Client::TopPosted => reply(letter, &format!("send 1\r\n\r\n{on}\r\n{quote}")),
        Client::BottomPosted => reply(letter, &format!("{on}\r\n{quote}\r\nSend 1.\r\n")),
        Client::Bare => reply(letter, "send 1\r\n"),
        Client::OutlookHtml => reply(
            letter,
            &format!(
                "<html><body><div style=\"font-family:Aptos\">Send 1</div><div><br></div><div id=\"Signature\">\
                 <p>Dana Reyes</p></div><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\">\
                 <div id=\"divRplyFwdMsg\" dir=\"ltr\"><b>From:</b> checkback &lt;dana@devmail.example&gt;<br>\
                 <b>Sent:</b> Wednesday, March 11, 2026 8:00 AM<br><b>To:</b> dana@devmail.example<br>\
                 <b>Subject:</b> {}<br></div><div>{html_quote}</div></body></html>",
                letter.subject
            ),
        )
        .set("Content-Type", "text/html; charset=utf-8"),
        Client::OutlookBase64 => reply(
            letter,
            &base64(&format!(
                "SEND 1\r\n\r\n________________________________\r\nFrom: checkback <dana@devmail.example>\r\nSent: \
                 Wednesday, March 11, 2026 8:00 AM\r\nTo: dana@devmail.example\r\nSubject: {}\r\n\r\n{}",
                letter.subject,
                crlf(&letter.text)
            )),
        )
        .set("Content-Transfer-Encoding", "base64"),
        Client::GmailApp => reply(
            letter,
            &alternative(
                &format!("send 1\r\n\r\n{on}\r\n\r\n{quote}"),
                &format!("<div dir=\"auto\">send 1</div><br><div class=\"gmail_quote\"><div dir=\"ltr\">{on}</div>{html_quote}</div>"),
            ),
        )
        .set("Content-Type", both),
        Client::GmailWeb => reply(
            letter,
            &alternative(
                &format!("Hi,\r\n\r\nplease send 1\r\n\r\nThanks!\r\n\r\nOn Wed, Mar 11, 2026 at 8:00\u{202f}AM checkback\r\n<dana@devmail.example> wrote:\r\n\r\n{quote}"),
                "<div dir=\"ltr\">Hi</div>",
            ),
        )
        .set("Content-Type", both),
        Client::AppleSigned => reply(
            letter,
            &format!("Send 1\r\n\r\nSent from my iPhone\r\n\r\n> {on}\r\n> \r\n{quote}"),
        ),
        Client::AppleQuotedPrintable => reply(
            letter,
            "Send=201=\r\n\r\n\r\n--=20\r\nDana\r\n\r\n> On 11 Mar 2026, at 08:00, checkback <dana@devmail.example> wrote:\r\n>=20\r\n> send 1 =C2=B7 no 1\r\n",
        )
        .set("Content-Transfer-Encoding", "quoted-printable"),
        Client::Thunderbird => reply(
            letter,
            &format!("send 1\r\n\r\nAm 11.03.26 um 08:00 schrieb checkback:\r\n{quote}\r\n-- \r\nDana Reyes\r\nno 1\r\n"),
        )
        .set("Content-Type", "text/plain; charset=UTF-8; format=flowed"),
        Client::German => reply(
            letter,
            &format!("Hallo,\r\n\r\nsend 1\r\n\r\nViele Grüße\r\nDana\r\n\r\nAm Mi., 11. März 2026 um 08:00 Uhr schrieb checkback <dana@devmail.example>:\r\n\r\n{quote}"),
        )
        .set("Content-Transfer-Encoding", "8bit"),
    }
}

#[rstest]
#[tokio::test]
async fn a_reply_is_understood_from_whatever_client(
    #[values(
        Client::TopPosted,
        Client::BottomPosted,
        Client::Bare,
        Client::OutlookHtml,
        Client::OutlookBase64,
        Client::GmailApp,
        Client::GmailWeb,
        Client::AppleSigned,
        Client::AppleQuotedPrintable,
        Client::Thunderbird,
        Client::German
    )]
    client: Client,
) {
    let (house, letter) = told().await;
    put(&house, &from_client(&letter, client));
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

#[tokio::test]
async fn a_link_does_what_it_says_and_its_mail_need_not_be_edited() {
    let (house, letter) = told().await;
    let (subject, body) = link(&letter, "no 1");
    put(&house, &Mail::by_dana("link-1@devmail.example", "dana@devmail.example", &subject, &body));
    later(&house).await;
    assert_eq!(house.states().iter().filter(|state| *state == "cancelled").count(), 1);
    assert_eq!(to_others(&house), 0);
}

#[tokio::test]
async fn a_text_that_was_edited_between_its_marks_is_sent_as_it_was_written() {
    let (house, letter) = told().await;
    let (subject, body) = link(&letter, "edit 1");
    assert!(body.contains("Feel free to check back"), "{body}");
    let body = body
        .replace("Thanks for reaching out to me", "Thank you, Rita")
        .replace("months.", "months.\r\n\r\nBest,\r\nDana");
    put(&house, &Mail::by_dana("edit-1@devmail.example", "dana@devmail.example", &subject, &body));
    later(&house).await;
    let sent = house.sent().into_iter().find(|mail| mail.rcpt_to != ["dana@devmail.example"]).unwrap();
    let sent = String::from_utf8(sent.data).unwrap();
    assert!(sent.contains("Thank you, Rita") && sent.contains("Best,\r\nDana"), "{sent}");
    assert!(!sent.contains("===") && !sent.contains("cb-"), "{sent}");
}

#[tokio::test]
async fn without_confirmations_the_user_gets_none() {
    let (mut house, letter) = told().await;
    house.restart(|config| config.reminders.confirm = false);
    put(&house, &reply(&letter, "send 1\r\n"));
    later(&house).await;
    assert_eq!((to_others(&house), to_dana(&house).len()), (1, 1));
}

#[derive(Debug, Clone, Copy)]
enum Attack {
    OnlyInTheInbox,
    UnknownToken,
    CutToken,
    OnlyQuoted,
    Forward,
    ForwardToOneself,
    ToSomebodyElseToo,
    OutOfOffice,
    AllTokens,
    Mangled,
    NoSuchItem,
    AnotherAddress,
    WrongLink,
}

/// A mail that shall do nothing, and what the next daily mail says of it.
fn attack(house: &House, letter: &Letter, attack: Attack) -> &'static str {
    let send = reply(letter, "send 1\r\n");
    let subject = format!("Re: {} [{}]", letter.subject, letter.token);
    match attack {
        Attack::OnlyInTheInbox => {
            house.deliver(
                &send.on_top("Received", "from evil.example by mx.devmail.example; Wed, 11 Mar 2026 12:00:05 +0100"),
            );
            return "not in your Sent folder";
        }
        Attack::UnknownToken => {
            put(house, &send.set("Subject", &subject.replace(&letter.token, &format!("cb-{}", "a2".repeat(16)))));
            return "its token is not known";
        }
        Attack::CutToken => {
            put(house, &send.set("Subject", &subject.replace(&letter.token, letter.token.get(..20).unwrap())))
        }
        Attack::OnlyQuoted => {
            let body = format!("Thanks!\r\n\r\n> send 1\r\n> {}\r\n", letter.token);
            put(house, &reply(letter, &body).set("Subject", "Re: your day"));
        }
        Attack::Forward => {
            put(house, &send.set("To", "kim@bigcorp.example").set("Subject", &format!("Fwd: {subject}")))
        }
        Attack::ForwardToOneself => {
            let body = format!(
                "---------- Forwarded message ---------\r\nFrom: checkback <dana@devmail.example>\r\nSubject: {subject}\r\n\r\nsend 1\r\n"
            );
            put(
                house,
                &reply(letter, &body)
                    .set("Subject", &format!("Fwd: {subject}"))
                    .without("In-Reply-To")
                    .without("References"),
            );
        }
        Attack::ToSomebodyElseToo => put(house, &send.set("Cc", "kim@bigcorp.example")),
        Attack::OutOfOffice => put(
            house,
            &send.set("Auto-Submitted", "auto-replied").set("Subject", &format!("Automatic reply: {subject}")),
        ),
        Attack::AllTokens => {
            let tokens: String = links(letter).iter().map(|(subject, _)| format!("{subject}\r\n")).collect();
            put(house, &reply(letter, &tokens));
            return "several tokens";
        }
        Attack::Mangled => {
            put(house, &reply(letter, "send one\r\n"));
            return "“send one” is not understood";
        }
        Attack::NoSuchItem => {
            put(house, &reply(letter, "send 7 m9\r\n"));
            return "send 7: that mail has no such item; send m9";
        }
        Attack::AnotherAddress => put(house, &send.set("From", "Rita Holm <rita.holm@brightstaff.example>")),
        Attack::WrongLink => {
            // the words of one link with the token of another
            let (no, body) = link(letter, "no 1");
            let subject = no.replace("no 1", "send 1");
            put(house, &Mail::by_dana("wrong@devmail.example", "dana@devmail.example", &subject, &body));
            return "its token is for “no 1”";
        }
    }
    ""
}

#[rstest]
#[tokio::test]
async fn what_is_not_the_users_own_command_does_nothing_and_is_told(
    #[values(
        Attack::OnlyInTheInbox,
        Attack::UnknownToken,
        Attack::CutToken,
        Attack::OnlyQuoted,
        Attack::Forward,
        Attack::ForwardToOneself,
        Attack::ToSomebodyElseToo,
        Attack::OutOfOffice,
        Attack::AllTokens,
        Attack::Mangled,
        Attack::NoSuchItem,
        Attack::AnotherAddress,
        Attack::WrongLink
    )]
    what: Attack,
) {
    let (house, letter) = told().await;
    let says = attack(&house, &letter, what);
    later(&house).await;
    until(&house, "2026-03-13T12:00", STEP).await;
    assert_eq!(to_others(&house), 0);
    assert_eq!(house.outbox("held").len(), 1);
    let daily: Vec<Letter> = to_dana(&house).into_iter().skip(1).filter(|letter| !letter.token.is_empty()).collect();
    match says {
        "" => assert!(daily.iter().all(|letter| !letter.text.contains("not carried out")), "{daily:?}"),
        says => {
            let flat = daily[0].text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flat.contains(says), "{flat}");
            assert_eq!(daily.len(), 1, "it is told once");
        }
    }
}

#[tokio::test]
async fn after_seven_days_a_token_does_nothing() {
    let (house, letter) = told().await;
    until(&house, "2026-03-18T12:00", STEP).await;
    let before = to_dana(&house).len();
    put(&house, &reply(&letter, "send 1\r\n").set("Date", "Wed, 18 Mar 2026 12:00:00 +0100"));
    later(&house).await;
    assert_eq!(to_others(&house), 0);
    let after = to_dana(&house);
    assert_eq!((after.len() - before, after.last().unwrap().subject.as_str()), (1, "Not done: 1"));
}

#[tokio::test]
async fn a_command_is_carried_out_once_however_often_it_is_seen() {
    let (mut house, letter) = told().await;
    let backup = house.backup();
    let command = reply(&letter, "no 1\r\n");
    put(&house, &command);
    later(&house).await;
    let cancelled = "SELECT count(*) FROM decision WHERE state = 'made'";
    assert_eq!(house.count(cancelled), 1);
    // the folder is numbered anew, the mail is copied, and sent once more under another id
    house.world().edit(|world| world.set_uid_validity("dana", "Sent", 77).unwrap());
    house.put("Archive", &command);
    later(&house).await;
    assert_eq!(house.count(cancelled), 1);
    put(&house, &command.clone().set("Message-ID", "<again@devmail.example>"));
    later(&house).await;
    assert_eq!(house.count(cancelled), 1);
    assert!(to_dana(&house).last().unwrap().text.contains("an earlier answer decided it"));
    // an old backup decides the same again, and nothing else
    house.restore(&backup);
    later(&house).await;
    assert_eq!((house.count(cancelled), to_others(&house)), (1, 0));
}

#[tokio::test]
async fn a_restored_backup_sends_nothing_twice() {
    let (mut house, letter) = told().await;
    let backup = house.backup();
    put(&house, &reply(&letter, "send 1\r\n"));
    later(&house).await;
    assert_eq!(to_others(&house), 1);
    house.restore(&backup);
    later(&house).await;
    until(&house, "2026-03-13T12:00", STEP).await;
    assert_eq!(to_others(&house), 1);
}

#[tokio::test]
async fn the_decision_can_be_undone_and_the_token_stays_used() {
    let (house, letter) = told().await;
    put(&house, &reply(&letter, "no 1\r\n"));
    later(&house).await;
    assert!(house.outbox("held").is_empty());
    house.workspace.app().undo(&mut house.workspace.store(), house.now()).unwrap();
    assert_eq!(house.outbox("held").len(), 1);
    put(&house, &reply(&letter, "send 1\r\n").set("Message-ID", "<second@devmail.example>"));
    later(&house).await;
    assert_eq!(to_others(&house), 0, "decided once; the next daily mail offers it again");
}

#[tokio::test]
async fn what_was_decided_in_the_terminal_is_not_decided_by_a_late_answer() {
    let (house, letter) = told().await;
    let row = house.outbox("held").remove(0);
    house.write(|tx| checkback::store::decisions::reject(tx, row.id, house.now()));
    put(&house, &reply(&letter, "send 1\r\n"));
    later(&house).await;
    assert_eq!(to_others(&house), 0);
    assert!(to_dana(&house).last().unwrap().text.contains("it has changed since that mail"));
}

#[tokio::test]
async fn no_plaintext_of_a_token_is_stored_but_in_the_mail_itself() {
    let (house, letter) = told().await;
    let token = &letter.token;
    assert_eq!(token.len(), 35);
    for table in ["token", "offered", "mail_command", "setting", "journal", "decision"] {
        let store = house.workspace.store();
        let mut statement = store.read().prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = format!("{:?}", row.get::<_, rusqlite::types::Value>(column).unwrap());
                assert!(!value.contains(token.as_str()), "{table}: {value}");
            }
        }
    }
}

#[tokio::test]
async fn where_a_provider_hides_mail_to_oneself_the_copy_in_sent_counts_and_that_in_all_mail_does_not() {
    let house = House::with(|config, world| {
        config.reminders.mail = true;
        world.add_folder("dana", "[Gmail]/All Mail", Some(SpecialUse::All)).unwrap();
        world.user_mut("dana").unwrap().sent_copy = Some(SentCopy::AsSent);
    })
    .await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    until(&house, "2026-03-11T12:00", STEP).await;
    let letter = to_dana(&house).pop().unwrap();
    let command = reply(&letter, "send 1\r\n");
    house.put("[Gmail]/All Mail", &command);
    later(&house).await;
    assert_eq!(to_others(&house), 0, "anybody's mail lies in All Mail");
    house.put("Sent", &command);
    later(&house).await;
    assert_eq!(to_others(&house), 1);
    until(&house, "2026-03-13T12:00", STEP).await;
    assert!(to_dana(&house).iter().all(|letter| !letter.text.contains("not carried out")));
}
