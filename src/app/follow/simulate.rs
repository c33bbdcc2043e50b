//! A sequence as it would go for one person whom nobody answers for.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::case_of;
use super::words::Values;
use crate::app::App;
use crate::domain::duration::Span;
use crate::domain::ident::NamedAddress;
use crate::domain::sequence::life::{self, FollowUp, Happened, Signs, State, Turn};
use crate::domain::sequence::{Action, Event, Only, Sequence};
use crate::mail::compose::TemplateError;
use crate::store::follow_ups::Enrolled;

/// A sequence that keeps in touch goes on for ever; so many steps are shown.
const MOST_STEPS: usize = 8;

/// A step as it would come.
#[derive(Debug)]
pub struct Simulated {
    /// Its number, from 1.
    pub number: u32,
    /// What happens.
    pub action: Action,
    /// When; `None`: there is no working day for it.
    pub due_at: Option<Timestamp>,
    /// Mail template.
    pub template: String,
    /// Finished subject and text, or why there are none.
    pub words: Result<(String, String), TemplateError>,
    /// Only if that happens, and when it is taken to be; `None`: while nobody answers.
    pub given: Option<(Event, Timestamp)>,
    /// The conditions without which it is passed over, in words; empty: none.
    pub only: String,
}

/// What is supposed of the one person.
#[derive(Debug, Clone)]
pub struct Supposed<'a> {
    /// Who they are.
    pub to: &'a NamedAddress,
    /// The zone in which they read their mail, if it is known.
    pub zone: Option<String>,
    /// Subject of the first mail.
    pub subject: &'a str,
    /// When that is sent from here.
    pub first: Timestamp,
    /// When an event happens that steps follow; `None`: a week later.
    pub event_at: Option<Timestamp>,
    /// Values that only the user knows.
    pub said: &'a BTreeMap<String, String>,
}

impl App<'_> {
    /// Every step after a first mail: first those that come while nobody answers, then those that follow an
    /// event. Conditions are taken as met.
    pub fn simulate(&self, written: &Sequence, supposed: &Supposed<'_>) -> Vec<Simulated> {
        let Supposed { to, first, event_at, said, .. } = *supposed;
        let account = self.config.accounts.first();
        let sender = account.map(|account| account.email.clone());
        let mut sequence = written.clone();
        sequence.steps.iter_mut().for_each(|step| step.only = Only::default());
        let mut told = Enrolled {
            id: 0,
            account_id: 0,
            account: account.map(|account| account.name.clone()).unwrap_or_default(),
            root: String::new(),
            subject: supposed.subject.to_owned(),
            channel: "mail".to_owned(),
            sequence: None,
            may_act: true,
            before_start: false,
            touches: vec![first],
            ids: Vec::new(),
            sender,
            people: vec![to.clone()],
            keys: Vec::new(),
            zone: supposed.zone.clone(),
            signs: Signs::default(),
            follow_ups: Vec::new(),
        };
        let calendar = self.calendar_of(&told);
        let mut steps = Vec::new();
        self.play(&sequence, &mut told, None, said, &mut steps);
        for event in Event::ALL.into_iter().filter(|event| sequence.follows(*event)) {
            let at = event_at.or_else(|| calendar.due_at(first, Span::Days(7))).unwrap_or(first);
            let who = said.get("introduced").cloned().unwrap_or_default();
            told.signs.happened = vec![Happened { event, at, who }];
            (told.touches, told.follow_ups) = (vec![first], Vec::new());
            self.play(&sequence, &mut told, Some((event, at)), said, &mut steps);
        }
        for step in &mut steps {
            step.only = written.step(step.number).map(|step| step.only.to_string()).unwrap_or_default();
        }
        steps
    }

    fn play(
        &self,
        sequence: &Sequence,
        told: &mut Enrolled,
        given: Option<(Event, Timestamp)>,
        said: &Values,
        steps: &mut Vec<Simulated>,
    ) {
        let calendar = self.calendar_of(told);
        let mut now = told.touches.first().copied().unwrap_or(Timestamp::UNIX_EPOCH);
        for _ in 0..MOST_STEPS {
            let Some(next) = life::next(&case_of(told, sequence), &calendar, now) else { return };
            if matches!(next.turn, Turn::Stop(_)) {
                return;
            }
            now = next.due_at.unwrap_or(now);
            let words = self.words_of(told, &next.step.template, said, now);
            let (action, template) = (next.action, next.step.template.clone());
            let (number, due_at) = (next.number, next.due_at);
            steps.push(Simulated { number, action, due_at, template, words, given, only: String::new() });
            let Some(due_at) = due_at else { return };
            told.touches.push(due_at);
            told.follow_ups.push(FollowUp {
                step: number,
                state: State::Done,
                reason: None,
                settled_at: Some(due_at),
                snoozed_until: None,
                mail: None,
            });
        }
    }
}
