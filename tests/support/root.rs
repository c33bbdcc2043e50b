//! What a test does with root's rights, whoever runs it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

pub fn write_as_root(path: &Path, text: &str) {
    if is_root() {
        fs::write(path, text).unwrap();
        return;
    }
    let mut tee = as_root("tee").arg(path).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    tee.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(tee.wait().unwrap().success());
}

/// Both servers give up root's rights for their parts themselves, so that they need them to begin with.
pub fn as_root(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

pub fn is_root() -> bool {
    id(&["-u"]) == 0
}

pub fn id(args: &[&str]) -> u32 {
    let said = Command::new("id").args(args).output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().parse().unwrap()
}
