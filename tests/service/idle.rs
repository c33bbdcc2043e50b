//! New mail, due mail and other processes' decisions wake the service.

use std::time::Duration;

use checkback::config::Config;
use checkback::sandbox::{Fault, Verb};
use checkback::service::run::Pace;
use checkback::store::{StoreError, decisions, outbox};
use jiff::SignedDuration;

use super::house::House;
use super::mail::Mail;
use super::running::{PACE, Running, accepted, count, count_in, is_command, is_idle, other_process, until, until_so};

const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Nothing is read by time alone while the test lasts.
fn rarely(config: &mut Config) {
    config.accounts.iter_mut().for_each(|account| account.poll = AN_HOUR);
}

#[tokio::test]
async fn a_pitch_is_answered_as_soon_as_idle_tells_of_it() {
    let house = House::with(|config, _| rarely(config)).await;
    let running = Running::watching(&house).await;
    house.deliver(&Mail::pitch());
    until(&house, |world| accepted(world) == 1).await;
    until(&house, |world| world.folder("dana", "Sent").unwrap().messages.len() == 1).await;
    running.stop().await;
    assert_eq!(house.states(), ["sent"]);
}

#[tokio::test]
async fn idle_is_renewed_and_goes_on() {
    let house = House::with(|config, _| rarely(config)).await;
    let pace = Pace { renewal: Duration::from_millis(30), ..PACE };
    let running = Running::at(&house, pace);
    until(&house, |world| count_in(world, is_idle) > 4).await;
    house.deliver(&Mail::pitch());
    until(&house, |world| accepted(world) == 1).await;
    running.stop().await;
    let connections = count(&house, |event| is_command(event, Verb::Login));
    // the first start, the two of the service
    assert_eq!(connections, 3, "a renewal needs no new connection");
}

#[tokio::test]
async fn a_server_without_idle_is_polled() {
    let house = House::with(|config, world| {
        world.options.idle = false;
        config.accounts[0].poll = SignedDuration::from_millis(30);
    })
    .await;
    let running = Running::at(&house, PACE);
    house.deliver(&Mail::pitch());
    until(&house, |world| accepted(world) == 1).await;
    running.stop().await;
    assert_eq!(count(&house, is_idle), 0);
}

#[tokio::test]
async fn mail_that_only_a_poll_finds_is_found() {
    let house = House::with(|config, _| config.accounts[0].poll = SignedDuration::from_millis(50)).await;
    let running = Running::watching(&house).await;
    house.put("Junk", &Mail::pitch());
    until_so(|| house.blocked_by(&Mail::pitch().id()).is_some()).await;
    running.stop().await;
    assert_eq!(house.blocked_by(&Mail::pitch().id()), Some(vec!["junk".to_owned()]));
}

#[tokio::test]
async fn what_came_while_idle_was_down_is_read_when_it_is_back() {
    let house = House::with(|config, _| rarely(config)).await;
    let running = Running::watching(&house).await;
    house.world().inject(Fault::imap(Verb::Connect).bye("[UNAVAILABLE] restarting"));
    house.sandbox.cut_connections();
    house.deliver(&Mail::pitch());
    until(&house, |world| accepted(world) == 1).await;
    assert_eq!(house.world().faults_pending(), 0);
    running.stop().await;
}

#[tokio::test]
async fn an_answer_with_a_delay_leaves_when_it_is_due() {
    let house = House::with(|config, _| {
        rarely(config);
        config.auto_reply.delay = SignedDuration::from_mins(15);
    })
    .await;
    let running = Running::watching(&house).await;
    house.deliver(&Mail::pitch());
    until_so(|| house.outbox("queued").len() == 1).await;
    assert_eq!(house.sent().len(), 0);
    house.advance(SignedDuration::from_mins(16));
    until(&house, |world| accepted(world) == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_delay_of_a_moment_is_a_timer() {
    let house = House::with(|config, _| {
        rarely(config);
        config.auto_reply.delay = SignedDuration::from_secs(2);
    })
    .await;
    let running = Running::watching(&house).await;
    house.deliver(&Mail::pitch());
    until_so(|| house.outbox("queued").len() == 1).await;
    // less than a jump: only the timer can find it
    house.advance(SignedDuration::from_secs(3));
    until(&house, |world| accepted(world) == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn what_another_process_releases_leaves_at_once() {
    let house = House::with(|config, _| {
        rarely(config);
        config.auto_reply.delay = AN_HOUR;
    })
    .await;
    let running = Running::watching(&house).await;
    house.deliver(&Mail::pitch());
    until_so(|| house.outbox("queued").len() == 1).await;
    let (other, now) = (other_process(&house), house.now());
    let moved = other.store().write::<_, StoreError>(|tx| {
        tx.execute("UPDATE outbox SET state = 'held'", [])?;
        let id = tx.query_row("SELECT id FROM outbox", [], |row| row.get(0))?;
        outbox::approve(tx, id, now)
    });
    assert!(moved.unwrap());
    until(&house, |world| accepted(world) == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_pause_holds_and_its_end_lets_go() {
    let house = House::with(|config, _| rarely(config)).await;
    let now = house.now();
    house.write(|tx| decisions::pause(tx, true, Some(now + SignedDuration::from_mins(30)), now));
    let running = Running::watching(&house).await;
    house.deliver(&Mail::pitch());
    until_so(|| house.blocked_by(&Mail::pitch().id()).is_some()).await;
    assert_eq!(house.sent().len(), 0);
    house.advance(SignedDuration::from_mins(31));
    until(&house, |world| accepted(world) == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_machine_that_slept_reads_at_once_over_new_connections() {
    let house = House::with(|config, _| rarely(config)).await;
    let running = Running::watching(&house).await;
    let before = count(&house, |event| is_command(event, Verb::Login));
    // a mail where IDLE does not look
    house.put("Archive", &Mail::pitch());
    house.advance(SignedDuration::from_mins(10));
    until(&house, |world| accepted(world) == 1).await;
    until(&house, |world| count_in(world, |event| is_command(event, Verb::Login)) == before + 2).await;
    running.stop().await;
}

#[tokio::test]
async fn what_is_due_and_may_not_leave_is_not_tried_in_a_loop() {
    let house = House::with(|config, _| {
        rarely(config);
        config.auto_reply.delay = AN_HOUR;
    })
    .await;
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    // Sent is never done, whatever is read
    house.write(|tx| {
        let never = "CREATE TRIGGER never AFTER UPDATE OF history_complete ON account
                     BEGIN UPDATE account SET history_complete = 0; END; UPDATE account SET history_complete = 0";
        Ok(tx.execute_batch(never)?)
    });
    house.advance(AN_HOUR + AN_HOUR);
    let pace = Pace { renewal: Duration::from_millis(30), look_again: Duration::from_secs(3600), ..PACE };
    let running = Running::at(&house, pace);
    until_so(|| house.texts("SELECT because FROM outbox") == ["history_incomplete"]).await;
    let reads = |house: &House| count(house, |event| is_command(event, Verb::List));
    let (before, idles) = (reads(&house), count(&house, is_idle));
    until(&house, |world| count_in(world, is_idle) > idles + 10).await;
    assert!(reads(&house) <= before + 2, "{} reads", reads(&house) - before);
    running.stop().await;
    assert_eq!(house.states(), ["queued"]);
}
