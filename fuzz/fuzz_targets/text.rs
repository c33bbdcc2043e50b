//! Any text as what a person or a responder wrote: quotes, signature, dates, tone, absence, pitch.
#![no_main]

use checkback_fuzz::{build_tables, read_and_match};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: build_tables(), |data: &[u8]| {
    let Some((&first, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let (kind, mark) = match first % 4 {
        0 => ("plain", ""),
        1 => ("plain", "Auto-Submitted: auto-replied\r\n"),
        2 => ("html", ""),
        _ => ("html", "X-Auto-Response-Suppress: All\r\n"),
    };
    let mail = format!(
        "From: Ana Silva <ana@acme.example>\r\nTo: dana@devmail.example\r\nSubject: Re: Question about your query \
         planner\r\nMessage-ID: <m2@acme.example>\r\nIn-Reply-To: <m1@devmail.example>\r\nDate: Tue, 15 Sep 2026 \
         08:00:00 +0000\r\n{mark}Content-Type: text/{kind}; charset=utf-8\r\n\r\n{text}"
    );
    read_and_match(mail.as_bytes());
});
