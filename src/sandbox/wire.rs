//! One client's socket: buffered writing with an end on order, bounded reading of lines.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What is gathered before it is written.
const WRITE_BLOCK: usize = 64 * 1024;
/// Longest SMTP line taken (RFC 5321 §4.5.3.1 asks for 512; AUTH for 12288).
const MAX_LINE: usize = 16 * 1024;
/// How long a client that says nothing is kept (RFC 3501 §5.4 asks for at least 30 minutes).
const IDLE_LIMIT: Duration = Duration::from_secs(35 * 60);

/// Why a connection ends. None of these is worth telling anybody: the log has the dialogue.
#[derive(Debug)]
pub(super) enum Gone {
    /// The client left, or the socket failed.
    Client,
    /// We end it: QUIT, LOGOUT, or a fault's order.
    Server,
}

impl From<io::Error> for Gone {
    fn from(_: io::Error) -> Gone {
        Gone::Client
    }
}

/// A client's socket.
pub(super) struct Wire {
    stream: TcpStream,
    unwritten: Vec<u8>,
    unread: Vec<u8>,
    /// How many bytes may still be written before the connection ends; `None` is no limit.
    allowance: Option<usize>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Wire {
        Wire { stream, unwritten: Vec::new(), unread: Vec::new(), allowance: None }
    }

    /// Ends the connection once `bytes` more were written.
    pub(super) fn cut_after(&mut self, bytes: usize) {
        self.allowance = Some(bytes);
    }

    /// Takes bytes to be written; they may wait for [`Wire::flush`].
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.unwritten.extend_from_slice(bytes);
        if self.unwritten.len() >= WRITE_BLOCK { self.flush().await } else { Ok(()) }
    }

    /// Writes what waits.
    pub(super) async fn flush(&mut self) -> Result<(), Gone> {
        if let Some(allowance) = &mut self.allowance {
            self.unwritten.truncate(*allowance);
            *allowance -= self.unwritten.len();
        }
        self.stream.write_all(&self.unwritten).await?;
        self.unwritten.clear();
        // One large reply must not hold its memory for the rest of the connection.
        self.unwritten.shrink_to(WRITE_BLOCK);
        if self.allowance == Some(0) { Err(Gone::Server) } else { Ok(()) }
    }

    /// Whatever has come, at most 64 KiB; first what was read ahead. Safe to cancel.
    pub(super) async fn read(&mut self) -> Result<Vec<u8>, Gone> {
        if self.unread.is_empty() {
            self.fill().await?;
        }
        Ok(std::mem::take(&mut self.unread))
    }

    /// One line with its line break; `None` when it is too long: then it was passed over.
    pub(super) async fn read_line(&mut self) -> Result<Option<Vec<u8>>, Gone> {
        let mut too_long = false;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.unread) {
                let rest = self.unread.split_off(at + 1);
                let line = std::mem::replace(&mut self.unread, rest);
                return Ok(if too_long || line.len() > MAX_LINE { None } else { Some(line) });
            }
            if self.unread.len() > MAX_LINE {
                too_long = true;
                self.unread.clear();
            }
            self.fill().await?;
        }
    }

    /// Puts back what was read too far.
    pub(super) fn unread(&mut self, bytes: &[u8]) {
        self.unread.splice(..0, bytes.iter().copied());
    }

    /// Says nothing more and waits until the client leaves.
    pub(super) async fn fall_silent(&mut self) -> Gone {
        let mut sink = [0; 4096];
        while matches!(self.stream.read(&mut sink).await, Ok(1..)) {}
        Gone::Client
    }

    /// Closes in order, so that the client gets every byte written: unread input would turn the end into a reset.
    pub(super) async fn close(mut self) {
        if self.flush().await.is_ok() || self.allowance == Some(0) {
            let _client_may_be_gone = self.stream.shutdown().await;
            let _bounded = tokio::time::timeout(Duration::from_millis(500), self.fall_silent()).await;
        }
    }

    async fn fill(&mut self) -> Result<(), Gone> {
        let reading = self.stream.read_buf(&mut self.unread);
        match tokio::time::timeout(IDLE_LIMIT, reading).await {
            Ok(Ok(1..)) => Ok(()),
            _ => Err(Gone::Client),
        }
    }
}
