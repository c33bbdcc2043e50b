//! Kinds that the structure of a mail declares: receipts, reports, calendar (mail-rules §B3, §B5).

use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use super::facts::Facts;
use super::{Class, words};
use crate::domain::gist::Kind;
use crate::domain::ident::MessageId;
use crate::domain::inbound::{Inbound, Part};
use crate::domain::phrases::Phrases;
use crate::domain::reply_text::ReplyText;

/// Ids that are kept of the quoted text.
const MAX_QUOTED_IDS: usize = 10;

struct Tables {
    mdn_subject: Phrases,
    report_subject: Phrases,
    calendar_subject: Phrases,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    mdn_subject: Phrases::new(words::MDN_SUBJECT),
    report_subject: Phrases::new(words::REPORT_SUBJECT),
    calendar_subject: Phrases::new(words::CALENDAR_SUBJECT),
});

fn own_parts(mail: &Inbound) -> impl Iterator<Item = &Part> {
    mail.parts.iter().filter(|part| part.depth == 0)
}

fn report_type(mail: &Inbound) -> Option<String> {
    let report = own_parts(mail).find(|part| part.mime == "multipart/report")?;
    Some(report.attributes.get("report-type").map(|kind| kind.trim().to_ascii_lowercase()).unwrap_or_default())
}

/// A read receipt (RFC 8098): structured, or by subject and text.
pub fn receipt(facts: &Facts<'_>) -> Option<Class> {
    let mail = facts.mail;
    let part = own_parts(mail).find(|part| part.mime.ends_with("disposition-notification"));
    let declared = report_type(mail).is_some_and(|kind| kind.contains("disposition-notification"));
    if part.is_some() || declared {
        let mut class = Class::new(Kind::Automatic, "read receipt (disposition notification)");
        if let Some(part) = part {
            class.quoted_ids = field_ids(&part.text);
        }
        return Some(class);
    }
    let lead = TABLES.mdn_subject.at_start(&facts.subject)?;
    let text = facts.own_or_whole();
    (text.flat.len() < 1200 && text.has(words::table::MDN_TEXT))
        .then(|| Class::new(Kind::Automatic, format!("read receipt by subject \u{201c}{lead}\u{201d} and text")))
}

/// Complaints (RFC 5965), TLS and DMARC reports, and any other `multipart/report`.
pub fn report(facts: &Facts<'_>) -> Option<Class> {
    let mail = facts.mail;
    let known = ["message/feedback-report", "application/tlsrpt+gzip", "application/tlsrpt+json"];
    if let Some(part) = own_parts(mail).find(|part| known.contains(&part.mime.as_str())) {
        return Some(Class::new(Kind::Automatic, format!("report ({})", part.mime)));
    }
    if let Some(kind) = report_type(mail).filter(|kind| !kind.is_empty()) {
        return Some(Class::new(Kind::Automatic, format!("multipart/report; report-type={kind}")));
    }
    if facts.in_thread {
        return None;
    }
    if let Some(lead) = TABLES.report_subject.at_start(&facts.subject) {
        return Some(Class::new(Kind::Automatic, format!("report by subject \u{201c}{lead}\u{201d}")));
    }
    // Hotmail's complaints are a plain mail with the original attached
    let complaint = mail.author().is_some_and(|author| {
        author.address.local() == "staff" && matches!(author.address.domain(), "hotmail.com" | "outlook.com")
    });
    (complaint && own_parts(mail).any(|part| part.mime == "message/rfc822"))
        .then(|| Class::new(Kind::Automatic, "complaint report"))
}

/// An invitation is a person's act; an answer to ours or a cancellation is made by the calendar.
pub fn calendar(facts: &Facts<'_>) -> Option<Class> {
    let mail = facts.mail;
    let is_calendar = |part: &&Part| {
        matches!(part.mime.as_str(), "text/calendar" | "application/ics")
            || part.file_name.as_deref().is_some_and(|name| name.to_lowercase().ends_with(".ics"))
    };
    let method = own_parts(mail).filter(is_calendar).find_map(calendar_method);
    match method.as_deref() {
        Some(method @ ("REPLY" | "COUNTER" | "CANCEL" | "DECLINECOUNTER" | "REFRESH")) => {
            Some(Class::new(Kind::Automatic, format!("calendar, method {method}")))
        }
        Some("REQUEST") if facts.robot.is_none() => {
            Some(Class::new(Kind::Human, "invitation, calendar method REQUEST"))
        }
        Some("REQUEST") => Some(Class::new(Kind::Automatic, "invitation by a machine")),
        _ => calendar_by_subject(facts),
    }
}

/// `METHOD` of the Content-Type (RFC 6047 §2.4), else of the object itself.
fn calendar_method(part: &Part) -> Option<String> {
    let declared = part.attributes.get("method").map(|method| method.trim().to_ascii_uppercase());
    declared.filter(|method| !method.is_empty()).or_else(|| {
        let lines = part.text.lines().take(60);
        let value =
            lines.filter_map(|line| line.split_once(':')).find(|(name, _)| name.trim().eq_ignore_ascii_case("method"));
        value.map(|(_, method)| method.trim().to_ascii_uppercase())
    })
}

fn calendar_by_subject(facts: &Facts<'_>) -> Option<Class> {
    let lead = TABLES.calendar_subject.at_start(&facts.subject)?;
    let class = facts.mail.header("content-class").is_some_and(|class| class.contains("calendarmessage"));
    (class || facts.own.flat.len() < 4)
        .then(|| Class::new(Kind::Automatic, format!("calendar, subject \u{201c}{lead}\u{201d}")))
}

static ID_FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?im)^[>|\t ]{0,12}(?:original-)?message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{3,900}>|[^<>\s]+@[^<>\s]+)",
    )
    .ok()
});

fn field_ids(text: &str) -> Vec<MessageId> {
    // nearly every text has none, and a plain search is much cheaper than the expression
    if !["essage-I", "essage-i", "ESSAGE-I"]
        .iter()
        .any(|piece| memmem::find(text.as_bytes(), piece.as_bytes()).is_some())
    {
        return Vec::new();
    }
    let found = ID_FIELD.iter().flat_map(|regex| regex.captures_iter(text));
    found.filter_map(|hit| MessageId::parse(hit.get(1)?.as_str())).take(MAX_QUOTED_IDS).collect()
}

/// The id of the mail that is attached as a whole.
pub fn returned_id(mail: &Inbound) -> Option<MessageId> {
    let returned = mail.parts.iter().filter(|part| part.depth == 0 && part.mime.starts_with("message/rfc822"));
    returned.flat_map(|part| field_ids(&part.text)).next()
}

/// Adds the ids that quoted headers name.
pub fn quoted_ids(mail: &Inbound, text: &ReplyText, found: &mut Vec<MessageId>) {
    let named = ["x-forwarded-message-id", "resent-message-id", "original-message-id"];
    let fields = named.into_iter().flat_map(|name| mail.header_values(name)).flat_map(MessageId::parse_list);
    let nested = mail.parts.iter().filter(|part| part.mime == "message/rfc822" && part.depth == 0);
    let texts = nested.map(|part| part.text.as_str()).chain([text.quoted.as_str(), mail.text.as_str()]);
    for id in fields.chain(texts.take(20).flat_map(field_ids)) {
        if found.len() < MAX_QUOTED_IDS && !found.contains(&id) {
            found.push(id);
        }
    }
}
