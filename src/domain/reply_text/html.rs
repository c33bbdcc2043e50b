//! HTML → lines that know whether they are quoted. One pass over the bytes, linear on any input:
//! no tree is built, and what is open is remembered to a fixed depth only.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::{Line, Mark};

/// Open elements that are remembered. Deeper ones still yield their text.
const MAX_OPEN: usize = 400;

/// The visible text of an HTML body.
pub(super) fn lines(html: &str) -> Vec<Line<'static>> {
    let lower = html.to_ascii_lowercase();
    let mut reader = Reader::new(html, &lower);
    reader.run();
    reader.lines
}

/// What an open element means for the text inside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    Quote,
    Signature,
    Hidden,
    Preformatted,
    None,
}

struct Reader<'a> {
    html: &'a str,
    lower: &'a str,
    at: usize,
    /// Cleared once a quote mark inside a tag proved never to be closed.
    trust_quote_marks: bool,
    last_blockquote: Option<usize>,
    open: Vec<(&'a str, Effect)>,
    rest_quoted: bool,
    /// Addresses of the open links, to be written behind their text.
    link: Option<String>,
    current: String,
    current_mark: Mark,
    space: bool,
    lines: Vec<Line<'static>>,
}

impl<'a> Reader<'a> {
    fn new(html: &'a str, lower: &'a str) -> Self {
        Self {
            html,
            lower,
            at: 0,
            trust_quote_marks: true,
            last_blockquote: memmem::rfind(lower.as_bytes(), b"<blockquote"),
            open: Vec::new(),
            rest_quoted: false,
            link: None,
            current: String::new(),
            current_mark: Mark::Own,
            space: false,
            lines: Vec::new(),
        }
    }

    fn run(&mut self) {
        while let Some(rest) = self.html.as_bytes().get(self.at..).filter(|rest| !rest.is_empty()) {
            let text_end = memchr(b'<', rest).map_or(self.html.len(), |offset| self.at + offset);
            self.text(self.at, text_end);
            self.at = text_end;
            if self.at < self.html.len() {
                self.markup();
            }
        }
        self.new_line();
    }

    /// Handles what begins with `<` at the present place and moves behind it.
    fn markup(&mut self) {
        let rest = self.lower.get(self.at..).unwrap_or_default();
        if rest.starts_with("<!--") {
            self.skip_behind("-->", 4);
            return;
        }
        match rest.as_bytes().get(1) {
            Some(b'!' | b'?') => self.skip_behind(">", 1),
            Some(b'/') => {
                let name = name_at(rest, 2);
                self.skip_behind(">", 1);
                self.close(name);
            }
            Some(letter) if letter.is_ascii_alphabetic() => self.open_tag(rest),
            _ => {
                self.push('<');
                self.at += 1;
            }
        }
    }

    fn skip_behind(&mut self, end: &str, from: usize) {
        let start = self.at + from;
        let rest = self.lower.as_bytes().get(start..).unwrap_or_default();
        self.at = memmem::find(rest, end.as_bytes()).map_or(self.html.len(), |offset| start + offset + end.len());
    }

    fn open_tag(&mut self, rest: &'a str) {
        let start = self.at;
        let name = name_at(rest, 1);
        self.at = self.tag_end(start + 1);
        let tag = self.lower.get(start..self.at).unwrap_or_default();
        let empty = tag.ends_with("/>");
        match name {
            "br" | "hr" => self.new_line(),
            "td" | "th" => self.space = true,
            "li" => {
                self.new_line();
                self.push_str("- ");
            }
            "style" | "script" | "head" | "title" | "noscript" | "svg" | "template" if !empty => {
                self.skip_behind(&format!("</{name}"), 0);
                self.skip_behind(">", 0);
                return;
            }
            "a" => {
                let href = attribute(tag, "href").unwrap_or_default();
                self.link = href
                    .strip_prefix("mailto:")
                    .map(|address| address.split('?').next().unwrap_or_default().to_owned())
                    .filter(|address| address.contains('@') && address.len() < 200);
            }
            _ if is_block(name) => self.new_line(),
            _ => {}
        }
        if tag.contains("divrplyfwdmsg") && attribute(tag, "id").is_some_and(|id| id.ends_with("divrplyfwdmsg")) {
            self.rest_quoted = true;
        }
        if !empty && !VOID.contains(&name) && self.open.len() < MAX_OPEN {
            let effect = self.effect(name, tag, start);
            self.open.push((name, effect));
        }
    }

    /// Where the tag that contains `from` ends: behind its `>`.
    fn tag_end(&mut self, from: usize) -> usize {
        let bytes = self.html.as_bytes();
        if self.trust_quote_marks {
            let mut quote = None;
            let mut last = b' ';
            for (offset, &byte) in bytes.get(from..).unwrap_or_default().iter().enumerate() {
                match quote {
                    Some(mark) if byte == mark => quote = None,
                    Some(_) => {}
                    None if byte == b'>' => return from + offset + 1,
                    // a quote mark opens a value only behind the equals sign
                    None if matches!(byte, b'"' | b'\'') && last == b'=' => quote = Some(byte),
                    None => {}
                }
                if !byte.is_ascii_whitespace() {
                    last = byte;
                }
            }
            self.trust_quote_marks = false;
        }
        memchr(b'>', bytes.get(from..).unwrap_or_default()).map_or(bytes.len(), |offset| from + offset + 1)
    }

    fn effect(&self, name: &str, tag: &str, start: usize) -> Effect {
        let style = attribute(tag, "style").unwrap_or_default();
        if style.contains("display:none") || style.contains("display: none") || tag.contains(" hidden>") {
            return Effect::Hidden;
        }
        let class = attribute(tag, "class").unwrap_or_default();
        let id = attribute(tag, "id").unwrap_or_default();
        let named = |names: &[&str]| names.iter().any(|name| class.contains(name) || id.contains(name));
        match name {
            // Gmail and others indent own text by a block quote without a line
            "blockquote" if style.contains("border:none") || style.contains("border: none") => Effect::None,
            "blockquote" => Effect::Quote,
            "pre" => Effect::Preformatted,
            // answers between the quoted lines lie in this container too, so that it counts only
            // where it holds no block quote of its own
            _ if class.split_whitespace().any(|name| matches!(name, "gmail_quote" | "gmail_quote_container")) => {
                if self.last_blockquote.is_some_and(|at| at > start) { Effect::None } else { Effect::Quote }
            }
            _ if named(QUOTE_NAMES) => Effect::Quote,
            _ if named(SIGNATURE_NAMES) => Effect::Signature,
            _ => Effect::None,
        }
    }

    fn close(&mut self, name: &str) {
        if name == "a"
            && let Some(address) = self.link.take()
            && !self.current.to_ascii_lowercase().contains(&address)
        {
            self.push_str(&format!(" <{address}> "));
        }
        if is_block(name) {
            self.new_line();
        }
        if matches!(name, "p" | "h1" | "h2" | "h3" | "table" | "ul" | "ol" | "blockquote") {
            self.blank_line();
        }
        if let Some(depth) = self.open.iter().rposition(|(open, _)| *open == name) {
            self.open.truncate(depth);
        }
    }

    fn has(&self, effect: Effect) -> bool {
        self.open.iter().any(|(_, open)| *open == effect)
    }

    fn text(&mut self, from: usize, to: usize) {
        let raw = self.html.get(from..to).unwrap_or_default();
        if raw.is_empty() || self.has(Effect::Hidden) {
            return;
        }
        let mark = match () {
            () if self.rest_quoted || self.has(Effect::Quote) => Mark::Quoted,
            () if self.has(Effect::Signature) => Mark::Signature,
            () => Mark::Own,
        };
        if mark != self.current_mark {
            self.new_line();
            self.current_mark = mark;
        }
        let preformatted = self.has(Effect::Preformatted);
        let decoded = if raw.contains('&') { &decode_entities(raw) } else { raw };
        for c in decoded.chars() {
            match c {
                '\n' if preformatted => self.new_line(),
                c if c.is_whitespace() => self.space = true,
                c => self.push(c),
            }
        }
    }

    fn push(&mut self, c: char) {
        if self.space && !self.current.is_empty() {
            self.current.push(' ');
        }
        self.space = false;
        self.current.push(c);
    }

    fn push_str(&mut self, text: &str) {
        text.chars().for_each(|c| if c == ' ' { self.space = true } else { self.push(c) });
    }

    fn new_line(&mut self) {
        self.space = false;
        if self.current.is_empty() {
            return self.blank_line();
        }
        let text = std::mem::take(&mut self.current);
        let text = Cow::Owned(super::normalised(&text).into_owned());
        self.lines.push(Line { text, mark: self.current_mark });
    }

    /// One blank line at most: what an empty block looks like is nothing to us.
    fn blank_line(&mut self) {
        if self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            self.lines.push(Line { text: Cow::Borrowed(""), mark: self.current_mark });
        }
    }
}

/// The name of a tag (in lower case) that begins at `from`.
fn name_at(rest: &str, from: usize) -> &str {
    let name = rest.get(from..).unwrap_or_default();
    let end = name.bytes().position(|b| !b.is_ascii_alphanumeric() && b != b':').unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

/// The value of an attribute of a tag in lower case.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    // only the head of a tag is searched: an image may be written out in one
    let end = (0..=tag.len().min(2000)).rev().find(|&at| tag.is_char_boundary(at)).unwrap_or(0);
    let tag = tag.get(..end)?;
    let mut from = 0;
    while let Some(offset) = tag.get(from..)?.find(name) {
        let start = from + offset;
        from = start + name.len();
        let before = tag.as_bytes().get(start.wrapping_sub(1)).copied().unwrap_or(b'<');
        let Some(value) = tag.get(from..).map(str::trim_start).and_then(|rest| rest.strip_prefix('=')) else {
            continue;
        };
        if !(before.is_ascii_whitespace() || matches!(before, b'"' | b'\'' | b'/')) {
            continue;
        }
        let value = value.trim_start();
        return match value.chars().next() {
            Some(mark @ ('"' | '\'')) => value.get(1..)?.split(mark).next(),
            _ => value.split(|c: char| c.is_whitespace() || c == '>').next(),
        };
    }
    None
}

fn is_block(name: &str) -> bool {
    BLOCK.contains(&name)
}

/// Decodes character references (HTML 4 §24, the Latin-1 part and the signs that mail uses).
fn decode_entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut pieces = text.split('&');
    decoded.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.bytes().take(12).position(|b| !b.is_ascii_alphanumeric() && b != b'#').unwrap_or(piece.len());
        let name = piece.get(..end).unwrap_or_default();
        let rest = piece.get(end..).unwrap_or_default();
        match entity(name) {
            Some(c) => {
                decoded.push(c);
                decoded.push_str(rest.strip_prefix(';').unwrap_or(rest));
            }
            None => {
                decoded.push('&');
                decoded.push_str(piece);
            }
        }
    }
    decoded
}

fn entity(name: &str) -> Option<char> {
    if name.is_empty() {
        return None;
    }
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control() || c.is_whitespace());
    }
    let latin = LATIN_1.split(' ').position(|entry| entry == name).and_then(|at| u32::try_from(at).ok());
    if let Some(at) = latin {
        return char::from_u32(160 + at);
    }
    SIGNS.iter().find(|(entry, _)| *entry == name).map(|(_, c)| *c)
}

const VOID: &[&str] =
    &["br", "hr", "img", "meta", "link", "input", "area", "base", "col", "embed", "source", "track", "wbr", "o:p"];

const BLOCK: &[&str] = &[
    "p",
    "div",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "dd",
    "dt",
    "dl",
    "section",
    "article",
    "header",
    "footer",
    "address",
    "center",
    "form",
    "fieldset",
    "body",
    "html",
    "main",
];

/// Parts of class names and ids behind which mail programs put what they quote.
const QUOTE_NAMES: &[&str] = &[
    "gmail_attr",
    "gmail_quote_attribution",
    "moz-cite-prefix",
    "moz-email-headers-table",
    "moz-forward-container",
    "protonmail_quote",
    "yahoo_quoted",
    "yahoo-quoted",
    "zmail_extra",
    "zmail-quote",
    "zmailquote",
    "olk_src_body_section",
    "tutanota_quote",
    "hey-quote",
    "quotedreply",
    "mail_quote",
    "reply-quote",
    "isforwardcontent",
    "qmquote",
    "ntes-mailmaster-quote",
    "front-blockquote",
    "wordsection-quote",
];

/// Parts of class names and ids behind which mail programs put a signature.
const SIGNATURE_NAMES: &[&str] = &[
    "gmail_signature",
    "gmail_default_signature",
    "applemailsignature",
    "moz-signature",
    "ms-outlook-mobile-signature",
    "protonmail_signature_block",
    "signature_old",
    "mobile-signature",
    "yahoo_signature",
    "ydp-signature",
    "tutanota_signature",
    "hs_signature",
    "mail-signature",
    "email-signature",
];

/// Names of the characters 160 to 255, in their order.
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

const SIGNS: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("rsquo", '’'),
    ("lsquo", '‘'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("sbquo", '‚'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("euro", '€'),
    ("bull", '•'),
    ("trade", '™'),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("lrm", '\u{200e}'),
    ("rlm", '\u{200f}'),
    ("Scaron", 'Š'),
    ("scaron", 'š'),
    ("OElig", 'Œ'),
    ("oelig", 'œ'),
    ("Yuml", 'Ÿ'),
    ("rarr", '→'),
    ("larr", '←'),
];
