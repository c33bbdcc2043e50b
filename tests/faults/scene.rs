//! One moment of Dana's mailbox with every way in which mail leaves it, as the killed program meets it:
//! two pitches to answer, one that is held, a mail that a person asked for and one to herself.

use std::path::PathBuf;

use checkback::clock;
use checkback::domain::delivery::Errand;
use checkback::domain::ident::{Address, DedupeKey, NamedAddress};
use checkback::sandbox::{Sandbox, World};
use checkback::store::apply::{self, NewMail, Pursuit};
use checkback::store::{Store, StoreError};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::house::add_user;
use super::ledger::{Ledger, field, ledger};
use super::mail::Mail;
use super::program::{Program, Settings};

/// How Dana's workspace and her server are set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    /// Answers are sent; the program puts the copies into Sent.
    Append,
    /// Answers are sent; the server makes the copies.
    Server,
    /// Answers are put into Drafts.
    Draft,
}

impl Setup {
    fn settings(self) -> Settings {
        let account = if self == Self::Server { "sent_copy = \"server\"" } else { "sent_copy = \"append\"" };
        let rest = match self {
            Self::Draft => "[auto_reply]\nmode = \"draft\"\ndelay = \"0s\"",
            _ => "[auto_reply]\nmode = \"send\"\ndelay = \"0s\"",
        };
        Settings { account, rest }
    }
}

/// A workspace after its first start and with mail to send, from which any number of scenes begin.
pub struct Stage {
    pub runtime: Runtime,
    setup: Setup,
    data: TempDir,
}

/// The server with the mail that came, and the program as it finds it.
pub struct Scene {
    pub sandbox: Sandbox,
    pub program: Program,
    setup: Setup,
}

/// Whom the answers go to.
pub const RECRUITERS: [&str; 2] = ["rita.holm@brightstaff.example", "jonas@talentwerk.example"];
/// Whom the mail goes to that a person asked for.
pub const FRIEND: &str = "mia@friends.example";
const DANA: &str = "dana@devmail.example";

impl Stage {
    /// Does the first start.
    pub fn new(setup: Setup) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(world(setup))).unwrap();
        let program = Program::new(&sandbox, setup.settings());
        let first = program.run(&["sync"]);
        assert!(first.status.success(), "{first:?}");
        queue(&program.data());
        let data = TempDir::new().unwrap();
        super::program::copy_folder(&program.data(), data.path());
        Self { runtime, setup, data }
    }

    /// A fresh server and a fresh copy of the workspace.
    pub fn scene(&self) -> Scene {
        let mut world = world(self.setup);
        for mail in mails() {
            world.deliver("dana", "INBOX", &mail.bytes(), None).unwrap();
        }
        let sandbox = self.runtime.block_on(Sandbox::start(world)).unwrap();
        let program = Program::from(self.data.path(), &sandbox, self.setup.settings());
        Scene { sandbox, program, setup: self.setup }
    }
}

impl Scene {
    /// Runs `sync` until nothing is left to do.
    pub fn run_until_quiet(&self) {
        for _ in 0..6 {
            let run = self.program.run(&["sync"]);
            assert!(run.status.success(), "{run:?}");
            let busy = "SELECT state FROM outbox WHERE state IN ('queued', 'claimed', 'sending') OR copy = 'due'";
            if self.program.texts(busy).is_empty() {
                return;
            }
        }
        panic!("the outbox never rests: {:?}", self.program.texts("SELECT state || copy || because FROM outbox"));
    }

    /// What the server took.
    pub fn taken(&self) -> Ledger {
        ledger(&self.sandbox.world().accepted())
    }

    /// What must have come to pass in the end; `elsewhere` is what another server took before. Returns how
    /// many mails are of unknown fate.
    ///
    /// Nothing may be doubled. What nobody got must be held as of unknown fate and told. Where nothing
    /// happened elsewhere, Sent and Drafts hold each mail once.
    pub fn check(&self, elsewhere: &Ledger) -> usize {
        let mut taken = self.taken();
        for (what, count) in elsewhere {
            *taken.entry(what.clone()).or_default() += count;
        }
        let doubled: Vec<_> = taken.iter().filter(|(_, count)| **count > 1).collect();
        assert!(doubled.is_empty(), "sent twice: {doubled:?}");
        let unknown = self.program.texts("SELECT recipient FROM outbox WHERE state = 'unknown' ORDER BY id");
        let mut expected = vec![FRIEND, DANA];
        if self.setup != Setup::Draft {
            expected.extend(RECRUITERS);
        }
        for person in &expected {
            let got = taken.keys().any(|(to, _)| to == person);
            assert!(got || unknown.iter().any(|to| to == person), "{person} got nothing and nobody was told");
        }
        let strangers: Vec<_> = taken.keys().filter(|(to, _)| !expected.contains(&to.as_str())).collect();
        assert!(strangers.is_empty(), "nobody asked for mail to {strangers:?}");
        assert_eq!(self.program.texts("SELECT state FROM outbox WHERE state = 'held'").len(), 1, "the held one");
        let told = self.program.run(&["--json", "review"]);
        let told = String::from_utf8(told.stdout).unwrap();
        // nobody is asked about mail to herself: the next one comes tomorrow
        for to in unknown.iter().filter(|to| *to != DANA) {
            assert!(told.contains(to.as_str()), "{to} is of unknown fate, and review does not say so: {told}");
        }
        if elsewhere.is_empty() {
            self.check_folders(&unknown);
        }
        unknown.len()
    }

    fn check_folders(&self, unknown: &[String]) {
        for folder in ["Sent", "Drafts"] {
            let ids: Vec<String> = self.folder(folder).iter().map(|mail| field(mail, "Message-ID").unwrap()).collect();
            let mut once = ids.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), ids.len(), "{folder} holds a mail twice");
        }
        let drafts = if self.setup == Setup::Draft { 2 } else { 0 };
        assert_eq!(self.folder("Drafts").len(), drafts);
        if self.setup == Setup::Append {
            let sent = "SELECT recipient FROM outbox WHERE state = 'sent' AND errand <> 'digest'";
            assert_eq!(self.folder("Sent").len(), self.program.texts(sent).len(), "{unknown:?}");
        }
    }

    /// The mails in a folder, as text.
    pub fn folder(&self, name: &str) -> Vec<String> {
        self.sandbox.world().edit(|world| {
            let folder = world.folder("dana", name).unwrap();
            folder.messages.iter().map(|mail| String::from_utf8_lossy(&mail.bytes).into_owned()).collect()
        })
    }
}

fn world(setup: Setup) -> World {
    let mut world = World::new(clock::now);
    add_user(&mut world, "dana", &[DANA]);
    if setup == Setup::Server {
        world.user_mut("dana").unwrap().sent_copy = Some(checkback::sandbox::SentCopy::AsSent);
    }
    world
}

fn mails() -> [Mail; 3] {
    let now = jiff::fmt::rfc2822::to_string(&clock::now().to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
    [
        Mail::pitch().dated(&now),
        Mail::pitch_from("Jonas Beck", RECRUITERS[1]).dated(&now),
        // somebody else's, or it would count as answered with Rita's
        Mail::read("pitches/vague.eml")
            .set("Return-Path", "<vera@peoplehouse.example>")
            .set("From", "Vera Lund <vera@peoplehouse.example>")
            .set("Authentication-Results", "mx.devmail.example; dmarc=pass header.from=peoplehouse.example")
            .dated(&now),
    ]
}

/// What a person asked for, and the mail to Dana herself.
fn queue(data: &std::path::Path) {
    let mut store = Store::open(&PathBuf::from(data).join("checkback.db")).unwrap();
    let now = clock::now();
    for (errand, to, purpose) in [(Errand::Own, FRIEND, "hello"), (Errand::Digest, DANA, "daily")] {
        let address = Address::parse(to).unwrap();
        let key = DedupeKey::new("personal", purpose, &address, purpose, 0, 0);
        let mail = NewMail {
            message_id: key.message_id(b"a secret of the test's own", "devmail.example"),
            key,
            account: 1,
            errand,
            purpose: purpose.to_owned(),
            mode: "send",
            inquiry: None,
            sender: NamedAddress { name: None, address: Address::parse(DANA).unwrap() },
            recipient: NamedAddress { name: None, address },
            subject: format!("About {purpose}"),
            text: "A few words.\n".to_owned(),
            html: None,
            in_reply_to: None,
            references: Vec::new(),
            held: None,
            due_at: now,
            marks: Vec::new(),
            root: purpose.to_owned(),
            pursuit: if errand == Errand::Own { Pursuit::Begins { sequence: None } } else { Pursuit::None },
        };
        store.write::<_, StoreError>(|tx| apply::write_mail(tx, &mail, now)).unwrap().unwrap();
    }
}
