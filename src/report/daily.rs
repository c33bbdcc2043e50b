//! The user's day: what needs attention, what is due, who answered, what waits for a word. The same in
//! the daily mail (text and HTML) and in the terminal.
//!
//! Everything is gathered once into a [`Daily`]; `words` says it, `text` and `html` lay it out.

pub mod gather;
pub mod html;
pub mod offers;
pub mod text;

#[cfg(test)]
mod tests;
mod words;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::ReportData;
use crate::domain::command::Seed;
use crate::domain::gist::Tone;
use crate::domain::ident::{Address, NamedAddress};

/// Everything that a day shows.
#[derive(Debug, Clone, Serialize)]
pub struct Daily {
    /// The user's day.
    pub day: Date,
    /// When it was gathered.
    pub made_at: Timestamp,
    /// The user's zone.
    #[serde(skip)]
    pub zone: TimeZone,
    /// What is wrong, most urgent first.
    pub warnings: Vec<Warning>,
    /// Follow-ups whose day has come.
    pub due: Vec<Due>,
    /// Finished mail that is not sent until a person says so.
    pub held: Vec<Held>,
    /// Answers of which no daily mail told yet.
    pub answers: Vec<Answer>,
    /// New threads in Sent that may be outreach. Whether an answer came is not told.
    pub proposals: Vec<Proposed>,
    /// Mail that may be an answer and does not count yet.
    pub possible_answers: Vec<Possible>,
    /// What answers that were told before suggest to do next.
    pub suggestions: Vec<Suggested>,
    /// The whole report: the week's count, the rate; shown at length once a week.
    #[serde(skip)]
    pub report: ReportData,
    /// Whether the report is a section of it.
    #[serde(skip)]
    pub with_report: bool,
    /// Rows of the mails whose answers it tells of.
    #[serde(skip)]
    pub told: Vec<i64>,
    /// Rows of the mails whose commands it says were refused.
    #[serde(skip)]
    pub told_refused: Vec<i64>,
    /// How it can be answered; `None` in the terminal.
    #[serde(skip)]
    pub answering: Option<Answering>,
}

/// What makes a daily mail one that can be answered.
#[derive(Debug, Clone)]
pub struct Answering {
    /// Where an answer goes.
    pub to: Address,
    /// From which its tokens are derived.
    pub seed: Seed,
}

/// Something wrong, or at least worth knowing first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What kind of trouble.
    pub kind: Trouble,
    /// In words, with what to do.
    pub text: String,
}

/// Kinds of trouble, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// A mailbox is not read.
    Stale,
    /// The breaker paused everything automatic.
    Breaker,
    /// The provider takes no more mail for now.
    Limit,
    /// Nobody knows whether a mail left.
    UnknownFate,
    /// A mail was refused for good.
    Failed,
    /// The server never handed out a mail.
    Missing,
    /// A follow-up that the user had sent was called back by the gate.
    CalledBack,
    /// An answer that was held found nobody within 14 days, and ended.
    Ended,
    /// A template can't be used.
    Template,
    /// A command by mail was refused.
    Command,
    /// A mailbox is read again.
    ReadAgain,
    /// A person paused everything automatic.
    Paused,
}

impl Trouble {
    /// Whether it is reason enough for a mail. A pause is the user's own word.
    fn calls(self) -> bool {
        self != Self::Paused
    }

    /// Whether something is wrong now.
    fn is_bad(self) -> bool {
        !matches!(self, Self::Paused | Self::ReadAgain)
    }
}

/// A follow-up whose day has come, with the text to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Its name in `review`.
    pub item: String,
    /// Row of the follow-up.
    pub follow_up: i64,
    /// Its outreach.
    pub outreach: i64,
    /// Whom it asks.
    pub to: NamedAddress,
    /// Subject line.
    pub subject: String,
    /// The finished text; `None` if there is none.
    pub text: Option<String>,
    /// Why there is no text.
    pub problem: Option<String>,
    /// The day since when it is due.
    pub since: Date,
    /// When the first mail was sent.
    pub first_touch: Date,
    /// `remind`, `draft`, `send`.
    pub action: String,
    /// `due`, `held` (late), `written` (it lies in Drafts).
    pub state: String,
    /// Why.
    pub because: String,
}

/// A finished mail that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Held {
    /// Its name in `review`.
    pub item: String,
    /// Whom it goes to.
    pub to: NamedAddress,
    /// Subject line.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Why it is held.
    pub because: String,
    /// Score of the mail that it answers.
    pub score: Option<f64>,
    /// What spoke for and against it.
    pub signals: Vec<String>,
    /// How that mail begins.
    pub begins: String,
    /// New since the latest daily mail.
    #[serde(skip)]
    pub fresh: bool,
}

/// A person's answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The name in `review` of what it suggests to do next, if it suggests something.
    pub item: Option<String>,
    /// The outreach.
    pub outreach: i64,
    /// Who wrote.
    pub from: Option<NamedAddress>,
    /// Subject of the outreach.
    pub subject: String,
    /// How it sounds.
    #[serde(flatten)]
    pub tone: Tone,
    /// How it begins.
    pub begins: String,
    /// What to do now.
    pub next: String,
    /// When it came.
    pub at: Timestamp,
    /// Only likely: one word undoes it.
    pub likely: bool,
}

/// A new thread in Sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposed {
    /// Its name in `review`.
    pub item: String,
    /// Whom it went to.
    pub to: Vec<NamedAddress>,
    /// Subject line.
    pub subject: String,
    /// When it was sent.
    pub sent: Date,
    /// Why it is proposed.
    pub because: String,
    /// New since the latest daily mail.
    #[serde(skip)]
    pub fresh: bool,
}

/// What an answer suggests to do next, as long as nobody decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggested {
    /// Its name in `review`.
    pub item: String,
    /// Who answered.
    pub from: Option<NamedAddress>,
    /// Subject of the outreach.
    pub subject: String,
    /// What is suggested, as a question.
    pub next: String,
}

/// A mail that may be an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Possible {
    /// Its name in `review`.
    pub item: String,
    /// Who wrote.
    pub from: Option<NamedAddress>,
    /// Its subject.
    pub subject: String,
    /// Subject of the outreach.
    pub outreach: String,
    /// Evidence.
    pub because: String,
    /// New since the latest daily mail.
    #[serde(skip)]
    pub fresh: bool,
}

impl Daily {
    /// Whether it is worth a mail: something is wrong, due, or new, or the week's report has something
    /// to tell. What merely still waits rides along and calls nobody.
    pub fn has_news(&self) -> bool {
        self.warnings.iter().any(|warning| warning.kind.calls())
            || !self.due.is_empty()
            || !self.answers.is_empty()
            || self.held.iter().any(|held| held.fresh)
            || self.proposals.iter().any(|proposed| proposed.fresh)
            || self.possible_answers.iter().any(|possible| possible.fresh)
            || self.with_report && (self.report.rate.sent > 0 || self.waiting() > 0)
    }

    /// The subject line of the mail: the day and what it brings, no names.
    pub fn subject(&self) -> String {
        let subject = words::subject(self);
        match &self.answering {
            Some(answering) => format!("{subject} [{}]", offers::word_token(answering)),
            None => subject,
        }
    }

    /// What `today --json` prints.
    pub fn json(&self) -> impl Serialize + '_ {
        Json {
            daily: self,
            week: Week { asked: self.report.asked_this_week, target: self.report.per_week_target },
            rate: &self.report.rate,
        }
    }

    fn waiting(&self) -> usize {
        let asked = self.answers.iter().filter(|answer| answer.item.is_some()).count() + self.suggestions.len();
        self.held.len() + self.proposals.len() + self.possible_answers.len() + asked
    }
}

#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    daily: &'a Daily,
    week: Week,
    rate: &'a crate::domain::rate::Rate,
}

#[derive(Serialize)]
struct Week {
    asked: u32,
    target: u32,
}
