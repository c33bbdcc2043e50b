//! The sample mailbox: the last two months of one Dana Reyes, written for this project.
//!
//! The mails stand in four text files beside this one; days are counted back from `now`, so that they
//! always are the last two months. Everybody in them is invented.

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::{Time, Weekday};
use jiff::{SignedDuration, Span, Zoned};

const SENT: &str = include_str!("sample/sent.txt");
const ASKS: &str = include_str!("sample/asks.txt");
const BEFORE: &str = include_str!("sample/before.txt");
const ARRIVING: &str = include_str!("sample/arriving.txt");

/// Whose mailbox it is.
pub const NAME: &str = "Dana Reyes";
/// Her address.
pub const ADDRESS: &str = "dana@devmail.example";

/// Where a mail of the sample lies, or when it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In Sent.
    Sent,
    /// In INBOX.
    Inbox,
    /// In Junk.
    Junk,
    /// Handed in by SMTP in this round.
    Round(u8),
}

/// One mail of the sample.
#[derive(Debug, Clone)]
pub struct SampleMail {
    /// Where it lies.
    pub place: Place,
    /// When it was sent.
    pub at: Zoned,
    /// Address of the author.
    pub from: String,
    /// Message-ID with its brackets.
    pub message_id: String,
    /// The whole mail, lines end in CRLF.
    pub bytes: Vec<u8>,
    subject: String,
    header: String,
    text: String,
}

/// Makes the whole sample as of `now`, whose zone is Dana's.
///
/// # Errors
/// If the files contradict themselves; a test makes sure that they don't.
pub fn mails(now: &Zoned) -> anyhow::Result<Vec<SampleMail>> {
    let mut made = Maker { now, mails: Vec::new(), by_id: HashMap::new() };
    made.outreach()?;
    for entry in entries(BEFORE).chain(entries(ARRIVING)) {
        made.entry(&entry).with_context(|| format!("sample mail {:?}", entry.title))?;
    }
    Ok(made.mails)
}

/// A part of a file: `%% title` and what follows.
struct Entry<'t> {
    title: &'t str,
    content: &'t str,
}

fn entries(file: &str) -> impl Iterator<Item = Entry<'_>> {
    file.split("\n%% ").skip(1).map(|entry| {
        let (title, content) = entry.split_once('\n').unwrap_or((entry, ""));
        // a comment before the next entry is no text of this one
        let content = content.split("\n# ----").next().unwrap_or(content);
        Entry { title, content: content.trim_end() }
    })
}

struct Maker<'n> {
    now: &'n Zoned,
    mails: Vec<SampleMail>,
    by_id: HashMap<String, usize>,
}

impl Maker<'_> {
    fn outreach(&mut self) -> anyhow::Result<()> {
        for line in SENT.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let mut cells = line.split(" | ");
            let mut cell = || cells.next().with_context(|| format!("too few cells: {line}"));
            let (id, when, to, subject, ask, hook) = (cell()?, cell()?, cell()?, cell()?, cell()?, cell()?);
            let ask = entries(ASKS).find(|entry| entry.title == ask).context("an ask that is not there")?.content;
            let first = to.split([' ', '<']).next().unwrap_or_default();
            let text = format!("Hi {first},\n\n{hook}\n\n{}\n\nThank you,\n{NAME}", ask.trim());
            let at = weekday(self.when(when)?);
            self.add(id, Place::Sent, at, &format!("To: {to}\nSubject: {subject}\n\n{text}"), None)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry<'_>) -> anyhow::Result<()> {
        let mut cells = entry.title.split(" | ");
        let mut cell = || cells.next().context("too few cells");
        let (id, when, place) = (cell()?, cell()?, cell()?);
        let parent = cells.next().and_then(|cell| cell.strip_prefix("re "));
        let place = match place {
            "sent" => Place::Sent,
            "inbox" => Place::Inbox,
            "junk" => Place::Junk,
            round => Place::Round(round.parse().context("a place that is none")?),
        };
        self.add(id, place, self.when(when)?, entry.content, parent)
    }

    fn mail(&self, id: &str) -> anyhow::Result<&SampleMail> {
        let at = self.by_id.get(id).with_context(|| format!("no earlier mail {id}"))?;
        self.mails.get(*at).context("an index that is none")
    }

    /// `40d 09:12` ago, `now -4m`, `ID +2d 14:03`, `ID +90s`.
    fn when(&self, text: &str) -> anyhow::Result<Zoned> {
        let (first, rest) = text.split_once(' ').with_context(|| format!("no time: {text}"))?;
        if let Some(days) = first.strip_suffix('d').and_then(|days| days.parse::<i64>().ok()) {
            return on_day(self.now, -days, rest);
        }
        let begin = if first == "now" { self.now } else { &self.mail(first)?.at };
        match rest.split_once("d ") {
            Some((days, time)) => on_day(begin, days.trim_start_matches('+').parse()?, time),
            None => Ok(begin.checked_add(rest.trim_start_matches('+').parse::<SignedDuration>()?)?),
        }
    }

    fn add(&mut self, id: &str, place: Place, at: Zoned, content: &str, parent: Option<&str>) -> anyhow::Result<()> {
        let (fields, text) = content.split_once("\n\n").context("no empty line after the header")?;
        let mut fields: Vec<(String, String)> = self.fields(fields, &at)?;
        let text = self.filled(text, &at)?;
        if let Some(parent) = parent {
            let parent = self.mail(parent)?;
            fields.push(("In-Reply-To".to_owned(), parent.message_id.clone()));
            fields.push(("References".to_owned(), parent.message_id.clone()));
            if value(&fields, "Subject").is_none() {
                fields.push(("Subject".to_owned(), format!("Re: {}", parent.subject.trim_start_matches("Re: "))));
            }
        }
        if value(&fields, "To").is_none() {
            fields.push(("To".to_owned(), format!("{NAME} <{ADDRESS}>")));
        }
        if place == Place::Sent {
            fields.insert(0, ("From".to_owned(), format!("{NAME} <{ADDRESS}>")));
        }
        let from = address(value(&fields, "From").context("no From")?).to_owned();
        let domain = from.split_once('@').map_or("", |(_, domain)| domain);
        let message_id = format!("<{}.{id}@{domain}>", at.strftime("%Y%m%d"));
        let date = jiff::fmt::rfc2822::to_string(&at)?;
        fields.push(("Date".to_owned(), date.clone()));
        fields.push(("Message-ID".to_owned(), message_id.clone()));
        fields.push(("MIME-Version".to_owned(), "1.0".to_owned()));
        if value(&fields, "Content-Type").is_none() {
            fields.push(("Content-Type".to_owned(), "text/plain; charset=utf-8".to_owned()));
            fields.push(("Content-Transfer-Encoding".to_owned(), "8bit".to_owned()));
        }
        let subject = value(&fields, "Subject").context("no Subject")?.to_owned();
        let header: String = fields.iter().map(|(name, value)| format!("{name}: {}\n", encoded(value))).collect();
        let trace = match place {
            Place::Inbox | Place::Junk => {
                let path = if value(&fields, "Return-Path").is_none() {
                    format!("Return-Path: <{from}>\n")
                } else {
                    String::new()
                };
                format!("{path}Received: from mx.{domain} by mail.devmail.example with ESMTPS id {id}; {date}\n")
            }
            // what is handed in by SMTP gets its trace from the server
            Place::Sent | Place::Round(_) => String::new(),
        };
        let bytes = format!("{trace}{header}\n{text}\n").replace('\n', "\r\n").into_bytes();
        self.by_id.insert(id.to_owned(), self.mails.len());
        self.mails.push(SampleMail { place, at, from, message_id, bytes, subject, header, text });
        Ok(())
    }

    fn fields(&self, text: &str, at: &Zoned) -> anyhow::Result<Vec<(String, String)>> {
        let pair = |line: &str| -> anyhow::Result<(String, String)> {
            let (name, value) = line.split_once(": ").with_context(|| format!("no header field: {line}"))?;
            Ok((name.to_owned(), self.filled(value, at)?))
        };
        text.trim_start().lines().map(pair).collect()
    }

    /// The text with every `{…}` filled in.
    fn filled(&self, text: &str, at: &Zoned) -> anyhow::Result<String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (order, after) = after.split_once('}').context("a brace that is not closed")?;
            filled.push_str(before);
            filled.push_str(&self.piece(order, at).with_context(|| format!("{{{order}}}"))?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn piece(&self, order: &str, at: &Zoned) -> anyhow::Result<String> {
        if order.starts_with('%') {
            let (format, day) = order.rsplit_once(' ').context("no day")?;
            let day = match (day.strip_prefix('@'), day.strip_prefix('+')) {
                (Some(id), _) => self.mail(id)?.at.clone(),
                (_, Some(days)) => at.checked_add(Span::new().days(days.trim_end_matches('d').parse::<i64>()?))?,
                _ => bail!("neither @ID nor +days"),
            };
            return Ok(day.strftime(format).to_string());
        }
        let (what, id) = order.split_once(' ').context("no ID")?;
        let mail = self.mail(id)?;
        Ok(match what {
            "id" => mail.message_id.clone(),
            "head" => mail.header.clone(),
            "text" => mail.text.clone(),
            "quote" => mail.text.lines().map(|line| format!("> {line}\n")).collect::<String>().trim_end().to_owned(),
            _ => bail!("no such piece"),
        })
    }
}

fn on_day(begin: &Zoned, days: i64, time: &str) -> anyhow::Result<Zoned> {
    let time: Time = time.parse()?;
    let day = begin.date().checked_add(Span::new().days(days))?;
    Ok(day.to_datetime(time).to_zoned(begin.time_zone().clone())?)
}

/// Nobody asks on a weekend: the Friday before it, or the Monday after it.
fn weekday(at: Zoned) -> Zoned {
    let days = match at.weekday() {
        Weekday::Saturday => -1,
        Weekday::Sunday => 1,
        _ => 0,
    };
    at.checked_add(Span::new().days(days)).unwrap_or(at)
}

fn value<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The address in "Name <address>", "address (comment)" or "address".
fn address(value: &str) -> &str {
    let inside = value.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
    inside.unwrap_or_else(|| value.split(' ').next().unwrap_or(value))
}

/// A field's value with what is not ASCII as encoded words (RFC 2047 §2): the name before an address, or all of it.
fn encoded(value: &str) -> String {
    let word = |text: &str| format!("=?utf-8?B?{}?=", STANDARD.encode(text));
    match value.split_once(" <") {
        _ if value.is_ascii() => value.to_owned(),
        Some((name, rest)) => format!("{} <{rest}", word(name)),
        None => word(value),
    }
}

#[cfg(test)]
mod tests;
