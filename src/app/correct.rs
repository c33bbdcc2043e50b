//! A person's word through the one door: a correction or its undoing, and everything that follows from
//! it, in one transaction.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::{App, AppError};
use crate::domain::correction::Verdict;
use crate::domain::decide::GateVerdict;
use crate::domain::policy::Rule;
use crate::store::corrections::{self, CorrectError, Corrected, Wish};
use crate::store::decisions::{self, Undone};
use crate::store::outbox::{self, OutboxRow};
use crate::store::{Store, StoreError, apply, cases};

/// Why a person's word was not taken.
#[derive(Debug, thiserror::Error)]
pub enum WordError {
    /// It makes no sense for this mail; says what would.
    #[error("{0}")]
    Refused(String),
    /// The door or the database.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for WordError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<CorrectError> for WordError {
    fn from(error: CorrectError) -> Self {
        match error {
            CorrectError::Refused(why) => Self::Refused(why),
            CorrectError::Store(error) => error.into(),
        }
    }
}

/// What a correction came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Each change in words.
    pub changes: Vec<String>,
    /// Every mail that it concerns, the named one included.
    pub concerns: Vec<i64>,
    /// Answers that are held no longer.
    pub released: Vec<i64>,
    /// Answers that were waiting and don't leave any more.
    pub stopped: Vec<i64>,
    /// Answers that had left before.
    pub left: Vec<i64>,
}

impl App<'_> {
    /// Takes a person's word about a mail.
    ///
    /// # Errors
    /// If it makes no sense for this mail, or the store fails; then nothing is kept.
    pub fn correct(
        &self,
        store: &mut Store,
        message: i64,
        wishes: &[Wish],
        now: Timestamp,
    ) -> Result<Taken, WordError> {
        store.write(|tx| self.correct_in(tx, message, wishes, now))
    }

    /// The same inside a transaction.
    pub(super) fn correct_in(
        &self,
        tx: &Transaction<'_>,
        message: i64,
        wishes: &[Wish],
        now: Timestamp,
    ) -> Result<Taken, WordError> {
        let mail = cases::mail(tx, message)?
            .ok_or_else(|| WordError::Refused(format!("there is no mail {message}; a list shows their numbers")))?;
        let Corrected { concerns, changes } = corrections::correct(tx, &mail, wishes, now)?;
        let mut taken = Taken { changes, concerns, released: Vec::new(), stopped: Vec::new(), left: Vec::new() };
        let lifts = wishes.iter().any(|wish| matches!(wish, Wish::Verdict { verdict: Verdict::Recruiter(true), .. }));
        for id in taken.concerns.clone() {
            self.take_again(tx, id, now)?;
            for row in outbox::answers_to(tx, id)? {
                self.judge_waiting(tx, &row, lifts, now, &mut taken)?;
            }
        }
        Ok(taken)
    }

    /// Takes back the latest decision of a person; all of them that came by one mail.
    ///
    /// # Errors
    /// If the store fails; then nothing is changed.
    pub fn undo(&self, store: &mut Store, now: Timestamp) -> Result<Undone, AppError> {
        let undone = store.write(|tx| self.undo_in(tx, now))?;
        // so that what is shown next is what follows; the next pass plans in any case
        if let Err(error) = self.plan(store, now) {
            tracing::warn!("what was taken back is not planned anew yet: {error}");
        }
        Ok(undone)
    }

    /// The same inside a transaction, without planning.
    pub(super) fn undo_in(&self, tx: &Transaction<'_>, now: Timestamp) -> Result<Undone, AppError> {
        let undone = decisions::undo(tx, now)?;
        if let Undone::Done { again, .. } = &undone {
            for id in again {
                self.take_again(tx, *id, now)?;
            }
        }
        Ok(undone)
    }

    /// A mail that was considered before; one that still waits for its first time keeps its turn.
    pub(super) fn take_again(&self, tx: &Transaction<'_>, id: i64, now: Timestamp) -> Result<(), AppError> {
        match cases::mail(tx, id)?.filter(|mail| !mail.pending) {
            Some(mail) => self.take(tx, &mail, now),
            None => Ok(()),
        }
    }

    /// An answer that was written before the correction: what the rules that a correction can touch say
    /// of it now. The others speak at the gate. `lifts`: it was said to be a recruiter's.
    fn judge_waiting(
        &self,
        tx: &Transaction<'_>,
        row: &OutboxRow,
        lifts: bool,
        now: Timestamp,
        taken: &mut Taken,
    ) -> Result<(), AppError> {
        let is_waiting = matches!(row.state.as_str(), "held" | "queued")
            // until the server said 354 nothing is sent of what is not claimed any more
            || (row.state == "claimed" && row.mode == "send");
        if !is_waiting {
            if row.state != "cancelled" {
                taken.left.push(row.id);
            }
            return Ok(());
        }
        let blocked: Vec<Rule> = match self.gate_answer(tx, row, now)? {
            GateVerdict::Go => Vec::new(),
            GateVerdict::Wait(rules) | GateVerdict::Cancel(rules) => rules,
        };
        let stops =
            |rule: &Rule| matches!(rule, Rule::NotHuman | Rule::AutomaticMarks | Rule::NotRecruiter | Rule::NeverList);
        if let Some(rule) = blocked.iter().find(|rule| stops(rule)) {
            outbox::settle(tx, row, "cancelled", &format!("{}: you said so", rule.as_str()), now)?;
            apply::note_blocks(tx, row, &blocked)?;
            taken.stopped.push(row.id);
        } else if lifts && row.state == "held" && !row.text.is_empty() && !blocked.contains(&Rule::Unsure) {
            outbox::requeue(tx, row, now, false, "a recruiter: you said so")?;
            taken.released.push(row.id);
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests;
