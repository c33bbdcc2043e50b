//! The real program in a folder of its own: run to its end, or under `strace`, which kills it just before
//! a system call of our choice.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use checkback::sandbox::Sandbox;
use tempfile::TempDir;

/// System calls by which the program changes anything, in its files or at a server, or learns that a server
/// did. A kill before each of them meets every state that anybody can see.
pub const WRITES: &str = "write,writev,pwrite64,pwritev,ftruncate,fallocate,fsync,fdatasync,rename,renameat,renameat2,\
    unlink,unlinkat,mkdir,mkdirat,connect,sendto,sendmsg,recvfrom,recvmsg,shutdown";

/// A folder with config and data.
pub struct Program {
    folder: TempDir,
}

/// What differs from one program to the other: keys of its account, and further sections.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub account: &'static str,
    pub rest: &'static str,
}

/// A system call by its name and its place among those of that name, from 1.
#[derive(Debug, Clone)]
pub struct Call {
    pub name: String,
    pub nth: u32,
}

/// How one run under the killer ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// It was killed.
    Killed,
    /// It came to its end first, with this exit code.
    Done(i32),
}

impl Program {
    /// A program with these settings, of that server's user.
    pub fn new(sandbox: &Sandbox, settings: Settings) -> Self {
        let program = Self { folder: TempDir::new().unwrap() };
        program.point_at(sandbox, settings);
        program
    }

    /// A program that goes on from the data folder of another one.
    pub fn from(data: &Path, sandbox: &Sandbox, settings: Settings) -> Self {
        let program = Self::new(sandbox, settings);
        copy_folder(data, &program.data());
        program
    }

    fn point_at(&self, sandbox: &Sandbox, settings: Settings) {
        let Settings { account, rest } = settings;
        let config = format!(
            "timezone = \"Europe/Berlin\"\n[[account]]\nname = \"personal\"\nemail = \"dana@devmail.example\"\n\
             display_name = \"Dana Reyes\"\n{account}\n\
             [account.imap]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
             [account.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
             [account.auth]\nusername = \"dana\"\npassword_env = \"MAIL_PASSWORD\"\n{rest}\n",
            sandbox.imap_addr().port(),
            sandbox.smtp_addr().port()
        );
        std::fs::write(self.folder.path().join("config.toml"), config).unwrap();
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the data folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The database, opened by somebody else.
    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.data().join("checkback.db")).unwrap()
    }

    /// One column of text.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let database = self.database();
        let mut statement = database.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(|row| row.unwrap()).collect()
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.under(Command::new(binary()), args).output().unwrap()
    }

    /// Runs it to its end; meanwhile `look` is shown its process every few milliseconds.
    pub fn run_watched(&self, args: &[&str], mut look: impl FnMut(u32)) -> Output {
        let mut command = self.under(Command::new(binary()), args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while child.try_wait().unwrap().is_none() {
            look(child.id());
            std::thread::sleep(Duration::from_millis(5));
        }
        child.wait_with_output().unwrap()
    }

    /// Runs `sync` under `strace` with these options.
    pub fn trace(&self, options: &[&str], args: &[&str]) -> Output {
        let mut strace = Command::new("strace");
        strace.args(["-qq", "-o", "/dev/null"]).args(options).arg(binary());
        self.under(strace, args).output().unwrap()
    }

    /// Runs `sync` and kills it just before that call. Without `strace` it is killed after a time instead.
    pub fn sync_killed_before(&self, call: &Call) -> End {
        let Call { name, nth } = call;
        let output = if has_strace() {
            self.trace(
                &["-e", &format!("trace={name}"), "-e", &format!("inject={name}:signal=KILL:when={nth}")],
                &["sync"],
            )
        } else {
            let mut child = self
                .under(Command::new(binary()), &["sync"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_micros(u64::from(*nth) * 200));
            // it may have ended by itself
            let _gone = child.kill();
            child.wait_with_output().unwrap()
        };
        match output.status.code() {
            // strace ends itself by the signal that ended its child
            None | Some(137) => End::Killed,
            Some(code) => End::Done(code),
        }
    }

    fn under(&self, mut command: Command, args: &[&str]) -> Command {
        command
            .env("CHECKBACK_CONFIG", self.folder.path().join("config.toml"))
            .env("CHECKBACK_DATA", self.data())
            .env("MAIL_PASSWORD", "secret")
            .args(args)
            .stdin(Stdio::null());
        command
    }
}

/// The program under test; `CHECKBACK_PROGRAM` names another one, such as a release build.
fn binary() -> OsString {
    std::env::var_os("CHECKBACK_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_checkback").into())
}

/// Whether system calls can be watched here.
pub fn has_strace() -> bool {
    let probe = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    probe.is_ok_and(|status| status.success())
}

/// Copies the files of a folder.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
