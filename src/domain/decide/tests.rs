use std::sync::LazyLock;

use jiff::civil::date;
use rstest::rstest;

use super::*;
use crate::domain::ident::OwnAddresses;
use crate::domain::policy::{History, Live};
use crate::domain::read;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn gist(head: &str) -> Gist {
    let raw = format!("{head}\r\nDate: Tue, 10 Mar 2026 09:00:00 +0000\r\n\r\nHi Dana, a role.\r\n");
    let mut gist = read::read(raw.as_bytes(), at("2026-03-10T09:00:00Z"));
    gist.recruiter.verdict = RecruiterVerdict::Recruiter;
    gist.recruiter.scam = false;
    gist
}

const PITCH: &str = "From: Rita Holm <rita@brightstaff.example>\r\nTo: dana@devmail.example\r\nSubject: A role\r\n\
                     Message-ID: <1@brightstaff.example>";

fn own() -> OwnAddresses {
    OwnAddresses::new([&address("dana@devmail.example")])
}

const LIVE: fn() -> Live = || Live {
    on: true,
    paused: false,
    before_start: false,
    received: at("2026-03-10T09:00:00Z"),
    now: at("2026-03-10T10:00:00Z"),
    history_complete: true,
    answered_today: 0,
    daily_limit: 20,
    answered_meanwhile: false,
};

fn inquiry<'a>(gist: &'a Gist, own: &'a OwnAddresses, live: Live) -> InquiryCase<'a> {
    InquiryCase {
        gist,
        own,
        employer_domains: &[],
        never: &[],
        in_junk: false,
        history: History::default(),
        authserv_id: None,
        live: Some(live),
    }
}

fn decide(gist: &Gist, change: impl FnOnce(&mut ArrivedCase<'_>)) -> Decision {
    let own = own();
    let mut case = ArrivedCase {
        inquiry: inquiry(gist, &own, LIVE()),
        at: at("2026-03-10T09:00:00Z"),
        provider_thread: None,
        candidates: Vec::new(),
        now: at("2026-03-10T10:00:00Z"),
        delay: SignedDuration::from_mins(15),
        answer_exists: false,
        joined: false,
    };
    change(&mut case);
    arrived(&case)
}

fn order(decision: &Decision) -> Option<&Order> {
    decision.facts.iter().find_map(|fact| match fact {
        Fact::Write(order) => Some(order),
        _ => None,
    })
}

fn judged(decision: &Decision) -> Option<&[Rule]> {
    decision.facts.iter().find_map(|fact| match fact {
        Fact::Judged(rules) => Some(rules.as_slice()),
        _ => None,
    })
}

#[test]
fn a_pitch_is_ordered_to_be_answered_after_the_delay() {
    let gist = gist(PITCH);
    let decision = decide(&gist, |_| ());
    let order = order(&decision).unwrap();
    assert_eq!(order.sender, address("dana@devmail.example"));
    assert_eq!(order.recipient.address, address("rita@brightstaff.example"));
    assert_eq!(order.subject, "Re: A role");
    assert_eq!(order.due_at, at("2026-03-10T10:15:00Z"));
    assert_eq!((order.template.as_str(), order.held), ("check-back", false));
    assert_eq!(order.in_reply_to, gist.message_id);
    assert_eq!(judged(&decision), Some(&[][..]));
}

#[test]
fn what_is_unsure_is_written_and_held() {
    let mut gist = gist(PITCH);
    gist.recruiter.verdict = RecruiterVerdict::Unsure;
    let decision = decide(&gist, |_| ());
    assert!(order(&decision).unwrap().held);
    assert_eq!(judged(&decision), Some(&[Rule::Unsure][..]));
    let decision = decide(&gist, |case| case.inquiry.history.wrote_before = true);
    assert!(order(&decision).is_none(), "unsure alone is held");
}

#[test]
fn what_has_an_answer_is_not_judged_again() {
    let decision = decide(&gist(PITCH), |case| case.answer_exists = true);
    assert!(order(&decision).is_none() && judged(&decision).is_none());
}

#[test]
fn a_blocked_pitch_is_remembered_in_the_roster() {
    let decision = decide(&gist(PITCH), |case| case.inquiry.history.already_answered = true);
    assert!(order(&decision).is_none());
    assert!(decision.facts.iter().any(|fact| matches!(fact, Fact::Recruiter { .. })));
}

#[test]
fn the_employers_mail_is_no_recruiters() {
    static EMPLOYER: LazyLock<Vec<String>> = LazyLock::new(|| vec!["brightstaff.example".to_owned()]);
    let decision = decide(&gist(PITCH), |case| case.inquiry.employer_domains = &EMPLOYER);
    assert!(!decision.facts.iter().any(|fact| matches!(fact, Fact::Recruiter { .. } | Fact::Write(_))));
}

#[test]
fn the_answer_continues_the_thread() {
    let head =
        format!("{PITCH}\r\nIn-Reply-To: <0@brightstaff.example>\r\nReferences: <a@b.example> <0@brightstaff.example>");
    let decision = decide(&gist(&head), |_| ());
    let references: Vec<&str> = order(&decision).unwrap().references.iter().map(MessageId::as_str).collect();
    assert_eq!(references, ["a@b.example", "0@brightstaff.example", "1@brightstaff.example"]);

    let head = format!("{PITCH}\r\nIn-Reply-To: <0@brightstaff.example>");
    let decision = decide(&gist(&head), |_| ());
    let references: Vec<&str> = order(&decision).unwrap().references.iter().map(MessageId::as_str).collect();
    assert_eq!(references, ["0@brightstaff.example", "1@brightstaff.example"], "RFC 5322 section 3.6.4");
}

#[rstest]
#[case("A role", "Re: A role")]
#[case("Re: A role", "Re: A role")]
#[case("RE: A role", "Re: A role")]
#[case("  A role ", "Re: A role")]
#[case("", "Re:")]
#[case("Réseau", "Re: Réseau")]
#[case("Research", "Re: Research")]
#[case("é", "Re: é")]
fn the_subject_gets_one_re(#[case] subject: &str, #[case] expected: &str) {
    assert_eq!(reply_subject(subject), expected);
}

#[rstest]
#[case("2026-03-10T10:00:00Z", 8, date(2026, 11, 10))]
#[case::shorter_month("2026-06-30T22:30:00Z", 8, date(2027, 3, 1))]
#[case::end_of_january("2026-01-31T12:00:00Z", 1, date(2026, 2, 28))]
#[case::leap_day("2027-06-29T12:00:00Z", 8, date(2028, 2, 29))]
#[case::end_of_june("2027-06-30T12:00:00Z", 8, date(2028, 2, 29))]
#[case::before_midnight_in_berlin("2026-03-10T22:59:59Z", 8, date(2026, 11, 10))]
#[case::after_midnight_in_berlin("2026-03-10T23:00:00Z", 8, date(2026, 11, 11))]
#[case::clocks_go_forward("2026-03-29T01:30:00Z", 8, date(2026, 11, 29))]
#[case::clocks_go_back("2026-10-25T00:30:00Z", 5, date(2027, 3, 25))]
fn the_promised_day_is_one_of_the_users_calendar(#[case] sent: &str, #[case] months: u32, #[case] day: Date) {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    assert_eq!(check_back_on(at(sent), months, &berlin), day);
}

#[test]
fn a_person_is_known_by_every_name() {
    let head = "From: Rita  HOLM <rita+7@brightstaff.example>\r\nSender: desk@brightstaff.example\r\n\
        Reply-To: jobs@brightstaff.example, x@reply.linkedin.com\r\nTo: dana@devmail.example\r\nSubject: A role\r\n\
        Message-ID: <2@brightstaff.example>\r\nIn-Reply-To: <1@brightstaff.example>\r\n\
        References: <0@brightstaff.example> <1@brightstaff.example>";
    let marks = answer_marks(&gist(head));
    for mark in [
        "address:rita@brightstaff.example",
        "address:desk@brightstaff.example",
        "address:jobs@brightstaff.example",
        "mail:0@brightstaff.example",
        "mail:1@brightstaff.example",
        "mail:2@brightstaff.example",
        "person:holm rita|brightstaff.example",
    ] {
        assert!(marks.iter().any(|known| known == mark), "{mark} in {marks:?}");
    }
}

#[test]
fn a_robot_of_a_platform_stands_for_many_people() {
    let head = "From: Rita Holm via LinkedIn <messages-noreply@linkedin.com>\r\nTo: dana@devmail.example\r\n\
        Message-ID: <2@linkedin.com>";
    assert!(!answer_marks(&gist(head)).iter().any(|mark| mark.starts_with("address:")));
}

#[test]
fn a_first_name_or_a_freemail_domain_names_nobody() {
    let one = "From: Rita <rita@brightstaff.example>\r\nTo: dana@devmail.example\r\nMessage-ID: <1@b.example>";
    let free = "From: Rita Holm <rita@gmail.com>\r\nTo: dana@devmail.example\r\nMessage-ID: <1@b.example>";
    for head in [one, free] {
        assert!(!answer_marks(&gist(head)).iter().any(|mark| mark.starts_with("person:")));
    }
}

#[rstest]
#[case::clear(|_: &mut InquiryCase<'_>| (), false, GateVerdict::Go)]
#[case::paused(|case: &mut InquiryCase<'_>| case.live = Some(Live { paused: true, ..LIVE() }), false, GateVerdict::Wait(vec![Rule::Paused]))]
#[case::limit(|case: &mut InquiryCase<'_>| case.live = Some(Live { answered_today: 20, ..LIVE() }), false, GateVerdict::Wait(vec![Rule::DailyLimit]))]
#[case::answered(
    |case: &mut InquiryCase<'_>| case.live = Some(Live { answered_meanwhile: true, ..LIVE() }), true, GateVerdict::Cancel(vec![Rule::AnsweredMeanwhile])
)]
#[case::paused_and_known(
    |case: &mut InquiryCase<'_>| { case.live = Some(Live { paused: true, ..LIVE() }); case.history.wrote_before = true; },
    false,
    GateVerdict::Cancel(vec![Rule::Paused, Rule::KnownPerson])
)]
fn the_gate_lets_go_wait_or_cancels(
    #[case] change: fn(&mut InquiryCase<'_>),
    #[case] approved: bool,
    #[case] expected: GateVerdict,
) {
    let (gist, own) = (gist(PITCH), own());
    let mut case = inquiry(&gist, &own, LIVE());
    change(&mut case);
    assert_eq!(gate(&case, approved), expected);
}

#[test]
fn a_persons_word_lifts_unsure_and_nothing_else() {
    let own = own();
    let mut gist = gist(PITCH);
    gist.recruiter.verdict = RecruiterVerdict::Unsure;
    assert_eq!(gate(&inquiry(&gist, &own, LIVE()), false), GateVerdict::Cancel(vec![Rule::Unsure]));
    assert_eq!(gate(&inquiry(&gist, &own, LIVE()), true), GateVerdict::Go);
    let weeks_later = Live { now: LIVE().received + policy::MAX_AGE + jiff::SignedDuration::from_secs(1), ..LIVE() };
    assert_eq!(gate(&inquiry(&gist, &own, weeks_later), true), GateVerdict::Cancel(vec![Rule::TooOld]));
    gist.recruiter.scam = true;
    assert_eq!(gate(&inquiry(&gist, &own, LIVE()), true), GateVerdict::Cancel(vec![Rule::Scam]));
}

#[test]
fn passing_rules_and_the_query_for_them_agree() {
    let passing: Vec<&str> =
        policy::RULES.iter().map(|(rule, _)| *rule).filter(|r| r.passes()).map(Rule::as_str).collect();
    assert_eq!(passing, ["paused", "history_incomplete", "daily_limit"], "as in store::cases::deferred");
}
