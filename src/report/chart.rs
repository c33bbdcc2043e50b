//! The plots, as SVG without scripts: each with a title and a description for those who do not see
//! it, and its figures as a table. Colours and sizes of text are the page's (CSS classes).

mod canvas;

use jiff::civil::Date;
use serde::Serialize;

use crate::domain::rate::{CurvePoint, Observed, Rate};

use super::{GroupRow, ReportData, StageRow, WeekRow, words};
use canvas::{Area, Canvas};

/// A plot with what belongs to it.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub title: String,
    /// One sentence that says how to read it.
    pub caption: String,
    /// Ready SVG; every text in it is escaped.
    pub svg: String,
    pub table: Table,
}

/// The figures behind a plot.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The latest weeks shown; the rest is in `--by week` and in the sheet.
const MOST_WEEKS: usize = 26;

/// Goal, rate and expected rate over one axis; empty where there is no rate.
pub(super) fn scale(rate: &Rate) -> String {
    let bars: Vec<(&str, f64, [f64; 2])> = rate
        .observed
        .iter()
        .map(|seen| ("observed", seen.rate, seen.interval))
        .chain(rate.expected.iter().map(|expected| ("expected", expected.rate, expected.interval)))
        .collect();
    if bars.is_empty() {
        return String::new();
    }
    let top = share_top(bars.iter().map(|(_, _, interval)| interval[1]), rate.goal);
    let height = 62.0 + 26.0 * bars.len() as f64;
    let area = Area { left: 66.0, right: 380.0, top: 22.0, bottom: height - 24.0 };
    let x = |share: f64| area.x(share / top);
    let mut canvas = Canvas::new(400.0, height);
    canvas.rect("band", x(rate.goal[0]), area.top, x(rate.goal[1]), area.bottom);
    canvas.text(
        "label",
        "middle",
        f64::midpoint(x(rate.goal[0]), x(rate.goal[1])),
        14.0,
        &format!("goal {}", words::range(rate.goal)),
    );
    for share in ticks(top) {
        canvas.line("grid", x(share), area.top, x(share), area.bottom);
        canvas.text("label", "middle", x(share), height - 8.0, &words::percent(share));
    }
    for (row, (name, share, [lo, hi])) in bars.iter().enumerate() {
        let y = area.top + 26.0 + 26.0 * row as f64 - 4.0;
        canvas.text("label", "start", 4.0, y + 4.0, name);
        canvas.line("interval", x(*lo), y, x(*hi), y);
        canvas.dot(x(*share), y);
    }
    let description: Vec<String> = bars
        .iter()
        .map(|(name, share, ends)| format!("{name} {} (95 %: {})", words::percent(*share), words::range(*ends)))
        .collect();
    canvas.finish(
        "scale",
        "The rate against the goal",
        &format!("Goal {}; {}.", words::range(rate.goal), description.join("; ")),
    )
}

/// All plots there are data for.
pub(super) fn figures(data: &ReportData) -> Vec<Figure> {
    let weekdays = data.by.get("weekday").filter(|rows| rows.iter().any(|row| row.rate.observed.is_some()));
    [
        (!data.weeks.is_empty()).then(|| weeks(&data.weeks, data.rate.goal)),
        (data.curve.len() > 1).then(|| curve(&data.curve, &data.rate)),
        (!data.stages.is_empty()).then(|| funnel(&data.stages)),
        weekdays.map(|rows| weekday(rows, data.rate.goal)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn weeks(weeks: &[WeekRow], goal: [f64; 2]) -> Figure {
    let shown = weeks.get(weeks.len().saturating_sub(MOST_WEEKS)..).unwrap_or_default();
    let most = shown.iter().map(|week| week.sent).max().unwrap_or(0).max(1);
    let mut canvas = Canvas::new(400.0, 258.0);
    let area = Area { left: 48.0, right: 384.0, top: 10.0, bottom: 168.0 };
    let every = shown.len().div_ceil(5).max(1);
    let slots: Vec<Slot> = shown
        .iter()
        .enumerate()
        .map(|(index, week)| Slot {
            // Counted from the newest, which is the one that is looked for.
            label: if (shown.len() - 1 - index) % every == 0 { short(week.monday) } else { String::new() },
            observed: week.observed,
        })
        .collect();
    points(&mut canvas, &area, &slots, goal);
    let strip = Area { top: 200.0, bottom: 236.0, ..area };
    for (index, week) in shown.iter().enumerate() {
        let (middle, width) = slot(&area, index, shown.len());
        let class = if week.observed.is_some() { "bar" } else { "bar open" };
        let top = strip.y(f64::from(week.sent) / f64::from(most));
        canvas.rect(class, middle - width * 0.35, top, middle + width * 0.35, strip.bottom);
    }
    canvas.line("axis", strip.left, strip.bottom, strip.right, strip.bottom);
    canvas.text("label", "end", strip.left - 6.0, strip.top + 4.0, &most.to_string());
    canvas.text("label", "start", strip.left, 252.0, "asked; pale: no rate yet");
    let title = "Rate by week of the first mail";
    Figure {
        title: title.to_owned(),
        caption: format!(
            "Dots are the share answered, lines their 95 % interval, the band is the goal.{}",
            if weeks.len() > shown.len() { " The weeks before: report --by week." } else { "" },
        ),
        svg: canvas.finish(
            "weeks",
            title,
            &format!("{} weeks, at most {most} asked in one; figures in the table below.", shown.len()),
        ),
        table: Table {
            head: ["week of", "asked", "delivered", "answered", "rate", "95 %"].map(str::to_owned).to_vec(),
            rows: shown
                .iter()
                .rev()
                .map(|week| {
                    let [answered, rate, interval] = observed_cells(week.observed.as_ref());
                    vec![
                        week.monday.to_string(),
                        week.sent.to_string(),
                        week.delivered.to_string(),
                        answered,
                        rate,
                        interval,
                    ]
                })
                .collect(),
        },
    }
}

fn weekday(rows: &[GroupRow], goal: [f64; 2]) -> Figure {
    let mut canvas = Canvas::new(400.0, 210.0);
    let area = Area { left: 48.0, right: 384.0, top: 10.0, bottom: 180.0 };
    let slots: Vec<Slot> = rows
        .iter()
        .map(|row| Slot { label: row.name.chars().take(3).collect(), observed: row.rate.observed })
        .collect();
    points(&mut canvas, &area, &slots, goal);
    let title = "Rate by weekday of the first mail";
    Figure {
        title: title.to_owned(),
        caption: "Few outreach make long lines: where lines overlap, the days do not differ.".to_owned(),
        svg: canvas.finish(
            "weekdays",
            title,
            "Share answered with its 95 % interval for each weekday; figures in the table below.",
        ),
        table: Table {
            head: ["weekday", "answered", "rate", "95 %"].map(str::to_owned).to_vec(),
            rows: rows
                .iter()
                .map(|row| {
                    let [answered, rate, interval] = observed_cells(row.rate.observed.as_ref());
                    vec![row.name.clone(), answered, rate, interval]
                })
                .collect(),
        },
    }
}

fn curve(points: &[CurvePoint], rate: &Rate) -> Figure {
    let window = f64::from(rate.window_days);
    let last = points.last().map_or(window, |point| point.days);
    let end = last.clamp(window * 1.2, window * 2.0);
    let mut canvas = Canvas::new(400.0, 250.0);
    let area = Area { left: 48.0, right: 384.0, top: 18.0, bottom: 206.0 };
    let shown = thinned(points.iter().filter(|point| point.days <= end), |point| area.x(point.days / end));
    let top = share_top(shown.iter().map(|point| point.hi), rate.goal);
    let (x, y) = (|days: f64| area.x(days / end), |share: f64| area.y(share / top));
    shares(&mut canvas, &area, top, rate.goal);
    // What is not observed any more is not drawn.
    let seen_until = last.min(end);
    let steps = |value: fn(&CurvePoint) -> f64| -> Vec<(f64, f64)> {
        let mut corners: Vec<(f64, f64)> = Vec::new();
        for point in &shown {
            if let Some((_, level)) = corners.last().copied() {
                corners.push((x(point.days), level));
            }
            corners.push((x(point.days), y(value(point))));
        }
        if let Some((_, level)) = corners.last().copied() {
            corners.push((x(seen_until), level));
        }
        corners
    };
    let mut outline = steps(|point| point.hi);
    outline.extend(steps(|point| point.lo).into_iter().rev());
    canvas.polygon("spread", &outline);
    canvas.polyline("curve", &steps(|point| point.rate));
    canvas.line("window", x(window), area.top, x(window), area.bottom);
    canvas.text("label", "middle", x(window), 12.0, &format!("window: {}", words::days(rate.window_days)));
    let week = if end > 60.0 { 14 } else { 7 };
    for day in (0..=end as u32).step_by(week) {
        canvas.text("label", "middle", x(f64::from(day)), area.bottom + 16.0, &day.to_string());
    }
    canvas.line("axis", area.left, area.bottom, area.right, area.bottom);
    canvas.text("label", "middle", f64::midpoint(area.left, area.right), 243.0, "days since the first mail");
    let title = "Answered by day";
    let expected = rate.expected.as_ref().map_or_else(|| "not to be estimated yet".to_owned(), words::estimate);
    Figure {
        title: title.to_owned(),
        caption:
            "How many have answered so many days after the first mail, with the young outreach counted as far as it is \
                  known; shaded: 95 % interval."
                .to_owned(),
        svg: canvas.finish("curve", title, &format!("Expected at {}: {expected}.", words::days(rate.window_days))),
        table: Table {
            head: ["day", "answered by then", "95 %"].map(str::to_owned).to_vec(),
            rows: by_day(points, end)
                .into_iter()
                .map(|(day, p)| vec![day.to_string(), words::percent(p.rate), words::range([p.lo, p.hi])])
                .collect(),
        },
    }
}

fn funnel(stages: &[StageRow]) -> Figure {
    let most = stages.iter().map(|stage| stage.count).max().unwrap_or(0).max(1);
    let height = 12.0 + 34.0 * stages.len() as f64;
    let mut canvas = Canvas::new(400.0, height);
    let area = Area { left: 132.0, right: 318.0, top: 0.0, bottom: height };
    let (mut before, mut rows) = (None, Vec::new());
    for (index, stage) in stages.iter().enumerate() {
        let y = 8.0 + 34.0 * index as f64;
        let share = before.filter(|n| *n > 0).map(|n: u32| words::percent(f64::from(stage.count) / f64::from(n)));
        canvas.text("name", "end", area.left - 8.0, y + 17.0, &stage.name);
        canvas.rect(
            "bar",
            area.left,
            y,
            area.x(f64::from(stage.count) / f64::from(most)).max(area.left + 1.0),
            y + 24.0,
        );
        let note =
            share.as_ref().map_or_else(|| stage.count.to_string(), |share| format!("{}  ({share})", stage.count));
        canvas.text("name", "start", area.x(f64::from(stage.count) / f64::from(most)) + 8.0, y + 17.0, &note);
        rows.push(vec![stage.name.clone(), stage.count.to_string(), share.unwrap_or_default()]);
        before = Some(stage.count);
    }
    let title = "How far it went";
    Figure {
        title: title.to_owned(),
        caption: "Who came so far or farther, whenever; in brackets: of the stage above. All channels.".to_owned(),
        svg: canvas.finish("funnel", title, "How many came to each stage; figures in the table below."),
        table: Table { head: ["stage", "count", "of the stage above"].map(str::to_owned).to_vec(), rows },
    }
}

/// The last point of each unit of the drawing: thousands of answers make no larger page.
fn thinned<'a>(points: impl Iterator<Item = &'a CurvePoint>, x: impl Fn(&CurvePoint) -> f64) -> Vec<CurvePoint> {
    let mut kept: Vec<CurvePoint> = Vec::new();
    for point in points {
        match kept.last_mut() {
            Some(last) if x(last).floor() == x(point).floor() => *last = *point,
            _ => kept.push(*point),
        }
    }
    kept
}

/// How it stands after some whole days, the first ones and the last one among them.
fn by_day(points: &[CurvePoint], end: f64) -> Vec<(u32, CurvePoint)> {
    const TOLD: [u32; 14] = [1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 28, 35, 42, 60];
    let last = points.last().map_or(0.0, |point| point.days).min(end);
    let at = |day: u32| points.iter().rev().find(|point| point.days <= f64::from(day)).copied();
    TOLD.into_iter().filter(|day| f64::from(*day) <= last).filter_map(|day| Some((day, at(day)?))).collect()
}

/// One place on a plot of shares.
struct Slot {
    label: String,
    observed: Option<Observed>,
}

fn points(canvas: &mut Canvas, area: &Area, slots: &[Slot], goal: [f64; 2]) {
    let top = share_top(slots.iter().filter_map(|slot| slot.observed.map(|seen| seen.interval[1])), goal);
    shares(canvas, area, top, goal);
    for (index, place) in slots.iter().enumerate() {
        let (x, _) = slot(area, index, slots.len());
        canvas.text("label", "middle", x, area.bottom + 16.0, &place.label);
        if let Some(seen) = &place.observed {
            let [lo, hi] = seen.interval;
            canvas.line("interval", x, area.y(lo / top), x, area.y(hi / top));
            canvas.dot(x, area.y(seen.rate / top));
        }
    }
    canvas.line("axis", area.left, area.bottom, area.right, area.bottom);
}

/// The goal's band and the lines of an axis of shares.
fn shares(canvas: &mut Canvas, area: &Area, top: f64, goal: [f64; 2]) {
    canvas.rect("band", area.left, area.y(goal[1] / top), area.right, area.y(goal[0] / top));
    for share in ticks(top) {
        let y = area.y(share / top);
        canvas.line("grid", area.left, y, area.right, y);
        canvas.text("label", "end", area.left - 6.0, y + 4.0, &words::percent(share));
    }
}

/// Middle and width of one of `of` places side by side.
fn slot(area: &Area, index: usize, of: usize) -> (f64, f64) {
    let width = (area.right - area.left) / of.max(1) as f64;
    (area.left + width * (index as f64 + 0.5), width)
}

/// Upper end of an axis that holds these shares: a line of the grid, with room above the goal's band.
fn share_top(shares: impl Iterator<Item = f64>, goal: [f64; 2]) -> f64 {
    let tenths = (shares.fold(goal[1] + 0.05, f64::max).clamp(0.3, 1.0) * 10.0 - 1e-9).ceil();
    if tenths > MOST_TICKS { (tenths / 2.0).ceil() / 5.0 } else { tenths / 10.0 }
}

/// More tenths than these get a line for every second one only.
const MOST_TICKS: f64 = 6.0;

fn ticks(top: f64) -> Vec<f64> {
    let tenths = (top * 10.0).round();
    let step = if tenths > MOST_TICKS { 2 } else { 1 };
    (0..=tenths as u32).step_by(step).map(|tenth| f64::from(tenth) / 10.0).collect()
}

fn short(date: Date) -> String {
    date.strftime("%-d %b").to_string()
}

pub(super) fn observed_cells(seen: Option<&Observed>) -> [String; 3] {
    match seen {
        Some(seen) => {
            [format!("{} of {}", seen.answered, seen.of), words::percent(seen.rate), words::range(seen.interval)]
        }
        None => ["open".to_owned(), "–".to_owned(), "–".to_owned()],
    }
}
