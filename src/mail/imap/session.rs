//! The command loop: one command, its untagged answers, its tagged `OK`.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use async_imap::Client;
use async_imap::imap_proto::{Capability, MailboxDatum, Outcome, Response, ResponseCode, Status};
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout, timeout_at};

use super::guard::{Guard, Refusal};
use super::{Idle, ImapError};
use crate::mail::Limits;
use crate::mail::wire::Wire;

/// The budget of a command whose answer is a few lines.
pub(super) const SMALL: Budget = Budget { literal: 64 * 1024, total: 4 << 20 };
/// How long a goodbye may take.
const FAREWELL: Duration = Duration::from_secs(5);
/// Allowed beside the real answers: a server may tell of any number of flag changes in between.
const CHATTER: u64 = 16 << 20;

/// How large the answer to a command may be, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// The largest literal.
    pub(super) literal: u64,
    /// All of it.
    pub(super) total: u64,
}

impl Budget {
    /// An answer of about that many bytes, in literals of at most that size.
    pub(super) fn of(literal: u64, total: u64) -> Self {
        Self { literal, total: total.saturating_add(CHATTER) }
    }
}

/// Whether a NO will pass by itself (RFC 5530, and what servers write instead).
pub(super) fn is_passing(text: &str) -> bool {
    const SIGNS: &[&str] = &[
        "[unavailable]",
        "[inuse]",
        "[limit]",
        "[serverbug]",
        "[overquota]",
        "try again",
        "temporar",
        "too many",
        "not connected",
        "server error",
        "server busy",
        "throttl",
        "timeout",
        "timed out",
        "internal error",
    ];
    // a wrong password is wrong tomorrow too, whatever else the text says
    const FINAL: &[&str] = &["[authenticationfailed]", "[authorizationfailed]", "[expired]"];
    let lower = text.to_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    says(SIGNS) && !says(FINAL)
}

/// A connection that speaks IMAP, signed in or not.
#[derive(Debug)]
pub(super) struct Line {
    client: Client<Guard>,
    limits: Limits,
    capabilities: BTreeSet<String>,
    tags: u32,
    /// Set while a command runs: its future may be dropped at any await.
    busy: bool,
    /// The tag of an IDLE that was not ended.
    idling: Option<String>,
}

/// How a command was ended.
struct Done {
    ok: bool,
    text: String,
}

impl Line {
    pub(super) fn new(wire: Wire, limits: &Limits) -> Self {
        Self {
            client: Client::new(Guard::new(wire, limits)),
            limits: *limits,
            capabilities: BTreeSet::new(),
            tags: 0,
            busy: false,
            idling: None,
        }
    }

    pub(super) fn has(&self, capability: &str) -> bool {
        self.capabilities.contains(&capability.to_ascii_uppercase())
    }

    /// How many messages the server looks at in one command (RFC 9738 §3.1), if it has a limit.
    pub(super) fn message_limit(&self) -> Option<u32> {
        let limit = self.capabilities.iter().find_map(|capability| capability.strip_prefix("MESSAGELIMIT="))?;
        limit.parse().ok().filter(|limit| *limit > 0)
    }

    pub(super) fn knows_capabilities(&self) -> bool {
        !self.capabilities.is_empty()
    }

    pub(super) fn forget_capabilities(&mut self) {
        self.capabilities.clear();
    }

    /// The stream, for TLS to begin. What was read ahead is dropped with the buffers.
    pub(super) fn into_wire(self) -> Wire {
        self.client.into_inner().into_wire()
    }

    /// The LIST lines of the last command.
    pub(super) fn take_names(&mut self) -> Vec<Vec<u8>> {
        self.client.get_mut().take_names()
    }

    /// The greeting: `true` for PREAUTH.
    pub(super) async fn greeting(&mut self) -> Result<bool, ImapError> {
        self.client.get_mut().expect(SMALL.literal, SMALL.total, self.limits.silence);
        self.busy = true;
        let mut answer = None;
        self.read("the connection", &mut |response| {
            if let Response::Data { status, outcome } = response {
                answer = Some((matches!(status, Status::PreAuth), matches!(status, Status::Ok), text_of(outcome)));
            }
        })
        .await?;
        self.busy = false;
        match answer {
            Some((true, _, _)) => Ok(true),
            Some((_, true, _)) => Ok(false),
            Some((_, _, text)) => Err(ImapError::Closed { text }),
            None => Err(ImapError::Garbled { command: "the connection", what: "no IMAP greeting" }),
        }
    }

    /// Runs one command. Between its pieces the server's `+` is awaited (RFC 9051 §7.6), so a piece
    /// that is followed by another ends with `{n}` or begins an exchange. `on` sees every untagged
    /// answer but LIST (see [`Line::take_names`]).
    pub(super) async fn command(
        &mut self,
        name: &'static str,
        pieces: Vec<Vec<u8>>,
        budget: Budget,
        mut on: impl FnMut(&Response<'_>) + Send,
    ) -> Result<(), ImapError> {
        let limit = self.limits.command;
        let run = self.run(name, pieces, budget, &mut on);
        match timeout(limit, run).await {
            Ok(Ok(Done { ok: true, .. })) => Ok(()),
            Ok(Ok(Done { text, .. })) => Err(ImapError::Refused { command: name, text }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(ImapError::Silent { command: name }),
        }
    }

    /// IDLE; may be dropped, the next command ends it then.
    pub(super) async fn idle(&mut self, how_long: Duration) -> Result<Idle, ImapError> {
        const NAME: &str = "IDLE";
        let mut changed = false;
        let mut on = |response: &Response<'_>| changed |= is_change(response);
        let tag = self.begin(SMALL).await?;
        self.write(NAME, format!("{tag} IDLE\r\n").as_bytes()).await?;
        if let Some(done) = self.until_continue(NAME, &tag, &mut on).await? {
            self.busy = false;
            return match done.ok {
                true => Ok(Idle::Changed),
                false => Err(ImapError::Refused { command: NAME, text: done.text }),
            };
        }
        self.busy = false;
        self.idling = Some(tag);
        let deadline = Instant::now() + how_long;
        self.client.get_mut().expect(SMALL.literal, CHATTER, how_long.saturating_add(self.limits.silence));
        while !changed {
            let mut on = |response: &Response<'_>| changed |= is_change(response);
            match timeout_at(deadline, self.read(NAME, &mut on)).await {
                Ok(Ok(None)) => {}
                Ok(Ok(Some((_, done)))) => {
                    self.idling = None;
                    return match done.ok {
                        true => Ok(Idle::TimedOut),
                        false => Err(ImapError::Refused { command: NAME, text: done.text }),
                    };
                }
                Ok(Err(error)) => {
                    self.busy = true;
                    return Err(error);
                }
                Err(_) => break,
            }
        }
        let mut on = |response: &Response<'_>| changed |= is_change(response);
        self.end_idle(&mut on).await?;
        Ok(if changed { Idle::Changed } else { Idle::TimedOut })
    }

    pub(super) async fn logout(mut self) {
        let _ = timeout(FAREWELL, async {
            let tag = self.begin(SMALL).await?;
            self.write("LOGOUT", format!("{tag} LOGOUT\r\n").as_bytes()).await?;
            // BYE and the tagged OK, in whatever form: the end is what is asked for
            while self.read("LOGOUT", &mut |_| {}).await?.is_none() {}
            Ok::<_, ImapError>(())
        })
        .await;
        let _ = timeout(FAREWELL, self.client.get_mut().shutdown()).await;
    }

    async fn run(
        &mut self,
        name: &'static str,
        pieces: Vec<Vec<u8>>,
        budget: Budget,
        on: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<Done, ImapError> {
        let tag = self.begin(budget).await?;
        let mut out = format!("{tag} ").into_bytes();
        let last = pieces.len().saturating_sub(1);
        for (index, piece) in pieces.into_iter().enumerate() {
            out.extend_from_slice(&piece);
            out.extend_from_slice(b"\r\n");
            // one write, one packet: a server may wait for the rest of a line
            if index == last {
                self.write(name, &out).await?;
                break;
            }
            // the CRLF behind `{n}` is sent, the literal of the next piece follows the `+`
            self.write(name, &out).await?;
            out.clear();
            if let Some(done) = self.until_continue(name, &tag, on).await? {
                self.busy = false;
                return Ok(done);
            }
        }
        let done = self.until_tagged(name, &tag, on).await?;
        self.busy = false;
        Ok(done)
    }

    async fn begin(&mut self, budget: Budget) -> Result<String, ImapError> {
        if self.busy {
            return Err(ImapError::Closed { text: "an earlier command was left unfinished".to_owned() });
        }
        if self.idling.is_some() {
            self.end_idle(&mut |_| {}).await?;
        }
        self.busy = true;
        self.client.get_mut().expect(budget.literal, budget.total, self.limits.silence);
        self.tags = self.tags.wrapping_add(1);
        Ok(format!("C{}", self.tags))
    }

    async fn end_idle(&mut self, on: &mut (dyn FnMut(&Response<'_>) + Send)) -> Result<(), ImapError> {
        const NAME: &str = "DONE";
        let Some(tag) = self.idling.take() else {
            return Ok(());
        };
        self.busy = true;
        self.client.get_mut().expect(SMALL.literal, CHATTER, self.limits.silence);
        self.write(NAME, b"DONE\r\n").await?;
        let done = self.until_tagged(NAME, &tag, on).await?;
        self.busy = false;
        match done.ok {
            true => Ok(()),
            false => Err(ImapError::Refused { command: "IDLE", text: done.text }),
        }
    }

    async fn write(&mut self, name: &'static str, bytes: &[u8]) -> Result<(), ImapError> {
        let guard = self.client.get_mut();
        let written = async {
            guard.write_all(bytes).await?;
            guard.flush().await
        };
        written.await.map_err(|error| from_io(name, &error))
    }

    /// Reads until `+` (`None`), or until the command was answered without one.
    async fn until_continue(
        &mut self,
        name: &'static str,
        tag: &str,
        on: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<Option<Done>, ImapError> {
        loop {
            let mut go_on = false;
            let mut watch = |response: &Response<'_>| match response {
                Response::Continue(_) => go_on = true,
                other => on(other),
            };
            match self.read(name, &mut watch).await? {
                Some((seen, done)) if seen == tag => return Ok(Some(done)),
                Some(_) => return Err(ImapError::Garbled { command: name, what: "an answer to another command" }),
                None if go_on => return Ok(None),
                None => {}
            }
        }
    }

    async fn until_tagged(
        &mut self,
        name: &'static str,
        tag: &str,
        on: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<Done, ImapError> {
        loop {
            match self.read(name, on).await? {
                Some((seen, done)) if seen == tag => return Ok(done),
                Some(_) => return Err(ImapError::Garbled { command: name, what: "an answer to another command" }),
                None => {}
            }
        }
    }

    /// One response: tagged ones are returned, others shown to `on`.
    async fn read(
        &mut self,
        name: &'static str,
        on: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<Option<(String, Done)>, ImapError> {
        let response = match self.client.read_response().await {
            Ok(Some(response)) => response,
            Ok(None) => return Err(ImapError::Closed { text: String::new() }),
            Err(error) => return Err(from_io(name, &error)),
        };
        match response.parsed() {
            Response::Done { tag, status, outcome } => {
                learn_capabilities(&mut self.capabilities, outcome.code.as_ref());
                let done = Done { ok: matches!(status, Status::Ok), text: text_of(outcome) };
                return Ok(Some((tag.0.clone(), done)));
            }
            Response::Data { status: Status::Bye, outcome } if name != "LOGOUT" => {
                return Err(ImapError::Closed { text: text_of(outcome) });
            }
            Response::Data { outcome, .. } => learn_capabilities(&mut self.capabilities, outcome.code.as_ref()),
            Response::Capabilities(list) => learn(&mut self.capabilities, list),
            _ => {}
        }
        on(response.parsed());
        Ok(None)
    }
}

/// Flags that another program changes (FETCH) are no change: nothing here depends on them.
fn is_change(response: &Response<'_>) -> bool {
    matches!(response, Response::MailboxData(MailboxDatum::Exists(_)) | Response::Expunge(_))
}

fn learn_capabilities(known: &mut BTreeSet<String>, code: Option<&ResponseCode<'_>>) {
    if let Some(ResponseCode::Capabilities(list)) = code {
        learn(known, list);
    }
}

fn learn(known: &mut BTreeSet<String>, list: &[Capability<'_>]) {
    *known = list
        .iter()
        .map(|capability| match capability {
            Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
            Capability::Auth(mechanism) => format!("AUTH={}", mechanism.to_ascii_uppercase()),
            Capability::Atom(atom) => atom.to_ascii_uppercase(),
        })
        .collect();
}

/// What the server says, on one bounded line; response codes that the parser does not know are part of it.
fn text_of(outcome: &Outcome<'_>) -> String {
    let code = match outcome.code {
        Some(ResponseCode::Alert) => "[ALERT] ",
        Some(ResponseCode::TryCreate) => "[TRYCREATE] ",
        _ => "",
    };
    let said = outcome.information.as_deref().unwrap_or_default();
    code.chars().chain(said.chars()).filter(|c| !c.is_control()).take(300).collect::<String>().trim().to_owned()
}

/// The parser's own message holds what it could not parse, which may be mail text: it is left out.
fn from_io(command: &'static str, error: &io::Error) -> ImapError {
    if let Some(refusal) = error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>()) {
        return match *refusal {
            Refusal::TooLarge => ImapError::TooLarge { command },
            Refusal::Garbled(what) => ImapError::Garbled { command, what },
            Refusal::Silent => ImapError::Silent { command },
        };
    }
    match error.kind() {
        io::ErrorKind::Other => ImapError::Garbled { command, what: "no IMAP that is understood" },
        io::ErrorKind::UnexpectedEof => ImapError::Closed { text: String::new() },
        kind => ImapError::Closed { text: kind.to_string() },
    }
}
