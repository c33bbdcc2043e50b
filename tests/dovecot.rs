//! The program against real servers: Dovecot for IMAP, Postfix for SMTP. Each story starts its own pair.

#[cfg(test)]
#[path = "dovecot/answers.rs"]
mod answers;
#[cfg(test)]
#[path = "dovecot/asked.rs"]
mod asked;
#[cfg(test)]
#[path = "dovecot/changes.rs"]
mod changes;
#[cfg(test)]
#[path = "dovecot/commands.rs"]
mod commands;
#[cfg(test)]
#[path = "dovecot/crashes.rs"]
mod crashes;
#[cfg(test)]
#[path = "support/desk.rs"]
mod desk;
#[cfg(test)]
#[path = "dovecot/faults.rs"]
mod faults;
#[cfg(test)]
#[path = "support/letters.rs"]
mod letters;
#[cfg(test)]
#[path = "dovecot/outreach.rs"]
mod outreach;
#[cfg(test)]
#[path = "support/proxy.rs"]
mod proxy;
#[cfg(test)]
#[path = "dovecot/race.rs"]
mod race;
#[cfg(test)]
#[path = "support/servers.rs"]
mod servers;
#[cfg(test)]
#[path = "bench/service_figures.rs"]
mod service_figures;
#[cfg(test)]
#[path = "dovecot/tls.rs"]
mod tls;
