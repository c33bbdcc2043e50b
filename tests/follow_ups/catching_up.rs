//! After a holiday, a downtime, a first start: nothing bursts.

use checkback::config::LogSent;
use jiff::{SignedDuration, Timestamp};

use super::asking::*;
use super::house::House;
use super::mail::Mail;

/// Sends eight asks on the first day.
async fn busy_house() -> House {
    let house = house().await;
    for n in 0..8 {
        let address = format!("person{n}@company{n}.example");
        queue_ask(&house, &format!("Person{n} Name"), &address, &format!("Question {n}"), "send");
    }
    house.sync_well().await;
    assert_eq!(house.sent().len(), 8);
    house
}

/// When each follow-up left, by its own Date.
fn left_at(house: &House) -> Vec<Timestamp> {
    let date = |text: String| {
        let line = text.lines().find_map(|line| line.strip_prefix("Date: ")).unwrap().to_owned();
        jiff::fmt::rfc2822::parse(&line).unwrap().timestamp()
    };
    nudges(house).iter().map(|mail| date(text(mail))).collect()
}

async fn a_minute_at_a_time(house: &House, minutes: u32) {
    for _ in 0..minutes {
        house.sync_well().await;
        house.advance(SignedDuration::from_mins(1));
    }
}

#[tokio::test]
async fn mails_of_one_morning_keep_their_gap() {
    let house = busy_house().await;
    at(&house, FIRST_NUDGE);
    a_minute_at_a_time(&house, 30).await;
    let left = left_at(&house);
    assert_eq!(left.len(), 8);
    assert!(left.windows(2).all(|pair| pair[1].duration_since(pair[0]) >= SignedDuration::from_mins(3)), "{left:?}");
}

#[tokio::test]
async fn what_is_a_few_days_late_leaves_one_by_one_and_what_is_later_is_held() {
    let house = busy_house().await;
    at(&house, "2026-03-20T15:55:00Z");
    a_minute_at_a_time(&house, 10).await;
    assert_eq!(left_at(&house).len(), 2, "the window closes at 17:00");
    at(&house, "2026-03-23T08:00:00Z");
    a_minute_at_a_time(&house, 4).await;
    assert_eq!(left_at(&house).len(), 4);
    at(&house, "2026-03-24T08:00:01Z");
    house.sync_well().await;
    assert_eq!(left_at(&house).len(), 4);
    let held = follow_ups(&house).iter().filter(|state| *state == "1 held too_late").count();
    assert_eq!(held, 4);
    assert_eq!(today(&house).len(), 4, "a person sees them");
}

#[tokio::test]
async fn the_days_limit_holds_over_midnight() {
    let house = House::with(|config, _| {
        settings(config);
        config.follow_up.daily_limit = 3;
    })
    .await;
    for n in 0..5 {
        queue_ask(&house, "Person Name", &format!("p{n}@company{n}.example"), &format!("Question {n}"), "send");
    }
    house.sync_well().await;
    at(&house, FIRST_NUDGE);
    a_minute_at_a_time(&house, 40).await;
    assert_eq!(left_at(&house).len(), 3);
    at(&house, "2026-03-18T07:59:00Z");
    a_minute_at_a_time(&house, 20).await;
    assert_eq!(left_at(&house).len(), 5);
}

#[tokio::test]
async fn nobody_gets_two_mails_on_one_day() {
    let house = house().await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "Coffee", "send").await;
    ask(&house, "Kim Roth", "kim@bigcorp.example", "A talk in May", "send").await;
    at(&house, FIRST_NUDGE);
    a_minute_at_a_time(&house, 10).await;
    assert_eq!(nudges(&house).len(), 1);
    at(&house, "2026-03-18T08:00:00Z");
    let by_hand = Mail::by_dana("by-hand@devmail.example", "Kim <kim@bigcorp.example>", "The meetup", "See you!\r\n");
    house.put("Sent", &arriving(&house, by_hand));
    a_minute_at_a_time(&house, 5).await;
    assert_eq!(nudges(&house).len(), 1, "the user wrote by hand today");
    at(&house, "2026-03-19T08:00:00Z");
    house.sync_well().await;
    assert_eq!(nudges(&house).len(), 2);
}

#[tokio::test]
async fn the_first_start_brings_up_nothing_old() {
    let house = House::with(|config, world| {
        settings(config);
        config.outreach.log_sent = LogSent::AllNewThreads;
        for (n, date) in ["2026-01-12", "2026-02-20", "2026-03-03", "2026-03-09"].iter().enumerate() {
            let day: jiff::civil::Date = date.parse().unwrap();
            let to = format!("Old Friend <old{n}@company{n}.example>");
            let mail = Mail::by_dana(&format!("old-{n}@devmail.example"), &to, &format!("Question {n}"), "Hello?\r\n")
                .set("Date", &format!("{} 10:00:00 +0000", day.strftime("%a, %d %b %Y")));
            let received = format!("{date}T10:00:00Z").parse().unwrap();
            world.deliver("dana", "Sent", &mail.bytes(), Some(received)).unwrap();
        }
    })
    .await;
    house.sync_well().await;
    assert_eq!(house.texts("SELECT sequence FROM outreach ORDER BY id"), ["none", "none", "none", "cold"]);
    assert_eq!(follow_ups(&house), ["1 planned"]);
    assert!(today(&house).is_empty());
}

/// Every follow-up leaves once, none before its day, and none nearer to another than the gap.
fn none_twice_and_none_at_once(house: &House) {
    let left = nudges(house);
    let mut people: Vec<&str> = left.iter().map(|mail| mail.rcpt_to[0].as_str()).collect();
    people.sort_unstable();
    people.dedup();
    assert_eq!(people.len(), left.len(), "one mail to a person: {people:?}");
}

#[tokio::test]
async fn a_clock_that_is_set_back_by_a_day_sends_nothing_twice() {
    let house = busy_house().await;
    at(&house, FIRST_NUDGE);
    a_minute_at_a_time(&house, 10).await;
    let before = left_at(&house).len();
    assert!((2..8).contains(&before), "in the middle of the morning: {before}");
    house.advance(SignedDuration::from_hours(-24));
    a_minute_at_a_time(&house, 30).await;
    assert_eq!(left_at(&house).len(), before, "by that clock their day has not come");
    at(&house, "2026-03-17T08:00:00Z");
    a_minute_at_a_time(&house, 60).await;
    none_twice_and_none_at_once(&house);
    assert_eq!(left_at(&house).len(), 8);
    let done = follow_ups(&house).iter().filter(|state| *state == "1 done").count();
    assert_eq!(done, 8);
}

#[tokio::test]
async fn a_clock_that_jumps_a_month_ahead_and_back_sends_no_burst_and_nothing_twice() {
    let house = busy_house().await;
    at(&house, FIRST_NUDGE);
    a_minute_at_a_time(&house, 4).await;
    let before = left_at(&house).len();
    // 17 April, a Friday
    house.advance(SignedDuration::from_hours(24 * 31));
    a_minute_at_a_time(&house, 30).await;
    assert_eq!(left_at(&house).len(), before, "what is a month late waits for a person");
    let held = follow_ups(&house).iter().filter(|state| *state == "1 held too_late").count();
    assert_eq!(held, 8 - before);
    house.advance(SignedDuration::from_hours(-24 * 31));
    a_minute_at_a_time(&house, 60).await;
    none_twice_and_none_at_once(&house);
    let gaps = left_at(&house);
    assert!(gaps.windows(2).all(|pair| pair[1].duration_since(pair[0]) >= SignedDuration::from_mins(3)), "{gaps:?}");
}
