//! checkback: an email-integrated outreach assistant for people who look for work, or who keep the
//! door open while they have work.
//!
//! # In one sentence
//! Mail arrives, time passes, a person commands; each becomes a case; one pure function turns it into
//! a [`Decision`](domain::decide::Decision); one transaction stores the decision; one loop sends what
//! is queued.
//!
//! ```text
//! IMAP / mail files ── bytes ──> domain::read ── Gist ──> store (learnt, with the cursor)
//!                                                              │ pending, in order of date
//!                         domain::decide <── case ── store::cases
//!                               │ facts
//!                         app (words) ──> store::apply ──> rows, outbox
//!                                                              │ due
//! SMTP <── mail::smtp <── service::send <── gate: claim, read, judge again
//! ```
//!
//! # Modules in reading order
//! - [`domain`]: every rule, pure: what a mail is, whom it answers, whether we may write, the rate.
//! - [`store`]: one SQLite file; the only SQL.
//! - [`mail`]: IMAP, SMTP, TLS, mail files, the exact bytes of a mail.
//! - [`app`]: the one door through which an event becomes rows.
//! - [`service`]: reads accounts, sends what is due behind the gate.
//! - [`report`]: the rate as people see it.
//! - [`cli`]: the commands. [`config`], [`clock`]: settings, and the only reader of the time.
//! - [`sandbox`]: the other side: a mail server on loopback, for `demo` and the tests.
//!
//! # Invariants
//! 1. The domain knows no I/O and no clock.
//! 2. Any bytes parse, in bounded memory and stack.
//! 3. The cursor commits with what was learnt.
//! 4. No mail leaves without an outbox row that was committed first.
//! 5. Nothing is sent twice: what may have been handed out is never handed out again.
//! 6. An automatic message is never answered.
//! 7. Nothing automatic leaves unless the mailbox was read after the mail was claimed.
//! 8. Replaying an event changes nothing.
//! 9. Every verdict and every mail has a stored reason.
//! 10. There is one implementation of the rate.
//! 11. A panic ends a task, never the program.
//!
//! `docs/architecture.md` walks through a mail's life; `docs/decisions` says why it is so.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod mail;
pub mod report;
pub mod sandbox;
pub mod service;
pub mod store;
