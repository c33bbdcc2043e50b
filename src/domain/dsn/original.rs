//! The returned mail: as a part, as headers only, or pasted below the notice.

use std::sync::LazyLock;

use regex::Regex;

use super::status;
use crate::domain::ident::{Address, MessageId};
use crate::domain::inbound::{Inbound, Part, decode_field};

/// What is known of the returned mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Original {
    /// Its `Message-ID`.
    pub message_id: Option<MessageId>,
    /// Its `Subject`.
    pub subject: Option<String>,
    /// Its `To`, for notices that name nobody.
    pub to: Vec<Address>,
    /// The `for` of its topmost `Received`.
    pub delivered_for: Option<Address>,
    /// Whether there is anything of it at all.
    pub present: bool,
}

/// A field at the beginning of a line, quoted or indented or not, with one folded line.
fn field(name: &str) -> Option<Regex> {
    Regex::new(&format!(r"(?im)^[>|*\t ]{{0,8}}{name}[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]+){{0,3}})")).ok()
}

static ID: LazyLock<Option<Regex>> =
    LazyLock::new(|| field("(?:Message-ID|X-Original-Message-ID|Original-Message-ID|Message ID)"));
static SUBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| field("Subject"));
static TO: LazyLock<Option<Regex>> = LazyLock::new(|| field("To"));
static FOR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)[ \t\n]for[ \t]+<?([^\s<>;]+@[^\s<>;]+)>?[ \t]*(?:\([^)]*\))?;").ok());
static BRACKETED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)message[- ]?id(?:entifier)?[^<\n]{0,20}<([^<>\s]+@[^<>\s]+)>").ok());

/// Reads it from the places where servers put it, the surest first.
pub fn read(mail: &Inbound, notice: &str, depth: u8) -> Original {
    let mut original = Original::default();
    for part in mail.parts.iter().filter(|part| is_returned(part) && part.depth == depth) {
        take(&mut original, &part.text);
    }
    for part in mail.parts.iter().filter(|part| part.mime.ends_with("delivery-status")) {
        take_id(&mut original, &part.text);
    }
    if original.message_id.is_none() {
        take(&mut original, notice);
    }
    for part in mail.parts.iter().filter(|part| !part.text.is_empty() && part.depth < 3) {
        if original.message_id.is_some() {
            break;
        }
        take(&mut original, &part.text);
    }
    if original.message_id.is_none() {
        original.message_id = mail.in_reply_to.first().or(mail.references.last()).cloned();
    }
    original
}

fn is_returned(part: &Part) -> bool {
    let kind = part.mime.as_str();
    matches!(
        kind,
        "message/rfc822"
            | "message/global"
            | "message/partial"
            | "text/rfc822-headers"
            | "text/rfc822"
            | "message/rfc822-headers"
            | "message/global-headers"
    )
}

fn take(original: &mut Original, text: &str) {
    take_id(original, text);
    let value = |regex: &LazyLock<Option<Regex>>| -> Option<String> {
        let found = regex.as_ref()?.captures(text)?.get(1)?;
        Some(decode_field(found.as_str().as_bytes())).filter(|value| !value.is_empty())
    };
    if original.subject.is_none() {
        original.subject = value(&SUBJECT);
    }
    if original.to.is_empty()
        && let Some(to) = value(&TO)
    {
        original.to = to.split(',').filter_map(status::address).take(20).collect();
    }
    if original.delivered_for.is_none() {
        original.delivered_for = value(&FOR).as_deref().and_then(status::address);
    }
    original.present |= original.message_id.is_some() || original.subject.is_some();
}

fn take_id(original: &mut Original, text: &str) {
    if original.message_id.is_some() {
        return;
    }
    let by_field = ID.as_ref().and_then(|regex| {
        let lines = regex.captures_iter(text).filter_map(|found| found.get(1));
        lines.into_iter().find_map(|value| id_in(value.as_str()))
    });
    let in_text = || BRACKETED.as_ref()?.captures(text)?.get(1).and_then(|id| MessageId::parse(id.as_str()));
    original.message_id = by_field.or_else(in_text);
}

/// The id in a field value, which may run into the next folded field where lines were re-wrapped.
fn id_in(value: &str) -> Option<MessageId> {
    if value.contains('<') {
        return MessageId::parse_list(value).into_iter().next();
    }
    value.split_whitespace().next().filter(|word| word.len() > 4).and_then(MessageId::parse)
}
