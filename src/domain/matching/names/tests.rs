use rstest::rstest;

use super::*;
use crate::domain::ident::Address;

fn person(name: Option<&str>, address: &str) -> NamedAddress {
    NamedAddress { name: name.map(str::to_owned), address: Address::parse(address).unwrap() }
}

#[rstest]
#[case("Jörg Müller", "JOERG MUELLER")]
#[case("Dr. Jörg Müller", "Müller, Jörg")]
#[case("Jorg Muller", "Prof. Dr. Jörg Müller, PhD")]
#[case("Zoë O’Brien", "Zoe O'Brien")]
#[case("Robert J. Miller", "Robert Miller")]
#[case("Ana Silva", "Ana Silva via LinkedIn")]
#[case("Ana Silva", "Ana Silva (Acme Corp)")]
#[case("Ana Silva", "Ana Silva | Acme")]
#[case("Łukasz Groß", "Lukasz Gross")]
#[case("王 伟", "王伟")]
fn spellings_of_one_name_are_the_same(#[case] one: &str, #[case] other: &str) {
    assert!(same(&person(Some(one), "a@x.example"), &person(Some(other), "b@y.example")));
}

#[rstest]
#[case("Ana Silva", "Ana Souza")]
#[case("Ana", "Ana")]
#[case("Dr. Ana", "Ana")]
#[case("", "")]
#[case("Ana Silva", "Ana Maria Silva")]
fn other_names_and_first_names_alone_are_not_the_same(#[case] one: &str, #[case] other: &str) {
    assert!(!same(&person(Some(one), "a@x.example"), &person(Some(other), "b@y.example")));
}

#[test]
fn an_address_that_spells_the_name_stands_in_for_a_missing_one() {
    assert!(same(&person(None, "ana.silva@acme.example"), &person(Some("Ana Silva"), "b@y.example")));
    assert!(!same(&person(None, "asilva@acme.example"), &person(Some("Ana Silva"), "b@y.example")));
}
