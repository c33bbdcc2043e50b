//! What is wrong with a config file: where, what, and what to write instead.

use std::fmt;
use std::path::PathBuf;

/// Why there is no config.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error(
        "{} can't be read ({reason}): write it as docs/guide/setup.md says, name another with --config FILE, \
         or see `checkback demo`, which needs none",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// The file has mistakes, all of them named at once.
    #[error("{}: {}", origin.display(), list(problems))]
    Invalid {
        /// The file.
        origin: PathBuf,
        /// At least one, in the order of their lines.
        problems: Vec<Problem>,
    },
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, with the key and its section.
    pub what: String,
    /// The line, counted from 1; `None` if something is missing altogether.
    pub line: Option<usize>,
    /// What to write instead.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.what, self.fix),
            None => write!(f, "{}: {}", self.what, self.fix),
        }
    }
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n  ")
}
