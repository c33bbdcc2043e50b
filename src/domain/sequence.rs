//! Sequences: what follows a first mail, when, and how (product §3.5). `calendar` knows when a mail may
//! leave, `life` what becomes of a follow-up.

use std::fmt;

use jiff::civil::Date;

use super::duration::Span;

pub mod calendar;
pub mod day_words;
pub mod life;

/// Nudges that one outreach gets at most, whatever a file says.
pub const MAX_NUDGES: u32 = 2;

/// The plan that follows a first mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// The name of its file.
    pub name: String,
    /// What it is for, in one sentence.
    pub about: String,
    /// A mail that is sent with it asks something of a person: it begins an outreach.
    pub asks: bool,
    /// Its steps, the first one first.
    pub steps: Vec<Step>,
}

impl Sequence {
    /// The step of that number, from 1. One that repeats bears every number.
    pub fn step(&self, number: u32) -> Option<&Step> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.steps.get(if self.repeats() { 0 } else { index })
    }

    /// Its step comes again and again.
    pub fn repeats(&self) -> bool {
        matches!(self.steps.as_slice(), [Step { when: When::Quiet(_), .. }])
    }

    /// Some step of it follows that event.
    pub fn follows(&self, event: Event) -> bool {
        self.steps.iter().any(|step| matches!(step.when, When::Event(of, _) if of == event))
    }
}

/// One part of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When it comes.
    pub when: When,
    /// The mail template.
    pub template: String,
    /// What happens when its day has come.
    pub action: Action,
    /// Without what it is passed over.
    pub only: Only,
}

/// When a step comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// So long after the mail before it, as that was really sent: a nudge.
    Touch(Span),
    /// On that day: a nudge too.
    On(Date),
    /// So long after the latest event of that kind.
    Event(Event, Span),
    /// When it was quiet for so long, again and again.
    Quiet(Span),
}

impl When {
    /// It asks again because nobody answered.
    pub fn is_nudge(self) -> bool {
        matches!(self, Self::Touch(_) | Self::On(_))
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = |span: Span, what: &str| match span {
            Span::Days(0) | Span::BusinessDays(0) | Span::Months(0) => format!("on the day of {what}"),
            span => format!("{} after {what}", in_words(span)),
        };
        f.write_str(&match self {
            Self::Touch(span) => after(*span, "the mail before it"),
            Self::On(day) => format!("on {day}"),
            Self::Event(Event::Agreed, Span::Days(0)) => "on the day to write again".to_owned(),
            Self::Event(event, span) => after(*span, event.explain()),
            Self::Quiet(span) => after(*span, "the last contact"),
        })
    }
}

/// `3 weeks`, `4 months`; business days as they are written.
fn in_words(span: Span) -> String {
    let (count, unit) = match span {
        Span::Days(days) if days % 7 == 0 => (days / 7, "week"),
        Span::Days(days) => (days, "day"),
        Span::Months(months) => (months, "month"),
        Span::Exact(_) | Span::BusinessDays(_) => return span.to_string(),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// What a step can follow beside our own mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// The call or the coffee took place.
    Meeting,
    /// The person introduced the user to somebody.
    Introduced,
    /// The day to write again: the one that they named, or some months on where they said "later".
    Agreed,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 3] = [Self::Meeting, Self::Introduced, Self::Agreed];

    /// The name in sequence files and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Meeting => "meeting",
            Self::Introduced => "introduced",
            Self::Agreed => "agreed",
        }
    }

    /// The event of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }

    /// In words.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Meeting => "the meeting",
            Self::Introduced => "the introduction",
            Self::Agreed => "the day to write again",
        }
    }
}

/// Conditions of a step; an empty list asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only {
    /// The outreach is in one of these stages.
    pub stages: Vec<String>,
    /// The latest response has one of these tones.
    pub tones: Vec<String>,
    /// The outreach bears one of these tags.
    pub tags: Vec<String>,
}

impl fmt::Display for Only {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("stage", &self.stages), ("tone", &self.tones), ("tag", &self.tags)];
        let said: Vec<String> = parts
            .iter()
            .filter(|(_, words)| !words.is_empty())
            .map(|(name, words)| format!("{name} {}", words.join(" or ")))
            .collect();
        write!(f, "{}", said.join(", "))
    }
}

/// What happens when the day of a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The user is told, with the finished text.
    Remind,
    /// The mail is put into Drafts.
    Draft,
    /// The mail is sent, behind the gate.
    Send,
}

impl Action {
    /// Every action, the most careful one first.
    pub const ALL: [Self; 3] = [Self::Remind, Self::Draft, Self::Send];

    /// The name in sequence files and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Remind => "remind",
            Self::Draft => "draft",
            Self::Send => "send",
        }
    }

    /// The action of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }
}
