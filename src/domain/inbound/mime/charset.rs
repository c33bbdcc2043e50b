//! Text whose charset is not declared, or declared wrongly.

use std::borrow::Cow;

use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders as _};

/// Bytes of a header field as UTF-8: raw ISO-2022-JP and Latin bytes are common there.
pub fn readable(raw: &[u8]) -> Cow<'_, [u8]> {
    match decoded(raw) {
        Some(text) => Cow::Owned(text.into_bytes()),
        None => Cow::Borrowed(raw),
    }
}

/// The text of a part, decoded anew where the declared charset (or none) can't be right.
pub fn repaired<'x>(message: &Message<'_>, part: &MessagePart<'_>, text: &'x str) -> Cow<'x, str> {
    let escapes = is_iso_2022_jp(text.as_bytes());
    if escapes {
        return decode("iso-2022-jp", text.as_bytes()).map_or(Cow::Borrowed(text), Cow::Owned);
    }
    let charset = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default();
    let known = charset_decoder(charset.as_bytes()).is_some();
    if !known && charset.to_ascii_lowercase().ends_with("utf-7") {
        return decode("utf-7", text.as_bytes()).map_or(Cow::Borrowed(text), Cow::Owned);
    }
    if known || !text.contains('\u{fffd}') || part.encoding != Encoding::None {
        return Cow::Borrowed(text);
    }
    let raw = message.raw_message.get(part.offset_body as usize..part.offset_end as usize);
    raw.and_then(decoded).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// What the bytes most probably say; `None` if they are UTF-8 without escapes.
fn decoded(raw: &[u8]) -> Option<String> {
    if is_iso_2022_jp(raw) {
        return decode("iso-2022-jp", raw);
    }
    if std::str::from_utf8(raw).is_ok() {
        return None;
    }
    decode("windows-1252", raw)
}

fn is_iso_2022_jp(raw: &[u8]) -> bool {
    memchr::memchr(0x1b, raw).is_some()
        && [b"\x1b$B", b"\x1b$@"].iter().any(|escape| memchr::memmem::find(raw, *escape).is_some())
}

fn decode(charset: &str, raw: &[u8]) -> Option<String> {
    charset_decoder(charset.as_bytes()).map(|decoder| decoder(raw))
}
