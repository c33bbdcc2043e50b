//! A database with just what a report reads.

use std::path::Path;

use checkback::domain::rate::Settings;
use checkback::report::ReportData;
use checkback::report::gather::{Scope, gather};
use checkback::store::{Store, StoreError};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rusqlite::params;

/// Friday, noon in Los Angeles: so long ago that the accounts are stale whenever the commands run.
pub const NOW: &str = "2020-11-20T20:00:00Z";

pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// So many days before now.
pub fn ago(days: i64) -> Timestamp {
    now() - (days * 24).hours()
}

fn text(at: Timestamp) -> String {
    at.to_string()
}

/// One outreach to be written.
#[derive(Clone)]
pub struct Ask {
    pub to: &'static str,
    pub days_ago: i64,
    /// Days to the answer.
    pub answered: Option<i64>,
    pub channel: &'static str,
    pub source: &'static str,
    pub template: Option<&'static str>,
    pub fate: &'static str,
    pub stage: &'static str,
    pub drawn_from: Option<&'static str>,
    pub account: i64,
    /// Days of the follow-ups.
    pub follow_ups: &'static [i64],
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            to: "kim@bigcorp.example",
            days_ago: 40,
            answered: None,
            channel: "mail",
            source: "sent",
            template: None,
            fate: "delivered",
            stage: "contacted",
            drawn_from: None,
            account: 1,
            follow_ups: &[],
        }
    }
}

pub struct Ledger {
    pub store: Store,
}

impl Ledger {
    pub fn new() -> Self {
        Self::with(Store::temporary().unwrap())
    }

    /// In a file that the commands can open.
    pub fn at(path: &Path) -> Self {
        Self::with(Store::open(path).unwrap())
    }

    fn with(mut store: Store) -> Self {
        store
            .write::<_, StoreError>(|tx| {
                for account in ["personal", "old"] {
                    tx.execute(
                        "INSERT INTO account (name, opened_at, last_read_at) VALUES (?1, ?2, ?2)",
                        (account, text(now())),
                    )?;
                }
                Ok(())
            })
            .unwrap();
        Self { store }
    }

    pub fn run(&mut self, sql: &str) {
        self.store.write::<_, StoreError>(|tx| Ok(tx.execute_batch(sql)?)).unwrap();
    }

    pub fn message(&mut self, at: Timestamp, ours: bool, kind: &str) -> i64 {
        self.store
            .write::<_, StoreError>(|tx| {
                let n: i64 = tx.query_row("SELECT count(*) FROM message", [], |row| row.get(0))?;
                tx.execute(
                    "INSERT INTO message (message_id, digest, account_id, ours, role, received_at, at, kind, base_subject,
                                          before_start, pending, gist)
                     VALUES (?1, ?1, 1, ?2, 'inbox', ?3, ?3, ?4, '', 0, 0, '{}')",
                    params![format!("m{n}@mail.example"), ours, text(at), kind],
                )?;
                Ok(tx.last_insert_rowid())
            })
            .unwrap()
    }

    pub fn ask(&mut self, ask: Ask) -> i64 {
        let first = ago(ask.days_ago);
        let touches: Vec<Timestamp> =
            std::iter::once(0).chain(ask.follow_ups.iter().copied()).map(|day| first + (day * 24).hours()).collect();
        let messages: Vec<i64> = touches.iter().map(|at| self.message(*at, true, "human")).collect();
        let answer = ask.answered.map(|days| text(first + (days * 24).hours()));
        let organisation =
            ask.to.split_once('@').map(|(_, domain)| domain).filter(|domain| !domain.contains("freemail"));
        self.store
            .write::<_, StoreError>(|tx| {
                tx.execute(
                    "INSERT INTO outreach (account_id, root, subject, base_subject, channel, source, template, stage, fate,
                                           first_touch_at, last_touch_at, first_response_at, drawn_from, because)
                     VALUES (?1, hex(randomblob(8)), 'Coffee?', 'coffee?', ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, 'a test')",
                    params![
                        ask.account, ask.channel, ask.source, ask.template, ask.stage, ask.fate, text(first), answer,
                        ask.drawn_from
                    ],
                )?;
                let id = tx.last_insert_rowid();
                tx.execute(
                    "INSERT OR IGNORE INTO address (key, address, organisation) VALUES (?1, ?1, ?2)",
                    (ask.to, organisation),
                )?;
                tx.execute("INSERT INTO outreach_person (outreach, key, address) VALUES (?1, ?2, ?2)", (id, ask.to))?;
                for (step, (at, message)) in touches.iter().zip(&messages).enumerate() {
                    tx.execute(
                        "INSERT INTO touch (outreach, message, at, step) VALUES (?1, ?2, ?3, ?4)",
                        params![id, message, text(*at), step as i64],
                    )?;
                }
                Ok(id)
            })
            .unwrap()
    }

    /// So many alike, the first of them answered after two days.
    pub fn asks(&mut self, answered: usize, of: usize, one: &Ask) {
        for n in 0..of {
            self.ask(Ask { answered: (n < answered).then_some(2), ..one.clone() });
        }
    }

    pub fn matched(&mut self, outreach: i64, kind: &str, level: &str) {
        let message = self.message(ago(1), false, kind);
        self.run(&format!(
            "INSERT INTO matched (outreach, message, level, evidence, because, kind, at)
             VALUES ({outreach}, {message}, '{level}', 'in_reply_to', 'a test', '{kind}', '{}')",
            text(ago(1))
        ));
    }

    pub fn scope() -> Scope {
        Scope {
            settings: Settings::default(),
            zone: TimeZone::get("America/Los_Angeles").unwrap(),
            per_week: 10,
            since: None,
            read_until: None,
            accounts_stale: Vec::new(),
            past: false,
        }
    }

    pub fn report(&self) -> ReportData {
        gather(&self.store, &Self::scope(), now()).unwrap()
    }

    /// The parts of a breakdown: `name k/n` in order.
    pub fn parts(&self, by: &str) -> Vec<String> {
        let part = |row: &checkback::report::GroupRow| {
            let seen = row.rate.observed.map_or("open".to_owned(), |seen| format!("{}/{}", seen.answered, seen.of));
            format!("{} {seen}", row.name)
        };
        self.report().by[by].iter().map(part).collect()
    }
}
