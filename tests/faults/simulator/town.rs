//! Dana's town: people who write, a server with faults on order, and the real service under a clock that
//! moves by the script.

use std::collections::BTreeMap;
use std::sync::Arc;

use checkback::config::{LogSent, Mode, SentCopy};
use checkback::domain::delivery::Errand;
use checkback::sandbox::{Fault, ImapEffect, SentCopy as ServerCopy, SmtpEffect, SmtpStage, Verb};
use checkback::service::sync::sync;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::sync::Notify;

use super::script::{Dice, Step, What};
use crate::edges;
use crate::house::House;
use crate::ledger::{field, ledger};
use crate::mail::Mail;

const RECRUITERS: [(&str, &str); 6] = [
    ("Rita Holm", "rita@brightstaff.example"),
    ("Jonas Beck", "jonas@talentwerk.example"),
    ("Mia Lang", "mia@codehire.example"),
    ("Omar Aziz", "omar@stackpeople.example"),
    ("Lucy Wren", "lucy@wrensearch.example"),
    ("Ivan Petrov", "ivan@northhire.example"),
];
const FOLDERS: [&str; 3] = ["INBOX", "Sent", "Archive"];

/// The world of one script.
pub struct Town {
    pub house: House,
    /// Further mails to a recipient that nothing could prevent: what it got before left no trace that a
    /// restored or lost database could find.
    pub excused: BTreeMap<(String, String), usize>,
    /// Whether the database was ever put back or lost.
    pub set_back: bool,
    /// Who answered an outreach that was logged.
    pub replied: Vec<String>,
    /// How often the program was killed.
    pub kills: usize,
    killed: Arc<Notify>,
    backup: Option<TempDir>,
    /// Latest mail of each recruiter: folder and UID.
    latest: BTreeMap<u16, (String, u32)>,
    asked: BTreeMap<u16, String>,
    count: u32,
}

/// Who may get an answer by machine.
pub fn is_recruiter(address: &str) -> bool {
    RECRUITERS.iter().any(|(_, known)| *known == address)
}

impl Town {
    /// A town whose setup follows from the seed.
    pub async fn new(seed: u64) -> Self {
        let mut dice = Dice(!seed);
        let (copies, drafts, delay) = (dice.below(4), dice.below(6) == 0, dice.below(2));
        let house = House::with(|config, world| {
            let account = &mut config.accounts[0];
            (account.sent_copy, world.user_mut("dana").unwrap().sent_copy) = match copies {
                0 => (SentCopy::Server, Some(ServerCopy::AsSent)),
                1 => (SentCopy::Server, Some(ServerCopy::NewMessageId)),
                _ => (SentCopy::Append, None),
            };
            config.auto_reply.mode = if drafts { Mode::Draft } else { Mode::Send };
            config.auto_reply.delay = SignedDuration::from_mins(15 * delay as i64);
            config.outreach.log_sent = LogSent::AllNewThreads;
        })
        .await;
        // what is lost with the machine's power is another test's matter
        house.workspace.store().read().pragma_update(None, "synchronous", "OFF").unwrap();
        Self {
            house,
            excused: BTreeMap::new(),
            set_back: false,
            replied: Vec::new(),
            kills: 0,
            killed: Arc::new(Notify::new()),
            backup: None,
            latest: BTreeMap::new(),
            asked: BTreeMap::new(),
            count: 0,
        }
    }

    /// Carries out one step.
    pub async fn step(&mut self, step: Step) {
        self.count += 1;
        let Step { what, a, b, c } = step;
        match what {
            What::Pitch => self.pitch(a, false),
            What::Nameless => self.pitch(a, true),
            What::Away => self.machine(a, "Out of office: away", "I am away until Monday.", "auto-replied"),
            What::Bounce => self.bounce(a),
            What::News => self.news(),
            What::Forged => self.forged(a),
            What::Poison => drop(self.house.world().deliver("dana", "INBOX", b"\xff\xfe\0\0garbage\0", None).unwrap()),
            What::ByHand => self.by_hand(a),
            What::Asks => self.asks(a),
            What::Replies => self.replies(a),
            What::Own => {
                let purpose = format!("own {}", self.count);
                edges::queue(&self.house, Errand::Own, &friend(a), &purpose);
            }
            What::Move | What::Label | What::Remove | What::Again => self.handle(what, a),
            What::Renumber => {
                let folder = FOLDERS[usize::from(a) % FOLDERS.len()];
                let world = self.house.world();
                world.set_uid_validity("dana", folder, 1_000_000 + self.count).unwrap();
                self.latest.retain(|_, (lies_in, _)| lies_in != folder);
            }
            What::Imap => self.house.world().inject(imap_fault(a, b, c)),
            What::Smtp => self.house.world().inject(smtp_fault(a, b)),
            What::Kill => {
                let killed = Arc::clone(&self.killed);
                let fault = Fault::imap(Verb::Any).nth(u32::from(a)).run(move |_| killed.notify_one());
                self.house.world().inject(fault);
            }
            What::KillAt => {
                let killed = Arc::clone(&self.killed);
                self.house.world().inject(Fault::smtp(stage(a)).run(move |_| killed.notify_one()));
            }
            What::Wait => self.house.advance(SignedDuration::from_hours(i64::from(a))),
            What::Back => self.house.advance(-SignedDuration::from_hours(i64::from(a))),
            What::Sync => self.sync().await,
            What::Backup => self.backup = Some(self.house.backup()),
            What::Restore => {
                if let Some(backup) = self.backup.take() {
                    self.excuse_what_left_no_trace();
                    self.house.restore(&backup);
                    self.backup = Some(backup);
                }
            }
            What::Forget => {
                self.excuse_what_left_no_trace();
                self.backup = None;
                self.house.forget();
            }
        }
    }

    /// One run of the program, which may be killed in the middle.
    pub async fn sync(&mut self) {
        let outcome = tokio::select! {
            biased;
            () = self.killed.notified() => None,
            outcome = sync(&self.house.workspace, None) => Some(outcome),
        };
        match outcome {
            Some(outcome) => drop(outcome.unwrap()),
            None => {
                self.kills += 1;
                self.house.restart(|_| ());
            }
        }
    }

    /// All that is wrong with the servers ends, and days pass.
    pub async fn heal(&mut self) {
        self.house.world().clear_faults();
        self.killed = Arc::new(Notify::new());
        for hours in [1, 3, 12, 12, 24, 24, 24, 24, 24] {
            self.sync().await;
            self.house.advance(SignedDuration::from_hours(hours));
        }
        self.sync().await;
    }

    fn pitch(&mut self, n: u16, nameless: bool) {
        let (name, address) = RECRUITERS[usize::from(n) % RECRUITERS.len()];
        let mail = Mail::pitch_from(name, address).dated(&self.date());
        let mail = match nameless {
            true => mail.without("Message-ID"),
            false => mail.set("Message-ID", &format!("<pitch-{}-{address}>", self.count)),
        };
        let uid = self.house.deliver(&mail);
        self.latest.insert(n, ("INBOX".to_owned(), uid));
    }

    fn machine(&mut self, n: u16, subject: &str, text: &str, automatic: &str) {
        let (name, address) = RECRUITERS[usize::from(n) % RECRUITERS.len()];
        let id = format!("machine-{}@mx.example", self.count);
        let mail = Mail::to_dana(&id, &format!("{name} <{address}>"), subject, &format!("{text}\r\n"));
        self.house.deliver(&mail.dated(&self.date()).set("Auto-Submitted", automatic));
    }

    fn bounce(&mut self, n: u16) {
        let (_, address) = RECRUITERS[usize::from(n) % RECRUITERS.len()];
        let text = format!("<{address}>: host mx said: 550 5.1.1 no such user\r\n");
        let from = "Mail Delivery System <MAILER-DAEMON@mx.example>";
        let id = format!("dsn-{}@mx.example", self.count);
        let mail = Mail::to_dana(&id, from, "Undelivered Mail Returned to Sender", &text).set("Return-Path", "<>");
        self.house.deliver(&mail.dated(&self.date()).set("Auto-Submitted", "auto-replied"));
    }

    fn news(&mut self) {
        let id = format!("news-{}@jobs.example", self.count);
        let mail = Mail::to_dana(&id, "Jobs <no-reply@jobs.example>", "Rust jobs of the week", "Apply now.\r\n");
        self.house.deliver(&mail.dated(&self.date()).set("List-Id", "<weekly.jobs.example>"));
    }

    fn forged(&mut self, n: u16) {
        let Some(id) = self.latest_text(n).and_then(|mail| field(&mail, "Message-ID")) else { return };
        let mail = Mail::to_dana("x@y", "Eve <eve@elsewhere.example>", "Hello", "Just saying hello.\r\n");
        self.house.deliver(&mail.set("Message-ID", &id).dated(&self.date()));
    }

    fn by_hand(&mut self, n: u16) {
        let (_, address) = RECRUITERS[usize::from(n) % RECRUITERS.len()];
        let id = format!("by-hand-{}@devmail.example", self.count);
        let mail = Mail::by_dana(&id, address, "Re: your mail", "No, thank you.\r\n").dated(&self.date());
        let parent = self.latest_text(n).and_then(|mail| field(&mail, "Message-ID"));
        let mail = match parent {
            Some(parent) => mail.answering(parent.trim_matches(['<', '>'])),
            None => mail,
        };
        self.house.put("Sent", &mail);
    }

    fn asks(&mut self, n: u16) {
        if self.asked.contains_key(&n) {
            return;
        }
        let id = format!("ask-{}@devmail.example", self.count);
        let subject = format!("A question about query planner number {}", self.count);
        let mail = Mail::by_dana(&id, &friend(n), &subject, "How did you solve it?\r\n").dated(&self.date());
        self.house.put("Sent", &mail);
        self.asked.insert(n, id);
    }

    fn replies(&mut self, n: u16) {
        let Some(asked) = self.asked.get(&n) else { return };
        let (from, id) = (format!("Friend <{}>", friend(n)), format!("reply-{}@people{n}.example", self.count));
        let mail = Mail::to_dana(&id, &from, "Re: A question", "With patience.\r\n").dated(&self.date());
        self.house.deliver(&mail.answering(asked));
        self.replied.push(friend(n));
    }

    fn handle(&mut self, what: What, n: u16) {
        let Some((folder, uid)) = self.latest.get(&n).cloned() else { return };
        let world = self.house.world();
        match what {
            What::Move if folder == "INBOX" => {
                let uid = world.move_message("dana", &folder, uid, "Archive").unwrap();
                self.latest.insert(n, ("Archive".to_owned(), uid));
            }
            What::Label => drop(world.edit(|world| world.copy_message("dana", &folder, uid, "Archive")).unwrap()),
            What::Remove => {
                world.expunge("dana", &folder, uid).unwrap();
                self.latest.remove(&n);
            }
            What::Again => {
                let bytes = self.latest_text(n).unwrap();
                world.deliver("dana", "INBOX", bytes.as_bytes(), None).unwrap();
            }
            _ => {}
        }
    }

    fn latest_text(&self, n: u16) -> Option<String> {
        let (folder, uid) = self.latest.get(&n)?;
        self.house.world().edit(|world| {
            let mail = world.message("dana", folder, *uid).ok()?;
            Some(String::from_utf8_lossy(&mail.bytes).into_owned())
        })
    }

    /// What was taken and lies nowhere can be known only by the database that is about to be lost.
    fn excuse_what_left_no_trace(&mut self) {
        self.set_back = true;
        let sent = self.house.folder("Sent").join("\n");
        for ((to, purpose), count) in ledger(&self.house.sent()) {
            let trace = sent.lines().any(|line| line.starts_with("To:") && line.contains(&to))
                && sent.contains(if purpose == "check-back" { "Feel free to check back" } else { &purpose });
            if !trace {
                self.excused.insert((to, purpose), count);
            }
        }
    }

    fn date(&self) -> String {
        rfc2822(self.house.now())
    }
}

fn rfc2822(at: Timestamp) -> String {
    jiff::fmt::rfc2822::to_string(&at.to_zoned(jiff::tz::TimeZone::UTC)).unwrap()
}

fn friend(n: u16) -> String {
    format!("friend@people{n}.example")
}

fn imap_fault(verb: u16, effect: u16, nth: u16) -> Fault {
    use Verb::{Append, Connect, Examine, Fetch, List, Login, Search};
    let verbs = [Connect, Login, List, Examine, Fetch, Fetch, Fetch, Search, Append];
    let verb = verbs[usize::from(verb) % verbs.len()];
    let effect = match effect % 10 {
        0 => ImapEffect::No("[UNAVAILABLE] later".to_owned()),
        1 => ImapEffect::Bad("what".to_owned()),
        2 => ImapEffect::Bye("closing".to_owned()),
        3 => ImapEffect::Cut,
        4 => ImapEffect::CutAfter(usize::from(nth) * 173),
        5 => ImapEffect::EmptyOk,
        6 => ImapEffect::Withhold((1..20).filter(|uid| uid % 2 == u32::from(nth % 2)).collect()),
        7 => ImapEffect::NoAfter(1),
        8 => ImapEffect::Garbage(b"* 1 FETCH (UID ((((\r\n".to_vec()),
        _ => ImapEffect::Garbage(b"* 9 FETCH (UID 99 BODY[] {3}\r\nabc)\r\n".to_vec()),
    };
    Fault::imap(verb).nth(u32::from(nth)).then(effect)
}

fn stage(n: u16) -> SmtpStage {
    use SmtpStage::{AfterBody, Auth, Body, Connect, Data, Mail, Quit, Rcpt};
    // after the body is where nobody can know
    let late = [AfterBody; 5];
    let early = [Connect, Auth, Mail, Rcpt, Data, Body(0), Body(60), Quit];
    let stages: Vec<SmtpStage> = early.into_iter().chain(late).collect();
    stages[usize::from(n) % stages.len()]
}

fn smtp_fault(at: u16, effect: u16) -> Fault {
    let effect = match effect % 7 {
        0 => SmtpEffect::Reply("451 4.3.0 later".to_owned()),
        1 => SmtpEffect::Reply("550 5.7.1 not from you".to_owned()),
        2 => SmtpEffect::ReplyThenCut("421 4.3.2 closing".to_owned()),
        3 => SmtpEffect::Cut,
        4 => SmtpEffect::Reply("550 5.4.5 daily sending limit exceeded".to_owned()),
        _ => SmtpEffect::AcceptThenCut,
    };
    Fault::smtp(stage(at)).then(effect)
}
