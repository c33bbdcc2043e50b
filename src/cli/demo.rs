//! `demo`: the real service against a mail server inside the process, with a sample mailbox. It tells
//! what happened and why, and writes a report. Nothing is needed but the program.
//!
//! `stage` sets up, `sample` is the mailbox, `findings` reads back what came about, `story` says it,
//! `serve` keeps the servers up.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::Call;
use super::report::style;
use crate::app::daily::scope;
use crate::report::{gather, html, text};
use crate::service::sync;
use crate::store::reports;
use findings::Arrivals;
use stage::Stage;
use story::FirstLook;

mod findings;
mod sample;
mod serve;
mod stage;
mod story;

/// Exit code of a program that SIGINT ended.
const INTERRUPTED: u8 = 130;

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Keep the servers up: write to the sample mailbox, and read it with any mail program
    #[arg(long)]
    serve: bool,
}

/// Runs the demo.
///
/// # Errors
/// If the server can't be started, the report can't be written, or what came about contradicts itself.
pub async fn run(call: &Call, args: DemoArgs) -> anyhow::Result<ExitCode> {
    let asked_to_end = serve::asked_to_end();
    tokio::pin!(asked_to_end);
    let stage = Stage::set(&call.clock, args.serve).await?;
    let newest = tokio::select! {
        newest = play(call, &stage, args.serve) => newest?,
        () = &mut asked_to_end => return Ok(ExitCode::from(INTERRUPTED)),
    };
    if args.serve {
        tell(call, || serve::how_to(&stage))?;
        tokio::select! {
            served = serve::serve(call, &stage, newest) => served?,
            () = &mut asked_to_end => tell(call, || "\nThe servers are closed.\n".to_owned())?,
        }
    }
    stage.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The whole story. Returns the row of the newest mail.
async fn play(call: &Call, stage: &Stage, serving: bool) -> anyhow::Result<i64> {
    let began = Instant::now();
    tell(call, || story::opening(call.look))?;

    let read = pass(stage).await?;
    let first = first_look(stage, read)?;
    ensure!(first.left == 0, "the first start sent {} mails", first.left);
    let before = findings::arrivals(stage, 0)?;
    tell(call, || story::first_look(call.look, &first))?;
    let matched = findings::matched(stage)?;
    tell(call, || story::answers(call.look, &matched))?;

    let handed_in = stage.hand_in(1).await?;
    pass(stage).await?;
    let new = findings::arrivals(stage, before.newest)?;
    tell(call, || story::new_mail(call.look, handed_in, &new))?;
    stage.hand_in(2).await?;
    pass(stage).await?;
    let again = findings::arrivals(stage, new.newest)?;
    tell(call, || story::second_round(call.look, &again))?;
    let left = findings::left(stage).len();
    ensure!(
        left == new.answered.len() + again.answered.len(),
        "the mail server took {left} mails, and the database knows of others"
    );

    let data = gather::gather(&stage.workspace.store(), &scope(&stage.workspace.config), call.clock.now())?;
    tell(call, || story::report_title(call.look) + &text::render(&data, style(call)))?;
    let report = write_report(&html::render(&data)?)?;
    tell(call, || story::closing(call.look, &report, began.elapsed().as_secs_f64(), serving))?;
    if call.json {
        let matched = findings::matched(stage)?;
        let rate = json!(data.rate);
        call.say(&summary(stage, &first, &matched, [&new, &again], rate, &report, serving), String::new)?;
    }
    Ok(again.newest)
}

/// One `sync`, as the command of that name runs it. Returns how many mails were new.
async fn pass(stage: &Stage) -> anyhow::Result<usize> {
    let synced = sync::sync(&stage.workspace, None).await?;
    for account in &synced.accounts {
        let trouble = account.error.as_ref().or(account.sending.trouble.as_ref());
        ensure!(trouble.is_none(), "{}", trouble.map(String::as_str).unwrap_or_default());
    }
    Ok(synced.accounts.iter().map(|account| account.new).sum())
}

fn first_look(stage: &Stage, read: usize) -> anyhow::Result<FirstLook> {
    let store = stage.workspace.store();
    Ok(FirstLook {
        read,
        kinds: reports::kinds(store.read())?,
        outreach: reports::pursuits(store.read(), None)?.len(),
        recruiters: reports::roster(store.read())?.len(),
        left: findings::left(stage).len(),
    })
}

fn summary(
    stage: &Stage,
    first: &FirstLook,
    matched: &[findings::Matched],
    rounds: [&Arrivals; 2],
    rate: Value,
    report: &Path,
    serving: bool,
) -> Value {
    let answered: Vec<_> = rounds.iter().flat_map(|round| &round.answered).collect();
    let unanswered: Vec<_> = rounds.iter().flat_map(|round| &round.unanswered).collect();
    let servers = serving.then(|| json!({"imap": stage.sandbox.imap_addr(), "smtp": stage.sandbox.smtp_addr()}));
    json!({
        "first_start": {
            "read": first.read, "kinds": first.kinds, "outreach": first.outreach,
            "recruiters": first.recruiters, "answered": first.left,
        },
        "matched": matched, "answered": answered, "not_answered": unanswered, "rate": rate,
        "report": report, "servers": servers,
    })
}

/// Prints a part of the story, unless JSON was asked for.
fn tell(call: &Call, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    if call.json { Ok(()) } else { call.say(&(), text) }
}

/// Writes the page where the system keeps temporary files, and where it stays when the program ends. A
/// folder of the usual name that cannot be used, since it is another user's, say, gets a sibling.
fn write_report(page: &str) -> anyhow::Result<PathBuf> {
    let temp = std::env::temp_dir();
    let own = temp.join(format!("checkback-demo-{}", std::process::id()));
    write_page(&temp.join("checkback-demo"), page)
        .or_else(|_| write_page(&own, page))
        .with_context(|| format!("cannot write the report into {}", own.display()))
}

/// Writes beside the page and renames: a link that lies there is replaced, never followed.
fn write_page(folder: &Path, page: &str) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join("report.html");
    let fresh = folder.join(format!("report-{}.new", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&fresh)?;
    file.write_all(page.as_bytes())?;
    std::fs::rename(&fresh, &path)?;
    Ok(path)
}
