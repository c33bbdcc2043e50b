//! The outside of mail: servers and files. Knows no database.

pub mod folder_names;
pub mod mailfile;
