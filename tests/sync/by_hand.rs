//! What a person logs and says by hand, and that every word of it can be taken back.

use checkback::domain::ident::{Address, NamedAddress};
use checkback::domain::outreach::{Channel, Stage};
use checkback::domain::rate::Settings;
use checkback::report::ReportData;
use checkback::report::gather::{Scope, gather};
use checkback::service::asked::{Outcome, alone};
use checkback::store::decisions::{self, Logged, LoggedAs, Undone};
use checkback::store::people::{self, Person};
use jiff::SignedDuration;
use rstest::rstest;

use super::asked::coffee;
use super::house::House;
use super::mail::Mail;

const KIM: &str = "kim@bigcorp.example";

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn logged(house: &House, name: &str, address: Address, channel: &str) -> Logged {
    let channel = Channel::parse(channel).unwrap();
    Logged {
        account: 1,
        person: NamedAddress { name: Some(name.to_owned()), address },
        answered: channel.is_answered_by_nature().then(|| house.now()),
        about: channel.as_str().to_owned(),
        channel,
        at: house.now(),
        sequence: None,
        tags: Vec::new(),
    }
}

fn log(house: &House, what: &Logged) -> LoggedAs {
    let now = house.now();
    house.write(|tx| decisions::log(tx, what, false, now))
}

fn undo(house: &House) {
    let undone = house.workspace.app().undo(&mut house.workspace.store(), house.now()).unwrap();
    assert!(matches!(&undone, Undone::Done { left, .. } if left.is_empty()), "{undone:?}");
}

fn report(house: &House) -> ReportData {
    let scope = Scope {
        settings: Settings { window_days: 21, ..Settings::default() },
        zone: house.workspace.config.timezone.clone(),
        per_week: 10,
        since: None,
        read_until: None,
        accounts_stale: Vec::new(),
        past: false,
    };
    gather(&house.workspace.store(), &scope, house.now()).unwrap()
}

/// Everything that a decision of these can change, as text.
fn state(house: &House) -> Vec<String> {
    [
        "SELECT id || stage || fate || first_touch_at || last_touch_at || coalesce(first_response_at, '-') FROM outreach",
        "SELECT outreach || '-' || message FROM touch",
        "SELECT outreach || '-' || message || level FROM matched",
        "SELECT key || coalesce(person_id, '-') || coalesce(first_out_at, '-') || coalesce(first_in_at, '-') FROM address
         WHERE person_id IS NOT NULL OR first_out_at IS NOT NULL OR first_in_at IS NOT NULL",
        "SELECT entry FROM suppression",
        "SELECT id || text FROM note",
        "SELECT id || state FROM outbox",
        "SELECT id || state || because FROM follow_up",
        "SELECT outreach || tag FROM outreach_tag",
        "SELECT coalesce(blocked_by, '-') FROM message WHERE role <> 'logged'",
    ]
    .iter()
    .flat_map(|sql| house.texts(&format!("{sql} ORDER BY 1")))
    .collect()
}

async fn asked_kim(house: &House) {
    assert!(matches!(alone(&house.workspace, &coffee()).await.unwrap(), Outcome::Sent(_)));
    house.sync_well().await;
    house.advance(SignedDuration::from_hours(48));
    assert_eq!(house.texts("SELECT state FROM follow_up ORDER BY step LIMIT 1"), ["planned"]);
}

#[tokio::test]
async fn a_call_begins_an_outreach_that_is_answered_by_nature() {
    let house = House::open().await;
    let before = state(&house);
    assert_eq!(log(&house, &logged(&house, "Kim Roth", address(KIM), "call")), LoggedAs::Begun(1));
    assert_eq!(
        house.texts("SELECT channel || ' ' || stage || ' ' || source || ' ' || first_response_at FROM outreach"),
        ["call meeting logged 2026-03-10T10:05:00Z"]
    );
    assert_eq!(log(&house, &logged(&house, "Kim Roth", address(KIM), "call")), LoggedAs::Known(1), "once");
    undo(&house);
    assert_eq!(state(&house), before);
    assert!(matches!(log(&house, &logged(&house, "Kim Roth", address(KIM), "call")), LoggedAs::Begun(_)), "and again");
}

#[tokio::test]
async fn other_channels_are_no_part_of_the_headline() {
    let house = House::open().await;
    log(&house, &logged(&house, "Kim Roth", address(KIM), "call"));
    log(&house, &logged(&house, "Lou Gray", Address::stand_in("Lou Gray").unwrap(), "linkedin"));
    house.advance(SignedDuration::from_hours(24 * 30));
    house.sync_well().await;
    let report = report(&house);
    assert_eq!((report.rate.sent, report.rate.observed.is_none()), (0, true));
    let rows: Vec<_> = report.other_channels.iter().map(|row| (row.name.as_str(), row.asked, row.answered)).collect();
    assert_eq!(rows, [("call", 1, 1), ("linkedin", 1, 0)]);
}

#[rstest]
#[case("coffee", "meeting", true)]
#[case("linkedin", "contacted", false)]
#[tokio::test]
async fn what_is_logged_while_an_outreach_to_the_person_runs_is_a_touch_of_it(
    #[case] channel: &str,
    #[case] stage: &str,
    #[case] answered: bool,
) {
    let house = House::open().await;
    asked_kim(&house).await;
    let before = state(&house);
    assert_eq!(log(&house, &logged(&house, "Kim Roth", address(KIM), channel)), LoggedAs::Touch(1));
    assert_eq!(house.texts("SELECT stage || ' ' || channel FROM outreach"), [format!("{stage} mail")]);
    assert_eq!(house.count("SELECT first_response_at IS NOT NULL FROM outreach"), i64::from(answered));
    assert_eq!(house.count("SELECT count(*) FROM touch"), 2);
    let follow_up = if answered { "stopped" } else { "planned" };
    assert_eq!(house.texts("SELECT state FROM follow_up"), [follow_up]);
    house.sync_well().await;
    undo(&house);
    assert_eq!(state(&house), before);
}

#[tokio::test]
async fn an_answer_that_came_by_mail_outlives_the_undoing_of_a_logged_one() {
    let house = House::open().await;
    asked_kim(&house).await;
    log(&house, &logged(&house, "Kim Roth", address(KIM), "coffee"));
    house.deliver(
        &Mail::to_dana(
            "yes@bigcorp.example",
            "Kim Roth <kim@bigcorp.example>",
            "Re: A question about testing schedulers",
            "Sure.\r\n",
        )
        .dated("Thu, 12 Mar 2026 08:00:00 +0000"),
    );
    house.sync_well().await;
    undo(&house);
    assert_eq!(
        house.texts("SELECT stage || ' ' || first_response_at FROM outreach"),
        ["answered 2026-03-12T08:00:00Z"]
    );
}

#[tokio::test]
async fn a_message_on_a_platform_is_answered_by_the_mail_that_names_the_person() {
    let house = House::open().await;
    log(&house, &logged(&house, "Jane Doering", Address::stand_in("Jane Doering").unwrap(), "linkedin"));
    house.advance(SignedDuration::from_hours(20));
    let words = "Hi Dana,\r\n\r\nhappy to talk next week.\r\n\r\nJane\r\n";
    let mail =
        Mail::to_dana("m1@janes.example", "Jane Doering <jane@janes.example>", "Your message on LinkedIn", words);
    house.deliver(&mail.dated("Wed, 11 Mar 2026 06:00:00 +0000"));
    house.sync_well().await;
    let levels = house.texts("SELECT level || ' ' || evidence FROM matched");
    // by the name alone it is no proof; a person decides
    assert!(levels.is_empty() || levels[0].starts_with("candidate") || levels[0].starts_with("likely"), "{levels:?}");
}

#[rstest]
#[case("contacted", Stage::NoAnswer, true)]
#[case("answered", Stage::Rejected, true)]
#[case("answered", Stage::NoAnswer, false)]
#[case("rejected", Stage::Rejected, false)]
#[tokio::test]
async fn an_outreach_is_closed_and_opened_again(#[case] stage: &str, #[case] closed: Stage, #[case] may: bool) {
    let house = House::open().await;
    asked_kim(&house).await;
    house.write(|tx| Ok(tx.execute("UPDATE outreach SET stage = ?1", [stage])?));
    if stage == "answered" {
        house.write(|tx| {
            Ok(tx.execute("UPDATE outreach SET first_response_at = '2026-03-11T10:00:00Z', channel = 'call'", [])?)
        });
    }
    house.sync_well().await;
    let (before, now) = (state(&house), house.now());
    assert_eq!(house.write(|tx| decisions::close(tx, 1, closed, now)), may);
    if may {
        assert_eq!(house.texts("SELECT stage FROM outreach"), [closed.as_str()]);
        assert_eq!(house.texts("SELECT state FROM follow_up"), ["stopped"]);
        undo(&house);
    }
    assert_eq!(state(&house), before);
}

#[rstest]
#[case::the_address("rita.holm@brightstaff.example")]
#[case::the_domain("@brightstaff.example")]
#[tokio::test]
async fn never_stops_everything_automatic_and_undo_lets_it_go_on(#[case] entry: &str) {
    let house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_hours(1)).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    assert_eq!(house.states(), ["queued"]);
    let (before, now) = (state(&house), house.now());
    assert_eq!(house.write(|tx| decisions::never(tx, entry, now)), Some((1, 0)));
    assert_eq!(house.write(|tx| decisions::never(tx, entry, now)), None, "once");
    assert_eq!(house.texts("SELECT state || ' ' || because FROM outbox"), ["cancelled never_list: you said so"]);
    house.advance(SignedDuration::from_hours(2));
    house.sync_well().await;
    assert!(house.sent().is_empty());
    undo(&house);
    assert_eq!(state(&house), before);
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn never_stops_follow_ups_too() {
    let house = House::open().await;
    asked_kim(&house).await;
    let now = house.now();
    assert_eq!(house.write(|tx| decisions::never(tx, "@bigcorp.example", now)), Some((0, 1)));
    assert_eq!(house.texts("SELECT state || ' ' || because FROM follow_up"), ["stopped never_list"]);
    assert!(house.write(|tx| decisions::allow(tx, "@bigcorp.example", now)));
    assert!(!house.write(|tx| decisions::allow(tx, "@bigcorp.example", now)));
    undo(&house);
    assert_eq!(house.texts("SELECT entry FROM suppression"), ["@bigcorp.example"]);
}

#[tokio::test]
async fn two_addresses_of_one_person_are_one_to_every_rule() {
    let house = House::open().await;
    asked_kim(&house).await;
    let words = "Hello,\r\n\r\nsure, Friday at ten.\r\n";
    let mail =
        Mail::to_dana("yes@home.example", "K <kimmy@home.example>", "Re: A question about testing schedulers", words);
    house.deliver(&mail.dated("Thu, 12 Mar 2026 06:00:00 +0000"));
    house.sync_well().await;
    let levels = || house.texts("SELECT level || ' ' || evidence FROM matched");
    assert_ne!(levels(), ["sure sender_and_subject"]);
    let (before, now) = (state(&house), house.now());
    let both = [address(KIM), address("kimmy@home.example")];
    assert!(house.write(|tx| decisions::merge(tx, &both, "", now)));
    assert!(!house.write(|tx| decisions::merge(tx, &both, "", now)), "once");
    house.sync_well().await;
    assert_eq!(levels(), ["sure sender_and_subject"]);
    // a mail to the other address is a second outreach to the same person
    let mut second = coffee();
    second.to.address = address("kimmy@home.example");
    assert!(matches!(alone(&house.workspace, &second).await.unwrap(), Outcome::Objected { .. }));
    let person = everybody(&house).remove(0);
    assert_eq!((person.addresses.len(), person.outreach), (2, vec![1]));
    undo(&house);
    house.sync_well().await;
    assert_eq!(state(&house), before);
}

#[tokio::test]
async fn a_recruiter_with_two_addresses_is_answered_once() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
    let (both, now) = ([address("rita.holm@brightstaff.example"), address("rh@staffing.example")], house.now());
    assert!(house.write(|tx| decisions::merge(tx, &both, "", now)));
    house.deliver(&Mail::pitch_from("R. H.", "rh@staffing.example"));
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
    assert_eq!(house.blocked_by("pitch-of-rh@staffing.example").unwrap(), ["already_answered"]);
}

#[tokio::test]
async fn notes_are_kept_with_the_person_and_can_be_taken_back() {
    let house = House::open().await;
    let now = house.now();
    house.write(|tx| decisions::note(tx, &address(KIM), "likes tea", now));
    house.write(|tx| decisions::note(tx, &address(KIM), "moved to Lyon", now));
    let person = everybody(&house).remove(0);
    assert_eq!(person.notes.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["likes tea", "moved to Lyon"]);
    assert!(person.is_named("KIM@bigcorp.example") && !person.is_named("Kim") && !person.is_named(""));
    undo(&house);
    assert_eq!(everybody(&house)[0].notes.len(), 1);
}

fn everybody(house: &House) -> Vec<Person> {
    people::people(house.workspace.store().read(), &[]).unwrap()
}
