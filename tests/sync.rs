//! Stories of the whole program: real sockets, the real service, a clock that stands until it is moved.

#[cfg(test)]
#[path = "common/house.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod house;
#[cfg(test)]
#[path = "common/mail.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod mail;

#[cfg(test)]
#[path = "sync/accounts.rs"]
mod accounts;
#[cfg(test)]
#[path = "sync/answer.rs"]
mod answer;
#[cfg(test)]
#[path = "sync/asked.rs"]
mod asked;
#[cfg(test)]
#[path = "sync/asked_drafts.rs"]
mod asked_drafts;
#[cfg(test)]
#[path = "sync/by_hand.rs"]
mod by_hand;
#[cfg(test)]
#[path = "sync/drafts.rs"]
mod drafts;
#[cfg(test)]
#[path = "sync/outreach.rs"]
mod outreach;
#[cfg(test)]
#[path = "sync/reading.rs"]
mod reading;
#[cfg(test)]
#[path = "sync/sending.rs"]
mod sending;
