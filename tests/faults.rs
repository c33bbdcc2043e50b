//! What is promised under faults: the real program killed at any system call, power loss, cuts at any
//! byte, servers as they are, and months of all of it in a simulator. docs/reliability.md says how to run more.

#[cfg(test)]
#[path = "common/house.rs"]
mod house;
#[cfg(test)]
#[path = "common/mail.rs"]
#[expect(dead_code, reason = "each test program uses a part of it")]
mod mail;

#[cfg(test)]
#[path = "faults/cuts.rs"]
mod cuts;
#[cfg(test)]
#[path = "faults/edges.rs"]
mod edges;
#[path = "faults/fates.rs"]
mod fates;
#[cfg(test)]
#[path = "faults/kills.rs"]
mod kills;
#[cfg(test)]
#[path = "faults/ledger.rs"]
mod ledger;
#[cfg(test)]
#[path = "faults/locked.rs"]
mod locked;
#[cfg(test)]
#[path = "faults/power.rs"]
mod power;
#[cfg(test)]
#[path = "faults/program.rs"]
mod program;
#[cfg(test)]
#[path = "faults/scene.rs"]
mod scene;
#[cfg(test)]
#[path = "faults/servers.rs"]
mod servers;
#[cfg(test)]
#[path = "faults/simulator.rs"]
mod simulator;
#[cfg(test)]
#[path = "faults/traps.rs"]
mod traps;
