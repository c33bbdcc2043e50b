use super::*;

fn now() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn refused(code: u16, enhanced: Option<&str>, text: &str, stage: Stage) -> SendOutcome {
    SendOutcome::Refused {
        code,
        enhanced: enhanced.map(str::to_owned),
        text: text.to_owned(),
        permanent: code >= 500,
        stage,
    }
}

fn policy_of(outcome: &SendOutcome) -> Option<bool> {
    match next(outcome, 1, now()) {
        Next::Failed { policy, .. } => Some(policy),
        _ => None,
    }
}

#[test]
fn accepted_is_sent_and_unknown_stays_unknown() {
    assert_eq!(next(&SendOutcome::Accepted { reply: "250 ok".into() }, 1, now()), Next::Sent);
    assert_eq!(next(&SendOutcome::Unknown { why: "cut".into() }, 1, now()), Next::Unknown);
}

#[test]
fn a_refusal_for_now_is_tried_again_ever_later_and_eight_times_at_most() {
    let outcome = refused(451, Some("4.3.0"), "try later", Stage::Recipient);
    let mut last = now();
    for attempt in 1..MAX_ATTEMPTS {
        let Next::RetryAt(at) = next(&outcome, attempt, now()) else { panic!("attempt {attempt}") };
        assert!(at > last, "attempt {attempt}");
        last = at;
    }
    assert!(matches!(next(&outcome, MAX_ATTEMPTS, now()), Next::Failed { policy: true, .. }));
    assert_eq!(next(&outcome, 1, now()), Next::RetryAt("2026-11-20T10:01:00Z".parse().unwrap()));
}

#[test]
fn what_was_never_offered_is_never_given_up() {
    let outcome = SendOutcome::NotSent { why: "offline".into() };
    assert_eq!(next(&outcome, 1, now()), Next::RetryAt("2026-11-20T10:01:00Z".parse().unwrap()));
    assert_eq!(next(&outcome, 900, now()), Next::RetryAt("2026-11-20T11:00:00Z".parse().unwrap()));
}

#[test]
fn a_sending_limit_stops_the_account_for_a_day() {
    let until = "2026-11-21T10:00:00Z".parse().unwrap();
    for outcome in [
        refused(550, Some("5.4.5"), "You have reached your allowance", Stage::Body),
        refused(421, Some("4.7.28"), "unusual rate", Stage::Sender),
        refused(554, None, "Message limit exceeded for this account", Stage::Sender),
        refused(452, None, "Daily sending quota is used up", Stage::Recipient),
    ] {
        assert_eq!(next(&outcome, 1, now()), Next::LimitReached { until }, "{outcome:?}");
    }
}

#[test]
fn limits_of_size_and_of_the_readers_mailbox_are_no_sending_limit() {
    for outcome in [
        refused(552, Some("5.3.4"), "message limit exceeded", Stage::Sender),
        refused(552, None, "Message size limit exceeded", Stage::Body),
        refused(552, Some("5.2.2"), "storage limit exceeded", Stage::Recipient),
        refused(550, None, "mailbox over its limit, limit exceeded", Stage::Recipient),
    ] {
        assert_eq!(policy_of(&outcome), Some(true), "{outcome:?}");
    }
}

#[test]
fn a_refused_recipient_is_a_dead_address_or_a_policy_by_its_code() {
    let at_rcpt = |enhanced, text| policy_of(&refused(550, enhanced, text, Stage::Recipient));
    assert_eq!(at_rcpt(Some("5.1.1"), "no"), Some(false));
    assert_eq!(at_rcpt(Some("5.2.1"), "no"), Some(false));
    assert_eq!(at_rcpt(Some("5.4.1"), "Recipient address rejected: Access denied"), Some(false));
    assert_eq!(at_rcpt(None, "User unknown in virtual table"), Some(false));
    assert_eq!(at_rcpt(None, "no"), Some(false));
    assert_eq!(at_rcpt(Some("5.7.1"), "blocked by policy"), Some(true));
    assert_eq!(at_rcpt(Some("5.2.2"), "over quota"), Some(true));
    assert_eq!(at_rcpt(None, "relaying denied"), Some(true));
}

#[test]
fn a_rule_that_is_told_for_the_recipient_is_not_worded_as_a_bad_address() {
    let worded = |enhanced, text| match next(&refused(550, enhanced, text, Stage::Recipient), 1, now()) {
        Next::Failed { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    let refused = "the mail server refused";
    assert_eq!(worded(Some("5.7.1"), "blocked by policy"), format!("{refused} the mail: 550 blocked by policy"));
    assert_eq!(worded(Some("5.1.1"), "no"), format!("{refused} the recipient's address: 550 no"));
}

#[test]
fn a_refused_mail_or_sender_never_means_a_dead_address() {
    assert_eq!(policy_of(&refused(550, Some("5.1.1"), "x", Stage::Body)), Some(true));
    assert_eq!(policy_of(&refused(553, Some("5.1.8"), "bad sender", Stage::Sender)), Some(true));
    let Next::Failed { reason, .. } = next(&refused(554, None, "spam", Stage::Body), 1, now()) else { panic!() };
    assert_eq!(reason, "the mail server refused the mail: 554 spam");
}
