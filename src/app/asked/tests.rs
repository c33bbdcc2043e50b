use super::*;

#[test]
fn a_missing_value_is_told_with_what_it_means() {
    assert_eq!(how_to_give("why", Some("why you write")), "  --var why=…   why you write");
    assert!(how_to_give("my_first_name", None).contains("display_name"));
    assert!(how_to_give("first_name", None).contains("--to"));
}
