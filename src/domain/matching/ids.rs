//! Matches by Message-ID: they need no time and no person, since nobody but the reader of our mail
//! knows its id.

use super::mail::Mail;
use super::{Candidate, Evidence, Finding, Match, settle};
use crate::domain::ident::MessageId;

/// Outreach whose mails are named by In-Reply-To, else by the nearest id of References, else by a
/// returned or quoted header. What only an older id of References names is left out: that mail is an
/// answer further up in the thread.
pub(super) fn find(mail: &Mail<'_>, candidates: &[Candidate]) -> Vec<Match> {
    let gist = mail.gist;
    let direct: Vec<Match> =
        gist.in_reply_to.iter().flat_map(|id| settle(named_by(mail, id, candidates, Evidence::InReplyTo))).collect();
    if !direct.is_empty() {
        return with_same_thread(mail, direct, candidates);
    }
    let nearest = gist
        .references
        .iter()
        .rev()
        .map(|id| settle(named_by(mail, id, candidates, Evidence::References)))
        .find(|found| !found.is_empty());
    if let Some(nearest) = nearest {
        return with_same_thread(mail, nearest, candidates);
    }
    original(mail, candidates)
}

/// Outreach whose mails a returned mail, a receipt or a quoted header names.
pub(super) fn original(mail: &Mail<'_>, candidates: &[Candidate]) -> Vec<Match> {
    let returned = mail.gist.bounce.iter().filter_map(|bounce| bounce.original_message_id.as_ref());
    returned
        .chain(&mail.gist.quoted_ids)
        .flat_map(|id| settle(named_by(mail, id, candidates, Evidence::OriginalMessageId)))
        .collect()
}

fn named_by<'c>(mail: &Mail<'_>, id: &MessageId, candidates: &'c [Candidate], evidence: Evidence) -> Vec<Finding<'c>> {
    let field = match evidence {
        Evidence::InReplyTo => "In-Reply-To",
        Evidence::References => "References",
        _ => "a returned or quoted header",
    };
    let named = candidates.iter().filter(|candidate| candidate.ids.contains(id));
    named
        .map(|candidate| Finding {
            candidate,
            evidence,
            because: format!("{field} names our mail {id}"),
            relation: mail.relation(candidate),
        })
        .collect()
}

/// Adds outreach that older ids of References name, if it shares the thread with what the nearest id
/// named, and the author is no further from its persons.
fn with_same_thread(mail: &Mail<'_>, mut found: Vec<Match>, candidates: &[Candidate]) -> Vec<Match> {
    let direct: Vec<&Candidate> =
        candidates.iter().filter(|one| found.iter().any(|m| m.outreach == one.outreach)).collect();
    let others = candidates.iter().filter(|one| direct.iter().all(|other| other.outreach != one.outreach));
    for other in others {
        let Some(id) = mail.gist.references.iter().rev().find(|id| other.ids.contains(id)) else { continue };
        // An id that several outreach share has been settled already.
        let settled = direct.iter().any(|one| one.ids.contains(id));
        let joined = direct
            .iter()
            .any(|one| share_thread(one, other) && mail.relation(other).nearness() >= mail.relation(one).nearness());
        if joined && !settled {
            found.extend(settle(vec![Finding {
                candidate: other,
                evidence: Evidence::References,
                because: format!("References names our mail {id}, in the same thread"),
                relation: mail.relation(other),
            }]));
        }
    }
    found
}

fn share_thread(one: &Candidate, other: &Candidate) -> bool {
    let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    same(&one.thread_index, &other.thread_index) || same(&one.provider_thread, &other.provider_thread)
}
