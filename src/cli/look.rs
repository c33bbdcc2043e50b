//! How output looks: calm, at most 80 columns, and plain when it goes to a file or another program.

use std::io::{self, IsTerminal as _, Write};

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, TableStyle, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

pub use logging::init_logging;

mod logging;

/// The widest a table gets, in columns.
const WIDEST: usize = 80;

/// What the output may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Lines and characters for people rather than programs.
    pub terminal: bool,
    /// Colours and bold text.
    pub colour: bool,
    /// Columns of a table.
    pub width: usize,
}

/// A shade of meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
    /// Beside the point.
    Dim,
    /// A heading.
    Strong,
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Numbers stand to the right.
    pub right: bool,
}

impl Column {
    /// A column of text.
    pub const fn left(title: &'static str) -> Self {
        Self { title, right: false }
    }

    /// A column of numbers.
    pub const fn right(title: &'static str) -> Self {
        Self { title, right: true }
    }
}

impl Look {
    /// For files and other programs.
    pub const PLAIN: Self = Self { terminal: false, colour: false, width: WIDEST };

    /// What standard output is. Colours only on a terminal, and not where `NO_COLOR` is set
    /// (no-color.org) or `TERM` is `dumb`.
    pub fn of_stdout() -> Self {
        if !io::stdout().is_terminal() {
            return Self::PLAIN;
        }
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let width = Table::new().width().map_or(WIDEST, usize::from).clamp(20, WIDEST);
        Self { terminal: true, colour: !refused, width }
    }

    /// The text in a shade, where there are colours.
    pub fn tinted(self, tint: Tint, text: &str) -> String {
        let code = match tint {
            Tint::Good => "32",
            Tint::Warn => "33",
            Tint::Bad => "31",
            Tint::Dim => "2",
            Tint::Strong => "1",
        };
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A table that fits the width: the widest cells are cut with an ellipsis. Ends with a line break.
    /// Rows may be shorter than the heading.
    pub fn table(self, columns: &[Column], rows: &[Vec<String>]) -> String {
        const LINE: TableStyle =
            presets::NOTHING.header_separator(comfy_table::LineStyle::none().fill('─').junction('─'));
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()).collect();
        let widths = self.widths(columns, &rows);
        let mut table = Table::new();
        table.load_style(if self.terminal { LINE } else { presets::NOTHING });
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.force_no_tty();
        if self.colour {
            table.enforce_styling();
        }
        let cell = |(at, text): (usize, &str)| {
            let right = columns.get(at).is_some_and(|column| column.right);
            let text = truncated(text, widths.get(at).copied().unwrap_or(self.width));
            Cell::new_owned(text).set_alignment(if right { CellAlignment::Right } else { CellAlignment::Left })
        };
        let titles = columns.iter().map(|column| column.title).enumerate();
        table.set_header(titles.map(|title| cell(title).add_attribute(Attribute::Bold)));
        for row in &rows {
            table.add_row(row.iter().map(String::as_str).enumerate().take(columns.len()).map(cell));
        }
        for (at, column) in table.column_iter_mut().enumerate() {
            // the line below the heading takes a column of its own between two columns
            let gap = GAP.saturating_sub(u16::from(self.terminal));
            column.set_padding((0, if at + 1 == columns.len() { 0 } else { gap }));
        }
        let mut text = table.trim_fmt();
        text.push('\n');
        text
    }

    /// Columns of each column's text: as it is if all fit, else the widest give way first.
    fn widths(self, columns: &[Column], rows: &[Vec<String>]) -> Vec<usize> {
        let natural = |at: usize, column: &Column| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width());
            cells.chain([column.title.width()]).max().unwrap_or_default()
        };
        let widths: Vec<usize> = columns.iter().enumerate().map(|(at, column)| natural(at, column)).collect();
        let gaps = usize::from(GAP) * columns.len().saturating_sub(1);
        let room = self.width.saturating_sub(gaps);
        let capped = |cap: usize| widths.iter().map(move |width| (*width).min(cap));
        let cap = (1..=self.width).rev().find(|cap| capped(*cap).sum::<usize>() <= room).unwrap_or(1);
        capped(cap).collect()
    }
}

/// Spaces between two columns.
const GAP: u16 = 2;

/// Whether the reader of the output shows more than ASCII: pipes and files too, unless the locale says
/// that nothing here does (POSIX "Environment Variables" 8.2: the first of the three that is set counts).
pub fn shows_unicode() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    is_unicode(["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).as_deref())
}

fn is_unicode(locale: Option<&str>) -> bool {
    match locale.map(|locale| (locale, locale.split_once('.'))) {
        Some(("C" | "POSIX", _)) => false,
        Some((_, Some((_, charset)))) => {
            let charset = charset.to_ascii_lowercase();
            charset.starts_with("utf-8") || charset.starts_with("utf8")
        }
        _ => true,
    }
}

/// A text without anything that could steer a terminal: mail is written by strangers. Line breaks,
/// control characters and marks that turn the direction of writing become spaces.
pub fn clean(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

/// The same for a text of several lines, whose line breaks stay.
pub fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n") + "\n"
}

/// Lines of at most `width` columns, if no word is longer; an empty text is one empty line.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text behind `first`, the lines after it under its beginning, each ending with a line break.
pub fn hanging(first: &str, text: &str) -> String {
    let indent = first.width();
    let mut said = String::new();
    for (at, line) in wrapped(&clean(text), WIDEST.saturating_sub(indent).max(20)).iter().enumerate() {
        let before = if at == 0 { first.to_owned() } else { " ".repeat(indent) };
        said.push_str(format!("{before}{line}").trim_end());
        said.push('\n');
    }
    said
}

/// The text of a mail, its paragraphs wrapped and indented.
pub fn letter(text: &str, indent: usize) -> String {
    text.trim_end().lines().map(|line| hanging(&" ".repeat(indent), line)).collect()
}

/// The text, cut to `width` columns of a terminal; `…` stands for what is missing.
pub fn truncated(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let mut kept = String::new();
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if wide > room {
            break;
        }
        room -= wide;
        kept.push(c);
    }
    let mut kept = kept.trim_end().to_owned();
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// `Fri 20 Nov`; with the year if it is not that of `today`.
pub fn day(date: Date, today: Date) -> String {
    let format = if date.year() == today.year() { "%a %-d %b" } else { "%a %-d %b %Y" };
    date.strftime(format).to_string()
}

/// How long ago or how far ahead, in one unit: `just now`, `5 min ago`, `in 3 days`.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let minutes = seconds.unsigned_abs() / 60;
    let amount = match minutes {
        0 => return "just now".to_owned(),
        1..60 => format!("{minutes} min"),
        60..1440 => format!("{} h", minutes / 60),
        1440..2880 => "1 day".to_owned(),
        // Weeks and months would hide what matters here: days until an answer.
        _ => format!("{} days", minutes / 1440),
    };
    if seconds < 0 { format!("{amount} ago") } else { format!("in {amount}") }
}

/// A bar on standard error for work of `total` bytes; invisible where that is no terminal.
pub fn progress(total: u64, doing: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg} {bar:30} {bytes} of {total_bytes}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar.set_message(doing);
    bar
}

/// Writes one JSON value in one line.
///
/// # Errors
/// If it can't be written.
pub fn json_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    // a long list is one line, which standard output would hand on by the kilobyte
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")?;
    out.flush()
}

#[cfg(test)]
mod tests;
