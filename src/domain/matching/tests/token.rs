//! The private token of a thread: an answer is known by it where our Message-ID was replaced.

use super::*;

const OURS: &str = "0123456789abcdef0123456789abcdef@devmail.example";

/// The copy in Sent of a first mail of ours, under the id that a provider gave it.
fn sent(message_id: &str) -> Gist {
    let token = id(OURS).thread_token();
    mail(&format!(
        "From: dana@devmail.example\nTo: Ana Silva <ana@acme.example>\nMessage-ID: <{message_id}>\nReferences: {token}"
    ))
}

#[test]
fn a_mail_that_bears_only_its_own_token_begins_a_thread() {
    let gist = sent("rewritten@eu.relay.example");
    assert!(!gist.is_in_thread());
    assert_eq!(gist.other_ids, [id(OURS).thread_token(), id(OURS)]);
    assert_eq!(sent(OURS).other_ids, [id(OURS).thread_token()]);
}

#[test]
fn a_token_of_another_house_or_behind_a_parent_stays_where_it_is() {
    let token = id(OURS).thread_token();
    assert_eq!(mail(&format!("References: {token}")).references, std::slice::from_ref(&token));
    let follow_up = mail(&format!("From: dana@devmail.example\nIn-Reply-To: <{OURS}>\nReferences: {token} <{OURS}>"));
    assert!(follow_up.is_in_thread());
    assert_eq!(follow_up.other_ids, []);
    assert_eq!(id("thread.short@devmail.example").of_thread_token(), None);
    assert_eq!(id(OURS).of_thread_token(), None);
}

#[test]
fn an_answer_to_a_rewritten_mail_is_matched_by_the_token_it_hands_back() {
    let ours = sent("rewritten@eu.relay.example");
    let candidate = Candidate { ids: ours.message_id.iter().chain(&ours.other_ids).cloned().collect(), ..ana() };
    let token = id(OURS).thread_token();
    let answer = mail(&format!(
        "From: Somebody Else <else@elsewhere.example>\nIn-Reply-To: <again@other.example>\nReferences: {token} <again@other.example>"
    ));
    let found = find(&answer, after(1), &own(), None, &[candidate]);
    assert_eq!(
        found.iter().map(|one| (one.evidence, one.level)).collect::<Vec<_>>(),
        [(Evidence::References, Level::Sure)]
    );
}
