//! What is to leave or to be told, and when, shown before it happens.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::case_of;
use crate::app::{App, AppError};
use crate::domain::sequence::Action;
use crate::domain::sequence::life::{self, Turn};
use crate::store::Store;
use crate::store::follow_ups;

/// One follow-up to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coming {
    /// The outreach.
    pub outreach: i64,
    /// Number of its step.
    pub step: u32,
    /// Name or address of the person.
    pub to: String,
    /// Mail template.
    pub template: String,
    /// What happens.
    pub action: Action,
    /// The day on which it was due by itself.
    pub due_at: Timestamp,
    /// When it comes; `None`: a person decides.
    pub at: Option<Timestamp>,
    /// Why then, or why a person decides.
    pub because: String,
}

impl App<'_> {
    /// The follow-ups until then as they would come if nothing happens in between: overdue ones one by one
    /// with their gaps, at most one mail a day to a person and to an organisation. Nothing is changed.
    ///
    /// # Errors
    /// If the store fails.
    pub fn coming(&self, store: &Store, until: Timestamp, now: Timestamp) -> Result<Vec<Coming>, AppError> {
        let conn = store.read();
        let mut found = Vec::new();
        for outreach in follow_ups::open_outreach(conn)? {
            let Some(one) = follow_ups::enrolled(conn, outreach, &self.config.never)? else { continue };
            let sequence = one.sequence.as_deref().and_then(|name| self.config.sequences.get(name));
            let Some(sequence) = sequence else { continue };
            let calendar = self.calendar_of(&one);
            let Some(next) = life::next(&case_of(&one, sequence), &calendar, now) else { continue };
            let Some(due_at) = next.due_at.filter(|due_at| *due_at < until) else { continue };
            let because = match next.turn {
                Turn::Hold(bar) | Turn::Pause(bar) => bar.explain().to_owned(),
                Turn::Stop(_) => continue,
                Turn::Stay | Turn::Plan | Turn::Act => next.because(),
            };
            let decides = matches!(next.turn, Turn::Hold(_) | Turn::Pause(_));
            let to = one.people.first().map(|to| to.label().to_owned()).unwrap_or_default();
            let coming = Coming {
                outreach,
                step: next.number,
                to,
                template: next.step.template.clone(),
                action: next.action,
                due_at,
                at: (!decides).then_some(due_at),
                because,
            };
            found.push((coming, one.keys, calendar));
        }
        found.sort_by_key(|(coming, _, _)| (coming.due_at, coming.outreach));
        let mut taken: Vec<(Timestamp, Vec<String>)> = Vec::new();
        for at in follow_ups::leaving(conn, self.today(now), now, -1)? {
            taken.push((at, Vec::new()));
        }
        let mut plan = Vec::new();
        for (mut coming, keys, calendar) in found {
            if coming.action != Action::Remind
                && let Some(at) = coming.at
            {
                let times: Vec<Timestamp> = taken.iter().map(|(at, _)| *at).collect();
                let same = |others: &Vec<String>| others.iter().any(|other| follow_ups::is_near(other, &keys));
                let mut days: BTreeSet<_> =
                    taken.iter().filter(|(_, others)| same(others)).map(|(at, _)| calendar.day(*at)).collect();
                let written = follow_ups::written_to(conn, &keys, &self.own_keys(), self.today(now), now, -1)?;
                days.extend(written.iter().map(|at| calendar.day(*at)));
                coming.at = calendar.slot(at.max(now), &times, &days);
                if let Some(at) = coming.at {
                    taken.push((at, keys));
                }
            }
            plan.push(coming);
        }
        plan.sort_by_key(|coming| (coming.at.unwrap_or(coming.due_at), coming.outreach));
        Ok(plan)
    }
}
