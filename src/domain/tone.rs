//! How an answer sounds: yes, not now (until), try other, no, left, question, unclear.

use jiff::Timestamp;

use super::gist::Tone;

/// The tone of what a person wrote (never of what they quoted).
pub fn tone(_own: &str, _subject: &str, _language: Option<&str>, _received: Timestamp) -> Tone {
    Tone::Unclear
}
