//! The model mailbox: users, folders, messages, and what may be done to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use thiserror::Error;

use super::faults::Fault;
use super::log::{Event, EventKind, Log, Received};

/// Flag set by reading a body without PEEK (RFC 3501 §2.3.2).
pub(super) const SEEN: &str = "\\Seen";
/// Flag of messages that EXPUNGE removes.
pub(super) const DELETED: &str = "\\Deleted";

/// What the server offers and how it behaves. All of it can be changed while it runs, except the ports.
#[derive(Debug, Clone)]
pub struct Options {
    /// IMAP port on 127.0.0.1; 0 takes any free one.
    pub imap_port: u16,
    /// SMTP port on 127.0.0.1; 0 takes any free one.
    pub smtp_port: u16,
    /// The hierarchy delimiter of folder names.
    pub delimiter: char,
    /// Tell UIDNEXT when a folder is opened; some old servers do not.
    pub uid_next: bool,
    /// Answer the item RFC822; iCloud says OK and gives nothing.
    pub rfc822: bool,
    /// Announce MESSAGELIMIT (RFC 9738): a FETCH or SEARCH looks at the latest so many messages only.
    pub message_limit: Option<u32>,
    /// Announce SPECIAL-USE and tell the attributes in LIST (RFC 6154).
    pub special_use: bool,
    /// Announce and answer XLIST, Google's forerunner of SPECIAL-USE.
    pub xlist: bool,
    /// Announce and accept IDLE (RFC 2177).
    pub idle: bool,
    /// Announce and accept MOVE (RFC 6851).
    pub move_messages: bool,
    /// Announce UIDPLUS: APPENDUID, COPYUID and UID EXPUNGE (RFC 4315).
    pub uidplus: bool,
    /// Announce and answer ID (RFC 2971).
    pub id: bool,
    /// Announce and answer NAMESPACE (RFC 2342).
    pub namespace: bool,
    /// Refuse SMTP mail from clients that did not log in.
    pub smtp_auth_required: bool,
    /// Refuse (550 5.1.1) recipients that are at a local domain but nobody's address; otherwise they are only recorded.
    pub refuse_unknown_recipients: bool,
    /// Largest mail taken by SMTP, in bytes; announced by SIZE.
    pub max_message_size: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            imap_port: 0,
            smtp_port: 0,
            delimiter: '/',
            uid_next: true,
            rfc822: true,
            message_limit: None,
            special_use: true,
            xlist: false,
            idle: true,
            move_messages: true,
            uidplus: true,
            id: true,
            namespace: true,
            smtp_auth_required: true,
            refuse_unknown_recipients: false,
            max_message_size: 30 * 1024 * 1024,
        }
    }
}

/// The role of a folder (RFC 6154 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecialUse {
    /// All messages in one folder, as Gmail has it.
    All,
    /// The archive.
    Archive,
    /// Drafts.
    Drafts,
    /// Starred messages.
    Flagged,
    /// Spam.
    Junk,
    /// Sent mail.
    Sent,
    /// Deleted mail.
    Trash,
}

impl SpecialUse {
    /// The attribute without its backslash.
    pub(super) fn attribute(self) -> &'static str {
        match self {
            SpecialUse::All => "All",
            SpecialUse::Archive => "Archive",
            SpecialUse::Drafts => "Drafts",
            SpecialUse::Flagged => "Flagged",
            SpecialUse::Junk => "Junk",
            SpecialUse::Sent => "Sent",
            SpecialUse::Trash => "Trash",
        }
    }
}

/// Whether the server itself files a copy of what a user sends, as Gmail does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentCopy {
    /// A copy as it was sent.
    AsSent,
    /// The server replaces the Message-ID, in the copy and in what it delivers, as some providers do.
    NewMessageId,
}

/// One message of a folder.
#[derive(Debug, Clone)]
pub struct Message {
    /// Unique identifier in its folder.
    pub uid: u32,
    /// When the server got it (INTERNALDATE).
    pub internal_date: Timestamp,
    /// Flags as IMAP writes them: `\Seen`, `\Answered`, keywords.
    pub flags: BTreeSet<String>,
    /// The whole mail.
    pub bytes: Arc<[u8]>,
    /// Rises with every change of the flags.
    pub(super) revision: u64,
}

/// One folder.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The name as IMAP writes it (modified UTF-7).
    pub name: String,
    /// Its role, if any.
    pub special_use: Option<SpecialUse>,
    /// A new value tells clients that every UID they know is void.
    pub uid_validity: u32,
    /// The UID the next message gets.
    pub uid_next: u32,
    /// Shown by LSUB.
    pub subscribed: bool,
    /// Holds other folders only and cannot be opened (`\Noselect`).
    pub no_select: bool,
    /// In order of UID.
    pub messages: Vec<Message>,
}

/// One user.
#[derive(Debug, Clone)]
pub struct User {
    /// Password of both protocols.
    pub password: String,
    /// Addresses whose mail goes to the INBOX; compared without case.
    pub addresses: Vec<String>,
    /// Every folder, INBOX first.
    pub folders: Vec<Folder>,
    /// Whether the server files sent mail itself.
    pub sent_copy: Option<SentCopy>,
}

/// A name that the world does not know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WorldError {
    /// No user has this login name.
    #[error("no user {0}")]
    NoUser(String),
    /// The user has no such folder.
    #[error("no folder {0}")]
    NoFolder(String),
    /// The folder has no message with this UID.
    #[error("no message with UID {0}")]
    NoMessage(u32),
    /// The folder is there already.
    #[error("folder {0} exists")]
    FolderExists(String),
}

/// The whole model.
pub struct World {
    /// By login name.
    pub users: BTreeMap<String, User>,
    /// What the server offers.
    pub options: Options,
    pub(super) faults: Vec<Fault>,
    pub(super) log: Log,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    revision: u64,
    last_uid_validity: u32,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("users", &self.users.len()).field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl World {
    /// An empty world whose clock gives the INTERNALDATE of what arrives.
    pub fn new(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> World {
        World {
            users: BTreeMap::new(),
            options: Options::default(),
            faults: Vec::new(),
            log: Log::default(),
            clock: Box::new(clock),
            revision: 0,
            last_uid_validity: 1000,
        }
    }

    /// Everything that happened, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.log.events()
    }

    /// Every mail that reached DATA, in order; accepted or not.
    pub fn received(&self) -> impl Iterator<Item = &Received> {
        self.log.received()
    }

    /// Adds a user with an INBOX and nothing else; replaces one of the same name.
    pub fn add_user(&mut self, name: &str, password: &str, addresses: &[&str]) -> &mut World {
        let inbox = self.new_folder("INBOX", None);
        let user = User {
            password: password.to_owned(),
            addresses: addresses.iter().map(|&address| address.to_owned()).collect(),
            folders: vec![inbox],
            sent_copy: None,
        };
        self.users.insert(name.to_owned(), user);
        self
    }

    /// Adds Sent, Drafts, Trash, Junk and Archive, each with its attribute, where they are missing.
    ///
    /// # Errors
    /// When the user is unknown.
    pub fn add_usual_folders(&mut self, user: &str) -> Result<(), WorldError> {
        use SpecialUse::{Archive, Drafts, Junk, Sent, Trash};
        for role in [Sent, Drafts, Trash, Junk, Archive] {
            match self.add_folder(user, role.attribute(), Some(role)) {
                Ok(()) | Err(WorldError::FolderExists(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Adds an empty, subscribed folder.
    ///
    /// # Errors
    /// When the user is unknown or has such a folder.
    pub fn add_folder(&mut self, user: &str, name: &str, special_use: Option<SpecialUse>) -> Result<(), WorldError> {
        if self.folder(user, name).is_ok() {
            return Err(WorldError::FolderExists(name.to_owned()));
        }
        let folder = self.new_folder(name, special_use);
        self.user_mut(user)?.folders.push(folder);
        Ok(())
    }

    /// The user of this login name.
    ///
    /// # Errors
    /// When there is none.
    pub fn user_mut(&mut self, name: &str) -> Result<&mut User, WorldError> {
        self.users.get_mut(name).ok_or_else(|| WorldError::NoUser(name.to_owned()))
    }

    /// A user's folder; INBOX in any case.
    ///
    /// # Errors
    /// When there is none.
    pub fn folder(&self, user: &str, name: &str) -> Result<&Folder, WorldError> {
        let user = self.users.get(user).ok_or_else(|| WorldError::NoUser(user.to_owned()))?;
        let found = user.folders.iter().find(|folder| same_folder(&folder.name, name));
        found.ok_or_else(|| WorldError::NoFolder(name.to_owned()))
    }

    /// A user's folder, to be changed.
    ///
    /// # Errors
    /// When there is none.
    pub fn folder_mut(&mut self, user: &str, name: &str) -> Result<&mut Folder, WorldError> {
        let found = self.user_mut(user)?.folders.iter_mut().find(|folder| same_folder(&folder.name, name));
        found.ok_or_else(|| WorldError::NoFolder(name.to_owned()))
    }

    /// Puts a mail into a folder, without flags, and gives its UID. Without a date the clock's is taken. The bytes are kept as
    /// they are: lines should end in CRLF.
    ///
    /// # Errors
    /// When the folder is unknown.
    pub fn deliver(
        &mut self,
        user: &str,
        folder: &str,
        bytes: &[u8],
        internal_date: Option<Timestamp>,
    ) -> Result<u32, WorldError> {
        self.deliver_with_flags(user, folder, bytes, internal_date, &[])
    }

    /// As [`World::deliver`], with flags such as `\Seen`.
    ///
    /// # Errors
    /// When the folder is unknown.
    pub fn deliver_with_flags(
        &mut self,
        user: &str,
        folder: &str,
        bytes: &[u8],
        internal_date: Option<Timestamp>,
        flags: &[&str],
    ) -> Result<u32, WorldError> {
        let message = Message {
            uid: 0,
            internal_date: internal_date.unwrap_or_else(|| self.now()),
            flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
            bytes: Arc::from(bytes),
            revision: 0,
        };
        self.file(user, folder, message)
    }

    /// Removes a message.
    ///
    /// # Errors
    /// When it is not there.
    pub fn expunge(&mut self, user: &str, folder: &str, uid: u32) -> Result<(), WorldError> {
        self.take(user, folder, uid).map(drop)
    }

    /// Moves a message with its flags and date to another folder and gives its new UID.
    ///
    /// # Errors
    /// When the message or the target is not there; then nothing is changed.
    pub fn move_message(&mut self, user: &str, from: &str, uid: u32, to: &str) -> Result<u32, WorldError> {
        self.folder(user, to)?;
        let message = self.take(user, from, uid)?;
        self.file(user, to, message)
    }

    /// Copies a message with its flags and date to another folder and gives the copy's UID.
    ///
    /// # Errors
    /// When the message or the target is not there.
    pub fn copy_message(&mut self, user: &str, from: &str, uid: u32, to: &str) -> Result<u32, WorldError> {
        let message = self.message(user, from, uid)?.clone();
        self.file(user, to, message)
    }

    /// Gives a folder a new UIDVALIDITY and numbers its messages anew from 1. Clients that have it open are sent away.
    ///
    /// # Errors
    /// When the folder is unknown.
    pub fn set_uid_validity(&mut self, user: &str, folder: &str, value: u32) -> Result<(), WorldError> {
        let folder = self.folder_mut(user, folder)?;
        folder.uid_validity = value;
        folder.uid_next = 1;
        for message in &mut folder.messages {
            message.uid = folder.uid_next;
            folder.uid_next += 1;
        }
        Ok(())
    }

    /// The flags of every message of a folder by UID: compare before and after to see that a client changed none.
    ///
    /// # Errors
    /// When the folder is unknown.
    pub fn flags(&self, user: &str, folder: &str) -> Result<BTreeMap<u32, BTreeSet<String>>, WorldError> {
        let messages = &self.folder(user, folder)?.messages;
        Ok(messages.iter().map(|message| (message.uid, message.flags.clone())).collect())
    }

    /// One message.
    ///
    /// # Errors
    /// When it is not there.
    pub fn message(&self, user: &str, folder: &str, uid: u32) -> Result<&Message, WorldError> {
        let messages = &self.folder(user, folder)?.messages;
        messages.iter().find(|message| message.uid == uid).ok_or(WorldError::NoMessage(uid))
    }

    /// Orders a fault or a hook.
    pub fn inject(&mut self, fault: Fault) -> &mut World {
        self.faults.push(fault);
        self
    }

    /// The time by the world's clock.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Replaces the flags of a message.
    pub(super) fn set_flags(&mut self, user: &str, folder: &str, uid: u32, flags: BTreeSet<String>) {
        self.revision += 1;
        let revision = self.revision;
        let Ok(folder) = self.folder_mut(user, folder) else { return };
        if let Some(message) = folder.messages.iter_mut().find(|message| message.uid == uid)
            && message.flags != flags
        {
            message.flags = flags;
            message.revision = revision;
        }
    }

    /// The login name of whoever owns this address.
    pub(super) fn owner_of(&self, address: &str) -> Option<String> {
        let owns = |user: &User| user.addresses.iter().any(|own| own.eq_ignore_ascii_case(address));
        self.users.iter().find(|(_, user)| owns(user)).map(|(name, _)| name.clone())
    }

    /// Whether the address is at a domain of one of the users.
    pub(super) fn is_local(&self, address: &str) -> bool {
        let Some((_, domain)) = address.rsplit_once('@') else { return false };
        let at_domain = |own: &String| own.rsplit_once('@').is_some_and(|(_, own)| own.eq_ignore_ascii_case(domain));
        self.users.values().any(|user| user.addresses.iter().any(at_domain))
    }

    fn file(&mut self, user: &str, folder: &str, mut message: Message) -> Result<u32, WorldError> {
        let target = self.folder_mut(user, folder)?;
        message.uid = target.uid_next;
        target.uid_next = target.uid_next.saturating_add(1);
        let (uid, folder) = (message.uid, target.name.clone());
        target.messages.push(message);
        self.log.push(0, EventKind::Delivered { user: user.to_owned(), folder, uid });
        Ok(uid)
    }

    fn take(&mut self, user: &str, folder: &str, uid: u32) -> Result<Message, WorldError> {
        let messages = &mut self.folder_mut(user, folder)?.messages;
        let at = messages.iter().position(|message| message.uid == uid).ok_or(WorldError::NoMessage(uid))?;
        Ok(messages.remove(at))
    }

    fn new_folder(&mut self, name: &str, special_use: Option<SpecialUse>) -> Folder {
        self.last_uid_validity += 1;
        Folder {
            name: name.to_owned(),
            special_use,
            uid_validity: self.last_uid_validity,
            uid_next: 1,
            subscribed: true,
            no_select: false,
            messages: Vec::new(),
        }
    }
}

/// Whether two names mean one folder: INBOX in any case (RFC 3501 §5.1), the others byte for byte.
pub(super) fn same_folder(one: &str, other: &str) -> bool {
    one == other || (one.eq_ignore_ascii_case("INBOX") && other.eq_ignore_ascii_case("INBOX"))
}
