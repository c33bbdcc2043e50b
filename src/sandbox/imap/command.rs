//! Carries out one IMAP command on the model.

use std::collections::BTreeSet;

use imap_types::command::CommandBody;
use imap_types::core::Vec1;
use imap_types::extensions::uidplus::{UidElement, UidSet};
use imap_types::flag::{Flag, StoreResponse, StoreType};
use imap_types::mailbox::Mailbox;
use imap_types::response::{Bye, Code, Data, Response, Status, StatusKind};
use imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};

use super::fetch::{self, non_zero};
use super::folders::{self, name};
use super::search;
use super::session::{Answer, Session, WRONG_PASSWORD, count};
use crate::sandbox::faults::Verb;
use crate::sandbox::model::{DELETED, World};

/// Which command it is.
pub(super) fn verb(body: &CommandBody<'_>) -> Verb {
    match body {
        CommandBody::Capability => Verb::Capability,
        CommandBody::Noop => Verb::Noop,
        CommandBody::Logout => Verb::Logout,
        CommandBody::Login { .. } | CommandBody::Authenticate { .. } => Verb::Login,
        CommandBody::Select { .. } => Verb::Select,
        CommandBody::Examine { .. } => Verb::Examine,
        CommandBody::Unselect => Verb::Unselect,
        CommandBody::Create { .. } => Verb::Create,
        CommandBody::Delete { .. } => Verb::Delete,
        CommandBody::Rename { .. } => Verb::Rename,
        CommandBody::Subscribe { .. } => Verb::Subscribe,
        CommandBody::Unsubscribe { .. } => Verb::Unsubscribe,
        CommandBody::List { .. } => Verb::List,
        CommandBody::Lsub { .. } => Verb::Lsub,
        CommandBody::Status { .. } => Verb::Status,
        CommandBody::Append { .. } => Verb::Append,
        CommandBody::Check => Verb::Check,
        CommandBody::Close => Verb::Close,
        CommandBody::Expunge | CommandBody::ExpungeUid { .. } => Verb::Expunge,
        CommandBody::Search { .. } => Verb::Search,
        CommandBody::Fetch { .. } => Verb::Fetch,
        CommandBody::Store { .. } => Verb::Store,
        CommandBody::Copy { .. } => Verb::Copy,
        CommandBody::Move { .. } => Verb::Move,
        CommandBody::Idle => Verb::Idle,
        CommandBody::Enable { .. } => Verb::Enable,
        CommandBody::Id { .. } => Verb::Id,
        _ => Verb::Unknown,
    }
}

/// The folder a command names.
pub(super) fn folder(body: &CommandBody<'_>) -> Option<String> {
    match body {
        CommandBody::Select { mailbox, .. }
        | CommandBody::Examine { mailbox, .. }
        | CommandBody::Create { mailbox }
        | CommandBody::Delete { mailbox }
        | CommandBody::Rename { from: mailbox, .. }
        | CommandBody::Subscribe { mailbox }
        | CommandBody::Unsubscribe { mailbox }
        | CommandBody::Status { mailbox, .. }
        | CommandBody::Append { mailbox, .. } => Some(name(mailbox)),
        _ => None,
    }
}

/// Carries out a command and tells what to answer.
pub(super) fn execute(world: &mut World, session: &mut Session, body: CommandBody<'static>) -> Answer {
    match &body {
        CommandBody::Capability => {
            let answer = Answer::ok();
            return match folders::capabilities(&world.options) {
                Some(capabilities) => answer.data(Data::Capability(capabilities)),
                None => answer,
            };
        }
        CommandBody::Noop => return Answer::ok(),
        CommandBody::Logout => {
            let mut answer = Answer::ok();
            answer.lines.push(Response::Status(Status::Bye(Bye { code: None, text: super::text("bye") })));
            answer.ends = true;
            return answer;
        }
        CommandBody::Id { .. } if world.options.id => {
            return Answer::ok().data(Data::Id { parameters: None });
        }
        CommandBody::Login { username, password } => {
            if session.user.is_some() {
                return Answer::bad("already logged in");
            }
            let right = session.log_in(world, username.as_ref(), password.declassify().as_ref());
            return if right { Answer::ok() } else { Answer::no(WRONG_PASSWORD) };
        }
        _ => {}
    }
    match session.user.clone() {
        Some(user) => execute_logged_in(world, session, &user, body),
        None => Answer::bad("log in first"),
    }
}

fn execute_logged_in(world: &mut World, session: &mut Session, user: &str, body: CommandBody<'static>) -> Answer {
    match body {
        CommandBody::Select { mailbox, .. } => folders::open(world, session, user, &mailbox, false),
        CommandBody::Examine { mailbox, .. } => folders::open(world, session, user, &mailbox, true),
        CommandBody::Create { mailbox } => folders::create(world, user, &mailbox),
        CommandBody::Delete { mailbox } => folders::delete(world, user, &mailbox),
        CommandBody::Rename { from, to } => folders::rename(world, user, &from, &to),
        CommandBody::Subscribe { mailbox } => folders::subscribe(world, user, &mailbox, true),
        CommandBody::Unsubscribe { mailbox } => folders::subscribe(world, user, &mailbox, false),
        CommandBody::List { reference, mailbox_wildcard } => {
            folders::list(world, user, &reference, &mailbox_wildcard, false)
        }
        CommandBody::Lsub { reference, mailbox_wildcard } => {
            folders::list(world, user, &reference, &mailbox_wildcard, true)
        }
        CommandBody::Status { mailbox, item_names } => folders::status(world, user, mailbox, &item_names),
        CommandBody::Append { mailbox, flags, date, message } => {
            let folder = name(&mailbox);
            let bytes = match &message {
                imap_types::extensions::binary::LiteralOrLiteral8::Literal(literal) => literal.as_ref(),
                imap_types::extensions::binary::LiteralOrLiteral8::Literal8(literal) => literal.data.as_ref(),
            };
            let flags: Vec<String> = flags.iter().map(ToString::to_string).collect();
            let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
            let date = date.and_then(|date| jiff::Timestamp::from_second(date.as_ref().timestamp()).ok());
            append(world, user, &folder, bytes, date, &flags)
        }
        CommandBody::Enable { .. } => Answer::ok().data(Data::Enabled { capabilities: Vec::new() }),
        body if session.selected.is_some() => execute_selected(world, session, user, body),
        CommandBody::Check
        | CommandBody::Close
        | CommandBody::Unselect
        | CommandBody::Expunge
        | CommandBody::ExpungeUid { .. }
        | CommandBody::Search { .. }
        | CommandBody::Fetch { .. }
        | CommandBody::Store { .. }
        | CommandBody::Copy { .. }
        | CommandBody::Move { .. } => Answer::bad("open a folder first"),
        _ => Answer::bad("unknown command"),
    }
}

fn execute_selected(world: &mut World, session: &mut Session, user: &str, body: CommandBody<'static>) -> Answer {
    let read_only = session.selected.as_ref().is_none_or(|selected| selected.read_only);
    match body {
        CommandBody::Check => Answer::ok(),
        CommandBody::Unselect => {
            session.selected = None;
            Answer::ok()
        }
        CommandBody::Close => {
            if !read_only {
                expunge(world, session, user, None);
            }
            session.selected = None;
            Answer::ok()
        }
        CommandBody::Search { criteria, uid, .. } => search::answer(world, session, user, criteria, uid),
        CommandBody::Fetch { sequence_set, macro_or_item_names, uid, .. } => {
            let numbers = latest(chosen(session, &sequence_set, uid), world.options.message_limit);
            let mut answer = fetch::answer(numbers, &macro_or_item_names, uid, world.options.rfc822);
            answer.by_number = !uid;
            answer
        }
        CommandBody::Expunge | CommandBody::ExpungeUid { .. } | CommandBody::Store { .. } if read_only => {
            Answer::no("the folder is open for reading only")
        }
        CommandBody::Expunge => {
            expunge(world, session, user, None);
            Answer::ok()
        }
        CommandBody::ExpungeUid { sequence_set } => {
            expunge(world, session, user, Some(&sequence_set));
            Answer::ok()
        }
        CommandBody::Store { sequence_set, kind, response, flags, uid, .. } => {
            let numbers = chosen(session, &sequence_set, uid);
            store(world, session, user, &numbers, kind, response, &flags);
            Answer { by_number: !uid, ..Answer::ok() }
        }
        CommandBody::Copy { sequence_set, mailbox, uid } => {
            let numbers = chosen(session, &sequence_set, uid);
            let mut answer = transfer(world, session, user, &numbers, &mailbox, false);
            answer.by_number = !uid;
            answer
        }
        CommandBody::Move { .. } if read_only => Answer::no("the folder is open for reading only"),
        CommandBody::Move { sequence_set, mailbox, uid } if world.options.move_messages => {
            let numbers = chosen(session, &sequence_set, uid);
            transfer(world, session, user, &numbers, &mailbox, true)
        }
        _ => Answer::bad("unknown command"),
    }
}

/// Whether a sequence set holds a number; `*` is `last` (RFC 3501 §9, seq-range: either end may be the greater).
pub(super) fn holds(set: &SequenceSet, number: u32, last: u32) -> bool {
    let value = |end: &SeqOrUid| match end {
        SeqOrUid::Value(value) => value.get(),
        SeqOrUid::Asterisk => last,
    };
    set.0.as_ref().iter().any(|sequence| match sequence {
        Sequence::Single(one) => value(one) == number,
        Sequence::Range(one, other) => {
            let (one, other) = (value(one), value(other));
            (one.min(other)..=one.max(other)).contains(&number)
        }
    })
}

/// The messages of a set as the client knows them: sequence number and UID.
fn chosen(session: &Session, set: &SequenceSet, by_uid: bool) -> Vec<(u32, u32)> {
    let Some(selected) = &session.selected else { return Vec::new() };
    let known = selected.known.iter().enumerate().map(|(at, known)| (count(at + 1), known.uid));
    let last = known.clone().next_back().map_or(0, |(number, uid)| if by_uid { uid } else { number });
    known.filter(|&(number, uid)| holds(set, if by_uid { uid } else { number }, last)).collect()
}

/// What a server with a limit looks at (RFC 9738 §3.1): the latest, whatever was asked for.
pub(super) fn latest<T>(mut found: Vec<T>, limit: Option<u32>) -> Vec<T> {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    found.split_off(found.len().saturating_sub(limit))
}

fn append(
    world: &mut World,
    user: &str,
    folder: &str,
    bytes: &[u8],
    date: Option<jiff::Timestamp>,
    flags: &[&str],
) -> Answer {
    let Ok(uid_validity) = world.folder(user, folder).map(|folder| folder.uid_validity) else {
        let mut answer = Answer::no("no such folder");
        answer.code = Some(Code::TryCreate);
        return answer;
    };
    match world.deliver_with_flags(user, folder, bytes, date, flags) {
        Ok(uid) => {
            let mut answer = Answer::ok();
            if let (true, Some(uid_validity), Some(uid)) =
                (world.options.uidplus, non_zero(uid_validity), non_zero(uid))
            {
                answer.code = Some(Code::AppendUid { uid_validity, uid });
            }
            answer
        }
        Err(error) => Answer::no(&error.to_string()),
    }
}

fn expunge(world: &mut World, session: &Session, user: &str, only: Option<&SequenceSet>) {
    let Some(selected) = &session.selected else { return };
    let Ok(folder) = world.folder_mut(user, &selected.folder) else { return };
    let last = folder.messages.last().map_or(0, |message| message.uid);
    folder.messages.retain(|message| {
        let chosen = only.is_none_or(|set| holds(set, message.uid, last));
        !(chosen && message.flags.contains(DELETED))
    });
}

fn store(
    world: &mut World,
    session: &mut Session,
    user: &str,
    numbers: &[(u32, u32)],
    kind: StoreType,
    response: StoreResponse,
    flags: &[Flag<'_>],
) {
    let Some(selected) = &mut session.selected else { return };
    let given: BTreeSet<String> = flags.iter().map(ToString::to_string).collect();
    for &(_, uid) in numbers {
        let Ok(message) = world.message(user, &selected.folder, uid) else { continue };
        let new = match kind {
            StoreType::Replace => given.clone(),
            StoreType::Add => message.flags.union(&given).cloned().collect(),
            StoreType::Remove => message.flags.difference(&given).cloned().collect(),
        };
        world.set_flags(user, &selected.folder, uid, new);
        let revision = world.message(user, &selected.folder, uid).map(|message| message.revision);
        let known = selected.known.iter_mut().find(|known| known.uid == uid);
        if let (Some(known), Ok(revision)) = (known, revision) {
            // An answer is wanted even if nothing changed; a silent client knows already.
            known.revision = if response == StoreResponse::Silent { revision } else { u64::MAX };
        }
    }
}

/// COPY and MOVE (RFC 6851: with MOVE, COPYUID comes untagged, before the EXPUNGE lines).
fn transfer(
    world: &mut World,
    session: &Session,
    user: &str,
    numbers: &[(u32, u32)],
    mailbox: &Mailbox<'_>,
    moves: bool,
) -> Answer {
    let target = name(mailbox);
    let Some(selected) = &session.selected else { return Answer::bad("open a folder first") };
    let Ok(uid_validity) = world.folder(user, &target).map(|folder| folder.uid_validity) else {
        return Answer { code: Some(Code::TryCreate), ..Answer::new(StatusKind::No, "no such folder") };
    };
    let mut pairs = Vec::new();
    for &(_, uid) in numbers {
        let new = if moves {
            world.move_message(user, &selected.folder, uid, &target)
        } else {
            world.copy_message(user, &selected.folder, uid, &target)
        };
        // What another client has removed meanwhile is passed over.
        pairs.extend(new.ok().and_then(|new| Some((non_zero(uid)?, non_zero(new)?))));
    }
    let set = |uids: Vec<UidElement>| Vec1::try_from(uids).ok().map(UidSet);
    let source = set(pairs.iter().map(|&(old, _)| UidElement::Single(old)).collect());
    let destination = set(pairs.iter().map(|&(_, new)| UidElement::Single(new)).collect());
    let mut answer = Answer::ok();
    if let (true, Some(uid_validity), Some(source), Some(destination)) =
        (world.options.uidplus, non_zero(uid_validity), source, destination)
    {
        let code = Code::CopyUid { uid_validity, source, destination };
        if moves {
            answer.lines.push(folders::untagged(code));
        } else {
            answer.code = Some(code);
        }
    }
    answer
}

#[cfg(test)]
mod tests;
