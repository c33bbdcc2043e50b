//! Dana's town: people who write, a server with faults on order, and the real service under a clock that
//! moves by the script.

use std::collections::BTreeMap;
use std::sync::Arc;

use checkback::config::{LogSent, Mode, PasswordSource, SentCopy};
use checkback::domain::asked::Request;
use checkback::domain::delivery::Errand;
use checkback::domain::duration::Span;
use checkback::domain::ident::{Address, NamedAddress};
use checkback::domain::sequence::{Action, Only, Sequence, When};
use checkback::sandbox::{Fault, SentCopy as ServerCopy, Verb};
use checkback::service::{asked, sync::sync};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::sync::Notify;

use super::blows::{imap_fault, smtp_fault, stage};
use super::script::{Dice, Step, What};
use crate::edges;
use crate::house::{House, add_user};
use crate::ledger::{ledger, purpose};

pub(super) const RECRUITERS: [(&str, &str); 6] = [
    ("Rita Holm", "rita@brightstaff.example"),
    ("Jonas Beck", "jonas@talentwerk.example"),
    ("Mia Lang", "mia@codehire.example"),
    ("Omar Aziz", "omar@stackpeople.example"),
    ("Lucy Wren", "lucy@wrensearch.example"),
    ("Ivan Petrov", "ivan@northhire.example"),
];
const FOLDERS: [&str; 3] = ["INBOX", "Sent", "Archive"];
/// What the subject of every mail says by which Dana asks from her mail program.
pub const ASKED_BY_HAND: &str = "query planner number";

/// A mail that a server took.
#[derive(Debug)]
pub struct Taken {
    pub to: String,
    pub purpose: String,
    /// Marked as written by a machine.
    pub automatic: bool,
    /// The person had written to Dana since they got the first mail of this thread, and before the program ran.
    pub had_written: bool,
    /// The person had got another mail on that day of Dana's.
    pub second_of_the_day: bool,
    at: Timestamp,
}

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
    /// What the sending server took, in order.
    pub taken: Vec<Taken>,
    /// Who wrote by hand, and how many mails had been taken by then.
    pub(super) wrote: Vec<(String, usize)>,
    /// What Dana sent from her mail program: to whom and when.
    pub(super) by_hand: Vec<(String, Timestamp)>,
    /// How often the program was killed.
    pub kills: usize,
    killed: Arc<Notify>,
    backup: Option<TempDir>,
    /// Latest mail of each recruiter: folder and UID.
    pub(super) latest: BTreeMap<u16, (String, u32)>,
    pub(super) asked: BTreeMap<u16, String>,
    pub(super) count: u32,
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
        let (two, action) = (dice.below(4) == 0, dice.below(4));
        // a shell for each password would take most of the time
        let (variable, password) = ("PATH", std::env::var("PATH").unwrap());
        let house = House::with(|config, world| {
            config.accounts[0].auth.password = PasswordSource::Env(variable.to_owned());
            if two {
                let mut second = config.accounts[0].clone();
                (second.name, second.aliases) = ("work".to_owned(), Vec::new());
                second.email = Address::parse("reyes@devmail.example").unwrap();
                second.auth.username = "reyes".to_owned();
                config.accounts.push(second);
                add_user(world, "reyes", &["reyes@devmail.example"]);
            }
            for (account, user) in config.accounts.iter_mut().zip(["dana", "reyes"]) {
                let user = world.user_mut(user).unwrap();
                user.password.clone_from(&password);
                (account.sent_copy, user.sent_copy) = match copies {
                    0 => (SentCopy::Server, Some(ServerCopy::AsSent)),
                    1 => (SentCopy::Server, Some(ServerCopy::NewMessageId)),
                    _ => (SentCopy::Append, None),
                };
            }
            config.auto_reply.mode = if drafts { Mode::Draft } else { Mode::Send };
            config.auto_reply.delay = SignedDuration::from_mins(15 * delay as i64);
            config.outreach.log_sent = LogSent::AllNewThreads;
            config
                .sequences
                .insert(sequence([Action::Send, Action::Send, Action::Draft, Action::Remind][action as usize]));
            config.follow_up.sequence = Some("nudges".to_owned());
        })
        .await;
        let town = Self {
            house,
            excused: BTreeMap::new(),
            set_back: false,
            replied: Vec::new(),
            taken: Vec::new(),
            wrote: Vec::new(),
            by_hand: Vec::new(),
            kills: 0,
            killed: Arc::new(Notify::new()),
            backup: None,
            latest: BTreeMap::new(),
            asked: BTreeMap::new(),
            count: 0,
        };
        town.forget_about_power();
        town
    }

    /// The names of the accounts.
    pub fn accounts(&self) -> impl Iterator<Item = String> {
        let names: Vec<String> = self.house.workspace.config.accounts.iter().map(|one| one.name.clone()).collect();
        names.into_iter()
    }

    /// Whether Dana asked this person from her mail program.
    pub fn asked_by_hand(&self, person: &str) -> bool {
        self.asked.keys().any(|n| friend(*n) == person)
    }

    /// What is lost with the machine's power is another test's matter.
    fn forget_about_power(&self) {
        self.house.workspace.store().read().pragma_update(None, "synchronous", "OFF").unwrap();
    }

    /// Carries out one step.
    pub async fn step(&mut self, step: Step) {
        self.count += 1;
        let Step { what, a, b, c } = step;
        match what {
            What::Pitch => self.pitch(a, false, self.is_second(b), false),
            What::Nameless => self.pitch(a, true, false, false),
            What::Both => self.pitch(a, false, false, self.accounts().count() > 1),
            What::Away => self.machine(a, "Out of office: away", "I am away until Monday.", "auto-replied"),
            What::Bounce => self.bounce(a),
            What::News => self.news(),
            What::Forged => self.forged(a),
            What::Poison => drop(self.house.world().deliver("dana", "INBOX", b"\xff\xfe\0\0garbage\0", None).unwrap()),
            What::ByHand => self.by_hand(a),
            What::Asks => self.asks(a),
            What::Replies => self.replies(a),
            What::Stray => self.stray(a),
            What::FriendAway => self.friend_away(a),
            What::Send => self.send(a, b).await,
            What::Nudge => self.nudge(a, 1 + b % 2).await,
            // before the first read there is no account to send from
            What::Own if self.house.count("SELECT count(*) FROM account") == 0 => {}
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
            What::Days => {
                for _ in 0..a {
                    self.next_morning();
                    self.sync().await;
                }
            }
            What::Back => self.house.advance(-SignedDuration::from_hours(i64::from(a))),
            What::Sync => self.sync().await,
            What::Backup => self.backup = Some(self.house.backup()),
            What::Restore => {
                if let Some(backup) = self.backup.take() {
                    self.excuse_what_left_no_trace();
                    self.house.restore(&backup);
                    self.forget_about_power();
                    self.backup = Some(backup);
                }
            }
            What::Forget => {
                self.excuse_what_left_no_trace();
                self.backup = None;
                self.house.forget();
                self.forget_about_power();
            }
        }
    }

    /// One run of the program, which may be killed in the middle.
    pub async fn sync(&mut self) {
        let outcome = tokio::select! {
            biased;
            () = self.killed.notified() => None,
            outcome = sync(&self.house.workspace, None) => Some(outcome.map(drop)),
        };
        self.ended(outcome);
    }

    /// Dana's command to send a mail; given again it says the same, and often she insists where something speaks
    /// against it.
    async fn send(&mut self, n: u16, b: u16) {
        let subject = if b.is_multiple_of(2) { "A question about query planners" } else { "Engineer at Bigcorp" };
        let left = self.taken.iter().any(|taken| taken.to == friend(n) && taken.purpose == subject);
        let value = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let vars = match b % 2 {
            0 => vec![value("topic", "query planners"), value("why", "Your talk on joins stayed with me.")],
            _ => vec![
                value("company", "Bigcorp"),
                value("role", "Engineer"),
                value("hello", "We met at the meetup in May."),
                value("why", "I have done this for five years."),
            ],
        };
        let request = Request {
            template: if b.is_multiple_of(2) { "coffee" } else { "referral" }.to_owned(),
            to: NamedAddress { name: Some("Kim Roth".to_owned()), address: Address::parse(&friend(n)).unwrap() },
            account: None,
            subject: None,
            vars: vars.into_iter().collect(),
            sequence: None,
            draft: false,
            again: false,
            // who insists on a mail that left already wants it twice
            anyway: !b.is_multiple_of(4) && !left,
            tags: Vec::new(),
            drawn_from: None,
        };
        let outcome = tokio::select! {
            biased;
            () = self.killed.notified() => None,
            outcome = asked::alone(&self.house.workspace, &request) => Some(outcome.map(drop)),
        };
        self.ended(outcome);
    }

    /// Dana sends the follow-up that she is reminded of, by one command or by two.
    async fn nudge(&mut self, n: u16, times: u16) {
        let due = format!(
            "SELECT CAST(follow_up.outreach AS TEXT) FROM follow_up JOIN outreach_person USING (outreach)
             WHERE state = 'due' AND key = '{}' ORDER BY 1 LIMIT 1",
            friend(n)
        );
        let Some(outreach) = self.house.texts(&due).first().map(|id| id.parse().unwrap()) else { return };
        for _ in 0..times {
            let now = self.house.now();
            let workspace = &self.house.workspace;
            // the second command may find nothing left to do
            let _said = workspace.app().follow_up_send(&mut workspace.store(), outreach, &Default::default(), now);
            self.sync().await;
        }
    }

    fn ended(&mut self, outcome: Option<anyhow::Result<()>>) {
        match outcome {
            Some(outcome) => outcome.unwrap(),
            None => {
                self.kills += 1;
                self.house.restart(|_| ());
                self.forget_about_power();
            }
        }
        self.look_at_what_was_taken();
    }

    fn look_at_what_was_taken(&mut self) {
        let at = self.house.now();
        for mail in self.house.sent().into_iter().skip(self.taken.len()) {
            let to = mail.rcpt_to.first().cloned().unwrap_or_default();
            let day = |at: Timestamp| at.to_zoned(self.house.workspace.config.timezone.clone()).date();
            let before = self.taken.iter().map(|taken| (&taken.to, taken.at));
            let by_hand = self.by_hand.iter().map(|(to, at)| (to, *at));
            let second_of_the_day = before.chain(by_hand).any(|(who, when)| *who == to && day(when) == day(at));
            let what = purpose(&mail.data);
            let thread = what.split_once(" of Re: ").map_or(what.as_str(), |(_, subject)| subject);
            let first = self.taken.iter().position(|taken| taken.to == to && taken.purpose == thread);
            let since = |taken_by_then: usize| first.is_some_and(|first| taken_by_then > first);
            self.taken.push(Taken {
                had_written: self.wrote.iter().any(|(who, then)| *who == to && since(*then)),
                purpose: what,
                automatic: String::from_utf8_lossy(&mail.data).contains("Auto-Submitted: auto-"),
                second_of_the_day,
                at,
                to,
            });
        }
    }

    fn next_morning(&mut self) {
        let here = self.house.now().to_zoned(self.house.workspace.config.timezone.clone());
        let morning = here.date().tomorrow().unwrap().at(9, 30, 0, 0).to_zoned(here.time_zone().clone()).unwrap();
        self.house.advance(morning.timestamp().duration_since(self.house.now()));
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

    pub(super) fn latest_text(&self, n: u16) -> Option<String> {
        let (folder, uid) = self.latest.get(&n)?;
        self.house.world().edit(|world| {
            let mail = world.message("dana", folder, *uid).ok()?;
            Some(String::from_utf8_lossy(&mail.bytes).into_owned())
        })
    }

    /// What was taken and lies nowhere can be known only by the database that is about to be lost.
    fn excuse_what_left_no_trace(&mut self) {
        self.set_back = true;
        let users = self.accounts().map(|account| super::laws::user_of(&account));
        let sent: Vec<String> = users.flat_map(|user| self.house.folder_of(user, "Sent")).collect();
        for ((to, what), count) in ledger(&self.house.sent()) {
            let trace = sent.iter().any(|mail| {
                let addressed = mail.lines().any(|line| line.starts_with("To:") && line.contains(&to));
                addressed && purpose(mail.as_bytes()) == what
            });
            if !trace {
                self.excused.insert((to, what), count);
            }
        }
    }

    pub(super) fn date(&self) -> String {
        rfc2822(self.house.now())
    }
}

fn rfc2822(at: Timestamp) -> String {
    jiff::fmt::rfc2822::to_string(&at.to_zoned(jiff::tz::TimeZone::UTC)).unwrap()
}

/// Address of friend `n`.
pub(super) fn friend(n: u16) -> String {
    format!("friend@people{n}.example")
}

/// Two nudges that the machine sends, puts into Drafts or reminds of.
fn sequence(action: Action) -> Sequence {
    let step = |days, n: u32| checkback::domain::sequence::Step {
        when: When::Touch(Span::BusinessDays(days)),
        only: Only::default(),
        template: format!("cold-nudge-{n}"),
        action,
    };
    Sequence { name: "nudges".into(), about: "for tests".into(), asks: true, steps: vec![step(5, 1), step(8, 2)] }
}
