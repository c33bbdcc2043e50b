//! A workspace as it is after years: so many outreach in a mailbox of so many mails, written straight
//! into the tables. `tests/bench/report-speed` measures with it.
//!
//! `cargo run --release --example workspace -- FOLDER OUTREACH MESSAGES` makes `FOLDER/config.toml` and
//! `FOLDER/data`. The same numbers give the same workspace, but for the time it ends at, which is now.

#![expect(clippy::unwrap_used, reason = "a tool for measurements ends at the first mistake")]

use std::fs;
use std::path::Path;

use checkback::clock::Clock;
use checkback::domain::read;
use checkback::store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Transaction, params};

const CONFIG: &str = r#"timezone = "America/Los_Angeles"
[[account]]
name = "personal"
email = "dana@devmail.example"
[account.imap]
host = "127.0.0.1"
port = 1143
tls = "none"
[account.smtp]
host = "127.0.0.1"
port = 1025
tls = "none"
[account.auth]
password_env = "DANA_PASSWORD"
"#;

/// Rows written in one transaction.
const CHUNK: u32 = 20_000;

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| "target/workspace".to_owned());
    let outreach: u32 = args.next().map_or(1_000, |n| n.parse().unwrap());
    let messages: u32 = args.next().map_or(outreach * 10, |n| n.parse().unwrap());
    let folder = Path::new(&folder);
    let data = folder.join("data");
    fs::create_dir_all(&data).unwrap();
    fs::write(folder.join("config.toml"), CONFIG).unwrap();
    let mut store = Store::open(&data.join("checkback.db")).unwrap();
    let now = Clock::System.now();
    let mut world = World::new(now, outreach);
    store.write::<_, StoreError>(|tx| Ok(begin(tx, now)?)).unwrap();
    for chunk in (0..outreach).collect::<Vec<_>>().chunks(CHUNK as usize) {
        store
            .write::<_, StoreError>(|tx| {
                for n in chunk {
                    world.pursue(tx, *n)?;
                }
                Ok(())
            })
            .unwrap();
    }
    while world.messages < messages {
        store
            .write::<_, StoreError>(|tx| {
                for _ in 0..CHUNK.min(messages - world.messages) {
                    world.chatter(tx)?;
                }
                Ok(())
            })
            .unwrap();
    }
    store.write::<_, StoreError>(|tx| Ok(tx.execute_batch("ANALYZE")?)).unwrap();
    println!("{outreach} outreach and {} mails in {}", world.messages, folder.display());
}

fn begin(tx: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO account (name, opened_at, last_read_at, history_complete) VALUES ('personal', ?1, ?1, 1)",
        [text(now)],
    )?;
    tx.execute(
        "INSERT INTO mailbox (account_id, folder, role, uid_validity, cursor, start_uid, start_before, last_read_at)
         VALUES (1, 'INBOX', 'inbox', 1, 1, 1, ?1, ?1)",
        [text(now)],
    )?;
    Ok(())
}

fn text(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap().to_string()
}

struct World {
    state: u64,
    now: Timestamp,
    /// From the first outreach to now, in seconds.
    span: f64,
    outreach: u32,
    messages: u32,
    gist: String,
}

impl World {
    fn new(now: Timestamp, outreach: u32) -> Self {
        let raw = "From: Rita Lang <rita@agency.example>\r\nTo: dana@devmail.example\r\nMessage-ID: <x@agency.example>\r\n\
                   Subject: Rust engineer in Berlin\r\nDate: Tue, 10 Mar 2026 09:00:00 +0000\r\n\r\n\
                   Hi Dana,\r\n\r\nthank you for your note. Thursday works for me; shall we say ten?\r\n\r\nRita\r\n";
        let gist = serde_json::to_string(&read::read(raw.as_bytes(), now)).unwrap();
        // a thousand in two years, a hundred thousand in ten: nobody asks more than two hundred a week
        let years = 2.0 + f64::from(outreach).log10().max(3.0) * 4.0 - 12.0;
        Self { state: 20_261_120, now, span: years * 365.25 * 86_400.0, outreach, messages: 0, gist }
    }

    /// 0 to 1: Knuth's MMIX generator.
    fn draw(&mut self) -> f64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn pick<'a>(&mut self, from: &[(&'a str, f64)]) -> &'a str {
        let mut left = self.draw();
        for (name, share) in from {
            left -= share;
            if left < 0.0 {
                return name;
            }
        }
        from.first().map_or("", |(name, _)| name)
    }

    /// Days after `from`, if that is not in the future.
    fn later(&self, from: Timestamp, days: f64) -> Option<Timestamp> {
        let at = from.checked_add(SignedDuration::from_secs((days * 86_400.0) as i64)).unwrap();
        (at <= self.now).then_some(at)
    }

    fn message(
        &mut self,
        tx: &Transaction<'_>,
        from: &str,
        ours: bool,
        at: Timestamp,
        kind: &str,
    ) -> rusqlite::Result<i64> {
        self.messages += 1;
        tx.prepare_cached(
            "INSERT INTO message (message_id, from_key, digest, account_id, ours, role, received_at, at, kind, base_subject,
                                  before_start, pending, blocked_by, gist)
             VALUES (?1, ?2, ?1, 1, ?3, ?4, ?5, ?5, ?6, 'rust engineer in berlin', 0, 0, ?7, ?8)",
        )?
        .execute(params![
            format!("m{}@mail.example", self.messages),
            from,
            ours,
            if ours { "sent" } else { "inbox" },
            text(at),
            kind,
            (!ours).then_some(r#"["not_recruiter"]"#),
            self.gist,
        ])?;
        let id = tx.last_insert_rowid();
        tx.prepare_cached("INSERT INTO location (mailbox_id, uid, message, nth) VALUES (1, ?1, ?1, 0)")?
            .execute([id])?;
        Ok(id)
    }

    fn pursue(&mut self, tx: &Transaction<'_>, n: u32) -> rusqlite::Result<()> {
        let share = f64::from(n) / f64::from(self.outreach);
        let first = self.now.checked_sub(SignedDuration::from_secs((self.span * (1.0 - share)) as i64)).unwrap();
        // every third organisation is asked more often; one in five writes from freemail
        let company = (self.draw().powi(2) * f64::from(self.outreach) / 3.0) as u32;
        let (organisation, key) = match self.draw() < 0.2 {
            true => (None, format!("person{n}@freemail.example")),
            false => (Some(format!("company{company}.example")), format!("person{n}@company{company}.example")),
        };
        let channel = self.pick(&[("mail", 0.93), ("linkedin", 0.05), ("call", 0.02)]);
        let source = self.pick(&[("checkback", 0.6), ("sent", 0.25), ("proposal", 0.15)]);
        let template = (source == "checkback")
            .then(|| self.pick(&[("coffee-chat", 0.4), ("short-question", 0.35), ("referral", 0.15), ("cold", 0.1)]));
        let chance = match template {
            Some("short-question") => 0.32,
            Some("referral") => 0.45,
            _ => 0.22,
        };
        let fate = self.pick(&[("delivered", 0.93), ("bounced", 0.055), ("refused", 0.015)]);
        let delay = -4.0 * (1.0 - self.draw()).ln();
        let answer = (fate == "delivered" && self.draw() < chance).then(|| self.later(first, delay)).flatten();
        let stage = match answer {
            None => "contacted",
            Some(_) => self.pick(&[
                ("answered", 0.7),
                ("meeting", 0.18),
                ("rejected", 0.08),
                ("interviewing", 0.03),
                ("offer", 0.01),
            ]),
        };
        tx.prepare_cached(
            "INSERT OR IGNORE INTO address (key, address, organisation, first_out_at) VALUES (?1, ?1, ?2, ?3)",
        )?
        .execute(params![key, organisation, text(first)])?;
        tx.prepare_cached(
            "INSERT INTO outreach (account_id, root, subject, base_subject, channel, source, template, stage, fate,
                                   first_touch_at, last_touch_at, first_response_at, because)
             VALUES (1, ?1, 'Rust engineer in Berlin', 'rust engineer in berlin', ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, 'generated')",
        )?
        .execute(params![
            format!("root{n}@devmail.example"),
            channel,
            source,
            template,
            stage,
            fate,
            text(first),
            answer.map(text),
        ])?;
        let id = tx.last_insert_rowid();
        tx.prepare_cached("INSERT INTO outreach_person (outreach, key, address, name) VALUES (?1, ?2, ?2, ?3)")?
            .execute(params![id, key, format!("Person {n}")])?;
        for (step, days) in [(0_i64, 0.0), (1, 6.0), (2, 14.0)] {
            let Some(at) = self.later(first, days) else { break };
            if answer.is_some_and(|answer| answer < at) || (step > 0 && self.draw() < 0.4) {
                break;
            }
            let message = self.message(tx, "dana@devmail.example", true, at, "human")?;
            tx.prepare_cached("INSERT INTO touch (outreach, message, at, step) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![id, message, text(at), step])?;
        }
        if let Some(at) = answer {
            self.matched(tx, id, &key, at, "human", "sure")?;
        }
        let machine = self.pick(&[("", 0.84), ("out_of_office", 0.1), ("automatic", 0.05), ("delay", 0.01)]);
        let machine = if fate == "delivered" { machine } else { "bounce" };
        if !machine.is_empty() {
            self.matched(tx, id, &key, first, machine, "sure")?;
        }
        if answer.is_none() && self.draw() < 0.003 {
            self.matched(tx, id, &key, first, "human", "candidate")?;
        }
        if self.draw() < 0.1 {
            let tag = self.pick(&[("meetup", 0.5), ("alumni", 0.3), ("open source", 0.2)]);
            tx.prepare_cached("INSERT INTO outreach_tag (outreach, tag) VALUES (?1, ?2)")?.execute(params![id, tag])?;
        }
        Ok(())
    }

    fn matched(
        &mut self,
        tx: &Transaction<'_>,
        outreach: i64,
        from: &str,
        at: Timestamp,
        kind: &str,
        level: &str,
    ) -> rusqlite::Result<()> {
        let message = self.message(tx, from, false, at, kind)?;
        tx.prepare_cached(
            "INSERT INTO matched (outreach, message, level, evidence, because, kind, tone, at)
             VALUES (?1, ?2, ?3, 'in_reply_to', 'it answers our mail', ?4, NULL, ?5)",
        )?
        .execute(params![outreach, message, level, kind, text(at)])?;
        Ok(())
    }

    /// A mail that has nothing to do with outreach; one in five thousand is a thread that may be some.
    fn chatter(&mut self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        let at = self.now.checked_sub(SignedDuration::from_secs((self.span * self.draw()) as i64)).unwrap();
        if self.draw() < 0.0002 {
            let message = self.message(tx, "dana@devmail.example", true, at, "human")?;
            tx.prepare_cached(
                "INSERT INTO proposal (message, because, at) VALUES (?1, 'a new thread to a stranger', ?2)",
            )?
            .execute(params![message, text(at)])?;
            return Ok(());
        }
        let from = format!("sender{}@elsewhere.example", (self.draw() * 20_000.0) as u32);
        let kind = self.pick(&[("bulk", 0.6), ("human", 0.25), ("automatic", 0.15)]);
        let message = self.message(tx, &from, false, at, kind)?;
        if self.draw() < 0.3 {
            let parent = format!("m{}@mail.example", (self.draw() * f64::from(self.messages)) as u32);
            tx.prepare_cached("INSERT OR IGNORE INTO reference (message, parent) VALUES (?1, ?2)")?
                .execute(params![message, parent])?;
        }
        Ok(())
    }
}
