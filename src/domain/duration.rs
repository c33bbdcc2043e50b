//! [`Span`]: a length of time as people write it, `15m`, `21d`, `5 business days`.
//!
//! The one parser of durations: the config file, the sequences and the command line use it.

use std::fmt;

use jiff::SignedDuration;

/// A length of time. Days are days of the calendar, so that "in 2 days at 9" stays at 9 when the
/// clocks change; hours and less are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// Seconds, minutes, hours (`s`, `m`, `h`), in seconds.
    Exact(i64),
    /// Days and weeks (`d`, `w`), in days.
    Days(u32),
    /// Months (`mo`).
    Months(u32),
    /// `business days`: Monday to Friday, without holidays.
    BusinessDays(u32),
}

impl Span {
    /// The largest number before a unit: enough for everything, too small to overflow anything.
    const MAX: u32 = 100_000;

    /// Reads a number and a unit, with or without a space between them.
    ///
    /// # Errors
    /// With words to show to the person who wrote it.
    pub fn parse(text: &str) -> Result<Self, SpanError> {
        let trimmed = text.trim();
        let (digits, unit) = match trimmed.find(|c: char| !c.is_ascii_digit()) {
            Some(at) => trimmed.split_at_checked(at).unwrap_or((trimmed, "")),
            None => (trimmed, ""),
        };
        if digits.is_empty() {
            return Err(SpanError::NoNumber);
        }
        let number = digits.parse::<u32>().ok().filter(|number| *number <= Self::MAX).ok_or(SpanError::TooLong)?;
        let unit: Vec<&str> = unit.split_whitespace().collect();
        let seconds = i64::from(number);
        match unit.as_slice() {
            ["s"] => Ok(Self::Exact(seconds)),
            ["m"] => Ok(Self::Exact(seconds * 60)),
            ["h"] => Ok(Self::Exact(seconds * 3600)),
            ["d"] => Ok(Self::Days(number)),
            ["w"] => Ok(Self::Days(number * 7)),
            ["mo"] => Ok(Self::Months(number)),
            ["business", "day" | "days"] => Ok(Self::BusinessDays(number)),
            [] => Err(SpanError::NoUnit(number)),
            _ => Err(SpanError::UnknownUnit),
        }
    }

    /// The exact length, a day taken as 24 hours; `None` for months and business days, which have none.
    pub fn exact(self) -> Option<SignedDuration> {
        match self {
            Self::Exact(seconds) => Some(SignedDuration::from_secs(seconds)),
            Self::Days(days) => Some(SignedDuration::from_hours(i64::from(days) * 24)),
            Self::Months(_) | Self::BusinessDays(_) => None,
        }
    }

    /// The number of days if it was given in days or weeks.
    pub fn days(self) -> Option<u32> {
        match self {
            Self::Days(days) => Some(days),
            _ => None,
        }
    }
}

impl fmt::Display for Span {
    /// The shortest form that [`Span::parse`] reads back to the same value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Exact(seconds) if seconds != 0 && seconds % 3600 == 0 => write!(f, "{}h", seconds / 3600),
            Self::Exact(seconds) if seconds != 0 && seconds % 60 == 0 => write!(f, "{}m", seconds / 60),
            Self::Exact(seconds) => write!(f, "{seconds}s"),
            Self::Days(days) if days != 0 && days % 7 == 0 => write!(f, "{}w", days / 7),
            Self::Days(days) => write!(f, "{days}d"),
            Self::Months(months) => write!(f, "{months}mo"),
            Self::BusinessDays(1) => write!(f, "1 business day"),
            Self::BusinessDays(days) => write!(f, "{days} business days"),
        }
    }
}

/// Why a text is no [`Span`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// It does not begin with a whole number.
    #[error("a duration is a whole number and a unit: s, m, h, d, w, mo or `business days`, such as \"15m\"")]
    NoNumber,
    /// A number alone.
    #[error("the unit is missing: {0}s, {0}m (minutes), {0}h, {0}d, {0}w or {0}mo (months)")]
    NoUnit(u32),
    /// One unit only, and one of ours.
    #[error("the unit is one of s, m (minutes), h, d, w, mo (months) or `business days`, and only one is written")]
    UnknownUnit,
    /// More than a hundred thousand of any unit.
    #[error("that is too long: 100000 of any unit at most")]
    TooLong,
}

#[cfg(test)]
mod tests;
