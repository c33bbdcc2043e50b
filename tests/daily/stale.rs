//! A mailbox that is not read any more: told once by mail, everywhere else always, and nothing automatic
//! leaves meanwhile.

use checkback::config::Config;
use checkback::domain::ident::Address;
use checkback::sandbox::{Fault, Verb, World};
use checkback::service::health;
use jiff::SignedDuration;

use super::house::{House, add_user};
use super::letters::{at, to_dana, to_others, until};
use super::mail::Mail;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const TEN: SignedDuration = SignedDuration::from_mins(10);

fn locked_out(user: &str) -> Fault {
    Fault::imap(Verb::Any).user(user).standing().no("[UNAVAILABLE] maintenance")
}

fn second(config: &mut Config, world: &mut World) {
    add_user(world, "work", &["dana@freelance.example"]);
    let mut account = config.accounts[0].clone();
    account.name = "work".to_owned();
    account.email = Address::parse("dana@freelance.example").unwrap();
    account.aliases.clear();
    account.auth.username = "work".to_owned();
    config.accounts.push(account);
}

#[tokio::test]
async fn one_warning_an_episode_and_a_closing_line_in_the_next_daily_mail() {
    let house = House::with(|config, _| config.reminders.mail = true).await;
    house.sync_well().await;
    house.world().inject(locked_out("dana"));
    until(&house, "2026-03-10T11:35", TEN).await;
    assert!(to_dana(&house).is_empty(), "not stale yet");
    until(&house, "2026-03-10T14:00", TEN).await;
    let letters = to_dana(&house);
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "Mailbox “personal” is not read");
    assert_eq!(letters[0].at, "2026-03-10 11:45");
    assert!(letters[0].text.contains("was last read completely on Tuesday, 10 March 2026, 11:05"));
    assert!(letters[0].text.contains("maintenance"), "{}", letters[0].text);

    until(&house, "2026-03-11T08:00", HOUR).await;
    assert_eq!(to_dana(&house)[1].subject, "Wed 11 March: 1 warning");

    house.world().clear_faults();
    until(&house, "2026-03-12T08:00", HOUR).await;
    let letters = to_dana(&house);
    assert_eq!(letters.len(), 3);
    assert!(letters[2].text.contains("“personal” is read again since Wed 11 Mar, 09:00"), "{}", letters[2].text);

    house.world().inject(locked_out("dana"));
    until(&house, "2026-03-12T12:00", TEN).await;
    assert_eq!(to_dana(&house).len(), 4, "a new episode, a new warning");
    house.world().clear_faults();
    until(&house, "2026-03-14T12:00", HOUR).await;
    assert_eq!(to_dana(&house).len(), 5, "the closing line, and then nothing more to say");
}

#[tokio::test]
async fn a_sync_says_what_waits_for_a_mailbox_that_was_never_read() {
    let house = House::unopened(|config, world| {
        second(config, world);
        world.inject(locked_out("work"));
    })
    .await;
    assert_eq!(house.sync().await.exit_code(), 3, "nothing waits yet");
    house.advance(HOUR);
    house.deliver(&Mail::pitch());
    let synced = house.sync().await;
    assert_eq!(synced.exit_code(), 4, "{synced:?}");
    let waits = synced.accounts[0].sending.waits.as_deref().unwrap();
    assert_eq!(waits, "1 mail waits for an answer until the mailbox “work” was read: whom you know stands there");
    let accounts = health::accounts(&house.workspace, house.now()).unwrap();
    assert!(health::is_stuck(&house.workspace, &accounts, house.now()).unwrap());
    house.world().clear_faults();
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn nothing_automatic_leaves_a_stale_mailbox() {
    let house = House::with(|config, _| config.auto_reply.delay = SignedDuration::from_mins(15)).await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    house.world().inject(locked_out("dana"));
    for _ in 0..12 {
        house.advance(TEN);
        assert!([0, 1, 4].contains(&house.sync().await.exit_code()));
    }
    assert_eq!(house.sync().await.exit_code(), 4);
    assert!(house.sent().is_empty());
    let accounts = health::accounts(&house.workspace, house.now()).unwrap();
    assert!(health::is_stuck(&house.workspace, &accounts, house.now()).unwrap());
    house.world().clear_faults();
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn an_account_that_was_never_opened_says_why() {
    let house = House::unopened(|_, _| ()).await;
    house.world().inject(locked_out("dana"));
    assert_eq!(house.sync().await.exit_code(), 1);
    let account = health::accounts(&house.workspace, house.now()).unwrap().remove(0);
    assert!(account.stale && account.account.is_none());
    assert!(account.error.unwrap().contains("maintenance"));
    assert_eq!(account.since, Some(house.now()));
    house.world().clear_faults();
    house.sync_well().await;
    let account = health::accounts(&house.workspace, house.now()).unwrap().remove(0);
    assert!(!account.stale && account.error.is_none());
    assert_eq!(house.count("SELECT count(*) FROM unopened"), 0);
}

#[tokio::test]
async fn another_account_sends_the_warning_where_the_first_can_not() {
    let mut house = House::with(|config, world| {
        second(config, world);
        config.reminders.mail = true;
    })
    .await;
    house.sync_well().await;
    house.restart(|config| config.accounts[0].smtp.port = 1);
    house.world().inject(locked_out("dana"));
    until(&house, "2026-03-10T13:00", TEN).await;
    let letters = to_dana(&house);
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].from, "dana@freelance.example");
}

#[tokio::test]
async fn automatic_mail_waits_while_another_mailbox_is_stale() {
    let house = House::with(second).await;
    house.world().inject(locked_out("work"));
    house.advance(SignedDuration::from_hours(1));
    house.deliver(&Mail::pitch());
    let synced = house.sync().await;
    assert_eq!(synced.exit_code(), 4, "{synced:?}");
    assert!(synced.accounts[0].sending.waits.as_deref().unwrap().contains("“work”"));
    assert_eq!(to_others(&house), 0);
    house.world().clear_faults();
    house.sync_well().await;
    assert_eq!(to_others(&house), 1);
}

#[tokio::test]
async fn a_person_known_through_another_mailbox_is_not_answered_once_it_is_read() {
    let house = House::with(second).await;
    house.world().inject(locked_out("work"));
    house.advance(SignedDuration::from_hours(1));
    house.deliver(&Mail::pitch());
    house.sync().await;
    let wrote =
        Mail::by_dana("hello@freelance.example", "Rita Holm <rita.holm@brightstaff.example>", "Lunch?", "Hi Rita\r\n")
            .set("From", "dana@freelance.example");
    house.world().deliver("work", "Sent", &wrote.bytes(), None).unwrap();
    house.world().clear_faults();
    house.sync_well().await;
    assert_eq!(to_others(&house), 0);
    assert_eq!(house.states(), ["cancelled"]);
}

#[tokio::test]
async fn nobody_is_answered_before_every_mailbox_was_read_to_its_beginning() {
    let house = House::unopened(second).await;
    house.world().inject(locked_out("work"));
    house.sync().await;
    house.advance(SignedDuration::from_mins(5));
    house.deliver(&Mail::pitch());
    house.sync().await;
    assert_eq!(house.blocked_by("pitch-1@brightstaff.example").unwrap(), ["history_incomplete"]);
    house.world().clear_faults();
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(to_others(&house), 1);
}

#[tokio::test]
async fn a_computer_that_slept_warns_of_nothing() {
    let house = House::with(|config, _| config.reminders.mail = true).await;
    house.advance(at("2026-03-11T07:00").duration_since(house.now()));
    assert_eq!(checkback::service::remind::remind(&house.workspace, house.now()).unwrap(), 0);
    house.sync_well().await;
    assert!(house.sent().is_empty());
}
