use super::*;
use proptest::prelude::*;
use rstest::rstest;

#[test]
fn every_kind_takes_its_words_and_says_so_of_the_others() {
    for kind in Kind::ALL {
        for word in Word::ALL {
            match kind.take(word) {
                Ok(meant) => assert!(kind.words().contains(&meant), "{kind:?} {word:?}"),
                Err(why) => {
                    assert!(!kind.words().contains(&word), "{kind:?} {word:?}");
                    for fits in kind.words() {
                        assert!(why.contains(fits.as_str()), "{why}");
                    }
                }
            }
        }
    }
}

#[test]
fn yes_to_a_finished_mail_is_send() {
    assert_eq!(Kind::HeldAnswer.take(Word::Yes), Ok(Word::Send));
    assert_eq!(Kind::FollowUp.take(Word::Yes), Ok(Word::Send));
    assert_eq!(Kind::Proposal.take(Word::Yes), Ok(Word::Yes));
}

#[test]
fn the_words_of_a_kind_have_keys_of_their_own() {
    for kind in Kind::ALL {
        let mut keys: Vec<char> = kind.words().iter().map(|word| word.key()).chain(['l', 'q']).collect();
        keys.sort_unstable();
        let all = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), all, "{kind:?}");
    }
}

proptest! {
    #[test]
    fn an_items_name_is_read_back(a in 1..i64::MAX, b in 1..i64::MAX) {
        let all = [Item::Mail(a), Item::Proposal(a), Item::FollowUp(a), Item::Answer { outreach: a, message: b }];
        for item in all {
            prop_assert_eq!(Item::parse(&item.to_string()), Some(item));
        }
    }

    #[test]
    fn no_name_breaks_it(name in "\\PC{0,12}") {
        let _ = Item::parse(&name);
    }
}

#[rstest]
#[case("3d", "2026-03-13T09:30:00Z")]
#[case("1w", "2026-03-17T09:30:00Z")]
#[case("friday", "2026-03-12T23:00:00Z")]
#[case("Fri.", "2026-03-12T23:00:00Z")]
#[case("tuesday", "2026-03-16T23:00:00Z")]
#[case("tomorrow", "2026-03-10T23:00:00Z")]
#[case("2026-04-01", "2026-03-31T22:00:00Z")]
#[case("2026-04-01T09:00", "2026-04-01T07:00:00Z")]
fn a_moment_is_read_as_people_write_it(#[case] text: &str, #[case] at: &str) {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let now: Timestamp = "2026-03-10T09:30:00Z".parse().unwrap();
    assert_eq!(moment(text, &zone, now), Ok(at.parse().unwrap()), "{text}");
}

#[rstest]
#[case("")]
#[case("soon")]
#[case("th")]
#[case("2026-03-10")]
#[case("yesterday")]
fn what_is_no_moment_to_come_is_refused_in_words(#[case] text: &str) {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    assert!(moment(text, &zone, "2026-03-10T09:30:00Z".parse().unwrap()).is_err(), "{text}");
}
