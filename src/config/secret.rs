//! The password of an account: looked up when it is needed, never kept in the config, never shown.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use super::{Auth, PasswordSource};

/// How long a password command may take; a key ring may ask the user first.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest password that is read.
const LONGEST: u64 = 64 * 1024;

/// Why there is no password. Names the fix, never the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set: set it to the password of the mailbox, or use password_command")]
    Unset(String),
    /// Neither set nor readable.
    #[error("the environment variable {0} is not valid UTF-8")]
    NotText(String),
    /// Nothing in it.
    #[error("{0} gave an empty password")]
    Empty(String),
    /// It could not be started.
    #[error("the password_command could not be started: {0}")]
    NotStarted(std::io::Error),
    /// It ended with an error.
    #[error(
        "the password_command failed ({0}): run it by hand in a shell, it has to print the password on its first line"
    )]
    Failed(std::process::ExitStatus),
    /// It did not end.
    #[error("the password_command did not end within {} seconds: perhaps it waits for something on the terminal", .0.as_secs())]
    TooSlow(Duration),
}

impl Auth {
    /// The password. Blocks while a command runs, 30 seconds at most.
    ///
    /// # Errors
    /// [`SecretError`], which says what to change.
    pub fn password(&self) -> Result<SecretString, SecretError> {
        match &self.password {
            PasswordSource::Env(name) => from_env(name),
            PasswordSource::Command(command) => from_command(command, PATIENCE),
        }
    }
}

fn from_env(name: &str) -> Result<SecretString, SecretError> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Err(SecretError::Empty(format!("the environment variable {name}"))),
        Ok(value) => Ok(SecretString::from(value)),
        Err(std::env::VarError::NotPresent) => Err(SecretError::Unset(name.to_owned())),
        Err(std::env::VarError::NotUnicode(_)) => Err(SecretError::NotText(name.to_owned())),
    }
}

/// The first line of what the command prints. Its standard error stays the terminal's, so that it can
/// tell the user what it wants.
fn from_command(command: &str, patience: Duration) -> Result<SecretString, SecretError> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(SecretError::NotStarted)?;
    let deadline = Instant::now() + patience;
    let (told, output) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        // A thread of its own, since a read of a pipe has no time limit. Only the first line is waited
        // for: a key ring that the command leaves running may hold the pipe open for ever.
        std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let mut line = Vec::new();
            let read = stdout.by_ref().take(LONGEST).read_until(b'\n', &mut line);
            let _ = told.send(read.map(|_| line));
            let _ = std::io::copy(&mut stdout, &mut std::io::sink());
        });
    }
    let line = output.recv_timeout(patience);
    let status = loop {
        match child.try_wait().map_err(SecretError::NotStarted)? {
            Some(status) => break status,
            None if line.is_err() || Instant::now() >= deadline => {
                child.kill().and_then(|()| child.wait()).map_err(SecretError::NotStarted)?;
                return Err(SecretError::TooSlow(patience));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    if !status.success() {
        return Err(SecretError::Failed(status));
    }
    let line = line.map_err(|_| SecretError::TooSlow(patience))?.map_err(SecretError::NotStarted)?;
    match String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']) {
        "" => Err(SecretError::Empty("the password_command".to_owned())),
        password => Ok(SecretString::from(password.to_owned())),
    }
}

#[cfg(test)]
mod tests;
