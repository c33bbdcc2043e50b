use super::*;

fn notice(recipients: &[&str], original_id: Option<&str>, original_subject: Option<&str>) -> Gist {
    let mut gist = mail("From: Mail Delivery <mailer-daemon@mx.example>\nSubject: Undelivered");
    gist.kind = Kind::Bounce;
    gist.bounce = Some(Bounce {
        permanent: true,
        reason: BounceReason::Address,
        status: None,
        recipients: recipients.iter().map(|text| address(text)).collect(),
        original_message_id: original_id.map(id),
        original_subject: original_subject.map(str::to_owned),
    });
    gist
}

#[test]
fn the_returned_id_is_sure_whatever_else_the_notice_names() {
    let gist = notice(&["other@z.example"], Some("first@devmail.example"), None);
    assert_eq!(found(&gist, &[ana(), ben()]), expect(&[(1, "sure original_message_id")]));
}

#[test]
fn the_notices_own_threading_counts() {
    let mut gist = notice(&[], None, None);
    gist.in_reply_to = vec![id("first@devmail.example")];
    assert_eq!(found(&gist, &[ana(), ben()]), expect(&[(1, "sure in_reply_to")]));
}

#[rstest]
#[case(7, &[(1, "sure failed_recipient")])]
#[case(8, &[])]
#[case(-1, &[])]
fn an_address_written_to_within_seven_days_has_failed(#[case] days: i64, #[case] outcome: &[(i64, &str)]) {
    let gist = notice(&["ana@acme.example"], None, None);
    assert_eq!(found_at(&gist, after(days), None, &[ana(), ben()]), expect(outcome));
}

#[test]
fn a_delay_is_matched_like_a_failure() {
    let mut gist = notice(&["ana@acme.example"], None, None);
    gist.kind = Kind::Delay;
    assert_eq!(found(&gist, &[ana()]), expect(&[(1, "sure failed_recipient")]));
}

#[test]
fn of_two_sends_to_the_address_the_latest_failed() {
    let later = Candidate { touched_at: vec![after(2)], ..ana_again() };
    let gist = notice(&["ana@acme.example"], None, None);
    assert_eq!(found(&gist, &[ana(), later.clone()]), expect(&[(3, "sure failed_recipient")]));
    let tie = Candidate { touched_at: vec![after(0)], ..later };
    let both = expect(&[(1, "candidate failed_recipient"), (3, "candidate failed_recipient")]);
    assert_eq!(found(&gist, &[ana(), tie]), both);
}

#[test]
fn each_failed_recipient_ends_its_own_outreach() {
    let gist = notice(&["ana@acme.example", "ben@beta.example"], None, None);
    let both = expect(&[(1, "sure failed_recipient"), (2, "sure failed_recipient")]);
    assert_eq!(found(&gist, &[ana(), ben()]), both);
}

#[test]
fn the_failure_of_another_mail_to_the_person_is_not_ours() {
    let gist = notice(&["ana@acme.example"], Some("another@devmail.example"), Some("Rent of the hall"));
    assert_eq!(found(&gist, &[ana()]), []);
    // A server may have rewritten our id: the subject then tells that the mail is ours.
    let rewritten = notice(&["ana@acme.example"], Some("another@ses.example"), Some("Coffee about tracing allocators"));
    assert_eq!(found(&rewritten, &[ana()]), expect(&[(1, "sure failed_recipient")]));
}

#[test]
fn an_alias_that_failed_is_found_by_the_returned_header() {
    let mut gist = notice(&["a.silva@inner.example"], None, Some("Coffee about tracing allocators"));
    gist.quoted_addresses = vec![address("dana@devmail.example"), address("ana@acme.example")];
    assert_eq!(found(&gist, &[ana(), ben()]), expect(&[(1, "sure failed_recipient")]));
}

#[test]
fn a_person_who_stood_in_cc_of_another_failed_mail_has_not_failed() {
    let mut gist = notice(&["gone@else.example"], None, Some("Rent of the hall"));
    gist.quoted_addresses = vec![address("ana@acme.example"), address("gone@else.example")];
    assert_eq!(found(&gist, &[ana(), ben()]), []);
}

#[test]
fn a_notice_without_a_recipient_is_read_by_what_it_returns() {
    let mut gist = notice(&[], None, None);
    gist.quoted_addresses = vec![address("ana@acme.example")];
    assert_eq!(found(&gist, &[ana(), ben()]), expect(&[(1, "sure failed_recipient")]));
    let words = quoting(notice(&[], None, None), WORDS, &[]);
    assert_eq!(found(&words, &[ana(), ben()]), expect(&[(1, "sure quoted_text")]));
}

#[test]
fn another_address_of_the_organisation_under_our_subject_is_likely() {
    let gist = notice(&["a.silva@mail.acme.example"], None, Some("Coffee about tracing allocators"));
    assert_eq!(found(&gist, &[ana(), ben()]), expect(&[(1, "likely organisation_and_text")]));
}

#[test]
fn backscatter_matches_nothing() {
    assert_eq!(found(&notice(&["spam@victim.example"], Some("x@spam.example"), Some("Cheap")), &[ana(), ben()]), []);
}
