use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use proptest::prelude::*;

use super::text::{Style, render};
use super::*;
use crate::domain::rate::{Assignment, Fate, Pursuit, Settings, by, compare, curve, rate};

/// Wednesday, 09:00 in Los Angeles.
fn made_at() -> Timestamp {
    "2026-11-18T17:00:00Z".parse().unwrap()
}

/// This many days before the report, answered so many days later.
fn pursuit(days_ago: i64, answered_after: Option<i64>, fate: Fate) -> Pursuit {
    let first_touch = made_at() - (days_ago * 24).hours();
    Pursuit {
        first_touch,
        first_response: answered_after.map(|days| first_touch + (days * 24 + 5).hours()),
        fate,
        read_until: Some(made_at()),
    }
}

/// Forty outreach over twelve weeks: 7 of 31 answered, four too young, four bounced, one refused.
fn autumn() -> Vec<Pursuit> {
    let mut all: Vec<Pursuit> = (0..31)
        .map(|i| {
            let answered_after = (i % 4 == 1 && i < 28).then(|| [0, 1, 2, 2, 4, 6, 11][i as usize / 4]);
            pursuit(23 + i * 2, answered_after, Fate::Delivered)
        })
        .collect();
    all.extend(
        [(2, None), (5, Some(1)), (9, None), (13, None)].map(|(ago, after)| pursuit(ago, after, Fate::Delivered)),
    );
    all.extend([30, 41, 52, 60].map(|ago| pursuit(ago, None, Fate::Bounced)));
    all.push(pursuit(35, None, Fate::Refused));
    all
}

fn monday(pursuit: &Pursuit) -> Date {
    let day = pursuit.first_touch.to_zoned(TimeZone::UTC).date();
    day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).unwrap()
}

fn rows<K: Ord + ToString>(keyed: impl IntoIterator<Item = (K, Pursuit)>) -> Vec<GroupRow> {
    let parts = by(keyed, &Settings::default());
    parts
        .into_iter()
        .map(|(name, part)| GroupRow { name: name.to_string(), rate: part.rate, shrunk: part.shrunk })
        .collect()
}

fn sample() -> ReportData {
    let (all, settings) = (autumn(), Settings::default());
    let keyed = |key: fn(usize, &Pursuit) -> &'static str| all.iter().enumerate().map(move |(i, p)| (key(i, p), *p));
    let templates = rows(keyed(|i, _| if i % 3 == 0 { "coffee-chat" } else { "short-question" }));
    let weekday = |p: &Pursuit| p.first_touch.to_zoned(TimeZone::UTC).weekday().to_monday_one_offset();
    let mut weekdays = rows(all.iter().map(|p| (weekday(p), *p)));
    for row in &mut weekdays {
        let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        row.name = names[row.name.parse::<usize>().unwrap() - 1].to_owned();
    }
    let organisations = rows(keyed(|i, _| {
        [
            "acme.example",
            "<b>Böse & Söhne</b>",
            "=HYPERLINK(\"x\")",
            "an-uncommonly-long-name-of-an-organisation.example",
        ][i % 4]
    }));
    let comparison = TemplateComparison {
        a: templates[0].name.clone(),
        b: templates[1].name.clone(),
        observed: [templates[0].rate.observed, templates[1].rate.observed],
        drawn_from: None,
        result: compare(
            templates[0].rate.observed.as_ref(),
            templates[1].rate.observed.as_ref(),
            Assignment::Observational,
        ),
    };
    ReportData {
        rate: rate(&all, &settings, 6),
        made_at: made_at(),
        zone: TimeZone::get("America/Los_Angeles").unwrap(),
        since: None,
        weeks: by(all.iter().map(|p| (monday(p), *p)), &settings)
            .into_iter()
            .map(|(monday, part)| WeekRow::new(monday, &part.rate))
            .collect(),
        by: [("template", templates), ("weekday", weekdays), ("organisation", organisations)]
            .map(|(name, rows)| (name.to_owned(), rows))
            .into(),
        comparison: Some(comparison),
        curve: curve(&all, &settings),
        undecided_range: Some([0.21, 0.26]),
        other_channels: vec![ChannelRow { name: "LinkedIn".into(), asked: 12, answered: 3 }],
        stages: [("asked", 40), ("arrived", 35), ("answered", 8), ("meeting", 2)]
            .map(|(name, count)| StageRow { name: name.into(), count })
            .into(),
        not_counted: NotCounted {
            late: 1,
            left: 1,
            machines: [("out_of_office".to_owned(), 5), ("automatic".to_owned(), 1)].into(),
            possible: 1,
            turned_away: 0,
        },
        attention: vec![
            "Two answers from this week wait for you: Ada Park (question), Ben Okoye (not now, until March).".into(),
            "One follow-up is held: the template `nudge` has no name to greet.".into(),
        ],
        accounts_stale: vec![],
        per_week_target: 10,
        asked_this_week: 4,
    }
}

fn empty() -> ReportData {
    ReportData {
        rate: rate(&[], &Settings::default(), 0),
        weeks: vec![],
        by: BTreeMap::new(),
        comparison: None,
        curve: vec![],
        undecided_range: None,
        other_channels: vec![],
        stages: vec![],
        not_counted: NotCounted::default(),
        attention: vec![],
        asked_this_week: 0,
        ..sample()
    }
}

fn plain(width: usize) -> Style {
    Style { width, ..Style::default() }
}

/// A sample in which this many of these many outreach were answered, all long ago.
fn with_rate(answered: usize, of: usize) -> ReportData {
    let all: Vec<Pursuit> = (0..of).map(|i| pursuit(50, (i < answered).then_some(3), Fate::Delivered)).collect();
    ReportData { rate: rate(&all, &Settings::default(), 0), comparison: None, ..sample() }
}

#[test]
fn the_terminal_shows_the_whole_report_in_80_columns() {
    insta::assert_snapshot!(render(&sample(), plain(80)));
}

#[test]
fn a_narrow_terminal_without_unicode_shows_it_too() {
    let text = render(&sample(), Style { unicode: false, ..plain(50) });
    assert!(text.is_ascii());
    insta::assert_snapshot!(text);
}

#[test]
fn an_empty_report_says_where_to_begin() {
    insta::assert_snapshot!(render(&empty(), plain(80)));
}

#[test]
fn the_headline_is_written_as_it_always_is() {
    assert!(render(&sample(), plain(80)).contains("7 of 31 = 23 % (95 %: 11–40 %)"));
}

#[test]
fn colours_change_no_character() {
    let coloured = render(&sample(), Style { colour: true, ..plain(80) });
    assert!(coloured.contains("\u{1b}[1m7 of 31"));
    let codes = regex::Regex::new("\u{1b}\\[[0-9]+m").unwrap();
    let bare = codes.replace_all(&coloured, "");
    let bare: Vec<&str> = bare.lines().map(str::trim_end).collect();
    let plain = render(&sample(), plain(80));
    assert_eq!(bare, plain.lines().collect::<Vec<_>>());
}

#[rstest::rstest]
#[case::few(
    3,
    9,
    "Too early to tell: 9 outreach have had their time and a verdict needs at least 10 (at the present rate about 10 more would settle it); ask 6 more people this week."
)]
#[case::below(
    2,
    40,
    "You are probably below the goal of 25–30 %: change whom you ask or what you write before you send more of the same."
)]
#[case::reached(60, 210, "You have probably reached the goal of 25–30 %: keep doing what you do, 10 a week.")]
#[case::above(
    20,
    40,
    "You are probably above the goal of 25–30 %: keep it up, and dare to ask people you thought out of reach, 10 a week."
)]
#[case::on_the_edge(
    25,
    100,
    "You are so close to the edge of the goal of 25–30 % that more of the same will hardly settle it: try other words, or other people."
)]
fn one_sentence_says_where_one_stands_and_what_to_do(
    #[case] answered: usize,
    #[case] of: usize,
    #[case] sentence: &str,
) {
    assert_eq!(with_rate(answered, of).standing(), sentence);
}

#[test]
fn below_the_goal_the_better_template_is_named_only_if_it_is_better() {
    let compared = |a_is_higher, too_early| {
        let result = Comparison { a_is_higher, too_early, assignment: Assignment::Randomised };
        let comparison = Some(TemplateComparison {
            a: "short".into(),
            b: "long".into(),
            observed: [None, None],
            drawn_from: None,
            result,
        });
        ReportData { comparison, ..with_rate(2, 40) }.standing()
    };
    assert!(compared(0.9, false).ends_with("(“short” does better so far)."));
    assert!(compared(0.1, false).ends_with("(“long” does better so far)."));
    assert!(compared(0.6, false).ends_with("more of the same."));
    assert!(compared(0.9, true).ends_with("more of the same."));
}

#[test]
fn nothing_that_arrived_is_told_apart_from_nothing_sent() {
    let bounced = rate(&[pursuit(40, None, Fate::Bounced)], &Settings::default(), 0);
    let data = ReportData { rate: bounced, ..empty() };
    assert_eq!(data.standing(), "Nothing that was sent has arrived: check the addresses before you send more.");
    let young = rate(&[pursuit(3, None, Fate::Delivered)], &Settings::default(), 0);
    let data = ReportData { rate: young, ..empty() };
    assert!(data.standing().starts_with("Too early to tell: no outreach has had its 21 days"));
}

#[test]
fn a_stale_mailbox_is_said_before_any_figure() {
    let data = ReportData { accounts_stale: vec!["personal".into()], ..sample() };
    let text = render(&data, plain(80));
    assert!(text.find("“personal” was not read lately").unwrap() < text.find("7 of 31").unwrap());
    let page = html::render(&data).unwrap();
    assert!(page.find("“personal” was not read lately").unwrap() < page.find("7 of 31").unwrap());
}

#[test]
fn a_part_of_the_log_is_not_taken_for_the_whole() {
    let data = ReportData { since: Some("2026-09-01T07:00:00Z".parse().unwrap()), ..sample() };
    let said = "Only outreach begun since 1 September 2026";
    assert!(render(&data, plain(80)).contains(said) && !render(&sample(), plain(80)).contains("Only outreach begun"));
    assert!(text::breakdown(&data, By::Template, plain(80)).contains(said));
    assert!(html::render(&data).unwrap().contains(said));
}

#[test]
fn nobody_sends_the_terminal_a_command_by_a_name() {
    let mut data = sample();
    data.by.get_mut("organisation").unwrap()[0].name = "a\u{1b}]0;x\u{7}\u{202e}b".into();
    data.attention = vec!["see \u{1b}[2J".into()];
    let text = render(&data, plain(80));
    assert!(!text.contains(|c: char| c.is_control() && c != '\n') && !text.contains('\u{202e}'));
}

#[test]
fn the_json_holds_the_rate_and_the_breakdowns_alone() {
    let value = serde_json::to_value(sample().json()).unwrap();
    assert_eq!(value.as_object().unwrap().len(), 2);
    assert_eq!(value["rate"]["observed"]["answered"], 7);
    let part = &value["by"]["template"][0];
    assert_eq!(part["name"], "coffee-chat");
    assert_eq!(part["rate"]["observed"]["of"], 11);
    assert_eq!(part.as_object().unwrap().len(), 2);
}

#[test]
fn the_sheet_has_a_row_for_the_whole_and_for_each_part() {
    let sheet = sheet::csv(&sample());
    let lines: Vec<&str> = sheet.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 2 + 2 + 7 + 4);
    assert!(lines[0].starts_with("by,name,window_days,sent,"));
    assert!(lines[1].starts_with("all,,21,40,4,1,35,7,31,0.2258,"));
    assert!(lines[1].ends_with(",too_early,0.3905,6,"));
    let nothing = sheet::csv(&empty());
    assert_eq!(nothing.lines().nth(1).unwrap(), "all,,21,0,0,0,0,,,,,,,,,,too_early,,0,");
}

#[rstest::rstest]
#[case("=1+1", "'=1+1")]
#[case("+1", "'+1")]
#[case("-1", "'-1")]
#[case("@SUM(A1)", "'@SUM(A1)")]
#[case("\tx", "'\tx")]
#[case("\rx", "\"'\rx\"")]
#[case("＝1", "'＝1")]
#[case("a=1", "a=1")]
#[case("say \"hi\", you", "\"say \"\"hi\"\", you\"")]
fn a_sheet_takes_no_name_for_a_formula(#[case] name: &str, #[case] cell: &str) {
    let row = GroupRow { name: name.to_owned(), rate: empty().rate, shrunk: None };
    let data = ReportData { by: [("tag".to_owned(), vec![row])].into(), ..empty() };
    assert!(sheet::csv(&data).contains(&format!("\r\ntag,{cell},21,")), "{}", sheet::csv(&data));
}

#[test]
fn the_page_needs_nothing_from_elsewhere_and_runs_nothing() {
    let page = html::render(&sample()).unwrap();
    for foreign in ["<script", "http://", "https://", "url(", "@import", " src=", " href=", " onload"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn names_are_text_on_the_page_wherever_they_stand() {
    let mut data = sample();
    let bad = "<img src=x onerror=alert(1)>\"'&";
    for rows in data.by.values_mut() {
        rows[0].name = bad.into();
    }
    data.stages = vec![StageRow { name: bad.into(), count: 3 }, StageRow { name: "offer".into(), count: 1 }];
    data.attention = vec![bad.into()];
    data.accounts_stale = vec![bad.into()];
    data.other_channels = vec![ChannelRow { name: bad.into(), asked: 1, answered: 1 }];
    data.comparison.as_mut().unwrap().a = bad.into();
    let page = html::render(&data).unwrap();
    assert!(!page.contains("<img"));
    assert!(page.matches("&lt;img src").count() >= 7);
}

#[test]
fn every_plot_has_a_title_a_description_and_its_table() {
    let page = html::render(&sample()).unwrap();
    let plots = page.matches("<svg ").count();
    assert_eq!(plots, 5, "scale, weeks, curve, funnel, weekdays");
    assert_eq!(page.matches("role=\"img\"").count(), plots);
    assert_eq!(page.matches("<desc ").count(), plots);
    assert_eq!(page.matches("<details>").count(), plots - 1, "the scale's figures stand beside it");
    for id in ["scale", "weeks", "curve", "funnel", "weekdays"] {
        assert_eq!(page.matches(&format!("id=\"{id}-title\"")).count(), 1);
    }
}

#[test]
fn a_breakdown_into_single_outreach_is_left_to_the_sheet() {
    let mut data = sample();
    let single = rows([
        ("alone.example", pursuit(40, None, Fate::Delivered)),
        ("apart.example", pursuit(41, Some(2), Fate::Delivered)),
    ]);
    data.by.insert("organisation".to_owned(), single);
    assert!(!text::render(&data, plain(80)).contains("apart.example"));
    assert!(!html::render(&data).unwrap().contains("apart."));
    assert!(sheet::csv(&data).contains("apart.example"));
}

#[test]
fn twenty_thousand_answers_make_no_larger_page_than_forty() {
    let all: Vec<Pursuit> = (0..20_000_i64)
        .map(|i| {
            let first_touch = made_at() - (60 * 24).hours();
            let first_response = Some(first_touch + (i * 86).seconds());
            Pursuit { first_touch, first_response, fate: Fate::Delivered, read_until: Some(made_at()) }
        })
        .collect();
    let data = ReportData { curve: curve(&all, &Settings::default()), ..sample() };
    assert!(data.curve.len() > 20_000);
    let (few, many) = (html::render(&sample()).unwrap().len(), html::render(&data).unwrap().len());
    assert!(many < few + 50_000, "{few} {many}");
}

#[test]
fn a_breakdown_alone_shows_all_its_parts_and_how_to_read_them() {
    insta::assert_snapshot!(text::breakdown(&sample(), By::Template, plain(80)));
    let mut data = sample();
    let many: Vec<GroupRow> =
        (0..40).map(|n| GroupRow { name: format!("part {n}"), ..data.by["template"][0].clone() }).collect();
    data.by.insert("organisation".to_owned(), many);
    assert_eq!(text::breakdown(&data, By::Organisation, plain(80)).matches("part ").count(), 40);
    assert!(render(&data, plain(80)).contains("and 32 more: report --by organisation has them all"));
    assert!(text::breakdown(&empty(), By::Tag, plain(80)).contains("checkback outreach tag ID WORD"));
}

#[test]
fn the_goal_has_room_above_it_in_a_plot() {
    let page = html::render(&with_rate(29, 100)).unwrap();
    let scale = page.split("id=\"scale-title\"").nth(1).unwrap().split("</svg>").next().unwrap();
    assert!(scale.contains(">40\u{a0}%</text>"), "the band ends at 30 %: {scale}");
}

#[test]
fn every_figure_on_the_page_has_its_name() {
    let page = html::render(&sample()).unwrap();
    assert!(page.contains("<dt>Outreach</dt>") && page.contains("<dt>bounced</dt>"));
    assert!(!page.contains("<dt></dt>"));
}

#[test]
fn a_long_name_is_parted_after_its_dots_on_the_page() {
    assert!(html::render(&sample()).unwrap().contains("<th scope=\"row\">acme.<wbr>example</th>"));
}

#[test]
fn years_of_weeks_make_no_endless_table_on_the_page() {
    let mut data = sample();
    let monday = data.weeks[0].monday;
    let year = (0..70).map(|n| WeekRow { monday: monday.checked_add(n.weeks()).unwrap(), ..data.weeks[0].clone() });
    data.weeks = year.collect();
    let page = html::render(&data).unwrap();
    assert!(!page.contains(&format!("<th scope=\"row\">{monday}</th>")));
    assert!(page.contains("The weeks before: report --by week."));
    assert_eq!(page.matches("<th scope=\"row\">2026-").count() + page.matches("<th scope=\"row\">2027-").count(), 26);
}

#[test]
fn proposals_that_move_nothing_yet_are_said_to() {
    let data = ReportData { undecided_range: None, ..sample() };
    assert!(render(&data, plain(80)).contains("+6 undecided, which can't move the rate yet"));
}

#[test]
fn an_empty_page_has_no_empty_plots() {
    let page = html::render(&empty()).unwrap();
    assert_eq!(page.matches("<svg ").count(), 0);
    assert!(page.contains("no rate yet"));
}

#[test]
fn text_and_page_say_the_same() {
    let (text, page) = (render(&sample(), plain(200)), html::render(&sample()).unwrap().replace('\u{a0}', " "));
    for said in [
        sample().standing(),
        "+6 undecided: 21–26 % either way".into(),
        "at the present rate about 198 more outreach would settle it".into(),
        "5 out-of-office notes".into(),
        "1 answered after 21 days: silence for the rate".into(),
        "4 to a dead address, of whom 1 left the company".into(),
        "3 of 12 answered: silence cannot be seen there".into(),
        "observational: you chose who got which".into(),
    ] {
        assert!(text.contains(&said) && page.contains(&said), "{said}");
    }
}

fn any_pursuits() -> impl Strategy<Value = Vec<Pursuit>> {
    let one = (0_i64..120, proptest::option::of(0_i64..60), 0..8_u8).prop_map(|(ago, answer, fate)| {
        pursuit(ago, answer, [Fate::Bounced, Fate::Refused].get(usize::from(fate)).copied().unwrap_or(Fate::Delivered))
    });
    prop::collection::vec(one, 0..50)
}

proptest! {
    // A page takes milliseconds in a debug build.
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_data_fit_the_terminal_and_the_page(
        pursuits in any_pursuits(), name in any::<String>(), width in 40_usize..120, undecided in 0_u32..3,
    ) {
        let settings = Settings::default();
        let keyed = || pursuits.iter().enumerate().map(|(i, p)| (if i % 2 == 0 { name.as_str() } else { "b" }, *p));
        let data = ReportData {
            rate: rate(&pursuits, &settings, undecided),
            weeks: by(pursuits.iter().map(|p| (monday(p), *p)), &settings)
                .into_iter()
                .map(|(monday, part)| WeekRow::new(monday, &part.rate))
                .collect(),
            by: [("tag".to_owned(), rows(keyed())), ("weekday".to_owned(), rows(keyed()))].into(),
            curve: curve(&pursuits, &settings),
            attention: vec![name.clone()],
            ..empty()
        };
        for line in render(&data, plain(width)).lines() {
            prop_assert!(line.chars().count() <= width, "{} > {width}: {line}", line.chars().count());
        }
        let page = html::render(&data).unwrap();
        prop_assert!(!page.contains("NaN") && !page.contains("inf\""));
    }
}
