//! Mail that looks like an answer to the daily mail and is none of the user's own, or is broken: it does
//! nothing, and the next daily mail tells of it.

use super::answering::{STEP, later, link, links, put, reply, told};
use super::house::House;
use super::letters::{Letter, to_dana, to_others, until};
use super::mail::Mail;

#[derive(Debug, Clone, Copy)]
enum Attack {
    OnlyInTheInbox,
    UnknownToken,
    CutToken,
    OnlyQuoted,
    Forward,
    ForwardToOneself,
    ToSomebodyElseToo,
    OutOfOffice,
    AllTokens,
    Mangled,
    NoSuchItem,
    AnotherAddress,
    WrongLink,
    Stranger,
    StrangerWithALink,
    UndoByALink,
}

impl Attack {
    const ALL: [Self; 16] = [
        Self::OnlyInTheInbox,
        Self::UnknownToken,
        Self::CutToken,
        Self::OnlyQuoted,
        Self::Forward,
        Self::ForwardToOneself,
        Self::ToSomebodyElseToo,
        Self::OutOfOffice,
        Self::AllTokens,
        Self::Mangled,
        Self::NoSuchItem,
        Self::AnotherAddress,
        Self::WrongLink,
        Self::Stranger,
        Self::StrangerWithALink,
        Self::UndoByALink,
    ];
}

const STRAY: &str = "and not out of your Sent folder: nothing of it was carried out";

fn by_a_stranger(letter: &Letter, id: &str, subject: &str) -> Mail {
    let subject =
        if subject.is_empty() { format!("Re: {} [{}]", letter.subject, letter.token) } else { subject.to_owned() };
    Mail::to_dana(id, "Rita Holm <rita.holm@brightstaff.example>", &subject, "send 1\r\n")
        .dated("Wed, 11 Mar 2026 12:00:00 +0100")
}

/// A mail that shall do nothing, and what the next daily mail says of it.
fn attack(house: &House, letter: &Letter, attack: Attack) -> &'static str {
    let send = reply(letter, "send 1\r\n");
    let subject = format!("Re: {} [{}]", letter.subject, letter.token);
    match attack {
        Attack::OnlyInTheInbox => {
            house.deliver(
                &send.on_top("Received", "from evil.example by mx.devmail.example; Wed, 11 Mar 2026 12:00:05 +0100"),
            );
            return STRAY;
        }
        Attack::UnknownToken => {
            put(house, &send.set("Subject", &subject.replace(&letter.token, &format!("cb-{}", "a2".repeat(16)))));
            return "its token is not known";
        }
        Attack::CutToken => {
            put(house, &send.set("Subject", &subject.replace(&letter.token, letter.token.get(..20).unwrap())))
        }
        Attack::OnlyQuoted => {
            let body = format!("Thanks!\r\n\r\n> send 1\r\n> {}\r\n", letter.token);
            put(house, &reply(letter, &body).set("Subject", "Re: your day"));
        }
        Attack::Forward => {
            put(house, &send.set("To", "kim@bigcorp.example").set("Subject", &format!("Fwd: {subject}")))
        }
        Attack::ForwardToOneself => {
            let body = format!(
                "---------- Forwarded message ---------\r\nFrom: checkback <dana@devmail.example>\r\nSubject: {subject}\r\n\r\nsend 1\r\n"
            );
            put(
                house,
                &reply(letter, &body)
                    .set("Subject", &format!("Fwd: {subject}"))
                    .without("In-Reply-To")
                    .without("References"),
            );
        }
        Attack::ToSomebodyElseToo => {
            put(house, &send.set("Cc", "kim@bigcorp.example"));
            return "it went to others too; write to yourself alone";
        }
        Attack::OutOfOffice => put(
            house,
            &send.set("Auto-Submitted", "auto-replied").set("Subject", &format!("Automatic reply: {subject}")),
        ),
        Attack::AllTokens => {
            let tokens: String = links(letter).iter().map(|(subject, _)| format!("{subject}\r\n")).collect();
            put(house, &reply(letter, &tokens));
            return "several tokens";
        }
        Attack::Mangled => {
            put(house, &reply(letter, "send one\r\n"));
            return "“send one” is not understood";
        }
        Attack::NoSuchItem => {
            put(house, &reply(letter, "send 7 m9\r\n"));
            return "send 7: that mail has no such item; send m9";
        }
        Attack::AnotherAddress => {
            put(house, &send.set("From", "Rita Holm <rita.holm@brightstaff.example>"));
            return STRAY;
        }
        Attack::Stranger => {
            house.deliver(&by_a_stranger(letter, "stray-1@brightstaff.example", ""));
            return STRAY;
        }
        Attack::StrangerWithALink => {
            let (subject, _) = link(letter, "no 1");
            house.deliver(&by_a_stranger(letter, "stray-1@brightstaff.example", &subject));
            return STRAY;
        }
        Attack::UndoByALink => {
            let (no, _) = link(letter, "no 1");
            let subject = no.replace("no 1", "undo");
            put(house, &Mail::by_dana("undo@devmail.example", "dana@devmail.example", &subject, "undo\r\n"));
            return "its token is for “no 1”";
        }
        Attack::WrongLink => {
            // the words of one link with the token of another
            let (no, body) = link(letter, "no 1");
            let subject = no.replace("no 1", "send 1");
            put(house, &Mail::by_dana("wrong@devmail.example", "dana@devmail.example", &subject, &body));
            return "its token is for “no 1”";
        }
    }
    ""
}

/// Runs one, and says what was wrong.
async fn run(what: Attack) -> Result<(), String> {
    let (house, letter) = told().await;
    let says = attack(&house, &letter, what);
    later(&house).await;
    until(&house, "2026-03-13T12:00", STEP).await;
    let daily: Vec<Letter> = to_dana(&house).into_iter().skip(1).filter(|letter| !letter.token.is_empty()).collect();
    let flat = |letter: &Letter| letter.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = daily.iter().filter(|letter| flat(letter).contains("carried out")).count();
    if to_others(&house) != 0 || house.outbox("held").len() != 1 {
        return Err(format!("{what:?} was acted on"));
    }
    match says {
        "" if told == 0 => Ok(()),
        says if told == 1 && daily.len() == 1 && flat(&daily[0]).contains(says) => Ok(()),
        _ => Err(format!("{what:?}: expected once “{says}”: {daily:?}")),
    }
}

#[tokio::test]
async fn what_is_not_the_users_own_command_does_nothing_and_is_told_once() {
    let mut wrong = Vec::new();
    for what in Attack::ALL {
        wrong.extend(run(what).await.err());
    }
    println!(
        "= forged, stray and broken commands acted on or not told right: {} of {}",
        wrong.len(),
        Attack::ALL.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    let figure = format!("{} kinds, {} acted on", Attack::ALL.len(), wrong.len());
    assert!(include_str!("../../docs/reliability.md").contains(&figure), "docs/reliability.md shall say: {figure}");
}

#[tokio::test]
async fn strangers_make_the_daily_mail_one_line_longer_however_many_they_write() {
    let (house, letter) = told().await;
    for n in 0..25 {
        house.deliver(&by_a_stranger(&letter, &format!("stray-{n}@brightstaff.example"), ""));
    }
    // of no daily mail: anybody can write that
    house.deliver(&by_a_stranger(&letter, "stray-x@brightstaff.example", &format!("[cb-{}]", "a2".repeat(16))));
    later(&house).await;
    until(&house, "2026-03-14T12:00", STEP).await;
    assert_eq!(to_others(&house), 0);
    let daily: Vec<Letter> = to_dana(&house).into_iter().skip(1).collect();
    assert_eq!(daily.len(), 1, "{:?}", daily.iter().map(|letter| &letter.subject).collect::<Vec<_>>());
    let flat = daily[0].text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("25 mails with the token of a daily mail came, the last on Wed 11 Mar"), "{flat}");
    assert_eq!(flat.matches("token of a daily mail").count(), 1, "{flat}");
}
