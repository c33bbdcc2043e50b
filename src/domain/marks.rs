//! Marks that forbid an automatic answer (mail-rules §A1 and §A2, with the differences named there),
//! and what the same fields tell about who wrote.

use super::inbound::{Inbound, ReturnPath};
use super::senders;

use table::{FIELDS, Field, Says};

mod auto_submitted;
mod table;

/// `Received` fields beyond which a mail goes in circles (mail-rules §A3.8).
const MAX_HOPS: usize = 30;

/// Every mark found, in words that `why` prints, in the order of mail-rules §A.
pub fn of(mail: &Inbound) -> Vec<String> {
    let mut marks = Vec::new();
    let mut add = |mark: String| {
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    };
    envelope(mail).into_iter().for_each(&mut add);
    auto_submitted::keyword(mail).map(|keyword| format!("Auto-Submitted: {keyword}")).into_iter().for_each(&mut add);
    for field in FIELDS.iter().filter(|field| field.forbids) {
        field.mark(mail).into_iter().for_each(&mut add);
    }
    let hops = mail.header_values("received").count();
    if hops > MAX_HOPS {
        add(format!("{hops} servers handled it: it goes in circles"));
    }
    structure(mail).into_iter().for_each(&mut add);
    addresses(mail).into_iter().for_each(&mut add);
    marks
}

/// Whether a provider marked the mail as spam (mail-rules §A1.9; `dmarc` is judged elsewhere).
pub fn is_spam(mail: &Inbound) -> bool {
    let says = |name: &str, yes: &[&str]| {
        mail.header_values(name).any(|value| {
            let word: String = value.trim().chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
            yes.iter().any(|yes| word.eq_ignore_ascii_case(yes))
        })
    };
    says("x-spam-flag", &["yes", "true"])
        || says("x-spam-status", &["yes"])
        || says("x-spam", &["yes", "true", "spam"])
        || says("x-ses-spam-verdict", &["fail"])
        || says("x-ses-virus-verdict", &["fail"])
        || says("x-gmx-antispam", &["5", "6", "7"])
        || says("x-rspamd-action", &["reject"])
        || mail
            .header_values("x-spamd-result")
            .any(|value| value.trim_start().to_lowercase().starts_with("default: true"))
        || mail.header_values("x-forefront-antispam-report").any(|value| {
            value.split(';').any(|entry| {
                matches!(
                    entry.trim(),
                    "SFV:SPM"
                        | "SFV:SKB"
                        | "CAT:SPM"
                        | "CAT:HSPM"
                        | "CAT:PHSH"
                        | "CAT:HPHSH"
                        | "CAT:HPHISH"
                        | "CAT:MALW"
                )
            })
        })
        || mail
            .header_values("x-ms-exchange-organization-scl")
            .chain(mail.header_values("x-microsoft-antispam-scl"))
            .any(|value| value.trim().parse::<i32>().is_ok_and(|level| level >= 5))
}

/// Whether `Auto-Submitted` says anything but `no` (RFC 3834 §5).
pub fn is_auto_submitted(mail: &Inbound) -> bool {
    auto_submitted::keyword(mail).is_some()
}

/// The keyword of `Auto-Submitted`, if it is not `no`.
pub fn auto_submitted(mail: &Inbound) -> Option<String> {
    auto_submitted::keyword(mail)
}

/// The field that states that a machine wrote the mail; one that only asks for silence does not.
pub fn states_machine(mail: &Inbound) -> Option<String> {
    let submitted = auto_submitted::keyword(mail).map(|keyword| format!("Auto-Submitted: {keyword}"));
    submitted.or_else(|| FIELDS.iter().filter(|field| field.says == Says::Machine).find_map(|field| field.mark(mail)))
}

/// Whether a field asks robots not to answer.
pub fn asks_silence(mail: &Inbound) -> bool {
    precedence(mail).is_some() || FIELDS.iter().any(|field| field.says == Says::Silence && field.mark(mail).is_some())
}

/// `Precedence` or `X-Precedence`, if it is that of mail to many.
pub fn precedence(mail: &Inbound) -> Option<String> {
    FIELDS
        .iter()
        .filter(|field| field.says == Says::Many && field.name.ends_with("precedence"))
        .find_map(|field| field.mark(mail))
}

/// The field of a platform for mass mail.
pub fn bulk_platform(mail: &Inbound) -> Option<String> {
    FIELDS.iter().filter(|field| field.says == Says::Platform).find_map(|field: &Field| field.mark(mail))
}

fn envelope(mail: &Inbound) -> Option<String> {
    match &mail.return_path {
        ReturnPath::Null => Some("Return-Path: <>".to_owned()),
        ReturnPath::Unreadable => Some("Return-Path can't be read".to_owned()),
        ReturnPath::Mailbox(address) => senders::is_mail_system(address.local())
            .then(|| format!("Return-Path of a mail system ({})", address.local())),
        ReturnPath::Absent => None,
    }
}

/// Mail that is no letter to anybody (§A1.7).
fn structure(mail: &Inbound) -> Vec<String> {
    let mut marks = Vec::new();
    for part in mail.parts.iter().filter(|part| part.depth == 0) {
        let top = std::ptr::eq(part, mail.parts.first().unwrap_or(part));
        let mime = part.mime.as_str();
        let method = part.attributes.get("method").map(|method| method.to_ascii_uppercase());
        let by_text =
            || part.text.lines().take(60).find_map(|line| line.trim().strip_prefix("METHOD:")).map(str::to_owned);
        match mime {
            "multipart/report" | "multipart/encrypted" | "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                marks.push(format!("Content-Type: {mime}"));
            }
            _ if top && mime.starts_with("message/") => marks.push(format!("Content-Type: {mime}")),
            "text/calendar" | "application/ics" => {
                marks.push(format!(
                    "calendar, method {}",
                    method.or_else(by_text).unwrap_or_else(|| "unknown".to_owned())
                ));
            }
            "message/delivery-status"
            | "message/global-delivery-status"
            | "message/disposition-notification"
            | "message/feedback-report" => {
                marks.push(format!("Content-Type: {mime}"));
            }
            _ => {}
        }
    }
    marks
}

/// From, Sender and Reply-To of machines (§A2.2); of the envelope sender only the mail system counts,
/// since sequencers use VERP.
fn addresses(mail: &Inbound) -> Vec<String> {
    let from = mail.from.iter().map(|entry| ("From", entry));
    let sender = mail.sender.iter().map(|entry| ("Sender", entry));
    let reply_to = mail.reply_to.iter().map(|entry| ("Reply-To", entry));
    let all = from.chain(sender).chain(reply_to);
    all.filter_map(|(field, entry)| {
        senders::robot_address(&entry.address).map(|word| format!("{field} is a machine's address ({word})"))
    })
    .collect()
}

#[cfg(test)]
mod tests;
