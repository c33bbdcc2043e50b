//! Faults and hooks on order: what shall go wrong, and at exactly which command or stage.
//!
//! ```
//! use checkback::sandbox::{Fault, SmtpEffect, SmtpStage, Verb};
//!
//! let _second_examine_fails = Fault::imap(Verb::Examine).folder("Sent").nth(2).no("[UNAVAILABLE] later");
//! let _nobody_by_that_name = Fault::smtp(SmtpStage::Rcpt).to("gone@").standing().reply("550 5.1.1 no such user");
//! let _sent_but_never_told = Fault::smtp(SmtpStage::AfterBody).then(SmtpEffect::AcceptThenCut);
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::model::{World, same_folder};

/// The IMAP command a trigger waits for. `UID` forms count as the plain command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the IMAP command of that name")]
pub enum Verb {
    /// Any of them, and the greeting.
    Any,
    /// The moment the client connects, before the greeting.
    Connect,
    Capability,
    Noop,
    Logout,
    Id,
    /// LOGIN and AUTHENTICATE.
    Login,
    Namespace,
    Enable,
    /// LIST and XLIST.
    List,
    Lsub,
    Status,
    Select,
    Examine,
    Create,
    Delete,
    Rename,
    Subscribe,
    Unsubscribe,
    Append,
    Check,
    Close,
    Unselect,
    Expunge,
    Search,
    Fetch,
    Store,
    Copy,
    Move,
    Idle,
    /// What the server does not know.
    Unknown,
}

impl Verb {
    /// Whether the command can change something in the mailbox. (FETCH can too, by a body without PEEK: see the flags.)
    pub fn writes(self) -> bool {
        use Verb::{Append, Copy, Create, Delete, Expunge, Move, Rename, Select, Store, Subscribe, Unsubscribe};
        // CLOSE of an examined folder removes nothing, so it is the SELECT before it that counts.
        matches!(
            self,
            Select | Create | Delete | Rename | Subscribe | Unsubscribe | Append | Expunge | Store | Copy | Move
        )
    }
}

/// The point of an SMTP dialogue a trigger waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SmtpStage {
    /// The client has connected; no greeting yet.
    Connect,
    /// EHLO or HELO was read.
    Ehlo,
    /// AUTH was read, with the credentials.
    Auth,
    /// MAIL FROM was read.
    Mail,
    /// RCPT TO was read; once per recipient.
    Rcpt,
    /// DATA was read; no 354 yet.
    Data,
    /// 354 was sent and this many bytes of the body have come; 0 strikes at once after the 354.
    Body(usize),
    /// The final dot was read; nothing is taken or answered yet.
    AfterBody,
    /// QUIT was read.
    Quit,
}

/// A closure on the world. It runs under the world's lock.
pub type Hook = Arc<dyn Fn(&mut World) + Send + Sync>;

/// What happens instead of, or besides, a right answer to an IMAP command.
#[derive(Clone)]
pub enum ImapEffect {
    /// Tagged NO with this text (a response code in brackets may lead); the command is not carried out.
    No(String),
    /// Tagged BAD with this text; the command is not carried out.
    Bad(String),
    /// Untagged BYE with this text, then the connection ends.
    Bye(String),
    /// The connection ends without an answer; the command is not carried out.
    Cut,
    /// From here on this many bytes are written, then the connection ends.
    CutAfter(usize),
    /// From here on nothing is answered; the connection stays open.
    Silence,
    /// The answer comes later.
    Delay(Duration),
    /// These bytes are written before the answer.
    Garbage(Vec<u8>),
    /// A literal of this many bytes is announced in a FETCH line, three bytes come, then silence.
    HugeLiteral(u64),
    /// Tagged OK without any data; the command is not carried out.
    EmptyOk,
    /// FETCH passes over these UIDs and still says OK.
    Withhold(Vec<u32>),
    /// FETCH gives this many messages, then tagged NO.
    NoAfter(usize),
    /// The hook runs at [`Moment`], the command is answered as ever.
    Run(Moment, Hook),
}

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the command is carried out: its answer shows the change.
    Before,
    /// After it was carried out: its answer does not show the change yet.
    After,
}

/// What happens at an SMTP stage.
#[derive(Clone)]
pub enum SmtpEffect {
    /// This reply instead of the right one (`550 5.1.1 no such user`); lines are parted by `\r\n`.
    Reply(String),
    /// This reply, then the connection ends (`421 4.3.2 closing`).
    ReplyThenCut(String),
    /// The connection ends without a reply; nothing is taken.
    Cut,
    /// The mail is taken, then the connection ends without the 250. At other stages than `AfterBody` as `Cut`.
    AcceptThenCut,
    /// The mail is taken, then nothing is answered. At other stages than `AfterBody` as `Silence`.
    AcceptThenSilence,
    /// From here on nothing is answered; the connection stays open.
    Silence,
    /// The reply comes later.
    Delay(Duration),
    /// The hook runs, then the stage goes on.
    Run(Hook),
}

/// One order: a trigger, an effect, and whether it strikes once or every time.
#[derive(Debug, Clone)]
pub struct Fault {
    trigger: Trigger,
    effect: Effect,
    times: Times,
}

#[derive(Debug, Clone)]
enum Trigger {
    Imap { verb: Verb, folder: Option<String>, user: Option<String> },
    Smtp { stage: SmtpStage, address: Option<String> },
}

#[derive(Debug, Clone)]
enum Effect {
    Imap(ImapEffect),
    Smtp(SmtpEffect),
}

/// Which of the matching moments strike.
#[derive(Debug, Clone, Copy)]
struct Times {
    first: u32,
    standing: bool,
    seen: u32,
}

const ONCE: Times = Times { first: 1, standing: false, seen: 0 };

/// An IMAP order being written; ends with [`ImapTrigger::then`] or one of its short forms.
#[derive(Debug, Clone)]
#[must_use = "an order needs an effect and must be injected"]
pub struct ImapTrigger {
    verb: Verb,
    folder: Option<String>,
    user: Option<String>,
    times: Times,
}

/// An SMTP order being written; ends with [`SmtpTrigger::then`] or one of its short forms.
#[derive(Debug, Clone)]
#[must_use = "an order needs an effect and must be injected"]
pub struct SmtpTrigger {
    stage: SmtpStage,
    address: Option<String>,
    times: Times,
}

impl Fault {
    /// Strikes at an IMAP command.
    pub fn imap(verb: Verb) -> ImapTrigger {
        ImapTrigger { verb, folder: None, user: None, times: ONCE }
    }

    /// Strikes at an SMTP stage.
    pub fn smtp(stage: SmtpStage) -> SmtpTrigger {
        SmtpTrigger { stage, address: None, times: ONCE }
    }

    /// Whether it strikes again and again.
    pub fn is_standing(&self) -> bool {
        self.times.standing
    }
}

impl ImapTrigger {
    /// Only commands that name this folder, or that work on it because it is open.
    pub fn folder(mut self, name: &str) -> ImapTrigger {
        self.folder = Some(name.to_owned());
        self
    }

    /// Only this user's commands, once logged in.
    pub fn user(mut self, name: &str) -> ImapTrigger {
        self.user = Some(name.to_owned());
        self
    }

    /// Not the first match but this one, counted from 1; with `standing` this and all later ones.
    pub fn nth(mut self, nth: u32) -> ImapTrigger {
        self.times.first = nth;
        self
    }

    /// Strikes every time, not once.
    pub fn standing(mut self) -> ImapTrigger {
        self.times.standing = true;
        self
    }

    /// The order.
    pub fn then(self, effect: ImapEffect) -> Fault {
        let trigger = Trigger::Imap { verb: self.verb, folder: self.folder, user: self.user };
        Fault { trigger, effect: Effect::Imap(effect), times: self.times }
    }

    /// Tagged NO.
    pub fn no(self, text: &str) -> Fault {
        self.then(ImapEffect::No(text.to_owned()))
    }

    /// Tagged BAD.
    pub fn bad(self, text: &str) -> Fault {
        self.then(ImapEffect::Bad(text.to_owned()))
    }

    /// BYE and the end.
    pub fn bye(self, text: &str) -> Fault {
        self.then(ImapEffect::Bye(text.to_owned()))
    }

    /// Runs a closure on the world before the command is carried out.
    pub fn run(self, hook: impl Fn(&mut World) + Send + Sync + 'static) -> Fault {
        self.then(ImapEffect::Run(Moment::Before, Arc::new(hook)))
    }

    /// Runs a closure on the world after the command was carried out, before its answer is written.
    pub fn run_after(self, hook: impl Fn(&mut World) + Send + Sync + 'static) -> Fault {
        self.then(ImapEffect::Run(Moment::After, Arc::new(hook)))
    }
}

impl SmtpTrigger {
    /// Only when the sender (at MAIL) or the recipient (at RCPT), in angle brackets, contains this; of later stages, any recipient.
    pub fn to(mut self, part_of_address: &str) -> SmtpTrigger {
        self.address = Some(part_of_address.to_ascii_lowercase());
        self
    }

    /// Not the first match but this one, counted from 1; with `standing` this and all later ones.
    pub fn nth(mut self, nth: u32) -> SmtpTrigger {
        self.times.first = nth;
        self
    }

    /// Strikes every time, not once.
    pub fn standing(mut self) -> SmtpTrigger {
        self.times.standing = true;
        self
    }

    /// The order.
    pub fn then(self, effect: SmtpEffect) -> Fault {
        let trigger = Trigger::Smtp { stage: self.stage, address: self.address };
        Fault { trigger, effect: Effect::Smtp(effect), times: self.times }
    }

    /// This reply instead of the right one.
    pub fn reply(self, reply: &str) -> Fault {
        self.then(SmtpEffect::Reply(reply.to_owned()))
    }

    /// Runs a closure on the world.
    pub fn run(self, hook: impl Fn(&mut World) + Send + Sync + 'static) -> Fault {
        self.then(SmtpEffect::Run(Arc::new(hook)))
    }
}

/// The effects due at this IMAP command, in the order they were injected; one-shot ones are used up.
pub(super) fn due_imap(
    faults: &mut Vec<Fault>,
    verb: Verb,
    folder: Option<&str>,
    user: Option<&str>,
) -> Vec<ImapEffect> {
    let due = strike(faults, |trigger| match trigger {
        Trigger::Imap { verb: wanted, folder: in_folder, user: of_user } => {
            (*wanted == verb || *wanted == Verb::Any)
                && in_folder.as_deref().is_none_or(|wanted| folder.is_some_and(|name| same_folder(name, wanted)))
                && of_user.as_deref().is_none_or(|wanted| user == Some(wanted))
        }
        Trigger::Smtp { .. } => false,
    });
    due.into_iter().filter_map(|effect| if let Effect::Imap(effect) = effect { Some(effect) } else { None }).collect()
}

/// The effects due at this SMTP stage; `addresses` are those it is about, in lower case.
pub(super) fn due_smtp(faults: &mut Vec<Fault>, stage: SmtpStage, addresses: &[String]) -> Vec<SmtpEffect> {
    let due = strike(faults, |trigger| match trigger {
        Trigger::Smtp { stage: wanted, address } => {
            *wanted == stage
                && address.as_ref().is_none_or(|wanted| addresses.iter().any(|address| address.contains(wanted)))
        }
        Trigger::Imap { .. } => false,
    });
    due.into_iter().filter_map(|effect| if let Effect::Smtp(effect) = effect { Some(effect) } else { None }).collect()
}

/// The byte counts at which a fault waits inside a body.
pub(super) fn body_marks(faults: &[Fault]) -> Vec<usize> {
    let marks = faults.iter().filter_map(|fault| match fault.trigger {
        Trigger::Smtp { stage: SmtpStage::Body(mark), .. } => Some(mark),
        _ => None,
    });
    let mut marks: Vec<usize> = marks.collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

fn strike(faults: &mut Vec<Fault>, matches: impl Fn(&Trigger) -> bool) -> Vec<Effect> {
    let mut due = Vec::new();
    faults.retain_mut(|fault| {
        if !matches(&fault.trigger) {
            return true;
        }
        fault.times.seen = fault.times.seen.saturating_add(1);
        if fault.times.seen < fault.times.first {
            return true;
        }
        due.push(fault.effect.clone());
        fault.times.standing
    });
    due
}

impl fmt::Debug for ImapEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImapEffect::No(_) => "No",
            ImapEffect::Bad(_) => "Bad",
            ImapEffect::Bye(_) => "Bye",
            ImapEffect::Cut => "Cut",
            ImapEffect::CutAfter(_) => "CutAfter",
            ImapEffect::Silence => "Silence",
            ImapEffect::Delay(_) => "Delay",
            ImapEffect::Garbage(_) => "Garbage",
            ImapEffect::HugeLiteral(_) => "HugeLiteral",
            ImapEffect::EmptyOk => "EmptyOk",
            ImapEffect::Withhold(_) => "Withhold",
            ImapEffect::NoAfter(_) => "NoAfter",
            ImapEffect::Run(..) => "Run",
        })
    }
}

impl fmt::Debug for SmtpEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SmtpEffect::Reply(_) => "Reply",
            SmtpEffect::ReplyThenCut(_) => "ReplyThenCut",
            SmtpEffect::Cut => "Cut",
            SmtpEffect::AcceptThenCut => "AcceptThenCut",
            SmtpEffect::AcceptThenSilence => "AcceptThenSilence",
            SmtpEffect::Silence => "Silence",
            SmtpEffect::Delay(_) => "Delay",
            SmtpEffect::Run(_) => "Run",
        })
    }
}
