//! Mail files: no mailbox behind them, so that the rules which need one count as met.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::ingest::is_ours;
use super::{App, AppError};
use crate::config::Config;
use crate::domain::decide::{address_mark, answer_marks};
use crate::domain::gist::Gist;
use crate::domain::ident::{Address, MessageId, OwnAddresses};
use crate::domain::policy::{self, History, InquiryCase};
use crate::mail::compose::Templates;
use crate::store::apply::{self, Learnt};
use crate::store::mailboxes::{self, AccountRow, Examined, MailboxRow};
use crate::store::{Store, StoreError};

/// A mailbox made of mail files: the same door as over a server, into a database that lives as long
/// as this value.
#[derive(Debug)]
pub struct FileMailbox {
    store: Store,
    account: AccountRow,
    own: OwnAddresses,
    /// The folder of each role, and its last UID.
    folders: BTreeMap<&'static str, (MailboxRow, u32)>,
}

impl FileMailbox {
    /// An empty one.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn new(own: OwnAddresses, now: Timestamp) -> Result<Self, StoreError> {
        let mut store = Store::temporary()?;
        let account = store.write::<_, StoreError>(|tx| mailboxes::open_account(tx, "file", &[], now))?;
        Ok(Self { store, account, own, folders: BTreeMap::new() })
    }

    /// Learns mails, each with the role of its folder and the time it came, in one transaction.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn learn(
        &mut self,
        mails: impl IntoIterator<Item = (&'static str, Timestamp, Gist)>,
    ) -> Result<(), StoreError> {
        let (account, own, folders) = (&self.account, &self.own, &mut self.folders);
        self.store.write(|tx| {
            for (role, received, gist) in mails {
                let (mailbox, uid) = match folders.entry(role) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => {
                        let (folder, role) = (role.to_owned(), role.to_owned());
                        let seen = Examined { folder, role, uid_validity: 1, uid_next: 1 };
                        new.insert((mailboxes::open_mailbox(tx, account, &seen)?, 0))
                    }
                };
                *uid += 1;
                let ours = is_ours(&gist, role, own);
                apply::learn(tx, mailbox, &[Learnt { uid: *uid, received, ours, thread: String::new(), gist }], *uid)?;
            }
            Ok(())
        })
    }

    /// Considers everything in order of date and gives the database.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn judged(mut self, config: &Config, now: Timestamp, progress: impl FnMut(usize)) -> Result<Store, AppError> {
        let templates = Templates::shipped();
        let app = App { config, templates: &templates, secret: &[], own: self.own, live: false };
        app.consider(&mut self.store, now, progress)?;
        Ok(self.store)
    }

    /// Whether the user wrote a mail of that folder.
    pub fn is_ours(&self, gist: &Gist, role: &str) -> bool {
        is_ours(gist, role, &self.own)
    }
}

/// Judges the mails of some files as one mailbox, in the order of their dates.
#[derive(Debug, Default)]
pub struct FileJudge {
    own: OwnAddresses,
    written_to: BTreeSet<String>,
    our_ids: BTreeSet<MessageId>,
    answered: BTreeSet<String>,
}

impl FileJudge {
    /// A judge who knows the user's addresses (perhaps none) and nothing of the past.
    pub fn new(own: OwnAddresses) -> Self {
        Self { own, ..Self::default() }
    }

    /// The rules that block an answer to this mail; what is not blocked counts as answered from now
    /// on. `role` is that of its folder, `sent` or `junk` where it is known.
    pub fn judge(&mut self, gist: &Gist, role: &str) -> Vec<&'static str> {
        let case = InquiryCase {
            gist,
            own: &self.own,
            employer_domains: &[],
            never: &[],
            in_junk: role == "junk",
            history: self.history(gist),
            authserv_id: None,
            live: None,
        };
        let blocked: Vec<&'static str> = policy::judge(&case).into_iter().map(|rule| rule.as_str()).collect();
        if is_ours(gist, role, &self.own) {
            self.learn_ours(gist);
        } else if blocked.is_empty() {
            self.answered.extend(answer_marks(gist));
        }
        blocked
    }

    fn history(&self, gist: &Gist) -> History {
        let mut senders = gist.author().into_iter().chain(&gist.sender).chain(&gist.reply_to);
        History {
            wrote_before: senders.any(|address| self.written_to.contains(&address.mailbox_key())),
            answers_us: gist.parents().any(|id| self.our_ids.contains(id)),
            already_answered: answer_marks(gist).iter().any(|mark| self.answered.contains(mark)),
            ..History::default()
        }
    }

    fn learn_ours(&mut self, gist: &Gist) {
        self.our_ids.extend(gist.message_id.iter().chain(&gist.other_ids).cloned());
        if gist.auto_submitted {
            self.answered.extend(gist.to.iter().filter_map(|to| address_mark(&to.address)));
        } else {
            let written = gist.addressees().chain(&gist.bcc).map(|to| &to.address);
            self.written_to.extend(written.map(Address::mailbox_key));
        }
    }
}
