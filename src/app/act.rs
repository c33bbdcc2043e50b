//! The one door for what a person decides of what waits: an item and an action → what became of it, or
//! a refusal in words. The terminal and the answers to the daily mail both go through it; each action is
//! one decision that `undo` takes back.
//!
//! A new kind of item: a variant of [`Item`] and of [`Kind`] with its words, its case in
//! `store::review::find`, and an arm below.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::Transaction;

use super::App;
use super::correct::WordError;
use crate::domain::act::{Action, Item, Kind, Word};
use crate::domain::correction::Verdict;
use crate::store::corrections::Wish;
use crate::store::decisions::{self, Change, FollowUpWord};
use crate::store::review::{self, Found};
use crate::store::{Store, StoreError};

/// What an action came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// The item.
    pub item: Item,
    /// What follows from it, in one sentence.
    pub said: String,
    /// What came back to it was waiting for this word: `App::consider` is to run after the transaction.
    pub looks_again: bool,
}

impl App<'_> {
    /// Takes a person's word on an item, and everything that follows from it.
    ///
    /// # Errors
    /// If the item does not wait, takes no such word, or the store fails; then nothing is kept.
    pub fn act(&self, store: &mut Store, item: Item, action: &Action, now: Timestamp) -> Result<Acted, WordError> {
        let acted = store.write(|tx| self.act_in(tx, item, action, now))?;
        if acted.looks_again {
            self.consider(store, now, |_| {})?;
        }
        Ok(acted)
    }

    /// The same inside a transaction. A refusal has changed nothing that a person decided.
    ///
    /// # Errors
    /// If the item does not wait, takes no such word, or the store fails.
    pub fn act_in(
        &self,
        tx: &Transaction<'_>,
        item: Item,
        action: &Action,
        now: Timestamp,
    ) -> Result<Acted, WordError> {
        let found = review::find(tx, item)?.ok_or_else(|| gone(item))?;
        let word = found.kind.take(action.word()).map_err(|why| WordError::Refused(format!("{item}: {why}")))?;
        let done = match item {
            Item::Mail(id) if word == Word::Recruiter => return self.is_recruiters(tx, id, &found, now),
            _ if word == Word::Never => never(tx, item, &found, now)?,
            Item::Mail(id) => decide_mail(tx, id, &found, word, action, now)?,
            Item::Proposal(message) => {
                let own = self.config.own_addresses();
                decisions::decide_proposal(tx, message, word == Word::Yes, &own, now)?
            }
            Item::Answer { outreach, message } => {
                decisions::decide_answer(tx, outreach, message, word == Word::Yes, now)?
            }
            Item::FollowUp(outreach) => {
                self.follow_up_word(tx, outreach, word, action, now)?;
                true
            }
            Item::Next(id) if word == Word::Yes => self.accept_next_step(tx, id, now)?,
            Item::Next(id) => decisions::decide_next_step(tx, id, false, None, None, now)?,
        };
        if !done {
            return Err(gone(item));
        }
        Ok(Acted { item, said: said(found.kind, word), looks_again: matches!(item, Item::Proposal(_)) })
    }

    fn follow_up_word(
        &self,
        tx: &Transaction<'_>,
        outreach: i64,
        word: Word,
        action: &Action,
        now: Timestamp,
    ) -> Result<(), WordError> {
        let word = match (word, action) {
            (Word::Done, _) => FollowUpWord::Done,
            (Word::Stop, _) => FollowUpWord::Stopped,
            (_, Action::Snooze(until)) => FollowUpWord::Snoozed(*until),
            _ => return self.write_follow_up(tx, outreach, &change(action), &BTreeMap::new(), now),
        };
        self.say_of_follow_up(tx, outreach, &word, now)
    }

    fn is_recruiters(&self, tx: &Transaction<'_>, id: i64, found: &Found, now: Timestamp) -> Result<Acted, WordError> {
        let Some(inquiry) = found.inquiry else { return Err(gone(Item::Mail(id))) };
        let wish = Wish::Verdict { verdict: Verdict::Recruiter(true), only: false };
        let taken = self.correct_in(tx, inquiry, &[wish], now)?;
        Ok(Acted {
            item: Item::Mail(id),
            // what else blocks it keeps it held
            said: match taken.released.contains(&id) {
                true => said(found.kind, Word::Recruiter),
                false => format!("noted; something else holds the answer: checkback why {inquiry}"),
            },
            looks_again: false,
        })
    }
}

fn decide_mail(
    tx: &Transaction<'_>,
    id: i64,
    found: &Found,
    word: Word,
    action: &Action,
    now: Timestamp,
) -> Result<bool, WordError> {
    if word == Word::No {
        return Ok(decisions::reject(tx, id, now)?);
    }
    let change = change(action);
    let text = change.text.or(found.words.as_ref().map(|(_, text)| text.as_str()));
    if text.is_none_or(|text| text.trim().is_empty()) {
        return Err(WordError::Refused(format!("m{id} has no text to send; write one with: edit, or say no")));
    }
    Ok(decisions::approve_as(tx, id, &change, now)?)
}

fn change(action: &Action) -> Change<'_> {
    match action {
        Action::SendEdited { subject, text } => Change { subject: subject.as_deref(), text: Some(text), draft: false },
        Action::Draft => Change { draft: true, ..Change::default() },
        _ => Change::default(),
    }
}

fn never(tx: &Transaction<'_>, item: Item, found: &Found, now: Timestamp) -> Result<bool, WordError> {
    let Some(person) = &found.person else {
        return Err(WordError::Refused(format!("{item} names nobody; checkback people never ADDRESS")));
    };
    let listed: Result<_, StoreError> = decisions::never(tx, person.as_str(), now);
    match listed? {
        Some(_) => Ok(true),
        None => Err(WordError::Refused(format!("{person} stands on the never list already; say no"))),
    }
}

fn gone(item: Item) -> WordError {
    WordError::Refused(format!("{item} does not wait (any more); checkback review lists what does"))
}

fn said(kind: Kind, word: Word) -> String {
    let said = match (kind, word) {
        (Kind::Proposal, Word::Yes) => "logged as outreach",
        (Kind::Proposal, _) => "no outreach; remembered for this person",
        (Kind::Answer, Word::Yes) => "counts as an answer",
        (Kind::Answer, Word::No) => "does not count as an answer",
        (Kind::NextStep, Word::Yes) => "done; what it writes goes into Drafts",
        (Kind::NextStep, Word::No) => "nothing is done",
        (_, Word::Never) => "never written to by machine again",
        (Kind::HeldAnswer, Word::Recruiter) => "a recruiter; the answer leaves after a last check",
        (Kind::HeldAnswer, Word::Send | Word::Edit) => "leaves after a last check",
        (Kind::Unknown, Word::Send) => "sent again",
        (Kind::Unknown, _) => "counts as sent",
        (_, Word::Draft) => "goes into Drafts",
        (Kind::FollowUp, Word::Done) => "done",
        (Kind::FollowUp, Word::Snooze) => "waits until then",
        (Kind::FollowUp, Word::Stop) => "stopped: no further follow-up",
        (Kind::FollowUp, Word::Send | Word::Edit) => "leaves after a last check",
        (_, Word::Send | Word::Edit) => "is sent",
        _ => "does not leave",
    };
    said.to_owned()
}

#[cfg(test)]
mod tests;
