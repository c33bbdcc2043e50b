//! The day as the HTML part of a mail: inline styles, nothing loaded, nothing that a mail program would
//! have to run. All text is escaped by the template.

use anyhow::Context as _;
use handlebars::Handlebars;
use serde::Serialize;

use super::{Answering, Daily, offers, words};
use crate::report::text::canvas::clean;
use crate::report::words as figures;

const PAGE: &str = include_str!("../../../templates/pages/daily.hbs");
/// Weeks shown.
const WEEKS: usize = 8;

/// The mail's HTML part. It fails only if the template and this code do not fit together.
pub fn render(daily: &Daily) -> anyhow::Result<String> {
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    templates.register_template_string("daily", PAGE).context("The daily mail's template is broken")?;
    templates.render("daily", &page(daily)).context("The daily mail's template does not fit its data")
}

#[derive(Serialize)]
struct Page {
    day: String,
    sections: Vec<Section>,
    /// How to answer.
    how: Vec<String>,
    empty: bool,
    asked: String,
    /// Share of the week's target that is reached, in percent.
    done: u32,
    rate: String,
    weekly: Vec<String>,
    weeks: Vec<Week>,
}

#[derive(Serialize)]
struct Section {
    title: String,
    alarm: bool,
    entries: Vec<Entry>,
    foot: Vec<String>,
}

#[derive(Serialize)]
struct Entry {
    mark: String,
    head: String,
    address: String,
    subject: String,
    notes: Vec<String>,
    quote: String,
    step: String,
    problem: String,
    lines: Vec<String>,
    links: Vec<Link>,
}

/// An action that a tap writes a mail for.
#[derive(Serialize)]
struct Link {
    label: String,
    href: String,
}

#[derive(Serialize)]
struct Week {
    name: String,
    sent: u32,
    /// Length of its bar, in percent.
    share: u32,
    rate: String,
}

fn page(daily: &Daily) -> Page {
    let report = &daily.report;
    let [asked, rate] = words::standing(daily);
    let sections: Vec<Section> =
        words::sections(daily).into_iter().map(|one| section(one, daily.answering.as_ref())).collect();
    let answerable = sections.iter().flat_map(|one| &one.entries).any(|entry| !entry.links.is_empty());
    let with_report = daily.with_report && report.rate.sent > 0;
    Page {
        day: words::day(daily.day),
        how: if answerable { offers::HOW.map(unbroken).to_vec() } else { Vec::new() },
        empty: sections.is_empty(),
        sections,
        asked,
        done: percent(report.asked_this_week, report.per_week_target),
        rate: together(&rate),
        weekly: if with_report { words::weekly(daily).iter().map(|line| together(line)).collect() } else { Vec::new() },
        weeks: if with_report { weeks(daily) } else { Vec::new() },
    }
}

fn links(entry: &words::Entry, answering: &Answering) -> Vec<Link> {
    let link = |offer: offers::Offer| Link { href: offer.href(answering, &entry.text), label: offer.label };
    offers::of(entry).into_iter().map(link).collect()
}

fn section(section: words::Section, answering: Option<&Answering>) -> Section {
    let entry = |entry: words::Entry| Entry {
        links: answering.map(|answering| links(&entry, answering)).unwrap_or_default(),
        mark: entry.mark,
        head: clean(&entry.head),
        address: clean(&entry.address),
        subject: clean(&entry.subject),
        problem: clean(&entry.problem),
        notes: entry.notes.iter().filter(|note| !note.is_empty()).map(|note| clean(note)).collect(),
        quote: clean(&entry.quote),
        step: clean(&entry.step),
        lines: entry.text.trim_end().lines().map(clean).collect(),
    };
    Section {
        title: section.title,
        alarm: section.alarm,
        entries: section.entries.into_iter().map(entry).collect(),
        foot: section.foot,
    }
}

fn weeks(daily: &Daily) -> Vec<Week> {
    let weeks = &daily.report.weeks;
    let shown = weeks.get(weeks.len().saturating_sub(WEEKS)..).unwrap_or_default();
    let most = shown.iter().map(|week| week.sent).max().unwrap_or(0);
    shown
        .iter()
        .map(|week| Week {
            name: week.monday.strftime("%-d %b").to_string(),
            sent: week.sent,
            share: percent(week.sent, most),
            rate: week.observed.map_or_else(
                || "not known yet".to_owned(),
                |seen| together(&figures::percent(seen.rate)) + " answered",
            ),
        })
        .collect()
}

fn percent(part: u32, whole: u32) -> u32 {
    (part.min(whole) * 100).checked_div(whole).unwrap_or(0)
}

/// A command that is shown as an example is not parted at the end of a line.
fn unbroken(text: &str) -> String {
    let Some((lead, orders)) = text.split_once(": ") else { return text.to_owned() };
    let orders: Vec<String> = orders.split(" · ").map(|order| order.replace(' ', "\u{a0}")).collect();
    format!("{lead}: {}", orders.join(" · "))
}

/// A figure is not parted from its sign at the end of a line.
fn together(text: &str) -> String {
    text.replace(" %", "\u{a0}%")
}
