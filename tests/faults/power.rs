//! Power loss: what the program wrote and synced is recorded with `strace`; the files are then put
//! together as a disk may hold them at any moment (what was synced, and any part of what was not), and the
//! program goes on from them. What the server took before stays taken.

use std::collections::BTreeMap;
use std::path::Path;

use super::ledger::{Ledger, purpose};
use super::program::{Program, copy_folder, has_strace};
use super::scene::{Setup, Stage};

/// Moments tried in the quick sample.
const SAMPLE: usize = 2;

/// One thing that the program did, as far as power loss and the servers can see it.
#[derive(Debug, Clone)]
enum Step {
    Write { file: String, offset: usize, bytes: Vec<u8> },
    Truncate { file: String, length: usize },
    Sync { file: String },
    Unlink { file: String },
    Sent { port: u16, bytes: Vec<u8> },
    Got { port: u16, bytes: Vec<u8> },
}

/// The files of a folder: as the program sees them, and as the disk holds them for sure.
#[derive(Debug, Clone, Default)]
struct Disk {
    seen: BTreeMap<String, Vec<u8>>,
    sure: BTreeMap<String, Vec<u8>>,
    /// Writes since the last sync of their file.
    loose: Vec<Step>,
}

/// What survives of the writes that were not synced.
#[derive(Debug, Clone, Copy)]
enum Survives {
    Nothing,
    Everything,
    /// Each with even odds, by this seed: some are lost, so that later ones seem to have overtaken them.
    Some(u64),
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "system calls are watched with strace, which is for Linux")]
fn the_database_says_sending_on_disk_before_the_first_byte_of_a_body_leaves() {
    assert!(has_strace(), "system calls are watched with strace: install it");
    let stage = Stage::new(Setup::Append);
    let scene = stage.scene();
    let smtp = scene.sandbox.smtp_addr().port();
    let steps = record(&scene.program);
    let (mut bodies, mut waiting, mut written, mut synced) = (0, false, false, false);
    for step in &steps {
        match step {
            Step::Got { port, bytes } if *port == smtp && bytes.starts_with(b"354") => {
                (waiting, written, synced) = (true, false, false);
            }
            Step::Write { file, .. } if file == "checkback.db-wal" => (written, synced) = (true, false),
            Step::Sync { file } if file == "checkback.db-wal" => synced = written,
            Step::Sent { port, .. } if *port == smtp && waiting => {
                assert!(written && synced, "a body left before the disk said so");
                (bodies, waiting) = (bodies + 1, false);
            }
            _ => {}
        }
    }
    assert_eq!(bodies, 4);
    stage.runtime.block_on(scene.sandbox.stop());
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "writes are recorded with strace, which is for Linux")]
fn after_power_loss_at_any_moment_nothing_is_sent_twice() {
    assert!(has_strace(), "writes are recorded with strace: install it");
    lose_power(|moments| moments.div_ceil(SAMPLE), false);
}

/// Every moment at which the disk or the server differs from the one before; `MOMENTS=3`: every third.
#[test]
#[ignore = "takes minutes: tests/bench/power-loss"]
fn every_moment() {
    let step: usize = std::env::var("MOMENTS").ok().and_then(|step| step.parse().ok()).unwrap_or(1);
    assert!(has_strace(), "writes are recorded with strace");
    lose_power(|_| step, true);
}

/// `whole`: also with every write that was not synced, which is what a kill leaves.
fn lose_power(step: impl Fn(usize) -> usize, whole: bool) {
    let stage = Stage::new(Setup::Append);
    let scene = stage.scene();
    let smtp = scene.sandbox.smtp_addr().port();
    let mut disk = Disk::of(&scene.program.data());
    let steps = record(&scene.program);
    stage.runtime.block_on(scene.sandbox.stop());
    // a moment after each sync and each send; the writes between them are lost in every way
    let telling: Vec<usize> = (0..steps.len())
        .filter(|at| match &steps[*at] {
            Step::Sync { .. } => true,
            Step::Sent { port, .. } | Step::Got { port, .. } => *port == smtp,
            _ => false,
        })
        .collect();
    let mut moments: Vec<usize> = telling.iter().copied().step_by(step(telling.len())).collect();
    // the most telling of all: each body has just left
    moments
        .extend(telling.iter().copied().filter(|at| matches!(&steps[*at], Step::Sent { bytes, .. } if is_body(bytes))));
    moments.sort_unstable();
    moments.dedup();
    let (mut taken, mut recipient, mut tried, mut unknown) = (Ledger::new(), String::new(), 0, 0);
    for (at, step) in steps.iter().enumerate() {
        disk.follow(step);
        if let Step::Sent { port, bytes } = step
            && *port == smtp
        {
            let text = String::from_utf8_lossy(bytes);
            if let Some(to) = text.strip_prefix("RCPT TO:<").and_then(|rest| rest.split_once('>')) {
                recipient = to.0.to_owned();
            } else if is_body(bytes) {
                *taken.entry((recipient.clone(), purpose(bytes))).or_default() += 1;
            }
        }
        if moments.contains(&at) {
            let everything = whole.then_some(Survives::Everything);
            for survives in [Survives::Nothing, Survives::Some(at as u64)].into_iter().chain(everything) {
                unknown += go_on(&stage, &disk.after_the_cut(survives), &taken);
                tried += 1;
            }
        }
    }
    println!("{tried} losses of power at {} moments: 0 doubled, 0 lost, {unknown} of unknown fate", moments.len());
    assert!(tried >= 3 * SAMPLE);
}

/// The program goes on from these files. Returns how many mails are of unknown fate.
fn go_on(stage: &Stage, files: &BTreeMap<String, Vec<u8>>, taken: &Ledger) -> usize {
    let scene = stage.scene();
    let data = scene.program.data();
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::create_dir_all(&data).unwrap();
    for (name, bytes) in files {
        std::fs::write(data.join(name), bytes).unwrap();
    }
    scene.run_until_quiet();
    let unknown = scene.check(taken);
    stage.runtime.block_on(scene.sandbox.stop());
    unknown
}

fn is_body(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\r\n.\r\n")
}

impl Disk {
    fn of(folder: &Path) -> Self {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
        });
        let seen: BTreeMap<String, Vec<u8>> = files.collect();
        Self { sure: seen.clone(), seen, loose: Vec::new() }
    }

    fn follow(&mut self, step: &Step) {
        carry_out(&mut self.seen, step);
        match step {
            Step::Write { .. } | Step::Truncate { .. } | Step::Unlink { .. } => self.loose.push(step.clone()),
            Step::Sync { file } => {
                if let Some(bytes) = self.seen.get(file) {
                    self.sure.insert(file.clone(), bytes.clone());
                }
                self.loose.retain(|step| step.file() != Some(file.as_str()));
            }
            Step::Sent { .. } | Step::Got { .. } => {}
        }
    }

    fn after_the_cut(&self, survives: Survives) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.sure.clone();
        let mut seed = match survives {
            Survives::Nothing => return files,
            Survives::Everything => return self.seen.clone(),
            Survives::Some(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        };
        for step in &self.loose {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if seed >> 63 == 1 {
                carry_out(&mut files, step);
            }
        }
        files
    }
}

impl Step {
    fn file(&self) -> Option<&str> {
        match self {
            Self::Write { file, .. } | Self::Truncate { file, .. } | Self::Sync { file } | Self::Unlink { file } => {
                Some(file)
            }
            Self::Sent { .. } | Self::Got { .. } => None,
        }
    }
}

fn carry_out(files: &mut BTreeMap<String, Vec<u8>>, step: &Step) {
    match step {
        Step::Write { file, offset, bytes } => {
            let content = files.entry(file.clone()).or_default();
            content.resize(content.len().max(offset + bytes.len()), 0);
            content[*offset..offset + bytes.len()].copy_from_slice(bytes);
        }
        Step::Truncate { file, length } => files.entry(file.clone()).or_default().resize(*length, 0),
        Step::Unlink { file } => drop(files.remove(file)),
        Step::Sync { .. } | Step::Sent { .. } | Step::Got { .. } => {}
    }
}

/// Runs one whole `sync` and gives what it did, in order.
fn record(program: &Program) -> Vec<Step> {
    // the files as they are now must be the ones that the log begins with
    copy_folder(&program.data(), &program.path("before"));
    let log = program.path("writes");
    let calls = "trace=pwrite64,ftruncate,fsync,fdatasync,unlink,sendto,recvfrom";
    let options = ["-o", log.to_str().unwrap(), "-xx", "-s", "1000000", "-yy", "-e", calls];
    let run = program.trace(&options, &["sync"]);
    assert!(run.status.success(), "{run:?}");
    let log = std::fs::read_to_string(log).unwrap();
    let steps: Vec<Step> = log.lines().filter_map(|line| step_of(line, &program.data())).collect();
    let synced = steps.iter().filter(|step| matches!(step, Step::Sync { .. })).count();
    let written = steps.iter().filter(|step| matches!(step, Step::Write { .. })).count();
    assert!(synced > 10 && written > synced, "the log of strace was not understood");
    steps
}

/// One line of strace: `pwrite64(9</tmp/x/checkback.db-wal>, "\x37…", 4096, 0) = 4096`.
fn step_of(line: &str, data: &Path) -> Option<Step> {
    let (name, rest) = line.split_once('(')?;
    let (rest, result) = rest.rsplit_once(" = ")?;
    let result: usize = result.split_whitespace().next()?.parse().ok()?;
    let rest = rest.trim_end().strip_suffix(')')?;
    if name == "unlink" {
        let path = String::from_utf8(decoded(rest.trim_matches('"'))).ok()?;
        return file_in(data, &path).map(|file| Step::Unlink { file });
    }
    let (_, rest) = rest.split_once('<')?;
    let (about, arguments) = rest.split_once('>').and_then(|(about, rest)| {
        // `->` stands in the name of a socket
        match about.ends_with('-') {
            true => rest.split_once('>').map(|(more, rest)| (format!("{about}>{more}"), rest)),
            false => Some((about.to_owned(), rest)),
        }
    })?;
    let about = String::from_utf8(decoded(&about)).ok()?;
    let text = arguments.split('"').nth(1).map(decoded);
    let last = arguments.rsplit(", ").next().unwrap_or_default();
    let port = || about.rsplit(':').next()?.trim_end_matches(']').parse().ok();
    match name {
        "sendto" => Some(Step::Sent { port: port()?, bytes: text? }),
        "recvfrom" => Some(Step::Got { port: port()?, bytes: text? }),
        "pwrite64" => {
            let (file, bytes) = (file_in(data, &about)?, text?);
            assert_eq!(bytes.len(), result, "a short write: {line}");
            Some(Step::Write { file, offset: last.parse().ok()?, bytes })
        }
        "ftruncate" => Some(Step::Truncate { file: file_in(data, &about)?, length: last.parse().ok()? }),
        "fsync" | "fdatasync" => file_in(data, &about).map(|file| Step::Sync { file }),
        _ => None,
    }
}

/// The name of a file in the data folder; the shared memory of SQLite never outlives a power loss.
fn file_in(data: &Path, path: &str) -> Option<String> {
    let name = Path::new(path).strip_prefix(data).ok()?.to_str()?.to_owned();
    (!name.is_empty() && !name.ends_with("-shm")).then_some(name)
}

fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        match after {
            [b'x', high, low, more @ ..] if first == b'\\' => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
                rest = more;
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}
