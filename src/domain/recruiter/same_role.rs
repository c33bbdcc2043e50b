//! The same role from two agencies: an employer who gets one person's papers twice refuses both.

use super::normal::fold;
use crate::domain::gist::Pitch;

/// Words that say how senior, not which job.
const LEVELS: &[&str] = &[
    "senior",
    "lead",
    "principal",
    "staff",
    "junior",
    "experienced",
    "first",
    "founding",
    "sr",
    "m/w/d",
    "h/f",
    "the",
];
/// Named skills that two pitches must share where neither names company, place or pay.
const SKILLS: usize = 3;

/// Whether two pitches are likely one and the same role: the names of the job agree, no named fact
/// disagrees, and one fact beyond the name agrees (company; or two of place, pay and skills).
pub(super) fn same_role(one: &Pitch, other: &Pitch) -> bool {
    let (Some(a), Some(b)) = (&one.role, &other.role) else { return false };
    if !same_job(a, b) {
        return false;
    }
    let company = agree(one.company.as_deref(), other.company.as_deref(), same_name);
    let place = agree(one.place.as_deref(), other.place.as_deref(), same_name);
    let pay = agree(one.pay.as_deref(), other.pay.as_deref(), |a, b| numbers(a).iter().any(|n| numbers(b).contains(n)));
    if company == Some(false) || place == Some(false) && company != Some(true) {
        return false;
    }
    let shared = one.skills.iter().filter(|skill| other.skills.contains(skill)).count();
    let facts = [place == Some(true), pay == Some(true), shared >= 2].iter().filter(|agrees| **agrees).count();
    company == Some(true) || facts >= 2 || shared >= SKILLS && pay != Some(false)
}

fn agree(one: Option<&str>, other: Option<&str>, alike: impl Fn(&str, &str) -> bool) -> Option<bool> {
    Some(alike(one?, other?))
}

fn same_job(one: &str, other: &str) -> bool {
    let (a, b) = (words(one), words(other));
    !a.is_empty() && !b.is_empty() && (a.iter().all(|word| b.contains(word)) || b.iter().all(|word| a.contains(word)))
}

fn words(role: &str) -> Vec<String> {
    let folded = fold(role);
    let words = folded.split(|c: char| c.is_whitespace() || c == '-').filter(|word| !LEVELS.contains(word));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn same_name(one: &str, other: &str) -> bool {
    let (a, b) = (fold(one), fold(other));
    a == b || a.split(' ').next() == b.split(' ').next()
}

fn numbers(pay: &str) -> Vec<String> {
    let digits = pay.replace([',', '.', '\u{a0}'], "");
    let runs = digits.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() > 1);
    runs.map(|run| run.trim_end_matches("000").to_owned()).collect()
}
