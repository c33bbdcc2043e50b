//! Any text as the body of a failure notice, in turn as text, as a status part and as JSON.
#![no_main]

use checkback_fuzz::{build_tables, read_and_match};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: build_tables(), |data: &[u8]| {
    let Some((&first, text)) = data.split_first() else { return };
    let head: &[u8] = match first % 4 {
        0 => b"From: MAILER-DAEMON@mx.example\r\nSubject: failure notice\r\nReturn-Path: <>\r\n\r\n",
        1 => {
            b"From: postmaster@mx.example\r\nSubject: Undeliverable: Hello\r\nContent-Type: multipart/report; \
              report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: \
              message/delivery-status\r\n\r\n"
        }
        2 => b"From: no-reply@sns.amazonaws.com\r\nSubject: AWS Notification Message\r\n\r\n{",
        _ => b"From: postmaster@mx.example\r\nSubject: Undeliverable\r\nContent-Type: text/html\r\n\r\n",
    };
    read_and_match(&[head, text].concat());
});
