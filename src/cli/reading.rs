//! Reading mail out of files on all cores: for `explain` and `audit`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use indicatif::ProgressBar;
use jiff::Timestamp;
use rayon::prelude::*;

use crate::app::ingest::{self, on_all_cores};
use crate::domain::gist::Gist;
use crate::mail::mailfile::{self, FileMail, FolderHint, MailfileError};

/// Bytes of mail that are held at once before they are read.
const CHUNK: usize = 4 * 1024 * 1024;

/// Mails that are held at once.
const CHUNK_MAILS: usize = 256;

/// One mail that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadMail {
    /// The file it lay in, beginning as it was given.
    pub file: String,
    /// Its number within an mbox.
    pub index: usize,
    /// What the folder is for, as far as it is known. Junk is in `gist.spam` already.
    pub folder: FolderHint,
    /// When it arrived; for a mail without any date the time of reading.
    pub at: Timestamp,
    /// Whether `at` is that of the mail.
    pub dated: bool,
    /// What it says.
    pub gist: Gist,
}

/// What came of reading.
#[derive(Debug, Default)]
pub struct Reading {
    /// The mails in the order of the paths.
    pub mails: Vec<ReadMail>,
    /// What could not be read.
    pub failures: Vec<MailfileError>,
}

impl Reading {
    /// The places of the mails in `mails`, in order of date.
    pub fn by_date(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.mails.len()).collect();
        order.sort_by_key(|at| self.mails.get(*at).map(|mail| mail.at));
        order
    }
}

/// Reads every mail of these paths into memory. `slim` may drop from each gist what its caller does
/// not need. `bar` is moved along.
pub fn all(paths: &[PathBuf], now: Timestamp, bar: &ProgressBar, slim: impl Fn(&mut Gist) + Sync) -> Reading {
    let mut mails = Vec::new();
    let failures = each(paths, now, bar, |mut chunk| {
        chunk.iter_mut().for_each(|mail| slim(&mut mail.gist));
        mails.append(&mut chunk);
        ControlFlow::Continue(())
    });
    Reading { mails, failures }
}

/// Reads the mails of these paths chunk by chunk, in their order, until `take` breaks off; no more
/// than a chunk is in memory. Returns what could not be read.
pub fn each(
    paths: &[PathBuf],
    now: Timestamp,
    bar: &ProgressBar,
    mut take: impl FnMut(Vec<ReadMail>) -> ControlFlow<()>,
) -> Vec<MailfileError> {
    let mut failures = Vec::new();
    for path in paths {
        let mut chunk = Vec::new();
        let mut held = 0;
        let mut source = match mailfile::open(path) {
            Ok(source) => source,
            Err(error) => {
                failures.push(error);
                continue;
            }
        };
        let begun_at = bar.position();
        let failed_before = failures.len();
        let mut is_empty = true;
        loop {
            let item = source.next();
            let ended = item.is_none();
            match item {
                Some(Ok(mail)) => {
                    is_empty = false;
                    held += mail.raw.len();
                    chunk.push(mail);
                }
                Some(Err(error)) => failures.push(error),
                None => {}
            }
            if ended || held >= CHUNK || chunk.len() >= CHUNK_MAILS {
                let read = |chunk: Vec<FileMail>| chunk.into_par_iter().map(|mail| read_one(mail, now)).collect();
                let mails: Vec<ReadMail> = on_all_cores(|| read(std::mem::take(&mut chunk)));
                held = 0;
                bar.set_position(begun_at + source.position());
                if take(mails).is_break() {
                    return failures;
                }
            }
            if ended {
                break;
            }
        }
        if is_empty && failures.len() == failed_before {
            failures.push(MailfileError::Empty { path: path.clone() });
        }
    }
    failures
}

/// Tells what could not be read, and the exit code: 0 if everything was, 3 if a part, 1 if nothing.
/// A file without mail is told, and is no failure: there was nothing to read in it.
pub fn report_failures(failures: &[MailfileError], mails: usize) -> ExitCode {
    for failure in failures {
        eprintln!("checkback: {failure}");
    }
    let failed = failures.iter().any(|failure| !matches!(failure, MailfileError::Empty { .. }));
    ExitCode::from(match (!failed, mails) {
        (true, _) => 0,
        (false, 0) => 1,
        (false, _) => 3,
    })
}

/// Size of everything below these paths in bytes; what can't be read counts nothing.
pub fn total(paths: &[PathBuf]) -> u64 {
    paths.iter().map(PathBuf::as_path).map(size).sum()
}

fn size(path: &Path) -> u64 {
    mailfile::open(path).map_or(0, |source| source.total())
}

fn read_one(mail: FileMail, now: Timestamp) -> ReadMail {
    let at = mail.received.unwrap_or(now);
    let mut gist = ingest::read_one(&mail.raw, at);
    gist.spam |= mail.folder == FolderHint::Junk;
    ReadMail { file: mail.file, index: mail.index, folder: mail.folder, at, dated: mail.received.is_some(), gist }
}

#[cfg(test)]
mod tests;
