//! What the service says of itself.

use std::sync::Arc;

use super::post::{Post, State};
use crate::domain::ident::Address;

/// One line for the service manager: what is well, and what is not.
pub(super) fn status(posts: &[Arc<Post>]) -> String {
    let states: Vec<(&str, State)> = posts.iter().map(|post| (post.name.as_str(), post.state())).collect();
    let troubled: Vec<String> = states
        .iter()
        .filter_map(|(name, state)| match state {
            State::Beginning => Some(format!("{name}: being read")),
            State::Well => None,
            State::Trouble(why) => Some(format!("{name}: {}", masked(why))),
            State::Stopped(why) => Some(format!("{name} has stopped: {}", masked(why))),
        })
        .collect();
    if troubled.is_empty() { "Every mailbox is read".to_owned() } else { troubled.join("; ") }
}

/// A text with its mail addresses masked: what a server says may name them.
pub(super) fn masked(text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || "@._%+-=".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(is_part) {
        let (before, from) = rest.split_at(begin);
        let (word, after) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
        out.push_str(before);
        // a full stop behind an address ends the sentence
        let name = word.trim_end_matches('.');
        match name.contains('@').then(|| Address::parse(name)).flatten() {
            Some(address) => {
                out.push_str(&address.masked());
                out.extend(std::iter::repeat_n('.', word.len() - name.len()));
            }
            None if name.contains('@') => out.push('…'),
            None => out.push_str(word),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_util::sync::CancellationToken;

    #[test]
    fn addresses_in_what_a_server_says_are_masked() {
        for (text, expected) in [
            ("550 5.1.1 <rita@agency.example>: no such user", "550 5.1.1 <r…@agency.example>: no such user"),
            ("no mailbox dana@devmail.example.", "no mailbox d…@devmail.example."),
            ("the host imap.devmail.example:993 is down", "the host imap.devmail.example:993 is down"),
            ("odd @@ sign", "odd … sign"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn the_status_names_what_is_not_well() {
        let post = |name: &str, state| {
            let post = Post::new(name, CancellationToken::new());
            post.set_state(state);
            Arc::new(post)
        };
        let posts = [post("personal", State::Well), post("work", State::Stopped("wrong password".to_owned()))];
        assert_eq!(status(&posts), "work has stopped: wrong password");
        assert_eq!(status(&posts[..1]), "Every mailbox is read");
    }
}
