//! Who writes by machine: local parts and display names of mail servers, robots and mailing lists
//! (mail-rules §A2.2, §B2).

use std::sync::LazyLock;

use super::ident::Address;
use super::inbound::{Inbound, ReturnPath};
use super::phrases::{Phrases, flatten};

/// Local parts of the mail system itself.
const MAIL_SYSTEM: &[&str] = &[
    "mailer-daemon",
    "mailerdaemon",
    "mail-daemon",
    "maildaemon",
    "mdaemon",
    "daemon",
    "postmaster",
    "mailsystem",
    "mail-system",
    "mail.system",
    "mailer",
    "mmdf",
    "uucp",
    "smtp",
    "imss",
    "interscan",
    "bounce",
    "bounces",
    "e500_smtp_mail_service",
    "system administrator",
    "postoffice",
    "mailerror",
    "mail-error",
    "undeliverable",
    "delivery-failure",
    "post_master",
    "mailer_daemon",
    "mail_daemon",
    "mailmaster",
    "smtp-daemon",
    "mta",
    "mailgate",
    "mailsweeper",
    "symantec_antivirus",
    "administrator-mail",
    "ndr",
];

/// Display names of the mail system.
const MAIL_SYSTEM_NAMES: &[&str] = &[
    "mailer-daemon",
    "mailer daemon",
    "mail daemon",
    "mail delivery",
    "mail administrator",
    "mail system",
    "mail subsystem",
    "internet mail delivery",
    "system administrator",
    "systemadministrator",
    "postmaster",
    "microsoft outlook",
    "e500_smtp_mail_service",
    "delivery subsystem",
    "delivery system",
    "delivery service",
    "undelivered mail",
    "mailmarshal",
    "trend micro",
    "interscan",
    "groupwise",
    "smtp gateway",
    "mail gateway",
    "mail transfer",
    "non-delivery",
    "administrateur système",
    "administrador del sistema",
    "amministratore di sistema",
];

static NAMES: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(MAIL_SYSTEM_NAMES));

/// Who of the mail system wrote the mail, in words; `None` if a person may have.
pub fn mail_system(mail: &Inbound) -> Option<String> {
    let Some(author) = mail.author() else {
        let raw = mail.header("from").map(|from| flatten(from, 200)).unwrap_or_default();
        let known = NAMES.find(&raw).map(|hit| hit.1);
        let bare = raw.trim_matches(['<', '>', '"', ' ']);
        let local = MAIL_SYSTEM.iter().find(|word| bare == **word).copied();
        let nobody = (raw.is_empty() || bare.is_empty()).then_some("nobody (an empty From)");
        return known.or(local).or(nobody).map(str::to_owned);
    };
    let local = author.address.local();
    if is_mail_system(local) {
        return Some(local.to_owned());
    }
    let name = flatten(author.name.as_deref().unwrap_or_default(), 200);
    let by_name = NAMES.find(&name).filter(|_| !name.contains(" via ") || mail.return_path == ReturnPath::Null);
    by_name.map(|_| author.label().to_owned())
}

/// Whether a local part belongs to the mail system.
pub fn is_mail_system(local: &str) -> bool {
    let bare = local.trim_matches('"');
    let exchange = bare.strip_prefix("microsoftexchange");
    MAIL_SYSTEM.contains(&bare)
        || bare.starts_with("mailer-daemon")
        || bare.starts_with("postmaster+")
        || exchange.is_some_and(|rest| rest.chars().filter(char::is_ascii_hexdigit).count() >= 32)
}

/// Local parts that stand for a machine and not for a person, whole.
const ROBOTS: &[&str] = &[
    "mailer-daemon",
    "mailerdaemon",
    "mail-daemon",
    "maildaemon",
    "mdaemon",
    "daemon",
    "root",
    "listserv",
    "majordomo",
    "mailman",
    "postmaster",
    "hostmaster",
    "webmaster",
    "abuse",
    "nobody",
    "bounce",
    "bounces",
    "noreply",
    "no-reply",
    "no_reply",
    "no.reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "notification",
    "notifications",
    "notify",
    "alert",
    "alerts",
    "news",
    "newsletter",
    "automated",
    "auto-confirm",
    "system",
    "robot",
    "bot",
    "mailrobot",
    "mail-robot",
    "autoresponder",
    "autoreply",
    "auto-reply",
    "automailer",
    "automail",
    "wwwrun",
    "www-data",
    "apache",
    "cron",
];
/// How such local parts begin.
const ROBOT_PREFIXES: &[&str] = &[
    "owner-",
    "bounce-",
    "bounce+",
    "bounces+",
    "bounces-",
    "noreply",
    "no-reply",
    "no_reply",
    "no.reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "do.not.reply",
    "msprvs1=",
    "srs0=",
    "srs1=",
    "mailer-daemon",
    "microsoftexchange3",
];
/// How such local parts end, or what they contain.
const ROBOT_SUFFIXES: &[&str] = &[
    "-request",
    "-bounces",
    "-owner",
    "-admin",
    "-errors",
    "-noreply",
    "-no-reply",
    "-notifications",
    "_noreply",
    ".noreply",
];
/// In other languages.
const ROBOT_FOREIGN: &[&str] = &[
    "nicht-antworten",
    "keine-antwort",
    "keineantwort",
    "nepasrepondre",
    "ne-pas-repondre",
    "noresponder",
    "no-responder",
    "nao-responda",
    "naoresponda",
    "nonrispondere",
    "non-rispondere",
    "niet-beantwoorden",
    "nieodpowiadac",
    "nepalvojiem",
    "svarinte",
    "svar-ikke",
    "noreponse",
    "no-reponse",
    "nonreply",
    "neodpovidat",
];

/// The word that makes a local part that of a machine (mail-rules §A2.2). A BATV tag
/// (`prvs=1234567890=local`) is looked through.
pub fn robot(local: &str) -> Option<&'static str> {
    let lower = local.to_lowercase();
    let bare = lower
        .strip_prefix("prvs=")
        .map_or(lower.as_str(), |tagged| tagged.split_once('=').map_or(tagged, |(_, rest)| rest));
    let untagged = bare.split_once('+').map_or(bare, |(base, _)| base);
    let whole = ROBOTS.iter().find(|word| **word == untagged);
    let prefix = || ROBOT_PREFIXES.iter().find(|word| bare.starts_with(**word));
    let suffix = || ROBOT_SUFFIXES.iter().find(|word| untagged.ends_with(**word));
    let foreign = || ROBOT_FOREIGN.iter().find(|word| bare.contains(**word));
    let tag = bare.split_once('+').map(|(_, tag)| tag);
    let tagged = || ["noreply", "no-reply", "donotreply", "notifications"].iter().find(|word| tag == Some(**word));
    whole.or_else(prefix).or_else(suffix).or_else(foreign).or_else(tagged).copied()
}

/// The word that makes an address that of a machine, by its local part or by its host
/// (`info@donotreply.shop.example`).
pub fn robot_address(address: &Address) -> Option<&'static str> {
    const LABELS: &[&str] = &["noreply", "no-reply", "donotreply", "do-not-reply"];
    let by_host = || LABELS.iter().find(|word| address.domain().split('.').any(|label| label == **word)).copied();
    robot(address.local()).or_else(by_host)
}

/// Whether a flattened subject begins like an answer or a forward.
pub fn is_reply_or_forward(subject: &str) -> bool {
    const LEADS: &[&str] = &[
        "re:",
        "re :",
        "aw:",
        "fw:",
        "fwd:",
        "wg:",
        "tr:",
        "sv:",
        "vs:",
        "antw:",
        "rv:",
        "res:",
        "enc:",
        "odp:",
        "pd:",
        "[fwd:",
        "ré:",
        "rép:",
        "i:",
        "rif:",
        "doorst:",
        "vb:",
        "ynt:",
        "ilt:",
        "отв:",
        "回复:",
        "转发:",
        "答复:",
        "回覆:",
        "轉寄:",
        "返信:",
        "転送:",
        "회신:",
        "전달:",
        "回复：",
        "转发：",
        "答复：",
    ];
    let subject = subject.trim_start();
    LEADS.iter().any(|lead| subject.starts_with(lead)) || subject.starts_with("re[") || subject.starts_with("re(")
}
