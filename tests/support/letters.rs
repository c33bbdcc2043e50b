//! Mails that people and machines write in these tests.

use checkback::clock;
use jiff::{Timestamp, ToSpan as _};

/// A mail in the making.
#[derive(Debug, Clone)]
pub struct Letter {
    from: String,
    to: String,
    subject: String,
    id: String,
    at: Timestamp,
    fields: Vec<(String, String)>,
    text: String,
}

impl Letter {
    /// A mail of now.
    pub fn new(from: &str, to: &str, subject: &str, id: &str, text: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            subject: subject.to_owned(),
            id: id.to_owned(),
            at: clock::now(),
            fields: Vec::new(),
            text: text.to_owned(),
        }
    }

    /// With one more header field.
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Written and received then.
    pub fn at(mut self, at: Timestamp) -> Self {
        let date = rfc2822(at);
        self.fields.insert(
            0,
            ("Received".to_owned(), format!("from out.example by mx.devmail.example with LMTP id a1;\r\n\t{date}")),
        );
        self.at = at;
        self
    }

    /// When it was written.
    pub fn written_at(&self) -> Timestamp {
        self.at
    }

    /// Its bytes.
    pub fn raw(&self) -> String {
        let mut raw = String::new();
        for (name, value) in &self.fields {
            raw.push_str(&format!("{name}: {value}\r\n"));
        }
        raw.push_str(&format!(
            "From: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}>\r\nDate: {}\r\nMIME-Version: 1.0\r\n",
            self.from,
            self.to,
            self.subject,
            self.id,
            rfc2822(self.at)
        ));
        if !self.fields.iter().any(|(name, _)| name == "Content-Type") {
            raw.push_str("Content-Type: text/plain; charset=utf-8\r\n");
        }
        format!("{raw}\r\n{}\r\n", self.text.replace('\n', "\r\n"))
    }
}

/// A recruiter's pitch that leaves no doubt.
pub fn pitch(from: &str, to: &str, id: &str) -> Letter {
    Letter::new(
        from,
        to,
        "Senior Rust Engineer role, remote, 160-190k",
        id,
        "Hi Dana,\n\nI'm a technical recruiter at Northbank Talent and came across your profile on LinkedIn. \
         I'm working with a client, a fast-growing storage company, who is hiring a Senior Rust Engineer \
         (fully remote, base salary $160,000 to $190,000 plus equity). Your background looks like a great fit \
         for this position.\n\nWould you be open to a quick call this week to discuss the opportunity? If you are \
         interested, please send me your updated resume.\n\nBest regards,\nRita Vale\nSenior Technical Recruiter\n\
         Northbank Talent",
    )
}

/// That many days ago.
pub fn days_ago(days: i64) -> Timestamp {
    clock::now() - (days * 24).hours()
}

fn rfc2822(at: Timestamp) -> String {
    jiff::fmt::rfc2822::to_string(&at.to_zoned(jiff::tz::TimeZone::UTC)).unwrap()
}
