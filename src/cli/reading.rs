//! Reading mail out of files on all cores: for `explain` and `audit`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use indicatif::ProgressBar;
use jiff::Timestamp;
use rayon::prelude::*;

use crate::app::ingest::{self, on_all_cores};
use crate::domain::gist::Gist;
use crate::mail::mailfile::{self, FileMail, FolderHint, MailfileError};

/// Bytes of mail in one chunk.
const CHUNK: usize = 1024 * 1024;

/// Mails in one chunk.
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

/// Reads the mails of these paths chunk by chunk, in their order, until `take` breaks off. While it
/// takes a chunk, the next one is read, and the one after that is fetched from the disk: no more than
/// five are in memory. Returns what could not be read.
pub fn each(
    paths: &[PathBuf],
    now: Timestamp,
    bar: &ProgressBar,
    mut take: impl FnMut(Vec<ReadMail>) -> ControlFlow<()>,
) -> Vec<MailfileError> {
    let mut failures = Vec::new();
    thread::scope(|scope| {
        // who can't pass a chunk on, because nobody takes it any more, ends
        let (fetched, to_read) = sync_channel(1);
        let (read, to_take) = sync_channel(1);
        scope.spawn(move || fetch(paths, &fetched));
        scope.spawn(move || {
            to_read.into_iter().map(|chunk| read_chunk(chunk, now)).try_for_each(|chunk| read.send(chunk))
        });
        for chunk in to_take {
            failures.extend(chunk.failures);
            bar.set_position(chunk.position);
            if take(chunk.mails).is_break() {
                break;
            }
        }
    });
    failures
}

/// Some mails in their order.
struct Chunk<M> {
    mails: Vec<M>,
    /// What could not be read among them.
    failures: Vec<MailfileError>,
    /// Bytes of all paths up to here.
    position: u64,
}

/// Fetches the mails of all paths from the disk, as long as somebody takes them.
fn fetch(paths: &[PathBuf], to: &SyncSender<Chunk<FileMail>>) {
    let mut behind = 0;
    for path in paths {
        let mut source = match mailfile::open(path) {
            Ok(source) => source,
            Err(error) => {
                if to.send(Chunk { mails: Vec::new(), failures: vec![error], position: behind }).is_err() {
                    return;
                }
                continue;
            }
        };
        let mut told = false;
        loop {
            let mut chunk = Chunk { mails: Vec::new(), failures: Vec::new(), position: 0 };
            let mut held = 0;
            let mut ended = false;
            while !ended && held < CHUNK && chunk.mails.len() < CHUNK_MAILS {
                match source.next() {
                    Some(Ok(mail)) => {
                        held += mail.raw.len();
                        chunk.mails.push(mail);
                    }
                    Some(Err(error)) => chunk.failures.push(error),
                    None => ended = true,
                }
            }
            told |= !chunk.mails.is_empty() || !chunk.failures.is_empty();
            if ended && !told {
                chunk.failures.push(MailfileError::Empty { path: path.clone() });
            }
            chunk.position = behind + source.position();
            if to.send(chunk).is_err() {
                return;
            }
            if ended {
                break;
            }
        }
        behind += source.position();
    }
}

/// Reads a chunk on all cores.
fn read_chunk(chunk: Chunk<FileMail>, now: Timestamp) -> Chunk<ReadMail> {
    let Chunk { mails, failures, position } = chunk;
    let mails = on_all_cores(|| mails.into_par_iter().map(|mail| read_one(mail, now)).collect());
    Chunk { mails, failures, position }
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
