//! From a draft to the exact bytes of a mail (RFC 5322, RFC 2045): the same draft at the same time
//! gives the same bytes, pure 7bit with CRLF, and nothing in it can become a header of its own.

use std::str::FromStr as _;
use std::time::SystemTime;

use jiff::Zoned;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use sha2::{Digest as _, Sha256};

pub use templates::{Finding, Header, Rendered, TemplateError, Templates, leftovers};

use crate::domain::ident::{MessageId, NamedAddress};

mod templates;

/// A mail before it is bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The user.
    pub from: NamedAddress,
    /// The one reader.
    pub to: NamedAddress,
    /// Decoded; an answer's is [`crate::domain::ident::reply_subject`].
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML, where there is one.
    pub html: Option<String>,
    /// What it answers.
    pub in_reply_to: Option<MessageId>,
    /// The thread, oldest first, with what it answers.
    pub references: Vec<MessageId>,
    /// Its own id, derived by the caller.
    pub message_id: MessageId,
    /// Whether a machine wrote it; `None` for what a person sends.
    pub auto_submitted: Option<AutoSubmitted>,
}

/// How a machine came to write it (RFC 3834 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoSubmitted {
    /// As an answer to one mail.
    Replied,
    /// By itself: follow-ups, reports.
    Generated,
}

/// Why a draft is no mail.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// An address that mail programs do not take.
    #[error("{address} is no address that can be written into a mail")]
    Address {
        /// The address, masked.
        address: String,
    },
    /// There is nothing to send.
    #[error("the mail has no text")]
    Empty,
    /// The builder refuses it.
    #[error("the mail cannot be built: {0}")]
    Build(#[from] lettre::error::Error),
}

/// The bytes of the mail, dated `now` in that zone.
pub fn render(draft: &Draft, now: &Zoned) -> Result<Vec<u8>, ComposeError> {
    if draft.text.trim().is_empty() {
        return Err(ComposeError::Empty);
    }
    let text = plain_part(body_text(&draft.text));
    let builder = Message::builder()
        // the builder would ask the clock where there is none; replaced by one with the zone below
        .date(SystemTime::from(now.timestamp()))
        .from(mailbox(&draft.from)?)
        .to(mailbox(&draft.to)?)
        .subject(one_line(&draft.subject));
    let mut message = match &draft.html {
        None => builder.singlepart(text)?,
        Some(html) => {
            let parts = MultiPart::alternative().boundary(boundary(draft));
            let html = body_text(html);
            builder.multipart(parts.singlepart(text).singlepart(SinglePart::html(html)))?
        }
    };
    let mut set = |name: &'static str, value: String| {
        let name = HeaderName::new_from_ascii_str(name);
        message.headers_mut().insert_raw(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value));
    };
    set("Date", now.strftime("%a, %d %b %Y %H:%M:%S %z").to_string());
    set("Message-ID", draft.message_id.to_string());
    if let Some(id) = draft.in_reply_to.as_ref().filter(|id| fits_a_line(id)) {
        set("In-Reply-To", id.to_string());
    }
    let references = references(&draft.references);
    if !references.is_empty() {
        set("References", references);
    }
    match draft.auto_submitted {
        Some(AutoSubmitted::Replied) => set("Auto-Submitted", "auto-replied".to_owned()),
        Some(AutoSubmitted::Generated) => set("Auto-Submitted", "auto-generated".to_owned()),
        None => {}
    }
    Ok(message.formatted())
}

/// Longest subject that is written, in characters.
const MAX_SUBJECT: usize = 400;
/// Longest line that may leave as it is, without its CRLF (RFC 5322 §2.1.1).
const MAX_LINE: usize = 998;
/// Longest id that is written; the line with its header must stay under 998 bytes.
const MAX_ID: usize = 900;
/// Ids of a long thread that are kept: the first, and the last ones.
const MAX_REFERENCES: usize = 30;

fn mailbox(address: &NamedAddress) -> Result<Mailbox, ComposeError> {
    let plain = &address.address;
    let parsed = lettre::Address::from_str(plain.as_str()).ok().filter(|_| plain.as_str().is_ascii());
    let parsed = parsed.ok_or_else(|| ComposeError::Address { address: plain.masked() })?;
    let name = address.name.as_deref().map(one_line).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, parsed))
}

/// Text that may stand in a header: no line ends, no control characters, no runs of spaces.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.chars().take(MAX_SUBJECT).collect()
}

/// Text with `\n` line ends and without control characters; the builder makes CRLF of it and ends it.
fn body_text(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let clean: String = unified.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    clean.trim_end().to_owned()
}

/// The text as it is where it may stand in a mail so, even if a paragraph is one long line: the builder
/// would encode it, and whoever looks at the bytes would read broken words.
fn plain_part(text: String) -> SinglePart {
    let plain = text.is_ascii() && text.lines().all(|line| line.len() <= MAX_LINE);
    if !plain {
        return SinglePart::plain(text);
    }
    let bytes = text.replace('\n', "\r\n").into_bytes();
    let body = Body::dangerous_pre_encoded(bytes, ContentTransferEncoding::SevenBit);
    SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body)
}

/// Ids come from other people's mail: what is beyond ASCII or too long would break our own.
fn fits_a_line(id: &MessageId) -> bool {
    id.as_str().is_ascii() && id.as_str().len() <= MAX_ID
}

/// The thread's ids, one a line (RFC 5322 §3.6.4, §2.2.3).
fn references(ids: &[MessageId]) -> String {
    let usable: Vec<&MessageId> = ids.iter().filter(|id| fits_a_line(id)).collect();
    let kept: Vec<String> = match usable.as_slice() {
        [first, rest @ ..] if rest.len() >= MAX_REFERENCES => {
            let last = rest.get(rest.len() + 1 - MAX_REFERENCES..).unwrap_or_default();
            std::iter::once(first).chain(last).map(|id| id.to_string()).collect()
        }
        all => all.iter().map(|id| id.to_string()).collect(),
    };
    kept.join("\r\n ")
}

/// A boundary that the same draft gets again and that nobody can put into its text beforehand.
fn boundary(draft: &Draft) -> String {
    let mut hash = Sha256::new();
    for part in [draft.message_id.as_str(), &draft.text, draft.html.as_deref().unwrap_or_default()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
