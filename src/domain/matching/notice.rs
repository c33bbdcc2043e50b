//! Notices of failure and delay: which outreach could not be delivered (mail-rules §C4).

use jiff::SignedDuration;

use super::mail::{Mail, addresses};
use super::{Candidate, Evidence, Finding, Match, ids, settle};
use crate::domain::ident::{Address, BaseSubject};

/// How long after a send its failure is still reported.
const REPORTED: SignedDuration = SignedDuration::from_hours(24 * 7);

/// By the id of the returned mail, else by the notice's own threading, else by the address that
/// failed, else by the returned text. What fits nothing is backscatter.
pub(super) fn find(mail: &Mail<'_>, candidates: &[Candidate]) -> Vec<Match> {
    let mut found = ids::original(mail, candidates);
    for step in [ids::find, failed_recipient, returned_text] {
        if found.is_empty() {
            found = step(mail, candidates);
        }
    }
    found
}

/// The latest send to each failed address. Where no address that failed is one of ours (an alias
/// behind it failed), the returned mail's own header may name whom we wrote to.
fn failed_recipient(mail: &Mail<'_>, candidates: &[Candidate]) -> Vec<Match> {
    let recent: Vec<&Candidate> = candidates
        .iter()
        .filter(|one| mail.age(one).is_some_and(|age| age <= REPORTED) && !is_another(mail, one))
        .collect();
    let failed = |key: &String| {
        let because = "the address that failed is one we had just written to";
        latest(mail, recent.iter().copied().filter(|one| has_address(one, key)), because)
    };
    let found: Vec<Match> = mail.people().iter().flat_map(failed).collect();
    if !found.is_empty() {
        return found;
    }
    let only_one = mail.people().is_empty() && mail.quoted().len() == 1;
    let returned = |key: &String| {
        let because = "the returned mail was addressed to a person we had just written to";
        let fitting = recent.iter().copied().filter(|one| has_address(one, key));
        latest(mail, fitting.filter(|one| only_one || mail.has_subject_of(one)), because)
    };
    mail.quoted().iter().flat_map(returned).collect()
}

/// By what was returned of our text, or by subject and organisation of the failed address.
fn returned_text(mail: &Mail<'_>, candidates: &[Candidate]) -> Vec<Match> {
    let weighed = candidates.iter().filter(|one| !is_another(mail, one)).filter_map(|one| mail.weigh(one));
    let allowed = [Evidence::QuotedText, Evidence::OrganisationAndText, Evidence::ForwardedQuote];
    let recent: Vec<Finding<'_>> = weighed
        .filter(|found| allowed.contains(&found.evidence))
        .filter(|found| mail.age(found.candidate).is_some_and(|age| age <= REPORTED))
        .collect();
    let Some(strongest) = recent.iter().map(|found| found.evidence).min() else { return Vec::new() };
    settle(recent.into_iter().filter(|found| found.evidence == strongest).collect())
}

fn latest<'c>(mail: &Mail<'_>, fitting: impl Iterator<Item = &'c Candidate>, because: &str) -> Vec<Match> {
    let aged: Vec<_> = fitting.filter_map(|one| Some((mail.age(one)?, one))).collect();
    let Some(youngest) = aged.iter().map(|(age, _)| *age).min() else { return Vec::new() };
    let latest = aged.into_iter().filter(|(age, _)| *age == youngest).map(|(_, candidate)| Finding {
        candidate,
        evidence: Evidence::FailedRecipient,
        because: because.to_owned(),
        relation: mail.relation(candidate),
    });
    settle(latest.collect())
}

/// The notice names a mail that is none of the outreach's, under another subject: some other mail to
/// the same person failed. The id alone would not tell, since servers rewrite it.
fn is_another(mail: &Mail<'_>, candidate: &Candidate) -> bool {
    let Some(bounce) = &mail.gist.bounce else { return false };
    let returned = bounce.original_subject.as_deref().map(BaseSubject::of).filter(|base| !base.as_str().is_empty());
    bounce.original_message_id.is_some()
        && !candidate.base_subjects.is_empty()
        && returned.is_some_and(|base| !candidate.base_subjects.contains(&base))
}

fn has_address(candidate: &Candidate, key: &str) -> bool {
    addresses(candidate).map(Address::mailbox_key).any(|one| one == key)
}
