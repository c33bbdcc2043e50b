//! Both protocols against a loopback server with a self-signed certificate, made for these tests only.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::config::{Server, Tls};
use crate::mail::imap::{self, ImapError};
use crate::mail::peer::{Step, patient, play, say};
use crate::mail::smtp::{self, SmtpError};
use crate::mail::wire::WireError;

fn certificate() -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(include_bytes!("testdata/loopback-cert.pem")).unwrap()
}

fn pin() -> [u8; 32] {
    Sha256::digest(certificate().as_ref()).into()
}

/// Plays the first script in the open, and the second one after the TLS handshake.
async fn tls_peer(
    tls: Tls,
    pin_sha256: Option<[u8; 32]>,
    open: Vec<Step>,
    secret: Vec<Step>,
) -> (Server, JoinHandle<Vec<u8>>) {
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("testdata/loopback-key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let playing = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        play(&mut socket, open).await;
        match TlsAcceptor::from(Arc::new(config)).accept(socket).await {
            Ok(stream) => play(stream, secret).await,
            Err(_) => Vec::new(),
        }
    });
    (Server { host: "127.0.0.1".to_owned(), port, tls, pin_sha256 }, playing)
}

fn imap_login() -> Vec<Step> {
    vec![
        Step::Hear("C1 CAPABILITY"),
        say("* CAPABILITY IMAP4rev1 IDLE\r\nC1 OK done\r\n"),
        Step::Hear("C2 LOGIN \"dana\" \"secret\""),
        say("C2 OK [CAPABILITY IMAP4rev1 MOVE] in\r\n"),
    ]
}

fn password() -> SecretString {
    SecretString::from("secret")
}

#[tokio::test]
async fn imap_speaks_tls_from_the_start_with_the_pinned_certificate() {
    let mut script = vec![say("* OK ready\r\n")];
    script.extend(imap_login());
    let (server, _playing) = tls_peer(Tls::Implicit, Some(pin()), vec![], script).await;
    let session = imap::connect(&server, "dana", &password(), patient()).await.unwrap();
    assert!(session.has("MOVE") && !session.has("IDLE"), "capabilities are those after the sign-in");
}

#[tokio::test]
async fn imap_begins_tls_and_forgets_what_was_said_before() {
    let open = vec![
        say("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED X-EVIL] ready\r\n"),
        Step::Hear("C1 STARTTLS"),
        // what is pushed in behind the OK must not be taken for the server's word under TLS
        say("C1 OK go\r\n* CAPABILITY IMAP4rev1 X-EVIL\r\n"),
    ];
    let (server, _playing) = tls_peer(Tls::StartTls, Some(pin()), open, imap_login()).await;
    let session = imap::connect(&server, "dana", &password(), patient()).await.unwrap();
    assert!(!session.has("X-EVIL"));
}

#[tokio::test]
async fn smtp_begins_tls_and_says_hello_again() {
    let open = vec![
        say("220 hi\r\n"),
        Step::Hear("EHLO [127.0.0.1]"),
        say("250-x\r\n250 STARTTLS\r\n"),
        Step::Hear("STARTTLS"),
        say("220 go\r\n"),
    ];
    let secret = vec![
        Step::Hear("EHLO [127.0.0.1]"),
        say("250-x\r\n250 AUTH PLAIN\r\n"),
        Step::Hear("AUTH PLAIN AGRhbmEAc2VjcmV0"),
        say("235 in\r\n"),
    ];
    let (server, _playing) = tls_peer(Tls::StartTls, Some(pin()), open, secret).await;
    smtp::connect(&server, Some(("dana", &password())), patient()).await.unwrap();
}

#[tokio::test]
async fn smtp_speaks_tls_from_the_start() {
    let secret = vec![say("220 hi\r\n"), Step::Hear("EHLO [127.0.0.1]"), say("250 x\r\n")];
    let (server, _playing) = tls_peer(Tls::Implicit, Some(pin()), vec![], secret).await;
    smtp::connect(&server, None, patient()).await.unwrap();
}

#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_refused_and_its_print_told() {
    let (server, playing) = tls_peer(Tls::Implicit, Some([7; 32]), vec![], vec![Step::Hold]).await;
    let error = imap::connect(&server, "dana", &password(), patient()).await.unwrap_err();
    assert!(matches!(error, ImapError::Wire(WireError::Tls { .. })) && !error.is_transient(), "{error:?}");
    assert!(error.to_string().contains(&hex(&pin())), "{error}");
    assert_eq!(playing.await.unwrap(), b"");
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused_without_a_pin() {
    let (server, _playing) = tls_peer(Tls::Implicit, None, vec![], vec![Step::Hold]).await;
    let error = imap::connect(&server, "dana", &password(), patient()).await.unwrap_err();
    assert!(error.to_string().contains("pin_sha256"), "{error}");
    let (server, _playing) = tls_peer(Tls::Implicit, None, vec![], vec![Step::Hold]).await;
    let error = smtp::connect(&server, None, patient()).await.unwrap_err();
    assert!(matches!(error, SmtpError::Wire(WireError::Tls { .. })), "{error:?}");
}
