//! Outreach in a mailbox on a server, and the same mail as files: the numbers are the same.

use checkback::clock;
use jiff::ToSpan as _;

use crate::desk::Desk;
use crate::letters::{Letter, days_ago};
use crate::servers::Servers;

const ME: &str = "Dana Reyes <dana@devmail.example>";

/// Asks somebody, `days` ago.
fn ask(servers: &Servers, number: i64, days: i64) {
    let letter = Letter::new(
        ME,
        &format!("Person {number} <p{number}@firm{number}.example>"),
        &format!("A question about storage engines at Firm {number}"),
        &format!("ask{number}@devmail.example"),
        &format!("Hi Person {number},\n\nI read your talk on storage engines. Would you have 20 minutes for a coffee?\n\nDana"),
    )
    .at(days_ago(days));
    servers.lay("dana", "Sent", letter.raw().as_bytes(), "S", letter.written_at());
}

fn lay(servers: &Servers, folder: &str, letter: &Letter) {
    servers.lay("dana", folder, letter.raw().as_bytes(), "S", letter.written_at());
}

fn from_asked(number: i64, what: &str, subject: &str, text: &str) -> Letter {
    let from = format!("Person {number} <p{number}@firm{number}.example>");
    Letter::new(&from, ME, subject, &format!("{what}{number}@firm{number}.example"), text)
}

fn bounce(number: i64, status: &str, action: &str, text: &str) -> Letter {
    let report = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.devmail.example\r\n\r\nFinal-Recipient: rfc822; p{number}@firm{number}.example\r\n\
         Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 {status} {text}\r\n\r\n--b\r\n\
         Content-Type: text/rfc822-headers\r\n\r\nFrom: dana@devmail.example\r\nTo: p{number}@firm{number}.example\r\n\
         Subject: A question about storage engines at Firm {number}\r\nMessage-ID: <ask{number}@devmail.example>\r\n\r\n--b--"
    );
    Letter::new(
        "Mail Delivery System <MAILER-DAEMON@mx.devmail.example>",
        ME,
        "Undelivered Mail Returned to Sender",
        &format!("dsn{number}@mx.devmail.example"),
        &report.replace("\r\n", "\n"),
    )
    .field("Return-Path", "<>")
    .field("Auto-Submitted", "auto-replied")
    .field("Content-Type", "multipart/report; report-type=delivery-status; boundary=\"b\"")
}

#[test]
fn the_numbers_of_a_server_are_those_of_its_maildir() {
    let servers = Servers::start();
    for number in 0..24 {
        // none near the edge of the window, which moves between the two readings
        let days = 2 + number * 3;
        ask(&servers, number, if (20..23).contains(&days) { 25 } else { days });
    }
    // a follow-up in the same thread, which is no outreach of its own
    let nudge = Letter::new(
        ME,
        "Person 20 <p20@firm20.example>",
        "Re: A question about storage engines at Firm 20",
        "nudge20@devmail.example",
        "Just floating this up.\n\nDana",
    )
    .field("In-Reply-To", "<ask20@devmail.example>")
    .at(days_ago(55));
    lay(&servers, "Sent", &nudge);
    let subject = |number: i64| format!("Re: A question about storage engines at Firm {number}");
    let replies = [
        (4, 1, "Happy to! How about Thursday at 10?"),
        (9, 2, "Sure, let's talk. Here is my calendar."),
        (12, 5, "Thanks for writing, but I am not the right person. Please try Lee."),
        (15, 30, "Sorry for the late answer. Still interested?"),
        (18, 0, "No thanks."),
    ];
    for (number, after, text) in replies {
        let reply = from_asked(number, "re", &subject(number), text)
            .field("In-Reply-To", &format!("<ask{number}@devmail.example>"))
            .field("References", &format!("<ask{number}@devmail.example>"))
            .at(days_ago(2 + number * 3) + (after * 24 + 3).hours());
        lay(&servers, if number == 9 { "Archive" } else { "INBOX" }, &reply);
    }
    // without any threading header: the subject and the person tell
    lay(&servers, "INBOX", &from_asked(21, "bare", &subject(21), "Coffee sounds good.").at(days_ago(60)));
    let away = from_asked(
        10,
        "ooo",
        "Automatic reply: A question about storage engines at Firm 10",
        "I am out of office until Monday.",
    )
    .field("Auto-Submitted", "auto-replied")
    .field("In-Reply-To", "<ask10@devmail.example>")
    .at(days_ago(32) + 1.minutes());
    lay(&servers, "INBOX", &away);
    lay(&servers, "INBOX", &bounce(11, "5.1.1", "failed", "User unknown").at(days_ago(35) + 5.minutes()));
    lay(&servers, "INBOX", &bounce(13, "5.7.1", "failed", "Message refused by policy").at(days_ago(41) + 5.minutes()));
    lay(&servers, "INBOX", &bounce(14, "4.4.1", "delayed", "Connection timed out").at(days_ago(44) + 5.minutes()));
    lay(&servers, "Junk", &from_asked(2, "spam", "You won", "Click here to claim your prize.").at(days_ago(1)));

    let desk = Desk::of(&servers, "dana", "[outreach]\nlog_sent = \"all-new-threads\"\n");
    // the newest mail is of now, so that both readings are as old; it comes through the real servers
    let now = from_asked(16, "now", &subject(16), "Yes, call me.").field("In-Reply-To", "<ask16@devmail.example>");
    servers.deliver("p16@firm16.example", "dana@devmail.example", &now.raw());
    desk.sync();
    let report = desk.run(&["--json", "report"]).ok();
    let maildir = servers.maildir("dana");
    let audit = desk.run(&["--json", "audit", maildir.to_str().unwrap()]).ok();
    assert_eq!(audit["me"], serde_json::json!(["dana@devmail.example"]));
    let rate = &report["rate"];
    assert_eq!(rate["sent"], 24, "{rate}");
    assert_eq!((&rate["bounced"], &rate["refused"]), (&1.into(), &1.into()), "{rate}");
    for (field, value) in rate.as_object().unwrap() {
        assert_eq!(value, &audit["rate"][field], "{field}: {rate} {}", audit["rate"]);
    }
    assert_eq!(rate.as_object().unwrap().len(), audit["rate"].as_object().unwrap().len());
    // 22 delivered; number 6 and 7 to 23 without the two refused ones are older than the window, and of
    // those 9, 12, 18 and 21 were answered within it (15 and 16 too late)
    assert_eq!(rate["observed"]["of"], 16, "{rate}");
    assert_eq!(rate["observed"]["answered"], 4, "{rate}");

    let statuses = |list: &serde_json::Value| {
        let mut rows: Vec<(String, String)> = list.as_array().unwrap().iter().map(status).collect();
        rows.sort();
        rows
    };
    let logged = desk.run(&["--json", "outreach", "list"]).ok();
    let mut ids = statuses(&logged);
    ids.dedup();
    assert_eq!(ids.len(), 24);
    assert_eq!(statuses(&logged), statuses(&audit["outreach"]));

    // what each outreach was joined to, too
    for row in audit["outreach"].as_array().unwrap() {
        let id = row["message_id"].as_str().unwrap();
        let shown = desk.run(&["--json", "outreach", "show", id]).ok();
        let essence = |row: &serde_json::Value| {
            let matched = row["matched"].as_array().unwrap().iter();
            matched
                .map(|m| (m["message_id"].clone(), m["kind"].clone(), m["level"].clone(), m["evidence"].clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(essence(&shown), essence(row), "{id}");
    }
    assert!(clock::now() > now.written_at());
}

fn status(row: &serde_json::Value) -> (String, String) {
    let text = |field: &str| row[field].as_str().unwrap().to_owned();
    (text("message_id"), text("status"))
}
