use super::super::read;
use super::*;

const NOW: &str = "2026-11-20T10:00:00Z";

/// A pitch that nothing speaks against, with this as its header fields beside the usual ones.
fn gist(fields: &str) -> Gist {
    let has = |name: &str| fields.lines().any(|line| line.to_lowercase().starts_with(&format!("{name}:")));
    let usual = [
        ("return-path", "Return-Path: <jo@agency.example>\n"),
        ("from", "From: Jo <jo@agency.example>\n"),
        ("to", "To: sam@devmail.example\n"),
    ];
    let head: String = usual.iter().filter(|(name, _)| !has(name)).map(|(_, line)| *line).collect();
    let raw = format!(
        "{head}Message-ID: <1@agency.example>\nSubject: A role\n{fields}\n\nHi Sam, may I tell you of a role?\n"
    );
    let mut gist = read::read(raw.as_bytes(), NOW.parse().unwrap());
    gist.recruiter.verdict = RecruiterVerdict::Recruiter;
    gist
}

fn live() -> Live {
    Live {
        on: true,
        paused: false,
        before_start: false,
        received: NOW.parse().unwrap(),
        now: NOW.parse().unwrap(),
        history_complete: true,
        answered_today: 0,
        daily_limit: 20,
        answered_meanwhile: false,
    }
}

/// What blocks the mail when this is changed.
fn blocked(gist: &Gist, change: impl Fn(&mut InquiryCase<'_>)) -> Vec<Rule> {
    let own = OwnAddresses::new(&[Address::parse("sam@devmail.example").unwrap()]);
    let employer_domains = ["devhouse.example".to_owned()];
    let never = ["quiet.example".to_owned(), "lee@agency.example".to_owned()];
    let mut case = InquiryCase {
        gist,
        own: &own,
        employer_domains: &employer_domains,
        never: &never,
        in_junk: false,
        history: History::default(),
        authserv_id: Some("mx.devmail.example"),
        live: Some(live()),
    };
    change(&mut case);
    judge(&case)
}

fn by_header(fields: &str) -> Vec<Rule> {
    blocked(&gist(fields), |_| {})
}

fn by_history(history: History) -> Vec<Rule> {
    blocked(&gist(""), |case| case.history = history)
}

fn by_live(change: impl Fn(&mut Live)) -> Vec<Rule> {
    let mut live = live();
    change(&mut live);
    blocked(&gist(""), |case| case.live = Some(live))
}

#[test]
fn nothing_blocks_a_plain_pitch() {
    assert_eq!(by_header(""), []);
    assert_eq!(blocked(&gist(""), |case| case.live = None), []);
}

#[test]
fn the_state_of_the_account_blocks() {
    assert_eq!(by_live(|live| live.on = false), [Rule::Off]);
    assert_eq!(by_live(|live| live.paused = true), [Rule::Paused]);
    assert_eq!(by_live(|live| live.before_start = true), [Rule::BeforeStart]);
    assert_eq!(by_live(|live| live.history_complete = false), [Rule::HistoryIncomplete]);
    assert_eq!(by_live(|live| live.answered_today = 20), [Rule::DailyLimit]);
    assert_eq!(by_live(|live| live.answered_meanwhile = true), [Rule::AnsweredMeanwhile]);
    assert_eq!(by_live(|live| live.received -= MAX_AGE), []);
    assert_eq!(by_live(|live| live.received -= MAX_AGE + SignedDuration::from_secs(1)), [Rule::TooOld]);
}

#[test]
fn what_the_mail_bears_blocks() {
    assert_eq!(by_header("Auto-Submitted: auto-generated"), [Rule::NotHuman, Rule::AutomaticMarks]);
    assert_eq!(
        by_header("List-Id: <jobs.lists.example>\nList-Post: <mailto:jobs@lists.example>"),
        [Rule::NotHuman, Rule::AutomaticMarks]
    );
    assert_eq!(by_header("X-Spam-Flag: YES"), [Rule::Junk]);
    assert_eq!(blocked(&gist(""), |case| case.in_junk = true), [Rule::Junk]);
    assert_eq!(by_header("Authentication-Results: mx.devmail.example; dmarc=fail"), [Rule::DmarcFail]);
    assert_eq!(by_header("Authentication-Results: mx.elsewhere.example; dmarc=fail"), []);
}

#[test]
fn who_is_addressed_and_who_writes_blocks() {
    assert_eq!(by_header("To: team@devmail.example"), [Rule::NotAddressed]);
    let many: Vec<String> = (1..=5).map(|n| format!("p{n}@firm.example")).collect();
    let to = |others: &[String]| by_header(&format!("To: sam@devmail.example, {}", others.join(", ")));
    assert_eq!(to(&many), [Rule::TooManyRecipients]);
    assert_eq!(to(&many[1..]), []);
    assert_eq!(by_header("Sender: sam@devmail.example"), [Rule::Own]);
    assert_eq!(by_header("Reply-To: jo@elsewhere.example"), [Rule::ForeignReplyTo]);
    assert_eq!(by_header("Reply-To: desk@mail.agency.example"), []);
    assert_eq!(by_header("From: lee@agency.example"), [Rule::NeverList]);
    assert_eq!(by_header("From: jo@mail.quiet.example\nReturn-Path: <jo@mail.quiet.example>"), [Rule::NeverList]);
    assert_eq!(by_header("From: jo@devhouse.example\nReturn-Path: <jo@devhouse.example>"), [Rule::Employer]);
}

#[test]
fn the_past_with_the_sender_blocks() {
    let none = History::default();
    assert_eq!(by_history(History { wrote_before: true, ..none }), [Rule::KnownPerson]);
    assert_eq!(by_history(History { answers_us: true, ..none }), [Rule::KnownPerson]);
    assert_eq!(by_history(History { running_outreach: true, ..none }), [Rule::RunningOutreach]);
    assert_eq!(by_history(History { suppressed: true, ..none }), [Rule::NeverList]);
    assert_eq!(by_history(History { already_answered: true, ..none }), [Rule::AlreadyAnswered]);
}

#[test]
fn what_is_no_sure_pitch_blocks() {
    let with = |verdict, scam| {
        let mut gist = gist("");
        gist.recruiter.verdict = verdict;
        gist.recruiter.scam = scam;
        blocked(&gist, |_| {})
    };
    assert_eq!(with(RecruiterVerdict::NotRecruiter, false), [Rule::NotRecruiter]);
    assert_eq!(with(RecruiterVerdict::Unsure, false), [Rule::Unsure]);
    assert_eq!(with(RecruiterVerdict::Recruiter, true), [Rule::Scam]);
}

#[test]
fn names_of_rules_read_back() {
    for (rule, _) in RULES {
        assert_eq!(Rule::parse(rule.as_str()), Some(rule));
    }
}
