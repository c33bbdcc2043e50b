//! What waits, as it is shown to a person: whole before a question, a line each in a list, JSON.

use serde_json::{Value, json};

use super::look;
use super::words_of;
use crate::app::App;
use crate::domain::act::{Item, Kind};
use crate::domain::ident::NamedAddress;
use crate::service::Workspace;
use crate::store::agenda::{self, DueRow};
use crate::store::cases;
use crate::store::next_steps::OpenStep;
use crate::store::outbox::OutboxRow;
use crate::store::review::{self, PossibleAnswer, Proposal};

/// One item.
pub(super) struct Shown {
    /// Its name.
    pub item: Item,
    /// Everything a person needs to decide it.
    pub text: String,
    kind: String,
    who: String,
    subject: String,
}

/// Everything that waits: follow-ups that are due, then the rest, oldest first.
pub(super) fn all(workspace: &Workspace) -> anyhow::Result<Vec<Shown>> {
    let store = workspace.store();
    let due = agenda::due(store.read(), workspace.clock.now())?;
    let waiting = review::waiting(store.read())?;
    let mut found: Vec<Shown> = due.iter().map(due_shown).collect();
    let today = workspace.clock.now().to_zoned(workspace.config.timezone.clone()).date();
    let of = |item, text, kind: &str, who: &str, subject: &str| Shown {
        item,
        text,
        kind: kind.to_owned(),
        who: who.to_owned(),
        subject: look::clean(subject),
    };
    for row in &waiting.held {
        let inquiry = row.inquiry.map(|id| cases::mail(store.read(), id)).transpose()?.flatten();
        let text = held_text(row, inquiry.as_ref());
        found.push(of(Item::Mail(row.id), text, "held", row.recipient.address.as_str(), &row.subject));
    }
    for row in &waiting.unknown {
        let text = format!(
            "It is not known whether this left. Send it again? (no: it counts as sent)\n  to       {}\n  subject  {}\n  {}\n",
            row.recipient.address,
            look::clean(&row.subject),
            row.because
        );
        found.push(of(Item::Mail(row.id), text, "perhaps sent", row.recipient.address.as_str(), &row.subject));
    }
    for proposal in &waiting.proposals {
        let gist = &proposal.mail.gist;
        let day = proposal.mail.at.to_zoned(workspace.config.timezone.clone()).date();
        let more = gist.to.len().saturating_sub(1);
        let to = gist.to.first().map(|to| to.label().to_owned()).unwrap_or_default();
        let to = if more > 0 { format!("{to} and {more} more") } else { to };
        let kind = format!("outreach? {}", look::day(day, today));
        let text = proposal_text(proposal, day);
        found.push(of(Item::Proposal(proposal.message), text, &kind, &look::clean(&to), &gist.subject));
    }
    for answer in &waiting.answers {
        let gist = &answer.mail.gist;
        let from = gist.author().map(|from| from.as_str().to_owned()).unwrap_or_default();
        let item = Item::Answer { outreach: answer.outreach, message: answer.mail.id };
        found.push(of(item, answer_text(answer), "an answer?", &from, &gist.subject));
    }
    for step in &waiting.next_steps {
        let words = workspace.app().next_step_words(step, workspace.clock.now());
        let from = step.mail.gist.author().map(|from| from.as_str().to_owned()).unwrap_or_default();
        found.push(of(Item::Next(step.id), next_text(step, &words), "next step?", &from, &step.step.ask()));
    }
    Ok(found)
}

fn next_text(step: &OpenStep, words: &Result<Option<(String, String)>, String>) -> String {
    let gist = &step.mail.gist;
    let from = gist.from.as_ref().map(|from| look::clean(from.label())).unwrap_or_default();
    let first = gist.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut said = format!(
        "{}\n  from     {from}\n  subject  {}\n  {}\n{}",
        look::clean(&step.step.ask()),
        look::clean(&gist.subject),
        look::clean(&step.because),
        quoted("| ", first)
    );
    match words {
        Ok(Some((subject, text))) => {
            said.push_str(&format!("  the mail: {}\n{}", look::clean(subject), quoted("> ", text)));
        }
        Ok(None) => {}
        Err(gap) => said.push_str(&format!("  no mail: {}\n", look::clean(gap))),
    }
    said
}

fn due_shown(row: &DueRow) -> Shown {
    let (subject, text) = App::finish(row);
    let mut said =
        format!("Send this follow-up?\n  to       {}\n  subject  {}\n", row.to.address, look::clean(&subject));
    match &text {
        Ok(text) => said.push_str(&quoted("> ", text)),
        Err(why) => said.push_str(&format!("  no text  {}\n", look::clean(why))),
    }
    Shown {
        item: Item::FollowUp(row.outreach),
        text: said,
        kind: "follow-up due".to_owned(),
        who: row.to.address.to_string(),
        subject: look::clean(&subject),
    }
}

/// Columns of a quoted line: with its mark it fits into 80.
const WIDTH: usize = 74;

/// A text with a mark before each line, wrapped between words.
fn quoted(mark: &str, text: &str) -> String {
    let lines = text.trim_end().lines().map(look::clean);
    let parts = lines.flat_map(|line| match line.chars().count() {
        ..=WIDTH => vec![line],
        _ => look::wrapped(&line, WIDTH),
    });
    parts.map(|line| format!("  {mark}{line}\n")).collect()
}

fn held_text(row: &OutboxRow, inquiry: Option<&cases::StoredMail>) -> String {
    let mut said = format!(
        "Send this mail?\n  to       {}\n  subject  {}\n  held     {}\n",
        row.recipient.address,
        look::clean(&row.subject),
        row.because
    );
    if let Some(mail) = inquiry {
        let score = mail.gist.recruiter.score;
        let signals = format!("{score:.2}: {}", mail.gist.recruiter.signals.join(", "));
        for (at, line) in look::wrapped(&signals, WIDTH - 9).iter().enumerate() {
            said.push_str(&format!("  {:<9}{line}\n", if at == 0 { "score" } else { "" }));
        }
        for line in mail.gist.text.lines().filter(|line| !line.trim().is_empty()).take(12) {
            said.push_str(&quoted("| ", line));
        }
    }
    said.push_str("  the text:\n");
    said.push_str(&quoted("> ", &row.text));
    said
}

fn proposal_text(proposal: &Proposal, day: jiff::civil::Date) -> String {
    let gist = &proposal.mail.gist;
    let named = |to: &NamedAddress| match &to.name {
        Some(name) => format!("{} <{}>", look::clean(name), to.address),
        None => to.address.to_string(),
    };
    let to: Vec<String> = gist.to.iter().map(named).collect();
    format!(
        "Is this outreach?\n  to       {}\n  subject  {}\n  sent     {}\n  {}\n",
        to.join(", "),
        look::clean(&gist.subject),
        day.strftime("%d %b %Y"),
        proposal.because
    )
}

fn answer_text(answer: &PossibleAnswer) -> String {
    let gist = &answer.mail.gist;
    let from = gist.from.as_ref().map(|from| look::clean(from.label())).unwrap_or_default();
    let first = gist.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    format!(
        "Does this answer \"{}\"?\n  from     {from}\n  subject  {}\n  {}\n{}",
        look::clean(&answer.subject),
        look::clean(&gist.subject),
        answer.because,
        quoted("| ", first)
    )
}

/// One line each, and what may be said.
pub(super) fn list(shown: &[Shown]) -> String {
    if shown.is_empty() {
        return "Nothing waits for you.\n".to_owned();
    }
    let mut said = String::new();
    for one in shown {
        let subject = look::truncated(&one.subject, 28);
        let who = look::truncated(&one.who, 24);
        said.push_str(&format!("{:<7} {:<18} {who:<24} {subject}\n", one.item.to_string(), one.kind));
    }
    said.push_str("\ncheckback review WORD ITEM…   with the words send, edit, draft, snooze, done,\nstop, yes, no, never, recruiter; as in: checkback review snooze f12 friday\n");
    said
}

/// Everything that waits, by kind.
pub(super) fn to_json(workspace: &Workspace, shown: &[Shown]) -> anyhow::Result<Value> {
    let store = workspace.store();
    let waiting = review::waiting(store.read())?;
    let words = |item: Item| -> Result<Value, crate::store::StoreError> {
        let kind: Option<Kind> = review::find(store.read(), item)?.map(|found| found.kind);
        Ok(kind.map(|kind| words_of(kind.words())).unwrap_or_default())
    };
    let mail = |row: &OutboxRow| -> Result<Value, crate::store::StoreError> {
        let item = Item::Mail(row.id);
        Ok(json!({
            "item": item.to_string(), "to": row.recipient.address, "subject": row.subject, "text": row.text,
            "because": row.because, "state": row.state, "decided_at": row.decided_at, "inquiry": row.inquiry,
            "words": words(item)?,
        }))
    };
    let follow_ups = shown.iter().filter(|one| matches!(one.item, Item::FollowUp(_)));
    Ok(json!({
        "follow_ups": follow_ups
            .map(|one| Ok(json!({
                "item": one.item.to_string(), "to": one.who, "subject": one.subject, "words": words(one.item)?,
            })))
            .collect::<Result<Vec<_>, crate::store::StoreError>>()?,
        "held": waiting.held.iter().map(mail).collect::<Result<Vec<_>, _>>()?,
        "unknown": waiting.unknown.iter().map(mail).collect::<Result<Vec<_>, _>>()?,
        "proposals": waiting.proposals.iter().map(|p| json!({
            "item": Item::Proposal(p.message).to_string(), "to": p.mail.gist.to, "subject": p.mail.gist.subject,
            "sent_at": p.mail.at, "because": p.because, "words": words_of(Kind::Proposal.words()),
        })).collect::<Vec<_>>(),
        "answers": waiting.answers.iter().map(|a| json!({
            "item": Item::Answer { outreach: a.outreach, message: a.mail.id }.to_string(),
            "outreach": a.outreach, "from": a.mail.gist.author(), "subject": a.mail.gist.subject,
            "at": a.at, "because": a.because, "words": words_of(Kind::Answer.words()),
        })).collect::<Vec<_>>(),
        "next_steps": waiting.next_steps.iter().map(|step| json!({
            "item": Item::Next(step.id).to_string(), "outreach": step.outreach, "from": step.mail.gist.author(),
            "step": step.step, "ask": step.step.ask(), "because": step.because,
            "words": words_of(Kind::NextStep.words()),
        })).collect::<Vec<_>>(),
    }))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_long_line_of_a_quoted_mail_is_wrapped_between_words_and_loses_none() {
        let line = "Do you have 20 minutes this week? We would like to interview you about it. ".repeat(3);
        let said = quoted("| ", &format!("{line}\n\n  an indented line"));
        assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
        let words: Vec<&str> = said.split_whitespace().filter(|word| *word != "|").collect();
        assert_eq!(words, format!("{line} an indented line").split_whitespace().collect::<Vec<_>>());
        assert!(said.ends_with("  | \n  |   an indented line\n"), "{said}");
    }
}
