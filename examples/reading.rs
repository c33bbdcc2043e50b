//! How fast mail is read, on one core: `cargo run --release --example reading -- 20000`.
//!
//! Generates that many mails of the usual kinds and prints messages and megabytes a second of
//! `read`, of each of its steps, and of mail-parser alone on the same bytes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use checkback::domain::inbound::Inbound;
use checkback::domain::reply_text::ReplyText;
use checkback::domain::{classify, inbound, language, marks, matching, read, recruiter, reply_text, tone};
use jiff::Timestamp;
use mail_parser::MessageParser;

/// Best of so many rounds.
const ROUNDS: usize = 3;

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(5_000);
    let received = Timestamp::UNIX_EPOCH;
    let mails: Vec<Vec<u8>> = (0..count).map(mail).collect();
    let bytes: usize = mails.iter().map(Vec::len).sum();
    println!("{count} mails, {:.1} kB each", bytes as f64 / 1e3 / count as f64);

    let alone = best(&mails, |raw| MessageParser::default().parse(raw.as_slice()).is_some());
    let whole = best(&mails, |raw| read::read(raw, received));
    let show = |name: &str, took: Duration| {
        let seconds = took.as_secs_f64();
        println!(
            "{name:<20} {:>9.0} mails/s {:>8.1} MB/s {:>8.1} µs/mail {:>6.2} × mail-parser",
            count as f64 / seconds,
            bytes as f64 / 1e6 / seconds,
            seconds * 1e6 / count as f64,
            seconds / alone.as_secs_f64(),
        );
    };
    show("mail-parser alone", alone);
    show("read", whole);

    let parsed: Vec<(Inbound, ReplyText, Option<String>)> = mails
        .iter()
        .map(|raw| {
            let mail = inbound::parse(raw);
            let text = reply_text::split(&mail);
            let language = language::of(&text.own);
            (mail, text, language)
        })
        .collect();
    show("  parse", best(&mails, |raw| inbound::parse(raw)));
    show("  split", best(&parsed, |(mail, ..)| reply_text::split(mail)));
    show("  classify", best(&parsed, |(mail, text, _)| classify::classify(mail, text, received)));
    show("  language", best(&parsed, |(_, text, _)| language::of(&text.own)));
    show("  tone", best(&parsed, |(mail, text, own)| tone::tone(&text.own, &mail.subject, own.as_deref(), received)));
    show("  recruiter", best(&parsed, |(mail, text, own)| recruiter::assess(mail, text, own.as_deref())));
    show("  pitch", best(&parsed, |(mail, text, _)| recruiter::pitch(mail, text)));
    show("  shingles", best(&parsed, |(_, text, _)| matching::shingles(&text.own)));
    show("  marks", best(&parsed, |(mail, ..)| marks::of(mail)));
}

fn best<T, U>(items: &[T], step: impl Fn(&T) -> U) -> Duration {
    let begun = Instant::now();
    let now = || on_cpu().unwrap_or_else(|| begun.elapsed());
    let round = || {
        let before = now();
        for item in items {
            black_box(step(item));
        }
        now().saturating_sub(before)
    };
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}

/// Time that this thread was on a processor, where the system tells: what others do on the same
/// machine is no part of it.
fn on_cpu() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// One of the usual kinds, with a body of its own.
fn mail(n: usize) -> Vec<u8> {
    let kind = n % 6;
    let name = match n % 4 {
        0 => "Mara Lindt",
        1 => "Jo Pereira",
        2 => "Ines Kovacs",
        _ => "Tom Aldous",
    };
    let head = format!(
        "Return-Path: <p{n}@agency{}.example>\r\nReceived: from mx.agency.example by mx.devmail.example with ESMTPS id {n:x};\r\n\tMon, 2 Nov 2026 09:12:44 +0100\r\nAuthentication-Results: mx.devmail.example; spf=pass; dkim=pass; dmarc=pass\r\nFrom: {name} <p{n}@agency{}.example>\r\nTo: Sam <sam@devmail.example>\r\nMessage-ID: <{n}.a@agency.example>\r\nDate: Mon, 2 Nov 2026 09:12:40 +0100\r\nMIME-Version: 1.0\r\n",
        n % 97,
        n % 97
    );
    let filler = filler(n);
    let text = match kind {
        0 => format!(
            "Hi Sam,\n\nI am hiring for a senior Rust engineer at Lumen Freight in Lisbon, 80-95k EUR, remote.\nYour work on schedulers caught my eye. {filler}\nWould you have time for a call on Thursday?\n\nBest regards,\n{name}\nTalent Partner, Agency {n}\n"
        ),
        1 => format!(
            "Hello Sam,\n\nthank you for your note. {filler}\nWe are not hiring now, please write again in March.\n\n{name}\n\nOn Sun, 1 Nov 2026 at 18:00, Sam <sam@devmail.example> wrote:\n> Hello,\n> I would like to build what you build. {}\n> Sam\n",
            filler.replace('\n', "\n> ")
        ),
        2 => format!(
            "I am out of the office until 16 November 2026 and read mail rarely.\nIn urgent cases write to desk@agency.example.\n\n{name}\n"
        ),
        _ => format!("Hi Sam,\n\n{filler}\n\n{filler}\n\nSee you soon\n{name}\n"),
    };
    let rest = match kind {
        1 => format!(
            "Subject: Re: Work on schedulers\r\nIn-Reply-To: <{n}.s@devmail.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
        ),
        2 => format!(
            "Subject: Automatic reply: Work\r\nAuto-Submitted: auto-replied\r\nContent-Type: text/plain\r\n\r\n{text}"
        ),
        4 => format!(
            "Subject: News of the week {n}\r\nList-Unsubscribe: <https://news.example/{n}>\r\nContent-Type: multipart/alternative; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{}\r\n--b1--\r\n",
            html(&text)
        ),
        5 => format!(
            "Subject: Undelivered Mail Returned to Sender\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b2\r\n\r\n--b2\r\nContent-Type: text/plain\r\n\r\nI could not deliver your message.\r\n<no.one@firm.example>: host mx.firm.example said: 550 5.1.1 User unknown\r\n--b2\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.devmail.example\r\n\r\nFinal-Recipient: rfc822; no.one@firm.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b2\r\nContent-Type: message/rfc822\r\n\r\nFrom: sam@devmail.example\r\nTo: no.one@firm.example\r\nSubject: Work\r\nMessage-ID: <{n}.s@devmail.example>\r\n\r\n{text}\r\n--b2--\r\n"
        ),
        _ => format!(
            "Subject: A question about work {n}\r\nContent-Type: multipart/alternative; boundary=b3\r\n\r\n--b3\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--b3\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{}\r\n--b3--\r\n",
            html(&text)
        ),
    };
    format!("{head}{}", rest.replace("\r\n", "\n").replace('\n', "\r\n")).into_bytes()
}

fn html(text: &str) -> String {
    let rows: String = text
        .lines()
        .map(|line| format!("<tr><td style=\"padding:4px;font-family:Arial\"><p>{line}</p></td></tr>\n"))
        .collect();
    format!("<html><head><style>td {{ color: #333 }}</style></head><body><table>{rows}</table></body></html>")
}

/// Sentences that differ from mail to mail.
fn filler(n: usize) -> String {
    const SENTENCES: &[&str] = &[
        "The team meets every second week to look at what went well.",
        "Last spring we moved the whole pipeline to smaller machines.",
        "There is a garden behind the office where most talks happen.",
        "Three people joined from the north and two left for the coast.",
        "Our customers ask for the map before they ask for the price.",
        "Nobody here writes long documents, but each decision has a page.",
        "The tool you published is open on my second screen right now.",
        "A train leaves at nine, so that the morning is free for thought.",
    ];
    (0..8).filter_map(|at| SENTENCES.get((n / 6 + at * 3) % SENTENCES.len())).copied().collect::<Vec<_>>().join("\n")
}
