//! How somebody was asked.

/// The channel that the headline rate is about.
pub const MAIL: &str = "mail";

/// A channel: `mail`, `linkedin`, `call`, or any other word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel(String);

impl Channel {
    /// A channel by its name; `None` if that is no single short word.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().to_lowercase();
        let usable = !name.is_empty()
            && name.len() <= 24
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        let name = match name.as_str() {
            "email" | "e-mail" => MAIL.to_owned(),
            "phone" => "call".to_owned(),
            _ => name,
        };
        usable.then_some(Self(name))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it takes the other person: whoever was met or spoken to has answered (product §3.3).
    pub fn is_answered_by_nature(&self) -> bool {
        matches!(self.0.as_str(), "call" | "coffee" | "lunch" | "beer" | "meeting" | "video")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_one_short_word() {
        for (text, name) in [
            ("LinkedIn", Some("linkedin")),
            ("e-mail", Some("mail")),
            ("phone", Some("call")),
            ("meet-up", Some("meet-up")),
            ("", None),
            ("a call", None),
            ("x'; --", None),
        ] {
            assert_eq!(Channel::parse(text).map(|channel| channel.0), name.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn only_what_takes_two_is_answered_by_nature() {
        let by_nature = |name| Channel::parse(name).unwrap().is_answered_by_nature();
        assert!(by_nature("call") && by_nature("coffee"));
        assert!(!by_nature("linkedin") && !by_nature("mail"));
    }
}
