//! What the mailbox server can do to the reading: every mail is learnt once, none is lost, nobody waits
//! for ever.

use checkback::sandbox::{Fault, ImapEffect, Verb};
use jiff::SignedDuration;
use rstest::rstest;

use super::house::House;
use super::mail::Mail;

/// Three recruiters.
fn three() -> [Mail; 3] {
    [
        Mail::pitch(),
        Mail::pitch_from("Jonas Beck", "jonas@talentwerk.example"),
        Mail::pitch_from("Mia Lang", "mia@codehire.example"),
    ]
}

/// A house in which three pitches wait to be read.
async fn waiting() -> House {
    let house = House::open().await;
    for mail in three() {
        house.deliver(&mail);
    }
    house
}

/// Whoever was written to, in order of name.
fn answered(house: &House) -> Vec<String> {
    let mut to: Vec<String> = house.sent().into_iter().flat_map(|mail| mail.rcpt_to).collect();
    to.sort();
    to
}

fn all_three() -> [String; 3] {
    ["jonas@talentwerk.example", "mia@codehire.example", "rita.holm@brightstaff.example"].map(str::to_owned)
}

#[rstest]
#[case::no(ImapEffect::No("[UNAVAILABLE] later".to_owned()))]
#[case::no_after_one(ImapEffect::NoAfter(1))]
#[case::bad(ImapEffect::Bad("what".to_owned()))]
#[case::bye(ImapEffect::Bye("closing".to_owned()))]
#[case::cut(ImapEffect::Cut)]
#[case::cut_at_once(ImapEffect::CutAfter(0))]
#[case::cut_in_the_line(ImapEffect::CutAfter(20))]
#[case::cut_in_a_mail(ImapEffect::CutAfter(700))]
#[case::cut_between(ImapEffect::CutAfter(2500))]
#[case::silence(ImapEffect::Silence)]
#[case::nothing(ImapEffect::EmptyOk)]
#[case::not_all(ImapEffect::Withhold(vec![2]))]
#[case::none(ImapEffect::Withhold(vec![1, 2, 3]))]
#[case::huge(ImapEffect::HugeLiteral(512 << 20))]
#[case::garbage(ImapEffect::Garbage(b"* 1 FETCH (UID ((((\r\n".to_vec()))]
#[case::other_mail(ImapEffect::Garbage(b"* 9 FETCH (UID 99 BODY[] {3}\r\nabc)\r\n".to_vec()))]
#[tokio::test]
async fn a_fault_while_mails_are_fetched_loses_none(
    #[case] effect: ImapEffect,
    // the first FETCH lists what is new, the second one gets it
    #[values(1, 2)] nth: u32,
) {
    let house = waiting().await;
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(nth).then(effect));
    house.sync().await;
    assert_eq!(house.world().faults_pending(), 0);
    house.advance(SignedDuration::from_mins(10));
    house.sync().await;
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    assert_eq!(answered(&house), all_three());
    assert_eq!(house.count("SELECT count(*) FROM message WHERE ours = 0"), 3);
}

#[rstest]
#[case(Verb::Connect)]
#[case(Verb::Capability)]
#[case(Verb::Login)]
#[case(Verb::List)]
#[case(Verb::Examine)]
#[tokio::test]
async fn a_fault_before_the_mails_only_delays(
    #[case] verb: Verb,
    #[values(ImapEffect::Cut, ImapEffect::Silence, ImapEffect::Bye("later".to_owned()), ImapEffect::No("no".to_owned()))]
    effect: ImapEffect,
) {
    let house = waiting().await;
    house.world().inject(Fault::imap(verb).then(effect));
    house.sync().await;
    house.advance(SignedDuration::from_mins(10));
    house.sync_well().await;
    assert_eq!(answered(&house), all_three());
}

#[tokio::test]
async fn a_gate_that_cannot_be_read_lets_nothing_pass() {
    let house = House::open().await;
    house.deliver(&Mail::pitch());
    // the second EXAMINE of a folder in one sync is the gate's
    house.world().inject(Fault::imap(Verb::Examine).folder("Archive").nth(2).standing().no("[UNAVAILABLE] later"));
    let synced = house.sync().await;
    assert_eq!(synced.exit_code(), 4, "something due stayed unsent");
    assert!(house.sent().is_empty());
    assert_eq!(house.states(), ["queued"]);
    house.world().clear_faults();
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test]
async fn a_mail_that_breaks_every_fetch_does_not_block_the_others() {
    let house = waiting().await;
    let poison = ImapEffect::Garbage(b"* 2 FETCH (UID 2 BODY[] {999999999}\r\n".to_vec());
    // the listing is well, every FETCH that has the second mail in it is not
    let before = house.world().commands().len();
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(2).then(poison.clone()));
    house.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(4).then(poison));
    house.sync().await;
    house.advance(SignedDuration::from_mins(10));
    house.sync().await;
    house.sync().await;
    assert_eq!(answered(&house), all_three(), "{:?}", house.world().commands().split_off(before));
}

#[tokio::test]
async fn a_new_uidvalidity_answers_nobody_again_and_loses_nobody() {
    let house = House::open().await;
    let [first, second, third] = three();
    house.deliver(&first);
    house.sync_well().await;
    house.advance(SignedDuration::from_mins(5));
    // the second one comes before, the third one after the folder was made anew
    house.deliver(&second);
    house.world().set_uid_validity("dana", "INBOX", 4_000_000).unwrap();
    house.deliver(&third);
    house.sync_well().await;
    house.advance(SignedDuration::from_mins(5));
    house.sync_well().await;
    assert_eq!(answered(&house), all_three());
    assert_eq!(
        house.count("SELECT count(*) FROM location JOIN mailbox ON mailbox.id = mailbox_id WHERE role = 'inbox'"),
        3
    );
}

#[tokio::test]
async fn old_mail_under_a_new_uidvalidity_stays_old() {
    let bytes = Mail::pitch().bytes();
    let house = House::with(|_, world| {
        let before = world.now() - SignedDuration::from_mins(1);
        world.deliver("dana", "INBOX", &bytes, Some(before)).unwrap();
    })
    .await;
    // as if it had been learnt by nobody: only the dates are left to tell
    for table in ["pitch", "reference", "location", "message"] {
        house.write(|tx| Ok(tx.execute(&format!("DELETE FROM {table}"), [])?));
    }
    house.world().set_uid_validity("dana", "INBOX", 4_000_000).unwrap();
    house.sync_well().await;
    assert!(house.sent().is_empty());
    assert_eq!(house.blocked_by(&Mail::pitch().id()), Some(vec!["before_start".to_owned()]));
}

#[tokio::test]
async fn a_mail_that_vanishes_between_listing_and_fetching_is_no_trouble() {
    let house = waiting().await;
    let fault = Fault::imap(Verb::Fetch).folder("INBOX").nth(2).run(|world| {
        world.expunge("dana", "INBOX", 2).unwrap();
    });
    house.world().inject(fault);
    house.sync().await;
    house.sync_well().await;
    assert_eq!(answered(&house), ["mia@codehire.example", "rita.holm@brightstaff.example"]);
}

#[tokio::test]
async fn a_mail_that_comes_while_the_folder_is_read_is_not_skipped() {
    let house = House::open().await;
    let [first, second, _] = three();
    house.deliver(&first);
    let bytes = second.bytes();
    let fault = Fault::imap(Verb::Fetch).folder("INBOX").nth(2).run(move |world| {
        world.deliver("dana", "INBOX", &bytes, None).unwrap();
    });
    house.world().inject(fault);
    house.sync_well().await;
    house.sync_well().await;
    assert_eq!(house.sent().len(), 2);
}

#[tokio::test]
async fn every_connection_may_end_at_any_time() {
    let house = waiting().await;
    for _ in 0..3 {
        house.sandbox.cut_connections();
        house.sync().await;
        house.advance(SignedDuration::from_mins(10));
    }
    assert_eq!(answered(&house), all_three());
}

#[tokio::test]
async fn mail_that_can_not_be_parsed_is_learnt_and_never_answered() {
    let house = House::open().await;
    for bytes in [&b"\r\n"[..], b"\0\0\0", b"From: x\r\n", b"\xff\xfe\r\n\r\n\r\n", &[b'A'; 100_000]] {
        house.world().deliver("dana", "INBOX", bytes, None).unwrap();
    }
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    assert_eq!(house.sent().len(), 1);
    assert_eq!(
        house.count("SELECT count(*) FROM location JOIN mailbox ON mailbox.id = mailbox_id WHERE role = 'inbox'"),
        6
    );
}

#[tokio::test]
async fn thousands_of_mails_are_read_in_chunks() {
    let house = House::open().await;
    house.world().edit(|world| {
        for n in 0..450 {
            let mail = Mail::to_dana(
                &format!("n{n}@friends.example"),
                "Lena <lena@friends.example>",
                &format!("Hi {n}"),
                "Hi\r\n",
            );
            world.deliver("dana", "INBOX", &mail.bytes(), None).unwrap();
        }
    });
    house.deliver(&Mail::pitch());
    house.sync_well().await;
    assert_eq!(house.count("SELECT count(*) FROM message WHERE ours = 0"), 451);
    assert_eq!(house.sent().len(), 1);
}
