//! The roster: which recruiters are worth writing to first, on the day the user looks for work.

use jiff::Timestamp;
use jiff::civil::Date;

use super::gist::Pitch;

/// A recruiter with everything that the ranking asks.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// What was pitched, oldest first.
    pub pitches: &'a [Pitch],
    /// When each was pitched.
    pub last_seen: Timestamp,
    /// The day the answer promised.
    pub check_back_on: Option<Date>,
    /// Came back on or after that day.
    pub returned: bool,
}

/// How much speaks for a recruiter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quality {
    /// Higher is better.
    pub points: u32,
    /// What speaks for them, best first.
    pub because: Vec<&'static str>,
}

/// Points of what speaks for a recruiter. In-house goes before agency, then who keeps a promise, then
/// who says for whom and for how much.
const CAME_BACK: (u32, &str) = (40, "came back when asked");
const IN_HOUSE: (u32, &str) = (30, "writes for their own company");
const COMPANY: (u32, &str) = (20, "names the company");
const PAY: (u32, &str) = (15, "names the pay");
const ROLE: (u32, &str) = (10, "names the role");
const SKILLS: (u32, &str) = (5, "names skills");
const AGAIN: (u32, &str) = (5, "wrote more than once");

/// What speaks for a recruiter.
pub fn quality(standing: &Standing<'_>) -> Quality {
    let any = |test: fn(&Pitch) -> bool| standing.pitches.iter().any(test);
    let agency = any(|pitch| pitch.agency.is_some());
    let company = any(|pitch| pitch.company.is_some());
    let mut because: Vec<(u32, &'static str)> = [
        (standing.returned, CAME_BACK),
        (company && !agency, IN_HOUSE),
        (company, COMPANY),
        (any(|pitch| pitch.pay.is_some()), PAY),
        (any(|pitch| pitch.role.is_some()), ROLE),
        (any(|pitch| !pitch.skills.is_empty()), SKILLS),
        (standing.pitches.len() > 1, AGAIN),
    ]
    .into_iter()
    .filter_map(|(holds, reason)| holds.then_some(reason))
    .collect();
    because.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    Quality {
        points: because.iter().map(|(points, _)| points).sum(),
        because: because.into_iter().map(|(_, reason)| reason).collect(),
    }
}

/// The order of the roster: best first, and of equals who wrote last.
pub fn order(one: (&Quality, Timestamp), other: (&Quality, Timestamp)) -> std::cmp::Ordering {
    other.0.points.cmp(&one.0.points).then(other.1.cmp(&one.1))
}

/// How the answer that asked them to check back turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// Never asked.
    None,
    /// The day has not come.
    Ahead,
    /// They came back.
    Kept,
    /// The day passed and nobody wrote.
    Passed,
}

impl Promise {
    /// The name in `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ahead => "ahead",
            Self::Kept => "kept",
            Self::Passed => "passed",
        }
    }
}

/// How the answer that asked them to check back turned out by `today`.
pub fn promise(standing: &Standing<'_>, today: Date) -> Promise {
    match standing.check_back_on {
        _ if standing.returned => Promise::Kept,
        None => Promise::None,
        Some(on) if on < today => Promise::Passed,
        Some(_) => Promise::Ahead,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pitch(company: bool, agency: bool, pay: bool) -> Pitch {
        Pitch {
            role: Some("Rust Engineer".into()),
            company: company.then(|| "Seamark".into()),
            agency: agency.then(|| "Bright Staff".into()),
            pay: pay.then(|| "€90k".into()),
            ..Pitch::default()
        }
    }

    fn standing(pitches: &[Pitch], returned: bool) -> Standing<'_> {
        Standing { pitches, last_seen: Timestamp::UNIX_EPOCH, check_back_on: None, returned }
    }

    #[test]
    fn the_better_recruiter_goes_first() {
        let ranked = [
            (vec![pitch(true, false, true)], true, "in-house, pay, came back"),
            (vec![pitch(true, true, true)], true, "agency, came back"),
            (vec![pitch(true, false, true)], false, "in-house with pay"),
            (vec![pitch(true, false, false)], false, "in-house"),
            (vec![pitch(true, true, true)], false, "agency that names company and pay"),
            (vec![pitch(false, true, true)], false, "agency that names the pay"),
            (vec![pitch(false, true, false)], false, "agency that names nothing"),
            (vec![Pitch::default()], false, "nothing at all"),
        ];
        let points: Vec<u32> =
            ranked.iter().map(|(pitches, returned, _)| quality(&standing(pitches, *returned)).points).collect();
        for (pair, (_, _, name)) in points.windows(2).zip(&ranked) {
            assert!(pair[0] > pair[1], "{name}: {points:?}");
        }
    }

    #[test]
    fn every_point_is_explained() {
        let pitches = [pitch(true, false, true), pitch(true, false, false)];
        let quality = quality(&standing(&pitches, true));
        assert_eq!(quality.because, [CAME_BACK.1, IN_HOUSE.1, COMPANY.1, PAY.1, ROLE.1, AGAIN.1], "{quality:?}");
    }

    #[test]
    fn a_promise_is_ahead_kept_or_passed() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        for (on, returned, expected) in [
            (None, false, Promise::None),
            (Some("2027-07-20"), false, Promise::Ahead),
            (Some("2026-11-20"), false, Promise::Ahead),
            (Some("2026-11-19"), false, Promise::Passed),
            (Some("2026-11-01"), true, Promise::Kept),
        ] {
            let standing = Standing { check_back_on: on.map(day), ..standing(&[], returned) };
            assert_eq!(promise(&standing, day("2026-11-20")), expected, "{on:?} {returned}");
        }
    }
}
