//! Logs: to standard error, quiet unless asked, and never with a password in them.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Libraries whose logs below `info` hold what may not be shown: async-imap and lettre print the
/// commands they send, the one that signs in included.
const PINNED: [&str; 5] = ["async_imap=info", "imap_proto=info", "lettre=info", "rustls=info", "tokio_rustls=info"];

/// Starts logging. `verbosity` is the number of `-v`: warnings, what is done, details, everything.
/// A second call does nothing.
pub fn init_logging(verbosity: u8) {
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter(verbosity))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(verbosity > 1)
        .try_init();
}

/// Our own logs by the verbosity, those of libraries one step quieter, and the pinned ones.
pub(super) fn filter(verbosity: u8) -> EnvFilter {
    let (own, others) = match verbosity {
        0 => ("warn", "error"),
        1 => ("info", "warn"),
        2 => ("debug", "info"),
        _ => ("trace", "debug"),
    };
    let pinned = if verbosity > 1 { PINNED.join(",") } else { String::new() };
    EnvFilter::new(format!("{others},checkback={own},{pinned}"))
}
