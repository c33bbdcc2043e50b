use std::sync::LazyLock;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::domain::gist::{Bounce, BounceReason};
use crate::domain::read::read;

mod notices;
mod token;

const WORDS: &str = "I read your post on tracing allocators and would like to ask how you test them in production, \
                     perhaps over a coffee in the week after next";
const OTHER_WORDS: &str = "Your talk about incremental compilers made me wonder whether your team still looks for people \
                           who like to write parsers and their fuzzers";

static SENT: LazyLock<Timestamp> = LazyLock::new(|| "2026-03-02T09:00:00Z".parse().unwrap());

fn after(days: i64) -> Timestamp {
    *SENT + jiff::SignedDuration::from_hours(24 * days)
}

fn own() -> OwnAddresses {
    OwnAddresses::new(&[Address::parse("dana@devmail.example").unwrap()])
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn id(text: &str) -> MessageId {
    MessageId::parse(text).unwrap()
}

/// A mail of these header lines, by default from Ana at another subject and outside of any thread.
fn mail(header: &str) -> Gist {
    let has = |name: &str| header.lines().any(|line| line.starts_with(name));
    let mut raw = header.to_owned();
    for (name, line) in [
        ("From:", "From: Ana Silva <ana@acme.example>"),
        ("To:", "To: dana@devmail.example"),
        ("Subject:", "Subject: News of the spring"),
        ("Message-ID:", "Message-ID: <incoming@acme.example>"),
    ] {
        if !has(name) {
            raw.push('\n');
            raw.push_str(line);
        }
    }
    let mut gist = read(format!("{}\n\n", raw.trim_start().replace('\n', "\r\n")).as_bytes(), after(1));
    gist.kind = Kind::Human;
    gist.bounce = None;
    gist.shingles = Vec::new();
    gist.quoted_ids = Vec::new();
    gist.quoted_addresses = Vec::new();
    gist
}

fn quoting(mut gist: Gist, text: &str, addresses: &[&str]) -> Gist {
    gist.shingles = shingles(text);
    gist.quoted_addresses = addresses.iter().map(|text| address(text)).collect();
    gist
}

/// Outreach 1: Ana of Acme, asked once.
fn ana() -> Candidate {
    Candidate {
        outreach: 1,
        ids: vec![id("first@devmail.example"), id("rewritten@mailer.example")],
        recipients: vec![NamedAddress { name: Some("Ana Silva".into()), address: address("ana@acme.example") }],
        other_addresses: vec![address("ana.silva@home.example")],
        base_subjects: vec![BaseSubject::of("Coffee about tracing allocators")],
        touched_at: vec![*SENT],
        thread_index: Some("a1".repeat(16)),
        provider_thread: Some("77".into()),
        shingles: shingles(WORDS),
    }
}

/// Outreach 2: Ben of another organisation, asked in other words.
fn ben() -> Candidate {
    Candidate {
        outreach: 2,
        ids: vec![id("second@devmail.example")],
        recipients: vec![NamedAddress { name: Some("Ben Okoro".into()), address: address("ben@beta.example") }],
        other_addresses: vec![],
        base_subjects: vec![BaseSubject::of("Parsers and fuzzers")],
        touched_at: vec![*SENT],
        thread_index: None,
        provider_thread: None,
        shingles: shingles(OTHER_WORDS),
    }
}

/// Outreach 3: Ana too, about something else.
fn ana_again() -> Candidate {
    Candidate { outreach: 3, recipients: ana().recipients, ..ben() }
}

/// The template of outreach 1, sent to Ben under the same subject.
fn template_to_ben() -> Candidate {
    Candidate {
        outreach: 4,
        ids: vec![id("template@devmail.example")],
        recipients: ben().recipients,
        other_addresses: vec![],
        thread_index: None,
        provider_thread: None,
        ..ana()
    }
}

fn found_at(gist: &Gist, received: Timestamp, thread: Option<&str>, candidates: &[Candidate]) -> Vec<(i64, String)> {
    let matches = find(gist, received, &own(), thread, candidates);
    matches.into_iter().map(|one| (one.outreach, format!("{} {}", one.level.as_str(), one.evidence.as_str()))).collect()
}

fn found(gist: &Gist, candidates: &[Candidate]) -> Vec<(i64, String)> {
    found_at(gist, after(3), None, candidates)
}

fn expect(outcome: &[(i64, &str)]) -> Vec<(i64, String)> {
    outcome.iter().map(|(outreach, words)| (*outreach, (*words).to_owned())).collect()
}

const STRANGER: &str = "From: Zed <zed@nowhere.example>";

#[rstest]
#[case::reply("In-Reply-To: <first@devmail.example>", "sure in_reply_to")]
#[case::rewritten_id("In-Reply-To: <rewritten@mailer.example>", "sure in_reply_to")]
#[case::reply_of_a_stranger(
    "From: Zed <zed@nowhere.example>\nIn-Reply-To: <first@devmail.example>",
    "sure in_reply_to"
)]
#[case::references(
    "In-Reply-To: <unknown@x.example>\nReferences: <first@devmail.example> <unknown@x.example>",
    "sure references"
)]
#[case::subject("Subject: Re: Coffee about tracing allocators", "sure sender_and_subject")]
#[case::tagged_address(
    "From: Ana+jobs@acme.example\nSubject: AW: [EXT] Coffee about tracing allocators",
    "sure sender_and_subject"
)]
#[case::further_address(
    "From: ana.silva@home.example\nSubject: Coffee about tracing allocators",
    "sure sender_and_subject"
)]
#[case::in_her_name(
    "From: Office <office@else.example>\nSender: ana@acme.example\nSubject: Re: Coffee about tracing allocators",
    "sure sender_and_subject"
)]
#[case::colleague_with_subject(
    "From: Cy <cy@mail.acme.example>\nSubject: Re: Coffee about tracing allocators",
    "likely organisation_and_text"
)]
#[case::assistant_with_cc("From: Cy <cy@acme.example>\nCc: ana@acme.example", "likely organisation_and_text")]
#[case::private_address(
    "From: \"Silva, Ana\" <as77@private.example>\nSubject: Re: Coffee about tracing allocators",
    "likely name_and_subject"
)]
#[case::other_subject("Subject: Lunch", "candidate sender_only")]
#[case::colleague_with_other_subject("From: Cy <cy@acme.example>", "candidate organisation_only")]
fn header_evidence(#[case] header: &str, #[case] outcome: &str) {
    assert_eq!(found(&mail(header), &[ana(), ben()]), expect(&[(1, outcome)]));
}

#[rstest]
#[case::unknown_person(STRANGER)]
#[case::unknown_person_with_subject("From: Zed <zed@nowhere.example>\nSubject: Re: Coffee about tracing allocators")]
#[case::name_with_other_subject("From: Ana Silva <as77@private.example>")]
#[case::first_name_with_subject("From: Ana <as77@private.example>\nSubject: Re: Coffee about tracing allocators")]
#[case::colleague_in_another_thread("From: Cy <cy@acme.example>\nIn-Reply-To: <unknown@x.example>")]
#[case::id_of_other_case("From: Zed <zed@nowhere.example>\nIn-Reply-To: <FIRST@devmail.example>")]
fn no_evidence(#[case] header: &str) {
    assert_eq!(found(&mail(header), &[ana(), ben()]), []);
}

#[test]
fn a_generic_subject_proves_nothing_beyond_the_sender() {
    let hello = Candidate { base_subjects: vec![BaseSubject::of("Hello")], ..ana() };
    assert_eq!(
        found(&mail("Subject: Re: Hello"), std::slice::from_ref(&hello)),
        expect(&[(1, "candidate sender_only")])
    );
    assert_eq!(found(&mail("From: Ana Silva <as77@private.example>\nSubject: Re: Hello"), &[hello]), []);
}

#[rstest]
#[case::own_mail("From: dana@devmail.example\nIn-Reply-To: <first@devmail.example>")]
#[case::own_plus_address("From: Dana+jobs@devmail.example\nIn-Reply-To: <first@devmail.example>")]
#[case::own_mail_that_a_forwarder_brought_back(
    "From: list@club.example\nMessage-ID: <first@devmail.example>\nSubject: Coffee about tracing allocators"
)]
fn our_own_mail_never_matches(#[case] header: &str) {
    assert_eq!(found(&mail(header), &[ana()]), []);
}

#[test]
fn a_list_post_never_matches() {
    let mut gist = mail("In-Reply-To: <first@devmail.example>");
    gist.kind = Kind::Bulk;
    assert_eq!(found(&gist, &[ana()]), []);
}

#[rstest]
#[case("Subject: Re: Coffee about tracing allocators", 90, "sure sender_and_subject")]
#[case("Subject: Re: Coffee about tracing allocators", 91, "candidate sender_only")]
#[case("Subject: Lunch", 180, "candidate sender_only")]
#[case("From: Cy <cy@acme.example>", 90, "candidate organisation_only")]
#[case("In-Reply-To: <first@devmail.example>", 4000, "sure in_reply_to")]
#[case("In-Reply-To: <first@devmail.example>", -2, "sure in_reply_to")]
fn evidence_holds_for_its_time(#[case] header: &str, #[case] days: i64, #[case] outcome: &str) {
    assert_eq!(found_at(&mail(header), after(days), None, &[ana()]), expect(&[(1, outcome)]));
}

#[rstest]
#[case("Subject: Lunch", 181)]
#[case("From: Cy <cy@acme.example>", 91)]
#[case("Subject: Re: Coffee about tracing allocators", -1)]
fn evidence_runs_out(#[case] header: &str, #[case] days: i64) {
    assert_eq!(found_at(&mail(header), after(days), None, &[ana()]), []);
}

#[test]
fn ten_minutes_of_clock_skew_are_borne() {
    let gist = quoting(mail("Subject: Re: Coffee about tracing allocators"), "", &[]);
    let minutes = |n| *SENT - jiff::SignedDuration::from_mins(n);
    assert_eq!(found_at(&gist, minutes(10), None, &[ana()]), expect(&[(1, "sure sender_and_subject")]));
    assert_eq!(found_at(&gist, minutes(11), None, &[ana()]), []);
}

#[test]
fn the_time_counts_from_the_latest_touch_before_the_mail() {
    let nudged = Candidate { touched_at: vec![*SENT, after(60), after(300)], ..ana() };
    let gist = mail("Subject: Re: Coffee about tracing allocators");
    assert_eq!(found_at(&gist, after(140), None, &[nudged]), expect(&[(1, "sure sender_and_subject")]));
}

#[test]
fn a_quoted_header_with_our_id_is_sure() {
    let mut gist = mail(STRANGER);
    gist.quoted_ids = vec![id("first@devmail.example")];
    assert_eq!(found(&gist, &[ana(), ben()]), expect(&[(1, "sure original_message_id")]));
}

#[test]
fn the_guid_of_thread_index_is_sure_after_the_touch() {
    let mut gist = mail(STRANGER);
    gist.thread_index = Some("a1".repeat(16));
    assert_eq!(found(&gist, &[ana(), ben()]), expect(&[(1, "sure thread_index")]));
    assert_eq!(found_at(&gist, after(-1), None, &[ana()]), []);
}

#[test]
fn the_providers_thread_is_sure_for_the_person_asked_alone() {
    let thread = Some("77");
    assert_eq!(found_at(&mail(""), after(3), thread, &[ana()]), expect(&[(1, "sure provider_thread")]));
    assert_eq!(found_at(&mail(STRANGER), after(3), thread, &[ana()]), []);
}

#[test]
fn most_of_our_words_are_sure_and_few_are_not() {
    let gist = |text| quoting(mail(STRANGER), text, &[]);
    let (most, few) = WORDS.split_once("perhaps").unwrap();
    assert_eq!(found(&gist(most), &[ana(), ben()]), expect(&[(1, "sure quoted_text")]));
    assert_eq!(found(&gist(few), &[ana(), ben()]), []);
    assert_eq!(found(&gist(OTHER_WORDS), &[ana(), ben()]), expect(&[(2, "sure quoted_text")]));
}

#[test]
fn a_third_person_who_quotes_some_of_our_mail_to_the_person_is_likely() {
    let (_, part) = WORDS.split_once("ask how").unwrap();
    let gist = quoting(mail(STRANGER), part, &["dana@devmail.example", "ana@acme.example"]);
    assert!(!shingles::Overlap::of(&ana().shingles, &gist.shingles).is_most());
    assert_eq!(found(&gist, &[ana(), ben()]), expect(&[(1, "likely forwarded_quote")]));
}

#[test]
fn a_third_person_who_quotes_our_address_under_our_subject_is_likely() {
    let header = format!("{STRANGER}\nSubject: Fwd: Coffee about tracing allocators");
    let gist = quoting(mail(&header), "", &["dana@devmail.example"]);
    assert_eq!(found(&gist, &[ana(), ben()]), expect(&[(1, "likely forwarded_quote")]));
    let other = quoting(mail(STRANGER), "", &["dana@devmail.example", "ana@acme.example"]);
    assert_eq!(found(&other, &[ana(), ben()]), []);
}

#[test]
fn a_colleague_whose_quote_names_the_person_is_likely() {
    let gist = quoting(mail("From: Cy <cy@acme.example>"), "", &["ana@acme.example"]);
    assert_eq!(found(&gist, &[ana()]), expect(&[(1, "likely organisation_and_text")]));
}

#[test]
fn two_customers_of_a_freemail_provider_are_no_colleagues() {
    let freemail = Candidate {
        recipients: vec![NamedAddress { name: None, address: address("ana@gmail.com") }],
        other_addresses: vec![],
        ..ana()
    };
    let gist = mail("From: cy@gmail.com\nSubject: Re: Coffee about tracing allocators");
    assert_eq!(found(&gist, &[freemail]), []);
}

#[rstest]
#[case("From: Ana Silva via Networks <hit@networks.example>", Some("likely relay"))]
#[case("From: Ben Okoro <hit@networks.example>", None)]
fn a_platforms_mail_is_known_by_the_persons_name(#[case] header: &str, #[case] outcome: Option<&str>) {
    let (gist, own) = (mail(header), own());
    let view = Mail::new(&gist, after(3), &own, None, |domain| domain == "networks.example");
    let names: Vec<String> = answered(&view, &[ana()])
        .into_iter()
        .map(|one| format!("{} {}", one.level.as_str(), one.evidence.as_str()))
        .collect();
    assert_eq!(names.first().map(String::as_str), outcome);
}

#[rstest]
#[case(Kind::OutOfOffice, "Subject: Automatic reply: Coffee about tracing allocators")]
#[case(Kind::OutOfOffice, "Subject: Abwesend bis 3.4.: Re: Coffee about tracing allocators")]
#[case(Kind::Automatic, "Subject: Accepted: Coffee about tracing allocators")]
fn a_machines_lead_before_our_subject_is_looked_through(#[case] kind: Kind, #[case] header: &str) {
    let mut gist = mail(header);
    gist.kind = kind;
    assert_eq!(found(&gist, &[ana()]), expect(&[(1, "sure sender_and_subject")]));
    gist.kind = Kind::Human;
    assert_eq!(found(&gist, &[ana()]), expect(&[(1, "candidate sender_only")]));
}

#[test]
fn a_colleagues_machine_is_no_candidate() {
    let mut gist = mail("From: Cy <cy@acme.example>");
    gist.kind = Kind::Automatic;
    assert_eq!(found(&gist, &[ana()]), []);
}

#[test]
fn the_id_named_directly_wins_over_older_references() {
    let header = "References: <second@devmail.example> <first@devmail.example>\nIn-Reply-To: <first@devmail.example>";
    assert_eq!(found(&mail(header), &[ana(), ben()]), expect(&[(1, "sure in_reply_to")]));
    let header = "References: <second@devmail.example> <first@devmail.example> <theirs@x.example>";
    assert_eq!(found(&mail(header), &[ana(), ben()]), expect(&[(1, "sure references")]));
}

#[test]
fn an_older_reference_counts_in_the_same_thread_for_the_same_person() {
    let header = "References: <second@devmail.example>\nIn-Reply-To: <first@devmail.example>";
    let joined = |one: Candidate| Candidate { provider_thread: Some("77".into()), ..one };
    let both = expect(&[(1, "sure in_reply_to"), (3, "sure references")]);
    assert_eq!(found(&mail(header), &[ana(), joined(ana_again())]), both);
    assert_eq!(found(&mail(header), &[ana(), joined(ben())]), both[..1]);
}

#[test]
fn one_mail_answers_every_outreach_that_in_reply_to_names() {
    let gist = mail("In-Reply-To: <first@devmail.example> <second@devmail.example>");
    assert_eq!(found(&gist, &[ana(), ben()]), expect(&[(1, "sure in_reply_to"), (2, "sure in_reply_to")]));
}

#[test]
fn one_mail_answers_two_outreach_whose_different_words_it_quotes() {
    let gist = quoting(mail(""), &format!("{WORDS}\n{OTHER_WORDS}"), &[]);
    let both = expect(&[(1, "sure quoted_text"), (3, "sure quoted_text")]);
    assert_eq!(found(&gist, &[ana(), ana_again()]), both);
    let reply = quoting(mail("In-Reply-To: <first@devmail.example>"), &format!("{WORDS}\n{OTHER_WORDS}"), &[]);
    let both = expect(&[(1, "sure in_reply_to"), (3, "sure quoted_text")]);
    assert_eq!(found(&reply, &[ana(), ana_again(), template_to_ben()]), both);
}

#[test]
fn a_template_sent_to_many_is_answered_by_the_one_who_writes() {
    let gist = quoting(mail("From: Ben <ben@beta.example>"), WORDS, &[]);
    assert_eq!(found(&gist, &[ana(), template_to_ben()]), expect(&[(4, "sure quoted_text")]));
    let colleague = quoting(mail("From: Cy <cy@acme.example>"), WORDS, &[]);
    assert_eq!(found(&colleague, &[ana(), template_to_ben()]), expect(&[(1, "sure quoted_text")]));
    let forwarded = quoting(mail(STRANGER), WORDS, &["ben@beta.example"]);
    assert_eq!(found(&forwarded, &[ana(), template_to_ben()]), expect(&[(4, "sure quoted_text")]));
}

#[test]
fn what_nothing_tells_apart_is_a_candidate() {
    let gist = quoting(mail(STRANGER), WORDS, &[]);
    let matches = find(&gist, after(3), &own(), None, &[ana(), template_to_ben()]);
    let levels: Vec<_> = matches.iter().map(|one| (one.outreach, one.level, one.evidence)).collect();
    assert_eq!(levels, [(1, Level::Candidate, Evidence::QuotedText), (4, Level::Candidate, Evidence::QuotedText)]);
    assert!(matches[0].because.ends_with("it fits 2 outreach equally well"), "{}", matches[0].because);
}

#[test]
fn the_subject_decides_between_two_outreach_to_one_person() {
    let gist = mail("Subject: Re: Parsers and fuzzers");
    assert_eq!(found(&gist, &[ana(), ana_again()]), expect(&[(3, "sure sender_and_subject")]));
    let other = expect(&[(1, "candidate sender_only"), (3, "candidate sender_only")]);
    assert_eq!(found(&mail(""), &[ana(), ana_again()]), other);
}

#[test]
fn names_of_levels_and_evidence_read_back() {
    for evidence in Evidence::ALL {
        assert_eq!(Evidence::parse(evidence.as_str()), Some(evidence));
        assert_eq!(serde_json::to_value(evidence).unwrap(), evidence.as_str());
    }
    for level in Level::ALL {
        assert_eq!(Level::parse(level.as_str()), Some(level));
        assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
    }
    assert_eq!(Evidence::parse("guess"), None);
}

fn any_mail() -> impl Strategy<Value = Gist> {
    let from = prop::sample::select(vec![
        "ana@acme.example",
        "cy@acme.example",
        "ben@beta.example",
        "Ana Silva <x@y.example>",
        "zed@nowhere.example",
        "dana@devmail.example",
        "dana+x@devmail.example",
    ]);
    let subject = prop::sample::select(vec!["Re: Coffee about tracing allocators", "Parsers and fuzzers", "Hello", ""]);
    let ids = prop::sample::subsequence(
        vec!["<first@devmail.example>", "<second@devmail.example>", "<template@devmail.example>", "<other@x.example>"],
        0..4,
    );
    let text = prop::sample::select(vec!["", WORDS, OTHER_WORDS]);
    let quoted = prop::sample::subsequence(vec!["ana@acme.example", "ben@beta.example", "dana@devmail.example"], 0..3);
    let kind = prop::sample::select(vec![
        Kind::Human,
        Kind::OutOfOffice,
        Kind::Automatic,
        Kind::Bounce,
        Kind::Delay,
        Kind::Bulk,
    ]);
    (from, subject, ids.clone(), ids, text, quoted, kind).prop_map(
        |(from, subject, parents, older, text, quoted, kind)| {
            let (parents, older) = (parents.join(" "), older.join(" "));
            let header = format!("From: {from}\nSubject: {subject}\nIn-Reply-To: {parents}\nReferences: {older}");
            let mut gist = quoting(mail(&header), text, &quoted);
            gist.kind = kind;
            gist.bounce = matches!(kind, Kind::Bounce | Kind::Delay).then(|| Bounce {
                permanent: kind == Kind::Bounce,
                reason: BounceReason::Address,
                status: None,
                recipients: gist.quoted_addresses.clone(),
                original_message_id: None,
                original_subject: None,
            });
            gist
        },
    )
}

proptest! {
    #[test]
    fn whatever_comes_own_mail_and_lists_never_match_and_each_outreach_once_in_any_order(
        gist in any_mail(),
        days in -5i64..400,
        candidates in Just(vec![ana(), ben(), ana_again(), template_to_ben()]).prop_shuffle(),
    ) {
        let matches = find(&gist, after(days), &own(), Some("77"), &candidates);
        let ours = gist.author().is_some_and(|author| own().contains(author));
        prop_assert!(matches.is_empty() || !(ours || gist.kind == Kind::Bulk));
        let mut outreach: Vec<i64> = matches.iter().map(|one| one.outreach).collect();
        outreach.sort_unstable();
        outreach.dedup();
        prop_assert_eq!(outreach.len(), matches.len());
        prop_assert!(matches.iter().all(|one| one.level >= one.evidence.level()));
        let mut sorted = candidates;
        sorted.sort_by_key(|one| one.outreach);
        prop_assert_eq!(find(&gist, after(days), &own(), Some("77"), &sorted), matches);
    }

    #[test]
    fn before_the_first_touch_only_ids_match(gist in any_mail(), days in -400i64..-1) {
        for one in find(&gist, after(days), &own(), Some("77"), &[ana(), ben(), template_to_ben()]) {
            prop_assert!(one.evidence <= Evidence::OriginalMessageId, "{:?}", one);
        }
    }
}
