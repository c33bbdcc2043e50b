use super::*;

#[test]
fn nothing_is_no_pitch() {
    let found = assess(&Inbound::default(), &ReplyText::default(), None);
    assert_eq!(found.verdict, RecruiterVerdict::NotRecruiter);
}
