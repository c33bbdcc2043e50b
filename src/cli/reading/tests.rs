use std::fs;

use tempfile::TempDir;

use super::*;

fn now() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

fn of(paths: &[PathBuf]) -> Reading {
    all(paths, now(), &ProgressBar::hidden(), |_| {})
}

#[test]
fn a_large_mbox_is_read_in_order_with_every_mail_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("all.mbox");
    let count = 3 * CHUNK_MAILS + 7;
    let mbox: String = (0..count)
        .map(|n| format!("From a@b Mon Jan  5 10:00:00 2026\nFrom: r@agency.example\nMessage-ID: <{n}@x>\n\nHi\n\n"))
        .collect();
    fs::write(&path, mbox).unwrap();
    let bar = ProgressBar::hidden();
    let reading = all(std::slice::from_ref(&path), now(), &bar, |_| {});
    let ids: Vec<String> =
        reading.mails.iter().map(|mail| mail.gist.message_id.as_ref().unwrap().as_str().to_owned()).collect();
    assert_eq!(ids, (0..count).map(|n| format!("{n}@x")).collect::<Vec<_>>());
    assert!(reading.mails.iter().enumerate().all(|(at, mail)| mail.index == at && mail.dated));
    assert_eq!(bar.position(), total(&[path]));
}

#[test]
fn reading_ends_where_it_is_broken_off() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("all.mbox");
    let mail = "From a@b Mon Jan  5 10:00:00 2026\nFrom: r@agency.example\n\nHi\n\n";
    fs::write(&path, mail.repeat(9 * CHUNK_MAILS)).unwrap();
    let mut taken = 0;
    let failures = each(&[path], now(), &ProgressBar::hidden(), |chunk| {
        taken += chunk.len();
        ControlFlow::Break(())
    });
    assert_eq!((taken, failures.len()), (CHUNK_MAILS, 0));
}

#[test]
fn a_mail_without_a_date_is_read_now_and_does_not_count_as_the_newest() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("1.eml"), "From: r@agency.example\n\nHi\n").unwrap();
    fs::write(folder.path().join("2.eml"), "From: r@agency.example\nDate: Mon, 5 Jan 2026 10:00:00 +0000\n\nHi\n")
        .unwrap();
    let reading = of(&[folder.path().to_owned()]);
    assert_eq!(
        reading.mails.iter().map(|mail| (mail.at == now(), mail.dated)).collect::<Vec<_>>(),
        [(true, false), (false, true)]
    );
    assert_eq!(reading.by_date(), [1, 0]);
}

#[test]
fn a_mail_in_junk_counts_as_spam() {
    let folder = TempDir::new().unwrap();
    for part in ["cur", ".Junk/cur"] {
        fs::create_dir_all(folder.path().join(part)).unwrap();
        fs::write(folder.path().join(part).join("1"), "From: r@agency.example\nSubject: x\n\nHi\n").unwrap();
    }
    let spam: Vec<(FolderHint, bool)> =
        of(&[folder.path().to_owned()]).mails.iter().map(|mail| (mail.folder, mail.gist.spam)).collect();
    assert_eq!(spam, [(FolderHint::Junk, true), (FolderHint::Inbox, false)]);
}

#[test]
fn what_cannot_be_read_does_not_keep_the_rest_from_being_read() {
    let folder = TempDir::new().unwrap();
    let good = folder.path().join("1.eml");
    fs::write(&good, "From: r@agency.example\n\nHi\n").unwrap();
    let reading = of(&[folder.path().join("none"), good, folder.path().join("nor this")]);
    assert_eq!((reading.mails.len(), reading.failures.len()), (1, 2));
}

#[test]
fn a_file_without_mail_is_told_and_is_no_failure() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().join("empty.mbox");
    fs::write(&empty, "").unwrap();
    let reading = of(std::slice::from_ref(&empty));
    let told: Vec<String> = reading.failures.iter().map(ToString::to_string).collect();
    assert!(told.iter().all(|line| line.starts_with(&format!("{} holds no mail", empty.display()))), "{told:?}");
    assert_eq!((told.len(), reading.mails.len()), (1, 0));
    assert_eq!(format!("{:?}", report_failures(&reading.failures, 0)), format!("{:?}", ExitCode::SUCCESS));
    assert_ne!(
        format!("{:?}", report_failures(&of(&[folder.path().join("none")]).failures, 0)),
        format!("{:?}", ExitCode::SUCCESS)
    );
}
