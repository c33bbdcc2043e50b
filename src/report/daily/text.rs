//! The day as text: for a terminal, and as the mail's plain part, which is complete by itself.

use super::{Daily, offers, words};
use crate::report::text::Style;
use crate::report::text::canvas::{Ink, Page, pad, pad_left, wrap};
use crate::report::{WeekRow, words as figures};

/// Columns of the mail's plain part.
pub const MAIL_WIDTH: usize = 72;
/// Weeks shown.
const WEEKS: usize = 8;

/// The day as text, each line ending in a newline.
pub fn render(daily: &Daily, style: Style) -> String {
    let mut page = Page::new(style);
    page.heading(&words::day(daily.day), &daily.made_at.to_zoned(daily.zone.clone()).strftime("%H:%M").to_string());
    let sections = words::sections(daily);
    if sections.is_empty() {
        page.paragraph("Nothing is due, nothing waits for you.", Ink::Plain);
    }
    for section in &sections {
        section_lines(&mut page, section);
    }
    if daily.answering.is_some() && sections.iter().flat_map(|section| &section.entries).any(|entry| entry.number > 0) {
        page.gap();
        for line in offers::HOW {
            page.paragraph(line, Ink::Plain);
        }
    }
    page.title("This week");
    let [asked, rate] = words::standing(daily);
    page.paragraph(&asked, Ink::Strong);
    page.paragraph(&rate, Ink::Plain);
    if daily.with_report && daily.report.rate.sent > 0 {
        page.title("The report");
        for line in words::weekly(daily) {
            page.paragraph(&line, Ink::Plain);
        }
        weeks(&mut page, &daily.report.weeks);
        page.paragraph("All of it: checkback report", Ink::Faint);
    }
    page.finish()
}

/// The mail's plain part.
pub fn mail(daily: &Daily) -> String {
    render(daily, Style { colour: false, unicode: true, width: MAIL_WIDTH })
}

fn section_lines(page: &mut Page, section: &words::Section) {
    page.title(&section.title);
    for (index, entry) in section.entries.iter().enumerate() {
        if index > 0 {
            page.gap();
        }
        if section.alarm {
            page.paragraph(&entry.head, Ink::Bad);
            continue;
        }
        head(page, entry);
        page.paragraph(&entry.subject, Ink::Plain);
        for note in entry.notes.iter().filter(|note| !note.is_empty()) {
            page.paragraph(note, Ink::Faint);
        }
        if !entry.quote.is_empty() {
            page.paragraph(&format!("“{}”", entry.quote), Ink::Plain);
        }
        if !entry.step.is_empty() {
            page.item("→", &entry.step);
        }
        if !entry.problem.is_empty() {
            page.paragraph(&entry.problem, Ink::Bad);
        }
        if !entry.text.is_empty() {
            page.gap();
            finished(page, &entry.text);
        }
        let orders: Vec<String> =
            offers::of(entry).into_iter().filter(|one| one.in_words).map(|one| one.order).collect();
        if !orders.is_empty() {
            page.item("▸", &orders.join(" · "));
        }
    }
    if !section.foot.is_empty() {
        page.gap();
    }
    for line in &section.foot {
        page.paragraph(line, Ink::Faint);
    }
}

/// `1. Ada Moreau <ada@b.example>`, on two lines where it is too long.
fn head(page: &mut Page, entry: &words::Entry) {
    let mark = if entry.mark.is_empty() { String::new() } else { format!("{} ", entry.mark) };
    let name = format!("{mark}{}", entry.head);
    let address = if entry.address.is_empty() { String::new() } else { format!(" <{}>", entry.address) };
    if name.chars().count() + address.chars().count() <= page.width() {
        page.line(&[(name, Ink::Strong), (address, Ink::Faint)]);
    } else {
        page.paragraph(&name, Ink::Strong);
        page.paragraph(address.trim(), Ink::Faint);
    }
}

/// A text that is ready to be sent, line by line as it is written.
fn finished(page: &mut Page, text: &str) {
    const BAR: &str = "│ ";
    let width = page.width() - BAR.chars().count();
    for line in text.trim_end().lines() {
        for piece in wrap(line, width) {
            page.line(&[(BAR.to_owned(), Ink::Faint), (piece, Ink::Plain)]);
        }
    }
}

fn weeks(page: &mut Page, weeks: &[WeekRow]) {
    const LABEL: usize = 8;
    const BAR: usize = 24;
    let shown = weeks.get(weeks.len().saturating_sub(WEEKS)..).unwrap_or_default();
    let most = shown.iter().map(|week| week.sent).max().unwrap_or(0).max(1) as usize;
    page.gap();
    for week in shown {
        let length = (week.sent as usize * BAR).div_ceil(most);
        let rate =
            week.observed.map_or_else(|| "not known yet".to_owned(), |seen| figures::percent(seen.rate) + " answered");
        page.line(&[
            (pad(&week.monday.strftime("%-d %b").to_string(), LABEL), Ink::Faint),
            (pad(&"█".repeat(length), BAR), Ink::Plain),
            (pad_left(&week.sent.to_string(), 4), Ink::Plain),
            (format!("  {rate}"), Ink::Faint),
        ]);
    }
}
