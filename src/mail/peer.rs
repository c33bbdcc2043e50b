//! A scripted peer on a loopback socket: the other side of a dialogue, byte for byte.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Limits;
use crate::config::{Server, Tls};

/// One step of the peer.
pub(crate) enum Step {
    /// Sends these bytes.
    Say(Vec<u8>),
    /// Reads one line, which must be this one.
    Hear(&'static str),
    /// Reads that many bytes, whatever they are, and remembers them.
    Take(usize),
    /// Remembers lines up to and with this one.
    HearUntil(&'static str),
    /// Says nothing more until the client goes.
    Hold,
}

/// Says this.
pub(crate) fn say(text: impl AsRef<[u8]>) -> Step {
    Step::Say(text.as_ref().to_vec())
}

/// A server that plays the script once and then closes, and what it heard beside the script.
pub(crate) async fn peer(script: Vec<Step>) -> (Server, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server {
        host: "127.0.0.1".to_owned(),
        port: listener.local_addr().unwrap().port(),
        tls: Tls::None,
        pin_sha256: None,
    };
    let play = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        play(socket, script).await
    });
    (server, play)
}

/// Plays the script over any stream.
pub(crate) async fn play(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    script: Vec<Step>,
) -> Vec<u8> {
    let (read, mut write) = tokio::io::split(stream);
    let mut read = BufReader::new(read);
    let mut heard = Vec::new();
    for step in script {
        match step {
            Step::Say(bytes) => {
                // a client that has seen enough may have gone
                if write.write_all(&bytes).await.is_err() {
                    break;
                }
                let _ = write.flush().await;
            }
            Step::Hear(expected) => {
                let mut line = String::new();
                read.read_line(&mut line).await.unwrap();
                assert_eq!(line.trim_end_matches("\r\n"), expected);
            }
            Step::Take(size) => {
                let mut bytes = vec![0; size];
                read.read_exact(&mut bytes).await.unwrap();
                heard.extend_from_slice(&bytes);
            }
            Step::HearUntil(last) => loop {
                let mut line = Vec::new();
                if read.read_until(b'\n', &mut line).await.unwrap() == 0 {
                    panic!("the client went before it said {last}");
                }
                heard.extend_from_slice(&line);
                if line == format!("{last}\r\n").as_bytes() {
                    break;
                }
            },
            Step::Hold => {
                let mut rest = Vec::new();
                let _ = read.read_to_end(&mut rest).await;
                heard.extend_from_slice(&rest);
            }
        }
    }
    heard
}

/// Limits under which a silent peer is noticed at once.
pub(crate) fn impatient() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        silence: Duration::from_millis(500),
        after_body: Duration::from_millis(500),
        command: Duration::from_secs(5),
        line: 64 * 1024,
        slack: 1024,
    }
}

/// Limits that no test should reach.
pub(crate) fn patient() -> Limits {
    let long = Duration::from_secs(60);
    Limits { silence: long, after_body: long, command: long, ..impatient() }
}
