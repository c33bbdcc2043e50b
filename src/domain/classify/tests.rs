use super::*;
use crate::domain::inbound::parse;
use crate::domain::reply_text;
use rstest::rstest;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/fixtures/mail/", $name, ".eml")).as_slice()
    };
}

fn class(raw: &[u8]) -> Class {
    let mail = parse(raw);
    let text = reply_text::split(&mail);
    classify(&mail, &text, "2026-09-15T08:00:00Z".parse().unwrap())
}

/// A mail of Ines to Dana with further header lines and a text.
fn mail(header: &str, text: &str) -> Class {
    let has = |name: &str| header.to_lowercase().contains(&format!("{name}:"));
    let from = if has("from") { "" } else { "From: Ines Vidal <ines.vidal@kiteworks.example>\n" };
    let subject = if has("subject") { "" } else { "Subject: Re: Question about your query planner\n" };
    class(
        format!("{from}{subject}To: dana@harbour.example\nMessage-ID: <1@kiteworks.example>\n{header}\n{text}\n")
            .as_bytes(),
    )
}

#[rstest]
#[case::postfix(fixture!("dsn-postfix-unknown-user"), Kind::Bounce)]
#[case::qmail(fixture!("text-qmail"), Kind::Bounce)]
#[case::ses(fixture!("json-ses-bounce"), Kind::Bounce)]
#[case::delay(fixture!("dsn-delayed"), Kind::Delay)]
#[case::exim_delay(fixture!("text-exim-delay"), Kind::Delay)]
#[case::delivered(fixture!("dsn-delivered"), Kind::Automatic)]
#[case::mdn(fixture!("mdn-displayed"), Kind::Automatic)]
#[case::ticket(fixture!("ticket-receipt"), Kind::Automatic)]
#[case::invitation(fixture!("invitation"), Kind::Human)]
#[case::forwarded_bounce(fixture!("human-forwards-a-bounce"), Kind::Human)]
#[case::own_group(fixture!("human-reply-through-own-group"), Kind::Human)]
#[case::list(fixture!("list-post"), Kind::Bulk)]
fn fixtures_have_their_kind(#[case] raw: &[u8], #[case] kind: Kind) {
    let class = class(raw);
    assert_eq!(class.kind, kind, "{}", class.because);
    assert!(!class.because.is_empty());
    assert_eq!(class.bounce.is_some(), matches!(kind, Kind::Bounce | Kind::Delay));
}

#[rstest]
#[case("X-Auto-Response-Suppress: All\n", "Thursday works.")]
#[case(
    "List-Unsubscribe: <https://crm.example/u/1>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n",
    "Thursday works."
)]
#[case("Precedence: bulk\n", "Thursday works.")]
#[case("Precedence: list\nList-Id: <dana.harbour.example>\nDelivered-To: dana@harbour.example\n", "Thursday works.")]
#[case("X-MS-Exchange-Inbox-Rules-Loop: dana@harbour.example\n", "Thursday works.")]
#[case(
    "Feedback-ID: 1:crm\nX-Mailgun-Sid: x\nList-Unsubscribe: <https://crm.example/u>\n",
    "We have a role for you. Shall we talk? To opt out, unsubscribe here."
)]
#[case("X-Loop: dana@harbour.example\n", "ok")]
#[case("", "")]
#[case("", "+1")]
#[case("", "I guess this is an automated reply, but could we talk on Friday?")]
#[case("", "> Your mail could not be delivered\n\nThat was my old address. This one works.")]
#[case("Content-Type: image/png\nContent-Transfer-Encoding: base64\n", "iVBORw0KGgo=")]
#[case("Subject: Delivery failed\n", "Hi Dana,\nI think the delivery of your message failed? Call me.")]
#[case("Subject: Undeliverable parcel\n", "My parcel to you came back, can you send me the right address?")]
#[case("Subject: Re: your Rust crate\nAuto-Submitted: no\n", "Nice work!")]
#[case(
    "Subject: Engineer at a manufacturer\nFrom: Recruiting <recruiting@kiteworks.example>\n",
    "Would this be for you?"
)]
#[case(
    "From: Jane Roe via LinkedIn <messages-noreply@linkedin.example>\nSubject: Jane sent you a message\n",
    "Happy to talk next week."
)]
#[case(
    "From: Jane Roe <no-reply@ats.example>\nReply-To: Jane Roe <reply+8f2c91@in.ats.example>\n",
    "Happy to talk next week. Jane"
)]
fn a_persons_mail_stays_human(#[case] header: &str, #[case] text: &str) {
    let class = mail(header, text);
    assert_eq!(class.kind, Kind::Human, "{}", class.because);
}

#[rstest]
#[case("Auto-Submitted: auto-generated\n", "Build failed.")]
#[case("Return-Path: <>\n", "Thank you for your mail.")]
#[case("X-Autoreply: yes\n", "We will answer soon.")]
#[case("From: Shop <no-reply@shop.example>\nSubject: Your account\n", "Welcome.")]
#[case("From: Shop <info@donotreply.shop.example>\nSubject: Your account\n", "Welcome.")]
#[case(
    "Subject: Message held\n",
    "Your message to planner-dev awaits moderator approval because you are not a member."
)]
#[case("Subject: Secure mail\n", "You have received an encrypted message. Open the attachment to read it.")]
#[case(
    "Subject: Please confirm\nReturn-Path: <>\n",
    "Your message is being held until you verify that you are human. Click the link."
)]
#[case(
    "Subject: We got your application\nFrom: Jobs <jobs@kiteworks.example>\n",
    "Thank you for applying. We have received your application and our recruiting team will review it."
)]
#[case(
    "Subject: Ihre Bewerbung\nFrom: Karriere <karriere@kiteworks.example>\n",
    "Vielen Dank für Ihre Bewerbung. Ihre Unterlagen sind bei uns eingegangen. Dies ist eine automatisch erzeugte Nachricht."
)]
#[case("Subject: Report Domain: harbour.example Submitter: mx.example\n", "Aggregate report attached.")]
#[case("Subject: Rechnung 2026-118\nFrom: Billing <billing@host.example>\n", "Ihre Rechnung liegt bei.")]
#[case(
    "Content-Type: text/calendar; method=REPLY\nSubject: Accepted: Query planner\n",
    "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR"
)]
#[case(
    "Content-Type: text/calendar\nSubject: Abgesagt: Query planner\n",
    "BEGIN:VCALENDAR\nMETHOD:CANCEL\nEND:VCALENDAR"
)]
#[case(
    "Content-Type: multipart/report; report-type=feedback-report; boundary=x\nSubject: complaint\n",
    "--x\n\nabuse\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--x--"
)]
fn machines_are_automatic(#[case] header: &str, #[case] text: &str) {
    let class = mail(header, text);
    assert_eq!(class.kind, Kind::Automatic, "{}", class.because);
}

#[rstest]
#[case(
    "From: Ferry Weekly <news@ferry.example>\nSubject: Issue 12\nList-Unsubscribe: <https://ferry.example/u>\n",
    "Read on. Unsubscribe here."
)]
#[case(
    "From: Job Alerts <jobalerts-noreply@board.example>\nSubject: 9 new jobs\nList-Unsubscribe: <https://board.example/u>\n",
    "You are receiving this because you have an alert."
)]
#[case(
    "Subject: Weekly roles\nList-Id: <roles.board.example>\nList-Unsubscribe: <https://board.example/u>\nPrecedence: bulk\n",
    "Ten roles. Unsubscribe."
)]
fn mail_to_many_is_bulk(#[case] header: &str, #[case] text: &str) {
    let class = mail(header, text);
    assert_eq!(class.kind, Kind::Bulk, "{}", class.because);
}

#[test]
fn a_receipt_names_the_mail_it_is_for() {
    let ids = class(fixture!("mdn-displayed")).quoted_ids;
    assert_eq!(ids.first().map(MessageId::as_str), Some("20260914.7f3a@harbour.example"));
}

#[test]
fn what_cannot_be_read_is_automatic_and_says_why() {
    let class = class(b"Subject: nobody\n\nText");
    assert_eq!((class.kind, class.because.as_str()), (Kind::Automatic, "can't be read: no_from"));
}
