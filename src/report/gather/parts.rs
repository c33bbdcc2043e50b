//! The log parted: each breakdown, the weeks, and the templates that are compared.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp};

use super::calendar::{Day, Days, weekday};
use super::{By, Scope};
use crate::domain::rate::{self, Assignment, Group, Pursuit, Settings};
use crate::report::{GroupRow, TemplateComparison};
use crate::store::rates::{self, Asked, FollowUps, Log, Name};
use crate::store::{Store, StoreError};

/// An outreach on the user's calendar.
#[derive(Debug, Clone, Copy)]
pub(super) struct One<'a> {
    pub asked: &'a Asked,
    day: Day,
}

/// What two of the breakdowns need beside the log; empty where neither is asked for.
#[derive(Debug, Default)]
pub(super) struct Beside {
    follow_ups: FollowUps,
    tags: Vec<(i64, String)>,
}

impl Beside {
    pub(super) fn read(store: &Store, by: &[By]) -> Result<Self, StoreError> {
        Ok(Self {
            follow_ups: if by.contains(&By::Step) { rates::follow_ups(store.read())? } else { FollowUps::default() },
            tags: if by.contains(&By::Tag) { rates::tags(store.read())? } else { Vec::new() },
        })
    }
}

/// The log, mail apart from what came another way.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub log: &'a Log,
    pub mail: Vec<One<'a>>,
    pub other: Vec<One<'a>>,
    settings: &'a Settings,
}

impl<'a> Parts<'a> {
    pub(super) fn of(log: &'a Log, scope: &'a Scope) -> Self {
        let by_mail = log.find("mail");
        let mut days = Days::of(&scope.zone);
        let all = log.asked.iter().map(|asked| One { asked, day: days.day(asked.pursuit.first_touch) });
        let (mail, other) = all.partition(|one| Some(one.asked.channel) == by_mail);
        Self { log, mail, other, settings: &scope.settings }
    }

    /// What was asked by mail.
    pub(super) fn pursuits(&self) -> impl Iterator<Item = &Pursuit> {
        self.mail.iter().map(|one| &one.asked.pursuit)
    }

    /// How many were asked on that day or later.
    pub(super) fn since(&self, day: Date) -> u32 {
        let those = self.mail.iter().chain(&self.other).filter(|one| one.day.date >= day);
        u32::try_from(those.count()).unwrap_or(u32::MAX)
    }

    /// Every week from the first outreach to this one, empty weeks too.
    pub(super) fn weeks(&self, this_week: Date) -> BTreeMap<Date, Group> {
        let mut weeks = self.parts(self.mail.iter().map(|one| (one.day.monday, &one.asked.pursuit)));
        let (Some(first), Some(last)) = (weeks.keys().next().copied(), weeks.keys().next_back().copied()) else {
            return weeks;
        };
        let empty = Group { rate: rate::rate(&[], self.settings, 0), shrunk: None };
        let mut week = first;
        while week <= last.max(this_week) {
            weeks.entry(week).or_insert_with(|| empty.clone());
            match week.checked_add(Span::new().weeks(1)) {
                Ok(next) => week = next,
                Err(_) => break,
            }
        }
        weeks
    }

    /// The rows of a breakdown: what has an order of its own in it, the rest by how much was asked.
    pub(super) fn by(&self, by: By, beside: &Beside, weeks: &BTreeMap<Date, Group>) -> Vec<GroupRow> {
        match by {
            By::Template => self.named(self.mail.iter(), |asked| asked.template),
            By::Source => self.named(self.mail.iter(), |asked| Some(asked.source)),
            By::Organisation => self.named(self.mail.iter(), |asked| asked.organisation),
            By::Channel => self.named(self.mail.iter().chain(&self.other), |asked| Some(asked.channel)),
            By::Week => {
                let asked = weeks.iter().filter(|(_, group)| group.rate.sent > 0);
                asked.map(|(week, group)| row(week.to_string(), group.clone())).collect()
            }
            By::Weekday => {
                let day = |one: &One<'_>| one.day.date.weekday().to_monday_zero_offset();
                let named = |offset| Weekday::from_monday_zero_offset(offset).map(weekday).unwrap_or_default();
                let parts = self.parts(self.mail.iter().map(|one| (day(one), &one.asked.pursuit)));
                parts.into_iter().map(|(offset, group)| row(named(offset).to_owned(), group)).collect()
            }
            By::Step => self.steps(&beside.follow_ups),
            By::Tag => {
                let places: HashMap<i64, &Pursuit> =
                    self.mail.iter().map(|one| (one.asked.id, &one.asked.pursuit)).collect();
                let tagged = beside.tags.iter().filter_map(|(id, tag)| Some((tag.as_str(), *places.get(id)?)));
                by_number(self.parts(tagged).into_iter().map(|(tag, group)| row(tag.to_owned(), group)).collect())
            }
        }
    }

    /// The two most used templates: those of an experiment in which checkback drew them, else, or
    /// while that has too few, of all.
    pub(super) fn comparison(&self) -> Option<TemplateComparison> {
        let mut drawn: BTreeMap<Name, Vec<&Asked>> = BTreeMap::new();
        for one in &self.mail {
            if let Some(experiment) = one.asked.drawn_from {
                drawn.entry(experiment).or_default().push(one.asked);
            }
        }
        let largest = drawn.into_iter().max_by_key(|(name, asked)| (asked.len(), std::cmp::Reverse(*name)));
        let randomised = largest.and_then(|(name, asked)| {
            let drawn_from = Some(self.log.name(name).to_owned());
            self.compare(asked.into_iter(), Assignment::Randomised, drawn_from)
        });
        let tells = |one: &TemplateComparison| !one.result.too_early;
        if randomised.as_ref().is_some_and(tells) {
            return randomised;
        }
        let chosen = self.compare(self.mail.iter().map(|one| one.asked), Assignment::Observational, None);
        match randomised {
            Some(randomised) if !chosen.as_ref().is_some_and(tells) => Some(randomised),
            _ => chosen,
        }
    }

    fn compare<'b>(
        &self,
        asked: impl Iterator<Item = &'b Asked>,
        assignment: Assignment,
        drawn_from: Option<String>,
    ) -> Option<TemplateComparison> {
        let parts = self.parts(asked.filter_map(|one| Some((one.template?, &one.pursuit))));
        let rows =
            by_number(parts.into_iter().map(|(name, group)| row(self.log.name(name).to_owned(), group)).collect());
        let [a, b, ..] = rows.as_slice() else { return None };
        let result = rate::compare(a.rate.observed.as_ref(), b.rate.observed.as_ref(), assignment);
        Some(TemplateComparison {
            a: a.name.clone(),
            b: b.name.clone(),
            observed: [a.rate.observed, b.rate.observed],
            drawn_from,
            result,
        })
    }

    fn named<'b>(
        &self,
        asked: impl Iterator<Item = &'b One<'b>>,
        name: impl Fn(&Asked) -> Option<Name>,
    ) -> Vec<GroupRow> {
        let parts = self.parts(asked.filter_map(|one| Some((name(one.asked)?, &one.asked.pursuit))));
        by_number(parts.into_iter().map(|(name, group)| row(self.log.name(name).to_owned(), group)).collect())
    }

    /// Each touch as a pursuit of its own, among those that were still unanswered when it was sent.
    fn steps(&self, follow_ups: &FollowUps) -> Vec<GroupRow> {
        let steps = self.mail.iter().flat_map(|one| {
            let pursuit = &one.asked.pursuit;
            let later = follow_ups.of(one.asked.id);
            let touches = std::iter::once(pursuit.first_touch).chain(later.iter().map(|(_, at)| *at));
            let open = move |at: &Timestamp| pursuit.first_response.is_none_or(|answer| answer >= *at);
            touches.enumerate().take_while(move |(step, at)| *step == 0 || open(at)).map(|(step, at)| {
                let next = later.get(step).map(|(_, at)| *at);
                let first_response = pursuit.first_response.filter(|answer| next.is_none_or(|next| *answer < next));
                (step, Pursuit { first_touch: at, first_response, ..*pursuit })
            })
        });
        let named = |step| if step == 0 { "first mail".to_owned() } else { format!("follow-up {step}") };
        self.parts(steps).into_iter().map(|(step, group)| row(named(step), group)).collect()
    }

    fn parts<K: Ord, P: std::borrow::Borrow<Pursuit>>(
        &self,
        keyed: impl Iterator<Item = (K, P)>,
    ) -> BTreeMap<K, Group> {
        rate::by(keyed, self.settings)
    }
}

fn by_number(mut rows: Vec<GroupRow>) -> Vec<GroupRow> {
    rows.sort_by(|a, b| b.rate.sent.cmp(&a.rate.sent).then_with(|| a.name.cmp(&b.name)));
    rows
}

fn row(name: String, group: Group) -> GroupRow {
    GroupRow { name, rate: group.rate, shrunk: group.shrunk }
}
