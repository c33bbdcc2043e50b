use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::domain::read::read;

const NEW: &str = "To: ana@acme.example\nSubject: Coffee about tracing allocators";
const DAY: i64 = 24;

/// What a test changes of a mail that was sent an hour ago to one stranger.
struct Setting {
    header: &'static str,
    hours_ago: i64,
    log: LogPolicy,
    in_outreach_folder: bool,
    strangers: &'static [bool],
    leads: bool,
    running: Vec<RunningOutreach>,
    remembered: Option<bool>,
    made_by_us: bool,
    change: fn(&mut Gist),
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            header: NEW,
            hours_ago: 1,
            log: LogPolicy::Propose,
            in_outreach_folder: false,
            strangers: &[true, true, true, true],
            leads: false,
            running: vec![],
            remembered: None,
            made_by_us: false,
            change: |_| {},
        }
    }
}

fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn hours_ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

fn own() -> OwnAddresses {
    OwnAddresses::new(&[Address::parse("dana@devmail.example").unwrap()])
}

fn sent(header: &str) -> Gist {
    let raw =
        format!("From: dana@devmail.example\nMessage-ID: <new@devmail.example>\n{header}\n\n").replace('\n', "\r\n");
    let mut gist = read(raw.as_bytes(), now());
    gist.kind = Kind::Human;
    gist.forward = false;
    gist
}

fn judge(setting: &Setting) -> SentVerdict {
    let mut gist = sent(setting.header);
    (setting.change)(&mut gist);
    judge_sent(&SentCase {
        gist: &gist,
        sent_at: hours_ago(setting.hours_ago),
        now: now(),
        own: &own(),
        log: setting.log,
        in_outreach_folder: setting.in_outreach_folder,
        strangers: setting.strangers,
        leads: setting.leads,
        running: &setting.running,
        remembered: setting.remembered,
        made_by_us: setting.made_by_us,
    })
}

/// The verdict's name and reason, for comparing.
fn words(setting: &Setting) -> String {
    match judge(setting) {
        SentVerdict::Logged { because } => format!("logged: {because}"),
        SentVerdict::Proposed { because } => format!("proposed: {because}"),
        SentVerdict::Touch { outreach, because } => format!("touch {outreach}: {because}"),
        SentVerdict::NotOutreach { because } => format!("not: {because}"),
    }
}

fn running(outreach: i64) -> RunningOutreach {
    RunningOutreach {
        outreach,
        ids: vec![MessageId::parse(&format!("touch{outreach}@devmail.example")).unwrap()],
        recipients: vec![Address::parse("ana@acme.example").unwrap(), Address::parse("ana@home.example").unwrap()],
        base_subject: BaseSubject::of("Coffee about tracing allocators"),
        last_touch: hours_ago(10 * DAY),
    }
}

#[test]
fn a_new_thread_to_strangers_is_proposed() {
    assert_eq!(words(&Setting::default()), "proposed: a new thread to strangers");
    let three = "To: a@x.example, b@y.example\nCc: c@z.example\nSubject: Coffee";
    assert_eq!(words(&Setting { header: three, ..Default::default() }), "proposed: a new thread to strangers");
}

#[rstest]
#[case("To: dana@devmail.example\nCc: Dana+notes@devmail.example", "not: to nobody but oneself")]
#[case("Subject: a note without anybody", "not: to nobody but oneself")]
#[case("To: ana@acme.example\nIn-Reply-To: <x@acme.example>", "not: a reply")]
#[case("To: ana@acme.example\nReferences: <x@acme.example>", "not: a reply")]
#[case("To: ana@acme.example\nAuto-Submitted: auto-generated", "not: marked Auto-Submitted")]
#[case("To: a@x.example, b@x.example, c@x.example, d@x.example", "not: to more than three people")]
#[case("To: a@x.example, b@x.example\nBcc: c@x.example, d@x.example", "not: to more than three people")]
#[case("To: rust-users-request@lists.example", "not: a command to a mailing list")]
#[case("To: 7f3a@mailer.example\nSubject: unsubscribe", "not: a command to a mailing list")]
fn some_mails_ask_nobody(#[case] header: &'static str, #[case] outcome: &str) {
    for log in [LogPolicy::Propose, LogPolicy::AllNewThreads] {
        assert_eq!(words(&Setting { header, log, ..Default::default() }), outcome);
    }
}

#[test]
fn four_spellings_of_one_mailbox_are_one_recipient() {
    let header = "To: ana@acme.example, Ana+a@acme.example\nCc: ANA@acme.example, ana+b@acme.example";
    assert_eq!(
        words(&Setting { header, strangers: &[true], ..Default::default() }),
        "proposed: a new thread to strangers"
    );
}

#[test]
fn what_a_machine_wrote_and_a_forward_are_no_outreach() {
    let machine = Setting { change: |gist| gist.kind = Kind::Automatic, ..Default::default() };
    assert_eq!(words(&machine), "not: not written by hand");
    let forward = Setting { change: |gist| gist.forward = true, ..Default::default() };
    assert_eq!(words(&forward), "not: a forward of somebody's mail");
}

#[test]
fn what_checkback_wrote_is_never_outreach_even_in_the_folder() {
    let setting =
        Setting { made_by_us: true, in_outreach_folder: true, running: vec![running(5)], ..Default::default() };
    assert_eq!(words(&setting), "not: written by checkback itself");
}

#[rstest]
#[case(NEW, true, false, "logged: lies in Outreach")]
#[case(NEW, false, true, "logged: to a lead")]
#[case(
    "To: ana@acme.example\nBcc: dana+outreach@devmail.example",
    false,
    false,
    "logged: copied to one's own address with +outreach"
)]
#[case(
    "To: ana@acme.example\nCc: Dana+Outreach@devmail.example",
    false,
    false,
    "logged: copied to one's own address with +outreach"
)]
fn a_mark_logs_whatever_the_policy_the_age_and_the_acquaintance(
    #[case] header: &'static str,
    #[case] in_outreach_folder: bool,
    #[case] leads: bool,
    #[case] outcome: &str,
) {
    for log in [LogPolicy::Propose, LogPolicy::AllNewThreads, LogPolicy::Off] {
        for (hours_ago, strangers, remembered) in [(1, &[true][..], None), (400 * DAY, &[false][..], Some(false))] {
            let setting = Setting {
                header,
                in_outreach_folder,
                leads,
                log,
                hours_ago,
                strangers,
                remembered,
                ..Default::default()
            };
            assert_eq!(words(&setting), outcome);
        }
    }
}

#[test]
fn somebody_elses_outreach_address_is_no_mark() {
    let header = "To: ana@acme.example\nBcc: team+outreach@agency.example";
    assert_eq!(words(&Setting { header, ..Default::default() }), "proposed: a new thread to strangers");
}

#[test]
fn a_mark_bears_many_recipients_but_no_reply_and_nobody() {
    let many = "To: a@x.example, b@x.example, c@x.example, d@x.example";
    let marked = |header| words(&Setting { header, in_outreach_folder: true, ..Default::default() });
    assert_eq!(marked(many), "logged: lies in Outreach");
    assert_eq!(marked("To: ana@acme.example\nIn-Reply-To: <x@acme.example>"), "not: a reply");
    assert_eq!(marked("To: dana@devmail.example"), "not: to nobody but oneself");
}

#[rstest]
#[case(LogPolicy::Off, 1, &[true], None, "not: not marked, and log_sent is off")]
#[case(LogPolicy::Propose, 1, &[false], None, "not: to somebody known")]
#[case(LogPolicy::Propose, 1, &[], None, "not: to somebody known")]
#[case(LogPolicy::AllNewThreads, 1, &[false], None, "not: to somebody known")]
#[case(LogPolicy::Propose, 90 * DAY, &[true], None, "proposed: a new thread to strangers")]
#[case(LogPolicy::Propose, 90 * DAY + 1, &[true], None, "not: older than 90 days")]
#[case(LogPolicy::AllNewThreads, 900 * DAY, &[true], None, "logged: a new thread to strangers")]
#[case(LogPolicy::Propose, 1, &[true], Some(true), "logged: such a proposal was accepted before")]
#[case(LogPolicy::Propose, 1, &[true], Some(false), "not: such a proposal was rejected before")]
#[case(LogPolicy::Propose, 1, &[false], Some(true), "not: to somebody known")]
#[case(LogPolicy::AllNewThreads, 1, &[true], Some(false), "not: such a proposal was rejected before")]
fn unmarked_mails_go_by_the_policy(
    #[case] log: LogPolicy,
    #[case] hours_ago: i64,
    #[case] strangers: &'static [bool],
    #[case] remembered: Option<bool>,
    #[case] outcome: &str,
) {
    assert_eq!(words(&Setting { log, hours_ago, strangers, remembered, ..Default::default() }), outcome);
}

#[test]
fn one_known_person_among_strangers_makes_it_no_proposal() {
    let header = "To: a@x.example, b@y.example";
    assert_eq!(words(&Setting { header, strangers: &[true, false], ..Default::default() }), "not: to somebody known");
}

#[rstest]
#[case(
    "To: ana@acme.example\nReferences: <touch5@devmail.example>\nSubject: Other",
    "touch 5: to the same person in the thread of this outreach"
)]
#[case(
    "To: ana@home.example\nIn-Reply-To: <touch5@devmail.example>\nSubject: Other",
    "touch 5: to the same person in the thread of this outreach"
)]
#[case("To: ben@beta.example\nIn-Reply-To: <touch5@devmail.example>", "not: a reply")]
#[case(
    "To: Ana+x@acme.example\nSubject: Re: Coffee about tracing allocators",
    "touch 5: to the same person with the same subject within 90 days"
)]
#[case("To: ana@acme.example\nSubject: Another matter", "proposed: a new thread to strangers")]
#[case("To: ben@beta.example\nSubject: Coffee about tracing allocators", "proposed: a new thread to strangers")]
fn a_second_mail_to_the_person_is_a_touch(#[case] header: &'static str, #[case] outcome: &str) {
    assert_eq!(words(&Setting { header, running: vec![running(5)], ..Default::default() }), outcome);
}

#[rstest]
#[case(90 * DAY, true)]
#[case(90 * DAY + 1, false)]
#[case(-90 * DAY, true)]
#[case(-90 * DAY - 1, false)]
fn the_same_subject_holds_for_ninety_days_in_both_directions(#[case] gap: i64, #[case] touch: bool) {
    let one = RunningOutreach { last_touch: hours_ago(1 + gap), ..running(5) };
    let verdict = judge(&Setting { running: vec![one], ..Default::default() });
    assert_eq!(matches!(verdict, SentVerdict::Touch { outreach: 5, .. }), touch);
}

#[test]
fn the_nearest_parent_and_the_latest_touch_decide_between_two_outreach() {
    let older = RunningOutreach { last_touch: hours_ago(50 * DAY), ..running(6) };
    let both = || vec![older.clone(), running(5)];
    let header = "To: ana@acme.example\nReferences: <touch5@devmail.example> <touch6@devmail.example>";
    assert!(words(&Setting { header, running: both(), ..Default::default() }).starts_with("touch 6"));
    assert!(words(&Setting { running: both(), ..Default::default() }).starts_with("touch 5"));
}

#[test]
fn a_mail_that_is_known_by_any_of_its_ids_is_its_own_touch() {
    let known = |id: &str| RunningOutreach { ids: vec![MessageId::parse(id).unwrap()], ..running(5) };
    let header = "To: ben@beta.example\nX-Microsoft-Original-Message-ID: <old@devmail.example>";
    for id in ["new@devmail.example", "old@devmail.example"] {
        let setting = Setting { header, running: vec![known(id)], ..Default::default() };
        assert_eq!(words(&setting), "touch 5: a mail of this outreach that is known already");
    }
}

#[test]
fn recipients_are_others_in_their_order_each_once() {
    let gist = sent("To: b@x.example, dana@devmail.example\nCc: a@x.example, B+tag@x.example\nBcc: c@x.example");
    let found: Vec<&str> = recipients(&gist, &own()).iter().map(|entry| entry.address.as_str()).collect();
    assert_eq!(found, ["b@x.example", "a@x.example", "c@x.example"]);
}

#[test]
fn names_of_stages_read_back() {
    for stage in Stage::ALL {
        assert_eq!(Stage::parse(stage.as_str()), Some(stage));
        assert_eq!(serde_json::to_value(stage).unwrap(), stage.as_str());
    }
    assert_eq!(Stage::parse("hired"), None);
}

#[rstest]
#[case(Stage::Lead, Stage::Contacted, true)]
#[case(Stage::Contacted, Stage::Lead, false)]
#[case(Stage::Applied, Stage::Meeting, true)]
#[case(Stage::Interviewing, Stage::Meeting, false)]
#[case(Stage::Contacted, Stage::NoAnswer, true)]
#[case(Stage::Answered, Stage::NoAnswer, false)]
#[case(Stage::NoAnswer, Stage::Answered, true)]
#[case(Stage::NoAnswer, Stage::Rejected, true)]
#[case(Stage::Lead, Stage::Rejected, false)]
#[case(Stage::Lead, Stage::Withdrawn, true)]
#[case(Stage::Rejected, Stage::Withdrawn, false)]
#[case(Stage::Rejected, Stage::Contacted, true)]
#[case(Stage::Rejected, Stage::Qualified, false)]
#[case(Stage::Offer, Stage::Accepted, true)]
#[case(Stage::Accepted, Stage::Offer, false)]
#[case(Stage::Accepted, Stage::Withdrawn, true)]
fn stages_move_by_the_rules(#[case] from: Stage, #[case] to: Stage, #[case] legal: bool) {
    assert_eq!(from.may_become(to), legal);
}

#[test]
fn no_stage_moves_to_itself_and_every_open_stage_can_be_withdrawn() {
    for stage in Stage::ALL {
        assert!(!stage.may_become(stage), "{stage:?}");
        assert!(stage.is_closed() || stage.may_become(Stage::Withdrawn), "{stage:?}");
    }
}

proptest! {
    #[test]
    fn replies_to_others_and_own_machines_mail_are_never_logged(
        folder: bool, leads: bool, us: bool, remembered: Option<bool>, hours in -10i64..10_000,
        log in prop::sample::select(vec![LogPolicy::Propose, LogPolicy::AllNewThreads, LogPolicy::Off]),
    ) {
        let header = if us { NEW } else { "To: ana@acme.example\nIn-Reply-To: <x@acme.example>" };
        let setting = Setting {
            header, hours_ago: hours, log, in_outreach_folder: folder, leads, remembered, made_by_us: us,
            ..Default::default()
        };
        let verdict = judge(&setting);
        prop_assert!(matches!(verdict, SentVerdict::NotOutreach { .. }), "{:?}", verdict);
    }
}
