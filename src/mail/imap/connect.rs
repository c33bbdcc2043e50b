//! From a server's settings to a signed-in connection.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use super::ImapError;
use super::session::{Line, SMALL, is_passing};
use super::syntax::Command;
use crate::config::{Server, Tls};
use crate::mail::Limits;
use crate::mail::wire::{Wire, WireError};

pub(super) async fn connect(
    server: &Server,
    username: &str,
    password: &SecretString,
    limits: &Limits,
) -> Result<Line, ImapError> {
    let wire = Wire::connect(server, limits.connect).await?;
    let mut line = Line::new(wire, limits);
    let mut signed_in = line.greeting().await?;
    if server.tls == Tls::StartTls {
        if signed_in {
            // RFC 9051 §11.3: STARTTLS is impossible then, somebody may stand in between
            return Err(ImapError::Unsafe(
                "the mail server greets as signed in before TLS has begun: not safe; use tls = \"implicit\"",
            ));
        }
        line = start_tls(line, server, limits).await?;
        signed_in = false;
    }
    if !signed_in {
        if !line.knows_capabilities() {
            capability(&mut line).await?;
        }
        sign_in(&mut line, username, password).await?;
    }
    if !line.knows_capabilities() {
        capability(&mut line).await?;
    }
    if line.has("ID") {
        let id = Command::new("ID (\"name\" \"checkback\" \"version\" ").string(env!("CARGO_PKG_VERSION")).text(")");
        match line.command("ID", id.pieces(), SMALL, |_| {}).await {
            // a courtesy: a server may refuse it
            Ok(()) | Err(ImapError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(line)
}

async fn start_tls(mut line: Line, server: &Server, limits: &Limits) -> Result<Line, ImapError> {
    match line.command("STARTTLS", Command::new("STARTTLS").pieces(), SMALL, |_| {}).await {
        Ok(()) => {}
        Err(ImapError::Refused { text, .. }) => {
            let reason = format!("the server refuses STARTTLS ({text}); try tls = \"implicit\" with its port");
            return Err(WireError::Tls { host: server.host.clone(), reason }.into());
        }
        Err(error) => return Err(error),
    }
    // a new line: capabilities and plain text that somebody pushed in before TLS are gone with the old
    let wire = line.into_wire().start_tls(server, limits.connect).await?;
    Ok(Line::new(wire, limits))
}

async fn capability(line: &mut Line) -> Result<(), ImapError> {
    line.command("CAPABILITY", Command::new("CAPABILITY").pieces(), SMALL, |_| {}).await
}

async fn sign_in(line: &mut Line, username: &str, password: &SecretString) -> Result<(), ImapError> {
    let secret = password.expose_secret();
    let by_login = !line.has("LOGINDISABLED");
    let by_plain = line.has("AUTH=PLAIN");
    let (name, command) = if by_plain && !(by_login && username.is_ascii() && secret.is_ascii()) {
        let message = BASE64_STANDARD.encode(format!("\0{username}\0{secret}"));
        ("AUTHENTICATE", Command::new("AUTHENTICATE PLAIN").next(message.as_bytes()))
    } else if by_login {
        ("LOGIN", Command::new("LOGIN ").string(username).text(" ").string(secret))
    } else {
        return Err(ImapError::Unsafe(
            "the mail server takes no password here; switch password sign-in for IMAP on at the provider, or use TLS",
        ));
    };
    // what was offered to a stranger says nothing about what is offered now
    line.forget_capabilities();
    match line.command(name, command.pieces(), SMALL, |_| {}).await {
        Err(ImapError::Refused { text, .. }) if !is_passing(&text) => Err(ImapError::SignIn { message: text }),
        result => result,
    }
}
