use std::collections::BTreeSet;

use rstest::rstest;

use super::section::SECTIONS;
use super::*;

const SAMPLE: &str = include_str!("../../docs/config.toml");

/// The least that a config must say; 12 lines.
const LEAST: &str = r#"[[account]]
name = "personal"
email = "Dana@devmail.example"
[account.imap]
host = "127.0.0.1"
tls = "none"
[account.smtp]
host = "localhost"
tls = "none"
[account.auth]
password_env = "DANA_PASSWORD"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/home/dana/checkback/config.toml"))
}

/// The mistakes of a config, one a line.
fn mistakes(text: &str) -> String {
    match parse(text) {
        Ok(_) => "none".to_owned(),
        Err(ConfigError::Invalid { problems, .. }) => {
            problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
        }
        Err(other) => other.to_string(),
    }
}

#[test]
fn the_least_config_gets_every_default() {
    let config = parse(LEAST).unwrap();
    let account = &config.accounts[0];
    assert_eq!(account.email.as_str(), "dana@devmail.example");
    assert_eq!((account.display_name.as_ref(), account.aliases.len(), account.sent_copy), (None, 0, SentCopy::Auto));
    assert_eq!(account.authserv_id, None);
    assert_eq!(account.imap, Server { host: "127.0.0.1".into(), port: 143, tls: Tls::None, pin_sha256: None });
    assert_eq!(account.smtp, Server { host: "localhost".into(), port: 25, tls: Tls::None, pin_sha256: None });
    assert_eq!(account.poll, jiff::SignedDuration::from_mins(2));
    assert_eq!(account.auth.username, "dana@devmail.example");
    assert_eq!(account.auth.password, PasswordSource::Env("DANA_PASSWORD".into()));
    assert_eq!(account.folders, FolderNames::default());
    assert_eq!(config.auto_reply.mode, Mode::Off);
    assert_eq!(config.outreach.log_sent, LogSent::Propose);
    assert_eq!(config.goal, Goal { response_rate: (0.25, 0.30), window_days: 21, per_week: 10 });
    assert_eq!(config.follow_up.sequence.as_deref(), Some("cold"));
    assert_eq!(config.follow_up.holidays, None);
    assert_eq!(config.reminders.to.as_str(), "dana@devmail.example");
    assert_eq!(config.service.stale_after, jiff::SignedDuration::from_mins(30));
}

/// The config as text, without what has no default and without what only an example can show.
fn settings(config: &Config) -> String {
    let account = &config.accounts[0];
    format!(
        "{:#?}",
        (
            (&config.employer_domains, &config.never, &config.auto_reply, &config.outreach, &config.goal),
            (&config.follow_up, &config.reminders, &config.service),
            (&account.aliases, account.sent_copy, &account.authserv_id, account.poll, &account.folders),
            (&account.imap, &account.smtp, &account.auth.username),
        )
    )
}

#[test]
fn the_sample_config_shows_the_defaults() {
    let least = r#"
        [[account]]
        name = "personal"
        email = "dana@devmail.example"
        [account.imap]
        host = "imap.devmail.example"
        [account.smtp]
        host = "smtp.devmail.example"
        [account.auth]
        password_env = "DANA_PASSWORD"
        [auto_reply]
    "#;
    assert_eq!(settings(&parse(SAMPLE).unwrap()), settings(&parse(least).unwrap()));
}

#[test]
fn the_sample_config_documents_every_key_and_no_other() {
    let documented: BTreeSet<&str> =
        SAMPLE.lines().filter_map(|line| line.trim_start_matches("# ").split_once(" = ")).map(|(key, _)| key).collect();
    let known: BTreeSet<&str> = SECTIONS
        .iter()
        .flat_map(|(_, keys)| keys.iter().copied())
        .filter(|key| !SECTIONS.iter().any(|(name, _)| name.rsplit('.').next() == Some(*key)))
        .collect();
    assert_eq!(documented, known);
}

#[test]
fn two_accounts_are_read_each_with_its_own_sections() {
    let config = parse(&format!("{LEAST}{}", LEAST.replace("personal", "work").replace("127.0.0.1", "::1"))).unwrap();
    let hosts: Vec<_> = config.accounts.iter().map(|account| (&*account.name, &*account.imap.host)).collect();
    assert_eq!(hosts, [("personal", "127.0.0.1"), ("work", "::1")]);
}

#[test]
fn every_setting_of_the_contract_is_taken_over() {
    let text = format!(
        r#"timezone = "America/Los_Angeles"
employer_domains = ["Employer.example"]
never = ["rude@agency.example", "@spam.example"]
{}[account.folders]
sent = "Gesendet"
[auto_reply]
mode = "draft"
delay = "0s"
months = 6
[outreach]
log_sent = "all-new-threads"
[goal]
response_rate = [0.2, 1]
window = "3w"
[follow_up]
sequence = "none"
send_window = ["08:30", "23:59"]
holidays = "de.ics"
[reminders]
mode = "off"
at = "07:15"
to = "other@devmail.example"
"#,
        LEAST.replace("tls = \"none\"\n[account.smtp]", "tls = \"none\"\nport = 1143\npoll = \"1s\"\n[account.smtp]")
    );
    let config = parse(&text).unwrap();
    assert_eq!(config.timezone.iana_name(), Some("America/Los_Angeles"));
    assert_eq!(config.employer_domains, ["employer.example"]);
    assert_eq!(config.never, ["rude@agency.example", "spam.example"]);
    assert_eq!((config.accounts[0].imap.port, config.accounts[0].poll.as_secs()), (1143, 1));
    assert_eq!(config.accounts[0].folders.sent.as_deref(), Some("Gesendet"));
    assert_eq!(
        (config.auto_reply.mode, config.auto_reply.delay.as_secs(), config.auto_reply.months),
        (Mode::Draft, 0, 6)
    );
    assert_eq!(config.outreach.log_sent, LogSent::AllNewThreads);
    assert_eq!(config.goal, Goal { response_rate: (0.2, 1.0), window_days: 21, per_week: 10 });
    assert_eq!(config.follow_up.sequence, None);
    assert_eq!(config.follow_up.send_window.1, jiff::civil::time(23, 59, 0, 0));
    assert_eq!(config.follow_up.holidays.as_deref(), Some(Path::new("/home/dana/checkback/de.ics")));
    assert_eq!((config.reminders.mail, config.reminders.to.as_str()), (false, "other@devmail.example"));
}

#[test]
fn a_pin_is_read_with_and_without_colons() {
    let hex = "0123456789abcdefABCDEF000000000000000000000000000000000000000000";
    let colons: Vec<String> = hex.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect();
    let pin = |written: &str| {
        let text = LEAST.replacen("tls = \"none\"", &format!("pin_sha256 = \"{written}\""), 1);
        parse(&text).unwrap().accounts[0].imap.pin_sha256.unwrap()
    };
    assert_eq!(pin(hex), pin(&colons.join(":")));
    assert_eq!(pin(hex)[..4], [0x01, 0x23, 0x45, 0x67]);
}

/// One line of the least config changed, or one more added: the whole message that comes of it.
#[rstest]
#[case::key(
    "password_env",
    "pasword_env",
    "unknown key `pasword_env` in [account.auth], line 11: did you mean `password_env`?"
)]
#[case::near(
    "tls = \"none\"\n[account.smtp]",
    "tls = \"none\"\npol = \"2m\"\n[account.smtp]",
    "unknown key `pol` in [account.imap], line 7: did you mean `poll`?"
)]
#[case::account_key("email", "mail", "unknown key `mail` in [[account]], line 3: did you mean `email`?")]
#[case::elsewhere(
    "email",
    "months = 8\nemail",
    "unknown key `months` in [[account]], line 3: `months` belongs in [auto_reply]"
)]
#[case::server_key(
    "email",
    "host = \"x.example\"\nemail",
    "unknown key `host` in [[account]], line 3: `host` belongs in [account.imap] or in [account.smtp]"
)]
#[case::far("email", "zzz = 1\nemail", "unknown key `zzz` in [[account]], line 3: the keys here are name, email,")]
#[case::password(
    "password_env = \"DANA_PASSWORD\"",
    "password = \"hunter2\"",
    "unknown key `password` in [account.auth], line 11: a password never stands in this file: did you mean `password_env` or `password_command`?"
)]
#[case::tls(
    "tls = \"none\"\n[account.smtp]",
    "tls = \"ssl\"\n[account.smtp]",
    "`tls` in [account.imap] is \"ssl\", line 6: write \"implicit\", \"starttls\" or \"none\""
)]
#[case::plain(
    "127.0.0.1",
    "mail.example.org",
    "`tls` in [account.imap] is \"none\" for the host mail.example.org, line 6: plain text goes only to this machine"
)]
#[case::host(
    "127.0.0.1",
    "imaps://mail.example.org:993",
    "`host` in [account.imap] is \"imaps://mail.example.org:993\", line 5: write only the host"
)]
#[case::no_host(
    "host = \"127.0.0.1\"\n",
    "",
    "`host` in [account.imap] is missing, line 4: write host = \"mail.example.org\""
)]
#[case::pin(
    "tls = \"none\"",
    "pin_sha256 = \"abc\"",
    "`pin_sha256` in [account.imap] is \"abc\", line 6: write the certificate's SHA-256 as 64 hex digits"
)]
#[case::pin_plain(
    "tls = \"none\"\n[account.smtp]",
    "tls = \"none\"\npin_sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n[account.smtp]",
    "`pin_sha256` in [account.imap] is set beside tls = \"none\", line 7"
)]
#[case::port(
    "tls = \"none\"",
    "port = \"993\"",
    "`port` in [account.imap] is a string, line 6: write a whole number without quotes"
)]
#[case::port_range(
    "tls = \"none\"",
    "port = 70000",
    "`port` in [account.imap] is 70000, line 6: write a whole number from 1 to 65535"
)]
#[case::poll(
    "tls = \"none\"",
    "poll = \"0s\"",
    "`poll` in [account.imap] is \"0s\", line 6: write a duration from \"1s\" to \"1d\""
)]
#[case::name("name = \"personal\"\n", "", "`name` in [[account]] is missing, line 1: write name = \"personal\"")]
#[case::email("Dana@devmail.example", "dana", "`email` in [[account]] is \"dana\", line 3: write one address")]
#[case::line_break(
    "email",
    "display_name = \"Dana\\r\\nBcc: x@y.example\"\nemail",
    "`display_name` in [[account]] holds a line break or another control character, line 3"
)]
#[case::alias(
    "email",
    "aliases = [\n  \"a@b.example\",\n  \"b\",\n]\nemail",
    "`aliases` in [[account]] holds \"b\", line 5: write one address"
)]
#[case::no_auth(
    "[account.auth]\npassword_env = \"DANA_PASSWORD\"\n",
    "",
    "[account.auth] is missing, line 1: write it below the account; in it write password_env"
)]
#[case::no_smtp(
    "[account.smtp]\nhost = \"localhost\"\ntls = \"none\"\n",
    "",
    "[account.smtp] is missing, line 1: write it below the account, with host = \"smtp.example.org\""
)]
#[case::two_passwords(
    "password_env",
    "password_command = \"pass\"\npassword_env",
    "`password_command` in [account.auth] stands beside `password_env`, line 11: keep one of them"
)]
#[case::no_password(
    "password_env = \"DANA_PASSWORD\"",
    "",
    "[account.auth] names no password, line 10: write password_env"
)]
#[case::brackets(
    "[[account]]",
    "[account]",
    "`account` is not a list of sections, line 1: write [[account]], with two brackets"
)]
#[case::toml("name = \"personal\"", "name = personal", "this can't be read as TOML, line 2:")]
#[case::twice("email", "name = \"x\"\nemail", "this can't be read as TOML, line 3:")]
fn a_mistake_in_an_account_is_told_with_its_line_and_the_fix(#[case] old: &str, #[case] new: &str, #[case] told: &str) {
    let text = LEAST.replacen(old, new, 1);
    assert_ne!(text, LEAST);
    let mistakes = mistakes(&text);
    assert!(mistakes.starts_with(told), "{mistakes}");
}

#[rstest]
#[case::timezone(
    "timezone = \"Europe/Berlim\"",
    "`timezone` is \"Europe/Berlim\", line 1: there is no such time zone; did you mean \"Europe/Berlin\"?"
)]
#[case::city(
    "timezone = \"Los Angeles\"",
    "`timezone` is \"Los Angeles\", line 1: there is no such time zone; did you mean \"America/Los_Angeles\"?"
)]
#[case::top_key("time_zone = \"UTC\"", "unknown key `time_zone`, line 1: did you mean `timezone`?")]
#[case::section("[autoreply]\nmode = \"send\"", "unknown key `autoreply`, line 1: did you mean `auto_reply`?")]
#[case::bare_section(
    "[imap]\nhost = \"x\"",
    "unknown key `imap`, line 1: `imap` belongs below [[account]] as [account.imap]"
)]
#[case::domain(
    "employer_domains = [\"me@employer.example\"]",
    "`employer_domains` holds \"me@employer.example\", line 1: write a domain"
)]
#[case::list("never = \"spam.example\"", "`never` is a string, line 1: write a list of texts")]
#[case::never("never = [\"spam\"]", "`never` holds \"spam\", line 1: write an address or a domain")]
#[case::mode("[auto_reply]\nmode = true", "`mode` in [auto_reply] is a boolean, line 2: write a text in quotes")]
#[case::mode_word(
    "[auto_reply]\nmode = \"on\"",
    "`mode` in [auto_reply] is \"on\", line 2: write \"send\", \"draft\" or \"off\""
)]
#[case::mode_empty(
    "[auto_reply]\nmode = \"\"",
    "`mode` in [auto_reply] is empty, line 2: write \"send\", \"draft\" or \"off\""
)]
#[case::delay(
    "[auto_reply]\ndelay = \"15\"",
    "`delay` in [auto_reply] is \"15\", line 2: the unit is missing: 15s, 15m (minutes)"
)]
#[case::delay_number(
    "[auto_reply]\ndelay = 15",
    "`delay` in [auto_reply] is an integer, line 2: write a text in quotes"
)]
#[case::delay_months(
    "[auto_reply]\ndelay = \"1mo\"",
    "`delay` in [auto_reply] is \"1mo\", line 2: write it in s, m, h, d or w"
)]
#[case::delay_long(
    "[auto_reply]\ndelay = \"15d\"",
    "`delay` in [auto_reply] is \"15d\", line 2: write a duration from \"0s\" to \"13d\""
)]
#[case::months("[auto_reply]\nmonths = 0", "`months` in [auto_reply] is 0, line 2: write a whole number from 1 to 120")]
#[case::limit(
    "[auto_reply]\ndaily_limit = -1",
    "`daily_limit` in [auto_reply] is -1, line 2: write a whole number from 0"
)]
#[case::log_sent(
    "[outreach]\nlog_sent = \"all\"",
    "`log_sent` in [outreach] is \"all\", line 2: write \"propose\", \"all-new-threads\" or \"off\""
)]
#[case::rate_order(
    "[goal]\nresponse_rate = [0.3, 0.25]",
    "`response_rate` in [goal] is [0.3, 0.25], line 2: write two shares, the lower first"
)]
#[case::rate_percent(
    "[goal]\nresponse_rate = [25, 30]",
    "`response_rate` in [goal] is [25, 30], line 2: write two shares"
)]
#[case::rate_zero(
    "[goal]\nresponse_rate = [0, 0.3]",
    "`response_rate` in [goal] is [0, 0.3], line 2: write two shares"
)]
#[case::rate_nan(
    "[goal]\nresponse_rate = [nan, 0.3]",
    "`response_rate` in [goal] is [NaN, 0.3], line 2: write two shares"
)]
#[case::rate_single(
    "[goal]\nresponse_rate = 0.3",
    "`response_rate` in [goal] is not the pair it has to be, line 2: write response_rate = [0.25, 0.30]"
)]
#[case::window("[goal]\nwindow = \"1mo\"", "`window` in [goal] is \"1mo\", line 2: write it in days or weeks")]
#[case::send_window(
    "[follow_up]\nsend_window = [\"17:00\", \"09:00\"]",
    "`send_window` in [follow_up] is [\"17:00\", \"09:00\"], line 2: write the earlier time first"
)]
#[case::send_window_time(
    "[follow_up]\nsend_window = [\"9am\", \"17:00\"]",
    "`send_window` in [follow_up] is not the pair it has to be, line 2: write send_window = [\"09:00\", \"17:00\"]"
)]
#[case::at(
    "[reminders]\nat = \"8:00 pm\"",
    "`at` in [reminders] is \"8:00 pm\", line 2: write hours and minutes of a 24-hour clock"
)]
#[case::at_bare("[reminders]\nat = 08:00:00", "`at` in [reminders] is a datetime, line 2: write a text in quotes")]
#[case::at_late("[reminders]\nat = \"24:00\"", "`at` in [reminders] is \"24:00\", line 2")]
#[case::to("[reminders]\nto = \"me\"", "`to` in [reminders] is \"me\", line 2: write one address")]
#[case::no_section("service = 1", "`service` is no section, line 1: write [service] on a line of its own")]
#[case::stale(
    "[service]\nstale_after = \"0s\"",
    "`stale_after` in [service] is \"0s\", line 2: write a duration from \"1s\""
)]
fn a_mistake_elsewhere_is_told_with_its_line_and_the_fix(#[case] head: &str, #[case] told: &str) {
    let mistakes = mistakes(&format!("{head}\n{LEAST}"));
    assert!(mistakes.starts_with(told), "{mistakes}");
}

#[test]
fn an_account_named_twice_is_refused_at_the_second() {
    assert!(
        mistakes(&format!("{LEAST}{LEAST}"))
            .starts_with("`name` in [[account]] is \"personal\", as another account's, line 13")
    );
}

#[test]
fn a_config_without_an_account_says_what_to_write() {
    assert!(mistakes("").starts_with("there is no [[account]]: write one with name, email"));
    assert!(mistakes("\naccount = []").starts_with("there is no [[account]], line 2: write one with name, email"));
}

#[rstest]
#[case("127.0.0.1", true)]
#[case("127.8.9.1", true)]
#[case("::1", true)]
#[case("[::1]", true)]
#[case("LocalHost", true)]
#[case("128.0.0.1", false)]
#[case("::2", false)]
#[case("localhost.example.org", false)]
#[case("127.0.0.1.example.org", false)]
fn plain_text_goes_only_to_this_machine(#[case] host: &str, #[case] allowed: bool) {
    let config = parse(&LEAST.replace("127.0.0.1", host));
    assert_eq!(config.is_ok_and(|config| config.accounts[0].imap.is_loopback()), allowed);
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_their_lines() {
    let text = LEAST.replace("tls", "tsl").replace("email", "emial");
    let lines: Vec<usize> = match parse(&text) {
        Err(ConfigError::Invalid { problems, .. }) => problems.iter().filter_map(|problem| problem.line).collect(),
        other => panic!("{other:?}"),
    };
    assert_eq!(lines, [3, 6, 9]);
}

#[test]
fn a_password_written_in_place_of_a_variable_is_not_repeated() {
    let told = mistakes(&LEAST.replace("DANA_PASSWORD", "hunter2!"));
    assert!(told.contains("line 11") && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::load(Path::new("/nonexistent/config.toml")).unwrap_err();
    assert!(error.to_string().starts_with("/nonexistent/config.toml can't be read"));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "(\\[\\[account\\]\\]|\\[account\\.imap\\]|[a-z_]{1,6} = |[\\[\\]=\"\n.0-9]|\\PC){0,40}") {
        if let Err(error) = parse(&text) {
            let ConfigError::Invalid { problems, .. } = error else { panic!("{error}") };
            proptest::prop_assert!(!problems.is_empty());
        }
    }
}

#[test]
fn loading_reads_the_sequences_and_the_holidays_beside_the_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("config.toml");
    let save = |extra: &str| std::fs::write(&path, format!("{LEAST}\n[follow_up]\n{extra}")).unwrap();
    save("sequence = \"gentle\"\nholidays = \"days.ics\"");
    let line = |error: ConfigError| match error {
        ConfigError::Invalid { problems, .. } => problems.first().and_then(|problem| problem.line),
        ConfigError::Unreadable { .. } => None,
    };
    let expected = std::fs::read_to_string(&path).unwrap().lines().position(|line| line.contains("gentle"));
    assert_eq!(line(Config::load(&path).unwrap_err()), expected.map(|index| index + 1), "no such sequence");

    let sequences = folder.path().join("templates/sequences");
    std::fs::create_dir_all(&sequences).unwrap();
    std::fs::write(sequences.join("gentle.toml"), "[[step]]\nafter = \"10 dogs\"\ntemplate = \"x\"").unwrap();
    assert_eq!(line(Config::load(&path).unwrap_err()), Some(2), "a mistake in it");

    std::fs::write(sequences.join("gentle.toml"), "[[step]]\nafter = \"10d\"\ntemplate = \"x\"").unwrap();
    assert!(Config::load(&path).unwrap_err().to_string().contains("days.ics"), "no holidays");

    let day = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\nEND:VEVENT\nEND:VCALENDAR\n";
    std::fs::write(folder.path().join("days.ics"), day.replace("20261225", "Christmas")).unwrap();
    assert_eq!(line(Config::load(&path).unwrap_err()), Some(3), "a mistake in them");

    std::fs::write(folder.path().join("days.ics"), day).unwrap();
    let config = Config::load(&path).unwrap();
    assert!(config.sequences.get("gentle").is_some());
    assert!(!config.calendar().is_working(jiff::civil::date(2026, 12, 25)));
}
