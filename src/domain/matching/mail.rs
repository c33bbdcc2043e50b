//! The incoming mail as matching sees it, and how it relates to one outreach.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::shingles::Overlap;
use super::{Candidate, Evidence, Finding, names};
use crate::domain::gist::{Gist, Kind};
use crate::domain::ident::{Address, BaseSubject, NamedAddress, Organisation, OwnAddresses};
use crate::domain::recruiter;

/// How far a server's clock may be behind ours.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);
/// How long a subject, a name or a colleague refers to our mail.
pub(super) const REFERS: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How long any mail of the person may be about our outreach.
const PERSON: SignedDuration = SignedDuration::from_hours(24 * 180);
/// How often a machine's lead may stand before the subject it answers.
const MAX_LEADS: usize = 4;

/// One incoming mail, and what of it does not depend on the outreach.
pub(super) struct Mail<'a> {
    pub(super) gist: &'a Gist,
    pub(super) own: &'a OwnAddresses,
    received: Timestamp,
    provider_thread: Option<&'a str>,
    /// Mailbox keys of From, Sender and Reply-To; of a notice: of the addresses that failed.
    people: BTreeSet<String>,
    /// Their organisations; a relay is none.
    organisations: BTreeSet<Organisation>,
    /// The subject, and for machines what follows their lead ("Automatic reply: …").
    subjects: Vec<BaseSubject>,
    addressed: BTreeSet<String>,
    quoted: BTreeSet<String>,
    quotes_us: bool,
    relayed: bool,
}

impl<'a> Mail<'a> {
    pub(super) fn new(
        gist: &'a Gist,
        received: Timestamp,
        own: &'a OwnAddresses,
        provider_thread: Option<&'a str>,
        is_relay: fn(&str) -> bool,
    ) -> Self {
        let people: Vec<&Address> = if is_notice(gist) {
            gist.bounce.iter().flat_map(|bounce| &bounce.recipients).collect()
        } else {
            gist.author().into_iter().chain(&gist.sender).chain(&gist.reply_to).collect()
        };
        let foreign = |address: &&Address| !own.contains(address);
        Self {
            gist,
            own,
            received,
            provider_thread,
            people: people.iter().copied().filter(foreign).map(Address::mailbox_key).collect(),
            organisations: people
                .iter()
                .copied()
                .filter(foreign)
                .filter(|address| !is_relay(address.domain()))
                .filter_map(Address::organisation)
                .collect(),
            subjects: subjects(gist),
            addressed: gist.addressees().map(|entry| entry.address.mailbox_key()).collect(),
            quoted: gist.quoted_addresses.iter().filter(foreign).map(Address::mailbox_key).collect(),
            quotes_us: gist.quoted_addresses.iter().any(|address| own.contains(address)),
            relayed: gist.author().is_some_and(|author| is_relay(author.domain())),
        }
    }

    /// Time since the latest touch before this mail; `None` if every touch is later.
    pub(super) fn age(&self, candidate: &Candidate) -> Option<SignedDuration> {
        let latest = candidate.touched_at.iter().copied().max_by_key(|&touch| {
            let age = self.received.duration_since(touch);
            (age >= -CLOCK_SKEW, touch)
        })?;
        let age = self.received.duration_since(latest);
        (age >= -CLOCK_SKEW).then_some(age)
    }

    /// Whether the mail has the subject of the outreach.
    pub(super) fn has_subject_of(&self, candidate: &Candidate) -> bool {
        candidate.base_subjects.iter().any(|ours| !ours.as_str().is_empty() && self.subjects.contains(ours))
    }

    /// How the mail relates to the outreach.
    pub(super) fn relation(&self, candidate: &Candidate) -> Relation {
        let keys: Vec<String> =
            addresses(candidate).filter(|a| !self.own.contains(a)).map(Address::mailbox_key).collect();
        let person = keys.iter().any(|key| self.people.contains(key));
        let quoted = keys.iter().any(|key| self.quoted.contains(key));
        let named = quoted || keys.iter().any(|key| self.addressed.contains(key));
        let subject = self.has_subject_of(candidate);
        Relation {
            person,
            organisation: person
                || addresses(candidate).filter_map(Address::organisation).any(|one| self.organisations.contains(&one)),
            named,
            quoted,
            subject,
            overlap: Overlap::of(&candidate.shingles, &self.gist.shingles),
        }
    }

    /// The strongest evidence that needs no Message-ID.
    pub(super) fn weigh<'c>(&self, candidate: &'c Candidate) -> Option<Finding<'c>> {
        let age = self.age(candidate)?;
        let relation = self.relation(candidate);
        let (evidence, because) = self.judge(candidate, &relation, age)?;
        Some(Finding { candidate, evidence, because, relation })
    }

    fn judge(&self, candidate: &Candidate, is: &Relation, age: SignedDuration) -> Option<(Evidence, String)> {
        let same = |ours: &Option<String>, theirs: Option<&str>| ours.is_some() && ours.as_deref() == theirs;
        let telling = candidate.base_subjects.iter().any(|ours| ours.is_telling() && self.subjects.contains(ours));
        let refers = age <= REFERS;
        let found = if same(&candidate.thread_index, self.gist.thread_index.as_deref()) {
            (Evidence::ThreadIndex, "its Thread-Index has the GUID of ours".to_owned())
        } else if is.person && same(&candidate.provider_thread, self.provider_thread) {
            (Evidence::ProviderThread, "from the person asked, in the provider's thread of our mail".to_owned())
        } else if is.overlap.is_most() {
            let Overlap { shared, of } = is.overlap;
            (Evidence::QuotedText, format!("{shared} of {of} word groups of our text are quoted"))
        } else if is.person && telling && refers {
            (Evidence::SenderAndSubject, "from the person asked, with our subject".to_owned())
        } else if is.organisation
            && !is.person
            && refers
            && (telling || is.named || is.overlap.is_some() || self.speaks_of(candidate))
        {
            let sign = match (telling, is.named, is.overlap.is_some()) {
                (true, _, _) => "with our subject",
                (_, true, _) => "naming the person asked in Cc or in the quote",
                (_, _, true) => "quoting some of our words",
                _ => "naming the person asked and what it was about",
            };
            (Evidence::OrganisationAndText, format!("from the organisation of the person asked, {sign}"))
        } else if telling && refers && !self.relayed && self.is_namesake(candidate) {
            (
                Evidence::NameAndSubject,
                "from the name of the person asked at another address, with our subject".to_owned(),
            )
        } else if !is.person
            && !is.organisation
            && age <= PERSON
            && ((is.quoted && (telling || is.overlap.is_some())) || (self.quotes_us && telling))
        {
            (Evidence::ForwardedQuote, "from somebody unknown who quotes our mail".to_owned())
        } else if self.relayed && refers && self.is_namesake(candidate) {
            (Evidence::Relay, "a platform's mail in the name of the person asked".to_owned())
        } else if is.person && age <= PERSON {
            (Evidence::SenderOnly, "from the person asked, about something else".to_owned())
        } else if is.organisation && refers && self.gist.kind == Kind::Human && !self.gist.is_in_thread() {
            (Evidence::OrganisationOnly, "from the organisation of the person asked, about something else".to_owned())
        } else {
            return None;
        };
        Some(found)
    }

    /// Whether the mail names a person asked in its words, and at least two telling words of our
    /// subject: an assistant who writes a new mail.
    fn speaks_of(&self, candidate: &Candidate) -> bool {
        const TELLING: usize = 4;
        const SMALL: &[&str] = &[
            "about", "from", "have", "into", "over", "that", "this", "with", "work", "your", "eine", "ihre", "uber",
            "pour", "dans", "para", "sobre",
        ];
        let gist = self.gist;
        let author = gist.from.as_ref().and_then(|from| from.name.as_deref()).unwrap_or_default();
        let said = format!("{author} {} {}", gist.subject, gist.text);
        if !candidate.recipients.iter().any(|person| names::is_named_in(person, &said)) {
            return false;
        }
        let words: BTreeSet<String> = names::folded_words(&said).into_iter().collect();
        candidate.base_subjects.iter().any(|subject| {
            let ours: BTreeSet<String> = names::folded_words(subject.as_str())
                .into_iter()
                .filter(|word| word.chars().count() >= TELLING && !SMALL.contains(&word.as_str()))
                .collect();
            let needed = ours.len().min(2);
            needed > 0 && ours.intersection(&words).count() >= needed
        })
    }

    fn is_namesake(&self, candidate: &Candidate) -> bool {
        let asked = |from: &NamedAddress| {
            candidate.recipients.iter().filter(|one| !self.own.contains(&one.address)).any(|one| names::same(one, from))
        };
        self.gist.from.as_ref().is_some_and(asked)
    }

    /// Keys of the addresses that a notice says have failed.
    pub(super) fn people(&self) -> &BTreeSet<String> {
        &self.people
    }

    /// Keys of others' addresses in the quote or the returned mail.
    pub(super) fn quoted(&self) -> &BTreeSet<String> {
        &self.quoted
    }
}

/// How a mail relates to one outreach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relation {
    /// From a person asked (of a notice: a person asked is the one who failed).
    pub(super) person: bool,
    /// From the organisation of a person asked.
    pub(super) organisation: bool,
    /// A person asked stands in To, Cc or in the quote.
    pub(super) named: bool,
    /// A person asked stands in the quote.
    pub(super) quoted: bool,
    /// Equal base subject, telling or not.
    pub(super) subject: bool,
    /// Our words in the quote.
    pub(super) overlap: Overlap,
}

impl Relation {
    /// What breaks a tie between outreach of equal evidence: the person, then the organisation, then
    /// who is named, then the subject, then the words.
    pub(super) fn closeness(&self) -> [bool; 5] {
        [self.person, self.organisation, self.named, self.subject, self.overlap.is_most()]
    }

    /// How near the author is to the persons asked.
    pub(super) fn nearness(&self) -> [bool; 2] {
        [self.person, self.organisation]
    }
}

/// A notice of failure or delay, in which not the author but the failed address is the person.
pub(super) fn is_notice(gist: &Gist) -> bool {
    matches!(gist.kind, Kind::Bounce | Kind::Delay)
}

/// All known addresses of the persons asked.
pub(super) fn addresses(candidate: &Candidate) -> impl Iterator<Item = &Address> {
    candidate.recipients.iter().map(|person| &person.address).chain(&candidate.other_addresses)
}

fn subjects(gist: &Gist) -> Vec<BaseSubject> {
    let mut found = vec![gist.base_subject.clone()];
    if gist.kind != Kind::Human {
        let colons = gist.subject.char_indices().filter(|(_, c)| matches!(c, ':' | '：')).take(MAX_LEADS);
        found.extend(colons.filter_map(|(at, c)| gist.subject.get(at + c.len_utf8()..)).map(BaseSubject::of));
    }
    let returned = gist.bounce.as_ref().and_then(|bounce| bounce.original_subject.as_deref());
    found.extend(returned.map(BaseSubject::of));
    found
}

/// Whether a domain is a platform's that writes in other people's names.
pub(super) fn is_relay(domain: &str) -> bool {
    recruiter::is_relay(domain)
}
