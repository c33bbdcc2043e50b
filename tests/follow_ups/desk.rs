//! A user at a terminal: the real program, its config and data folder, and the loopback server.

use std::process::{Command, Stdio};

use checkback::clock;
use checkback::sandbox::{Sandbox, World};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::Value;
use tempfile::TempDir;

use super::house::add_user;
use super::mail::Mail;

pub struct Desk {
    pub sandbox: Sandbox,
    folder: TempDir,
}

/// What a run of the program came to.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Desk {
    /// With a mailbox that was read once.
    pub async fn new() -> Self {
        let mut world = World::new(clock::now);
        add_user(&mut world, "dana", &["dana@devmail.example"]);
        let sandbox = Sandbox::start(world).await.unwrap();
        let desk = Self { sandbox, folder: TempDir::new().unwrap() };
        let server = |port| format!("host = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n");
        let config = format!(
            "timezone = \"UTC\"\n[[account]]\nname = \"personal\"\nemail = \"dana@devmail.example\"\n\
             display_name = \"Dana Reyes\"\n[account.imap]\n{}[account.smtp]\n{}[account.auth]\nusername = \"dana\"\n\
             password_env = \"MAIL_PASSWORD\"\n[reminders]\nmode = \"off\"\n",
            server(desk.sandbox.imap_addr().port()),
            server(desk.sandbox.smtp_addr().port())
        );
        std::fs::write(desk.folder.path().join("config.toml"), config).unwrap();
        desk.say(&["sync"]);
        desk
    }

    pub fn run(&self, args: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_checkback"))
            .args(args)
            .env("CHECKBACK_CONFIG", self.folder.path().join("config.toml"))
            .env("CHECKBACK_DATA", self.folder.path().join("data"))
            .env("MAIL_PASSWORD", "secret")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// What a run prints that goes well; it fits a terminal.
    #[track_caller]
    pub fn say(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!(run.code, Some(0), "{args:?}: {run:?}");
        if !args.contains(&"--json") {
            fits(&run.out);
        }
        run.out
    }

    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        let mut args = args.to_vec();
        args.push("--json");
        serde_json::from_str(&self.say(&args)).unwrap()
    }

    /// What a command says that is refused as wrong usage.
    #[track_caller]
    pub fn refused(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{args:?}: {run:?}");
        run.err
    }

    /// Logs that Kim was asked so many days ago, and enrols that.
    pub fn asked_kim(&self, days: i64, sequence: &str) {
        let kim = ["--to", "Kim Roth <kim@bigcorp.example>", "--channel", "mail", "--about", "Coffee and schedulers"];
        let day = ago(days);
        self.say(&[&["outreach", "add"], &kim[..], &["--sequence", sequence, "--on", &day]].concat());
    }

    /// Writes a sequence of the user's own.
    pub fn write_sequence(&self, name: &str, text: &str) {
        let folder = self.folder.path().join("templates/sequences");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.toml")), text).unwrap();
    }

    /// Where it lies.
    pub fn sequence_file(&self, name: &str) -> String {
        self.folder.path().join(format!("templates/sequences/{name}.toml")).display().to_string()
    }

    /// Writes a template of the user's own.
    pub fn write_template(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(format!("templates/{name}.hbs")), text).unwrap();
    }

    /// A mail comes in now and is read.
    pub fn receives(&self, mail: Mail) {
        let date = jiff::fmt::rfc2822::to_string(&clock::now().to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
        self.sandbox.world().deliver("dana", "INBOX", &mail.dated(&date).bytes(), None).unwrap();
        self.say(&["sync"]);
    }
}

/// At most 80 columns, nothing that steers a terminal, no blanks at the end of a line.
#[track_caller]
pub fn fits(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert!(!line.contains('\u{1b}') && line.trim_end() == line, "{line:?}");
    }
}

/// A day so many days ago.
pub fn ago(days: i64) -> String {
    day(clock::now() - SignedDuration::from_hours(24 * days))
}

pub fn day(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// The working day after a day, as a command names it.
pub fn next_working_day(of: &str) -> String {
    let mut day: jiff::civil::Date = of.parse().unwrap();
    loop {
        day = day.saturating_add(1.day());
        if day.weekday().to_monday_one_offset() <= 5 {
            return day.strftime("%a %-d %b %Y").to_string();
        }
    }
}
