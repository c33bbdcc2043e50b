//! Stories of follow-ups: real sockets, the real service, a clock that stands until it is moved.

#[cfg(test)]
#[path = "common/house.rs"]
#[expect(dead_code, reason = "each test program uses a part of the house")]
mod house;
#[cfg(test)]
#[path = "common/mail.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod mail;

#[cfg(test)]
#[path = "follow_ups/asking.rs"]
mod asking;
#[cfg(test)]
#[path = "follow_ups/catching_up.rs"]
mod catching_up;
#[cfg(test)]
#[path = "follow_ups/commands.rs"]
mod commands;
#[cfg(test)]
#[path = "follow_ups/desk.rs"]
mod desk;
#[cfg(test)]
#[path = "follow_ups/dice.rs"]
mod dice;
#[cfg(test)]
#[path = "follow_ups/gate.rs"]
mod gate;
#[cfg(test)]
#[path = "follow_ups/leads.rs"]
mod leads;
#[cfg(test)]
#[path = "follow_ups/life.rs"]
mod life;
#[cfg(test)]
#[path = "follow_ups/race.rs"]
mod race;
#[cfg(test)]
#[path = "follow_ups/words.rs"]
mod words;
#[cfg(test)]
#[path = "follow_ups/year.rs"]
mod year;
