//! How surely a mail belongs to an outreach, and why: [`Level`] and [`Evidence`].

use serde::{Deserialize, Serialize};

/// How much a match may be relied on (product §3.2). Smaller is surer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Counts.
    Sure,
    /// Counts, and is shown for one-key undo.
    Likely,
    /// Does not count until a person accepts it.
    Candidate,
}

impl Level {
    /// Every level, the surest first.
    pub const ALL: [Self; 3] = [Self::Sure, Self::Likely, Self::Candidate];

    /// The name in `--json` and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Likely => "likely",
            Self::Candidate => "candidate",
        }
    }

    /// The level of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }

    /// Whether a match of this level counts before anybody looked at it.
    pub fn counts(self) -> bool {
        self != Self::Candidate
    }
}

/// What joins a mail to an outreach. In the order of strength: the smaller is the stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// `In-Reply-To` names a mail of ours.
    InReplyTo,
    /// `References` names a mail of ours.
    References,
    /// A returned mail, a receipt or a quoted header names a mail of ours.
    OriginalMessageId,
    /// The GUID of `Thread-Index` is ours.
    ThreadIndex,
    /// The provider put both into one thread, and the person is the one we asked.
    ProviderThread,
    /// Most of our words are quoted.
    QuotedText,
    /// The person we asked, under our own subject.
    SenderAndSubject,
    /// A notice of failure names an address that we had just written to.
    FailedRecipient,
    /// A colleague of the person we asked, who refers to our mail.
    OrganisationAndText,
    /// A person of the same name at another address, under our own subject.
    NameAndSubject,
    /// Somebody unknown, who quotes our mail to the person we asked.
    ForwardedQuote,
    /// A platform such as LinkedIn, in the name of the person we asked.
    Relay,
    /// The person we asked, about something else.
    SenderOnly,
    /// A colleague of the person we asked, about something else.
    OrganisationOnly,
}

impl Evidence {
    /// Every evidence, the strongest first.
    pub const ALL: [Self; 14] = [
        Self::InReplyTo,
        Self::References,
        Self::OriginalMessageId,
        Self::ThreadIndex,
        Self::ProviderThread,
        Self::QuotedText,
        Self::SenderAndSubject,
        Self::FailedRecipient,
        Self::OrganisationAndText,
        Self::NameAndSubject,
        Self::ForwardedQuote,
        Self::Relay,
        Self::SenderOnly,
        Self::OrganisationOnly,
    ];

    /// The name in `--json` and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InReplyTo => "in_reply_to",
            Self::References => "references",
            Self::OriginalMessageId => "original_message_id",
            Self::ThreadIndex => "thread_index",
            Self::ProviderThread => "provider_thread",
            Self::QuotedText => "quoted_text",
            Self::SenderAndSubject => "sender_and_subject",
            Self::FailedRecipient => "failed_recipient",
            Self::OrganisationAndText => "organisation_and_text",
            Self::NameAndSubject => "name_and_subject",
            Self::ForwardedQuote => "forwarded_quote",
            Self::Relay => "relay",
            Self::SenderOnly => "sender_only",
            Self::OrganisationOnly => "organisation_only",
        }
    }

    /// The evidence of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|evidence| evidence.as_str() == name)
    }

    /// How much it proves where it fits one outreach alone.
    pub fn level(self) -> Level {
        match self {
            Self::InReplyTo
            | Self::References
            | Self::OriginalMessageId
            | Self::ThreadIndex
            | Self::ProviderThread
            | Self::QuotedText
            | Self::SenderAndSubject
            | Self::FailedRecipient => Level::Sure,
            Self::OrganisationAndText | Self::NameAndSubject | Self::ForwardedQuote | Self::Relay => Level::Likely,
            Self::SenderOnly | Self::OrganisationOnly => Level::Candidate,
        }
    }
}
