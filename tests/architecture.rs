//! Who may use whom: reads the sources and fails where a module reaches for what is not its own.

#[cfg(test)]
mod rules {
    use std::fs;
    use std::path::{Path, PathBuf};

    /// A module, what of ours it may use, and words that must not stand in it.
    const MODULES: &[(&str, &[&str], &[&str])] = &[
        (
            "domain",
            &["domain"],
            &[
                "tokio",
                "rusqlite",
                "lettre",
                "handlebars",
                "async_imap",
                "rayon",
                "std::fs",
                "std::net",
                "std::env",
                "std::thread",
                "std::process",
                "async fn",
                ".await",
                "::now()",
                "getrandom",
            ],
        ),
        ("store", &["domain", "store"], &["lettre", "async_imap", "tokio", "handlebars", "::now()", ".await"]),
        ("mail", &["domain", "config", "mail"], &["rusqlite"]),
        ("config", &["domain", "config"], &["rusqlite", "tokio", "lettre", "async_imap"]),
        ("clock", &["clock"], &["rusqlite", "tokio"]),
        (
            "app",
            &["app", "domain", "store", "mail::compose", "report", "config"],
            &["tokio", "async_imap", "lettre", "clap", "std::net", "sleep", ".await"],
        ),
        ("service", &["service", "app", "store", "mail", "clock", "config", "domain"], &["clap"]),
        ("report", &["report", "domain", "store"], &["tokio", "lettre", "async_imap", "std::net", ".await"]),
        ("sandbox", &["sandbox"], &["rusqlite", "lettre", "async_imap"]),
        (
            "cli",
            &["cli", "app", "store", "report", "config", "clock", "service", "sandbox", "domain", "mail"],
            &["lettre", "async_imap", "store::apply", "mail::smtp", "mail::imap"],
        ),
    ];

    /// The only places with a text of SQL.
    const SQL: &[&str] = &["SELECT ", "INSERT INTO", "INSERT OR ", "DELETE FROM", "UPDATE "];
    const MOST_LINES: usize = 500;

    struct Source {
        path: PathBuf,
        module: String,
        /// Without comments and without what stands under `#[cfg(test)]`.
        code: Vec<(usize, String)>,
        lines: usize,
    }

    fn sources() -> Vec<Source> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = Vec::new();
        collect(&root, &root, &mut found);
        assert!(found.len() > 50, "the sources are there");
        found
    }

    fn collect(root: &Path, folder: &Path, found: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let inside = path.strip_prefix(root).unwrap();
                let module = inside.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
                let is_test = inside.to_string_lossy().contains("tests") || inside.ends_with("mail/peer.rs");
                let code = if is_test { Vec::new() } else { code(&text) };
                found.push(Source { module, code, lines: text.lines().count(), path: inside.to_owned() });
            }
        }
    }

    fn code(text: &str) -> Vec<(usize, String)> {
        let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
        let lines = text[..end].lines().enumerate();
        lines
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(n, line)| (n + 1, line.to_owned()))
            .collect()
    }

    /// Every `crate::…` path of a source, `use crate::{a, b::c}` taken apart.
    fn paths(source: &Source) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (index, (number, line)) in source.code.iter().enumerate() {
            for (at, _) in line.match_indices("crate::") {
                let rest = &line[at + "crate::".len()..];
                match rest.strip_prefix('{') {
                    None => found.push((*number, word(rest))),
                    Some(group) => {
                        let following = source.code[index + 1..].iter().map(|(_, line)| line.as_str());
                        let whole: String = std::iter::once(group).chain(following).collect::<Vec<_>>().join(" ");
                        found.extend(group_members(&whole).into_iter().map(|member| (*number, member)));
                    }
                }
            }
        }
        found
    }

    fn word(text: &str) -> String {
        let path: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == ':').collect();
        path.trim_end_matches(':').to_owned()
    }

    /// The first words of the members of `a, b::{c, d}, e}`.
    fn group_members(text: &str) -> Vec<String> {
        let (mut depth, mut start, mut members) = (0, true, Vec::new());
        for (at, c) in text.char_indices() {
            match c {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && !c.is_whitespace() => {
                    members.push(word(&text[at..]));
                    start = false;
                }
                _ => {}
            }
        }
        members
    }

    fn is_within(path: &str, allowed: &str) -> bool {
        path == allowed || path.strip_prefix(allowed).is_some_and(|rest| rest.starts_with("::"))
    }

    #[test]
    fn no_module_uses_what_is_not_its_own() {
        let mut faults = Vec::new();
        for source in sources() {
            let Some((_, allowed, _)) = MODULES.iter().find(|(module, ..)| *module == source.module) else {
                assert!(
                    ["main", "lib"].contains(&source.module.as_str()),
                    "{}: a module without a rule",
                    source.module
                );
                continue;
            };
            for (line, path) in paths(&source) {
                if !allowed.iter().any(|allowed| is_within(&path, allowed)) {
                    faults.push(format!("{}:{line}: crate::{path}", source.path.display()));
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn no_module_uses_a_crate_that_is_not_for_it() {
        let mut faults = Vec::new();
        for source in sources() {
            let Some((.., forbidden)) = MODULES.iter().find(|(module, ..)| *module == source.module) else { continue };
            for (line, text) in &source.code {
                for word in forbidden.iter().filter(|word| contains_word(text, word)) {
                    faults.push(format!("{}:{line}: {word}", source.path.display()));
                }
            }
            // `use crate::store::{apply, …}`
            if source.module == "cli" {
                let text: String = source.code.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>().join(" ");
                if text.contains("apply::") {
                    faults.push(format!("{}: apply::", source.path.display()));
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    fn contains_word(text: &str, word: &str) -> bool {
        let begins_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let outside: String = text.split('"').step_by(2).collect();
        outside.match_indices(word).any(|(at, _)| {
            !word.starts_with(begins_name) || !outside[..at].chars().next_back().is_some_and(begins_name)
        })
    }

    #[test]
    fn sql_stands_in_the_store_only() {
        let mut faults = Vec::new();
        for source in sources().iter().filter(|source| source.module != "store") {
            for (line, text) in &source.code {
                if SQL.iter().any(|word| text.contains(word)) {
                    faults.push(format!("{}:{line}: {}", source.path.display(), text.trim()));
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn the_time_is_read_in_one_place() {
        let words = ["Timestamp::now", "Zoned::now", "SystemTime::now", "Instant::now"];
        let mut faults = Vec::new();
        for source in sources() {
            for (line, text) in &source.code {
                // what only measures how long something takes is no reading of the time
                let found = words.iter().filter(|word| **word != "Instant::now" && text.contains(**word));
                faults.extend(found.map(|word| format!("{}:{line}: {word}", source.path.display())));
            }
        }
        faults.retain(|fault| !fault.starts_with("clock.rs"));
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn files_stay_short() {
        let tables = |path: &Path| path.ends_with("words.rs") || path.ends_with("reason_words.rs");
        let long: Vec<String> = sources()
            .iter()
            .filter(|source| source.lines > MOST_LINES && !tables(&source.path))
            .map(|source| format!("{}: {} lines", source.path.display(), source.lines))
            .collect();
        assert!(long.is_empty(), "{}", long.join("\n"));
    }

    #[test]
    fn groups_of_imports_are_taken_apart() {
        assert_eq!(group_members("store::{a, b}, clock, mail::x as y}; z"), ["store", "clock", "mail::x"]);
        assert!(contains_word("use std::fs;", "std::fs") && !contains_word("my_tokio", "tokio"));
        assert!(is_within("mail::compose::x", "mail::compose") && !is_within("mailbox", "mail"));
    }
}
