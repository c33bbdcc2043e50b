//! Machines that are no mail server: those that say so, those whose address says so, and those that
//! only their words give away (mail-rules §B4, §B7).

use std::sync::LazyLock;

use super::Class;
use super::bulk;
use super::facts::Facts;
use super::structure;
use super::words::{self, table};
use crate::domain::gist::{Bounce, BounceReason, Kind};
use crate::domain::inbound::ReturnPath;
use crate::domain::phrases::{Phrases, flatten};
use crate::domain::{marks, reply_text, senders};

struct Tables {
    subject: Phrases,
    transaction: Phrases,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    subject: Phrases::new(words::SUBJECT),
    transaction: Phrases::new(words::TRANSACTION_SUBJECT),
});

fn automatic(because: impl Into<String>) -> Option<Class> {
    Some(Class::new(Kind::Automatic, because))
}

/// Asks the sender to click before it delivers. Two phrases, or one and a machine.
pub fn challenge(facts: &Facts<'_>) -> Option<Class> {
    let fields =
        ["x-boxtrapper", "x-spamarrest-loop", "x-spamarrest-noauth", "x-boxbe", "x-tmda-fingerprint", "x-mailinblack"];
    if let Some(name) = fields.iter().find(|name| facts.mail.header(name).is_some()) {
        return automatic(format!("challenge ({name})"));
    }
    let subject = words::VOCABULARY.search(&facts.subject);
    let text = &facts.own_or_whole().found;
    let mut hits: Vec<&str> =
        subject.each(table::CHALLENGE).chain(text.each(table::CHALLENGE)).map(|hit| hit.words).collect();
    let words = hits.first().copied()?;
    hits.sort_unstable();
    hits.dedup();
    let silent =
        facts.mail.return_path == ReturnPath::Null || marks::is_auto_submitted(facts.mail) || facts.robot.is_some();
    if hits.len() >= 2 || silent {
        return automatic(format!("challenge: \u{201c}{words}\u{201d}"));
    }
    None
}

/// What can't be understood is never taken for a person's mail.
pub fn unreadable(facts: &Facts<'_>) -> Option<Class> {
    let defect = facts.mail.defects.iter().find(|defect| defect.is_fatal())?;
    automatic(format!("can't be read: {}", defect.as_str()))
}

/// A header that states a fact (not one that asks for silence) says that a machine wrote it.
pub fn declared(facts: &Facts<'_>) -> Option<Class> {
    if facts.is_list_post() {
        return None;
    }
    if speaks_through_a_desk(facts) || is_redirected(facts) {
        return None;
    }
    if let Some(because) = marks::states_machine(facts.mail) {
        return match bulk::list_or_newsletter(facts) {
            Some(bulk) if facts.in_thread => Some(bulk),
            _ => automatic(because),
        };
    }
    if facts.mail.return_path == ReturnPath::Null && facts.client.is_none() {
        return automatic("empty return path");
    }
    None
}

/// A person of a help desk: the desk stamps whatever it sends as automatic, what the person wrote
/// within our thread too. A receipt or a change of state is in the desk's own words.
fn speaks_through_a_desk(facts: &Facts<'_>) -> bool {
    const DESK: &[&str] = &["reply above this line", "type your reply above", "reply above this text", " commented:"];
    const STATE: &[&str] = &[
        "has been resolved",
        "has been closed",
        "has been solved",
        "has been updated",
        "has been assigned",
        "has been created",
        "has been received",
        "status changed",
        "marked as",
        "rate our",
        "how would you rate",
        "satisfied",
    ];
    let flat = &facts.whole().flat;
    let says = |words: &[&str]| words.iter().any(|word| flat.contains(word));
    let speaks = flat.contains('?') || flat.contains(" i ") || flat.contains(" i'm ") || flat.contains(" i'll ");
    facts.in_thread
        && says(DESK)
        && speaks
        && !says(STATE)
        && !facts.own.has(table::ROBOT_TEXT)
        && !facts.own.has(table::RECEIPT_TEXT)
}

/// Sent on by a rule of its first reader's mailbox, whose marks it bears: it says itself that no
/// machine wrote it.
fn is_redirected(facts: &Facts<'_>) -> bool {
    let denied = facts.mail.header("auto-submitted").is_some_and(|value| value.trim().eq_ignore_ascii_case("no"));
    denied && facts.has("resent-from")
}

/// Notices of list servers about a post of ours: held, or refused for good.
pub fn list_notice(facts: &Facts<'_>) -> Option<Class> {
    const REFUSED: &[&str] = &[
        "has been rejected by the list moderator",
        "you are not authorized to send mail to the",
        "you are not allowed to post to this",
        "your message was rejected by the",
        "your post has been rejected",
    ];
    let administers = facts.has("x-list-administrivia")
        || facts.has("x-listserv-flags")
        || facts
            .robot
            .is_some_and(|word| ["listserv", "majordomo", "mailman", "-owner", "-bounces", "-request"].contains(&word));
    if !administers || facts.in_thread {
        return None;
    }
    let text = facts.own_or_whole();
    if let Some(words) = REFUSED.iter().find(|words| text.flat.contains(**words)) {
        let lists = facts.mail.header_values("x-beenthere").chain([facts.mail.subject.as_str()]);
        let bounce = Bounce {
            permanent: true,
            reason: BounceReason::Policy,
            status: None,
            recipients: lists.flat_map(|text| reply_text::addresses(text, 1)).take(1).collect(),
            original_message_id: structure::returned_id(facts.mail),
            original_subject: None,
        };
        let because = format!("a list server refuses a post: \u{201c}{words}\u{201d}");
        return Some(Class { bounce: Some(bounce), ..Class::new(Kind::Bounce, because) });
    }
    let (_, words) = text.find(table::LIST_NOTICE)?;
    automatic(format!("notice of a list server: \u{201c}{words}\u{201d}"))
}

/// The author's address is that of a machine, and no person writes through it; or the answer would
/// go to nobody.
pub fn robot(facts: &Facts<'_>) -> Option<Class> {
    let unanswerable = || {
        let all = !facts.mail.reply_to.is_empty();
        let words = facts.mail.reply_to.iter().map(|entry| senders::robot_address(&entry.address));
        words.collect::<Option<Vec<_>>>().filter(|_| all)?.first().copied()
    };
    let word = facts.robot.or_else(unanswerable)?;
    // these people do write: webmasters, administrators, a postmaster, the news desk
    let may_be_person =
        ["root", "webmaster", "hostmaster", "postmaster", "abuse", "news", "system", "-admin", "-owner", "bot"];
    if may_be_person.contains(&word) && (facts.client.is_some() || facts.in_thread) {
        return None;
    }
    if is_relay(facts) || facts.in_thread && is_in_own_name(facts) {
        return None;
    }
    if let Some(bulk) = bulk::list_or_newsletter(facts) {
        return Some(bulk);
    }
    automatic(format!("from a machine's address ({word})"))
}

/// "Noreen Bot <noreply.noreen@…>": the address holds the given name.
fn is_in_own_name(facts: &Facts<'_>) -> bool {
    let Some(author) = facts.mail.author() else { return false };
    let name = flatten(author.name.as_deref().unwrap_or_default(), 100);
    let mut words = author.address.local().split(['.', '_', '-', '+']).filter(|word| word.len() > 3);
    let personal = |word: &str| senders::robot(word).is_none() && name.split(' ').any(|part| part == word);
    !facts.has("list-unsubscribe") && facts.mail.return_path != ReturnPath::Null && words.any(personal)
}

/// A person writes through a platform: the answer goes to a token made for this thread, and
/// nothing marks the mail as one of many; or a network of people passes a message on by name.
pub fn is_relay(facts: &Facts<'_>) -> bool {
    let mail = facts.mail;
    if is_passed_on(facts) {
        return true;
    }
    let Some(answer) = mail.reply_to.first() else { return false };
    let Some(author) = mail.author() else { return false };
    if answer.address == author.address || facts.has("list-id") || facts.has("precedence") {
        return false;
    }
    let local = answer.address.local();
    let token =
        local.len() >= 12 && local.chars().any(|c| c.is_ascii_digit()) || local.contains('+') || local.contains('=');
    let personal = senders::robot(local).is_none();
    let worded = facts.own.has(table::ROBOT_TEXT) || facts.own.has(table::RECEIPT_TEXT);
    personal && (token || facts.in_thread) && !worded && !facts.own.flat.is_empty()
}

/// "Jane Doe via LinkedIn" with a message.
fn is_passed_on(facts: &Facts<'_>) -> bool {
    const NETWORKS: &[&str] = &[
        "linkedin",
        "xing",
        "indeed",
        "wellfound",
        "angellist",
        "stepstone",
        "honeypot",
        "malt",
        "upwork",
        "infojobs",
        "viadeo",
        "freelancermap",
        "hired",
        "otta",
        "welcome to the jungle",
    ];
    let Some(author) = facts.mail.author() else { return false };
    let name = flatten(author.name.as_deref().unwrap_or_default(), 200);
    let through = [" via ", " (via ", " über ", " through ", " par ", " tramite ", " door "];
    let platform = through.iter().find_map(|word| name.split_once(word)).map(|(_, platform)| platform);
    let known = platform.is_some_and(|platform| NETWORKS.iter().any(|network| platform.starts_with(network)));
    known && !facts.has("list-id") && !facts.own.has(table::ROBOT_TEXT)
}

/// Words that only machines use, weighed against the signs of a person.
pub fn worded(facts: &Facts<'_>) -> Option<Class> {
    let text = &facts.own;
    let tables = &*TABLES;
    let whole = if text.flat.is_empty() && !facts.quotes { facts.whole() } else { text };
    if let Some((_, words)) = whole.find(table::LIST_NOTICE)
        && facts.client.is_none()
        && !facts.quotes
    {
        return automatic(format!("notice of a list server: \u{201c}{words}\u{201d}"));
    }
    if let Some((_, words)) = whole.find(table::SECURE_MAIL)
        && !facts.quotes
        && facts.client.is_none()
    {
        return automatic(format!("secure mail to be picked up: \u{201c}{words}\u{201d}"));
    }
    let robot = whole.find(table::ROBOT_TEXT).filter(|(at, _)| !is_guessed(&whole.flat, *at));
    let receipts = whole.found.count(table::RECEIPT_TEXT);
    let subject = tables.subject.at_start(&facts.subject);
    let flat = &whole.flat;
    if flat.starts_with("<?xml") || flat.starts_with("{\"") || flat.starts_with("{ \"") {
        return automatic("a document for machines");
    }
    let transaction = (!facts.in_thread).then(|| tables.transaction.find(&facts.subject)).flatten();
    let transaction = transaction.filter(|_| tables.transaction.has_word(&facts.subject));
    let asks_silence = marks::asks_silence(facts.mail);
    let mut points = 0;
    points += if robot.is_some() { 3 } else { 0 };
    points += i32::try_from(receipts.min(3)).unwrap_or(3);
    points += if subject.is_some() { 2 } else { 0 };
    points += if transaction.is_some() && subject.is_none() { 2 } else { 0 };
    points += i32::from(transaction.is_some() && marks::bulk_platform(facts.mail).is_some());
    points += i32::from((transaction.is_some() || subject.is_some()) && facts.has("list-unsubscribe"));
    points += i32::from(whole.has(table::ROBOT_HINT));
    points += i32::from(asks_silence && (receipts > 0 || subject.is_some()));
    points += i32::from(has_ticket_tag(&facts.subject) && receipts > 0);
    points += i32::from(facts.mail.author().is_some_and(|author| is_role(author.address.local())));
    // the question mark of a link asks nothing
    let asks = flat.split(' ').any(|word| word.contains('?') && !word.contains("://"));
    points -= i32::from(asks) + i32::from(flat.contains('？'));
    points -= if facts.client.is_some() { 2 } else { 0 };
    points -= i32::from(facts.in_thread && facts.quotes && robot.is_none());
    if points < 3 || (robot.is_none() && subject.is_none() && receipts == 0 && transaction.is_none()) {
        return None;
    }
    let words =
        robot.or(transaction).map(|hit| hit.1).or(subject).or_else(|| whole.find(table::RECEIPT_TEXT).map(|hit| hit.1));
    automatic(format!("worded by a machine: \u{201c}{}\u{201d}", words.unwrap_or_default()))
}

/// "I guess this is an automated reply" is a person's sentence.
fn is_guessed(text: &str, at: usize) -> bool {
    const BEFORE: &[&str] = &[
        "if", "think", "assume", "guess", "suppose", "know", "hope", "like", "whether", "that", "unless", "suspect",
        "dass", "ob", "si", "que", "se", "che", "of", "om", "sure",
    ];
    let head = text.get(..at).unwrap_or_default().trim_end();
    let word = head.rsplit(' ').next().unwrap_or_default();
    BEFORE.contains(&word)
}

/// Words, tags or an address of a desk that confirms what it received.
pub fn sounds_like_a_desk(facts: &Facts<'_>) -> bool {
    let role = facts.mail.author().is_none_or(|author| is_role(author.address.local()));
    let text = facts.own_or_whole();
    let confirms = [table::RECEIPT_TEXT, table::LIST_NOTICE, table::SECURE_MAIL].iter().any(|table| text.has(*table));
    role || confirms || has_ticket_tag(&facts.subject) || facts.has("list-id")
}

fn has_ticket_tag(subject: &str) -> bool {
    let marks = ["[#", "[ticket", "(case ", "ref:_", "ticket#", "ticket #", "case #", "[request", "##"];
    marks.iter().any(|mark| subject.contains(mark))
}

/// Addresses behind which a team or a system sits.
pub fn is_role(local: &str) -> bool {
    const ROLES: &[&str] = &[
        "support",
        "help",
        "helpdesk",
        "info",
        "contact",
        "kontakt",
        "service",
        "kundenservice",
        "customerservice",
        "jobs",
        "careers",
        "career",
        "karriere",
        "bewerbung",
        "bewerbungen",
        "recruiting",
        "recruitment",
        "talent",
        "hr",
        "people",
        "billing",
        "invoice",
        "invoices",
        "orders",
        "order",
        "sales",
        "office",
        "team",
        "hello",
        "accounts",
        "tickets",
        "ticket",
        "bestellung",
        "bestellungen",
        "rechnung",
        "buchung",
        "shop",
        "store",
        "payments",
        "receipts",
        "receipt",
        "facturation",
        "facturas",
        "pedidos",
        "ordini",
        "compte",
        "account",
        "security",
        "verify",
        "login",
        "members",
        "booking",
        "bookings",
        "confirmation",
        "confirmations",
        "rh",
        "rrhh",
        "recrutement",
        "empleo",
        "vagas",
    ];
    let base = local.split_once('+').map_or(local, |(base, _)| base);
    ROLES.contains(&base)
}
