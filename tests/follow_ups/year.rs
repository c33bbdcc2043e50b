//! A year of follow-ups for many people, by the rules alone: answers, absences, bounces, downtimes, both
//! changes of the clock, a leap day. Every mail that leaves is held against every rule.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use checkback::config::sequences::Sequences;
use checkback::domain::decide::GateVerdict;
use checkback::domain::sequence::calendar::Calendar;
use checkback::domain::sequence::life::{self, Absence, Bar, Case, FollowUp, GateCase, Happened, Signs, State, Turn};
use checkback::domain::sequence::{Action, Event, Sequence, When};
use jiff::civil::{Date, date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::dice::Dice;

const DAY: i64 = 86_400;
/// The year has the leap day and both changes of the clock.
const BEGIN: &str = "2028-01-03T00:00:00Z";

/// One person, and what will happen to them.
struct Person {
    organisation: u64,
    sequence: Sequence,
    zone: Option<TimeZone>,
    touches: Vec<Timestamp>,
    signs: Signs,
    follow_ups: Vec<FollowUp>,
    /// What the world brings, the next one last.
    fate: Vec<(Timestamp, Fate)>,
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Answer,
    Bounce,
    Left,
    Never,
    Away(Option<Date>),
    Mail,
    Heeded,
    Meeting,
}

/// A mail that left.
struct Left {
    person: usize,
    organisation: u64,
    at: Timestamp,
}

/// How the year went.
#[derive(Debug, Default)]
struct Outcome {
    people: usize,
    first_mails: usize,
    nudges: usize,
    after_meetings: usize,
    in_touch: usize,
    held: usize,
    decisions: usize,
    stopped: BTreeMap<&'static str, usize>,
    waited: BTreeMap<&'static str, usize>,
    broken: Vec<String>,
}

fn at(second: i64) -> Timestamp {
    let begin: Timestamp = BEGIN.parse().unwrap();
    begin.checked_add(SignedDuration::from_secs(second)).unwrap()
}

fn calendar() -> Calendar {
    let holidays = [date(2028, 5, 1), date(2028, 7, 4), date(2028, 12, 25), date(2028, 12, 26)];
    Calendar {
        zone: TimeZone::get("America/Los_Angeles").unwrap(),
        reader: None,
        window: (time(9, 0, 0, 0), time(17, 0, 0, 0)),
        days_off: BTreeSet::from(holidays),
        spacing: SignedDuration::from_mins(3),
        daily_limit: 12,
    }
}

/// Times at which the program does not run: a night, a week, a month.
fn downtimes() -> Vec<(Timestamp, Timestamp)> {
    [(40, 41), (90, 97), (200, 230), (300, 303)].map(|(from, to)| (at(from * DAY), at(to * DAY))).to_vec()
}

fn person(dice: &mut Dice, number: usize, shipped: &Sequences) -> Person {
    const ZONES: [&str; 5] =
        ["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Australia/Sydney", "Pacific/Auckland"];
    let name = ["cold", "informational", "informational", "keep-in-touch"][dice.pick(4)];
    let mut sequence = shipped.get(name).unwrap().clone();
    sequence.steps.iter_mut().for_each(|step| step.action = Action::Send);
    let zone = (dice.roll(3) == 0).then(|| TimeZone::get(ZONES[dice.pick(5)]).unwrap());
    // many on the same days, so that limits and gaps bite
    let first = at((dice.roll(10) * 28 * 86_400 + 17 * 3_600 + dice.roll(20_000)) as i64);
    let later = |dice: &mut Dice, days: u64| {
        first.checked_add(SignedDuration::from_secs(dice.roll(days * 86_400) as i64 + 1)).unwrap()
    };
    let mut fate = Vec::new();
    if dice.roll(100) < 35 {
        let answer = later(dice, 40);
        fate.push((answer, Fate::Answer));
        if dice.roll(2) == 0 {
            let met = answer.checked_add(SignedDuration::from_hours(24 * (1 + dice.roll(20) as i64))).unwrap();
            fate.push((met, Fate::Meeting));
            if dice.roll(3) == 0 {
                fate.push((met.checked_add(SignedDuration::from_hours(200)).unwrap(), Fate::Mail));
            }
        }
    }
    for (share, what) in [(5, Fate::Bounce), (2, Fate::Left), (2, Fate::Never), (6, Fate::Mail)] {
        if dice.roll(100) < share {
            let when = if matches!(what, Fate::Bounce) { later(dice, 2) } else { later(dice, 60) };
            fate.push((when, what));
            if matches!(what, Fate::Mail) && dice.roll(2) == 0 {
                fate.push((when.checked_add(SignedDuration::from_hours(30)).unwrap(), Fate::Heeded));
            }
        }
    }
    if dice.roll(100) < 15 {
        let told = later(dice, 30);
        let until = (dice.roll(3) > 0)
            .then(|| told.to_zoned(TimeZone::UTC).date().saturating_add((dice.roll(30) as i64).days()));
        fate.push((told, Fate::Away(until)));
    }
    fate.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let signs = Signs { stage: "contacted".into(), ..Signs::default() };
    let organisation = number as u64 / 3;
    Person { organisation, sequence, zone, touches: vec![first], signs, follow_ups: Vec::new(), fate }
}

impl Person {
    fn meet(&mut self, now: Timestamp) {
        while let Some((at, what)) = self.fate.pop_if(|(at, _)| *at <= now) {
            let signs = &mut self.signs;
            match what {
                Fate::Answer => (signs.response, signs.heard_at, signs.mail) = (true, Some(at), true),
                Fate::Bounce => signs.bounced = !signs.response,
                Fate::Left => signs.left = true,
                Fate::Never => signs.never = true,
                Fate::Away(until) => signs.absences.push(Absence { told_at: at, until }),
                Fate::Mail => (signs.mail, signs.heard_at) = (true, Some(at)),
                Fate::Heeded => (signs.mail, signs.heeded_at) = (false, Some(at)),
                Fate::Meeting => {
                    signs.happened = vec![Happened { event: Event::Meeting, at, who: String::new() }];
                    (signs.response, signs.mail, signs.heeded_at) = (true, false, Some(at));
                }
            }
        }
    }

    fn case(&self) -> Case<'_> {
        Case {
            sequence: &self.sequence,
            touches: &self.touches,
            may_act: true,
            people: 1,
            signs: &self.signs,
            follow_ups: &self.follow_ups,
        }
    }

    fn put(&mut self, step: u32, state: State, reason: Option<Bar>, at: Option<Timestamp>) {
        self.follow_ups.retain(|one| one.step != step);
        let mail = (state == State::Done).then(|| "sent".to_owned());
        self.follow_ups.push(FollowUp { step, state, reason, settled_at: at, snoozed_until: None, mail });
    }
}

/// Lets a year pass.
fn year(people: usize, seed: u64) -> Outcome {
    let mut dice = Dice(seed);
    let shipped = Sequences::shipped();
    let mut town: Vec<Person> = (0..people).map(|number| person(&mut dice, number, &shipped)).collect();
    let mut outcome = Outcome { people, first_mails: people, ..Outcome::default() };
    let mut queue: BTreeSet<(Timestamp, usize)> = BTreeSet::new();
    for (number, one) in town.iter().enumerate() {
        queue.insert((one.touches[0], number));
        queue.extend(one.fate.iter().map(|(at, _)| (*at, number)));
    }
    let (downtimes, end) = (downtimes(), at(366 * DAY));
    let mut left: Vec<Left> = Vec::new();
    while let Some((now, number)) = queue.pop_first() {
        if now >= end {
            break;
        }
        if let Some((_, up)) = downtimes.iter().find(|(from, to)| *from <= now && now < *to) {
            queue.insert((*up, number));
            continue;
        }
        outcome.decisions += 1;
        if let Some(wake) = decide(&mut town[number], number, now, &mut left, &mut outcome) {
            queue.insert((wake.max(now.checked_add(SignedDuration::from_secs(1)).unwrap()), number));
        }
    }
    for mail in &left {
        if downtimes.iter().any(|(from, to)| *from <= mail.at && mail.at < *to) {
            outcome.broken.push(format!("{} left while nothing ran", mail.person));
        }
    }
    outcome
}

/// Plans one person at that time; when they are to be looked at again.
fn decide(
    one: &mut Person,
    number: usize,
    now: Timestamp,
    left: &mut Vec<Left>,
    outcome: &mut Outcome,
) -> Option<Timestamp> {
    one.meet(now);
    let mut calendar = calendar();
    calendar.reader = one.zone.clone();
    let next = life::next(&one.case(), &calendar, now)?;
    let (step, due_at, when, turn) = (next.number, next.due_at, next.step.when, next.turn);
    let slot = match turn {
        Turn::Stay => return None,
        Turn::Plan => return due_at,
        Turn::Pause(_) => return None,
        Turn::Stop(bar) => {
            *outcome.stopped.entry(bar.as_str()).or_default() += 1;
            return None;
        }
        Turn::Hold(bar) => {
            outcome.held += 1;
            one.put(step, State::Held, Some(bar), None);
            return None;
        }
        Turn::Act => {
            let times: Vec<Timestamp> = left.iter().rev().take(200).map(|mail| mail.at).collect();
            let near = |mail: &&Left| mail.person == number || mail.organisation == one.organisation;
            let days: BTreeSet<Date> = left.iter().filter(near).map(|mail| calendar.day(mail.at)).collect();
            calendar.slot(now.max(due_at?), &times, &days)?
        }
    };
    if slot > now {
        *outcome.waited.entry("a slot").or_default() += 1;
        return Some(slot);
    }
    one.put(step, State::Written, None, Some(now));
    let today = |mail: &&Left| calendar.day(mail.at) == calendar.day(now);
    let times = |keep: &dyn Fn(&Left) -> bool| -> Vec<Timestamp> {
        left.iter().filter(today).filter(|mail| keep(mail)).map(|mail| mail.at).collect()
    };
    let (leaving, mine) = (times(&|_| true), times(&|mail| mail.person == number));
    let colleagues = times(&|mail| mail.organisation == one.organisation && mail.person != number);
    let gate = GateCase {
        by_word: false,
        case: one.case(),
        step,
        paused: false,
        unread: false,
        leaving: &leaving,
        written_to: &mine,
        colleagues: &colleagues,
    };
    match life::gate(&gate, &calendar, now) {
        GateVerdict::Go => {}
        other => {
            outcome.broken.push(format!("{number}: the gate says {other:?} of what was planned for now"));
            return None;
        }
    }
    check(one, number, (now, due_at?), when, &calendar, left, outcome);
    match when {
        When::Touch(_) | When::On(_) => outcome.nudges += 1,
        When::Event(..) => outcome.after_meetings += 1,
        When::Quiet(_) => outcome.in_touch += 1,
    }
    left.push(Left { person: number, organisation: one.organisation, at: now });
    one.touches.push(now);
    one.put(step, State::Done, None, Some(now));
    Some(now)
}

/// Every rule, said anew and not by the code under test.
fn check(
    one: &Person,
    number: usize,
    (now, due_at): (Timestamp, Timestamp),
    when: When,
    calendar: &Calendar,
    left: &[Left],
    outcome: &mut Outcome,
) {
    let local = now.to_zoned(one.zone.clone().unwrap_or_else(|| calendar.zone.clone()));
    let user_day = |at: Timestamp| at.to_zoned(calendar.zone.clone()).date();
    let of_today: Vec<&Left> = left.iter().filter(|mail| user_day(mail.at) == user_day(now)).collect();
    let nudges = one.touches.len() - 1;
    let signs = &one.signs;
    let last_touch = one.touches.last().unwrap();
    let away = signs.absences.iter().filter_map(|away| away.until).max();
    let rules = [
        ("the window", (9..17).contains(&local.hour())),
        ("a working day", local.weekday().to_monday_one_offset() <= 5 && !calendar.days_off.contains(&local.date())),
        ("the day's limit", of_today.len() < calendar.daily_limit as usize),
        ("the gap", left.iter().all(|mail| now.duration_since(mail.at).abs() >= calendar.spacing)),
        ("one a day to a person", of_today.iter().all(|mail| mail.person != number)),
        ("one a day to an organisation", of_today.iter().all(|mail| mail.organisation != one.organisation)),
        ("not before its day", now >= due_at),
        ("seven days late at most", now.duration_since(due_at) <= SignedDuration::from_hours(7 * 24)),
        ("nobody who bounced, left or said never", !signs.bounced && !signs.left && !signs.never),
        ("no nudge after an answer", !when.is_nudge() || (!signs.response && !signs.mail)),
        ("two nudges", !when.is_nudge() || nudges < 2),
        ("a meeting first", !matches!(when, When::Event(..)) || !signs.happened.is_empty()),
        ("mail pauses", !signs.mail || matches!(when, When::Quiet(_))),
        ("away is away", away.is_none_or(|back| local.date() >= back)),
        (
            "four quiet months",
            !matches!(when, When::Quiet(_))
                || now.duration_since((*last_touch).max(signs.heard_at.unwrap_or(*last_touch)))
                    >= SignedDuration::from_hours(118 * 24),
        ),
    ];
    for (rule, holds) in rules {
        if !holds {
            outcome.broken.push(format!("{rule}: person {number} at {now}, due {due_at}, {when}"));
        }
    }
}

fn run(people: usize, seed: u64) {
    let begun = Instant::now();
    let outcome = year(people, seed);
    println!("seed {seed}: {outcome:#?}\n{:.1} s", begun.elapsed().as_secs_f64());
    assert_eq!((outcome.people, outcome.first_mails), (people, people));
    assert!(outcome.broken.is_empty(), "{:#?}", outcome.broken);
    assert!(outcome.nudges > 0 && outcome.after_meetings > 0 && outcome.held > 0 && outcome.waited.len() == 1);
}

#[test]
fn in_a_year_no_rule_breaks() {
    run(60, 0x51ED_270B);
}

#[test]
#[ignore = "tests/bench/year"]
fn years_of_five_hundred_people() {
    let years: u64 = std::env::var("YEARS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for seed in 1..=years {
        run(500, 0x9E37_79B9 + seed * 7_919);
    }
}
