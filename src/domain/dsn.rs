//! Delivery reports: `message/delivery-status` (RFC 3464) and the text notices of servers that send
//! none, read into what matters: failed or delayed, for whom, why, and which mail of ours it was.

use std::borrow::Cow;

use memchr::memmem;

use super::gist::Bounce;
use super::ident::Address;
use super::inbound::{Inbound, Part, html_to_text};

use status::{Action, Group};

pub use reason::of as reason_of;

mod json;
mod notice;
mod original;
mod reason;
mod reason_words;
mod status;
mod words;

/// What a delivery report says, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What became of the mail.
    pub outcome: Outcome,
    /// The evidence, in words.
    pub because: String,
}

/// What became of the mail that is reported on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Not delivered, for good or not yet.
    Failed(Bounce),
    /// Delivered, relayed or expanded: a receipt.
    Delivered,
    /// A complaint or another event of the sending service.
    Other,
}

/// Reads a delivery report; `None` if the mail is none.
pub fn read(mail: &Inbound) -> Option<Report> {
    let notice = notice_text(mail);
    if let Some(report) = json_report(&notice) {
        return Some(report);
    }
    let (groups, depth) = status_groups(mail, &notice);
    if !groups.is_empty() {
        return Some(structured(mail, &notice, &groups, depth));
    }
    if !notice::may_be(mail, &notice) && !is_declared_report(mail) {
        return None;
    }
    let original = original::read(mail, &notice, 0);
    let returned = original.present;
    let declared = is_declared_report(mail).then(|| "multipart/report without a readable status part".to_owned());
    let because = notice::evidence(mail, &notice, returned).or_else(|| declared.filter(|_| returned))?;
    let recipients =
        first_filled([&mut || header_recipients(mail), &mut || notice::recipients(mail, &notice, &original)]);
    let diagnostic = notice::diagnostic(&notice);
    let permanent = notice::action(mail, &notice) == Action::Failed;
    let code = reason::status("", &diagnostic);
    let bounce = Bounce {
        permanent,
        reason: reason::of(code.as_deref(), &diagnostic),
        status: code,
        recipients,
        original_message_id: original.message_id,
        original_subject: original.subject,
    };
    Some(Report { outcome: Outcome::Failed(bounce), because })
}

fn structured(mail: &Inbound, notice: &str, groups: &[Group], depth: u8) -> Report {
    let action = overall(mail, notice, groups);
    let because = format!("delivery status, action {}", word(action));
    if action == Action::Delivered {
        return Report { outcome: Outcome::Delivered, because };
    }
    let concerned: Vec<&Group> = groups.iter().filter(|group| group.action.is_none_or(|own| own == action)).collect();
    let mut recipients: Vec<Address> = Vec::new();
    for address in concerned.iter().flat_map(|group| &group.recipients) {
        if !recipients.contains(address) {
            recipients.push(address.clone());
        }
    }
    let declared = mail.parts.iter().any(|part| part.mime.ends_with("delivery-status"));
    let original = original::read(mail, if declared { notice } else { status::behind(notice) }, depth);
    if recipients.is_empty() {
        recipients =
            first_filled([&mut || header_recipients(mail), &mut || notice::recipients(mail, notice, &original)]);
    }
    let status_field = concerned.iter().map(|group| group.status.as_str()).find(|text| !text.is_empty());
    let diagnostic: String = concerned.iter().map(|group| group.diagnostic.as_str()).collect();
    let told = notice::diagnostic(notice);
    let code = reason::status(status_field.unwrap_or_default(), &diagnostic)
        .filter(|code| !code.ends_with(".0.0"))
        .or_else(|| reason::status(status_field.unwrap_or_default(), &told));
    let mut why = reason::of(code.as_deref(), &diagnostic);
    if why == super::gist::BounceReason::Unknown {
        why = reason::of(code.as_deref(), &told);
    }
    let bounce = Bounce {
        permanent: action == Action::Failed,
        reason: why,
        status: code,
        recipients,
        original_message_id: original.message_id,
        original_subject: original.subject,
    };
    Report { outcome: Outcome::Failed(bounce), because }
}

/// One failure is a failure, whatever became of the other recipients.
fn overall(mail: &Inbound, notice: &str, groups: &[Group]) -> Action {
    let has = |action| groups.iter().any(|group| group.action == Some(action));
    if has(Action::Failed) {
        return Action::Failed;
    }
    if has(Action::Delayed) {
        return Action::Delayed;
    }
    if has(Action::Delivered) {
        return Action::Delivered;
    }
    let class = groups.iter().filter_map(|group| group.status.trim_start().chars().next()).find(char::is_ascii_digit);
    match class {
        Some('2') => Action::Delivered,
        Some('5') => Action::Failed,
        _ => notice::action(mail, notice),
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Failed => "failed",
        Action::Delayed => "delayed",
        Action::Delivered => "delivered",
    }
}

/// The groups of every status part of the mail itself; those of a mail inside it count only where
/// a mail server sent the whole, for a person may forward a bounce as an attachment.
fn status_groups(mail: &Inbound, notice: &str) -> (Vec<Group>, u8) {
    let forwarded = super::senders::is_reply_or_forward(&super::phrases::flatten(&mail.subject, 100));
    let machine = super::senders::mail_system(mail).is_some();
    if forwarded && !machine && !is_declared_report(mail) {
        return (Vec::new(), 0);
    }
    let max_depth = if machine { 2 } else { 0 };
    for depth in 0..=max_depth {
        let parts = mail.parts.iter().filter(|part| part.depth == depth && is_status_part(part));
        let groups: Vec<Group> = parts.flat_map(|part| status::groups(&part.text)).collect();
        if !groups.is_empty() {
            return (groups, depth);
        }
    }
    let mut groups = Vec::new();
    if groups.is_empty() && (machine || is_declared_report(mail)) && status::looks_like_status(notice) {
        groups = status::groups(notice);
    }
    (groups, 0)
}

fn is_status_part(part: &Part) -> bool {
    let declared = matches!(part.mime.as_str(), "message/delivery-status" | "message/global-delivery-status");
    declared || (part.mime.starts_with("text/") && status::looks_like_status(&part.text))
}

fn is_declared_report(mail: &Inbound) -> bool {
    let of_this_kind = |part: &Part| {
        part.attributes.get("report-type").is_none_or(|kind| kind.to_ascii_lowercase().contains("delivery-status"))
    };
    mail.parts.iter().any(|part| part.depth == 0 && part.mime == "multipart/report" && of_this_kind(part))
}

fn header_recipients(mail: &Inbound) -> Vec<Address> {
    mail.header_values("x-failed-recipients").flat_map(|value| value.split(',')).filter_map(status::address).collect()
}

fn first_filled<const N: usize>(ways: [&mut dyn FnMut() -> Vec<Address>; N]) -> Vec<Address> {
    ways.into_iter().map(|way| way()).find(|list| !list.is_empty()).unwrap_or_default()
}

fn json_report(notice: &str) -> Option<Report> {
    let has = |name: &str| memmem::find(notice.as_bytes(), name.as_bytes()).is_some();
    if !has("notificationType") && !has("eventType") {
        return None;
    }
    let found = json::read(notice)?;
    let because = "notification of the sending service".to_owned();
    let outcome = match found.action {
        None => Outcome::Other,
        Some(Action::Delivered) => Outcome::Delivered,
        Some(action) => {
            let code = reason::status(&found.status, &found.diagnostic);
            Outcome::Failed(Bounce {
                permanent: action == Action::Failed,
                reason: reason::of(code.as_deref(), &found.diagnostic),
                status: code,
                recipients: found.recipients,
                original_message_id: found.original.message_id,
                original_subject: found.original.subject,
            })
        }
    };
    Some(Report { outcome, because })
}

/// The text that a person would read, from whatever part has one.
fn notice_text(mail: &Inbound) -> Cow<'_, str> {
    if !mail.text.trim().is_empty() {
        return Cow::Borrowed(&mail.text);
    }
    if !mail.html.trim().is_empty() {
        return Cow::Owned(html_to_text(&mail.html));
    }
    let readable = |part: &&Part| part.depth == 0 && part.mime.starts_with("text/") && !part.text.trim().is_empty();
    Cow::Borrowed(mail.parts.iter().find(readable).map(|part| part.text.as_str()).unwrap_or_default())
}

#[cfg(test)]
mod tests;
