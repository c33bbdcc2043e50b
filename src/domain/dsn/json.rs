//! Notices of Amazon SES and SNS: a JSON document as the text of a mail.

use serde_json::Value;

use super::original::Original;
use super::status::Action;
use crate::domain::ident::{Address, MessageId};

/// What such a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Failed, delayed, delivered; `None` for a complaint and other events.
    pub action: Option<Action>,
    /// Whom it is about.
    pub recipients: Vec<Address>,
    /// Enhanced status code.
    pub status: String,
    /// What the other server said.
    pub diagnostic: String,
    /// The mail it is about.
    pub original: Original,
}

/// Reads the document at the beginning of the text, wrapped in an SNS envelope or not.
pub fn read(text: &str) -> Option<Notice> {
    let start = text.find('{')?;
    if start > 400 {
        return None;
    }
    let outer = first_value(text.get(start..)?)?;
    let inner = outer.get("Message").and_then(Value::as_str).and_then(first_value);
    let event = inner.as_ref().unwrap_or(&outer);
    let kind = string(event, "notificationType").or_else(|| string(event, "eventType"))?;
    let (action, key, list) = match kind {
        "Bounce" => (Some(Action::Failed), "bounce", "bouncedRecipients"),
        "Reject" => (Some(Action::Failed), "reject", "recipients"),
        "DeliveryDelay" => (Some(Action::Delayed), "deliveryDelay", "delayedRecipients"),
        "Delivery" => (Some(Action::Delivered), "delivery", "recipients"),
        "Complaint" => (None, "complaint", "complainedRecipients"),
        _ => return None,
    };
    let detail = event.get(key).unwrap_or(&Value::Null);
    let entries = detail.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let named = entries.iter().filter_map(|entry| entry.as_str().or_else(|| string(entry, "emailAddress")));
    let field = |name: &str| entries.iter().find_map(|entry| string(entry, name)).unwrap_or_default().to_owned();
    let diagnostic =
        [field("diagnosticCode"), string(detail, "bounceSubType").unwrap_or_default().to_owned()].join(" ");
    let mail = event.get("mail").unwrap_or(&Value::Null);
    let headers = mail.get("commonHeaders").unwrap_or(&Value::Null);
    let original = Original {
        message_id: string(headers, "messageId").or_else(|| string(mail, "messageId")).and_then(MessageId::parse),
        subject: string(headers, "subject").map(str::to_owned),
        to: Vec::new(),
        delivered_for: None,
        present: true,
    };
    let recipients = named.filter_map(super::status::address).collect();
    Some(Notice { action, recipients, status: field("status"), diagnostic, original })
}

fn first_value(text: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(text).into_iter::<Value>().next()?.ok()
}

fn string<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}
