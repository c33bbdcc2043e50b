//! What the stories share: an ask that is sent from here, and what came of its follow-ups.

use checkback::config::{Config, LogSent};
use checkback::domain::delivery::Errand;
use checkback::domain::duration::Span;
use checkback::domain::ident::{Address, DedupeKey, NamedAddress};
use checkback::domain::sequence::{Action, Only, Sequence, Step, When};
use checkback::sandbox::Received;
use checkback::store::apply::{self, NewMail, Pursuit};
use checkback::store::follow_ups::{self, DueRow};
use jiff::{SignedDuration, Timestamp};

use super::house::House;
use super::mail::Mail;

/// The working day on which the first nudge to an ask of the first day is due, 09:00 in Berlin.
pub const FIRST_NUDGE: &str = "2026-03-17T08:00:00Z";
/// The same for the second nudge, if the first one left at once.
pub const SECOND_NUDGE: &str = "2026-03-27T08:00:00Z";

/// The cold sequence with another action, by the name of the action.
pub fn sequence(action: Action) -> Sequence {
    let step = |days, n: u32| Step {
        when: When::Touch(Span::BusinessDays(days)),
        only: Only::default(),
        template: format!("cold-nudge-{n}"),
        action,
    };
    Sequence {
        name: action.as_str().into(),
        about: "for tests".into(),
        asks: true,
        steps: vec![step(5, 1), step(8, 2)],
    }
}

pub fn settings(config: &mut Config) {
    for action in Action::ALL {
        config.sequences.insert(sequence(action));
    }
    config.outreach.log_sent = LogSent::AllNewThreads;
}

/// A house whose first start is over, and whose Sent folder is the log of outreach.
pub async fn house() -> House {
    House::with(|config, _| settings(config)).await
}

/// Asks somebody from here and has it sent. The Message-ID.
pub async fn ask(house: &House, name: &str, address: &str, subject: &str, sequence: &str) -> String {
    let id = queue_ask(house, name, address, subject, sequence);
    house.sync_well().await;
    id
}

pub fn queue_ask(house: &House, name: &str, address: &str, subject: &str, sequence: &str) -> String {
    let recipient = NamedAddress { name: Some(name.into()), address: Address::parse(address).unwrap() };
    let key = DedupeKey::new("personal", subject, &recipient.address, "hello", 0, 0);
    let message_id = key.message_id(b"tests", "devmail.example");
    let mail = NewMail {
        message_id: message_id.clone(),
        key,
        account: 1,
        errand: Errand::Own,
        purpose: "hello".into(),
        mode: "send",
        inquiry: None,
        sender: NamedAddress {
            name: Some("Dana Reyes".into()),
            address: Address::parse("dana@devmail.example").unwrap(),
        },
        recipient,
        subject: subject.into(),
        text: format!("Hello {name},\n\nmay I ask you about {subject}?\n\nDana\n"),
        html: None,
        in_reply_to: None,
        references: Vec::new(),
        held: None,
        due_at: house.now(),
        marks: Vec::new(),
        root: subject.into(),
        pursuit: Pursuit::Begins { sequence: Some(sequence.into()) },
    };
    let now = house.now();
    house.write(|tx| apply::write_mail(tx, &mail, now)).unwrap();
    message_id.as_str().to_owned()
}

/// Moves the clock to that moment.
pub fn at(house: &House, moment: &str) {
    let moment: Timestamp = moment.parse().unwrap();
    house.advance(moment.duration_since(house.now()));
}

pub fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

/// A mail that comes in now.
pub fn arriving(house: &House, mail: Mail) -> Mail {
    mail.dated(&house.now().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
}

/// Step, state and reason of every follow-up.
pub fn follow_ups(house: &House) -> Vec<String> {
    house.texts("SELECT step || ' ' || state || rtrim(' ' || reason) FROM follow_up ORDER BY outreach, step")
}

pub fn due_at(house: &House) -> Vec<String> {
    house.texts("SELECT due_at FROM follow_up WHERE state NOT IN ('done', 'stopped') ORDER BY outreach, step")
}

/// The follow-ups that left.
pub fn nudges(house: &House) -> Vec<Received> {
    house.sent().into_iter().filter(|mail| text(mail).contains("Subject: Re:")).collect()
}

pub fn text(mail: &Received) -> String {
    String::from_utf8(mail.data.clone()).unwrap()
}

pub fn today(house: &House) -> Vec<DueRow> {
    let until = house.now().checked_add(hours(24)).unwrap();
    follow_ups::due_list(house.workspace.store().read(), until).unwrap()
}
