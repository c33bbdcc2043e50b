//! Where the letters of a token may stand: in the mail that waits to be sent, and nowhere else.

use checkback::domain::command;
use checkback::sandbox::{Fault, SmtpEffect, SmtpStage};
use rusqlite::types::Value;

use super::answering::{STEP, later, link, links, put, reply, told};
use super::house::House;
use super::letters::{Letter, reminded, to_dana, to_others, until, vague};
use super::mail::Mail;

/// `table.column` of every place in the database that holds one of these tokens.
fn places(house: &House, tokens: &[String]) -> Vec<String> {
    let tables = house.texts("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    let store = house.workspace.store();
    let conn = store.read();
    let mut found = Vec::new();
    for table in tables {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for (column, name) in names.iter().enumerate() {
                let text = match row.get(column).unwrap() {
                    Value::Text(text) => text,
                    Value::Blob(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                    _ => continue,
                };
                // as quoted-printable breaks lines
                let whole = text.replace("=\r\n", "").to_lowercase();
                if tokens.iter().any(|token| whole.contains(token.trim_start_matches("cb-"))) {
                    found.push(format!("{table}.{name}"));
                }
            }
        }
    }
    found.dedup();
    found
}

/// Every token of a daily mail.
fn all(letter: &Letter) -> Vec<String> {
    let mut tokens = vec![letter.token.clone()];
    tokens.extend(links(letter).iter().flat_map(|(subject, _)| command::tokens(subject)));
    assert!(tokens.len() > 2 && tokens.iter().all(|token| token.len() == 35), "{tokens:?}");
    tokens
}

#[tokio::test]
async fn a_daily_mail_that_waits_holds_its_tokens_and_one_that_left_does_not() {
    let house = reminded().await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    house.world().inject(Fault::smtp(SmtpStage::Connect).standing().reply("421 4.3.2 closing"));
    until(&house, "2026-03-11T12:00", STEP).await;
    let waiting = house.outbox("queued").remove(0);
    let tokens = command::tokens(&waiting.subject);
    assert_eq!(tokens.len(), 1);
    assert!(places(&house, &tokens).contains(&"outbox.subject".to_owned()), "it is still to be sent");
    house.world().clear_faults();
    house.sync_well().await;
    let letter = to_dana(&house).pop().unwrap();
    assert_eq!(letter.token, tokens[0]);
    assert_eq!(places(&house, &all(&letter)), Vec::<String>::new());
    // and it comes in, and is read
    later(&house).await;
    assert_eq!(house.count("SELECT count(*) FROM message WHERE kind = 'automatic'"), 1);
    assert_eq!(places(&house, &all(&letter)), Vec::<String>::new());
}

#[tokio::test]
async fn one_of_unknown_fate_holds_them_until_its_fate_is_known() {
    let house = reminded().await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).to("dana@").then(SmtpEffect::AcceptThenCut));
    until(&house, "2026-03-11T08:00", STEP).await;
    let letter = to_dana(&house).pop().unwrap();
    assert_eq!(house.texts("SELECT state FROM outbox WHERE errand = 'digest'"), ["unknown"]);
    assert!(!places(&house, &all(&letter)).is_empty(), "it may have to be sent again");
    until(&house, "2026-03-11T12:00", STEP).await;
    assert_eq!(house.texts("SELECT state FROM outbox WHERE errand = 'digest'"), ["sent"]);
    assert_eq!(places(&house, &all(&letter)), Vec::<String>::new());
}

#[tokio::test]
async fn one_that_never_left_loses_them_with_its_day() {
    let house = reminded().await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    house.world().inject(Fault::smtp(SmtpStage::Connect).standing().reply("421 4.3.2 closing"));
    until(&house, "2026-03-11T20:00", STEP).await;
    let tokens = command::tokens(&house.outbox("queued")[0].subject);
    until(&house, "2026-03-12T04:00", STEP).await;
    assert_eq!(house.texts("SELECT state FROM outbox WHERE errand = 'digest'"), ["cancelled"]);
    assert_eq!(places(&house, &tokens), Vec::<String>::new());
}

#[tokio::test]
async fn no_mail_that_is_read_brings_one_in() {
    let (house, letter) = told().await;
    let tokens = all(&letter);
    let (subject, body) = link(&letter, "no 1");
    let words = format!("send {} and more\r\n{subject}\r\n", letter.token);
    let forward = reply(&letter, &words).set("To", "kim@bigcorp.example").set("Subject", &format!("Fwd: {subject}"));
    put(&house, &reply(&letter, &format!("send 9\r\nsend {}\r\n", letter.token)));
    put(&house, &Mail::by_dana("link-1@devmail.example", "dana@devmail.example", &subject, &body));
    put(&house, &forward.set("Message-ID", "<forward-1@devmail.example>"));
    // a new thread to a stranger, with a link pasted from the mail's HTML
    let html = letter.html.split("href=\"").find(|part| part.starts_with("mailto:")).unwrap();
    let pasted = Mail::by_dana("new-1@devmail.example", "ada@b.example", &format!("Look {}", letter.token), html);
    house.put("Sent", &pasted);
    let bounce = format!("Undelivered Mail Returned to Sender {}", letter.token);
    house.deliver(&Mail::to_dana("b-1@devmail.example", "MAILER-DAEMON@devmail.example", &bounce, &words));
    house.deliver(&Mail::to_dana("k-1@bigcorp.example", "Kim Roth <kim@bigcorp.example>", &bounce, &words));
    later(&house).await;
    until(&house, "2026-03-13T12:00", STEP).await;
    assert_eq!(to_others(&house), 0);
    assert!(house.count("SELECT count(*) FROM mail_command") >= 3);
    let since: Vec<String> = to_dana(&house).iter().filter(|mail| !mail.token.is_empty()).flat_map(all).collect();
    assert!(since.len() > tokens.len(), "a further daily mail was written");
    assert_eq!(places(&house, &since), Vec::<String>::new());
}
