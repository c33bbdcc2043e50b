//! `correct ID …`: what a person says of a mail, against what was read. `undo`: the latest decision
//! back.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::{Call, Usage, explain, look};
use crate::app::correct::{Taken, WordError};
use crate::domain::anonymise;
use crate::domain::correction::{self, Verdict};
use crate::domain::gist::{Kind, Tone};
use crate::domain::read;
use crate::service::Workspace;
use crate::store::cases::{self, StoredMail};
use crate::store::corrections::Wish;
use crate::store::decisions::Undone;

/// Options of `correct`.
#[derive(Debug, Args)]
pub struct CorrectArgs {
    /// A Message-ID (with or without brackets), or the number that a list shows
    #[arg(value_name = "ID")]
    id: String,
    /// What it is
    #[arg(long, value_parser = ["human", "out_of_office", "automatic", "bounce", "delay", "bulk"])]
    kind: Option<String>,
    /// How it sounds: yes, not_now[:DATE], try_other[:ADDRESS], no, left_company, question, unclear
    #[arg(long)]
    tone: Option<String>,
    /// Whether it is a recruiter's pitch
    #[arg(long, value_parser = ["yes", "no"])]
    recruiter: Option<String>,
    /// It answers this outreach
    #[arg(long, value_name = "OUTREACH")]
    answers: Vec<i64>,
    /// It doesn't answer this outreach
    #[arg(long, value_name = "OUTREACH")]
    not: Vec<i64>,
    /// Never write to its sender by machine
    #[arg(long)]
    never: bool,
    /// Just this mail, not others of the sender that are like it
    #[arg(long)]
    only: bool,
    /// Write an anonymous test case: FILE.eml and FILE.json
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

/// Runs `correct`.
///
/// # Errors
/// If the workspace can't be used, there is no such mail, or the correction makes no sense for it.
pub fn run(call: &Call, args: CorrectArgs) -> anyhow::Result<ExitCode> {
    let wishes = wishes(&args)?;
    if wishes.is_empty() && args.export.is_none() {
        return Err(Usage(
            "say what is wrong: --kind, --tone, --recruiter, --answers, --not, --never; or --export FILE".into(),
        )
        .into());
    }
    let workspace = call.workspace()?;
    let mail = one_mail(&workspace, &args.id)?;
    let mut said = json!({"mail": mail.id});
    let mut text = String::new();
    if !wishes.is_empty() {
        let taken = workspace.app().correct(&mut workspace.store(), mail.id, &wishes, workspace.clock.now());
        let taken = taken.map_err(|error| match error {
            WordError::Refused(why) => anyhow::Error::new(Usage(why)),
            WordError::App(error) => error.into(),
        })?;
        text = in_words(&taken);
        let items = |ids: &[i64]| ids.iter().map(|id| format!("m{id}")).collect::<Vec<_>>();
        said = json!({
            "mail": mail.id, "changes": taken.changes, "concerns": taken.concerns, "released": items(&taken.released),
            "stopped": items(&taken.stopped), "left": items(&taken.left),
        });
    }
    if let Some(file) = &args.export {
        let (eml, json) = export(&workspace, mail.id, file)?;
        text.push_str(&format!(
            "Wrote {} and {}. Read both before you share them: names in small letters may have stayed.\n",
            eml.display(),
            json.display()
        ));
        if let Some(said) = said.as_object_mut() {
            said.insert("export".into(), json!([eml, json]));
        }
    }
    call.say(&said, || text)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `undo`.
///
/// # Errors
/// If the workspace can't be used.
pub fn undo(call: &Call) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let undone = workspace.app().undo(&mut workspace.store(), workspace.clock.now())?;
    let code = match &undone {
        Undone::Nothing => {
            call.say(&json!({"undone": null}), String::new)?;
            eprintln!("checkback: there is nothing to undo");
            1
        }
        Undone::Done { what, about, left, .. } => {
            call.say(&json!({"undone": {"what": what, "about": about}, "left": left}), || {
                let mut said = format!("Undone: {what} {}\n", look::clean(about)).replace(" \n", "\n");
                for one in left {
                    said.push_str(&format!("Not undone: {}\n", look::clean(one)));
                }
                said
            })?;
            if left.is_empty() { 0 } else { 3 }
        }
        Undone::TooLate { what, about, because } => {
            call.say(&json!({"undone": null, "what": what, "about": about, "because": because}), String::new)?;
            eprintln!(
                "checkback: {what} {} can't be undone any more: {}; the next undo goes further back",
                look::clean(about),
                look::clean(because)
            );
            1
        }
    };
    Ok(ExitCode::from(code))
}

fn wishes(args: &CorrectArgs) -> Result<Vec<Wish>, Usage> {
    let mut wishes = Vec::new();
    let mut add = |verdict| wishes.push(Wish::Verdict { verdict, only: args.only });
    if let Some(kind) = args.kind.as_deref().and_then(Kind::parse) {
        add(Verdict::Kind(kind));
    }
    if let Some(text) = &args.tone {
        let tone: Tone = correction::parse_tone(text).ok_or_else(|| {
            Usage(format!(
                "--tone {text}: say yes, not_now, not_now:2027-03-01, try_other, try_other:ADDRESS, no, left_company, \
                 question or unclear"
            ))
        })?;
        add(Verdict::Tone(tone));
    }
    if let Some(answer) = &args.recruiter {
        add(Verdict::Recruiter(answer == "yes"));
    }
    if let Some(both) = args.answers.iter().find(|outreach| args.not.contains(outreach)) {
        return Err(Usage(format!("outreach {both} stands in both --answers and --not; leave one away")));
    }
    wishes.extend(args.answers.iter().map(|outreach| Wish::Answers(*outreach)));
    wishes.extend(args.not.iter().map(|outreach| Wish::Not(*outreach)));
    wishes.extend(args.never.then_some(Wish::Never));
    Ok(wishes)
}

fn one_mail(workspace: &Workspace, name: &str) -> anyhow::Result<StoredMail> {
    let mut mails = cases::find_mail(workspace.store().read(), name)?;
    if mails.len() > 1 {
        let numbers: Vec<String> = mails.iter().map(|mail| mail.id.to_string()).collect();
        return Err(
            Usage(format!("several mails bear the id {name}; name one by its number: {}", numbers.join(", "))).into()
        );
    }
    mails
        .pop()
        .ok_or_else(|| Usage(format!("no mail {name} is known; a Message-ID or a number from a list names one")).into())
}

fn in_words(taken: &Taken) -> String {
    let mut said = format!("Corrected: {}.\n", taken.changes.join("; "));
    let others = taken.concerns.len().saturating_sub(1);
    if others > 0 {
        let mails = if others == 1 { "mail" } else { "mails" };
        said.push_str(&format!("It applies to {others} other {mails} of the sender too; --only would leave them.\n"));
    }
    let items = |ids: &[i64]| ids.iter().map(|id| format!("m{id}")).collect::<Vec<_>>().join(", ");
    for (ids, meaning) in [
        (&taken.released, "leaves with the next sync, after a last check"),
        (&taken.stopped, "was waiting and does not leave any more"),
        (&taken.left, "had been handed out before"),
    ] {
        if !ids.is_empty() {
            said.push_str(&format!("Answer {}: {meaning}.\n", items(ids)));
        }
    }
    said.push_str("checkback undo takes it back.\n");
    said
}

/// Writes the test case of a mail as it is now, corrections included.
fn export(workspace: &Workspace, id: i64, file: &Path) -> anyhow::Result<(PathBuf, PathBuf)> {
    let mail = cases::mail(workspace.store().read(), id)?
        .ok_or_else(|| Usage(format!("there is no mail {id}; a list shows their numbers")))?;
    let base = match file.extension() {
        Some(extension) if extension == "eml" || extension == "json" => file.with_extension(""),
        _ => file.to_owned(),
    };
    let named = |extension: &str| {
        let mut name = base.clone().into_os_string();
        name.push(".");
        name.push(extension);
        PathBuf::from(name)
    };
    let (eml_file, json_file) = (named("eml"), named("json"));
    let anonymous = anonymise::anonymise(&mail.gist);
    let eml = anonymise::to_eml(&anonymous);
    let name = eml_file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let again = read::read(eml.as_bytes(), mail.received);
    let expected = serde_json::to_value(explain::verdict(&name, 0, &anonymous, &[]))?;
    let mut read_now = serde_json::to_value(explain::verdict(&name, 0, &again, &[]))?;
    let mut expected_fields = expected.clone();
    for value in [&mut read_now, &mut expected_fields] {
        // rules that ask for the mailbox are not part of a test case
        for field in ["would_reply", "blocked_by", "file", "index"] {
            value.as_object_mut().map(|fields| fields.remove(field));
        }
    }
    let value = json!({
        "received": mail.received, "expected": expected_fields, "read_from_the_eml": read_now,
        "marks": anonymous.marks, "left_out": anonymise::LEFT_OUT,
    });
    write_new(&eml_file, eml.as_bytes())?;
    write_new(&json_file, format!("{}\n", serde_json::to_string_pretty(&value)?).as_bytes())?;
    Ok((eml_file, json_file))
}

fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("cannot write {}; name a file that does not exist yet", path.display()))?;
    file.write_all(bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests;
