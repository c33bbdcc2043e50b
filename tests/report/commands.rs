//! The program itself, over a database and without any server.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::ledger::{Ask, Ledger};

const CONFIG: &str = r#"
[[account]]
name = "personal"
email = "dana@devmail.example"
[account.imap]
host = "127.0.0.1"
port = 1
tls = "none"
[account.smtp]
host = "127.0.0.1"
port = 1
tls = "none"
[account.auth]
password_env = "NONE"
"#;

struct Desk {
    folder: TempDir,
}

impl Desk {
    /// With so many outreach, three of ten answered.
    fn with(outreach: usize) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("config.toml"), CONFIG).unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let mut ledger = Ledger::at(&data.join("checkback.db"));
        let one = Ask { template: Some("coffee"), follow_ups: &[7], ..Ask::default() };
        ledger.asks(outreach * 3 / 10, outreach, &one);
        Self { folder }
    }

    fn run(&self, args: &[&str]) -> Output {
        let at = |name: &str| self.folder.path().join(name);
        Command::new(env!("CARGO_BIN_EXE_checkback"))
            .args(args)
            .env("CHECKBACK_CONFIG", at("config.toml"))
            .env("CHECKBACK_DATA", at("data"))
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap()
    }

    /// What a run prints that goes well.
    #[track_caller]
    fn say(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.say(args)).unwrap()
    }
}

fn fits(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn a_report_on_a_stale_mailbox_says_so_and_is_no_failure() {
    let desk = Desk::with(40);
    let text = desk.say(&["report"]);
    fits(&text);
    assert!(text.contains("“personal” was not read lately"), "{text}");
    assert!(text.contains("12 of 40 = 30 % (95 %: 18–45 %)"), "{text}");
    assert!(text.contains("What is counted, and what is not"), "{text}");
}

#[test]
fn each_breakdown_is_a_table_of_its_own() {
    let desk = Desk::with(20);
    for by in ["template", "step", "channel", "source", "week", "weekday", "organisation", "tag"] {
        let text = desk.say(&["report", "--by", by]);
        fits(&text);
        assert!(text.contains(&format!("Response rate by {by}")), "{text}");
        let value = desk.json(&["report", "--by", by, "--json"]);
        assert_eq!(value["by"].as_object().unwrap().keys().collect::<Vec<_>>(), [by]);
        let sheet = desk.say(&["report", "--by", by, "--csv"]);
        assert_eq!(sheet.lines().count(), 2 + value["by"][by].as_array().unwrap().len());
    }
    assert_eq!(desk.run(&["report", "--by", "mood"]).status.code(), Some(2));
}

#[test]
fn since_takes_a_day_or_a_time_ago_and_nothing_else() {
    let desk = Desk::with(20);
    let sent = |since| desk.json(&["report", "--json", "--since", since])["rate"]["sent"].clone();
    assert_eq!(sent("2020-01-01"), 20);
    assert_eq!(sent("2099-01-01"), 0);
    assert_eq!(sent("1d"), 0);
    assert_eq!(sent("1200mo"), 20);
    for wrong in ["yesterday", "5 business days", "2026-13-01", "12"] {
        assert_eq!(desk.run(&["report", "--since", wrong]).status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn the_page_is_written_where_it_is_wanted() {
    let desk = Desk::with(40);
    let file = desk.folder.path().join("report.html");
    assert_eq!(desk.say(&["report", "--html", file.to_str().unwrap()]), "");
    let page = std::fs::read_to_string(file).unwrap();
    assert!(page.contains("30\u{a0}% (95\u{a0}%: 18–45\u{a0}%)") && page.ends_with("</html>\n"));
    let nowhere = Path::new("/nowhere/report.html");
    assert_eq!(desk.run(&["report", "--html", nowhere.to_str().unwrap()]).status.code(), Some(1));
}

#[test]
fn a_list_shows_the_newest_fifty_and_says_how_many_more_there_are() {
    let desk = Desk::with(60);
    let text = desk.say(&["outreach", "list"]);
    fits(&text);
    assert_eq!(text.lines().count(), 1 + 50 + 1, "{text}");
    assert!(text.ends_with("… 10 more: --all\n"), "{text}");
    assert_eq!(desk.say(&["outreach", "list", "--all"]).lines().count(), 1 + 60);
    assert_eq!(desk.say(&["outreach", "list", "--limit", "5"]).lines().count(), 1 + 5 + 1);
    assert_eq!(desk.say(&["outreach", "list", "--status", "answered"]).lines().count(), 1 + 18);
    assert_eq!(desk.say(&["outreach", "list", "--status", "bounced"]), "No outreach is bounced.\n");
    let all = desk.json(&["outreach", "list", "--json"]);
    assert_eq!(all.as_array().unwrap().len(), 60, "a script gets all of them");
    let first = desk.json(&["outreach", "list", "--json", "--limit", "1"]);
    assert_eq!(first[0], all[0]);
    assert_eq!(first[0]["touches"].as_array().unwrap().len(), 2);
    assert_eq!(first[0]["organisation"], "bigcorp.example");
}

#[test]
fn tags_come_from_the_command_line_and_go_with_undo() {
    let desk = Desk::with(10);
    assert_eq!(
        desk.say(&["outreach", "tag", "1", "Meetup", "alumni"]),
        "Outreach 1 bears alumni, meetup. checkback undo takes it back.\n"
    );
    assert_eq!(desk.say(&["outreach", "tag", "1", "meetup"]), "Outreach 1 bears alumni, meetup, as before.\n");
    assert!(desk.say(&["outreach", "show", "1"]).contains("tags     alumni, meetup"));
    let tags = |desk: &Desk| desk.json(&["report", "--json"])["by"]["tag"].clone();
    assert_eq!(tags(&desk)[0]["name"], "alumni");
    assert_eq!(tags(&desk)[0]["rate"]["sent"], 1);
    assert_eq!(desk.json(&["outreach", "untag", "1", "alumni", "--json"])["tags"], serde_json::json!(["meetup"]));
    desk.say(&["undo"]);
    assert_eq!(tags(&desk).as_array().unwrap().len(), 2);
    desk.say(&["undo"]);
    assert_eq!(tags(&desk).as_array().unwrap().len(), 0);
    assert_eq!(desk.run(&["outreach", "tag", "99", "x"]).status.code(), Some(2));
    assert_eq!(desk.run(&["outreach", "tag", "1", " "]).status.code(), Some(2));
}
