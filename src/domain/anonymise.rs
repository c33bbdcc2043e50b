//! A mail without anybody in it, as a test case: names, addresses, domains, ids, numbers and links are
//! replaced, each by the same stand-in wherever it occurs. Made of the gist, since the mail itself is
//! not kept: what the gist doesn't hold is not in it either, and [`LEFT_OUT`] says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use regex::{Captures, Regex};

use super::gist::{Gist, Pitch};
use super::ident::{Address, BaseSubject, MessageId, NamedAddress, registrable_domain};
use super::inbound::ReturnPath;
use super::{recruiter, senders};

mod words;

/// What a test case doesn't hold, for the reader of it.
pub const LEFT_OUT: &[&str] = &[
    "the raw mail: only what checkback keeps of one went in",
    "attachments, HTML, MIME structure, quoted text and signatures",
    "header fields other than those of addresses, ids and dates, and those that mark a machine",
    "digits of the text, which became 0: dates in it can't be read any more",
    "words with a capital letter, but for a list of common ones; names in small letters, or in a script \
     without capitals, may have stayed: read the mail before you share it",
];

/// E-mail address, link, host name, number or word: what comes first.
static PIECE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        (?P<address> [\p{L}\p{N}._%+'=-]+ @ [\p{L}\p{N}.-]+\.[\p{L}]{2,} )
        | (?P<link> (?: \b[a-z][a-z0-9+.-]*:// | \bwww\. ) [^\s<>]+ )
        | (?P<host> \b[\p{L}\p{N}-]+ (?: \.[\p{L}\p{N}-]+ )* \. \p{L}{2,} (?: / [^\s<>]* )? )
        | (?P<number> \p{N}+ )
        | (?P<word> [\p{L}\p{M}] [\p{L}\p{M}'’-]* )
        ",
    )
    .ok()
});

/// The gist with stand-ins for everybody and everything that could be told by it.
pub fn anonymise(gist: &Gist) -> Gist {
    let mut names = Names::default();
    names.learn(gist);
    let mut bounce = gist.bounce.clone();
    if let Some(bounce) = &mut bounce {
        bounce.recipients = bounce.recipients.iter().map(|one| names.address(one)).collect();
        bounce.original_message_id = bounce.original_message_id.as_ref().map(|id| names.id(id));
        bounce.original_subject = bounce.original_subject.as_deref().map(|subject| names.text(subject));
    }
    let mut away = gist.out_of_office.clone();
    if let Some(away) = &mut away {
        away.stand_in = away.stand_in.as_ref().map(|address| names.address(address));
    }
    let subject = names.text(&gist.subject);
    let mut ids = |ids: &[MessageId]| -> Vec<MessageId> { ids.iter().map(|id| names.id(id)).collect() };
    let (in_reply_to, references, other_ids, quoted_ids) =
        (ids(&gist.in_reply_to), ids(&gist.references), ids(&gist.other_ids), ids(&gist.quoted_ids));
    let mut people =
        |people: &[NamedAddress]| -> Vec<NamedAddress> { people.iter().map(|one| names.person(one)).collect() };
    let (to, cc, bcc) = (people(&gist.to), people(&gist.cc), people(&gist.bcc));
    Gist {
        message_id: gist.message_id.as_ref().map(|id| names.id(id)),
        from: gist.from.as_ref().map(|from| names.person(from)),
        sender: gist.sender.as_ref().map(|sender| names.address(sender)),
        reply_to: gist.reply_to.iter().map(|address| names.address(address)).collect(),
        return_path: match &gist.return_path {
            ReturnPath::Mailbox(address) => ReturnPath::Mailbox(names.address(address)),
            other => other.clone(),
        },
        to,
        cc,
        bcc,
        in_reply_to,
        references,
        other_ids,
        quoted_ids,
        quoted_addresses: gist.quoted_addresses.iter().map(|address| names.address(address)).collect(),
        base_subject: BaseSubject::of(&subject),
        subject,
        marks: gist.marks.iter().map(|mark| names.mark(mark)).collect(),
        marked: None,
        tokens: Vec::new(),
        text: names.text(&gist.text),
        bounce,
        out_of_office: away,
        authentication: gist.authentication.clone().map(|mut result| {
            result.authserv_id = "mx.provider.example".to_owned();
            result
        }),
        kind_because: names.text(&gist.kind_because),
        thread_index: None,
        shingles: Vec::new(),
        own_shingles: Vec::new(),
        pitch: Pitch::default(),
        ..gist.clone()
    }
}

/// The mail that an anonymised gist can still be told as. Lines end in CRLF.
pub fn to_eml(gist: &Gist) -> String {
    let mut eml = String::new();
    let mut field = |name: &str, value: &str| {
        if !value.is_empty() {
            let clean: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let _ = write!(eml, "{name}: {clean}\r\n");
        }
    };
    let date = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    match &gist.return_path {
        ReturnPath::Null => field("Return-Path", "<>"),
        ReturnPath::Mailbox(address) => field("Return-Path", &format!("<{address}>")),
        ReturnPath::Absent | ReturnPath::Unreadable => {}
    }
    if let (true, Some(came)) = (gist.relayed, gist.came) {
        field("Received", &format!("from mx.sender.example by mx.provider.example; {}", date(came)));
    }
    if let Some(result) = &gist.authentication {
        let dmarc = if result.dmarc_fail { "fail" } else { "pass" };
        field("Authentication-Results", &format!("{}; dmarc={dmarc}", result.authserv_id));
    }
    field("From", &gist.from.as_ref().map(mailbox).unwrap_or_default());
    field("Sender", gist.sender.as_ref().map_or("", Address::as_str));
    field("Reply-To", &gist.reply_to.iter().map(Address::as_str).collect::<Vec<_>>().join(", "));
    for (name, people) in [("To", &gist.to), ("Cc", &gist.cc), ("Bcc", &gist.bcc)] {
        field(name, &people.iter().map(mailbox).collect::<Vec<_>>().join(", "));
    }
    field("Subject", &gist.subject);
    field("Date", &gist.date.map(date).unwrap_or_default());
    field("Message-ID", &gist.message_id.as_ref().map(ToString::to_string).unwrap_or_default());
    for (name, ids) in [("In-Reply-To", &gist.in_reply_to), ("References", &gist.references)] {
        field(name, &ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    }
    for (name, value) in gist.marks.iter().filter_map(|mark| mark_field(mark)) {
        field(name, value);
    }
    eml.push_str(
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
    );
    for line in gist.text.lines() {
        eml.push_str(line.trim_end());
        eml.push_str("\r\n");
    }
    eml
}

/// A mark that is a header field by itself, not one of the structure or of the fields above.
fn mark_field(mark: &str) -> Option<(&str, &str)> {
    let (name, value) = mark.split_once(": ")?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let made = ["content-type", "return-path"].contains(&name.to_ascii_lowercase().as_str());
    (is_name && !made).then_some((name, value))
}

fn mailbox(person: &NamedAddress) -> String {
    person.name.as_ref().map_or_else(|| person.address.to_string(), |name| format!("{name} <{}>", person.address))
}

/// The stand-ins so far.
#[derive(Debug, Default)]
struct Names {
    people: BTreeMap<String, usize>,
    domains: BTreeMap<String, usize>,
    ids: BTreeMap<String, usize>,
    words: BTreeMap<String, usize>,
    /// Words of names and domains, in lower case: replaced however they are written.
    told: BTreeSet<String>,
}

impl Names {
    fn learn(&mut self, gist: &Gist) {
        let people = gist.from.iter().chain(gist.addressees()).chain(&gist.bcc);
        for person in people {
            let name = person.name.as_deref().unwrap_or_default();
            self.told.extend(
                name.split(|c: char| !c.is_alphabetic()).filter(|w| w.chars().count() > 1).map(str::to_lowercase),
            );
            if !is_public(&person.address) {
                self.told.extend(
                    person
                        .address
                        .local()
                        .split(|c: char| !c.is_alphabetic())
                        .filter(|w| w.len() > 2)
                        .map(str::to_owned),
                );
                let domain = registrable_domain(person.address.domain()).unwrap_or_default();
                self.told.extend(domain.split('.').next().filter(|label| label.len() > 2).map(str::to_owned));
            }
        }
    }

    fn person(&mut self, person: &NamedAddress) -> NamedAddress {
        let address = self.address(&person.address);
        let number = number(&mut self.people, &person.address.mailbox_key());
        NamedAddress { name: person.name.as_ref().map(|_| format!("Person{number} Family{number}")), address }
    }

    fn address(&mut self, address: &Address) -> Address {
        let domain = self.domain(address.domain());
        let local = match senders::robot_address(address).is_some() || senders::is_mail_system(address.local()) {
            true => address.local().to_owned(),
            false => format!("person{}", number(&mut self.people, &address.mailbox_key())),
        };
        Address::parse(&format!("{local}@{domain}")).unwrap_or_else(|| address.clone())
    }

    /// Providers of private mailboxes and platforms stay: rules know them, and millions write by them.
    fn domain(&mut self, domain: &str) -> String {
        if is_public_domain(domain) {
            return domain.to_owned();
        }
        let key = registrable_domain(domain).unwrap_or_else(|| domain.to_owned());
        format!("org{}.example", number(&mut self.domains, &key))
    }

    fn id(&mut self, id: &MessageId) -> MessageId {
        let domain = id.as_str().rsplit_once('@').map(|(_, domain)| domain.to_lowercase()).unwrap_or_default();
        let domain = self.domain(&domain);
        let stand_in = format!("id{}@{domain}", number(&mut self.ids, id.as_str()));
        MessageId::parse(&stand_in).unwrap_or_else(|| id.clone())
    }

    /// A mark keeps the name of its field.
    fn mark(&mut self, mark: &str) -> String {
        match mark_field(mark) {
            Some((name, value)) => format!("{name}: {}", self.text(value)),
            None => self.text(mark),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let Some(piece) = PIECE.as_ref() else { return String::new() };
        piece
            .replace_all(text, |found: &Captures<'_>| {
                let whole = found.get(0).map_or("", |all| all.as_str());
                if found.name("address").is_some() {
                    Address::parse(whole).map_or_else(String::new, |address| self.address(&address).to_string())
                } else if found.name("link").is_some() {
                    format!("https://link{}.example/", number(&mut self.words, whole))
                } else if found.name("host").is_some() {
                    format!("host{}.example", number(&mut self.words, &whole.to_lowercase()))
                } else if found.name("number").is_some() {
                    "0".repeat(whole.chars().count())
                } else {
                    self.word(whole)
                }
            })
            .into_owned()
    }

    fn word(&mut self, word: &str) -> String {
        let lower = word.to_lowercase().replace('’', "'");
        let told = lower.split(['\'', '-']).any(|part| self.told.contains(part));
        let capital = word.chars().any(char::is_uppercase) && !words::KEPT.contains(&lower.as_str());
        match told || capital {
            true => format!("Name{}", number(&mut self.words, &lower)),
            false => word.to_owned(),
        }
    }
}

fn number(known: &mut BTreeMap<String, usize>, key: &str) -> usize {
    let next = known.len() + 1;
    *known.entry(key.to_owned()).or_insert(next)
}

fn is_public(address: &Address) -> bool {
    is_public_domain(address.domain())
}

fn is_public_domain(domain: &str) -> bool {
    let freemail = registrable_domain(domain).is_some() && super::ident::Organisation::of_domain(domain).is_none();
    freemail || recruiter::is_relay(domain)
}

#[cfg(test)]
mod tests;
