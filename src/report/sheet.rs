//! The rates as CSV (RFC 4180), one row for the whole and one for each part of each breakdown.

use crate::domain::rate::Rate;

use super::{By, ReportData};

const HEADER: [&str; 20] = [
    "by",
    "name",
    "window_days",
    "sent",
    "bounced",
    "refused",
    "delivered",
    "answered",
    "of",
    "rate",
    "rate_low",
    "rate_high",
    "expected",
    "expected_low",
    "expected_high",
    "median_days_to_answer",
    "verdict",
    "probability_reached",
    "undecided",
    "rate_drawn_to_whole",
];

/// The report as CSV with a header line and CRLF ends. Unknown values are empty; shares are 0 to 1, with
/// four digits.
pub fn csv(data: &ReportData) -> String {
    let mut sheet = line(HEADER.iter().map(|name| (*name).to_owned()));
    sheet += &line(row("all", "", &data.rate, None));
    for by in By::ALL {
        for part in data.by.get(by.as_str()).into_iter().flatten() {
            sheet += &line(row(by.as_str(), &part.name, &part.rate, part.shrunk));
        }
    }
    sheet
}

fn row(by: &str, name: &str, rate: &Rate, shrunk: Option<f64>) -> impl Iterator<Item = String> {
    // Four digits are a hundredth of a percent, and a sheet stays readable.
    let number = |value: Option<f64>| value.map(|x| ((x * 1e4).round() / 1e4).to_string()).unwrap_or_default();
    let whole = |value: Option<u32>| value.map(|x| x.to_string()).unwrap_or_default();
    let (seen, expected) = (rate.observed, rate.expected);
    [
        text(by),
        text(name),
        rate.window_days.to_string(),
        rate.sent.to_string(),
        rate.bounced.to_string(),
        rate.refused.to_string(),
        rate.delivered.to_string(),
        whole(seen.map(|s| s.answered)),
        whole(seen.map(|s| s.of)),
        number(seen.map(|s| s.rate)),
        number(seen.map(|s| s.interval[0])),
        number(seen.map(|s| s.interval[1])),
        number(expected.map(|e| e.rate)),
        number(expected.map(|e| e.interval[0])),
        number(expected.map(|e| e.interval[1])),
        number(rate.median_days_to_answer),
        verdict(rate),
        number(rate.probability_reached),
        rate.undecided.to_string(),
        number(shrunk),
    ]
    .into_iter()
}

fn verdict(rate: &Rate) -> String {
    serde_json::to_value(rate.verdict).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A name that a spreadsheet would take for a formula becomes text by a quote in front (CSV injection).
/// The wide forms count: some programs fold them.
fn text(cell: &str) -> String {
    const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let quoted: Vec<String> =
        cells
            .map(|cell| {
                if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
            })
            .collect();
    quoted.join(",") + "\r\n"
}
