//! What templates may name: the values that are known of the one who is written to and of the user.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::domain::ident::{NamedAddress, first_name_of};

/// The values of one mail: `name`, `first_name`, `email` and `greeting` of its reader, `my_name` and
/// `my_first_name` of the user, and the day on which it is written. A name that is not known is left out, so
/// that a template which needs it is refused; the greeting is right without one too.
pub fn of_person(reader: &NamedAddress, user: &NamedAddress, today: Date) -> BTreeMap<String, String> {
    let mut words = BTreeMap::from([
        ("email".to_owned(), reader.address.as_str().to_owned()),
        ("today".to_owned(), today.to_string()),
    ]);
    for (person, full, first) in [(reader, "name", "first_name"), (user, "my_name", "my_first_name")] {
        let Some(name) = person.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) else { continue };
        words.insert(full.to_owned(), name.to_owned());
        words.extend(first_name_of(person).map(|name| (first.to_owned(), name)));
    }
    let greeting = words.get("first_name").map_or_else(|| "Hi,".to_owned(), |name| format!("Hi {name},"));
    words.insert("greeting".to_owned(), greeting);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ident::{Address, first_name};

    fn person(name: Option<&str>) -> NamedAddress {
        NamedAddress { name: name.map(str::to_owned), address: Address::parse("a@b.example").unwrap() }
    }

    #[test]
    fn the_first_name_is_found_however_the_name_is_written() {
        for (name, first) in [
            ("Ada Moreau", Some("Ada")),
            ("Moreau, Ada", Some("Ada")),
            ("Dr. Ada Moreau", Some("Ada")),
            ("Prof. Dr. Moreau, Ada", Some("Ada")),
            ("Ada", Some("Ada")),
            ("\"Ada Moreau\"", Some("Ada")),
            ("Ada Moreau, PhD", Some("Ada")),
            ("Ada Moreau, Ph.D., MBA", Some("Ada")),
            ("ADA MOREAU", Some("Ada")),
            ("MOREAU, ADA", Some("Ada")),
            ("ada moreau", Some("Ada")),
            ("jean-luc moreau", Some("Jean-Luc")),
            ("JP Moreau", Some("JP")),
            ("McKenna Moreau", Some("McKenna")),
            ("Zoë O'Hara", Some("Zoë")),
            ("李 雷", Some("李")),
            ("Ada (she/her) Moreau", Some("Ada")),
            ("ada@b.example", None),
            ("Steve Jobs", Some("Steve")),
            ("Jobs at Acme", None),
            ("A. Moreau", None),
            ("Acme Recruiting Team", None),
            ("HR", None),
            ("J. Roth", None),
            ("kim.roth", None),
            ("BigCorp Careers", None),
            ("Recruiting Team", None),
            ("Exec Systems", None),
            ("Kim, Head of HR", Some("Kim")),
            ("Kim Roth, Talent Acquisition", Some("Kim")),
            ("Kim Roth, Globex", None),
            ("van Dijk, Kim", Some("Kim")),
            ("Herr Roth", None),
            ("Dr. Roth", None),
            ("Frau Kim Roth", Some("Kim")),
            ("Head of Platform", None),
            ("Kim (Globex)", Some("Kim")),
            ("4711", None),
        ] {
            assert_eq!(first_name(name).as_deref(), first, "{name}");
        }
    }

    #[test]
    fn a_firm_is_greeted_without_a_name() {
        for (name, address, greeting) in [
            ("Globex", "jobs@globex.example", "Hi,"),
            ("Big Corp", "kim@bigcorp.example", "Hi,"),
            ("kim roth", "kim@globex.example", "Hi Kim,"),
            ("Ada", "ada@ada.example", "Hi Ada,"),
        ] {
            let reader = NamedAddress { name: Some(name.to_owned()), address: Address::parse(address).unwrap() };
            let words = of_person(&reader, &person(None), jiff::civil::date(2026, 3, 10));
            assert_eq!(words.get("greeting").map(String::as_str), Some(greeting), "{name}");
        }
    }

    #[test]
    fn a_name_that_is_not_known_is_left_out() {
        let words = of_person(&person(None), &person(Some("Dana Reyes")), jiff::civil::date(2026, 3, 10));
        assert_eq!(words.get("first_name"), None);
        assert_eq!(words.get("greeting").map(String::as_str), Some("Hi,"));
        assert_eq!(words.get("my_first_name").map(String::as_str), Some("Dana"));
        assert_eq!(words.get("email").map(String::as_str), Some("a@b.example"));
    }
}
