//! The command line: the tree of commands, and a file for each group of them. Here belongs what is
//! asked and how it is said. Here never belongs: SQL, a decision, SMTP.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::clock::Clock;
use crate::config::{Config, ConfigError, paths};
use crate::mail::compose::Templates;
use crate::service::Workspace;
use crate::service::command::{self, Command as Order, Outcome, Turn};
use look::Look;

pub mod audit;
pub mod correct;
pub mod demo;
pub mod explain;
pub mod look;
pub mod outreach;
pub mod pause;
pub mod people;
pub mod reading;
pub mod recruiters;
pub mod report;
pub mod review;
pub mod run;
pub mod send;
pub mod sequence;
pub mod status;
pub mod sync;
pub mod template;
pub mod today;
pub mod why;

/// How long a command waits for another one to end.
const LOCK_WAIT: std::time::Duration = std::time::Duration::from_secs(60);

/// An email-integrated outreach assistant: the real response rate, polite answers to recruiters.
#[derive(Debug, Parser)]
#[command(name = "checkback", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Global {
    /// The config file
    #[arg(long, global = true, env = "CHECKBACK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the database
    #[arg(long, global = true, env = "CHECKBACK_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    /// Say more; twice: everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the whole program at work on a mail server of its own; nothing is needed
    Demo(demo::DemoArgs),
    /// Read the mailboxes, decide, send what is due, once
    Sync(sync::SyncArgs),
    /// Do so for as long as it runs: the service
    Run,
    /// When each mailbox was last read, and what waits
    Status,
    /// What is due, who answered, what waits for you: the daily mail in the terminal
    Today,
    /// The response rate against the goal
    Report(report::ReportArgs),
    /// Write to one person, with a template, and log it as outreach
    Send(send::SendArgs),
    /// The log of outreach
    #[command(subcommand)]
    Outreach(outreach::OutreachCommand),
    /// Who is who, what you noted, and who is never written to
    #[command(subcommand)]
    People(people::PeopleCommand),
    /// What follows a first mail, when, and how
    #[command(subcommand)]
    Sequence(sequence::SequenceCommand),
    /// The recruiters met so far
    #[command(subcommand)]
    Recruiters(recruiters::RecruitersCommand),
    /// The texts that mails are made of
    #[command(subcommand)]
    Template(template::TemplateCommand),
    /// Decide what waits for you: held mail, proposals, possible answers
    Review(review::ReviewArgs),
    /// Why a mail was taken for what it is, and answered or not
    Why(why::WhyArgs),
    /// Change what a mail was taken for; it is remembered
    Correct(correct::CorrectArgs),
    /// Take back your latest decision; again: the one before
    Undo,
    /// What each mail of a file is, and whether it would be answered; needs no config
    Explain(explain::ExplainArgs),
    /// The response rate of a past mailbox (mbox, Maildir, .eml), offline
    Audit(audit::AuditArgs),
    /// Stop everything automatic
    Pause(pause::PauseArgs),
    /// Start it again
    Resume,
}

/// What a command needs to know about how it was called.
#[derive(Debug, Clone)]
pub struct Call {
    /// Print JSON.
    pub json: bool,
    /// How output looks.
    pub look: Look,
    /// The time.
    pub clock: Clock,
    config: Option<PathBuf>,
    data: Option<PathBuf>,
}

/// Wrong usage or a wrong config: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

impl Call {
    /// Opens the workspace of the config file.
    ///
    /// # Errors
    /// If the config is wrong, or the data folder can't be used.
    pub fn workspace(&self) -> anyhow::Result<Workspace> {
        let path = match &self.config {
            Some(path) => path.clone(),
            None => paths::default_config()?,
        };
        let config = Config::load(&path)?;
        let data = match &self.data {
            Some(data) => data.clone(),
            None => paths::default_data()?,
        };
        Workspace::open(config, &data, self.templates()?, self.clock.clone())
    }

    /// The shipped templates and those beside the config file, which need not exist.
    ///
    /// # Errors
    /// If the folder of templates can't be read.
    pub fn templates(&self) -> anyhow::Result<Templates> {
        let path = match &self.config {
            Some(path) => path.clone(),
            None => paths::default_config()?,
        };
        Ok(match path.parent() {
            Some(folder) => Templates::load(&folder.join("templates")).map_err(|error| Usage(error.to_string()))?,
            None => Templates::shipped(),
        })
    }

    /// Has the running service carry out a command, or takes the lock of the data folder where none
    /// runs; waits a minute for either. A service that ends meanwhile is told of on standard error.
    ///
    /// # Errors
    /// If neither comes about, or the service could not carry it out.
    pub async fn turn(&self, workspace: &Workspace, command: &Order) -> anyhow::Result<Turn> {
        let turn = command::turn(workspace, command, LOCK_WAIT).await?;
        match &turn {
            Turn::Served(Outcome::Failed { why }) => anyhow::bail!("the service could not do it: {why}"),
            Turn::Own { deserted: true, .. } => {
                eprintln!("checkback: the service ended meanwhile; going on without it")
            }
            _ => {}
        }
        Ok(turn)
    }

    /// Prints a text, or the value with `--json`. A closed pipe ends quietly.
    ///
    /// # Errors
    /// If standard output can't be written.
    pub fn say(&self, value: &impl serde::Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        let written = match self.json {
            true => look::json_line(&mut out, value),
            false => out.write_all(text().as_bytes()).and_then(|()| out.flush()),
        };
        match written {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}

impl Cli {
    /// Whether it is the service, which lives long and has little to do.
    pub fn is_service(&self) -> bool {
        matches!(self.command, Command::Run)
    }
}

/// Runs a command and gives the exit code of product §5.
pub async fn run(cli: Cli) -> ExitCode {
    // the service tells what it does; its log is all that is seen of it
    look::init_logging(cli.global.verbose.saturating_add(u8::from(cli.is_service())));
    let call = Call {
        json: cli.global.json,
        look: Look::of_stdout(),
        clock: Clock::System,
        config: cli.global.config,
        data: cli.global.data,
    };
    match dispatch(&call, cli.command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("checkback: {error:#}");
            let usage = error
                .chain()
                .any(|cause| cause.is::<Usage>() || cause.is::<ConfigError>() || cause.is::<paths::NoHome>());
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

async fn dispatch(call: &Call, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(args) => demo::run(call, args).await,
        Command::Sync(args) => sync::run(call, args).await,
        Command::Run => run::run(call).await,
        Command::Status => status::run(call),
        Command::Today => today::run(call),
        Command::Report(args) => report::run(call, args),
        Command::Send(args) => send::run(call, args).await,
        Command::Outreach(command) => outreach::run(call, command),
        Command::People(command) => people::run(call, command),
        Command::Sequence(command) => sequence::run(call, command),
        Command::Recruiters(command) => recruiters::run(call, command),
        Command::Template(command) => template::run(call, command),
        Command::Review(args) => review::run(call, &args),
        Command::Why(args) => why::run(call, args),
        Command::Correct(args) => correct::run(call, args),
        Command::Undo => correct::undo(call),
        Command::Explain(args) => explain::command(call, args),
        Command::Audit(args) => audit::run(call, args),
        Command::Pause(args) => pause::pause(call, args),
        Command::Resume => pause::resume(call),
    }
}
