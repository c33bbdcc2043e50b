//! The labelled sets under `tests/fixtures/recruiter`, judged by every rule.

use std::path::{Path, PathBuf};

use checkback::app::files::FileJudge;
use checkback::domain::gist::Gist;
use checkback::domain::ident::{Address, OwnAddresses};
use checkback::domain::recruiter::{self, Evidence};
use checkback::domain::{inbound, language, read, reply_text};
use jiff::Timestamp;
use serde::Deserialize;

/// A mail with its label and what the program made of it.
pub struct Judged {
    pub name: String,
    pub is_pitch: bool,
    pub language: String,
    pub gist: Gist,
    /// What the scorer weighed.
    pub evidence: Evidence,
    pub blocked: Vec<&'static str>,
    /// What the pitch states: `role`, `company`, `pay`, `place`.
    pub facts: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Label {
    file: String,
    expect_reply: bool,
    lang: String,
}

/// Whole mail files with `labels.jsonl`.
pub fn judged_files() -> Vec<Judged> {
    let folder = fixtures().join("set_c");
    let labels = std::fs::read_to_string(folder.join("labels.jsonl")).unwrap();
    let labels = labels.lines().map(|line| serde_json::from_str::<Label>(line).unwrap());
    labels
        .map(|label| {
            let raw = std::fs::read(folder.join(&label.file)).unwrap();
            judged(label.file, label.expect_reply, label.lang, &raw, "dana@devmail.example", Vec::new())
        })
        .collect()
}

/// A folder of files `pitches….txt` and `others….txt`: `=== id language …`, lines `# fact: value`, the header
/// fields that matter, the text.
pub fn judged_blocks(set: &str, name: &str, me: &str) -> Vec<Judged> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(fixtures().join(set)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    let is_pitch = |file: &Path| file.file_name().unwrap().to_str().unwrap().starts_with("pitches");
    let tables: Vec<(bool, String)> =
        files.iter().map(|file| (is_pitch(file), std::fs::read_to_string(file).unwrap())).collect();
    let blocks = tables.iter().flat_map(|(is_pitch, table)| table.split("=== ").skip(1).map(move |b| (*is_pitch, b)));
    blocks
        .map(|(is_pitch, block)| {
            let (title, rest) = block.split_once('\n').unwrap();
            let facts = rest.lines().map_while(|line| line.strip_prefix("# "));
            let facts = facts.map(|fact| fact.split_once(": ").unwrap()).map(|(k, v)| (k.into(), v.into())).collect();
            let mail: String =
                rest.lines().skip_while(|line| line.starts_with("# ")).map(|line| format!("{line}\n")).collect();
            let to =
                if mail.split("\n\n").next().unwrap().contains("\nTo:") { "" } else { &format!("To: {name} <{me}>\n") };
            let raw = format!(
                "{to}Date: Fri, 20 Nov 2026 10:00:00 +0000\nMessage-ID: <1@x.example>\nMIME-Version: 1.0\n\
                 Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n{mail}"
            );
            let language = title.split(' ').nth(1).unwrap_or("?").to_owned();
            judged(format!("{set} {title}"), is_pitch, language, raw.as_bytes(), me, facts)
        })
        .collect()
}

/// Whether a stated fact was read: all the words and numbers of the label stand in what was found.
pub fn is_right(mail: &Judged, fact: &str, wanted: &str) -> bool {
    let pitch = &mail.gist.pitch;
    let found = match fact {
        "role" => &pitch.role,
        "company" => &pitch.company,
        "place" => &pitch.place,
        "pay" => &pitch.pay,
        _ => panic!("{fact} is no fact"),
    };
    let plain = |text: &str| text.to_lowercase().replace(['–', '—', '〜'], "-").replace(' ', "");
    found.as_deref().is_some_and(|found| match fact {
        "pay" => numbers(&without_terms(wanted)).iter().all(|number| numbers(found).contains(number)),
        _ => plain(found).contains(&plain(wanted)),
    })
}

/// Without words that hold a digit and name terms, not money.
fn without_terms(wanted: &str) -> String {
    let is_term = |word: &&str| ["B2B", "C2C", "IR35", "W2"].contains(&word.trim_matches(','));
    wanted.split_whitespace().filter(|word| !is_term(word)).collect::<Vec<_>>().join(" ")
}

fn numbers(text: &str) -> Vec<String> {
    let joined = text.replace([',', '.', ' ', '\u{a0}'], "");
    joined.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

fn judged(
    name: String,
    is_pitch: bool,
    language: String,
    raw: &[u8],
    me: &str,
    facts: Vec<(String, String)>,
) -> Judged {
    let received: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let gist = read::read(raw, received);
    let blocked = FileJudge::new(OwnAddresses::new([&Address::parse(me).unwrap()])).judge(&gist, "inbox");
    let mail = inbound::parse(raw);
    let text = reply_text::split(&mail);
    let evidence = recruiter::evidence(&mail, &text, language::of(&text.own).as_deref());
    Judged { name, is_pitch, language, gist, evidence, blocked, facts }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recruiter")
}
