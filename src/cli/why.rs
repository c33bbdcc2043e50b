//! `why ID`: evidence, rule and headers of any verdict.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::look;
use super::{Call, Usage};
use crate::domain::policy::Rule;
use crate::store::cases::{self, StoredMail};
use crate::store::corrections::{self, CorrectionRow};
use crate::store::reports::{self, WhyMatch, WhyOutbox};

/// Options of `why`.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// A Message-ID (with or without brackets), or the number that a list shows
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs `why`.
///
/// # Errors
/// If the workspace can't be used, or there is no such mail.
pub fn run(call: &Call, args: WhyArgs) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let store = workspace.store();
    let mails = cases::find_mail(store.read(), &args.id)?;
    if mails.is_empty() {
        return Err(
            Usage(format!("no mail {} is known; a Message-ID or a number from a list names one", args.id)).into()
        );
    }
    let mut values: Vec<Value> = Vec::new();
    let mut texts = Vec::new();
    for mail in &mails {
        let matches = reports::why_matched(store.read(), mail.id)?;
        let outbox = reports::why_outbox(store.read(), mail.id)?;
        let corrected = corrections::listed(store.read(), mail.id)?;
        values.push(to_json(mail, &matches, &outbox, &corrected));
        texts.push(text(&workspace.config, mail, &matches, &outbox, &corrected));
    }
    call.say(&values, || texts.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn to_json(mail: &StoredMail, matches: &[WhyMatch], outbox: &[WhyOutbox], corrected: &[CorrectionRow]) -> Value {
    let gist = &mail.gist;
    json!({
        "id": mail.id, "message_id": gist.message_id, "account": mail.account, "from": gist.author(),
        "subject": gist.subject, "at": mail.at, "kind": gist.kind, "kind_because": gist.kind_because,
        "defects": gist.defects, "marks": gist.marks, "bounce": gist.bounce, "out_of_office": gist.out_of_office,
        "tone": gist.tone, "recruiter": gist.recruiter, "blocked_by": mail.blocked_by, "because": mail.because,
        "in_reply_to": gist.in_reply_to, "references": gist.references,
        "matched": matches.iter().map(|m| json!({
            "outreach": m.outreach, "subject": m.subject, "level": m.level, "evidence": m.evidence, "because": m.because,
        })).collect::<Vec<_>>(),
        "answer": outbox.iter().map(|o| json!({"item": o.id, "state": o.state, "because": o.because, "to": o.to}))
            .collect::<Vec<_>>(),
        "corrections": corrected.iter().map(|c| json!({
            "at": c.at, "mail": c.message, "field": c.field, "before": c.before, "after": c.after, "like": c.like,
        })).collect::<Vec<_>>(),
    })
}

fn text(
    config: &crate::config::Config,
    mail: &StoredMail,
    matches: &[WhyMatch],
    outbox: &[WhyOutbox],
    corrected: &[CorrectionRow],
) -> String {
    let gist = &mail.gist;
    let mut said = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            said.push_str(&format!("{name:<10} {}\n", look::clean(value)));
        }
    };
    line("mail", &format!("{} in account {}", mail.id, mail.account));
    line(
        "from",
        &gist
            .from
            .as_ref()
            .map(|from| format!("{} <{}>", from.name.as_deref().unwrap_or(""), from.address))
            .unwrap_or_default(),
    );
    line("subject", &gist.subject);
    line("came", &mail.at.to_zoned(config.timezone.clone()).strftime("%a %d %b %Y %H:%M").to_string());
    line("id", gist.message_id.as_ref().map(|id| id.as_str()).unwrap_or("none"));
    line("parents", &gist.parents().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    line("kind", &format!("{}, because: {}", gist.kind.as_str(), gist.kind_because));
    line("defects", &gist.defects.iter().map(|defect| defect.as_str()).collect::<Vec<_>>().join(", "));
    if let Some(bounce) = &gist.bounce {
        let status = bounce.status.as_deref().unwrap_or("no status code");
        let who: Vec<&str> = bounce.recipients.iter().map(|to| to.as_str()).collect();
        line("bounce", &format!("{status}, {:?}: {}", bounce.reason, who.join(", ")));
    }
    if let Some(until) = gist.out_of_office.as_ref().and_then(|away| away.until) {
        line("back on", &until.to_string());
    }
    line("tone", gist.tone.as_ref().map(|tone| tone.as_str()).unwrap_or_default());
    line("marks", &gist.marks.join("; "));
    let score = &gist.recruiter;
    line("recruiter", &format!("{} ({:.2}) {}", score.verdict.as_str(), score.score, score.signals.join(", ")));
    for one in corrected {
        let day = one.at.to_zoned(config.timezone.clone()).date();
        let whose = if one.message == mail.id { String::new() } else { format!(", of mail {}", one.message) };
        line("corrected", &format!("{} {} → {} by you on {day}{whose}", one.field, one.before, one.value()));
    }
    for found in matches {
        line(
            "matched",
            &format!("outreach {} \"{}\": {} by {}", found.outreach, found.subject, found.level, found.evidence),
        );
        line("", &found.because);
    }
    if mail.ours {
        line("log", &mail.because);
    }
    for answer in outbox {
        line("answer", &format!("m{} to {}: {} ({})", answer.id, answer.to, answer.state, answer.because));
    }
    for (index, name) in mail.blocked_by.iter().flatten().enumerate() {
        let meaning = Rule::parse(name).map_or("", Rule::explain);
        line(if index == 0 { "no answer" } else { " " }, &format!("{name}: {meaning}"));
    }
    said
}
