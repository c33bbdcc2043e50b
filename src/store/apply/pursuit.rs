//! Outreach, touches, matched mail.

use jiff::Timestamp;
use rusqlite::{Transaction, named_params};

use super::{Subject, journal, know_address, look_again};
use crate::domain::decide::{self, Fact};
use crate::domain::gist::{BounceReason, Kind};
use crate::domain::ident::{Address, MessageId, NamedAddress};
use crate::domain::matching::{self, Match};
use crate::store::outbox::OutboxRow;
use crate::store::{StoreError, cases, stamp};

/// An outreach that begins: where it comes from, and how it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun<'a> {
    /// Sent, proposal, checkback (it was sent from here) …
    pub source: &'a str,
    /// The template of the first touch.
    pub template: Option<&'a str>,
    /// The sequence in which it is enrolled.
    pub sequence: Option<&'a str>,
    /// The rule or the person that logged it.
    pub because: &'a str,
}

/// Logs an outreach whose first touch is the subject, and gives its row, whether it is new or not.
pub(super) fn begin(
    tx: &Transaction<'_>,
    subject: &Subject<'_>,
    asked: &[NamedAddress],
    begun: &Begun<'_>,
) -> Result<i64, StoreError> {
    let gist = subject.gist;
    let inserted = tx
        .prepare_cached(
            "INSERT OR IGNORE INTO outreach (account_id, root, subject, base_subject, source, template, sequence,
                                             first_touch_at, last_touch_at, because)
             VALUES (:account, :root, :subject, :base, :source, :template, :sequence, :at, :at, :because)",
        )?
        .execute(named_params! {
            ":account": subject.account, ":root": gist.root(), ":subject": gist.subject,
            ":base": gist.base_subject.as_str(), ":source": begun.source, ":template": begun.template,
            ":sequence": begun.sequence, ":at": stamp(subject.at), ":because": begun.because,
        })?;
    if inserted == 0 {
        return Ok(tx.query_row("SELECT id FROM outreach WHERE root = ?1", [gist.root()], |row| row.get(0))?);
    }
    let outreach = tx.last_insert_rowid();
    for person in asked {
        let key = know_address(tx, &person.address)?;
        tx.prepare_cached(
            "INSERT OR IGNORE INTO outreach_person (outreach, key, address, name, name_key) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            outreach,
            key,
            person.address.as_str(),
            person.name.as_deref().unwrap_or_default(),
            matching::name_key(person),
        ))?;
    }
    tx.prepare_cached("UPDATE proposal SET state = 'accepted' WHERE message = ?1 AND state = 'open'")?
        .execute([subject.message])?;
    touch(tx, subject, outreach)?;
    journal(tx, subject.at, "outreach", gist.root(), begun.because)?;
    Ok(outreach)
}

/// Logs the outreach that a mail begins which a person sent from here, and gives its row.
///
/// # Errors
/// If SQLite fails.
pub fn begin_by_hand(
    tx: &Transaction<'_>,
    subject: &Subject<'_>,
    asked: &[NamedAddress],
    sent: &OutboxRow,
    sequence: Option<&str>,
) -> Result<i64, StoreError> {
    let begun = Begun { source: "checkback", template: Some(&sent.purpose), sequence, because: "sent from here" };
    let outreach = begin(tx, subject, asked, &begun)?;
    tx.execute(
        "INSERT OR IGNORE INTO tag (outreach, tag)
         SELECT ?1, value FROM outbox, json_each(outbox.tags) WHERE outbox.id = ?2",
        (outreach, sent.id),
    )?;
    Ok(outreach)
}

/// Adds the subject as a touch.
///
/// # Errors
/// If SQLite fails.
pub fn touch(tx: &Transaction<'_>, subject: &Subject<'_>, outreach: i64) -> Result<(), StoreError> {
    let at = stamp(subject.at);
    tx.prepare_cached(
        "INSERT OR IGNORE INTO touch (outreach, message, at, step)
         VALUES (?1, ?2, ?3, (SELECT count(*) FROM touch WHERE outreach = ?1))",
    )?
    .execute((outreach, subject.message, &at))?;
    tx.prepare_cached(
        "UPDATE outreach SET last_touch_at = max(last_touch_at, ?2), first_touch_at = min(first_touch_at, ?2)
         WHERE id = ?1",
    )?
    .execute((outreach, &at))?;
    let ids: Vec<MessageId> = subject.gist.message_id.iter().chain(&subject.gist.other_ids).cloned().collect();
    let keys: Vec<String> = tx
        .prepare_cached("SELECT key FROM outreach_person WHERE outreach = ?1")?
        .query_map([outreach], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    look_again(tx, subject, &ids, &keys)
}

/// Notes a mail that may be outreach.
pub(super) fn propose(
    tx: &Transaction<'_>,
    subject: &Subject<'_>,
    because: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR IGNORE INTO proposal (message, because, at) VALUES (?1, ?2, ?3)")?.execute((
        subject.message,
        because,
        stamp(now),
    ))?;
    Ok(())
}

/// Accepts or rejects a proposal and remembers it for the addresses and domains it went to.
///
/// # Errors
/// If SQLite fails.
pub fn decide_proposal(
    tx: &Transaction<'_>,
    subject: &Subject<'_>,
    asked: &[NamedAddress],
    accept: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let state = if accept { "accepted" } else { "rejected" };
    tx.execute("UPDATE proposal SET state = ?1, at = ?2 WHERE message = ?3", (state, stamp(now), subject.message))?;
    for entry in remembered_of(asked) {
        tx.execute(
            "INSERT OR REPLACE INTO remembered (subject, outreach, at) VALUES (?1, ?2, ?3)",
            (entry, accept, stamp(now)),
        )?;
    }
    if accept {
        let begun = Begun { source: "proposal", template: None, sequence: None, because: "accepted by you" };
        begin(tx, subject, asked, &begun)?;
    }
    journal(tx, now, state, subject.gist.root(), "proposal decided by you")
}

/// For what a decision on a proposal is remembered: the addresses and the domains it went to.
pub(in crate::store) fn remembered_of(asked: &[NamedAddress]) -> Vec<String> {
    let entries = asked.iter().flat_map(|person| {
        let organisation = person.address.organisation().map(|organisation| organisation.as_str().to_owned());
        std::iter::once(person.address.mailbox_key()).chain(organisation)
    });
    let mut entries: Vec<String> = entries.collect();
    entries.sort();
    entries.dedup();
    entries
}

/// Joins the subject to an outreach by a person's word, or parts it from one (level `refused`). The
/// evidence that was found for it stays; without any it is `evidence`.
pub(in crate::store) fn join(
    tx: &Transaction<'_>,
    subject: &Subject<'_>,
    outreach: i64,
    level: &str,
    evidence: &str,
    because: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO matched (outreach, message, level, evidence, because, kind, tone, at, decided)
         VALUES (:outreach, :message, :level, :evidence, :because, :kind, :tone, :at, 1)
         ON CONFLICT (outreach, message) DO UPDATE SET level = excluded.level, because = excluded.because, decided = 1",
        named_params! {
            ":outreach": outreach, ":message": subject.message, ":level": level, ":evidence": evidence,
            ":because": because, ":kind": subject.gist.kind.as_str(),
            ":tone": subject.gist.tone.as_ref().map(|tone| tone.as_str()), ":at": stamp(subject.at),
        },
    )?;
    reckon(tx, outreach)
}

/// Joins the subject to an outreach. What a person decided stays.
pub(super) fn matched(tx: &Transaction<'_>, subject: &Subject<'_>, found: &Match) -> Result<(), StoreError> {
    let gist = subject.gist;
    tx.prepare_cached(
        "INSERT INTO matched (outreach, message, level, evidence, because, kind, tone, at)
         VALUES (:outreach, :message, :level, :evidence, :because, :kind, :tone, :at)
         ON CONFLICT (outreach, message) DO UPDATE SET level = excluded.level, evidence = excluded.evidence,
             because = excluded.because, kind = excluded.kind, tone = excluded.tone
         WHERE decided = 0",
    )?
    .execute(named_params! {
        ":outreach": found.outreach, ":message": subject.message, ":level": found.level.as_str(),
        ":evidence": found.evidence.as_str(), ":because": found.because, ":kind": gist.kind.as_str(),
        ":tone": gist.tone.as_ref().map(|tone| tone.as_str()), ":at": stamp(subject.at),
    })?;
    if gist.kind == Kind::Human { settle(tx, found.outreach) } else { Ok(()) }
}

/// A person says whether a possible answer is one. What was refused stays as a match that never
/// counts, so that reading the mail again does not raise it again. Returns whether it was open.
///
/// # Errors
/// If SQLite fails.
pub fn decide_match(
    tx: &Transaction<'_>,
    outreach: i64,
    message: i64,
    accept: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let level = if accept { "sure" } else { "refused" };
    let because = if accept { "accepted by you" } else { "refused by you" };
    let moved = tx.execute(
        "UPDATE matched SET level = ?3, because = ?4, decided = 1
         WHERE outreach = ?1 AND message = ?2 AND level = 'candidate'",
        (outreach, message, level, because),
    )?;
    if moved == 1 {
        settle(tx, outreach)?;
        journal(tx, now, "match", &format!("{outreach}:{message}"), because)?;
    }
    Ok(moved == 1)
}

/// Notes who could not be reached. The outreach failed when nobody was; a human answer overrules.
pub(super) fn unreachable(
    tx: &Transaction<'_>,
    outreach: i64,
    recipients: &[Address],
    reason: BounceReason,
) -> Result<(), StoreError> {
    let reason = if reason == BounceReason::Address { "address" } else { "refused" };
    let mut named = 0;
    for recipient in recipients {
        named += tx
            .prepare_cached("UPDATE outreach_person SET failed = ?3 WHERE outreach = ?1 AND key = ?2")?
            .execute((outreach, recipient.mailbox_key(), reason))?;
    }
    if named == 0 {
        // it names nobody we asked (an alias, a forward): it can only mean the one we asked
        tx.execute(
            "UPDATE outreach_person SET failed = ?2 WHERE outreach = ?1
             AND (SELECT count(*) FROM outreach_person WHERE outreach = ?1) = 1",
            (outreach, reason),
        )?;
    }
    settle(tx, outreach)
}

/// Reckons an outreach from nothing but the mail that is joined to it: who could not be reached, the
/// first response, its fate. For when joined mail turned out to be something else.
pub(in crate::store) fn reckon(tx: &Transaction<'_>, outreach: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE outreach_person SET failed = NULL WHERE outreach = ?1", [outreach])?;
    let notices: Vec<i64> = tx
        .prepare_cached(
            "SELECT message FROM matched WHERE outreach = ?1 AND kind IN ('bounce', 'out_of_office')
             AND level IN ('sure', 'likely') ORDER BY at, message",
        )?
        .query_map([outreach], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for notice in notices {
        let Some(mail) = cases::mail(tx, notice)? else { continue };
        if let Some(Fact::Unreachable { recipients, reason, .. }) = decide::unreachable(&mail.gist, outreach) {
            unreachable(tx, outreach, &recipients, reason)?;
        }
    }
    settle(tx, outreach)
}

/// What follows from the mail that is joined to an outreach: the first response, its fate (a human
/// answer overrules a bounce) and its stage. A response on another channel than mail was logged.
fn settle(tx: &Transaction<'_>, outreach: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outreach SET first_response_at = coalesce(
             (SELECT min(at) FROM matched WHERE outreach = ?1 AND kind = 'human' AND level IN ('sure', 'likely')),
             CASE channel WHEN 'mail' THEN NULL ELSE first_response_at END)
         WHERE id = ?1",
    )?
    .execute([outreach])?;
    tx.prepare_cached(
        "UPDATE outreach SET
             fate = CASE
                 WHEN first_response_at IS NOT NULL THEN 'delivered'
                 WHEN NOT EXISTS (SELECT 1 FROM outreach_person WHERE outreach = ?1 AND failed IS NOT NULL) THEN 'delivered'
                 WHEN EXISTS (SELECT 1 FROM outreach_person WHERE outreach = ?1 AND failed IS NULL) THEN 'delivered'
                 WHEN EXISTS (SELECT 1 FROM outreach_person WHERE outreach = ?1 AND failed = 'refused') THEN 'refused'
                 ELSE 'bounced' END,
             stage = CASE
                 WHEN stage = 'contacted' AND first_response_at IS NOT NULL THEN 'answered'
                 WHEN stage = 'answered' AND first_response_at IS NULL THEN 'contacted'
                 ELSE stage END
         WHERE id = ?1",
    )?
    .execute([outreach])?;
    Ok(())
}
