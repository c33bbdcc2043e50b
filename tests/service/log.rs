//! What the service tells: to whom, and what never.

use std::os::unix::net::UnixDatagram;

use checkback::sandbox::{Fault, SmtpStage};

use super::program::{PASSWORD, Place};
use super::running::{PATIENCE, until_so};

#[tokio::test(flavor = "multi_thread")]
async fn no_address_no_subject_no_text_and_no_password_is_logged() {
    let place = Place::new().await;
    let refusal = "550 5.1.1 <rita@agency.example>: no mailbox here, says postmaster@agency.example";
    place.world().inject(Fault::smtp(SmtpStage::Rcpt).to("rita@agency.example").reply(refusal));
    let service = place.watching().await;
    place.pitch("Rita Holm", "rita@agency.example");
    place.pitch("Ruth Vale", "ruth@elsewhere.example");
    assert!(place.world().wait_until(PATIENCE, |world| world.received().count() == 1).await);
    // a server that goes, one that refuses the sign-in, and a command
    place.world().edit(|world| world.user_mut("dana").unwrap().password = "changed".to_owned());
    place.sandbox.cut_connections();
    service.until_said("has stopped until").await;
    place.run(&["sync"]);
    let log = service.log();
    service.terminate();
    assert!(log.contains("Mail was read or sent") && log.contains("DEBUG"), "{log}");
    let lower = log.to_lowercase();
    for secret in [
        "rita",
        "ruth",
        "dana",
        "postmaster",
        "holm",
        "vale",
        "@",
        "senior",
        "engineer",
        "thanks",
        "reaching",
        "hi,",
        PASSWORD,
        "changed",
    ] {
        assert!(!lower.contains(secret), "{secret}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_manager_hears_how_it_stands() {
    let place = Place::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_nonblocking(true).unwrap();
    let mut heard = Vec::new();
    let mut hear = || {
        let mut bytes = [0; 500];
        while let Ok(n) = manager.recv(&mut bytes) {
            heard.push(String::from_utf8_lossy(&bytes[..n]).into_owned());
        }
        heard.clone()
    };
    let service = place.serve_as(|command| {
        command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "1000");
    });
    until_so(|| hear().contains(&"STATUS=Every mailbox is read".to_owned())).await;
    place.world().edit(|world| world.user_mut("dana").unwrap().password = "changed".to_owned());
    place.sandbox.cut_connections();
    until_so(|| hear().iter().any(|line| line.starts_with("STATUS=personal has stopped"))).await;
    service.terminate();
    let heard = hear();
    assert_eq!(
        (heard.first().map(String::as_str), heard.last().map(String::as_str)),
        (Some("READY=1"), Some("STOPPING=1"))
    );
    assert!(heard.iter().filter(|line| *line == "WATCHDOG=1").count() > 1, "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_journal_a_line_bears_its_priority_and_no_time() {
    use std::os::unix::fs::MetadataExt as _;
    let place = Place::new().await;
    let service = place.serve_as(|command| {
        let stream = std::fs::metadata(place.log()).unwrap();
        command.env("JOURNAL_STREAM", format!("{}:{}", stream.dev(), stream.ino()));
    });
    service.until_said("The service runs").await;
    let log = service.log();
    service.terminate();
    assert!(log.lines().all(|line| line.starts_with("<6>") || line.starts_with("<7>")), "{log}");
    assert!(log.starts_with("<6>The service runs"), "{log}");
}
