//! Mail of ours that left: what follows from it, and how its copy in a folder is known again.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction};

use super::{App, AppError, ingest};
use crate::config::Account;
use crate::domain::decide::{Decision, Fact};
use crate::domain::delivery::Errand;
use crate::domain::gist::Gist;
use crate::domain::ident::NamedAddress;
use crate::domain::{matching, outreach};
use crate::store::apply::{self, Pursuit, Subject};
use crate::store::cases::{self, StoredMail};
use crate::store::found::{self, is_copy, one_line};
use crate::store::outbox::{self, OutboxRow};
use crate::store::{StoreError, mailboxes};

/// What the server has of a mail of ours.
#[derive(Debug)]
pub enum OnServer {
    /// Nothing that was read.
    Nothing,
    /// The draft, which nobody has sent.
    Draft,
    /// The mail as it left.
    Left(Box<StoredMail>),
}

impl App<'_> {
    /// Notes what follows from a mail that left: the day that an answer promised, the outreach that
    /// a mail of the user's began or went on with.
    ///
    /// # Errors
    /// If the store fails.
    pub fn left(&self, tx: &Transaction<'_>, row: &OutboxRow, at: Timestamp) -> Result<(), AppError> {
        match row.errand {
            Errand::Answer => self.answer_left(tx, row, at),
            _ if row.pursuit == Pursuit::None => Ok(()),
            _ => {
                let (message, gist) = Self::learn_own(tx, row, at)?;
                let subject = Subject { message, account: row.account_id, gist: &gist, at };
                self.pursue(tx, row, &subject, std::slice::from_ref(&row.recipient))
            }
        }
    }

    /// What the server has of a mail that is to leave, or whose fate is unknown: a restored backup, a crash or a
    /// lost answer knows nothing of it. The same answer in other words or from elsewhere is for the rules to
    /// see. Where everything is shown, a draft lies there before anybody sent it.
    ///
    /// # Errors
    /// If the store fails.
    pub fn on_server(&self, conn: &Connection, row: &OutboxRow) -> Result<OnServer, StoreError> {
        let message = match (row.errand, row.state.as_str()) {
            (Errand::Answer, "claimed") => found::by_id(conn, &row.message_id)?,
            _ => found::on_server(conn, row)?,
        };
        let mail = message.map(|message| cases::mail(conn, message)).transpose()?.flatten();
        Ok(match mail {
            Some(mail) if row.mode != "draft" || is_sent(&mail) => OnServer::Left(Box::new(mail)),
            Some(mail) if mail.gist.message_id.as_ref() == Some(&row.message_id) => OnServer::Draft,
            _ => OnServer::Nothing,
        })
    }

    /// What is to become of the copy in Sent. Mail to the user needs none, for it comes in; where it goes
    /// elsewhere, the copy tells a restored backup that it left.
    pub fn copy_of(&self, account: &Account, row: &OutboxRow) -> &'static str {
        match row.errand {
            Errand::Digest if self.own.contains(&row.recipient.address) => "none",
            _ if account.server_makes_copies() => "server",
            _ => "due",
        }
    }

    /// Mail that names one of ours of unknown fate, an answer or a bounce, proves that it left.
    pub(super) fn prove_left(&self, tx: &Transaction<'_>, mail: &StoredMail, now: Timestamp) -> Result<(), AppError> {
        let returned = mail.gist.bounce.iter().filter_map(|bounce| bounce.original_message_id.as_ref());
        for id in mail.gist.parents().chain(returned) {
            let Some(row) = outbox::by_message_id(tx, id)?.filter(|row| row.state == "unknown") else { continue };
            outbox::settle(tx, &row, "sent", "it left: somebody's mail names it", now)?;
            for account in &self.config.accounts {
                if mailboxes::account(tx, &account.name)?.is_some_and(|known| known.id == row.account_id) {
                    outbox::set_copy(tx, row.id, self.copy_of(account, &row))?;
                }
            }
            self.left(tx, &row, row.settled_at.unwrap_or(row.decided_at))?;
        }
        Ok(())
    }

    /// A mail of ours as it left is known at once, so that an answer finds it before its copy in Sent
    /// is read.
    fn learn_own(tx: &Transaction<'_>, row: &OutboxRow, at: Timestamp) -> Result<(i64, Gist), AppError> {
        if let Some(known) = found::own_mail(tx, &row.message_id)? {
            return Ok((known.id, known.gist));
        }
        let gist = ingest::read_one(row.bytes.as_deref().unwrap_or_default(), at);
        Ok((apply::learn_own(tx, row.account_id, &gist, at)?, gist))
    }

    fn pursue(
        &self,
        tx: &Transaction<'_>,
        row: &OutboxRow,
        subject: &Subject<'_>,
        asked: &[NamedAddress],
    ) -> Result<(), AppError> {
        match &row.pursuit {
            Pursuit::None => {}
            Pursuit::Begins { sequence } => {
                let outreach = apply::begin_by_hand(tx, subject, asked, row, sequence.as_deref())?;
                self.plan_one(tx, outreach, subject.at, &mut Vec::new())?;
            }
            Pursuit::Touches { outreach, .. } => {
                apply::touch(tx, subject, *outreach)?;
                self.plan_one(tx, *outreach, subject.at, &mut Vec::new())?;
            }
        }
        Ok(())
    }

    /// What a mail of the user's means that was written here and is now seen on a server: a draft that
    /// the user sent, or the copy of what left, perhaps under another id. `None`: none of these.
    pub(super) fn own_mail(&self, tx: &Transaction<'_>, mail: &StoredMail) -> Result<Option<Decision>, AppError> {
        let Some(row) = self.written_here(tx, mail)? else { return Ok(None) };
        let gist = &mail.gist;
        let by_id = gist.message_id.as_ref() == Some(&row.message_id);
        let parents: Vec<_> = gist.parents().cloned().collect();
        let answered = (!parents.is_empty() && !gist.auto_submitted).then_some(Fact::UserAnswered { parents });
        let decision = |because: String| Some(Decision { facts: answered.into_iter().collect(), because });
        match row.state.as_str() {
            // Gmail shows it in All Mail, and a draft that was thrown away lies in Trash
            _ if row.mode == "draft" && !is_sent(mail) => {
                return Ok(Some(Decision { facts: Vec::new(), because: format!("the draft m{}", row.id) }));
            }
            "drafted" => {
                outbox::settle(tx, &row, "sent", "you sent it from Drafts", mail.at)?;
                self.adopt(tx, &row, mail)?;
                return Ok(decision(format!("you sent the draft m{}", row.id)));
            }
            "claimed" | "sending" | "sent" => {}
            // a crash or an old backup: it had left after all
            _ if by_id || row.bytes.is_none() => {
                // its Date is that of the first try, and it left with the last
                let left_at = row.settled_at.map_or(mail.at, |tried| tried.max(mail.at));
                outbox::settle(tx, &row, "sent", "found on the server", left_at)?;
                self.adopt(tx, &row, mail)?;
                return Ok(decision(format!("m{}, which had left", row.id)));
            }
            _ => {
                outbox::settle(tx, &row, "sent", "found on the server under another id", mail.at)?;
                outbox::set_copy(tx, row.id, "server")?;
                self.left(tx, &row, mail.at)?;
            }
        }
        if !by_id && row.bytes.is_some() {
            // both ways: what answers the copy answers ours, and ours was seen on the server
            let (ours, _) = Self::learn_own(tx, &row, mail.at)?;
            if let Some(id) = &gist.message_id {
                apply::note_alias(tx, id, ours)?;
            }
            apply::note_alias(tx, &row.message_id, mail.id)?;
        }
        Ok(decision(format!("the copy of m{}, sent from here", row.id)))
    }

    /// The mail as the server has it is what was sent: the user may have changed it in Drafts.
    fn adopt(&self, tx: &Transaction<'_>, row: &OutboxRow, mail: &StoredMail) -> Result<(), AppError> {
        outbox::set_copy(tx, row.id, "server")?;
        let subject = Subject { message: mail.id, account: mail.account_id, gist: &mail.gist, at: mail.at };
        let asked: Vec<NamedAddress> = outreach::recipients(&mail.gist, &self.own).into_iter().cloned().collect();
        let asked = if asked.is_empty() { vec![row.recipient.clone()] } else { asked };
        self.pursue(tx, row, &subject, &asked)
    }

    /// The mail of the outbox that this one is: by its id, else by whom it goes to and its words.
    fn written_here(&self, tx: &Transaction<'_>, mail: &StoredMail) -> Result<Option<OutboxRow>, AppError> {
        let gist = &mail.gist;
        let pursued = |row: &OutboxRow| matches!(row.errand, Errand::Own | Errand::FollowUp);
        for id in gist.message_id.iter().chain(&gist.other_ids) {
            if let Some(row) = outbox::by_message_id(tx, id)? {
                return Ok(Some(row).filter(pursued));
            }
        }
        for to in outreach::recipients(gist, &self.own) {
            for row in outbox::pursued(tx, mail.account_id, &to.address)? {
                let same = if row.state == "drafted" {
                    is_draft_sent(&row, mail)
                } else {
                    row.bytes.is_some() && is_copy(&row, gist, mail.at)
                };
                if same {
                    return Ok(Some(row));
                }
            }
        }
        Ok(None)
    }
}

/// A folder that shows more than what was sent proves nothing of a draft.
fn is_sent(mail: &StoredMail) -> bool {
    matches!(mail.role.as_str(), "sent" | "outreach")
}

/// A mail client may give a draft a new id when it sends it, and the user may have changed its words:
/// the subject, or most of the words, are still there.
fn is_draft_sent(row: &OutboxRow, mail: &StoredMail) -> bool {
    let gist = &mail.gist;
    let since = mail.at >= row.decided_at && is_sent(mail);
    let subject = one_line(&gist.subject) == one_line(&row.subject);
    since && (subject || matching::alike(&gist.own_shingles, &matching::shingles(&row.text)))
}
