//! What time, backups, rebuilt databases and odd servers do to a mail: it leaves once, and nobody is forgotten.

use checkback::config::SentCopy;
use checkback::domain::delivery::Errand;
use checkback::domain::ident::{Address, DedupeKey, NamedAddress};
use checkback::sandbox::{Fault, ImapEffect, SmtpEffect, SmtpStage, Verb};
use checkback::service::sync::sync;
use checkback::store::apply::{self, NewMail, Pursuit};
use checkback::store::{decisions, mailboxes, reports, review};
use jiff::SignedDuration;
use rstest::rstest;

use super::house::House;
use super::ledger::ledger;
use super::mail::Mail;

pub const FRIEND: &str = "mia@friends.example";

/// Queues a mail as a person's command does.
pub fn queue(house: &House, errand: Errand, to: &str, purpose: &str) {
    let address = Address::parse(to).unwrap();
    let key = DedupeKey::new("personal", purpose, &address, purpose, 0, 0);
    let now = house.now();
    let account = mailboxes::account(house.workspace.store().read(), "personal").unwrap().unwrap().id;
    let mail = NewMail {
        message_id: key.message_id(b"a secret of the test's own", "devmail.example"),
        key,
        account,
        errand,
        purpose: purpose.to_owned(),
        mode: "send",
        inquiry: None,
        sender: NamedAddress { name: None, address: Address::parse("dana@devmail.example").unwrap() },
        recipient: NamedAddress { name: None, address },
        subject: format!("About {purpose}"),
        text: "A few words.\n".to_owned(),
        html: None,
        in_reply_to: None,
        references: Vec::new(),
        held: None,
        due_at: now,
        marks: Vec::new(),
        root: purpose.to_owned(),
        pursuit: if errand == Errand::Own { Pursuit::Begins { sequence: None } } else { Pursuit::None },
    };
    house.write(|tx| apply::write_mail(tx, &mail, now));
}

/// Nothing that the server took was taken twice.
pub fn once_each(house: &House) -> usize {
    let taken = ledger(&house.sent());
    assert!(taken.values().all(|count| *count == 1), "{taken:?}");
    taken.len()
}

pub async fn a_day_passes(house: &House) {
    for _ in 0..8 {
        house.advance(SignedDuration::from_hours(3));
        house.sync().await;
    }
}

#[tokio::test]
async fn held_mail_that_nobody_releases_ends_after_14_days_and_no_word_sends_it() {
    let house = House::open().await;
    house.deliver(&Mail::read("pitches/vague.eml"));
    house.sync_well().await;
    house.advance(SignedDuration::from_hours(13 * 24));
    house.sync_well().await;
    assert_eq!(house.states(), ["held"], "there is a day left");
    house.advance(SignedDuration::from_hours(25));
    house.sync_well().await;
    assert_eq!(house.states(), ["cancelled"]);
    let ended = house.outbox("cancelled");
    assert_eq!(ended[0].because, "too_old");
    assert_eq!(house.blocked_by(&Mail::read("pitches/vague.eml").id()), Some(vec!["too_old".into(), "unsure".into()]));
    let now = house.now();
    assert!(!house.write(|tx| decisions::approve(tx, ended[0].id, now)), "it is over");
}

#[tokio::test]
async fn held_mail_that_a_person_releases_too_late_is_stopped_by_the_gate() {
    let house = House::open().await;
    house.deliver(&Mail::read("pitches/vague.eml"));
    house.sync_well().await;
    house.advance(SignedDuration::from_hours(20 * 24));
    let (held, now) = (house.outbox("held"), house.now());
    assert!(house.write(|tx| decisions::approve(tx, held[0].id, now)));
    house.sync_well().await;
    assert_eq!(house.states(), ["cancelled"]);
    assert!(house.sent().is_empty());
}

#[tokio::test]
async fn old_mail_that_is_copied_into_the_inbox_today_is_too_old() {
    let house = House::open().await;
    // the server dates what is copied in by the day of the copying
    house.deliver(&Mail::pitch().dated("Tue, 11 Mar 2025 09:58:00 +0000"));
    house.sync_well().await;
    assert!(house.sent().is_empty());
    assert_eq!(house.blocked_by(&Mail::pitch().id()), Some(vec!["too_old".to_owned()]));
}

#[tokio::test]
async fn mail_that_the_server_never_hands_out_is_told() {
    let house = House::open().await;
    let uid = house.deliver(&Mail::pitch());
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").standing().then(ImapEffect::Withhold(vec![uid])));
    for _ in 0..10 {
        a_day_passes(&house).await;
    }
    let told = mailboxes::given_up(house.workspace.store().read(), "personal").unwrap();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn mail_that_was_removed_before_it_could_be_read_is_no_trouble() {
    let house = House::open().await;
    let uid = house.deliver(&Mail::pitch());
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(2).then(ImapEffect::Withhold(vec![uid])));
    house.sync().await;
    house.world().expunge("dana", "INBOX", uid).unwrap();
    for _ in 0..10 {
        a_day_passes(&house).await;
    }
    assert_eq!(mailboxes::given_up(house.workspace.store().read(), "personal").unwrap(), 0);
}

#[tokio::test]
async fn mail_that_was_held_back_before_the_folder_was_numbered_anew_is_answered() {
    let house = House::open().await;
    let uid = house.deliver(&Mail::pitch());
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(2).then(ImapEffect::Withhold(vec![uid])));
    house.advance(SignedDuration::from_mins(1));
    house.sync().await;
    house.world().set_uid_validity("dana", "INBOX", 4_000_000).unwrap();
    house.advance(SignedDuration::from_mins(1));
    house.sync_well().await;
    assert_eq!(once_each(&house), 1, "{:?}", house.blocked_by(&Mail::pitch().id()));
}

#[tokio::test]
async fn a_folder_that_is_numbered_anew_between_two_connections_loses_nothing() {
    let house = House::open().await;
    for n in 0..4 {
        let from = format!("Lena <lena{n}@friends.example>");
        house.deliver(&Mail::to_dana(&format!("old{n}@friends.example"), &from, "Hi", "Hi\r\n"));
    }
    house.sync_well().await;
    house.deliver(&Mail::pitch());
    house.deliver(&Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example"));
    house.advance(SignedDuration::from_mins(1));
    // the answer breaks the connection, and behind it the folder changes
    let poison = b"* 5 FETCH (UID 5 BODY[] {999999999}\r\n".to_vec();
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(2).run(|world| {
        for uid in 1..=4 {
            world.expunge("dana", "INBOX", uid).unwrap();
        }
        world.set_uid_validity("dana", "INBOX", 4_000_000).unwrap();
    }));
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(2).then(ImapEffect::Garbage(poison)));
    house.sync().await;
    house.advance(SignedDuration::from_mins(10));
    house.sync().await;
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    assert_eq!(once_each(&house), 2);
}

#[tokio::test]
async fn old_mail_that_takes_the_numbers_of_new_mail_between_two_connections_stays_old() {
    let house = House::with(|_, world| {
        let yesterday = "2026-03-09T10:00:00Z".parse().unwrap();
        let old = Mail::pitch_from("Omar Aziz", "omar@stackpeople.example");
        world.deliver("dana", "INBOX", &old.bytes(), Some(yesterday)).unwrap();
    })
    .await;
    house.deliver(&Mail::pitch());
    house.deliver(&Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example"));
    house.advance(SignedDuration::from_mins(1));
    // the answer breaks the connection, and behind it the old mail comes to lie last
    let poison = b"* 2 FETCH (UID 2 BODY[] {999999999}\r\n".to_vec();
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(2).run(|world| {
        world.copy_message("dana", "INBOX", 1, "INBOX").unwrap();
        world.expunge("dana", "INBOX", 1).unwrap();
        world.set_uid_validity("dana", "INBOX", 4_000_000).unwrap();
    }));
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(2).then(ImapEffect::Garbage(poison)));
    for _ in 0..3 {
        house.sync().await;
        house.advance(SignedDuration::from_mins(10));
    }
    house.sync_well().await;
    let omar: Vec<_> = ledger(&house.sent()).into_keys().filter(|(to, _)| to.contains("omar")).collect();
    assert_eq!((once_each(&house), omar), (2, Vec::new()));
}

#[tokio::test]
async fn a_listing_without_data_and_a_refused_search_move_no_cursor() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").then(ImapEffect::EmptyOk));
    house.world().inject(Fault::imap(Verb::Search).folder("INBOX").no("[UNAVAILABLE] later"));
    house.sync().await;
    assert_eq!(house.world().faults_pending(), 0);
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    assert_eq!(once_each(&house), 1);
}

#[tokio::test]
async fn a_check_back_by_another_install_sets_the_date_in_the_roster() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    let answer =
        Mail::by_dana("foreign-1@devmail.example", "rita.holm@brightstaff.example", "Re: x", "Check back.\r\n")
            .set("Auto-Submitted", "auto-replied")
            .answering(&Mail::pitch().id());
    house.put("Sent", &answer);
    house.sync_well().await;
    assert!(house.sent().is_empty());
    assert_eq!(house.texts("SELECT check_back_on FROM roster"), ["2026-11-10"]);
}

#[tokio::test]
async fn a_pitch_without_a_message_id_that_another_install_answered_is_not_answered_again() {
    let house = House::open().await;
    house.deliver(&Mail::pitch().without("Message-ID"));
    let to = "rita.holm@brightstaff.example";
    let answer = Mail::by_dana("foreign-1@devmail.example", to, "Re: Senior Rust Engineer", "Check back.\r\n");
    house.put("Sent", &answer.set("Auto-Submitted", "auto-replied"));
    house.sync_well().await;
    assert!(house.sent().is_empty());
}

#[tokio::test]
async fn a_restored_backup_sends_nothing_again() {
    let mut house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    queue(&house, Errand::Own, FRIEND, "hello");
    let backup = house.backup();
    house.advance(SignedDuration::from_mins(20));
    house.sync_well().await;
    assert_eq!(once_each(&house), 2);
    house.advance(SignedDuration::from_hours(24));
    house.restore(&backup);
    house.sync_well().await;
    a_day_passes(&house).await;
    assert_eq!(once_each(&house), 2);
    assert_eq!(house.texts("SELECT check_back_on FROM roster"), ["2026-11-10"]);
}

#[rstest]
#[case::the_secret(false)]
#[case::the_secret_and_the_database(true)]
#[tokio::test]
async fn a_lost_install_secret_sends_nothing_again(#[case] database: bool) {
    let mut house = House::open().await;
    house.deliver(&Mail::pitch());
    queue(&house, Errand::Own, FRIEND, "hello");
    house.sync_well().await;
    if database {
        house.forget();
    } else {
        std::fs::remove_file(house.workspace.folder().join("install.key")).unwrap();
        house.restart(|_| ());
    }
    let backfill = Some(SignedDuration::from_hours(30 * 24));
    assert_eq!(sync(&house.workspace, backfill).await.unwrap().exit_code(), 0);
    a_day_passes(&house).await;
    assert_eq!(once_each(&house), 2);
}

#[rstest]
#[case::back_a_day(-24)]
#[case::back_a_month(-24 * 31)]
#[case::forward_a_month(24 * 31)]
#[tokio::test]
async fn a_clock_that_is_set_wrong_for_a_while_sends_nothing_twice_and_loses_nothing(#[case] hours: i64) {
    let house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.advance(SignedDuration::from_hours(hours));
    house.deliver(&Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example"));
    house.sync().await;
    house.advance(SignedDuration::from_mins(30));
    house.sync().await;
    house.advance(SignedDuration::from_hours(-hours));
    house.deliver(&Mail::pitch_from("Mia Lang", "mia@codehire.example"));
    house.sync().await;
    a_day_passes(&house).await;
    a_day_passes(&house).await;
    once_each(&house);
    assert_eq!(house.states().iter().filter(|state| *state == "sent").count() + cancelled_as_old(&house), 3);
}

#[rstest]
#[case::for_another_try("451 4.3.0 later")]
#[case::for_the_limit_to_end("550 5.4.5 Daily user sending limit exceeded")]
#[tokio::test]
async fn what_waits_does_not_wait_for_a_clock_that_was_set_back_by_a_week(#[case] reply: &str) {
    let house = House::open().await;
    house.world().inject(Fault::smtp(SmtpStage::Rcpt).reply(reply));
    house.deliver(&Mail::pitch());
    house.sync().await;
    assert_eq!(house.states(), ["queued"]);
    house.advance(SignedDuration::from_hours(-7 * 24));
    a_day_passes(&house).await;
    a_day_passes(&house).await;
    assert_eq!((house.states(), once_each(&house)), (vec!["sent".to_owned()], 1));
}

/// What a clock a month ahead rightly finds too old.
fn cancelled_as_old(house: &House) -> usize {
    let old = "SELECT state FROM outbox WHERE state = 'cancelled' AND because = 'too_old'";
    let never = "SELECT 'x' FROM message WHERE blocked_by = '[\"too_old\"]' AND NOT EXISTS
        (SELECT 1 FROM outbox WHERE inquiry = message.id)";
    house.texts(old).len() + house.texts(never).len()
}

#[tokio::test]
async fn the_provider_s_daily_limit_stops_everything_for_a_day() {
    let house = House::open().await;
    house.world().inject(Fault::smtp(SmtpStage::Mail).reply("550 5.4.5 Daily user sending limit exceeded"));
    for (name, address) in [("Jonas Beck", "jonas@talentwerk.example"), ("Mia Lang", "mia@codehire.example")] {
        house.deliver(&Mail::pitch_from(name, address));
    }
    let synced = house.sync().await;
    assert!(synced.accounts[0].sending.trouble.as_ref().unwrap().contains("limit"), "it is told");
    let row = mailboxes::account(house.workspace.store().read(), "personal").unwrap().unwrap();
    assert_eq!(row.limited_until, Some(house.now() + SignedDuration::from_hours(24)));
    house.deliver(&Mail::pitch());
    queue(&house, Errand::Own, FRIEND, "hello");
    for _ in 0..7 {
        house.advance(SignedDuration::from_hours(3));
        house.sync().await;
        assert!(house.world().received().is_empty(), "nothing at all leaves for a day");
    }
    a_day_passes(&house).await;
    assert_eq!(once_each(&house), 4);
}

#[rstest]
#[case("450 4.7.1 greylisted, come back in 5 minutes")]
#[case("451 4.7.1 Greylisting in action")]
#[case("452 4.2.2 mailbox full")]
#[tokio::test]
async fn greylisting_and_full_mailboxes_only_delay(#[case] reply: &str) {
    let house = House::open().await;
    house.world().inject(Fault::smtp(SmtpStage::Rcpt).reply(reply));
    house.world().inject(Fault::smtp(SmtpStage::Rcpt).nth(2).reply(reply));
    house.deliver(&Mail::pitch());
    house.sync().await;
    assert_eq!(house.states(), ["queued"]);
    a_day_passes(&house).await;
    assert_eq!(once_each(&house), 1);
}

#[tokio::test]
async fn an_answer_that_is_taken_and_then_bounces_is_not_sent_again_and_the_bounce_is_not_answered() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    let id = house.outbox("sent")[0].message_id.as_str().to_owned();
    let notice = Mail::to_dana(
        "dsn-1@mx.example",
        "Mail Delivery System <MAILER-DAEMON@mx.example>",
        "Undelivered Mail Returned to Sender",
        "The mail system\r\n\r\n<rita.holm@brightstaff.example>: host mx said: 550 5.1.1 no such user\r\n",
    )
    .set("Return-Path", "<>")
    .set("Auto-Submitted", "auto-replied")
    .answering(&id);
    house.deliver(&notice);
    house.deliver(&Mail::pitch().set("Message-ID", "<again@brightstaff.example>"));
    house.sync_well().await;
    a_day_passes(&house).await;
    assert_eq!(once_each(&house), 1);
}

#[tokio::test]
async fn a_lagging_sent_folder_doubles_nothing() {
    let house = House::with(|config, _| config.accounts[0].sent_copy = SentCopy::Server).await;
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::AcceptThenCut));
    house.deliver(&Mail::pitch());
    house.sync().await;
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    assert_eq!(house.states(), ["unknown"]);
    // ten minutes later the server has made its copy
    let copy = house.sent().remove(0).data;
    house.world().deliver("dana", "Sent", &copy, None).unwrap();
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    assert_eq!((house.states(), once_each(&house)), (vec!["sent".to_owned()], 1));
}

#[rstest]
#[case::while_reading(0)]
#[case::before_sending(1)]
#[case::later(2)]
#[tokio::test]
async fn a_full_disk_loses_nothing_and_sends_nothing_twice(#[case] pages: i64) {
    let house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    let full = |more: i64| {
        let now = house.count("PRAGMA page_count");
        house.count(&format!("PRAGMA max_page_count = {}", now + more));
    };
    for n in 0..3 {
        house.deliver(&Mail::pitch_from(&format!("Jonas Beck{n}"), &format!("jonas@talentwerk{n}.example")));
    }
    if pages == 0 {
        full(1);
        assert!(sync(&house.workspace, None).await.is_err(), "it is told");
        house.count("PRAGMA max_page_count = 100000");
    }
    house.sync_well().await;
    house.advance(SignedDuration::from_mins(20));
    full(pages);
    let _may_fail = sync(&house.workspace, None).await;
    house.count("PRAGMA max_page_count = 100000");
    a_day_passes(&house).await;
    once_each(&house);
    let unknown = house.outbox("unknown").len();
    assert_eq!(review::waiting(house.workspace.store().read()).unwrap().unknown.len(), unknown);
    assert!(once_each(&house) + unknown >= 3);
    let counts = reports::outbox_counts(house.workspace.store().read()).unwrap();
    assert_eq!(counts["sent"] as usize + unknown, 3, "{counts:?}");
}
