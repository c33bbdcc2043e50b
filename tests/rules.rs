//! Each rule of the recruiter answer through the whole path: a mail that this rule alone stops comes in
//! over IMAP, is read, judged and gated by the real code, and nothing reaches the recording SMTP server.
//! The same mail without that one property is answered: the first story shows it.

#[cfg(test)]
#[path = "common/house.rs"]
#[expect(dead_code, reason = "each test program uses a part of the house")]
mod house;
#[cfg(test)]
#[path = "common/mail.rs"]
mod mail;

#[cfg(test)]
#[path = "rules/sender.rs"]
mod sender;
#[cfg(test)]
#[path = "rules/text.rs"]
mod text;
#[cfg(test)]
#[path = "rules/time.rs"]
mod time;

#[cfg(test)]
mod common {
    use super::house::House;
    use super::mail::Mail;

    /// The mail comes in and is not answered, for exactly this reason.
    pub async fn is_stopped(house: &House, mail: &Mail, rule: &str) {
        house.deliver(mail);
        let before = house.sent().len();
        house.sync_well().await;
        nothing_left(house, mail, rule, before);
    }

    /// The mail was judged, by exactly this rule, and nothing was sent since.
    pub fn nothing_left(house: &House, mail: &Mail, rule: &str, before: usize) {
        assert_eq!(house.blocked_by(&mail.id()), Some(vec![rule.to_owned()]));
        let sent = house.sent();
        assert_eq!(sent.len(), before, "{:?}", sent.last().map(|mail| String::from_utf8_lossy(&mail.data)));
    }

    /// The mail comes in and is answered.
    pub async fn is_answered(house: &House, mail: &Mail) {
        house.deliver(mail);
        let before = house.sent().len();
        house.sync_well().await;
        assert_eq!(house.blocked_by(&mail.id()), Some(Vec::new()));
        assert_eq!(house.sent().len(), before + 1);
    }
}

#[cfg(test)]
#[tokio::test]
async fn a_pitch_that_no_rule_stops_is_answered() {
    let house = house::House::open().await;
    common::is_answered(&house, &mail::Mail::pitch()).await;
}
