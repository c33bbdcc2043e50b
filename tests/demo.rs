//! `checkback demo` as a visitor meets it: one command, nothing else, and the servers to play with.

#[cfg(test)]
mod common {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::process::{Child, Command, Output, Stdio};
    use std::time::Instant;

    use serde_json::Value;

    /// More than a slow machine needs; a demo that hangs fails by it.
    pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

    /// The command in an empty home, so that no config can be found.
    pub fn demo(home: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_checkback"));
        command.arg("demo").env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home).env("TMPDIR", home);
        command
    }

    /// Runs it to its end, and fails if that does not come.
    pub fn run(command: &mut Command) -> Output {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (out, err) = (std::thread::spawn(|| all(out)), std::thread::spawn(|| all(err)));
        ends(&mut child);
        Output { status: child.wait().unwrap(), stdout: out.join().unwrap(), stderr: err.join().unwrap() }
    }

    /// Waits for its end, and ends it if that does not come.
    pub fn ends(child: &mut Child) {
        let began = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if began.elapsed() > PATIENCE {
                child.kill().unwrap();
                panic!("it did not end within {PATIENCE:?}");
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    fn all(mut from: impl std::io::Read) -> Vec<u8> {
        let mut read = Vec::new();
        from.read_to_end(&mut read).unwrap();
        read
    }

    pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
        value[key].as_str().unwrap()
    }

    pub fn rules(summary: &Value) -> BTreeMap<String, Vec<String>> {
        let rows = summary["not_answered"].as_array().unwrap();
        let rules =
            |row: &Value| row["blocked_by"].as_array().unwrap().iter().map(|r| r.as_str().unwrap().into()).collect();
        // the last mail of a sender: Harriet Lowe's first one was answered
        rows.iter().map(|row| (text(row, "from").to_owned(), rules(row))).collect()
    }
}

#[cfg(test)]
mod once {
    use serde_json::Value;

    use super::common::{demo, ends, rules, run, text};

    fn summary(home: &std::path::Path) -> Value {
        let output = run(demo(home).arg("--json"));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[test]
    fn exactly_the_recruiters_pitches_are_answered_and_all_else_says_why_not() {
        let home = tempfile::tempdir().unwrap();
        let summary = summary(home.path());

        assert_eq!(summary["first_start"]["answered"], 0);
        assert_eq!(summary["first_start"]["outreach"], 46);
        assert_eq!(summary["first_start"]["recruiters"], 3);

        let answered: Vec<&str> = summary["answered"].as_array().unwrap().iter().map(|row| text(row, "to")).collect();
        assert_eq!(
            answered,
            [
                "harriet.lowe@castlegate-search.example",
                "diego.santos@meridian-labs.example",
                "k.vogt@vogt-und-partner.example"
            ]
        );
        assert!(summary["answered"].as_array().unwrap().iter().all(|row| row["check_back_on"].is_string()));

        let rules = rules(&summary);
        let blocks = |from: &str, rule: &str| {
            let found = rules.get(from).unwrap_or_else(|| panic!("{from} was answered or lost: {rules:?}"));
            assert!(found.iter().any(|name| name == rule), "{from}: {found:?}, not {rule}");
        };
        blocks("tobias@swiftmatch.example", "automatic_marks");
        blocks("no-reply@corvid-careers.example", "automatic_marks");
        blocks("hr.lindaparker77@freepost.example", "scam");
        blocks("jonas@brandt-talent.example", "known_person");
        blocks("leila.farsi@tessera-maps.example", "known_person");
        blocks("alerts@jobradar.example", "not_human");
        blocks("harriet.lowe@castlegate-search.example", "already_answered");
        assert_eq!(rules["ada@winther-consulting.example"], ["unsure"]);
        assert_eq!(rules.len(), 8);
    }

    #[test]
    fn the_rate_and_the_evidence_are_those_of_the_sample() {
        let home = tempfile::tempdir().unwrap();
        let summary = summary(home.path());
        let rate = &summary["rate"];
        assert_eq!(rate["sent"], 46);
        assert_eq!((&rate["bounced"], &rate["refused"], &rate["delivered"]), (&3.into(), &1.into(), &42.into()));
        assert_eq!((&rate["observed"]["answered"], &rate["observed"]["of"]), (&8.into(), &32.into()));
        assert_eq!(rate["verdict"], "too_early");

        let matched = summary["matched"].as_array().unwrap();
        let evidence = |from: &str| {
            let row = matched.iter().find(|row| text(row, "from") == from).unwrap_or_else(|| panic!("{from} is lost"));
            (text(row, "kind"), text(row, "level"))
        };
        assert_eq!(evidence("mira.okafor@northlake.example"), ("human", "sure"));
        assert_eq!(evidence("priya.raman@postbox.example"), ("human", "likely"));
        assert_eq!(evidence("lena.hofer@bergtal.example"), ("human", "sure"));
        assert_eq!(evidence("maja.sundberg@holmworks.example"), ("human", "likely"));
        assert_eq!(evidence("ruth.adeyemi@canalstreet.example"), ("out_of_office", "sure"));
        assert_eq!(evidence("support@northgate.example"), ("automatic", "sure"));
        assert_eq!(evidence("postmaster@tallgrass.example"), ("bounce", "sure"));

        let report = std::fs::read_to_string(text(&summary, "report")).unwrap();
        assert!(report.starts_with("<!doctype html>") || report.starts_with("<!DOCTYPE html>"));
        assert!(report.contains("8 of 32"));
        let left: Vec<String> = std::fs::read_dir(home.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(left, ["checkback-demo"], "only the report stays");
    }

    #[test]
    fn the_story_is_told_in_eighty_columns() {
        let home = tempfile::tempdir().unwrap();
        let output = run(&mut demo(home.path()));
        assert!(output.status.success());
        let said = String::from_utf8(output.stdout).unwrap();
        for line in said.lines() {
            let path = line.contains("report.html");
            assert!(path || line.chars().count() <= 80, "{line}");
            assert!(!line.contains('\u{1b}'), "colours in a pipe: {line}");
        }
        assert!(said.contains("Thanks for reaching out to me, but right now is not a good time"));
        assert!(said.contains("8 of 32"));
    }

    #[test]
    fn a_closed_pipe_ends_it_quietly() {
        let home = tempfile::tempdir().unwrap();
        let mut child = demo(home.path())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        ends(&mut child);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}

#[cfg(all(test, unix))]
mod serve {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use serde_json::Value;

    use super::common::{PATIENCE, demo, ends, text};

    /// Ends the program even if the test fails first.
    struct Running(Child);

    impl Drop for Running {
        fn drop(&mut self) {
            let _gone = self.0.kill();
            let _status = self.0.wait();
        }
    }

    /// Says lines and gives back everything until the server closes.
    fn talk(address: &str, lines: &[&str]) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut said = String::new();
        reader.read_line(&mut said).unwrap();
        for line in lines {
            stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
            if *line == "DATA" {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        reader.read_to_string(&mut said).unwrap();
        said
    }

    fn inbox(imap: &str) -> String {
        let lines = ["a LOGIN recruiter demo", "b EXAMINE INBOX", "c UID FETCH 1:* (BODY.PEEK[])", "d LOGOUT"];
        talk(imap, &lines)
    }

    #[test]
    fn a_mailed_pitch_gets_its_answer_and_an_interrupt_ends_it_orderly() {
        let home = tempfile::tempdir().unwrap();
        let child = demo(home.path()).args(["--serve", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut running = Running(child);
        let mut first = String::new();
        let mut out = BufReader::new(running.0.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        let summary: Value = serde_json::from_str(&first).unwrap();
        let servers = &summary["servers"];

        let said = talk(
            text(servers, "smtp"),
            &[
                "EHLO agency.example",
                "MAIL FROM:<recruiter@agency.example>",
                "RCPT TO:<dana@devmail.example>",
                "DATA",
                "From: Robin Vale <recruiter@agency.example>",
                "To: dana@devmail.example",
                "Subject: Lead Rust Developer in Bristol",
                "",
                "Hi Dana,",
                "",
                "I'm a recruiter at Vale Search and came across your profile. My client is hiring a",
                "Lead Rust Developer in Bristol, permanent, 90-100k. Would you be open to a call?",
                "",
                "Robin Vale",
                ".",
                "QUIT",
            ],
        );
        assert!(said.contains("250 2.0.0"), "{said}");

        let began = Instant::now();
        let answer = loop {
            let mails = inbox(text(servers, "imap"));
            if mails.contains("check back in 8 months") {
                break mails;
            }
            assert!(began.elapsed() < PATIENCE, "no answer came: {mails}");
            std::thread::sleep(Duration::from_millis(200));
        };
        assert!(answer.contains("Subject: Re: Lead Rust Developer in Bristol"), "{answer}");
        assert!(answer.contains("Auto-Submitted: auto-replied"));
        assert_eq!(answer.matches("check back in 8 months").count(), 1);

        let pid = running.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        ends(&mut running.0);
        assert!(running.0.wait().unwrap().success());
        let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["checkback-demo"], "the scratch folder is gone");
    }
}
