//! Stories of the roster: recruiters who come back, and the day on which they are needed.

#[cfg(test)]
#[path = "common/house.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod house;
#[cfg(test)]
#[path = "common/mail.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod mail;

#[cfg(test)]
#[path = "roster/looking.rs"]
mod looking;

#[cfg(test)]
mod stories {
    use checkback::app::roster::{Reopened, Simulated, ranked, same_roles};
    use checkback::domain::policy::Rule;
    use checkback::store::StoreError;
    use checkback::store::reports::{self, RosterRow};
    use checkback::store::{decisions, roster};
    use jiff::{SignedDuration, Timestamp};

    use super::house::House;
    use super::mail::Mail;

    const RITA: &str = "rita.holm@brightstaff.example";

    fn days(n: i64) -> SignedDuration {
        SignedDuration::from_hours(24 * n)
    }

    fn rita(house: &House) -> RosterRow {
        let store = house.workspace.store();
        reports::roster(store.read()).unwrap().into_iter().find(|row| row.address == RITA).unwrap()
    }

    fn again(house: &House, id: &str) -> Mail {
        now(house, Mail::pitch().set("Message-ID", &format!("<{id}>")))
    }

    /// The mail as if it had come just now.
    pub fn now(house: &House, mail: Mail) -> Mail {
        let at = rfc2822(house.now());
        let stamp = format!("from out.example (out.example [192.0.2.11]) by mx.devmail.example; {at}");
        mail.set("Date", &at).set("Received", &stamp)
    }

    fn rfc2822(at: Timestamp) -> String {
        at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
    }

    fn simulate(house: &House) -> Vec<Simulated> {
        let mut found = Vec::new();
        let store = house.workspace.store();
        let since = house.now() - days(365);
        house.workspace.app().simulate_answers(store.read(), since, house.now(), |one| found.push(one)).unwrap();
        found
    }

    fn reopen(house: &House, draft: bool) -> Vec<Reopened> {
        house.workspace.app().reopen(house.workspace.store().read(), draft, house.now()).unwrap()
    }

    pub fn look_for_work(house: &House, draft: bool) -> usize {
        let all = reopen(house, draft);
        house.workspace.app().begin_to_look(&mut house.workspace.store(), &all, house.now()).unwrap().mails
    }

    pub fn settle(house: &House) -> usize {
        house.workspace.app().settle(&mut house.workspace.store(), house.now()).unwrap().mails
    }

    #[tokio::test]
    async fn one_role_from_two_agencies_is_pointed_out_and_another_role_is_not() {
        let house = House::open().await;
        let role = |title: &str| {
            format!(
                "Hello Dana,\n\nI am a recruiter, and my client in Lisbon is hiring a {title}, 80,000 - 95,000 EUR, hybrid, with \
                 Kafka and PostgreSQL. Your profile looks like a good match. Would you be open to a short call this week?\n"
            )
        };
        for (id, from, title) in [
            ("one@x.example", "Jonas Beck <jonas@talentwerk.example>", "Senior Backend Engineer"),
            ("two@x.example", "Mia Lang <mia@codehire.example>", "Backend Engineer"),
            ("three@x.example", "Ada Quist <ada@nordstaff.example>", "Frontend Engineer"),
        ] {
            house.deliver(&now(&house, Mail::to_dana(id, from, title, &role(title))));
        }
        house.sync_well().await;
        let found = same_roles(&ranked(house.workspace.store().read()).unwrap());
        assert_eq!(found.len(), 1, "{found:?}");
        let mut names = found[0].names.clone();
        names.sort();
        assert_eq!(names, ["Jonas Beck", "Mia Lang"]);
    }

    #[tokio::test]
    async fn who_comes_back_when_asked_goes_to_the_user_with_the_history() {
        let house = House::open().await;
        house.deliver(&Mail::pitch());
        house.sync_well().await;
        assert_eq!(house.sent().len(), 1);
        house.advance(days(250));
        house.deliver(&again(&house, "back@brightstaff.example"));
        house.sync_well().await;
        assert_eq!(house.sent().len(), 1, "the return is for the user");
        let row = rita(&house);
        assert_eq!(row.pitches, 2);
        assert!(row.returned_at.is_some());
        let first = &ranked(house.workspace.store().read()).unwrap()[0];
        assert_eq!(first.quality.because.first(), Some(&"came back when asked"));
        assert_eq!(house.blocked_by("back@brightstaff.example"), Some(vec!["already_answered".to_owned()]));
    }

    #[tokio::test]
    async fn a_recruiter_who_is_armed_again_is_answered_once_more_and_only_once() {
        let house = House::open().await;
        house.deliver(&Mail::pitch());
        house.sync_well().await;
        house.advance(days(250));
        house.deliver(&again(&house, "back@brightstaff.example"));
        house.sync_well().await;
        let row = rita(&house);
        assert!(house.workspace.app().rearm(&mut house.workspace.store(), &row, house.now()).unwrap());
        house.sync_well().await;
        assert_eq!(house.sent().len(), 2, "the mail that came back is answered");
        house.deliver(&again(&house, "bump@brightstaff.example"));
        house.sync_well().await;
        assert_eq!(house.sent().len(), 2);
    }

    #[tokio::test]
    async fn arming_again_can_be_undone() {
        let house = House::open().await;
        house.deliver(&Mail::pitch());
        house.sync_well().await;
        house.advance(days(250));
        house.deliver(&again(&house, "back@brightstaff.example"));
        house.sync_well().await;
        let row = rita(&house);
        let app = house.workspace.app();
        assert!(app.rearm(&mut house.workspace.store(), &row, house.now()).unwrap());
        app.undo(&mut house.workspace.store(), house.now()).unwrap();
        house.sync_well().await;
        assert_eq!(house.sent().len(), 1);
    }

    #[tokio::test]
    async fn arming_somebody_who_was_never_answered_changes_nothing() {
        let house = House::with(|config, _| config.auto_reply.mode = checkback::config::Mode::Off).await;
        house.deliver(&Mail::pitch());
        house.sync_well().await;
        let row = rita(&house);
        assert!(!house.workspace.app().rearm(&mut house.workspace.store(), &row, house.now()).unwrap());
        assert_eq!(house.count("SELECT count(*) FROM decision"), 0);
    }

    #[tokio::test]
    async fn the_simulation_names_whom_the_machine_would_have_answered_and_why_not_the_rest() {
        let house = House::with(|config, world| {
            config.auto_reply.mode = checkback::config::Mode::Off;
            world.deliver("dana", "INBOX", &Mail::pitch().bytes(), None).unwrap();
        })
        .await;
        house.deliver(&again(&house, "bump@brightstaff.example"));
        house.deliver(&Mail::to_dana(
            "hi@friend.example",
            "Ana <ana@friend.example>",
            "Lunch?",
            "Lunch on Friday?\r\n",
        ));
        house.sync_well().await;
        let found: Vec<Vec<Rule>> = simulate(&house).into_iter().map(|one| one.blocked).collect();
        assert_eq!(found, [vec![], vec![Rule::NotRecruiter], vec![Rule::AlreadyAnswered]]);
        assert_eq!(house.count("SELECT count(*) FROM outbox"), 0);
    }

    #[tokio::test]
    async fn the_simulation_says_the_same_after_the_machine_has_answered() {
        let house = House::open().await;
        house.deliver(&Mail::pitch());
        house.sync_well().await;
        let found = simulate(&house);
        assert!(found[0].was_answered);
    }

    #[tokio::test]
    async fn who_looks_for_work_has_one_finished_mail_for_each_recruiter() {
        let house = House::open().await;
        house.deliver(&Mail::pitch());
        house.deliver(&Mail::pitch_from("Tom Berg", "tom@northhire.example"));
        house.sync_well().await;
        house.advance(days(90));
        assert_eq!(look_for_work(&house, false), 2);
        assert_eq!(house.outbox("held").len(), 2);
        let mail = &house.outbox("held")[0];
        assert!(mail.subject.starts_with("Re: "), "{}", mail.subject);
        assert!(mail.text.starts_with("Hi "), "{}", mail.text);
        assert!(mail.text.contains("in March"), "{}", mail.text);
        assert!(mail.text.trim_end().ends_with("Dana Reyes"), "{}", mail.text);
        assert!(mail.in_reply_to.is_some());
        house.sync_well().await;
        assert_eq!(house.sent().len(), 2, "the two answers of March and nothing else");
        assert_eq!(look_for_work(&house, false), 0, "nobody is written to twice");
    }

    #[tokio::test]
    async fn released_mails_leave_one_after_the_other_and_without_a_mark_of_a_machine() {
        let house = House::open().await;
        house.deliver(&Mail::pitch());
        house.deliver(&Mail::pitch_from("Tom Berg", "tom@northhire.example"));
        house.sync_well().await;
        house.advance(days(90));
        look_for_work(&house, false);
        for row in house.outbox("held") {
            house.write(|tx| decisions::approve(tx, row.id, house.now()));
        }
        house.sync_well().await;
        assert_eq!(house.sent().len(), 3);
        house.advance(SignedDuration::from_secs(180));
        house.sync_well().await;
        let sent = house.sent();
        assert_eq!(sent.len(), 4);
        let last = String::from_utf8_lossy(&sent[3].data).into_owned();
        assert!(!last.contains("Auto-Submitted"), "{last}");
    }

    #[tokio::test]
    async fn while_the_user_looks_for_work_new_recruiters_are_told_so_and_no_date_is_promised() {
        let house = House::open().await;
        look_for_work(&house, false);
        house.deliver(&Mail::pitch());
        house.sync_well().await;
        let sent = house.sent();
        let text = String::from_utf8_lossy(&sent[0].data).into_owned();
        assert!(text.contains("looking for a new position"), "{text}");
        assert!(!text.contains("8 months"), "{text}");
        assert_eq!(rita(&house).check_back_on, None);
        assert!(rita(&house).answered_at.is_some());
    }

    #[tokio::test]
    async fn who_settles_drops_what_waits_and_asks_to_check_back_again() {
        let house = House::open().await;
        house.deliver(&Mail::pitch());
        house.sync_well().await;
        house.advance(days(90));
        look_for_work(&house, false);
        assert_eq!(settle(&house), 1);
        house.deliver(&now(&house, Mail::pitch_from("Tom Berg", "tom@northhire.example")));
        house.sync_well().await;
        let sent = house.sent();
        assert_eq!(sent.len(), 2);
        assert!(String::from_utf8_lossy(&sent[1].data).contains("8 months"));
        assert_eq!(house.outbox("cancelled").len(), 1);
        // the next search is a new one
        house.advance(days(200));
        assert_eq!(look_for_work(&house, false), 2);
    }

    #[tokio::test]
    async fn nobody_is_written_to_who_asked_for_silence_or_is_in_touch_already() {
        let house = House::open().await;
        house.deliver(&Mail::pitch());
        house.deliver(&Mail::pitch_from("Tom Berg", "tom@northhire.example"));
        house.sync_well().await;
        house.advance(days(1));
        house.put(
            "Sent",
            &Mail::by_dana("m@x", "tom@northhire.example", "Hello", "Let us talk.\r\n")
                .set("Date", &rfc2822(house.now())),
        );
        house.write(|tx| {
            tx.execute(
                "INSERT INTO suppression (entry, because, at) VALUES (?1, 'asked', '2026-03-11T00:00:00Z')",
                [RITA],
            )?;
            Ok::<_, StoreError>(())
        });
        house.sync_well().await;
        let found = reopen(&house, false);
        assert_eq!(found.len(), 2);
        for one in found {
            let (address, why) = (one.ranked.row.address, one.mail.unwrap_err());
            let expected = if address == RITA { "never list" } else { "in touch" };
            assert!(why.contains(expected), "{address}: {why}");
        }
    }

    #[tokio::test]
    async fn drafts_lie_in_the_drafts_folder_and_are_put_there_once() {
        let house = House::open().await;
        house.deliver(&Mail::pitch());
        house.sync_well().await;
        house.advance(days(90));
        look_for_work(&house, true);
        house.sync_well().await;
        look_for_work(&house, true);
        house.sync_well().await;
        let drafts = house.folder("Drafts");
        assert_eq!(drafts.len(), 1);
        assert!(drafts[0].contains("now looking"), "{}", drafts[0]);
        assert_eq!(house.sent().len(), 1);
    }

    #[tokio::test]
    async fn nobody_is_told_of_a_bad_time_that_there_was_not() {
        let house = House::with(|config, world| {
            config.auto_reply.mode = checkback::config::Mode::Off;
            world.deliver("dana", "INBOX", &Mail::pitch().bytes(), None).unwrap();
        })
        .await;
        house.sync_well().await;
        house.advance(days(90));
        let found = reopen(&house, false);
        let text = &found[0].mail.as_ref().unwrap().text;
        assert!(text.contains("I'm now looking for my next position."), "{text}");
        assert!(!text.contains("timing") && !text.contains("check back"), "{text}");
    }

    #[tokio::test]
    async fn who_was_asked_to_check_back_today_is_told_that_it_has_changed() {
        let house = House::open().await;
        house.deliver(&now(&house, Mail::pitch()));
        house.sync_well().await;
        let text = reopen(&house, false)[0].mail.as_ref().unwrap().text.clone();
        assert!(text.contains("You wrote to me today about"), "{text}");
        assert!(text.contains("I asked you to check back later; that has changed"), "{text}");
        house.advance(days(90));
        let text = reopen(&house, false)[0].mail.as_ref().unwrap().text.clone();
        assert!(text.contains("The timing wasn't right then, but I'm now looking."), "{text}");
    }

    #[tokio::test]
    async fn who_was_told_that_the_user_looks_for_work_and_who_lies_in_junk_is_not_written_to() {
        let house = House::open().await;
        look_for_work(&house, false);
        house.deliver(&Mail::pitch());
        house.put("Junk", &now(&house, Mail::pitch_from("Tom Berg", "tom@northhire.example")));
        house.sync_well().await;
        let found = reopen(&house, false);
        assert_eq!(found.len(), 2);
        for one in found {
            let (address, why) = (one.ranked.row.address, one.mail.unwrap_err());
            let expected = if address == RITA { "told them so" } else { "Junk" };
            assert!(why.contains(expected), "{address}: {why}");
        }
    }

    #[tokio::test]
    async fn a_pitch_in_another_language_is_named_by_its_subject() {
        let house = House::open().await;
        let body = "Hallo Dana,\n\nim Auftrag unseres Kunden in Berlin suchen wir einen Senior Rust Entwickler (m/w/d). Ihr \
                    Profil passt hervorragend. Haben Sie diese Woche Zeit für ein kurzes Telefonat?\n\nViele Grüße\nEva Kern\n\
                    Personal Kern GmbH\n";
        let mail =
            Mail::to_dana("de@x.example", "Eva Kern <eva@personal-kern.example>", "Neue Aufgabe in Berlin?", body);
        house.deliver(&now(&house, mail));
        house.sync_well().await;
        let text = reopen(&house, false)[0].mail.as_ref().unwrap().text.clone();
        assert!(text.contains("about \"Neue Aufgabe in Berlin?\"."), "{text}");
    }

    #[tokio::test]
    async fn a_recruiter_is_found_by_number_address_or_a_part_of_the_name() {
        let house = House::open().await;
        house.deliver(&Mail::pitch());
        house.sync_well().await;
        let id = rita(&house).id.to_string();
        let store = house.workspace.store();
        for name in [id.as_str(), RITA, "holm", "RITA"] {
            assert_eq!(roster::find(store.read(), name).unwrap().len(), 1, "{name}");
        }
        assert!(roster::find(store.read(), "nobody").unwrap().is_empty());
    }
}
