//! The commands on an open folder: EXAMINE, UID FETCH, UID SEARCH; and APPEND.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_imap::imap_proto::{AttributeValue, MailboxDatum, MessageSection, Response, ResponseCode, SectionPath};
use jiff::Timestamp;

use super::session::{Budget, Line, SMALL};
use super::syntax::{Command, internal_date};
use super::{Entry, Examined, Fetched, ImapError};
use crate::domain::ident::MessageId;
use crate::mail::Limits;

/// What the lines of one FETCH answer may take beside the mail itself.
const OVERHEAD: u64 = 4096;
/// Longest set of UIDs in one command line, in bytes (RFC 7162 §4 asks servers for 8192).
const MAX_SET: usize = 6000;
/// Commands in which a folder is listed where a server has a limit; beyond it UIDs are not dense.
const MAX_WINDOWS: u32 = 2_000;
/// UIDs asked for in one SEARCH, whose answer is one line.
const SEARCHED: usize = 20_000;

pub(super) async fn examine(line: &mut Line, folder: &str) -> Result<Examined, ImapError> {
    const NAME: &str = "EXAMINE";
    let (mut exists, mut uid_validity, mut uid_next) = (0, None, None);
    line.command(NAME, Command::new("EXAMINE ").string(folder).pieces(), SMALL, |response| match response {
        Response::MailboxData(MailboxDatum::Exists(count)) => exists = *count,
        Response::Data { outcome, .. } => match outcome.code {
            Some(ResponseCode::UidValidity(value)) => uid_validity = Some(value),
            Some(ResponseCode::UidNext(value)) => uid_next = Some(value),
            _ => {}
        },
        _ => {}
    })
    .await?;
    match uid_validity {
        Some(uid_validity) => Ok(Examined { uid_validity, uid_next, exists }),
        None => Err(ImapError::Garbled { command: NAME, what: "no UIDVALIDITY" }),
    }
}

pub(super) async fn list_uids(line: &mut Line, from: u32, exists: u32) -> Result<Vec<Entry>, ImapError> {
    list(line, from, None, exists).await
}

pub(super) async fn list_between(line: &mut Line, from: u32, to: u32, exists: u32) -> Result<Vec<Entry>, ImapError> {
    let Some(limit) = line.message_limit().filter(|limit| to.saturating_sub(from) / limit < MAX_WINDOWS) else {
        return list(line, from, None, exists).await;
    };
    let mut found = Vec::new();
    for first in (from.max(1)..=to).step_by(usize::try_from(limit).unwrap_or(SEARCHED)) {
        let last = first.saturating_add(limit - 1).min(to);
        found.extend(list(line, first, Some(last), exists).await?);
    }
    Ok(found)
}

async fn list(line: &mut Line, from: u32, to: Option<u32>, exists: u32) -> Result<Vec<Entry>, ImapError> {
    let from = from.max(1);
    let end = to.map_or_else(|| "*".to_owned(), |to| to.to_string());
    let mut found: Vec<Entry> = Vec::new();
    let budget = Budget::of(0, u64::from(exists).saturating_mul(512));
    let command = Command::new(&format!("UID FETCH {from}:{end} (UID RFC822.SIZE)"));
    let result = line
        .command("UID FETCH", command.pieces(), budget, |response| {
            let Response::Fetch(_, attributes) = response else { return };
            let (mut uid, mut size) = (None, 0);
            for attribute in attributes {
                match attribute {
                    AttributeValue::Uid(value) => uid = Some(*value),
                    AttributeValue::Rfc822Size(value) => size = *value,
                    _ => {}
                }
            }
            // `n:*` names the last message even where its UID is below n
            if let Some(uid) = uid.filter(|uid| *uid >= from) {
                found.push(Entry { uid, size });
            }
        })
        .await;
    match result {
        // some servers find nothing to fetch in an empty folder a fault
        Err(ImapError::Refused { .. }) if exists == 0 => {}
        other => other?,
    }
    // the largest size of a UID comes first and stays
    found.sort_unstable_by_key(|entry| (entry.uid, std::cmp::Reverse(entry.size)));
    found.dedup_by_key(|entry| entry.uid);
    Ok(found)
}

/// What has arrived of one message; a server may tell it in several answers.
#[derive(Default)]
struct Partial {
    date: Option<Timestamp>,
    raw: Option<Vec<u8>>,
    draft: bool,
    thread: Option<String>,
    id: Option<String>,
}

pub(super) async fn fetch(
    line: &mut Line,
    limits: &Limits,
    uids: &[u32],
    max_bytes: usize,
    headers_only: bool,
) -> Result<Vec<Fetched>, ImapError> {
    let asked: BTreeSet<u32> = uids.iter().copied().filter(|uid| *uid > 0).collect();
    let section = if headers_only { "HEADER" } else { "" };
    let gmail = if line.has("X-GM-EXT-1") { " X-GM-MSGID X-GM-THRID" } else { "" };
    let mut found: BTreeMap<u32, Partial> = BTreeMap::new();
    for (set, count) in uid_sets(&asked) {
        let literal = (max_bytes as u64).saturating_add(limits.slack as u64);
        let total = (max_bytes as u64).saturating_add(OVERHEAD).saturating_mul(count).saturating_add(literal);
        let text = format!("UID FETCH {set} (UID FLAGS INTERNALDATE{gmail} BODY.PEEK[{section}]<0.{max_bytes}>)");
        let mut by_number: HashMap<u32, u32> = HashMap::new();
        line.command(
            "UID FETCH",
            Command::new(&text).pieces(),
            Budget::of(literal, total),
            |response| match response {
                Response::Fetch(number, attributes) => {
                    let told = attributes.iter().find_map(|attribute| match attribute {
                        AttributeValue::Uid(uid) => Some(*uid),
                        _ => None,
                    });
                    if let Some(uid) = told {
                        by_number.insert(*number, uid);
                    }
                    let uid = told.or_else(|| by_number.get(number).copied()).filter(|uid| asked.contains(uid));
                    if let Some(uid) = uid {
                        take(found.entry(uid).or_default(), attributes, max_bytes, headers_only);
                    }
                }
                // the numbers of all later messages have moved
                Response::Expunge(_) => by_number.clear(),
                _ => {}
            },
        )
        .await?;
    }
    let complete = found.into_iter().filter_map(|(uid, part)| {
        Some(Fetched {
            uid,
            internal_date: part.date.unwrap_or(Timestamp::UNIX_EPOCH),
            raw: part.raw?,
            draft: part.draft,
            provider_thread: part.thread,
            provider_id: part.id,
        })
    });
    Ok(complete.collect())
}

/// Copies out what was asked for; the response with its read block is dropped by the caller.
fn take(part: &mut Partial, attributes: &[AttributeValue<'_>], max_bytes: usize, headers_only: bool) {
    for attribute in attributes {
        match attribute {
            AttributeValue::InternalDate(text) => part.date = internal_date(text).or(part.date),
            AttributeValue::Flags(flags) => part.draft |= flags.iter().any(|flag| flag.eq_ignore_ascii_case("\\Draft")),
            AttributeValue::GmailMsgId(id) => part.id = Some(id.to_string()),
            AttributeValue::GmailThrId(id) => part.thread = Some(id.to_string()),
            AttributeValue::BodySection { section, index: None | Some(0), data: Some(data) } => {
                let wanted = match section {
                    None => !headers_only,
                    Some(SectionPath::Full(MessageSection::Header)) => headers_only,
                    Some(_) => false,
                };
                // a server that has lost the message answers with an empty one
                if wanted && !data.is_empty() {
                    part.raw = Some(data.get(..max_bytes).unwrap_or(data).to_vec());
                }
            }
            _ => {}
        }
    }
}

/// The UIDs as sequence sets (RFC 9051 §9) of bounded length, each with the number of UIDs in it.
fn uid_sets(uids: &BTreeSet<u32>) -> Vec<(String, u64)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &uid in uids {
        match ranges.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(uid) => *end = uid,
            _ => ranges.push((uid, uid)),
        }
    }
    let mut sets: Vec<(String, u64)> = Vec::new();
    for (start, end) in ranges {
        let text = if start == end { start.to_string() } else { format!("{start}:{end}") };
        let count = u64::from(end - start) + 1;
        match sets.last_mut() {
            Some((set, total)) if set.len() + text.len() < MAX_SET => {
                set.push(',');
                set.push_str(&text);
                *total += count;
            }
            _ => sets.push((text, count)),
        }
    }
    sets
}

pub(super) async fn search_message_id(line: &mut Line, id: &MessageId) -> Result<Vec<u32>, ImapError> {
    let charset = if id.as_str().is_ascii() { "" } else { "CHARSET UTF-8 " };
    let command = Command::new(&format!("UID SEARCH {charset}HEADER Message-ID ")).string(id.as_str());
    let mut found = Vec::new();
    line.command("UID SEARCH", command.pieces(), SMALL, |response| {
        if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
            found.extend_from_slice(uids);
        }
    })
    .await?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

pub(super) async fn search_uids(line: &mut Line, from: u32, to: u32) -> Result<Vec<u32>, ImapError> {
    let mut found = Vec::new();
    // answers are single lines: some thousands of UIDs at a time keep them short
    let limit = line.message_limit().filter(|limit| to.saturating_sub(from) / limit < MAX_WINDOWS);
    let window = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(SEARCHED).min(SEARCHED);
    for first in (from.max(1)..=to).step_by(window) {
        let last = first.saturating_add(u32::try_from(window).unwrap_or(u32::MAX) - 1).min(to);
        let command = Command::new(&format!("UID SEARCH UID {first}:{last}"));
        line.command("UID SEARCH", command.pieces(), Budget::of(0, 1 << 20), |response| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                found.extend(uids.iter().copied().filter(|uid| (first..=last).contains(uid)));
            }
        })
        .await?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

pub(super) async fn append(line: &mut Line, folder: &str, bytes: &[u8], flags: &[&str]) -> Result<(), ImapError> {
    let command = Command::new("APPEND ").string(folder).text(&format!(" ({}) ", flags.join(" "))).literal(bytes);
    line.command("APPEND", command.pieces(), SMALL, |_| {}).await
}

pub(super) async fn create(line: &mut Line, folder: &str) -> Result<(), ImapError> {
    line.command("CREATE", Command::new("CREATE ").string(folder).pieces(), SMALL, |_| {}).await
}

#[cfg(test)]
mod tests;
