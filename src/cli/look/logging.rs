//! Logs: to standard error, quiet unless asked, and never with a password in them. Where standard error
//! is the journal, in its form: a priority before each line, and no time or colour, which it knows itself.

use std::fmt;
use std::io::IsTerminal as _;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, fmt as subscriber};
use tracing_subscriber::registry::LookupSpan;

/// Libraries whose logs below `info` hold what may not be shown: async-imap and lettre print the
/// commands they send, the one that signs in included.
const PINNED: [&str; 5] = ["async_imap=info", "imap_proto=info", "lettre=info", "rustls=info", "tokio_rustls=info"];

/// Starts logging. `verbosity` is the number of `-v`: warnings, what is done, details, everything.
/// A second call does nothing.
pub fn init_logging(verbosity: u8) {
    let begin = subscriber().with_env_filter(filter(verbosity)).with_writer(std::io::stderr);
    let _ = match is_journal() {
        true => begin.with_ansi(false).event_format(Journal).try_init(),
        false => begin.with_ansi(std::io::stderr().is_terminal()).with_target(verbosity > 1).try_init(),
    };
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

/// Whether standard error is the journal: systemd names its device and inode (systemd.exec(5)), so that
/// a program that was given another one later is not misled.
#[cfg(unix)]
fn is_journal() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let Some(named) = std::env::var("JOURNAL_STREAM").ok() else { return false };
    let Ok(handle) = std::io::stderr().as_fd().try_clone_to_owned() else { return false };
    let stream = std::fs::File::from(handle).metadata();
    stream.is_ok_and(|stream| named == format!("{}:{}", stream.dev(), stream.ino()))
}

#[cfg(not(unix))]
fn is_journal() -> bool {
    false
}

/// A line with the priority of sd-daemon(3) before it.
struct Journal;

impl<S, N> FormatEvent<S, N> for Journal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// As in syslog(3).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}
