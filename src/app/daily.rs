//! Mail to the user: the daily mail, and the warning of a mailbox that is not read.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;

use super::App;
use crate::config::{Account, Config};
use crate::domain::command::Seed;
use crate::domain::delivery::Errand;
use crate::domain::ident::{DedupeKey, NamedAddress, reply_subject};
use crate::domain::rate::Settings;
use crate::report::daily::gather::{self, Sources};
use crate::report::daily::{Answering, Daily, html, offers, text};
use crate::report::gather::Scope;
use crate::store::agenda::DueRow;
use crate::store::apply::{NewMail, Pursuit};
use crate::store::health::Health;
use crate::store::{Store, StoreError, mail_commands};

/// How long a daily mail can be answered.
const ANSWERABLE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The purpose of the daily mail in the outbox.
pub const DAILY: &str = "daily";
/// The purpose of the warning of a mailbox that is not read.
pub const STALE: &str = "stale";

impl App<'_> {
    /// The user's day.
    ///
    /// # Errors
    /// If the store fails.
    pub fn daily(&self, store: &Store, accounts: &[Health], now: Timestamp) -> anyhow::Result<Daily> {
        let stale = accounts.iter().filter(|account| account.stale).map(|account| account.name.clone());
        let sources = Sources {
            scope: Scope { accounts_stale: stale.collect(), ..scope(self.config) },
            accounts,
            mailed: self.config.reminders.mail,
            broken_templates: self.templates.faults(),
        };
        gather::gather(store, &sources, Self::finish, now)
    }

    /// The daily mail, from `sender`.
    ///
    /// # Errors
    /// If the page's template fails.
    pub fn daily_mail(&self, daily: &Daily, sender: &Account, account: i64) -> anyhow::Result<NewMail> {
        let key = self.daily_key(daily.day);
        let mut mail = self.to_user(key, DAILY, sender, account, daily.made_at);
        mail.subject = daily.subject();
        mail.text = text::mail(daily);
        mail.html = Some(html::render(daily)?);
        Ok(mail)
    }

    /// How a daily mail from that account can be answered: if it goes to the user's own mailbox, where
    /// what the user answers lies in Sent.
    pub fn answering(&self, sender: &Account, seed: Seed) -> Option<Answering> {
        let own = self.own.contains(&self.config.reminders.to);
        own.then(|| Answering { to: sender.email.clone(), seed })
    }

    /// Keeps what the daily mail in that row offers, and the hashes of its tokens.
    ///
    /// # Errors
    /// If the store fails.
    pub fn offer(&self, tx: &Transaction<'_>, row: i64, daily: &Daily) -> Result<(), StoreError> {
        let (items, tokens) = offers::all(daily);
        let expires = daily.made_at.saturating_add(ANSWERABLE).unwrap_or(daily.made_at);
        mail_commands::offer(tx, row, &items, &tokens, expires)
    }

    /// What makes the daily mail of a day one and the same, whichever account it leaves from.
    pub fn daily_key(&self, day: Date) -> DedupeKey {
        DedupeKey::new(self.first_account(), &day.to_string(), &self.config.reminders.to, DAILY, 0, 0)
    }

    /// The warning that a mailbox is not read. One for each time that it lasts.
    pub fn stale_mail(&self, stale: &Health, sender: &Account, account: i64, now: Timestamp) -> NewMail {
        let since = stale.since.unwrap_or(now);
        let root = format!("{} since {since}", stale.name);
        let key = DedupeKey::new(self.first_account(), &root, &self.config.reminders.to, STALE, 0, 0);
        let mut mail = self.to_user(key, STALE, sender, account, now);
        mail.subject = format!("Mailbox “{}” is not read", stale.name);
        mail.text = stale_text(stale, &since.to_zoned(self.config.timezone.clone()));
        mail
    }

    fn first_account(&self) -> &str {
        self.config.accounts.first().map_or("", |account| account.name.as_str())
    }

    fn to_user(&self, key: DedupeKey, purpose: &str, sender: &Account, account: i64, now: Timestamp) -> NewMail {
        // by the first account's domain, so that the id is the same whichever account sends it
        let domain = self.config.accounts.first().map_or(sender.email.domain(), |first| first.email.domain());
        NewMail {
            message_id: key.message_id(self.secret, domain),
            root: String::new(),
            key,
            account,
            errand: Errand::Digest,
            purpose: purpose.to_owned(),
            mode: "send",
            inquiry: None,
            sender: NamedAddress { name: Some("checkback".to_owned()), address: sender.email.clone() },
            recipient: NamedAddress { name: None, address: self.config.reminders.to.clone() },
            subject: String::new(),
            text: String::new(),
            html: None,
            in_reply_to: None,
            references: Vec::new(),
            held: None,
            due_at: now,
            marks: Vec::new(),
            pursuit: Pursuit::None,
        }
    }

    /// Finished subject and text of a follow-up, or why there is none.
    pub fn finish(row: &DueRow) -> (String, Result<String, String>) {
        if let Some(written) = &row.written {
            return (written.subject.clone(), Ok(written.text.clone()));
        }
        match &row.finished {
            Some((subject, text)) => (subject.clone(), Ok(text.clone())),
            None => (reply_subject(&row.subject), Err(row.because.clone())),
        }
    }
}

/// What a report over a whole workspace is about.
pub fn scope(config: &Config) -> Scope {
    Scope {
        settings: Settings {
            window_days: config.goal.window_days,
            goal: config.goal.response_rate,
            ..Settings::default()
        },
        zone: config.timezone.clone(),
        per_week: config.goal.per_week,
        since: None,
        read_until: None,
        accounts_stale: Vec::new(),
        past: false,
    }
}

fn stale_text(stale: &Health, since: &jiff::Zoned) -> String {
    let when = since.strftime("%A, %-d %B %Y, %H:%M");
    let since = match stale.last_read_at {
        Some(_) => format!("was last read completely on {when}"),
        None => format!("could not be read since the first try on {when}"),
    };
    let why = stale.error.as_deref().unwrap_or("The reason is not known.");
    format!(
        "Mailbox “{}” {since}.\n\n  {why}\n\nUntil it is read again, nothing automatic leaves: no answer to a recruiter, no \
         follow-up. Nothing is lost, it goes on by itself once the mailbox can be read.\n\nHow it stands: checkback \
         status\n\nThis is the only mail about it; the daily mail says when it is over.\n",
        stale.name
    )
}
