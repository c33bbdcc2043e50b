//! What the documents name is there: every linked or quoted path, and every test.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document with its text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut found: Vec<PathBuf> = ["README.md", "CHANGELOG.md"].map(|name| root().join(name)).to_vec();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found.into_iter().filter_map(|path| fs::read_to_string(&path).ok().map(|text| (path, text))).collect()
}

/// What the first group of a pattern finds in all documents.
fn named(pattern: &str) -> Vec<(PathBuf, String)> {
    let pattern = Regex::new(pattern).unwrap();
    let of = |(path, text): &(PathBuf, String)| -> Vec<(PathBuf, String)> {
        pattern.captures_iter(text).map(|found| (path.clone(), found[1].to_owned())).collect()
    };
    documents().iter().flat_map(of).collect()
}

#[test]
fn every_link_leads_to_a_file() {
    let links = named(r"\]\(([^)\s]+)\)");
    assert!(links.len() > 50, "{}", links.len());
    let missing: Vec<_> = links
        .iter()
        .filter(|(_, link)| !link.contains("://") && !link.starts_with(['#', '/']))
        .filter(|(document, link)| {
            let path = link.split('#').next().unwrap_or_default();
            !document.parent().unwrap().join(path).exists()
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_path_of_the_repository_exists() {
    let paths = named(r"`((?:src|tests|docs|templates|examples|benches)/[^`\s]*)`");
    assert!(!paths.is_empty());
    let missing: Vec<_> = paths.iter().filter(|(_, path)| !root().join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_test_that_is_named_exists() {
    let tests = named(r"`((?:\w+::)+tests::\w+)`");
    assert!(tests.len() > 30, "{}", tests.len());
    let exists = |path: &str| {
        let (module, name) = path.rsplit_once("::").unwrap();
        let file = root().join("src").join(module.replace("::", "/")).with_extension("rs");
        fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("fn {name}(")))
    };
    let missing: Vec<_> = tests.iter().filter(|(_, path)| !exists(path)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
