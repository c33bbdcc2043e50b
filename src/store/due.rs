//! What the service asks about the outbox between two passes: when the next mail may leave, and
//! whether one is leaving right now.

use jiff::Timestamp;
use rusqlite::Connection;

use super::{StoreError, cases, parse_stamp_opt, stamp};

/// When the next mail of an account may leave, which may be long ago; `None`: nothing waits, or all of
/// it waits for a person. A pause without an end holds what the machine writes to others.
///
/// # Errors
/// If SQLite fails.
pub fn next_of(conn: &Connection, account: &str, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    // text of times sorts as the times do; beyond every time: not before a person says so
    const NEVER: &str = "~";
    let not_before = match cases::paused(conn, now)? {
        None => String::new(),
        Some(Some(until)) => stamp(until),
        Some(None) => NEVER.to_owned(),
    };
    let next: Option<String> = conn
        .prepare_cached(
            "SELECT min(max(due_at, coalesce(limited_until, ''),
                            CASE WHEN errand IN ('answer', 'follow_up') THEN ?2 ELSE '' END))
             FROM outbox JOIN account ON account.id = account_id WHERE state = 'queued' AND account.name = ?1",
        )?
        .query_row((account, not_before), |row| row.get(0))?;
    parse_stamp_opt(next.filter(|text| text != NEVER))
}

/// Whether a mail of the account is being handed over: its body may have left in part.
///
/// # Errors
/// If SQLite fails.
pub fn is_sending(conn: &Connection, account: &str) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM outbox JOIN account ON account.id = account_id
                        WHERE state = 'sending' AND account.name = ?1)",
    )?;
    Ok(statement.query_row([account], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, decisions};

    fn at(text: &str) -> Timestamp {
        format!("2026-03-10T{text}:00Z").parse().unwrap()
    }

    /// An account with one mail of this errand in this state, due at ten.
    fn store(errand: &str, state: &str) -> Store {
        let mut store = Store::temporary().unwrap();
        let made = store.write::<_, StoreError>(|tx| {
            tx.execute("INSERT INTO account (id, name, opened_at) VALUES (1, 'a', '2026-03-01T00:00:00Z')", [])?;
            tx.execute(
                "INSERT INTO outbox (dedupe_key, message_id, account_id, purpose, mode, sender, recipient, subject, text,
                                     refs, state, decided_at, due_at, because, errand)
                 VALUES ('k', 'm@a.example', 1, 'p', 'send', 'a@a.example', 'b@b.example', 's', 't', '[]', ?1,
                         '2026-03-10T09:00:00Z', '2026-03-10T10:00:00Z', '', ?2)",
                [state, errand],
            )?;
            Ok(())
        });
        made.unwrap();
        store
    }

    fn next(store: &Store) -> Option<Timestamp> {
        next_of(store.read(), "a", at("09:30")).unwrap()
    }

    #[test]
    fn what_is_queued_is_due_and_what_waits_for_a_person_is_not() {
        assert_eq!(next(&store("answer", "queued")), Some(at("10:00")));
        for state in ["held", "sent", "unknown", "cancelled"] {
            assert_eq!(next(&store("answer", state)), None, "{state}");
        }
        assert_eq!(next_of(store("answer", "queued").read(), "another", at("09:30")).unwrap(), None);
    }

    #[test]
    fn a_pause_moves_what_the_machine_writes_to_others_and_nothing_else() {
        for (errand, until, expected) in [
            ("answer", Some(at("12:00")), Some(at("12:00"))),
            ("follow_up", None, None),
            ("own", None, Some(at("10:00"))),
            ("digest", Some(at("12:00")), Some(at("10:00"))),
        ] {
            let mut store = store(errand, "queued");
            store.write::<_, StoreError>(|tx| decisions::pause(tx, true, until, at("09:00"))).unwrap();
            assert_eq!(next(&store), expected, "{errand}");
        }
    }

    #[test]
    fn a_limit_of_the_provider_is_waited_for() {
        let mut store = store("own", "queued");
        store.write(|tx| crate::store::mailboxes::limited(tx, 1, at("18:00"))).unwrap();
        assert_eq!(next(&store), Some(at("18:00")));
    }

    #[test]
    fn a_mail_that_is_leaving_is_known() {
        assert!(is_sending(store("answer", "sending").read(), "a").unwrap());
        assert!(!is_sending(store("answer", "claimed").read(), "a").unwrap());
        assert!(!is_sending(store("answer", "sending").read(), "b").unwrap());
    }
}
