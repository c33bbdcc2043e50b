//! Identifiers of mail: [`MessageId`], [`Address`], [`NamedAddress`], [`Organisation`],
//! [`BaseSubject`], [`DedupeKey`]. Parse, normalise, compare; nothing else.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use base_subject::{BaseSubject, reply_subject};
pub use first_name::{first_name, first_name_of};

mod base_subject;
mod first_name;

/// A `Message-ID` without its angle brackets (RFC 5322 §3.6.4), compared byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// The longest id that is kept; a header line may not be longer (RFC 5322 §2.1.1).
    const MAX: usize = 998;

    /// One id, with or without brackets. `None` if nothing usable is left.
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.trim().trim_matches(['<', '>']).trim();
        let usable = !inner.is_empty()
            && inner.len() <= Self::MAX
            && !inner.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>'));
        usable.then(|| Self(inner.to_owned()))
    }

    /// All ids of an `In-Reply-To` or `References` field, in their order and without repetition.
    ///
    /// Bears what real clients write: comments between the ids, commas, missing brackets, ids that
    /// are joined without a space, folded lines (folding inside an id is undone).
    pub fn parse_list(field: &str) -> Vec<Self> {
        let mut found = Vec::new();
        let mut push = |text: &str| {
            if let Some(id) = Self::parse(text)
                && !found.contains(&id)
            {
                found.push(id);
            }
        };
        if field.contains('<') {
            for piece in field.split('<').skip(1) {
                let inner = piece.split('>').next().unwrap_or_default();
                let unfolded: String = inner.chars().filter(|c| !c.is_whitespace()).collect();
                push(&unfolded);
            }
        } else {
            field.split(|c: char| c.is_whitespace() || c == ',').filter(|word| word.contains('@')).for_each(push);
        }
        found
    }

    /// The id without brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The private token of the thread that a mail of ours with this id begins. It stands in the mail's
    /// `References`, which readers copy into their answers, so that an answer is known even where a
    /// provider gave the mail another Message-ID on its way (mail-rules §C1).
    pub fn thread_token(&self) -> Self {
        Self(format!("{THREAD}{}", self.0))
    }

    /// The id that a [`MessageId::thread_token`] was made of; `None` if this is no such token.
    pub fn of_thread_token(&self) -> Option<Self> {
        let id = self.0.strip_prefix(THREAD)?;
        let (local, domain) = id.split_once('@')?;
        let derived = local.len() == 32 && local.bytes().all(|byte| byte.is_ascii_hexdigit());
        (derived && !domain.is_empty()).then(|| Self(id.to_owned()))
    }

    /// What stands behind the last `@`.
    pub fn domain(&self) -> Option<&str> {
        self.0.rsplit_once('@').map(|(_, domain)| domain)
    }
}

/// How a thread's token begins.
const THREAD: &str = "thread.";

impl fmt::Display for MessageId {
    /// The form of a header field, with brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

/// An e-mail address, `local@domain` in lower case (RFC 5321 §2.3.11; the local part is folded too,
/// since no mailbox of practice tells its cases apart).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// Parses `local@domain`; `None` if it is no address. Brackets, spaces around it and a trailing
    /// dot are borne.
    pub fn parse(text: &str) -> Option<Self> {
        let bare = text.trim().trim_matches(['<', '>', '\'', '"']).trim().trim_end_matches('.');
        let (local, domain) = bare.rsplit_once('@')?;
        let clean = |part: &str| {
            !part.is_empty()
                && !part.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';'))
        };
        let usable = clean(local) && clean(domain) && bare.len() <= 320 && !domain.starts_with('.');
        usable.then(|| Self(bare.to_lowercase()))
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for the address of somebody who is known by name alone, met on another channel than
    /// mail. No mail reaches it (RFC 2606 §2). `None` if the name has no letter.
    pub fn stand_in(name: &str) -> Option<Self> {
        let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let slug = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
        Self::parse(&format!("{slug}@{STAND_IN}"))
    }

    /// Whether it is one of [`Address::stand_in`].
    pub fn is_stand_in(&self) -> bool {
        self.domain() == STAND_IN
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The form in which two spellings of one mailbox are equal: without a plus-tag and a BATV tag,
    /// for Gmail without dots and with `googlemail.com` folded into `gmail.com`.
    pub fn mailbox_key(&self) -> String {
        let mut local = self.local();
        if let Some(tagged) = local.strip_prefix("prvs=") {
            local = tagged.split_once('=').map_or(tagged, |(_, rest)| rest);
        }
        let local = match local.split_once('+') {
            Some((base, _)) if !base.is_empty() => base,
            _ => local,
        };
        match self.domain() {
            "gmail.com" | "googlemail.com" => format!("{}@gmail.com", local.replace('.', "")),
            domain => format!("{local}@{domain}"),
        }
    }

    /// Whether both name the same mailbox, by [`Address::mailbox_key`].
    pub fn same_mailbox(&self, other: &Self) -> bool {
        self.mailbox_key() == other.mailbox_key()
    }

    /// The organisation behind the domain; `None` for a provider of private mailboxes.
    pub fn organisation(&self) -> Option<Organisation> {
        Organisation::of_domain(self.domain())
    }

    /// For logs: first letter and domain.
    pub fn masked(&self) -> String {
        let first: String = self.local().chars().take(1).collect();
        format!("{first}…@{}", self.domain())
    }
}

/// The domain of people without an address.
const STAND_IN: &str = "people.invalid";

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address and the name that stood before it: a `mailbox` of RFC 5322 §3.4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedAddress {
    /// The display name, decoded; `None` if there is none.
    pub name: Option<String>,
    /// The address itself.
    pub address: Address,
}

impl NamedAddress {
    /// The name, or the address where no name is known.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(self.address.as_str())
    }
}

/// The registrable domain of an organisation, by the public-suffix list. A freemail provider is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Organisation(String);

impl Organisation {
    /// The organisation of a host or mail domain; `None` for freemail and for a bare suffix.
    pub fn of_domain(domain: &str) -> Option<Self> {
        let registrable = registrable_domain(domain).filter(|domain| !domain.ends_with(".invalid"))?;
        (!FREEMAIL.contains(&registrable.as_str())).then_some(Self(registrable))
    }

    /// The domain, such as `acme.co.uk`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The registrable domain (`mail.acme.co.uk` → `acme.co.uk`), freemail included.
pub fn registrable_domain(domain: &str) -> Option<String> {
    let lower = domain.trim().trim_end_matches('.').to_lowercase();
    psl::domain_str(&lower).map(str::to_owned)
}

/// Providers of private mailboxes: sharing one of these domains says nothing about two people.
const FREEMAIL: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "hotmail.co.uk",
    "hotmail.fr",
    "hotmail.de",
    "hotmail.it",
    "hotmail.es",
    "live.com",
    "live.co.uk",
    "live.fr",
    "live.de",
    "live.nl",
    "msn.com",
    "outlook.de",
    "outlook.fr",
    "outlook.es",
    "yahoo.com",
    "yahoo.co.uk",
    "yahoo.de",
    "yahoo.fr",
    "yahoo.it",
    "yahoo.es",
    "yahoo.co.jp",
    "yahoo.co.in",
    "ymail.com",
    "rocketmail.com",
    "aol.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "gmx.de",
    "gmx.net",
    "gmx.com",
    "gmx.at",
    "gmx.ch",
    "web.de",
    "t-online.de",
    "freenet.de",
    "mail.de",
    "posteo.de",
    "posteo.net",
    "mailbox.org",
    "proton.me",
    "protonmail.com",
    "protonmail.ch",
    "pm.me",
    "tutanota.com",
    "tuta.io",
    "tutamail.com",
    "fastmail.com",
    "fastmail.fm",
    "hey.com",
    "zoho.com",
    "zohomail.com",
    "mail.com",
    "yandex.ru",
    "yandex.com",
    "ya.ru",
    "mail.ru",
    "bk.ru",
    "inbox.ru",
    "list.ru",
    "rambler.ru",
    "qq.com",
    "163.com",
    "126.com",
    "sina.com",
    "foxmail.com",
    "naver.com",
    "daum.net",
    "hanmail.net",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "laposte.net",
    "sfr.fr",
    "libero.it",
    "virgilio.it",
    "tiscali.it",
    "alice.it",
    "wp.pl",
    "onet.pl",
    "o2.pl",
    "interia.pl",
    "gazeta.pl",
    "seznam.cz",
    "centrum.cz",
    "telia.com",
    "bredband.net",
    "ziggo.nl",
    "kpnmail.nl",
    "planet.nl",
    "hetnet.nl",
    "xs4all.nl",
    "telenet.be",
    "skynet.be",
    "bluewin.ch",
    "btinternet.com",
    "sky.com",
    "comcast.net",
    "verizon.net",
    "att.net",
    "sbcglobal.net",
    "cox.net",
    "charter.net",
    "bol.com.br",
    "uol.com.br",
    "terra.com.br",
    "ig.com.br",
    "sapo.pt",
    "rediffmail.com",
    "abv.bg",
    "ukr.net",
    "docomo.ne.jp",
    "ezweb.ne.jp",
];

/// The user's own addresses, aliases and plus-forms included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnAddresses {
    keys: std::collections::BTreeSet<String>,
}

impl OwnAddresses {
    /// The set of these addresses.
    pub fn new<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> Self {
        Self { keys: addresses.into_iter().map(Address::mailbox_key).collect() }
    }

    /// Whether the address is one of the user's own, in any spelling.
    pub fn contains(&self, address: &Address) -> bool {
        self.keys.contains(&address.mailbox_key())
    }

    /// Whether no address is known.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// What makes a mail of ours one and the same through replays, rebuilds and restored backups.
///
/// Made of nothing that a rebuild would change: no row ids, no times, no random numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DedupeKey(String);

impl DedupeKey {
    /// The key of one mail: the account, the root of what it belongs to (a Message-ID, or the digest
    /// of a mail without one), whom it goes to, its purpose, its step, and the generation that only
    /// a person's command raises.
    pub fn new(account: &str, root: &str, recipient: &Address, purpose: &str, step: u32, generation: u32) -> Self {
        let recipient = recipient.mailbox_key();
        Self([account, root, &recipient, purpose, &step.to_string(), &generation.to_string()].join("\u{1f}"))
    }

    /// A key read back from the database.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The Message-ID that belongs to this key: derived, so that the same decision taken twice gives
    /// the same id, and keyed with the install secret, so that nobody else can foretell it.
    pub fn message_id(&self, secret: &[u8], domain: &str) -> MessageId {
        let mut hash = Sha256::new();
        hash.update((secret.len() as u64).to_be_bytes());
        hash.update(secret);
        hash.update(self.0.as_bytes());
        let hex: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        MessageId(format!("{hex}@{domain}"))
    }
}

#[cfg(test)]
mod tests;
