//! What the sender wrote: without quotes, signature and disclaimers.

use super::ident::Address;
use super::inbound::Inbound;

/// The text of a mail, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyText {
    /// What the sender wrote, without quotes and signature.
    pub own: String,
    /// What was quoted or forwarded, header blocks included.
    pub quoted: String,
    /// The signature and disclaimers.
    pub signature: String,
    /// Addresses that the quoted part names.
    pub quoted_addresses: Vec<Address>,
}

/// Takes the text of a mail apart; HTML is turned into text where there is no text.
pub fn split(mail: &Inbound) -> ReplyText {
    ReplyText { own: mail.text.clone(), ..ReplyText::default() }
}

/// Whether the mail is a forward of somebody's mail, as far as subject and body say.
pub fn is_forward(mail: &Inbound) -> bool {
    let lower = mail.subject.to_lowercase();
    ["fw:", "fwd:", "wg:", "tr:"].iter().any(|lead| lower.starts_with(lead))
}
