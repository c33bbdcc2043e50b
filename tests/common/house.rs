//! A workspace with the real service in it, and the loopback server on the other side of its sockets.

use std::path::Path;
use std::sync::Arc;

use checkback::clock::Clock;
use checkback::config::Config;
use checkback::mail::Limits;
use checkback::mail::compose::Templates;
use checkback::sandbox::{Received, Sandbox, SharedWorld, World};
use checkback::service::Workspace;
use checkback::service::sync::{Synced, sync};
use checkback::store::StoreError;
use checkback::store::outbox::{self, OutboxRow};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::mail::Mail;

/// The moment every story begins.
pub const START: &str = "2026-03-10T10:00:00Z";

pub struct House {
    pub sandbox: Sandbox,
    pub clock: Clock,
    pub workspace: Arc<Workspace>,
    folder: TempDir,
}

impl House {
    /// A house whose mailbox was empty at its first start, which is over.
    pub async fn open() -> Self {
        Self::with(|_, _| ()).await
    }

    /// The same with other settings, or with mail that was there before the first start.
    pub async fn with(change: impl FnOnce(&mut Config, &mut World)) -> Self {
        let house = Self::unopened(change).await;
        let first = house.sync().await;
        assert_eq!(first.exit_code(), 0, "{first:?}");
        house.clock.advance(SignedDuration::from_mins(5));
        house
    }

    /// A house whose first start is still to come.
    pub async fn unopened(change: impl FnOnce(&mut Config, &mut World)) -> Self {
        let clock = Clock::fixed(START.parse().unwrap());
        let at = clock.clone();
        let mut world = World::new(move || at.now());
        add_user(&mut world, "dana", &["dana@devmail.example", "dana.reyes@devmail.example"]);
        let mut config = Config::parse(CONFIG, Path::new("config.toml")).unwrap();
        change(&mut config, &mut world);
        let sandbox = Sandbox::start(world).await.unwrap();
        for account in &mut config.accounts {
            account.imap.port = sandbox.imap_addr().port();
            account.smtp.port = sandbox.smtp_addr().port();
        }
        let folder = TempDir::new().unwrap();
        let workspace = open(config, folder.path(), &clock);
        Self { sandbox, clock, workspace, folder }
    }

    /// Ends the program and starts it again, perhaps with other settings.
    pub fn restart(&mut self, change: impl FnOnce(&mut Config)) {
        let mut config = self.workspace.config.clone();
        change(&mut config);
        self.workspace = open(config, self.folder.path(), &self.clock);
    }

    /// Loses the database and the install secret, as after a move to another computer.
    pub fn forget(&mut self) {
        let old = std::mem::replace(&mut self.folder, TempDir::new().unwrap());
        self.restart(|_| ());
        drop(old);
    }

    /// A copy of the data folder, as a backup program makes it.
    pub fn backup(&self) -> TempDir {
        let backup = TempDir::new().unwrap();
        let file = backup.path().join("checkback.db");
        self.workspace.store().read().execute("VACUUM INTO ?1", [file.to_str().unwrap()]).unwrap();
        std::fs::copy(self.workspace.folder().join("install.key"), backup.path().join("install.key")).unwrap();
        backup
    }

    /// Goes on from a backup, which stays as it is.
    pub fn restore(&mut self, backup: &TempDir) {
        let folder = TempDir::new().unwrap();
        for name in ["checkback.db", "install.key"] {
            std::fs::copy(backup.path().join(name), folder.path().join(name)).unwrap();
        }
        let old = std::mem::replace(&mut self.folder, folder);
        self.restart(|_| ());
        drop(old);
    }

    pub fn world(&self) -> &SharedWorld {
        self.sandbox.world()
    }

    /// Puts a mail into Dana's INBOX.
    pub fn deliver(&self, mail: &Mail) -> u32 {
        self.put("INBOX", mail)
    }

    /// Puts a mail into a folder of Dana's.
    pub fn put(&self, folder: &str, mail: &Mail) -> u32 {
        self.world().deliver("dana", folder, &mail.bytes(), None).unwrap()
    }

    /// One `sync`, which must not fail by itself.
    pub async fn sync(&self) -> Synced {
        sync(&self.workspace, None).await.unwrap()
    }

    /// One `sync` that finds nothing wrong.
    pub async fn sync_well(&self) -> Synced {
        let synced = self.sync().await;
        assert_eq!(synced.exit_code(), 0, "{synced:?}");
        synced
    }

    pub fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Mails that the sending server took, whatever we learnt of it.
    pub fn sent(&self) -> Vec<Received> {
        self.world().accepted()
    }

    /// The rules that blocked the mail with this id; `None` if it was never read or never judged.
    pub fn blocked_by(&self, id: &str) -> Option<Vec<String>> {
        let store = self.workspace.store();
        let found = checkback::store::cases::find_mail(store.read(), id).unwrap();
        found.into_iter().next().and_then(|mail| mail.blocked_by)
    }

    /// Our mails in this state.
    pub fn outbox(&self, state: &str) -> Vec<OutboxRow> {
        outbox::in_state(self.workspace.store().read(), state).unwrap()
    }

    /// The states of all our mails, in order.
    pub fn states(&self) -> Vec<String> {
        self.texts("SELECT state FROM outbox ORDER BY id")
    }

    /// One column of text.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let store = self.workspace.store();
        let mut statement = store.read().prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap();
        rows.map(|row| row.unwrap().unwrap_or_default()).collect()
    }

    /// One number.
    pub fn count(&self, sql: &str) -> i64 {
        self.workspace.store().read().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// A change of the database such as a command makes.
    pub fn write<T>(&self, work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError>) -> T {
        self.workspace.store().write(work).unwrap()
    }

    /// The mails in a folder of Dana's, as text.
    pub fn folder(&self, name: &str) -> Vec<String> {
        self.folder_of("dana", name)
    }

    /// The mails in a user's folder, as text.
    pub fn folder_of(&self, user: &str, name: &str) -> Vec<String> {
        self.world().edit(|world| {
            let folder = world.folder(user, name).unwrap();
            folder.messages.iter().map(|mail| String::from_utf8_lossy(&mail.bytes).into_owned()).collect()
        })
    }
}

/// Adds a user with the usual folders; the password is `secret`.
pub fn add_user(world: &mut World, name: &str, addresses: &[&str]) {
    world.add_user(name, "secret", addresses);
    world.add_usual_folders(name).unwrap();
}

fn open(config: Config, folder: &Path, clock: &Clock) -> Arc<Workspace> {
    let templates = Templates::shipped();
    let mut workspace = Workspace::open(config, folder, templates, clock.clone()).unwrap();
    // what hangs shall not hang the tests
    let short = std::time::Duration::from_secs(2);
    workspace.limits = Limits { silence: short, after_body: short, ..workspace.limits };
    Arc::new(workspace)
}

const CONFIG: &str = r#"
timezone = "Europe/Berlin"
[[account]]
name = "personal"
email = "dana@devmail.example"
display_name = "Dana Reyes"
aliases = ["dana.reyes@devmail.example"]
[account.imap]
host = "127.0.0.1"
port = 1
tls = "none"
[account.smtp]
host = "127.0.0.1"
port = 1
tls = "none"
[account.auth]
username = "dana"
password_command = "printf secret"
[auto_reply]
mode = "send"
delay = "0s"
[reminders]
mode = "off"
"#;
