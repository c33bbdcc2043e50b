//! Which files under a path hold mail, and of what kind they are.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::super::folder_names::{self, FolderHint};
use super::{MailfileError, from_line};

/// Folders inside folders that are followed.
const MAX_DEPTH: usize = 32;

/// One file with mail.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    pub(super) folder: FolderHint,
    pub(super) size: u64,
}

/// How mail lies in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Many, one after the other.
    Mbox,
    /// One, the whole file.
    Single,
}

/// The files of a path, sorted by name.
pub(super) fn of(path: &Path) -> Result<Vec<Entry>, MailfileError> {
    let metadata = fs::metadata(path).map_err(MailfileError::unreadable(path))?;
    if !metadata.is_dir() {
        let first = first_bytes(path).map_err(MailfileError::unreadable(path))?;
        refuse_packed(path, &first)?;
        let kind = file_kind(path, &first).unwrap_or(Kind::Single);
        return Ok(vec![Entry { path: path.to_owned(), kind, folder: file_folder(path, kind), size: metadata.len() }]);
    }
    let mut found = Found::default();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder(path, Place { name: &name, inside: false, depth: 0 }, &mut found)
        .map_err(MailfileError::unreadable(path))?;
    if found.entries.is_empty() && !found.maildir {
        return Err(MailfileError::NoMail { path: path.to_owned() });
    }
    Ok(found.entries)
}

#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    /// Whether there was a Maildir, perhaps an empty one.
    maildir: bool,
}

/// Where a folder lies, counted from the path that was given.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// Names from that of the given path on, joined by `/`; of a Maildir++ folder without the dot.
    name: &'a str,
    /// Whether it belongs to a Maildir, where other files are the server's notes.
    inside: bool,
    depth: usize,
}

/// Everything below a folder.
fn folder(path: &Path, place: Place<'_>, found: &mut Found) -> std::io::Result<()> {
    let children = sorted(path)?;
    let is_maildir = children.iter().any(|child| child.is_dir && is_maildir_part(&child.name));
    found.maildir |= is_maildir;
    let has_subfolders = children.iter().any(|child| child.is_dir && is_subfolder(child));
    for child in children {
        if child.is_dir && is_maildir && (is_maildir_part(&child.name) || child.name == "tmp") {
            if child.name != "tmp" {
                let hint = maildir_hint(place, has_subfolders);
                or_tell(maildir_part(&child.path, hint, &mut found.entries), &child.path, &mut found.entries);
            }
        } else if child.is_dir {
            // Hidden folders are no mail, unless they are Maildir++ folders, `.Sent.2024`.
            if place.depth >= MAX_DEPTH || child.name.starts_with('.') && !is_subfolder(&child) {
                continue;
            }
            let name = format!("{}/{}", place.name, child.name.trim_start_matches('.'));
            let below = Place { name: &name, inside: place.inside || is_maildir, depth: place.depth + 1 };
            let outcome = folder(&child.path, below, found);
            or_tell(outcome, &child.path, &mut found.entries);
        } else if !child.name.starts_with('.')
            && !is_maildir
            && !place.inside
            && let Some(kind) = listed_kind(&child.path)
        {
            let folder = file_folder(&child.path, kind);
            found.entries.push(Entry { folder, kind, size: size_of(&child.path), path: child.path });
        }
    }
    Ok(())
}

/// A folder that can't be listed does not keep the others from being read: it becomes an entry, and
/// opening that tells the reason.
fn or_tell(outcome: std::io::Result<()>, path: &Path, entries: &mut Vec<Entry>) {
    if outcome.is_err() {
        entries.push(Entry { path: path.to_owned(), kind: Kind::Mbox, folder: FolderHint::Unknown, size: 0 });
    }
}

fn is_maildir_part(name: &str) -> bool {
    matches!(name, "cur" | "new")
}

/// Whether a child is a folder of a Maildir++.
fn is_subfolder(child: &Child) -> bool {
    child.name.starts_with('.') && child.path.join("cur").is_dir()
}

/// What a Maildir is for. The one that was named, and one with folders in it, is an inbox unless its
/// name says otherwise.
fn maildir_hint(place: Place<'_>, has_subfolders: bool) -> FolderHint {
    match folder_names::hint(place.name) {
        FolderHint::Other if place.depth == 0 || has_subfolders => FolderHint::Inbox,
        hint => hint,
    }
}

fn maildir_part(path: &Path, of_folder: FolderHint, entries: &mut Vec<Entry>) -> std::io::Result<()> {
    for child in sorted(path)? {
        if child.is_dir || child.name.starts_with('.') {
            continue;
        }
        // Flags stand behind `:2,` (`;2,` where a file system knows no colons): D draft, T trashed.
        let flags = child.name.rsplit_once("2,").map_or("", |(_, flags)| flags);
        let folder = match of_folder {
            _ if flags.contains('T') => FolderHint::Trash,
            _ if flags.contains('D') => FolderHint::Drafts,
            hint => hint,
        };
        entries.push(Entry { folder, kind: Kind::Single, size: size_of(&child.path), path: child.path });
    }
    Ok(())
}

struct Child {
    name: String,
    path: PathBuf,
    is_dir: bool,
}

fn sorted(path: &Path) -> std::io::Result<Vec<Child>> {
    let mut children = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // Links to folders are not followed: they may lead in a circle.
        let is_dir = entry.file_type()?.is_dir();
        let path = entry.path();
        if is_dir || path.is_file() {
            children.push(Child { name: entry.file_name().to_string_lossy().into_owned(), path, is_dir });
        }
    }
    children.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(children)
}

/// The kind of a file that a folder holds; `None`: no mail.
fn listed_kind(path: &Path) -> Option<Kind> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("eml" | "mbox" | "mbx") => file_kind(path, &[]),
        // MH folders number their mails; Thunderbird's and Apple's mbox files have no extension.
        None if path.file_name().is_some_and(|name| name.as_encoded_bytes().iter().all(u8::is_ascii_digit)) => {
            Some(Kind::Single)
        }
        // One that can't be opened is kept, so that its reader tells about it.
        None => first_bytes(path).map_or(Some(Kind::Mbox), |first| file_kind(path, &first)),
        Some(_) => None,
    }
}

/// The kind by name, else by the first bytes.
fn file_kind(path: &Path, first: &[u8]) -> Option<Kind> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("eml") => Some(Kind::Single),
        Some("mbox" | "mbx") => Some(Kind::Mbox),
        _ => from_line::begins_an_mbox(first).then_some(Kind::Mbox),
    }
}

/// The purpose of a file by its own name, `Sent.mbox` or `sent-2024.mbox`; a single mail has none.
fn file_folder(path: &Path, kind: Kind) -> FolderHint {
    if kind == Kind::Single {
        return FolderHint::Unknown;
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let first_word: String = stem.chars().take_while(|c| c.is_alphabetic()).collect();
    [stem.as_str(), &first_word]
        .into_iter()
        .map(folder_names::hint)
        .find(|hint| *hint != FolderHint::Other)
        .unwrap_or(FolderHint::Unknown)
}

fn size_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn first_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut first = Vec::new();
    File::open(path)?.take(1024).read_to_end(&mut first)?;
    Ok(first)
}

fn refuse_packed(path: &Path, first: &[u8]) -> Result<(), MailfileError> {
    const PACKED: &[(&[u8], &str, &str)] = &[
        (b"PK\x03\x04", "a ZIP archive", "unpack it, then name the folder"),
        (b"\x1f\x8b", "a gzip archive", "unpack it, then name what was in it"),
        (b"!BDN", "an Outlook data file", "export the mail as mbox or .eml"),
    ];
    match PACKED.iter().find(|(magic, ..)| first.starts_with(magic)) {
        Some((_, what, fix)) => Err(MailfileError::Packed { path: path.to_owned(), what, fix }),
        None => Ok(()),
    }
}
