//! [`Tag`]: a word that a person puts on an outreach, to break the report down by.

use std::fmt;

/// A tag: 1 to 40 characters, no control characters, lower case, single spaces. "Meetup" and "meetup "
/// are one tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

/// Why a text is no tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// Nothing is in it.
    #[error("a tag needs at least one character")]
    Empty,
    /// Over 40 characters.
    #[error("a tag has at most {} characters", Tag::LONGEST)]
    Long,
    /// Tabs, escape sequences and the like.
    #[error("a tag has no control characters")]
    Control,
}

impl Tag {
    const LONGEST: usize = 40;

    /// Reads a tag as a person writes it.
    ///
    /// # Errors
    /// With words to show to that person.
    pub fn parse(text: &str) -> Result<Self, TagError> {
        let tag = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase();
        match tag.chars().count() {
            0 => Err(TagError::Empty),
            _ if tag.chars().any(char::is_control) => Err(TagError::Control),
            n if n > Self::LONGEST => Err(TagError::Long),
            _ => Ok(Self(tag)),
        }
    }

    /// The tag as it is kept and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Meetup", Ok("meetup"))]
    #[case("  rust   CONF ", Ok("rust conf"))]
    #[case("Über-Kollege", Ok("über-kollege"))]
    #[case("", Err(TagError::Empty))]
    #[case("  ", Err(TagError::Empty))]
    #[case("a\tb", Err(TagError::Control))]
    #[case("\u{1b}[2J", Err(TagError::Control))]
    #[case("0123456789012345678901234567890123456789", Ok("0123456789012345678901234567890123456789"))]
    #[case("01234567890123456789012345678901234567890", Err(TagError::Long))]
    fn a_tag_is_one_however_it_is_typed(#[case] text: &str, #[case] tag: Result<&str, TagError>) {
        assert_eq!(Tag::parse(text).as_ref().map(Tag::as_str).map_err(|error| *error), tag);
    }
}
