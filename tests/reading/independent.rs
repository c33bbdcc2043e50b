//! Mail by an author who saw neither the rules nor the other fixtures (`tests/fixtures/independent`). Its
//! first run is the honest estimate of `docs/accuracy.md`; the rules were then mended by it.

use checkback::domain::gist::{Gist, Kind, Tone};
use checkback::domain::read::read;
use checkback::domain::{inbound, reply_text, tone};
use serde_json::{Value, json};

use super::figures::{Figures, at_least};
use crate::rows;

fn raw(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/independent/mails/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Whether it is what the label says, or what a careful reader could also say.
fn is_right(row: &Value, name: &str, found: &Value) -> bool {
    let other = &row[format!("{name}_alt")];
    let listed = other.as_array().is_some_and(|list| list.contains(found));
    *found == row[name] || (!other.is_null() && found == other) || listed
}

fn gist_of(name: &str) -> Gist {
    let raw = raw(name);
    let came = inbound::parse(&raw).date.unwrap_or_else(super::super::received);
    read(&raw, came)
}

#[test]
fn mail_of_an_independent_author_is_understood() {
    let (mut machines, mut people) = (Figures::new("independent: machines"), Figures::new("independent: people"));
    let (mut kinds, mut bounces) = (Figures::new("independent: kind"), Figures::new("independent: bounce"));
    let mut away = Figures::new("independent: out of office");
    for row in rows("independent/labels.jsonl") {
        let gist = gist_of(row["file"].as_str().unwrap());
        let show = |what: String| format!("{} {what} ({}) | {row}", gist.kind.as_str(), gist.kind_because);
        let human = gist.kind == Kind::Human;
        match row["kind"] == "human" {
            true => people.count(false, human, || show(String::new())),
            false => machines.count(false, !human, || show(String::new())),
        }
        kinds.count(false, is_right(&row, "kind", &json!(gist.kind)), || show(String::new()));
        let bounce = json!(gist.bounce);
        for name in ["permanent", "reason", "status", "original_message_id", "recipients"] {
            if row.get(name).is_some_and(|label| !label.is_null() && *label != json!([])) {
                let found = match name {
                    "original_message_id" => json!(bounce[name].as_str().map(|id| format!("<{id}>"))),
                    "recipients" => json!(gist.bounce.iter().flat_map(|one| &one.recipients).collect::<Vec<_>>()),
                    _ => bounce[name].clone(),
                };
                bounces.count(false, is_right(&lowered(&row, name), name, &found), || show(format!("{name}: {found}")));
            }
        }
        if row["kind"] == "out_of_office" {
            let told = json!(gist.out_of_office);
            for name in ["until", "left", "stand_in"] {
                away.count(false, is_right(&row, name, &told[name]), || show(format!("{name}: {}", told[name])));
            }
        }
    }
    at_least(&[(0.99, &machines), (0.99, &people), (0.97, &kinds), (0.97, &bounces), (0.95, &away)]);
}

/// Addresses are kept in lower case.
fn lowered(row: &Value, name: &str) -> Value {
    if name != "recipients" {
        return row.clone();
    }
    serde_json::from_str(&row.to_string().to_lowercase()).unwrap()
}

#[test]
fn what_people_say_in_their_own_ways_has_its_tone_and_its_day() {
    let (mut tones, mut days) = (Figures::new("independent: tone"), Figures::new("independent: day to come back"));
    let at = "2026-11-30T09:00:00Z".parse().unwrap();
    for row in rows("independent/tone.jsonl") {
        let heard = tone::tone(row["text"].as_str().unwrap(), "Re: Hello", row["language"].as_str(), at);
        tones.count(false, row["tone"] == heard.as_str(), || format!("{} | {row}", heard.as_str()));
        if let (Some(day), Tone::NotNow { until }) = (row["until"].as_str(), &heard) {
            let found = until.map(|day| day.to_string());
            days.count(false, found.as_deref() == Some(day), || format!("{found:?} | {row}"));
        }
    }
    at_least(&[(0.95, &tones), (0.8, &days)]);
}

#[test]
fn what_was_newly_written_in_mail_of_many_clients_is_kept_apart() {
    let mut figures = Figures::new("independent: own words of a reply");
    for row in rows("independent/replies.jsonl") {
        let (mime, body) = match row["html"].as_str() {
            Some(html) => ("html", html),
            None => ("plain", row["text"].as_str().unwrap()),
        };
        let mail = format!(
            "From: Ana <ana@acme.example>\r\nTo: Dana <dana@harbour.example>\r\nSubject: Re: Hello\r\nIn-Reply-To: \
             <x@harbour.example>\r\nContent-Type: text/{mime}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
        );
        let own = reply_text::split(&inbound::parse(mail.as_bytes())).own;
        let even = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        figures.count(false, even(&own) == even(row["own"].as_str().unwrap()), || format!("{own:?} | {row}"));
    }
    at_least(&[(0.85, &figures)]);
}
