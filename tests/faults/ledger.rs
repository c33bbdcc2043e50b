//! The count that matters: what the receiving server took, by recipient and purpose. Message-IDs are not
//! asked: a mail that is sent twice under two ids is sent twice.

use std::collections::BTreeMap;

use checkback::sandbox::Received;

/// Who got what how often. A purpose is `check-back`, a follow-up by its step and subject, else the subject.
pub type Ledger = BTreeMap<(String, String), usize>;

/// The ledger of what the server took from Dana, whatever the program learnt of it.
pub fn ledger(taken: &[Received]) -> Ledger {
    let mut ledger = Ledger::new();
    for mail in taken.iter().filter(|mail| mail.mail_from.ends_with("@devmail.example")) {
        for to in &mail.rcpt_to {
            *ledger.entry((to.clone(), purpose(&mail.data))).or_default() += 1;
        }
    }
    ledger
}

/// What a mail of ours is for.
pub fn purpose(mail: &[u8]) -> String {
    let text = String::from_utf8_lossy(mail);
    if text.contains("Feel free to check back") {
        return "check-back".to_owned();
    }
    let subject = text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
    for (step, words) in [(1, "wondered"), (2, "This is my last note about")] {
        if text.contains(words) {
            return format!("follow-up {step} of {subject}");
        }
    }
    subject.to_owned()
}

/// The value of a header field that stands on one line.
pub fn field(mail: &str, name: &str) -> Option<String> {
    let start = format!("{}:", name.to_lowercase());
    let head = mail.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let found = head.lines().find(|line| line.to_lowercase().starts_with(&start))?;
    Some(found.get(start.len()..)?.trim().to_owned())
}
