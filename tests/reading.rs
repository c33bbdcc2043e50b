//! How well mail is read, measured on tables of mail of our own (`docs/accuracy.md`). What is held
//! apart is counted and never shown: set `SHOW=1` to see the other misses.
#![expect(clippy::unwrap_used, reason = "a test panics")]

use checkback::domain::gist::{Gist, Kind};
use checkback::domain::read::read;
use jiff::Timestamp;
use serde_json::Value;

mod reading {
    pub mod figures;
    pub mod independent;
}

use reading::figures::{Figures, at_least};

fn received() -> Timestamp {
    "2026-09-15T08:00:00Z".parse().unwrap()
}

fn rows(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text<'v>(row: &'v Value, name: &str) -> Option<&'v str> {
    row.get(name).and_then(Value::as_str)
}

/// Ana's answer to Dana.
fn mail(subject: &str, headers: &[String], mime: &str, body: &str) -> Gist {
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let raw = format!(
        "Received: from mx.acme.example by mx.harbour.example; Tue, 15 Sep 2026 08:00:00 +0000\r\nFrom: Ana Silva \
         <ana@acme.example>\r\nTo: Dana Reed <dana@harbour.example>\r\nSubject: {subject}\r\nMessage-ID: \
         <a1@acme.example>\r\nDate: Tue, 15 Sep 2026 08:00:00 +0000\r\n{headers}MIME-Version: 1.0\r\nContent-Type: \
         {mime}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
        body.replace('\n', "\r\n")
    );
    read(raw.as_bytes(), received())
}

fn third(index: usize) -> bool {
    index % 3 == 2
}

#[test]
fn out_of_office_notes_of_many_systems_are_known_with_their_day_and_their_stand_in() {
    let path = format!("{}/tests/fixtures/out_of_office/systems.toml", env!("CARGO_MANIFEST_DIR"));
    let systems: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let mut kinds = Figures::new("out of office: kind");
    let mut days = Figures::new("out of office: first day back");
    let mut lefts = Figures::new("out of office: left for good");
    let mut stand_ins = Figures::new("out of office: stand-in");
    for row in rows("out_of_office/notes.jsonl") {
        let system = &systems[text(&row, "system").unwrap()];
        let held = system.get("held_apart").is_some();
        let headers: Vec<String> =
            system["headers"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect();
        let body = text(&row, "text").unwrap();
        let gist = mail(text(&row, "subject").unwrap(), &headers, "text/plain", body);
        kinds.count(held, gist.kind == Kind::OutOfOffice, || format!("{} | {body}", gist.kind_because));
        let Some(says) = gist.out_of_office else { continue };
        let until = says.until.map(|day| day.to_string());
        days.count(held, until.as_deref() == text(&row, "until"), || format!("{until:?} | {row}"));
        lefts.count(held, says.left == row.get("left").is_some(), || format!("{} | {body}", says.left));
        let stand_in = says.stand_in.as_ref().map(|address| address.as_str());
        stand_ins.count(held, stand_in == text(&row, "stand_in"), || format!("{stand_in:?} | {body}"));
    }
    at_least(&[(0.98, &kinds), (0.95, &days), (0.98, &lefts), (0.95, &stand_ins)]);
}

#[test]
fn people_who_speak_of_absence_stay_human() {
    let mut figures = Figures::new("near misses: human");
    for (index, row) in rows("out_of_office/near_misses.jsonl").iter().enumerate() {
        let headers = row.get("headers").and_then(Value::as_array).cloned().unwrap_or_default();
        let headers: Vec<String> = headers.iter().map(|line| line.as_str().unwrap().to_owned()).collect();
        let body = text(row, "text").unwrap();
        let gist = mail(text(row, "subject").unwrap(), &headers, "text/plain", body);
        figures.count(third(index), gist.kind == Kind::Human, || format!("{} | {row}", gist.kind_because));
    }
    at_least(&[(0.98, &figures)]);
}

#[test]
fn what_a_person_wrote_is_told_from_what_they_quoted() {
    let mut figures = Figures::new("replies: own words, and no others");
    for (index, row) in rows("replies/replies.jsonl").iter().enumerate() {
        let (mime, body) =
            text(row, "text").map_or(("text/html", text(row, "html")), |plain| ("text/plain", Some(plain)));
        let headers = ["In-Reply-To: <q1@harbour.example>".to_owned()];
        let gist = mail("Re: Question about your query planner", &headers, mime, body.unwrap());
        let foreign = row["not"].as_array().unwrap().iter().any(|words| gist.text.contains(words.as_str().unwrap()));
        let good = gist.kind == Kind::Human && gist.text.contains(text(row, "own").unwrap()) && !foreign;
        figures.count(third(index), good, || format!("{:?} {:?} | {row}", gist.kind, gist.text));
    }
    at_least(&[(0.98, &figures)]);
}

#[test]
fn the_tone_of_a_sentence_is_heard_in_ten_languages() {
    let mut figures = Figures::new("tone");
    for (index, row) in rows("tone/sentences.jsonl").iter().enumerate() {
        let gist = mail("Re: Question", &[], "text/plain", text(row, "text").unwrap());
        let tone = gist.tone.map(|tone| tone.as_str().to_owned());
        figures.count(third(index), tone.as_deref() == text(row, "tone"), || format!("{tone:?} | {row}"));
    }
    at_least(&[(0.9, &figures)]);
}

#[test]
fn failure_notices_of_many_systems_say_whom_why_and_which_mail() {
    const HELD: &[&str] = &[
        "gmail_localised",
        "exchange_localised",
        "yahoo",
        "mdaemon",
        "groupwise",
        "ses",
        "aol",
        "barracuda",
        "zimbra",
        "iis",
    ];
    let mut kinds = Figures::new("bounces: kind");
    let mut reasons = Figures::new("bounces: reason");
    let mut codes = Figures::new("bounces: status code");
    let mut recipients = Figures::new("bounces: recipient");
    let mut originals = Figures::new("bounces: Message-ID of the returned mail");
    for row in rows("bounces/notices.jsonl") {
        let held = HELD.contains(&text(&row, "system").unwrap());
        let gist = read(text(&row, "mail").unwrap().replace('\n', "\r\n").as_bytes(), received());
        let because = gist.kind_because.clone();
        let show = |what: String| format!("{what} | {because} | {row:#}");
        kinds.count(held, Some(gist.kind.as_str()) == text(&row, "kind"), || show(format!("{:?}", gist.kind)));
        let Some(bounce) = gist.bounce else { continue };
        let reason = serde_json::to_value(bounce.reason).unwrap();
        reasons.count(held, reason == row["reason"], || show(reason.to_string()));
        if let Some(status) = text(&row, "status") {
            codes.count(held, bounce.status.as_deref() == Some(status), || show(format!("{:?}", bounce.status)));
        }
        let named: Vec<_> = bounce.recipients.iter().map(|address| address.as_str()).collect();
        recipients.count(held, text(&row, "recipient").is_none_or(|one| named == [one]), || show(format!("{named:?}")));
        if let Some(wanted) = text(&row, "original") {
            let id = bounce.original_message_id.as_ref().map(|id| id.as_str());
            originals.count(held, id == Some(wanted), || show(format!("{id:?}")));
        }
    }
    at_least(&[(0.98, &kinds), (0.95, &reasons), (0.95, &codes), (0.95, &recipients), (0.95, &originals)]);
}

/// Whole mails as mailboxes hold them, each labelled before it was read for the first time: a line
/// `@@ name label=value …`, then the mail.
#[test]
fn mail_as_mailboxes_hold_it_is_understood() {
    let mut kinds = Figures::new("whole mails: kind");
    let mut says = Figures::new("whole mails: what else is labelled");
    for name in ["mails_1.txt", "mails_2.txt"] {
        let path = format!("{}/tests/fixtures/unseen/{name}", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read_to_string(path).unwrap();
        for entry in file.split("@@ ").skip(1) {
            let (head, raw) = entry.split_once('\n').unwrap();
            let gist = read(raw.replace('\n', "\r\n").as_bytes(), received());
            let labels = || head.split(' ').skip(1).filter_map(|label| label.split_once('='));
            let kind = labels().find(|(label, _)| *label == "kind").unwrap().1;
            kinds.count(false, kind.split('|').any(|one| one == gist.kind.as_str()), || {
                format!("{} ({}) | {head}", gist.kind.as_str(), gist.kind_because)
            });
            for (label, wanted) in labels().filter(|(label, _)| *label != "kind") {
                let found = told(&gist, label);
                says.count(false, found.contains(wanted), || format!("{label}: {found} | {head}"));
            }
        }
    }
    at_least(&[(0.98, &kinds), (0.95, &says)]);
}

/// What a mail says of one label.
fn told(gist: &Gist, label: &str) -> String {
    let bounce = gist.bounce.as_ref();
    let away = gist.out_of_office.as_ref();
    let told = match label {
        "recipient" => bounce.and_then(|bounce| bounce.recipients.first()).map(ToString::to_string),
        "status" => bounce.and_then(|bounce| bounce.status.clone()),
        "original" => bounce.and_then(|bounce| bounce.original_message_id.as_ref()).map(|id| id.as_str().to_owned()),
        "until" => away.and_then(|away| away.until).map(|day| day.to_string()),
        "left" => away.map(|away| if away.left { "yes" } else { "no" }.to_owned()),
        "standin" => away.and_then(|away| away.stand_in.as_ref()).map(ToString::to_string),
        "tone" => gist.tone.as_ref().map(|tone| tone.as_str().to_owned()),
        _ => Some(gist.text.clone()),
    };
    told.unwrap_or_default()
}
