use super::*;
use crate::domain::inbound::parse;
use rstest::rstest;

fn marks(header: &str) -> Vec<String> {
    let from = if header.contains("From:") { "" } else { "From: Ines <ines@kiteworks.example>\n" };
    of(&parse(format!("{from}To: dana@harbour.example\n{header}\nText\n").as_bytes()))
}

#[rstest]
#[case("Return-Path: <>", "Return-Path: <>")]
#[case("Return-Path: <MAILER-DAEMON@kiteworks.example>", "Return-Path of a mail system (mailer-daemon)")]
#[case("Auto-Submitted: auto-replied (vacation)", "Auto-Submitted: auto-replied")]
#[case("Auto-Submitted: (no) auto-notified; owner-email=x", "Auto-Submitted: auto-notified")]
#[case("Auto-Submitted: no\nAuto-Submitted: auto-generated", "Auto-Submitted: auto-generated")]
#[case("Auto-Submitted: brand-new", "Auto-Submitted: brand-new")]
#[case("Auto-Submitted: (", "Auto-Submitted: unreadable")]
#[case("List-Id: <x.kiteworks.example>", "List-Id: <x.kiteworks.example>")]
#[case("List-Post: NO", "List-Post: NO")]
#[case("Precedence: Bulk", "Precedence: Bulk")]
#[case("X-Precedence: list", "X-Precedence: list")]
#[case("Precedence: auto_reply", "Precedence: auto_reply")]
#[case("X-Auto-Response-Suppress: DR, OOF, AutoReply", "X-Auto-Response-Suppress: DR, OOF, AutoReply")]
#[case("X-POST-MessageClass: 9; Autoresponder", "X-Post-Messageclass: 9; Autoresponder")]
#[case("X-Apple-Action: VACATION", "X-Apple-Action: VACATION")]
#[case("X-Loop: x", "X-Loop: x")]
#[case("Content-Type: multipart/report; boundary=x", "Content-Type: multipart/report")]
#[case("Content-Type: message/rfc822", "Content-Type: message/rfc822")]
#[case("Content-Type: text/calendar; method=request", "calendar, method REQUEST")]
#[case("Content-Type: application/pkcs7-mime", "Content-Type: application/pkcs7-mime")]
#[case("From: <No-Reply@kiteworks.example>", "From is a machine's address (no-reply)")]
#[case("From: <prvs=0123456789=notifications@kiteworks.example>", "From is a machine's address (notifications)")]
#[case("Sender: <planner-bounces@kiteworks.example>", "Sender is a machine's address (-bounces)")]
#[case("Reply-To: <donotreply@kiteworks.example>", "Reply-To is a machine's address (donotreply)")]
fn a_field_that_forbids_an_answer_is_named(#[case] header: &str, #[case] mark: &str) {
    let found = marks(&format!("{header}\n"));
    assert!(found.iter().any(|one| one == mark), "{found:?}");
}

#[rstest]
#[case("")]
#[case("Auto-Submitted: no\n")]
#[case("Auto-Submitted: NO (a person wrote this)\n")]
#[case("List-Unsubscribe: <https://crm.example/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n")]
#[case("Return-Path: <bounces+123-dana=harbour.example@crm.example>\n")]
#[case("X-Auto-Response-Suppress: None\n")]
#[case("X-Auto-Response-Suppress: DR, RN, NRN\n")]
#[case("Precedence: first-class\n")]
#[case("X-Autoreply: no\n")]
#[case("Feedback-ID: 1:crm\nX-SG-EID: x\nX-SES-Outgoing: x\nX-Mailgun-Sid: x\nX-Campaign-Id: 7\n")]
#[case("From: <newman@kiteworks.example>\n")]
fn what_people_and_sequencers_send_bears_no_mark(#[case] header: &str) {
    assert_eq!(marks(header), Vec::<String>::new());
}

#[rstest]
#[case("X-Spam-Flag: YES", true)]
#[case("X-Spam-Status: Yes, score=9.1", true)]
#[case("X-SES-Spam-Verdict: FAIL", true)]
#[case("X-MS-Exchange-Organization-SCL: 6", true)]
#[case("X-Spam-Flag: NO", false)]
#[case("X-Spam-Status: No, score=0.1", false)]
#[case("X-SES-Spam-Verdict: PASS", false)]
#[case("Authentication-Results: mx.harbour.example; dmarc=fail", false)]
fn spam_is_what_a_provider_marked(#[case] header: &str, #[case] spam: bool) {
    assert_eq!(is_spam(&parse(format!("From: a@b.example\n{header}\n\nText\n").as_bytes())), spam);
}
