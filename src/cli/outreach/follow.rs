//! `outreach follow`: a person's word on the follow-up of one outreach.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{met, one};
use crate::app::correct::WordError;
use crate::app::follow::NO_SEQUENCE;
use crate::cli::{Call, Usage, look, send};
use crate::domain::act;
use crate::service::Workspace;
use crate::store::Store;

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
        Word::Send { vars } => {
            let said = send::values(vars)?;
            let leaves = "leaves with the next sync, or at once where checkback runs";
            (leaves, app.follow_up_send(&mut store, id, &said, now))
        }
        Word::Enrol { sequence } => return enrol(call, workspace, &mut store, id, sequence),
        Word::Done => ("is done", app.follow_up_done(&mut store, id, now)),
        Word::Snooze { until } => {
            let until = act::moment(until, &workspace.config.timezone, now).map_err(Usage)?;
            ("waits", app.follow_up_snooze(&mut store, id, until, now))
        }
        Word::Stop => ("stops: none comes any more", app.follow_up_stop(&mut store, id, now)),
        Word::GoOn => ("goes on", app.follow_up_go_on(&mut store, id, now)),
        Word::Automate => ("does what the sequence says", app.follow_up_allow(&mut store, id, now)),
    };
    taken.map_err(refused)?;
    let next = met::next_of(&store, id)?;
    call.say(&json!({"id": id, "said": said, "next": next.as_ref().map(met::next_json)}), || {
        look::hanging("", &format!("The follow-up of outreach {id} {said}. checkback undo takes it back."))
    })
}

fn enrol(call: &Call, workspace: &Workspace, store: &mut Store, id: i64, sequence: &str) -> anyhow::Result<()> {
    let new = workspace.app().change_sequence(store, id, sequence, call.clock.now()).map_err(refused)?;
    let next = met::next_of(store, id)?;
    let said = if new { "goes by" } else { "went by it before" };
    let value = json!({
        "id": id, "said": said, "sequence": sequence, "new": new, "next": next.as_ref().map(met::next_json),
    });
    call.say(&value, || match (new, sequence) {
        (false, _) => format!("Outreach {id} goes by {sequence} already: nothing is changed.\n"),
        (true, NO_SEQUENCE) => format!("Outreach {id} gets no follow-ups. checkback undo takes it back.\n"),
        (true, _) => {
            let next = met::next_in_words(workspace, next.as_ref());
            format!("Outreach {id} goes by {sequence}. {next}\ncheckback undo takes it back.\n")
        }
    })
}

fn refused(error: WordError) -> anyhow::Error {
    match error {
        WordError::Refused(why) => Usage(why).into(),
        WordError::App(error) => error.into(),
    }
}
