//! What a mailbox folder is for, by its name in many languages. SPECIAL-USE (RFC 6154) is asked first
//! where there is a server; in a file the name is all there is.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use unicode_normalization::UnicodeNormalization as _;

mod names;

pub(super) use names::NAMES;

/// What a folder of an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Where mail arrives.
    Inbox,
    /// What the user sent.
    Sent,
    /// What the user has begun to write.
    Drafts,
    /// Spam.
    Junk,
    /// Deleted mail.
    Trash,
    /// Every mail of the account but junk and trash (Gmail's All Mail).
    All,
    /// Put away.
    Archive,
    /// Named `Outreach`: what lies there is outreach.
    Outreach,
    /// Any other.
    Other,
}

impl Role {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Sent => "sent",
            Self::Drafts => "drafts",
            Self::Junk => "junk",
            Self::Trash => "trash",
            Self::All => "all",
            Self::Archive => "archive",
            Self::Outreach => "outreach",
            Self::Other => "other",
        }
    }
}

/// What a folder is for whose name is all there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FolderHint {
    /// Where mail arrives.
    Inbox,
    /// Copies of what the user sent.
    Sent,
    /// What was not sent yet.
    Drafts,
    /// What a filter took for spam.
    Junk,
    /// What was thrown away.
    Trash,
    /// A folder of the user's own, or the archive.
    Other,
    /// There is no folder to tell from.
    Unknown,
}

impl FolderHint {
    /// The role under which the database keeps it; a mail without a folder counts as in INBOX.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox | Self::Unknown => "inbox",
            Self::Sent => "sent",
            Self::Drafts => "drafts",
            Self::Junk => "junk",
            Self::Trash => "trash",
            Self::Other => "other",
        }
    }
}

/// The purpose of a folder: `[Gmail]/Sent Mail`, `INBOX.Gesendet`, `Entw&APw-rfe`. `Other` where the name
/// says nothing.
pub fn hint(name: &str) -> FolderHint {
    let whole = folded(&decoded(name));
    let parts: Vec<&str> = whole.split(['/', '.', '\\']).map(str::trim).filter(|part| !part.is_empty()).collect();
    // The innermost part that says something: a folder below Trash is Trash. But INBOX stands above all
    // folders on some servers, so that a folder below it is not INBOX.
    let of_part = |(depth, part): (usize, &&str)| known(part).filter(|hint| depth == 0 || *hint != FolderHint::Inbox);
    known(&whole).or_else(|| parts.iter().rev().enumerate().find_map(of_part)).unwrap_or(FolderHint::Other)
}

/// A name as it stands in [`NAMES`]: in lower case, composed, with single spaces.
pub(super) fn folded(name: &str) -> String {
    let lower = name.nfc().collect::<String>().to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folder name out of modified UTF-7 (RFC 3501 §5.1.3). What is none stays as it is.
pub fn decoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, coded)) = rest.split_once('&') {
        text.push_str(before);
        let Some((code, after)) = coded.split_once('-') else {
            text.push('&');
            rest = coded;
            continue;
        };
        match utf16(code) {
            _ if code.is_empty() => text.push('&'),
            Some(decoded) => text.push_str(&decoded),
            None => {
                text.push('&');
                rest = coded;
                continue;
            }
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

fn utf16(code: &str) -> Option<String> {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::RequireNone)
            .with_decode_allow_trailing_bits(true),
    );
    let bytes = ENGINE.decode(code.replace(',', "/")).ok()?;
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    if odd.is_empty() { String::from_utf16(&units).ok() } else { None }
}

fn known(name: &str) -> Option<FolderHint> {
    let (role, _) = NAMES.iter().find(|(_, names)| names.contains(&name))?;
    match role {
        Role::Inbox => Some(FolderHint::Inbox),
        Role::Sent => Some(FolderHint::Sent),
        Role::Drafts => Some(FolderHint::Drafts),
        Role::Junk => Some(FolderHint::Junk),
        Role::Trash => Some(FolderHint::Trash),
        Role::All | Role::Archive | Role::Outreach | Role::Other => None,
    }
}

#[cfg(test)]
mod tests;
