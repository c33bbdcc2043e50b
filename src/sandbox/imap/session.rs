//! What the server remembers of one client: who it is, which folder it has open, and what it was told of it.

use imap_types::core::Vec1;
use imap_types::fetch::MessageDataItem;
use imap_types::response::{Code, Data, Response, StatusKind};

use super::fetch::{FetchPlan, flag_items, non_zero};
use crate::sandbox::model::World;

/// The answer to a wrong name or password (RFC 5530 §3).
pub(super) const WRONG_PASSWORD: &str = "[AUTHENTICATIONFAILED] invalid credentials";

/// The open folder is gone or was numbered anew: the client must start over.
#[derive(Debug)]
pub(super) struct Void;

/// One client's state.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) client: u64,
    /// Login name, once logged in.
    pub(super) user: Option<String>,
    pub(super) selected: Option<Selected>,
}

/// The open folder.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) folder: String,
    pub(super) read_only: bool,
    pub(super) uid_validity: u32,
    /// The messages the client knows of, in the order of their sequence numbers.
    pub(super) known: Vec<Known>,
}

/// A message as the client was told of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) uid: u32,
    pub(super) revision: u64,
}

/// What is to be written for a command: the lines, then the messages to fetch, then the tagged status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) lines: Vec<Response<'static>>,
    pub(super) kind: StatusKind,
    pub(super) code: Option<Code<'static>>,
    pub(super) text: String,
    pub(super) fetch: Option<FetchPlan>,
    /// The command opened a folder: there can be no news of it yet.
    pub(super) opened: bool,
    /// The command speaks of sequence numbers.
    pub(super) by_number: bool,
    /// The connection ends after the answer.
    pub(super) ends: bool,
}

impl Answer {
    pub(super) fn new(kind: StatusKind, text: &str) -> Answer {
        Answer {
            lines: Vec::new(),
            kind,
            code: None,
            text: text.to_owned(),
            fetch: None,
            opened: false,
            by_number: false,
            ends: false,
        }
    }

    pub(super) fn ok() -> Answer {
        Answer::new(StatusKind::Ok, "done")
    }

    pub(super) fn no(text: &str) -> Answer {
        Answer::new(StatusKind::No, text)
    }

    pub(super) fn bad(text: &str) -> Answer {
        Answer::new(StatusKind::Bad, text)
    }

    pub(super) fn data(mut self, data: Data<'static>) -> Answer {
        self.lines.push(Response::Data(data));
        self
    }
}

impl Session {
    pub(super) fn new(client: u64) -> Session {
        Session { client, user: None, selected: None }
    }

    /// Checks name and password, and remembers who it is.
    pub(super) fn log_in(&mut self, world: &World, name: &[u8], password: &[u8]) -> bool {
        let Ok(name) = std::str::from_utf8(name) else { return false };
        let right = world.users.get(name).is_some_and(|user| user.password.as_bytes() == password);
        if right {
            self.user = Some(name.to_owned());
        }
        right
    }

    /// What the client has not been told of its open folder: removed, changed and new messages.
    pub(super) fn updates(&mut self, world: &World, may_expunge: bool) -> Result<Vec<Response<'static>>, Void> {
        let (Some(user), Some(selected)) = (&self.user, &mut self.selected) else { return Ok(Vec::new()) };
        let folder = world.folder(user, &selected.folder).map_err(|_| Void)?;
        if folder.uid_validity != selected.uid_validity {
            return Err(Void);
        }
        let mut lines = Vec::new();
        if may_expunge {
            let mut at = 0;
            selected.known.retain(|known| {
                let there = folder.messages.binary_search_by_key(&known.uid, |message| message.uid).is_ok();
                if there {
                    at += 1;
                } else if let Some(number) = non_zero(at + 1) {
                    lines.push(Response::Data(Data::Expunge(number)));
                }
                there
            });
        }
        for (at, known) in selected.known.iter_mut().enumerate() {
            let Ok(found) = folder.messages.binary_search_by_key(&known.uid, |message| message.uid) else { continue };
            let Some(message) = folder.messages.get(found) else { continue };
            if message.revision != known.revision {
                known.revision = message.revision;
                let number = u32::try_from(at).ok().and_then(|at| non_zero(at + 1));
                let items = non_zero(message.uid)
                    .map(|uid| vec![MessageDataItem::Uid(uid), MessageDataItem::Flags(flag_items(message))]);
                if let (Some(seq), Some(Ok(items))) = (number, items.map(Vec1::try_from)) {
                    lines.push(Response::Data(Data::Fetch { seq, items }));
                }
            }
        }
        let last = selected.known.last().map_or(0, |known| known.uid);
        let new = folder.messages.iter().filter(|message| message.uid > last);
        let new: Vec<Known> = new.map(|message| Known { uid: message.uid, revision: message.revision }).collect();
        if !new.is_empty() {
            selected.known.extend(new);
            lines.push(Response::Data(Data::Exists(count(selected.known.len()))));
        }
        Ok(lines)
    }
}

/// A length as IMAP writes it; folders never hold more than a `u32` can count, since UIDs are such.
pub(super) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
