//! What a person says of the follow-up of one outreach. Each is a decision that can be undone, and the
//! outreach is planned anew on it at once.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction};

use super::words::Values;
use crate::app::App;
use crate::app::correct::WordError;
use crate::domain::asked::{Objection, moment};
use crate::domain::delivery::Errand;
use crate::domain::ident::reply_subject;
use crate::domain::sequence::life::{Bar, Next, State, Turn};
use crate::domain::sequence::{Event, When};
use crate::store::apply::{self, NewMail};
use crate::store::decisions::{self, Change, FollowUpWord};
use crate::store::follow_ups::{self, Enrolled};
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
        let against = self.follow_up_send_asked(store, outreach, said, false, now)?;
        if against.is_empty() { Ok(()) } else { Err(self.objected(outreach, &against)) }
    }

    /// The same, unless something stands against it, which is given back then. `anyway`: whatever does.
    ///
    /// # Errors
    /// As above.
    pub fn follow_up_send_asked(
        &self,
        store: &mut Store,
        outreach: i64,
        said: &Values,
        anyway: bool,
        now: Timestamp,
    ) -> Result<Vec<Objection>, WordError> {
        store.write(|tx| self.write_follow_up(tx, outreach, &Change::default(), said, anyway, now))
    }

    /// What stands against a follow-up, for those who can't be asked.
    pub(in crate::app) fn objected(&self, outreach: i64, against: &[Objection]) -> WordError {
        let words: Vec<String> = against.iter().map(|one| one.in_words(&self.config.timezone)).collect();
        let anyway = format!("checkback outreach follow {outreach} send --anyway sends it all the same");
        WordError::Refused(format!("{}; {anyway}", words.join("; ")))
    }

    /// The same inside a transaction, with other words if the user has some, or into Drafts.
    pub(in crate::app) fn write_follow_up(
        &self,
        tx: &Transaction<'_>,
        outreach: i64,
        change: &Change<'_>,
        said: &Values,
        anyway: bool,
        now: Timestamp,
    ) -> Result<Vec<Objection>, WordError> {
        self.plan_one(tx, outreach, now, &mut Vec::new())?;
        let built = self.next_of(tx, outreach, now, |found, next| {
            let Some(next) = next else { return Ok(Err(nothing(outreach))) };
            if let Turn::Stop(bar) = next.turn
                && bar != Bar::ByYou
            {
                return Ok(Err(WordError::Refused(format!("it was stopped: {}", bar.explain()))));
            }
            if let Some(event) = self.to_come(found, &next, now) {
                return Ok(Err(WordError::Refused(event)));
            }
            let known = found.follow_ups.iter().find(|one| one.step == next.number);
            let mail = known.and_then(|one| one.mail.as_deref());
            if mail == Some("asked") {
                let why = "it was asked for already and leaves with the next sync; checkback undo stops it";
                return Ok(Err(WordError::Refused(why.to_owned())));
            }
            if matches!(mail, Some("claimed" | "sending" | "unknown")) {
                let why = "it is on its way already; checkback outreach show says what became of it";
                return Ok(Err(WordError::Refused(why.to_owned())));
            }
            if !anyway && !change.draft {
                let against = self.against(tx, found, &next, now)?;
                if !against.is_empty() {
                    return Ok(Ok(Written::Objected(against)));
                }
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
            let written = mail.map(|mail| Written::Mail(next.number, Box::new(mail)));
            Ok(written.ok_or_else(|| nothing(outreach)))
        })?;
        let (step, mut mail) = match built.unwrap_or_else(|| Err(nothing(outreach)))? {
            Written::Objected(against) => return Ok(against),
            Written::Mail(step, mail) => (step, mail),
        };
        if change.draft {
            mail.mode = "draft";
        }
        apply::cancel_mail(tx, outreach, step, Bar::Made, now)?;
        decisions::send_follow_up(tx, outreach, step, &mail, now)?;
        Ok(Vec::new())
    }

    /// Why a step can't go yet: what it thanks for has not been.
    fn to_come(&self, found: &Enrolled, next: &Next<'_>, now: Timestamp) -> Option<String> {
        let When::Event(event @ (Event::Meeting | Event::Introduced), _) = next.step.when else { return None };
        let at = found.signs.happened.iter().filter(|one| one.event == event).map(|one| one.at).max()?;
        let day = moment(at, &self.config.timezone);
        (at > now).then(|| format!("{} is yet to be, on {day}: it can be sent from then on", event.explain()))
    }

    /// What stands against sending a follow-up now.
    fn against(
        &self,
        tx: &Transaction<'_>,
        found: &Enrolled,
        next: &Next<'_>,
        now: Timestamp,
    ) -> Result<Vec<Objection>, StoreError> {
        let calendar = self.calendar_of(found);
        let mut against = Vec::new();
        let known = found.follow_ups.iter().find(|one| one.step == next.number);
        if let Turn::Pause(bar) = next.turn {
            against.push(Objection::Waits { because: bar.explain().to_owned() });
        }
        if known.is_some_and(|known| known.reason == Some(Bar::ByYou)) {
            against.push(Objection::Waits { because: Bar::ByYou.explain().to_owned() });
        }
        if let Some(at) = next.due_at.filter(|at| calendar.day(*at) > calendar.day(now)) {
            against.push(Objection::NotDue { at, because: next.because() });
        }
        let today = self.today(now);
        let written_to = follow_ups::written_to(tx, &found.keys, &self.own_keys(), today, now, -1)?;
        let colleagues = follow_ups::written_to_colleagues(tx, &found.keys, today, now, -1)?;
        for (all, colleague) in [(written_to, false), (colleagues, true)] {
            against.extend(all.into_iter().max().map(|at| Objection::Today { at, colleague }));
        }
        let queued = follow_ups::queued_to(tx, &found.keys, found.id)?;
        against.extend(queued.into_iter().map(|subject| Objection::Queued { subject }));
        Ok(against)
    }

    /// Until when a follow-up waits that was told to: a day of its own that is later stays.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn waits_until(&self, conn: &Connection, outreach: i64, until: Timestamp) -> Result<String, StoreError> {
        let plan = follow_ups::plan_of(conn, outreach)?;
        let open = plan.iter().rfind(|row| !matches!(row.state, State::Done | State::Stopped));
        let Some(at) = open.map(|row| row.due_at) else { return Ok("waits".to_owned()) };
        let calendar = self.config.calendar();
        let own = if calendar.day(at) > calendar.day(until) { ", its own day, which is later" } else { "" };
        Ok(format!("waits until {}{own}", at.to_zoned(self.config.timezone.clone()).strftime("%a %-d %b %Y")))
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

enum Written {
    Mail(u32, Box<NewMail>),
    Objected(Vec<Objection>),
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
