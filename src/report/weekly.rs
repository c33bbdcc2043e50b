//! The report once a week inside a mail: the same figures, in what mail readers show. No SVG, no style
//! sheet, no colours that carry a meaning alone; bars are cells with a width.

use handlebars::html_escape;

use super::text::Style;
use super::text::canvas::{Ink, Page, pad, pad_left};
use super::{ReportData, WeekRow, words};

/// Weeks shown.
const WEEKS: usize = 8;

/// The section as HTML for a mail: a `div` with inline styles and nothing to load.
pub fn html(data: &ReportData) -> String {
    let mut out =
        String::from(r#"<div style="font-family:sans-serif;font-size:15px;line-height:1.45;max-width:36em">"#);
    out += r#"<h2 style="font-size:17px;margin:0 0 6px">Response rate</h2>"#;
    for account in &data.accounts_stale {
        out += &paragraph("color:#b3261e;font-weight:bold", &words::stale(account));
    }
    out += &paragraph("font-size:20px;font-weight:bold", &words::headline(&data.rate));
    out += &paragraph("color:#666", &goal(data));
    out += &paragraph("", &data.standing());
    for item in &data.attention {
        out += &paragraph("", &format!("• {item}"));
    }
    let facts = facts(data);
    if !facts.is_empty() {
        out += r#"<table style="border-collapse:collapse;margin:8px 0">"#;
        for (name, text) in facts {
            out += &format!(
                r#"<tr><th scope="row" style="{HEAD}">{}</th><td style="padding:2px 0">{}</td></tr>"#,
                name,
                html_escape(&text)
            );
        }
        out += "</table>";
    }
    let weeks = latest(data);
    if !weeks.is_empty() {
        let most = weeks.iter().map(|week| week.sent).max().unwrap_or(0).max(1);
        out += r#"<table style="border-collapse:collapse;margin:8px 0;width:100%"><tr>"#;
        for head in ["week of", "asked", "", "answered"] {
            out += &format!(r#"<th scope="col" style="{HEAD}">{head}</th>"#);
        }
        out += "</tr>";
        for week in weeks {
            out += &format!(
                r#"<tr><th scope="row" style="{HEAD}">{}</th><td style="padding:2px 8px 2px 0;text-align:right">{}</td><td style="width:50%;padding:2px 8px 2px 0"><div style="background:#2359ac;height:10px;width:{}%"></div></td><td style="padding:2px 0">{}</td></tr>"#,
                week.monday.strftime("%-d %b"),
                week.sent,
                week.sent * 100 / most,
                html_escape(&answered(week)),
            );
        }
        out += "</table>";
    }
    (out + "</div>\n").replace(" %", "\u{a0}%")
}

/// The section as text of at most 72 columns, the same figures.
pub fn text(data: &ReportData) -> String {
    const LABEL: usize = 11;
    let mut page = Page::new(Style { colour: false, unicode: true, width: 72 });
    page.title("Response rate");
    for account in &data.accounts_stale {
        page.paragraph(&words::stale(account), Ink::Plain);
    }
    page.line(&[(words::headline(&data.rate), Ink::Plain)]);
    page.paragraph(&goal(data), Ink::Plain);
    page.gap();
    page.paragraph(&data.standing(), Ink::Plain);
    page.gap();
    for item in &data.attention {
        page.item("*", item);
    }
    if !data.attention.is_empty() {
        page.gap();
    }
    for (name, text) in facts(data) {
        page.labelled(name, LABEL, &text);
    }
    let weeks = latest(data);
    if !weeks.is_empty() {
        const ROOM: u32 = 24;
        let most = weeks.iter().map(|week| week.sent).max().unwrap_or(0).max(1);
        page.gap();
        page.line(&[(pad("week of", 8) + &pad_left("asked", 7), Ink::Plain)]);
        for week in weeks {
            let bar = "█".repeat((week.sent * ROOM).div_ceil(most) as usize);
            let row = pad(&week.monday.strftime("%-d %b").to_string(), 8)
                + &pad_left(&week.sent.to_string(), 7)
                + "  "
                + &pad(&bar, ROOM as usize + 2)
                + &answered(week);
            page.line(&[(row, Ink::Plain)]);
        }
    }
    page.finish()
}

const HEAD: &str = "text-align:left;font-weight:normal;color:#666;padding:2px 12px 2px 0;white-space:nowrap";

fn paragraph(style: &str, text: &str) -> String {
    format!(r#"<p style="margin:4px 0;{style}">{}</p>"#, html_escape(text))
}

fn goal(data: &ReportData) -> String {
    format!(
        "goal {}: {}; {}",
        words::range(data.rate.goal),
        words::verdict(data.rate.verdict),
        words::basis(&data.rate)
    )
}

fn facts(data: &ReportData) -> Vec<(&'static str, String)> {
    let rate = &data.rate;
    let asked = format!("{} of {} asked", data.asked_this_week, data.per_week_target);
    let expected =
        rate.expected.as_ref().map(|e| format!("{} when the young outreach has had its time too", words::estimate(e)));
    [
        ("this week", (data.per_week_target > 0).then_some(asked)),
        ("in all", Some(words::counts(rate))),
        ("expected", expected),
        ("undecided", words::undecided(data)),
        ("speed", words::median(rate)),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name, text?)))
    .collect()
}

fn latest(data: &ReportData) -> &[WeekRow] {
    data.weeks.get(data.weeks.len().saturating_sub(WEEKS)..).unwrap_or_default()
}

fn answered(week: &WeekRow) -> String {
    match &week.observed {
        Some(seen) => format!("{} of {} answered", seen.answered, seen.of),
        None if week.sent == 0 => String::new(),
        None => "open".to_owned(),
    }
}
