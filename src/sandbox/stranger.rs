//! Somebody else's mail server: hands one mail in by SMTP, as mail from the outside comes.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// How long one mail may take: the server is on this machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hands in `mail` (lines end in CRLF) without signing in. Once this returns, it lies in the recipient's INBOX.
///
/// # Errors
/// When the server cannot be reached, refuses a step, or takes longer than 10 seconds.
pub async fn hand_in(server: SocketAddr, from: &str, to: &str, mail: &[u8]) -> io::Result<()> {
    let slow = || io::Error::new(io::ErrorKind::TimedOut, "the SMTP server does not answer");
    tokio::time::timeout(PATIENCE, dialogue(server, from, to, mail)).await.unwrap_or_else(|_| Err(slow()))
}

async fn dialogue(server: SocketAddr, from: &str, to: &str, mail: &[u8]) -> io::Result<()> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    expect(&mut stream, '2').await?;
    for line in ["EHLO stranger.example".to_owned(), format!("MAIL FROM:<{from}>"), format!("RCPT TO:<{to}>")] {
        say(&mut stream, line.as_bytes()).await?;
        expect(&mut stream, '2').await?;
    }
    say(&mut stream, b"DATA").await?;
    expect(&mut stream, '3').await?;
    say(&mut stream, &stuffed(mail)).await?;
    expect(&mut stream, '2').await?;
    say(&mut stream, b"QUIT").await?;
    expect(&mut stream, '2').await
}

async fn say(stream: &mut BufReader<TcpStream>, line: &[u8]) -> io::Result<()> {
    stream.get_mut().write_all(&[line, b"\r\n"].concat()).await
}

/// Reads one reply, which may have several lines, and demands its first digit (RFC 5321 §4.2.1).
async fn expect(stream: &mut BufReader<TcpStream>, digit: char) -> io::Result<()> {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line.get(3..4) == Some("-") {
            continue;
        }
        return if line.starts_with(digit) { Ok(()) } else { Err(io::Error::other(line.trim_end().to_owned())) };
    }
}

/// The mail with its dots doubled and the line that ends it (RFC 5321 §4.5.2); the last line break is the caller's.
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len() + 8);
    for line in mail.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.push(b'.');
    out
}
