//! Capabilities, and the commands about folders: LIST, LSUB, STATUS, SELECT, EXAMINE, CREATE and the like.

use imap_types::core::{Atom, QuotedChar, Vec1};
use imap_types::flag::{Flag, FlagNameAttribute, FlagPerm};
use imap_types::mailbox::{ListMailbox, Mailbox};
use imap_types::response::{Capability, Code, Data, Response, StatusKind};
use imap_types::status::{StatusDataItem, StatusDataItemName};

use super::fetch::non_zero;
use super::session::{Answer, Known, Selected, Session, count};
use crate::sandbox::model::{DELETED, Folder, Options, SEEN, World, WorldError, same_folder};

/// What the server announces.
pub(super) fn capabilities(options: &Options) -> Option<Vec1<Capability<'static>>> {
    let offers = [
        ("IMAP4REV1", true),
        ("AUTH=PLAIN", true),
        ("SASL-IR", true),
        ("UNSELECT", true),
        ("IDLE", options.idle),
        ("MOVE", options.move_messages),
        ("UIDPLUS", options.uidplus),
        ("ID", options.id),
        ("NAMESPACE", options.namespace),
        ("SPECIAL-USE", options.special_use),
        ("XLIST", options.xlist),
    ];
    let limit = options.message_limit.map(|limit| format!("MESSAGELIMIT={limit}"));
    let offered = offers.into_iter().filter(|(_, on)| *on).map(|(name, _)| name.to_owned()).chain(limit);
    let capabilities = offered.filter_map(|name| Atom::try_from(name).ok().map(Capability::from));
    Vec1::try_from(capabilities.collect::<Vec<_>>()).ok()
}

/// The folder's name in the model.
pub(super) fn name(mailbox: &Mailbox<'_>) -> String {
    match mailbox {
        Mailbox::Inbox => "INBOX".to_owned(),
        Mailbox::Other(other) => String::from_utf8_lossy(other.inner().as_ref()).into_owned(),
    }
}

/// LIST and LSUB.
pub(super) fn list(
    world: &World,
    user: &str,
    reference: &Mailbox<'_>,
    pattern: &ListMailbox<'_>,
    subscribed: bool,
) -> Answer {
    let pattern = match pattern {
        ListMailbox::Token(token) => token.as_ref(),
        ListMailbox::String(string) => string.as_ref(),
    };
    let delimiter = QuotedChar::try_from(world.options.delimiter).ok();
    let mut answer = Answer::ok();
    if pattern.is_empty() && !subscribed {
        // RFC 3501 §6.3.8: an empty name asks for the delimiter.
        if let Ok(mailbox) = Mailbox::try_from("") {
            let items = vec![FlagNameAttribute::Noselect];
            answer = answer.data(Data::List { items, delimiter, mailbox });
        }
        return answer;
    }
    let pattern = format!("{}{}", name(reference), String::from_utf8_lossy(pattern));
    let Some(user) = world.users.get(user) else { return answer };
    for folder in &user.folders {
        let matches = wildcard(pattern.as_bytes(), folder.name.as_bytes(), world.options.delimiter)
            || same_folder(&pattern, &folder.name);
        // A name the codec cannot write cannot be told.
        let Ok(mailbox) = Mailbox::try_from(folder.name.clone()) else { continue };
        if !matches || (subscribed && !folder.subscribed) {
            continue;
        }
        let items = attributes(folder, &user.folders, &world.options);
        answer = answer.data(if subscribed {
            Data::Lsub { items, delimiter, mailbox }
        } else {
            Data::List { items, delimiter, mailbox }
        });
    }
    answer
}

fn attributes(folder: &Folder, all: &[Folder], options: &Options) -> Vec<FlagNameAttribute<'static>> {
    let prefix = format!("{}{}", folder.name, options.delimiter);
    let children = all.iter().any(|other| other.name.starts_with(&prefix));
    let mut names = vec![if children { "HasChildren" } else { "HasNoChildren" }];
    if folder.no_select {
        names.push("Noselect");
    }
    if options.special_use || options.xlist {
        names.extend(folder.special_use.map(|role| role.attribute()));
    }
    if options.xlist && same_folder(&folder.name, "INBOX") {
        names.push("Inbox");
    }
    names.into_iter().filter_map(|name| Atom::try_from(name).ok().map(FlagNameAttribute::from)).collect()
}

/// `*` matches anything, `%` anything but the delimiter (RFC 3501 §6.3.8).
fn wildcard(pattern: &[u8], name: &[u8], delimiter: char) -> bool {
    // The set of pattern positions reachable after each byte of the name, as in an automaton.
    let mut at = vec![false; pattern.len() + 1];
    if let Some(start) = at.first_mut() {
        *start = true;
    }
    pass_wildcards(pattern, &mut at);
    for &byte in name {
        let mut next = vec![false; pattern.len() + 1];
        for (i, &wanted) in pattern.iter().enumerate() {
            if !at.get(i).copied().unwrap_or(false) {
                continue;
            }
            let stays = wanted == b'*' || (wanted == b'%' && char::from(byte) != delimiter);
            let moves = wanted == byte && wanted != b'*' && wanted != b'%';
            if let Some(slot) = next.get_mut(if moves { i + 1 } else { i }) {
                *slot |= stays || moves;
            }
        }
        pass_wildcards(pattern, &mut next);
        at = next;
    }
    at.last().copied().unwrap_or(false)
}

/// A wildcard may also match nothing.
fn pass_wildcards(pattern: &[u8], at: &mut [bool]) {
    for (i, &wanted) in pattern.iter().enumerate() {
        if matches!(wanted, b'*' | b'%')
            && at.get(i) == Some(&true)
            && let Some(next) = at.get_mut(i + 1)
        {
            *next = true;
        }
    }
}

/// STATUS.
pub(super) fn status(world: &World, user: &str, mailbox: Mailbox<'static>, wanted: &[StatusDataItemName]) -> Answer {
    let folder = match world.folder(user, &name(&mailbox)) {
        Ok(folder) if !folder.no_select => folder,
        _ => return Answer::no("[NONEXISTENT] no such folder"),
    };
    let flagged = |flag: &str| folder.messages.iter().filter(|message| message.flags.contains(flag)).count();
    let total = folder.messages.len();
    let items = wanted.iter().filter_map(|item| {
        Some(match item {
            StatusDataItemName::Messages => StatusDataItem::Messages(count(total)),
            StatusDataItemName::Recent => StatusDataItem::Recent(0),
            StatusDataItemName::UidNext => StatusDataItem::UidNext(non_zero(folder.uid_next)?),
            StatusDataItemName::UidValidity => StatusDataItem::UidValidity(non_zero(folder.uid_validity)?),
            StatusDataItemName::Unseen => StatusDataItem::Unseen(count(total - flagged(SEEN))),
            StatusDataItemName::Deleted => StatusDataItem::Deleted(count(flagged(DELETED))),
            _ => return None,
        })
    });
    let items = items.collect::<Vec<_>>().into();
    Answer::ok().data(Data::Status { mailbox, items })
}

/// SELECT and EXAMINE.
pub(super) fn open(world: &World, session: &mut Session, user: &str, mailbox: &Mailbox<'_>, read_only: bool) -> Answer {
    // Even a failed SELECT closes the folder that was open (RFC 3501 §6.3.1).
    session.selected = None;
    let folder = match world.folder(user, &name(mailbox)) {
        Ok(folder) if !folder.no_select => folder,
        _ => return Answer::no("[NONEXISTENT] no such folder"),
    };
    let known = folder.messages.iter().map(|message| Known { uid: message.uid, revision: message.revision });
    session.selected = Some(Selected {
        folder: folder.name.clone(),
        read_only,
        uid_validity: folder.uid_validity,
        known: known.collect(),
    });
    let flags = || vec![Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Seen, Flag::Draft];
    let mut permanent: Vec<FlagPerm<'static>> = Vec::new();
    if !read_only {
        permanent.extend(flags().into_iter().map(FlagPerm::Flag));
        permanent.push(FlagPerm::Asterisk);
    }
    let mut answer =
        Answer::ok().data(Data::Flags(flags())).data(Data::Exists(count(folder.messages.len()))).data(Data::Recent(0));
    let unseen = folder.messages.iter().position(|message| !message.flags.contains(SEEN));
    let codes = [
        unseen.and_then(|at| non_zero(count(at + 1))).map(Code::Unseen),
        Some(Code::PermanentFlags(permanent)),
        non_zero(folder.uid_validity).map(Code::UidValidity),
        non_zero(folder.uid_next).filter(|_| world.options.uid_next).map(Code::UidNext),
    ];
    for code in codes.into_iter().flatten() {
        answer.lines.push(super::status(None, StatusKind::Ok, Some(code), "so it is"));
    }
    answer.code = Some(if read_only { Code::ReadOnly } else { Code::ReadWrite });
    answer.opened = true;
    answer
}

/// CREATE.
pub(super) fn create(world: &mut World, user: &str, mailbox: &Mailbox<'_>) -> Answer {
    let name = name(mailbox);
    // RFC 3501 §6.3.3: a trailing delimiter only tells that folders will follow inside.
    let name = name.strip_suffix(world.options.delimiter).unwrap_or(&name).to_owned();
    outcome(if name.is_empty() { Err(WorldError::NoFolder(name)) } else { world.add_folder(user, &name, None) })
}

/// DELETE.
pub(super) fn delete(world: &mut World, user: &str, mailbox: &Mailbox<'_>) -> Answer {
    let name = name(mailbox);
    if same_folder(&name, "INBOX") {
        return Answer::no("INBOX stays");
    }
    let found = world.folder(user, &name).map(drop);
    if let Ok(user) = world.user_mut(user) {
        user.folders.retain(|folder| folder.name != name);
    }
    outcome(found)
}

/// RENAME, of the folder alone.
pub(super) fn rename(world: &mut World, user: &str, from: &Mailbox<'_>, to: &Mailbox<'_>) -> Answer {
    let (from, to) = (name(from), name(to));
    if same_folder(&from, "INBOX") || world.folder(user, &to).is_ok() {
        return Answer::no("[CANNOT] not so");
    }
    outcome(world.folder_mut(user, &from).map(|folder| folder.name = to))
}

/// SUBSCRIBE and UNSUBSCRIBE.
pub(super) fn subscribe(world: &mut World, user: &str, mailbox: &Mailbox<'_>, on: bool) -> Answer {
    outcome(world.folder_mut(user, &name(mailbox)).map(|folder| folder.subscribed = on))
}

/// OK, or NO with the reason.
pub(super) fn outcome(result: Result<(), WorldError>) -> Answer {
    match result {
        Ok(()) => Answer::ok(),
        Err(error) => Answer::no(&error.to_string()),
    }
}

/// The untagged line with a response code that MOVE needs.
pub(super) fn untagged(code: Code<'static>) -> Response<'static> {
    super::status(None, StatusKind::Ok, Some(code), "moved")
}

#[cfg(test)]
mod tests;
