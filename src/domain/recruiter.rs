//! Is this a recruiter's pitch? Score, signals, and what it pitches.

use super::gist::{Assessment, Pitch, RecruiterVerdict};
use super::inbound::Inbound;
use super::reply_text::ReplyText;

/// Scores a mail.
pub fn assess(_mail: &Inbound, _text: &ReplyText, _language: Option<&str>) -> Assessment {
    Assessment { verdict: RecruiterVerdict::NotRecruiter, score: 0.0, signals: Vec::new(), scam: false }
}

/// Reads what was pitched.
pub fn pitch(_mail: &Inbound, _text: &ReplyText) -> Pitch {
    Pitch::default()
}

/// Whether the domain is a known relay of a recruiting platform (LinkedIn, XING, an ATS, a
/// sequencer), to which a `Reply-To` may lead although the author sits elsewhere.
pub fn is_relay(_domain: &str) -> bool {
    false
}
