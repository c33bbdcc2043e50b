//! Where a follow-up stands, and why.

/// Why a follow-up is stopped, paused, held, or waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bar {
    /// A person answered, here or to another outreach to the same person.
    Response,
    /// It could not be delivered.
    Bounced,
    /// The person is no longer there.
    LeftCompany,
    /// The person asked not to be written to, or is on the never list.
    NeverList,
    /// The pursuit is over.
    Closed,
    /// The user said so.
    ByYou,
    /// Mail came from the person that nothing else explains.
    Mail,
    /// Mail came that may be an answer.
    Candidate,
    /// The touch was made in another way.
    Made,
    /// Everything automatic is paused.
    Paused,
    /// A mail on the server can't be read yet.
    Unread,
    /// The person is away, or the plan has moved.
    NotYet,
    /// Outside the window or on a day off.
    Window,
    /// Enough for today.
    DailyLimit,
    /// The person got a mail today.
    SameDay,
    /// A colleague of the person got a follow-up today.
    SameOrganisation,
    /// What was sent since the last word of the person stayed without one.
    Unanswered,
    /// Another step follows by now.
    Overtaken,
    /// Too soon after the mail before.
    Spacing,
    /// Over seven days late.
    TooLate,
    /// The text has a gap.
    Gap,
    /// The sending server refused it.
    Refused,
    /// No day is left on which it may leave.
    NoDay,
}

impl Bar {
    pub(super) const ALL: [Self; 23] = [
        Self::Response,
        Self::Bounced,
        Self::LeftCompany,
        Self::NeverList,
        Self::Closed,
        Self::ByYou,
        Self::Mail,
        Self::Candidate,
        Self::Made,
        Self::Paused,
        Self::Unread,
        Self::NotYet,
        Self::Window,
        Self::DailyLimit,
        Self::SameDay,
        Self::SameOrganisation,
        Self::Unanswered,
        Self::Overtaken,
        Self::Spacing,
        Self::TooLate,
        Self::Gap,
        Self::Refused,
        Self::NoDay,
    ];

    /// The name in `--json` and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Bounced => "bounced",
            Self::LeftCompany => "left_company",
            Self::NeverList => "never_list",
            Self::Closed => "closed",
            Self::ByYou => "by_you",
            Self::Mail => "mail",
            Self::Candidate => "candidate",
            Self::Made => "made",
            Self::Paused => "paused",
            Self::Unread => "unread",
            Self::NotYet => "not_yet",
            Self::Window => "window",
            Self::DailyLimit => "daily_limit",
            Self::SameDay => "same_day",
            Self::SameOrganisation => "same_organisation",
            Self::Unanswered => "unanswered",
            Self::Overtaken => "overtaken",
            Self::Spacing => "spacing",
            Self::TooLate => "too_late",
            Self::Gap => "gap",
            Self::Refused => "refused",
            Self::NoDay => "no_day",
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bar| bar.as_str() == name)
    }

    /// In one sentence, for a person.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Response => "the person answered",
            Self::Bounced => "the mail could not be delivered",
            Self::LeftCompany => "the person is no longer there",
            Self::NeverList => "the person is on the never list",
            Self::Closed => "the outreach is closed",
            Self::ByYou => "stopped by you",
            Self::Mail => "mail came from this person",
            Self::Candidate => "mail came that may be an answer",
            Self::Made => "you wrote yourself",
            Self::Paused => "everything automatic is paused",
            Self::Unread => "a new mail on the server cannot be read yet",
            Self::NotYet => "its day has not come",
            Self::Window => "outside the send window",
            Self::DailyLimit => "today's limit of follow-ups is reached",
            Self::SameDay => "the person got a mail from you today",
            Self::SameOrganisation => "a colleague of theirs got a follow-up today",
            Self::Unanswered => "two mails in a row stayed without an answer",
            Self::Overtaken => "another step follows by now",
            Self::Spacing => "too soon after the follow-up before",
            Self::TooLate => "over seven days late",
            Self::Gap => "its text has a gap",
            Self::Refused => "the mail server refused it",
            Self::NoDay => "no day is left on which it may leave",
        }
    }
}

/// Where a follow-up stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Its day has not come.
    Planned,
    /// The user is reminded of it.
    Due,
    /// It lies in the outbox.
    Written,
    /// Mail came that may change it.
    Paused,
    /// A person decides.
    Held,
    /// The touch was made.
    Done,
    /// It will never be.
    Stopped,
}

impl State {
    pub(super) const ALL: [Self; 7] =
        [Self::Planned, Self::Due, Self::Written, Self::Paused, Self::Held, Self::Done, Self::Stopped];

    /// The name in `--json` and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Due => "due",
            Self::Written => "written",
            Self::Paused => "paused",
            Self::Held => "held",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}
