//! What the tone of an answer suggests to do next. Only proposed: a person decides with one key.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::dates::{self, Precision};
use super::gist::{Gist, Tone};
use super::ident::{Address, NamedAddress};

/// Months after which somebody is asked again who said "later" and named no day.
const LATER_MONTHS: i64 = 3;
/// A day that is further away is none that was offered for a meeting.
const MEETING_DAYS: i64 = 60;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "next", rename_all = "snake_case")]
pub enum NextStep {
    /// Write again on that day.
    Later {
        /// The day.
        on: Date,
        /// They named it; else it is three months from their answer.
        named: bool,
    },
    /// Ask somebody else, whom they named.
    Other {
        /// That person.
        to: NamedAddress,
        /// Who named them.
        referrer: String,
    },
    /// Thank for a yes, and note the meeting if it names a day.
    Yes {
        /// The day.
        on: Option<Date>,
    },
    /// Thank for a no.
    No,
}

impl NextStep {
    /// What is proposed, as a question.
    pub fn ask(&self) -> String {
        match self {
            Self::Later { on, named: true } => format!("They asked you to write again. A follow-up on {on}?"),
            Self::Later { on, named: false } => format!("They said later, and named no day. A follow-up on {on}?"),
            Self::Other { to, .. } => format!("They named {}. A first mail to them, into Drafts?", to.label()),
            Self::Yes { on: Some(on) } => {
                format!("They said yes. Note the meeting on {on}, and a thank-you into Drafts?")
            }
            Self::Yes { on: None } => "They said yes. A thank-you that offers two days, into Drafts?".to_owned(),
            Self::No => "They said no. A short thank-you, into Drafts?".to_owned(),
        }
    }

    /// What follows once a person said yes to it.
    pub fn done(&self) -> String {
        match self {
            Self::Later { on, .. } => format!("a follow-up is planned for {on}; no mail is written now"),
            Self::Other { to, .. } => format!("a first mail to {} goes into Drafts", to.label()),
            Self::Yes { on: Some(on) } => format!("the meeting on {on} is noted, and a thank-you goes into Drafts"),
            Self::Yes { on: None } | Self::No => "a thank-you goes into Drafts".to_owned(),
        }
    }
}

/// What an answer suggests; `None`: nothing, or what only a person can answer.
pub fn suggested(gist: &Gist, at: Timestamp, zone: &TimeZone) -> Option<NextStep> {
    let today = at.to_zoned(zone.clone()).date();
    match gist.tone.as_ref()? {
        Tone::NotNow { until } => {
            let named = until.filter(|day| *day > today).map(well_into);
            let on = named.or_else(|| today.checked_add(LATER_MONTHS.months()).ok())?;
            Some(NextStep::Later { on, named: named.is_some() })
        }
        Tone::TryOther { address: Some(address) } => {
            let name = name_beside(address, &gist.text).or_else(|| name_in(address));
            let to = NamedAddress { name, address: address.clone() };
            let from = gist.from.as_ref()?;
            let is_self = gist.author().is_some_and(|author| author.same_mailbox(address));
            (!is_self).then(|| NextStep::Other { to, referrer: from.label().to_owned() })
        }
        Tone::Yes => Some(NextStep::Yes { on: offered(gist, at, today) }),
        Tone::No { for_good: false } => Some(NextStep::No),
        Tone::TryOther { address: None } | Tone::No { .. } | Tone::LeftCompany | Tone::Question | Tone::Unclear => None,
    }
}

/// The day to write to whoever named this one. A month or a year that was named alone is read as its first
/// day, which is a holiday in half of the world: whoever says "in January" means its second working week.
fn well_into(day: Date) -> Date {
    if day.day() != 1 {
        return day;
    }
    let eighth = day.saturating_add(7.days());
    eighth.saturating_add(i64::from((7 - eighth.weekday().to_monday_zero_offset()) % 7).days())
}

/// The one day to come that a text names; where there are several, a person chooses.
fn offered(gist: &Gist, at: Timestamp, today: Date) -> Option<Date> {
    let last = today.checked_add(MEETING_DAYS.days()).ok()?;
    let found = dates::find(&dates::prepared(&gist.text), gist.language.as_deref(), at);
    let mut days: Vec<Date> = found
        .iter()
        .filter(|day| matches!(day.precision, Precision::Day | Precision::Weekday))
        .map(|day| day.date)
        .filter(|day| *day > today && *day <= last)
        .collect();
    days.sort_unstable();
    days.dedup();
    if let [day] = days.as_slice() { Some(*day) } else { None }
}

/// Words of a name that are looked at.
const LONGEST_NAME: usize = 4;
/// Words that begin with a capital letter before a name and are none of it.
const NO_NAMES: [&str; 18] = [
    "contact", "write", "ask", "try", "email", "mail", "please", "to", "cc", "from", "and", "or", "our", "my", "hi",
    "hello", "an", "kontakt",
];

/// The name that stands before an address in a text: `please ask Carla Diaz <carla@corp.example>`.
fn name_beside(address: &Address, text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let lower = line.to_ascii_lowercase();
        let at = lower.find(&address.as_str().to_ascii_lowercase())?;
        let before = line.get(..at)?.trim_end_matches("mailto:").trim_end();
        let before = before.strip_suffix(['<', '(', '['])?.trim_end().trim_end_matches(['"', '\'']);
        let is_name = |word: &str| {
            let spelt = word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '.'));
            let known = NO_NAMES.contains(&word.to_lowercase().as_str());
            word.chars().next().is_some_and(char::is_uppercase) && spelt && !known
        };
        let words = before.split_whitespace().rev();
        let mut name: Vec<&str> = words.take_while(|word| is_name(word)).take(LONGEST_NAME).collect();
        name.reverse();
        (!name.is_empty()).then(|| name.join(" "))
    })
}

/// The name that an address spells: `lee.park@corp.example` is Lee Park.
fn name_in(address: &Address) -> Option<String> {
    let parts: Vec<&str> = address.local().split(['.', '_']).collect();
    let is_name = |part: &&str| part.chars().count() > 1 && part.chars().all(char::is_alphabetic);
    if parts.len() < 2 || !parts.iter().all(is_name) {
        return None;
    }
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    Some(parts.into_iter().map(capital).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests;
