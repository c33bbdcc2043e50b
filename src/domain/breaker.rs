//! The breaker (product §3.5): when what the machine writes is refused or comes back again and again,
//! everything automatic stops by itself until a person has looked.

use jiff::{SignedDuration, Timestamp};

/// Incidents within [`WINDOW`] that trip it.
pub const MOST: usize = 3;
/// How far back incidents count.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// What went wrong with one automatic mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The sending server refused it for good, and not because the address is dead.
    Refused,
    /// It came back for good.
    Bounced,
}

/// One automatic mail that went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    /// When it was learnt.
    pub at: Timestamp,
    /// What happened.
    pub trouble: Trouble,
}

/// Why the breaker trips, in words; `None` if it holds. What happened before a person said `resume`
/// counts no more.
pub fn trips(incidents: &[Incident], resumed_at: Option<Timestamp>, now: Timestamp) -> Option<String> {
    let counts = |incident: &&Incident| {
        now.duration_since(incident.at) <= WINDOW && resumed_at.is_none_or(|resumed| incident.at > resumed)
    };
    let number = |trouble| incidents.iter().filter(counts).filter(|incident| incident.trouble == trouble).count();
    let (refused, bounced) = (number(Trouble::Refused), number(Trouble::Bounced));
    (refused + bounced >= MOST).then(|| {
        let parts = [(refused, "refused by the mail server"), (bounced, "returned as undeliverable")];
        let said: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        format!("automatic mail failed within 24 hours: {}", said.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NOW: &str = "2026-03-10T10:00:00Z";

    fn incidents(hours_ago: &[i64]) -> Vec<Incident> {
        let now: Timestamp = NOW.parse().unwrap();
        let kinds = [Trouble::Refused, Trouble::Bounced];
        hours_ago
            .iter()
            .zip(kinds.iter().cycle())
            .map(|(hours, trouble)| Incident { at: now - SignedDuration::from_hours(*hours), trouble: *trouble })
            .collect()
    }

    #[rstest]
    #[case::none(&[], None, false)]
    #[case::two(&[1, 2], None, false)]
    #[case::three(&[1, 2, 3], None, true)]
    #[case::one_is_too_old(&[1, 2, 25], None, false)]
    #[case::the_edge_counts(&[1, 2, 24], None, true)]
    #[case::resumed_after_them(&[2, 3, 4], Some(1), false)]
    #[case::resumed_between_them(&[1, 2, 3, 5], Some(4), true)]
    #[case::a_clock_that_was_set_back(&[-1, -2, -3], None, true)]
    fn it_trips_at_the_third_incident_within_a_day(
        #[case] hours_ago: &[i64],
        #[case] resumed: Option<i64>,
        #[case] trips: bool,
    ) {
        let now: Timestamp = NOW.parse().unwrap();
        let resumed = resumed.map(|hours| now - SignedDuration::from_hours(hours));
        assert_eq!(super::trips(&incidents(hours_ago), resumed, now).is_some(), trips);
    }

    #[test]
    fn it_says_what_happened() {
        let because = trips(&incidents(&[1, 2, 3]), None, NOW.parse().unwrap());
        let said = "automatic mail failed within 24 hours: 2 refused by the mail server, 1 returned as undeliverable";
        assert_eq!(because.as_deref(), Some(said));
    }
}
