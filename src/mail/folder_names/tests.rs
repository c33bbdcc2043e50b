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
fn every_known_name_is_found_and_belongs_to_one_purpose() {
    for (purpose, names) in NAMES {
        for name in *names {
            assert_eq!(hint(name), *purpose, "{name}");
        }
    }
}

#[rstest]
#[case("Tom &- Jerry", "Tom & Jerry")]
#[case("Tom & Jerry", "Tom & Jerry")]
#[case("&U,BTFw-", "台北")]
#[case("a&!!-b", "a&!!-b")]
#[case("end&", "end&")]
fn modified_utf7_is_decoded_and_the_rest_left_alone(#[case] name: &str, #[case] expected: &str) {
    assert_eq!(decoded(name), expected);
}
