//! Prints what the scorer sees in each mail of a set: `RECRUITER_DUMP=… cargo test --lib dump -- --ignored --nocapture`.

use super::*;
use crate::domain::recruiter::normal::fold;
use crate::domain::recruiter::phrases;
use std::path::Path;

fn load(set: &str) -> Vec<(String, bool, Vec<u8>)> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recruiter");
    let dir = if set.starts_with('/') { set.into() } else { base.join(set) };
    let mut out = Vec::new();
    if dir.join("labels.jsonl").exists() {
        for line in std::fs::read_to_string(dir.join("labels.jsonl")).unwrap().lines() {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            let file = v["file"].as_str().unwrap().to_owned();
            let raw = std::fs::read(dir.join(&file)).unwrap();
            out.push((format!("{file} [{}]", v["why"].as_str().unwrap()), v["expect_reply"].as_bool().unwrap(), raw));
        }
        return out;
    }
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let pitch = stem.starts_with("pitches");
        let text = std::fs::read_to_string(&path).unwrap();
        for block in text.split("=== ").skip(1) {
            let Some((name, mail)) = block.split_once('\n') else { continue };
            let mail: String = mail.lines().skip_while(|l| l.starts_with('#')).map(|l| format!("{l}\n")).collect();
            let head = mail.split("\n\n").next().unwrap();
            let to = if head.contains("\nTo:") { "" } else if set.contains("set_d") { "To: Robin Adler <robin@adler.example>\n" } else if set.contains("set_e") { "To: Ines Novak <ines@novak.example>\n" } else if set.contains("set_f") {"To: Theo Lindgren <theo@lindgren.example>\n"} else { "To: Sam Keller <sam@devmail.example>\n" };
            let raw = format!("{to}Date: Fri, 20 Nov 2026 10:00:00 +0000\nMessage-ID: <1@x.example>\nContent-Type: text/plain; charset=utf-8\n{mail}");
            out.push((format!("{stem}/{name}"), pitch, raw.into_bytes()));
        }
    }
    out.sort();
    out
}

#[test]
#[ignore = "prints, judges nothing"]
fn dump() {
    let sets = std::env::var("RECRUITER_DUMP").unwrap_or_default();
    let quiet = std::env::var("QUIET").is_ok();
    for set in sets.split(',') {
        let (mut good, mut held, mut pitches, mut wrong, mut others, mut oheld) = (0, 0, 0, 0, 0, 0);
        for (name, is_pitch, raw) in load(set) {
            let mail = inbound::parse(&raw);
            let text = reply_text::split(&mail);
            let lang = language::of(&text.own);
            let found = assess(&mail, &text, lang.as_deref());
            let gist = crate::domain::read::read(&raw, "2026-11-20T12:00:00Z".parse().unwrap());
            let me = crate::domain::ident::OwnAddresses::default();
            let case = crate::domain::policy::InquiryCase { gist: &gist, own: &me, employer_domains: &[], never: &[], in_junk: false, history: Default::default(), authserv_id: None, live: None };
            let blocked: Vec<_> = crate::domain::policy::judge(&case).iter().map(|r| r.as_str()).collect();
            let answered = blocked.is_empty();
            let hold = blocked == ["unsure"];
            if is_pitch { pitches += 1; good += usize::from(answered); held += usize::from(hold) } else { others += 1; wrong += usize::from(answered); oheld += usize::from(hold) }
            let miss = answered != is_pitch || (!is_pitch && found.verdict == RecruiterVerdict::Recruiter && std::env::var("SCORER").is_ok());
            if quiet || !miss && std::env::var("ALL").is_err() { continue }
            println!("\n{} {name} lang={lang:?} score={:.3} blocked={blocked:?}", if is_pitch {"PITCH"} else {"OTHER"}, found.score);
            println!("   {}", found.signals.join(" "));
            let words = fold(&format!("{}\n\n{}", mail.subject, text.own));
            let spoken = phrases::spoken(&words, lang.as_deref());
            for (signal, said) in &spoken {
                if found.signals.iter().any(|s| s == &format!("-{signal}")) || std::env::var("FULL").is_ok() { println!("      {signal}: «{said}»") }
            }
            if std::env::var("TEXT").is_ok() { println!("   | {}", format!("{}\n{}", mail.subject, text.own.trim()).replace('\n', "\n   | ")) }
        }
        println!("\n== {set}: answered {good} held {held} let go {} of {pitches}; wrong {wrong} held {oheld} of {others}", pitches - good - held);
    }
}
