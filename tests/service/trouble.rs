//! What goes wrong while the service runs: each account for itself, and never for good where waiting helps.

use std::time::{Duration, Instant};

use checkback::config::{Config, PasswordSource};
use checkback::domain::ident::Address;
use checkback::sandbox::{EventKind, Fault, ImapEffect, SmtpEffect, SmtpStage, Verb, World};
use checkback::service::command::{Command, Outcome, Turn, turn};
use checkback::service::run::Pace;
use checkback::service::sync::Synced;
use jiff::SignedDuration;

use super::house::{House, add_user};
use super::mail::Mail;
use super::running::{
    PACE, PATIENCE, Running, accepted, count, count_in, is_command, is_idle, other_process, until, until_so,
};

fn second(config: &mut Config, world: &mut World) {
    add_user(world, "work", &["dana@freelance.example"]);
    let mut account = config.accounts[0].clone();
    account.name = "work".to_owned();
    account.email = Address::parse("dana@freelance.example").unwrap();
    account.aliases.clear();
    account.auth.username = "work".to_owned();
    config.accounts.push(account);
}

fn errors(house: &House) -> Vec<String> {
    house.texts("SELECT error FROM account ORDER BY name")
}

#[tokio::test]
async fn a_wrong_password_in_mid_life_stops_that_account_and_no_other() {
    let house = House::with(second).await;
    let running = Running::watching(&house).await;
    house.world().edit(|world| world.user_mut("work").unwrap().password = "changed".to_owned());
    house.sandbox.cut_connections();
    let synced = stopped(&house).await;
    assert!(synced.accounts[1].error.as_ref().unwrap().contains("check username and password"), "{synced:?}");
    assert_eq!((synced.accounts[0].failed(), synced.exit_code()), (false, 3));
    house.deliver(&Mail::pitch());
    until(&house, |world| accepted(world) == 1).await;
    assert!(errors(&house)[1].contains("refused the sign-in"), "{:?}", errors(&house));
    assert_eq!(errors(&house)[0], "");
    // a stopped account is not tried again, whatever happens
    let logins = |world: &World| count_in(world, |event| is_command(event, Verb::Login));
    let before = house.world().edit(|world| logins(world));
    let idles = count(&house, is_idle);
    house.advance(SignedDuration::from_hours(1));
    until(&house, |world| count_in(world, is_idle) == idles + 1).await;
    until_so(|| house.texts("SELECT last_read_at FROM account WHERE name = 'personal'") == [stamp(&house)]).await;
    running.stop().await;
    assert_eq!(house.world().edit(|world| logins(world)), before + 2, "only the other account came back");
}

/// Asks for a `sync` until an account answers that it has stopped.
async fn stopped(house: &House) -> Synced {
    let other = other_process(house);
    for _ in 0..100 {
        let command = Command::Sync { backfill_seconds: None };
        let Ok(Turn::Served(Outcome::Synced(synced))) = turn(&other, &command, PATIENCE).await else {
            panic!("the service did not answer");
        };
        if synced.accounts.iter().any(|account| account.error.as_ref().is_some_and(|why| why.contains("has stopped"))) {
            return synced;
        }
    }
    panic!("no account stopped");
}

#[tokio::test]
async fn a_password_that_was_rotated_is_looked_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "secret").unwrap();
    let command = format!("cat {}", file.display());
    let house = House::with(|config, _| config.accounts[0].auth.password = PasswordSource::Command(command)).await;
    let running = Running::watching(&house).await;
    house.world().edit(|world| world.user_mut("dana").unwrap().password = "new".to_owned());
    std::fs::write(&file, "new").unwrap();
    house.sandbox.cut_connections();
    house.deliver(&Mail::pitch());
    until(&house, |world| accepted(world) == 1).await;
    running.stop().await;
    assert_eq!(errors(&house), [""]);
}

#[tokio::test]
async fn a_sending_server_that_refuses_the_sign_in_is_not_asked_for_ever() {
    let house = House::with(second).await;
    let refused = Fault::smtp(SmtpStage::Auth).standing().reply("535 5.7.8 wrong password");
    house.world().inject(refused);
    let running = Running::watching(&house).await;
    house.deliver(&Mail::pitch());
    stopped(&house).await;
    assert!(errors(&house)[0].contains("refused the sign-in"), "{:?}", errors(&house));
    house.advance(SignedDuration::from_hours(1));
    until_so(|| house.texts("SELECT last_read_at FROM account WHERE name = 'work'") == [stamp(&house)]).await;
    running.stop().await;
    let asked = count(&house, |event| matches!(event, EventKind::Smtp(SmtpStage::Auth, _)));
    assert_eq!(asked, 2, "once more with the password looked up again, then no more");
    assert_eq!(house.states(), ["queued"]);
}

fn stamp(house: &House) -> String {
    house.now().to_string()
}

#[tokio::test]
async fn a_server_that_restarts_in_mid_idle_is_found_again() {
    let house = House::with(|config, _| config.accounts[0].poll = SignedDuration::from_hours(1)).await;
    let running = Running::watching(&house).await;
    for round in 1..=3 {
        let idles = count(&house, is_idle);
        house.sandbox.cut_connections();
        until(&house, |world| count_in(world, is_idle) > idles).await;
        house.deliver(&Mail::pitch_from("Rita Holm", &format!("rita@agency{round}.example")));
        until(&house, |world| accepted(world) == round).await;
    }
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_fell_silent_is_left_for_a_new_connection() {
    let house = House::with(|config, _| config.accounts[0].poll = SignedDuration::from_millis(100)).await;
    let running = Running::watching(&house).await;
    // both connections hang: the one in IDLE is told of nothing, the other is not answered
    house.world().inject(Fault::imap(Verb::Examine).then(ImapEffect::Silence));
    until_so(|| house.world().faults_pending() == 0).await;
    house.deliver(&Mail::pitch());
    until(&house, |world| accepted(world) == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn an_idle_that_died_without_a_word_is_found_by_its_renewal() {
    let house = House::with(|config, _| config.accounts[0].poll = SignedDuration::from_hours(1)).await;
    house.world().inject(Fault::imap(Verb::Idle).then(ImapEffect::Silence));
    let pace = Pace { renewal: Duration::from_millis(200), ..PACE };
    let running = Running::at(&house, pace);
    until(&house, |world| count_in(world, is_idle) > 1).await;
    house.deliver(&Mail::pitch());
    until(&house, |world| accepted(world) == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_mailbox_that_fails_says_so_and_works_again() {
    let house = House::with(|config, _| config.accounts[0].poll = SignedDuration::from_millis(50)).await;
    let running = Running::watching(&house).await;
    house.world().inject(Fault::imap(Verb::Examine).folder("INBOX").standing().no("[UNAVAILABLE] later"));
    until_so(|| errors(&house)[0].contains("INBOX")).await;
    house.world().clear_faults();
    until_so(|| errors(&house)[0].is_empty()).await;
    running.stop().await;
}

#[tokio::test]
async fn a_sending_server_that_is_down_is_asked_less_and_less() {
    let house = House::with(|config, _| config.accounts[0].poll = SignedDuration::from_hours(1)).await;
    house.world().inject(Fault::smtp(SmtpStage::Connect).standing().then(SmtpEffect::Cut));
    let running = Running::watching(&house).await;
    house.deliver(&Mail::pitch());
    until(&house, |world| count_in(world, |event| matches!(event, EventKind::SmtpClosed)) > 3).await;
    house.world().clear_faults();
    until(&house, |world| accepted(world) == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn it_stops_in_time_whatever_it_is_at() {
    for fault in [
        Fault::imap(Verb::Connect).standing().then(ImapEffect::Silence),
        Fault::imap(Verb::Login).standing().then(ImapEffect::Silence),
        Fault::imap(Verb::Fetch).standing().then(ImapEffect::Silence),
        Fault::imap(Verb::Idle).standing().then(ImapEffect::Silence),
        Fault::smtp(SmtpStage::Connect).standing().then(SmtpEffect::Silence),
        Fault::smtp(SmtpStage::Data).standing().then(SmtpEffect::Silence),
    ] {
        let house = House::with(|_, _| ()).await;
        house.world().inject(fault.clone());
        let running = Running::at(&house, PACE);
        house.deliver(&Mail::pitch());
        until_so(|| struck(&house, &fault)).await;
        let begun = Instant::now();
        running.stop().await;
        assert!(begun.elapsed() < Duration::from_millis(500), "{fault:?}: {:?}", begun.elapsed());
        assert!(!house.states().iter().any(|state| state == "sending"), "{fault:?}: {:?}", house.states());
    }
}

/// Whether the service came to the point of the fault.
fn struck(house: &House, fault: &Fault) -> bool {
    let text = format!("{fault:?}");
    house.world().events().iter().skip_while(|event| event.client < 2).any(|event| match &event.kind {
        EventKind::ImapConnected => text.contains("Connect") && text.contains("Imap"),
        EventKind::Imap(seen) => text.contains(&format!("verb: {:?}", seen.verb)) && event.client > 2,
        EventKind::Smtp(stage, _) => text.contains(&format!("stage: {stage:?}")),
        _ => false,
    })
}
