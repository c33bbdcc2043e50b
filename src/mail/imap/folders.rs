//! The folders of an account and what each is for: by SPECIAL-USE (RFC 6154), by XLIST, else by name.

use std::collections::BTreeSet;

use super::super::folder_names::{NAMES, Role, decoded, folded};
use super::ImapError;
use super::session::{Budget, Line};
use super::syntax::{Command, ListLine, list_line};

/// One folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The name as the server writes it (modified UTF-7): opaque, for commands and as a key.
    pub name: String,
    /// The name for people.
    pub display: String,
    /// What it is for.
    pub role: Role,
    /// Whether it can be opened.
    pub selectable: bool,
}

pub(super) async fn list(line: &mut Line) -> Result<Vec<Folder>, ImapError> {
    // plain LIST need not tell special uses (RFC 6154 §2); where it can be asked for, ask
    let first = if line.has("SPECIAL-USE") && line.has("LIST-EXTENDED") {
        "LIST \"\" \"*\" RETURN (SPECIAL-USE)"
    } else if line.has("XLIST") && !line.has("SPECIAL-USE") {
        "XLIST \"\" \"*\""
    } else {
        PLAIN
    };
    const PLAIN: &str = "LIST \"\" \"*\"";
    let budget = Budget::of(64 * 1024, 16 << 20);
    let result = line.command("LIST", Command::new(first).pieces(), budget, |_| {}).await;
    match result {
        Err(ImapError::Refused { .. }) if first != PLAIN => {
            line.command("LIST", Command::new(PLAIN).pieces(), budget, |_| {}).await?;
        }
        other => other?,
    }
    let lines: Vec<ListLine> = line.take_names().iter().filter_map(|line| list_line(line)).collect();
    Ok(assign_roles(&lines))
}

/// At most one folder has a role, except [`Role::Outreach`] and [`Role::Other`]: the server's word
/// goes before names, the order of the table before the order of folders.
pub(super) fn assign_roles(lines: &[ListLine]) -> Vec<Folder> {
    let mut seen = BTreeSet::new();
    let mut folders: Vec<(Folder, &ListLine)> = lines
        .iter()
        .filter(|line| seen.insert(line.name.as_str()))
        .map(|line| {
            let has = |name: &str| line.attributes.iter().any(|attribute| attribute == name);
            let folder = Folder {
                name: line.name.clone(),
                display: decoded(&line.name),
                role: Role::Other,
                selectable: !has("\\noselect") && !has("\\nonexistent"),
            };
            (folder, line)
        })
        .collect();
    give(&mut folders, Role::Inbox, |folder, _| folder.name.eq_ignore_ascii_case("INBOX"));
    for (role, attributes) in ATTRIBUTES {
        give(&mut folders, *role, |_, line| line.attributes.iter().any(|seen| attributes.contains(&seen.as_str())));
    }
    for (role, names) in NAMES.iter().filter(|(role, _)| *role != Role::Inbox) {
        for name in *names {
            give(&mut folders, *role, |folder, line| {
                leaf_near_the_root(&folder.display, line.delimiter).is_some_and(|leaf| folded(leaf) == *name)
            });
        }
    }
    for (folder, line) in &mut folders {
        let leaf = line.delimiter.and_then(|delimiter| folder.display.rsplit(delimiter).next());
        if folder.role == Role::Other && leaf.unwrap_or(&folder.display).eq_ignore_ascii_case("Outreach") {
            folder.role = Role::Outreach;
        }
    }
    folders.into_iter().map(|(folder, _)| folder).collect()
}

/// Attributes of SPECIAL-USE and of XLIST, in lower case.
const ATTRIBUTES: &[(Role, &[&str])] = &[
    (Role::Inbox, &["\\inbox"]),
    (Role::Sent, &["\\sent"]),
    (Role::Drafts, &["\\drafts"]),
    (Role::Junk, &["\\junk", "\\spam"]),
    (Role::Trash, &["\\trash"]),
    (Role::All, &["\\all", "\\allmail"]),
    (Role::Archive, &["\\archive"]),
];

/// Gives the role to the first folder that fits and has none, unless some folder has it already.
fn give(folders: &mut [(Folder, &ListLine)], role: Role, fits: impl Fn(&Folder, &ListLine) -> bool) {
    if folders.iter().any(|(folder, _)| folder.role == role) {
        return;
    }
    let free = |folder: &Folder| folder.role == Role::Other && folder.selectable;
    if let Some((folder, _)) = folders.iter_mut().find(|(folder, line)| free(folder) && fits(folder, line)) {
        folder.role = role;
    }
}

/// The last element of a path that lies at the root, below INBOX or below a provider's own root: a
/// user's `Clients/Sent` is not where mail is sent from.
fn leaf_near_the_root(display: &str, delimiter: Option<char>) -> Option<&str> {
    const ROOTS: &[&str] = &["INBOX", "[Gmail]", "[Google Mail]", "[Mail]"];
    let Some((parent, leaf)) = delimiter.and_then(|delimiter| display.rsplit_once(delimiter)) else {
        return Some(display);
    };
    ROOTS.iter().any(|root| parent.eq_ignore_ascii_case(root)).then_some(leaf)
}

#[cfg(test)]
mod tests;
