//! A person's order for one mail: its words, what speaks against it, and whether it is there already.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::Transaction;

use super::follow::NO_SEQUENCE;
use super::{App, AppError, words};
use crate::config::{self, Account};
use crate::domain::asked::{self, Earlier, Objection, Request, Step};
use crate::domain::delivery::Errand;
use crate::domain::ident::{BaseSubject, DedupeKey, MessageId, NamedAddress};
use crate::mail::compose::{self, Draft, TemplateError};
use crate::store::apply::{self, NewMail, Pursuit};
use crate::store::outbox::{self, OutboxRow};
use crate::store::{decisions, people};

/// What stands for the thread in the key of a mail that begins one.
const ROOT: &str = "own";
/// An order with its words.
#[derive(Debug, Clone)]
pub struct Worded<'a> {
    /// From where it goes.
    pub account: &'a Account,
    /// The user.
    pub from: NamedAddress,
    /// Subject line.
    pub subject: String,
    /// Finished text.
    pub text: String,
    /// Whether it begins an outreach.
    pub asks: bool,
    /// The sequence in which that one is enrolled.
    pub sequence: Option<String>,
    /// What stands in it and was meant to be replaced.
    leftovers: Vec<String>,
}

/// What became of an order in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The mail of this row is to leave now; `true`: an earlier command wrote it.
    Goes(i64, bool),
    /// It is done already, or may be.
    Already {
        /// Its row; `None`: it was found in Sent alone.
        outbox: Option<i64>,
        /// When it left or was written.
        at: Timestamp,
        /// The same words were asked for again at once.
        too_soon: bool,
    },
    /// A person must be asked first.
    Objected(Vec<Objection>),
}

impl<'a> App<'a> {
    /// Finds the words of an order.
    ///
    /// # Errors
    /// In words, with what to write instead: an account or template that does not exist, a value that
    /// is missing or that nothing uses, an address that can't be written to, no subject.
    pub fn word_asked(&self, request: &Request, now: Timestamp) -> Result<Worded<'a>, String> {
        let account = self.account_asked(request)?;
        let from = NamedAddress { name: account.display_name.clone(), address: account.email.clone() };
        if self.own.contains(&request.to.address) {
            return Err(format!(
                "{} is your own address; --dry-run shows the mail without sending it",
                request.to.address
            ));
        }
        let name = request.template.as_str();
        let needs = self.templates.needs(name).map_err(|error| self.in_words(&error))?;
        let mut values = words::of_person(&request.to, &from, self.config.calendar().day(now));
        if let Some(unused) = request.vars.keys().find(|key| !needs.contains(*key)) {
            let near = config::nearest(unused, needs.iter().map(String::as_str));
            let all = needs.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let hint = near.map_or_else(|| format!("it names {all}"), |near| format!("did you mean {near}?"));
            return Err(format!("--var {unused}=…: the template {name} names no such value; {hint}"));
        }
        values.extend(request.vars.clone());
        let header = self.templates.source(name).map(|source| source.header.clone()).unwrap_or_default();
        let is_gap = |value: &&String| values.get(*value).is_none_or(|said| said.trim().is_empty());
        let gaps: Vec<String> =
            needs.iter().filter(is_gap).map(|value| how_to_give(value, header.meaning(value))).collect();
        if !gaps.is_empty() {
            return Err(format!("the template {name} needs more:\n{}", gaps.join("\n")));
        }
        let rendered = self.templates.render(name, None, &values).map_err(|error| self.in_words(&error))?;
        let subject = request.subject.clone().or(rendered.subject).filter(|subject| !subject.trim().is_empty());
        let subject = subject.ok_or_else(|| format!("the template {name} has no subject; give one with --subject"))?;
        let mut leftovers = compose::leftovers(&format!("{subject}\n{}", rendered.text));
        // what stands in a value is what the user wrote there, braces included
        leftovers.retain(|left| !values.values().any(|value| value.contains(left) && left.starts_with('{')));
        if let Some(name) = &request.sequence {
            self.may_enrol(name)?;
        }
        let sequence = request.sequence.clone().or_else(|| self.config.follow_up.sequence.clone());
        let worded = Worded {
            account,
            from,
            subject,
            text: rendered.text,
            asks: header.asks,
            sequence: sequence.filter(|sequence| sequence != NO_SEQUENCE && header.asks),
            leftovers,
        };
        self.show_asked(request, &worded, Timestamp::UNIX_EPOCH).map_err(|error| error.to_string())?;
        Ok(worded)
    }

    /// The bytes of an order as they would leave now, the first time it is given.
    ///
    /// # Errors
    /// If a header can't be written.
    pub fn show_asked(
        &self,
        request: &Request,
        worded: &Worded<'_>,
        now: Timestamp,
    ) -> Result<Vec<u8>, compose::ComposeError> {
        let message_id = self.id_asked(request, worded, 0).1;
        let draft = Draft {
            from: worded.from.clone(),
            to: request.to.clone(),
            subject: worded.subject.clone(),
            text: worded.text.clone(),
            html: None,
            in_reply_to: None,
            references: begun_thread(&message_id, worded),
            message_id,
            auto_submitted: None,
        };
        compose::render(&draft, &now.to_zoned(self.config.timezone.clone()))
    }

    /// Takes an order into the outbox, unless it is there already or something speaks against it.
    ///
    /// # Errors
    /// If the store fails.
    pub fn take_asked(
        &self,
        tx: &Transaction<'_>,
        request: &Request,
        worded: &Worded<'_>,
        account: i64,
        now: Timestamp,
    ) -> Result<Taken, AppError> {
        let latest = self.latest_asked(tx, request, worded)?;
        let earlier = latest.as_ref().map(|(earlier, _, _)| earlier);
        let generation = match asked::step(earlier, request.again, now) {
            Step::Write { generation } | Step::Replace { generation } => generation,
            Step::Resume => {
                let row = latest.and_then(|(_, row, _)| row);
                return Ok(row.map_or(Taken::Objected(Vec::new()), |row| Taken::Goes(row.id, true)));
            }
            step @ (Step::Already | Step::TooSoon) => {
                let (at, row) = latest.map_or((now, None), |(_, row, at)| (at, row));
                let too_soon = step == Step::TooSoon;
                return Ok(Taken::Already { outbox: row.map(|row| row.id), at, too_soon });
            }
        };
        if !request.anyway {
            let subject = worded.asks.then(|| BaseSubject::of(&worded.subject));
            let mut against = people::objections(tx, &request.to.address, &self.config.never, subject.as_ref(), now)?;
            if request.again {
                // repeating it on purpose is what they say
                let is_repeat = |one: &Objection| {
                    matches!(
                        one,
                        Objection::Running { .. } | Objection::Organisation { .. } | Objection::SameSubject { .. }
                    )
                };
                against.retain(|one| !is_repeat(one));
            }
            against.extend(worded.leftovers.iter().map(|text| Objection::Leftover { text: text.clone() }));
            if !against.is_empty() {
                return Ok(Taken::Objected(against));
            }
        }
        if let Some((_, Some(waits), _)) = latest.filter(|(earlier, _, _)| earlier.state == "queued") {
            outbox::settle(tx, &waits, "cancelled", "you sent other words instead", now)?;
        }
        let (key, message_id) = self.id_asked(request, worded, generation);
        let mail = NewMail {
            references: begun_thread(&message_id, worded),
            message_id,
            root: String::new(),
            key,
            account,
            errand: Errand::Own,
            purpose: request.template.clone(),
            mode: if request.draft { "draft" } else { "send" },
            inquiry: None,
            sender: worded.from.clone(),
            recipient: request.to.clone(),
            subject: worded.subject.clone(),
            text: worded.text.clone(),
            html: None,
            in_reply_to: None,
            held: None,
            due_at: now,
            marks: Vec::new(),
            pursuit: match worded.asks {
                true => Pursuit::Begins {
                    sequence: Some(worded.sequence.clone().unwrap_or_else(|| NO_SEQUENCE.to_owned())),
                },
                false => Pursuit::None,
            },
        };
        match apply::write_mail(tx, &mail, now)? {
            Some(id) => {
                outbox::sorted(tx, id, &request.tags, request.drawn_from.as_deref())?;
                decisions::asked(tx, id, &request.to.address, now)?;
                Ok(Taken::Goes(id, false))
            }
            None => Ok(Taken::Already { outbox: None, at: now, too_soon: false }),
        }
    }

    fn account_asked(&self, request: &Request) -> Result<&'a Account, String> {
        let accounts = &self.config.accounts;
        let names = || accounts.iter().map(|account| account.name.as_str());
        let found = match &request.account {
            None => accounts.first(),
            Some(name) => accounts.iter().find(|account| account.name == *name),
        };
        found.ok_or_else(|| {
            let wanted = request.account.as_deref().unwrap_or_default();
            format!("there is no account {wanted}; the config has {}", names().collect::<Vec<_>>().join(", "))
        })
    }

    /// The newest mail that this order, or one like it, wrote: with its row, and when it left or was
    /// written. Also found by its id alone, where only the mailbox remembers it.
    fn latest_asked(
        &self,
        tx: &Transaction<'_>,
        request: &Request,
        worded: &Worded<'_>,
    ) -> Result<Option<(Earlier, Option<OutboxRow>, Timestamp)>, AppError> {
        let mut latest = None;
        let mode = if request.draft { "draft" } else { "send" };
        for generation in 0..u32::MAX {
            let (key, id) = self.id_asked(request, worded, generation);
            let (state, same, approved, decided_at, row, at) = match outbox::by_key(tx, &key)? {
                Some(row) => {
                    let same = row.text == worded.text && row.subject == worded.subject && row.mode == mode;
                    let at = row.settled_at.unwrap_or(row.decided_at);
                    (row.state.clone(), same, row.approved, row.decided_at, Some(row), at)
                }
                None => match people::written(tx, &id)? {
                    Some(at) => ("sent".to_owned(), false, false, at, None, at),
                    None => break,
                },
            };
            latest = Some((Earlier { generation, state, same, approved, decided_at }, row, at));
        }
        Ok(latest)
    }

    fn id_asked(&self, request: &Request, worded: &Worded<'_>, generation: u32) -> (DedupeKey, MessageId) {
        let to = &request.to.address;
        let key = DedupeKey::new(&worded.account.name, ROOT, to, &request.template, 0, generation);
        let id = key.message_id(self.secret, worded.account.email.domain());
        (key, id)
    }

    fn in_words(&self, error: &TemplateError) -> String {
        match error {
            TemplateError::NotFound { name } => {
                let names: BTreeMap<&str, bool> = self.templates.names().collect();
                let near = config::nearest(name, names.keys().copied());
                let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
                format!("there is no template {name}; {near}checkback template list shows them")
            }
            error => error.to_string(),
        }
    }
}

/// `References` of a mail that begins an outreach: the token of its thread, where the reader's provider
/// shows the domain that it is told from.
fn begun_thread(id: &MessageId, worded: &Worded<'_>) -> Vec<MessageId> {
    let telling = worded.asks && id.domain() == Some(worded.from.address.domain());
    telling.then(|| id.thread_token()).into_iter().collect()
}

fn how_to_give(value: &str, meaning: Option<&str>) -> String {
    let meaning = meaning.map(|meaning| format!("   {meaning}")).unwrap_or_default();
    match value {
        "first_name" | "name" => format!("  {value}: --to \"Name <address>\", or --var {value}=…"),
        "my_first_name" | "my_name" => {
            format!("  {value}: display_name of the account in the config file, or --var {value}=…")
        }
        _ => format!("  --var {value}=…{meaning}"),
    }
}

#[cfg(test)]
mod tests;
