//! Measurements against real servers. Not part of the tests: `tests/bench/answer-latency` runs it.

#[cfg(test)]
#[path = "bench/answer_latency.rs"]
mod answer_latency;
#[cfg(test)]
#[path = "support/desk.rs"]
mod desk;
#[cfg(test)]
#[path = "support/letters.rs"]
mod letters;
#[cfg(test)]
#[path = "support/servers.rs"]
mod servers;
