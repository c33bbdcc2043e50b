//! `Auto-Submitted` (RFC 3834 §5).

use crate::domain::inbound::Inbound;

/// The first keyword that is not `no`: of several fields one is enough, an unknown keyword counts,
/// and so does a value without any.
pub fn keyword(mail: &Inbound) -> Option<String> {
    mail.header_values("auto-submitted").map(first_word).find(|word| word != "no")
}

fn first_word(value: &str) -> String {
    let bare = without_comments(value);
    let word = bare.split([';', ' ', '\t', ',']).find(|word| !word.is_empty()).unwrap_or("unreadable");
    word.trim_matches('"').to_ascii_lowercase()
}

/// RFC 5322 §3.2.2: comments nest, a backslash quotes. An unclosed one reaches to the end.
fn without_comments(value: &str) -> String {
    let (mut depth, mut quoted, mut bare) = (0_usize, false, String::with_capacity(value.len()));
    for c in value.chars() {
        match c {
            _ if quoted => quoted = false,
            '\\' => quoted = true,
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    bare
}
