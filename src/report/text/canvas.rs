//! Lines of a terminal: width, colour, and what becomes of both when the terminal has neither.
//!
//! Text that came from mail (names of organisations) passes [`clean`] here, so that nobody can send
//! the user's terminal an escape sequence.

use std::ops::RangeInclusive;

use super::Style;

const INDENT: &str = "  ";

/// What a piece of text means; how that looks is decided here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Ink {
    Plain,
    Strong,
    Faint,
    Good,
    Unsure,
    Bad,
}

impl Ink {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Faint => Some("2"),
            Self::Good => Some("32"),
            Self::Unsure => Some("33"),
            Self::Bad => Some("31"),
        }
    }
}

pub(in crate::report) struct Page {
    style: Style,
    out: String,
}

impl Page {
    pub(in crate::report) fn new(style: Style) -> Self {
        Self { style: Style { width: style.width.max(40), ..style }, out: String::new() }
    }

    /// Columns inside the indent.
    pub(in crate::report) fn width(&self) -> usize {
        self.style.width - INDENT.len()
    }

    pub(in crate::report) fn gap(&mut self) {
        self.out.push('\n');
    }

    /// The first line: left, and right-aligned beside it.
    pub(in crate::report) fn heading(&mut self, left: &str, right: &str) {
        let space = self.style.width.saturating_sub(left.chars().count() + right.chars().count()).max(1);
        self.put(left, Ink::Strong);
        self.put(&" ".repeat(space), Ink::Plain);
        self.put(right, Ink::Faint);
        self.gap();
        self.put(&"─".repeat(self.style.width), Ink::Faint);
        self.gap();
    }

    pub(in crate::report) fn title(&mut self, text: &str) {
        self.gap();
        self.put(text, Ink::Strong);
        self.gap();
    }

    /// One indented line, as it is.
    pub(in crate::report) fn line(&mut self, pieces: &[(String, Ink)]) {
        self.out.push_str(INDENT);
        for (text, ink) in pieces {
            self.put(text, *ink);
        }
        // Padding of the last column is of no use and gets in the way of copying.
        if !self.style.colour {
            self.out.truncate(self.out.trim_end_matches(' ').len());
        }
        self.gap();
    }

    /// Indented and wrapped.
    pub(in crate::report) fn paragraph(&mut self, text: &str, ink: Ink) {
        for line in wrap(text, self.width()) {
            self.line(&[(line, ink)]);
        }
    }

    /// Wrapped beside its mark.
    pub(in crate::report) fn item(&mut self, mark: &str, text: &str) {
        let hang = mark.chars().count() + 1;
        for (index, line) in wrap(text, self.width().saturating_sub(hang)).into_iter().enumerate() {
            let mark = if index == 0 { mark } else { "" };
            self.line(&[(pad(mark, hang), Ink::Plain), (line, Ink::Plain)]);
        }
    }

    pub(in crate::report) fn finish(self) -> String {
        self.out
    }

    fn put(&mut self, text: &str, ink: Ink) {
        let text = clean(text);
        let text = if self.style.unicode { text } else { text.chars().map(ascii).collect() };
        match ink.code().filter(|_| self.style.colour && !text.trim().is_empty()) {
            Some(code) => self.out.push_str(&format!("\u{1b}[{code}m{text}\u{1b}[0m")),
            None => self.out.push_str(&text),
        }
    }
}

/// A line of spaces with a run of `fill` and a point in it.
pub(in crate::report) fn bar(columns: usize, run: RangeInclusive<usize>, fill: char, point: Option<usize>) -> String {
    let cell = |column: usize| match point {
        Some(at) if at == column => '●',
        _ if run.contains(&column) => fill,
        _ => ' ',
    };
    (0..columns).map(cell).collect()
}

/// Without control characters and without those that turn the writing direction round.
pub(in crate::report) fn clean(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if harmful(c) { ' ' } else { c }).collect()
}

/// At most `width` characters, the last an ellipsis if some were left off.
pub(in crate::report) fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

pub(in crate::report) fn pad(text: &str, width: usize) -> String {
    format!("{text:<width$}")
}

pub(in crate::report) fn pad_left(text: &str, width: usize) -> String {
    format!("{text:>width$}")
}

/// At spaces; a word that is too long for a line is cut.
pub(in crate::report) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    // A number stays with its unit: "23 %" is one word.
    let joined = clean(text).replace(" %", "\u{a0}%");
    for word in joined.split_ascii_whitespace() {
        let word: Vec<char> = word.chars().map(|c| if c == '\u{a0}' { ' ' } else { c }).collect();
        for piece in word.chunks(width.max(1)) {
            if used > 0 && used + 1 + piece.len() > width {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                if used > 0 {
                    line.push(' ');
                    used += 1;
                }
                line.extend(piece);
                used += piece.len();
            }
        }
    }
    lines
}

/// The nearest ASCII character, one for one so that columns stay where they are.
fn ascii(c: char) -> char {
    match c {
        c if c.is_ascii() => c,
        '–' | '—' | '─' | '−' => '-',
        '━' | '▃' | '▄' => '=',
        '●' => 'o',
        '█' | '▇' => '#',
        '▅' | '▆' => '+',
        '░' | '·' | '…' => '.',
        '▁' => '_',
        '▂' => '-',
        '“' | '”' => '"',
        '’' => '\'',
        _ => '?',
    }
}
