//! Mail to many: lists, newsletters, alerts. Weighed, since recruiters' sequencers and the user's
//! own aliases set some of the same headers on mail to one.

use super::Class;
use super::facts::Facts;
use super::machine;
use super::words::table;
use crate::domain::gist::Kind;
use crate::domain::inbound::Inbound;
use crate::domain::marks;
use crate::domain::phrases::flatten;

/// Weight from which a mail is one of many.
const ENOUGH: i32 = 4;
/// The most that words and links add to the weight of the header.
const MOST_BY_TEXT: i32 = 4;

/// A list post by its structure, a newsletter or an alert by weight.
pub fn list_or_newsletter(facts: &Facts<'_>) -> Option<Class> {
    if facts.is_list_post() {
        return Some(Class::new(Kind::Bulk, "post of a mailing list (List-Id, List-Post or its footer)"));
    }
    if machine::is_relay(facts) {
        return None;
    }
    // the text of most mails need not be looked at to know that they are none
    let of_header: i32 = signs(facts, false).iter().map(|(_, weight)| weight).sum();
    if of_header + MOST_BY_TEXT < ENOUGH {
        return None;
    }
    let signs = signs(facts, true);
    let weight: i32 = signs.iter().map(|(_, weight)| weight).sum();
    if weight < ENOUGH {
        return None;
    }
    let named: Vec<&str> = signs.iter().filter(|(_, weight)| *weight > 0).map(|(name, _)| *name).collect();
    Some(Class::new(Kind::Bulk, format!("mail to many: {}", named.join(", "))))
}

/// What speaks for mail to many and against it, by the header alone or by the text too.
fn signs(facts: &Facts<'_>, by_text: bool) -> Vec<(&'static str, i32)> {
    let mail = facts.mail;
    let mut signs = Vec::new();
    let mut add = |holds: bool, name: &'static str, weight: i32| {
        if holds {
            signs.push((name, weight));
        }
    };
    let alias = mail.header("list-id").is_some_and(|id| facts.is_own_alias(id));
    let mass = if by_text { facts.whole().found.count(table::MASS_TEXT) } else { 0 };
    let links = if by_text { links(&mail.html) } else { 0 };
    add(facts.has("list-id") && !alias, "List-Id", 2);
    add(
        !alias
            && ["list-post", "list-archive", "list-help", "list-subscribe", "list-owner"]
                .iter()
                .any(|name| facts.has(name)),
        "list fields",
        1,
    );
    add(facts.has("list-unsubscribe"), "List-Unsubscribe", 1);
    let local = mail.author().map(|author| author.address.local()).unwrap_or_default();
    add(
        facts.has("list-unsubscribe") && !facts.in_thread && facts.client.is_none() && machine::is_role(local),
        "a desk that one can unsubscribe from",
        3,
    );
    add(is_named_person(facts) && (alias || !facts.has("list-id")), "a person's name", -1);
    add(!alias && marks::precedence(mail).is_some(), "Precedence", 2);
    add(mass >= 1, "words of mass mail", 1);
    add(mass >= 3, "several words of mass mail", 1);
    add(marks::bulk_platform(mail).is_some() || mail_merge(mail), "a bulk platform's fields", 1);
    add(facts.robot.is_some(), "a machine's address", 2);
    add(
        is_publisher(mail.author().map(|author| author.address.local()).unwrap_or_default()),
        "a publisher's address",
        3,
    );
    add(links > 12, "many links", 1);
    add(links > 30, "very many links", 1);
    add(undisclosed(facts), "no recipient named", 1);
    add(facts.client.is_some(), "a person's mail client", -2);
    add(facts.in_thread && facts.quotes, "answers in a thread", -2);
    add(facts.in_thread && !facts.quotes, "in a thread", -1);
    signs
}

/// Servers made for mass mail name themselves in the trace fields.
fn mail_merge(mail: &Inbound) -> bool {
    const SERVERS: &[&str] = &[
        "phplist",
        "mailpoet",
        "sendy",
        "acymailing",
        "powermta",
        "ecelerity",
        "pmta",
        "exacttarget",
        "mass mailer",
        "list-manage",
        "sparkpost",
        "mailchimp",
    ];
    mail.headers.iter().filter(|header| matches!(header.name.as_str(), "received" | "x-mailer")).any(|header| {
        let lower = header.value.to_ascii_lowercase();
        SERVERS.iter().any(|server| lower.contains(server))
    })
}

fn links(html: &str) -> usize {
    memchr::memmem::find_iter(html.as_bytes(), b"href").take(40).count()
}

/// Two words of a name that is no team's, and an address to go with it.
fn is_named_person(facts: &Facts<'_>) -> bool {
    const TEAMS: &[&str] = &[
        "team",
        "newsletter",
        "news",
        "jobs",
        "job",
        "careers",
        "career",
        "recruiting",
        "alerts",
        "alert",
        "support",
        "weekly",
        "daily",
        "digest",
        "updates",
        "notifications",
        "notification",
        "service",
        "gmbh",
        "inc",
        "ltd",
        "talent",
        "from",
        "at",
        "info",
        "club",
        "shop",
        "store",
        "online",
        "events",
        "community",
        "committee",
        "marketing",
    ];
    let Some(author) = facts.mail.author() else { return false };
    let name = flatten(author.name.as_deref().unwrap_or_default(), 100);
    let words: Vec<&str> = name.split([' ', ',', '|', '-']).filter(|word| word.len() > 1).collect();
    let local = author.address.local();
    let shared = words.iter().any(|word| local.contains(*word));
    (2..=4).contains(&words.len())
        && shared
        && !is_house(author, &words)
        && !words.iter().any(|word| TEAMS.contains(word))
        && facts.robot.is_none()
        && !machine::is_role(local)
        && !is_publisher(local)
}

/// A word of the name is the name of the host: "Biuletyn Bursztyn" of bursztyn.example is no person.
fn is_house(author: &crate::domain::ident::NamedAddress, words: &[&str]) -> bool {
    let house = author.address.domain().split('.').rev().nth(1).unwrap_or_default();
    words.contains(&house) && words.iter().any(|word| *word == author.address.local())
}

fn undisclosed(facts: &Facts<'_>) -> bool {
    facts.mail.to.is_empty() && facts.mail.cc.is_empty() && facts.mail.header("to").is_some()
}

fn is_publisher(local: &str) -> bool {
    const WORDS: &[&str] = &[
        "newsletter",
        "news",
        "digest",
        "alert",
        "updates",
        "marketing",
        "mailing",
        "promo",
        "offers",
        "editor",
        "weekly",
        "daily",
        "jobagent",
        "jobalert",
        "nieuws",
        "nieuwsbrief",
        "subscriptions",
        "campaign",
        "announce",
        "insider",
        "magazine",
        "redaktion",
        "reply-to-unsub",
        "info-mail",
        "deals",
    ];
    WORDS.iter().any(|word| local.starts_with(word) || local.ends_with(word))
}
