//! What templates may name: the values that are known of the one who is written to and of the user.

use std::collections::BTreeMap;

use crate::domain::ident::NamedAddress;

/// The values of one mail: `name`, `first_name` and `email` of its reader, `my_name` and
/// `my_first_name` of the user. A name that is not known is left out, so that a template which needs
/// it is refused instead of greeting nobody.
pub fn of_person(reader: &NamedAddress, user: &NamedAddress) -> BTreeMap<String, String> {
    let mut words = BTreeMap::from([("email".to_owned(), reader.address.as_str().to_owned())]);
    for (person, full, first) in [(reader, "name", "first_name"), (user, "my_name", "my_first_name")] {
        let Some(name) = person.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) else { continue };
        words.insert(full.to_owned(), name.to_owned());
        words.extend(first_name(name).map(|name| (first.to_owned(), name.to_owned())));
    }
    words
}

/// The given name of a full name as people write it before an address; `None` where it can't be told.
fn first_name(name: &str) -> Option<&str> {
    const TITLES: [&str; 12] = ["dr", "prof", "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "m", "mme", "sir"];
    let given = name.split_once(',').map_or(name, |(_, given)| given);
    let is_title = |word: &str| TITLES.contains(&word.trim_end_matches('.').to_lowercase().as_str());
    given.split_whitespace().find(|word| !is_title(word)).filter(|word| !word.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ident::Address;

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
            ("ada@b.example", None),
        ] {
            assert_eq!(first_name(name), first, "{name}");
        }
    }

    #[test]
    fn a_name_that_is_not_known_is_left_out() {
        let words = of_person(&person(None), &person(Some("Dana Reyes")));
        assert_eq!(words.get("first_name"), None);
        assert_eq!(words.get("my_first_name").map(String::as_str), Some("Dana"));
        assert_eq!(words.get("email").map(String::as_str), Some("a@b.example"));
    }
}
