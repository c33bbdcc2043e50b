use std::fs;
use std::io::BufReader;

use proptest::prelude::*;
use rstest::rstest;
use tempfile::TempDir;

use super::mbox::{KEPT, Splitter};
use super::*;

const MAIL: &str =
    "From: Rita <rita@agency.example>\nDate: Mon, 5 Jan 2026 10:00:00 +0100\nSubject: Hello\n\nHi Dana\n";

fn split(bytes: &[u8]) -> Vec<(Option<String>, String)> {
    let mut splitter = Splitter::new(BufReader::with_capacity(7, bytes));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    std::iter::from_fn(|| splitter.next_mail().unwrap())
        .map(|split| (split.from_line.map(text), text(split.raw)))
        .collect()
}

fn bodies(bytes: &str) -> Vec<String> {
    split(bytes.as_bytes()).into_iter().map(|(_, raw)| raw).collect()
}

fn read(path: &Path) -> Vec<FileMail> {
    open(path).unwrap().map(Result::unwrap).collect()
}

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[rstest]
#[case::lf("\n")]
#[case::crlf("\r\n")]
fn an_mbox_is_split_at_its_from_lines_and_unquoted(#[case] end: &str) {
    let mbox =
        "From a@b.example Thu Jan  1 10:00:00 2026\nA: 1\n\n>From the text\n>>From twice\n> From not\nFrom here on\n\n\
                From c@d.example Fri Jan  2 10:00:00 2026\nB: 2\n\nlast without an end"
            .replace('\n', end);
    let expected = ["A: 1\n\nFrom the text\n>From twice\n> From not\nFrom here on\n", "B: 2\n\nlast without an end"];
    assert_eq!(bodies(&mbox), expected.map(|text| text.replace('\n', end)));
}

#[rstest]
#[case::no_blank_line("x\nFrom a@b Thu Jan  1 10:00:00 2026\nSubject: y\n", true)]
#[case::no_blank_line_and_no_header("x\nFrom a@b Thu Jan  1 10:00:00 2026\nthat is it\n", false)]
#[case::no_date("x\n\nFrom a@b.example\nSubject: y\n", true)]
#[case::sentence("x\n\nFrom Monday on we are open\nHours: 9 to 5\n", false)]
#[case::thunderbird("x\n\nFrom - Thu Jan 01 10:00:00 2026\nX-Mozilla-Status: 0001\n", true)]
#[case::takeout("x\n\nFrom 1789@xxx Thu Jan 01 10:00:00 +0000 2026\nX-GM-THRID: 1\n", true)]
#[case::zone_name("x\n\nFrom a@b Thu Jan  1 10:00:00 PST 2026\nA: b\n", true)]
#[case::no_seconds("x\n\nFrom a@b Thu Jan  1 10:00 2026\nA: b\n", true)]
#[case::date_in_words("x\n\nFrom Jan to Dec 2026\nwe hire\n", false)]
fn a_from_line_needs_two_of_its_three_signs(#[case] rest: &str, #[case] separates: bool) {
    let mbox = format!("From a@b Thu Jan  1 09:00:00 2026\nSubject: 1\n\n{rest}");
    assert_eq!(bodies(&mbox).len(), if separates { 2 } else { 1 });
}

#[test]
fn an_mbox_that_begins_with_a_mark_or_empty_lines_or_no_from_line_is_read() {
    assert_eq!(bodies("\u{feff}From a@b Thu Jan  1 09:00:00 2026\nA: 1\n"), ["A: 1\n"]);
    assert_eq!(bodies("\n\r\nFrom a@b Thu Jan  1 09:00:00 2026\nA: 1\n"), ["A: 1\n"]);
    assert_eq!(bodies("A: 1\n\nFrom a@b Thu Jan  1 09:00:00 2026\nB: 2\n"), ["A: 1\n", "B: 2\n"]);
    assert_eq!(bodies("\n\n"), Vec::<String>::new());
}

#[test]
fn an_empty_mail_between_two_from_lines_counts() {
    let line = "From a@b Thu Jan  1 09:00:00 2026\n";
    assert_eq!(bodies(&format!("{line}\n{line}A: 1\n")).len(), 2);
}

#[test]
fn a_mail_beyond_the_limit_is_cut_and_the_next_one_found() {
    let line = "From a@b Thu Jan  1 09:00:00 2026\n";
    let long_line = "x".repeat(3 * KEPT);
    let many_lines = "some text\n".repeat(KEPT / 5);
    for big in [long_line, many_lines] {
        let found = bodies(&format!("{line}A: 1\n\n{big}\n\n{line}B: 2\n"));
        assert_eq!(found.iter().map(String::len).collect::<Vec<_>>(), [KEPT, 5]);
    }
}

#[rstest]
#[case("From a@b Thu Jan  1 10:00:00 2026", "2026-01-01T10:00:00Z")]
#[case("From 17@xxx Thu Jan 01 10:00:00 +0000 2026", "2026-01-01T10:00:00Z")]
#[case("From a@b Thu Jan  1 10:00:00 2026 -0800", "2026-01-01T18:00:00Z")]
#[case("From a b c Wed Dec 31 23:59:60 GMT 2025\r\n", "2025-12-31T23:59:59Z")]
fn the_date_of_a_from_line_is_read(#[case] line: &str, #[case] expected: &str) {
    assert_eq!(from_line::date(line.as_bytes()), at(expected));
}

fn received(from_line: &str, fields: &str) -> Option<Timestamp> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.mbox");
    fs::write(&path, format!("{from_line}\n{fields}Subject: x\n\nHi\n")).unwrap();
    newest(&read(&path))
}

#[test]
fn a_mail_arrived_when_the_last_server_says_else_the_from_line_else_its_date() {
    let line = "From a@b Thu Jan  8 10:00:00 2026";
    let made_up = "From MAILER-DAEMON Thu Jan  8 10:00:00 2026";
    let date = "Date: Mon, 5 Jan 2026 10:00:00 +0100\n";
    let stamps = "Received: from x by y\n\twith ESMTP; Tue, 6 Jan 2026 10:00:00 +0000 (UTC)\n\
                  Received: from z by x; Mon, 5 Jan 2026 09:00:00 +0000\n";
    assert_eq!(received(line, &format!("{stamps}{date}")), at("2026-01-06T10:00:00Z"));
    assert_eq!(received(line, date), at("2026-01-08T10:00:00Z"));
    assert_eq!(received(made_up, date), at("2026-01-05T09:00:00Z"));
    assert_eq!(received(made_up, ""), at("2026-01-08T10:00:00Z"));
    assert_eq!(received("From a@b", ""), None);
}

#[rstest]
#[case("X-Gmail-Labels: Archived,Sent,Opened", FolderHint::Sent)]
#[case("X-Gmail-Labels: Inbox,Important,Unread", FolderHint::Inbox)]
#[case("X-Gmail-Labels: Spam,Inbox", FolderHint::Junk)]
#[case("X-Gmail-Labels: =?UTF-8?Q?Entw=C3=BCrfe,Ge=C3=B6ffnet?=", FolderHint::Drafts)]
#[case("X-Gmail-Labels: Archived,\n \"Sent to Mars\"", FolderHint::Other)]
#[case("X-Other: Sent", FolderHint::Unknown)]
fn gmail_labels_tell_the_folder(#[case] field: &str, #[case] expected: FolderHint) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("All mail Including Spam and Trash.mbox");
    fs::write(&path, format!("From a@b Thu Jan  1 10:00:00 2026\n{field}\n{MAIL}")).unwrap();
    assert_eq!(read(&path)[0].folder, expected);
}

#[test]
fn an_mbox_named_for_its_folder_tells_it_with_and_without_an_extension() {
    let folder = TempDir::new().unwrap();
    for (name, expected) in
        [("Gesendet.mbox", FolderHint::Sent), ("sent-2024", FolderHint::Sent), ("archive", FolderHint::Unknown)]
    {
        let path = folder.path().join(name);
        fs::write(
            &path,
            format!("From a@b Thu Jan  1 10:00:00 2026\n{MAIL}\nFrom a@b Thu Jan  1 10:00:00 2026\n{MAIL}"),
        )
        .unwrap();
        let mails = read(&path);
        assert_eq!(
            mails.iter().map(|mail| (mail.index, mail.folder)).collect::<Vec<_>>(),
            [(0, expected), (1, expected)]
        );
        assert_eq!(mails[1].file, path.to_string_lossy());
    }
}

fn write_all(root: &Path, files: &[&str]) {
    for file in files {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, MAIL).unwrap();
    }
}

/// The files that are found, named from the root, and their folders.
fn found(root: &Path) -> Vec<(String, FolderHint)> {
    let name = |mail: FileMail| Path::new(&mail.file).strip_prefix(root).unwrap().to_string_lossy().into_owned();
    read(root).into_iter().map(|mail| (mail.folder, mail)).map(|(folder, mail)| (name(mail), folder)).collect()
}

#[test]
fn a_maildir_is_read_with_its_folders_and_flags() {
    let root = TempDir::new().unwrap();
    write_all(
        root.path(),
        &[
            ".INBOX.Junk/cur/1.a:2,S",
            ".Lists.rust/cur/1.a:2,S",
            ".Sent/cur/1.a:2,S",
            ".Sent/new/2.a",
            ".cache/1.eml",
            "cur/.hidden",
            "cur/1.a:2,",
            "cur/2.a:2,DS",
            "cur/3.a:2,ST",
            "dovecot-uidlist",
            "new/4.a",
            "tmp/5.a",
        ],
    );
    let expected = [
        (".INBOX.Junk/cur/1.a:2,S", FolderHint::Junk),
        (".Lists.rust/cur/1.a:2,S", FolderHint::Other),
        (".Sent/cur/1.a:2,S", FolderHint::Sent),
        (".Sent/new/2.a", FolderHint::Sent),
        ("cur/1.a:2,", FolderHint::Inbox),
        ("cur/2.a:2,DS", FolderHint::Drafts),
        ("cur/3.a:2,ST", FolderHint::Trash),
        ("new/4.a", FolderHint::Inbox),
    ];
    assert_eq!(found(root.path()), expected.map(|(name, hint)| (name.to_owned(), hint)));
}

#[test]
fn maildirs_side_by_side_are_told_by_their_names() {
    let root = TempDir::new().unwrap();
    write_all(root.path(), &["INBOX/cur/1", "Sent/cur/1", "Sent/2024/cur/1", "work/cur/1", "work/.Trash/cur/1"]);
    let hints: Vec<FolderHint> = found(root.path()).into_iter().map(|(_, hint)| hint).collect();
    use FolderHint::{Inbox, Sent, Trash};
    assert_eq!(hints, [Inbox, Sent, Sent, Trash, Inbox]);
    assert_eq!(read(&root.path().join("Sent"))[0].folder, Sent);
}

#[test]
fn a_folder_of_files_is_read_in_the_order_of_names_with_all_below() {
    let root = TempDir::new().unwrap();
    write_all(
        root.path(),
        &["b.eml", "a/2.EML", "a/1.eml", "mh/17", "notes.txt", ".secret.eml", "a/picture.png", "plain"],
    );
    fs::write(root.path().join("old.mbox"), format!("From a@b Thu Jan  1 10:00:00 2026\n{MAIL}")).unwrap();
    let names: Vec<String> = found(root.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a/1.eml", "a/2.EML", "b.eml", "mh/17", "old.mbox"]);
}

#[test]
fn a_single_file_is_one_mail_whatever_its_name_and_even_if_it_is_empty() {
    let root = TempDir::new().unwrap();
    write_all(root.path(), &["mail.txt"]);
    fs::write(root.path().join("empty.eml"), "").unwrap();
    fs::write(root.path().join("from.eml"), format!("From a@b Thu Jan  1 10:00:00 2026\n{MAIL}")).unwrap();
    assert_eq!(read(&root.path().join("mail.txt"))[0].received, at("2026-01-05T09:00:00Z"));
    for name in ["empty.eml", "from.eml", "mail.txt"] {
        assert_eq!(read(&root.path().join(name)).len(), 1, "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_path() {
    let root = TempDir::new().unwrap();
    let told = |name: &str| open(&root.path().join(name)).unwrap_err().to_string();
    assert!(told("missing.mbox").contains("missing.mbox can't be read"));
    fs::write(root.path().join("takeout.zip"), b"PK\x03\x04rest").unwrap();
    assert!(told("takeout.zip").ends_with("takeout.zip is a ZIP archive: unpack it, then name the folder"));
    fs::create_dir(root.path().join("nothing")).unwrap();
    assert!(told("nothing").contains("holds no mail"));
}

#[test]
fn one_file_that_vanished_does_not_end_the_reading() {
    let root = TempDir::new().unwrap();
    write_all(root.path(), &["1.eml", "2.eml", "3.eml"]);
    let mails = open(root.path()).unwrap();
    fs::remove_file(root.path().join("2.eml")).unwrap();
    let outcomes: Vec<bool> = mails.map(|mail| mail.is_ok()).collect();
    assert_eq!(outcomes, [true, false, true]);
}

#[test]
fn the_position_ends_at_the_total() {
    let root = TempDir::new().unwrap();
    write_all(root.path(), &["1.eml", "2.eml"]);
    fs::write(root.path().join("3.mbox"), format!("From a@b Thu Jan  1 10:00:00 2026\n{MAIL}")).unwrap();
    let mut mails = open(root.path()).unwrap();
    assert_eq!(mails.position(), 0);
    assert_eq!(mails.by_ref().count(), 3);
    assert_eq!(mails.position(), mails.total());
}

proptest! {
    #[test]
    fn any_bytes_are_split_without_a_panic_and_nothing_is_added(
        bytes in "(From |>|\n|\r\n|a@b|Thu Jan  1 10:00:00 2026|X: y|\\PC){0,60}"
    ) {
        let read: usize = split(bytes.as_bytes()).iter().map(|(line, raw)| line.as_ref().map_or(0, String::len) + raw.len()).sum();
        prop_assert!(read <= bytes.len());
    }

    #[test]
    fn arbitrary_bytes_are_split_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        split(&bytes);
    }

    #[test]
    fn mails_that_were_quoted_and_joined_come_out_the_same(
        texts in proptest::collection::vec("((From |>From |>>From |> |From a@b Thu Jan  1 10:00:00 2026|[a-z: .]{0,20})\n){0,8}", 0..6)
    ) {
        let mails: Vec<String> = texts.iter().map(|text| format!("Subject: x\n\n{text}")).collect();
        let quoted = |line: &str| {
            if line.trim_start_matches('>').starts_with("From ") { format!(">{line}\n") } else { format!("{line}\n") }
        };
        let mbox: String = mails
            .iter()
            .map(|mail| format!("From a@b Thu Jan  1 10:00:00 2026\n{}\n", mail.lines().map(quoted).collect::<String>()))
            .collect();
        prop_assert_eq!(bodies(&mbox), mails);
    }
}
