//! Stories of the user's day: the daily mail, the warning of a mailbox that is not read, the breaker.

#[cfg(test)]
#[path = "common/house.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod house;
#[cfg(test)]
#[path = "common/mail.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod mail;

#[cfg(test)]
#[path = "daily/answering.rs"]
mod answering;
#[cfg(test)]
#[path = "daily/attacks.rs"]
mod attacks;
#[cfg(test)]
#[path = "daily/breaker.rs"]
mod breaker;
#[cfg(test)]
#[path = "daily/clients.rs"]
mod clients;
#[cfg(test)]
#[path = "daily/deciding.rs"]
mod deciding;
#[cfg(test)]
#[path = "daily/mails.rs"]
mod mails;
#[cfg(test)]
#[path = "daily/stale.rs"]
mod stale;
#[cfg(test)]
#[path = "daily/taking_back.rs"]
mod taking_back;
#[cfg(test)]
#[path = "daily/tokens.rs"]
mod tokens;

#[cfg(test)]
mod letters {
    use checkback::config::LogSent;
    use checkback::sandbox::Received;
    use jiff::tz::TimeZone;
    use jiff::{SignedDuration, Timestamp};
    use mail_parser::MessageParser;

    use super::house::House;
    use super::mail::Mail;

    /// A mail to the user, as the sending server got it.
    #[derive(Debug)]
    pub struct Letter {
        /// Without its token.
        pub subject: String,
        /// `cb-…`, of the daily mail; else empty.
        pub token: String,
        pub text: String,
        pub html: String,
        /// Local time of its `Date`.
        pub at: String,
        pub from: String,
        pub message_id: String,
    }

    /// The mails that checkback sent to the user.
    pub fn to_dana(house: &House) -> Vec<Letter> {
        let mine = |mail: &Received| mail.rcpt_to == ["dana@devmail.example"];
        house.sent().iter().filter(|mail| mine(mail)).map(letter).collect()
    }

    /// Mails to others.
    pub fn to_others(house: &House) -> usize {
        house.sent().iter().filter(|mail| mail.rcpt_to != ["dana@devmail.example"]).count()
    }

    fn letter(mail: &Received) -> Letter {
        let parsed = MessageParser::default().parse(&mail.data).unwrap();
        assert_eq!(parsed.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
        let date = Timestamp::from_second(parsed.date().unwrap().to_timestamp()).unwrap();
        let whole = parsed.subject().unwrap();
        let (subject, token) = whole.split_once(" [cb-").unwrap_or((whole, ""));
        Letter {
            subject: subject.to_owned(),
            token: if token.is_empty() { String::new() } else { format!("cb-{}", token.trim_end_matches(']')) },
            html: parsed.html_bodies().next().map(|part| part.to_string()).unwrap_or_default(),
            text: parsed.body_text(0).unwrap().replace("\r\n", "\n"),
            at: date.to_zoned(zone()).strftime("%F %R").to_string(),
            from: mail.mail_from.clone(),
            message_id: parsed.message_id().unwrap().to_owned(),
        }
    }

    pub fn zone() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    /// A house with the daily mail on.
    pub async fn reminded() -> House {
        House::with(|config, _| {
            config.reminders.mail = true;
            config.outreach.log_sent = LogSent::Propose;
        })
        .await
    }

    /// Syncs every so often until that local time.
    pub async fn until(house: &House, local: &str, every: SignedDuration) {
        let end = at(local);
        while house.now() < end {
            let left = end.duration_since(house.now());
            house.advance(every.min(left));
            house.sync().await;
        }
    }

    pub fn at(local: &str) -> Timestamp {
        let local: jiff::civil::DateTime = local.parse().unwrap();
        local.to_zoned(zone()).unwrap().timestamp()
    }

    /// A pitch that a person decides about.
    pub fn vague(name: &str, address: &str) -> Mail {
        Mail::read("pitches/vague.eml")
            .set("From", &format!("{name} <{address}>"))
            .set("Message-ID", &format!("<vague-of-{address}>"))
            .set("Return-Path", &format!("<{address}>"))
    }
}
