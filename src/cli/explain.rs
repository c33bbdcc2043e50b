//! `explain`: what each mail of a file is, and whether it would be answered.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::look::{self, Column, Look};
use super::reading::{self, ReadMail, Reading};
use super::{Call, Usage};
use crate::app::files::FileJudge;
use crate::domain::gist::{Bounce, Gist, OutOfOffice, Tone};
use crate::domain::ident::{Address, MessageId, OwnAddresses};
use crate::mail::mailfile::MailfileError;

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Your own address; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    me: Vec<String>,
    /// Mail files, folders of .eml, mbox files, Maildirs
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Runs `explain`.
///
/// # Errors
/// If an address is none, or standard output can't be written.
pub fn command(call: &Call, args: ExplainArgs) -> anyhow::Result<ExitCode> {
    let mut judge = FileJudge::new(own_addresses(&args.me)?);
    let bar = look::progress(reading::total(&args.paths), "reading");
    let format = if call.json { Format::Json } else { Format::Table(call.look) };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let explained = run(&args.paths, call.clock.now(), format, &bar, &mut out, |mail| {
        judge.judge(&mail.gist, mail.folder.as_str())
    });
    let explained = match explained {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
        other => other?,
    };
    Ok(reading::report_failures(&explained.failures, explained.mails))
}

/// The addresses given by `--me`.
///
/// # Errors
/// If one of them is none.
pub(super) fn own_addresses(me: &[String]) -> Result<OwnAddresses, Usage> {
    let parsed = me.iter().map(|text| {
        Address::parse(text)
            .ok_or_else(|| Usage(format!("--me {text}: that is no address; write dana@devmail.example")))
    });
    Ok(OwnAddresses::new(&parsed.collect::<Result<Vec<_>, _>>()?))
}

/// What `explain --json` prints of one mail, field by field in this order. Ids stand without brackets,
/// addresses in lower case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict<'a> {
    file: &'a str,
    index: usize,
    message_id: Option<&'a str>,
    kind: &'static str,
    defects: Vec<&'static str>,
    bounce: Option<BounceVerdict<'a>>,
    out_of_office: Option<OutOfOfficeVerdict<'a>>,
    tone: Option<&'static str>,
    recruiter: RecruiterVerdict<'a>,
    would_reply: bool,
    blocked_by: &'a [&'static str],
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct BounceVerdict<'a> {
    permanent: bool,
    reason: crate::domain::gist::BounceReason,
    status: Option<&'a str>,
    recipients: Vec<&'a str>,
    original_message_id: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct OutOfOfficeVerdict<'a> {
    until: Option<Date>,
    left: bool,
    stand_in: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct RecruiterVerdict<'a> {
    verdict: &'static str,
    score: f64,
    signals: &'a [String],
}

/// The verdict on one mail. It would be answered if nothing blocks it.
pub fn verdict<'a>(file: &'a str, index: usize, gist: &'a Gist, blocked_by: &'a [&'static str]) -> Verdict<'a> {
    Verdict {
        file,
        index,
        message_id: gist.message_id.as_ref().map(MessageId::as_str),
        kind: gist.kind.as_str(),
        defects: gist.defects.iter().map(|defect| defect.as_str()).collect(),
        bounce: gist.bounce.as_ref().map(bounce),
        out_of_office: gist.out_of_office.as_ref().map(out_of_office),
        tone: gist.tone.as_ref().map(Tone::as_str),
        recruiter: RecruiterVerdict {
            verdict: gist.recruiter.verdict.as_str(),
            // More digits would feign a precision that the score does not have.
            score: (gist.recruiter.score * 10_000.0).round() / 10_000.0,
            signals: &gist.recruiter.signals,
        },
        would_reply: blocked_by.is_empty(),
        blocked_by,
    }
}

fn bounce(bounce: &Bounce) -> BounceVerdict<'_> {
    BounceVerdict {
        permanent: bounce.permanent,
        reason: bounce.reason,
        status: bounce.status.as_deref(),
        recipients: bounce.recipients.iter().map(Address::as_str).collect(),
        original_message_id: bounce.original_message_id.as_ref().map(MessageId::as_str),
    }
}

fn out_of_office(away: &OutOfOffice) -> OutOfOfficeVerdict<'_> {
    OutOfOfficeVerdict { until: away.until, left: away.left, stand_in: away.stand_in.as_ref().map(Address::as_str) }
}

/// How it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One object a line.
    Json,
    /// A table.
    Table(Look),
}

/// How it went.
#[derive(Debug)]
pub struct Explained {
    /// Mails that were explained.
    pub mails: usize,
    /// What could not be read.
    pub failures: Vec<MailfileError>,
}

/// Reads the paths, has every mail judged in order of date, and prints the verdicts in the order of
/// the paths.
///
/// `judge` is called once a mail, own mails included, and returns the names of the rules that block an
/// answer. The gists it sees have no `text` and no `shingles`.
///
/// # Errors
/// If the output can't be written. What can't be read is in the outcome.
pub fn run(
    paths: &[PathBuf],
    now: Timestamp,
    format: Format,
    bar: &ProgressBar,
    out: &mut impl Write,
    judge: impl FnMut(&ReadMail) -> Vec<&'static str>,
) -> io::Result<Explained> {
    let reading = reading::all(paths, now, bar, |gist| {
        gist.text = String::new();
        gist.shingles = Vec::new();
    });
    bar.finish_and_clear();
    let blocked = judged(&reading, judge);
    let verdicts = reading.mails.iter().zip(&blocked);
    match format {
        Format::Json => {
            for (mail, blocked_by) in verdicts {
                look::json_line(out, &verdict(&mail.file, mail.index, &mail.gist, blocked_by))?;
            }
        }
        Format::Table(look) => out.write_all(table(look, verdicts).as_bytes())?,
    }
    out.flush()?;
    Ok(Explained { mails: reading.mails.len(), failures: reading.failures })
}

/// What blocks each mail, in the order of the mails.
fn judged(reading: &Reading, mut judge: impl FnMut(&ReadMail) -> Vec<&'static str>) -> Vec<Vec<&'static str>> {
    let mut blocked = vec![Vec::new(); reading.mails.len()];
    for at in reading.by_date() {
        if let (Some(mail), Some(blocked)) = (reading.mails.get(at), blocked.get_mut(at)) {
            *blocked = judge(mail);
        }
    }
    blocked
}

fn table<'a>(look: Look, verdicts: impl Iterator<Item = (&'a ReadMail, &'a Vec<&'static str>)>) -> String {
    const COLUMNS: [Column; 5] = [
        Column::left("from"),
        Column::left("subject"),
        Column::left("kind"),
        Column::right("recruiter"),
        Column::left("answer"),
    ];
    let rows: Vec<Vec<String>> = verdicts
        .map(|(mail, blocked_by)| {
            let gist = &mail.gist;
            vec![
                gist.from.as_ref().map(|from| from.label().to_owned()).unwrap_or_default(),
                gist.subject.clone(),
                gist.kind.as_str().to_owned(),
                format!("{:.2}", gist.recruiter.score),
                if blocked_by.is_empty() { "yes".to_owned() } else { format!("no: {}", blocked_by.join(", ")) },
            ]
        })
        .collect();
    look.table(&COLUMNS, &rows)
}

#[cfg(test)]
mod tests;
