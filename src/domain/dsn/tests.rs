use super::*;
use crate::domain::gist::BounceReason;
use crate::domain::inbound::parse;
use rstest::rstest;

const INES: &str = "ines.vidal@kiteworks.example";
const ORIGINAL: &str = "20260914.7f3a@harbour.example";

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/fixtures/mail/", $name, ".eml")).as_slice()
    };
}

fn bounce(raw: &[u8]) -> Bounce {
    match read(&parse(raw)).map(|report| report.outcome) {
        Some(Outcome::Failed(bounce)) => bounce,
        other => panic!("no bounce: {other:?}"),
    }
}

#[rstest]
#[case::postfix(fixture!("dsn-postfix-unknown-user"), true, BounceReason::Address, Some("5.1.1"), true)]
#[case::broken(fixture!("dsn-nested-untyped-no-blank-lines"), true, BounceReason::Full, Some("5.2.2"), true)]
#[case::delayed(fixture!("dsn-delayed"), false, BounceReason::Network, Some("5.4.1"), false)]
#[case::exchange_online(fixture!("dsn-exchange-online-access-denied"), true, BounceReason::Address, Some("5.4.1"), true)]
#[case::qmail(fixture!("text-qmail"), true, BounceReason::Address, None, true)]
#[case::exim_delay(fixture!("text-exim-delay"), false, BounceReason::Network, None, false)]
#[case::gmail_policy(fixture!("text-gmail-policy"), true, BounceReason::Policy, Some("5.7.1"), true)]
#[case::domino(fixture!("text-domino"), true, BounceReason::Address, None, false)]
#[case::exchange_2003(fixture!("text-exchange-2003"), true, BounceReason::Size, Some("5.2.3"), false)]
#[case::mdaemon(fixture!("text-mdaemon"), true, BounceReason::Address, None, false)]
#[case::ses(fixture!("json-ses-bounce"), true, BounceReason::Address, Some("5.1.1"), true)]
fn every_family_of_notices_gives_outcome_recipient_reason_and_original(
    #[case] raw: &[u8],
    #[case] permanent: bool,
    #[case] reason: BounceReason,
    #[case] status: Option<&str>,
    #[case] has_original: bool,
) {
    let bounce = bounce(raw);
    assert_eq!(bounce.recipients.first().map(Address::as_str), Some(INES));
    assert_eq!((bounce.permanent, bounce.reason, bounce.status.as_deref()), (permanent, reason, status));
    assert_eq!(bounce.original_message_id.as_ref().map(|id| id.as_str()), has_original.then_some(ORIGINAL));
}

#[test]
fn the_original_recipient_comes_before_the_final_one_and_the_delivered_one_is_left_out() {
    let recipients = bounce(fixture!("dsn-nested-untyped-no-blank-lines")).recipients;
    let names: Vec<&str> = recipients.iter().map(Address::as_str).collect();
    assert_eq!(names, [INES, "postbox-7@store.kiteworks.example"]);
}

#[test]
fn a_report_of_success_is_no_bounce() {
    let report = read(&parse(fixture!("dsn-delivered"))).unwrap();
    assert_eq!(report.outcome, Outcome::Delivered);
}

#[rstest]
#[case::forward(fixture!("human-forwards-a-bounce"))]
#[case::reply(fixture!("human-reply-through-own-group"))]
#[case::receipt(fixture!("ticket-receipt"))]
fn other_mail_is_no_report(#[case] raw: &[u8]) {
    assert_eq!(read(&parse(raw)), None);
}

#[rstest]
#[case("rfc822; a@b.example", "a@b.example")]
#[case("RFC822;<A@B.example>", "a@b.example")]
#[case("a@b.example.", "a@b.example")]
#[case("rfc822;@relay.example:a@b.example", "a@b.example")]
#[case("rfc822;a+2Btag@b.example", "a+tag@b.example")]
#[case("rfc822; a+40b.example", "a@b.example")]
#[case("rfc822; \"ann\"@b.example", "ann@b.example")]
#[case("x-unix; a@b.example (expanded)", "a@b.example")]
fn recipient_fields_are_read_in_every_form(#[case] field: &str, #[case] address: &str) {
    assert_eq!(status::address(field).as_ref().map(Address::as_str), Some(address));
}

#[rstest]
#[case("system;daemon")]
#[case("X.400; C=de; A= ; P=kiteworks; S=Vidal")]
#[case("rfc822;")]
fn recipient_fields_without_an_address_give_none(#[case] field: &str) {
    assert_eq!(status::address(field), None);
}

#[rstest]
#[case("5.1.1", "", BounceReason::Address)]
#[case("5.1.10", "RESOLVER.ADR.RecipientNotFound", BounceReason::Address)]
#[case("5.1.8", "550 5.1.8 user unknown", BounceReason::Policy)]
#[case("5.2.1", "mailbox disabled", BounceReason::Address)]
#[case("5.2.2", "", BounceReason::Full)]
#[case("5.0.0", "552 account is over quota", BounceReason::Full)]
#[case("5.3.4", "", BounceReason::Size)]
#[case("4.4.7", "message expired", BounceReason::Network)]
#[case("5.4.6", "too many hops", BounceReason::Network)]
#[case("5.4.1", "no answer from host", BounceReason::Network)]
#[case("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", BounceReason::Address)]
#[case("5.7.1", "blocked using a block list", BounceReason::Policy)]
#[case("5.7.1", "550 5.7.1 <x@y.example>: User unknown", BounceReason::Address)]
#[case("5.1.1", "550 5.1.1 <spam@blocked.example>: User unknown", BounceReason::Address)]
#[case("5.1.0", "550 5.1.0 sending address is listed in Spamhaus", BounceReason::Policy)]
#[case("5.0.0", "", BounceReason::Unknown)]
fn the_reason_follows_from_code_and_words(#[case] code: &str, #[case] words: &str, #[case] reason: BounceReason) {
    assert_eq!(reason::of(Some(code), words), reason);
}

#[rstest]
#[case("5.1.1 (bad mailbox)", "", Some("5.1.1"))]
#[case("5.0.0", "smtp; 550 5.7.26 unauthenticated", Some("5.7.26"))]
#[case("5.0.0", "from 5.1.1.7 and 10.5.1.1", Some("5.0.0"))]
#[case("", "relay-5.1.1.example refused", None)]
fn the_better_code_is_taken_and_never_a_piece_of_an_ip_address(
    #[case] field: &str,
    #[case] words: &str,
    #[case] code: Option<&str>,
) {
    assert_eq!(reason::status(field, words).as_deref(), code);
}

#[test]
fn own_and_server_addresses_are_never_failed_recipients() {
    let mail = parse(
        b"From: MAILER-DAEMON@relay.example\nTo: dana@harbour.example\nSubject: failure notice\n\n\
          dana@harbour.example\npostmaster@relay.example\nYour mail to ines.vidal@kiteworks.example failed: user unknown\n",
    );
    let Some(Outcome::Failed(bounce)) = read(&mail).map(|report| report.outcome) else { panic!("a bounce") };
    assert_eq!(bounce.recipients.iter().map(Address::as_str).collect::<Vec<_>>(), [INES]);
}
