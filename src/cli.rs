//! The command line: a file for each group of commands, and how their output looks.

pub mod explain;
pub mod look;
pub mod reading;
