//! `message/delivery-status` (RFC 3464 §2, RFC 6533 §3): groups of fields, however broken.

use memchr::memmem;

use crate::domain::ident::Address;

/// What the report says of one recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// `Original-Recipient` (the address we wrote to), then `Final-Recipient` if it is another one,
    /// else `X-Actual-Recipient`.
    pub recipients: Vec<Address>,
    /// `Action`.
    pub action: Option<Action>,
    /// `Status` as it stands, comment included.
    pub status: String,
    /// `Diagnostic-Code` and other fields that explain.
    pub diagnostic: String,
}

/// `Action` (RFC 3464 §2.3.3), as far as it matters to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `failed`.
    Failed,
    /// `delayed`.
    Delayed,
    /// `delivered`, `relayed`, `expanded`.
    Delivered,
}

/// Whether the text is a status part, whatever type it was declared as.
pub fn looks_like_status(text: &str) -> bool {
    // nearly no text names a recipient so, and a plain search is much cheaper than a look at each line
    let named = ["ecipient", "ECIPIENT"].iter().any(|piece| memmem::find(text.as_bytes(), piece.as_bytes()).is_some());
    if !named {
        return false;
    }
    let (mut recipient, mut verdict) = (false, false);
    for line in text.lines() {
        match field(line) {
            Some(("final-recipient" | "original-recipient", _)) => recipient = true,
            Some(("action" | "status" | "diagnostic-code", _)) => verdict = true,
            _ => {}
        }
    }
    recipient && verdict
}

/// What stands behind the last field of a status part that is pasted into text.
pub fn behind(text: &str) -> &str {
    let (mut at, mut end) = (0, 0);
    for line in text.split_inclusive('\n') {
        at += line.len();
        if field(line).is_some() {
            end = at;
        }
    }
    text.get(end..).unwrap_or(text)
}

/// The groups that name a recipient, an action or a status.
pub fn groups(text: &str) -> Vec<Group> {
    let mut reader = Reader::default();
    for line in unfolded(text) {
        match field(&line) {
            Some((name, value)) => reader.take(name, value),
            None if line.trim().is_empty() => reader.blank(),
            None => {}
        }
    }
    reader.end();
    reader.groups
}

#[derive(Default)]
struct Reader {
    groups: Vec<Group>,
    group: Group,
    original: Option<Address>,
    last: Option<Address>,
    actual: Option<Address>,
    has_original: bool,
    has_final: bool,
}

impl Reader {
    fn take(&mut self, name: &str, value: &str) {
        let judged = self.group.action.is_some() || !self.group.status.is_empty();
        match name {
            "original-recipient" => {
                if self.has_original || (self.has_final && judged && self.original.is_some()) {
                    self.end();
                }
                self.has_original = true;
                self.original = address(value);
            }
            "final-recipient" => {
                if self.has_final {
                    self.end();
                }
                self.has_final = true;
                self.last = address(value);
            }
            "x-actual-recipient" => self.actual = address(value),
            "action" if self.group.action.is_none() => self.group.action = action(value),
            "status" if self.group.status.is_empty() => value.clone_into(&mut self.group.status),
            "diagnostic-code" | "x-supplementary-info" | "x-spam-reason" => {
                self.group.diagnostic.push_str(value);
                self.group.diagnostic.push('\n');
            }
            _ => {}
        }
    }

    /// A blank line ends a group only if a recipient was named: some put one behind every field.
    fn blank(&mut self) {
        let judged = self.group.action.is_some() || !self.group.status.is_empty();
        if (self.has_final || self.has_original) && judged {
            self.end();
        }
    }

    fn end(&mut self) {
        let mut group = std::mem::take(&mut self.group);
        let tail = (self.original.take(), self.last.take(), self.actual.take());
        group.recipients = tail.0.into_iter().collect();
        if let Some(last) = tail.1.or(tail.2.filter(|_| group.recipients.is_empty()))
            && !group.recipients.contains(&last)
            // a channel within the server, where the address that we wrote to is named too
            && (last.domain().contains('.') || group.recipients.iter().all(|known| known.local() != last.local()))
        {
            group.recipients.push(last);
        }
        (self.has_original, self.has_final) = (false, false);
        if !group.recipients.is_empty() || group.action.is_some() || !group.status.is_empty() {
            self.groups.push(group);
        }
    }
}

/// Name in lower case and value of the fields that matter.
fn field(line: &str) -> Option<(&'static str, &str)> {
    const NAMES: &[&str] = &[
        "original-recipient",
        "final-recipient",
        "x-actual-recipient",
        "action",
        "status",
        "diagnostic-code",
        "x-supplementary-info",
        "x-spam-reason",
    ];
    let (name, value) = line.split_once(':')?;
    let name = name.trim_start_matches(['>', ' ', '\t']).trim_end();
    let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name))?;
    Some((known, value.trim()))
}

fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let continues = line.starts_with([' ', '\t']) && !line.trim().is_empty() && field(line).is_none();
        match lines.last_mut() {
            Some(last) if continues && !last.trim().is_empty() => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

fn action(value: &str) -> Option<Action> {
    let word: String = value.trim_start().chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-').collect();
    match word.to_ascii_lowercase().as_str() {
        "failed" | "failure" | "fail" | "permanent-failure" | "rejected" | "bounced" => Some(Action::Failed),
        "delayed" | "delay" | "transient-failure" | "deferred" => Some(Action::Delayed),
        "delivered" | "relayed" | "expanded" | "deliverable" => Some(Action::Delivered),
        _ => None,
    }
}

/// The address in a recipient field: type before the semicolon, brackets, comments, source routes
/// and xtext (RFC 3461 §4) are borne; X.400 and system names give nothing.
pub fn address(value: &str) -> Option<Address> {
    let value = value.trim();
    let typed = value.split_once(';').filter(|(kind, _)| {
        let kind = kind.trim();
        !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ' '))
    });
    let rest = typed.map_or(value, |(_, rest)| rest).trim();
    let bracketed = rest.split_once('<').and_then(|(_, tail)| tail.split_once('>')).map(|(inner, _)| inner);
    let bare = bracketed.filter(|inner| inner.contains('@')).unwrap_or(rest);
    let bare = if bare.starts_with('"') { bare } else { bare.split_whitespace().next().unwrap_or_default() };
    let bare = match bare.strip_prefix('@').and_then(|route| route.rsplit_once(':')) {
        Some((_, address)) => address,
        None => bare,
    };
    let bare = bare.trim_end_matches([':', ',', ';']);
    let decoded = if !bare.contains('@') || bare.contains("+2B") || bare.contains("+3D") { xtext(bare) } else { None };
    let bare = decoded.as_deref().unwrap_or(bare);
    let unquoted = match bare.rsplit_once('@') {
        Some((local, domain)) if local.starts_with('"') => format!("{}@{domain}", local.trim_matches('"')),
        _ => bare.to_owned(),
    };
    Address::parse(&unquoted).filter(|address| !address.as_str().contains(['/', '(']) || address.local().contains('='))
}

fn xtext(text: &str) -> Option<String> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'+' {
            plain.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
        plain.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(plain).ok()
}
