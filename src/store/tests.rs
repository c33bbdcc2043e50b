use std::path::Path;

use jiff::SignedDuration;
use rstest::rstest;

use super::apply::{self, Learnt};
use super::mailboxes::{self, Examined, MailboxRow};
use super::outbox::{self, OutboxRow};
use super::*;
use crate::domain::delivery::Errand;
use crate::domain::ident::{Address, DedupeKey, NamedAddress};
use crate::domain::policy::Rule;
use crate::domain::read;

fn now() -> Timestamp {
    "2026-03-10T10:00:00Z".parse().unwrap()
}

fn inbox(uid_validity: u32, uid_next: u32) -> Examined {
    Examined { folder: "INBOX".to_owned(), role: "inbox".to_owned(), uid_validity, uid_next }
}

/// A store with one account and its empty INBOX.
fn store() -> (Store, MailboxRow) {
    let mut store = Store::temporary().unwrap();
    let mailbox = store
        .write::<_, StoreError>(|tx| {
            let account = mailboxes::open_account(tx, "personal", &[inbox(7, 1)], now())?;
            mailboxes::open_mailbox(tx, &account, &inbox(7, 1))
        })
        .unwrap();
    (store, mailbox)
}

fn mail(uid: u32, from: &str, id: &str) -> Learnt {
    let raw = format!(
        "From: {from}\r\nTo: dana@devmail.example\r\nMessage-ID: <{id}>\r\nSubject: Hi\r\n\
         Date: Tue, 10 Mar 2026 09:00:00 +0000\r\n\r\nHello from {from}\r\n"
    );
    let gist = read::read(raw.as_bytes(), now());
    Learnt { uid, received: now(), gist, ours: false, thread: String::new() }
}

fn count(store: &Store, sql: &str) -> i64 {
    store.read().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// An answer to nothing in particular, queued and due now.
fn queued(store: &mut Store) -> i64 {
    let recipient = Address::parse("rita@brightstaff.example").unwrap();
    let key = DedupeKey::new("personal", "root", &recipient, "check-back", 0, 0);
    let mail = apply::NewMail {
        errand: Errand::Answer,
        html: None,
        pursuit: apply::Pursuit::None,
        message_id: key.message_id(b"0123456789abcdef", "devmail.example"),
        key,
        account: 1,
        purpose: "check-back".to_owned(),
        mode: "send",
        inquiry: None,
        sender: NamedAddress { name: None, address: Address::parse("dana@devmail.example").unwrap() },
        recipient: NamedAddress { name: None, address: recipient },
        subject: "Re: Hi".to_owned(),
        text: "Hi".to_owned(),
        in_reply_to: None,
        references: Vec::new(),
        held: None,
        due_at: now(),
        marks: vec!["address:rita@brightstaff.example".to_owned()],
        root: "root".to_owned(),
    };
    store.write::<_, StoreError>(|tx| apply::write_mail(tx, &mail, now())).unwrap();
    store.write::<_, StoreError>(|tx| apply::write_mail(tx, &mail, now())).unwrap();
    count(store, "SELECT max(id) FROM outbox")
}

fn row(store: &Store, id: i64) -> OutboxRow {
    outbox::get(store.read(), id).unwrap().unwrap()
}

#[test]
fn the_schema_in_the_documentation_is_that_of_a_new_database() {
    let folder = tempfile::TempDir::new().unwrap();
    let opened = Store::open(&folder.path().join("checkback.db")).unwrap();
    let written = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema.sql")).unwrap();
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(&written).unwrap();
    let documented = Store { conn };
    assert_eq!(documented.schema().unwrap(), opened.schema().unwrap());
}

#[test]
fn every_table_is_strict() {
    let (store, _) = store();
    let loose =
        "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'";
    assert_eq!(count(&store, loose), 0);
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("checkback.db");
    drop(Store::open(&path).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn learning_a_chunk_twice_changes_nothing() {
    let (mut store, mailbox) = store();
    let chunk = [mail(1, "a@one.example", "1@x"), mail(2, "b@two.example", "2@x")];
    let learn = |store: &mut Store| store.write::<_, StoreError>(|tx| apply::learn(tx, &mailbox, &chunk, 2)).unwrap();
    assert_eq!(learn(&mut store), 2);
    assert_eq!(learn(&mut store), 0);
    assert_eq!(count(&store, "SELECT count(*) FROM message"), 2);
    assert_eq!(count(&store, "SELECT count(*) FROM location"), 2);
}

#[test]
fn two_authors_of_one_message_id_are_two_mails() {
    let (mut store, mailbox) = store();
    let chunk = [mail(1, "a@one.example", "1@x"), mail(2, "b@two.example", "1@x")];
    assert_eq!(store.write::<_, StoreError>(|tx| apply::learn(tx, &mailbox, &chunk, 2)).unwrap(), 2);
}

#[test]
fn the_cursor_commits_with_what_was_learnt_or_not_at_all() {
    let (mut store, mailbox) = store();
    let failed = store.write::<(), StoreError>(|tx| {
        apply::learn(tx, &mailbox, &[mail(1, "a@one.example", "1@x")], 1)?;
        Err(StoreError::Value("the power failed".to_owned()))
    });
    assert!(failed.is_err());
    assert_eq!(count(&store, "SELECT count(*) FROM message"), 0);
    assert_eq!(count(&store, "SELECT cursor FROM mailbox"), 0);
    store.write::<_, StoreError>(|tx| apply::learn(tx, &mailbox, &[mail(1, "a@one.example", "1@x")], 1)).unwrap();
    assert_eq!(count(&store, "SELECT cursor FROM mailbox"), 1);
    store.write::<_, StoreError>(|tx| mailboxes::advance(tx, mailbox.id, 0)).unwrap();
    assert_eq!(count(&store, "SELECT cursor FROM mailbox"), 1, "never backwards");
}

#[test]
fn a_uid_that_is_not_handed_out_is_asked_for_again_at_growing_distances_and_given_up_at_last() {
    let (mut store, mailbox) = store();
    let mut now = now();
    for attempt in 1..=7 {
        store.write::<_, StoreError>(|tx| mailboxes::note_missing(tx, mailbox.id, 9, "nothing came", now)).unwrap();
        if attempt > 1 {
            assert!(mailboxes::missing(store.read(), mailbox.id, now).unwrap().is_empty(), "at once after {attempt}");
        }
        now += SignedDuration::from_hours(73);
        assert_eq!(mailboxes::missing(store.read(), mailbox.id, now).unwrap(), [9], "later, after {attempt}");
    }
    store.write::<_, StoreError>(|tx| mailboxes::note_missing(tx, mailbox.id, 9, "nothing came", now)).unwrap();
    now += SignedDuration::from_hours(73);
    assert!(mailboxes::missing(store.read(), mailbox.id, now).unwrap().is_empty(), "given up");
}

#[test]
fn a_missing_uid_that_comes_at_last_is_forgotten() {
    let (mut store, mailbox) = store();
    store.write::<_, StoreError>(|tx| mailboxes::note_missing(tx, mailbox.id, 1, "nothing came", now())).unwrap();
    store.write::<_, StoreError>(|tx| apply::learn(tx, &mailbox, &[mail(1, "a@one.example", "1@x")], 0)).unwrap();
    assert!(mailboxes::missing(store.read(), mailbox.id, now()).unwrap().is_empty());
}

#[test]
fn the_same_decision_twice_writes_one_mail() {
    let (mut store, _) = store();
    queued(&mut store);
    assert_eq!(count(&store, "SELECT count(*) FROM outbox"), 1);
    assert_eq!(count(&store, "SELECT count(*) FROM journal WHERE event = 'queued'"), 1);
}

#[test]
fn what_is_claimed_is_not_claimed_again() {
    let (mut store, _) = store();
    let id = queued(&mut store);
    let claim = |store: &mut Store, at| {
        store.write::<_, StoreError>(|tx| outbox::claim(tx, 1, outbox::Group::Automatic, at)).unwrap().len()
    };
    assert_eq!(claim(&mut store, now() - SignedDuration::from_secs(1)), 0, "not due");
    assert_eq!(claim(&mut store, now()), 1);
    assert_eq!(claim(&mut store, now()), 0);
    assert_eq!(row(&store, id).state, "claimed");
}

#[rstest]
#[case("held")]
#[case("queued")]
#[case("sending")]
#[case("sent")]
#[case("failed")]
#[case("unknown")]
#[case("drafted")]
#[case("cancelled")]
fn only_what_is_claimed_can_be_sent(#[case] state: &str) {
    let (mut store, _) = store();
    let id = queued(&mut store);
    store.write::<_, StoreError>(|tx| Ok(tx.execute("UPDATE outbox SET state = ?1", [state])?)).unwrap();
    assert!(!store.write::<_, StoreError>(|tx| outbox::sending(tx, id)).unwrap());
    assert_eq!(row(&store, id).state, state);
}

#[test]
fn bytes_are_rendered_once() {
    let (mut store, _) = store();
    let id = queued(&mut store);
    store.write::<_, StoreError>(|tx| outbox::claim(tx, 1, outbox::Group::Automatic, now())).unwrap();
    for bytes in [&b"first"[..], b"second"] {
        store.write::<_, StoreError>(|tx| outbox::rendered(tx, id, bytes)).unwrap();
    }
    assert_eq!(row(&store, id).bytes.as_deref(), Some(&b"first"[..]));
}

#[test]
fn after_a_crash_the_claimed_is_queued_and_the_sending_unknown() {
    let (mut store, _) = store();
    let id = queued(&mut store);
    store.write::<_, StoreError>(|tx| outbox::claim(tx, 1, outbox::Group::Automatic, now())).unwrap();
    assert_eq!(store.write::<_, StoreError>(|tx| outbox::recover(tx, now())).unwrap(), 0);
    assert_eq!(row(&store, id).state, "queued");
    store.write::<_, StoreError>(|tx| outbox::claim(tx, 1, outbox::Group::Automatic, now())).unwrap();
    assert!(store.write::<_, StoreError>(|tx| outbox::sending(tx, id)).unwrap());
    assert_eq!(store.write::<_, StoreError>(|tx| outbox::recover(tx, now())).unwrap(), 1);
    assert_eq!(row(&store, id).state, "unknown");
    assert_eq!(store.write::<_, StoreError>(|tx| outbox::claim(tx, 1, outbox::Group::Automatic, now())).unwrap(), []);
}

#[test]
fn only_a_held_mail_can_be_approved() {
    let (mut store, _) = store();
    let id = queued(&mut store);
    assert!(!store.write::<_, StoreError>(|tx| outbox::approve(tx, id, now())).unwrap());
    store.write::<_, StoreError>(|tx| Ok(tx.execute("UPDATE outbox SET state = 'held'", [])?)).unwrap();
    assert!(store.write::<_, StoreError>(|tx| outbox::approve(tx, id, now())).unwrap());
    assert!(row(&store, id).approved);
}

#[test]
fn the_journal_only_grows() {
    let (mut store, _) = store();
    queued(&mut store);
    for sql in ["DELETE FROM journal", "UPDATE journal SET because = 'nothing'"] {
        let error = store.write::<_, StoreError>(|tx| Ok(tx.execute(sql, [])?)).unwrap_err();
        assert!(error.to_string().contains("append only"), "{error}");
    }
    assert_eq!(count(&store, "SELECT count(*) FROM journal"), 1);
}

#[test]
fn rules_are_stored_under_their_names() {
    let (mut store, mailbox) = store();
    store.write::<_, StoreError>(|tx| apply::learn(tx, &mailbox, &[mail(1, "a@one.example", "1@x")], 1)).unwrap();
    let found = cases::find_mail(store.read(), "1@x").unwrap().remove(0);
    let subject = apply::Subject { message: found.id, account: 1, gist: &found.gist, at: found.at };
    let facts = [crate::domain::decide::Fact::Judged(vec![Rule::Own, Rule::Unsure])];
    for _ in 0..2 {
        store.write::<_, StoreError>(|tx| apply::apply(tx, &subject, &facts, "because", now())).unwrap();
    }
    let found = cases::find_mail(store.read(), "<1@x>").unwrap().remove(0);
    assert_eq!(found.blocked_by, Some(vec!["self".to_owned(), "unsure".to_owned()]));
    assert!(cases::pending(store.read(), 10).unwrap().is_empty());
}

#[test]
fn every_day_of_four_centuries_is_read_as_the_calendar_has_it() {
    let mut day = jiff::civil::date(1799, 12, 30);
    while day.year() < 2201 {
        let text = format!("{day}T23:59:07Z");
        let read: Timestamp = text.parse().unwrap();
        assert_eq!(parse_stamp(&text).unwrap(), read, "{text}");
        assert_eq!(stamp(read), text);
        day = day.tomorrow().unwrap();
    }
}

#[rstest]
#[case("2026-02-30T00:00:00Z")]
#[case("2026-13-01T00:00:00Z")]
#[case("2026-01-01T24:00:00Z")]
#[case("2026-01-01 24:00:00Z")]
#[case("")]
fn what_is_no_time_is_said_to_be_none(#[case] text: &str) {
    assert!(matches!(parse_stamp(text), Err(StoreError::Value(_))), "{text}");
}

#[test]
fn a_touch_that_is_found_later_takes_its_place_in_time() {
    let (mut store, mailbox) = store();
    let mut subject = |id: &str, at: &str| {
        let learnt = mail(1, "dana@devmail.example", id);
        store
            .write::<_, StoreError>(|tx| {
                tx.execute(
                    "INSERT OR IGNORE INTO outreach (id, account_id, root, subject, base_subject, first_touch_at,
                                                     last_touch_at, because) VALUES (1, ?1, 'root', '', '', ?2, ?2, '')",
                    (mailbox.account_id, at),
                )?;
                tx.execute(
                    "INSERT INTO message (message_id, digest, account_id, ours, role, received_at, at, kind, base_subject,
                                          before_start, gist) VALUES (?1, ?1, ?2, 1, 'sent', ?3, ?3, 'human', '', 0, '{}')",
                    (id, mailbox.account_id, at),
                )?;
                let message = tx.last_insert_rowid();
                let at = parse_stamp(at)?;
                let subject = apply::Subject { message, account: mailbox.account_id, gist: &learnt.gist, at };
                apply::touch(tx, &subject, 1)
            })
            .unwrap();
    };
    for (id, day) in [("second", 10), ("third", 17), ("first", 3)] {
        subject(id, &format!("2026-03-{day:02}T09:00:00Z"));
    }
    let steps: Vec<String> = store
        .read()
        .prepare("SELECT step || ' ' || message_id FROM touch JOIN message ON id = message ORDER BY step")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(steps, ["0 first", "1 second", "2 third"]);
    assert_eq!(count(&store, "SELECT first_touch_at = '2026-03-03T09:00:00Z' FROM outreach"), 1);
}

#[test]
fn a_database_of_the_first_version_gets_organisations_and_steps_in_order() {
    let mut conn = Connection::open_in_memory().unwrap();
    Migrations::from_slice(STEPS.get(..1).unwrap()).to_latest(&mut conn).unwrap();
    conn.execute_batch(
        "INSERT INTO account (name, opened_at) VALUES ('personal', '2026-01-01T00:00:00Z');
         INSERT INTO address (key, address, organisation) VALUES
             ('a@freemail.example', '', NULL), ('b@bigcorp.example', '', 'bigcorp.example');
         INSERT INTO outreach (account_id, root, subject, base_subject, first_touch_at, last_touch_at, because)
             VALUES (1, 'root', '', '', '2026-01-01T00:00:00Z', '2026-01-09T00:00:00Z', '');
         INSERT INTO outreach_person (outreach, key, address) VALUES
             (1, 'a@freemail.example', ''), (1, 'b@bigcorp.example', '');
         INSERT INTO message (id, digest, account_id, ours, role, received_at, at, kind, base_subject, before_start, gist)
             VALUES (1, 'x', 1, 1, 'sent', '', '', 'human', '', 0, ''), (2, 'y', 1, 1, 'sent', '', '', 'human', '', 0, '');
         INSERT INTO touch (outreach, message, at, step) VALUES
             (1, 1, '2026-01-09T00:00:00Z', 0), (1, 2, '2026-01-01T00:00:00Z', 1);",
    )
    .unwrap();
    MIGRATIONS.to_latest(&mut conn).unwrap();
    let store = Store { conn };
    assert_eq!(count(&store, "SELECT first_organisation = 'bigcorp.example' FROM outreach"), 1);
    assert_eq!(count(&store, "SELECT step FROM touch WHERE message = 2"), 0);
    assert_eq!(count(&store, "SELECT step FROM touch WHERE message = 1"), 1);
}

#[rstest]
#[case(rates::LOG, "outreach_rate")]
#[case(rates::FOLLOW_UPS, "touch_later")]
#[case(rates::MACHINES, "matched_machine")]
fn what_grows_with_the_log_is_read_from_one_index(#[case] sql: &str, #[case] index: &str) {
    let (store, _) = store();
    let mut statement = store.read().prepare(&format!("EXPLAIN QUERY PLAN {}", sql.replace("?1", "''"))).unwrap();
    let plan: Vec<String> = statement.query_map([], |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(plan.len(), 1, "{plan:?}");
    assert!(plan[0].contains(&format!("COVERING INDEX {index}")), "{plan:?}");
}
