//! What answers suggest to do next, proposed by the pass over follow-ups and decided by a person.

use jiff::Timestamp;
use rusqlite::Transaction;

use crate::app::correct::WordError;
use crate::app::words::of_person;
use crate::app::{App, AppError};
use crate::domain::delivery::Errand;
use crate::domain::ident::{DedupeKey, MessageId, NamedAddress, reply_subject};
use crate::domain::next_step::{self, NextStep};
use crate::domain::sequence::life::Happened;
use crate::domain::sequence::{Event, Step};
use crate::store::apply::{NewMail, Pursuit};
use crate::store::follow_ups::{self, Enrolled};
use crate::store::next_steps::{self, OpenStep};
use crate::store::{Store, cases, decisions};

/// The sequence that writes again on the day that was named.
const LATER: &str = "later";
/// The sequence that thanks after a meeting.
const AFTER_MEETING: &str = "thank-you";
/// The sequence that thanks whoever introduced the user.
const AFTER_INTRODUCTION: &str = "introduced";

impl App<'_> {
    /// Proposes what the latest answer to an outreach suggests, unless the user has written back.
    pub(super) fn propose_next(&self, tx: &Transaction<'_>, found: &Enrolled, now: Timestamp) -> Result<(), AppError> {
        let answer = next_steps::latest_answer(tx, found.id)?;
        let answer = match answer {
            Some(mail) if !found.signs.closed && !cases::is_answered_by_hand(tx, &mail)? => Some(mail),
            _ => None,
        };
        let step = answer
            .as_ref()
            .and_then(|mail| Some((mail, next_step::suggested(&mail.gist, mail.at, &self.config.timezone)?)));
        let because = step.as_ref().map(|(mail, _)| {
            format!("the tone of their answer is {}", mail.gist.tone.as_ref().map_or("unclear", |tone| tone.as_str()))
        });
        let wanted = step.as_ref().map(|(mail, step)| (mail.id, step, because.as_deref().unwrap_or_default()));
        Ok(next_steps::suggest(tx, found.id, wanted, now)?)
    }

    /// The finished mail of a suggestion as subject and text; `None`: it writes none now.
    ///
    /// # Errors
    /// If a template has a gap, in words.
    pub fn next_step_words(&self, step: &OpenStep, now: Timestamp) -> Result<Option<(String, String)>, String> {
        let Some(template) = template_of(&step.step) else { return Ok(None) };
        let sender = self.own_sender(&step.mail.account);
        let asks = matches!(step.step, NextStep::Other { .. });
        let reader = match &step.step {
            NextStep::Other { to, .. } => to.clone(),
            _ => step.mail.gist.from.clone().ok_or("the answer has no sender")?,
        };
        let mut values = of_person(&reader, &sender, self.config.calendar().day(now));
        match &step.step {
            NextStep::Other { referrer, .. } => {
                values.insert("referrer".to_owned(), referrer.clone());
                values.insert("about".to_owned(), step.subject.clone());
            }
            NextStep::Yes { on: Some(on) } => {
                values.insert("met_on".to_owned(), on.to_string());
            }
            _ => {}
        }
        let rendered = self.templates.render(template, None, &values).map_err(|error| error.to_string())?;
        let subject = match rendered.subject.filter(|_| asks) {
            Some(subject) => subject,
            None => reply_subject(&step.mail.gist.subject),
        };
        Ok(Some((subject, rendered.text)))
    }

    /// Does what an answer suggests: mail goes into Drafts, a day is noted. Returns whether it was open.
    ///
    /// # Errors
    /// If its mail has a gap, or the store fails.
    pub fn next_step_accept(&self, store: &mut Store, id: i64, now: Timestamp) -> Result<bool, WordError> {
        store.write(|tx| self.accept_next_step(tx, id, now))
    }

    /// The same inside a transaction.
    pub(in crate::app) fn accept_next_step(
        &self,
        tx: &Transaction<'_>,
        id: i64,
        now: Timestamp,
    ) -> Result<bool, WordError> {
        let Some(step) = next_steps::get(tx, id)? else { return Ok(false) };
        let words = self.next_step_words(&step, now).map_err(|gap| {
            WordError::Refused(format!(
                "n{id}: {gap}; write it yourself: checkback send sent-by --to \"Name <address>\""
            ))
        })?;
        let mail = words.and_then(|words| self.next_step_mail(&step, words, now));
        let event = match &step.step {
            NextStep::Later { on, .. } => Some((Event::Agreed, self.config.calendar().day_begins(*on))),
            NextStep::Yes { on: Some(on) } => Some((Event::Meeting, self.noon(*on))),
            NextStep::Yes { on: None } | NextStep::Other { .. } | NextStep::No => None,
        };
        let event = event.map(|(event, at)| Happened { event, at, who: String::new() });
        let sequence = match &event {
            Some(what) => self.sequence_for(tx, step.outreach, what.event)?,
            None => None,
        };
        let event = event.as_ref().map(|what| (what, sequence));
        let done = decisions::decide_next_step(tx, id, true, event, mail.as_ref(), now)?;
        self.plan_one(tx, step.outreach, now, &mut Vec::new())?;
        Ok(done)
    }

    /// Lets a suggestion rest. Returns whether it was open.
    ///
    /// # Errors
    /// If the store fails.
    pub fn next_step_refuse(&self, store: &mut Store, id: i64, now: Timestamp) -> Result<bool, WordError> {
        store.write(|tx| Ok(decisions::decide_next_step(tx, id, false, None, None, now)?))
    }

    /// Notes a meeting, an introduction or a day that was agreed on. Where the sequence of the outreach has
    /// no step for it, another one takes its place. Returns whether it is new.
    ///
    /// # Errors
    /// If there is no such outreach, or the store fails.
    pub fn note_event(
        &self,
        store: &mut Store,
        outreach: i64,
        what: &Happened,
        now: Timestamp,
    ) -> Result<bool, WordError> {
        store.write(|tx| {
            let sequence = self.sequence_for(tx, outreach, what.event)?;
            let done = decisions::note_event(tx, outreach, what, sequence, now)?;
            self.plan_one(tx, outreach, now, &mut Vec::new())?;
            Ok(done)
        })
    }

    /// Enrols an outreach in another sequence. Returns whether that is new.
    ///
    /// # Errors
    /// If there is no such sequence, or the store fails.
    pub fn change_sequence(
        &self,
        store: &mut Store,
        outreach: i64,
        name: &str,
        now: Timestamp,
    ) -> Result<bool, WordError> {
        self.may_enrol(name).map_err(WordError::Refused)?;
        store.write(|tx| {
            let done = decisions::change_sequence(tx, outreach, name, now)?;
            self.plan_one(tx, outreach, now, &mut Vec::new())?;
            Ok(done)
        })
    }

    /// Whether a sequence can be followed: it is there, without a mistake, and so are its templates.
    ///
    /// # Errors
    /// In words, if it can't.
    pub fn may_enrol(&self, name: &str) -> Result<(), String> {
        if name == super::NO_SEQUENCE {
            return Ok(());
        }
        let sequence = self.config.sequences.find(name)?;
        let missing = |step: &&Step| self.templates.source(&step.template).is_none();
        match sequence.steps.iter().find(missing) {
            Some(step) => Err(format!(
                "the sequence {name} names the mail template {}, which is not there: checkback sequence check {name}",
                step.template
            )),
            None => Ok(()),
        }
    }

    /// The sequence in which something follows such an event, if that of the outreach has no step for it.
    fn sequence_for(
        &self,
        tx: &Transaction<'_>,
        outreach: i64,
        event: Event,
    ) -> Result<Option<&'static str>, AppError> {
        let found = follow_ups::enrolled(tx, outreach, &self.config.never)?;
        let name = found.and_then(|found| found.sequence).unwrap_or_default();
        let follows = self.config.sequences.get(&name).is_some_and(|sequence| sequence.follows(event));
        let other = match event {
            Event::Agreed => LATER,
            Event::Meeting => AFTER_MEETING,
            Event::Introduced => AFTER_INTRODUCTION,
        };
        Ok(Some(other).filter(|_| !follows))
    }

    fn next_step_mail(&self, step: &OpenStep, (subject, text): (String, String), now: Timestamp) -> Option<NewMail> {
        let template = template_of(&step.step)?;
        let gist = &step.mail.gist;
        let sender = self.own_sender(&step.mail.account);
        let parents: Vec<MessageId> = gist.parents().chain(&gist.message_id).cloned().collect();
        let (recipient, in_reply_to, references, pursuit) = match &step.step {
            NextStep::Other { to, .. } => {
                let sequence = self.config.follow_up.sequence.clone();
                (to.clone(), None, Vec::new(), Pursuit::Begins { sequence })
            }
            _ => (gist.from.clone()?, gist.message_id.clone(), parents, Pursuit::None),
        };
        let key = DedupeKey::new(&step.mail.account, gist.root(), &recipient.address, template, 0, 0);
        Some(NewMail {
            message_id: key.message_id(self.secret, sender.address.domain()),
            key,
            account: step.mail.account_id,
            errand: Errand::Own,
            purpose: template.to_owned(),
            mode: "draft",
            inquiry: None,
            sender,
            recipient,
            subject,
            text,
            html: None,
            in_reply_to,
            references,
            held: None,
            due_at: now,
            marks: Vec::new(),
            root: gist.root().to_owned(),
            pursuit,
        })
    }

    fn own_sender(&self, account: &str) -> NamedAddress {
        let account = self.account_config(account);
        NamedAddress {
            name: account.and_then(|account| account.display_name.clone()),
            address: account.map_or_else(|| self.config.reminders.to.clone(), |account| account.email.clone()),
        }
    }

    /// A day counts from noon, so that no zone moves it to another one.
    fn noon(&self, day: jiff::civil::Date) -> Timestamp {
        let noon = day.at(12, 0, 0, 0).to_zoned(self.config.timezone.clone());
        noon.map_or_else(|_| self.config.calendar().day_begins(day), |noon| noon.timestamp())
    }
}

fn template_of(step: &NextStep) -> Option<&'static str> {
    match step {
        NextStep::Later { .. } => None,
        NextStep::Other { .. } => Some("sent-by"),
        NextStep::Yes { on: Some(_) } => Some("yes-thanks-day"),
        NextStep::Yes { on: None } => Some("yes-thanks"),
        NextStep::No => Some("no-thanks"),
    }
}
