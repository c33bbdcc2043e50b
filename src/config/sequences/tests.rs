use super::*;
use rstest::rstest;

#[test]
fn the_shipped_sequences_are_right() {
    for (name, file) in Sequences::shipped().files() {
        let sequence = file.sequence.as_ref().unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        assert!(!sequence.about.is_empty(), "{name} says what it is for");
    }
    let cold = Sequences::shipped().get("cold").unwrap().clone();
    assert!(cold.asks);
    let steps: Vec<_> = cold.steps.iter().map(|step| (step.when, step.template.as_str(), step.action)).collect();
    assert_eq!(
        steps,
        [
            (When::Touch(Span::BusinessDays(5)), "cold-nudge-1", Action::Remind),
            (When::Touch(Span::BusinessDays(8)), "cold-nudge-2", Action::Remind)
        ]
    );
}

#[rstest]
#[case::no_step("asks = true", None, "there is no step")]
#[case::no_duration("[[step]]\nafter = \"soon\"\ntemplate = \"x\"", Some(2), "`after` in [[step]] is \"soon\"")]
#[case::too_soon("[[step]]\nafter = \"2h\"\ntemplate = \"x\"", Some(2), "is \"2h\"")]
#[case::no_template("[[step]]\nafter = \"5d\"", Some(1), "`template` in [[step]] is missing")]
#[case::a_path("[[step]]\nafter = \"5d\"\ntemplate = \"../x\"", Some(3), "is \"../x\"")]
#[case::no_action("[[step]]\nafter = \"5d\"\ntemplate = \"x\"\naction = \"shout\"", Some(4), "`action` in [[step]]")]
#[case::unknown_key("[[step]]\nafter = \"5d\"\ntempalte = \"x\"", Some(3), "unknown key `tempalte` in [[step]]")]
#[case::not_a_flag("asks = \"yes\"\n[[step]]\nafter = \"5d\"\ntemplate = \"x\"", Some(1), "`asks`")]
#[case::two_times("[[step]]\nafter = \"5d\"\non = \"2026-12-01\"\ntemplate = \"x\"", Some(3), "says a second time")]
#[case::no_event("[[step]]\nafter = \"2 days after meting\"\ntemplate = \"x\"", Some(2), "did you mean meeting?")]
#[case::no_day("[[step]]\non = \"soon\"\ntemplate = \"x\"", Some(2), "`on` in [[step]] is \"soon\"")]
#[case::misspelt("[[step]]\nevry = \"3mo\"\ntemplate = \"x\"", Some(2), "did you mean `every`?")]
#[case::no_stage(
    "[[step]]\nafter = \"5d\"\ntemplate = \"x\"\nstage = [\"answred\"]",
    Some(4),
    "did you mean \"answered\"?"
)]
#[case::no_tone("[[step]]\nafter = \"5d\"\ntemplate = \"x\"\ntone = \"yess\"", Some(4), "did you mean \"yes\"?")]
#[case::beside_others(
    "[[step]]\nafter = \"5d\"\ntemplate = \"x\"\n[[step]]\nevery = \"3mo\"\ntemplate = \"x\"",
    Some(4),
    "stands beside others"
)]
#[case::no_toml("[[step\n", Some(1), "can't be read as TOML")]
fn every_mistake_is_named_with_its_line(#[case] text: &str, #[case] line: Option<usize>, #[case] what: &str) {
    let problems = parse("mine", text).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].line, line);
    assert!(problems[0].to_string().contains(what), "{}", problems[0]);
}

#[test]
fn a_third_nudge_is_a_mistake() {
    let step = "[[step]]\nafter = \"5d\"\ntemplate = \"x\"\n";
    let problems = parse("mine", &step.repeat(3)).unwrap_err();
    assert_eq!((problems.len(), problems[0].line), (1, Some(7)));
}

#[test]
fn the_users_own_file_goes_before_the_shipped_one() {
    let folder = tempfile::TempDir::new().unwrap();
    fs::write(folder.path().join("cold.toml"), "[[step]]\nafter = \"2w\"\ntemplate = \"x\"\naction = \"send\"")
        .unwrap();
    fs::write(folder.path().join("broken.toml"), "[[step]]\n").unwrap();
    fs::write(folder.path().join("notes.txt"), "nothing").unwrap();
    let sequences = Sequences::load(folder.path()).unwrap();
    assert_eq!(sequences.get("cold").unwrap().steps[0].action, Action::Send);
    assert!(sequences.get("broken").is_none());
    assert_eq!(sequences.file("broken").unwrap().sequence.as_ref().unwrap_err().len(), 2);
    assert_eq!(sequences.files().count(), SHIPPED.len() + 1);
}

#[test]
fn a_step_comes_after_a_mail_an_event_or_a_quiet_time_or_on_a_day() {
    let text = "[[step]]\nafter = \"3 weeks\"\ntemplate = \"x\"\n[[step]]\non = \"2026-12-01\"\ntemplate = \"x\"\n\
                [[step]]\nafter = \"2 days after meeting\"\ntemplate = \"x\"\nstage = \"meeting\"\ntag = [\"Go\", \"rust\"]\n\
                [[step]]\nafter = \"1mo after the introduced\"\ntemplate = \"x\"\naction = \"draft\"";
    let sequence = parse("mine", text).unwrap();
    let when: Vec<When> = sequence.steps.iter().map(|step| step.when).collect();
    let day = "2026-12-01".parse().unwrap();
    assert_eq!(
        when,
        [
            When::Touch(Span::Days(21)),
            When::On(day),
            When::Event(Event::Meeting, Span::Days(2)),
            When::Event(Event::Introduced, Span::Months(1))
        ]
    );
    assert_eq!(sequence.steps[2].only.tags, ["go", "rust"]);
    assert_eq!(
        parse("mine", "[[step]]\nevery = \"4mo\"\ntemplate = \"x\"").unwrap().steps[0].when,
        When::Quiet(Span::Months(4))
    );
}
