//! The pure core: values in, values out.
//!
//! Here belongs every rule of the product: what a mail is, whom it answers, whether we may write,
//! what the response rate is. Here never belongs: a file, a socket, a clock, a random number, a
//! database, or any other module of this crate. `now` is always an argument.

pub mod act;
pub mod anonymise;
pub mod asked;
pub mod breaker;
pub mod classify;
pub mod command;
pub mod correction;
pub mod daily;
pub mod dates;
pub mod decide;
pub mod delivery;
pub mod dsn;
pub mod duration;
pub mod gist;
pub mod ident;
pub mod inbound;
pub mod language;
pub mod marks;
pub mod matching;
pub mod next_step;
pub mod out_of_office;
pub mod outreach;
pub mod phrases;
pub mod policy;
pub mod rate;
pub mod read;
pub mod recruiter;
pub mod reply_text;
pub mod roster;
pub mod senders;
pub mod sequence;
pub mod tone;
