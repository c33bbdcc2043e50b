use super::*;
use crate::domain::read;
use rstest::rstest;

fn gist(words: &str) -> (Gist, Timestamp) {
    let raw = format!(
        "From: Kim Roth <kim@bigcorp.example>\r\nTo: dana@devmail.example\r\nSubject: Re: Coffee\r\n\
         Date: Tue, 10 Mar 2026 10:00:00 +0000\r\nMessage-ID: <a@bigcorp.example>\r\n\r\n{words}\r\n"
    );
    let at = "2026-03-10T10:00:00Z".parse().unwrap();
    (read::read(raw.as_bytes(), at), at)
}

#[rstest]
#[case::a_yes_with_a_day("Sure, gladly. Let us talk on 17 March 2026.", Some("yes, the meeting on 2026-03-17"))]
#[case::a_yes_with_two_days("Sure, gladly. 17 March 2026 or 19 March 2026?", Some("yes"))]
#[case::a_no("Thanks, but I am not interested.", Some("no"))]
#[case::never_again("Do not contact me again.", None)]
#[case::later("Not now, please write to me again on 5 June 2026.", Some("later on 2026-06-05"))]
#[case::somebody_else("I am the wrong person, please contact lee.park@other.example instead.", Some("Lee Park"))]
#[case::a_name_beside_it(
    "Please contact Carla Diaz <carla@other.example> instead, I am the wrong person.",
    Some("Carla Diaz")
)]
#[case::behind_a_title(
    "I am the wrong person, please contact our head of hiring, Jo (jo@other.example), instead.",
    Some("Jo")
)]
#[case::at_the_beginning(
    "I'm not the right person for this.\nContact Ana-Lia O'Neil <a@other.example>",
    Some("Ana-Lia O'Neil")
)]
#[case::no_name("I am the wrong person, please contact jobs@other.example instead.", Some("jobs@other.example"))]
#[case::a_question("What is it about?", None)]
fn an_answer_suggests_what_a_person_would_do(#[case] words: &str, #[case] wanted: Option<&str>) {
    let (gist, at) = gist(words);
    let said = suggested(&gist, at, &TimeZone::UTC).map(|step| match step {
        NextStep::Yes { on: Some(on) } => format!("yes, the meeting on {on}"),
        NextStep::Yes { on: None } => "yes".to_owned(),
        NextStep::No => "no".to_owned(),
        NextStep::Later { on, .. } => format!("later on {on}"),
        NextStep::Other { to, .. } => to.label().to_owned(),
    });
    assert_eq!(said.as_deref(), wanted, "{:?}", gist.tone);
}
