//! The config file: TOML → [`Config`], checked once. Secrets only by reference.
//!
//! `read` maps sections to types, `section` reads one table and collects the mistakes, `values` knows
//! single values. `docs/config.toml` documents every key, and a test holds it to this code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::ident::{Address, OwnAddresses};
use crate::domain::sequence::calendar::Calendar;

pub use problem::{ConfigError, Problem};
pub use section::nearest;
pub use sequences::Sequences;

pub mod holidays;
pub mod paths;
mod problem;
mod read;
pub mod secret;
mod section;
pub mod sequences;
mod values;

/// Everything the user set, checked, with every default filled in.
#[derive(Debug, Clone)]
pub struct Config {
    /// The user's zone; default: the system's.
    pub timezone: TimeZone,
    /// Domains of the user's employer: never answered by machine.
    pub employer_domains: Vec<String>,
    /// Addresses and domains never written to by machine.
    pub never: Vec<String>,
    /// At least one.
    pub accounts: Vec<Account>,
    /// `[auto_reply]`; `Mode::Off` where there is no such section.
    pub auto_reply: AutoReply,
    /// `[outreach]`.
    pub outreach: OutreachSettings,
    /// `[goal]`.
    pub goal: Goal,
    /// `[follow_up]`.
    pub follow_up: FollowUpSettings,
    /// `[reminders]`.
    pub reminders: Reminders,
    /// `[service]`.
    pub service: ServiceSettings,
    /// Every sequence, shipped and own.
    pub sequences: Sequences,
}

impl Config {
    /// Reads and checks the file at `path`, the sequences in `templates/sequences` beside it, and the
    /// holidays that it names.
    ///
    /// # Errors
    /// If one can't be read, or with every mistake in it, its line and what to write instead.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|reason| ConfigError::Unreadable { path: path.to_owned(), reason })?;
        let mut config = Self::parse(&text, path)?;
        if let Some(folder) = path.parent() {
            config.sequences = Sequences::load(&folder.join("templates").join("sequences"))?;
        }
        config.check_sequence(&text, path)?;
        if let Some(holidays) = &config.follow_up.holidays {
            config.follow_up.days_off = holidays::load(holidays)?;
        }
        Ok(config)
    }

    /// The sequence in which outreach is enrolled must be there, without a mistake.
    fn check_sequence(&self, text: &str, origin: &Path) -> Result<(), ConfigError> {
        let Some(name) = &self.follow_up.sequence else { return Ok(()) };
        match self.sequences.file(name).map(|file| (&file.origin, &file.sequence)) {
            Some((_, Ok(_))) => Ok(()),
            Some((file, Err(problems))) => {
                Err(ConfigError::Invalid { origin: file.clone(), problems: problems.clone() })
            }
            None => {
                let is_it = |line: &str| line.split('=').next().is_some_and(|key| key.trim() == "sequence");
                let names: Vec<&str> = self.sequences.files().map(|(name, _)| name).collect();
                let problem = Problem {
                    what: format!("`sequence` in [follow_up] is \"{name}\", and there is no such sequence"),
                    line: text.lines().position(is_it).map(|index| index + 1),
                    fix: format!("write one of {}, or \"none\"", names.join(", ")),
                };
                Err(ConfigError::Invalid { origin: origin.to_owned(), problems: vec![problem] })
            }
        }
    }

    /// When follow-ups may leave.
    pub fn calendar(&self) -> Calendar {
        let follow_up = &self.follow_up;
        Calendar {
            zone: self.timezone.clone(),
            reader: None,
            window: follow_up.send_window,
            days_off: follow_up.days_off.clone(),
            spacing: follow_up.spacing,
            daily_limit: follow_up.daily_limit,
        }
    }

    /// Checks a text. `origin` is named in mistakes, and relative paths begin beside it.
    ///
    /// # Errors
    /// With every mistake in it, its line and what to write instead.
    pub fn parse(text: &str, origin: &Path) -> Result<Self, ConfigError> {
        read::config(text.trim_start_matches('\u{feff}'), origin)
    }

    /// Settings for mail files: no account, every default, nothing automatic.
    pub fn offline(me: &Address) -> Self {
        read::offline(me)
    }

    /// Every address of the user, over all accounts.
    pub fn own_addresses(&self) -> OwnAddresses {
        OwnAddresses::new(
            self.accounts.iter().flat_map(|account| std::iter::once(&account.email).chain(&account.aliases)),
        )
    }
}

/// One mailbox and the server that sends for it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Unique, used in commands and in the database.
    pub name: String,
    /// The address mail is sent from.
    pub email: Address,
    /// Name before the address.
    pub display_name: Option<String>,
    /// Further addresses of the user.
    pub aliases: Vec<Address>,
    /// Who makes the copy in Sent.
    pub sent_copy: SentCopy,
    /// `authserv-id` of the account's provider; `None`: learnt.
    pub authserv_id: Option<String>,
    /// `[account.imap]`.
    pub imap: Server,
    /// How often folders without IDLE are read, and all of them beside it.
    pub poll: jiff::SignedDuration,
    /// `[account.smtp]`.
    pub smtp: Server,
    /// `[account.auth]`.
    pub auth: Auth,
    /// `[account.folders]`.
    pub folders: FolderNames,
}

impl Account {
    /// Whether the server makes the copy in Sent by itself.
    pub fn server_makes_copies(&self) -> bool {
        const MAKE_IT: [&str; 4] = ["gmail.com", "googlemail.com", "office365.com", "outlook.com"];
        let host = self.smtp.host.to_lowercase();
        match self.sent_copy {
            SentCopy::Server => true,
            SentCopy::Append => false,
            SentCopy::Auto => MAKE_IT.iter().any(|domain| host.ends_with(domain)),
        }
    }
}

/// A server and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// TLS from the start, by STARTTLS, or none (loopback only).
    pub tls: Tls,
    /// Accept exactly the certificate with this SHA-256 and no other.
    pub pin_sha256: Option<[u8; 32]>,
}

impl Server {
    /// Whether it is this machine itself: the only place that is spoken to in plain text.
    pub fn is_loopback(&self) -> bool {
        values::is_loopback(&self.host)
    }
}

/// How TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// With the connection.
    Implicit,
    /// By the STARTTLS command.
    StartTls,
    /// Never: plain text, to a loopback address only.
    None,
}

/// How the account signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// User name.
    pub username: String,
    /// Where the password is.
    pub password: PasswordSource,
}

/// Where a password is looked up; it never stands in the config itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordSource {
    /// An environment variable.
    Env(String),
    /// The first line that this command prints.
    Command(String),
}

/// Who makes the copy in Sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentCopy {
    /// By the provider: Gmail and Microsoft make it themselves, others need ours.
    Auto,
    /// We append it.
    Append,
    /// The server makes it.
    Server,
}

/// Folders that the user names; `None`: found by SPECIAL-USE and names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderNames {
    /// Where sent mail lies.
    pub sent: Option<String>,
    /// Where drafts lie.
    pub drafts: Option<String>,
}

/// What happens with an automatic answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Sent.
    Send,
    /// Put into Drafts.
    Draft,
    /// Nothing is answered.
    Off,
}

/// `[auto_reply]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoReply {
    /// Send, draft or off.
    pub mode: Mode,
    /// How long after the decision an answer leaves.
    pub delay: jiff::SignedDuration,
    /// The months of "check back in 8 months".
    pub months: u32,
    /// Answers a day.
    pub daily_limit: u32,
}

/// `[outreach]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutreachSettings {
    /// Which new threads in Sent are logged.
    pub log_sent: LogSent,
}

/// Which new threads in Sent are logged as outreach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSent {
    /// Marked ones are logged, others to strangers are proposed.
    Propose,
    /// Every new thread to one to three strangers, history included.
    AllNewThreads,
    /// Only marked ones.
    Off,
}

/// `[goal]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// The band of the response rate, `lo <= hi`.
    pub response_rate: (f64, f64),
    /// Days after the first touch within which an answer counts.
    pub window_days: u32,
    /// Asks a week.
    pub per_week: u32,
}

/// `[follow_up]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUpSettings {
    /// Name of the sequence; `None` for "none".
    pub sequence: Option<String>,
    /// From and to, local time.
    pub send_window: (jiff::civil::Time, jiff::civil::Time),
    /// Mails a day.
    pub daily_limit: u32,
    /// Gap between two mails.
    pub spacing: jiff::SignedDuration,
    /// An .ics with holidays.
    pub holidays: Option<PathBuf>,
    /// The days that it names, once it is read.
    pub days_off: BTreeSet<Date>,
}

/// `[reminders]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminders {
    /// Whether the daily mail is sent.
    pub mail: bool,
    /// When, local time.
    pub at: jiff::civil::Time,
    /// To whom; default: the first account's address.
    pub to: Address,
    /// Whether commands by mail are confirmed by one.
    pub confirm: bool,
}

/// `[service]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceSettings {
    /// A mailbox that was not read for this long is stale.
    pub stale_after: jiff::SignedDuration,
}

#[cfg(test)]
mod tests;
