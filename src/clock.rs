//! The one reader of the system's time. Everybody else gets the time as an argument.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Where the time comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system.
    #[default]
    System,
    /// A time that stands still until it is moved; shared by all clones. For tests and the demo.
    Fixed(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn fixed(at: Timestamp) -> Self {
        Self::Fixed(Arc::new(Mutex::new(at)))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => now(),
            Self::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock, at most to the end of time. The system's clock can't be moved: that does
    /// nothing.
    pub fn advance(&self, by: SignedDuration) {
        if let Self::Fixed(at) = self {
            let mut at = at.lock().unwrap_or_else(PoisonError::into_inner);
            *at = at.saturating_add(by).unwrap_or(*at);
        }
    }
}

/// The system's time.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the system's time")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests;
