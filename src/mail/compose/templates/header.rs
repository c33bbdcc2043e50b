//! The comment on top of a template: what it is for, and the values that the user gives it.

/// What the comment `{{!-- … --}}` on top of a template says. Each line is part of the description,
/// or names a value (`why: why you write to this person`), or settles something:
///
/// - `asks: no`: it asks nothing of its reader, and sending it begins no outreach;
/// - `reply: yes`: it answers a mail, whose subject it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What it is for, in words.
    pub about: String,
    /// Values and what each means.
    pub values: Vec<(String, String)>,
    /// Sending it asks something of a person: it begins an outreach.
    pub asks: bool,
    /// It answers a mail.
    pub reply: bool,
}

impl Default for Header {
    fn default() -> Self {
        Self { about: String::new(), values: Vec::new(), asks: true, reply: false }
    }
}

impl Header {
    /// The header of a template's text, and the text behind it.
    pub(super) fn split(source: &str) -> (Self, &str) {
        let source = source.trim_start_matches('\u{feff}');
        let Some(rest) = source.trim_start().strip_prefix("{{!--") else { return (Self::default(), source) };
        let Some((comment, body)) = rest.split_once("--}}") else { return (Self::default(), source) };
        (Self::read(comment), body.trim_start_matches([' ', '\t', '\r', '\n']))
    }

    fn read(comment: &str) -> Self {
        let mut header = Self::default();
        for line in comment.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.split_once(':').map(|(name, said)| (name, said.trim())) {
                Some(("asks", said)) => header.asks = said != "no",
                Some(("reply", said)) => header.reply = said == "yes",
                Some((name, said)) if is_name(name) => header.values.push((name.to_owned(), said.to_owned())),
                _ => {
                    let gap = if header.about.is_empty() { "" } else { " " };
                    header.about = format!("{}{gap}{line}", header.about);
                }
            }
        }
        header
    }

    /// What a value means, if the header says so.
    pub fn meaning(&self, value: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| name == value).map(|(_, said)| said.as_str())
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
