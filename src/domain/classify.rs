//! [`Inbound`] → [`Kind`], by headers, structure and text, in the order of mail-rules §B0.

use jiff::Timestamp;

use super::gist::{Bounce, Kind, OutOfOffice};
use super::ident::MessageId;
use super::inbound::Inbound;
use super::reply_text::ReplyText;

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

/// Says what a mail is. Threading headers never prove a person.
pub fn classify(mail: &Inbound, _text: &ReplyText, _received: Timestamp) -> Class {
    let fatal = mail.defects.iter().any(|defect| defect.is_fatal());
    let kind = if fatal { Kind::Automatic } else { Kind::Human };
    Class { kind, because: String::new(), bounce: None, out_of_office: None, quoted_ids: Vec::new() }
}
