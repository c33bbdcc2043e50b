//! [`Inbound`] → [`Kind`], by headers, structure and text, in the order of mail-rules §B0:
//! delivery reports, receipts, other reports, calendar, challenges, out-of-office, other machines,
//! mail to many, and what is left a person wrote. Threading headers never prove a person; a header
//! that only asks for silence never disproves one.

use jiff::Timestamp;

use super::dsn::{self, Outcome};
use super::gist::{Bounce, Kind, OutOfOffice};
use super::ident::MessageId;
use super::inbound::Inbound;
use super::reply_text::ReplyText;
use super::{marks, out_of_office, senders};

use facts::Facts;

mod bulk;
mod facts;
mod machine;
mod structure;
mod words;

/// What a mail is, and what that kind says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Exactly one kind.
    pub kind: Kind,
    /// The evidence, in words: "multipart/report, action failed".
    pub because: String,
    /// Set for `bounce` and `delay`.
    pub bounce: Option<Bounce>,
    /// Set for `out_of_office`.
    pub out_of_office: Option<OutOfOffice>,
    /// Original-Message-ID of a receipt, and ids quoted in the text.
    pub quoted_ids: Vec<MessageId>,
}

impl Class {
    fn new(kind: Kind, because: impl Into<String>) -> Self {
        Self { kind, because: because.into(), bounce: None, out_of_office: None, quoted_ids: Vec::new() }
    }
}

/// Says what a mail is. `received` is the day from which the dates of an out-of-office answer count.
pub fn classify(mail: &Inbound, text: &ReplyText, received: Timestamp) -> Class {
    let facts = Facts::of(mail, text);
    let mut class = delivery_report(&facts)
        .or_else(|| structure::receipt(&facts))
        .or_else(|| structure::report(&facts))
        .or_else(|| structure::calendar(&facts))
        .or_else(|| machine::challenge(&facts))
        .or_else(|| away(&facts, text, received))
        .or_else(|| machine::unreadable(&facts))
        .or_else(|| unworded_away(&facts, text, received))
        .or_else(|| machine::list_notice(&facts))
        .or_else(|| machine::declared(&facts))
        .or_else(|| machine::robot(&facts))
        .or_else(|| bulk::list_or_newsletter(&facts))
        .or_else(|| machine::worded(&facts))
        .unwrap_or_else(|| person(&facts));
    structure::quoted_ids(mail, text, &mut class.quoted_ids);
    class
}

fn delivery_report(facts: &Facts<'_>) -> Option<Class> {
    let report = dsn::read(facts.mail)?;
    // some challenges come dressed as a failure
    if let Some(challenge) = machine::challenge(facts) {
        return Some(challenge);
    }
    Some(match report.outcome {
        Outcome::Failed(bounce) => {
            let kind = if bounce.permanent { Kind::Bounce } else { Kind::Delay };
            Class { bounce: Some(bounce), ..Class::new(kind, report.because) }
        }
        Outcome::Delivered | Outcome::Other => Class::new(Kind::Automatic, report.because),
    })
}

fn away(facts: &Facts<'_>, text: &ReplyText, received: Timestamp) -> Option<Class> {
    // a list or a mail server is never on holiday
    if facts.is_list_post() || senders::mail_system(facts.mail).is_some() && facts.robot.is_some() {
        return None;
    }
    let because = out_of_office::evidence_in(facts.mail, text, &facts.own.flat)?;
    let says = out_of_office::read(facts.mail, text, received);
    Some(Class { out_of_office: Some(says), ..Class::new(Kind::OutOfOffice, because) })
}

/// `auto-replied` (RFC 5230 §5.6) within our thread or with a day of return, from a person's address, and nothing that a desk
/// or a ticket system would say: the person's own responder, in words of its own.
fn unworded_away(facts: &Facts<'_>, text: &ReplyText, received: Timestamp) -> Option<Class> {
    let replied = marks::auto_submitted(facts.mail).is_some_and(|keyword| keyword == "auto-replied");
    if !(replied || marks::auto_responds(facts.mail)) || facts.robot.is_some() || machine::sounds_like_a_desk(facts) {
        return None;
    }
    let says = out_of_office::read(facts.mail, text, received);
    if says.until.is_none() && !(replied && facts.in_thread) {
        return None;
    }
    let because = "an automatic answer from a person's address";
    Some(Class { out_of_office: Some(says), ..Class::new(Kind::OutOfOffice, because) })
}

fn person(facts: &Facts<'_>) -> Class {
    let because = match (facts.client, facts.in_thread) {
        (Some(client), _) => format!("no sign of a machine; written with {client}"),
        (None, true) => "no sign of a machine; written within a thread".to_owned(),
        (None, false) => "no sign of a machine".to_owned(),
    };
    Class::new(Kind::Human, because)
}

#[cfg(test)]
mod tests;
