use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn said(text: &str) -> Vec<String> {
    parse(text)
        .orders
        .iter()
        .map(|order| {
            let targets: Vec<String> = order.targets.iter().map(Target::to_string).collect();
            format!("{} {} {}", order.word.as_str(), targets.join(" "), order.until).trim().to_owned()
        })
        .collect()
}

#[rstest]
#[case("send 1 3", &["send 1 3"])]
#[case("Send 1, 3.", &["send 1 3"])]
#[case("SEND #1 & #3!", &["send 1 3"])]
#[case("snooze 2 friday", &["snooze 2 friday"])]
#[case("Snooze 2 until Friday.", &["snooze 2 friday"])]
#[case("snooze 4 3d", &["snooze 4 3d"])]
#[case("snooze 4 for 3 days", &["snooze 4 3d"])]
#[case("snooze 2 2026-12-01", &["snooze 2 2026-12-01"])]
#[case("no 4", &["no 4"])]
#[case("please done 1", &["done 1"])]
#[case("- stop 2", &["stop 2"])]
#[case("send 1 and done 2", &["send 1", "done 2"])]
#[case("send 1; snooze 2 1w; no 3", &["send 1", "snooze 2 1w", "no 3"])]
#[case("draft m4 f12", &["draft m4 f12"])]
#[case("yes a3-9", &["yes a3-9"])]
#[case("Hi,\n\nsend 1\nno 4\n\nThanks,\nDana", &["send 1", "no 4"])]
#[case("Recruiter 4", &["recruiter 4"])]
fn plain_words_are_understood(#[case] text: &str, #[case] orders: &[&str]) {
    assert_eq!(said(text), orders);
    assert!(parse(text).mangled.is_empty(), "{:?}", parse(text).mangled);
}

#[rstest]
#[case("No, I don't think that this is a good idea at the moment.")]
#[case("Thanks for all of that")]
#[case("I will send 3 of them tomorrow")]
#[case("Done is better than perfect, as they say")]
#[case("")]
fn prose_is_no_command(#[case] text: &str) {
    assert_eq!(parse(text), Orders::default());
}

#[rstest]
#[case("send")]
#[case("snooze 2")]
#[case("send one")]
#[case("send 1 tomorrow")]
#[case("done 1 snooze 2")]
fn a_line_that_is_half_understood_does_nothing_and_is_told(#[case] text: &str) {
    let found = parse(text);
    assert!(found.orders.is_empty(), "{found:?}");
    assert_eq!(found.mangled, [text]);
}

#[rstest]
#[case("undo")]
#[case("Undo!")]
#[case("Hi,\n\nplease undo.\n\nDana")]
fn undo_is_a_line_of_its_own(#[case] text: &str) {
    let found = parse(text);
    assert!(found.undo && found.orders.is_empty() && found.mangled.is_empty(), "{found:?}");
}

#[test]
fn undo_of_a_number_is_told_and_prose_about_it_is_none() {
    assert_eq!(parse("undo 3"), Orders { mangled: vec!["undo 3".to_owned()], ..Orders::default() });
    assert_eq!(parse("Undo is what I miss most in this program"), Orders::default());
}

#[test]
fn a_text_is_kept_without_its_tokens_wherever_they_stand() {
    let one = token(&[7; 32], "all");
    let text =
        format!("Re: Tue [{one}] ünd <mailto:a@b.example?subject=no%5B{}%5D> x{one}y cb-short", one.to_uppercase());
    let kept = redact(&text);
    assert_eq!(kept, "Re: Tue [cb-…] ünd <mailto:a@b.example?subject=no%5BCB-…%5D> xcb-… cb-short");
    assert_eq!(hashes(&text), [hash(&one)]);
    assert_eq!(hashes(&kept), Vec::<String>::new());
}

#[test]
fn tokens_are_found_whole_and_once() {
    let one = token(&[7; 32], "all");
    let other = token(&[7; 32], "3 send");
    assert_eq!(one.len(), LEAD.len() + LENGTH);
    assert_ne!(one, other);
    let text = format!("Re: Tue [{one}] {} ({other}) x{one} {one}a {}", one.to_uppercase(), one.get(..20).unwrap());
    assert_eq!(tokens(&text), [one.clone(), other]);
    assert_ne!(hash(&one), one);
    assert_eq!(hash(&one).len(), 64);
}

proptest! {
    #[test]
    fn nothing_that_is_written_breaks_it(text in "\\PC{0,200}") {
        let found = parse(&text);
        prop_assert!(found.orders.iter().all(|order| !order.targets.is_empty()));
        let _ = tokens(&text);
    }

    #[test]
    fn what_is_kept_of_a_text_holds_no_token(before in "\\PC{0,40}", behind in "\\PC{0,40}", seed in prop::array::uniform32(0_u8..)) {
        let one = token(&seed, "all");
        let kept = redact(&format!("{before}{one}{behind}"));
        prop_assert!(!kept.to_ascii_lowercase().contains(one.trim_start_matches(LEAD)));
        prop_assert!(tokens(&kept).is_empty());
    }

    #[test]
    fn every_seed_and_purpose_has_a_token_of_its_own(seed in prop::array::uniform32(0_u8..), other in prop::array::uniform32(0_u8..)) {
        prop_assume!(seed != other);
        prop_assert_ne!(token(&seed, "all"), token(&other, "all"));
        prop_assert_eq!(tokens(&token(&seed, "all")), [token(&seed, "all")]);
    }
}
