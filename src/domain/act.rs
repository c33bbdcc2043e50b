//! What a person can say of what waits for a word: the items, the words, and which word fits which
//! item. One table for the terminal, the daily mail and its answers.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::duration::Span;

/// Something that waits for a person, by the name it bears wherever it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// A mail of ours: `m4`.
    Mail(i64),
    /// A proposal: `p7`.
    Proposal(i64),
    /// A possible answer: `a3-9`.
    Answer {
        /// The outreach.
        outreach: i64,
        /// The mail.
        message: i64,
    },
    /// The follow-up of an outreach that is not done yet: `f12`.
    FollowUp(i64),
    /// What an answer suggests to do next: `n5`.
    Next(i64),
}

impl Item {
    /// Whether it is of the kind of these two and lies between them, themselves included.
    pub fn is_between(self, first: Self, last: Self) -> bool {
        let number = |item| match item {
            Self::Mail(id) => Some((0, id)),
            Self::Proposal(id) => Some((1, id)),
            Self::FollowUp(id) => Some((2, id)),
            Self::Next(id) => Some((3, id)),
            Self::Answer { .. } => None,
        };
        match (number(first), number(self), number(last)) {
            (Some((kind, from)), Some((own, id)), Some((other, to))) => {
                kind == own && own == other && (from..=to).contains(&id)
            }
            _ => false,
        }
    }

    /// The item of that name, in whatever case.
    pub fn parse(name: &str) -> Option<Self> {
        let mut letters = name.trim().chars();
        let (kind, rest) = (letters.next()?.to_ascii_lowercase(), letters.as_str());
        let number = |part: &str| part.parse::<i64>().ok().filter(|n| *n > 0);
        match kind {
            'm' => number(rest).map(Self::Mail),
            'p' => number(rest).map(Self::Proposal),
            'f' => number(rest).map(Self::FollowUp),
            'n' => number(rest).map(Self::Next),
            'a' => {
                let (outreach, message) = rest.split_once('-')?;
                Some(Self::Answer { outreach: number(outreach)?, message: number(message)? })
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mail(id) => write!(f, "m{id}"),
            Self::Proposal(id) => write!(f, "p{id}"),
            Self::Answer { outreach, message } => write!(f, "a{outreach}-{message}"),
            Self::FollowUp(outreach) => write!(f, "f{outreach}"),
            Self::Next(id) => write!(f, "n{id}"),
        }
    }
}

/// A word that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Word {
    /// Send it as it is.
    Send,
    /// Send it with other words.
    Edit,
    /// Put it into Drafts.
    Draft,
    /// Not before a day.
    Snooze,
    /// It was done in another way.
    Done,
    /// No further follow-up.
    Stop,
    /// It is what it is taken for.
    Yes,
    /// It isn't, or it shall not leave.
    No,
    /// Never write to this person by machine.
    Never,
    /// It is a recruiter's pitch.
    Recruiter,
}

impl Word {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Send,
        Self::Edit,
        Self::Draft,
        Self::Snooze,
        Self::Done,
        Self::Stop,
        Self::Yes,
        Self::No,
        Self::Never,
        Self::Recruiter,
    ];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Edit => "edit",
            Self::Draft => "draft",
            Self::Snooze => "snooze",
            Self::Done => "done",
            Self::Stop => "stop",
            Self::Yes => "yes",
            Self::No => "no",
            Self::Never => "never",
            Self::Recruiter => "recruiter",
        }
    }

    /// The word, in whatever case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.as_str().eq_ignore_ascii_case(text))
    }

    /// The one key for it in `review`.
    pub fn key(self) -> char {
        match self {
            Self::Send => 's',
            Self::Edit => 'e',
            Self::Draft => 'd',
            Self::Snooze => 'z',
            Self::Done => 'o',
            Self::Stop => 't',
            Self::Yes => 'y',
            Self::No => 'n',
            Self::Never => 'v',
            Self::Recruiter => 'r',
        }
    }
}

/// What an item is, as far as words are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A finished answer to a recruiter that is held.
    HeldAnswer,
    /// A finished mail of the user's own that is held.
    HeldMail,
    /// A mail that may or may not have left.
    Unknown,
    /// A new thread in Sent that may be outreach.
    Proposal,
    /// A mail that may be an answer.
    Answer,
    /// A follow-up that is not done.
    FollowUp,
    /// What an answer suggests to do next.
    NextStep,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::HeldAnswer, Self::HeldMail, Self::Unknown, Self::Proposal, Self::Answer, Self::FollowUp, Self::NextStep];

    /// The words that fit, the likeliest first.
    pub fn words(self) -> &'static [Word] {
        match self {
            Self::HeldAnswer => &[Word::Send, Word::No, Word::Edit, Word::Draft, Word::Recruiter, Word::Never],
            Self::HeldMail => &[Word::Send, Word::No, Word::Edit, Word::Draft],
            Self::Unknown => &[Word::Send, Word::No],
            Self::Proposal => &[Word::Yes, Word::No],
            Self::Answer | Self::NextStep => &[Word::Yes, Word::No, Word::Never],
            Self::FollowUp => &[Word::Send, Word::Done, Word::Snooze, Word::Edit, Word::Draft, Word::Stop, Word::Never],
        }
    }

    /// The word as it is meant for such an item: "yes" to a finished mail is "send".
    ///
    /// # Errors
    /// If it does not fit, with what to say instead.
    pub fn take(self, word: Word) -> Result<Word, String> {
        let meant = match (self, word) {
            (Self::HeldAnswer | Self::HeldMail | Self::Unknown | Self::FollowUp, Word::Yes) => Word::Send,
            _ => word,
        };
        if self.words().contains(&meant) { Ok(meant) } else { Err(self.refusal(meant)) }
    }

    fn refusal(self, word: Word) -> String {
        let words: Vec<&str> = self.words().iter().map(|word| word.as_str()).collect();
        let words = words.join(", ");
        let why = match (self, word) {
            (Self::HeldAnswer | Self::HeldMail | Self::Unknown, Word::Snooze) => {
                "it waits as it is, however long; ".to_owned()
            }
            (Self::HeldMail, Word::Never) => "say no, and checkback people never ADDRESS; ".to_owned(),
            (Self::FollowUp, Word::No) => "say what shall become of it; ".to_owned(),
            (Self::Proposal | Self::Answer | Self::NextStep, Word::Send) => "there is nothing to send; ".to_owned(),
            _ => format!("“{}” does not fit here; ", word.as_str()),
        };
        let what = match self {
            Self::HeldAnswer | Self::HeldMail => "a held mail",
            Self::Unknown => "a mail that may have left",
            Self::Proposal => "a proposal",
            Self::Answer => "a possible answer",
            Self::FollowUp => "a follow-up",
            Self::NextStep => "a suggestion",
        };
        format!("{why}{what} takes: {words}")
    }
}

/// A word with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send it as it is.
    Send,
    /// Send it with these words.
    SendEdited {
        /// Another subject.
        subject: Option<String>,
        /// The text.
        text: String,
    },
    /// Put it into Drafts.
    Draft,
    /// Not before then.
    Snooze(Timestamp),
    /// It was done in another way.
    Done,
    /// No further follow-up.
    Stop,
    /// It is what it is taken for.
    Yes,
    /// It isn't, or it shall not leave.
    No,
    /// Never write to this person by machine.
    Never,
    /// It is a recruiter's pitch.
    Recruiter,
}

impl Action {
    /// Its word.
    pub fn word(&self) -> Word {
        match self {
            Self::Send => Word::Send,
            Self::SendEdited { .. } => Word::Edit,
            Self::Draft => Word::Draft,
            Self::Snooze(_) => Word::Snooze,
            Self::Done => Word::Done,
            Self::Stop => Word::Stop,
            Self::Yes => Word::Yes,
            Self::No => Word::No,
            Self::Never => Word::Never,
            Self::Recruiter => Word::Recruiter,
        }
    }

    /// The action of a word that needs nothing else; `None` for those that do.
    pub fn of(word: Word) -> Option<Self> {
        Some(match word {
            Word::Send => Self::Send,
            Word::Draft => Self::Draft,
            Word::Done => Self::Done,
            Word::Stop => Self::Stop,
            Word::Yes => Self::Yes,
            Word::No => Self::No,
            Word::Never => Self::Never,
            Word::Recruiter => Self::Recruiter,
            Word::Edit | Word::Snooze => return None,
        })
    }
}

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// A moment to come as a person writes it: `3d`, `2w`, `1mo`, `tomorrow`, `friday`, `2026-12-01`,
/// `2026-12-01T09:00`. A day means its beginning; a number of days keeps the time of day.
///
/// # Errors
/// If it is none, or over already; in words.
pub fn moment(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, String> {
    let wrong = || format!("{text}: write 3d, 2w, friday, or a day such as 2026-12-01");
    let here = now.to_zoned(zone.clone());
    let lower = text.trim().trim_end_matches(['.', ',', '!']).to_lowercase();
    let at = match (Span::parse(&lower), named_day(&lower, here.date())) {
        (_, Some(day)) => day.to_zoned(zone.clone()),
        (Ok(Span::Days(days)), _) => here.checked_add(jiff::Span::new().days(days)),
        (Ok(Span::Months(months)), _) => here.checked_add(jiff::Span::new().months(months)),
        _ => match lower.parse::<jiff::civil::Date>() {
            Ok(day) if !lower.contains(['t', ' ']) => day.to_zoned(zone.clone()),
            _ => {
                let at: jiff::civil::DateTime = lower.to_uppercase().parse().map_err(|_| wrong())?;
                at.to_zoned(zone.clone())
            }
        },
    };
    let at = at.map_err(|_| wrong())?.timestamp();
    if at > now { Ok(at) } else { Err(format!("{text} is over already; name a day to come")) }
}

/// `tomorrow`, `friday`, `fri`: the next such day, never today.
fn named_day(word: &str, today: jiff::civil::Date) -> Option<jiff::civil::Date> {
    if word == "tomorrow" {
        return today.tomorrow().ok();
    }
    let is_it = |name: &str| word.len() >= 3 && name.starts_with(word);
    let day = DAYS.iter().find(|(name, _)| is_it(name))?.1;
    today.nth_weekday(1, day).ok()
}

#[cfg(test)]
mod tests;
