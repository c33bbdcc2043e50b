//! What must hold: after every step, and once everything has healed.

use std::collections::BTreeSet;

use checkback::store::outbox::OutboxRow;

use super::town::{ASKED_BY_HAND, Town, is_recruiter};
use crate::house::House;
use crate::ledger::{field, ledger, purpose};

/// After every step. An error says which law was broken.
pub fn always(town: &Town) -> Result<(), String> {
    sent_once(town)?;
    follow_ups_are_welcome(town)?;
    cursor_never_ahead(&town.house)?;
    outbox_and_journal_agree(town)
}

/// Once everything has healed.
pub fn at_the_end(town: &Town) -> Result<(), String> {
    nothing_missed(town)?;
    nothing_lost(town)?;
    no_follow_up_forgotten(town)?;
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

/// None by machine to somebody who has written since, none on a day on which the person got a mail already,
/// none for an outreach that the program did not send itself.
fn follow_ups_are_welcome(town: &Town) -> Result<(), String> {
    for taken in town.taken.iter().filter(|taken| taken.automatic && taken.purpose.starts_with("follow-up")) {
        let what = format!("{} got {:?}", taken.to, taken.purpose);
        if taken.had_written {
            return Err(format!("{what} after an answer"));
        }
        if taken.second_of_the_day {
            return Err(format!("{what} on the day of another mail"));
        }
        if taken.purpose.contains(ASKED_BY_HAND) {
            return Err(format!("{what}, which nobody let the machine do"));
        }
    }
    Ok(())
}

/// Whatever lies at or below the cursor was learnt, or is noted as missing.
pub fn cursor_never_ahead(house: &House) -> Result<(), String> {
    let store = house.workspace.store();
    let mut statement = store.read().prepare(MAILBOXES).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (id, folder): (i64, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        let (validity, cursor): (u32, u32) = (row.get(2).unwrap(), row.get(3).unwrap());
        let account: String = row.get(4).unwrap();
        let uids: Vec<u32> = house.world().edit(|world| {
            let folder = world.folder(user_of(&account), &folder).unwrap();
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

const MAILBOXES: &str = "SELECT mailbox.id, folder, uid_validity, cursor, name FROM mailbox
    JOIN account ON account.id = account_id";

/// The user of the mail server to whom an account belongs.
pub fn user_of(account: &str) -> &'static str {
    if account == "personal" { "dana" } else { "reyes" }
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
    for (account, folder) in town.accounts().flat_map(|account| FOLDERS.map(|folder| (account.clone(), folder))) {
        let uids: Vec<u32> = town.house.world().edit(|world| {
            world.folder(user_of(&account), folder).unwrap().messages.iter().map(|mail| mail.uid).collect()
        });
        let known: BTreeSet<String> = town
            .house
            .texts(&format!(
                "SELECT CAST(uid AS TEXT) FROM location JOIN mailbox ON mailbox.id = mailbox_id
                 JOIN account ON account.id = account_id WHERE folder = '{folder}' AND name = '{account}'"
            ))
            .into_iter()
            .collect();
        if let Some(uid) = uids.iter().find(|uid| !known.contains(&uid.to_string())) {
            return Err(format!("mail {uid} of {folder} of {account} was never read"));
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

/// What was due is told, written, held or done: nothing planned lies behind, nothing written lies nowhere.
fn no_follow_up_forgotten(town: &Town) -> Result<(), String> {
    let long_ago = town.house.now().checked_sub(jiff::SignedDuration::from_hours(48)).unwrap();
    // the zone's weekends and the window may move a day on; what is paused by the breaker stays planned
    let planned = format!(
        "SELECT 'step ' || step || ' of ' || outreach || ', due ' || due_at FROM follow_up
         WHERE state = 'planned' AND due_at < '{}' AND reason <> 'paused'",
        long_ago.strftime("%Y-%m-%dT%H:%M:%SZ")
    );
    let nowhere = "SELECT 'step ' || step || ' of ' || follow_up.outreach FROM follow_up
        WHERE follow_up.state = 'written' AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = follow_up.outbox
            AND outbox.state IN ('held', 'queued', 'claimed', 'sending', 'unknown', 'drafted'))";
    for (law, sql) in [("never came", planned.as_str()), ("is written and lies nowhere", nowhere)] {
        let broken = town.house.texts(sql);
        if !broken.is_empty() {
            return Err(format!("a follow-up {law}: {broken:?}"));
        }
    }
    Ok(())
}

/// Of the mail that is held as of unknown fate, what no server took: a person is asked without need.
pub fn wrongly_held(town: &Town) -> usize {
    let taken = ledger(&town.house.sent());
    let nobody_took = |row: &OutboxRow| {
        let mail = format!("Subject: {}\r\n\r\n{}", row.subject, row.text);
        !taken.contains_key(&(row.recipient.address.as_str().to_owned(), purpose(mail.as_bytes())))
    };
    town.house.outbox("unknown").iter().filter(|row| nobody_took(row)).count()
}

fn copies_once(town: &Town) -> Result<(), String> {
    for (account, name) in town.accounts().flat_map(|account| ["Sent", "Drafts"].map(|name| (account.clone(), name))) {
        let folder = town.house.folder_of(user_of(&account), name);
        let ids: Vec<String> = folder.iter().filter_map(|mail| field(mail, "Message-ID")).collect();
        let once: BTreeSet<&String> = ids.iter().collect();
        if once.len() != ids.len() {
            return Err(format!("{name} holds a mail twice"));
        }
    }
    Ok(())
}

fn answers_found(town: &Town) -> Result<(), String> {
    for person in &town.replied {
        let logged = "FROM outreach JOIN outreach_person ON outreach = outreach.id";
        let count = |and: &str| town.house.count(&format!("SELECT count(*) {logged} WHERE key = '{person}' {and}"));
        // a mail of unknown fate began no outreach that an answer could belong to
        let asked = count("") > 0 || town.asked_by_hand(person);
        if asked && count("AND first_response_at IS NOT NULL") == 0 {
            return Err(format!("{person} answered, and it was not noticed"));
        }
    }
    Ok(())
}

const FOLDERS: [&str; 3] = ["INBOX", "Sent", "Archive"];
