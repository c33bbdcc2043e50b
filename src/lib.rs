//! checkback: an email-integrated outreach assistant.

pub mod domain;
