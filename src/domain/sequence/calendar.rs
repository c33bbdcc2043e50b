//! When a mail may leave by itself: working days, holidays, the send window, the gap between two mails,
//! how many a day. Every moment that comes from here lies in the window of a working day.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::domain::duration::Span;

/// Days that are looked at before it is said that there is no working day any more.
const HORIZON: u32 = 4_000;

/// The user's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The user's zone: days and their limits are counted in it.
    pub zone: TimeZone,
    /// The zone of the one who is written to, if it is known: the window and working days are theirs.
    pub reader: Option<TimeZone>,
    /// From, and up to but not including, local time.
    pub window: (Time, Time),
    /// Days on which nothing leaves, beside Saturdays and Sundays.
    pub days_off: BTreeSet<Date>,
    /// The least gap between two mails.
    pub spacing: SignedDuration,
    /// Mails a day.
    pub daily_limit: u32,
}

impl Calendar {
    /// The user's day at that moment.
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// When a day of the user's begins.
    pub fn day_begins(&self, day: Date) -> Timestamp {
        day.to_zoned(self.zone.clone()).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
    }

    /// Monday to Friday, and no holiday.
    pub fn is_working(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.days_off.contains(&day)
    }

    /// Whether a mail may leave at that moment.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = at.to_zoned(self.there().clone());
        let (from, to) = self.window;
        self.is_working(local.date()) && from <= local.time() && local.time() < to
    }

    /// The first moment from then on at which a mail may leave; `None` if no working day is left.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) {
            return Some(at);
        }
        self.opening_from(self.day_there(at), at)
    }

    /// When a step is due that follows a touch: `after` counted from the user's day of the touch, at the
    /// beginning of the window; hours and less from the touch itself. What would fall on a day off comes
    /// on the next working day.
    pub fn due_at(&self, touch: Timestamp, after: Span) -> Option<Timestamp> {
        let day = self.day(touch);
        let target = match after {
            Span::Exact(seconds) => {
                return self.next_open(touch.checked_add(SignedDuration::from_secs(seconds)).ok()?);
            }
            Span::Days(days) => day.checked_add(i64::from(days).days()).ok()?,
            Span::Months(months) => day.checked_add(i64::from(months).months()).ok()?,
            Span::BusinessDays(days) => self.working_days_later(day, days)?,
        };
        self.opening_from(target, touch)
    }

    /// The working day that lies that many working days behind a day; 0 is the day itself.
    pub fn working_days_later(&self, day: Date, count: u32) -> Option<Date> {
        let mut found = day;
        for _ in 0..count {
            found = self.working_from(found.tomorrow().ok()?)?;
        }
        Some(found)
    }

    /// A moment for one more mail: not before `earliest`, with the gap to all that was `taken`, within the
    /// day's limit, and on none of the days `but_not`.
    pub fn slot(&self, earliest: Timestamp, taken: &[Timestamp], but_not: &BTreeSet<Date>) -> Option<Timestamp> {
        let limit = usize::try_from(self.daily_limit).unwrap_or(usize::MAX);
        let mut at = self.next_open(earliest)?;
        for _ in 0..HORIZON as usize + taken.len() {
            let day = self.day(at);
            let of_day = taken.iter().filter(|other| self.day(**other) == day).count();
            if but_not.contains(&day) || of_day >= limit {
                let next = self.day_begins(day.tomorrow().ok()?);
                at = self.next_open(next.max(at))?;
                continue;
            }
            let near = |other: &&Timestamp| at.duration_since(**other).abs() < self.spacing;
            match taken.iter().filter(near).max() {
                Some(other) => at = self.next_open(other.checked_add(self.spacing).ok()?)?,
                None => return Some(at),
            }
        }
        None
    }

    /// The zone in which the window is read.
    fn there(&self) -> &TimeZone {
        self.reader.as_ref().unwrap_or(&self.zone)
    }

    fn day_there(&self, at: Timestamp) -> Date {
        at.to_zoned(self.there().clone()).date()
    }

    fn working_from(&self, day: Date) -> Option<Date> {
        day.series(1.day()).take(HORIZON as usize).find(|day| self.is_working(*day))
    }

    /// The beginning of the window on that day or the first one after it that is not past by then.
    fn opening_from(&self, day: Date, not_before: Timestamp) -> Option<Timestamp> {
        let mut days = day.series(1.day()).take(HORIZON as usize).filter(|day| self.is_working(*day));
        days.find_map(|day| {
            let opening = self.opening(day)?.max(not_before);
            (self.is_open(opening) && self.day_there(opening) == day).then_some(opening)
        })
    }

    /// The first moment of a day at which the clock shows the window's beginning or later.
    fn opening(&self, day: Date) -> Option<Timestamp> {
        let local = self.there().to_ambiguous_zoned(day.to_datetime(self.window.0));
        if !matches!(local.offset(), AmbiguousOffset::Gap { .. }) {
            return local.earlier().ok().map(|zoned| zoned.timestamp());
        }
        // the clock jumps over it: the window opens when it has jumped
        let before = local.earlier().ok()?.timestamp();
        self.there().following(before).next().map(|jump| jump.timestamp())
    }
}

#[cfg(test)]
mod tests;
