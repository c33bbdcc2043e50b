//! `recruiters simulate`: what the machine would have done with past mail.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pitched;
use crate::app::files::FileJudge;
use crate::app::roster::Simulated;
use crate::cli::look::{self, Column};
use crate::cli::{Call, Usage, explain, reading};
use crate::domain::duration::Span;
use crate::domain::gist::Gist;
use crate::domain::policy::Rule;

/// One mail with what would have become of it.
struct Case {
    /// Row of the mail, or its place in a file.
    place: String,
    at: Timestamp,
    gist: Gist,
    blocked: Vec<Rule>,
    was_answered: bool,
}

impl Case {
    fn verdict(&self) -> &'static str {
        match self.blocked.as_slice() {
            _ if self.was_answered => "answered",
            [] => "answer",
            [Rule::Unsure] => "hold",
            _ => "leave",
        }
    }
}

/// Runs `recruiters simulate`.
pub(super) fn run(call: &Call, since: &str, me: &[String], paths: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let span = Span::parse(since)
        .ok()
        .and_then(Span::exact)
        .ok_or_else(|| Usage(format!("--since {since}: write a time such as 365d or 26w")))?;
    let now = call.clock.now();
    let from = now.checked_sub(span).unwrap_or(Timestamp::MIN);
    let (cases, code) = if paths.is_empty() {
        let workspace = call.workspace()?;
        let mut cases = Vec::new();
        workspace.app().simulate_answers(workspace.store().read(), from, now, |one| cases.push(of_mailbox(one)))?;
        (cases, ExitCode::SUCCESS)
    } else {
        of_files(call, me, paths, from)?
    };
    let values: Vec<Value> = cases.iter().map(to_json).collect();
    call.say(&values, || text(call, &cases, since))?;
    Ok(code)
}

fn of_mailbox(one: Simulated) -> Case {
    Case {
        place: one.mail.id.to_string(),
        at: one.mail.at,
        gist: one.mail.gist,
        blocked: one.blocked,
        was_answered: one.was_answered,
    }
}

fn of_files(call: &Call, me: &[String], paths: &[PathBuf], from: Timestamp) -> anyhow::Result<(Vec<Case>, ExitCode)> {
    let mut judge = FileJudge::new(explain::own_addresses(me)?);
    let bar = look::progress(reading::total(paths), "reading");
    let read = reading::all(paths, call.clock.now(), &bar, |gist| {
        gist.text = String::new();
        gist.shingles = Vec::new();
    });
    bar.finish_and_clear();
    let mut cases = Vec::new();
    for at in read.by_date() {
        let Some(mail) = read.mails.get(at) else { continue };
        let blocked = judge.judge(&mail.gist, mail.folder.as_str());
        let blocked: Vec<Rule> = blocked.into_iter().filter_map(Rule::parse).collect();
        if mail.at >= from && !blocked.contains(&Rule::Own) {
            let place = format!("{}#{}", mail.file, mail.index);
            cases.push(Case { place, at: mail.at, gist: mail.gist.clone(), blocked, was_answered: false });
        }
    }
    Ok((cases, reading::report_failures(&read.failures, read.mails.len())))
}

fn to_json(case: &Case) -> Value {
    let gist = &case.gist;
    json!({
        "mail": case.place, "message_id": gist.message_id, "at": case.at,
        "from": gist.author(), "subject": gist.subject, "verdict": case.verdict(), "score": gist.recruiter.score,
        "signals": gist.recruiter.signals, "pitch": gist.pitch,
        "blocked_by": case.blocked.iter().map(|rule| rule.as_str()).collect::<Vec<_>>(),
    })
}

fn text(call: &Call, cases: &[Case], since: &str) -> String {
    if cases.is_empty() {
        return format!("No mail came in the last {since}.\n");
    }
    let of = |verdict: &str| cases.iter().filter(|case| case.verdict() == verdict).collect::<Vec<_>>();
    let mut said = format!("{} mails of the last {since}. Nothing is sent by this command.\n", cases.len());
    for (verdict, title) in
        [("answered", "were answered"), ("answer", "would be answered"), ("hold", "would be held for you")]
    {
        let found = of(verdict);
        if found.is_empty() && verdict == "answered" {
            continue;
        }
        said.push_str(&format!("\n{} {title}\n", found.len()));
        if !found.is_empty() {
            said.push_str(&table(call, &found));
        }
    }
    let mut reasons: BTreeMap<Rule, usize> = BTreeMap::new();
    for case in of("leave") {
        if let Some(rule) = case.blocked.first() {
            *reasons.entry(*rule).or_default() += 1;
        }
    }
    let rest: usize = reasons.values().sum();
    said.push_str(&format!("\n{rest} would be left alone, by the first rule that blocks\n"));
    for (rule, count) in reasons {
        said.push_str(&format!("  {count:>6}  {:<22} {}\n", rule.as_str(), look::truncated(rule.explain(), 46)));
    }
    said
}

fn table(call: &Call, cases: &[&Case]) -> String {
    const COLUMNS: [Column; 4] =
        [Column::left("when"), Column::left("from"), Column::left("pitched"), Column::right("score")];
    let cells: Vec<Vec<String>> = cases
        .iter()
        .map(|case| {
            let gist = &case.gist;
            let what = match pitched(&gist.pitch) {
                empty if empty.is_empty() => gist.subject.clone(),
                what => what,
            };
            vec![
                case.at.strftime("%d %b %Y").to_string(),
                gist.from.as_ref().map(|from| from.label().to_owned()).unwrap_or_default(),
                what,
                format!("{:.2}", gist.recruiter.score),
            ]
        })
        .collect();
    call.look.table(&COLUMNS, &cells)
}
