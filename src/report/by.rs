//! What a report can be broken down by.

/// A breakdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The template of the first mail.
    Template,
    /// First mail and follow-ups, each of those still unanswered then.
    Step,
    /// Mail, LinkedIn, call …
    Channel,
    /// Where it came into the log from.
    Source,
    /// The week of the first mail.
    Week,
    /// Its day of the week.
    Weekday,
    /// The organisation of those asked.
    Organisation,
    /// What a person tagged it with; an outreach with two tags is in both parts.
    Tag,
}

impl By {
    /// Every breakdown, in the order in which a report shows them.
    pub const ALL: [Self; 8] = [
        Self::Template,
        Self::Step,
        Self::Channel,
        Self::Source,
        Self::Week,
        Self::Weekday,
        Self::Organisation,
        Self::Tag,
    ];

    /// Its name in commands and in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Step => "step",
            Self::Channel => "channel",
            Self::Source => "source",
            Self::Week => "week",
            Self::Weekday => "weekday",
            Self::Organisation => "organisation",
            Self::Tag => "tag",
        }
    }

    /// The breakdown of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == name)
    }
}
