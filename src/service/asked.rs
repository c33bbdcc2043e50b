//! `send`: one mail that a person asks for. It reads the account first, so that what the mailbox knows
//! counts, and heeds neither gate nor pause.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Workspace;
use super::send;
use super::watch::{Link, ReadError};
use crate::app::asked::Taken;
use crate::domain::asked::{Objection, Request};
use crate::domain::ident::{MessageId, NamedAddress};
use crate::store::outbox::{self, OutboxRow};
use crate::store::{StoreError, mailboxes, people};

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Outcome {
    /// The server took it.
    Sent(Asked),
    /// It lies in Drafts.
    Drafted(Asked),
    /// It waits in the outbox for a server that can be used.
    Queued(Asked),
    /// Perhaps the server took it, perhaps not.
    Unknown(Asked),
    /// The server refused it for good.
    Failed(Asked),
    /// It was sent, or written, before; nothing was done.
    Already {
        /// The earlier mail, if it is in the outbox.
        mail: Option<Asked>,
        /// What is known of it: sent, drafted, unknown, claimed, sending.
        was: String,
        /// Since when.
        at: Timestamp,
        /// The same words within the hour.
        too_soon: bool,
    },
    /// A person must be asked first; nothing was done.
    Objected {
        /// What speaks against it.
        objections: Vec<Objection>,
    },
    /// The order makes no sense; nothing was done.
    Refused {
        /// What to write instead.
        because: String,
    },
    /// The mailbox was never read, so that nothing is known; nothing was done.
    Unread {
        /// Why it can't be read.
        because: String,
    },
}

/// A mail that a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its row in the outbox.
    pub item: i64,
    /// The outreach that it began.
    pub outreach: Option<i64>,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// The account.
    pub account: String,
    /// Whom it goes to.
    pub to: NamedAddress,
    /// Subject line.
    pub subject: String,
    /// Its words.
    pub text: String,
    /// Its template.
    pub template: String,
    /// The sequence of the outreach.
    pub sequence: Option<String>,
    /// An earlier command wrote it, and it had not left yet.
    pub resumed: bool,
    /// Why it is in this state.
    pub because: String,
    /// What went wrong beside it: the mailbox could not be read, the copy in Sent is still due.
    pub trouble: Option<String>,
}

/// Takes an order that is given while nobody else works on the data folder; the caller holds the lock.
///
/// # Errors
/// If the database fails.
pub async fn alone(workspace: &Workspace, request: &Request) -> anyhow::Result<Outcome> {
    let now = workspace.clock.now();
    workspace.store().write::<_, StoreError>(|tx| outbox::recover(tx, now))?;
    send(workspace, request).await
}

/// Takes an order: reads the account, judges, writes the mail into the outbox, and sends it. Given again
/// after it was cut off anywhere, it goes on from where it was.
///
/// # Errors
/// If the database fails. Trouble with a server is part of the outcome.
pub async fn send(workspace: &Workspace, request: &Request) -> anyhow::Result<Outcome> {
    let worded = match workspace.app().word_asked(request, workspace.clock.now()) {
        Ok(worded) => worded,
        Err(because) => return Ok(Outcome::Refused { because }),
    };
    let mut link = Link::new(workspace, worded.account);
    let mut trouble = match link.read().await {
        Ok(_) => None,
        Err(ReadError::Store(error)) => return Err(error.into()),
        Err(error) => Some(error.to_string()),
    };
    workspace.app().consider(&mut workspace.store(), workspace.clock.now(), |_| {})?;
    send::resolve_unknown(&link)?;
    let outcome = match begin(workspace, request, trouble.clone())? {
        Begun::Ended(outcome) => *outcome,
        Begun::Goes(mail) => {
            let sending = send::send_asked(&mut link).await?;
            match send::copy_to_sent(&mut link).await {
                Ok(()) => {}
                Err(ReadError::Store(error)) => return Err(error.into()),
                Err(error) => trouble = trouble.or(Some(format!("the copy in Sent is still due: {error}"))),
            }
            end(workspace, &mail, sending.trouble.or(trouble))?
        }
    };
    link.close().await;
    Ok(outcome)
}

/// What an order came to before anything is sent.
#[derive(Debug)]
pub(super) enum Begun {
    /// Nothing more is to be done.
    Ended(Box<Outcome>),
    /// The mail is in the outbox and may leave.
    Goes(Going),
}

/// A mail that is in the outbox by an order.
#[derive(Debug)]
pub(super) struct Going {
    id: i64,
    account: String,
    resumed: bool,
}

/// Judges an order on what was read, and writes the mail into the outbox. `trouble`: why the account
/// could not be read just now.
///
/// # Errors
/// If the database fails.
pub(super) fn begin(workspace: &Workspace, request: &Request, trouble: Option<String>) -> anyhow::Result<Begun> {
    let worded = match workspace.app().word_asked(request, workspace.clock.now()) {
        Ok(worded) => worded,
        Err(because) => return Ok(Begun::Ended(Box::new(Outcome::Refused { because }))),
    };
    let Some(account) = mailboxes::account(workspace.store().read(), &worded.account.name)? else {
        return Ok(Begun::Ended(Box::new(Outcome::Unread { because: trouble.unwrap_or_default() })));
    };
    let now = workspace.clock.now();
    let taken = workspace.store().write(|tx| workspace.app().take_asked(tx, request, &worded, account.id, now))?;
    Ok(match taken {
        Taken::Objected(objections) => Begun::Ended(Box::new(Outcome::Objected { objections })),
        Taken::Already { outbox, at, too_soon } => {
            let row = outbox.map(|id| row_of(workspace, id)).transpose()?;
            let was = row.as_ref().map_or("sent", |row| row.state.as_str()).to_owned();
            let mail = row.map(|row| asked(workspace, &worded.account.name, &row, None)).transpose()?;
            Begun::Ended(Box::new(Outcome::Already { mail, was, at, too_soon }))
        }
        Taken::Goes(id, resumed) => Begun::Goes(Going { id, account: worded.account.name.clone(), resumed }),
    })
}

/// What became of a mail that was to leave.
///
/// # Errors
/// If the database fails.
pub(super) fn end(workspace: &Workspace, mail: &Going, trouble: Option<String>) -> anyhow::Result<Outcome> {
    let row = row_of(workspace, mail.id)?;
    let limited = mailboxes::account(workspace.store().read(), &mail.account)?
        .and_then(|account| account.limited_until)
        .filter(|until| row.state == "queued" && *until > workspace.clock.now());
    let trouble = trouble.or(limited.map(|until| format!("the provider lets this account send no more until {until}")));
    let told = Asked { resumed: mail.resumed, ..asked(workspace, &mail.account, &row, trouble)? };
    Ok(match row.state.as_str() {
        "sent" => Outcome::Sent(told),
        "drafted" => Outcome::Drafted(told),
        "unknown" => Outcome::Unknown(told),
        "failed" | "cancelled" => Outcome::Failed(told),
        _ => Outcome::Queued(told),
    })
}

fn row_of(workspace: &Workspace, id: i64) -> anyhow::Result<OutboxRow> {
    let row = outbox::get(workspace.store().read(), id)?;
    row.ok_or_else(|| anyhow::anyhow!("mail m{id} vanished from the outbox"))
}

fn asked(workspace: &Workspace, account: &str, row: &OutboxRow, trouble: Option<String>) -> anyhow::Result<Asked> {
    let store = workspace.store();
    Ok(Asked {
        item: row.id,
        outreach: people::outreach_begun_by(store.read(), &row.message_id)?,
        message_id: row.message_id.clone(),
        account: account.to_owned(),
        to: row.recipient.clone(),
        subject: row.subject.clone(),
        text: row.text.clone(),
        template: row.purpose.clone(),
        sequence: match &row.pursuit {
            crate::store::apply::Pursuit::Begins { sequence } => sequence.clone(),
            _ => None,
        },
        resumed: false,
        because: row.because.clone(),
        trouble,
    })
}
