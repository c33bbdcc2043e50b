//! A client that knows no protocol: it sends lines and gives back what comes.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub struct Raw {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Raw {
    pub async fn connect(addr: SocketAddr) -> Raw {
        Raw { stream: TcpStream::connect(addr).await.unwrap(), read: Vec::new() }
    }

    /// A client that has read the greeting and logged in.
    pub async fn imap(addr: SocketAddr) -> Raw {
        let mut raw = Raw::connect(addr).await;
        raw.until("ready\r\n").await;
        assert!(raw.command("LOGIN ada secret").await.contains("x OK"));
        raw
    }

    /// A client that has logged in and named sender and recipient.
    pub async fn smtp(addr: SocketAddr) -> Raw {
        let mut raw = Raw::connect(addr).await;
        raw.until("220 ").await;
        raw.say("EHLO localhost", "LOGIN\r\n").await;
        raw.say("AUTH PLAIN AGFkYQBzZWNyZXQ=", "235").await;
        raw.say("MAIL FROM:<ada@home.example>", "250").await;
        raw.say("RCPT TO:<rita@agency.example>", "250").await;
        raw
    }

    pub async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Sends an SMTP line and waits for the reply.
    pub async fn say(&mut self, line: &str, reply: &str) -> String {
        self.send(&format!("{line}\r\n")).await;
        self.until(reply).await
    }

    /// Sends an IMAP command under the tag `x` and gives everything up to its tagged line.
    pub async fn command(&mut self, command: &str) -> String {
        self.send(&format!("x {command}\r\n")).await;
        self.until("\nx ").await
    }

    /// Everything up to the end of the line that holds `wanted`, or up to the end of the connection.
    pub async fn until(&mut self, wanted: &str) -> String {
        let reading = async {
            loop {
                // A tagged line may be the first of all.
                let text = [b"\n", self.read.as_slice()].concat();
                let found = memchr::memmem::find(&text, wanted.as_bytes());
                if let Some(at) = found
                    && let Some(end) = memchr::memchr(b'\n', &text[at + 1..])
                {
                    let taken: Vec<u8> = self.read.drain(..at + 1 + end).collect();
                    return String::from_utf8_lossy(&taken).into_owned();
                }
                let mut block = [0; 8192];
                match self.stream.read(&mut block).await {
                    Ok(0) | Err(_) => return String::from_utf8_lossy(&std::mem::take(&mut self.read)).into_owned(),
                    Ok(n) => self.read.extend_from_slice(&block[..n]),
                }
            }
        };
        timeout(Duration::from_secs(10), reading).await.expect("the server did not answer")
    }

    /// Exactly so many bytes.
    pub async fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.read.len() < count {
            let mut block = [0; 64];
            let n = timeout(Duration::from_secs(10), self.stream.read(&mut block)).await.unwrap().unwrap();
            assert!(n > 0, "the connection ended");
            self.read.extend_from_slice(&block[..n]);
        }
        self.read.drain(..count).collect()
    }

    /// What comes before the connection ends.
    pub async fn rest(&mut self) -> String {
        self.until("\0 never").await
    }

    /// Whether nothing comes for a while and the connection stays open.
    pub async fn is_silent(&mut self) -> bool {
        let mut block = [0; 64];
        self.read.is_empty() && timeout(Duration::from_millis(150), self.stream.read(&mut block)).await.is_err()
    }
}
