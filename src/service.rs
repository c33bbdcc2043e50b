//! The running program around the door: reading mailboxes, sending what is due.
//!
//! `watch` reads one account, `send` claims, has the gate read, re-checks and sends, `sync` does
//! both until nothing is new. Loops share only the database.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::mail::Limits;
use crate::mail::compose::Templates;
use crate::store::Store;

pub mod follow_up;
pub mod send;
pub mod sync;
pub mod watch;

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
/// by the system when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: std::fs::File,
}

impl Lock {
    /// Takes the lock if nobody holds it.
    ///
    /// # Errors
    /// If the lock file can't be opened or locked.
    pub fn try_take(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = folder.join("lock");
        let file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open the lock file {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
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
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, bytes)
}
