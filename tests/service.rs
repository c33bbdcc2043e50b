//! Stories of `run`, the service: in this process with a clock that stands, and as the real program.

#[cfg(test)]
#[path = "common/house.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod house;
#[cfg(test)]
#[path = "common/mail.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod mail;

#[cfg(test)]
#[path = "service/handed.rs"]
mod handed;
#[cfg(test)]
#[path = "service/idle.rs"]
mod idle;
#[cfg(test)]
#[path = "service/log.rs"]
mod log;
#[cfg(test)]
#[path = "service/morning.rs"]
mod morning;
#[cfg(test)]
#[path = "service/program.rs"]
mod program;
#[cfg(test)]
#[path = "service/running.rs"]
mod running;
#[cfg(test)]
#[path = "service/stop.rs"]
mod stop;
#[cfg(test)]
#[path = "service/told.rs"]
mod told;
#[cfg(test)]
#[path = "service/trouble.rs"]
mod trouble;
