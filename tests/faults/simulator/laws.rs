//! What must hold: after every step, and once everything has healed.

use std::collections::BTreeSet;

use super::town::{Town, is_recruiter};
use crate::house::House;
use crate::ledger::{field, ledger};

/// After every step. An error says which law was broken.
pub fn always(town: &Town) -> Result<(), String> {
    sent_once(town)?;
    cursor_never_ahead(&town.house)?;
    outbox_and_journal_agree(town)
}

/// Once everything has healed.
pub fn at_the_end(town: &Town) -> Result<(), String> {
    nothing_missed(town)?;
    nothing_lost(town)?;
    copies_once(town)?;
    answers_found(town)
}

fn sent_once(town: &Town) -> Result<(), String> {
    for ((to, purpose), count) in ledger(&town.house.sent()) {
        let excused = town.excused.get(&(to.clone(), purpose.clone())).copied().unwrap_or(0);
        if count > 1 + excused {
            return Err(format!("{to} got {purpose:?} {count} times"));
        }
        if purpose == "check-back" && !is_recruiter(&to) {
            return Err(format!("{to} got a check-back and is no recruiter"));
        }
    }
    Ok(())
}

/// Whatever lies at or below the cursor was learnt, or is noted as missing.
pub fn cursor_never_ahead(house: &House) -> Result<(), String> {
    let store = house.workspace.store();
    let mut statement = store.read().prepare("SELECT id, folder, uid_validity, cursor FROM mailbox").unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (id, folder): (i64, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        let (validity, cursor): (u32, u32) = (row.get(2).unwrap(), row.get(3).unwrap());
        let uids: Vec<u32> = house.world().edit(|world| {
            let folder = world.folder("dana", &folder).unwrap();
            let below = folder.messages.iter().map(|mail| mail.uid).filter(|uid| *uid <= cursor);
            if folder.uid_validity == validity { below.collect() } else { Vec::new() }
        });
        for uid in uids {
            let known = "SELECT EXISTS (SELECT 1 FROM location WHERE mailbox_id = ?1 AND uid = ?2)
                OR EXISTS (SELECT 1 FROM missing WHERE mailbox_id = ?1 AND uid = ?2)";
            let known: bool = store.read().query_row(known, (id, uid), |row| row.get(0)).unwrap();
            if !known {
                return Err(format!("the cursor of {folder} is at {cursor}, and {uid} was never learnt"));
            }
        }
    }
    Ok(())
}

fn outbox_and_journal_agree(town: &Town) -> Result<(), String> {
    let silent = town.house.texts(
        "SELECT state || ' ' || recipient FROM outbox WHERE state NOT IN ('held', 'queued', 'claimed', 'sending')
         AND NOT EXISTS (SELECT 1 FROM journal WHERE subject = outbox.message_id AND event = outbox.state)",
    );
    if !silent.is_empty() {
        return Err(format!("no line of the journal says: {silent:?}"));
    }
    if town.set_back {
        return Ok(());
    }
    let taken: BTreeSet<String> =
        town.house.sent().iter().filter_map(|mail| field(&String::from_utf8_lossy(&mail.data), "Message-ID")).collect();
    let not_left = "SELECT '<' || message_id || '>' FROM outbox
        WHERE state IN ('held', 'queued', 'claimed', 'failed', 'drafted')";
    for id in town.house.texts(not_left) {
        if taken.contains(&id) {
            return Err(format!("{id} was taken, and the outbox says that it did not leave"));
        }
    }
    for id in town.house.texts("SELECT '<' || message_id || '>' FROM outbox WHERE state = 'sent'") {
        if !taken.contains(&id) {
            return Err(format!("{id} counts as sent, and nobody took it"));
        }
    }
    Ok(())
}

/// Every mail that lies in a folder was learnt.
fn nothing_missed(town: &Town) -> Result<(), String> {
    for folder in ["INBOX", "Sent", "Archive"] {
        let uids: Vec<u32> = town
            .house
            .world()
            .edit(|world| world.folder("dana", folder).unwrap().messages.iter().map(|mail| mail.uid).collect());
        for uid in uids {
            let known = format!(
                "SELECT count(*) FROM location JOIN mailbox ON mailbox.id = mailbox_id
                 WHERE folder = '{folder}' AND uid = {uid}"
            );
            if town.house.count(&known) == 0 {
                return Err(format!("mail {uid} of {folder} was never read"));
            }
        }
    }
    Ok(())
}

/// Every mail was judged, what no rule blocks has an answer, and no answer waits for ever.
fn nothing_lost(town: &Town) -> Result<(), String> {
    let unjudged = "SELECT message_id FROM message WHERE ours = 0 AND (pending = 1 OR blocked_by IS NULL)";
    let unanswered = "SELECT message_id FROM message WHERE ours = 0 AND blocked_by = '[]'
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE inquiry = message.id)";
    let waiting = "SELECT message_id FROM outbox WHERE state IN ('queued', 'claimed', 'sending') OR copy = 'due'";
    for (law, sql) in [("never judged", unjudged), ("never answered", unanswered), ("still waits", waiting)] {
        let broken = town.house.texts(sql);
        if !broken.is_empty() {
            return Err(format!("{law}: {broken:?}"));
        }
    }
    Ok(())
}

fn copies_once(town: &Town) -> Result<(), String> {
    for name in ["Sent", "Drafts"] {
        let ids: Vec<String> = town.house.folder(name).iter().filter_map(|mail| field(mail, "Message-ID")).collect();
        let once: BTreeSet<&String> = ids.iter().collect();
        if once.len() != ids.len() {
            return Err(format!("{name} holds a mail twice"));
        }
    }
    Ok(())
}

fn answers_found(town: &Town) -> Result<(), String> {
    for person in &town.replied {
        let answered = format!(
            "SELECT count(*) FROM outreach JOIN outreach_person ON outreach = outreach.id
             WHERE key = '{person}' AND first_response_at IS NOT NULL"
        );
        if town.house.count(&answered) == 0 {
            return Err(format!("{person} answered, and it was not noticed"));
        }
    }
    Ok(())
}
