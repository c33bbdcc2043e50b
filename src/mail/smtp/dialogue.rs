//! Commands out, replies in, every wait bounded.

use std::fmt;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout, timeout_at};

use super::SmtpError;
use crate::mail::wire::Wire;

/// Longest line of a reply; RFC 5321 §4.5.3.1.5 asks for 512.
const MAX_LINE: usize = 8 * 1024;
/// Longest reply.
const MAX_REPLY: usize = 64 * 1024;
/// What is written at once, and must be taken within the limit of silence.
const WRITE_BLOCK: usize = 16 * 1024;

#[derive(Debug)]
pub(super) struct Dialogue {
    wire: Wire,
    /// Read, but not yet part of a reply.
    ahead: Vec<u8>,
    silence: Duration,
}

/// A reply (RFC 5321 §4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// Its lines without codes, joined by a space, bounded.
    pub(super) text: String,
    /// Its lines as they came, with CRLF.
    pub(super) raw: String,
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

impl Reply {
    /// The enhanced code that the text begins with (RFC 2034 §4).
    pub(super) fn enhanced(&self) -> Option<String> {
        let word = self.text.split_whitespace().next()?;
        let mut parts = word.split('.');
        let class = parts.next()?;
        let number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let fits = matches!(class, "2" | "4" | "5")
            && parts.next().is_some_and(number)
            && parts.next().is_some_and(number)
            && parts.next().is_none();
        fits.then(|| word.to_owned())
    }
}

impl Dialogue {
    pub(super) fn new(wire: Wire, silence: Duration) -> Self {
        Self { wire, ahead: Vec::new(), silence }
    }

    /// The stream, for TLS to begin.
    ///
    /// # Errors
    /// Bytes that came behind the reply were pushed in by somebody who wants them to be taken for
    /// protected ones (RFC 3207 §4.2).
    pub(super) fn into_wire(self) -> Result<Wire, SmtpError> {
        if self.ahead.is_empty() { Ok(self.wire) } else { Err(SmtpError::Garbled) }
    }

    pub(super) async fn command(&mut self, command: impl fmt::Display) -> Result<Reply, SmtpError> {
        self.write(command.to_string().as_bytes()).await?;
        self.reply(self.silence).await
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), SmtpError> {
        for block in bytes.chunks(WRITE_BLOCK) {
            timeout(self.silence, self.wire.write_all(block)).await.map_err(|_| SmtpError::Silent)?.map_err(closed)?;
        }
        timeout(self.silence, self.wire.flush()).await.map_err(|_| SmtpError::Silent)?.map_err(closed)
    }

    /// One reply, complete within the limit.
    pub(super) async fn reply(&mut self, limit: Duration) -> Result<Reply, SmtpError> {
        let deadline = Instant::now() + limit;
        let mut raw = String::new();
        let mut texts: Vec<String> = Vec::new();
        let mut first = None;
        loop {
            let line = self.line(deadline).await?;
            let code = line.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()));
            let code: u16 = code.and_then(|code| code.parse().ok()).ok_or(SmtpError::Garbled)?;
            if *first.get_or_insert(code) != code {
                return Err(SmtpError::Garbled);
            }
            let more = match line.as_bytes().get(3) {
                Some(b'-') => true,
                Some(b' ') | None => false,
                Some(_) => return Err(SmtpError::Garbled),
            };
            let text = line.get(4..).unwrap_or_default();
            raw.push_str(&format!("{code}{}{text}\r\n", if more { '-' } else { ' ' }));
            texts.push(text.trim().to_owned());
            if raw.len() > MAX_REPLY {
                return Err(SmtpError::Garbled);
            }
            if !more {
                let text = texts.join(" ").chars().filter(|c| !c.is_control()).take(500).collect();
                return Ok(Reply { code, text, raw });
            }
        }
    }

    pub(super) async fn close(&mut self, limit: Duration) {
        let _ = timeout(limit, self.wire.shutdown()).await;
    }

    /// One line without its end; bytes beyond UTF-8 are replaced.
    async fn line(&mut self, deadline: Instant) -> Result<String, SmtpError> {
        let mut block = [0; 2048];
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.ahead) {
                let rest = self.ahead.split_off(end + 1);
                let line = std::mem::replace(&mut self.ahead, rest);
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.ahead.len() > MAX_LINE {
                return Err(SmtpError::Garbled);
            }
            let read = timeout_at(deadline, self.wire.read(&mut block)).await.map_err(|_| SmtpError::Silent)?;
            match read.map_err(closed)? {
                0 => return Err(SmtpError::Closed("without a reply".to_owned())),
                count => self.ahead.extend_from_slice(block.get(..count).unwrap_or_default()),
            }
        }
    }
}

fn closed(error: io::Error) -> SmtpError {
    SmtpError::Closed(error.kind().to_string())
}
