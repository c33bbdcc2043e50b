//! `audit`: a past mailbox to an honest response rate, offline. The same door as `sync` over a
//! database that lives as long as the command.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::explain::own_addresses;
use super::look;
use super::reading::{self, ReadMail};
use super::report::style;
use super::{Call, outreach};
use crate::app::daily::scope;
use crate::app::files::FileMailbox;
use crate::config::{Config, LogSent};
use crate::domain::ident::{Address, OwnAddresses};
use crate::mail::mailfile::MailfileError;
use crate::report::gather::{self, Scope};
use crate::report::text;
use crate::store::{Store, reports};

/// Options of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Your own address; may be given several times. Default: found in the mail itself
    #[arg(long, value_name = "ADDRESS")]
    me: Vec<String>,
    /// Count only mail in a folder Outreach, or with your +outreach address in Cc or Bcc
    #[arg(long)]
    logged_only: bool,
    /// mbox files (a Google Takeout), Maildirs, folders of .eml
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Runs `audit`.
///
/// # Errors
/// If an address is none, nothing can be read, or standard output can't be written.
pub fn run(call: &Call, args: AuditArgs) -> anyhow::Result<ExitCode> {
    let now = call.clock.now();
    let given = own_addresses(&args.me)?;
    let me = if args.me.is_empty() {
        find_own(&args.paths, now)
    } else {
        args.me.iter().filter_map(|me| Address::parse(me)).collect()
    };
    let Some(first) = me.first() else {
        let mut mails = 0;
        let failures = reading::each(&args.paths, now, &ProgressBar::hidden(), |chunk| {
            mails += chunk.len();
            ControlFlow::Continue(())
        });
        let code = reading::report_failures(&failures, mails);
        if mails == 0 && !failures.is_empty() {
            return Ok(code);
        }
        anyhow::bail!("no mail to tell your address from: check the path, or name it with --me dana@devmail.example");
    };
    let own = if args.me.is_empty() { OwnAddresses::new(&me) } else { given };
    let config = config_of(first, args.logged_only);
    let Judged { store, mails, as_of, failures } = judge(&args.paths, &config, own, now)?;
    let scope = Scope { read_until: Some(as_of), past: true, per_week: 0, ..scope(&config) };
    let data = gather::gather(&store, &scope, now)?;
    let rows = reports::pursuits(store.read(), Some(as_of))?;
    let mut listed = Vec::new();
    for row in &rows {
        let matched = reports::matched(store.read(), row.id)?;
        listed.push(json!({
            "message_id": row.root,
            "to": row.people.iter().map(|(address, _)| address).collect::<Vec<_>>(),
            "subject": row.subject,
            "sent_at": row.pursuit.first_touch,
            "status": row.status(),
            "matched": matched.iter().map(outreach::matched_json).collect::<Vec<_>>(),
        }));
    }
    let nobody =
        (!args.me.is_empty() && !reports::has_own_mail(store.read())?).then(|| nobody_writes(&me, &args.paths, now));
    let today = as_of.to_zoned(config.timezone.clone()).date();
    let value = json!({"me": me, "today": today, "outreach": Value::Array(listed), "rate": data.rate});
    call.say(&value, || {
        let addresses: Vec<&str> = me.iter().map(Address::as_str).collect();
        if let Some(said) = &nobody {
            return format!("{mails} mails, as of {today}. {said}\n");
        }
        let kinds = reports::kinds(store.read()).unwrap_or_default();
        let heard: Vec<String> = kinds.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
        let counted = if args.logged_only {
            "mail marked as outreach"
        } else {
            "every new thread from you to one to three strangers"
        };
        format!(
            "{} mails, as of {today}. You: {}.\nCame in: {}.\nCounted as outreach: {counted}.\n\n{}",
            mails,
            addresses.join(", "),
            if heard.is_empty() { "nothing".to_owned() } else { heard.join(", ").replace('_', " ") },
            text::render(&data, style(call))
        )
    })?;
    Ok(reading::report_failures(&failures, mails))
}

/// That none of the mail is the user's, and whose it is.
fn nobody_writes(me: &[Address], paths: &[PathBuf], now: Timestamp) -> String {
    let given: Vec<&str> = me.iter().map(Address::as_str).collect();
    let owner = find_own(paths, now).into_iter().find(|owner| !me.iter().any(|me| me.same_mailbox(owner)));
    let whose = match owner {
        Some(owner) => format!("; most of it is from or to {owner}: --me {owner}"),
        None => ", so there is nothing to count".to_owned(),
    };
    format!("No mail is from {}{whose}.", given.join(" or "))
}

/// The settings of an audit: one account, every new thread logged, nothing answered.
fn config_of(me: &Address, logged_only: bool) -> Config {
    let mut config = Config::offline(me);
    config.outreach.log_sent = if logged_only { LogSent::Off } else { LogSent::AllNewThreads };
    config
}

/// The mail of the paths in a database, judged.
#[derive(Debug)]
struct Judged {
    store: Store,
    mails: usize,
    as_of: Timestamp,
    failures: Vec<MailfileError>,
}

/// Puts every mail through the door. Only a chunk is in memory at a time.
fn judge(paths: &[PathBuf], config: &Config, own: OwnAddresses, now: Timestamp) -> anyhow::Result<Judged> {
    let mut mailbox = FileMailbox::new(own, now)?;
    let (mut mails, mut newest, mut newest_in) = (0, None, None);
    let mut trouble = Ok(());
    let bar = look::progress(reading::total(paths), "reading");
    let failures = reading::each(paths, now, &bar, |chunk| {
        mails += chunk.len();
        for mail in chunk.iter().filter(|mail| mail.dated && mail.at <= now) {
            newest = newest.max(Some(mail.at));
            if !mailbox.is_ours(&mail.gist, role(mail)) {
                newest_in = newest_in.max(Some(mail.at));
            }
        }
        let kept = chunk.into_iter().filter(|mail| role(mail) != "drafts");
        trouble = mailbox.learn(kept.map(|mail| (role(&mail), mail.at, mail.gist)));
        if trouble.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    bar.finish_and_clear();
    trouble?;
    let bar = look::progress(mails as u64, "matching");
    let store = mailbox.judged(config, now, |done| bar.inc(done as u64))?;
    bar.finish_and_clear();
    Ok(Judged { store, mails, as_of: newest_in.or(newest).unwrap_or(now), failures })
}

/// The role of a mail's folder; one that is named Outreach has its own.
fn role(mail: &ReadMail) -> &'static str {
    let in_outreach =
        mail.file.split(['/', '\\']).any(|part| part.trim_start_matches('.').eq_ignore_ascii_case("outreach"));
    if in_outreach { "outreach" } else { mail.folder.as_str() }
}

/// The user's addresses: the authors of what lies in Sent; where nothing does, the author or addressee
/// that most of the mail names. The first mails tell it.
fn find_own(paths: &[PathBuf], now: Timestamp) -> Vec<Address> {
    const ENOUGH: usize = 3000;
    let mut authors: BTreeMap<Address, usize> = BTreeMap::new();
    let mut named: BTreeMap<Address, usize> = BTreeMap::new();
    let mut seen = 0;
    let bar = look::progress(reading::total(paths), "looking for your address");
    reading::each(paths, now, &bar, |chunk| {
        seen += chunk.len();
        for mail in &chunk {
            let author = mail.gist.author();
            if let Some(author) = author.filter(|_| role(mail) == "sent") {
                *authors.entry(author.clone()).or_default() += 1;
            }
            for address in mail.gist.addressees().map(|to| &to.address).chain(author) {
                *named.entry(address.clone()).or_default() += 1;
            }
        }
        if seen < ENOUGH { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    bar.finish_and_clear();
    let total: usize = authors.values().sum();
    let own: Vec<Address> = authors.into_iter().filter(|(_, n)| n * 20 >= total).map(|(address, _)| address).collect();
    if !own.is_empty() {
        return own;
    }
    named.into_iter().max_by_key(|(_, n)| *n).map(|(address, _)| address).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_address_is_answered_with_the_one_that_the_mail_names_most() {
        let folder = tempfile::tempdir().unwrap();
        for to in ["kim@bigcorp.example", "ada@globex.example"] {
            let mail = format!(
                "From: Dana <dana@devmail.example>\r\nTo: {to}\r\nSubject: x\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n\
                 Message-ID: <{to}>\r\n\r\nHello\r\n"
            );
            std::fs::write(folder.path().join(format!("{to}.eml")), mail).unwrap();
        }
        let given = [Address::parse("danna@devmail.example").unwrap()];
        let paths = [folder.path().to_owned()];
        let now = "2026-12-01T09:00:00Z".parse().unwrap();
        let said = nobody_writes(&given, &paths, now);
        assert!(said.starts_with("No mail is from danna@devmail.example; most of it"), "{said}");
        assert!(said.contains("--me dana@devmail.example"), "{said}");
        let own = OwnAddresses::new(&given);
        let judged = judge(&paths, &config_of(&given[0], false), own, now).unwrap();
        assert!(!reports::has_own_mail(judged.store.read()).unwrap());
    }
}
