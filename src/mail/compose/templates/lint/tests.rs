use std::collections::BTreeMap;
use std::fs;

use super::*;

fn findings(source: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.hbs"), source).unwrap();
    fs::write(folder.path().join("closing.hbs"), "Yours, {{my_first_name}}").unwrap();
    let templates = Templates::load(folder.path()).unwrap();
    assert!(templates.lint("closing").is_ok());
    templates.lint("mine").unwrap().into_iter().map(|found| found.what).collect()
}

#[test]
fn the_shipped_templates_are_clean_and_each_needs_words_of_the_users_own() {
    let templates = Templates::shipped();
    for (name, _) in templates.names() {
        assert_eq!(templates.lint(name).unwrap(), [], "{name}");
        let source = templates.source(name).unwrap();
        if source.header.values.is_empty() {
            continue;
        }
        let needs = templates.needs(name).unwrap();
        let own = ["why", "what", "outcome", "news", "about"];
        assert!(
            own.iter().any(|word| needs.contains(*word)),
            "{name} needs words that nobody writes for a hundred people"
        );
        assert!(source.text.trim_end().ends_with("{{my_first_name}}"), "{name}");
        for value in needs.iter().filter(|value| {
            !["greeting", "first_name", "my_first_name", "introduced", "introduced_on", "today"]
                .contains(&value.as_str())
        }) {
            assert!(source.header.meaning(value).is_some(), "{name} does not say what {value} means");
        }
    }
    for name in ["application", "coffee", "referral", "thank-you"] {
        assert!(!templates.source(name).unwrap().header.values.is_empty(), "{name}");
    }
}

#[test]
fn a_good_template_has_no_fault() {
    let good = "{{!-- About something.\nwhy: why [Name] TODO\n--}}\nSubject: Hi {{name}}\n\nHi {{name}},\n\n\
                {{#if why}}{{why}}{{/if}}\n{{> closing}}\n";
    assert_eq!(findings(good), Vec::<String>::new());
}

#[test]
fn each_fault_is_found_and_says_what_to_do() {
    for (source, told) in [
        ("Hi {{name}}", "it has no subject"),
        ("Subject: x\n{{#if name}}Hi", "{{#if}} of line 2 is not closed: write {{/if}}"),
        ("{{!-- a\nb --}}\nSubject: x\n\n{{#if name}}{{#each name}}x{{/each}}", "{{#if}} of line 5 is not closed"),
        ("Subject: x\nHi{{/if}}", "{{/if}} of line 2 closes nothing"),
        ("Subject: x\nHi {{ }}", "it can't be read"),
        ("Subject: x\n{{upper name}}", "no helper upper"),
        ("Subject: x\n{{#shout}}x{{/shout}}", "no helper shout"),
        ("Subject: {{lower name}}\nx", "no helper lower"),
        ("Subject: x\n{{> farewell}}", "no template farewell"),
        ("Subject: x\nDear [Name],", "[Name] was meant"),
        ("Subject: x\nI admire <your company>.", "<your company> was meant"),
        ("Subject: x\nHi {first_name},", "{first_name} was meant"),
        ("Subject: x\nHi %FIRST_NAME%,", "%FIRST_NAME% was meant"),
        ("Subject: x\nTODO say why", "TODO was meant"),
        ("Subject: XXX\nx", "XXX was meant"),
        ("Subject: x\nHi {{name}} ,", "a space between a value and the punctuation"),
        ("Subject: x\n\tHi", "a tab"),
        ("{{!-- why: because --}}\nSubject: x\nHi", "explains why, which it does not use"),
    ] {
        let found = findings(source);
        assert!(found.iter().any(|what| what.contains(told)), "{source:?}: {found:?}");
    }
    assert!(findings(&format!("Subject: x\n{}", "a".repeat(999)))[0].contains("longer than 998"));
    assert_eq!(findings(&format!("Subject: x\n{}", "a".repeat(998))), Vec::<String>::new());
}

#[test]
fn lines_are_counted_from_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.hbs"), "{{!-- x\ny --}}\nSubject: x\n\nTODO").unwrap();
    let found = Templates::load(folder.path()).unwrap().lint("mine").unwrap();
    assert_eq!(found.iter().map(|one| one.line).collect::<Vec<_>>(), [Some(5)]);
}

#[test]
fn every_helper_that_is_told_exists() {
    let folder = tempfile::tempdir().unwrap();
    for helper in HELPERS.iter().filter(|helper| !["if", "unless", "each", "with", "raw"].contains(helper)) {
        let pair = match *helper {
            "not" | "len" => "a",
            "first-name" => "name",
            "past-day" | "coming-day" => "today",
            "working-day" => "3",
            _ => "a b",
        };
        fs::write(folder.path().join(format!("{helper}.hbs")), format!("{{{{{helper} {pair}}}}}")).unwrap();
    }
    let templates = Templates::load(folder.path()).unwrap();
    let values = BTreeMap::from(
        [("a", "1"), ("b", "1"), ("name", "Ada Moreau"), ("today", "2026-03-10")]
            .map(|(k, v)| (k.to_owned(), v.to_owned())),
    );
    for (name, _) in templates.names().filter(|(_, own)| *own) {
        assert!(templates.render(name, None, &values).is_ok(), "{name}");
    }
}

#[test]
fn ordinary_words_are_no_leftovers() {
    for text in [
        "I write C++ [1] and <b>bold</b> text",
        "see [RFC 5322]",
        "<dana@devmail.example>",
        "<https://devmail.example/my-link>",
        "a_b__c",
        "50% off, 20% done",
        "in my role (staff engineer)",
        "{ x: 1 }",
    ] {
        assert_eq!(leftovers(text), Vec::<String>::new(), "{text}");
    }
}
