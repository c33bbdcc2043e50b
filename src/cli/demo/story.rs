//! The demo in words: what was found, chapter by chapter, in at most 80 columns.

use std::collections::BTreeMap;
use std::path::Path;

use super::findings::{Answered, Arrivals, Matched, Unanswered};
use super::sample;
use crate::cli::look::{Column, Look, Tint, clean, truncated, wrapped};
use crate::cli::sync::counted;

/// What the first look at the mailbox brought.
#[derive(Debug, Clone, Default)]
pub struct FirstLook {
    /// Mails read.
    pub read: usize,
    /// Of those that came in: how many of each kind.
    pub kinds: BTreeMap<String, u32>,
    /// Asks in the log.
    pub outreach: usize,
    /// Recruiters who had written before.
    pub recruiters: usize,
    /// Mails that left.
    pub left: usize,
}

/// What the demo is.
pub fn opening(look: Look) -> String {
    format!(
        "{}\n\nA mail server inside this program, on real IMAP and SMTP sockets of this\n\
         computer; in it the mailbox of {}, a sample of the last two months; and\n\
         the real service against both. Nothing leaves this computer.\n",
        look.tinted(Tint::Strong, "checkback demo"),
        sample::NAME,
    )
}

/// The first start.
pub fn first_look(look: Look, first: &FirstLook) -> String {
    let incoming: u32 = first.kinds.values().sum();
    let mut said = chapter(look, "1. The first start reads everything and answers nobody");
    said.push_str(&format!("{} read, {incoming} of them incoming:\n", counted(first.read, "mail", "mails"),));
    const KINDS: [(&str, &str); 6] = [
        ("human", "from people"),
        ("out_of_office", "out of office"),
        ("automatic", "from machines: receipts, notifications"),
        ("bounce", "not delivered"),
        ("delay", "delivery delayed"),
        ("bulk", "lists, newsletters, alerts"),
    ];
    for (kind, meaning) in KINDS {
        if let Some(count) = first.kinds.get(kind) {
            said.push_str(&format!("{count:>5}  {meaning}\n"));
        }
    }
    said.push_str("\nwhat was made of it:\n");
    for (count, what) in [
        (first.outreach, "asks that Dana sent: the log of outreach, by her Sent folder"),
        (first.recruiters, "recruiters who wrote before: remembered, not answered"),
        (first.left, "mails sent by the program"),
    ] {
        said.push_str(&format!("{count:>5}  {what}\n"));
    }
    said
}

/// Who answered, and how that is known.
pub fn answers(look: Look, matched: &[Matched]) -> String {
    let mut said = chapter(look, "2. Each answer is joined to the ask it belongs to");
    let human = |found: &&Matched| found.kind == "human" && found.level != "candidate";
    const COLUMNS: [Column; 4] =
        [Column::left("who answered"), Column::left("what"), Column::left("known by"), Column::left("tone")];
    let rows: Vec<Vec<String>> = matched
        .iter()
        .filter(human)
        .map(|found| {
            let tone = found.tone.as_deref().unwrap_or_default().replace('_', " ");
            vec![found.name.clone(), found.outreach.clone(), known_by(found), tone]
        })
        .collect();
    said.push_str(&look.table(&COLUMNS, &rows));
    said.push_str("\nMachines that answered do not count as answers:\n\n");
    const MACHINES: [Column; 3] = [Column::left("who"), Column::left("what"), Column::left("known by")];
    let rows: Vec<Vec<String>> = matched
        .iter()
        .filter(|found| found.kind != "human")
        .map(|found| vec![found.name.clone(), meaning(found), known_by(found)])
        .collect();
    said.push_str(&look.table(&MACHINES, &rows));
    for found in matched.iter().filter(|found| found.level == "candidate") {
        let maybe = format!(
            "{} may have answered \"{}\" ({}): that counts only when Dana says so.",
            clean(&found.name),
            clean(&found.outreach),
            known_by(found)
        );
        said.push_str(&format!("\n{}\n", look.tinted(Tint::Warn, &wrapped(&maybe, 80).join("\n"))));
    }
    said
}

/// What became of new mail.
pub fn new_mail(look: Look, handed_in: usize, arrivals: &Arrivals) -> String {
    let mut said = chapter(look, "3. New mail comes: recruiters are answered, or left alone");
    said.push_str(&format!(
        "{} handed in by SMTP, {}.\n\n",
        counted(handed_in, "mail", "mails"),
        look.tinted(Tint::Good, &format!("{} answered at once", arrivals.answered.len())),
    ));
    said.push_str(&look.table(
        &[Column::left("answered"), Column::left("pitch"), Column::left("comes back")],
        &arrivals.answered.iter().map(answered_row).collect::<Vec<_>>(),
    ));
    if let Some(first) = arrivals.answered.first() {
        said.push_str(&format!("\nThis is what {} got:\n\n", clean(&first.name)));
        for line in first.text.lines().flat_map(|line| wrapped(&clean(line), 74)) {
            said.push_str(format!("    {}", look.tinted(Tint::Good, &line)).trim_end());
            said.push('\n');
        }
    }
    said.push_str(&format!("\n{}:\n\n", not_answered_title(&arrivals.unanswered)));
    said.push_str(&unanswered(look, &arrivals.unanswered));
    said
}

/// The recruiter writes again.
pub fn second_round(look: Look, arrivals: &Arrivals) -> String {
    let mut said = String::from("\nNow one of them writes again:\n\n");
    for answered in &arrivals.answered {
        said.push_str(&look.tinted(Tint::Bad, &format!("answered again: {}\n", clean(&answered.to))));
    }
    said.push_str(&unanswered(look, &arrivals.unanswered));
    said
}

/// The heading of the report.
pub fn report_title(look: Look) -> String {
    chapter(look, "4. The report")
}

/// The end.
pub fn closing(look: Look, report: &Path, seconds: f64, serving: bool) -> String {
    let mut said = chapter(look, "That was all");
    said.push_str(&format!("Took {seconds:.1} s. The report as a page, to open in a browser:\n"));
    said.push_str(&format!("  {}\n", look.tinted(Tint::Strong, &report.display().to_string())));
    if !serving {
        const NEXT: [(&str, &str); 2] = [
            ("checkback demo --serve", "try it yourself: write to Dana, read her mailbox"),
            ("checkback audit FILE.mbox", "your own past mailbox, offline"),
        ];
        said.push('\n');
        for (command, what) in NEXT {
            said.push_str(&format!("  {command:<26} {what}\n"));
        }
    }
    said
}

/// One arrival in one line, for the servers that stay up.
pub fn arrived(look: Look, at: &str, arrivals: &Arrivals) -> String {
    let mut said = String::new();
    let mut line = |text: String, tint: Tint| {
        let text = truncated(&clean(&text), 80);
        said.push_str(&format!("{}\n", look.tinted(tint, &text)));
    };
    for one in &arrivals.answered {
        line(format!("{at}  answered   {} <{}>", one.name, one.to), Tint::Good);
    }
    for one in &arrivals.unanswered {
        let what = if one.held { "held" } else { "no answer" };
        line(format!("{at}  {what:<9}  {} <{}>", one.name, one.from), Tint::Dim);
        line(format!("{:21}{}", "", reason(one)), Tint::Dim);
    }
    said
}

fn chapter(look: Look, title: &str) -> String {
    format!("\n{}\n\n", look.tinted(Tint::Strong, title))
}

fn answered_row(answered: &Answered) -> Vec<String> {
    let back = answered.check_back_on.map(|day| day.strftime("%-d %b %Y").to_string()).unwrap_or_default();
    vec![answered.name.clone(), answered.subject.clone(), back]
}

fn not_answered_title(unanswered: &[Unanswered]) -> String {
    format!("{} not answered by machine, and why", unanswered.len())
}

fn unanswered(look: Look, unanswered: &[Unanswered]) -> String {
    let rows: Vec<Vec<String>> = unanswered.iter().map(|one| vec![one.name.clone(), reason(one)]).collect();
    look.table(&[Column::left("from"), Column::left("why not")], &rows)
}

fn reason(one: &Unanswered) -> String {
    match (one.held, one.matched) {
        (true, _) => "held: perhaps a pitch, so a person decides".to_owned(),
        (_, true) => "it answers Dana's own mail, and counts as an answer".to_owned(),
        _ => one.because.clone(),
    }
}

fn meaning(found: &Matched) -> String {
    match (found.kind.as_str(), found.back_on) {
        ("out_of_office", Some(day)) => format!("away, back on {}", day.strftime("%a %-d %b")),
        ("out_of_office", None) => "away".to_owned(),
        ("bounce", _) => format!("not delivered: {}", found.outreach),
        ("delay", _) => "delivery delayed".to_owned(),
        _ => format!("automatic: {}", found.outreach),
    }
}

fn known_by(found: &Matched) -> String {
    let words = match found.evidence.as_str() {
        "in_reply_to" | "references" | "thread_index" => "its reply header",
        "original_message_id" => "our Message-ID in it",
        "failed_recipient" => "the address it names",
        "quoted_text" => "it quotes us",
        "sender_and_subject" => "person and subject",
        "name_and_subject" => "name and subject",
        "organisation_and_text" => "company, our words",
        "forwarded_quote" => "our mail, forwarded",
        "provider_thread" => "the mailbox's thread",
        "relay" => "name, by a platform",
        "sender_only" => "only the person",
        "organisation_only" => "only the company",
        other => other,
    };
    words.to_owned()
}
