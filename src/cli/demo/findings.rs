//! What the run brought about, read back from the database and from the mail server, never from the sample itself.

use anyhow::{Context as _, ensure};
use jiff::civil::Date;
use serde::Serialize;

use super::sample;
use super::stage::Stage;
use crate::domain::inbound;
use crate::domain::policy::Rule;
use crate::store::cases::{self, StoredMail};
use crate::store::{outbox, reports};

/// A mail that came and was answered.
#[derive(Debug, Clone, Serialize)]
pub struct Answered {
    /// Name of its author, or the address.
    pub name: String,
    /// Whom the answer went to.
    pub to: String,
    /// Subject of the mail.
    pub subject: String,
    /// The day that the answer promises.
    pub check_back_on: Option<Date>,
    /// The text that left, as the server got it.
    #[serde(skip)]
    pub text: String,
}

/// A mail that came and was not answered by machine.
#[derive(Debug, Clone, Serialize)]
pub struct Unanswered {
    /// Name of its author, or the address.
    pub name: String,
    /// Its author.
    pub from: String,
    /// Subject of the mail.
    pub subject: String,
    /// The rules that block, in their order.
    pub blocked_by: Vec<String>,
    /// The first of them that tells most, in words.
    pub because: String,
    /// An answer is written and waits for a person.
    pub held: bool,
    /// It answers an outreach.
    pub matched: bool,
}

/// What became of some mails that came.
#[derive(Debug, Clone, Default)]
pub struct Arrivals {
    /// Answered, in the order in which they came.
    pub answered: Vec<Answered>,
    /// Not answered.
    pub unanswered: Vec<Unanswered>,
    /// Row of the newest one.
    pub newest: i64,
}

/// A mail that was joined to an outreach.
#[derive(Debug, Clone, Serialize)]
pub struct Matched {
    /// Name of its author, or the address.
    pub name: String,
    /// Its author.
    pub from: String,
    /// Subject of the outreach.
    pub outreach: String,
    /// Kind of the mail.
    pub kind: String,
    /// Level.
    pub level: String,
    /// Evidence.
    pub evidence: String,
    /// Tone of an answer.
    pub tone: Option<String>,
    /// The day somebody who is away is back.
    pub back_on: Option<Date>,
}

/// What became of the mail that came after row `last`. Every answer that the database calls sent must lie at the mail
/// server, else this is an error.
///
/// # Errors
/// If the database can't be read, or contradicts the mail server.
pub fn arrivals(stage: &Stage, last: i64) -> anyhow::Result<Arrivals> {
    let store = stage.workspace.store();
    let conn = store.read();
    let roster = reports::roster(conn)?;
    let left = left(stage);
    let mut found = Arrivals { newest: last, ..Arrivals::default() };
    for mail in cases::arrived_after(conn, last)? {
        found.newest = found.newest.max(mail.id);
        let answers = reports::why_outbox(conn, mail.id)?;
        let Some(answer) = answers.iter().find(|answer| answer.state == "sent") else {
            let held = answers.iter().any(|answer| answer.state == "held");
            let matched = reports::why_matched(conn, mail.id)?.iter().any(|found| found.level != "candidate");
            found.unanswered.push(unanswered(&mail, held, matched));
            continue;
        };
        let row = outbox::get(conn, answer.id)?.context("an answer vanished from the outbox")?;
        let id = format!("\r\nMessage-ID: <{}>\r\n", row.message_id.as_str());
        let mut copies: Vec<&str> = left.iter().map(String::as_str).filter(|mail| mail.contains(&id)).collect();
        ensure!(copies.len() == 1, "the server got the answer to {} {} times", answer.to, copies.len());
        let text = copies.pop().unwrap_or_default();
        found.answered.push(Answered {
            name: name(&mail),
            to: answer.to.clone(),
            subject: mail.gist.subject.clone(),
            check_back_on: roster
                .iter()
                .find(|recruiter| recruiter.address == answer.to)
                .and_then(|recruiter| recruiter.check_back_on),
            text: inbound::parse(text.as_bytes()).text,
        });
    }
    Ok(found)
}

/// The mails that left from the sample's owner, by the mail server's own log.
pub fn left(stage: &Stage) -> Vec<String> {
    let all = stage.sandbox.world().accepted();
    let ours = all.iter().filter(|mail| mail.mail_from == sample::ADDRESS);
    ours.map(|mail| String::from_utf8_lossy(&mail.data).into_owned()).collect()
}

/// Every mail that was joined to an outreach, in order of date.
///
/// # Errors
/// If the database can't be read.
pub fn matched(stage: &Stage) -> anyhow::Result<Vec<Matched>> {
    let store = stage.workspace.store();
    let conn = store.read();
    let mut found = Vec::new();
    for pursuit in reports::pursuits(conn, None)? {
        for row in reports::matched(conn, pursuit.id)? {
            let mail = cases::mail(conn, row.message)?.context("a matched mail vanished")?;
            found.push((
                row.at,
                Matched {
                    name: name(&mail),
                    from: author(&mail),
                    outreach: pursuit.subject.clone(),
                    kind: row.kind,
                    level: row.level,
                    evidence: row.evidence,
                    tone: row.tone,
                    back_on: mail.gist.out_of_office.as_ref().and_then(|away| away.until),
                },
            ));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, matched)| matched).collect())
}

fn unanswered(mail: &StoredMail, held: bool, matched: bool) -> Unanswered {
    let blocked_by = mail.blocked_by.clone().unwrap_or_default();
    Unanswered {
        name: name(mail),
        from: author(mail),
        subject: mail.gist.subject.clone(),
        because: because(&blocked_by),
        blocked_by,
        held,
        matched,
    }
}

/// The rule that tells a person most: that it is no pitch says less than why else it is left alone.
fn because(blocked_by: &[String]) -> String {
    let rules = || blocked_by.iter().filter_map(|name| Rule::parse(name));
    let telling = rules().find(|rule| !matches!(rule, Rule::NotRecruiter | Rule::Unsure));
    telling.or_else(|| rules().next()).map_or("it waits", Rule::explain).to_owned()
}

fn name(mail: &StoredMail) -> String {
    let from = mail.gist.from.as_ref();
    from.and_then(|from| from.name.clone()).unwrap_or_else(|| author(mail))
}

fn author(mail: &StoredMail) -> String {
    mail.gist.author().map(ToString::to_string).unwrap_or_default()
}
