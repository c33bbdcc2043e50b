//! The config file's sections → [`Config`], with every default in its place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use jiff::civil::time;
use jiff::tz::TimeZone;
use toml::de::{DeTable, DeValue};

use super::problem::{ConfigError, Problem};
use super::section::{Section, Source, TOP, nearest};
use super::values;
use super::{
    Account, Auth, AutoReply, Config, FolderNames, FollowUpSettings, Goal, LogSent, Mode, OutreachSettings,
    PasswordSource, Reminders, SentCopy, Sequences, Server, ServiceSettings, Tls,
};
use crate::domain::ident::Address;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Reads the whole text; `origin` is named in mistakes and is where relative paths begin.
pub(super) fn config(text: &str, origin: &Path) -> Result<Config, ConfigError> {
    let invalid = |problems: Vec<Problem>| ConfigError::Invalid { origin: origin.to_owned(), problems };
    let source = Source::new(text);
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let fix = format!("{} (texts, durations and times stand in quotes)", error.message().trim());
            source.note(error.span().map(|span| span.start), "this can't be read as TOML", fix);
            return Err(invalid(source.into_problems()));
        }
    };
    let config = whole(&source, table.get_ref(), origin);
    let problems = source.into_problems();
    match config {
        Some(config) if problems.is_empty() => Ok(config),
        _ => Err(invalid(problems)),
    }
}

/// Settings without any account, for mail files: every default, and nothing automatic.
pub(super) fn offline(me: &Address) -> Config {
    let text = Source::new("");
    let nothing = DeTable::new();
    let top = Section::new(&text, TOP, &nothing, 0);
    let section = |name: &'static str| top.section(name, name);
    Config {
        timezone: TimeZone::system(),
        employer_domains: Vec::new(),
        never: Vec::new(),
        accounts: Vec::new(),
        auto_reply: auto_reply(&section("auto_reply")),
        outreach: outreach(&section("outreach")),
        goal: goal(&section("goal")),
        follow_up: follow_up(&section("follow_up"), Path::new("")),
        reminders: Reminders { mail: false, at: time(8, 0, 0, 0), to: me.clone(), confirm: false },
        service: service(&section("service")),
        sequences: Sequences::shipped(),
    }
}

/// `None` only if a mistake was noted.
fn whole(source: &Source<'_>, table: &DeTable<'_>, origin: &Path) -> Option<Config> {
    let top = Section::new(source, TOP, table, 0);
    let timezone = top.read("timezone", timezone);
    let employer_domains = top.list("employer_domains", values::domain);
    let never = top.list("never", values::address_or_domain);
    let accounts = accounts(source, &top);
    let auto_reply = auto_reply(&top.section("auto_reply", "auto_reply"));
    let outreach = outreach(&top.section("outreach", "outreach"));
    let goal = goal(&top.section("goal", "goal"));
    let follow_up = follow_up(&top.section("follow_up", "follow_up"), origin);
    let reminders = reminders(&top.section("reminders", "reminders"), accounts.as_deref().and_then(<[Account]>::first));
    let service = service(&top.section("service", "service"));
    Some(Config {
        timezone: timezone.map_or_else(TimeZone::system, |found| found.value),
        employer_domains: employer_domains.unwrap_or_default(),
        never: never.unwrap_or_default(),
        accounts: accounts?,
        auto_reply,
        outreach,
        goal,
        follow_up,
        reminders: reminders?,
        service,
        sequences: Sequences::shipped(),
    })
}

fn timezone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| {
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        if names.is_empty() {
            return "this system has no time zone database; install the package tzdata".to_owned();
        }
        // Most people remember the city, not the region before it.
        let city = |name: &str| name.rsplit('/').next().unwrap_or(name).to_lowercase();
        let typed = city(&name.replace(' ', "_"));
        let near = names.iter().find(|name| city(name) == typed).map(String::as_str);
        match near.or_else(|| nearest(name, names.iter().map(String::as_str))) {
            Some(near) => format!("there is no such time zone; did you mean \"{near}\"?"),
            None => "there is no such time zone; write a name such as \"America/Los_Angeles\"".to_owned(),
        }
    })
}

fn accounts(source: &Source<'_>, top: &Section<'_, '_>) -> Option<Vec<Account>> {
    let noted_before = source.count();
    let sections = top.sections("account", "account");
    if sections.is_empty() {
        if source.count() == noted_before && !top.is_misspelt("account") {
            let fix = "write one with name, email, and the sections [account.imap], [account.smtp] and [account.auth]";
            source.note(top.place_of("account"), "there is no [[account]]", fix);
        }
        return None;
    }
    let accounts: Vec<Option<Account>> = sections.iter().map(|section| account(source, section)).collect();
    let mut names: Vec<String> = Vec::new();
    for section in &sections {
        let Some(name) = section.text("name") else { continue };
        let folded = name.value.to_lowercase();
        if names.contains(&folded) {
            section.note(
                name.at,
                "name",
                &format!("is \"{}\", as another account's", name.value),
                "write another name",
            );
        }
        names.push(folded);
    }
    accounts.into_iter().collect()
}

fn account(source: &Source<'_>, section: &Section<'_, '_>) -> Option<Account> {
    let name = section.required("name", "\"personal\"", values::account_name);
    let email = section.required("email", "\"you@example.org\"", values::address);
    let display_name = section.text("display_name");
    let aliases = section.list("aliases", values::address);
    let sent_copy = section
        .choice("sent_copy", &[("auto", SentCopy::Auto), ("append", SentCopy::Append), ("server", SentCopy::Server)]);
    let authserv_id = section.text("authserv_id");
    let imap_section = server_section(source, section, "imap", "account.imap");
    let imap = imap_section.as_ref().and_then(|section| server(section, &IMAP_PORTS));
    let poll = imap_section.as_ref().and_then(|section| section.duration("poll", SignedDuration::from_secs(1), DAY));
    let smtp_section = server_section(source, section, "smtp", "account.smtp");
    let smtp = smtp_section.as_ref().and_then(|section| server(section, &SMTP_PORTS));
    let auth = auth(source, section, email.as_ref().map(|email| &email.value));
    let folders = section.section("folders", "account.folders");
    let folders = FolderNames {
        sent: folders.text("sent").map(|found| found.value),
        drafts: folders.text("drafts").map(|found| found.value),
    };
    Some(Account {
        name: name?.value,
        email: email?.value,
        display_name: display_name.map(|found| found.value),
        aliases: aliases.unwrap_or_default(),
        sent_copy: sent_copy.unwrap_or(SentCopy::Auto),
        authserv_id: authserv_id.map(|found| found.value.to_lowercase()),
        imap: imap?,
        poll: poll.unwrap_or(SignedDuration::from_mins(2)),
        smtp: smtp?,
        auth: auth?,
        folders,
    })
}

/// The section of a server, which every account must have.
fn server_section<'s, 't>(
    source: &Source<'t>,
    account: &Section<'s, 't>,
    key: &'static str,
    path: &'static str,
) -> Option<Section<'s, 't>> {
    let section = account.section(key, path);
    if !section.is_present() && account.place_of(key).is_none() && !account.is_misspelt(key) {
        let fix = format!("write it below the account, with host = \"{key}.example.org\"");
        source.note(account.begins_at(), format!("[{path}] is missing"), fix);
    }
    section.is_present().then_some(section)
}

/// Default ports by how TLS begins: implicit, STARTTLS, none (RFC 8314 §7.3, RFC 6409 §3.1, RFC 5321).
type Ports = [u16; 3];
const IMAP_PORTS: Ports = [993, 143, 143];
const SMTP_PORTS: Ports = [465, 587, 25];

fn server(section: &Section<'_, '_>, ports: &Ports) -> Option<Server> {
    let host = section.required("host", "\"mail.example.org\"", values::host);
    let tls = section
        .choice("tls", &[("implicit", Tls::Implicit), ("starttls", Tls::StartTls), ("none", Tls::None)])
        .unwrap_or(Tls::Implicit);
    let [implicit, starttls, plain] = *ports;
    let default_port = match tls {
        Tls::Implicit => implicit,
        Tls::StartTls => starttls,
        Tls::None => plain,
    };
    let port = section.number("port", 1..=65_535).and_then(|port| u16::try_from(port).ok());
    let pin = section.read("pin_sha256", values::pin_sha256);
    let host = host?.value;
    if tls == Tls::None {
        let at = section.place_of("tls").unwrap_or_default();
        if !values::is_loopback(&host) {
            let fix =
                "plain text goes only to this machine (127.0.0.1, ::1, localhost); write \"implicit\" or \"starttls\"";
            section.note(at, "tls", &format!("is \"none\" for the host {host}"), fix);
        }
        if let Some(pin) = &pin {
            section.note(
                pin.at,
                "pin_sha256",
                "is set beside tls = \"none\"",
                "remove one of them: without TLS there is no certificate",
            );
        }
    }
    Some(Server { host, port: port.unwrap_or(default_port), tls, pin_sha256: pin.map(|found| found.value) })
}

fn auth(source: &Source<'_>, account: &Section<'_, '_>, email: Option<&Address>) -> Option<Auth> {
    const HOW: &str =
        "write password_env = \"NAME_OF_A_VARIABLE\" or password_command = \"a command that prints the password\"";
    let section = account.section("auth", "account.auth");
    if !section.is_present() {
        if account.place_of("auth").is_none() && !account.is_misspelt("auth") {
            source.note(
                account.begins_at(),
                "[account.auth] is missing",
                format!("write it below the account; in it {HOW}"),
            );
        }
        return None;
    }
    let username = section.text("username").map(|found| found.value);
    let noted_before = source.count();
    let env = section.text("password_env");
    let command = section.text("password_command");
    let password = match (env, command) {
        (Some(env), None) if values::is_variable_name(&env.value) => PasswordSource::Env(env.value),
        (Some(env), None) => {
            // Perhaps it is the password itself: it must not be repeated.
            section.note(
                env.at,
                "password_env",
                "is not the name of an environment variable",
                "write the variable's name, not the password, such as \"MAIL_PASSWORD\"",
            );
            return None;
        }
        (None, Some(command)) => PasswordSource::Command(command.value),
        (Some(_), Some(command)) => {
            section.note(command.at, "password_command", "stands beside `password_env`", "keep one of them");
            return None;
        }
        (None, None) => {
            // A key of a wrong type was noted already.
            let misspelt = section.is_misspelt("password_env") || section.is_misspelt("password_command");
            if source.count() == noted_before && !misspelt {
                source.note(section.begins_at(), "[account.auth] names no password", HOW);
            }
            return None;
        }
    };
    Some(Auth { username: username.or_else(|| email.map(|email| email.as_str().to_owned()))?, password })
}

fn auto_reply(section: &Section<'_, '_>) -> AutoReply {
    let mode = section.choice("mode", &[("send", Mode::Send), ("draft", Mode::Draft), ("off", Mode::Off)]);
    // Who writes the section wants answers; who has none gets none.
    let default_mode = if section.is_present() { Mode::Send } else { Mode::Off };
    AutoReply {
        mode: mode.unwrap_or(default_mode),
        delay: section.duration("delay", SignedDuration::ZERO, DAY * 13).unwrap_or(MINUTE * 15),
        months: section.number("months", 1..=120).unwrap_or(8),
        daily_limit: section.number("daily_limit", 0..=10_000).unwrap_or(20),
    }
}

fn outreach(section: &Section<'_, '_>) -> OutreachSettings {
    let choices = [("propose", LogSent::Propose), ("all-new-threads", LogSent::AllNewThreads), ("off", LogSent::Off)];
    OutreachSettings { log_sent: section.choice("log_sent", &choices).unwrap_or(LogSent::Propose) }
}

fn goal(section: &Section<'_, '_>) -> Goal {
    const DEFAULT: (f64, f64) = (0.25, 0.30);
    let number = |value: &DeValue<'_>| match value {
        DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
        DeValue::Integer(integer) => integer.as_str().parse::<f64>().ok(),
        _ => None,
    };
    let response_rate = section.pair("response_rate", "[0.25, 0.30]", number).map_or(DEFAULT, |found| {
        let (lo, hi) = found.value;
        if !(0.0 < lo && lo <= hi && hi <= 1.0) {
            let fix = "write two shares, the lower first, both above 0 and at most 1, such as [0.25, 0.30]";
            section.note(found.at, "response_rate", &format!("is [{lo}, {hi}]"), fix);
        }
        found.value
    });
    Goal {
        response_rate,
        window_days: section.days("window", 1..=365).unwrap_or(21),
        per_week: section.number("per_week", 0..=10_000).unwrap_or(10),
    }
}

fn follow_up(section: &Section<'_, '_>, origin: &Path) -> FollowUpSettings {
    const DEFAULT: (jiff::civil::Time, jiff::civil::Time) = (time(9, 0, 0, 0), time(17, 0, 0, 0));
    let clock = |value: &DeValue<'_>| value.as_str().and_then(|text| values::time_of_day(text).ok());
    let send_window = section.pair("send_window", "[\"09:00\", \"17:00\"]", clock).map_or(DEFAULT, |found| {
        let (from, to) = found.value;
        if from >= to {
            let what = format!("is [\"{}\", \"{}\"]", from.strftime("%H:%M"), to.strftime("%H:%M"));
            section.note(
                found.at,
                "send_window",
                &what,
                "write the earlier time first, such as [\"09:00\", \"17:00\"]",
            );
        }
        found.value
    });
    let sequence = section.text("sequence").map_or("cold".to_owned(), |found| found.value);
    FollowUpSettings {
        sequence: (sequence != "none").then_some(sequence),
        send_window,
        daily_limit: section.number("daily_limit", 0..=10_000).unwrap_or(25),
        spacing: section.duration("spacing", SignedDuration::ZERO, DAY).unwrap_or(MINUTE * 3),
        holidays: section.text("holidays").map(|found| resolved(&found.value, origin)),
        days_off: BTreeSet::new(),
    }
}

fn reminders(section: &Section<'_, '_>, first: Option<&Account>) -> Option<Reminders> {
    let to = section.read("to", values::address);
    let mail = section.choice("mode", &[("mail", true), ("off", false)]).unwrap_or(true);
    let at = section.time("at").unwrap_or(time(8, 0, 0, 0));
    let to = to.map(|found| found.value).or_else(|| first.map(|account| account.email.clone()))?;
    let confirm = section.flag("confirm").unwrap_or(true);
    Some(Reminders { mail, at, to, confirm })
}

fn service(section: &Section<'_, '_>) -> ServiceSettings {
    let stale_after = section.duration("stale_after", SignedDuration::from_secs(1), DAY * 30);
    ServiceSettings { stale_after: stale_after.unwrap_or(MINUTE * 30) }
}

/// A path as it is meant: `~/` is the home directory, a relative one begins beside the config file.
fn resolved(path: &str, origin: &Path) -> PathBuf {
    match (path.strip_prefix("~/"), etcetera::home_dir()) {
        (Some(rest), Ok(home)) => home.join(rest),
        _ => origin.parent().unwrap_or(Path::new("")).join(path),
    }
}
