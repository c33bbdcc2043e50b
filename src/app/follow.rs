//! Follow-ups through the door: what is due is told or written, what passed is stopped, and a mail that
//! is about to leave is judged once more.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::Transaction;

use super::{App, AppError};
use crate::domain::decide::GateVerdict;
use crate::domain::delivery::Errand;
use crate::domain::ident::{Address, DedupeKey, NamedAddress};
use crate::domain::sequence::calendar::Calendar;
use crate::domain::sequence::life::{self, Bar, Case, GateCase, Next, State, Turn};
use crate::domain::sequence::{Action, Sequence};
use crate::store::apply::{self, Entry, NewMail, Pursuit};
use crate::store::follow_ups::{self, Enrolled};
use crate::store::outbox::{self, OutboxRow};
use crate::store::{Store, StoreError, cases};

pub mod commands;
pub mod next_steps;
pub mod plan;
pub mod simulate;
mod words;

/// Outreach planned in one transaction, so that each stays short.
const BATCH: usize = 50;
/// The sequence of an outreach that gets no follow-ups.
pub const NO_SEQUENCE: &str = "none";

/// Subject and text of a follow-up.
type Words = (String, String);

impl App<'_> {
    /// Plans every outreach of which something changed or whose day has come: reminders are told, mails
    /// are written into the outbox, what passed is stopped. Returns how many follow-ups moved. Doing it
    /// twice changes nothing.
    ///
    /// # Errors
    /// If the store fails; what was planned until then stays.
    pub fn plan(&self, store: &mut Store, now: Timestamp) -> Result<usize, AppError> {
        let calendar = self.config.calendar();
        let tomorrow = calendar.day(now).tomorrow().map_or(now, |day| calendar.day_begins(day));
        let open = follow_ups::to_look_at(store.read(), now, tomorrow)?;
        let mut taken = Vec::new();
        let mut moved = 0;
        for batch in open.chunks(BATCH) {
            moved += store.write::<_, AppError>(|tx| {
                let mut moved = 0;
                for outreach in batch {
                    moved += usize::from(self.plan_one(tx, *outreach, now, &mut taken)?);
                }
                Ok(moved)
            })?;
        }
        Ok(moved)
    }

    /// Plans one outreach on what the store knows now. `taken`: when mails leave that were written in the
    /// same pass.
    pub(super) fn plan_one(
        &self,
        tx: &Transaction<'_>,
        outreach: i64,
        now: Timestamp,
        taken: &mut Vec<Timestamp>,
    ) -> Result<bool, AppError> {
        let Some(mut found) = follow_ups::enrolled(tx, outreach, &self.config.never)? else { return Ok(false) };
        if found.sequence.is_none() {
            self.enrol(tx, &mut found, now)?;
        }
        let name = found.sequence.clone().unwrap_or_default();
        let moved = match self.config.sequences.get(&name) {
            _ if name == NO_SEQUENCE => false,
            Some(sequence) => self.plan_next(tx, &found, sequence, now, taken)?,
            None => self.hold_unknown(tx, &found, &name, now)?,
        };
        self.propose_next(tx, &found, now)?;
        apply::looked(tx, outreach)?;
        Ok(moved)
    }

    /// A claimed follow-up, judged on what the gate's read has shown.
    pub(super) fn gate_follow_up(
        &self,
        tx: &Transaction<'_>,
        row: &OutboxRow,
        now: Timestamp,
    ) -> Result<(GateVerdict<Bar>, Timestamp), AppError> {
        let cancel = |bar| Ok((GateVerdict::Cancel(vec![bar]), now));
        let Pursuit::Touches { outreach, step } = row.pursuit else { return cancel(Bar::Made) };
        let Some(found) = follow_ups::enrolled(tx, outreach, &self.config.never)? else { return cancel(Bar::Made) };
        let Some(sequence) = found.sequence.as_deref().and_then(|name| self.config.sequences.get(name)) else {
            return cancel(Bar::Gap);
        };
        let case = case_of(&found, sequence);
        let today = self.today(now);
        let leaving = follow_ups::leaving(tx, today, now, row.id)?;
        let written_to = follow_ups::written_to(tx, &found.keys, &self.own_keys(), today, now, row.id)?;
        let paused = cases::paused(tx, now)?.is_some();
        let unread = follow_ups::has_unread(tx, row.account_id)?;
        let calendar = self.calendar_of(&found);
        let colleagues = follow_ups::written_to_colleagues(tx, &found.keys, today, now, row.id)?;
        let gate = GateCase {
            case,
            step,
            by_word: row.is_by_word(),
            paused,
            unread,
            leaving: &leaving,
            written_to: &written_to,
            colleagues: &colleagues,
        };
        let verdict = life::gate(&gate, &calendar, now);
        let days: BTreeSet<_> = written_to.iter().chain(&colleagues).map(|at| calendar.day(*at)).collect();
        let until = calendar.slot(now, &leaving, &days).unwrap_or(now);
        // what only a read or a person's word lifts is looked at again soon
        let soon = now.saturating_add(super::LOOK_AGAIN).unwrap_or(now);
        let blocked = |bar: &Bar| matches!(bar, Bar::Paused | Bar::Unread);
        let until = match &verdict {
            GateVerdict::Wait(bars) if bars.iter().any(blocked) => until.max(soon),
            _ => until,
        };
        Ok((verdict, until))
    }

    /// The mail of a step. `generation`: raised by a person's command only.
    fn mail_of(
        &self,
        found: &Enrolled,
        next: &Next<'_>,
        words: &Words,
        errand: Errand,
        generation: u32,
        due_at: Timestamp,
    ) -> Option<NewMail> {
        let recipient = found.people.first()?.clone();
        let sender = self.sender_of(found);
        let template = &next.step.template;
        let key = DedupeKey::new(&found.account, &found.root, &recipient.address, template, next.number, generation);
        Some(NewMail {
            message_id: key.message_id(self.secret, sender.address.domain()),
            key,
            account: found.account_id,
            errand,
            purpose: template.clone(),
            mode: if errand == Errand::FollowUp && next.action == Action::Draft { "draft" } else { "send" },
            inquiry: None,
            sender,
            recipient,
            subject: words.0.clone(),
            text: words.1.clone(),
            html: None,
            in_reply_to: found.ids.last().cloned(),
            references: found.ids.clone(),
            held: None,
            due_at,
            marks: Vec::new(),
            root: found.root.clone(),
            pursuit: Pursuit::Touches { outreach: found.id, step: next.number },
        })
    }

    /// The address that the latest touch was sent from, with the account's name before it.
    fn sender_of(&self, found: &Enrolled) -> NamedAddress {
        let account = self.account_config(&found.account);
        let sent_from = found.sender.clone().filter(|address| self.own.contains(address));
        let address: Option<Address> = sent_from.or_else(|| account.map(|account| account.email.clone()));
        NamedAddress {
            name: account.and_then(|account| account.display_name.clone()),
            address: address.unwrap_or_else(|| self.config.reminders.to.clone()),
        }
    }

    fn enrol(&self, tx: &Transaction<'_>, found: &mut Enrolled, now: Timestamp) -> Result<(), AppError> {
        let calendar = self.config.calendar();
        let wanted = self.config.follow_up.sequence.as_deref().unwrap_or(NO_SEQUENCE);
        let (name, because) = match self.config.sequences.get(wanted) {
            _ if found.channel != "mail" => (NO_SEQUENCE, "it was not asked by mail"),
            Some(sequence)
                if !life::is_worth_enrolling(&case_of(found, sequence), found.before_start, &calendar, now) =>
            {
                (NO_SEQUENCE, "from before the first start, and its first nudge would have been due before now")
            }
            _ => (wanted, "as the config says"),
        };
        apply::enrol(tx, found.id, name, because, now)?;
        found.sequence = Some(name.to_owned());
        Ok(())
    }

    fn plan_next(
        &self,
        tx: &Transaction<'_>,
        found: &Enrolled,
        sequence: &Sequence,
        now: Timestamp,
        taken: &mut Vec<Timestamp>,
    ) -> Result<bool, AppError> {
        let case = case_of(found, sequence);
        let mut moved = false;
        let made = life::made(&case);
        for (step, at) in &made {
            moved |= apply::make(tx, found.id, *step, *at, "the touch was made", now)?;
        }
        let calendar = self.calendar_of(found);
        let next = life::next(&case, &calendar, now);
        let is_open = |one: &&life::FollowUp| !matches!(one.state, State::Done | State::Stopped);
        let is_next = |one: &&life::FollowUp| next.as_ref().is_some_and(|next| next.number == one.step);
        for left in found.follow_ups.iter().filter(is_open).filter(|one| !is_next(one) && !made.contains_key(&one.step))
        {
            let bar = if found.signs.response { Bar::Response } else { Bar::Overtaken };
            apply::cancel_mail(tx, found.id, left.step, bar, now)?;
            moved |= apply::stop(tx, found.id, left.step, bar, now)?;
        }
        let Some(next) = next else { return Ok(moved) };
        let entry = match next.turn {
            Turn::Stay => return Ok(moved),
            Turn::Stop(bar) if found.follow_ups.is_empty() && bar == Bar::Response => return Ok(moved),
            Turn::Stop(bar) => self.put_off(tx, found, &next, State::Stopped, bar, now)?,
            Turn::Pause(bar) => self.put_off(tx, found, &next, State::Paused, bar, now)?,
            Turn::Hold(bar) => self.put_off(tx, found, &next, State::Held, bar, now)?,
            Turn::Plan => {
                apply::cancel_mail(tx, found.id, next.number, Bar::NotYet, now)?;
                planned(&next, next.due_at.unwrap_or(now), life::wait(next.step))
            }
            Turn::Act => self.come_due(tx, found, &next, now, taken)?,
        };
        Ok(apply::put(tx, found.id, &entry, now)? || moved)
    }

    /// Stopped, paused or held: what waits in the outbox is called back. A person who decides sees the
    /// finished text.
    fn put_off(
        &self,
        tx: &Transaction<'_>,
        found: &Enrolled,
        next: &Next<'_>,
        state: State,
        bar: Bar,
        now: Timestamp,
    ) -> Result<Entry, AppError> {
        apply::cancel_mail(tx, found.id, next.number, bar, now)?;
        let words = if state == State::Stopped {
            None
        } else {
            self.words_of(found, &next.step.template, &BTreeMap::new(), now).ok()
        };
        Ok(Entry {
            state,
            reason: Some(bar),
            ..with_words(planned(next, next.due_at.unwrap_or(now), bar.explain().to_owned()), words)
        })
    }

    /// The day of a step has come.
    fn come_due(
        &self,
        tx: &Transaction<'_>,
        found: &Enrolled,
        next: &Next<'_>,
        now: Timestamp,
        taken: &mut Vec<Timestamp>,
    ) -> Result<Entry, AppError> {
        let due_at = next.due_at.unwrap_or(now);
        let words = match self.words_of(found, &next.step.template, &BTreeMap::new(), now) {
            Ok(words) => words,
            Err(error) => {
                let held = planned(next, due_at, error.to_string());
                return Ok(Entry { state: State::Held, reason: Some(Bar::Gap), ..held });
            }
        };
        if next.action == Action::Remind {
            let because = life::wait(next.step);
            return Ok(Entry { state: State::Due, ..with_words(planned(next, due_at, because), Some(words)) });
        }
        let waits = |at, bar: Bar| Entry { reason: Some(bar), ..planned(next, at, bar.explain().to_owned()) };
        if cases::paused(tx, now)?.is_some() {
            return Ok(waits(due_at, Bar::Paused));
        }
        let calendar = self.calendar_of(found);
        let today = self.today(now);
        let mut others = follow_ups::leaving(tx, today, now, -1)?;
        others.extend(taken.iter());
        let written_to = follow_ups::written_to(tx, &found.keys, &self.own_keys(), today, now, -1)?;
        let colleagues = follow_ups::written_to_colleagues(tx, &found.keys, today, now, -1)?;
        let days: BTreeSet<_> = written_to.iter().chain(&colleagues).map(|at| calendar.day(*at)).collect();
        let Some(slot) = calendar.slot(now.max(due_at), &others, &days) else {
            let held = planned(next, due_at, Bar::NoDay.explain().to_owned());
            return Ok(Entry { state: State::Held, reason: Some(Bar::NoDay), ..held });
        };
        taken.push(slot);
        if slot > now {
            let bar = match days.contains(&calendar.day(now)) {
                true if written_to.is_empty() => Bar::SameOrganisation,
                true => Bar::SameDay,
                false => Bar::Spacing,
            };
            return Ok(waits(slot, bar));
        }
        let mail = self.mail_of(found, next, &words, Errand::FollowUp, 0, now);
        let row = match mail {
            Some(mail) => match outbox::revive(tx, &mail)? {
                Some(row) => Some(row),
                None => apply::write_mail(tx, &mail, now)?,
            },
            None => None,
        };
        let because = life::wait(next.step);
        let entry = with_words(planned(next, due_at, because), Some(words));
        match row {
            Some(_) => Ok(Entry { state: State::Written, outbox: row, ..entry }),
            // one was written before and is no longer waiting: only a person may have another written
            None => Ok(Entry { state: State::Held, reason: Some(Bar::Refused), ..entry }),
        }
    }

    fn hold_unknown(
        &self,
        tx: &Transaction<'_>,
        found: &Enrolled,
        name: &str,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let step = u32::try_from(found.touches.len()).unwrap_or(u32::MAX);
        if step > crate::domain::sequence::MAX_NUDGES || life::standing(&found.signs).is_some() {
            return Ok(false);
        }
        apply::cancel_mail(tx, found.id, step, Bar::Gap, now)?;
        let entry = Entry {
            step,
            template: String::new(),
            action: Action::Remind,
            due_at: found.touches.last().copied().unwrap_or(now),
            state: State::Held,
            reason: Some(Bar::Gap),
            because: format!("there is no sequence {name} without a mistake: see checkback sequence check"),
            subject: String::new(),
            text: String::new(),
            outbox: None,
        };
        Ok(apply::put(tx, found.id, &entry, now)?)
    }

    /// When the user's day began.
    fn today(&self, now: Timestamp) -> Timestamp {
        let calendar = self.config.calendar();
        calendar.day_begins(calendar.day(now)).min(now)
    }

    /// The user's calendar with the window of the one who is written to, where their zone is known.
    fn calendar_of(&self, found: &Enrolled) -> Calendar {
        let mut calendar = self.config.calendar();
        calendar.reader = found.zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        calendar
    }

    fn own_keys(&self) -> Vec<String> {
        let accounts = self.config.accounts.iter();
        accounts
            .flat_map(|account| std::iter::once(&account.email).chain(&account.aliases))
            .map(Address::mailbox_key)
            .collect()
    }

    /// The next step of an outreach on what the store knows now, for a person's word.
    fn next_of<T>(
        &self,
        tx: &Transaction<'_>,
        outreach: i64,
        now: Timestamp,
        take: impl FnOnce(&Enrolled, Option<Next<'_>>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let Some(found) = follow_ups::enrolled(tx, outreach, &self.config.never)? else { return Ok(None) };
        let sequence = found.sequence.as_deref().and_then(|name| self.config.sequences.get(name));
        let next = match sequence {
            Some(sequence) => life::next(&case_of(&found, sequence), &self.calendar_of(&found), now),
            None => None,
        };
        take(&found, next).map(Some)
    }
}

fn case_of<'a>(found: &'a Enrolled, sequence: &'a Sequence) -> Case<'a> {
    Case {
        sequence,
        touches: &found.touches,
        may_act: found.may_act,
        people: found.people.len(),
        signs: &found.signs,
        follow_ups: &found.follow_ups,
    }
}

fn planned(next: &Next<'_>, due_at: Timestamp, because: String) -> Entry {
    Entry {
        step: next.number,
        template: next.step.template.clone(),
        action: next.action,
        due_at,
        state: State::Planned,
        reason: None,
        because,
        subject: String::new(),
        text: String::new(),
        outbox: None,
    }
}

fn with_words(entry: Entry, words: Option<Words>) -> Entry {
    match words {
        Some((subject, text)) => Entry { subject, text, ..entry },
        None => entry,
    }
}
