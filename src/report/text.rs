//! The report on the terminal: 80 columns, readable from the top, nothing lost when piped.

pub(super) mod canvas;

use crate::domain::rate::Verdict;

use super::{By, GroupRow, ReportData, WeekRow, words};
use canvas::{Ink, Page, bar, clip, pad, pad_left};

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub colour: bool,
    /// Characters beyond ASCII.
    pub unicode: bool,
    /// Columns; fewer than 40 count as 40.
    pub width: usize,
}

impl Default for Style {
    /// For a pipe.
    fn default() -> Self {
        Self { colour: false, unicode: true, width: 80 }
    }
}

/// Parts of a breakdown shown; the rest is in `--json` and `--csv`.
const MOST_PARTS: usize = 8;

/// The report as text, each line ending in a newline.
pub fn render(data: &ReportData, style: Style) -> String {
    let mut page = Page::new(style);
    headline(&mut page, data);
    attention(&mut page, data);
    numbers(&mut page, data);
    weeks(&mut page, &data.weeks);
    breakdowns(&mut page, data);
    counted(&mut page, data);
    page.finish()
}

/// One breakdown in full, below the whole.
pub fn breakdown(data: &ReportData, by: By, style: Style) -> String {
    let mut page = Page::new(style);
    heading(&mut page, data, &format!("Response rate by {}", by.as_str()));
    page.line(&[(format!("{}, goal {}", words::headline(&data.rate), words::range(data.rate.goal)), Ink::Strong)]);
    page.paragraph(&words::basis(&data.rate), Ink::Faint);
    page.gap();
    match data.by.get(by.as_str()).filter(|rows| !rows.is_empty()) {
        Some(rows) => table(&mut page, rows, usize::MAX),
        None => page.paragraph(words::no_parts(by), Ink::Plain),
    }
    if by == By::Template
        && let Some(comparison) = &data.comparison
    {
        page.gap();
        page.paragraph(&words::comparison(comparison), Ink::Plain);
    }
    page.gap();
    for line in words::reading_parts(by) {
        page.paragraph(line, Ink::Faint);
    }
    page.finish()
}

fn heading(page: &mut Page, data: &ReportData, title: &str) {
    let made = data.made_at.to_zoned(data.zone.clone()).strftime("%-d %B %Y, %H:%M").to_string();
    page.heading(title, &made);
    for account in &data.accounts_stale {
        page.paragraph(&words::stale(account), Ink::Bad);
    }
    if let Some(since) = words::since(data) {
        page.paragraph(&since, Ink::Faint);
    }
}

fn headline(page: &mut Page, data: &ReportData) {
    heading(page, data, "Response rate");
    page.line(&[(words::headline(&data.rate), Ink::Strong)]);
    page.paragraph(&words::basis(&data.rate), Ink::Faint);
    page.gap();
    scale(page, data);
    page.gap();
    let ink = match data.rate.verdict {
        Verdict::TooEarly => Ink::Unsure,
        Verdict::Below => Ink::Bad,
        Verdict::Reached | Verdict::Above => Ink::Good,
    };
    page.paragraph(&data.standing(), ink);
}

/// The goal, the rate and the expected rate over one axis.
fn scale(page: &mut Page, data: &ReportData) {
    const LABEL: usize = 10;
    let rate = &data.rate;
    let ends = rate.observed.iter().map(|seen| seen.interval).chain(rate.expected.iter().map(|e| e.interval));
    let widest = ends.map(|[_, hi]| hi).fold(rate.goal[1], f64::max);
    // The next ten percent up, and never so few that the goal fills the line.
    let tens = ((widest * 10.0).ceil()).clamp(5.0, 10.0);
    let columns = page.width().saturating_sub(LABEL + 4).min(60);
    let at = |share: f64| ((share * 10.0 / tens).clamp(0.0, 1.0) * (columns - 1) as f64).round() as usize;

    let mut row = |label: &str, cells: String, ink: Ink| page.line(&[(pad(label, LABEL), Ink::Faint), (cells, ink)]);
    row("goal", bar(columns, at(rate.goal[0])..=at(rate.goal[1]), '█', None), Ink::Good);
    if let Some(seen) = &rate.observed {
        let [lo, hi] = seen.interval;
        row("you", bar(columns, at(lo)..=at(hi), '━', Some(at(seen.rate))), Ink::Strong);
    }
    if let Some(expected) = &rate.expected {
        let [lo, hi] = expected.interval;
        row("expected", bar(columns, at(lo)..=at(hi), '─', Some(at(expected.rate))), Ink::Plain);
    }
    let mut axis = String::new();
    for ten in 0..=tens as u32 {
        let share = f64::from(ten) / 10.0;
        if axis.chars().count() <= at(share) {
            axis = pad(&axis, at(share)) + &format!("{}", ten * 10);
        }
    }
    row("", axis + " %", Ink::Faint);
}

fn attention(page: &mut Page, data: &ReportData) {
    if data.attention.is_empty() {
        return;
    }
    page.title("What needs attention first");
    for (index, item) in data.attention.iter().enumerate() {
        page.item(&format!("{}.", index + 1), item);
    }
}

fn numbers(page: &mut Page, data: &ReportData) {
    let rate = &data.rate;
    page.title("In numbers");
    page.paragraph(&words::counts(rate), Ink::Plain);
    if let Some(expected) = &rate.expected {
        let line = format!("expected {} when the young outreach has had its time too", words::estimate(expected));
        page.paragraph(&line, Ink::Plain);
    }
    if let Some(probability) = rate.probability_reached {
        let line = format!(
            "{} probable that the rate is {} or more",
            words::probable(probability),
            words::percent(rate.goal[0])
        );
        page.paragraph(&line, Ink::Plain);
    }
    if let Some(undecided) = words::undecided(data) {
        page.paragraph(&undecided, Ink::Plain);
    }
    if let Some(median) = words::median(rate) {
        page.paragraph(&median, Ink::Plain);
    }
    if !data.stages.is_empty() {
        let stages: Vec<String> = data.stages.iter().map(|stage| format!("{} {}", stage.count, stage.name)).collect();
        page.paragraph(&stages.join(" → "), Ink::Plain);
    }
    if data.per_week_target > 0 {
        let (asked, target) = (data.asked_this_week as usize, data.per_week_target as usize);
        let line = format!("{asked} of {target} asked this week");
        let room = 20.min(target);
        let done = (asked.min(target) * room).div_ceil(target);
        let strip = "█".repeat(done) + &"░".repeat(room - done);
        page.line(&[(line + "  ", Ink::Plain), (strip, Ink::Good)]);
    }
}

fn weeks(page: &mut Page, weeks: &[WeekRow]) {
    const LABEL: usize = 10;
    let room = page.width().saturating_sub(LABEL + 20);
    let shown = weeks.get(weeks.len().saturating_sub(room)..).unwrap_or_default();
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else { return };
    page.title(&format!("Weeks from {} to {}", first.monday.strftime("%-d %b"), last.monday.strftime("%-d %b %Y")));
    let most = shown.iter().map(|week| week.sent).max().unwrap_or(0);
    let best = shown.iter().filter_map(|week| week.observed.map(|seen| seen.rate)).fold(0.0, f64::max);
    let asked: String = shown.iter().map(|week| spark(f64::from(week.sent), f64::from(most), week.sent > 0)).collect();
    let answered: String =
        shown.iter().map(|week| week.observed.map_or('·', |seen| spark(seen.rate, best, true))).collect();
    page.line(&[
        (pad("asked", LABEL), Ink::Faint),
        (asked, Ink::Plain),
        (format!("  at most {most} a week"), Ink::Faint),
    ]);
    page.line(&[
        (pad("answered", LABEL), Ink::Faint),
        (answered.clone(), Ink::Good),
        (format!("  at most {}", words::percent(best)), Ink::Faint),
    ]);
    if answered.contains('·') {
        page.paragraph("· not known yet", Ink::Faint);
    }
}

/// One of eight heights; what is known to be zero is the lowest, what is unknown a dot.
fn spark(value: f64, most: f64, known: bool) -> char {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if !known {
        return '·';
    }
    let level = if most > 0.0 { (value / most * 7.0).round() as usize } else { 0 };
    HEIGHTS.get(level).copied().unwrap_or('█')
}

fn breakdowns(page: &mut Page, data: &ReportData) {
    let mut explained = page.width() < 60;
    // weeks are the lines above
    for by in By::ALL.into_iter().filter(|by| *by != By::Week) {
        let Some(rows) = data.by.get(by.as_str()).filter(|rows| super::tells(rows)) else { continue };
        page.title(&words::breakdown(by.as_str()));
        table(page, rows, MOST_PARTS);
        if rows.len() > MOST_PARTS {
            let more = format!("and {} more: report --by {} has them all", rows.len() - MOST_PARTS, by.as_str());
            page.paragraph(&more, Ink::Faint);
        }
        if !explained {
            page.paragraph("weighed: drawn toward the whole, the more so the fewer outreach there are", Ink::Faint);
            explained = true;
        }
        if let Some(comparison) = data.comparison.as_ref().filter(|_| by == By::Template) {
            page.paragraph(&words::comparison(comparison), Ink::Plain);
        }
    }
}

fn table(page: &mut Page, rows: &[GroupRow], most: usize) {
    const COLUMNS: [(&str, usize); 4] = [("answered", 12), ("rate", 8), ("95 %", 12), ("weighed", 11)];
    // A narrow terminal shows the names rather than the intervals.
    let columns = COLUMNS.get(..if page.width() < 60 { 2 } else { 4 }).unwrap_or_default();
    let room = page.width().saturating_sub(columns.iter().map(|(_, width)| width).sum());
    let widest = rows.iter().take(most).map(|row| row.name.chars().count()).max().unwrap_or(0);
    let first = widest.clamp(8, room.max(8));
    let mut line = |name: &str, cells: [String; 4], ink: Ink| {
        let cells: String = columns.iter().zip(cells).map(|((_, width), cell)| pad_left(&cell, *width)).collect();
        page.line(&[(pad(&clip(name, first), first), Ink::Plain), (cells, ink)]);
    };
    line("", COLUMNS.map(|(name, _)| name.to_owned()), Ink::Faint);
    for row in rows.iter().take(most) {
        let cells = match &row.rate.observed {
            Some(seen) => [
                format!("{} of {}", seen.answered, seen.of),
                words::percent(seen.rate),
                words::range(seen.interval),
                row.shrunk.map(words::percent).unwrap_or_default(),
            ],
            None => [format!("{} open", row.rate.delivered), "–".into(), "–".into(), "–".into()],
        };
        line(&row.name, cells, Ink::Plain);
    }
}

/// Bias made visible: what the rate is a share of, and what it leaves out.
fn counted(page: &mut Page, data: &ReportData) {
    const LABEL: usize = 11;
    if data.rate.sent == 0 && data.other_channels.is_empty() {
        return;
    }
    page.title("What is counted, and what is not");
    for (name, text) in words::counted(data) {
        page.labelled(&canvas::clip(&name, LABEL - 1), LABEL, &text);
    }
}
