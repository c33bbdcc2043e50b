//! Mail in files: mbox, Maildir, folders of .eml, one .eml. One mail at a time, with bounded memory
//! however large the file is.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

pub use super::folder_names::FolderHint;

mod from_line;
mod head;
mod mbox;
mod plan;

/// One mail out of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMail {
    /// The path of the file that holds it, beginning as it was given.
    pub file: String,
    /// Its number within an mbox, from 0; 0 elsewhere.
    pub index: usize,
    /// What the folder is for in which it lay, as far as names and labels tell.
    pub folder: FolderHint,
    /// When it arrived: the last server's `Received`, else the date of the mbox `From ` line, else `Date`.
    pub received: Option<Timestamp>,
    /// The mail, cut just behind [`crate::domain::inbound::MAX_BYTES`].
    pub raw: Vec<u8>,
}

/// Why mail can't be read from a path.
#[derive(Debug, thiserror::Error)]
pub enum MailfileError {
    /// The file system refuses.
    #[error("{} can't be read: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A packed file.
    #[error("{} is {what}: {fix}", path.display())]
    Packed {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// What to do about it.
        fix: &'static str,
    },
    /// A file without any mail.
    #[error("{} holds no mail: it is empty, or neither an mbox nor a mail", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A folder without any mail.
    #[error("{} holds no mail: neither .eml files nor mbox files nor a Maildir", path.display())]
    NoMail {
        /// The folder.
        path: PathBuf,
    },
}

/// The mails of one path, in the order of their files' names. A file that can't be read gives one
/// error, and the next file follows.
#[derive(Debug)]
pub struct Mailfile {
    files: std::vec::IntoIter<plan::Entry>,
    open: Option<mbox::Mbox>,
    total: u64,
    /// Bytes of the files that were read to their end.
    behind: u64,
}

/// Opens a file or a folder: what it holds is found out from names and first bytes.
///
/// # Errors
/// If the path does not exist, can't be read, is an archive, or a folder without mail.
pub fn open(path: &Path) -> Result<Mailfile, MailfileError> {
    let files = plan::of(path)?;
    let total = files.iter().map(|entry| entry.size).sum();
    Ok(Mailfile { files: files.into_iter(), open: None, total, behind: 0 })
}

/// When the newest of these mails arrived.
pub fn newest<'a>(mails: impl IntoIterator<Item = &'a FileMail>) -> Option<Timestamp> {
    mails.into_iter().filter_map(|mail| mail.received).max()
}

impl Mailfile {
    /// Size of everything in bytes.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Bytes read so far, up to [`Mailfile::total`].
    pub fn position(&self) -> u64 {
        self.behind + self.open.as_ref().map_or(0, mbox::Mbox::position)
    }
}

impl Iterator for Mailfile {
    type Item = Result<FileMail, MailfileError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(mbox) = &mut self.open {
                match mbox.next() {
                    Some(item) => return Some(item),
                    None => self.behind += self.open.take().map_or(0, |mbox| mbox.position()),
                }
            }
            let entry = self.files.next()?;
            match entry.kind {
                plan::Kind::Mbox => match mbox::Mbox::open(&entry) {
                    Ok(mbox) => self.open = Some(mbox),
                    Err(error) => return Some(Err(error)),
                },
                plan::Kind::Single => {
                    self.behind += entry.size;
                    return Some(head::single(&entry));
                }
            }
        }
    }
}

impl MailfileError {
    fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Unreadable { path, source }
    }
}

#[cfg(test)]
mod tests;
