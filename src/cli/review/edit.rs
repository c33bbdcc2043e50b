//! A finished text in the user's own editor.

use std::io::{Read as _, Write as _};
use std::path::Path;

use anyhow::Context as _;

use crate::app::App;
use crate::cli::Usage;
use crate::domain::act::{Action, Item};
use crate::service::Workspace;
use crate::store::{agenda, review};

/// The new text from a file, or from standard input (`-`).
pub(super) fn from_file(file: &Path) -> anyhow::Result<Action> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("cannot read the text from standard input")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    action(&text)
}

/// Opens `$VISUAL` or `$EDITOR` on the finished text of an item.
pub(super) fn in_editor(workspace: &Workspace, item: Item) -> anyhow::Result<Action> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL")
        .or_else(|| set("EDITOR"))
        .ok_or_else(|| Usage("set VISUAL or EDITOR to your editor, or name a file with --text".into()))?;
    let (subject, text) = words(workspace, item)?;
    let mut file = tempfile::Builder::new().prefix("checkback-").suffix(".txt").tempfile()?;
    write!(file, "Subject: {subject}\n\n{text}")?;
    file.flush()?;
    let mut parts = editor.split_whitespace();
    let program = parts.next().unwrap_or_default();
    let status = std::process::Command::new(program).args(parts).arg(file.path()).status();
    let status = status.with_context(|| format!("cannot start {editor}; is VISUAL or EDITOR right?"))?;
    if !status.success() {
        return Err(Usage(format!("{editor} ended with an error; nothing was decided")).into());
    }
    // editors that write a new file and rename it leave the open one as it was
    let edited = std::fs::read_to_string(file.path()).context("cannot read what you wrote")?;
    action(&edited)
}

fn words(workspace: &Workspace, item: Item) -> anyhow::Result<(String, String)> {
    let store = workspace.store();
    if let Item::FollowUp(outreach) = item {
        let due = agenda::due(store.read(), workspace.clock.now())?;
        let row = due.iter().find(|row| row.outreach == outreach);
        let finished = row.map(App::finish);
        return Ok(finished.map(|(subject, text)| (subject, text.unwrap_or_default())).unwrap_or_default());
    }
    Ok(review::find(store.read(), item)?.and_then(|found| found.words).unwrap_or_default())
}

/// `Subject: …`, a blank line, the text; the subject may be left out.
fn action(edited: &str) -> anyhow::Result<Action> {
    let edited = edited.replace("\r\n", "\n");
    let (subject, text) = match edited.strip_prefix("Subject:").and_then(|rest| rest.split_once('\n')) {
        Some((subject, text)) => (Some(subject.trim().to_owned()).filter(|subject| !subject.is_empty()), text),
        None => (None, edited.as_str()),
    };
    let text = text.trim_matches('\n').trim_end();
    if text.trim().is_empty() {
        return Err(Usage("the text is empty; nothing was decided".into()).into());
    }
    Ok(Action::SendEdited { subject, text: format!("{text}\n") })
}
