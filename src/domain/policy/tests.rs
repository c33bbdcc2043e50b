use std::sync::LazyLock;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::domain::gist::{Authentication, Pitch, RecruiterVerdict};
use crate::domain::ident::NamedAddress;
use crate::domain::inbound::ReturnPath;
use crate::domain::read;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn named(text: &str) -> NamedAddress {
    NamedAddress { name: None, address: address(text) }
}

/// A recruiter's pitch to Dana that may be answered; the verdict is set, not scored.
fn pitch() -> Gist {
    static READ: LazyLock<Gist> = LazyLock::new(read_pitch);
    READ.clone()
}

fn read_pitch() -> Gist {
    let raw = b"From: Rita Holm <rita@brightstaff.example>\r\nTo: dana@devmail.example\r\nSubject: A role\r\n\
        Message-ID: <1@brightstaff.example>\r\nDate: Tue, 10 Mar 2026 09:00:00 +0000\r\n\r\nHi Dana, a role.\r\n";
    let mut gist = read::read(raw, at("2026-03-10T09:00:00Z"));
    gist.recruiter.verdict = RecruiterVerdict::Recruiter;
    gist.recruiter.scam = false;
    gist.pitch = Pitch::default();
    gist
}

/// Everything a case borrows, so that one property at a time can be changed.
#[derive(Debug)]
struct Facts {
    gist: Gist,
    own: OwnAddresses,
    employer: Vec<String>,
    never: Vec<String>,
    in_junk: bool,
    history: History,
    authserv: Option<String>,
    live: Live,
}

impl Facts {
    fn new() -> Self {
        Self {
            gist: pitch(),
            own: OwnAddresses::new([&address("dana@devmail.example"), &address("d.reyes@freelance.example")]),
            employer: vec!["employer.example".to_owned()],
            never: vec!["ex@elsewhere.example".to_owned(), "@noway.example".to_owned()],
            in_junk: false,
            history: History::default(),
            authserv: Some("mx.devmail.example".to_owned()),
            live: Live {
                on: true,
                paused: false,
                before_start: false,
                received: at("2026-03-10T09:00:00Z"),
                now: at("2026-03-10T10:00:00Z"),
                history_complete: true,
                answered_today: 0,
                daily_limit: 20,
                answered_meanwhile: false,
            },
        }
    }

    fn judge(&self) -> Vec<Rule> {
        judge(&InquiryCase {
            gist: &self.gist,
            own: &self.own,
            employer_domains: &self.employer,
            never: &self.never,
            in_junk: self.in_junk,
            history: self.history,
            authserv_id: self.authserv.as_deref(),
            live: Some(self.live),
        })
    }
}

fn with(change: impl FnOnce(&mut Facts)) -> Vec<Rule> {
    let mut facts = Facts::new();
    change(&mut facts);
    facts.judge()
}

fn recipients(count: usize) -> Vec<NamedAddress> {
    let others = (1..count).map(|n| named(&format!("p{n}@other.example")));
    std::iter::once(named("dana@devmail.example")).chain(others).collect()
}

fn authenticated(by: &str, dmarc_fail: bool) -> Option<Authentication> {
    Some(Authentication { authserv_id: by.to_owned(), dmarc_fail })
}

type Change = fn(&mut Facts);

#[rstest]
#[case(Rule::Off, |f: &mut Facts| f.live.on = false)]
#[case(Rule::Paused, |f: &mut Facts| f.live.paused = true)]
#[case(Rule::BeforeStart, |f: &mut Facts| f.live.before_start = true)]
#[case(Rule::TooOld, |f: &mut Facts| f.live.received = at("2026-02-24T09:59:59Z"))]
#[case(Rule::HistoryIncomplete, |f: &mut Facts| f.live.history_complete = false)]
#[case(Rule::NotHuman, |f: &mut Facts| f.gist.kind = Kind::Automatic)]
#[case(Rule::NotHuman, |f: &mut Facts| f.gist.kind = Kind::Bulk)]
#[case(Rule::NotHuman, |f: &mut Facts| f.gist.kind = Kind::OutOfOffice)]
#[case(Rule::AutomaticMarks, |f: &mut Facts| f.gist.marks.push("List-Id".to_owned()))]
#[case(Rule::Junk, |f: &mut Facts| f.in_junk = true)]
#[case(Rule::Junk, |f: &mut Facts| f.gist.spam = true)]
#[case(Rule::NotAddressed, |f: &mut Facts| f.gist.to = vec![named("team@devmail.example")])]
#[case(Rule::NotAddressed, |f: &mut Facts| f.gist.to.clear())]
#[case(Rule::TooManyRecipients, |f: &mut Facts| f.gist.to = recipients(6))]
#[case(Rule::TooManyRecipients, |f: &mut Facts| f.gist.cc = recipients(6).split_off(1))]
#[case(Rule::Own, |f: &mut Facts| f.gist.from = Some(named("dana@devmail.example")))]
#[case(Rule::Own, |f: &mut Facts| f.gist.sender = Some(address("dana+x@devmail.example")))]
#[case(Rule::Own, |f: &mut Facts| f.gist.return_path = ReturnPath::Mailbox(address("d.reyes@freelance.example")))]
#[case(Rule::NotRecruiter, |f: &mut Facts| f.gist.recruiter.verdict = RecruiterVerdict::NotRecruiter)]
#[case(Rule::Unsure, |f: &mut Facts| f.gist.recruiter.verdict = RecruiterVerdict::Unsure)]
#[case(Rule::Scam, |f: &mut Facts| f.gist.recruiter.scam = true)]
#[case(Rule::Scam, |f: &mut Facts| { f.gist.recruiter.scam = true; f.gist.recruiter.verdict = RecruiterVerdict::Unsure; })]
#[case(Rule::KnownPerson, |f: &mut Facts| f.history.wrote_before = true)]
#[case(Rule::KnownPerson, |f: &mut Facts| f.history.answers_us = true)]
#[case(Rule::RunningOutreach, |f: &mut Facts| f.history.running_outreach = true)]
#[case(Rule::NeverList, |f: &mut Facts| f.history.suppressed = true)]
#[case(Rule::NeverList, |f: &mut Facts| f.never.push("Rita@BrightStaff.example".to_owned()))]
#[case(Rule::NeverList, |f: &mut Facts| f.gist.sender = Some(address("list@mail.noway.example")))]
#[case(Rule::Employer, |f: &mut Facts| f.employer.push("brightstaff.example".to_owned()))]
#[case(Rule::AlreadyAnswered, |f: &mut Facts| f.history.already_answered = true)]
#[case(Rule::DailyLimit, |f: &mut Facts| f.live.answered_today = 20)]
#[case(Rule::DailyLimit, |f: &mut Facts| f.live.daily_limit = 0)]
#[case(Rule::DmarcFail, |f: &mut Facts| f.gist.authentication = authenticated("mx.devmail.example", true))]
#[case(Rule::DmarcFail, |f: &mut Facts| f.gist.authentication = authenticated("mx7.devmail.example", true))]
#[case(Rule::DmarcFail, |f: &mut Facts| { f.authserv = None; f.gist.authentication = authenticated("any.example", true); })]
#[case(Rule::ForeignReplyTo, |f: &mut Facts| f.gist.reply_to = vec![address("x@elsewhere.example")])]
#[case(Rule::ForeignReplyTo, |f: &mut Facts| f.gist.reply_to = vec![address("rita@brightstaff.example"), address("x@elsewhere.example")])]
#[case(Rule::AnsweredMeanwhile, |f: &mut Facts| f.live.answered_meanwhile = true)]
fn one_property_raises_exactly_one_rule(#[case] rule: Rule, #[case] change: Change) {
    assert_eq!(with(change), [rule]);
}

#[rstest]
#[case::nothing(|_: &mut Facts| ())]
#[case::just_14_days(|f: &mut Facts| f.live.received = at("2026-02-24T10:00:00Z"))]
#[case::from_the_future(|f: &mut Facts| f.live.received = at("2026-03-11T10:00:00Z"))]
#[case::five_recipients(|f: &mut Facts| f.gist.to = recipients(5))]
#[case::one_of_several(|f: &mut Facts| f.gist.cc = vec![named("hr@brightstaff.example")])]
#[case::in_copy(|f: &mut Facts| { f.gist.cc = f.gist.to.clone(); f.gist.to = vec![named("hr@brightstaff.example")]; })]
#[case::a_plus_form(|f: &mut Facts| f.gist.to = vec![named("dana+jobs@devmail.example")])]
#[case::another_on_the_never_list(|f: &mut Facts| f.never.push("rita@other.example".to_owned()))]
#[case::a_name_that_ends_alike(|f: &mut Facts| f.never.push("staff.example".to_owned()))]
#[case::the_employers_name_in_front(|f: &mut Facts| f.employer.push("brightstaff.example.org".to_owned()))]
#[case::the_last_of_the_day(|f: &mut Facts| f.live.answered_today = 19)]
#[case::dmarc_pass(|f: &mut Facts| f.gist.authentication = authenticated("mx.devmail.example", false))]
#[case::another_servers_word(|f: &mut Facts| f.gist.authentication = authenticated("mail.elsewhere.example", true))]
#[case::same_organisation(|f: &mut Facts| f.gist.reply_to = vec![address("jobs@reply.brightstaff.example")])]
#[case::the_author_again(|f: &mut Facts| f.gist.reply_to = vec![address("rita+7@brightstaff.example")])]
#[case::no_return_path(|f: &mut Facts| f.gist.return_path = ReturnPath::Absent)]
#[case::own_addresses_unknown(|f: &mut Facts| { f.own = OwnAddresses::default(); f.gist.to = vec![named("team@devmail.example")]; })]
fn the_neighbour_of_a_block_is_answered(#[case] change: Change) {
    assert_eq!(with(change), []);
}

#[test]
fn two_freemail_addresses_are_no_organisation() {
    let blocks = with(|f| {
        f.gist.from = Some(named("rita@gmail.com"));
        f.gist.reply_to = vec![address("collect@gmail.com")];
    });
    assert_eq!(blocks, [Rule::ForeignReplyTo]);
}

#[test]
fn a_mail_file_knows_no_live_rules() {
    let facts = Facts::new();
    let case = InquiryCase {
        gist: &facts.gist,
        own: &facts.own,
        employer_domains: &[],
        never: &[],
        in_junk: false,
        history: History::default(),
        authserv_id: None,
        live: None,
    };
    assert_eq!(judge(&case), []);
}

#[test]
fn blocks_are_told_in_the_order_of_the_specification() {
    let blocks = with(|f| {
        f.live = Live {
            on: false,
            paused: true,
            before_start: true,
            received: at("2026-01-01T00:00:00Z"),
            history_complete: false,
            answered_today: 99,
            answered_meanwhile: true,
            ..f.live
        };
        f.gist.kind = Kind::OutOfOffice;
        f.gist.marks.push("List-Id".to_owned());
        f.in_junk = true;
        f.gist.to = recipients(7).split_off(1);
        f.gist.sender = Some(address("dana@devmail.example"));
        f.gist.recruiter.verdict = RecruiterVerdict::NotRecruiter;
        f.gist.recruiter.scam = true;
        f.history = History {
            wrote_before: true,
            answers_us: true,
            running_outreach: true,
            suppressed: true,
            already_answered: true,
        };
        f.employer.push("brightstaff.example".to_owned());
        f.gist.authentication = authenticated("mx.devmail.example", true);
        f.gist.reply_to = vec![address("x@elsewhere.example")];
    });
    let names: Vec<&str> = blocks.iter().map(|rule| rule.as_str()).collect();
    let order = "off paused before_start too_old history_incomplete not_human automatic_marks junk not_addressed \
        too_many_recipients self not_recruiter scam known_person running_outreach never_list employer \
        already_answered daily_limit dmarc_fail foreign_reply_to answered_meanwhile";
    assert_eq!(names, order.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn every_rule_is_in_the_table_once_and_under_its_stored_name() {
    for (index, (rule, _)) in RULES.iter().enumerate() {
        assert_eq!(Rule::parse(rule.as_str()), Some(*rule));
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.as_str());
        assert!(RULES.iter().skip(index + 1).all(|(other, _)| other != rule));
        assert!(!rule.explain().is_empty());
    }
    assert_eq!(Rule::parse("nonsense"), None);
}

#[rstest]
#[case("rita@brightstaff.example", "rita@brightstaff.example", true)]
#[case("RITA@Brightstaff.Example ", "rita@brightstaff.example", true)]
#[case("rita@brightstaff.example", "rita+jobs@brightstaff.example", true)]
#[case("rita@brightstaff.example", "mia@brightstaff.example", false)]
#[case("brightstaff.example", "rita@brightstaff.example", true)]
#[case("@brightstaff.example", "rita@mail.brightstaff.example", true)]
#[case("mail.brightstaff.example", "rita@brightstaff.example", false)]
#[case("staff.example", "rita@brightstaff.example", false)]
#[case("", "rita@brightstaff.example", false)]
#[case("example", "rita@brightstaff.example", true)]
fn a_list_names_addresses_and_domains(#[case] entry: &str, #[case] who: &str, #[case] listed: bool) {
    assert_eq!(is_listed(&[entry.to_owned()], &address(who)), listed);
}

#[rstest]
#[case(None, "rita@brightstaff.example")]
#[case(Some("jobs@brightstaff.example"), "jobs@brightstaff.example")]
#[case(Some("x@reply.linkedin.com"), "x@reply.linkedin.com")]
#[case(Some("x@elsewhere.example"), "rita@brightstaff.example")]
fn the_answer_goes_where_the_author_may_send_it(#[case] reply_to: Option<&str>, #[case] to: &str) {
    let mut gist = pitch();
    gist.reply_to = reply_to.map(address).into_iter().collect();
    assert_eq!(answer_to(&gist), Some(&address(to)));
}

prop_compose! {
    fn any_facts()(
        kind in prop::sample::select(vec![Kind::Human, Kind::Human, Kind::Automatic, Kind::Bulk, Kind::OutOfOffice]),
        verdict in prop::sample::select(vec![
            RecruiterVerdict::Recruiter, RecruiterVerdict::Recruiter, RecruiterVerdict::Unsure, RecruiterVerdict::NotRecruiter,
        ]),
        to in prop::collection::vec(prop::sample::select(vec![
            "dana@devmail.example", "dana+x@devmail.example", "a@other.example", "b@other.example", "c@other.example",
        ]), 0..8),
        from in prop::option::weighted(0.95, prop::sample::select(vec![
            "rita@brightstaff.example", "dana@devmail.example", "boss@employer.example", "x@noway.example", "r@gmail.com",
        ])),
        reply_to in prop::option::of(prop::sample::select(vec![
            "rita@brightstaff.example", "jobs@brightstaff.example", "x@elsewhere.example", "r@gmail.com",
        ])),
        flags in prop::collection::vec(prop::bool::weighted(0.06), 16),
        age_hours in 0i64..500,
        answered_today in 0u32..25,
    ) -> Facts {
        let mut facts = Facts::new();
        facts.gist.kind = kind;
        facts.gist.recruiter.verdict = verdict;
        facts.gist.to = to.into_iter().map(named).collect();
        facts.gist.from = from.map(named);
        facts.gist.reply_to = reply_to.map(address).into_iter().collect();
        facts.gist.recruiter.scam = flags[0];
        facts.gist.spam = flags[1];
        facts.in_junk = flags[2];
        facts.gist.marks = if flags[3] { vec!["List-Id".to_owned()] } else { Vec::new() };
        facts.history = History {
            wrote_before: flags[4], answers_us: flags[5], running_outreach: flags[6],
            suppressed: flags[7], already_answered: flags[8],
        };
        facts.gist.authentication = authenticated("mx.devmail.example", flags[9]);
        facts.live = Live {
            on: !flags[10], paused: flags[11], before_start: flags[12], history_complete: !flags[13],
            answered_meanwhile: flags[14], answered_today,
            received: facts.live.now - SignedDuration::from_hours(age_hours), ..facts.live
        };
        facts
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// What must be true of every mail that is answered, said once more in other words.
    #[test]
    fn whatever_is_answered_is_safe_to_answer(facts in any_facts()) {
        if facts.judge().is_empty() {
            let gist = &facts.gist;
            let from = gist.author().unwrap().as_str().to_owned();
            prop_assert!(gist.kind == Kind::Human && gist.marks.is_empty() && !gist.spam && !facts.in_junk);
            prop_assert!(gist.recruiter.verdict == RecruiterVerdict::Recruiter && !gist.recruiter.scam);
            let to: Vec<&str> = gist.addressees().map(|to| to.address.as_str()).collect();
            prop_assert!(to.iter().any(|to| to.starts_with("dana")) && to.len() <= 5);
            prop_assert!(from != "dana@devmail.example" && !from.ends_with("employer.example") && !from.ends_with("noway.example"));
            prop_assert_eq!(facts.history, History::default());
            prop_assert!(!gist.authentication.as_ref().unwrap().dmarc_fail);
            let live = facts.live;
            prop_assert!(live.on && !live.paused && !live.before_start && live.history_complete && !live.answered_meanwhile);
            prop_assert!(live.now.duration_since(live.received) <= SignedDuration::from_hours(14 * 24));
            prop_assert!(live.answered_today < 20);
            let reply = answer_to(gist).unwrap().as_str().to_owned();
            let domain = |address: &str| address.rsplit_once('@').unwrap().1.to_owned();
            prop_assert!(reply == from || domain(&reply) == domain(&from) && domain(&from) != "gmail.com");
        }
    }
}
