//! The guard between the socket and the parser of IMAP responses.
//!
//! The parser trusts a server: it allocates whatever literal is announced, recurses into nested
//! parentheses until the stack ends, panics on an `INTERNALDATE NIL`, and gives up the connection at
//! one untagged line it does not know. So [`Filter`] frames the stream first (RFC 9051 §2.2): it
//! refuses what is too large or too deep, drops untagged lines that nobody asked for, and takes LIST
//! lines aside for our own parser. [`Guard`] puts it before a stream and bounds silence.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::mail::Limits;
use crate::mail::wire::Wire;

/// Why the guard ended the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("more than was asked for")]
    TooLarge,
    #[error("{0}")]
    Garbled(&'static str),
    #[error("no answer in time")]
    Silent,
}

/// Deeper nesting than this is no answer to anything that is asked here.
const MAX_DEPTH: u32 = 32;
/// Largest literal of a line that nobody asked for.
const UNASKED_LITERAL: u64 = 64 * 1024;
const READ_BLOCK: usize = 16 * 1024;

/// Frames the bytes of a server and lets through what the parser can bear.
#[derive(Debug)]
pub(super) struct Filter {
    max_line: usize,
    max_literal: u64,
    budget: u64,
    line: Vec<u8>,
    class: Option<Class>,
    frame: Frame,
    literal_left: u64,
    names: Vec<Vec<u8>>,
    name: Vec<u8>,
}

/// What becomes of an untagged line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// To the parser; never with a literal.
    Pass,
    /// To the parser, with the literals of its attributes.
    Fetch,
    /// Taken aside: LIST, LSUB, XLIST.
    Names,
    /// Nobody asked.
    Drop,
}

/// Where inside a FETCH line a fragment ended.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    depth: u32,
    quoted: bool,
}

impl Filter {
    pub(super) fn new(max_line: usize) -> Self {
        Self {
            max_line,
            max_literal: 0,
            budget: 0,
            line: Vec::new(),
            class: None,
            frame: Frame::default(),
            literal_left: 0,
            names: Vec::new(),
            name: Vec::new(),
        }
    }

    /// A new command begins: its answer may announce literals of that size and be that long in all.
    pub(super) fn expect(&mut self, max_literal: u64, budget: u64) {
        self.max_literal = max_literal;
        self.budget = budget;
        self.names.clear();
    }

    /// The LIST lines seen since the command began, whole, with their literals in place.
    pub(super) fn take_names(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.names)
    }

    /// Takes bytes of the server, appends to `out` what the parser may see.
    pub(super) fn feed(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        self.budget = self.budget.checked_sub(bytes.len() as u64).ok_or(Refusal::TooLarge)?;
        while !bytes.is_empty() {
            if self.literal_left > 0 {
                let take = bytes.len().min(usize::try_from(self.literal_left).unwrap_or(usize::MAX));
                let (data, rest) = bytes.split_at(take);
                self.emit(data, out);
                self.literal_left -= take as u64;
                bytes = rest;
                continue;
            }
            let take = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
            let (part, rest) = bytes.split_at(take);
            if part.contains(&0) {
                return Err(Refusal::Garbled("a NUL byte in a line"));
            }
            self.line.extend_from_slice(part);
            bytes = rest;
            if self.line.len() > self.max_line {
                return Err(Refusal::TooLarge);
            }
            if self.line.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.fragment(&line, out)?;
            }
        }
        Ok(())
    }

    /// One line, or the part of one before or after a literal.
    fn fragment(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        let class = *self.class.get_or_insert_with(|| {
            self.frame = Frame::default();
            classify(line)
        });
        if matches!(class, Class::Pass | Class::Fetch) {
            self.frame.follow(line)?;
        }
        if class == Class::Pass && text_joins_code(line) {
            return Err(Refusal::Garbled("a text that begins in the middle of a letter"));
        }
        if class == Class::Fetch && contains_ignore_case(line, b"internaldate nil") {
            return Err(Refusal::Garbled("a message without a date"));
        }
        self.emit(line, out);
        let literal = announced_literal(line);
        // what nobody asked for may come in between, whatever the command expects; all of it counts
        let unasked = if matches!(class, Class::Names | Class::Drop) { UNASKED_LITERAL } else { 0 };
        if literal.is_some_and(|(size, _)| size > self.max_literal.max(unasked)) {
            return Err(Refusal::TooLarge);
        }
        let real = |spaced| match class {
            Class::Pass => false,
            // only where the parser, too, is sure to take it for one: as the value of an attribute
            Class::Fetch => spaced && self.frame.depth == 1 && !self.frame.quoted,
            Class::Names | Class::Drop => true,
        };
        match literal {
            Some((size, spaced)) if real(spaced) => self.literal_left = size,
            _ => {
                self.class = None;
                if class == Class::Names {
                    self.names.push(std::mem::take(&mut self.name));
                }
            }
        }
        Ok(())
    }

    fn emit(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match self.class {
            Some(Class::Names) => self.name.extend_from_slice(bytes),
            Some(Class::Drop) => {}
            Some(Class::Pass | Class::Fetch) | None => out.extend_from_slice(bytes),
        }
    }
}

impl Frame {
    /// Counts parentheses, quoted ones too: balanced or not, nothing may be nested deep.
    fn follow(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let mut escaped = false;
        for &byte in line {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if self.quoted => escaped = true,
                b'"' => self.quoted = !self.quoted,
                b'(' => self.depth += 1,
                b')' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth > MAX_DEPTH {
                return Err(Refusal::Garbled("too deeply nested"));
            }
        }
        Ok(())
    }
}

fn classify(line: &[u8]) -> Class {
    let Some(rest) = line.strip_prefix(b"* ") else {
        return Class::Pass;
    };
    let mut words = rest.split(|&byte| byte == b' ' || byte == b'\r' || byte == b'\n');
    let first = words.next().unwrap_or_default();
    let is = |names: &[&str]| names.iter().any(|name| first.eq_ignore_ascii_case(name.as_bytes()));
    if is(&["LIST", "LSUB", "XLIST"]) {
        return Class::Names;
    }
    if is(&["OK", "NO", "BAD", "BYE", "PREAUTH", "CAPABILITY", "SEARCH"]) {
        return Class::Pass;
    }
    if first.is_empty() || !first.iter().all(u8::is_ascii_digit) {
        return Class::Drop;
    }
    match words.next() {
        Some(word) if word.eq_ignore_ascii_case(b"FETCH") => Class::Fetch,
        Some(word) if [&b"EXISTS"[..], b"EXPUNGE", b"RECENT"].iter().any(|name| word.eq_ignore_ascii_case(name)) => {
            Class::Pass
        }
        _ => Class::Drop,
    }
}

/// Whether a status response has something else than ASCII where the space after its code belongs
/// (`* OK [CODE]é`): the parser drops one byte there, and ends the program within a letter.
fn text_joins_code(line: &[u8]) -> bool {
    let code = line.splitn(3, |&byte| byte == b' ').nth(2).filter(|rest| rest.starts_with(b"["));
    let after = code.and_then(|rest| rest.get(memchr::memchr(b']', rest)? + 1));
    after.is_some_and(|byte| !byte.is_ascii())
}

/// The size in `{size}` at the end of a line, also in the forms `{size+}` and `~{size}`, and whether it
/// stands behind a space.
fn announced_literal(line: &[u8]) -> Option<(u64, bool)> {
    let head = line.strip_suffix(b"\r\n")?.strip_suffix(b"}")?;
    let open = memchr::memrchr(b'{', head)?;
    let (before, size) = head.split_at(open);
    let digits = size.get(1..)?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX);
    Some((size, before.ends_with(b" ")))
}

fn contains_ignore_case(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}

/// A stream of a server behind the [`Filter`], which ends with an error after too long a silence.
#[derive(Debug)]
pub(super) struct Guard {
    wire: Wire,
    filter: Filter,
    ready: Vec<u8>,
    given: usize,
    block: Box<[u8]>,
    silence: Duration,
    reading: Deadline,
    writing: Deadline,
}

impl Guard {
    pub(super) fn new(wire: Wire, limits: &Limits) -> Self {
        Self {
            wire,
            filter: Filter::new(limits.line),
            ready: Vec::new(),
            given: 0,
            block: vec![0; READ_BLOCK].into_boxed_slice(),
            silence: limits.silence,
            reading: Deadline::new(),
            writing: Deadline::new(),
        }
    }

    /// See [`Filter::expect`]; the server may be silent for so long.
    pub(super) fn expect(&mut self, max_literal: u64, budget: u64, silence: Duration) {
        self.filter.expect(max_literal, budget);
        self.silence = silence;
        self.reading.armed = false;
        self.writing.armed = false;
    }

    pub(super) fn take_names(&mut self) -> Vec<Vec<u8>> {
        self.filter.take_names()
    }

    pub(super) fn into_wire(self) -> Wire {
        self.wire
    }
}

impl AsyncRead for Guard {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            let waiting = this.ready.get(this.given..).unwrap_or_default();
            if !waiting.is_empty() {
                let take = waiting.len().min(buf.remaining());
                buf.put_slice(waiting.get(..take).unwrap_or_default());
                this.given += take;
                return Poll::Ready(Ok(()));
            }
            this.ready.clear();
            this.given = 0;
            let mut block = ReadBuf::new(&mut this.block);
            match Pin::new(&mut this.wire).poll_read(cx, &mut block) {
                Poll::Pending => return this.reading.poll(cx, this.silence).map(Err),
                Poll::Ready(result) => result?,
            }
            this.reading.armed = false;
            if block.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.filter.feed(block.filled(), &mut this.ready).map_err(io::Error::other)?;
        }
    }
}

impl AsyncWrite for Guard {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.wire).poll_write(cx, bytes) {
            Poll::Pending => this.writing.poll(cx, this.silence).map(Err),
            done => {
                this.writing.armed = false;
                done
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.wire).poll_flush(cx) {
            Poll::Pending => this.writing.poll(cx, this.silence).map(Err),
            done => {
                this.writing.armed = false;
                done
            }
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().wire).poll_shutdown(cx)
    }
}

/// A timer that starts with the first fruitless poll and is disarmed by any progress.
#[derive(Debug)]
struct Deadline {
    timer: Pin<Box<Sleep>>,
    armed: bool,
}

impl Deadline {
    fn new() -> Self {
        Self { timer: Box::pin(sleep(Duration::ZERO)), armed: false }
    }

    fn poll(&mut self, cx: &mut Context<'_>, after: Duration) -> Poll<io::Error> {
        if !self.armed {
            self.timer.as_mut().reset(Instant::now() + after);
            self.armed = true;
        }
        ready!(self.timer.as_mut().poll(cx));
        Poll::Ready(io::Error::other(Refusal::Silent))
    }
}

#[cfg(test)]
mod tests;
