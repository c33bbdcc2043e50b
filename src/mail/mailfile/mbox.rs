//! An mbox read mail by mail. A mail beyond the limit is cut, and what is left of it read over.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use super::from_line::{self, Around};
use super::plan::Entry;
use super::{FileMail, MailfileError, head};

/// Bytes kept of a mail and of a line: one more than is parsed, so that the parser sees the cut.
pub(super) const KEPT: usize = crate::domain::inbound::MAX_BYTES + 1;

/// An open mbox file.
#[derive(Debug)]
pub(super) struct Mbox {
    path: PathBuf,
    folder: super::FolderHint,
    splitter: Splitter<BufReader<File>>,
    index: usize,
    failed: bool,
}

impl Mbox {
    pub(super) fn open(entry: &Entry) -> Result<Self, MailfileError> {
        let file = File::open(&entry.path).map_err(MailfileError::unreadable(&entry.path))?;
        let splitter = Splitter::new(BufReader::with_capacity(256 * 1024, file));
        Ok(Self { path: entry.path.clone(), folder: entry.folder, splitter, index: 0, failed: false })
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> u64 {
        self.splitter.position
    }

    /// The next mail; after an error there is none.
    pub(super) fn next(&mut self) -> Option<Result<FileMail, MailfileError>> {
        if self.failed {
            return None;
        }
        match self.splitter.next_mail() {
            Ok(Some(split)) => {
                let index = self.index;
                self.index += 1;
                Some(Ok(head::file_mail(&self.path, index, self.folder, split.from_line.as_deref(), split.raw)))
            }
            Ok(None) => None,
            Err(error) => {
                self.failed = true;
                Some(Err(MailfileError::unreadable(&self.path)(error)))
            }
        }
    }
}

/// One mail as it lay in the file, unquoted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// The line before it; `None` at the beginning of a file that has none.
    pub(super) from_line: Option<Vec<u8>>,
    /// The mail without that line and without the empty line behind it.
    pub(super) raw: Vec<u8>,
}

/// The splitting itself, over any bytes.
#[derive(Debug)]
pub(super) struct Splitter<R> {
    reader: R,
    position: u64,
    /// A line that was read ahead.
    ahead: Option<Vec<u8>>,
    /// The `From ` line of the mail that comes next.
    from_line: Option<Vec<u8>>,
    started: bool,
}

impl<R: BufRead> Splitter<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, position: 0, ahead: None, from_line: None, started: false }
    }

    /// The next mail; `None` at the end.
    pub(super) fn next_mail(&mut self) -> std::io::Result<Option<Split>> {
        if !self.started {
            self.started = true;
            if !self.start()? {
                return Ok(None);
            }
        } else if self.from_line.is_none() {
            return Ok(None);
        }
        let from_line = self.from_line.take();
        let mut raw = Vec::new();
        let mut after_blank = false;
        let mut line = Vec::new();
        while self.line(&mut line)? {
            if line.starts_with(b"From ") && self.is_separator(&line, after_blank)? {
                self.from_line = Some(line);
                break;
            }
            after_blank = is_blank(&line);
            let quotes = line.iter().take_while(|byte| **byte == b'>').count();
            let is_quoted = quotes > 0 && line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
            let text = line.get(usize::from(is_quoted)..).unwrap_or_default();
            let room = KEPT - raw.len();
            raw.extend_from_slice(text.get(..room).unwrap_or(text));
        }
        if raw.len() < KEPT {
            cut_blank_line(&mut raw);
        }
        Ok(Some(Split { from_line, raw }))
    }

    /// Reads over what stands before the first mail; whether there is one.
    fn start(&mut self) -> std::io::Result<bool> {
        let mut line = Vec::new();
        let mut first = true;
        while self.line(&mut line)? {
            if std::mem::take(&mut first) && line.starts_with(b"\xef\xbb\xbf") {
                line.drain(..3);
            }
            if is_blank(&line) {
                continue;
            }
            // What stands at the very beginning needs no further sign.
            match line.starts_with(b"From ") {
                true => self.from_line = Some(line),
                false => self.ahead = Some(line),
            }
            return Ok(true);
        }
        Ok(false)
    }

    fn is_separator(&mut self, line: &[u8], after_blank: bool) -> std::io::Result<bool> {
        let mut next = Vec::new();
        let more = self.line(&mut next)?;
        let separates = from_line::separates(line, Around { after_blank, next: &next });
        self.ahead = more.then_some(next);
        Ok(separates)
    }

    /// The next line with its end, cut at the limit; `false` at the end of the file.
    fn line(&mut self, line: &mut Vec<u8>) -> std::io::Result<bool> {
        if let Some(ahead) = self.ahead.take() {
            *line = ahead;
            return Ok(true);
        }
        line.clear();
        let limit = u64::try_from(KEPT).unwrap_or(u64::MAX);
        let read = self.reader.by_ref().take(limit).read_until(b'\n', line)?;
        self.position += u64::try_from(read).unwrap_or(u64::MAX);
        if read == KEPT && line.last() != Some(&b'\n') {
            self.position += skip_line(&mut self.reader)?;
        }
        Ok(read > 0)
    }
}

/// Reads over the rest of a line; how long it was.
fn skip_line(reader: &mut impl BufRead) -> std::io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = reader.fill_buf()?;
        let end = memchr::memchr(b'\n', buffer);
        let used = end.map_or(buffer.len(), |at| at + 1);
        let at_end = end.is_some() || buffer.is_empty();
        reader.consume(used);
        skipped += u64::try_from(used).unwrap_or(u64::MAX);
        if at_end {
            return Ok(skipped);
        }
    }
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

/// The empty line before a separator belongs to the separator.
fn cut_blank_line(raw: &mut Vec<u8>) {
    for end in [&b"\r\n\r\n"[..], b"\n\n"] {
        if raw.ends_with(end) {
            raw.truncate(raw.len() - end.len() / 2);
            return;
        }
    }
}
