//! What a person said of a follow-up.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::image::{self, Image};
use super::record;
use crate::store::apply::{self, NewMail};
use crate::store::{StoreError, stamp};

/// What a person says of a follow-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowUpWord {
    /// The touch was made in another way.
    Done,
    /// Not before then.
    Snoozed(Timestamp),
    /// No further follow-up.
    Stopped,
    /// Go on, whatever came until now.
    GoneOn,
    /// The machine may do what the sequence says.
    Allowed,
}

impl FollowUpWord {
    fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Snoozed(_) => "snoozed",
            Self::Stopped => "stopped",
            Self::GoneOn => "gone on",
            Self::Allowed => "allowed",
        }
    }
}

/// Takes a person's word about a follow-up. Returns whether there is something to say it of.
///
/// # Errors
/// If SQLite fails.
pub fn decide_follow_up(
    tx: &Transaction<'_>,
    outreach: i64,
    step: u32,
    word: &FollowUpWord,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut before = Vec::new();
    image::capture_pursuit(tx, outreach, &mut before)?;
    image::capture_follow_up(tx, outreach, step, &mut before)?;
    let (at, until) = (stamp(now), if let FollowUpWord::Snoozed(until) = word { stamp(*until) } else { String::new() });
    const ONE: &str = "WHERE outreach = ?1 AND step = ?2 AND state <> 'done'";
    let changed = match word {
        FollowUpWord::Done => tx.execute(
            &format!("UPDATE follow_up SET state = 'done', reason = '', because = 'done by you', settled_at = ?3 {ONE}"),
            (outreach, step, &at),
        )?,
        FollowUpWord::Snoozed(_) => tx.execute(
            &format!(
                "UPDATE follow_up SET state = 'planned', reason = '', because = 'later, by you', snoozed_until = ?3,
                        due_at = ?3, settled_at = ?4 {ONE}"
            ),
            (outreach, step, &until, &at),
        )?,
        FollowUpWord::Stopped => tx.execute(
            &format!(
                "UPDATE follow_up SET state = 'stopped', reason = 'by_you', because = 'stopped by you', settled_at = ?3 {ONE}"
            ),
            (outreach, step, &at),
        )?,
        FollowUpWord::GoneOn => {
            heed(tx, outreach, now)?;
            tx.execute(
                &format!("UPDATE follow_up SET state = 'planned', reason = '', because = 'gone on, by you' {ONE}"),
                (outreach, step),
            )?
        }
        FollowUpWord::Allowed => tx.execute("UPDATE outreach SET automatic = 1 WHERE id = ?1", [outreach])?,
    };
    if changed == 0 {
        return Ok(false);
    }
    if matches!(word, FollowUpWord::Snoozed(_)) {
        heed(tx, outreach, now)?;
    }
    if !matches!(word, FollowUpWord::Allowed | FollowUpWord::GoneOn) {
        apply::cancel_mail(tx, outreach, step, crate::domain::sequence::life::Bar::ByYou, now)?;
    }
    apply::journal(tx, now, &format!("follow_up {}", word.name()), &format!("{outreach}:{step}"), "by you")?;
    record(tx, now, word.name(), &format!("the follow-up of outreach {outreach}"), &before)?;
    Ok(true)
}

/// Queues a follow-up that a person sends by hand.
///
/// # Errors
/// If SQLite fails.
pub fn send_follow_up(
    tx: &Transaction<'_>,
    outreach: i64,
    step: u32,
    mail: &NewMail,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut before = Vec::new();
    image::capture_pursuit(tx, outreach, &mut before)?;
    image::capture_follow_up(tx, outreach, step, &mut before)?;
    heed(tx, outreach, now)?;
    let row = apply::write_mail(tx, mail, now)?;
    tx.execute(
        "UPDATE follow_up SET state = 'written', reason = '', because = 'sent by you', outbox = coalesce(?3, outbox),
                settled_at = ?4 WHERE outreach = ?1 AND step = ?2",
        (outreach, step, row, stamp(now)),
    )?;
    before.extend(row.map(|id| Image::NewMail { id }));
    record(tx, now, "sent", &format!("the follow-up of outreach {outreach} to {}", mail.recipient.address), &before)
}

/// Mail that was learnt until now pauses the outreach no more.
pub(super) fn heed(tx: &Transaction<'_>, outreach: i64, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outreach SET heeded_mail = (SELECT coalesce(max(id), 0) FROM message), heeded_at = ?2 WHERE id = ?1",
        (outreach, stamp(now)),
    )?;
    Ok(())
}
