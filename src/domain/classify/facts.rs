//! What several of the tests ask about one mail, gathered once.

use crate::domain::ident::registrable_domain;
use crate::domain::inbound::Inbound;
use crate::domain::phrases::{Found, flatten, without_gateway_tag};
use crate::domain::reply_text::ReplyText;
use crate::domain::senders;
use std::cell::OnceCell;

use super::words::{VOCABULARY, table};

/// Own text that is searched for words, in bytes.
const MAX_OWN: usize = 8 * 1024;
/// Text that is searched for footers, in bytes.
const MAX_WHOLE: usize = 48 * 1024;

/// A flattened text and the phrases of [`table`] that stand in it.
#[derive(Default)]
pub struct Searched {
    /// The text.
    pub flat: String,
    /// What was found.
    pub found: Found,
}

impl Searched {
    fn new(flat: String) -> Self {
        let found = VOCABULARY.search(&flat);
        Self { flat, found }
    }

    /// Whether a phrase of the table stands in it.
    pub fn has(&self, table: usize) -> bool {
        self.found.has(table)
    }

    /// The first phrase of the table and where it begins.
    pub fn find(&self, table: usize) -> Option<(usize, &'static str)> {
        self.found.first(table).map(|hit| (hit.start, hit.words))
    }
}

/// The facts.
pub struct Facts<'a> {
    /// The mail.
    pub mail: &'a Inbound,
    /// What the sender wrote.
    pub own: Searched,
    /// The whole text, footers and quotes included: most mails are known without it.
    whole: OnceCell<Searched>,
    /// The subject without leading tags, flattened.
    pub subject: String,
    /// The word that makes the author's local part that of a machine.
    pub robot: Option<&'static str>,
    /// The mail client of a person, if the header names one.
    pub client: Option<&'static str>,
    /// Written within a thread, by header or by subject.
    pub in_thread: bool,
    /// Whether something of an older mail is quoted.
    pub quotes: bool,
}

impl<'a> Facts<'a> {
    /// Gathers them.
    pub fn of(mail: &'a Inbound, text: &ReplyText) -> Self {
        let subject = flatten(without_gateway_tag(&mail.subject), 400);
        let referred = !mail.in_reply_to.is_empty() || !mail.references.is_empty();
        Self {
            mail,
            own: Searched::new(flatten(&text.own, MAX_OWN)),
            whole: OnceCell::new(),
            robot: mail.author().and_then(|author| senders::robot_address(&author.address)),
            client: client(mail),
            in_thread: referred || senders::is_reply_or_forward(&subject),
            quotes: !text.quoted.trim().is_empty(),
            subject,
        }
    }

    /// The whole text, footers and quotes included.
    pub fn whole(&self) -> &Searched {
        self.whole.get_or_init(|| {
            let mail = self.mail;
            Searched::new(flatten(if mail.text.trim().is_empty() { &mail.html } else { &mail.text }, MAX_WHOLE))
        })
    }

    /// What the sender wrote, or the whole text where that is nothing.
    pub fn own_or_whole(&self) -> &Searched {
        if self.own.flat.is_empty() { self.whole() } else { &self.own }
    }

    /// Whether any field of this name (lower case) is there with a value.
    pub fn has(&self, name: &str) -> bool {
        self.mail.header_values(name).any(|value| !value.trim().is_empty())
    }

    /// A post to a mailing list: what a list adds for itself, beyond a bare `List-Id`.
    ///
    /// The user's own alias or group adds `List-Id` and `Precedence` too; it adds them for the domain
    /// that the mail was delivered to, and neither footer nor tag.
    pub fn is_list_post(&self) -> bool {
        let alias = self.mail.header("list-id").is_some_and(|id| self.is_own_alias(id));
        if alias && !self.has_tag() {
            return false;
        }
        if self.sent_by_list() && (self.names_list() || self.answers_go_to_list()) {
            return true;
        }
        if self.mail.header("list-id").is_none() {
            return self.has("list-post") && (self.whole().has(table::LIST_FOOTER) || self.sent_by_list());
        }
        if self.whole().has(table::LIST_FOOTER) || self.has_tag() {
            return true;
        }
        !alias && (self.sent_by_list() || self.has("list-post") || self.has("list-archive"))
    }

    /// The list's host belongs to the organisation that the mail was delivered to.
    pub fn is_own_alias(&self, list_id: &str) -> bool {
        let host = list_id.rsplit_once('<').map_or(list_id, |(_, host)| host).trim_end_matches(['>', ' ']);
        let Some(list) = registrable_domain(host) else { return false };
        let same = |domain: &str| registrable_domain(domain).is_some_and(|own| own == list);
        let delivered = ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to"];
        let final_host = delivered
            .iter()
            .flat_map(|name| self.mail.header_values(name))
            .filter_map(|value| value.trim_matches(['<', '>', ' ']).rsplit_once('@'))
            .map(|(_, host)| host);
        let mut hosts = final_host.peekable();
        let by_author = self.mail.author().is_some_and(|author| same(author.address.domain()));
        if hosts.peek().is_some() {
            return hosts.any(same) && !by_author;
        }
        // nothing tells where it was delivered: a direct answer to us is what a list never is
        self.in_thread
            && !by_author
            && self.mail.to.len() == 1
            && self.mail.to.iter().any(|to| same(to.address.domain()))
    }

    fn has_tag(&self) -> bool {
        let raw = self.mail.subject.trim_start();
        let raw = raw.strip_prefix("Re: ").or_else(|| raw.strip_prefix("RE: ")).unwrap_or(raw);
        let Some((tag, _)) = raw.strip_prefix('[').and_then(|rest| rest.split_once(']')) else { return false };
        let tag = tag.trim().to_lowercase();
        let outside = ["external", "ext", "extern", "externe", "externo", "external email", "spam", "extern:"];
        let digits = tag.chars().any(|c| c.is_ascii_digit()) && tag.contains('#');
        !tag.is_empty() && tag.chars().count() <= 40 && !outside.contains(&tag.as_str()) && !digits
    }

    /// `owner-x` or `x-bounces` sent it, and `x` is whom it is from or to.
    fn names_list(&self) -> bool {
        let envelope = match &self.mail.return_path {
            crate::domain::inbound::ReturnPath::Mailbox(address) => Some(address.local()),
            _ => None,
        };
        let sender = self.mail.sender.as_ref().map(|sender| sender.address.local());
        let mut lists = envelope.into_iter().chain(sender).filter_map(|local| {
            let bare = local.split_once('+').map_or(local, |(base, _)| base);
            let ends = ["-bounces", "-bounce", "-admin", "-request", "-owner", "-errors"];
            bare.strip_prefix("owner-").or_else(|| ends.iter().find_map(|end| bare.strip_suffix(end)))
        });
        let shown = || self.mail.to.iter().chain(&self.mail.cc).chain(&self.mail.reply_to).chain(&self.mail.sender);
        lists.any(|list| !list.is_empty() && shown().any(|entry| entry.address.local() == list))
    }

    fn answers_go_to_list(&self) -> bool {
        let back = self.mail.reply_to.iter().any(|reply| self.mail.to.iter().any(|to| to.address == reply.address));
        back || (self.has("list-id") && self.has("precedence"))
    }

    fn sent_by_list(&self) -> bool {
        let listish = |local: &str| {
            let local = local.to_lowercase();
            ["-bounces", "-bounce", "-admin", "-request", "-owner", "-errors"].iter().any(|end| {
                local.ends_with(end) || local.contains(&format!("{end}+")) || local.contains(&format!("{end}-"))
            }) || local.starts_with("owner-")
                || local.starts_with("bounce-")
                || local.starts_with("bounces+")
        };
        let envelope = match &self.mail.return_path {
            crate::domain::inbound::ReturnPath::Mailbox(address) => listish(address.local()),
            _ => false,
        };
        envelope || self.mail.sender.as_ref().is_some_and(|sender| listish(sender.address.local()))
    }
}

/// Mail clients as they name themselves, and how to call them.
const CLIENTS: &[(&str, &str)] = &[
    ("thunderbird", "Thunderbird"),
    ("apple mail", "Apple Mail"),
    ("iphone mail", "iPhone Mail"),
    ("ipad mail", "iPad Mail"),
    ("microsoft outlook", "Outlook"),
    ("microsoft-macoutlook", "Outlook"),
    ("outlook express", "Outlook Express"),
    ("windows live mail", "Windows Live Mail"),
    ("mutt", "Mutt"),
    ("evolution", "Evolution"),
    ("kmail", "KMail"),
    ("claws", "Claws Mail"),
    ("sylpheed", "Sylpheed"),
    ("yahoomail", "Yahoo Mail"),
    ("zimbra", "Zimbra"),
    ("roundcube", "Roundcube"),
    ("k-9 mail", "K-9 Mail"),
    ("k-9", "K-9 Mail"),
    ("fairemail", "FairEmail"),
    ("airmail", "Airmail"),
    ("sparrow", "Sparrow"),
    ("readdle", "Spark"),
    ("mailmate", "MailMate"),
    ("gnus", "Gnus"),
    ("mu4e", "mu4e"),
    ("notmuch", "notmuch"),
    ("alpine", "Alpine"),
    ("eudora", "Eudora"),
    ("the bat", "The Bat!"),
    ("lotus notes", "Notes"),
    ("horde", "Horde"),
    ("squirrelmail", "SquirrelMail"),
    ("open-xchange", "Open-Xchange"),
    ("mailbird", "Mailbird"),
    ("em client", "eM Client"),
    ("emclient", "eM Client"),
    ("postbox", "Postbox"),
    ("geary", "Geary"),
    ("cyrus-jmap", "Fastmail"),
    ("messagingengine.com webmail", "Fastmail"),
    ("webmail", "a webmail"),
    ("delta chat", "Delta Chat"),
    ("pegasus", "Pegasus Mail"),
    ("becky!", "Becky!"),
    ("foxmail", "Foxmail"),
    ("android", "an Android client"),
    ("samsung", "Samsung Mail"),
];

fn client(mail: &Inbound) -> Option<&'static str> {
    let mut agents = ["user-agent", "x-mailer", "x-newsreader"].into_iter().flat_map(|name| mail.header_values(name));
    let named = agents.find_map(|agent| {
        let flat = flatten(agent, 200);
        CLIENTS.iter().find(|(name, _)| flat.contains(name)).map(|(_, shown)| *shown)
    });
    let id = mail.message_id.as_ref().map(|id| id.as_str()).unwrap_or_default();
    let by_id = [
        ("@mail.gmail.com", "Gmail"),
        (".prod.outlook.com", "Outlook"),
        ("@mail.yahoo.com", "Yahoo Mail"),
        ("@email.apple.com", "Apple Mail"),
        ("@me.com", "Apple Mail"),
        ("@icloud.com", "Apple Mail"),
        ("@Spark", "Spark"),
    ];
    named.or_else(|| by_id.iter().find(|(end, _)| id.ends_with(end)).map(|(_, shown)| *shown))
}
