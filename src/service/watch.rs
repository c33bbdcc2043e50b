//! Reading one account: every selectable folder but Drafts, what is new since the cursor.

use jiff::Timestamp;
use secrecy::SecretString;

use super::Workspace;
use crate::app::ingest::{self, RawMail};
use crate::config::Account;
use crate::domain::inbound;
use crate::mail::imap::{self, Entry, Folder, ImapError, Role, Session};
use crate::store::mailboxes::{self, AccountRow, MailboxRow};
use crate::store::{StoreError, apply};

/// Mails in one FETCH and one transaction.
const CHUNK: usize = 200;
/// Bytes in one FETCH.
const CHUNK_BYTES: u64 = 16 * 1024 * 1024;

/// UIDs in which gaps of a listing are looked for; beyond it a folder's UIDs are not dense.
const SEARCHABLE: u32 = 1_000_000;

/// What reading an account did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountRead {
    /// Mails that were new.
    pub new: usize,
}

/// Why an account could not be read to its end. What was learnt until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The mail server.
    #[error(transparent)]
    Imap(#[from] ImapError),
    /// The database: nothing of the chunk was kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password can't be looked up.
    #[error("{0}")]
    Password(String),
    /// One or more folders can't be read; the others were.
    #[error("the folder {folder} cannot be read: {why}")]
    Folder {
        /// Its name.
        folder: String,
        /// Why.
        why: String,
    },
}

/// A connection to an account, made when it is needed and kept while it works.
#[derive(Debug)]
pub struct Link<'a> {
    workspace: &'a Workspace,
    /// The account.
    pub account: &'a Account,
    session: Option<Session>,
    folders: Vec<Folder>,
}

impl<'a> Link<'a> {
    /// No connection yet.
    pub fn new(workspace: &'a Workspace, account: &'a Account) -> Self {
        Self { workspace, account, session: None, folders: Vec::new() }
    }

    /// The connection, signed in. A connection that broke is made anew.
    ///
    /// # Errors
    /// If the server can't be reached or refuses the sign-in.
    pub async fn session(&mut self) -> Result<&mut Session, ReadError> {
        if self.session.is_none() {
            let password = self.password().await.map_err(ReadError::Password)?;
            let login = &self.account.auth.username;
            let session = imap::connect(&self.account.imap, login, &password, self.workspace.limits).await?;
            self.session = Some(session);
        }
        match &mut self.session {
            Some(session) => Ok(session),
            None => Err(ImapError::Closed { text: String::new() }.into()),
        }
    }

    /// The password, looked up anew: it may have changed. A command for it runs beside everything else.
    ///
    /// # Errors
    /// Why there is none, and what to do.
    pub async fn password(&self) -> Result<SecretString, String> {
        let auth = self.account.auth.clone();
        let looked_up = tokio::task::spawn_blocking(move || auth.password()).await;
        looked_up.map_err(|error| error.to_string())?.map_err(|error| format!("{error:#}"))
    }

    /// Forgets the connection, which may be dead without having said so.
    pub fn forget(&mut self) {
        self.session = None;
    }

    /// Drops the connection after an error that broke it.
    pub fn broke(&mut self, error: &ImapError) {
        if !error.keeps_connection() {
            self.session = None;
        }
    }

    /// The folder of a role, by the last listing.
    pub fn folder(&self, role: Role) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.role == role && folder.selectable)
    }

    /// The workspace it belongs to.
    pub fn workspace(&self) -> &'a Workspace {
        self.workspace
    }

    /// The name of the folder of a role; it is made if there is none.
    ///
    /// # Errors
    /// If the server can't be reached or refuses to make it.
    pub async fn folder_or_create(&mut self, role: Role, name: &str) -> Result<String, ReadError> {
        if let Some(folder) = self.folder(role) {
            return Ok(folder.name.clone());
        }
        self.list_folders().await?;
        if let Some(folder) = self.folder(role) {
            return Ok(folder.name.clone());
        }
        let wanted = match role {
            Role::Sent => self.account.folders.sent.as_deref(),
            Role::Drafts => self.account.folders.drafts.as_deref(),
            _ => None,
        };
        let name = wanted.unwrap_or(name).to_owned();
        self.session().await?.create(&name).await?;
        self.list_folders().await?;
        Ok(self.folder(role).map_or(name, |folder| folder.name.clone()))
    }

    /// Whether the folders in which the server's copies would lie can be seen.
    pub fn sees_copies(&self) -> bool {
        self.folder(Role::Sent).or(self.folder(Role::All)).is_some()
    }

    /// Says goodbye.
    pub async fn close(self) {
        if let Some(session) = self.session {
            session.logout().await;
        }
    }

    /// Reads every folder; the account counts as read up to the moment at which this began.
    ///
    /// # Errors
    /// If a folder (or all of it) can't be read. The error is noted on the account.
    pub async fn read(&mut self) -> Result<AccountRead, ReadError> {
        let began = self.workspace.clock.now();
        let result = match self.read_folders(began).await {
            Err(ReadError::Imap(error)) if matches!(error, ImapError::Closed { .. }) => {
                // servers end idle and old sessions at will: once more with a new connection
                self.broke(&error);
                self.read_folders(began).await
            }
            other => other,
        };
        if let Err(ReadError::Imap(error)) = &result {
            self.broke(error);
        }
        let mut store = self.workspace.store();
        let error = result.as_ref().err().map(ToString::to_string);
        let name = &self.account.name;
        match (mailboxes::account(store.read(), name)?, error) {
            (Some(account), error) => {
                store.write::<_, StoreError>(|tx| mailboxes::account_read(tx, account.id, began, error.as_deref()))?;
            }
            (None, Some(error)) => {
                store.write::<_, StoreError>(|tx| mailboxes::unopened(tx, name, began, &error))?;
            }
            (None, None) => {}
        }
        result
    }

    /// Reads one folder: enough to learn what came into it, not to prove anything of the others. An
    /// account that was never read is read whole.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub async fn read_role(&mut self, role: Role) -> Result<AccountRead, ReadError> {
        let known = mailboxes::account(self.workspace.store().read(), &self.account.name)?;
        let (Some(account), Some(folder)) = (known, self.folder(role).cloned()) else { return self.read().await };
        let began = self.workspace.clock.now();
        let result = match self.read_folder(&account, &folder, began).await {
            Err(ReadError::Imap(error)) if matches!(error, ImapError::Closed { .. }) => {
                self.broke(&error);
                self.read_folder(&account, &folder, began).await
            }
            other => other,
        };
        if let Err(ReadError::Imap(error)) = &result {
            self.broke(error);
        }
        Ok(AccountRead { new: result? })
    }

    async fn read_folders(&mut self, began: Timestamp) -> Result<AccountRead, ReadError> {
        self.list_folders().await?;
        let account = self.open_account(began).await?;
        let mut read = AccountRead::default();
        let mut trouble = None;
        for folder in self.readable() {
            match self.read_folder(&account, &folder, began).await {
                Ok(new) => read.new += new,
                Err(ReadError::Imap(error)) if error.keeps_connection() => {
                    trouble.get_or_insert(ReadError::Folder { folder: folder.display, why: error.to_string() });
                }
                Err(error) => return Err(error),
            }
        }
        if self.folder(Role::Sent).is_none() {
            // there is no Sent folder, so there is no history to read
            self.workspace.store().write::<_, StoreError>(|tx| mailboxes::history_complete(tx, account.id))?;
        }
        match trouble {
            Some(error) => Err(error),
            None => Ok(read),
        }
    }

    async fn list_folders(&mut self) -> Result<(), ReadError> {
        let mut folders = self.session().await?.folders().await?;
        let names = &self.account.folders;
        for (role, name) in [(Role::Sent, &names.sent), (Role::Drafts, &names.drafts)] {
            // a name that no folder bears takes the role from nobody: the folder may come to be later
            let Some(name) = name else { continue };
            let is_named = |folder: &Folder| folder.name == *name || folder.display == *name;
            if !folders.iter().any(is_named) {
                continue;
            }
            for folder in &mut folders {
                if is_named(folder) {
                    folder.role = role;
                } else if folder.role == role {
                    folder.role = Role::Other;
                }
            }
        }
        self.folders = folders;
        Ok(())
    }

    /// Sent first: it says whom the user knows.
    fn readable(&self) -> Vec<Folder> {
        let mut folders: Vec<Folder> =
            self.folders.iter().filter(|f| f.selectable && f.role != Role::Drafts).cloned().collect();
        folders.sort_by_key(|folder| match folder.role {
            Role::Sent => 0,
            Role::Outreach => 1,
            Role::Inbox => 2,
            _ => 3,
        });
        folders
    }

    /// On the first start, notes where every folder ends before any is read.
    async fn open_account(&mut self, now: Timestamp) -> Result<AccountRow, ReadError> {
        if let Some(known) = mailboxes::account(self.workspace.store().read(), &self.account.name)? {
            return Ok(known);
        }
        let mut noted = Vec::new();
        for folder in self.readable() {
            noted.push(self.examine(&folder).await?);
        }
        let name = &self.account.name;
        Ok(self.workspace.store().write::<_, StoreError>(|tx| mailboxes::open_account(tx, name, &noted, now))?)
    }

    async fn examine(&mut self, folder: &Folder) -> Result<mailboxes::Examined, ReadError> {
        let session = self.session().await?;
        let seen = session.examine(&folder.name).await?;
        let uid_next = match seen.uid_next {
            Some(next) => next,
            None => match session.list_uids(1).await?.last() {
                Some(last) => last.uid.saturating_add(1),
                None if seen.exists == 0 => 1,
                // "everything here is new" would be the worst misreading
                None => {
                    return Err(ImapError::Garbled { command: "UID FETCH", what: "a full folder without mail" }.into());
                }
            },
        };
        Ok(mailboxes::Examined {
            folder: folder.name.clone(),
            role: folder.role.as_str().to_owned(),
            uid_validity: seen.uid_validity,
            uid_next,
        })
    }

    async fn read_folder(
        &mut self,
        account: &AccountRow,
        folder: &Folder,
        began: Timestamp,
    ) -> Result<usize, ReadError> {
        let seen = self.examine(folder).await?;
        let mailbox =
            self.workspace.store().write::<_, StoreError>(|tx| mailboxes::open_mailbox(tx, account, &seen))?;
        let mut new = self.read_missing(folder, &mailbox).await?;
        if seen.uid_next > mailbox.cursor.saturating_add(1) {
            let entries = self.list(mailbox.cursor.saturating_add(1), seen.uid_next.saturating_sub(1)).await?;
            for chunk in chunks(&entries) {
                new += self.read_chunk(folder, &mailbox, chunk).await?;
            }
        }
        self.workspace.store().write::<_, StoreError>(|tx| {
            mailboxes::advance(tx, mailbox.id, seen.uid_next.saturating_sub(1))?;
            mailboxes::folder_read(tx, mailbox.id, began)?;
            if folder.role == Role::Sent {
                mailboxes::history_complete(tx, account.id)?;
            }
            Ok(())
        })?;
        Ok(new)
    }

    /// What the folder has from one UID to another. Where the listing has gaps the search is asked as
    /// well: a gap is mail that was removed, or mail that the server left out this time.
    async fn list(&mut self, from: u32, to: u32) -> Result<Vec<Entry>, ReadError> {
        let session = self.session().await?;
        let mut entries = session.list_between(from, to).await?;
        let span = to.saturating_sub(from).saturating_add(1);
        if span > SEARCHABLE || usize::try_from(span).is_ok_and(|span| entries.len() >= span) {
            return Ok(entries);
        }
        let searched = match session.search_uids(from, to).await {
            // an empty listing is no proof by itself: some servers say OK without data
            Err(error) if error.keeps_connection() && entries.is_empty() => return Ok(session.list_uids(from).await?),
            Err(error) if error.keeps_connection() => Vec::new(),
            other => other?,
        };
        let left_out: Vec<u32> =
            searched.into_iter().filter(|uid| entries.iter().all(|entry| entry.uid != *uid)).collect();
        // of unknown size: fetched alone
        entries.extend(left_out.into_iter().map(|uid| Entry { uid, size: u32::MAX }));
        entries.sort_unstable();
        Ok(entries)
    }

    /// Fetches a chunk and learns it. A mail that breaks the connection is found by halving and
    /// noted, so that it never blocks the folder.
    async fn read_chunk(&mut self, folder: &Folder, mailbox: &MailboxRow, chunk: &[Entry]) -> Result<usize, ReadError> {
        let mut waiting: Vec<&[Entry]> = vec![chunk];
        let mut new = 0;
        while let Some(part) = waiting.pop() {
            let uids: Vec<u32> = part.iter().map(|entry| entry.uid).collect();
            let Some(last) = uids.last().copied() else { continue };
            match self.fetch(folder, mailbox, &uids).await {
                Ok(handed) => new += self.learn(mailbox, &uids, handed, last).await?,
                Err(ReadError::Imap(error)) if is_about_the_mail(&error) => {
                    self.broke(&error);
                    match part {
                        [one] => {
                            let (why, now) = (error.to_string(), self.workspace.clock.now());
                            self.workspace.store().write::<_, StoreError>(|tx| {
                                mailboxes::note_missing(tx, mailbox.id, one.uid, &why, now)?;
                                mailboxes::advance(tx, mailbox.id, one.uid)
                            })?;
                        }
                        _ => {
                            let (first, second) = part.split_at(part.len() / 2);
                            waiting.push(second);
                            waiting.push(first);
                        }
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(new)
    }

    /// Asks once more for mails that the server did not hand out before.
    async fn read_missing(&mut self, folder: &Folder, mailbox: &MailboxRow) -> Result<usize, ReadError> {
        let now = self.workspace.clock.now();
        let uids = mailboxes::missing(self.workspace.store().read(), mailbox.id, now)?;
        let mut new = 0;
        for uid in uids {
            match self.fetch(folder, mailbox, &[uid]).await {
                Ok(handed) if handed.mails.is_empty() && (handed.drafts == [uid] || self.is_gone(uid).await?) => {
                    self.workspace
                        .store()
                        .write::<_, StoreError>(|tx| mailboxes::found_missing(tx, mailbox.id, uid))?;
                }
                Ok(handed) => new += self.learn(mailbox, &[uid], handed, 0).await?,
                Err(ReadError::Imap(error)) if is_about_the_mail(&error) => {
                    self.broke(&error);
                    let why = error.to_string();
                    self.workspace
                        .store()
                        .write::<_, StoreError>(|tx| mailboxes::note_missing(tx, mailbox.id, uid, &why, now))?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(new)
    }

    /// Whether the search of the open folder no longer finds that UID.
    async fn is_gone(&mut self, uid: u32) -> Result<bool, ReadError> {
        match self.session().await?.search_uids(uid, uid).await {
            Err(error) if error.keeps_connection() => Ok(false),
            other => Ok(other?.is_empty()),
        }
    }

    async fn fetch(&mut self, folder: &Folder, mailbox: &MailboxRow, uids: &[u32]) -> Result<Handed, ReadError> {
        let fresh = self.session.is_none();
        let session = self.session().await?;
        if fresh && session.examine(&folder.name).await?.uid_validity != mailbox.uid_validity {
            // these UIDs mean other mails now: the account is read from the start
            return Err(ImapError::Closed { text: format!("{} was numbered anew", folder.display) }.into());
        }
        let fetched = session.fetch(uids, inbound::MAX_BYTES, false).await?;
        let mut handed = Handed { drafts: Vec::new(), mails: Vec::new() };
        for mail in fetched {
            if mail.draft {
                handed.drafts.push(mail.uid);
                continue;
            }
            handed.mails.push(RawMail {
                uid: mail.uid,
                received: mail.internal_date,
                raw: mail.raw,
                thread: mail.provider_thread.unwrap_or_default(),
            });
        }
        Ok(handed)
    }

    /// Reads a chunk's mails on all cores and stores them with the cursor. What the server did not
    /// hand out is noted and asked for again later.
    async fn learn(
        &mut self,
        mailbox: &MailboxRow,
        uids: &[u32],
        Handed { mails, drafts }: Handed,
        cursor: u32,
    ) -> Result<usize, ReadError> {
        let own = self.workspace.config.own_addresses();
        let now = self.workspace.clock.now();
        let role = mailbox.role.clone();
        let learnt = tokio::task::spawn_blocking(move || ingest::read_chunk(&mails, &role, &own))
            .await
            .map_err(|error| StoreError::Value(format!("reading a chunk of mail panicked: {error}")))?;
        Ok(self.workspace.store().write::<_, StoreError>(|tx| {
            let came = |uid: &u32| drafts.contains(uid) || learnt.iter().any(|mail| mail.uid == *uid);
            for uid in uids.iter().filter(|uid| !came(uid)) {
                mailboxes::note_missing(tx, mailbox.id, *uid, "the server answered without the mail", now)?;
            }
            apply::learn(tx, mailbox, &learnt, cursor)
        })?)
    }
}

/// What a server handed out of what was asked for.
struct Handed {
    mails: Vec<RawMail>,
    /// Not finished, so nobody's mail yet: Gmail shows them in All Mail as well, and shows another one when
    /// it is sent.
    drafts: Vec<u32>,
}

/// Whether an error can be one mail's fault: bytes that the protocol parser can't bear, or more of
/// them than were asked for.
fn is_about_the_mail(error: &ImapError) -> bool {
    matches!(error, ImapError::Garbled { .. } | ImapError::TooLarge { .. })
}

/// Groups of at most [`CHUNK`] mails and [`CHUNK_BYTES`] bytes.
fn chunks(entries: &[Entry]) -> Vec<&[Entry]> {
    let mut found = Vec::new();
    let mut rest = entries;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fitting = rest.iter().take(CHUNK).take_while(|entry| {
            bytes += u64::from(entry.size).min(inbound::MAX_BYTES as u64);
            bytes <= CHUNK_BYTES
        });
        let (head, tail) = rest.split_at(fitting.count().max(1).min(rest.len()));
        found.push(head);
        rest = tail;
    }
    found
}
