//! [`Gist`] + candidates → [`Match`] with its evidence (product §3.2, mail-rules §C).
//!
//! The class of a mail is decided before; here is only asked which outreach it belongs to. One mail
//! may answer several outreach, but the same evidence for two of them, which nothing else tells
//! apart, is proof for neither: both become candidates.

use jiff::Timestamp;

use super::gist::{Gist, Kind};
use super::ident::{Address, BaseSubject, MessageId, NamedAddress, OwnAddresses};

pub use evidence::{Evidence, Level};
pub use names::name_key;
pub use shingles::{alike, shingles};

use mail::{Mail, Relation};

mod evidence;
mod ids;
mod mail;
mod names;
mod notice;
mod shingles;

/// One outreach, as the store found it, that an incoming mail may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Key of its row; only echoed.
    pub outreach: i64,
    /// Ids of all its touches, rewritten ones included.
    pub ids: Vec<MessageId>,
    /// The persons asked: To and Cc of its touches.
    pub recipients: Vec<NamedAddress>,
    /// Further known addresses of these persons.
    pub other_addresses: Vec<Address>,
    /// The subjects of its touches.
    pub base_subjects: Vec<BaseSubject>,
    /// When its touches were sent, ascending, never empty.
    pub touched_at: Vec<Timestamp>,
    /// GUID of `Thread-Index`, hex, as in [`Gist::thread_index`].
    pub thread_index: Option<String>,
    /// The provider's thread of its touches (X-GM-THRID, THREADID).
    pub provider_thread: Option<String>,
    /// Sketch of our words, by [`shingles`].
    pub shingles: Vec<u32>,
}

/// One outreach that the mail belongs to, how surely, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// [`Candidate::outreach`].
    pub outreach: i64,
    /// The strongest evidence for it.
    pub evidence: Evidence,
    /// The level of the evidence; `Candidate` where it fits several outreach equally well.
    pub level: Level,
    /// The evidence in words.
    pub because: String,
}

/// The outreach that an incoming mail belongs to, the surest first, each at most once.
///
/// `received` is when the server got the mail, `own` the user's addresses, `provider_thread` the
/// provider's thread of the mail. The user's own mails (drafts are such) and lists never match.
pub fn find(
    gist: &Gist,
    received: Timestamp,
    own: &OwnAddresses,
    provider_thread: Option<&str>,
    candidates: &[Candidate],
) -> Vec<Match> {
    if never_matches(gist, own, candidates) {
        return Vec::new();
    }
    answered(&Mail::new(gist, received, own, provider_thread, mail::is_relay), candidates)
}

/// An outreach with what speaks for it.
struct Finding<'c> {
    candidate: &'c Candidate,
    evidence: Evidence,
    because: String,
    relation: Relation,
}

fn never_matches(gist: &Gist, own: &OwnAddresses, candidates: &[Candidate]) -> bool {
    let is_ours = |id: &MessageId| candidates.iter().any(|candidate| candidate.ids.contains(id));
    gist.kind == Kind::Bulk
        || gist.author().is_some_and(|author| own.contains(author))
        // Our own mail that came back by a forwarder or a list which put its own address into From.
        || (!mail::is_notice(gist) && gist.message_id.as_ref().is_some_and(is_ours))
}

fn answered(mail: &Mail<'_>, candidates: &[Candidate]) -> Vec<Match> {
    let mut found =
        if mail::is_notice(mail.gist) { notice::find(mail, candidates) } else { answered_by_person(mail, candidates) };
    found.sort_by_key(|one| (one.outreach, one.level, one.evidence));
    found.dedup_by_key(|one| one.outreach);
    found.sort_by_key(|one| (one.level, one.evidence, one.outreach));
    found
}

fn answered_by_person(mail: &Mail<'_>, candidates: &[Candidate]) -> Vec<Match> {
    let mut found = ids::find(mail, candidates);
    let mut weighed: Vec<Finding<'_>> = candidates.iter().filter_map(|candidate| mail.weigh(candidate)).collect();
    weighed.sort_by_key(|finding| finding.candidate.outreach);
    let strongest = weighed.iter().map(|finding| finding.evidence).min();
    let (quoting, others): (Vec<_>, Vec<_>) =
        weighed.into_iter().partition(|finding| finding.evidence == Evidence::QuotedText);
    match strongest {
        None => return found,
        Some(_) if !found.is_empty() => {}
        Some(Evidence::QuotedText) => return settle_quotes(quoting),
        Some(evidence) => found = settle(others.into_iter().filter(|one| one.evidence == evidence).collect()),
    }
    // The person may answer a second outreach in the same mail; its words must then be quoted beside
    // those of the first. A template sent to many is quoted only once.
    let matched: Vec<&Candidate> =
        candidates.iter().filter(|one| found.iter().any(|m| m.outreach == one.outreach)).collect();
    let second = quoting.into_iter().filter(|finding| {
        finding.relation.person
            && matched.iter().all(|one| !shingles::alike(&one.shingles, &finding.candidate.shingles))
    });
    found.extend(settle_quotes(second.collect()));
    found
}

/// Outreach with the same evidence: the closest are matched, and where several are equally close,
/// they are candidates only.
fn settle(group: Vec<Finding<'_>>) -> Vec<Match> {
    let closest = group.iter().map(|finding| finding.relation.closeness()).max();
    let tied: Vec<Finding<'_>> =
        group.into_iter().filter(|finding| Some(finding.relation.closeness()) == closest).collect();
    let count = tied.len();
    tied.into_iter()
        .map(|finding| {
            let (level, because) = if count == 1 {
                (finding.evidence.level(), finding.because)
            } else {
                (Level::Candidate, format!("{}; it fits {count} outreach equally well", finding.because))
            };
            Match { outreach: finding.candidate.outreach, evidence: finding.evidence, level, because }
        })
        .collect()
}

/// Outreach whose words are quoted: those of different texts are all answered, those of one template
/// compete.
fn settle_quotes(quoting: Vec<Finding<'_>>) -> Vec<Match> {
    let nearest = quoting.iter().map(|finding| finding.relation.nearness()).max();
    let mut templates: Vec<Vec<Finding<'_>>> = Vec::new();
    for finding in quoting.into_iter().filter(|finding| Some(finding.relation.nearness()) == nearest) {
        let same = templates.iter_mut().find(|template| {
            template.iter().any(|one| shingles::alike(&one.candidate.shingles, &finding.candidate.shingles))
        });
        match same {
            Some(template) => template.push(finding),
            None => templates.push(vec![finding]),
        }
    }
    templates.into_iter().flat_map(settle).collect()
}

#[cfg(test)]
mod tests;
