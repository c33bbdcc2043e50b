//! `review`: what waits for a person, decided one by one with one key each, or by its name.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::look::{self, Tint};
use super::{Call, Usage};
use crate::app::correct::WordError;
use crate::domain::act::{self, Action, Item, Word};
use crate::service::Workspace;
use crate::store::review;

use shown::Shown;

mod edit;
mod shown;

/// Options of `review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// A word and the items it is said of: send m4, no m4 p7, yes p1-p16, snooze f12 friday. Words: send, edit, draft,
    /// snooze, done, stop, yes, no, never, recruiter
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// With edit: the new text stands in this file (- is standard input)
    #[arg(long, value_name = "FILE")]
    text: Option<std::path::PathBuf>,
}

/// Runs `review`: on a terminal it asks, elsewhere it lists.
///
/// # Errors
/// If the workspace can't be used, or an item is none.
pub fn run(call: &Call, args: &ReviewArgs) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    if let Some((word, rest)) = args.words.split_first() {
        return by_name(call, &workspace, word, rest, args.text.as_deref());
    }
    let shown = shown::all(&workspace)?;
    if !call.json && call.look.terminal && std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        ask(call, &workspace, &shown)?;
    } else {
        call.say(&shown::to_json(&workspace, &shown)?, || shown::list(&shown))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn by_name(
    call: &Call,
    workspace: &Workspace,
    word: &str,
    rest: &[String],
    file: Option<&std::path::Path>,
) -> anyhow::Result<ExitCode> {
    let words = || Word::ALL.map(Word::as_str).join(", ");
    let word = Word::parse(word).ok_or_else(|| Usage(format!("{word} is none of the words: {}", words())))?;
    let named: Vec<Vec<Item>> =
        rest.iter().map_while(|text| named(workspace, text).transpose()).collect::<Result<_, _>>()?;
    let behind = rest.get(named.len()..).unwrap_or_default().join(" ");
    let items: Vec<Item> = named.into_iter().flatten().collect();
    if items.is_empty() || (!behind.is_empty() && word != Word::Snooze) {
        let name = if behind.is_empty() { word.as_str() } else { &behind };
        let hint = "checkback review lists them (m4, p7, a3-9, f12, n5)";
        return Err(Usage(format!("{name}: that is no item; {hint}")).into());
    }
    let action = match (word, Action::of(word)) {
        (_, Some(action)) => Some(action),
        (Word::Snooze, _) => {
            let zone = &workspace.config.timezone;
            Some(Action::Snooze(act::moment(&behind, zone, call.clock.now()).map_err(Usage)?))
        }
        _ => None,
    };
    let mut done = Vec::new();
    let mut refused = Vec::new();
    for item in items {
        let action = match (&action, file) {
            (Some(action), _) => action.clone(),
            (None, Some(file)) => edit::from_file(file)?,
            (None, None) => edit::in_editor(workspace, item)?,
        };
        match workspace.app().act(&mut workspace.store(), item, &action, call.clock.now()) {
            Ok(acted) => done.push(acted),
            Err(WordError::Refused(why)) => refused.push((item, why)),
            Err(WordError::App(error)) => return Err(error.into()),
        }
    }
    let value = json!({
        "decided": done.iter().map(|one| json!({"item": one.item.to_string(), "said": one.said})).collect::<Vec<_>>(),
        "refused": refused.iter().map(|(item, why)| json!({"item": item.to_string(), "why": why})).collect::<Vec<_>>(),
    });
    call.say(&value, || {
        let mut said: String = done.iter().map(|one| format!("{}: {}.\n", one.item, one.said)).collect();
        if !done.is_empty() {
            said.push_str("checkback undo takes back the last one.\n");
        }
        said
    })?;
    for (_, why) in &refused {
        eprintln!("checkback: {}", look::clean(why));
    }
    Ok(ExitCode::from(match (done.is_empty(), refused.is_empty()) {
        (_, true) => 0,
        (true, false) => 1,
        (false, false) => 3,
    }))
}

/// The items that a word of the command names: one, or of a range like `p1-p16` those that wait.
fn named(workspace: &Workspace, text: &str) -> anyhow::Result<Option<Vec<Item>>> {
    if let Some(item) = Item::parse(text) {
        return Ok(Some(vec![item]));
    }
    let Some((first, last)) = text.split_once('-').and_then(|(one, other)| Item::parse(one).zip(Item::parse(other)))
    else {
        return Ok(None);
    };
    let waiting: Vec<Item> = shown::all(workspace)?.iter().map(|one| one.item).collect();
    let found: Vec<Item> = waiting.into_iter().filter(|item| item.is_between(first, last)).collect();
    if found.is_empty() {
        return Err(Usage(format!("{text}: nothing of these waits; checkback review lists what does")).into());
    }
    Ok(Some(found))
}

fn ask(call: &Call, workspace: &Workspace, shown: &[Shown]) -> anyhow::Result<()> {
    if shown.is_empty() {
        println!("Nothing waits for you.");
        return Ok(());
    }
    for one in shown {
        // what was decided before may have settled it
        let Some(found) = review::find(workspace.store().read(), one.item)? else { continue };
        println!("{}", one.text.trim_end());
        let words = found.kind.words();
        while let Some(answer) = prompt(call, words)? {
            let action = match answer {
                Answer::Quit => return Ok(()),
                Answer::Undo => {
                    super::correct::undo(call)?;
                    continue;
                }
                Answer::Word(Word::Snooze) => match line("until (3d, friday, 2026-12-01) > ")? {
                    None => return Ok(()),
                    Some(text) => match act::moment(&text, &workspace.config.timezone, call.clock.now()) {
                        Ok(until) => Action::Snooze(until),
                        Err(why) => {
                            println!("{why}");
                            continue;
                        }
                    },
                },
                Answer::Word(Word::Edit) => edit::in_editor(workspace, one.item)?,
                Answer::Word(word) => match Action::of(word) {
                    Some(action) => action,
                    None => continue,
                },
            };
            match workspace.app().act(&mut workspace.store(), one.item, &action, call.clock.now()) {
                Ok(acted) => {
                    println!("{}: {}.", acted.item, acted.said);
                    break;
                }
                Err(WordError::Refused(why)) => println!("{}", look::clean(&why)),
                Err(WordError::App(error)) => return Err(error.into()),
            }
        }
        println!();
    }
    Ok(())
}

enum Answer {
    Word(Word),
    Undo,
    Quit,
}

/// What the person says of an item; `None`: later.
fn prompt(call: &Call, words: &[Word]) -> anyhow::Result<Option<Answer>> {
    let keys: Vec<String> = words.iter().map(|word| format!("{} {}", word.key(), word.as_str())).collect();
    let keys = format!("{} · l later · u undo · q quit > ", keys.join(" · "));
    loop {
        let Some(said) = line(&call.look.tinted(Tint::Strong, &keys))? else { return Ok(Some(Answer::Quit)) };
        let said = said.to_lowercase();
        let is_it = |word: &&Word| word.as_str() == said || said.chars().eq([word.key()]);
        match said.as_str() {
            "" | "l" | "later" => return Ok(None),
            "u" | "undo" => return Ok(Some(Answer::Undo)),
            "q" | "quit" => return Ok(Some(Answer::Quit)),
            _ => match words.iter().find(is_it) {
                Some(word) => return Ok(Some(Answer::Word(*word))),
                None => println!("One key of these, please."),
            },
        }
    }
}

/// A line that the person writes; `None` at the end of the input.
fn line(prompt: &str) -> anyhow::Result<Option<String>> {
    use std::io::{BufRead as _, Write as _};
    print!("{prompt}");
    std::io::stdout().flush()?;
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

/// For lists: what a person may say of an item.
fn words_of(words: &[Word]) -> Value {
    words.iter().map(|word| word.as_str()).collect()
}
