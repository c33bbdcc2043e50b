//! What the people of the town write.

use super::town::{ASKED_BY_HAND, RECRUITERS, Town, friend};
use crate::ledger::field;
use crate::mail::Mail;
use jiff::ToSpan as _;

impl Town {
    /// Whether the second account is meant.
    pub(super) fn is_second(&self, b: u16) -> bool {
        b % 4 == 3 && self.accounts().count() > 1
    }

    pub(super) fn pitch(&mut self, n: u16, nameless: bool, to_second: bool, to_both: bool) {
        let (name, address) = RECRUITERS[usize::from(n) % RECRUITERS.len()];
        let mail = Mail::pitch_from(name, address).dated(&self.date());
        let mail = match nameless {
            true => mail.without("Message-ID"),
            false => mail.set("Message-ID", &format!("<pitch-{}-{address}>", self.count)),
        };
        let second = mail.clone().set("To", "Dana Reyes <reyes@devmail.example>");
        if to_second || to_both {
            self.house.world().deliver("reyes", "INBOX", &second.bytes(), None).unwrap();
        }
        if !to_second {
            let uid = self.house.deliver(&mail);
            self.latest.insert(n, ("INBOX".to_owned(), uid));
        }
    }

    pub(super) fn machine(&mut self, n: u16, subject: &str, text: &str, automatic: &str) {
        let (name, address) = RECRUITERS[usize::from(n) % RECRUITERS.len()];
        let id = format!("machine-{}@mx.example", self.count);
        let mail = Mail::to_dana(&id, &format!("{name} <{address}>"), subject, &format!("{text}\r\n"));
        self.house.deliver(&mail.dated(&self.date()).set("Auto-Submitted", automatic));
    }

    pub(super) fn bounce(&mut self, n: u16) {
        let (_, address) = RECRUITERS[usize::from(n) % RECRUITERS.len()];
        let text = format!("<{address}>: host mx said: 550 5.1.1 no such user\r\n");
        let from = "Mail Delivery System <MAILER-DAEMON@mx.example>";
        let id = format!("dsn-{}@mx.example", self.count);
        let mail = Mail::to_dana(&id, from, "Undelivered Mail Returned to Sender", &text).set("Return-Path", "<>");
        self.house.deliver(&mail.dated(&self.date()).set("Auto-Submitted", "auto-replied"));
    }

    pub(super) fn news(&mut self) {
        let id = format!("news-{}@jobs.example", self.count);
        let mail = Mail::to_dana(&id, "Jobs <no-reply@jobs.example>", "Rust jobs of the week", "Apply now.\r\n");
        self.house.deliver(&mail.dated(&self.date()).set("List-Id", "<weekly.jobs.example>"));
    }

    pub(super) fn forged(&mut self, n: u16) {
        let Some(id) = self.latest_text(n).and_then(|mail| field(&mail, "Message-ID")) else { return };
        let mail = Mail::to_dana("x@y", "Eve <eve@elsewhere.example>", "Hello", "Just saying hello.\r\n");
        self.house.deliver(&mail.set("Message-ID", &id).dated(&self.date()));
    }

    pub(super) fn by_hand(&mut self, n: u16) {
        let (_, address) = RECRUITERS[usize::from(n) % RECRUITERS.len()];
        let id = format!("by-hand-{}@devmail.example", self.count);
        let mail = Mail::by_dana(&id, address, "Re: your mail", "No, thank you.\r\n").dated(&self.date());
        let parent = self.latest_text(n).and_then(|mail| field(&mail, "Message-ID"));
        let mail = match parent {
            Some(parent) => mail.answering(parent.trim_matches(['<', '>'])),
            None => mail,
        };
        self.house.put("Sent", &mail);
    }

    pub(super) fn asks(&mut self, n: u16) {
        if self.asked.contains_key(&n) {
            return;
        }
        let id = format!("ask-{}@devmail.example", self.count);
        let subject = format!("A question about {ASKED_BY_HAND} {}", self.count);
        let mail = Mail::by_dana(&id, &friend(n), &subject, "How did you solve it?\r\n").dated(&self.date());
        self.house.put("Sent", &mail);
        self.asked.insert(n, id);
        self.by_hand.push((friend(n), self.house.now()));
    }

    pub(super) fn replies(&mut self, n: u16) {
        // what came by the program is answered first
        let sent = self.house.sent();
        let latest = sent.iter().rev().find(|mail| mail.rcpt_to.contains(&friend(n)));
        let text = latest.map(|mail| String::from_utf8_lossy(&mail.data).into_owned());
        let of = |name| text.as_ref().and_then(|text| field(text, name));
        let (came, subject) = (of("Message-ID"), of("Subject").unwrap_or_else(|| "A question".to_owned()));
        let Some(asked) = came.or_else(|| self.asked.get(&n).cloned()) else { return };
        let subject = format!("Re: {}", subject.trim_start_matches("Re: "));
        self.writes(n, &subject, "With patience.", Some(asked.trim_matches(['<', '>'])));
        self.replied.push(friend(n));
    }

    pub(super) fn stray(&mut self, n: u16) {
        self.writes(n, "The meetup on Thursday", "Will you be there?", None);
    }

    pub(super) fn friend_away(&mut self, n: u16) {
        let until = self.house.now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(5.days());
        let words = format!("I am out of the office until {}.\r\n", until.strftime("%-d %B %Y"));
        let (from, id) = (format!("Kim Roth <{}>", friend(n)), format!("away-{}@people{n}.example", self.count));
        let mail = Mail::to_dana(&id, &from, "Automatic reply: away", &words).dated(&self.date());
        self.house.deliver(&mail.set("Auto-Submitted", "auto-replied"));
    }

    pub(super) fn writes(&mut self, n: u16, subject: &str, words: &str, answers: Option<&str>) {
        let (from, id) = (format!("Kim Roth <{}>", friend(n)), format!("mail-{}@people{n}.example", self.count));
        let mail = Mail::to_dana(&id, &from, subject, &format!("{words}\r\n")).dated(&self.date());
        self.house.deliver(&match answers {
            Some(id) => mail.answering(id),
            None => mail,
        });
        self.wrote.push((friend(n), self.taken.len()));
    }
}
