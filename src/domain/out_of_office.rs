//! Out-of-office mail in many languages: is it one, when is the person back, who stands in.

use jiff::Timestamp;

use super::gist::OutOfOffice;
use super::inbound::Inbound;
use super::reply_text::ReplyText;

/// The evidence that the mail is an out-of-office answer, or `None`.
pub fn evidence(_mail: &Inbound, _text: &ReplyText) -> Option<String> {
    None
}

/// What an out-of-office answer says. `received` is the day from which relative dates count.
pub fn read(_mail: &Inbound, _text: &ReplyText, _received: Timestamp) -> OutOfOffice {
    OutOfOffice::default()
}
