//! The one door: an event comes in, its case is read, the domain decides, words are composed, the
//! facts are applied, all in one transaction. Never here: a socket, a sleep, a clock.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Transaction};

use crate::config::{Config, LogSent, Mode};
use crate::domain::decide::{self, ArrivedCase, Decision, Fact, GateVerdict, Order};
use crate::domain::delivery::Errand;
use crate::domain::gist::Tone;
use crate::domain::ident::{DedupeKey, NamedAddress, OwnAddresses};
use crate::domain::outreach::{LogPolicy, SentCase};
use crate::domain::policy::{self, InquiryCase, Live, Rule};
use crate::domain::sequence::life::Bar;
use crate::mail::compose::{self, AutoSubmitted, Draft, Templates};
use crate::store::apply::{self, NewMail, Pursuit, Subject};
use crate::store::cases::{self, StoredMail};
use crate::store::outbox::OutboxRow;
use crate::store::{Store, StoreError, corrections, decisions, mailboxes, outbox};

pub mod act;
pub mod asked;
pub mod correct;
pub mod daily;
pub mod files;
pub mod follow;
pub mod ingest;
mod mood;
mod obey;
mod own;
pub mod roster;
pub mod words;

pub use own::OnServer;

/// Mails considered in one transaction, so that each stays short.
const BATCH: u32 = 50;

/// How long mail that belongs to nothing keeps its words.
const WORDS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What the door needs beside the store: the user's settings, the words, and the install secret.
#[derive(Debug)]
pub struct App<'a> {
    /// Settings.
    pub config: &'a Config,
    /// Templates, shipped and own.
    pub templates: &'a Templates,
    /// From which Message-IDs are derived.
    pub secret: &'a [u8],
    /// The user's addresses.
    pub own: OwnAddresses,
    /// Whether mailboxes stand behind the mail. Without them (mail files) the rules that need one
    /// count as met.
    pub live: bool,
}

/// Why an event could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The store failed: nothing of the event was kept, and it comes again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A mail could not be rendered.
    #[error("a mail cannot be rendered: {0}")]
    Compose(#[from] compose::ComposeError),
}

impl From<rusqlite::Error> for AppError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl<'a> App<'a> {
    /// The door over live mailboxes.
    pub fn new(config: &'a Config, templates: &'a Templates, secret: &'a [u8]) -> Self {
        Self { config, templates, secret, own: config.own_addresses(), live: true }
    }

    /// Considers everything that was learnt, in order of date, and judges again what only waited.
    /// Returns how many mails were considered. `progress` hears of each batch.
    ///
    /// # Errors
    /// If the store fails; what was considered until then stays.
    pub fn consider(
        &self,
        store: &mut Store,
        now: Timestamp,
        mut progress: impl FnMut(usize),
    ) -> Result<usize, AppError> {
        let mut considered = 0;
        loop {
            let batch = store.write::<_, AppError>(|tx| {
                let batch = cases::pending(tx, BATCH)?;
                for mail in &batch {
                    self.take(tx, mail, now)?;
                }
                Ok(batch.len())
            })?;
            if batch == 0 {
                break;
            }
            considered += batch;
            progress(batch);
        }
        if self.live {
            let since = now.checked_sub(policy::MAX_AGE).unwrap_or(Timestamp::MIN);
            store.write::<_, AppError>(|tx| {
                for mail in cases::deferred(tx, since)? {
                    self.take(tx, &mail, now)?;
                }
                for row in outbox::held_answers_to_older(tx, since)? {
                    outbox::settle(tx, &row, "cancelled", Rule::TooOld.as_str(), now)?;
                    apply::note_blocks(tx, &row, &[Rule::TooOld, Rule::Unsure])?;
                }
                Ok(())
            })?;
        }
        Ok(considered)
    }

    /// Stops everything automatic; `until` is when it goes on by itself.
    ///
    /// # Errors
    /// If the store fails.
    pub fn pause(&self, store: &mut Store, until: Option<Timestamp>, now: Timestamp) -> Result<(), AppError> {
        store.write(|tx| Ok(decisions::pause(tx, true, until, now)?))
    }

    /// Starts everything automatic again.
    ///
    /// # Errors
    /// If the store fails.
    pub fn resume(&self, store: &mut Store, now: Timestamp) -> Result<(), AppError> {
        store.write(|tx| Ok(decisions::pause(tx, false, None, now)?))
    }

    /// Judges a claimed mail once more on what the gate's read has shown.
    ///
    /// # Errors
    /// If the store fails.
    pub fn gate(&self, tx: &Transaction<'_>, row: &OutboxRow, now: Timestamp) -> Result<Passage, AppError> {
        if row.errand == Errand::FollowUp || row.is_by_word() {
            let (verdict, until) = self.gate_follow_up(tx, row, now)?;
            let names = |bars: &[Bar]| bars.iter().map(|bar| bar.as_str()).collect::<Vec<_>>().join(", ");
            let words = |bars: &[Bar]| bars.iter().map(|bar| bar.explain()).collect::<Vec<_>>().join("; ");
            return Ok(match verdict {
                GateVerdict::Go => Passage::Go,
                GateVerdict::Wait(bars) => Passage::Wait { until, because: names(&bars) },
                // the person who said it is told
                GateVerdict::Cancel(bars) if row.is_by_word() => {
                    Passage::Cancel { because: format!("{}{}", outbox::CALLED_BACK, words(&bars)), rules: Vec::new() }
                }
                GateVerdict::Cancel(bars) => Passage::Cancel { because: names(&bars), rules: Vec::new() },
            });
        }
        if self.fit_answer(tx, row, now)? {
            return Ok(Passage::Wait { until: now, because: "it said the opposite and was worded anew".to_owned() });
        }
        let names = |rules: &[Rule]| rules.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", ");
        Ok(match self.gate_answer(tx, row, now)? {
            GateVerdict::Go => Passage::Go,
            GateVerdict::Wait(rules) => {
                let tomorrow = now.to_zoned(self.config.timezone.clone()).tomorrow().and_then(|day| day.start_of_day());
                let until = match tomorrow {
                    Ok(day) if rules.contains(&Rule::DailyLimit) => day.timestamp(),
                    _ => now,
                };
                Passage::Wait { until, because: names(&rules) }
            }
            GateVerdict::Cancel(rules) => Passage::Cancel { because: names(&rules), rules },
        })
    }

    /// Notes what follows from a mail that the gate called back: the rules with the mail that it answers,
    /// the plan of the outreach that it belongs to.
    ///
    /// # Errors
    /// If the store fails.
    pub fn called_back(
        &self,
        tx: &Transaction<'_>,
        row: &OutboxRow,
        rules: &[Rule],
        now: Timestamp,
    ) -> Result<(), AppError> {
        match (row.errand, &row.pursuit) {
            (Errand::FollowUp | Errand::Own, Pursuit::Touches { outreach, .. }) => {
                self.plan_one(tx, *outreach, now, &mut Vec::new())?;
                Ok(())
            }
            _ => Ok(apply::note_blocks(tx, row, rules)?),
        }
    }

    /// Judges an answer by its rules.
    fn gate_answer(&self, tx: &Transaction<'_>, row: &OutboxRow, now: Timestamp) -> Result<GateVerdict, AppError> {
        let Some(mail) = row.inquiry.map(|inquiry| cases::mail(tx, inquiry)).transpose()?.flatten() else {
            return Ok(GateVerdict::Cancel(Vec::new()));
        };
        let authserv = self.authserv_id(tx, &mail)?;
        let case = self.inquiry_case(tx, &mail, authserv.as_deref(), now, Some(row.id))?;
        Ok(decide::gate(&case, row.approved))
    }

    /// The exact bytes of a claimed mail. `Date` is now.
    ///
    /// # Errors
    /// If a header cannot be written.
    pub fn render(&self, row: &OutboxRow, now: Timestamp) -> Result<Vec<u8>, AppError> {
        let draft = Draft {
            from: row.sender.clone(),
            to: row.recipient.clone(),
            subject: row.subject.clone(),
            text: row.text.clone(),
            html: row.html.clone(),
            in_reply_to: row.in_reply_to.clone(),
            references: row.references.clone(),
            message_id: row.message_id.clone(),
            // what a person sends from Drafts is the person's own mail
            auto_submitted: match row.errand {
                _ if row.mode == "draft" => None,
                Errand::Answer => Some(AutoSubmitted::Replied),
                Errand::FollowUp | Errand::Digest => Some(AutoSubmitted::Generated),
                Errand::Own => None,
            },
        };
        Ok(compose::render(&draft, &now.to_zoned(self.config.timezone.clone()))?)
    }

    /// The day that an answer promised is kept.
    fn answer_left(&self, tx: &Transaction<'_>, row: &OutboxRow, at: Timestamp) -> Result<(), AppError> {
        let Some(inquiry) = row.inquiry else { return Ok(()) };
        // only the check-back asks them to come back
        let asks = row.purpose == decide::CHECK_BACK;
        let on = asks.then(|| decide::check_back_on(at, self.config.auto_reply.months, &self.config.timezone));
        Ok(apply::note_answer(tx, inquiry, at, on)?)
    }

    /// One mail through the door.
    fn take(&self, tx: &Transaction<'_>, mail: &StoredMail, now: Timestamp) -> Result<(), AppError> {
        if !mail.ours {
            self.prove_left(tx, mail, now)?;
        }
        let decision = if mail.ours { self.decide_sent(tx, mail, now)? } else { self.decide_arrived(tx, mail, now)? };
        let subject = Subject { message: mail.id, account: mail.account_id, gist: &mail.gist, at: mail.at };
        apply::apply(tx, &subject, &decision.facts, &decision.because, now)?;
        for fact in &decision.facts {
            match fact {
                Fact::Write(order) => {
                    let order = self.in_the_users_mood(tx, order)?;
                    apply::write_mail(tx, &self.word(mail, &order), now)?;
                }
                // another install's promise is the user's too
                Fact::CheckBackSeen { parents, recipients } => {
                    let on = decide::check_back_on(mail.at, self.config.auto_reply.months, &self.config.timezone);
                    apply::note_promise(tx, parents, recipients, mail.at, on)?;
                }
                _ => {}
            }
        }
        if self.live && !mail.before_start {
            self.obey(tx, mail, now)?;
        }
        if !mail.ours && self.is_of_no_interest(mail, &decision, now) {
            apply::forget_words(tx, mail.id, mail.gist.clone().without_words())?;
        }
        Ok(())
    }

    /// Mail that belongs to nothing keeps no words. Young mail on a server keeps them for a while: the
    /// touch that it answers may show up late.
    fn is_of_no_interest(&self, mail: &StoredMail, decision: &Decision, now: Timestamp) -> bool {
        let belongs = |fact: &Fact| matches!(fact, Fact::Matched(_) | Fact::Recruiter { .. } | Fact::Write(_));
        let settled = !self.live || now.duration_since(mail.at) > WORDS_KEPT;
        settled && mail.gist.has_words() && !decision.facts.iter().any(belongs)
    }

    fn decide_sent(&self, tx: &Transaction<'_>, mail: &StoredMail, now: Timestamp) -> Result<Decision, AppError> {
        if let Some(decision) = self.own_mail(tx, mail)? {
            return Ok(decision);
        }
        let facts = cases::sent_facts(tx, mail, &self.own)?;
        self.note_sent_draft(tx, mail)?;
        Ok(decide::sent(&SentCase {
            gist: &mail.gist,
            sent_at: mail.at,
            now,
            own: &self.own,
            log: match self.config.outreach.log_sent {
                LogSent::Propose => LogPolicy::Propose,
                LogSent::AllNewThreads => LogPolicy::AllNewThreads,
                LogSent::Off => LogPolicy::Off,
            },
            in_outreach_folder: mail.role == "outreach",
            strangers: &facts.strangers,
            leads: false,
            running: &facts.running,
            remembered: facts.remembered,
            made_by_us: facts.made_by_us,
        }))
    }

    /// A draft of ours that the user sent, told by what it answers and its words: the promise
    /// starts with it.
    fn note_sent_draft(&self, tx: &Transaction<'_>, mail: &StoredMail) -> Result<(), AppError> {
        for parent in mail.gist.parents() {
            let Some(row) = crate::store::outbox::drafted_answer_to(tx, parent)? else { continue };
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            if words(&mail.gist.text).contains(&words(last_paragraph(&row.text))) {
                self.answer_left(tx, &row, mail.at)?;
                crate::store::outbox::set_copy(tx, row.id, "made")?;
            }
        }
        Ok(())
    }

    fn decide_arrived(&self, tx: &Transaction<'_>, mail: &StoredMail, now: Timestamp) -> Result<Decision, AppError> {
        let authserv = self.authserv_id(tx, mail)?;
        let case = ArrivedCase {
            inquiry: self.inquiry_case(tx, mail, authserv.as_deref(), now, None)?,
            at: mail.at,
            provider_thread: (!mail.thread.is_empty()).then_some(mail.thread.as_str()),
            candidates: cases::candidates(tx, mail)?,
            now,
            delay: self.config.auto_reply.delay,
            answer_exists: cases::has_answer(tx, mail.id)?,
            joined: mail.gist.tone == Some(Tone::No { for_good: true }) && corrections::is_joined(tx, mail.id)?,
        };
        Ok(decide::arrived(&case))
    }

    fn inquiry_case<'m>(
        &'m self,
        conn: &Connection,
        mail: &'m StoredMail,
        authserv_id: Option<&'m str>,
        now: Timestamp,
        but_not: Option<i64>,
    ) -> Result<InquiryCase<'m>, AppError> {
        let live = if self.live { Some(self.live_facts(conn, mail, now, but_not)?) } else { None };
        Ok(InquiryCase {
            gist: &mail.gist,
            own: &self.own,
            employer_domains: &self.config.employer_domains,
            never: &self.config.never,
            in_junk: cases::is_in_junk(conn, mail)?,
            history: cases::history(conn, mail, now, but_not)?,
            authserv_id,
            live,
        })
    }

    fn live_facts(
        &self,
        conn: &Connection,
        mail: &StoredMail,
        now: Timestamp,
        but_not: Option<i64>,
    ) -> Result<Live, AppError> {
        let settings = &self.config.auto_reply;
        let today = now.to_zoned(self.config.timezone.clone()).start_of_day().map_or(now, |day| day.timestamp());
        // whom the user knows stands in the Sent folder of whichever account
        let mut history_complete = true;
        for account in &self.config.accounts {
            history_complete &=
                mailboxes::account(conn, &account.name)?.is_some_and(|account| account.history_complete);
        }
        Ok(Live {
            on: settings.mode != Mode::Off,
            paused: cases::paused(conn, now)?.is_some(),
            before_start: mail.before_start,
            received: mail.received.min(mail.at),
            now,
            history_complete,
            answered_today: cases::answered_since(conn, today, but_not)?,
            daily_limit: settings.daily_limit,
            answered_meanwhile: cases::is_answered_by_hand(conn, mail)?,
        })
    }

    fn authserv_id(&self, conn: &Connection, mail: &StoredMail) -> Result<Option<String>, AppError> {
        let configured = self.account_config(&mail.account).and_then(|account| account.authserv_id.clone());
        match configured {
            Some(id) => Ok(Some(id)),
            None => Ok(mailboxes::learnt_authserv_id(conn, mail.account_id)?),
        }
    }

    fn account_config(&self, name: &str) -> Option<&'a crate::config::Account> {
        self.config.accounts.iter().find(|account| account.name == name)
    }

    /// Words for an order. A template that fails leaves a held mail that says why.
    fn word(&self, mail: &StoredMail, order: &Order) -> NewMail {
        let worded = self.answer_text(&order.template, order.language.as_deref());
        let held = order.held.then(|| "it may be a recruiter's pitch: a person decides".to_owned());
        let (text, held) = match worded {
            Ok(text) => (text, held),
            Err(error) => (String::new(), Some(error.to_string())),
        };
        let key = DedupeKey::new(&mail.account, &order.root, &order.recipient.address, &order.template, 0, 0);
        let account = self.account_config(&mail.account);
        NewMail {
            message_id: key.message_id(self.secret, order.sender.domain()),
            key,
            account: mail.account_id,
            errand: Errand::Answer,
            purpose: order.template.clone(),
            mode: if self.config.auto_reply.mode == Mode::Draft { "draft" } else { "send" },
            inquiry: Some(mail.id),
            sender: NamedAddress {
                name: account.and_then(|account| account.display_name.clone()),
                address: order.sender.clone(),
            },
            recipient: order.recipient.clone(),
            subject: order.subject.clone(),
            text,
            html: None,
            in_reply_to: order.in_reply_to.clone(),
            references: order.references.clone(),
            held,
            due_at: order.due_at,
            marks: order.marks.clone(),
            root: order.root.clone(),
            pursuit: Pursuit::None,
        }
    }
}

/// What becomes of a mail at the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// It leaves.
    Go,
    /// It stays queued.
    Wait {
        /// Not before then.
        until: Timestamp,
        /// Names of the reasons.
        because: String,
    },
    /// It is called back.
    Cancel {
        /// Names of the reasons.
        because: String,
        /// Those of an answer, to be stored with the mail it answers.
        rules: Vec<Rule>,
    },
}

/// How soon something is tried again that only a read or a person's word lifts.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(2);

/// How long a mail that was claimed may wait for its gate before it must be read anew.
pub const GATE_SERVES: SignedDuration = SignedDuration::from_secs(5);

fn last_paragraph(text: &str) -> &str {
    text.trim().rsplit("\n\n").next().unwrap_or_default()
}
