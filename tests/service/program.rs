//! The real program against the loopback server.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use checkback::clock;
use checkback::sandbox::{Sandbox, SharedWorld, World};
use serde_json::Value;
use tempfile::TempDir;

use super::house::add_user;
use super::mail::Mail;
use super::running::{PATIENCE, is_idle};

/// The password of the mailbox; it must not show up anywhere.
pub const PASSWORD: &str = "s3cr3t-horse";

/// A config file, a data folder, and the mail server.
pub struct Place {
    pub sandbox: Sandbox,
    folder: TempDir,
}

/// The service as a process.
pub struct Service {
    child: Child,
    log: PathBuf,
}

/// What a run of the program came to.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Place {
    /// With an account that answers at once, opened.
    pub async fn new() -> Self {
        Self::with("delay = \"0s\"\n", |_| ()).await
    }

    /// With these lines of `[auto_reply]` and what follows, opened.
    pub async fn with(settings: &str, change: impl FnOnce(&mut World)) -> Self {
        let mut world = World::new(clock::now);
        add_user(&mut world, "dana", &["dana@devmail.example"]);
        world.user_mut("dana").unwrap().password = PASSWORD.to_owned();
        change(&mut world);
        let sandbox = Sandbox::start(world).await.unwrap();
        let place = Self { sandbox, folder: TempDir::new().unwrap() };
        let (imap, smtp) = (place.sandbox.imap_addr().port(), place.sandbox.smtp_addr().port());
        place.configure(imap, smtp, settings);
        let first = place.run(&["sync"]);
        assert_eq!(first.code, Some(0), "{first:?}");
        place
    }

    /// Writes the config.
    pub fn configure(&self, imap: u16, smtp: u16, settings: &str) {
        let server = |port| format!("host = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n");
        let text = format!(
            "[[account]]\nname = \"personal\"\nemail = \"dana@devmail.example\"\ndisplay_name = \"Dana Reyes\"\n\
             [account.imap]\n{}[account.smtp]\n{}[account.auth]\nusername = \"dana\"\npassword_env = \"MAIL_PASSWORD\"\n\
             [auto_reply]\nmode = \"send\"\n{settings}",
            server(imap),
            server(smtp)
        );
        fs::write(self.folder.path().join("config.toml"), text).unwrap();
    }

    /// The database as another process opens it.
    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("data/checkback.db")).unwrap()
    }

    /// Where the service's log goes.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    pub fn world(&self) -> &SharedWorld {
        self.sandbox.world()
    }

    /// A pitch of today into INBOX.
    pub fn pitch(&self, name: &str, address: &str) {
        let date = jiff::fmt::rfc2822::to_string(&clock::now().to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
        let mail = Mail::pitch_from(name, address).dated(&date);
        self.world().deliver("dana", "INBOX", &mail.bytes(), None).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_checkback"));
        command.env("CHECKBACK_CONFIG", self.folder.path().join("config.toml"));
        command.env("CHECKBACK_DATA", self.folder.path().join("data")).env("MAIL_PASSWORD", PASSWORD);
        command.env_remove("NOTIFY_SOCKET").env_remove("JOURNAL_STREAM").args(args).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end, while the server goes on.
    pub fn run(&self, args: &[&str]) -> Run {
        self.spawn(args).end()
    }

    /// Starts a command.
    pub fn spawn(&self, args: &[&str]) -> Waiting {
        Waiting(self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Starts the service.
    pub fn serve(&self) -> Service {
        self.serve_as(|_| ())
    }

    /// Starts the service in another environment.
    pub fn serve_as(&self, change: impl FnOnce(&mut Command)) -> Service {
        let log = self.log();
        let mut command = self.command(&["-v", "run"]);
        command.stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        change(&mut command);
        Service { child: command.spawn().unwrap(), log }
    }

    /// Starts the service and waits until it waits in IDLE and has read.
    pub async fn watching(&self) -> Service {
        let before = self.idles();
        let service = self.serve();
        assert!(self.world().wait_until(PATIENCE, |world| idles(world) > before).await, "{}", service.log());
        service.until_said("Everything was read").await;
        service
    }

    pub fn idles(&self) -> usize {
        self.world().edit(|world| idles(world))
    }

    /// What `status` says.
    pub fn status(&self) -> Value {
        serde_json::from_str(&self.run(&["--json", "status"]).out).unwrap()
    }

    pub fn outbox(&self, state: &str) -> u64 {
        self.status()["outbox"][state].as_u64().unwrap()
    }

    pub fn accepted(&self) -> usize {
        self.world().accepted().len()
    }
}

fn idles(world: &World) -> usize {
    world.events().filter(|event| is_idle(&event.kind)).count()
}

/// A command that runs.
pub struct Waiting(Child);

impl Waiting {
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    pub fn end(mut self) -> Run {
        let code = ended(&mut self.0, PATIENCE * 4).expect("it did not end").code();
        let read = |from: &mut dyn std::io::Read| {
            let mut text = String::new();
            from.read_to_string(&mut text).unwrap();
            text
        };
        Run { code, out: read(self.0.stdout.as_mut().unwrap()), err: read(self.0.stderr.as_mut().unwrap()) }
    }
}

impl Service {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> String {
        let mut text = String::new();
        File::open(&self.log).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// Waits for a line of its log.
    pub async fn until_said(&self, words: &str) {
        super::running::until_so(|| self.log().contains(words)).await;
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Sends SIGTERM: it must end well, within two seconds. How long it took.
    pub fn terminate(mut self) -> Duration {
        let begun = Instant::now();
        self.signal("TERM");
        let status = ended(&mut self.child, PATIENCE).expect("it did not end");
        let took = begun.elapsed();
        assert_eq!(status.code(), Some(0), "{}", self.log());
        assert!(took < Duration::from_secs(2), "{took:?}\n{}", self.log());
        took
    }

    /// Sends SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ended(child: &mut Child, patience: Duration) -> Option<std::process::ExitStatus> {
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    None
}
