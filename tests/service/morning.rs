//! What time brings while the service runs: the daily mail, and the warning of a mailbox that is not read.

use checkback::sandbox::{Fault, Verb, World};
use jiff::SignedDuration;

use super::house::House;
use super::mail::Mail;
use super::running::{Running, accepted, until, until_so};

/// From the story's beginning, past eleven in Berlin, to eight the next morning.
const TO_THE_MORNING: SignedDuration = SignedDuration::from_mins(20 * 60 + 55);

async fn reminded() -> House {
    House::with(|config, _| config.reminders.mail = true).await
}

fn last_mail(world: &World) -> String {
    world.received().last().map(|mail| String::from_utf8_lossy(&mail.data).into_owned()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daily_mail_leaves_at_its_hour() {
    let house = reminded().await;
    let running = Running::watching(&house).await;
    house.deliver(&Mail::read("pitches/vague.eml"));
    until_so(|| house.count("SELECT count(*) FROM outbox WHERE state = 'held'") == 1).await;
    assert_eq!(house.sent().len(), 0);
    house.advance(TO_THE_MORNING);
    until(&house, |world| accepted(world) == 1).await;
    let mail = house.world().edit(|world| last_mail(world));
    assert!(mail.contains("Wed 11 March: 1 to decide") && mail.contains("multipart/alternative"), "{mail}");
    until_so(|| house.count("SELECT count(*) FROM outbox WHERE errand = 'digest' AND state = 'sent'") == 1).await;
    running.stop().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_is_not_read_any_more_is_told_by_mail() {
    let house = reminded().await;
    let running = Running::watching(&house).await;
    house.world().inject(Fault::imap(Verb::Any).standing().no("[UNAVAILABLE] maintenance"));
    house.advance(SignedDuration::from_mins(40));
    until(&house, |world| accepted(world) == 1).await;
    let mail = house.world().edit(|world| last_mail(world));
    assert!(mail.contains("is not read") && mail.contains("maintenance"), "{mail}");
    house.world().clear_faults();
    until_so(|| house.count("SELECT count(*) FROM account WHERE error IS NULL AND warned_at IS NULL") == 1).await;
    running.stop().await;
    assert_eq!(house.sent().len(), 1);
}
