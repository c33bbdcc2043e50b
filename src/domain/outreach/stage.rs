//! Where a pursuit stands in the funnel.

use serde::{Deserialize, Serialize};

/// Where a pursuit stands (product §2). In the order of the funnel, the closed ones last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Somebody to ask, or something to apply for.
    Lead,
    /// Passed the checklist.
    Qualified,
    /// Written to.
    Contacted,
    /// A human answered.
    Answered,
    /// A call, a coffee.
    Meeting,
    /// Passed on to somebody who decides.
    Introduced,
    /// An application is in.
    Applied,
    /// Interviews run.
    Interviewing,
    /// There is an offer.
    Offer,
    /// The offer is accepted.
    Accepted,
    /// Closed: they declined.
    Rejected,
    /// Closed: the user declined.
    Withdrawn,
    /// Closed: nobody answered.
    NoAnswer,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 13] = [
        Self::Lead,
        Self::Qualified,
        Self::Contacted,
        Self::Answered,
        Self::Meeting,
        Self::Introduced,
        Self::Applied,
        Self::Interviewing,
        Self::Offer,
        Self::Accepted,
        Self::Rejected,
        Self::Withdrawn,
        Self::NoAnswer,
    ];

    /// The name in `--json`, in commands and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Qualified => "qualified",
            Self::Contacted => "contacted",
            Self::Answered => "answered",
            Self::Meeting => "meeting",
            Self::Introduced => "introduced",
            Self::Applied => "applied",
            Self::Interviewing => "interviewing",
            Self::Offer => "offer",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::NoAnswer => "no_answer",
        }
    }

    /// The stage of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }

    /// Whether the pursuit is over without a job. Its follow-ups stop.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Rejected | Self::Withdrawn | Self::NoAnswer)
    }

    /// Whether a pursuit may be moved from here to `next`. Taking a move back is undo, not a move.
    ///
    /// Open stages go forward and may be skipped; a meeting, an introduction and an application come
    /// in any order. What was closed opens again when the other side comes back.
    pub fn may_become(self, next: Self) -> bool {
        let side_by_side = |stage| matches!(stage, Self::Meeting | Self::Introduced | Self::Applied);
        match (self, next) {
            _ if self == next => false,
            // Whoever was never asked can't have declined, and whoever answered did not stay silent.
            (Self::Lead | Self::Qualified, Self::Rejected) => false,
            (_, Self::NoAnswer) => self == Self::Contacted,
            (_, Self::Rejected | Self::Withdrawn) => !self.is_closed() || self == Self::NoAnswer,
            (Self::Rejected | Self::Withdrawn | Self::NoAnswer, _) => next >= Self::Contacted,
            (Self::Accepted, _) => false,
            _ => next > self || (side_by_side(self) && side_by_side(next)),
        }
    }
}
