//! TLS as real servers speak it: a self-signed certificate is taken by its pin or not at all.

use crate::desk::{ANSWER_AT_ONCE, Desk, account_with, server};
use crate::letters::pitch;
use crate::servers::Servers;

fn desk(servers: &Servers, port: u16, tls: &str, pin: &str) -> Desk {
    let smtp = server(servers.smtp, "none", "");
    let account = account_with("dana", &server(port, tls, pin), &smtp, "MAIL_PASSWORD");
    Desk::new(&format!("{account}{ANSWER_AT_ONCE}"))
}

#[test]
fn a_pinned_certificate_is_taken_and_any_other_refused() {
    let servers = Servers::start();
    let wrong = "ab".repeat(32);
    for (port, tls) in [(servers.imaps, "implicit"), (servers.imap, "starttls")] {
        let pinned = desk(&servers, port, tls, &servers.pin);
        let before = pinned.sync()["accounts"][0]["new"].as_u64();
        let id = format!("{tls}@agency.example");
        let letter = pitch(&format!("{tls}@agency.example"), "dana@devmail.example", &id);
        servers.deliver("rita@agency.example", "dana@devmail.example", &letter.raw());
        let synced = pinned.sync();
        assert_eq!(synced["accounts"][0]["sent"], 1, "{tls}: {before:?} {synced}");
        servers.wait_until(|| servers.lying(tls, "INBOX").len() == 1);

        // no pin: nobody vouches for a self-signed certificate; another pin: somebody sits in between
        for (pin, words) in [("", "pin_sha256"), (wrong.as_str(), "pin_sha256")] {
            let refused = desk(&servers, port, tls, pin).run(&["sync"]);
            assert_eq!(refused.code, Some(1), "{tls} {refused:?}");
            assert!(refused.err.contains(words), "{tls}: the message does not name the fix: {}", refused.err);
            assert!(refused.err.contains("127.0.0.1"), "{tls}: the message does not name the server: {}", refused.err);
            assert!(!refused.err.contains(crate::servers::PASSWORD), "{}", refused.err);
        }
    }
}

#[test]
fn mail_leaves_over_tls_and_signed_in() {
    let servers = Servers::start();
    let imap = server(servers.imap, "none", "");
    let wrong = "ab".repeat(32);
    for (port, tls) in [(servers.smtps, "implicit"), (servers.smtp, "starttls")] {
        let config = |pin: &str| {
            let smtp = server(port, tls, pin);
            format!("{}{ANSWER_AT_ONCE}", account_with("dana", &imap, &smtp, "MAIL_PASSWORD"))
        };
        let desk = Desk::new(&config(&wrong));
        desk.sync();
        let from = format!("rita-{tls}@agency.example");
        let letter = pitch(&from, "dana@devmail.example", &format!("{tls}@agency.example"));
        servers.deliver(&from, "dana@devmail.example", &letter.raw());
        let refused = desk.run(&["sync"]);
        assert_eq!(refused.code, Some(1), "{tls} {refused:?}");
        assert!(refused.err.contains("pin_sha256"), "{tls}: {}", refused.err);
        assert_eq!(desk.outbox("queued"), 1);
    }
    for (port, tls) in [(servers.smtps, "implicit"), (servers.smtp, "starttls")] {
        let smtp = server(port, tls, &servers.pin);
        let desk = Desk::new(&format!("{}{ANSWER_AT_ONCE}", account_with("eve", &imap, &smtp, "MAIL_PASSWORD")));
        desk.sync();
        let from = format!("rose-{tls}@agency.example");
        let letter = pitch(&from, "eve@devmail.example", &format!("rose-{tls}@agency.example"));
        servers.deliver(&from, "eve@devmail.example", &letter.raw());
        assert_eq!(desk.sync()["accounts"][0]["sent"], 1, "{tls}");
        servers.wait_until(|| servers.lying(&format!("rose-{tls}"), "INBOX").len() == 1);
    }
    let signed_in = servers.smtp_log().matches("sasl_username=eve").count();
    assert_eq!(signed_in, 2, "{}", servers.smtp_log());
}
