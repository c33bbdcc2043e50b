//! `outreach follow`: a person's word on the follow-up of one outreach.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use super::one;
use crate::app::correct::WordError;
use crate::cli::{Call, Usage, send};
use crate::domain::act;
use crate::domain::sequence::life::State;
use crate::service::Workspace;
use crate::store::{Store, StoreError, follow_ups};

/// Options of `outreach follow`.
#[derive(Debug, Args)]
pub struct FollowArgs {
    /// The number from `outreach list`, or the Message-ID of its first mail
    #[arg(value_name = "ID")]
    id: String,
    #[command(subcommand)]
    word: Word,
}

#[derive(Debug, Subcommand)]
enum Word {
    /// Send the finished text now, as your own mail
    Send {
        /// A value that only you know and that its template needs
        #[arg(long = "var", value_name = "NAME=VALUE")]
        vars: Vec<String>,
        /// Send it although something speaks against it
        #[arg(long)]
        anyway: bool,
    },
    /// You followed up in another way
    Done,
    /// Not before then: 3d, 2w, 2026-12-01
    Snooze {
        /// How long, or until which day
        until: String,
    },
    /// No further follow-up
    Stop,
    /// Go on after a pause, a stop, or what was too late
    GoOn,
    /// Enrol it in another sequence, or in none
    Enrol {
        /// Its name
        sequence: String,
    },
    /// Let the machine do what the sequence says, although you sent the first mail elsewhere
    Automate,
}

/// Takes the word.
pub(super) fn run(call: &Call, workspace: &Workspace, args: &FollowArgs) -> anyhow::Result<()> {
    let now = call.clock.now();
    let app = workspace.app();
    let mut store = workspace.store();
    let id = one(&store, &args.id)?.id;
    let (said, taken) = match &args.word {
        Word::Send { vars, anyway } => {
            let values = send::values(vars)?;
            let leaves = "leaves with the next sync, or at once where checkback runs".to_owned();
            let zone = &workspace.config.timezone;
            let mut order = |anyway| app.follow_up_send_asked(&mut store, id, &values, anyway, now);
            let taken = match order(*anyway) {
                Ok(against) if !against.is_empty() => match send::ask(call, zone, &against)? {
                    Some(true) => order(true).map(|_| ()),
                    Some(false) => {
                        return call.say(&json!({"id": id, "said": null}), || "Nothing is sent.\n".to_owned());
                    }
                    None => return Err(Usage(send::objected(&against, zone)).into()),
                },
                other => other.map(|_| ()),
            };
            (leaves, taken)
        }
        Word::Enrol { sequence } => {
            let done = app.change_sequence(&mut store, id, sequence, now);
            ("goes by the sequence you chose".to_owned(), done.map(|_| ()))
        }
        Word::Done => ("is done".to_owned(), app.follow_up_done(&mut store, id, now)),
        Word::Snooze { until } => {
            let until = act::moment(until, &workspace.config.timezone, now).map_err(Usage)?;
            let taken = app.follow_up_snooze(&mut store, id, until, now);
            (app.waits_until(store.read(), id, until)?, taken)
        }
        Word::Stop => ("stops: none comes any more".to_owned(), app.follow_up_stop(&mut store, id, now)),
        Word::GoOn => ("goes on".to_owned(), app.follow_up_go_on(&mut store, id, now)),
        Word::Automate => ("does what the sequence says".to_owned(), app.follow_up_allow(&mut store, id, now)),
    };
    taken.map_err(|error| match error {
        WordError::Refused(why) => anyhow::Error::from(Usage(why)),
        WordError::App(error) => error.into(),
    })?;
    let due_at = due_at(&store, id)?;
    call.say(&json!({"id": id, "said": said, "due_at": due_at}), || {
        format!("The follow-up of outreach {id} {said}. checkback undo takes it back.\n")
    })
}

/// When the follow-up of an outreach is due.
fn due_at(store: &Store, id: i64) -> Result<Option<Timestamp>, StoreError> {
    let plan = follow_ups::plan_of(store.read(), id)?;
    Ok(plan.iter().rfind(|row| !matches!(row.state, State::Done | State::Stopped)).map(|row| row.due_at))
}
