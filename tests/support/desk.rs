//! A user's desk: a config file, a data folder, and the program.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::servers::{PASSWORD, Servers};

/// One workspace.
pub struct Desk {
    folder: TempDir,
}

/// What a run of the program came to.
#[derive(Debug)]
pub struct Run {
    /// Exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Desk {
    /// A desk whose config is this text.
    pub fn new(config: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.write_config(config);
        desk
    }

    /// A desk with one plain account of that user.
    pub fn of(servers: &Servers, user: &str, rest: &str) -> Self {
        Self::new(&format!("{}{rest}", account(servers, user)))
    }

    /// Writes the config anew.
    pub fn write_config(&self, config: &str) {
        fs::write(self.folder.path().join("config.toml"), config).unwrap();
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The program with these arguments, not started yet.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_checkback"));
        command.env("CHECKBACK_CONFIG", self.folder.path().join("config.toml"));
        command.env("CHECKBACK_DATA", self.data()).env("MAIL_PASSWORD", PASSWORD).env("WRONG_PASSWORD", "nonsense");
        command.args(args).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Run {
        Run::from(self.command(args).output().unwrap())
    }

    /// Starts the program and leaves it running.
    pub fn spawn(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs `sync`, which must work.
    pub fn sync(&self) -> Value {
        self.run(&["--json", "sync"]).ok()
    }

    /// Lets the delay of everything that is queued be over, without waiting for it.
    pub fn let_the_delay_pass(&self) {
        let database = rusqlite::Connection::open(self.data().join("checkback.db")).unwrap();
        let moved = database.execute("UPDATE outbox SET due_at = decided_at WHERE state = 'queued'", []).unwrap();
        assert!(moved > 0, "nothing was queued");
    }

    /// How many mails are in that state of the outbox.
    pub fn outbox(&self, state: &str) -> u64 {
        self.run(&["--json", "status"]).json()["outbox"][state].as_u64().unwrap()
    }
}

impl Run {
    /// The JSON of a run that worked.
    pub fn ok(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.json()
    }

    /// The JSON that it printed.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// An account over plain loopback connections, as TOML.
pub fn account(servers: &Servers, user: &str) -> String {
    account_with(user, &server(servers.imap, "none", ""), &server(servers.smtp, "none", ""), "MAIL_PASSWORD")
}

/// An account with these sections for its servers.
pub fn account_with(user: &str, imap: &str, smtp: &str, password_env: &str) -> String {
    format!(
        "[[account]]\nname = \"{user}\"\nemail = \"{user}@devmail.example\"\ndisplay_name = \"Dana Reyes\"\n\
         [account.imap]\n{imap}[account.smtp]\n{smtp}\
         [account.auth]\nusername = \"{user}\"\npassword_env = \"{password_env}\"\n"
    )
}

/// A server's section.
pub fn server(port: u16, tls: &str, pin: &str) -> String {
    let pin = if pin.is_empty() { String::new() } else { format!("pin_sha256 = \"{pin}\"\n") };
    format!("host = \"127.0.0.1\"\nport = {port}\ntls = \"{tls}\"\n{pin}")
}

/// The section that answers after an hour.
pub const ANSWER_LATER: &str = "[auto_reply]\nmode = \"send\"\ndelay = \"1h\"\n";

/// The section that answers at once.
pub const ANSWER_AT_ONCE: &str = "[auto_reply]\nmode = \"send\"\ndelay = \"0s\"\n";
