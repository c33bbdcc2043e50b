use jiff::civil::date;
use jiff::tz::TimeZone;

use super::*;
use crate::domain::ident::Address;
use crate::domain::rate::{Fate, Pursuit, Settings, rate};
use crate::report::text::Style;
use crate::report::{NotCounted, WeekRow};

fn made_at() -> Timestamp {
    "2026-03-09T07:00:00Z".parse().unwrap()
}

fn person(name: &str, address: &str) -> NamedAddress {
    NamedAddress { name: Some(name.to_owned()), address: Address::parse(address).unwrap() }
}

fn report() -> ReportData {
    let ago = |days: i64| made_at() - jiff::SignedDuration::from_hours(24 * days);
    let pursuits: Vec<Pursuit> = (0..31)
        .map(|n| Pursuit {
            first_touch: ago(25 + n),
            first_response: (n % 5 == 0).then(|| ago(23 + n)),
            fate: Fate::Delivered,
            read_until: Some(made_at()),
        })
        .collect();
    let week = |monday, sent, answered: Option<u32>| WeekRow {
        monday,
        sent,
        delivered: sent,
        observed: answered.and_then(|answered| {
            let part: Vec<Pursuit> = (0..sent)
                .map(|n| Pursuit {
                    first_response: (n < answered).then(|| ago(20)),
                    first_touch: ago(25),
                    ..pursuits[0]
                })
                .collect();
            rate(&part, &Settings::default(), 0).observed
        }),
    };
    ReportData {
        not_counted: NotCounted::default(),
        rate: rate(&pursuits, &Settings::default(), 2),
        made_at: made_at(),
        since: None,
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        weeks: vec![
            week(date(2026, 1, 26), 9, Some(2)),
            week(date(2026, 2, 2), 12, Some(3)),
            week(date(2026, 2, 9), 7, Some(1)),
            week(date(2026, 2, 16), 0, None),
            week(date(2026, 2, 23), 4, None),
            week(date(2026, 3, 2), 8, None),
            week(date(2026, 3, 9), 0, None),
        ],
        by: std::collections::BTreeMap::new(),
        comparison: None,
        curve: Vec::new(),
        undecided_range: Some([0.21, 0.26]),
        other_channels: Vec::new(),
        stages: Vec::new(),
        attention: Vec::new(),
        accounts_stale: vec!["work".to_owned()],
        per_week_target: 9,
        asked_this_week: 4,
    }
}

fn quiet() -> Daily {
    Daily {
        day: date(2026, 3, 10),
        made_at: made_at(),
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        warnings: Vec::new(),
        due: Vec::new(),
        held: Vec::new(),
        answers: Vec::new(),
        proposals: Vec::new(),
        possible_answers: Vec::new(),
        suggestions: Vec::new(),
        report: report(),
        with_report: false,
        told: Vec::new(),
        told_refused: Vec::new(),
        answering: None,
    }
}

/// A Monday on which everything happens at once.
fn busy() -> Daily {
    let warning = |kind, text: &str| Warning { kind, text: text.to_owned() };
    Daily {
        day: date(2026, 3, 9),
        warnings: vec![
            warning(
                Trouble::Stale,
                "Mailbox “work” has not been read since Sun 8 Mar, 21:05: the server refused the sign-in: wrong user \
                 name or password. Nothing automatic leaves until it is read again.",
            ),
            warning(
                Trouble::UnknownFate,
                "It is not known whether the mail to Rita Holm left (“Re: Senior Rust Engineer”). Look into Sent, then: \
                 checkback review",
            ),
        ],
        due: vec![
            Due {
                item: "f12".to_owned(),
                follow_up: 3,
                outreach: 12,
                to: person("Ada Moreau", "ada.moreau@northwind-robotics.example"),
                subject: "Re: A question about your move to Rust".to_owned(),
                text: Some(
                    "Hi Ada,\n\nI wrote last week about how you moved the planner to Rust. I know that weeks get full; if \
                     ten minutes for a call are easier than a mail, I would gladly take them whenever it suits you.\n\n\
                     Best,\nDana\n"
                        .to_owned(),
                ),
                problem: None,
                since: date(2026, 3, 6),
                first_touch: date(2026, 2, 27),
                action: "remind".to_owned(),
                state: "due".to_owned(),
                because: String::new(),
            },
            Due {
                item: "f13".to_owned(),
                follow_up: 4,
                outreach: 13,
                to: NamedAddress { name: None, address: Address::parse("t.brandt@kleinwerk.example").unwrap() },
                subject: "Re: Coffee in Leipzig?".to_owned(),
                text: None,
                problem: Some("the mail template nudge needs a value for first_name, and there is none".to_owned()),
                since: date(2026, 3, 9),
                first_touch: date(2026, 3, 2),
                action: "remind".to_owned(),
                state: "due".to_owned(),
                because: String::new(),
            },
        ],
        suggestions: Vec::new(),
        answers: vec![Answer {
            item: None,
            outreach: 9,
            from: Some(person("Mia Lang", "mia@codehire.example")),
            subject: "How did you find the team at Codehire?".to_owned(),
            tone: Tone::NotNow { until: Some(date(2026, 5, 1)) },
            begins: "Great to hear from you! We are in the middle of a release, could you write again in May?".to_owned(),
            next: words::next_step(&Tone::NotNow { until: Some(date(2026, 5, 1)) }, false),
            at: "2026-03-08T17:20:00Z".parse().unwrap(),
            likely: false,
        }],
        held: vec![Held {
            item: "m4".to_owned(),
            to: person("<script>alert(1)</script>", "jonas@talentwerk.example"),
            subject: "Re: Your profile & our <b>clients</b>".to_owned(),
            text: "Hi,\n\nThanks for reaching out to me, but right now is not a good time to entertain new opportunities. \
                   Feel free to check back in 8 months.\n"
                .to_owned(),
            because: "it may be a recruiter's pitch: a person decides".to_owned(),
            score: Some(0.62),
            signals: vec!["role".to_owned(), "agency".to_owned(), "-newsletter".to_owned()],
            begins: "I came across your profile\u{202e} and \u{1b}[31mwould love to talk.".to_owned(),
            fresh: true,
        }],
        proposals: vec![Proposed {
            item: "p17".to_owned(),
            to: vec![person("Noor Haddad", "noor@harbourlight.example")],
            subject: "Your talk on storage engines".to_owned(),
            sent: date(2026, 3, 6),
            because: "a new thread to strangers".to_owned(),
            fresh: true,
        }],
        possible_answers: vec![Possible {
            item: "a3-9".to_owned(),
            from: Some(person("Office Kleinwerk", "office@kleinwerk.example")),
            subject: "Your mail".to_owned(),
            outreach: "Coffee in Leipzig?".to_owned(),
            because: "from the same organisation".to_owned(),
            fresh: true,
        }],
        with_report: true,
        ..quiet()
    }
}

fn answerable() -> Daily {
    let to = Address::parse("dana@devmail.example").unwrap();
    Daily { answering: Some(Answering { to, seed: [7; 32] }), ..busy() }
}

#[test]
fn a_mail_that_can_be_answered_numbers_its_items_and_says_the_words() {
    let text = text::mail(&answerable());
    assert!(text.lines().all(|line| line.chars().count() <= 72), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn its_links_bear_a_token_for_each_item_and_action_of_which_only_hashes_are_kept() {
    let daily = answerable();
    let page = html::render(&daily).unwrap();
    let (items, tokens) = offers::all(&daily);
    assert_eq!(items.len(), 5);
    assert_eq!(page.matches("mailto:dana@devmail.example?subject").count(), tokens.len() - 1);
    assert!(tokens.iter().all(|(hash, _, _)| !page.contains(hash.as_str())));
    assert!(daily.subject().contains("the week [cb-"), "{}", daily.subject());
    assert!(page.contains("Hi%20Ada%2C%0D%0A%0D%0AI%20wrote"), "the text to be edited stands in its link");
}

#[test]
fn the_mails_text_is_complete_in_72_columns() {
    let text = text::mail(&busy());
    assert!(text.lines().all(|line| line.chars().count() <= 72), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_terminal_shows_the_day_in_80_columns() {
    insta::assert_snapshot!(text::render(&busy(), Style::default()));
}

#[test]
fn the_html_says_the_same_with_everything_escaped() {
    let page = html::render(&answerable()).unwrap();
    for raw in ["<script>", "<b>", "\u{202e}", "\u{1b}", "http:", "https:", "url(", "src=", "<svg", "<img"] {
        assert!(!page.contains(raw), "{raw:?} stands in the mail");
    }
    insta::assert_snapshot!(page);
}

#[test]
fn a_day_with_nothing_says_so_and_is_no_mail() {
    assert!(!quiet().has_news());
    insta::assert_snapshot!(text::mail(&quiet()));
    insta::assert_snapshot!(html::render(&quiet()).unwrap());
}

#[test]
fn the_subject_names_nobody() {
    assert_eq!(busy().subject(), "Mon 9 March: 2 warnings, 2 follow-ups due, 1 new answer, 3 to decide, the week");
    assert_eq!(quiet().subject(), "Tue 10 March: your day");
}

#[test]
fn what_merely_still_waits_is_no_reason_for_a_mail_but_on_report_day() {
    let all = busy();
    let mut waiting =
        Daily { held: all.held, proposals: all.proposals, possible_answers: all.possible_answers, ..quiet() };
    assert!(waiting.has_news());
    waiting.held[0].fresh = false;
    waiting.proposals[0].fresh = false;
    waiting.possible_answers[0].fresh = false;
    assert!(!waiting.has_news());
    waiting.with_report = true;
    assert!(waiting.has_news());
}

#[test]
fn of_many_things_that_wait_the_new_ones_are_shown() {
    let one = busy().proposals.remove(0);
    let many = (0..40).map(|n| Proposed { item: format!("p{n}"), fresh: n == 3, ..one.clone() }).collect();
    let text = text::mail(&Daily { proposals: many, ..quiet() });
    let shown: Vec<&str> =
        text.lines().filter_map(|line| line.trim().split_once(" Noor").map(|(mark, _)| mark)).collect();
    assert_eq!(shown, ["p3", "p39", "p38", "p37", "p36", "p35", "p34", "p33"]);
    assert!(text.contains("And 32 more: checkback review") && text.contains("yes ITEM…"), "{text}");
}

#[test]
fn a_pause_is_the_users_own_word_and_no_reason_for_a_mail() {
    let with = |kind| Daily { warnings: vec![Warning { kind, text: "x".to_owned() }], ..quiet() };
    assert!(!with(Trouble::Paused).has_news());
    for kind in [Trouble::Stale, Trouble::Breaker, Trouble::Limit, Trouble::ReadAgain] {
        assert!(with(kind).has_news(), "{kind:?}");
    }
}

#[test]
fn the_json_does_not_tell_of_a_proposal_whether_an_answer_came() {
    let json = serde_json::to_value(busy().json()).unwrap();
    let keys: Vec<&String> = json["proposals"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["because", "item", "sent", "subject", "to"]);
    assert_eq!(json["week"], serde_json::json!({"asked": 4, "target": 9}));
    assert_eq!(json["answers"][0]["tone"], "not_now");
    assert_eq!(json["warnings"][0]["kind"], "stale");
}
