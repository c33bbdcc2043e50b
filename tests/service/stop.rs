//! SIGTERM and SIGKILL at the worst moments, to the real program.

use std::net::TcpListener;
use std::time::Duration;

use checkback::sandbox::{Fault, ImapEffect, SmtpEffect, SmtpStage, Verb};

use super::program::Place;
use super::running::{PATIENCE, until_so};

/// Until the one fault has struck.
async fn until_struck(place: &Place) {
    until_so(|| place.world().faults_pending() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_while_it_waits() {
    let place = Place::new().await;
    let service = place.watching().await;
    assert!(service.terminate() < Duration::from_millis(500));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_while_it_connects_to_a_dead_host() {
    let place = Place::new().await;
    // nobody accepts: the handshake succeeds and no greeting comes, then not even that
    let dead = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = dead.local_addr().unwrap().port();
    place.configure(port, port, "");
    let service = place.serve();
    service.until_said("The service runs").await;
    service.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_in_the_middle_of_a_fetch() {
    let place = Place::new().await;
    place.world().inject(Fault::imap(Verb::Fetch).nth(2).then(ImapEffect::Silence));
    place.pitch("Rita Holm", "rita@agency.example");
    let service = place.serve();
    until_struck(&place).await;
    service.terminate();
    assert_eq!(place.run(&["sync"]).code, Some(0));
    assert_eq!(place.accepted(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_in_an_smtp_dialogue_before_the_body_and_the_mail_leaves_later() {
    for stage in [SmtpStage::Connect, SmtpStage::Rcpt, SmtpStage::Data] {
        let place = Place::new().await;
        place.world().inject(Fault::smtp(stage).then(SmtpEffect::Silence));
        place.pitch("Rita Holm", "rita@agency.example");
        let service = place.serve();
        until_struck(&place).await;
        let took = service.terminate();
        assert!(took < Duration::from_secs(1), "{stage:?}: {took:?}");
        assert_eq!((place.outbox("sending"), place.outbox("unknown")), (0, 0));
        assert_eq!(place.run(&["sync"]).code, Some(0));
        assert_eq!((place.accepted(), place.outbox("sent")), (1, 1), "{stage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_whose_body_has_begun_is_given_a_moment() {
    let place = Place::new().await;
    let late = SmtpEffect::Delay(Duration::from_millis(800));
    place.world().inject(Fault::smtp(SmtpStage::AfterBody).then(late));
    place.pitch("Rita Holm", "rita@agency.example");
    place.pitch("Ruth Vale", "ruth@elsewhere.example");
    let service = place.serve();
    until_struck(&place).await;
    let took = service.terminate();
    assert!(took > Duration::from_millis(500), "{took:?}");
    // the first one left; the second one, behind it in the same dialogue, did not begin
    assert_eq!((place.accepted(), place.outbox("sent"), place.outbox("sending")), (1, 1, 0));
    assert_eq!(place.run(&["sync"]).code, Some(0));
    assert_eq!((place.accepted(), place.outbox("sent")), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_the_server_never_acknowledged_is_unknown_after_the_stop() {
    let place = Place::new().await;
    place.world().inject(Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::AcceptThenSilence));
    place.pitch("Rita Holm", "rita@agency.example");
    let service = place.serve();
    until_struck(&place).await;
    service.terminate();
    assert_eq!(place.outbox("sending"), 1);
    let service = place.watching().await;
    service.until_said("An earlier run ended while mail was leaving").await;
    service.terminate();
    assert_eq!((place.outbox("sending"), place.outbox("unknown")), (0, 1));
    assert_eq!(place.accepted(), 1, "it is never sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_the_next_service_goes_on() {
    let place = Place::new().await;
    let service = place.watching().await;
    service.kill();
    place.pitch("Rita Holm", "rita@agency.example");
    let service = place.watching().await;
    assert!(place.world().wait_until(PATIENCE, |world| world.received().count() == 1).await);
    service.terminate();
}
