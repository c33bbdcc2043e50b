//! `review`: what waits for a person, decided one by one or by its name.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::look::{self, Tint};
use super::{Call, Usage};
use crate::app::correct::WordError;
use crate::service::Workspace;
use crate::store::next_steps::OpenStep;
use crate::store::outbox::OutboxRow;
use crate::store::review::{self, Item, PossibleAnswer, Proposal, Waiting};
use crate::store::{StoreError, cases, decisions};

/// Options of `review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    #[command(subcommand)]
    command: Option<Decide>,
}

/// Decisions that need no question: for scripts.
#[derive(Debug, Subcommand)]
enum Decide {
    /// Send held mail, accept a proposal or a possible answer (m4, p7, a3-9), do what an
    /// answer suggests (n5)
    Approve {
        /// Names as `review` prints them
        #[arg(required = true, value_name = "ITEM")]
        items: Vec<String>,
    },
    /// Drop held mail, refuse a proposal or a possible answer
    Reject {
        /// Names as `review` prints them
        #[arg(required = true, value_name = "ITEM")]
        items: Vec<String>,
    },
}

fn item(text: &str) -> Result<Item, Usage> {
    let wrong = || Usage(format!("{text}: that is no item; checkback review lists them (m4, p7, a3-9, n5)"));
    let mut letters = text.chars();
    let (kind, rest) = (letters.next(), letters.as_str());
    let number = |part: &str| part.parse::<i64>().map_err(|_| wrong());
    match kind {
        Some('m') => Ok(Item::Mail(number(rest)?)),
        Some('p') => Ok(Item::Proposal(number(rest)?)),
        Some('n') => Ok(Item::Next(number(rest)?)),
        Some('a') => {
            let (outreach, message) = rest.split_once('-').ok_or_else(wrong)?;
            Ok(Item::Answer { outreach: number(outreach)?, message: number(message)? })
        }
        _ => Err(wrong()),
    }
}

/// Runs `review`: on a terminal it asks, elsewhere it lists.
///
/// # Errors
/// If the workspace can't be used, or an item is none.
pub fn run(call: &Call, args: ReviewArgs) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    match args.command {
        Some(Decide::Approve { items }) => decide_all(call, &workspace, &items, true),
        Some(Decide::Reject { items }) => decide_all(call, &workspace, &items, false),
        None => {
            let waiting = review::waiting(workspace.store().read())?;
            if !call.json && call.look.terminal && std::io::stdin().is_terminal() {
                ask(call, &workspace, &waiting)?;
            } else {
                call.say(&to_json(&waiting), || list(&waiting))?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn decide_all(call: &Call, workspace: &Workspace, items: &[String], accept: bool) -> anyhow::Result<ExitCode> {
    let parsed = items.iter().map(|text| item(text)).collect::<Result<Vec<_>, _>>()?;
    let mut done = Vec::new();
    let mut missed = Vec::new();
    for item in parsed {
        if decide(workspace, item, accept)? { done.push(item.to_string()) } else { missed.push(item.to_string()) }
    }
    call.say(&json!({"decided": done, "not_waiting": missed}), || {
        let word = if accept { "Approved" } else { "Rejected" };
        if done.is_empty() { String::new() } else { format!("{word}: {}. {}\n", done.join(", "), after(accept)) }
    })?;
    for item in &missed {
        eprintln!("checkback: {item} does not wait (any more), or has no text to send");
    }
    Ok(ExitCode::from(if missed.is_empty() { 0 } else { 1 }))
}

fn after(accept: bool) -> &'static str {
    if accept { "Mail leaves with the next sync, after a last check." } else { "Nothing leaves." }
}

fn decide(workspace: &Workspace, item: Item, accept: bool) -> anyhow::Result<bool> {
    let now = workspace.clock.now();
    let own = workspace.config.own_addresses();
    if let Item::Next(id) = item {
        let (app, mut store) = (workspace.app(), workspace.store());
        let decided = if accept { app.next_step_accept(&mut store, id, now) } else { app.next_step_refuse(&mut store, id, now) };
        return decided.map_err(|error| match error {
            WordError::Refused(why) => Usage(why).into(),
            WordError::App(error) => error.into(),
        });
    }
    let decided = workspace.store().write::<_, StoreError>(|tx| match item {
        Item::Mail(id) if accept => decisions::approve(tx, id, now),
        Item::Mail(id) => decisions::reject(tx, id, now),
        Item::Proposal(message) => decisions::decide_proposal(tx, message, accept, &own, now),
        Item::Answer { outreach, message } => decisions::decide_answer(tx, outreach, message, accept, now),
        Item::Next(_) => Ok(false),
    })?;
    if decided && matches!(item, Item::Proposal(_)) {
        // what came back to it was waiting for this word
        workspace.app().consider(&mut workspace.store(), now, |_| {})?;
    }
    Ok(decided)
}

fn ask(call: &Call, workspace: &Workspace, waiting: &Waiting) -> anyhow::Result<()> {
    if waiting.count() == 0 {
        println!("Nothing waits for you.");
        return Ok(());
    }
    let mut approved = 0;
    for (item, text) in items(waiting, workspace)? {
        println!("{}", text.trim_end());
        let accept = loop {
            print!("{}", call.look.tinted(Tint::Strong, "y yes · n no · s later · q quit > "));
            std::io::stdout().flush()?;
            let mut line = String::new();
            if std::io::stdin().lock().read_line(&mut line)? == 0 {
                return Ok(());
            }
            match line.trim().to_lowercase().as_str() {
                "y" | "yes" => break Some(true),
                "n" | "no" => break Some(false),
                "s" | "" => break None,
                "q" => return Ok(()),
                _ => println!("One key: y, n, s or q."),
            }
        };
        if let Some(accept) = accept {
            let done = decide(workspace, item, accept)?;
            approved += usize::from(done && accept && matches!(item, Item::Mail(_)));
        }
        println!();
    }
    if approved > 0 {
        println!("{}", after(true));
    }
    Ok(())
}

/// Each item with everything a person needs to decide it.
fn items(waiting: &Waiting, workspace: &Workspace) -> anyhow::Result<Vec<(Item, String)>> {
    let mut found = Vec::new();
    for row in &waiting.held {
        let inquiry = match row.inquiry {
            Some(id) => cases::mail(workspace.store().read(), id)?,
            None => None,
        };
        found.push((Item::Mail(row.id), held_text(row, inquiry.as_ref())));
    }
    for row in &waiting.unknown {
        let text = format!(
            "It is not known whether this left. Send it again? (no: it counts as sent)\n  to       {}\n  subject  {}\n  {}\n",
            row.recipient.address,
            look::clean(&row.subject),
            row.because
        );
        found.push((Item::Mail(row.id), text));
    }
    found.extend(waiting.proposals.iter().map(|p| (Item::Proposal(p.message), proposal_text(p))));
    found.extend(
        waiting.answers.iter().map(|a| (Item::Answer { outreach: a.outreach, message: a.mail.id }, answer_text(a))),
    );
    let now = workspace.clock.now();
    for step in &waiting.next_steps {
        found.push((Item::Next(step.id), next_text(step, &workspace.app().next_step_words(step, now))));
    }
    Ok(found)
}

fn next_text(step: &OpenStep, words: &Result<Option<(String, String)>, String>) -> String {
    let from = step.mail.gist.from.as_ref().map(|from| look::clean(from.label())).unwrap_or_default();
    let first = step.mail.gist.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut said = format!(
        "{}\n  from     {from}\n  subject  {}\n  {}\n  | {}\n",
        look::clean(&step.step.ask()),
        look::clean(&step.mail.gist.subject),
        look::clean(&step.because),
        look::truncated(&look::clean(first), 74)
    );
    match words {
        Ok(Some((subject, text))) => {
            said.push_str(&format!("  the mail: {}\n", look::clean(subject)));
            text.lines().for_each(|line| said.push_str(&format!("  > {}\n", look::clean(line))));
        }
        Ok(None) => {}
        Err(gap) => said.push_str(&format!("  no mail: {}\n", look::clean(gap))),
    }
    said
}

fn held_text(row: &OutboxRow, inquiry: Option<&cases::StoredMail>) -> String {
    let mut said = format!(
        "Send this answer?\n  to       {}\n  subject  {}\n  held     {}\n",
        row.recipient.address,
        look::clean(&row.subject),
        row.because
    );
    if let Some(mail) = inquiry {
        let score = mail.gist.recruiter.score;
        said.push_str(&format!("  score    {score:.2}: {}\n", mail.gist.recruiter.signals.join(", ")));
        for line in mail.gist.text.lines().map(look::clean).filter(|line| !line.trim().is_empty()).take(12) {
            said.push_str(&format!("  | {}\n", look::truncated(&line, 74)));
        }
    }
    said.push_str("  the answer:\n");
    for line in row.text.lines() {
        said.push_str(&format!("  > {line}\n"));
    }
    said
}

fn proposal_text(proposal: &Proposal) -> String {
    let gist = &proposal.mail.gist;
    let to: Vec<&str> = gist.to.iter().map(|to| to.address.as_str()).collect();
    format!(
        "Is this outreach?\n  to       {}\n  subject  {}\n  sent     {}\n  {}\n",
        to.join(", "),
        look::clean(&gist.subject),
        proposal.mail.at.strftime("%d %b %Y"),
        proposal.because
    )
}

fn answer_text(answer: &PossibleAnswer) -> String {
    let gist = &answer.mail.gist;
    let from = gist.from.as_ref().map(|from| look::clean(from.label())).unwrap_or_default();
    let first = gist.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    format!(
        "Does this answer \"{}\"?\n  from     {from}\n  subject  {}\n  {}\n  | {}\n",
        look::clean(&answer.subject),
        look::clean(&gist.subject),
        answer.because,
        look::truncated(&look::clean(first), 74)
    )
}

fn list(waiting: &Waiting) -> String {
    if waiting.count() == 0 {
        return "Nothing waits for you.\n".to_owned();
    }
    let mut said = String::new();
    let mut line = |item: Item, what: &str, who: &str, subject: &str| {
        let subject = look::truncated(&look::clean(subject), 28);
        said.push_str(&format!("{:<7} {what:<16} {:<26} {subject}\n", item.to_string(), look::truncated(who, 26)));
    };
    for row in &waiting.held {
        line(Item::Mail(row.id), "held answer", row.recipient.address.as_str(), &row.subject);
    }
    for row in &waiting.unknown {
        line(Item::Mail(row.id), "perhaps sent", row.recipient.address.as_str(), &row.subject);
    }
    for proposal in &waiting.proposals {
        let gist = &proposal.mail.gist;
        let to = gist.to.first().map(|to| to.address.as_str()).unwrap_or_default();
        line(Item::Proposal(proposal.message), "outreach?", to, &gist.subject);
    }
    for answer in &waiting.answers {
        let from = answer.mail.gist.author().map(|from| from.as_str().to_owned()).unwrap_or_default();
        let item = Item::Answer { outreach: answer.outreach, message: answer.mail.id };
        line(item, "an answer?", &from, &answer.mail.gist.subject);
    }
    for step in &waiting.next_steps {
        let from = step.mail.gist.author().map(|from| from.as_str().to_owned()).unwrap_or_default();
        line(Item::Next(step.id), "next step?", &from, &step.step.ask());
    }
    said.push_str("\ncheckback review approve ITEM…   or   checkback review reject ITEM…\n");
    said
}

fn to_json(waiting: &Waiting) -> Value {
    let mail = |row: &OutboxRow| {
        json!({
            "item": Item::Mail(row.id).to_string(), "to": row.recipient.address, "subject": row.subject, "text": row.text,
            "because": row.because, "state": row.state, "decided_at": row.decided_at, "inquiry": row.inquiry,
        })
    };
    json!({
        "held": waiting.held.iter().map(mail).collect::<Vec<_>>(),
        "unknown": waiting.unknown.iter().map(mail).collect::<Vec<_>>(),
        "proposals": waiting.proposals.iter().map(|p| json!({
            "item": Item::Proposal(p.message).to_string(), "to": p.mail.gist.to, "subject": p.mail.gist.subject,
            "sent_at": p.mail.at, "because": p.because,
        })).collect::<Vec<_>>(),
        "next_steps": waiting.next_steps.iter().map(|step| json!({
            "item": Item::Next(step.id).to_string(), "outreach": step.outreach, "from": step.mail.gist.author(),
            "step": step.step, "ask": step.step.ask(), "because": step.because,
        })).collect::<Vec<_>>(),
        "answers": waiting.answers.iter().map(|a| json!({
            "item": Item::Answer { outreach: a.outreach, message: a.mail.id }.to_string(),
            "outreach": a.outreach, "from": a.mail.gist.author(), "subject": a.mail.gist.subject,
            "at": a.at, "because": a.because,
        })).collect::<Vec<_>>(),
    })
}
