use rstest::rstest;

use super::*;

#[rstest]
#[case("INBOX", FolderHint::Inbox)]
#[case("[Gmail]/Sent Mail", FolderHint::Sent)]
#[case("[Google Mail]/Gesendet", FolderHint::Sent)]
#[case("INBOX.Sent", FolderHint::Sent)]
#[case("Sent.2025", FolderHint::Sent)]
#[case("Gesendete  Objekte", FolderHint::Sent)]
#[case("Entw&APw-rfe", FolderHint::Drafts)]
#[case("Entwu\u{308}rfe", FolderHint::Drafts)]
#[case("&kAFP4W4IMH8-", FolderHint::Sent)]
#[case("Junk-E-Mail", FolderHint::Junk)]
#[case("Trash/Sent/2024", FolderHint::Sent)]
#[case("personal/INBOX", FolderHint::Inbox)]
#[case("INBOX.Lists", FolderHint::Other)]
#[case("Consent forms", FolderHint::Other)]
#[case("", FolderHint::Other)]
fn a_folder_is_known_by_its_name(#[case] name: &str, #[case] expected: FolderHint) {
    assert_eq!(hint(name), expected);
}

#[test]
fn a_known_name_is_written_as_it_is_compared_and_stands_for_one_role() {
    let mut seen = std::collections::BTreeSet::new();
    for (role, names) in NAMES {
        for name in *names {
            assert_eq!(folded(name), *name);
            assert!(seen.insert(*name), "{name} stands twice");
            let expected = match role {
                Role::All | Role::Archive => "other",
                role => role.as_str(),
            };
            assert_eq!(hint(name).as_str(), expected, "{name}");
        }
    }
}

#[rstest]
#[case("Tom &- Jerry", "Tom & Jerry")]
#[case("Tom & Jerry", "Tom & Jerry")]
#[case("&U,BTFw-", "台北")]
#[case("a&!!-b", "a&!!-b")]
#[case("end&", "end&")]
#[case("Entw&APw-rfe", "Entwürfe")]
#[case("R&AOk-ponses &- co", "Réponses & co")]
#[case("&2D3eAA-", "😀")]
#[case("INBOX", "INBOX")]
#[case("R&D", "R&D")]
#[case("&AB-", "&AB-")]
#[case("Entwürfe", "Entwürfe")]
fn modified_utf7_is_decoded_and_the_rest_left_alone(#[case] name: &str, #[case] expected: &str) {
    assert_eq!(decoded(name), expected);
}
