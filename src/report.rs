//! The rate and the day as people see them: on the terminal, as a page, as a mail, as a sheet, as JSON.
//!
//! Here belongs how a figure is said and drawn. Here never belongs how it is reckoned: that is
//! [`crate::domain::rate`], once. Nothing here reads a clock, a file or a socket; what is shown comes
//! in one [`ReportData`].

pub mod daily;
pub mod gather;
pub mod html;
pub mod sheet;
pub mod text;

mod by;
mod chart;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::domain::rate::{Comparison, CurvePoint, Observed, Rate};

pub use by::By;

/// Everything a report shows.
#[derive(Debug, Clone)]
pub struct ReportData {
    /// The whole, mail only.
    pub rate: Rate,
    /// When the report was made.
    pub made_at: Timestamp,
    /// The user's zone, for `made_at`.
    pub zone: TimeZone,
    /// Only outreach begun since then is in it.
    pub since: Option<Timestamp>,
    /// By week of the first touch, oldest first, without gaps.
    pub weeks: Vec<WeekRow>,
    /// Breakdowns by what they are by: `template`, `channel`, `source`, `step`, `week`, `weekday`,
    /// `organisation`, `tag`; the rows in the order they are shown in.
    pub by: BTreeMap<String, Vec<GroupRow>>,
    /// Two templates compared.
    pub comparison: Option<TemplateComparison>,
    /// The share answered by each day.
    pub curve: Vec<CurvePoint>,
    /// How far the undecided proposals can move the observed rate.
    pub undecided_range: Option<[f64; 2]>,
    /// Channels that are not mail.
    pub other_channels: Vec<ChannelRow>,
    /// How many pursuits, other channels too, came to each stage or farther, first stage first.
    pub stages: Vec<StageRow>,
    /// What came back and is no answer in time.
    pub not_counted: NotCounted,
    /// What needs attention, most urgent first, as sentences.
    pub attention: Vec<String>,
    /// Names of the accounts that were not read lately.
    pub accounts_stale: Vec<String>,
    /// Asks a week aimed at.
    pub per_week_target: u32,
    /// Asks sent this week.
    pub asked_this_week: u32,
}

/// The outreach begun in one week.
#[derive(Debug, Clone, PartialEq)]
pub struct WeekRow {
    /// The week's first day.
    pub monday: Date,
    /// Begun in it.
    pub sent: u32,
    /// Of those: arrived.
    pub delivered: u32,
    /// Of those whose window has passed; `None` while the week is open.
    pub observed: Option<Observed>,
}

impl WeekRow {
    /// The row of a week whose outreach has this rate.
    pub fn new(monday: Date, rate: &Rate) -> Self {
        Self { monday, sent: rate.sent, delivered: rate.delivered, observed: rate.observed }
    }
}

/// One part of a breakdown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupRow {
    /// What the part is called.
    pub name: String,
    /// Its rate by itself.
    pub rate: Rate,
    /// Its rate drawn toward the whole's ([`crate::domain::rate::Group::shrunk`]); not in the JSON.
    #[serde(skip)]
    pub shrunk: Option<f64>,
}

/// Whether a breakdown tells anything: it has parts, and not each of one outreach.
fn tells(rows: &[GroupRow]) -> bool {
    rows.len() > 1 && rows.iter().any(|row| row.rate.sent > 1)
}

/// A channel whose silence cannot be seen, so that it has counts and no rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRow {
    /// "LinkedIn", "call" …
    pub name: String,
    /// Outreach begun there.
    pub asked: u32,
    /// Of those: answered.
    pub answered: u32,
}

/// What came back to mail and is no answer in time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotCounted {
    /// Answered after the window: silence for the rate, a contact all the same.
    pub late: u32,
    /// Of the bounced: a machine said that the person has left.
    pub left: u32,
    /// Outreach to which machines wrote, by the kind of the mail.
    pub machines: BTreeMap<String, u32>,
    /// Mails that may be answers and wait for a person's word.
    pub possible: u32,
    /// First mails that the mail server refused as they left: nothing was sent.
    pub turned_away: u32,
}

/// One stage of the funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageRow {
    /// The stage's name.
    pub name: String,
    /// How many pursuits came so far or farther.
    pub count: u32,
}

/// Two templates and which is answered more often.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateComparison {
    /// One.
    pub a: String,
    /// The other.
    pub b: String,
    /// What was observed of the one and the other.
    pub observed: [Option<Observed>; 2],
    /// The experiment in which they were drawn by lot.
    pub drawn_from: Option<String>,
    /// How they compare.
    pub result: Comparison,
}

impl ReportData {
    /// What `report --json` prints.
    pub fn json(&self) -> impl Serialize + '_ {
        Json { rate: &self.rate, by: &self.by }
    }

    /// Where one stands and what to do next, in one sentence.
    pub fn standing(&self) -> String {
        words::standing(self)
    }
}

#[derive(Serialize)]
struct Json<'a> {
    rate: &'a Rate,
    by: &'a BTreeMap<String, Vec<GroupRow>>,
}
