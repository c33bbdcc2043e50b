use super::*;

fn roles(lines: &[(&str, Option<char>, &str)]) -> Vec<(String, Role)> {
    let lines: Vec<ListLine> = lines
        .iter()
        .map(|(attributes, delimiter, name)| ListLine {
            attributes: attributes.split_whitespace().map(str::to_owned).collect(),
            delimiter: *delimiter,
            name: (*name).to_owned(),
        })
        .collect();
    assign_roles(&lines)
        .into_iter()
        .filter(|folder| folder.role != Role::Other)
        .map(|folder| (folder.display, folder.role))
        .collect()
}

fn owned(expected: &[(&str, Role)]) -> Vec<(String, Role)> {
    expected.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect()
}

#[test]
fn the_servers_word_goes_before_names() {
    let seen = roles(&[
        ("", Some('/'), "inbox"),
        ("", Some('/'), "Sent"),
        ("\\sent", Some('/'), "Ausgang"),
        ("\\all", Some('/'), "[Gmail]/Alle Nachrichten"),
        ("\\noselect", Some('/'), "[Gmail]"),
        ("", Some('/'), "[Gmail]/Papierkorb"),
    ]);
    let expected = [
        ("inbox", Role::Inbox),
        ("Ausgang", Role::Sent),
        ("[Gmail]/Alle Nachrichten", Role::All),
        ("[Gmail]/Papierkorb", Role::Trash),
    ];
    assert_eq!(seen, owned(&expected));
}

#[test]
fn localised_names_are_known_with_prefix_and_in_modified_utf_7() {
    let seen = roles(&[
        ("", Some('.'), "INBOX"),
        ("", Some('.'), "INBOX.Envoy&AOk-s"),
        ("", Some('.'), "INBOX.Corbeille"),
        ("", Some('.'), "INBOX.&kAFP4W4IMH8-"),
        ("", Some('.'), "INBOX.Brouillons"),
        ("", Some('.'), "INBOX.Archives"),
        ("", Some('.'), "INBOX.SPAM"),
    ]);
    let expected = [
        ("INBOX", Role::Inbox),
        ("INBOX.Envoyés", Role::Sent),
        ("INBOX.Corbeille", Role::Trash),
        ("INBOX.Brouillons", Role::Drafts),
        ("INBOX.Archives", Role::Archive),
        ("INBOX.SPAM", Role::Junk),
    ];
    // two names for Sent in two languages: one folder has the role
    assert_eq!(seen, owned(&expected));
}

#[test]
fn a_users_own_folders_do_not_take_a_role() {
    let seen = roles(&[
        ("", Some('/'), "INBOX"),
        ("", Some('/'), "Clients/Sent"),
        ("", Some('/'), "Sent to Bob"),
        ("\\noselect", Some('/'), "Trash"),
        ("\\nonexistent", Some('/'), "Spam"),
        ("", None, "a/Drafts"),
    ]);
    assert_eq!(seen, owned(&[("INBOX", Role::Inbox)]));
}

#[test]
fn outreach_is_the_last_part_of_a_path() {
    let seen = roles(&[
        ("", Some('/'), "Jobs/Outreach"),
        ("", Some('.'), "INBOX.outreach"),
        ("", Some('/'), "Outreach/2026"),
        ("", Some('/'), "Outreach ideas"),
    ]);
    assert_eq!(seen, owned(&[("Jobs/Outreach", Role::Outreach), ("INBOX.outreach", Role::Outreach)]));
}
