//! The text of a delivery notice: is it one, whom does it name, does the server still try.

use std::sync::LazyLock;

use regex::Regex;

use super::original::Original;
use super::status::Action;
use super::words;
use crate::domain::ident::Address;
use crate::domain::inbound::Inbound;
use crate::domain::phrases::{Phrases, Vocabulary, flatten, without_gateway_tag};
use crate::domain::senders;

/// Text that is searched for words, in bytes.
const MAX_TEXT: usize = 6 * 1024;
/// Lines in which a person who pastes a notice has not come to it yet.
const START: usize = 250;
/// Recipients that are kept.
const MAX_RECIPIENTS: usize = 50;

struct Tables {
    notice: Phrases,
    failure: Phrases,
    subject: Phrases,
    delay_subject: Phrases,
    trying: Phrases,
    given_up: Phrases,
    border: Phrases,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    notice: Phrases::new(words::NOTICE),
    failure: Phrases::new(words::FAILURE),
    subject: Phrases::new(words::SUBJECT),
    delay_subject: Phrases::new(words::DELAY_SUBJECT),
    trying: Phrases::new(words::STILL_TRYING),
    given_up: Phrases::new(words::GIVEN_UP),
    border: Phrases::new(words::BORDER),
});

/// Whether it is worth a closer look at all: nearly every mail is not.
pub fn may_be(mail: &Inbound, notice: &str) -> bool {
    static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(&[words::NOTICE]));
    let tables = &*TABLES;
    let head = flatten(notice, 1500);
    mail.header("x-failed-recipients").is_some()
        || senders::mail_system(mail).is_some()
        || VOCABULARY.search(&head).has(0)
        || tables.subject.at_start(&flatten(without_gateway_tag(&mail.subject), 300)).is_some()
}

/// The lines in which a server tells why: those with a reply code, else all but the quoted fields.
pub fn diagnostic(notice: &str) -> String {
    let (head, _) = apart(notice);
    let mut coded = String::new();
    let mut all = String::new();
    let mut follows = false;
    for line in head.lines() {
        let lower = line.trim_start().to_lowercase();
        let field =
            ["subject:", "to:", "from:", "sent:", "date:", "ehlo", "helo"].iter().any(|name| lower.starts_with(name));
        if field {
            continue;
        }
        let code = smtp_code(&lower);
        if code || follows {
            coded.push_str(line);
            coded.push('\n');
        }
        follows = code;
        all.push_str(line);
        all.push('\n');
    }
    if super::reason::of(None, &coded) == crate::domain::gist::BounceReason::Unknown { all } else { coded }
}

/// The evidence that a mail without a status part is a delivery notice.
pub fn evidence(mail: &Inbound, notice: &str, returned: bool) -> Option<String> {
    let tables = &*TABLES;
    let subject = flatten(without_gateway_tag(&mail.subject), 300);
    let (head, _) = apart(notice);
    let flat = flatten(&unquoted(head), MAX_TEXT);
    let phrase = tables.notice.find(&flat);
    let subject_says = tables.subject.at_start(&subject);
    if mail.header("x-failed-recipients").is_some() {
        return Some("X-Failed-Recipients".to_owned());
    }
    let machine = senders::mail_system(mail);
    let silent = mail.return_path == crate::domain::inbound::ReturnPath::Null || is_auto_replied(mail);
    let named =
        |author: &crate::domain::ident::NamedAddress| author.name.as_deref().is_some_and(|name| name.contains(' '));
    if machine.is_some()
        && !silent
        && !returned
        && senders::is_reply_or_forward(&subject)
        && mail.author().is_some_and(named)
    {
        // a postmaster is a person too, and answers
        return None;
    }
    if let Some(sender) = &machine {
        let says =
            phrase.map(|(_, words)| words).or(subject_says).or_else(|| tables.failure.find(&flat).map(|hit| hit.1));
        if let Some(words) = says {
            return Some(format!("from {sender}, says \u{201c}{words}\u{201d}"));
        }
        if returned && flat.len() < MAX_TEXT && !mail.subject.is_empty() {
            return Some(format!("from {sender}, returns a mail"));
        }
        return None;
    }
    if senders::is_reply_or_forward(&subject) {
        // some gateways answer with the subject of the mail that they return
        let gateway = subject.starts_with("re:") && phrase.is_some_and(|(at, _)| at < 120) && flat.len() < 600;
        let [alone, ..] = if gateway { named_in(mail, head) } else { <[Vec<Address>; 4]>::default() };
        return (!alone.is_empty()).then(|| "begins like a notice, and is nothing else".to_owned());
    }
    // a person asks about a failure, and may quote its code
    let code = smtp_code(&flat) && !(subject.contains('?') || !silent && flat.contains('?'));
    match (phrase, subject_says) {
        (Some((_, words)), Some(_)) if silent || returned || code || !named_in(mail, head).concat().is_empty() => {
            Some(format!("subject and text of a notice: \u{201c}{words}\u{201d}"))
        }
        (Some((at, words)), None) if silent && at < START * 4 => {
            Some(format!("a machine says \u{201c}{words}\u{201d}"))
        }
        (Some((at, words)), None) if at < START && code && returned => {
            Some(format!("begins with \u{201c}{words}\u{201d} and returns a mail"))
        }
        (None, Some(words)) if (silent || returned) && (tables.failure.is_in(&flat) || code) => {
            Some(format!("subject \u{201c}{words}\u{201d}"))
        }
        (None, Some(words)) if silent && head.trim().is_empty() => Some(format!("subject \u{201c}{words}\u{201d}")),
        _ => None,
    }
}

fn is_auto_replied(mail: &Inbound) -> bool {
    mail.header_values("auto-submitted").any(|value| value.to_ascii_lowercase().contains("auto-"))
}

/// Whether the server gave up or still tries, by subject and text.
pub fn action(mail: &Inbound, notice: &str) -> Action {
    let tables = &*TABLES;
    let flat = flatten(apart(notice).0, MAX_TEXT);
    let subject = flatten(&mail.subject, 300);
    let trying = tables.trying.is_in(&flat);
    let given_up = tables.given_up.is_in(&flat);
    let delayed = tables.delay_subject.is_in(&subject);
    if (trying || delayed) && !given_up || trying && delayed { Action::Delayed } else { Action::Failed }
}

/// The notice itself, and the returned mail pasted below it.
pub fn apart(text: &str) -> (&str, &str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && is_border(line.trim()) {
            return text.split_at_checked(at).unwrap_or((text, ""));
        }
        at += line.len();
    }
    (text, "")
}

/// Whether the returned mail begins here: a line that announces it, or its own first trace fields.
fn is_border(line: &str) -> bool {
    const TRACE: &[&str] = &[
        "received:",
        "return-path:",
        "x-originating-ip:",
        "dkim-signature:",
        "mime-version:",
        "content-transfer-encoding:",
        "delivered-to:",
        "x-mailer:",
        "> received:",
        "message-id:",
    ];
    if line.len() > 120 || line.is_empty() {
        return false;
    }
    let lower = line.to_lowercase();
    TRACE.iter().any(|field| lower.starts_with(field))
        // sendmail and Courier tell when "the original message was received": that is no border
        || (!line.contains('@') && !lower.contains("not ") && !lower.contains("was received") && !lower.contains("details") && !lower.contains("your own text") && TABLES.border.is_in(&lower))
}

fn smtp_code(flat: &str) -> bool {
    static REPLY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:^|[\s:#(\[])(?:[45]\d\d[ -](?:#?[45]\.\d\.\d|[a-z<'])|#?[45]\.\d{1,2}\.\d{1,3}\b)").ok()
    });
    REPLY.as_ref().is_some_and(|regex| regex.is_match(flat))
}

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:"[^"\s@<>]{1,64}"|[^\s<>"'(),;:@\[\]]{1,64})@[^\s<>"'(),;:@\[\]/|]{1,255}"#).ok()
});
static LEADING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?:[-*•>#]+[ \t]+|\d{1,2}[.)][ \t]+|-{2,}[ \t]*)?(?:<|mailto:|['\x22]|rfc822;[ \t]*<?|smtp:|\S*dda:smtp=)?$",
    )
    .ok()
});
static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:to|for|user|recipients?|address(?:es)?|mailbox|account|empfänger|an|à|para|per|voor|destinat\w+|получател\w+|宛先|收件人)(?:\(s\))?[ \t]*[:=]?[ \t]*(?:address[ \t]*)?(?:e-?mail[ \t]*)?[:=]?[ \t]*[<'\x22(\[]?$").ok()
});
static AFTER_LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^[>'\x22)\].,]*[ \t]*[:.-]*[ \t]*(?:$|\(|is |was |could|couldn't|cannot|can't|does|doesn't|has |not |because|unknown|user|failed|[45]\d\d)").ok()
});
static NOT_THEM: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(&[
        "from:",
        "from <",
        "mail from",
        "sender",
        "return-path",
        "message-id",
        "message id",
        "contact",
        "postmaster",
        "help",
        "support",
        "assist",
        "questions",
        "reply to",
        "reply-to",
        "forward this",
        "send mail to",
        "report this",
        "abuse",
        "http",
        "www.",
        "mailto:?",
        " by ",
        "delivered-to",
        "in-reply-to",
        "references:",
        "return path",
    ])
});

/// Whom the notice names, by the surest way of naming that it uses: a line of its own, an SMTP
/// dialogue, a label, any address at all.
///
/// The returned mail helps where the notice names nobody for sure.
pub fn recipients(mail: &Inbound, notice: &str, original: &Original) -> Vec<Address> {
    let (head, below) = apart(notice);
    let listed = LISTED.as_ref().and_then(|regex| regex.find(head)).and_then(|hit| head.get(hit.end()..));
    let mut tiers = listed.map(|list| named_in(mail, list)).unwrap_or_default();
    if tiers.iter().take(2).all(Vec::is_empty) {
        tiers = named_in(mail, head);
    }
    let [alone, smtp, labelled, any] = tiers;
    let surest = [alone, smtp, labelled].into_iter().find(|list| !list.is_empty());
    let confirmed = || {
        let known =
            |address: &&Address| original.to.contains(address) || original.delivered_for.as_ref() == Some(*address);
        any.iter().filter(known).cloned().collect::<Vec<_>>()
    };
    surest
        .or_else(|| Some(confirmed()).filter(|list| !list.is_empty()))
        .or_else(|| Some(bare_names(mail, head)).filter(|list| !list.is_empty()))
        .or_else(|| original.delivered_for.clone().map(|address| vec![address]))
        .or_else(|| Some(any.clone()).filter(|list| !list.is_empty()))
        .or_else(|| Some(original.to.clone()).filter(|list| !list.is_empty()))
        .unwrap_or_else(|| if head.trim().len() < 40 { named_in(mail, below).concat() } else { Vec::new() })
}

/// "… the following recipients:" at the end of a line: the list stands below.
static LISTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?im)^[^\n]*(?:following|recipients?|address(?:es)?|empfänger|destinataires?|destinatarios?|destinatari|宛先|收件人)[^\n@]{0,40}[:：][ \t*]*\r?$").ok()
});

/// Local parts alone on a line below such an announcement, at the domain of the server that wrote.
fn bare_names(mail: &Inbound, head: &str) -> Vec<Address> {
    let Some(domain) = mail.author().map(|author| author.address.domain()) else { return Vec::new() };
    let lines: Vec<&str> = head.lines().map(str::trim_end).collect();
    let start = lines.iter().position(|line| line.ends_with(':'));
    let Some(start) = start else { return Vec::new() };
    let listed = lines.iter().skip(start + 1).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    listed
        .filter(|line| line.starts_with([' ', '\t']))
        .map(|line| line.trim())
        .filter(|word| {
            word.len() > 2 && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        })
        .filter_map(|local| Address::parse(&format!("{local}@{domain}")))
        .take(MAX_RECIPIENTS)
        .collect()
}

fn named_in(mail: &Inbound, text: &str) -> [Vec<Address>; 4] {
    let mut tiers: [Vec<Address>; 4] = Default::default();
    let Some(regex) = ADDRESS.as_ref() else { return tiers };
    let mut bare_line = "";
    for line in text.lines().take(400).filter(|line| line.len() < 2000 && !is_quoted(line)) {
        for hit in regex.find_iter(line).take(20) {
            let (before, after) =
                (line.get(..hit.start()).unwrap_or_default(), line.get(hit.end()..).unwrap_or_default());
            let Some(address) = candidate(mail, hit.as_str()) else { continue };
            let tier = tier(before.trim_start(), after, bare_line);
            if let Some(list) = tier.and_then(|tier| tiers.get_mut(tier))
                && !list.contains(&address)
                && list.len() < MAX_RECIPIENTS
            {
                list.push(address);
            }
        }
        bare_line = line;
    }
    tiers
}

/// The text without quoted lines.
fn unquoted(text: &str) -> String {
    text.lines().filter(|line| !is_quoted(line)).collect::<Vec<_>>().join("\n")
}

/// A quoted line, unless an address stands alone on it.
fn is_quoted(line: &str) -> bool {
    let dialogue = line.contains("RCPT") || line.contains("rcpt");
    !dialogue && line.trim_start().strip_prefix('>').is_some_and(|rest| rest.split_whitespace().count() > 1)
}

fn tier(before: &str, after: &str, line_before: &str) -> Option<usize> {
    if before.to_lowercase().contains("expanded from") || before.ends_with("dda:") {
        return Some(0);
    }
    let matches =
        |regex: &LazyLock<Option<Regex>>, text: &str| regex.as_ref().is_some_and(|regex| regex.is_match(text));
    let lower = before.to_lowercase();
    let after = after.trim_start_matches(['>', '\'', '"']).trim();
    let ends = after.is_empty()
        || after.starts_with([':', '(', ';', '-', ',', '.', '<', '\u{2013}', '['])
        || after.starts_with("...");
    let context = flatten(line_before, 200);
    if matches(&LEADING, &lower) && (ends || before.ends_with('<')) {
        let invited = ["contact", "postmaster", "assistance", "sent by", "message from", "from:"];
        return Some(if invited.iter().any(|word| context.ends_with(word) || context.ends_with(&format!("{word}:"))) {
            3
        } else {
            0
        });
    }
    if lower.ends_with("rcpt to:<") || lower.ends_with("rcpt to: <") || lower.ends_with("rcpt to:") {
        return Some(1);
    }
    if NOT_THEM.is_in(&lower) {
        return None;
    }
    if matches(&LEADING, &lower) {
        return Some(2);
    }
    if ends && before.trim_end().ends_with(':') {
        return Some(2);
    }
    if matches(&LABEL, &lower) && (matches(&AFTER_LABEL, after) || ends) {
        return Some(2);
    }
    Some(3)
}

/// An address that can be a failed recipient: not our own, not the server's.
fn candidate(mail: &Inbound, text: &str) -> Option<Address> {
    let bare =
        text.split_at_checked(5).filter(|(head, _)| head.eq_ignore_ascii_case("smtp=")).map_or(text, |(_, rest)| rest);
    let trimmed = bare.trim_matches(['.', '*', '`', '\u{201c}', '\u{201d}', '=', '-']);
    let address = Address::parse(&trimmed.replace('"', ""))?;
    let domain_ok = address.domain().contains('.')
        && address.domain().chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let own = mail.to.iter().chain(&mail.from).any(|known| known.address == address);
    let server = senders::is_mail_system(address.local());
    (domain_ok && !own && !server).then_some(address)
}
