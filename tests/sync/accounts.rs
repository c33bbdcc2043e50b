//! More than one mailbox: each for itself, the person only once.

use checkback::config::Config;
use checkback::sandbox::{Fault, Verb, World};
use jiff::SignedDuration;

use super::house::{House, add_user};
use super::mail::Mail;

fn second(config: &mut Config, world: &mut World) {
    add_user(world, "work", &["dana@freelance.example"]);
    let mut account = config.accounts[0].clone();
    account.name = "work".to_owned();
    account.email = checkback::domain::ident::Address::parse("dana@freelance.example").unwrap();
    account.aliases.clear();
    account.auth.username = "work".to_owned();
    config.accounts.push(account);
}

#[tokio::test]
async fn one_mail_in_two_mailboxes_is_answered_once() {
    let house = House::with(second).await;
    let mail = Mail::pitch().set("To", "dana@devmail.example, dana@freelance.example");
    house.deliver(&mail);
    house.world().deliver("work", "INBOX", &mail.bytes(), None).unwrap();
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn one_recruiter_who_writes_to_both_addresses_is_answered_once() {
    let house = House::with(second).await;
    house.deliver(&Mail::pitch());
    let other = Mail::pitch().set("To", "dana@freelance.example").set("Message-ID", "<other@brightstaff.example>");
    house.world().deliver("work", "INBOX", &other.bytes(), None).unwrap();
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn each_mailbox_answers_from_its_own_address() {
    let house = House::with(second).await;
    let other = Mail::pitch().set("To", "dana@freelance.example");
    house.world().deliver("work", "INBOX", &other.bytes(), None).unwrap();
    house.sync_well().await;
    assert_eq!(house.sent()[0].mail_from, "dana@freelance.example");
    assert_eq!(house.folder_of("work", "Sent").len(), 1);
    assert!(house.folder("Sent").is_empty());
}

#[tokio::test]
async fn a_mailbox_that_fails_does_not_stop_the_other() {
    let house = House::with(second).await;
    house.world().inject(Fault::imap(Verb::Examine).user("work").standing().no("[UNAVAILABLE] later"));
    house.deliver(&Mail::pitch());
    let synced = house.sync().await;
    assert_eq!(synced.exit_code(), 3);
    assert!(synced.accounts[0].error.is_none() && synced.accounts[1].error.is_some());
    assert_eq!(house.sent().len(), 1);
    let store = house.workspace.store();
    let error = |name: &str| checkback::store::mailboxes::account(store.read(), name).unwrap().unwrap().error;
    assert!(error("personal").is_none() && error("work").is_some());
}

#[tokio::test]
async fn all_mailboxes_fail() {
    let house = House::with(second).await;
    house.world().inject(Fault::imap(Verb::Login).standing().no("[AUTHENTICATIONFAILED] no"));
    assert_eq!(house.sync().await.exit_code(), 1);
}

#[tokio::test]
async fn nothing_due_leaves_a_mailbox_that_cannot_be_read() {
    let house = House::with(|config, world| {
        second(config, world);
        config.auto_reply.delay = SignedDuration::from_mins(15);
    })
    .await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    let read = house.texts("SELECT last_read_at FROM account WHERE name = 'personal'");
    house.advance(SignedDuration::from_mins(15));
    house.world().inject(Fault::imap(Verb::Login).user("dana").standing().no("[UNAVAILABLE] later"));
    house.world().inject(Fault::imap(Verb::List).user("dana").standing().no("[UNAVAILABLE] later"));
    assert_eq!(house.sync().await.exit_code(), 4);
    assert!(house.sent().is_empty());
    assert_eq!(house.texts("SELECT last_read_at FROM account WHERE name = 'personal'"), read);
    house.world().clear_faults();
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}
