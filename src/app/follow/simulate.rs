//! A sequence as it would go for one person whom nobody answers for.

use jiff::Timestamp;

use super::case_of;
use crate::app::App;
use crate::domain::ident::NamedAddress;
use crate::domain::sequence::life::{self, Signs};
use crate::domain::sequence::{Action, Sequence};
use crate::mail::compose::TemplateError;
use crate::store::follow_ups::Enrolled;

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
}

impl App<'_> {
    /// Every step after a first mail that is sent from here at `first`, if each is sent when it is due
    /// and nobody answers.
    pub fn simulate(&self, sequence: &Sequence, to: &NamedAddress, subject: &str, first: Timestamp) -> Vec<Simulated> {
        let calendar = self.config.calendar();
        let account = self.config.accounts.first();
        let sender = NamedAddress {
            name: account.and_then(|account| account.display_name.clone()),
            address: account.map_or_else(|| self.config.reminders.to.clone(), |account| account.email.clone()),
        };
        let mut told = Enrolled {
            id: 0,
            account_id: 0,
            account: String::new(),
            root: String::new(),
            subject: subject.to_owned(),
            channel: "mail".to_owned(),
            sequence: None,
            may_act: true,
            before_start: false,
            touches: vec![first],
            ids: Vec::new(),
            sender: None,
            people: vec![to.clone()],
            keys: Vec::new(),
            signs: Signs::default(),
            follow_ups: Vec::new(),
        };
        let mut steps = Vec::new();
        while let Some(next) = life::next(&case_of(&told, sequence), &calendar, first) {
            let words = self.words(to, &sender, subject, &next.step.template);
            let (action, template) = (next.action, next.step.template.clone());
            steps.push(Simulated { number: next.number, action, due_at: next.due_at, template, words });
            match next.due_at {
                Some(due_at) => told.touches.push(due_at),
                None => break,
            }
        }
        steps
    }
}
