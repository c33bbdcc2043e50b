//! What the fuzz targets share: the whole way of a mail through the pure core, and what must hold of
//! every outcome. The pure core is built from its source rather than by its crate, so that nothing
//! else (TLS, SQLite, …) is built and instrumented with it.

/// The modules of `../src` that are wanted.
#[path = "../../src"]
mod core {
    pub mod domain;
}
pub use self::core::domain;

/// The part of `mail` that splits files.
#[path = "../../src/mail"]
pub mod mail {
    pub mod folder_names;
    pub mod mailfile;
}

use domain::gist::{Gist, Kind};
use domain::ident::{Address, BaseSubject, MessageId, NamedAddress, OwnAddresses};
use domain::matching::{self, Candidate};
use domain::read::read;
use jiff::Timestamp;

/// A fixed day, as the domain has no clock.
pub fn received() -> Timestamp {
    Timestamp::from_second(1_789_459_200).expect("a valid time")
}

/// Builds the tables of words once, so that their time is not counted as that of the first input.
pub fn build_tables() {
    for kind in ["plain", "html"] {
        let mail = format!("From: a@b.c\nContent-Type: text/{kind}\n\nThe tables are built on Monday, 5 October.");
        read_and_match(mail.as_bytes());
    }
}

/// Reads a mail, matches it with one outreach, and checks what must hold of any mail.
pub fn read_and_match(raw: &[u8]) {
    let gist = read(raw, received());
    let ana = Address::parse("ana@acme.example").expect("a valid address");
    let candidate = Candidate {
        outreach: 1,
        ids: MessageId::parse("m1@devmail.example").into_iter().collect(),
        recipients: vec![NamedAddress { name: Some("Ana Silva".to_owned()), address: ana }],
        other_addresses: Vec::new(),
        base_subjects: vec![BaseSubject::of("Question about your query planner")],
        touched_at: vec![received()],
        thread_index: None,
        provider_thread: None,
        shingles: gist.shingles.clone(),
    };
    let own = OwnAddresses::new(&Address::parse("dana@devmail.example").into_iter().collect::<Vec<_>>());
    let found = matching::find(&gist, received(), &own, None, &[candidate]);
    assert!(found.len() <= 1, "an outreach is named at most once");
    holds(&gist);
}

fn holds(gist: &Gist) {
    assert_eq!(gist.bounce.is_some(), matches!(gist.kind, Kind::Bounce | Kind::Delay));
    assert_eq!(gist.out_of_office.is_some(), gist.kind == Kind::OutOfOffice);
    assert_eq!(gist.tone.is_some(), matches!(gist.kind, Kind::Human | Kind::OutOfOffice));
    assert!(!gist.kind_because.is_empty());
    assert!(gist.text.chars().count() <= 4000);
    assert!(gist.quoted_addresses.len() <= 50);
    assert!((0.0..=1.0).contains(&gist.recruiter.score));
}
