//! A mailbox for the stories of corrections: two asks, what came back, recruiters.

use std::path::Path;

use super::super::*;
use crate::app::ingest::{self, RawMail};
use crate::config::Config;
use crate::domain::gist::{Kind, RecruiterVerdict};
use crate::mail::compose::Templates;
use crate::store::mailboxes::{self, Examined};
use crate::store::reports;

const NOW: &str = "2026-11-20T12:00:00Z";

pub(crate) const CONFIG: &str = r#"timezone = "UTC"
[[account]]
name = "personal"
email = "dana@devmail.example"
[account.imap]
host = "127.0.0.1"
tls = "none"
[account.smtp]
host = "127.0.0.1"
tls = "none"
[account.auth]
password_env = "DANA_PASSWORD"
[auto_reply]
mode = "send"
"#;

/// Folder, sender, recipient, id, the id it answers, date, subject, text; and how a pitch is scored.
type Told =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

pub(super) const DANA: &str = "Dana Reyes <dana@devmail.example>";

/// Two asks of Dana, what came back, and two recruiters.
pub(super) const MAILS: [Told; 9] = [
    (
        "sent",
        DANA,
        "Ann Archer <ann@acme.example>",
        "ask1",
        "",
        "01 Oct",
        "A coffee in October",
        "Could we meet for a coffee?",
    ),
    (
        "sent",
        DANA,
        "Bo Baker <bo@bright.example>",
        "ask2",
        "",
        "02 Oct",
        "Your talk on parsers",
        "May I ask how you did it?",
    ),
    (
        "inbox",
        "Ann Archer <ann@acme.example>",
        DANA,
        "re1",
        "ask1",
        "03 Oct",
        "Re: A coffee in October",
        "Yes, happy to. Is Friday good?",
    ),
    (
        "inbox",
        "Ann Archer <ann@acme.example>",
        DANA,
        "re2",
        "ask1",
        "05 Oct",
        "Re: A coffee in October",
        "See you there.",
    ),
    (
        "inbox",
        "Bo Baker <bo@bright.example>",
        DANA,
        "other",
        "",
        "07 Oct",
        "Lunch menu",
        "The soup was good, wasn't it?",
    ),
    (
        "inbox",
        "Rita Roe <rita@agency.example>",
        DANA,
        "pitch1",
        "",
        "18 Nov",
        "unsure: a role",
        "I came across your profile.",
    ),
    (
        "inbox",
        "Rita Roe <rita@agency.example>",
        DANA,
        "pitch2",
        "",
        "19 Nov",
        "unsure: another role",
        "Are you open to work?",
    ),
    (
        "inbox",
        "Cy Cole <cy@staffing.example>",
        DANA,
        "pitch3",
        "",
        "19 Nov",
        "none: hello",
        "I wonder whether you are open to talk.",
    ),
    (
        "inbox",
        "Di Dow <di@search.example>",
        DANA,
        "pitch4",
        "",
        "19 Nov",
        "pitch: a role",
        "A role for you at a client.",
    ),
];

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) struct World {
    config: Config,
    templates: Templates,
    pub store: Store,
}

impl World {
    pub fn new() -> Self {
        let config = Config::parse(CONFIG, Path::new("/tmp/config.toml")).unwrap();
        let mut world = Self { config, templates: Templates::shipped(), store: Store::temporary().unwrap() };
        learn(&mut world.store, &world.config, &MAILS);
        world.consider();
        world
    }

    pub fn app(&self) -> App<'_> {
        App::new(&self.config, &self.templates, b"secret of this install")
    }

    pub fn consider(&mut self) {
        let app = App::new(&self.config, &self.templates, b"secret of this install");
        app.consider(&mut self.store, now(), |_| {}).unwrap();
    }

    pub fn arrives(&mut self, told: Told) {
        learn(&mut self.store, &self.config, &[told]);
        self.consider();
    }

    pub fn correct_kind(&mut self, name: &str, kind: Kind) {
        self.say(name, &[Wish::Verdict { verdict: Verdict::Kind(kind), only: false }]).unwrap();
    }

    pub fn id(&self, name: &str) -> i64 {
        cases::find_mail(self.store.read(), &format!("{name}@x.example")).unwrap().remove(0).id
    }

    pub fn mail(&self, name: &str) -> cases::StoredMail {
        cases::mail(self.store.read(), self.id(name)).unwrap().unwrap()
    }

    pub fn say(&mut self, name: &str, wishes: &[Wish]) -> Result<Taken, WordError> {
        let id = self.id(name);
        let app = App::new(&self.config, &self.templates, b"secret of this install");
        app.correct(&mut self.store, id, wishes, now())
    }

    pub fn undo(&mut self) -> Undone {
        let app = App::new(&self.config, &self.templates, b"secret of this install");
        app.undo(&mut self.store, now()).unwrap()
    }

    /// Accepts or rejects a proposal as `review` does.
    pub fn propose(&mut self, name: &str, accept: bool) -> bool {
        let (id, own) = (self.id(name), self.app().own.clone());
        let done = self.store.write::<_, StoreError>(|tx| decisions::decide_proposal(tx, id, accept, &own, now()));
        self.consider();
        done.unwrap()
    }

    /// State of the answer to a mail.
    pub fn answer(&self, name: &str) -> Option<String> {
        outbox::answers_to(self.store.read(), self.id(name)).unwrap().pop().map(|row| row.state)
    }

    /// Who is never written to by machine.
    pub fn silenced(&self) -> Vec<String> {
        let list = crate::store::people::never_list(self.store.read()).unwrap();
        list.into_iter().map(|(entry, _, _)| entry).collect()
    }

    pub fn answered(&self) -> Vec<bool> {
        let rows = reports::pursuits(self.store.read(), Some(now())).unwrap();
        rows.iter().map(|row| row.pursuit.first_response.is_some()).collect()
    }

    /// Everything that a decision may change, one line a row.
    pub fn state(&self) -> Vec<String> {
        const ASKED: [&str; 11] = [
            "SELECT root, fate, stage, first_touch_at, last_touch_at, first_response_at FROM outreach ORDER BY root",
            "SELECT root, key, failed FROM outreach_person JOIN outreach ON outreach.id = outreach ORDER BY 1, 2",
            "SELECT root, message, level, evidence, kind, tone, decided FROM matched JOIN outreach ON outreach.id = outreach ORDER BY 1, 2",
            "SELECT root, message, step FROM touch JOIN outreach ON outreach.id = outreach ORDER BY 1, 2",
            "SELECT message, state FROM proposal ORDER BY 1",
            "SELECT subject, outreach FROM remembered ORDER BY 1",
            "SELECT message_id, state, approved, due_at, because FROM outbox ORDER BY 1",
            // the other rules say how things stood when the mail was last looked at
            "SELECT id, kind, pending, (SELECT group_concat(value) FROM json_each(blocked_by)
                 WHERE value IN ('not_human', 'automatic_marks', 'not_recruiter', 'unsure')) FROM message ORDER BY 1",
            "SELECT 'setting', name, value FROM setting UNION ALL SELECT 'never', entry, because || message FROM suppression ORDER BY 2",
            "SELECT mark, root FROM answered ORDER BY 1, 2",
            "SELECT 'pitch', message, pitches FROM pitch JOIN roster ON roster.id = roster UNION ALL
             SELECT 'in', key, first_in_at FROM address ORDER BY 1, 2",
        ];
        let mut lines = Vec::new();
        for sql in ASKED {
            let mut statement = self.store.read().prepare(sql).unwrap();
            let columns = statement.column_count();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let cells = (0..columns).map(|at| format!("{:?}", row.get::<_, rusqlite::types::Value>(at).unwrap()));
                lines.push(cells.collect::<Vec<_>>().join(" "));
            }
        }
        lines
    }
}

/// Learns the mails of the story.
pub(crate) fn learn_all(store: &mut Store, config: &Config) {
    learn(store, config, &MAILS);
}

/// Learns mails as a read of the account would.
fn learn(store: &mut Store, config: &Config, mails: &[Told]) {
    let folder = |role: &str| Examined { folder: role.into(), role: role.into(), uid_validity: 1, uid_next: 1 };
    let own = config.own_addresses();
    store
        .write::<_, StoreError>(|tx| {
            let account = match mailboxes::account(tx, "personal")? {
                Some(account) => account,
                None => {
                    let opened = "2026-09-01T00:00:00Z".parse().unwrap();
                    mailboxes::open_account(tx, "personal", &[folder("sent"), folder("inbox")], opened)?
                }
            };
            mailboxes::history_complete(tx, account.id)?;
            mailboxes::account_read(tx, account.id, now(), None)?;
            for (role, from, to, id, parent, date, subject, text) in mails {
                let stamp = if *role == "inbox" {
                    format!("Received: from a by b; {date} 2026 09:00:00 +0000\r\n")
                } else {
                    String::new()
                };
                let parent =
                    if parent.is_empty() { String::new() } else { format!("In-Reply-To: <{parent}@x.example>\r\n") };
                let raw = format!(
                    "{stamp}From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date} 2026 09:00:00 +0000\r\n\
                     Message-ID: <{id}@x.example>\r\n{parent}\r\n{text}\r\n"
                );
                let mailbox = mailboxes::open_mailbox(tx, &account, &folder(role))?;
                let received = crate::domain::read::read(raw.as_bytes(), now()).date.unwrap();
                let raw = RawMail { uid: mailbox.cursor + 1, received, raw: raw.into_bytes(), thread: String::new() };
                let mut learnt = ingest::read_chunk(std::slice::from_ref(&raw), role, &own);
                // what the score is, is not what is tested here
                learnt[0].gist.recruiter.verdict = match subject.split(':').next() {
                    Some("pitch") => RecruiterVerdict::Recruiter,
                    Some("unsure") => RecruiterVerdict::Unsure,
                    _ => RecruiterVerdict::NotRecruiter,
                };
                apply::learn(tx, &mailbox, &learnt, raw.uid)?;
            }
            Ok(())
        })
        .unwrap();
}
