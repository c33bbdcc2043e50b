//! checkback: an email-integrated outreach assistant.

pub mod config;
pub mod domain;
pub mod sandbox;
