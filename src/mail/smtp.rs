//! Handing a mail to a server over SMTP (RFC 5321), in two phases: up to the server's 354, when
//! nothing has left yet, and the mail itself, after which only the server's reply tells the outcome.
//!
//! Commands and replies are those of lettre; the loop around them is our own, because every wait must
//! be bounded and a pinned certificate accepted, which lettre's transport can't.

use std::str::FromStr as _;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Rset, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter, ServerInfo};
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret as _, SecretString};

use super::Limits;
use super::wire::{Wire, WireError};
use crate::config::{Server, Tls};
use crate::domain::delivery::{SendOutcome, Stage};
use crate::domain::ident::Address;
use dialogue::{Dialogue, Reply};

mod dialogue;

/// A connection that is ready to take mails, one after the other.
#[derive(Debug)]
pub struct SmtpSession {
    dialogue: Dialogue,
    limits: Limits,
    server: ServerInfo,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The next command may be MAIL.
    Ready,
    /// A transaction was refused and must be reset.
    Refused,
    /// The server awaits a mail.
    AwaitsBody,
    /// No more to be said.
    Broken,
}

/// Why a mail could not be offered. Nothing of it has left. Every text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// No connection, or none that is safe.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// Wrong user name or password: stop and ask, never try again by machine.
    #[error(
        "the outgoing mail server refused the sign-in: {message}; check username and password (many providers want an app password)"
    )]
    SignIn {
        /// What the server says.
        message: String,
    },
    /// The server lets nobody sign in by password.
    #[error(
        "the outgoing mail server offers no sign-in by password; check host, port and tls (587 with starttls, 465 with implicit)"
    )]
    NoSignIn,
    /// The server said no.
    #[error("the outgoing mail server says {code} {text}")]
    Refused {
        /// To what.
        stage: Stage,
        /// The reply code.
        code: u16,
        /// The enhanced code (RFC 3463).
        enhanced: Option<String>,
        /// What it says.
        text: String,
    },
    /// An address with characters beyond ASCII, which this server does not take (RFC 6531).
    #[error(
        "the outgoing mail server takes no addresses with characters such as those in {address}; another provider may"
    )]
    Utf8Address {
        /// The address, masked.
        address: String,
    },
    /// The server ended the connection.
    #[error("the outgoing mail server closed the connection: {0}")]
    Closed(String),
    /// No answer in time.
    #[error("the outgoing mail server did not answer in time")]
    Silent,
    /// What the server says is no SMTP.
    #[error("the outgoing mail server's answer cannot be read")]
    Garbled,
}

impl SmtpError {
    /// Whether trying again later may help without anybody doing something.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Wire(error) => matches!(error, WireError::Connect { .. }),
            Self::Refused { code, .. } => *code < 500,
            Self::Closed(_) | Self::Silent | Self::Garbled => true,
            Self::SignIn { .. } | Self::NoSignIn | Self::Utf8Address { .. } => false,
        }
    }
}

impl From<SmtpError> for SendOutcome {
    fn from(error: SmtpError) -> Self {
        match error {
            SmtpError::Refused { stage, code, enhanced, text } if stage != Stage::Connect => {
                Self::Refused { permanent: code >= 500, code, enhanced, text, stage }
            }
            // RFC 6531 §3.5
            SmtpError::Utf8Address { .. } => Self::Refused {
                code: 553,
                enhanced: Some("5.6.7".to_owned()),
                text: error.to_string(),
                permanent: true,
                stage: Stage::Recipient,
            },
            other => Self::NotSent { why: other.to_string() },
        }
    }
}

/// Connects, begins TLS as the settings say, and signs in with `auth` (user name and password).
///
/// # Errors
/// A server that offers no sign-in is refused, except on this machine, where mail is then sent
/// without. A wrong password is [`SmtpError::SignIn`].
pub async fn connect(
    server: &Server,
    auth: Option<(&str, &SecretString)>,
    limits: Limits,
) -> Result<SmtpSession, SmtpError> {
    let wire = Wire::connect(server, limits.connect).await?;
    let loopback = wire.is_loopback();
    let mut dialogue = Dialogue::new(wire, limits.silence);
    dialogue.reply(limits.silence).await?.expect(Stage::Connect, 220)?;
    let mut info = hello(&mut dialogue).await?;
    if server.tls == Tls::StartTls {
        if !info.supports_feature(Extension::StartTls) {
            let reason = "the server offers no STARTTLS; try tls = \"implicit\" with its port".to_owned();
            return Err(WireError::Tls { host: server.host.clone(), reason }.into());
        }
        dialogue.command(Starttls).await?.expect(Stage::Connect, 220)?;
        let wire = dialogue.into_wire()?.start_tls(server, limits.connect).await?;
        dialogue = Dialogue::new(wire, limits.silence);
        info = hello(&mut dialogue).await?;
    }
    let mut session = SmtpSession { dialogue, limits, server: info, state: State::Ready };
    if let Some((username, password)) = auth {
        match session.server.get_auth_mechanism(&[Mechanism::Plain, Mechanism::Login]) {
            Some(mechanism) => session.sign_in(mechanism, username, password).await?,
            None if loopback => {}
            None => return Err(SmtpError::NoSignIn),
        }
    }
    Ok(session)
}

impl SmtpSession {
    /// Offers one mail: MAIL, RCPT, DATA, up to the server's 354. Nothing of the mail has left yet.
    ///
    /// After a refusal the session may be used for another mail.
    pub async fn begin(&mut self, from: &Address, to: &Address) -> Result<(), SmtpError> {
        match self.state {
            State::Ready => {}
            State::Refused => {
                self.exchange(Stage::Sender, 250, Rset).await?;
                self.state = State::Ready;
            }
            State::AwaitsBody | State::Broken => {
                return Err(SmtpError::Closed("an earlier mail was left unfinished".to_owned()));
            }
        }
        let mut parameters = Vec::new();
        if let Some(address) = [to, from].into_iter().find(|address| !address.as_str().is_ascii()) {
            if !self.server.supports_feature(Extension::SmtpUtfEight) {
                return Err(SmtpError::Utf8Address { address: address.masked() });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let sender = envelope(from, Stage::Sender)?;
        let recipient = envelope(to, Stage::Recipient)?;
        self.exchange(Stage::Sender, 250, Mail::new(Some(sender), parameters)).await?;
        self.exchange(Stage::Recipient, 250, Rcpt::new(recipient, Vec::new())).await?;
        self.exchange(Stage::Data, 354, Data).await?;
        self.state = State::AwaitsBody;
        Ok(())
    }

    /// Sends the mail that [`SmtpSession::begin`] announced and waits for the server's word. Whatever
    /// goes wrong from the first byte on is [`SendOutcome::Unknown`].
    ///
    /// `bytes` must be 7bit with CRLF line ends, as `compose` renders them; else nothing is sent.
    pub async fn body(&mut self, bytes: &[u8]) -> SendOutcome {
        if self.state != State::AwaitsBody {
            return SendOutcome::NotSent { why: "no mail was announced to the server".to_owned() };
        }
        // until the reply is there, the connection is good for nothing else
        self.state = State::Broken;
        let Some(stuffed) = dot_stuffed(bytes) else {
            // a server throws an unfinished mail away (RFC 5321 §4.1.1.4)
            return SendOutcome::NotSent { why: "the mail is not 7bit text with CRLF line ends".to_owned() };
        };
        let reply = async {
            self.dialogue.write(&stuffed).await?;
            self.dialogue.reply(self.limits.after_body).await
        };
        match reply.await {
            Ok(reply) => {
                self.state = State::Ready;
                match reply.code {
                    200..=299 => SendOutcome::Accepted { reply: reply.to_string() },
                    400..=599 => SendOutcome::Refused {
                        code: reply.code,
                        enhanced: reply.enhanced(),
                        permanent: reply.code >= 500,
                        text: reply.text,
                        stage: Stage::Body,
                    },
                    _ => SendOutcome::Unknown { why: format!("the server said {reply}") },
                }
            }
            Err(error) => SendOutcome::Unknown { why: error.to_string() },
        }
    }

    /// Says goodbye; whether it arrives does not matter. A mail that was announced and not sent is
    /// dropped with the connection.
    pub async fn quit(mut self) {
        const FAREWELL: Duration = Duration::from_secs(5);
        if matches!(self.state, State::Ready | State::Refused) {
            let _ = tokio::time::timeout(FAREWELL, self.dialogue.command(Quit)).await;
        }
        self.dialogue.close(FAREWELL).await;
    }

    async fn exchange(
        &mut self,
        stage: Stage,
        expected: u16,
        command: impl std::fmt::Display,
    ) -> Result<(), SmtpError> {
        self.state = State::Broken;
        let reply = self.dialogue.command(command).await?;
        self.state = State::Refused;
        // 421: the server closes the connection (RFC 5321 §3.8)
        if reply.code == 421 {
            self.state = State::Broken;
        }
        reply.expect(stage, expected)
    }

    async fn sign_in(
        &mut self,
        mechanism: Mechanism,
        username: &str,
        password: &SecretString,
    ) -> Result<(), SmtpError> {
        const ROUNDS: usize = 5;
        let credentials = Credentials::new(username.to_owned(), password.expose_secret().to_owned());
        let first = Auth::new(mechanism, credentials.clone(), None).map_err(|_| SmtpError::Garbled)?;
        let mut reply = self.dialogue.command(first).await?;
        for _ in 0..ROUNDS {
            match reply.code {
                200..=299 => return Ok(()),
                334 => {
                    let challenge = reply.response()?;
                    let answer = Auth::new_from_response(mechanism, credentials.clone(), &challenge)
                        .map_err(|_| SmtpError::Garbled)?;
                    reply = self.dialogue.command(answer).await?;
                }
                500..=599 => return Err(SmtpError::SignIn { message: reply.to_string() }),
                _ => return reply.expect(Stage::Connect, 235),
            }
        }
        Err(SmtpError::Garbled)
    }
}

/// EHLO with an address literal (RFC 5321 §4.1.3): the machine's own name is nobody's business.
async fn hello(dialogue: &mut Dialogue) -> Result<ServerInfo, SmtpError> {
    let name = ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST);
    let reply = dialogue.command(Ehlo::new(name)).await?;
    let response = reply.response()?;
    reply.expect(Stage::Connect, 250)?;
    ServerInfo::from_response(&response).map_err(|_| SmtpError::Garbled)
}

fn envelope(address: &Address, stage: Stage) -> Result<lettre::Address, SmtpError> {
    lettre::Address::from_str(address.as_str()).map_err(|_| SmtpError::Refused {
        stage,
        code: 553,
        enhanced: Some("5.1.3".to_owned()),
        text: format!("{} is no address that can be mailed", address.masked()),
    })
}

/// The mail with its dots doubled and the final dot (RFC 5321 §4.5.2); `None` if it holds anything that
/// servers read differently: 8bit, bare CR or LF, lines over 998.
fn dot_stuffed(bytes: &[u8]) -> Option<Vec<u8>> {
    const MAX_LINE: usize = 998;
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = memchr::memmem::find(rest, b"\r\n").unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let clean = |byte: &u8| byte.is_ascii() && !matches!(byte, 0 | b'\r' | b'\n');
        if line.len() > MAX_LINE || !line.iter().all(clean) {
            return None;
        }
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
        rest = after.strip_prefix(b"\r\n").unwrap_or(after);
    }
    out.extend_from_slice(b".\r\n");
    Some(out)
}

impl Reply {
    /// An error unless the reply has this code's class and, for 354, this code.
    fn expect(self, stage: Stage, code: u16) -> Result<(), SmtpError> {
        let fits = if code == 354 { self.code == code } else { self.code / 100 == code / 100 };
        if fits {
            return Ok(());
        }
        if !(400..=599).contains(&self.code) {
            return Err(SmtpError::Garbled);
        }
        let enhanced = self.enhanced();
        Err(SmtpError::Refused { stage, code: self.code, enhanced, text: self.text })
    }

    fn response(&self) -> Result<Response, SmtpError> {
        Response::from_str(&self.raw).map_err(|_| SmtpError::Garbled)
    }
}

#[cfg(test)]
mod tests;
