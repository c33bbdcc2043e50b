//! Mails as tests put them together: a fixture with a few fields changed.

use std::path::Path;

/// Header fields in their order, and a body.
#[derive(Debug, Clone)]
pub struct Mail {
    fields: Vec<(String, String)>,
    body: String,
}

impl Mail {
    /// The plain pitch of an agency: every rule lets it be answered.
    pub fn pitch() -> Self {
        Self::read("pitches/agency.eml")
    }

    /// The same pitch by somebody else: another recruiter of another agency.
    pub fn pitch_from(name: &str, address: &str) -> Self {
        let domain = address.split_once('@').unwrap().1;
        Self::pitch()
            .set("Return-Path", &format!("<{address}>"))
            .set("From", &format!("{name} <{address}>"))
            .set("Message-ID", &format!("<pitch-of-{address}>"))
            .set("Authentication-Results", &format!("mx.devmail.example; dmarc=pass header.from={domain}"))
            .swap("Rita Holm", name)
            .swap("Brightstaff", &domain.replace(".example", ""))
    }

    /// A mail of the fixtures.
    pub fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
        let text = std::fs::read_to_string(path).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let unfolded = head.replace("\r\n ", " ");
        let fields = unfolded.split("\r\n").map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        });
        Self { fields: fields.collect(), body: body.to_owned() }
    }

    /// A mail as Dana writes it by hand, without the stamp of a server.
    pub fn by_dana(id: &str, to: &str, subject: &str, body: &str) -> Self {
        Self { fields: Vec::new(), body: body.to_owned() }
            .set("From", "Dana Reyes <dana@devmail.example>")
            .set("To", to)
            .set("Subject", subject)
            .set("Message-ID", &format!("<{id}>"))
            .set("Date", "Tue, 10 Mar 2026 10:00:00 +0000")
            .set("MIME-Version", "1.0")
            .set("Content-Type", "text/plain; charset=utf-8")
    }

    /// A mail as it comes in from somebody.
    pub fn to_dana(id: &str, from: &str, subject: &str, body: &str) -> Self {
        Self { fields: Vec::new(), body: body.to_owned() }
            .set(
                "Received",
                "from out.example (out.example [192.0.2.11]) by mx.devmail.example; Tue, 10 Mar 2026 09:59:00 +0000",
            )
            .set("From", from)
            .set("To", "Dana Reyes <dana@devmail.example>")
            .set("Subject", subject)
            .set("Message-ID", &format!("<{id}>"))
            .set("Date", "Tue, 10 Mar 2026 09:59:00 +0000")
            .set("MIME-Version", "1.0")
            .set("Content-Type", "text/plain; charset=utf-8")
    }

    /// The field gets this value, in its place or at the end.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// One more field, on top.
    pub fn on_top(mut self, name: &str, value: &str) -> Self {
        self.fields.insert(0, (name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// As an answer to the mail with this id.
    pub fn answering(self, id: &str) -> Self {
        self.set("In-Reply-To", &format!("<{id}>")).set("References", &format!("<{id}>"))
    }

    /// `Date` and the date of the topmost `Received`.
    pub fn dated(self, date: &str) -> Self {
        let stamped = self.fields.iter().find(|(name, _)| name == "Received");
        let received = stamped.map(|(_, value)| value.split(';').next().unwrap().to_owned());
        let mail = self.set("Date", date);
        match received {
            Some(stamp) => mail.set("Received", &format!("{stamp}; {date}")),
            None => mail,
        }
    }

    /// Other words in the body.
    pub fn swap(mut self, old: &str, new: &str) -> Self {
        self.body = self.body.replace(old, new);
        self
    }

    /// The Message-ID without its brackets.
    pub fn id(&self) -> String {
        let (_, value) = self.fields.iter().find(|(name, _)| name == "Message-ID").unwrap();
        value.trim_matches(['<', '>']).to_owned()
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut text = String::new();
        for (name, value) in &self.fields {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(&self.body);
        text.into_bytes()
    }
}
