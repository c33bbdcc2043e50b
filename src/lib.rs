//! checkback: an email-integrated outreach assistant.

pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod store;
pub mod report;
pub mod mail;
pub mod sandbox;
