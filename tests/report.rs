//! The report over a log of outreach that is written straight into the tables: what belongs to which
//! part, what changes the rate and what does not, and what the commands print.

#![cfg(test)]

#[path = "report/commands.rs"]
mod commands;
#[path = "report/ledger.rs"]
mod ledger;
#[path = "report/parts.rs"]
mod parts;
