//! How figures are said, the same on the terminal and on the page.

use crate::domain::rate::{Assignment, Estimate, FEWEST_FOR_A_VERDICT, Observed, Rate, Verdict};

use super::{By, ReportData, TemplateComparison};

/// `23 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// As [`percent`], but never 0 % or 100 %: a posterior is no proof.
pub(super) fn probable(probability: f64) -> String {
    match probability {
        p if p < 0.01 => "under 1 %".to_owned(),
        p if p > 0.99 => "over 99 %".to_owned(),
        p => percent(p),
    }
}

/// `11–40 %`.
pub(super) fn range([lo, hi]: [f64; 2]) -> String {
    format!("{:.0}–{:.0} %", lo * 100.0, hi * 100.0)
}

/// `7 of 31 = 23 % (95 %: 11–40 %)`.
pub(super) fn observed(seen: &Observed) -> String {
    format!("{} of {} = {} (95 %: {})", seen.answered, seen.of, percent(seen.rate), range(seen.interval))
}

/// `26 % (95 %: 14–44 %)`.
pub(super) fn estimate(estimate: &Estimate) -> String {
    format!("{} (95 %: {})", percent(estimate.rate), range(estimate.interval))
}

/// The first line of every report.
pub(super) fn headline(rate: &Rate) -> String {
    match &rate.observed {
        Some(seen) => observed(seen),
        None => "no rate yet".to_owned(),
    }
}

/// What the headline is a share of.
pub(super) fn basis(rate: &Rate) -> String {
    match &rate.observed {
        Some(_) => format!("answered by a person within {} of the first mail", days(rate.window_days)),
        None if rate.sent == 0 => "nothing sent yet".to_owned(),
        None => format!("none of {} delivered had its {} to be answered", rate.delivered, days(rate.window_days)),
    }
}

/// `40 sent, 35 delivered, 4 bounced (dead address), 1 refused (policy, size or full)`.
pub(super) fn counts(rate: &Rate) -> String {
    let mut line = format!("{} sent, {} delivered", rate.sent, rate.delivered);
    if rate.bounced > 0 {
        line += &format!(", {} bounced (dead address)", rate.bounced);
    }
    if rate.refused > 0 {
        line += &format!(", {} refused (policy, size or full)", rate.refused);
    }
    let waiting = rate.delivered - rate.observed.map_or(0, |seen| seen.of).min(rate.delivered);
    if waiting > 0 {
        line += &format!("; {waiting} still within {}", days(rate.window_days));
    }
    line
}

/// `+6 undecided: 21–26 % either way`, if there are any.
pub(super) fn undecided(data: &ReportData) -> Option<String> {
    let n = data.rate.undecided;
    match data.undecided_range {
        _ if n == 0 => None,
        Some([lo, hi]) if percent(lo) == percent(hi) => Some(format!("+{n} undecided: {} either way", percent(lo))),
        Some(ends) => Some(format!("+{n} undecided: {} either way", range(ends))),
        // none of them has had its time, or none arrived
        None => Some(format!("+{n} undecided, which can't move the rate yet")),
    }
}

/// `half of the answers came within 2.4 days`, if there are answers.
pub(super) fn median(rate: &Rate) -> Option<String> {
    rate.median_days_to_answer.map(|median| match format!("{median:.1}").as_str() {
        "0.0" => "half of the answers came within the hour".to_owned(),
        "1.0" => "half of the answers came within a day".to_owned(),
        text => format!("half of the answers came within {text} days"),
    })
}

/// One or two words for where one stands.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::TooEarly => "too early to tell",
        Verdict::Below => "below the goal",
        Verdict::Reached => "goal reached",
        Verdict::Above => "above the goal",
    }
}

/// Where one stands and what to do next, in one sentence.
pub(super) fn standing(data: &ReportData) -> String {
    let rate = &data.rate;
    let goal = range(rate.goal);
    let Some(seen) = &rate.observed else { return before_any_rate(data) };
    match rate.verdict {
        Verdict::TooEarly if seen.of < FEWEST_FOR_A_VERDICT => format!(
            "Too early to tell: {} and a verdict needs at least {FEWEST_FOR_A_VERDICT}{}; {}.",
            outreach_has_had_its_time(seen.of),
            match rate.more_needed {
                Some(more) if seen.of + more > FEWEST_FOR_A_VERDICT =>
                    format!(" (at the present rate about {more} more would settle it)"),
                _ => String::new(),
            },
            keep_asking(data),
        ),
        Verdict::TooEarly => match rate.more_needed {
            Some(more) => format!(
                "Too early to tell whether you reach {goal}: at the present rate about {more} more outreach would settle \
                 it; {}.",
                keep_asking(data),
            ),
            None => format!(
                "You are so close to the edge of the goal of {goal} that more of the same will hardly settle it: try other \
                 words, or other people."
            ),
        },
        Verdict::Below => format!(
            "You are probably below the goal of {goal}: change whom you ask or what you write before you send more of the \
             same{}.",
            better_template(data),
        ),
        Verdict::Reached => {
            format!("You have probably reached the goal of {goal}: keep doing what you do, {}.", pace(data))
        }
        Verdict::Above => format!(
            "You are probably above the goal of {goal}: keep it up, and dare to ask people you thought out of reach, {}.",
            pace(data),
        ),
    }
}

/// Says which of two templates does better, and whether that means anything.
pub(super) fn comparison(comparison: &TemplateComparison) -> String {
    let TemplateComparison { a, b, result, observed, drawn_from } = comparison;
    let caution = match (result.assignment, drawn_from) {
        (Assignment::Randomised, Some(name)) => format!("checkback drew which one, experiment “{name}”"),
        (Assignment::Randomised, None) => "checkback drew which one".to_owned(),
        (Assignment::Observational, _) => {
            "observational: you chose who got which, so whom you asked may be the reason".to_owned()
        }
    };
    if result.too_early {
        let of = |seen: Option<Observed>| seen.map_or(0, |seen| seen.of);
        return format!(
            "Too early to compare “{a}” with “{b}”: each needs {FEWEST_FOR_A_VERDICT} outreach that had their time, they \
             have {} and {} ({caution}).",
            of(observed[0]),
            of(observed[1]),
        );
    }
    let (better, worse, probability) =
        if result.a_is_higher >= 0.5 { (a, b, result.a_is_higher) } else { (b, a, 1.0 - result.a_is_higher) };
    format!("“{better}” is answered more often than “{worse}” with probability {} ({caution}).", probable(probability))
}

/// What was counted and what was not, each with its words: so that nobody has to guess what a rate leaves out.
pub(super) fn counted(data: &ReportData) -> Vec<(String, String)> {
    let (rate, not, window) = (&data.rate, &data.not_counted, days(data.rate.window_days));
    let seen = rate.observed.map_or(0, |seen| seen.of);
    let waiting = rate.delivered.saturating_sub(seen);
    let some = |n: u32, text: String| (n > 0).then_some(text);
    let machines: Vec<String> = not.machines.iter().map(|(kind, n)| format!("{n} {}", machine(kind, *n))).collect();
    let others = data.other_channels.iter().map(|one| {
        let said = format!("{} of {} answered: silence cannot be seen there", one.answered, one.asked);
        (one.name.clone(), said)
    });
    [
        ("counted", Some(format!("{seen} asked by mail that arrived and had {window} to answer"))),
        (
            "not yet",
            some(waiting, format!("{waiting} younger than {window}, or not watched for so long; “expected” uses them")),
        ),
        ("late", some(not.late, format!("{} answered after {window}: silence for the rate", not.late))),
        (
            "bounced",
            some(
                rate.bounced,
                match not.left {
                    0 => format!("{} to a dead address: nobody could answer", rate.bounced),
                    left => format!("{} to a dead address, of whom {left} left the company", rate.bounced),
                },
            ),
        ),
        (
            "refused",
            some(rate.refused, format!("{} by policy, size or a full mailbox: mend it and ask again", rate.refused)),
        ),
        (
            "not sent",
            some(
                not.turned_away,
                format!("{} turned away by the mail server as they left: checkback status", not.turned_away),
            ),
        ),
        (
            "machines",
            some(u32::from(!machines.is_empty()), format!("{}: no person wrote, so no answer", machines.join(", "))),
        ),
        (
            "possible",
            some(
                not.possible,
                format!(
                    "{} that may be an answer and {} for your word",
                    not.possible,
                    if not.possible == 1 { "waits" } else { "wait" }
                ),
            ),
        ),
        (
            "undecided",
            some(
                rate.undecided,
                format!("{} in Sent of which you have not said what they are", threads(rate.undecided)),
            ),
        ),
        (
            "stale",
            some(
                u32::from(!data.accounts_stale.is_empty()),
                format!("what came to “{}” since the last read", data.accounts_stale.join("”, “")),
            ),
        ),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name.to_owned(), text?)))
    .chain(others)
    .collect()
}

fn threads(n: u32) -> String {
    if n == 1 { "1 thread".to_owned() } else { format!("{n} threads") }
}

/// What a kind of mail is called, of so many outreach.
fn machine(kind: &str, n: u32) -> &'static str {
    match (kind, n) {
        ("out_of_office", 1) => "out-of-office note",
        ("out_of_office", _) => "out-of-office notes",
        ("automatic", 1) => "receipt or ticket",
        ("automatic", _) => "receipts or tickets",
        ("bounce", 1) => "bounce",
        ("bounce", _) => "bounces",
        ("delay", 1) => "delay notice",
        ("delay", _) => "delay notices",
        (_, 1) => "newsletter",
        _ => "newsletters",
    }
}

/// `21 days`, `1 day`.
pub(super) fn days(n: u32) -> String {
    if n == 1 { "1 day".to_owned() } else { format!("{n} days") }
}

/// `Mailbox “personal” was not read lately: what came since is not in these figures.`
pub(super) fn stale(account: &str) -> String {
    format!("Mailbox “{account}” was not read lately: what came since is not in these figures.")
}

/// `Only outreach begun since 1 September 2026`, if that is so.
pub(super) fn since(data: &ReportData) -> Option<String> {
    let since = data.since?.to_zoned(data.zone.clone());
    Some(format!("Only outreach begun since {}", since.strftime("%-d %B %Y")))
}

/// Heading of a breakdown.
pub(super) fn breakdown(by: &str) -> String {
    format!("By {by}")
}

/// Why a breakdown is empty, and how it gets parts.
pub(super) fn no_parts(by: By) -> &'static str {
    match by {
        By::Template => "No outreach was sent from a template: checkback send TEMPLATE --to ADDRESS does.",
        By::Tag => "Nothing is tagged: checkback outreach tag ID WORD does.",
        _ => "Nothing was sent yet.",
    }
}

/// How to read a breakdown.
pub(super) fn reading_parts(by: By) -> Vec<&'static str> {
    let own = match by {
        By::Step => Some("each step among those that were still unanswered when it was sent"),
        By::Tag => Some("an outreach with two tags is in both parts"),
        By::Channel => Some("a logged call counts as answered by nature, and LinkedIn's silence cannot be seen"),
        _ => None,
    };
    [Some("weighed: drawn toward the whole, the more so the fewer outreach there are"), own]
        .into_iter()
        .flatten()
        .collect()
}

fn before_any_rate(data: &ReportData) -> String {
    let rate = &data.rate;
    if rate.sent == 0 {
        return match data.per_week_target {
            0 | 1 => "Nothing has been sent yet: ask the first person this week.".to_owned(),
            target => format!("Nothing has been sent yet: ask the first of this week's {target} people."),
        };
    }
    if rate.delivered == 0 {
        return "Nothing that was sent has arrived: check the addresses before you send more.".to_owned();
    }
    format!(
        "Too early to tell: no outreach has had its {} to be answered yet; {}.",
        days(rate.window_days),
        keep_asking(data),
    )
}

fn outreach_has_had_its_time(of: u32) -> String {
    if of == 1 { "1 outreach has had its time".to_owned() } else { format!("{of} outreach have had their time") }
}

fn keep_asking(data: &ReportData) -> String {
    match data.per_week_target.checked_sub(data.asked_this_week) {
        _ if data.per_week_target == 0 => "keep asking".to_owned(),
        None | Some(0) => "this week's asks are done".to_owned(),
        Some(1) => "ask one more person this week".to_owned(),
        Some(left) => format!("ask {left} more people this week"),
    }
}

fn pace(data: &ReportData) -> String {
    match data.per_week_target {
        0 => "at your own pace".to_owned(),
        target => format!("{target} a week"),
    }
}

fn better_template(data: &ReportData) -> String {
    let Some(TemplateComparison { a, b, result, .. }) = &data.comparison else { return String::new() };
    let better = match result.a_is_higher {
        _ if result.too_early => return String::new(),
        p if p >= 0.8 => a,
        p if p <= 0.2 => b,
        _ => return String::new(),
    };
    format!(" (“{better}” does better so far)")
}
