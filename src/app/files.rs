//! Judging mail files: no mailbox behind them, so that the rules which need one count as met.

use std::collections::BTreeSet;

use super::ingest::is_ours;
use crate::domain::decide::{address_mark, answer_marks};
use crate::domain::gist::Gist;
use crate::domain::ident::{Address, MessageId, OwnAddresses};
use crate::domain::policy::{self, History, InquiryCase};

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
