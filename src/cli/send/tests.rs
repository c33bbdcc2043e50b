use rstest::rstest;

use super::*;

#[rstest]
#[case("Kim Roth <kim@bigcorp.example>", Some("Kim Roth"), "kim@bigcorp.example")]
#[case("\"Roth, Kim\" <Kim@BigCorp.example>", Some("Roth, Kim"), "kim@bigcorp.example")]
#[case("kim@bigcorp.example", None, "kim@bigcorp.example")]
#[case(" <kim@bigcorp.example> ", None, "kim@bigcorp.example")]
fn a_person_is_read_as_people_write_one(#[case] text: &str, #[case] name: Option<&str>, #[case] address: &str) {
    let found = person("--to", text).unwrap();
    assert_eq!((found.name.as_deref(), found.address.as_str()), (name, address));
}

#[rstest]
#[case("-")]
#[case("Kim")]
#[case("")]
#[case("Kim <kim>")]
#[case("kim@a.example, lou@b.example")]
#[case("Kim <kim@a.example>, Lou <lou@b.example>")]
#[case("Kim kim@a.example")]
#[case("kim@a.example\nBcc: lou@b.example")]
#[case("Kim\nBcc: x <kim@a.example>")]
#[case("kîm@a.example")]
#[case("kim@@a.example")]
fn what_is_no_one_address_is_refused(#[case] text: &str) {
    assert!(person("--to", text).unwrap_err().to_string().contains("write one person"), "{text}");
}

#[rstest]
#[case("why", "--var name=value")]
#[case("=x", "--var name=value")]
#[case("a b=x", "--var name=value")]
#[case("why= ", "empty")]
fn a_value_that_is_none_is_refused(#[case] var: &str, #[case] told: &str) {
    assert!(values(&[var.to_owned()]).unwrap_err().to_string().contains(told));
}

#[test]
fn a_value_may_hold_the_sign_that_parts_it_from_its_name() {
    let found = values(&["why=1 + 1 = 2".to_owned(), "role=x".to_owned()]).unwrap();
    assert_eq!(found.get("why").map(String::as_str), Some("1 + 1 = 2"));
    assert!(values(&["why=a".to_owned(), "why=b".to_owned()]).is_err());
}
