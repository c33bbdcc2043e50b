//! Sequences: what follows a first mail, when, and how (product §3.5). `calendar` knows when a mail may
//! leave, `life` what becomes of a follow-up.

use super::duration::Span;

pub mod calendar;
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
    /// The step of that number, from 1. None beyond the two nudges that anybody gets.
    pub fn step(&self, number: u32) -> Option<&Step> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.steps.get(index).filter(|_| number <= MAX_NUDGES)
    }
}

/// One part of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How long after the touch before it, as that was really sent.
    pub after: Span,
    /// The mail template.
    pub template: String,
    /// What happens when its day has come.
    pub action: Action,
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
