use proptest::prelude::*;
use regex::Regex;
use rstest::rstest;

use super::*;
use crate::domain::phrases::filter::telling;

const NO_LETTER: &str = r"[^\p{L}]";

#[test]
fn a_table_finds_its_own_matches_only() {
    let first = vec![(NO_LETTER, "no (?:way|chance)|never".to_owned()), ("", "無理".to_owned())];
    let patterns = Patterns::new([first, vec![("", r"\d+ days?".to_owned())]]);
    let found = patterns.search("never 3 days, no chance, casino way 無理");
    assert_eq!(found.each(0).collect::<Vec<_>>(), [0..5, 13..23, 36..42]);
    assert!(found.each(1).eq(std::iter::once(6..12)));
    assert!(found.has(0) && found.has(1) && !found.has(2));
    assert!(!patterns.search("casino").has(0));
}

#[rstest]
#[case::what_stands_side_by_side_is_one(r"no (?:time|capacity) \w+", vec![vec!["no time ", "no capacity "]])]
#[case::what_may_be_missing_is_not_needed("(?:very )?(?:much|well) obliged", vec![vec!["much obliged", "well obliged"]])]
#[case::of_each_choice_one(r"(?:\w+ing|kein\w* .*bedarf)", vec![vec!["ing", "bedarf"]])]
#[case::all_that_is_needed(r"\S+ vergeben\w* (?:\S+ )+leider", vec![vec![" vergeben"], vec!["leider"], vec![" "]])]
#[case::anything_needs_nothing(r"\w+(?:office)?a*", vec![])]
fn the_strings_that_a_pattern_needs(#[case] pattern: &str, #[case] wanted: Vec<Vec<&str>>) {
    let mut found = telling(needed::strings(pattern));
    found.dedup();
    assert_eq!(found, wanted);
}

#[test]
fn a_pattern_is_cut_at_its_outermost_bars_only() {
    assert_eq!(cut(r"a(?:b|c)|[|(]d|\|e").collect::<Vec<_>>(), [r"a(?:b|c)", "[|(]d", r"\|e"]);
}

proptest! {
    #[test]
    fn it_finds_what_one_expression_of_all_finds(text in "(no|not|t|way|w|a| |nota|,|ü){0,30}") {
        let [first, second, third] = ["no(?:t)?|not a", r"(?:no|a) (?:\w+ )?way|way\w*", "ta|ü"];
        let whole = Regex::new(&format!("(?:^|{NO_LETTER})(?:{first}|{second})|{third}")).unwrap();
        let wanted: Vec<_> = whole.find_iter(&text).map(|hit| hit.range()).collect();
        let table = vec![(NO_LETTER, first.to_owned()), (NO_LETTER, second.to_owned()), ("", third.to_owned())];
        let found: Vec<_> = Patterns::new([table]).search(&text).each(0).collect();
        prop_assert_eq!(found, wanted);
    }
}
