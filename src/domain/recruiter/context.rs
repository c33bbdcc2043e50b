//! What a mail says about itself beyond its words: who sends it, how, and in which thread.

use std::sync::LazyLock;

use regex::Regex;

use super::normal::fold;
use super::phrases;
use super::signals::{self, Side};
use crate::domain::ident::{Address, registrable_domain};
use crate::domain::inbound::Inbound;
use crate::domain::reply_text::ReplyText;

/// Own words that are read, in bytes: no pitch needs more to be known as one.
const READ: usize = 12_000;

/// Folded subject and words up to which naming pay and terms is the offer itself: "Go contract, 600 a day,
/// remote".
const TERSE: usize = 350;

/// The names of all signals that a mail raises.
pub(super) fn signals(mail: &Inbound, text: &ReplyText, language: Option<&str>) -> Vec<&'static str> {
    let subject = fold(&mail.subject);
    let quoted_self = quotes_author(mail, text);
    let mut words = format!("{subject}\n{}", fold(head(&text.own, READ)));
    if quoted_self {
        words.push('\n');
        words.push_str(&fold(head(&text.quoted, READ / 2)));
    }
    let mut names = phrases::find(&words, language);
    let signature = fold(head(&text.signature, 1_000));
    let writer = |name: &&str| signals::of(name).is_some_and(|signal| signal.side == Side::Writer);
    names.extend(phrases::find(&signature, language).into_iter().filter(writer));
    if !phrases::roles(&subject).is_empty() {
        names.push("role_in_subject");
    }
    if PAY.is_match(&words) {
        names.push("pay");
        if names.contains(&"role_title") {
            names.push("role_and_pay");
        }
    }
    // who forwards a mail of their own only reminds
    if !quoted_self && FORWARDS.iter().any(|lead| subject.starts_with(lead)) {
        names.push("forwarded");
    }
    if words.contains('?') {
        names.push("question");
    }
    if words.len() < TERSE && ["pay", "terms"].iter().all(|name| names.contains(name)) {
        names.push("terse_offer");
    }
    if super::greeting::names_another(mail, &text.own) {
        names.push("mis_sent");
    }
    names.extend(sender_signals(mail));
    names.extend(thread_signals(mail, text, quoted_self));
    if language.is_some_and(|code| !phrases::reads(code)) {
        names.push("unknown_language");
    }
    names
}

/// Whether an agency, not the company itself, writes.
pub(super) fn speaks_for_agency(mail: &Inbound, text: &ReplyText) -> bool {
    let words = format!("{}\n{}\n{}", mail.subject, head(&text.own, READ), head(&text.signature, 1_000));
    phrases::speaks_for_others(&fold(&words))
}

/// Whether the subject says that the mail answers another.
pub(super) fn answers_by_subject(subject: &str) -> bool {
    let subject = fold(subject);
    ANSWERS.iter().any(|lead| subject.starts_with(lead))
}

/// See [`super::is_relay`].
pub(super) fn is_relay(domain: &str) -> bool {
    let Some(domain) = registrable_domain(domain) else { return false };
    let label = domain.split('.').next().unwrap_or_default();
    RELAYS.contains(&label)
}

/// Whether the firm that a mail comes from calls itself one that recruits for others.
pub(super) fn recruits(mail: &Inbound) -> bool {
    mail.author().is_some_and(|author| {
        let domain = registrable_domain(author.address.domain()).unwrap_or_default();
        recruits_by(&fold(&domain), &domain)
    })
}

fn recruits_by(speaks: &str, domain: &str) -> bool {
    let firm = domain.split('.').next().unwrap_or_default();
    RECRUITING_WORDS.iter().any(|word| speaks.contains(word)) || FIRM_WORDS.iter().any(|word| firm.contains(word))
}

fn sender_signals(mail: &Inbound) -> Vec<&'static str> {
    let mut names = Vec::new();
    let Some(author) = mail.author() else { return names };
    let domain = author.address.domain();
    if is_relay(domain) || mail.sender.as_ref().is_some_and(|sender| is_relay(sender.address.domain())) {
        names.push("relay");
    }
    let speaks = fold(&format!("{domain} {} {}", author.address.local(), author.name.as_deref().unwrap_or_default()));
    if recruits_by(&speaks, domain) {
        names.push("recruiter_address");
    }
    let local = author.address.local();
    if ROBOTS.iter().any(|robot| local.starts_with(robot)) {
        names.push("robot_sender");
    }
    let shown = fold(author.name.as_deref().unwrap_or_default());
    if PERIODICALS.iter().any(|word| shown.contains(word) || local.contains(word)) {
        names.push("newsletter");
    }
    let organisation = author.address.organisation();
    if organisation.is_none() {
        names.push("free_mailbox");
    }
    let same = |address: &Address| organisation.is_some() && address.organisation() == organisation;
    if mail.to.iter().any(|to| same(&to.address)) {
        names.push("colleague");
    }
    if mail.header("list-unsubscribe").is_some() {
        names.push("sequencer");
    }
    if BULK_HEADERS.iter().any(|header| mail.header(header).is_some()) {
        names.push("bulk_platform");
    }
    if mail.part("text/calendar").is_some_and(|part| part.depth == 0) {
        names.push("calendar");
    }
    names
}

fn thread_signals(mail: &Inbound, text: &ReplyText, quoted_self: bool) -> Vec<&'static str> {
    let start = head(&text.quoted, 600).to_lowercase();
    let quotes_us = mail.to.iter().any(|to| {
        // "Sam <sam@…> wrote:", "From: Sam Keller": our words come back.
        attribution_names(&start, to.address.as_str(), to.name.as_deref())
    });
    if quotes_us && !quoted_self {
        return vec!["answers_us"];
    }
    let own_id = mail.message_id.as_ref().and_then(|id| id.as_str().rsplit_once('@')).map(|(_, domain)| domain);
    let parent = mail.in_reply_to.first().or(mail.references.last());
    let same_source = |id: &str| id.rsplit_once('@').map(|(_, domain)| domain) == own_id;
    match parent {
        Some(parent) if !quoted_self && !same_source(parent.as_str()) => vec!["in_thread"],
        _ => Vec::new(),
    }
}

/// Whether the quoted part begins with the author's own earlier mail, as in a reminder.
pub(super) fn quotes_author(mail: &Inbound, text: &ReplyText) -> bool {
    let Some(author) = mail.author() else { return false };
    let start = head(&text.quoted, 600).to_lowercase();
    attribution_names(&start, author.address.as_str(), author.name.as_deref())
}

/// Whether the first attribution ("On … X wrote:", "From: X") of a quote names this person. A line
/// that begins with "To:" or the like names the addressee.
fn attribution_names(quote: &str, address: &str, name: Option<&str>) -> bool {
    let name = name.map(str::to_lowercase).filter(|name| name.contains(' '));
    let line = quote
        .lines()
        .map(|line| line.trim_start_matches(['>', ' ', '*', '|']))
        .take(8)
        .find(|line| line.contains(address) || name.as_deref().is_some_and(|name| line.contains(name)));
    line.is_some_and(|line| !ADDRESSEE_FIELDS.iter().any(|field| line.starts_with(field)))
}

pub(super) fn head(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

static PAY: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"[€$£¥]\s?\d|\b(?:eur|usd|gbp|chf|pln|sek|dkk|nok|czk|brl|r\$)\s?\d|\d\s?(?:k\b|€|£|\$|eur|usd|gbp|chf|pln|zl\b|sek|dkk|kr\b|czk|brl|reais|万円|euro)|\d\s?(?:万|円)";
    #[expect(clippy::expect_used, reason = "the pattern is constant, and every test runs it")]
    Regex::new(pattern).expect("the pattern is constant and tested")
});

/// Parts of addresses and names by which recruiters' desks are known.
const RECRUITING_WORDS: &[&str] = &[
    "recruit",
    "rekrut",
    "reclut",
    "recrut",
    "talent",
    "staffing",
    "hiring",
    "headhunt",
    "jobs@",
    "career",
    "karriere",
    "personalberatung",
    "personalvermittlung",
    "personaldienst",
    "executive search",
    "execsearch",
    "jinzai",
    "seleccion",
    "selezione",
    "detacher",
    "werving",
    "vacature",
    "interim",
    "hunters",
    "resourcing",
    "placement",
    "rekruttering",
    "search partners",
    "people team",
    "people ops",
    "searchpartners",
];

/// What agencies put into the name of their firm, and so of their domain.
const FIRM_WORDS: &[&str] = &[
    "hire",
    "staff",
    "roles",
    "people",
    "-search",
    "search-",
    "rekry",
    "chefsrek",
    "vermittlung",
    "bemanning",
    "personal",
];

/// Local parts of senders that no person reads.
const ROBOTS: &[&str] = &[
    "no-reply",
    "noreply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "notification",
    "notify",
    "alert",
    "jobalert",
    "job-alert",
    "newsletter",
    "digest",
    "mailer-daemon",
    "postmaster",
    "bounce",
    "updates@",
    "automated",
    "nicht-antworten",
    "keine-antwort",
    "ne-pas-repondre",
    "invitations",
    "messages-noreply",
];

/// Header fields that newsletter platforms add.
const BULK_HEADERS: &[&str] = &[
    "x-mc-user",
    "x-campaign",
    "x-campaignid",
    "x-mailchimp-id",
    "x-mailgun-tag",
    "x-sendinblue-id",
    "x-cmail-recipientid",
    "feedback-id",
];

/// Leads of the subject of a forwarded mail, folded.
const FORWARDS: &[&str] = &["fwd:", "fw:", "wg:", "tr:", "rv:", "enc:", "doorst:", "vb:", "转发:", "転送:"];

/// Leads of the subject of an answer, folded.
const ANSWERS: &[&str] = &["re:", "aw:", "sv:", "odp:", "antw:", "res:", "rif:", "vs:"];

const ADDRESSEE_FIELDS: &[&str] =
    &["to:", "an:", "à :", "à:", "para:", "aan:", "do:", "a:", "till:", "til:", "cc:", "宛先:"];

/// What publishers call themselves in the sender's name.
const PERIODICALS: &[&str] = &[
    "weekly",
    "newsletter",
    "digest",
    "bulletin",
    "roundup",
    "magazine",
    "editor",
    "nieuwsbrief",
    "infolettre",
    "boletin",
];

/// Relays, by the first label of their domain: networks, applicant-tracking systems, sequencers, job
/// boards that pass messages on.
const RELAYS: &[&str] = &[
    "linkedin",
    "xing",
    "greenhouse",
    "greenhouse-mail",
    "lever",
    "ashbyhq",
    "workable",
    "workablemail",
    "smartrecruiters",
    "teamtailor",
    "teamtailor-mail",
    "recruitee",
    "personio",
    "breezy",
    "bamboohr",
    "icims",
    "jobvite",
    "myworkday",
    "gem",
    "indeed",
    "indeedemail",
    "stepstone",
    "wellfound",
    "hired",
    "honeypot",
    "bullhorn",
    "bullhornmail",
    "jobadder",
    "loxo",
    "hireez",
    "seekout",
    "instahyre",
    "freelancermap",
    "gulp",
    "welcometothejungle",
    "softgarden",
    "rexx-systems",
    "jobylon",
    "infojobs",
    "beamery",
    "avature",
    "eightfold",
    "phenompeople",
    "dover",
    "bizreach",
    "wantedly",
];
