//! Single values of the config file. An `Err` says what to write instead.

use std::net::IpAddr;

use jiff::civil::Time;

use crate::domain::ident::Address;

/// One address of the user or of somebody else.
pub(super) fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).ok_or_else(|| "write one address, such as \"you@example.org\"".to_owned())
}

/// A domain in lower case.
pub(super) fn domain(text: &str) -> Result<String, String> {
    let bare = text.trim().trim_start_matches('@').trim_end_matches('.').to_lowercase();
    let usable = bare.contains('.')
        && !bare.starts_with('.')
        && bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if usable { Ok(bare) } else { Err("write a domain, such as \"example.org\"".to_owned()) }
}

/// An address or a domain, in lower case.
pub(super) fn address_or_domain(text: &str) -> Result<String, String> {
    domain(text)
        .or_else(|_| address(text).map(|address| address.as_str().to_owned()))
        .map_err(|_| "write an address or a domain, such as \"a@example.org\" or \"example.org\"".to_owned())
}

/// A name for commands and the database.
pub(super) fn account_name(text: &str) -> Result<String, String> {
    let usable = text.chars().count() <= 64 && !text.chars().any(char::is_whitespace);
    if usable { Ok(text.to_owned()) } else { Err("write one short word, such as \"personal\"".to_owned()) }
}

/// A host name or an address, without scheme, port and brackets.
pub(super) fn host(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let is_name = bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if is_name || bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    Err("write only the host, such as \"mail.example.org\"; the port has a key of its own".to_owned())
}

/// Whether a host is this machine: the only one that is spoken to in plain text.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A SHA-256 in hex, with or without colons.
pub(super) fn pin_sha256(text: &str) -> Result<[u8; 32], String> {
    let wrong = || "write the certificate's SHA-256 as 64 hex digits, with or without colons".to_owned();
    let digits: Option<Vec<u8>> =
        text.chars().filter(|c| *c != ':').map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() == 64).ok_or_else(wrong)?;
    let (pairs, _) = digits.as_chunks::<2>();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high * 16 + low).collect();
    bytes.try_into().map_err(|_| wrong())
}

/// "HH:MM" of a day with 24 hours.
pub(super) fn time_of_day(text: &str) -> Result<Time, String> {
    let wrong = || "write hours and minutes of a 24-hour clock in quotes, such as \"08:00\"".to_owned();
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    let part = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<i8>().ok()).flatten()
    };
    let (hour, minute) = (part(hour).ok_or_else(wrong)?, part(minute).ok_or_else(wrong)?);
    Time::new(hour, minute, 0, 0).map_err(|_| wrong())
}

/// Whether a text can be the name of an environment variable (POSIX.1-2017 §8.1).
pub(super) fn is_variable_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
