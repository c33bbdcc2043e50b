//! `recruiters reopen` and `recruiters settle`: looking for work begins, and ends.

use serde_json::{Value, json};

use super::pitched;
use crate::app::roster::{Reopened, Turn};
use crate::cli::look::{self, Column};
use crate::cli::sync::counted;
use crate::cli::{Call, Usage};

/// Writes (or with `dry_run` shows) one mail to each recruiter.
pub(super) fn reopen(call: &Call, drafts: bool, limit: Option<usize>, dry_run: bool) -> anyhow::Result<()> {
    let workspace = call.workspace()?;
    let now = workspace.clock.now();
    if workspace.config.accounts.iter().any(|account| account.display_name.is_none()) {
        return Err(
            Usage("set display_name in the config's [[account]] first: the mails end with your name".into()).into()
        );
    }
    let mut all = workspace.app().reopen(workspace.store().read(), drafts, now)?;
    if let Some(limit) = limit {
        let mut mails = 0;
        all.retain(|one| {
            mails += usize::from(one.mail.is_ok());
            one.mail.is_err() || mails <= limit
        });
    }
    let turn = match dry_run {
        true => Turn::default(),
        false => workspace.app().begin_to_look(&mut workspace.store(), &all, now)?,
    };
    let values: Vec<Value> = all.iter().map(to_json).collect();
    let said = json!({
        "mails": values, "written": turn.mails, "looking": !dry_run, "reworded": turn.reworded, "drafts": turn.drafts,
    });
    call.say(&said, || text(call, &all, &turn, drafts, dry_run))
}

const FROM_NOW_ON: &str =
    "From now on automatic answers say that you are looking; checkback recruiters settle ends it.\n";

/// Ends the search.
pub(super) fn settle(call: &Call) -> anyhow::Result<()> {
    let workspace = call.workspace()?;
    let turn = workspace.app().settle(&mut workspace.store(), workspace.clock.now())?;
    let said = json!({"looking": false, "dropped": turn.mails, "reworded": turn.reworded, "drafts": turn.drafts});
    call.say(&said, || {
        let mails = match turn.mails {
            0 => String::new(),
            n => format!("{} that waited will not leave. ", counted(n, "mail", "mails")),
        };
        let months =
            counted(usize::try_from(workspace.config.auto_reply.months).unwrap_or(usize::MAX), "month", "months");
        format!("{mails}Automatic answers ask to check back in {months} again.\n{}", followed(&turn))
    })
}

/// What became of answers that had not left, and how to take all of it back.
fn followed(turn: &Turn) -> String {
    let mut said = String::new();
    if turn.reworded > 0 {
        said.push_str(&format!(
            "{} now.\n",
            counted(turn.reworded, "answer that waits says so", "answers that wait say so")
        ));
    }
    if !turn.drafts.is_empty() {
        said.push_str("In your Drafts folder lies the opposite; delete it there, the answer to:\n");
        said.extend(turn.drafts.iter().map(|to| format!("  {}\n", look::clean(to))));
    }
    said.push_str("checkback undo takes all of it back.\n");
    said
}

fn to_json(one: &Reopened) -> Value {
    let row = &one.ranked.row;
    let (subject, text, because) = match &one.mail {
        Ok(mail) => (Some(&mail.subject), Some(&mail.text), None),
        Err(why) => (None, None, Some(why)),
    };
    json!({
        "id": row.id, "name": row.name, "address": row.address, "points": one.ranked.quality.points,
        "subject": subject, "text": text, "left_out": because,
    })
}

fn text(call: &Call, all: &[Reopened], turn: &Turn, drafts: bool, dry_run: bool) -> String {
    if all.is_empty() {
        let none = "No recruiter has written yet, as far as the mail that was read tells.\n";
        return if dry_run { none.to_owned() } else { format!("{none}{FROM_NOW_ON}{}", followed(turn)) };
    }
    let new = turn.mails;
    const COLUMNS: [Column; 4] =
        [Column::right("points"), Column::left("recruiter"), Column::left("pitched"), Column::left("mail")];
    let cells: Vec<Vec<String>> = all
        .iter()
        .map(|one| {
            let row = &one.ranked.row;
            let what = match &one.mail {
                Ok(_) => "yes".to_owned(),
                Err(why) => format!("no: {why}"),
            };
            vec![one.ranked.quality.points.to_string(), row.label().to_owned(), pitched(&row.pitch), what]
        })
        .collect();
    let mut said = call.look.table(&COLUMNS, &cells);
    if let Some(mail) = all.iter().find_map(|one| one.mail.as_deref().ok()) {
        said.push_str(&format!("\nThe first of them, to {}:\n\n", mail.recipient.address));
        said.push_str(&format!("  {}\n\n", look::clean(&mail.subject)));
        for line in mail.text.lines() {
            said.push_str(format!("  {line}").trim_end());
            said.push('\n');
        }
    }
    said.push_str(&match (dry_run, drafts) {
        (true, _) => "\nNothing was written. Without --dry-run they wait for your review.\n".to_owned(),
        (false, true) => {
            format!("\n{} into Drafts with the next sync.\n", counted(new, "new mail goes", "new mails go"))
        }
        (false, false) => format!(
            "\n{} for you: checkback review. Those you approve leave three minutes apart.\n",
            counted(new, "new mail waits", "new mails wait")
        ),
    });
    if !dry_run {
        said.push_str(FROM_NOW_ON);
        said.push_str(&followed(turn));
    }
    said
}
