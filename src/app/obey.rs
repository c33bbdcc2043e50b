//! Answers to the daily mail: a mail in the user's own Sent folder that bears a token above the quote →
//! decisions through the one door, in the transaction that considers the mail.
//!
//! Who can put a mail into Sent holds the mailbox; who knows a token has read the daily mail. Either alone
//! does nothing.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::correct::WordError;
use super::{App, AppError};
use crate::domain::act::{self, Action, Word};
use crate::domain::command::{self, Target};
use crate::domain::delivery::Errand;
use crate::domain::gist::{Gist, Kind};
use crate::domain::ident::{DedupeKey, NamedAddress};
use crate::store::apply::{self, NewMail, Pursuit};
use crate::store::cases::StoredMail;
use crate::store::decisions::{self, Undone};
use crate::store::mail_commands::{self, Offered, Token};

/// The purpose of a confirmation in the outbox.
pub const CONFIRM: &str = "confirm";

/// What one answer came to.
#[derive(Debug, Default)]
struct Outcome {
    done: Vec<String>,
    refused: Vec<String>,
}

impl App<'_> {
    /// Carries out what a mail commands, if it bears a token; once, whatever folder it is seen in again.
    pub(super) fn obey(&self, tx: &Transaction<'_>, mail: &StoredMail, now: Timestamp) -> Result<(), AppError> {
        let gist = &mail.gist;
        if gist.tokens.is_empty() || mail_commands::is_obeyed(tx, mail.id)? {
            return Ok(());
        }
        let own = gist.author().is_some_and(|author| self.own.contains(author));
        if !own || !mail.ours || !mail_commands::lies_in_sent(tx, mail.id)? {
            return self.note_stray(tx, mail, own, now);
        }
        let mut outcome = Outcome::default();
        if gist.kind != Kind::Human || gist.auto_submitted || gist.forward {
            // the user's own, and no command
            return Ok(mail_commands::note(tx, mail.id, true, &outcome.refused, now)?);
        }
        let alone = self.goes_to_the_user_alone(gist);
        let known = match gist.tokens.as_slice() {
            [token] => mail_commands::token(tx, token)?,
            _ => None,
        };
        match &known {
            _ if !alone => {
                let said = command::parse(&gist.text);
                if said.undo || !said.orders.is_empty() {
                    outcome.refused.push("it went to others too; write to yourself alone".to_owned());
                }
            }
            Some(token) if now < token.expires_at => self.carry_out(tx, mail, token, now, &mut outcome)?,
            Some(_) => outcome.refused.push("the daily mail that it answers is older than seven days".to_owned()),
            None if gist.tokens.len() > 1 => outcome.refused.push("it bears several tokens above the quote".to_owned()),
            None => outcome.refused.push("its token is not known here".to_owned()),
        }
        mail_commands::note(tx, mail.id, true, &outcome.refused, now)?;
        if alone && known.is_some() && self.config.reminders.confirm {
            apply::write_mail(tx, &self.confirmation(mail, &outcome, now), now)?;
        }
        Ok(())
    }

    /// A mail with a token that was handed out, and that is none of the user's own in Sent: it does nothing, and
    /// is told. The daily mail itself, what returns it, and what announces an absence are none.
    fn note_stray(&self, tx: &Transaction<'_>, mail: &StoredMail, own: bool, now: Timestamp) -> Result<(), AppError> {
        let gist = &mail.gist;
        let explained = matches!(gist.kind, Kind::Bounce | Kind::Delay | Kind::OutOfOffice);
        if explained || (own && gist.auto_submitted) {
            return Ok(());
        }
        for token in &gist.tokens {
            if mail_commands::token(tx, token)?.is_some() {
                let why = "it does not lie in your Sent folder, or is not from you".to_owned();
                return Ok(mail_commands::note(tx, mail.id, false, &[why], now)?);
            }
        }
        Ok(())
    }

    fn goes_to_the_user_alone(&self, gist: &Gist) -> bool {
        let own = |entry: &NamedAddress| self.own.contains(&entry.address);
        let mut readers = gist.addressees().chain(&gist.bcc).peekable();
        readers.peek().is_some() && readers.all(own)
    }

    fn carry_out(
        &self,
        tx: &Transaction<'_>,
        mail: &StoredMail,
        token: &Token,
        now: Timestamp,
        outcome: &mut Outcome,
    ) -> Result<(), AppError> {
        let text = match token.number {
            // a link says itself what it is for; what stands in the mail is for its reader
            Some(_) => token.action.clone(),
            None => mail.gist.text.clone(),
        };
        let orders = command::parse(&text);
        let (head, _) = mail.gist.subject.split_once('[').unwrap_or_default();
        let claimed = command::parse(head);
        let other = claimed.undo || (!claimed.orders.is_empty() && claimed.orders != orders.orders);
        if token.number.is_some() && other {
            outcome.refused.push(format!("{}: its token is for “{}”", head.trim(), token.action));
            return Ok(());
        }
        if orders.undo {
            return match orders.orders.is_empty() && orders.mangled.is_empty() {
                true => self.undo_by_mail(tx, token, outcome, now),
                false => {
                    outcome.refused.push("undo stands alone in its mail: nothing of this one was done".to_owned());
                    Ok(())
                }
            };
        }
        for line in &orders.mangled {
            outcome.refused.push(format!("“{line}” is not understood"));
        }
        if orders.orders.is_empty() && orders.mangled.is_empty() {
            outcome.refused.push("no command stands above the quote; write for example: send 1".to_owned());
        }
        let before = decisions::last(tx)?;
        for order in &orders.orders {
            let action = match self.action(order.word, &order.until, &mail.gist, now) {
                Ok(action) => action,
                Err(why) => {
                    outcome.refused.push(why);
                    continue;
                }
            };
            for target in &order.targets {
                let said = format!("{} {target}", order.word.as_str());
                // read anew: what was said before may have changed it
                let offered = mail_commands::offered(tx, token.daily)?;
                match self.one(tx, token, &offered, *target, &action, now) {
                    Ok(what) => outcome.done.push(format!("{said}: {what}")),
                    Err(WordError::Refused(why)) => outcome.refused.push(format!("{said}: {why}")),
                    Err(WordError::App(error)) => return Err(error),
                }
            }
        }
        Ok(decisions::join(tx, before, mail.id)?)
    }

    /// Takes back the last answer by mail, all of it, unless something else was decided since.
    fn undo_by_mail(
        &self,
        tx: &Transaction<'_>,
        token: &Token,
        outcome: &mut Outcome,
        now: Timestamp,
    ) -> Result<(), AppError> {
        if token.number.is_some() {
            outcome.refused.push(format!("undo: its token is for “{}”", token.action));
            return Ok(());
        }
        let undone = match decisions::latest_came_by_mail(tx)? {
            None => Undone::Nothing,
            Some(true) => self.undo_in(tx, now)?,
            Some(false) => {
                let why = "undo: your last decision came by no mail; checkback undo takes it back";
                outcome.refused.push(why.to_owned());
                return Ok(());
            }
        };
        match undone {
            Undone::Nothing => outcome.refused.push("undo: there is nothing to take back".to_owned()),
            Undone::TooLate { because, .. } => outcome.refused.push(format!("undo: too late: {because}")),
            Undone::Done { what, about, left, .. } => {
                outcome.done.push(format!("undo: taken back: {what} {about}"));
                outcome.refused.extend(left.iter().map(|one| format!("undo: not taken back: {one}")));
            }
        }
        Ok(())
    }

    fn one(
        &self,
        tx: &Transaction<'_>,
        token: &Token,
        offered: &[Offered],
        target: Target,
        action: &Action,
        now: Timestamp,
    ) -> Result<String, WordError> {
        let refused = |why: &str| Err(WordError::Refused(why.to_owned()));
        let is_it = |one: &&Offered| match target {
            Target::Number(number) => one.number == number,
            Target::Item(item) => one.item == item,
        };
        match offered.iter().find(is_it) {
            None => refused("that mail has no such item"),
            Some(one) if token.number.is_some_and(|number| number != one.number) => {
                refused("its token is for another item")
            }
            Some(one) if one.used => refused("an earlier answer decided it; checkback undo takes that back"),
            Some(one) if one.changed => refused("it has changed since that mail; the next one shows it as it is"),
            Some(one) => {
                let acted = self.act_in(tx, one.item, action, now)?;
                mail_commands::use_up(tx, token.daily, one.number, now)?;
                Ok(acted.said)
            }
        }
    }

    fn action(&self, word: Word, until: &str, gist: &Gist, now: Timestamp) -> Result<Action, String> {
        match word {
            Word::Snooze => act::moment(until, &self.config.timezone, now).map(Action::Snooze),
            Word::Edit => match &gist.marked {
                Some(text) => Ok(Action::SendEdited { subject: None, text: format!("{text}\n") }),
                None => Err("edit: the text to send did not stand between the two marks".to_owned()),
            },
            _ => Action::of(word).ok_or_else(|| format!("“{}” needs more words", word.as_str())),
        }
    }

    /// One short mail for all commands of one answer.
    fn confirmation(&self, mail: &StoredMail, outcome: &Outcome, now: Timestamp) -> NewMail {
        let account = self.account_config(&mail.account);
        let to = mail.gist.author().cloned().unwrap_or_else(|| self.config.reminders.to.clone());
        let sender = account.map_or_else(|| to.clone(), |account| account.email.clone());
        let key = DedupeKey::new(&mail.account, mail.gist.root(), &to, CONFIRM, 0, 0);
        let mut text = String::new();
        for one in &outcome.done {
            text.push_str(&format!("{one}.\n"));
        }
        if !outcome.refused.is_empty() {
            text.push_str(if text.is_empty() { "Nothing was done:\n" } else { "\nNot done:\n" });
            for one in &outcome.refused {
                text.push_str(&format!("{one}.\n"));
            }
        }
        if !outcome.done.is_empty() {
            text.push_str("\nAnother answer to the daily mail with the word undo takes all of it back, and so does: checkback undo\n");
        }
        let subject = match (outcome.done.len(), outcome.refused.len()) {
            (done, 0) => format!("Done: {done}"),
            (0, refused) => format!("Not done: {refused}"),
            (done, refused) => format!("Done: {done}, not done: {refused}"),
        };
        NewMail {
            message_id: key.message_id(self.secret, sender.domain()),
            root: String::new(),
            key,
            account: mail.account_id,
            errand: Errand::Digest,
            purpose: CONFIRM.to_owned(),
            mode: "send",
            inquiry: None,
            sender: NamedAddress { name: Some("checkback".to_owned()), address: sender },
            recipient: NamedAddress { name: None, address: to },
            subject,
            text,
            html: None,
            in_reply_to: mail.gist.message_id.clone(),
            references: mail.gist.message_id.iter().cloned().collect(),
            held: None,
            due_at: now,
            marks: Vec::new(),
            pursuit: Pursuit::None,
        }
    }
}
