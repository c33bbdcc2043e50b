use proptest::prelude::*;

use super::*;

const TEXT: &str = "I read your post on tracing allocators and would like to ask how you test them in production";

#[test]
fn quote_marks_case_punctuation_and_line_breaks_do_not_count() {
    let quoted = "> I read your post on *tracing* allocators,\r\n> and would like to ask: HOW you\u{a0}test them in produc\u{ad}tion?";
    assert_eq!(shingles(quoted), shingles(TEXT));
}

#[test]
fn a_short_text_is_one_shingle_and_an_empty_one_none() {
    assert_eq!(shingles("Coffee next week?").len(), 1);
    assert_eq!(shingles("one two three four five").len(), 1);
    assert_eq!(shingles(" -- !? "), Vec::<u32>::new());
}

#[test]
fn a_script_without_spaces_has_one_word_a_character() {
    assert_eq!(shingles("我想请教您关于异步运行时的问题").len(), 11);
}

#[test]
fn the_stored_hashes_never_change() {
    assert_eq!(shingles("would you have half an"), [2_334_291_180]);
}

#[test]
fn a_long_mail_around_our_text_does_not_hide_it() {
    let ours: Vec<String> = (0..400).map(|n| format!("ours{n}")).collect();
    let rest: Vec<String> = (0..6000).map(|n| format!("rest{n}")).collect();
    let long = shingles(&format!("{} {}", rest.join(" "), ours.join(" ")));
    assert_eq!(long.len(), SKETCH);
    let overlap = Overlap::of(&shingles(&ours.join(" ")), &long);
    assert_eq!(overlap.shared, overlap.of);
    assert!(overlap.is_most(), "{overlap:?}");
    assert_eq!(Overlap::of(&shingles(&rest.join(" ")), &shingles(&ours.join(" "))).shared, 0);
}

#[test]
fn two_shared_shingles_are_no_quote() {
    let overlap = Overlap::of(&shingles("one two three four five six"), &shingles("one two three four five six"));
    assert_eq!((overlap.shared, overlap.of), (2, 2));
    assert!(!overlap.is_some());
}

fn text(words: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(0u16..3000, words)
}

fn join(words: &[u16]) -> String {
    words.iter().map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_text_is_contained_in_every_text_around_it(before in text(0..900), ours in text(12..900), after in text(0..900)) {
        let whole = [before, ours.clone(), after].concat();
        let overlap = Overlap::of(&shingles(&join(&ours)), &shingles(&join(&whole)));
        prop_assert_eq!(overlap.shared, overlap.of);
    }

    #[test]
    fn the_estimate_is_near_the_true_containment(ours in text(300..1500), cut in 0usize..100, other in text(0..1500)) {
        let kept = &ours[..ours.len() * cut / 100];
        let theirs = [kept, &other].concat();
        let all = |words: &[u16]| words.windows(WORDS).map(<[u16]>::to_vec).collect::<std::collections::BTreeSet<_>>();
        let (a, b) = (all(&ours), all(&theirs));
        let truth = a.intersection(&b).count() as f64 / a.len() as f64;
        let Overlap { shared, of } = Overlap::of(&shingles(&join(&ours)), &shingles(&join(&theirs)));
        // Five standard deviations of the sample, and what a small sample rounds away.
        let bound = 5.0 * (0.25 / of as f64).sqrt() + 1.0 / of as f64;
        prop_assert!((shared as f64 / of as f64 - truth).abs() <= bound, "{} of {}, truth {}", shared, of, truth);
    }

    #[test]
    fn any_text_gives_a_sorted_sketch_without_repetition(text in any::<String>()) {
        let sketch = shingles(&text);
        prop_assert!(sketch.len() <= SKETCH);
        prop_assert!(sketch.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
