//! The daily mail: at its hour, once a day, only with something to say, and never taken for mail that
//! asks for anything.

use checkback::config::LogSent;
use checkback::sandbox::{Fault, SmtpEffect, SmtpStage};
use checkback::service::remind;
use jiff::SignedDuration;

use super::house::House;
use super::letters::{at, reminded, to_dana, to_others, until, vague};
use super::mail::Mail;

/// From noon on, every four hours hits eight in the morning.
const STEP: SignedDuration = SignedDuration::from_hours(4);

fn ask(id: &str, to: &str, subject: &str) -> Mail {
    Mail::by_dana(id, to, subject, "Hello,\r\n\r\nmay I ask you three questions about schedulers?\r\n\r\nDana\r\n")
}

#[tokio::test]
async fn a_week_has_at_most_one_mail_a_day_and_none_without_content() {
    let house = reminded().await;
    until(&house, "2026-03-11T12:00", STEP).await;
    assert!(to_dana(&house).is_empty(), "nothing to say on Wednesday");
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    until(&house, "2026-03-13T12:00", STEP).await;
    house.put("Sent", &ask("ask-1@devmail.example", "Kim Roth <kim@bigcorp.example>", "Coffee and schedulers"));
    until(&house, "2026-03-17T12:00", STEP).await;
    let letters = to_dana(&house);
    let said: Vec<String> = letters.iter().map(|letter| format!("{} {}", letter.at, letter.subject)).collect();
    assert_eq!(
        said,
        [
            "2026-03-12 08:00 Thu 12 March: 1 to decide",
            "2026-03-14 08:00 Sat 14 March: 2 to decide",
            "2026-03-16 08:00 Mon 16 March: 2 to decide, the week",
        ]
    );
    assert!(letters[0].text.contains("1. Rita Holm <rita.holm@brightstaff.example>"), "{}", letters[0].text);
    assert!(letters[0].text.contains("score 0."));
    assert!(letters[1].text.contains("Coffee and schedulers"));
    assert_eq!(to_others(&house), 0);
}

#[tokio::test]
async fn the_mornings_mail_has_a_follow_up_whose_hour_is_later_that_day() {
    let house = House::with(|config, _| {
        config.reminders.mail = true;
        config.outreach.log_sent = LogSent::AllNewThreads;
    })
    .await;
    // at eleven by Dana's clock: so five working days later the hour is eleven too
    house.put("Sent", &ask("ask-1@devmail.example", "Kim Roth <kim@bigcorp.example>", "Coffee and schedulers"));
    house.sync_well().await;
    house.advance(at("2026-03-10T12:00").duration_since(house.now()));
    until(&house, "2026-03-17T08:00", STEP).await;
    let letter = to_dana(&house).pop().unwrap();
    assert_eq!((letter.at.as_str(), letter.subject.as_str()), ("2026-03-17 08:00", "Tue 17 March: 1 follow-up due"));
    assert!(letter.text.contains("due today"), "{}", letter.text);
}

/// Seven days in which something happens on most of them, looked at every hour.
#[tokio::test]
async fn a_busy_week_has_one_mail_a_day_each_with_something_to_do_or_to_know() {
    let house = House::with(|config, _| {
        config.reminders.mail = true;
        config.reminders.confirm = false;
        config.outreach.log_sent = LogSent::AllNewThreads;
    })
    .await;
    let people = ["Kim Roth <kim@bigcorp.example>", "Ada Moreau <ada@northwind.example>", "Jo Ito <jo@ito.example>"];
    for (n, person) in people.iter().enumerate() {
        house.put("Sent", &ask(&format!("ask-{n}@devmail.example"), person, &format!("Question {n} about schedulers")));
    }
    for day in 10..=23 {
        match day {
            11 | 12 | 19 => {
                house.deliver(&vague("Rita Holm", &format!("rita@staff{day}.example")).dated(&date_header(&house)))
            }
            13 => house.deliver(
                &Mail::to_dana(
                    "re-0@bigcorp.example",
                    people[0],
                    "Re: Question 0 about schedulers",
                    "Gladly, on Thursday.\r\n",
                )
                .answering("ask-0@devmail.example")
                .dated(&date_header(&house)),
            ),
            _ => 0,
        };
        until(&house, &format!("2026-03-{day}T23:30"), SignedDuration::from_hours(1)).await;
    }
    let letters = to_dana(&house);
    let days: std::collections::BTreeSet<&str> = letters.iter().filter_map(|letter| letter.at.get(..10)).collect();
    println!(
        "= two weeks: {} mails to the user on {} days: {:?}",
        letters.len(),
        days.len(),
        letters.iter().map(|letter| &letter.subject).collect::<Vec<_>>()
    );
    assert_eq!(letters.len(), days.len(), "one a day at most");
    assert!(letters.len() >= 6, "{}", letters.len());
    for letter in &letters {
        let (_, says) = letter.subject.split_once(": ").unwrap();
        let counted = says.split(", ").any(|part| part == "the week" || part.starts_with(|c: char| c.is_ascii_digit()));
        assert!(counted && says != "your day", "{}", letter.subject);
    }
    assert_eq!(to_others(&house), 0);
}

#[tokio::test]
async fn an_answer_is_told_once_with_its_next_step() {
    let house = House::with(|config, _| {
        config.reminders.mail = true;
        config.outreach.log_sent = LogSent::AllNewThreads;
    })
    .await;
    house.put("Sent", &ask("ask-1@devmail.example", "Kim Roth <kim@bigcorp.example>", "Coffee and schedulers"));
    house.sync_well().await;
    house.advance(SignedDuration::from_hours(1));
    let words = "Hi Dana,\r\n\r\nYes, with pleasure. Does Thursday at three work for you?\r\n\r\nKim\r\n";
    house.deliver(
        &Mail::to_dana("re-1@bigcorp.example", "Kim Roth <kim@bigcorp.example>", "Re: Coffee and schedulers", words)
            .answering("ask-1@devmail.example")
            .dated("Tue, 10 Mar 2026 11:00:00 +0000"),
    );
    until(&house, "2026-03-13T12:00", STEP).await;
    let letters = to_dana(&house);
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "Wed 11 March: 1 new answer, 1 to decide");
    assert!(letters[0].text.contains("Kim Roth: yes"), "{}", letters[0].text);
    assert!(letters[0].text.contains("→ They said yes."), "{}", letters[0].text);
    assert!(letters[0].text.contains("1 of 10 asked this week"));
}

#[tokio::test]
async fn a_proposal_does_not_show_whether_an_answer_came() {
    let house = reminded().await;
    house.put("Sent", &ask("ask-1@devmail.example", "Kim Roth <kim@bigcorp.example>", "Coffee and schedulers"));
    house.deliver(
        &Mail::to_dana(
            "re-1@bigcorp.example",
            "Kim Roth <kim@bigcorp.example>",
            "Re: Coffee and schedulers",
            "Gladly, on Thursday.\r\n\r\nKim\r\n",
        )
        .answering("ask-1@devmail.example"),
    );
    until(&house, "2026-03-11T12:00", STEP).await;
    let letters = to_dana(&house);
    assert_eq!(letters[0].subject, "Wed 11 March: 1 to decide");
    assert!(letters[0].text.contains("Is this outreach?"));
    assert!(!letters[0].text.contains("Gladly") && !letters[0].text.contains("answered by Kim"));
}

#[tokio::test]
async fn the_hour_is_the_users_over_both_changes_of_the_clock() {
    for (from, days) in [("2026-03-27T09:00", ["28", "29", "30"]), ("2026-10-23T09:00", ["24", "25", "26"])] {
        let house = reminded().await;
        house.advance(at(from).duration_since(house.now()));
        house.sync_well().await;
        for day in days {
            house.deliver(&vague("Rita Holm", &format!("rita{day}@staff{day}.example")).dated(&date_header(&house)));
            let month = from.get(..8).unwrap();
            for time in ["07:30", "07:59", "08:00", "08:30"] {
                until(&house, &format!("{month}{day}T{time}"), SignedDuration::from_hours(24)).await;
            }
        }
        let said: Vec<String> = to_dana(&house).into_iter().map(|letter| letter.at).collect();
        let month = from.get(..8).unwrap();
        assert_eq!(said, days.map(|day| format!("{month}{day} 08:00")));
    }
}

fn date_header(house: &House) -> String {
    house.now().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

#[tokio::test]
async fn a_machine_that_slept_through_the_hour_writes_when_it_wakes_on_the_same_day() {
    let house = reminded().await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    house.sync_well().await;
    house.advance(at("2026-03-11T21:40").duration_since(house.now()));
    house.sync_well().await;
    assert_eq!(to_dana(&house)[0].at, "2026-03-11 21:40");
    house.deliver(&vague("Jonas Beck", "jonas@talentwerk.example"));
    house.sync_well().await;
    house.advance(at("2026-03-13T03:00").duration_since(house.now()));
    house.sync_well().await;
    assert_eq!(to_dana(&house).len(), 1, "yesterday's is over, today's hour has not come");
    until(&house, "2026-03-13T08:00", STEP).await;
    assert_eq!(to_dana(&house)[1].at, "2026-03-13 08:00");
}

#[tokio::test]
async fn the_first_mail_comes_with_the_morning_after_the_first_start() {
    let pitch = vague("Rita Holm", "rita.holm@brightstaff.example");
    let house = House::unopened(|config, _| config.reminders.mail = true).await;
    house.sync_well().await;
    house.deliver(&pitch);
    until(&house, "2026-03-10T23:00", STEP).await;
    assert!(to_dana(&house).is_empty());
    until(&house, "2026-03-11T08:00", STEP).await;
    assert_eq!(to_dana(&house).len(), 1);
}

#[tokio::test]
async fn it_is_not_written_twice_by_crashes_or_clocks() {
    let mut house = reminded().await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    house.world().inject(Fault::smtp(SmtpStage::AfterBody).to("dana@").then(SmtpEffect::AcceptThenCut));
    until(&house, "2026-03-11T08:00", STEP).await;
    assert_eq!(house.texts("SELECT state FROM outbox WHERE errand = 'digest'"), ["unknown"]);
    house.restart(|config| config.reminders.to = config.accounts[0].aliases[0].clone());
    house.sync_well().await;
    assert_eq!(house.texts("SELECT state FROM outbox WHERE errand = 'digest'"), ["sent"], "it lies in the inbox");
    house.restart(|config| config.reminders.to = config.accounts[0].email.clone());
    house.deliver(&vague("Jonas Beck", "jonas@talentwerk.example"));
    for hours in [3, -26, 20] {
        house.advance(SignedDuration::from_hours(hours));
        house.sync_well().await;
    }
    assert_eq!(to_dana(&house).len(), 1);
}

#[tokio::test]
async fn a_restored_backup_does_not_write_it_again() {
    let house = reminded().await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    until(&house, "2026-03-11T08:00", STEP).await;
    house.sync_well().await;
    assert_eq!(to_dana(&house).len(), 1);
    // the database as it was in the night, which has read the inbox since
    house.write(|tx| {
        tx.execute_batch("DELETE FROM told; DELETE FROM token; DELETE FROM offered; DELETE FROM outbox WHERE errand = 'digest'; DELETE FROM setting;")?;
        Ok(())
    });
    until(&house, "2026-03-11T12:00", STEP).await;
    assert_eq!(to_dana(&house).len(), 1);
}

#[tokio::test]
async fn a_restored_backup_does_not_write_it_again_to_an_address_elsewhere() {
    let mut house = House::with(|config, _| {
        config.reminders.mail = true;
        config.reminders.to = checkback::domain::ident::Address::parse("dana@elsewhere.example").unwrap();
    })
    .await;
    let letters = |house: &House| house.sent().iter().filter(|mail| mail.rcpt_to == ["dana@elsewhere.example"]).count();
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    house.sync_well().await;
    let backup = house.backup();
    until(&house, "2026-03-11T12:00", STEP).await;
    house.sync_well().await;
    assert_eq!(letters(&house), 1);
    assert_eq!(house.folder("Sent").len(), 1, "its copy is what tells");
    house.restore(&backup);
    until(&house, "2026-03-11T20:00", STEP).await;
    assert_eq!(letters(&house), 1);
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 0);
    assert_eq!(house.count("SELECT count(*) FROM proposal"), 0);
}

#[tokio::test]
async fn what_could_not_leave_on_its_day_never_leaves_and_is_told_the_next_day() {
    let house = House::with(|config, _| {
        config.reminders.mail = true;
        config.outreach.log_sent = LogSent::AllNewThreads;
    })
    .await;
    house.put("Sent", &ask("ask-1@devmail.example", "Kim Roth <kim@bigcorp.example>", "Coffee and schedulers"));
    house.sync_well().await;
    house.deliver(
        &Mail::to_dana(
            "re-1@bigcorp.example",
            "Kim Roth <kim@bigcorp.example>",
            "Re: Coffee and schedulers",
            "Yes!\r\n",
        )
        .answering("ask-1@devmail.example"),
    );
    house.world().inject(Fault::smtp(SmtpStage::Connect).standing().reply("421 4.3.2 closing"));
    until(&house, "2026-03-11T20:00", STEP).await;
    assert_eq!(house.texts("SELECT state FROM outbox"), ["queued"]);
    house.world().clear_faults();
    house.advance(at("2026-03-12T02:00").duration_since(house.now()));
    house.sync_well().await;
    assert!(to_dana(&house).is_empty(), "not in the night, and not yesterday's");
    until(&house, "2026-03-12T12:00", STEP).await;
    let letters = to_dana(&house);
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "Thu 12 March: 1 new answer");
}

#[tokio::test]
async fn its_own_arrival_is_not_answered_matched_or_counted() {
    let house = House::with(|config, _| {
        config.reminders.mail = true;
        config.outreach.log_sent = LogSent::AllNewThreads;
    })
    .await;
    house.put("Sent", &ask("ask-1@devmail.example", "Kim Roth <kim@bigcorp.example>", "Coffee and schedulers"));
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    until(&house, "2026-03-11T12:00", STEP).await;
    let id = &to_dana(&house)[0].message_id;
    assert!(house.folder("INBOX").iter().any(|mail| mail.contains(id)), "it has arrived");
    assert!(!house.folder("Sent").iter().any(|mail| mail.contains(id)), "no copy in Sent");
    let kind = house.texts(&format!("SELECT kind FROM message WHERE message_id = '{id}'"));
    assert_eq!(kind, ["automatic"]);
    assert_eq!(house.count("SELECT count(*) FROM matched"), 0);
    assert_eq!(house.count("SELECT count(*) FROM outreach"), 1);
    assert_eq!(house.count("SELECT count(*) FROM proposal"), 0);
    assert_eq!(house.count("SELECT count(*) FROM roster"), 0);
    assert_eq!(house.count("SELECT count(*) FROM address WHERE key = 'dana@devmail.example'"), 0);
    assert_eq!(house.count("SELECT count(*) FROM outbox WHERE errand = 'answer' AND state <> 'held'"), 0);
}

#[tokio::test]
async fn a_sending_server_that_is_down_keeps_no_mailbox_from_being_read() {
    let house = reminded().await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    house.world().inject(Fault::smtp(SmtpStage::Connect).standing().reply("421 4.3.2 closing"));
    until(&house, "2026-03-11T10:00", STEP).await;
    assert_eq!(house.count("SELECT count(*) FROM outbox WHERE state = 'queued' AND errand = 'digest'"), 1);
    assert_eq!(house.texts("SELECT last_read_at FROM account"), [at("2026-03-11T10:00").to_string()]);
}

#[tokio::test]
async fn the_next_moment_is_known_beforehand() {
    let house = reminded().await;
    let next = || remind::next_at(&house.workspace, house.now()).unwrap().unwrap();
    let stale_after = SignedDuration::from_secs(30 * 60 + 1);
    assert_eq!(next(), at("2026-03-10T11:00") + stale_after, "should the mailbox not be read until then");
    house.advance(at("2026-03-11T07:45").duration_since(house.now()));
    assert!(next() > house.now(), "the mailbox was not tried yet after a long sleep");
    house.sync_well().await;
    assert_eq!(next(), at("2026-03-11T08:00"));
    house.advance(SignedDuration::from_mins(15));
    house.sync_well().await;
    assert_eq!(next(), at("2026-03-11T08:00") + stale_after, "with nothing to say today is done");
}

#[tokio::test]
async fn without_reminders_nothing_is_written() {
    let house = House::open().await;
    house.deliver(&vague("Rita Holm", "rita.holm@brightstaff.example"));
    until(&house, "2026-03-12T12:00", STEP).await;
    assert!(house.sent().is_empty());
    assert_eq!(remind::next_at(&house.workspace, house.now()).unwrap(), None);
}

#[tokio::test]
async fn a_follow_up_stands_in_the_mail_with_its_finished_text_and_leaves_by_one_word() {
    let house = House::with(|config, _| {
        config.reminders.mail = true;
        config.outreach.log_sent = LogSent::AllNewThreads;
    })
    .await;
    house.put("Sent", &ask("ask-1@devmail.example", "Kim Roth <kim@bigcorp.example>", "Coffee and schedulers"));
    until(&house, "2026-03-19T12:00", STEP).await;
    let letters = to_dana(&house);
    let told: Vec<_> = letters.iter().filter(|letter| letter.text.contains("wondered")).collect();
    assert!(!told.is_empty(), "{:?}", letters.iter().map(|letter| &letter.subject).collect::<Vec<_>>());
    assert!(told[0].text.contains("Re: Coffee and schedulers"), "{}", told[0].text);
    assert_eq!(to_others(&house), 0, "a reminder sends nothing by itself");
    house.workspace.app().follow_up_send(&mut house.workspace.store(), 1, &Default::default(), house.now()).unwrap();
    house.sync_well().await;
    assert_eq!(to_others(&house), 1);
    let sent = house.sent();
    let nudge = sent.iter().find(|mail| mail.rcpt_to == ["kim@bigcorp.example"]).unwrap();
    let text = String::from_utf8_lossy(&nudge.data).into_owned();
    assert!(text.contains("In-Reply-To: <ask-1@devmail.example>"), "{text}");
    assert!(!text.contains("Auto-Submitted"), "{text}");
}
