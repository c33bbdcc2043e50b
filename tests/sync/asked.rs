//! What a person sends by hand: one mail, logged with its template, whatever happens in between.

use std::collections::BTreeMap;

use checkback::config::{LogSent, SentCopy};
use checkback::domain::asked::{Objection, Request};
use checkback::domain::ident::{Address, NamedAddress};
use checkback::domain::rate::Settings;
use checkback::report::gather::{Scope, gather};
use checkback::sandbox::{Fault, ImapEffect, SmtpEffect, SmtpStage, Verb};
use checkback::service::asked::{Asked, Outcome, alone};
use checkback::store::decisions::Undone;
use checkback::store::mailboxes;
use jiff::SignedDuration;
use rstest::rstest;

use super::house::House;
use super::mail::Mail;

const KIM: &str = "Kim Roth <kim@bigcorp.example>";

fn person(name: &str, address: &str) -> NamedAddress {
    NamedAddress { name: Some(name.to_owned()), address: Address::parse(address).unwrap() }
}

/// A coffee with Kim.
pub fn coffee() -> Request {
    let vars = [
        ("topic", "testing schedulers"),
        ("why", "Your article on fuzzing a scheduler answered half of my questions."),
    ];
    Request {
        template: "coffee".to_owned(),
        to: person("Kim Roth", "kim@bigcorp.example"),
        account: None,
        subject: None,
        vars: vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        sequence: None,
        draft: false,
        again: false,
        anyway: false,
        tags: vec!["kernel".to_owned()],
        drawn_from: None,
    }
}

pub fn draft() -> Request {
    Request { draft: true, ..coffee() }
}

pub async fn ask(house: &House, request: &Request) -> Outcome {
    alone(&house.workspace, request).await.unwrap()
}

async fn sent(house: &House, request: &Request) -> Asked {
    match ask(house, request).await {
        Outcome::Sent(mail) => mail,
        other => panic!("{other:?}"),
    }
}

pub fn answer(to: &str, words: &str) -> Mail {
    Mail::to_dana("yes@bigcorp.example", KIM, "Re: A question about testing schedulers", words)
        .answering(to)
        .dated("Wed, 11 Mar 2026 06:00:00 +0000")
}

pub fn levels(house: &House) -> Vec<String> {
    house.texts("SELECT level || ' ' || evidence FROM matched ORDER BY outreach, message")
}

pub fn counts(house: &House) -> (i64, i64, i64) {
    (
        house.count("SELECT count(*) FROM outreach"),
        house.count("SELECT count(*) FROM touch"),
        house.count("SELECT count(*) FROM proposal WHERE state = 'open'"),
    )
}

#[tokio::test]
async fn a_mail_leaves_and_begins_an_outreach_with_its_template() {
    let house = House::open().await;
    let mail = sent(&house, &coffee()).await;
    assert_eq!(mail.outreach, Some(1));
    let left = house.sent();
    assert_eq!((left.len(), &left[0].rcpt_to[..]), (1, &["kim@bigcorp.example".to_owned()][..]));
    let text = String::from_utf8(left[0].data.clone()).unwrap();
    assert!(text.contains("Hi Kim,") && text.contains("Your article") && text.contains("\r\nDana\r\n"), "{text}");
    assert!(text.contains("Subject: A question about testing schedulers\r\n"));
    assert!(!text.contains("Auto-Submitted"), "a person sent it");
    assert_eq!(
        house.texts("SELECT source || ' ' || template || ' ' || sequence || ' ' || channel FROM outreach"),
        ["checkback coffee cold mail"]
    );
    assert_eq!(house.texts("SELECT tag FROM outreach_tag"), ["kernel"]);
    assert_eq!(house.folder("Sent").len(), 1);
    // its copy in Sent is nothing new
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(counts(&house), (1, 1, 0));
    assert_eq!(house.folder("Sent").len(), 1);
}

#[tokio::test]
async fn what_was_drawn_by_lot_is_known_to_the_report() {
    let house = House::open().await;
    let drawn = Request { drawn_from: Some("coffee or referral".to_owned()), ..coffee() };
    sent(&house, &drawn).await;
    assert_eq!(house.texts("SELECT drawn_from FROM outreach"), ["coffee or referral"]);
}

#[tokio::test]
async fn the_first_command_ever_reads_the_mailbox_before_it_sends() {
    let house = House::unopened(|config, world| {
        config.outreach.log_sent = LogSent::AllNewThreads;
        let asked = Mail::by_dana("old@devmail.example", KIM, "Lunch?", "Hello Kim,\r\n\r\nlunch some day?\r\n");
        world.deliver("dana", "Sent", &asked.bytes(), None).unwrap();
    })
    .await;
    match ask(&house, &coffee()).await {
        Outcome::Objected { objections } => {
            assert!(matches!(objections[..], [Objection::Running { .. }]), "{objections:?}")
        }
        other => panic!("{other:?}"),
    }
    assert!(house.sent().is_empty());
}

#[tokio::test]
async fn a_mailbox_that_was_never_read_lets_nothing_go() {
    let house = House::unopened(|_, _| ()).await;
    house.world().inject(Fault::imap(Verb::Login).then(ImapEffect::No("[AUTHENTICATIONFAILED] no".to_owned())));
    assert!(matches!(ask(&house, &coffee()).await, Outcome::Unread { .. }));
    assert!(house.sent().is_empty());
    sent(&house, &coffee()).await;
}

#[tokio::test]
async fn a_mailbox_that_can_not_be_read_now_does_not_keep_what_a_person_sends() {
    let house = House::open().await;
    house.world().inject(Fault::imap(Verb::Login).standing().then(ImapEffect::No("[UNAVAILABLE] later".to_owned())));
    let mail = sent(&house, &coffee()).await;
    assert!(mail.trouble.is_some());
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn the_same_command_twice_sends_once() {
    let house = House::open().await;
    sent(&house, &coffee()).await;
    house.advance(SignedDuration::from_mins(2));
    let Outcome::Already { was, too_soon, .. } = ask(&house, &coffee()).await else { panic!() };
    assert_eq!((was.as_str(), too_soon), ("sent", false));
    let again = Request { again: true, ..coffee() };
    assert!(matches!(ask(&house, &again).await, Outcome::Already { too_soon: true, .. }), "the very same words");
    assert_eq!(house.sent().len(), 1);
    house.advance(SignedDuration::from_hours(2));
    sent(&house, &again).await;
    assert_eq!(house.sent().len(), 2);
    let ids = house.texts("SELECT message_id FROM outbox ORDER BY id");
    assert_ne!(ids[0], ids[1]);
}

/// Where a run can end: before the server was asked, while it took the mail, after it had taken it.
#[rstest]
#[case::before_the_claim("queued", SmtpEffect::Cut, SmtpStage::Rcpt)]
#[case::after_the_claim("claimed", SmtpEffect::Cut, SmtpStage::Rcpt)]
#[tokio::test]
async fn a_command_that_was_killed_before_the_mail_left_goes_on_when_it_is_given_again(
    #[case] state: &str,
    #[case] effect: SmtpEffect,
    #[case] stage: SmtpStage,
) {
    let mut house = House::open().await;
    house.world().inject(Fault::smtp(stage).then(effect));
    assert!(matches!(ask(&house, &coffee()).await, Outcome::Queued(_)));
    house.write(|tx| Ok(tx.execute("UPDATE outbox SET state = ?1", [state])?));
    house.restart(|_| ());
    house.advance(SignedDuration::from_mins(5));
    let mail = sent(&house, &coffee()).await;
    assert!(mail.resumed);
    assert_eq!(house.sent().len(), 1);
    assert_eq!(counts(&house), (1, 1, 0));
}

#[rstest]
#[case::taken(SmtpEffect::AcceptThenCut, 1)]
#[case::not_taken(SmtpEffect::Cut, 0)]
#[tokio::test]
async fn a_command_that_was_killed_while_the_mail_left_never_sends_it_twice(
    #[case] effect: SmtpEffect,
    #[case] taken: usize,
) {
    let mut house = House::open().await;
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).then(effect));
    assert!(matches!(ask(&house, &coffee()).await, Outcome::Unknown(_)));
    // as the killed process leaves it
    house.write(|tx| Ok(tx.execute("UPDATE outbox SET state = 'sending', settled_at = NULL", [])?));
    house.restart(|_| ());
    let Outcome::Already { was, .. } = ask(&house, &coffee()).await else { panic!() };
    assert_eq!(was, "unknown");
    house.sync_well().await;
    assert_eq!(house.sent().len(), taken);
}

#[tokio::test]
async fn a_copy_in_sent_shows_that_what_was_cut_off_had_left() {
    let house = House::with(|config, world| {
        config.accounts[0].sent_copy = SentCopy::Server;
        config.outreach.log_sent = LogSent::AllNewThreads;
        world.user_mut("dana").unwrap().sent_copy = Some(checkback::sandbox::SentCopy::AsSent);
    })
    .await;
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::AcceptThenCut));
    assert!(matches!(ask(&house, &coffee()).await, Outcome::Unknown(_)));
    let Outcome::Already { was, mail, .. } = ask(&house, &coffee()).await else { panic!() };
    assert_eq!((was.as_str(), mail.unwrap().outreach), ("sent", Some(1)));
    assert_eq!(house.texts("SELECT source || ' ' || template FROM outreach"), ["checkback coffee"]);
    assert_eq!((counts(&house), house.sent().len()), ((1, 1, 0), 1));
}

#[tokio::test]
async fn a_restored_backup_sends_nothing_that_lies_in_sent() {
    let house = House::open().await;
    sent(&house, &coffee()).await;
    // the database is as it was before the command, the secret is the same
    for table in [
        "outreach_tag",
        "follow_up",
        "touch",
        "outreach_person",
        "outreach",
        "outbox",
        "location",
        "id_alias",
        "reference",
        "message",
    ] {
        house.write(|tx| Ok(tx.execute(&format!("DELETE FROM {table}"), [])?));
    }
    house.write(|tx| Ok(tx.execute("UPDATE mailbox SET cursor = 0", [])?));
    assert!(matches!(ask(&house, &coffee()).await, Outcome::Already { mail: None, .. }));
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn a_lost_database_asks_before_it_writes_to_the_same_person_again() {
    let mut house = House::open().await;
    sent(&house, &coffee()).await;
    house.forget();
    let Outcome::Objected { objections } = ask(&house, &coffee()).await else { panic!() };
    assert!(matches!(objections[..], [Objection::SameSubject { .. }]), "{objections:?}");
}

#[tokio::test]
async fn other_words_take_the_place_of_a_mail_that_still_waits() {
    let house = House::open().await;
    house.world().inject(Fault::smtp(SmtpStage::Connect).reply("421 4.3.2 closing"));
    assert!(matches!(ask(&house, &coffee()).await, Outcome::Queued(_)));
    house.advance(SignedDuration::from_mins(2));
    let mut request = coffee();
    request.vars.insert("why".to_owned(), "I rewrote this.".to_owned());
    sent(&house, &request).await;
    house.advance(SignedDuration::from_hours(2));
    house.sync_well().await;
    assert_eq!(house.states(), ["cancelled", "sent"]);
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn a_mail_that_waits_can_be_taken_back_and_one_that_left_can_not() {
    let house = House::open().await;
    let undo = |house: &House| house.workspace.app().undo(&mut house.workspace.store(), house.now()).unwrap();
    house.world().inject(Fault::smtp(SmtpStage::Connect).reply("421 4.3.2 closing"));
    assert!(matches!(ask(&house, &coffee()).await, Outcome::Queued(_)));
    assert!(matches!(undo(&house), Undone::Done { .. }));
    house.advance(SignedDuration::from_hours(2));
    house.sync_well().await;
    assert_eq!((house.states(), house.sent().len()), (vec!["cancelled".to_owned()], 0));
    sent(&house, &coffee()).await;
    assert!(matches!(undo(&house), Undone::TooLate { .. }));
}

#[tokio::test]
async fn what_can_not_become_a_mail_is_refused_with_what_is_missing() {
    let house = House::open().await;
    let refused = |request: Request| house.workspace.app().word_asked(&request, house.now()).unwrap_err();
    let without = |name: &str| {
        let mut request = coffee();
        request.vars.remove(name);
        request
    };
    assert!(refused(without("why")).contains("--var why="), "{}", refused(without("why")));
    let nameless = NamedAddress { name: None, ..coffee().to };
    assert!(refused(Request { to: nameless, ..coffee() }).contains("--to \"Name <address>\""));
    assert!(refused(Request { template: "cofee".into(), ..coffee() }).contains("did you mean coffee?"));
    let mut typo = coffee();
    typo.vars.insert("topik".into(), "x".into());
    assert!(refused(typo).contains("did you mean topic?"));
    assert!(refused(Request { account: Some("work".into()), ..coffee() }).contains("the config has personal"));
    let own = person("Dana", "dana+x@devmail.example");
    assert!(refused(Request { to: own, ..coffee() }).contains("your own address"));
    let months =
        Request { template: "check-back".into(), vars: BTreeMap::from([("months".into(), "8".into())]), ..coffee() };
    assert!(refused(months.clone()).contains("--subject"));
    assert!(
        house.workspace.app().word_asked(&Request { subject: Some("Later".into()), ..months }, house.now()).is_ok()
    );
    let mut blank = coffee();
    blank.vars.insert("why".into(), " \n".into());
    assert!(refused(blank).contains("--var why="));
}

#[tokio::test]
async fn a_value_is_text_and_never_a_template_or_a_header() {
    let house = House::open().await;
    let mut request = coffee();
    request.vars.insert("why".into(), "a < b && {{my_name}} \"quoted\"".into());
    request.vars.insert("topic".into(), "x\r\nBcc: eve@evil.example".into());
    sent(&house, &request).await;
    let left = house.sent().remove(0);
    let text = String::from_utf8(left.data).unwrap();
    assert!(text.contains("a < b && {{my_name}} \"quoted\""), "{text}");
    assert!(!text.contains("\r\nBcc:") || text.split("\r\n\r\n").next().unwrap().find("\r\nBcc:").is_none(), "{text}");
    assert_eq!(left.rcpt_to, ["kim@bigcorp.example"]);
}

#[rstest]
#[case::the_same_person(coffee(), "running")]
#[case::the_same_organisation(Request { to: person("Lou Gray", "lou@mail.bigcorp.example"), ..coffee() }, "organisation")]
#[tokio::test]
async fn a_second_outreach_asks_first(#[case] second: Request, #[case] told: &str) {
    let house = House::open().await;
    sent(&house, &coffee()).await;
    let mut second = Request { template: "thank-you".to_owned(), ..second };
    second.vars = BTreeMap::from([("what".into(), "your time".into()), ("why".into(), "It helped.".into())]);
    // thanks are no second outreach
    assert_eq!(sent(&house, &second).await.outreach, None);
    second.template = "referral".to_owned();
    second.vars = ["company", "role", "hello", "why"].map(|name| (name.to_owned(), format!("{name} here"))).into();
    let Outcome::Objected { objections } = ask(&house, &second).await else { panic!() };
    assert_eq!(serde_json::to_value(&objections[0]).unwrap()["objection"], told);
    assert_eq!(house.sent().len(), 2);
    sent(&house, &Request { anyway: true, ..second }).await;
    house.sync_well().await;
    assert_eq!(counts(&house), (2, 2, 0), "the thanks are no outreach and no proposal");
}

#[tokio::test]
async fn somebody_who_asked_for_silence_or_whose_address_is_dead_is_asked_about() {
    let house = House::open().await;
    let mail = sent(&house, &coffee()).await;
    house.deliver(&answer(mail.message_id.as_str(), "Please never contact me again.\r\n"));
    house.sync_well().await;
    let thanks = |to: &str| Request {
        template: "thank-you".into(),
        to: person("Kim Roth", to),
        vars: BTreeMap::from([("what".into(), "your time".into()), ("why".into(), "It helped.".into())]),
        ..coffee()
    };
    let Outcome::Objected { objections } = ask(&house, &thanks("kim@bigcorp.example")).await else { panic!() };
    assert!(
        matches!(&objections[..], [Objection::Never { because, .. }] if because.contains("asked not to")),
        "{objections:?}"
    );
    house.write(|tx| Ok(tx.execute("DELETE FROM suppression", [])?));
    house.write(|tx| Ok(tx.execute("UPDATE outreach_person SET failed = 'address'", [])?));
    house.write(|tx| Ok(tx.execute("UPDATE outreach SET first_response_at = NULL", [])?));
    let Outcome::Objected { objections } = ask(&house, &thanks("kim@bigcorp.example")).await else { panic!() };
    assert!(matches!(&objections[..], [Objection::Bounced { .. }]), "{objections:?}");
}

#[tokio::test]
async fn placeholders_that_were_left_are_asked_about() {
    let house = House::open().await;
    let mut request = coffee();
    request.vars.insert("why".into(), "TODO say why".into());
    let Outcome::Objected { objections } = ask(&house, &request).await else { panic!() };
    assert_eq!(objections, [Objection::Leftover { text: "TODO".into() }]);
}

#[rstest]
#[case::before_its_copy_is_read(true)]
#[case::later(false)]
#[tokio::test]
async fn an_answer_is_matched_for_sure_and_counts_for_the_template(#[case] at_once: bool) {
    let house = House::open().await;
    let mail = sent(&house, &coffee()).await;
    if !at_once {
        house.sync_well().await;
    }
    house.advance(SignedDuration::from_hours(20));
    house.deliver(&answer(mail.message_id.as_str(), "Hi Dana,\r\n\r\nsure, Friday at ten.\r\n\r\nKim\r\n"));
    house.sync_well().await;
    assert_eq!(levels(&house), ["sure in_reply_to"]);
    house.advance(SignedDuration::from_hours(24 * 22));
    house.sync_well().await;
    let store = house.workspace.store();
    let scope = Scope {
        settings: Settings { window_days: 21, ..Settings::default() },
        zone: house.workspace.config.timezone.clone(),
        per_week: 10,
        since: None,
        read_until: None,
        accounts_stale: Vec::new(),
        past: false,
    };
    let report = gather(&store, &scope, house.now()).unwrap();
    let row = report.by["template"].iter().find(|row| row.name == "coffee").unwrap();
    let observed = row.rate.observed.as_ref().unwrap();
    assert_eq!((observed.answered, observed.of), (1, 1));
}

/// A provider that gives every mail an id of its own, in the copy and in what it delivers.
#[rstest]
#[case::and_says_so(true)]
#[case::and_says_nothing(false)]
#[tokio::test]
async fn a_server_that_renames_the_mail_makes_neither_an_outreach_nor_a_proposal(#[case] says_so: bool) {
    let house = House::with(|config, world| {
        config.accounts[0].sent_copy = SentCopy::Server;
        world.user_mut("dana").unwrap().sent_copy = Some(checkback::sandbox::SentCopy::NewMessageId);
    })
    .await;
    let mail = sent(&house, &coffee()).await;
    if !says_so {
        let copy = house.folder("Sent").remove(0);
        let line = copy.lines().find(|line| line.starts_with("X-") && line.contains("Original-Message-ID"));
        let plain = line.map_or(copy.clone(), |line| copy.replace(&format!("{line}\r\n"), ""));
        house.world().expunge("dana", "Sent", 1).unwrap();
        house.world().deliver("dana", "Sent", plain.as_bytes(), None).unwrap();
    }
    house.sync_well().await;
    assert_eq!(counts(&house), (1, 1, 0));
    let renamed = house.texts("SELECT message_id FROM message WHERE ours = 1 ORDER BY id").remove(1);
    assert_ne!(renamed, mail.message_id.as_str());
    house.deliver(&answer(&renamed, "Sure.\r\n\r\nKim\r\n"));
    house.sync_well().await;
    assert_eq!(levels(&house), ["sure in_reply_to"]);
    assert!(matches!(ask(&house, &coffee()).await, Outcome::Already { .. }));
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn a_mail_that_the_provider_takes_no_more_of_says_why_it_waits() {
    let house = House::open().await;
    let (now, until) = (house.now(), house.now() + SignedDuration::from_hours(5));
    house.write(|tx| mailboxes::limited(tx, 1, until));
    let Outcome::Queued(mail) = ask(&house, &coffee()).await else { panic!() };
    assert!(mail.trouble.unwrap().contains("send no more until"), "{now}");
    house.advance(SignedDuration::from_hours(6));
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn a_pause_does_not_stop_what_a_person_sends() {
    let house = House::open().await;
    house.workspace.app().pause(&mut house.workspace.store(), None, house.now()).unwrap();
    sent(&house, &coffee()).await;
}

#[tokio::test]
async fn an_order_survives_being_handed_over() {
    let request = Request { sequence: Some("none".into()), ..coffee() };
    let again: Request = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
    assert_eq!(again, request);
    let house = House::open().await;
    let outcome = ask(&house, &again).await;
    let read: Outcome = serde_json::from_str(&serde_json::to_string(&outcome).unwrap()).unwrap();
    assert_eq!(read, outcome);
    assert_eq!(house.texts("SELECT sequence FROM outreach"), ["none"], "none is a decision");
}
