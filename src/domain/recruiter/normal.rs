//! One spelling for what people type in many: the form in which phrases and mail are compared.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Folds text: compatibility forms, case, accents and typographic punctuation disappear, white space
/// becomes one space, an empty line becomes one line feed. What only decorates (brackets, commas,
/// bullets) is left out, so that a phrase is found across it.
pub(super) fn fold(text: &str) -> String {
    let mut folded = Folded::with_capacity(text.len());
    if text.is_ascii() {
        text.chars().for_each(|c| folded.push(c));
    } else {
        text.nfkd().for_each(|c| folded.push(c));
    }
    folded.finish()
}

/// Whether the letter belongs to a script that is written without spaces.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{3005}')
}

struct Folded {
    out: String,
    space: bool,
    line_ends: u32,
}

impl Folded {
    fn with_capacity(capacity: usize) -> Self {
        Self { out: String::with_capacity(capacity), space: false, line_ends: 0 }
    }

    fn push(&mut self, c: char) {
        match c {
            '\n' => {
                self.line_ends += 1;
                self.space = true;
            }
            ',' | ';' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | '*' | '_' | '|' | '•' | '·' | '«' | '»' | '“'
            | '”' | '„' | '「' | '」' | '【' | '】' | '『' | '』' | '、' | '¿' | '¡' | '<' | '>' | '~' | '・' =>
            {
                self.space = true;
            }
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            '’' | '‘' | '`' | '′' => self.put('\''),
            '–' | '—' | '‑' | '‐' | '−' => self.put('-'),
            'ß' => self.put_all("ss"),
            'ł' | 'Ł' => self.put('l'),
            'ø' | 'Ø' => self.put('o'),
            'æ' | 'Æ' => self.put_all("ae"),
            'œ' | 'Œ' => self.put_all("oe"),
            c if c.is_whitespace() || c.is_control() => self.space = true,
            '\u{3099}' | '\u{309a}' => self.out.push(c),
            c if is_combining_mark(c) => {}
            c if c.is_ascii() => self.put(c.to_ascii_lowercase()),
            c => c.to_lowercase().filter(|lower| !is_combining_mark(*lower)).for_each(|lower| self.put(lower)),
        }
    }

    fn put_all(&mut self, text: &str) {
        text.chars().for_each(|c| self.put(c));
    }

    fn put(&mut self, c: char) {
        if self.space {
            let last = self.out.chars().next_back();
            if self.line_ends > 1 {
                self.out.push('\n');
            } else if !(self.out.is_empty() || is_unspaced(c) && last.is_some_and(is_unspaced)) {
                self.out.push(' ');
            }
        }
        self.space = false;
        self.line_ends = 0;
        self.out.push(c);
    }

    fn finish(self) -> String {
        self.out
    }
}
