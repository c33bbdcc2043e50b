//! A real Dovecot and a real Postfix, each an instance of its own below a temporary folder: nothing of
//! the system's configuration or spool is read or changed, and every port is a free one on loopback.
//!
//! Postfix takes mail for three test domains and hands it to Dovecot's LMTP; Dovecot keeps a Maildir for
//! whatever local part it hears of, with the password [`PASSWORD`]. Both end with [`Servers`], with the
//! thread that started them, and with the process. A missing server is a failure that says what to install.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

#[path = "root.rs"]
mod root;

use root::{as_root, id, is_root, write_as_root};

/// The password of every user.
pub const PASSWORD: &str = "correct-horse";

/// Longest wait for a server to come up, and for a mail to arrive.
pub const PATIENCE: Duration = Duration::from_secs(30);

const STEP: Duration = Duration::from_millis(10);
const POSTFIX: &str = "/usr/lib/postfix/sbin/master";
const INSTALL: &str = "the packages dovecot-imapd, dovecot-lmtpd and postfix are needed; tests/run installs them";

/// Both servers.
pub struct Servers {
    /// IMAP, plain and STARTTLS.
    pub imap: u16,
    /// IMAP over TLS.
    pub imaps: u16,
    /// SMTP, plain and STARTTLS, with AUTH on offer.
    pub smtp: u16,
    /// SMTP over TLS.
    pub smtps: u16,
    /// SHA-256 of the certificate, in hex.
    pub pin: String,
    root: TempDir,
    owner: (u32, u32),
    dovecot: Child,
    postfix: Option<Child>,
}

/// A mail as it lies in a Maildir.
#[derive(Clone, PartialEq, Eq)]
pub struct Lying {
    /// Name of its file: flags stand behind `:2,`.
    pub file: String,
    /// Its bytes.
    pub raw: Vec<u8>,
}

impl std::fmt::Debug for Lying {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}", self.file, String::from_utf8_lossy(&self.raw))
    }
}

impl Servers {
    /// Starts both.
    pub fn start() -> Self {
        let root = tempfile::Builder::new().prefix("checkback-mail-").tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let owner = if is_root() { (id(&["-u", "mail"]), id(&["-g", "mail"])) } else { (id(&["-u"]), id(&["-g"])) };
        let pin = make_certificate(root.path());
        let mail = root.path().join("mail");
        fs::create_dir(&mail).unwrap();
        chown(&mail, Some(owner.0), Some(owner.1)).unwrap();
        let (dovecot, [imap, imaps, lmtp]) = start_dovecot(root.path(), owner);
        let mut servers = Self { imap, imaps, smtp: 0, smtps: 0, pin, root, owner, dovecot, postfix: None };
        let (postfix, [smtp, smtps]) = start_postfix(servers.root.path(), lmtp);
        (servers.smtp, servers.smtps) = (smtp, smtps);
        servers.postfix = Some(postfix);
        servers
    }

    /// The Maildir of a user.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.root.path().join("mail").join(user).join("Maildir")
    }

    /// Hands a mail to the SMTP server, as any stranger would, and returns once it was accepted.
    pub fn accept(&self, from: &str, to: &str, raw: &str) {
        let stream = TcpStream::connect(("127.0.0.1", self.smtp)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut write = stream.try_clone().unwrap();
        let mut read = BufReader::new(stream);
        let mut hear = |code: &str| {
            let mut line = String::new();
            loop {
                line.clear();
                read.read_line(&mut line).unwrap();
                assert!(line.starts_with(code), "the SMTP server said {line:?} where {code} was due");
                if line.as_bytes().get(3) != Some(&b'-') {
                    break;
                }
            }
        };
        hear("220");
        let lines = raw.replace("\r\n", "\n").replace("\n.", "\n..").replace('\n', "\r\n");
        let body = format!("{}\r\n.\r\n", lines.trim_end());
        for (command, code) in [
            ("EHLO client.example\r\n".to_owned(), "250"),
            (format!("MAIL FROM:<{from}>\r\n"), "250"),
            (format!("RCPT TO:<{to}>\r\n"), "250"),
            ("DATA\r\n".to_owned(), "354"),
            (body, "250"),
            ("QUIT\r\n".to_owned(), "221"),
        ] {
            write.write_all(command.as_bytes()).unwrap();
            hear(code);
        }
    }

    /// Sends a mail through SMTP and LMTP and waits until it lies in the user's INBOX.
    pub fn deliver(&self, from: &str, to: &str, raw: &str) {
        let user = to.split('@').next().unwrap();
        let before = self.lying(user, "INBOX").len();
        self.accept(from, to, raw);
        self.wait_until(|| self.lying(user, "INBOX").len() > before);
    }

    /// Puts a mail into a folder as if it had come at that time (its INTERNALDATE).
    pub fn lay(&self, user: &str, folder: &str, raw: &[u8], flags: &str, at: jiff::Timestamp) {
        let home = self.maildir(user);
        let folder = if folder == "INBOX" { home.clone() } else { home.join(format!(".{folder}")) };
        for part in ["cur", "new", "tmp"] {
            self.make_folder(&folder.join(part));
        }
        let part = if flags.is_empty() { "new" } else { "cur" };
        let number = fs::read_dir(folder.join("cur")).unwrap().chain(fs::read_dir(folder.join("new")).unwrap()).count();
        let mark = if flags.is_empty() { String::new() } else { format!(":2,{flags}") };
        let path = folder.join(part).join(format!("{}.{number}.test{mark}", at.as_second()));
        let mut file = fs::File::create(&path).unwrap();
        file.write_all(raw).unwrap();
        file.set_modified(at.into()).unwrap();
        chown(&path, Some(self.owner.0), Some(self.owner.1)).unwrap();
    }

    /// The mails in a folder, in order of arrival.
    pub fn lying(&self, user: &str, folder: &str) -> Vec<Lying> {
        let home = self.maildir(user);
        let folder = if folder == "INBOX" { home } else { home.join(format!(".{folder}")) };
        let mut found = Vec::new();
        for part in ["new", "cur"] {
            for entry in fs::read_dir(folder.join(part)).into_iter().flatten() {
                let entry = entry.unwrap();
                // the server may move it from `new` to `cur` meanwhile
                if let Ok(raw) = fs::read(entry.path()) {
                    let file = entry.file_name().into_string().unwrap();
                    found.push(Lying { file: format!("{part}/{file}"), raw });
                }
            }
        }
        found.sort_by_key(|mail| mail.file.split_once('/').map(|(_, name)| name.to_owned()));
        found.dedup_by_key(|mail| mail.file.split(['/', ':']).nth(1).map(str::to_owned));
        found
    }

    /// Waits for something to come true.
    pub fn wait_until(&self, mut is_so: impl FnMut() -> bool) {
        for _ in 0..PATIENCE.as_millis() / STEP.as_millis() {
            if is_so() {
                return;
            }
            std::thread::sleep(STEP);
        }
        panic!("it did not come true in {} s\n{}", PATIENCE.as_secs(), self.logs());
    }

    /// Waits until the SMTP server has handed on all it took.
    pub fn settle(&self) {
        let queue = self.root.path().join("queue");
        let mut quiet = 0;
        self.wait_until(|| {
            let waiting = ["incoming", "active"].iter().map(|part| count_files(&queue.join(part))).sum::<usize>();
            quiet = if waiting == 0 { quiet + 1 } else { 0 };
            quiet > 2
        });
    }

    /// What Postfix has logged.
    pub fn smtp_log(&self) -> String {
        fs::read_to_string(self.root.path().join("postfix.log")).unwrap_or_default()
    }

    /// Stops the SMTP server: connections are refused from now on.
    pub fn stop_smtp(&mut self) {
        if let Some(mut postfix) = self.postfix.take() {
            end(&mut postfix);
        }
    }

    fn make_folder(&self, path: &Path) {
        let home = self.root.path().join("mail");
        fs::create_dir_all(path).unwrap();
        for made in path.ancestors().take_while(|folder| *folder != home) {
            chown(made, Some(self.owner.0), Some(self.owner.1)).unwrap();
        }
    }

    fn logs(&self) -> String {
        let log = |name| fs::read_to_string(self.root.path().join(name)).unwrap_or_default();
        format!("Dovecot:\n{}\nPostfix:\n{}", log("dovecot.log"), log("postfix.log"))
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.stop_smtp();
        end(&mut self.dovecot);
        if !is_root() {
            // the queue belongs to Postfix
            let _ = as_root("rm").arg("-rf").arg(self.root.path().join("queue")).status();
            let _ = as_root("rm").arg("-rf").arg(self.root.path().join("run")).status();
        }
    }
}

fn start_dovecot(root: &Path, owner: (u32, u32)) -> (Child, [u16; 3]) {
    let state = root.display();
    let (uid, gid) = owner;
    let (run, log) = (root.join("run"), root.join("dovecot.log"));
    fs::create_dir(&run).unwrap();
    start("dovecot", &log, |ports: [u16; 3]| {
        let [imap, imaps, lmtp] = ports;
        let config = root.join("dovecot.conf");
        let text = format!(
            "base_dir = {state}/run
state_dir = {state}/run
log_path = {state}/dovecot.log
instance_name = checkback-test
listen = 127.0.0.1
protocols = imap lmtp
ssl = yes
ssl_cert = <{state}/cert.pem
ssl_key = <{state}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Ln
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={state}/mail/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener {state}/sasl {{
    mode = 0666
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@devmail.example
}}
"
        );
        fs::write(&config, text).unwrap();
        let mut command = as_root("setpriv");
        command.args(["--pdeathsig", "TERM", "dovecot", "-F", "-c"]).arg(&config);
        (command, [(imap, "* OK"), (imaps, ""), (lmtp, "220")].to_vec())
    })
}

fn start_postfix(root: &Path, lmtp: u16) -> (Child, [u16; 2]) {
    assert!(Path::new(POSTFIX).exists(), "there is no {POSTFIX}: {INSTALL}");
    let state = root.display();
    let (config, queue, data) = (root.join("postfix"), root.join("queue"), root.join("postfix-data"));
    for folder in [&config, &queue, &data, &queue.join("pid")] {
        fs::create_dir(folder).unwrap();
    }
    const PARTS: [&str; 13] = [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "private",
        "public", "saved", "trace",
    ];
    let mut owned = vec![data.clone()];
    for part in PARTS {
        fs::create_dir(queue.join(part)).unwrap();
        owned.push(queue.join(part));
    }
    assert!(as_root("chown").arg("postfix").args(&owned).status().unwrap().success());
    if !is_root() {
        assert!(as_root("chown").arg("root").args([&queue, &queue.join("pid"), &config]).status().unwrap().success());
    }
    let mut services = String::new();
    for line in SERVICES.lines() {
        services.push_str(line.trim());
        services.push('\n');
    }
    start("postfix", &root.join("postfix.log"), |[smtp, smtps]: [u16; 2]| {
        let main = format!(
            "compatibility_level = 3.6
queue_directory = {state}/queue
data_directory = {state}/postfix-data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.devmail.example
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
relay_domains = example
relay_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:no such place
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
disable_dns_lookups = yes
message_size_limit = 104857600
mailbox_size_limit = 0
smtpd_tls_cert_file = {state}/cert.pem
smtpd_tls_key_file = {state}/key.pem
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {state}/sasl
maillog_file = {state}/postfix.log
maillog_file_prefixes = {state}
"
        );
        write_as_root(&config.join("main.cf"), &main);
        write_as_root(&config.join("master.cf"), &listeners(smtp, smtps, &services));
        let mut command = as_root("setpriv");
        // its children end by themselves without it; a TERM it may outlive
        command.args(["--pdeathsig", "KILL", POSTFIX, "-d", "-c"]).arg(&config);
        (command, [(smtp, "220"), (smtps, "")].to_vec())
    })
}

fn listeners(smtp: u16, smtps: u16, services: &str) -> String {
    format!(
        "127.0.0.1:{smtp} inet n - n - - smtpd\n\
         127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n{services}"
    )
}

const SERVICES: &str = "pickup unix n - n 60 1 pickup
    cleanup unix n - n - 0 cleanup
    qmgr unix n - n 300 1 qmgr
    rewrite unix - - n - - trivial-rewrite
    bounce unix - - n - 0 bounce
    defer unix - - n - 0 bounce
    trace unix - - n - 0 bounce
    flush unix n - n 1000? 0 flush
    tlsmgr unix - - n 1000? 1 tlsmgr
    proxymap unix - - n - - proxymap
    error unix - - n - - error
    retry unix - - n - - error
    lmtp unix - - n - - lmtp
    anvil unix - - n - 1 anvil
    postlog unix-dgram n - n - 1 postlogd";

/// Starts a server on free ports. Somebody else may take a port between looking and listening, so that
/// it is tried again with others.
fn start<const N: usize>(
    name: &str,
    log: &Path,
    prepare: impl Fn([u16; N]) -> (Command, Vec<(u16, &'static str)>),
) -> (Child, [u16; N]) {
    for _ in 0..5 {
        let listeners: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
        let ports = listeners.each_ref().map(|listener| listener.local_addr().unwrap().port());
        drop(listeners);
        let (mut command, greetings) = prepare(ports);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name} does not start ({error}): {INSTALL}"));
        if is_up(&mut child, &greetings) {
            return (child, ports);
        }
        end(&mut child);
        let mut said = String::new();
        if let Some(mut stderr) = child.stderr.take() {
            stderr.read_to_string(&mut said).unwrap();
        }
        assert!(!said.contains("No such file or directory"), "{name} does not start: {said}: {INSTALL}");
        eprintln!("{name} did not come up: {said}{}", fs::read_to_string(log).unwrap_or_default());
    }
    panic!("{name} does not start; see above");
}

fn is_up(child: &mut Child, greetings: &[(u16, &str)]) -> bool {
    for _ in 0..PATIENCE.as_millis() / STEP.as_millis() {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if greetings.iter().all(|(port, greeting)| greets(*port, greeting)) {
            return true;
        }
        std::thread::sleep(STEP * 2);
    }
    false
}

fn greets(port: u16, greeting: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut heard = vec![0; greeting.len()];
    stream.read_exact(&mut heard).is_ok() && heard == greeting.as_bytes()
}

fn end(child: &mut Child) {
    if matches!(child.try_wait(), Ok(None)) {
        // the group: Postfix's own children do not all end with it
        let group = format!("-{}", child.id());
        let _ = as_root("kill").args(["-TERM", "--", &group]).stderr(Stdio::null()).status();
        let _ = child.wait();
    }
}

fn make_certificate(root: &Path) -> String {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout"])
        .arg(root.join("key.pem"))
        .arg("-out")
        .arg(root.join("cert.pem"))
        .output()
        .unwrap_or_else(|error| panic!("openssl does not start ({error}): tests/run installs it"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let print = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(root.join("cert.pem"))
        .output()
        .unwrap();
    let print = String::from_utf8(print.stdout).unwrap();
    print.trim().rsplit('=').next().unwrap().replace(':', "").to_lowercase()
}

fn count_files(folder: &Path) -> usize {
    fs::read_dir(folder).into_iter().flatten().count()
}
