//! The report as one HTML page: no scripts, nothing loaded, readable without colours or pictures.

use anyhow::Context;
use handlebars::{Context as Values, Handlebars, Helper, HelperResult, Output, RenderContext, html_escape};
use serde::Serialize;

use crate::domain::rate::Verdict;

use super::chart::{self, Figure, Table};
use super::{By, ReportData, words};

const PAGE: &str = include_str!("../../templates/pages/report.hbs");

/// The page. It fails only if the template and this code do not fit together.
pub fn render(data: &ReportData) -> anyhow::Result<String> {
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    templates.register_helper("parted", Box::new(parted));
    templates.register_template_string("report", PAGE).context("The report's template is broken")?;
    let page = templates.render("report", &page(data)).context("The report's template does not fit its data")?;
    // A figure is not parted from its sign at the end of a line.
    Ok(page.replace(" %", "\u{a0}%"))
}

/// A name, escaped, that a narrow table parts after its dots rather than anywhere.
fn parted(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Values,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let text = helper.param(0).and_then(|param| param.value().as_str()).unwrap_or_default();
    for (index, piece) in text.split_inclusive(['.', '@', '_']).enumerate() {
        if index > 0 {
            out.write("<wbr>")?;
        }
        out.write(&html_escape(piece))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Page {
    made_at: String,
    made_at_iso: String,
    headline: Headline,
    since: String,
    standing: String,
    verdict: &'static str,
    tone: &'static str,
    stale: Vec<String>,
    attention: Vec<String>,
    facts: Vec<Fact>,
    scale: String,
    figures: Vec<Figure>,
    breakdowns: Vec<Breakdown>,
    counted: Vec<Fact>,
    window: String,
}

#[derive(Serialize)]
struct Headline {
    /// `23 %`, or empty.
    big: String,
    line: String,
    basis: String,
}

#[derive(Serialize)]
struct Fact {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Breakdown {
    title: String,
    table: Table,
    note: String,
}

fn page(data: &ReportData) -> Page {
    let rate = &data.rate;
    Page {
        made_at: data.made_at.to_zoned(data.zone.clone()).strftime("%-d %B %Y, %H:%M %Z").to_string(),
        made_at_iso: data.made_at.to_string(),
        headline: Headline {
            big: rate.observed.map(|seen| words::percent(seen.rate)).unwrap_or_default(),
            line: words::headline(rate),
            basis: words::basis(rate),
        },
        since: words::since(data).unwrap_or_default(),
        standing: data.standing(),
        verdict: words::verdict(rate.verdict),
        tone: match rate.verdict {
            Verdict::TooEarly => "unsure",
            Verdict::Below => "bad",
            Verdict::Reached | Verdict::Above => "good",
        },
        stale: data.accounts_stale.iter().map(|account| words::stale(account)).collect(),
        attention: data.attention.clone(),
        facts: facts(data),
        scale: chart::scale(rate),
        figures: chart::figures(data),
        breakdowns: breakdowns(data),
        counted: words::counted(data).into_iter().map(|(name, value)| Fact { name, value }).collect(),
        window: words::days(rate.window_days),
    }
}

fn facts(data: &ReportData) -> Vec<Fact> {
    let rate = &data.rate;
    let fact = |name: &str, value: Option<String>| value.map(|value| Fact { name: name.to_owned(), value });
    let asked = format!("{} of {}", data.asked_this_week, data.per_week_target);
    [
        fact("Outreach", Some(words::counts(rate))),
        fact("Expected in the end", rate.expected.as_ref().map(words::estimate)),
        fact(
            "Goal",
            Some(match rate.probability_reached {
                Some(p) => {
                    format!(
                        "{}; {} probable that its lower end is reached",
                        words::range(rate.goal),
                        words::probable(p)
                    )
                }
                None => words::range(rate.goal),
            }),
        ),
        fact("Undecided", words::undecided(data)),
        fact("Time to answer", words::median(rate)),
        fact("Asked this week", (data.per_week_target > 0).then_some(asked)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Parts of a breakdown on the page; the rest is in the sheet.
const MOST_PARTS: usize = 25;

fn breakdowns(data: &ReportData) -> Vec<Breakdown> {
    // Weeks and weekdays have their plots, with the table behind them.
    let shown = By::ALL.into_iter().filter(|by| !matches!(by, By::Week | By::Weekday));
    let told = shown.filter_map(|by| Some((by, data.by.get(by.as_str()).filter(|rows| super::tells(rows))?)));
    told.map(|(by, rows)| {
        let more = rows.len().saturating_sub(MOST_PARTS);
        let comparison = data.comparison.as_ref().filter(|_| by == By::Template).map(words::comparison);
        let rest = (more > 0).then(|| format!("and {more} more: report --csv has them all"));
        Breakdown {
            title: words::breakdown(by.as_str()),
            table: Table {
                head: [by.as_str(), "answered", "rate", "95 %", "weighed"].map(str::to_owned).to_vec(),
                rows: rows
                    .iter()
                    .take(MOST_PARTS)
                    .map(|row| {
                        let [answered, rate, interval] = chart::observed_cells(row.rate.observed.as_ref());
                        let weighed = row.shrunk.map_or_else(|| "–".to_owned(), words::percent);
                        vec![row.name.clone(), answered, rate, interval, weighed]
                    })
                    .collect(),
            },
            note: comparison.or(rest).unwrap_or_default(),
        }
    })
    .collect()
}
