use imap_types::sequence::SequenceSet;

use super::holds;

#[test]
fn a_star_is_the_last_message_and_ranges_may_be_turned_round() {
    for (set, number, last, held) in [
        ("1:3", 2, 9, true),
        ("3:1", 2, 9, true),
        ("1:3,7", 7, 9, true),
        ("1:3,7", 5, 9, false),
        ("*", 9, 9, true),
        ("12:*", 9, 9, true),
        ("12:*", 8, 9, false),
        ("*:4", 5, 9, true),
    ] {
        let set: SequenceSet = set.parse().unwrap();
        assert_eq!(holds(&set, number, last), held, "{set:?} on {number}");
    }
}
