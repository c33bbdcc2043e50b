//! What a person says of the follow-up of one outreach. Each is a decision that can be undone, and the
//! outreach is planned anew on it at once.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::words::Values;
use crate::app::App;
use crate::app::correct::WordError;
use crate::domain::delivery::Errand;
use crate::domain::ident::reply_subject;
use crate::domain::sequence::life::{Bar, State, Turn};
use crate::store::apply;
use crate::store::decisions::{self, Change, FollowUpWord};
use crate::store::follow_ups;
use crate::store::{Store, StoreError};

impl App<'_> {
    /// The touch was made in another way: the step is done, and the next one counts from now.
    ///
    /// # Errors
    /// If nothing is planned for the outreach, or the store fails.
    pub fn follow_up_done(&self, store: &mut Store, outreach: i64, now: Timestamp) -> Result<(), WordError> {
        self.say(store, outreach, now, FollowUpWord::Done)
    }

    /// Not before then.
    ///
    /// # Errors
    /// If nothing is planned for the outreach, or the store fails.
    pub fn follow_up_snooze(
        &self,
        store: &mut Store,
        outreach: i64,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), WordError> {
        self.say(store, outreach, now, FollowUpWord::Snoozed(until))
    }

    /// No further follow-up for this outreach.
    ///
    /// # Errors
    /// If nothing is planned for the outreach, or the store fails.
    pub fn follow_up_stop(&self, store: &mut Store, outreach: i64, now: Timestamp) -> Result<(), WordError> {
        self.say(store, outreach, now, FollowUpWord::Stopped)
    }

    /// Goes on after a pause, a stop by the user, or what was too late: mail that came until now pauses
    /// it no more.
    ///
    /// # Errors
    /// If nothing is planned for the outreach, or the store fails.
    pub fn follow_up_go_on(&self, store: &mut Store, outreach: i64, now: Timestamp) -> Result<(), WordError> {
        self.say(store, outreach, now, FollowUpWord::GoneOn)
    }

    /// Lets the machine do what the sequence says for an outreach that was not sent from here.
    ///
    /// # Errors
    /// If there is no such outreach, or the store fails.
    pub fn follow_up_allow(&self, store: &mut Store, outreach: i64, now: Timestamp) -> Result<(), WordError> {
        self.say(store, outreach, now, FollowUpWord::Allowed)
    }

    /// Sends the finished follow-up now, as the user's own mail without a mark. It passes the gate: an answer
    /// that comes before it leaves calls it back. `said`: values for its template that only the user knows.
    ///
    /// # Errors
    /// If nothing is planned for the outreach, an answer or a bounce stopped it, its text has a gap, it is on
    /// its way already, or the store fails.
    pub fn follow_up_send(
        &self,
        store: &mut Store,
        outreach: i64,
        said: &Values,
        now: Timestamp,
    ) -> Result<(), WordError> {
        store.write(|tx| self.write_follow_up(tx, outreach, &Change::default(), said, now))
    }

    /// The same inside a transaction, with other words if the user has some, or into Drafts.
    pub(in crate::app) fn write_follow_up(
        &self,
        tx: &Transaction<'_>,
        outreach: i64,
        change: &Change<'_>,
        said: &Values,
        now: Timestamp,
    ) -> Result<(), WordError> {
        self.plan_one(tx, outreach, now, &mut Vec::new())?;
        let built = self.next_of(tx, outreach, now, |found, next| {
            let Some(next) = next else { return Ok(Err(nothing(outreach))) };
            if let Turn::Stop(bar) = next.turn
                && bar != Bar::ByYou
            {
                return Ok(Err(WordError::Refused(format!("it was stopped: {}", bar.explain()))));
            }
            let known = found.follow_ups.iter().find(|one| one.step == next.number);
            let mail = known.and_then(|one| one.mail.as_deref());
            if matches!(mail, Some("claimed" | "sending" | "unknown")) {
                let why = "it is on its way already; checkback outreach show says what became of it";
                return Ok(Err(WordError::Refused(why.to_owned())));
            }
            let words = match (change.text, self.words_of(found, &next.step.template, said, now)) {
                (Some(text), written) => {
                    let subject = written.map_or_else(|_| reply_subject(&found.subject), |(subject, _)| subject);
                    (change.subject.map_or(subject, str::to_owned), text.to_owned())
                }
                (None, Ok(words)) => words,
                (None, Err(error)) => return Ok(Err(WordError::Refused(error.to_string()))),
            };
            let generation = follow_ups::generations(tx, outreach, next.number)?;
            let mail = self.mail_of(found, &next, &words, Errand::Own, generation, now);
            Ok(mail.map(|mail| (next.number, mail)).ok_or_else(|| nothing(outreach)))
        })?;
        let (step, mut mail) = built.unwrap_or_else(|| Err(nothing(outreach)))?;
        if change.draft {
            mail.mode = "draft";
        }
        apply::cancel_mail(tx, outreach, step, Bar::Made, now)?;
        decisions::send_follow_up(tx, outreach, step, &mail, now)?;
        Ok(())
    }

    fn say(&self, store: &mut Store, outreach: i64, now: Timestamp, word: FollowUpWord) -> Result<(), WordError> {
        store.write(|tx| self.say_of_follow_up(tx, outreach, &word, now))
    }

    /// Takes a word on the follow-up of an outreach inside a transaction.
    pub(in crate::app) fn say_of_follow_up(
        &self,
        tx: &Transaction<'_>,
        outreach: i64,
        word: &FollowUpWord,
        now: Timestamp,
    ) -> Result<(), WordError> {
        self.plan_one(tx, outreach, now, &mut Vec::new())?;
        let step = match open_step(tx, outreach)? {
            Some(step) => step,
            None if *word == FollowUpWord::Allowed => 0,
            None => return Err(nothing(outreach)),
        };
        if !decisions::decide_follow_up(tx, outreach, step, word, now)? {
            return Err(nothing(outreach));
        }
        self.plan_one(tx, outreach, now, &mut Vec::new())?;
        Ok(())
    }
}

/// The step that is not done yet.
fn open_step(tx: &Transaction<'_>, outreach: i64) -> Result<Option<u32>, StoreError> {
    let plan = follow_ups::plan_of(tx, outreach)?;
    let last = |over: bool| {
        let same = plan.iter().filter(|row| row.state != State::Done && (row.state == State::Stopped) == over);
        same.map(|row| row.step).next_back()
    };
    Ok(last(false).or_else(|| last(true)))
}

fn nothing(outreach: i64) -> WordError {
    WordError::Refused(format!("no follow-up is planned for outreach {outreach}; checkback outreach show {outreach}"))
}
