//! checkback: an email-integrated outreach assistant.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod mail;
pub mod report;
pub mod sandbox;
pub mod service;
pub mod store;
