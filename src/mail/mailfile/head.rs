//! What a file's mail says of itself in its header: when it arrived, in which folder it lay.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;

use super::super::folder_names::{self, FolderHint};
use super::plan::Entry;
use super::{FileMail, MailfileError, from_line, mbox};
use crate::domain::inbound;

/// Reads a file that is one mail.
pub(super) fn single(entry: &Entry) -> Result<FileMail, MailfileError> {
    let limit = u64::try_from(mbox::KEPT).unwrap_or(u64::MAX);
    let mut raw = Vec::new();
    File::open(&entry.path)
        .and_then(|file| file.take(limit).read_to_end(&mut raw))
        .map_err(MailfileError::unreadable(&entry.path))?;
    Ok(file_mail(&entry.path, 0, entry.folder, None, raw))
}

/// The mail with what its header tells.
pub(super) fn file_mail(
    path: &Path,
    index: usize,
    folder: FolderHint,
    from_line: Option<&[u8]>,
    raw: Vec<u8>,
) -> FileMail {
    let head = Head::of(&raw);
    let folder = head.gmail_labels.as_deref().map_or(folder, of_labels);
    FileMail { file: path.to_string_lossy().into_owned(), index, folder, received: head.received(from_line), raw }
}

/// The fields that matter here, as they stand in the mail.
#[derive(Debug, Default)]
struct Head {
    received: Option<Vec<u8>>,
    date: Option<Vec<u8>>,
    gmail_labels: Option<String>,
}

impl Head {
    fn of(raw: &[u8]) -> Self {
        let mut head = Self::default();
        for field in Fields(raw) {
            let Some(colon) = memchr::memchr(b':', field) else { continue };
            let (name, value) = field.split_at(colon);
            let value = || value.get(1..).unwrap_or_default().to_vec();
            let name = name.trim_ascii_end();
            if name.eq_ignore_ascii_case(b"Received") {
                // The topmost is the last server's.
                head.received.get_or_insert_with(value);
            } else if name.eq_ignore_ascii_case(b"Date") {
                head.date.get_or_insert_with(value);
            } else if name.eq_ignore_ascii_case(b"X-Gmail-Labels") {
                let text = inbound::parse(&[field, b"\n\n"].concat());
                head.gmail_labels = text.header("x-gmail-labels").map(str::to_owned);
            }
        }
        head
    }

    /// When the mail arrived. A date that a program made up for the `From ` line comes last.
    fn received(&self, line: Option<&[u8]>) -> Option<Timestamp> {
        let stamped = self.received.as_deref().and_then(|field| {
            let at = memchr::memrchr(b';', field)?;
            date_of(field.get(at + 1..)?)
        });
        let of_line = || line.and_then(from_line::date);
        let honest = || if line.is_some_and(from_line::is_made_up) { None } else { of_line() };
        stamped.or_else(honest).or_else(|| self.date.as_deref().and_then(date_of)).or_else(of_line)
    }
}

/// A date by the one reader of dates, which is that of the `Date` field.
fn date_of(text: &[u8]) -> Option<Timestamp> {
    inbound::parse(&[b"Date: ", text.trim_ascii(), b"\n\n"].concat()).date
}

/// The folder that Gmail's labels of a mail (in Takeout files) amount to.
fn of_labels(labels: &str) -> FolderHint {
    let found: Vec<FolderHint> =
        labels.split(',').map(|label| folder_names::hint(label.trim().trim_matches('"'))).collect();
    [FolderHint::Junk, FolderHint::Trash, FolderHint::Drafts, FolderHint::Sent, FolderHint::Inbox]
        .into_iter()
        .find(|hint| found.contains(hint))
        .unwrap_or(FolderHint::Other)
}

/// The header fields of a mail with their folded lines.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() || self.0.starts_with(b"\n") || self.0.starts_with(b"\r\n") {
            return None;
        }
        let mut end = 0;
        loop {
            let rest = self.0.get(end..).unwrap_or_default();
            end += memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
            if !matches!(self.0.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let (field, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        Some(field)
    }
}
