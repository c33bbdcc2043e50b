//! Multiparts whose boundary is not declared, wrong, or never closed.

use mail_parser::{Message, MimeHeaders as _, PartType};
use memchr::memmem;

use super::{Defect, Inbound, PARSER, collect_parts, read_bodies};

/// Notes a broken multipart. Where the declared boundary occurs nowhere, the body is read once more
/// with the boundary that its first delimiter line shows.
pub fn broken_multipart(raw: &[u8], message: &Message<'_>, mail: &mut Inbound) {
    let Some(root) = message.parts.first() else { return };
    let is_multipart = root.content_type().is_some_and(|kind| kind.c_type.eq_ignore_ascii_case("multipart"));
    if !is_multipart {
        return;
    }
    let boundary = root.content_type().and_then(|kind| kind.attribute("boundary")).unwrap_or_default();
    let closed = !boundary.is_empty() && memmem::find(raw, format!("--{boundary}--").as_bytes()).is_some();
    if closed && matches!(root.body, PartType::Multipart(_)) {
        return;
    }
    mail.defects.push(Defect::BrokenMime);
    if matches!(root.body, PartType::Multipart(_)) {
        return;
    }
    let body = raw.get(root.offset_body as usize..).unwrap_or_default();
    let Some(found) = shown_boundary(body) else { return };
    let mut anew = format!("Content-Type: multipart/mixed; boundary=\"{found}\"\r\n\r\n").into_bytes();
    anew.extend_from_slice(body);
    let Some(second) = PARSER.parse(&anew) else { return };
    let mut again = Inbound::default();
    read_bodies(&second, &mut again);
    collect_parts(&second, 0, &mut again);
    if again.parts.len() > 1 {
        mail.text = again.text;
        mail.html = again.html;
        // the first of them stands for the envelope that was made up
        mail.parts.truncate(1);
        mail.parts.extend(again.parts.into_iter().skip(1));
    }
}

/// A part whose end is missing is none of the bodies; its text is what there is to read.
pub fn lost_text(mail: &mut Inbound) {
    if !mail.text.trim().is_empty() || !mail.html.trim().is_empty() {
        return;
    }
    let body = |mime: &str| {
        let mut parts =
            mail.parts.iter().filter(|part| part.depth == 0 && !part.attachment && part.file_name.is_none());
        parts.find(|part| part.mime == mime && !part.text.trim().is_empty()).map(|part| part.text.clone())
    };
    match body("text/plain") {
        Some(text) => mail.text = text,
        None => mail.html = body("text/html").unwrap_or_default(),
    }
}

/// The text of the first delimiter line that a header field follows.
fn shown_boundary(body: &[u8]) -> Option<String> {
    let mut lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).take(200).peekable();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix(b"--") else { continue };
        let follows = lines.peek().is_some_and(|next| next.to_ascii_lowercase().starts_with(b"content-"));
        let usable =
            (1..=100).contains(&name.len()) && name.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'"');
        if follows && usable {
            return String::from_utf8(name.to_vec()).ok();
        }
    }
    None
}
