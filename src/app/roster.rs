//! The network of recruiters put to use: whom the machine would have answered, a recruiter armed
//! again, and the day on which the user looks for work.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, Unit};
use rusqlite::Connection;

use super::{App, AppError, mood, words};
use crate::domain::decide::answer_marks;
use crate::domain::delivery::Errand;
use crate::domain::gist::{Gist, Pitch};
use crate::domain::ident::{DedupeKey, MessageId, NamedAddress, reply_subject};
use crate::domain::policy::{self, InquiryCase, Rule};
use crate::domain::recruiter;
use crate::domain::roster::{self, Quality, Standing};
use crate::store::apply::{self, NewMail, Pursuit};
use crate::store::cases::{self, StoredMail};
use crate::store::decisions::{self, Followed};
use crate::store::outbox::OutboxRow;
use crate::store::reports::{self, RosterRow};
use crate::store::{Store, StoreError, outbox, roster as rows};

/// Why somebody gets no mail of [`REOPEN`] any more.
const TOLD: &str = "the automatic answer told them so";
/// The template of the mail that tells a recruiter that now is a good time.
const REOPEN: &str = "reopen";
/// Pitches that lie further apart are not about one opening.
const SAME_SEASON: SignedDuration = SignedDuration::from_hours(182 * 24);
/// Whoever was asked to check back so lately still has it in mind.
const LATELY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Mails that are looked at in one go.
const BATCH: u32 = 500;

/// Somebody's mail with what the machine would have done.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// The mail.
    pub mail: StoredMail,
    /// What blocks; nothing: it would have been answered; `unsure` alone: held for a person.
    pub blocked: Vec<Rule>,
    /// It was answered by machine.
    pub was_answered: bool,
}

/// A recruiter with what speaks for them, best first.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// The row.
    pub row: RosterRow,
    /// What they pitched, oldest first.
    pub pitches: Vec<rows::PitchRow>,
    /// What speaks for them.
    pub quality: Quality,
}

/// What followed from beginning to look for work, or from its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    /// Mails to recruiters that were written, or dropped.
    pub mails: usize,
    /// Automatic answers that waited and say it now.
    pub reworded: usize,
    /// Whom automatic answers go to that lie in Drafts and say the opposite.
    pub drafts: Vec<String>,
}

/// What became of one recruiter when the user began to look for work.
#[derive(Debug, Clone)]
pub struct Reopened {
    /// The recruiter.
    pub ranked: Ranked,
    /// The finished mail, or why there is none.
    pub mail: Result<Box<NewMail>, String>,
}

/// The roster, best first.
///
/// # Errors
/// If SQLite fails.
pub fn ranked(conn: &Connection) -> Result<Vec<Ranked>, StoreError> {
    let mut found = Vec::new();
    for row in reports::roster(conn)? {
        let pitches = rows::pitches(conn, row.id)?;
        let only: Vec<Pitch> = pitches.iter().map(|pitch| pitch.pitch.clone()).collect();
        let quality = roster::quality(&standing(&row, &only));
        found.push(Ranked { row, pitches, quality });
    }
    found.sort_by(|one, other| {
        roster::order((&one.quality, one.row.last_seen_at), (&other.quality, other.row.last_seen_at))
    });
    Ok(found)
}

/// Two recruiters who pitched what is likely one and the same role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameRole {
    /// The role, as the later of them calls it.
    pub role: String,
    /// Rows of the roster, who wrote first before the other.
    pub recruiters: [i64; 2],
    /// Their names.
    pub names: [String; 2],
}

/// Roles that two recruiters pitched within half a year: an employer who gets one person's papers twice
/// often refuses both. The newest first.
pub fn same_roles(ranked: &[Ranked]) -> Vec<SameRole> {
    let mut all: Vec<(&Ranked, &rows::PitchRow)> =
        ranked.iter().flat_map(|one| one.pitches.iter().map(move |pitch| (one, pitch))).collect();
    all.retain(|(_, pitch)| pitch.pitch.role.is_some());
    all.sort_by_key(|(_, pitch)| std::cmp::Reverse((pitch.at, pitch.message)));
    let mut found: Vec<SameRole> = Vec::new();
    for (at, (later, pitch)) in all.iter().enumerate() {
        let near = all.iter().skip(at + 1).take_while(|(_, other)| pitch.at.duration_since(other.at) <= SAME_SEASON);
        for (earlier, other) in near {
            let recruiters = [earlier.row.id, later.row.id];
            let known = found.iter().any(|one| one.recruiters == recruiters);
            if earlier.row.id != later.row.id && !known && recruiter::same_role(&other.pitch, &pitch.pitch) {
                found.push(SameRole {
                    role: pitch.pitch.role.clone().unwrap_or_default(),
                    recruiters,
                    names: [earlier.row.label().to_owned(), later.row.label().to_owned()],
                });
            }
        }
    }
    found
}

/// What the ranking asks of a row.
pub fn standing<'a>(row: &RosterRow, pitches: &'a [Pitch]) -> Standing<'a> {
    Standing {
        pitches,
        last_seen: row.last_seen_at,
        check_back_on: row.check_back_on,
        returned: row.returned_at.is_some(),
    }
}

impl App<'_> {
    /// Judges everything that came since `since` as if the machine had answered all the time, in order
    /// of date. The rules that only a live mailbox knows count as met. `each` sees mail by mail.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn simulate_answers(
        &self,
        conn: &Connection,
        since: Timestamp,
        now: Timestamp,
        mut each: impl FnMut(Simulated),
    ) -> Result<(), AppError> {
        let mut answered: BTreeSet<String> = BTreeSet::new();
        let mut after = None;
        loop {
            let batch = rows::arrived_since(conn, since, after, BATCH)?;
            let Some(last) = batch.last() else { return Ok(()) };
            after = Some((last.at, last.id));
            for mail in batch {
                let authserv = self.authserv_id(conn, &mail)?;
                let mut history = cases::history(conn, &mail, now, None)?;
                let marks = answer_marks(&mail.gist);
                history.already_answered = marks.iter().any(|mark| answered.contains(mark));
                let blocked = policy::judge(&InquiryCase {
                    gist: &mail.gist,
                    own: &self.own,
                    employer_domains: &self.config.employer_domains,
                    never: &self.config.never,
                    in_junk: cases::is_in_junk(conn, &mail)?,
                    history,
                    authserv_id: authserv.as_deref(),
                    live: None,
                });
                let was_answered = outbox::answers_to(conn, mail.id)?.iter().any(|row| row.state == "sent");
                if blocked.is_empty() || was_answered {
                    answered.extend(marks);
                }
                each(Simulated { mail, blocked, was_answered });
            }
        }
    }

    /// Lets a recruiter be answered once more, and judges their latest mail again. Returns whether they
    /// counted as answered.
    ///
    /// # Errors
    /// If the store fails.
    pub fn rearm(&self, store: &mut Store, row: &RosterRow, now: Timestamp) -> Result<bool, AppError> {
        store.write(|tx| {
            let Some(latest) = cases::mail(tx, row.message)? else { return Ok(false) };
            let mut marks = answer_marks(&latest.gist);
            for pitch in rows::pitches(tx, row.id)? {
                marks.extend(cases::mail(tx, pitch.message)?.map(|mail| answer_marks(&mail.gist)).unwrap_or_default());
            }
            marks.sort();
            marks.dedup();
            let about = format!("{} may have one more automatic answer", row.address);
            let was = decisions::rearm(tx, latest.id, &marks, &about, now)?;
            if was {
                self.take_again(tx, latest.id, now)?;
            }
            Ok(was)
        })
    }

    /// One mail to each recruiter of the roster, best first, from now on spaced: "now is a good time".
    /// Nothing is stored: [`App::begin_to_look`] does that.
    ///
    /// # Errors
    /// If the store fails, or the template has a gap that is the same for everybody.
    pub fn reopen(&self, conn: &Connection, draft: bool, now: Timestamp) -> Result<Vec<Reopened>, AppError> {
        let generation = rows::times_looked(conn)?;
        let mut written: BTreeSet<String> = BTreeSet::new();
        let mut found = Vec::new();
        for ranked in ranked(conn)? {
            let latest = cases::mail(conn, ranked.row.message)?;
            let mail = match latest {
                None => Err("the mail is gone".to_owned()),
                Some(latest) => {
                    let marks = answer_marks(&latest.gist);
                    if marks.iter().any(|mark| written.contains(mark)) {
                        Err("the same person as above".to_owned())
                    } else {
                        let mail = self.reopening(conn, &ranked, &latest, generation, draft, now)?;
                        if mail.is_ok() {
                            written.extend(marks);
                        }
                        mail.map(Box::new)
                    }
                }
            };
            found.push(Reopened { ranked, mail });
        }
        Ok(found)
    }

    /// The user looks for work: these mails are put into the outbox (held, or for Drafts), and automatic
    /// answers say so, those that wait included. One decision.
    ///
    /// # Errors
    /// If the store fails.
    pub fn begin_to_look(&self, store: &mut Store, all: &[Reopened], now: Timestamp) -> Result<Turn, AppError> {
        store.write(|tx| {
            let followed = decisions::look_for_work::<AppError>(tx, true, REOPEN, now, |tx| {
                let mut written = Vec::new();
                for mail in all.iter().filter_map(|one| one.mail.as_deref().ok()) {
                    written.extend(apply::write_mail(tx, mail, now)?);
                }
                Ok(Followed { written, changed: self.fit_answers(tx, now)? })
            })?;
            Ok(Turn { mails: followed.written.len(), reworded: followed.changed, drafts: misfit_drafts(tx)? })
        })
    }

    /// The user no longer looks for work: what was not sent is dropped, and automatic answers ask to
    /// check back again, those that wait included. One decision.
    ///
    /// # Errors
    /// If the store fails.
    pub fn settle(&self, store: &mut Store, now: Timestamp) -> Result<Turn, AppError> {
        store.write(|tx| {
            let (mut mails, mut reworded) = (0, 0);
            decisions::look_for_work::<AppError>(tx, false, REOPEN, now, |tx| {
                let waiting = outbox::waiting_for(tx, REOPEN)?;
                for row in &waiting {
                    outbox::settle(tx, row, "cancelled", "you no longer look for work", now)?;
                }
                mails = waiting.len();
                reworded = self.fit_answers(tx, now)?;
                Ok(Followed { written: Vec::new(), changed: mails + reworded })
            })?;
            Ok(Turn { mails, reworded, drafts: misfit_drafts(tx)? })
        })
    }

    /// The mail to one recruiter, or why there is none.
    fn reopening(
        &self,
        conn: &Connection,
        ranked: &Ranked,
        latest: &StoredMail,
        generation: u32,
        draft: bool,
        now: Timestamp,
    ) -> Result<Result<NewMail, String>, AppError> {
        let gist = &latest.gist;
        let Some(address) = policy::answer_to(gist) else { return Ok(Err("no address to answer".to_owned())) };
        let case = InquiryCase {
            gist,
            own: &self.own,
            employer_domains: &self.config.employer_domains,
            never: &self.config.never,
            in_junk: cases::is_in_junk(conn, latest)?,
            history: cases::history(conn, latest, now, None)?,
            authserv_id: None,
            live: None,
        };
        let stops = [Rule::NeverList, Rule::Employer, Rule::RunningOutreach, Rule::Scam, Rule::NotHuman, Rule::Junk];
        if let Some(rule) = policy::judge(&case).into_iter().find(|rule| stops.contains(rule)) {
            return Ok(Err(rule.explain().to_owned()));
        }
        if cases::is_answered_by_hand(conn, latest)? {
            return Ok(Err("you are in touch already".to_owned()));
        }
        for answer in outbox::answers_to(conn, latest.id)? {
            let may_have_left = matches!(answer.state.as_str(), "sending" | "unknown");
            if matches!(answer.state.as_str(), "held" | "queued" | "claimed") {
                return Ok(Err("the answer that waits for them says so".to_owned()));
            } else if may_have_left && mood::says_open(&answer.purpose) {
                return Ok(Err(TOLD.to_owned()));
            }
        }
        let Some(account) = self.account_config(&latest.account) else {
            return Ok(Err(format!("its account {} is no longer in the config", latest.account)));
        };
        let reader =
            NamedAddress { name: gist.from.as_ref().and_then(|from| from.name.clone()), address: address.clone() };
        let written_to = gist.addressees().map(|to| &to.address).find(|to| self.own.contains(to));
        let sender =
            NamedAddress { name: account.display_name.clone(), address: written_to.unwrap_or(&account.email).clone() };
        let mut vars = words::of_person(&reader, &sender, self.config.calendar().day(now));
        let told = told(conn, ranked)?;
        if told.as_ref().is_some_and(|answer| mood::says_open(&answer.purpose)) {
            return Ok(Err(TOLD.to_owned()));
        }
        vars.insert("pitched_when".to_owned(), self.time_of(latest.at, now));
        vars.insert("pitched_what".to_owned(), what(&ranked.row.pitch, gist));
        vars.insert("now_looking".to_owned(), now_looking(told.and_then(|answer| answer.settled_at), now).to_owned());
        let text = match self.templates.render_text(REOPEN, gist.language.as_deref(), &vars) {
            Ok(text) => text,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let key = DedupeKey::new(&latest.account, gist.root(), &reader.address, REOPEN, 0, generation);
        let mut references: Vec<MessageId> = gist.references.clone();
        references.extend(gist.message_id.clone());
        references.dedup();
        Ok(Ok(NewMail {
            message_id: key.message_id(self.secret, sender.address.domain()),
            key,
            account: latest.account_id,
            errand: Errand::Own,
            purpose: REOPEN.to_owned(),
            mode: if draft { "draft" } else { "send" },
            inquiry: None,
            sender,
            recipient: reader,
            subject: reply_subject(&gist.subject),
            text,
            html: None,
            in_reply_to: gist.message_id.clone(),
            references,
            held: (!draft).then(|| "you look for work: a person sends it".to_owned()),
            due_at: now,
            marks: Vec::new(),
            root: gist.root().to_owned(),
            pursuit: Pursuit::None,
        }))
    }

    /// "today", "a few days ago", "in March", "in March 2025": by the user's calendar.
    fn time_of(&self, at: Timestamp, now: Timestamp) -> String {
        let (then, today) = (at.to_zoned(self.config.timezone.clone()), now.to_zoned(self.config.timezone.clone()));
        let days = then.date().until((Unit::Day, today.date())).map_or(0, |span| span.get_days());
        match days {
            ..=0 => "today".to_owned(),
            1 => "yesterday".to_owned(),
            2..=13 => "a few days ago".to_owned(),
            _ if then.date().first_of_month() == today.date().first_of_month() => "earlier this month".to_owned(),
            14..=299 => format!("in {}", then.strftime("%B")),
            _ => format!("in {}", then.strftime("%B %Y")),
        }
    }
}

/// Whose answers lie in Drafts with the words of before. Drafts are the user's: they are told of.
fn misfit_drafts(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let rows = outbox::drafted_answers(conn, mood::purpose(conn)?)?;
    Ok(rows.into_iter().map(|row| row.recipient.address.to_string()).collect())
}

/// The answer by machine that a recruiter last got.
fn told(conn: &Connection, ranked: &Ranked) -> Result<Option<OutboxRow>, StoreError> {
    let mut last: Option<OutboxRow> = None;
    for pitch in &ranked.pitches {
        for answer in outbox::answers_to(conn, pitch.message)?.into_iter().filter(|answer| answer.state == "sent") {
            if last.as_ref().is_none_or(|last| answer.settled_at >= last.settled_at) {
                last = Some(answer);
            }
        }
    }
    Ok(last)
}

/// That the user looks for work, and as much of the past as is known: who was never asked to check back
/// is not reminded of it.
fn now_looking(asked_to_wait: Option<Timestamp>, now: Timestamp) -> &'static str {
    match asked_to_wait.map(|at| now.duration_since(at)) {
        None => "I'm now looking for my next position.",
        Some(since) if since < LATELY => "I asked you to check back later; that has changed, and I'm now looking.",
        Some(_) => "The timing wasn't right then, but I'm now looking.",
    }
}

/// "the Senior Rust Engineer role"; the subject of their mail where no role is known, or where it stands in
/// another language than our own words do. The company is left out: who hires knows it, and who mediates
/// may not have named it.
fn what(pitch: &Pitch, gist: &Gist) -> String {
    let short = |text: &&String| !text.trim().is_empty() && text.chars().count() <= 60;
    let subject = gist.subject.trim();
    let foreign = gist.language.as_deref().is_some_and(|language| language != "en");
    match pitch.role.as_ref().filter(short) {
        Some(role) if !foreign || subject.is_empty() => format!("the {role} role"),
        _ if !subject.is_empty() => format!("\"{subject}\""),
        _ => "a role".to_owned(),
    }
}
