//! `outreach tag|untag`: words of a person, to break the report down by.

use clap::Args;
use serde_json::json;

use super::one;
use crate::cli::{Call, Usage};
use crate::domain::outreach::Tag;
use crate::service::Workspace;
use crate::store::{StoreError, decisions, reports};

/// Options of `outreach tag` and `untag`.
#[derive(Debug, Args)]
pub struct TagArgs {
    /// The number from `outreach list`, or the Message-ID of its first mail
    #[arg(value_name = "ID")]
    id: String,
    /// The words
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
}

/// Puts the words on, or takes them off.
pub(super) fn run(call: &Call, workspace: &Workspace, args: &TagArgs, on: bool) -> anyhow::Result<()> {
    let parsed = args.names.iter().map(|name| Tag::parse(name).map_err(|error| Usage(format!("{name:?}: {error}"))));
    let tags: Vec<Tag> = parsed.collect::<Result<_, _>>()?;
    let now = call.clock.now();
    let mut store = workspace.store();
    let row = one(&store, &args.id)?;
    let changed = store.write::<_, StoreError>(|tx| decisions::tag(tx, row.id, &tags, on, now))?.is_some();
    let tags = reports::tags(store.read(), row.id)?;
    call.say(&json!({"id": row.id, "tags": tags, "changed": changed}), || {
        let bears = if tags.is_empty() { "no tags".to_owned() } else { tags.join(", ") };
        match changed {
            true => format!("Outreach {} bears {bears}. checkback undo takes it back.\n", row.id),
            false => format!("Outreach {} bears {bears}, as before.\n", row.id),
        }
    })
}
