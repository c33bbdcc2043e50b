use checkback::domain::outreach::Tag;
use checkback::domain::rate::Assignment;
use checkback::report::By;
use checkback::report::gather::{Scope, gather, gather_by};
use checkback::store::{StoreError, decisions, reports};

use super::ledger::{Ask, Ledger, ago, now};

#[test]
fn there_are_eight_breakdowns_and_each_has_its_parts() {
    let mut ledger = Ledger::new();
    ledger.asks(2, 4, &Ask { template: Some("coffee"), source: "checkback", ..Ask::default() });
    // Sunday, 23:00 in Los Angeles, is Monday in UTC
    ledger.run("UPDATE outreach SET first_touch_at = '2020-10-12T06:00:00Z' WHERE id = 1");
    ledger.ask(Ask { to: "lou@freemail.example", channel: "linkedin", answered: Some(1), ..Ask::default() });
    ledger.run("INSERT INTO outreach_tag (outreach, tag) VALUES (1, 'meetup'), (2, 'meetup'), (2, 'alumni')");
    let report = ledger.report();
    assert_eq!(report.by.len(), By::ALL.len());
    assert_eq!(ledger.parts("template"), ["coffee 2/4"]);
    assert_eq!(ledger.parts("step"), ["first mail 2/4"]);
    assert_eq!(ledger.parts("channel"), ["mail 2/4", "linkedin 1/1"]);
    assert_eq!(ledger.parts("source"), ["checkback 2/4"]);
    assert_eq!(ledger.parts("week"), ["2020-10-05 2/4"]);
    assert_eq!(ledger.parts("weekday"), ["Sunday 2/4"]);
    assert_eq!(ledger.parts("organisation"), ["bigcorp.example 2/4"]);
    assert_eq!(ledger.parts("tag"), ["meetup 2/2", "alumni 1/1"]);
}

#[test]
fn a_step_counts_those_that_were_unanswered_when_it_was_sent() {
    let mut ledger = Ledger::new();
    ledger.ask(Ask { answered: Some(2), ..Ask::default() });
    ledger.ask(Ask { answered: Some(9), follow_ups: &[7], ..Ask::default() });
    ledger.ask(Ask { follow_ups: &[7, 14], ..Ask::default() });
    // it had been answered already: nobody can tell what it would have done
    ledger.ask(Ask { answered: Some(2), follow_ups: &[5], ..Ask::default() });
    assert_eq!(ledger.parts("step"), ["first mail 2/4", "follow-up 1 1/2", "follow-up 2 0/1"]);
}

#[test]
fn closing_an_outreach_by_hand_changes_no_rate() {
    let mut ledger = Ledger::new();
    ledger.asks(3, 12, &Ask::default());
    ledger.asks(0, 3, &Ask { days_ago: 10, ..Ask::default() });
    let before = ledger.report().rate;
    ledger.run("UPDATE outreach SET stage = 'no_answer' WHERE first_response_at IS NULL");
    ledger.run("UPDATE outreach SET stage = 'rejected' WHERE id = 1");
    assert_eq!(ledger.report().rate, before);
}

#[test]
fn the_funnel_shows_how_far_they_came_and_no_stage_that_nobody_reached() {
    let mut ledger = Ledger::new();
    ledger.ask(Ask { fate: "bounced", ..Ask::default() });
    ledger.ask(Ask::default());
    ledger.ask(Ask { stage: "no_answer", ..Ask::default() });
    ledger.ask(Ask { answered: Some(30), stage: "answered", ..Ask::default() });
    ledger.ask(Ask { answered: Some(1), stage: "rejected", ..Ask::default() });
    ledger.ask(Ask { answered: Some(1), stage: "introduced", channel: "call", ..Ask::default() });
    let stages: Vec<String> =
        ledger.report().stages.iter().map(|stage| format!("{} {}", stage.count, stage.name)).collect();
    assert_eq!(stages, ["6 asked", "5 arrived", "3 answered", "1 introduced"]);
    assert!(Ledger::new().report().stages.is_empty());
}

#[test]
fn what_is_left_out_is_counted_apart() {
    let mut ledger = Ledger::new();
    let first = ledger.ask(Ask { answered: Some(30), ..Ask::default() });
    let left = ledger.ask(Ask { fate: "bounced", ..Ask::default() });
    let dead = ledger.ask(Ask { fate: "bounced", ..Ask::default() });
    let away = ledger.ask(Ask::default());
    for (outreach, kind, level) in [
        (first, "human", "sure"),
        (left, "out_of_office", "sure"),
        (dead, "bounce", "sure"),
        (away, "out_of_office", "likely"),
        (away, "out_of_office", "likely"),
        (away, "automatic", "candidate"),
        (away, "human", "candidate"),
    ] {
        ledger.matched(outreach, kind, level);
    }
    let report = ledger.report();
    let not = &report.not_counted;
    assert_eq!((not.late, not.left, not.possible), (1, 1, 1));
    assert_eq!(not.machines, [("bounce".to_owned(), 1), ("out_of_office".to_owned(), 2)].into());
    assert_eq!((report.rate.bounced, report.rate.observed.unwrap().answered), (2, 0));
    assert!(report.attention.iter().any(|line| line.starts_with("1 possible answer")), "{:?}", report.attention);
}

#[test]
fn what_did_not_arrive_needs_attention_while_it_is_new() {
    let mut ledger = Ledger::new();
    ledger.asks(0, 20, &Ask::default());
    ledger.asks(0, 5, &Ask { fate: "bounced", days_ago: 60, ..Ask::default() });
    ledger.ask(Ask { fate: "refused", days_ago: 60, ..Ask::default() });
    let report = ledger.report();
    assert_eq!((report.rate.bounced, report.rate.refused), (5, 1));
    assert_eq!(report.attention, Vec::<String>::new(), "what is old was told in its time");
    ledger.asks(0, 3, &Ask { fate: "bounced", days_ago: 3, ..Ask::default() });
    ledger.ask(Ask { fate: "refused", days_ago: 3, ..Ask::default() });
    let attention = ledger.report().attention;
    assert!(attention.iter().any(|line| line.starts_with("1 mail of the last 21 days refused")), "{attention:?}");
    assert!(attention.iter().any(|line| line.starts_with("3 of 4 in the last 21 days went")), "{attention:?}");
}

#[test]
fn proposals_move_no_rate_but_say_how_far_they_could() {
    let mut ledger = Ledger::new();
    ledger.asks(3, 12, &Ask::default());
    let (silent, answered) = (ledger.message(ago(50), true, "human"), ledger.message(ago(45), true, "human"));
    let answer = ledger.message(ago(44), false, "human");
    ledger.run(&format!(
        "INSERT INTO proposal (message, because, at) VALUES ({silent}, '', '{0}'), ({answered}, '', '{0}');
         INSERT INTO reference (message, parent) SELECT {answer}, message_id FROM message WHERE id = {answered}",
        ago(1)
    ));
    let report = ledger.report();
    assert_eq!((report.rate.undecided, report.rate.observed.unwrap().of), (2, 12));
    let [lo, hi] = report.undecided_range.unwrap();
    assert!((lo - 3.0 / 13.0).abs() < 1e-9 && (hi - 4.0 / 13.0).abs() < 1e-9, "{lo} {hi}");
}

#[test]
fn a_proposed_mail_that_bounced_is_no_silence() {
    let mut ledger = Ledger::new();
    let sent: Vec<i64> = [50, 49, 48].map(|day| ledger.message(ago(day), true, "human")).into();
    let answer = ledger.message(ago(44), false, "human");
    let bounce = ledger.message(ago(44), false, "bounce");
    for (one, reply) in [(sent[0], None), (sent[1], Some(answer)), (sent[2], Some(bounce))] {
        ledger.run(&format!("INSERT INTO proposal (message, because, at) VALUES ({one}, '', '{}')", ago(1)));
        if let Some(reply) = reply {
            ledger.run(&format!(
                "INSERT INTO reference (message, parent) SELECT {reply}, message_id FROM message WHERE id = {one}"
            ));
        }
    }
    ledger.asks(1, 1, &Ask::default());
    let [lo, hi] = ledger.report().undecided_range.unwrap();
    assert!((lo - 0.5).abs() < 1e-9 && (hi - 1.0).abs() < 1e-9, "{lo} {hi}");
}

#[test]
fn a_first_mail_that_the_server_turned_away_is_told() {
    let mut ledger = Ledger::new();
    ledger.asks(1, 2, &Ask::default());
    ledger.run(&format!(
        "INSERT INTO outbox (message_id, dedupe_key, account_id, errand, purpose, mode, sender, recipient, subject, text,
                             refs, state, decided_at, due_at, settled_at, because, asks)
         VALUES ('x@x', 'k', 1, 'own', 'coffee', 'send', 'a@b.example', 'c@d.example', 's', 't', '[]', 'failed',
                 '{0}', '{0}', '{0}', 'the mail server refused the recipient', 1)",
        ago(1)
    ));
    assert_eq!(ledger.report().not_counted.turned_away, 1);
}

#[test]
fn a_mailbox_of_the_past_asks_nobody_for_a_word() {
    let mut ledger = Ledger::new();
    ledger.ask(Ask { fate: "refused", days_ago: 3, ..Ask::default() });
    let scope = Scope { past: true, ..Ledger::scope() };
    assert_eq!(gather(&ledger.store, &scope, now()).unwrap().attention, Vec::<String>::new());
}

#[test]
fn since_leaves_out_everything_that_was_begun_before() {
    let mut ledger = Ledger::new();
    let old = ledger.ask(Ask { days_ago: 90, follow_ups: &[7], template: Some("cold"), ..Ask::default() });
    ledger.matched(old, "out_of_office", "sure");
    ledger.asks(1, 2, &Ask { days_ago: 30, ..Ask::default() });
    let proposal = ledger.message(ago(80), true, "human");
    ledger.run(&format!("INSERT INTO proposal (message, because, at) VALUES ({proposal}, '', '{}')", ago(80)));
    ledger.run("INSERT INTO outreach_tag (outreach, tag) VALUES (1, 'old')");
    let scope = Scope { since: Some(ago(60)), ..Ledger::scope() };
    let report = gather(&ledger.store, &scope, now()).unwrap();
    assert_eq!((report.rate.sent, report.rate.undecided, report.weeks.len()), (2, 0, 5));
    assert!(report.not_counted.machines.is_empty() && report.by["tag"].is_empty() && report.by["template"].is_empty());
    assert_eq!(report.by["step"].len(), 1);
}

#[test]
fn a_stale_account_holds_its_young_outreach_back_and_no_other() {
    let mut ledger = Ledger::new();
    ledger.asks(2, 10, &Ask::default());
    ledger.asks(0, 5, &Ask { account: 2, ..Ask::default() });
    ledger.run(&format!("UPDATE account SET last_read_at = '{}' WHERE name = 'old'", ago(30)));
    let report = ledger.report();
    assert_eq!((report.rate.delivered, report.rate.observed.unwrap().of), (15, 10));
}

#[test]
fn a_small_part_is_drawn_toward_the_whole() {
    let mut ledger = Ledger::new();
    ledger.asks(20, 80, &Ask { template: Some("cold"), ..Ask::default() });
    ledger.asks(1, 1, &Ask { template: Some("lucky"), ..Ask::default() });
    let report = ledger.report();
    let lucky = &report.by["template"][1];
    let (own, weighed) = (lucky.rate.observed.unwrap().rate, lucky.shrunk.unwrap());
    assert!((own - 1.0).abs() < 1e-9 && weighed > 0.26 && weighed < 0.7, "{own} {weighed}");
}

#[test]
fn the_two_most_used_templates_are_compared_and_said_to_be_chosen() {
    let mut ledger = Ledger::new();
    assert!(ledger.report().comparison.is_none());
    ledger.asks(12, 30, &Ask { template: Some("coffee"), ..Ask::default() });
    assert!(ledger.report().comparison.is_none(), "one alone");
    ledger.asks(2, 9, &Ask { template: Some("question"), ..Ask::default() });
    ledger.asks(1, 3, &Ask { template: Some("rare"), ..Ask::default() });
    let comparison = ledger.report().comparison.unwrap();
    assert_eq!((comparison.a.as_str(), comparison.b.as_str()), ("coffee", "question"));
    assert!(comparison.result.too_early && comparison.result.assignment == Assignment::Observational);
    ledger.asks(0, 20, &Ask { template: Some("question"), ..Ask::default() });
    let comparison = ledger.report().comparison.unwrap();
    assert!(!comparison.result.too_early && comparison.result.a_is_higher > 0.99, "{comparison:?}");
}

#[test]
fn templates_that_were_drawn_by_lot_are_compared_among_themselves() {
    let mut ledger = Ledger::new();
    let drawn = |template| Ask { template: Some(template), drawn_from: Some("coffee or question"), ..Ask::default() };
    // chosen by hand: all of them answered
    ledger.asks(40, 40, &Ask { template: Some("question"), ..Ask::default() });
    ledger.asks(12, 20, &drawn("coffee"));
    ledger.asks(2, 20, &drawn("question"));
    let comparison = ledger.report().comparison.unwrap();
    assert_eq!(comparison.result.assignment, Assignment::Randomised);
    assert_eq!(comparison.drawn_from.as_deref(), Some("coffee or question"));
    assert_eq!(comparison.a, "coffee");
    assert!(comparison.result.a_is_higher > 0.99, "what was chosen by hand is left out: {comparison:?}");
}

#[test]
fn an_experiment_that_has_too_few_yields_to_a_comparison_that_tells() {
    let mut ledger = Ledger::new();
    ledger.asks(12, 30, &Ask { template: Some("coffee"), ..Ask::default() });
    ledger.asks(5, 30, &Ask { template: Some("question"), ..Ask::default() });
    ledger.asks(1, 2, &Ask { template: Some("coffee"), drawn_from: Some("x"), ..Ask::default() });
    ledger.asks(1, 2, &Ask { template: Some("question"), drawn_from: Some("x"), ..Ask::default() });
    assert_eq!(ledger.report().comparison.unwrap().result.assignment, Assignment::Observational);
}

#[test]
fn one_breakdown_alone_has_the_same_rows() {
    let mut ledger = Ledger::new();
    ledger.asks(3, 12, &Ask { template: Some("coffee"), follow_ups: &[7], ..Ask::default() });
    let whole = ledger.report();
    for by in By::ALL {
        let one = gather_by(&ledger.store, &Ledger::scope(), &[by], now()).unwrap();
        assert_eq!(one.by.len(), 1);
        assert_eq!(one.by[by.as_str()], whole.by[by.as_str()]);
        assert_eq!(one.rate, whole.rate);
        assert_eq!(By::parse(by.as_str()), Some(by));
    }
}

#[test]
fn tags_are_put_on_and_taken_off_and_undone() {
    let mut ledger = Ledger::new();
    let id = ledger.ask(Ask::default());
    let mut tag = |words: &[&str], on| {
        let tags: Vec<Tag> = words.iter().map(|word| Tag::parse(word).unwrap()).collect();
        ledger.store.write::<_, StoreError>(|tx| decisions::tag(tx, id, &tags, on, now())).unwrap()
    };
    assert_eq!(tag(&["Meetup", "alumni"], true).unwrap(), ["alumni", "meetup"]);
    assert_eq!(tag(&["meetup"], true), None, "it bears it already");
    assert_eq!(tag(&["meetup"], false).unwrap(), ["alumni"]);
    for left in [vec!["alumni", "meetup"], vec![]] {
        ledger.store.write::<_, StoreError>(|tx| decisions::undo(tx, now())).unwrap();
        assert_eq!(reports::tags(ledger.store.read(), id).unwrap(), left);
    }
}
