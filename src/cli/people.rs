//! `people list|show|note|zone|never|merge`: who is who, what is noted, and who is never written to.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::look::{self, Column};
use super::{Call, Usage};
use crate::domain::ident::Address;
use crate::service::Workspace;
use crate::store::people::{self, Person};
use crate::store::reports::{self, PursuitRow};
use crate::store::{StoreError, decisions};

/// Commands of `people`.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// Everybody you asked or who pitched, the latest first
    List,
    /// One person: outreach, notes, addresses
    Show {
        /// An address, or a part of the name
        name: String,
    },
    /// Note something about a person
    Note {
        /// An address, or a part of the name
        name: String,
        /// What
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Say in which zone somebody reads their mail, so that follow-ups come in their working hours
    Zone {
        /// An address, or a part of the name
        name: String,
        /// Such as Asia/Tokyo, or none
        zone: String,
    },
    /// Never write to an address or a domain (@corp.example) by machine
    Never(NeverArgs),
    /// Two addresses are one person
    Merge {
        /// An address, or a part of the name
        one: String,
        /// Another one
        other: String,
    },
}

/// Options of `people never`.
#[derive(Debug, Args)]
pub struct NeverArgs {
    /// An address, a domain (@corp.example), or a part of a name
    #[arg(required_unless_present = "list")]
    who: Option<String>,
    /// Take it off the list
    #[arg(long, requires = "who")]
    remove: bool,
    /// Show the list
    #[arg(long, conflicts_with = "who")]
    list: bool,
}

/// Runs a command of `people`.
///
/// # Errors
/// If nobody or several people are meant, or the workspace can't be used.
pub fn run(call: &Call, command: PeopleCommand) -> anyhow::Result<ExitCode> {
    let workspace = call.workspace()?;
    let everybody = people::people(workspace.store().read(), &workspace.config.never)?;
    match command {
        PeopleCommand::List => {
            let values: Vec<Value> = everybody.iter().map(|person| to_json(person, &[])).collect();
            call.say(&values, || list(call, &workspace, &everybody))?;
        }
        PeopleCommand::Show { name } => {
            let person = named(&everybody, &name)?;
            let rows = reports::pursuits(workspace.store().read(), None)?;
            let rows: Vec<&PursuitRow> = rows.iter().filter(|row| person.outreach.contains(&row.id)).collect();
            call.say(&to_json(person, &rows), || show(&workspace, person, &rows))?;
        }
        PeopleCommand::Note { name, text } => {
            let address = known_or_address(&everybody, &name)?;
            let (text, now) = (text.join(" "), workspace.clock.now());
            if text.trim().is_empty() {
                return Err(Usage("write what you want to note behind the name".into()).into());
            }
            workspace.store().write::<_, StoreError>(|tx| decisions::note(tx, &address, text.trim(), now))?;
            call.say(&json!({"noted": text.trim(), "about": address}), || {
                format!("Noted. checkback people show {address} shows it.\n")
            })?;
        }
        PeopleCommand::Zone { name, zone } => {
            let address = known_or_address(&everybody, &name)?;
            let wanted = (zone != "none").then(|| {
                let known = jiff::tz::TimeZone::get(&zone).ok();
                known.and_then(|known| known.iana_name().map(str::to_owned)).ok_or_else(|| {
                    Usage(format!("{zone}: write a zone such as Asia/Tokyo or America/New_York, or none"))
                })
            });
            let (wanted, now) = (wanted.transpose()?, workspace.clock.now());
            let new = workspace
                .store()
                .write::<_, StoreError>(|tx| decisions::set_zone(tx, &address, wanted.as_deref(), now))?
                .ok_or_else(|| {
                    Usage(format!("nobody with {address} is known; checkback people list shows everybody"))
                })?;
            call.say(&json!({"address": address, "zone": wanted, "new": new}), || match (&wanted, new) {
                (Some(zone), true) => format!("Follow-ups to {address} come in the working hours of {zone}.\n"),
                (None, true) => format!("Follow-ups to {address} come in your own working hours.\n"),
                (Some(zone), false) => format!("{address} has the zone {zone} already: nothing is changed.\n"),
                (None, false) => format!("{address} has no zone: nothing is changed.\n"),
            })?;
        }
        PeopleCommand::Never(args) => return never(call, &workspace, &everybody, args),
        PeopleCommand::Merge { one, other } => {
            let addresses = [known_or_address(&everybody, &one)?, known_or_address(&everybody, &other)?];
            let own = workspace.config.own_addresses();
            if let Some(mine) = addresses.iter().find(|address| own.contains(address)) {
                return Err(Usage(format!("{mine} is your own address")).into());
            }
            let now = workspace.clock.now();
            let merged = workspace.store().write::<_, StoreError>(|tx| decisions::merge(tx, &addresses, "", now))?;
            workspace.app().consider(&mut workspace.store(), now, |_| {})?;
            let [one, other] = addresses;
            call.say(&json!({"merged": merged, "addresses": [&one, &other]}), || match merged {
                true => format!("{one} and {other} are one person now. checkback undo parts them.\n"),
                false => format!("{one} and {other} were one person already.\n"),
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn never(call: &Call, workspace: &Workspace, everybody: &[Person], args: NeverArgs) -> anyhow::Result<ExitCode> {
    let Some(who) = args.who else { return never_list(call, workspace) };
    let entry = entry(everybody, &who)?;
    let now = workspace.clock.now();
    if args.remove {
        let removed = workspace.store().write::<_, StoreError>(|tx| decisions::allow(tx, &entry, now))?;
        if !removed {
            let configured = workspace
                .config
                .never
                .iter()
                .any(|known| known.trim_start_matches('@') == entry.trim_start_matches('@'));
            let place = if configured {
                "it stands in the config file (never = […])"
            } else {
                "people never --list shows it"
            };
            return Err(Usage(format!("{entry} is not on the list that checkback keeps; {place}")).into());
        }
        call.say(&json!({"allowed": entry}), || {
            format!("{entry} is off the never list. checkback undo puts it back.\n")
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let done = workspace.store().write::<_, StoreError>(|tx| decisions::never(tx, &entry, now))?;
    let (mails, follow_ups) = done.unwrap_or_default();
    call.say(&json!({"never": entry, "new": done.is_some(), "mails": mails, "follow_ups": follow_ups}), || {
        if done.is_none() {
            return format!("{entry} was on the never list already.\n");
        }
        let mut said = format!("Nothing goes to {entry} by machine any more.\n");
        if mails + follow_ups > 0 {
            said.push_str(&format!("Stopped: {mails} waiting, {follow_ups} to come.\n"));
        }
        said + "What you send by hand asks you first. checkback undo takes it back.\n"
    })?;
    Ok(ExitCode::SUCCESS)
}

fn never_list(call: &Call, workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let mut rows: Vec<(String, String, Option<jiff::Timestamp>)> =
        workspace.config.never.iter().map(|entry| (entry.clone(), "in the config file".to_owned(), None)).collect();
    let kept = people::never_list(workspace.store().read())?;
    rows.extend(kept.into_iter().map(|(entry, because, at)| (entry, because, Some(at))));
    let values: Vec<Value> =
        rows.iter().map(|(entry, because, at)| json!({"entry": entry, "because": because, "at": at})).collect();
    call.say(&values, || {
        if rows.is_empty() {
            return "Nobody is on the never list.\n".to_owned();
        }
        let columns = [Column::left("never to"), Column::left("because"), Column::left("since")];
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|(entry, because, at)| {
                vec![entry.clone(), because.clone(), at.map(|at| day(call, workspace, at)).unwrap_or_default()]
            })
            .collect();
        call.look.table(&columns, &cells)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What goes onto the never list: an address, or `@domain`.
fn entry(everybody: &[Person], who: &str) -> Result<String, Usage> {
    let text = who.trim().to_lowercase();
    if let Some(domain) = text.strip_prefix('@') {
        let parts: Vec<&str> = domain.split('.').collect();
        let is_domain = parts.len() > 1
            && parts.iter().all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-'));
        return match is_domain {
            true => Ok(format!("@{domain}")),
            false => Err(Usage(format!("{who}: write a domain such as @corp.example"))),
        };
    }
    Ok(known_or_address(everybody, who)?.as_str().to_owned())
}

fn named<'p>(everybody: &'p [Person], name: &str) -> Result<&'p Person, Usage> {
    let found: Vec<&Person> = everybody.iter().filter(|person| person.is_named(name)).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Usage(format!("nobody called {name} is known; checkback people list shows everybody"))),
        several => {
            let exact: Vec<&&Person> =
                several.iter().filter(|person| person.name.to_lowercase() == name.trim().to_lowercase()).collect();
            if let [one] = exact.as_slice() {
                return Ok(one);
            }
            let all: Vec<String> = several.iter().take(6).map(|person| look::clean(person.label())).collect();
            Err(Usage(format!("{name} may mean {}; say more, or write the address", all.join(", "))))
        }
    }
}

/// Somebody known, or an address that nobody had yet.
fn known_or_address(everybody: &[Person], name: &str) -> Result<Address, Usage> {
    match Address::parse(name) {
        Some(address) => Ok(address),
        None => {
            let person = named(everybody, name)?;
            person.addresses.first().cloned().ok_or_else(|| Usage(format!("{name} has no address")))
        }
    }
}

fn addresses(person: &Person) -> Vec<&Address> {
    person.addresses.iter().filter(|address| !address.is_stand_in()).collect()
}

fn to_json(person: &Person, rows: &[&PursuitRow]) -> Value {
    json!({
        "name": person.name, "addresses": addresses(person), "outreach": person.outreach, "answered": person.answered,
        "recruiter": person.recruiter, "last_at": person.last_at, "never": person.never, "zone": person.zone,
        "notes": person.notes.iter().map(|(at, text)| json!({"at": at, "text": text})).collect::<Vec<_>>(),
        "pursuits": rows.iter().map(|row| super::outreach::to_json(row, &[])).collect::<Vec<_>>(),
    })
}

fn day(call: &Call, workspace: &Workspace, at: jiff::Timestamp) -> String {
    let date = |at: jiff::Timestamp| at.to_zoned(workspace.config.timezone.clone()).date();
    look::day(date(at), date(call.clock.now()))
}

fn list(call: &Call, workspace: &Workspace, everybody: &[Person]) -> String {
    if everybody.is_empty() {
        return "Nobody is known yet. checkback send and checkback sync change that.\n".to_owned();
    }
    let columns = [Column::left("person"), Column::left("address"), Column::left("last"), Column::left("what")];
    let cells: Vec<Vec<String>> = everybody
        .iter()
        .map(|person| {
            let mut what: Vec<&str> = Vec::new();
            match (person.outreach.is_empty(), person.answered) {
                (true, _) => {}
                (false, true) => what.push("answered"),
                (false, false) => what.push("asked"),
            }
            what.extend(person.recruiter.then_some("recruiter"));
            what.extend((!person.notes.is_empty()).then_some("notes"));
            what.extend(person.never.is_some().then_some("never"));
            let address = addresses(person).first().map(|address| address.to_string()).unwrap_or_default();
            let last = person.last_at.map(|at| day(call, workspace, at)).unwrap_or_default();
            vec![person.name.clone(), address, last, what.join(", ")]
        })
        .collect();
    call.look.table(&columns, &cells)
}

fn show(workspace: &Workspace, person: &Person, rows: &[&PursuitRow]) -> String {
    let when = |at: jiff::Timestamp| at.to_zoned(workspace.config.timezone.clone()).strftime("%d %b %Y").to_string();
    let mut said = format!("{}\n\n", look::clean(person.label()));
    for address in addresses(person) {
        said.push_str(&format!("  address   {address}\n"));
    }
    if let Some(because) = &person.never {
        said.push_str(&format!("  never     written to by machine: {}\n", look::clean(because)));
    }
    if person.recruiter {
        said.push_str("  recruiter checkback recruiters list shows what was pitched\n");
    }
    if let Some(zone) = &person.zone {
        said.push_str(&format!("  zone      {zone}\n"));
    }
    for row in rows {
        let subject = look::truncated(&look::clean(&row.subject), 30);
        let first = when(row.pursuit.first_touch);
        said.push_str(&format!("  outreach  {}  {first}  {:<8} {:<8} {subject}\n", row.id, row.channel, row.status()));
    }
    for (at, text) in &person.notes {
        said.push_str(&format!("  {}  {}\n", when(*at), look::clean(text)));
    }
    said
}
