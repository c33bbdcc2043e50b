use std::path::PathBuf;

use clap::Parser as _;

use super::*;
use crate::app::correct::tests::{CONFIG, World, learn_all, now};
use crate::cli::{Cli, Command, dispatch};
use crate::clock::Clock;

/// A workspace on disk with the mails of the story.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), CONFIG).unwrap();
        let home = Self { folder };
        let workspace = home.call().workspace().unwrap();
        learn_all(&mut workspace.store(), &workspace.config);
        workspace.app().consider(&mut workspace.store(), now(), |_| {}).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn call(&self) -> Call {
        Call {
            json: true,
            look: look::Look::PLAIN,
            clock: Clock::fixed(now()),
            config: Some(self.path("config.toml")),
            data: Some(self.path("data")),
        }
    }

    /// The exit code, or the error.
    fn run(&self, words: &[&str]) -> Result<ExitCode, String> {
        let cli = Cli::try_parse_from(std::iter::once("checkback").chain(words.iter().copied()))
            .map_err(|error| error.to_string())?;
        let command: Command = cli.command;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(dispatch(&self.call(), command)).map_err(|error| {
            assert!(error.is::<Usage>(), "{error:#}");
            format!("{error:#}")
        })
    }

    fn mail(&self, id: &str) -> StoredMail {
        one_mail(&self.call().workspace().unwrap(), id).unwrap()
    }
}

#[test]
fn a_story_of_review_correct_and_undo() {
    let home = Home::new();
    let code = |n: u8| Ok(ExitCode::from(n));
    assert_eq!(home.run(&["review", "yes", "p1"]), code(0));
    assert_eq!(home.run(&["correct", "<re1@x.example>", "--kind", "automatic", "--only"]), code(0));
    assert_eq!(home.run(&["correct", "re2@x.example", "--tone", "not_now:2027-03-01"]), code(0));
    assert_eq!(home.run(&["pause"]), code(0));
    assert_eq!(home.mail("re1@x.example").gist.kind, Kind::Automatic);
    assert_eq!(home.mail("re2@x.example").gist.tone.unwrap().as_str(), "not_now");
    assert_eq!(home.run(&["why", "re1@x.example"]), code(0));
    for _ in 0..4 {
        assert_eq!(home.run(&["undo"]), code(0));
    }
    assert_eq!(home.run(&["undo"]), code(1));
    assert_eq!(home.mail("re1@x.example").gist.kind, Kind::Human);
    assert_eq!(home.run(&["review", "yes", "p1"]), code(0), "the proposal is open again");
}

#[test]
fn what_is_wrong_says_what_to_do() {
    let home = Home::new();
    for (words, says) in [
        (vec!["correct", "re1@x.example"], "--kind"),
        (vec!["correct", "nobody@x.example", "--never"], "number from a list"),
        (vec!["correct", "re1@x.example", "--tone", "perhaps"], "not_now:2027-03-01"),
        (vec!["correct", "re1@x.example", "--answers", "77"], "checkback outreach list"),
        (vec!["correct", "re1@x.example", "--answers", "1", "--not", "1"], "leave one away"),
        (vec!["correct", "ask1@x.example", "--kind", "bulk"], "yourself"),
        (vec!["correct", "re1@x.example", "--kind", "letter"], "possible values"),
    ] {
        let error = home.run(&words).unwrap_err();
        assert!(error.contains(says), "{words:?}: {error}");
    }
}

#[test]
fn a_test_case_holds_what_is_expected_and_nobodys_name_and_overwrites_nothing() {
    let home = Home::new();
    let file = home.path("case");
    let name = file.to_str().unwrap();
    home.run(&["correct", "re1@x.example", "--kind", "out_of_office", "--export", name]).unwrap();
    let eml = std::fs::read_to_string(home.path("case.eml")).unwrap();
    let case = std::fs::read_to_string(home.path("case.json")).unwrap();
    for told in ["ann@", "Archer", "acme", "Dana", "devmail"] {
        assert!(!eml.contains(told) && !case.contains(told), "{told}: {eml}{case}");
    }
    let case: serde_json::Value = serde_json::from_str(&case).unwrap();
    assert_eq!(case["expected"]["kind"], "out_of_office");
    assert_eq!(case["read_from_the_eml"]["kind"], "human");
    assert!(case["left_out"].as_array().is_some_and(|list| !list.is_empty()));
    let workspace = home.call().workspace().unwrap();
    let id = one_mail(&workspace, "re1@x.example").unwrap().id;
    assert!(export(&workspace, id, &file).unwrap_err().to_string().contains("does not exist yet"));
}

#[test]
fn why_shows_a_correction_and_where_it_was_said() {
    let mut world = World::new();
    world.correct_kind("re1", Kind::Automatic);
    let shown = crate::store::corrections::listed(world.store.read(), world.id("re2")).unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].message, shown[0].value()), (world.id("re1"), "automatic".to_owned()));
}
