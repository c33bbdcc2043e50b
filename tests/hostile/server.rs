//! A mail server that answers whatever bytes it is given, and a client that asks it for everything. Shared by
//! the property test and by the fuzz target.

use std::time::Duration;

use checkback::config::{Server, Tls};
use checkback::domain::ident::MessageId;
use checkback::mail::Limits;
use checkback::mail::imap::{self, ImapError, Session};
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Parts the answers: each goes to one line of the client's.
pub const NEXT: u8 = 0xfe;
/// At the end of an answer: no tagged OK follows it.
pub const UNFINISHED: u8 = 0xfd;
/// Largest mail that is asked for.
const ASKED: usize = 4096;

/// Speaks to a server that answers like this, and checks what must hold of whatever is understood.
pub async fn converse(answers: &[u8]) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback socket");
    let port = listener.local_addr().expect("its address").port();
    let server = Server { host: "127.0.0.1".to_owned(), port, tls: Tls::None, pin_sha256: None };
    let serve = async {
        if let Ok((socket, _)) = listener.accept().await {
            // the client may have seen enough
            let _gone = answer(socket, answers).await;
        }
    };
    let ((), ()) = tokio::join!(serve, ask(&server));
}

async fn answer(mut socket: TcpStream, answers: &[u8]) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let (read, mut write) = socket.split();
    let mut read = BufReader::new(read);
    write.write_all(b"* OK [CAPABILITY IMAP4rev1 IDLE X-GM-EXT-1 MESSAGELIMIT=50] hello\r\n").await?;
    let mut answers = std::iter::once(&b""[..]).chain(answers.split(|byte| *byte == NEXT));
    let mut tag = String::from("C1");
    loop {
        let mut line = Vec::new();
        if read.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let Some(answer) = answers.next() else { return Ok(()) };
        if let Some(word) = line.split(|byte| *byte == b' ').next().filter(|word| word.starts_with(b"C")) {
            tag = String::from_utf8_lossy(word).trim().to_owned();
        }
        match answer.strip_suffix(&[UNFINISHED]) {
            Some(unfinished) => write.write_all(unfinished).await?,
            None => write.write_all(&[answer, format!("{tag} OK done\r\n").as_bytes()].concat()).await?,
        }
    }
}

async fn ask(server: &Server) {
    let soon = Duration::from_millis(200);
    let limits =
        Limits { connect: soon, silence: soon, after_body: soon, command: soon, line: 1 << 16, slack: 1 << 16 };
    let Ok(mut session) = imap::connect(server, "dana", &SecretString::from("secret"), limits).await else { return };
    if everything(&mut session).await.is_ok() {
        session.logout().await;
    }
}

/// Every command in turn; a refused one keeps the connection.
async fn everything(session: &mut Session) -> Result<(), ImapError> {
    for folder in kept(session.folders().await)?.unwrap_or_default() {
        assert!(!folder.name.is_empty());
    }
    kept(session.examine("INBOX").await)?;
    if let Some(entries) = kept(session.list_uids(3).await)? {
        assert!(entries.iter().all(|entry| entry.uid >= 3));
        assert!(entries.windows(2).all(|pair| pair[0].uid < pair[1].uid), "sorted, and each once");
    }
    if let Some(entries) = kept(session.list_between(1, 120).await)? {
        assert!(entries.iter().all(|entry| entry.uid >= 1));
    }
    if let Some(uids) = kept(session.search_uids(1, 120).await)? {
        assert!(uids.iter().all(|uid| (1..=120).contains(uid)));
    }
    for headers_only in [false, true] {
        for mail in kept(session.fetch(&[1, 2, 7], ASKED, headers_only).await)?.unwrap_or_default() {
            assert!([1, 2, 7].contains(&mail.uid), "only what was asked for");
            assert!(!mail.raw.is_empty() && mail.raw.len() <= ASKED, "no more than was asked for");
        }
    }
    if let Some(id) = MessageId::parse("<m1@devmail.example>") {
        kept(session.find_message_id(&id).await)?;
    }
    kept(session.append("Sent", b"Subject: hi\r\n\r\nhi\r\n", &["\\Seen"]).await)?;
    kept(session.idle(Duration::from_millis(5)).await)?;
    kept(session.noop().await)?;
    Ok(())
}

fn kept<T>(result: Result<T, ImapError>) -> Result<Option<T>, ImapError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.keeps_connection() => Ok(None),
        Err(error) => Err(error),
    }
}
