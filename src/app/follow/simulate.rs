//! A sequence as it would go for one person whom nobody answers for.

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
}

impl App<'_> {
    /// Every step after a first mail that is sent from here at `first`: first those that come while nobody
    /// answers, then those that follow an event, which is taken to be at `event_at`. `said`: values that
    /// only the user knows. `zone`: that of the person, if it is known.
    pub fn simulate(
        &self,
        sequence: &Sequence,
        to: &NamedAddress,
        subject: &str,
        first: Timestamp,
        event_at: Option<Timestamp>,
        said: &Values,
        zone: Option<String>,
    ) -> Vec<Simulated> {
        let account = self.config.accounts.first();
        let sender = account.map(|account| account.email.clone());
        // conditions are taken as met: they are shown beside the step
        let mut sequence = sequence.clone();
        sequence.steps.iter_mut().for_each(|step| step.only = Only::default());
        let mut told = Enrolled {
            id: 0,
            account_id: 0,
            account: account.map(|account| account.name.clone()).unwrap_or_default(),
            root: String::new(),
            subject: subject.to_owned(),
            channel: "mail".to_owned(),
            sequence: None,
            may_act: true,
            before_start: false,
            touches: vec![first],
            ids: Vec::new(),
            sender,
            people: vec![to.clone()],
            keys: Vec::new(),
            zone,
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
            steps.push(Simulated { number, action, due_at, template, words, given });
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
