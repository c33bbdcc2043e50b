//! The running program around the door: reading mailboxes, sending what is due.
//!
//! `watch` reads one account, `send` claims, has the gate read, re-checks and sends, `sync` does
//! both until nothing is new, `run` does it for as long as it lives, `schedule` knows when the next
//! thing is due, `command` hands work to a running service. `remind` writes to the user, `health` and
//! `breaker` say what must wait. Loops share only the database.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use anyhow::Context as _;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::mail::Limits;
use crate::mail::compose::Templates;
use crate::store::Store;

pub mod asked;
pub mod breaker;
pub mod command;
pub mod follow_up;
pub mod health;
pub mod remind;
pub mod run;
pub mod schedule;
pub mod send;
pub mod sync;
pub mod watch;

/// How the lock file names the service.
const SERVICE: &str = "service";

/// One person's data: the config, and a folder with one SQLite file and the install secret.
#[derive(Debug)]
pub struct Workspace {
    /// Settings.
    pub config: Config,
    /// Templates, shipped and own.
    pub templates: Templates,
    /// Bounds of every wait and size.
    pub limits: Limits,
    /// The time.
    pub clock: Clock,
    secret: Vec<u8>,
    store: Mutex<Store>,
    folder: PathBuf,
}

impl Workspace {
    /// Opens (and on the first start makes) the data folder.
    ///
    /// # Errors
    /// If the folder, the database or the install secret can't be used.
    pub fn open(config: Config, folder: &Path, templates: Templates, clock: Clock) -> anyhow::Result<Self> {
        make_private(folder).with_context(|| format!("cannot make the data folder {}", folder.display()))?;
        let secret = install_secret(&folder.join("install.key"))?;
        let store = Store::open(&folder.join("checkback.db"))?;
        let limits = Limits::default();
        Ok(Self { config, templates, limits, clock, secret, store: Mutex::new(store), folder: folder.to_owned() })
    }

    /// The database, for one short piece of work; never held over an await.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The database, unless somebody is at it right now.
    pub fn try_store(&self) -> Option<MutexGuard<'_, Store>> {
        match self.store.try_lock() {
            Ok(store) => Some(store),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The one door.
    pub fn app(&self) -> App<'_> {
        App::new(&self.config, &self.templates, &self.secret)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The lock of a data folder: only its holder reads mail and sends. Freed when it is dropped, and
/// by the system when the process ends, however it ends. Its file says who holds it.
#[derive(Debug)]
pub struct Lock {
    _file: std::fs::File,
}

/// Who holds a lock, as its file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// Whether it is the service, which takes commands.
    pub service: bool,
    /// Its process.
    pub pid: u32,
}

impl Lock {
    /// Takes the lock for a command, if nobody holds it.
    ///
    /// # Errors
    /// If the lock file can't be opened or locked.
    pub fn try_take(folder: &Path) -> anyhow::Result<Option<Self>> {
        Self::take_as(folder, "command")
    }

    /// Takes the lock for the service, if nobody holds it.
    ///
    /// # Errors
    /// If the lock file can't be opened or locked.
    pub fn try_take_for_service(folder: &Path) -> anyhow::Result<Option<Self>> {
        Self::take_as(folder, SERVICE)
    }

    /// What the lock file says of its holder. The latest one, if nobody holds it now.
    pub fn holder(folder: &Path) -> Option<Holder> {
        let text = std::fs::read_to_string(folder.join("lock")).ok()?;
        let (role, pid) = text.trim_end().split_once(' ')?;
        Some(Holder { service: role == SERVICE, pid: pid.parse().ok()? })
    }

    /// Whether nobody holds it.
    ///
    /// # Errors
    /// If the lock file can't be opened or locked.
    pub fn is_free(folder: &Path) -> anyhow::Result<bool> {
        let path = folder.join("lock");
        let file = std::fs::File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock_shared() {
            Ok(()) => Ok(true),
            Err(std::fs::TryLockError::WouldBlock) => Ok(false),
            Err(std::fs::TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    fn take_as(folder: &Path, role: &str) -> anyhow::Result<Option<Self>> {
        let path = folder.join("lock");
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open the lock file {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {
                let said = file
                    .set_len(0)
                    .and_then(|()| file.write_all(format!("{role} {}\n", std::process::id()).as_bytes()));
                said.with_context(|| format!("cannot write {}", path.display()))?;
                Ok(Some(Self { _file: file }))
            }
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }
}

/// 32 random bytes, made once. Message-IDs are derived from them, so that nobody can foretell ours.
fn install_secret(path: &Path) -> anyhow::Result<Vec<u8>> {
    match std::fs::read(path) {
        Ok(secret) if secret.len() >= 16 => return Ok(secret),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
    let mut secret = vec![0; 32];
    getrandom::fill(&mut secret).map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    let fresh = path.with_extension("new");
    write_private(&fresh, &secret).with_context(|| format!("cannot write {}", fresh.display()))?;
    std::fs::rename(&fresh, path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(secret)
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, bytes)
}
