//! What a broken or hostile server may say to exhaust a client: the real program reads on, in bounded memory
//! and on the stacks that it has.

use checkback::sandbox::{Fault, ImapEffect, Verb};
use rstest::rstest;

use super::program::Program;
use super::scene::{Setup, Stage};

/// What a trap may take beyond what the same run takes without it, in kB.
const ALLOWED: u64 = 48 * 1024;

/// Fifty thousand changes of flags, which some servers tell at any time.
fn chatter() -> Vec<u8> {
    (1..=50_000).flat_map(|n| format!("* {n} FETCH (FLAGS (\\Seen $Label1) UID {n})\r\n").into_bytes()).collect()
}

/// A line of a FETCH that goes on in its innermost part.
fn fetch(start: &str, filler: u8, length: usize) -> Vec<u8> {
    [start.as_bytes(), &vec![filler; length], b"\r\n"].concat()
}

#[rstest]
#[case::a_literal_of_512_mb_is_announced(ImapEffect::Garbage(b"* 1 FETCH (UID 1 BODY[] {536870912}\r\nabc".to_vec()))]
// the largest for which the parser would make room
#[case::a_literal_of_400_mb_is_announced(ImapEffect::Garbage(b"* 1 FETCH (UID 1 BODY[] {400000000}\r\nabc".to_vec()))]
#[case::a_literal_of_4_gb_is_announced(ImapEffect::Garbage(b"* 1 FETCH (UID 1 BODY[] {4294967295}\r\n".to_vec()))]
#[case::a_line_never_ends(ImapEffect::Garbage(vec![b'x'; 64 << 20]))]
#[case::fifty_thousand_flags_are_told(ImapEffect::Garbage(chatter()))]
#[case::a_structure_nobody_asked_for_has_no_end(ImapEffect::Garbage(fetch(
    "* 1 FETCH (UID 1 BODYSTRUCTURE ",
    b'(',
    900_000
)))]
#[case::an_envelope_nobody_asked_for_has_no_end(ImapEffect::Garbage(fetch("* 1 FETCH (ENVELOPE ", b'(', 60_000)))]
#[case::a_quoted_string_never_ends(ImapEffect::Garbage(fetch("* LIST () \"/\" \"", b'a', 8 << 20)))]
#[cfg_attr(not(target_os = "linux"), ignore = "memory is read in /proc, which Linux has")]
fn a_trap_of_the_server_takes_little_memory(#[case] effect: ImapEffect) {
    let (plain, trapped) = (peak_of(None, &[]), peak_of(Some(effect), &[]));
    assert!(plain > 0 && trapped < plain + ALLOWED, "{plain} kB without it, {trapped} kB with it");
}

#[rstest]
#[case::messages_within_messages("Content-Type: message/rfc822\r\n\r\n", 60_000)]
#[case::parts_within_parts("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 30_000)]
#[cfg_attr(not(target_os = "linux"), ignore = "memory is read in /proc, which Linux has")]
fn a_mail_that_holds_itself_again_and_again_takes_little_memory(#[case] unit: &str, #[case] times: usize) {
    let head = "From: x@agency.example\r\nTo: dana@devmail.example\r\nMessage-ID: <deep@x.example>\r\n";
    let mail = format!("{head}{}", unit.repeat(times)).into_bytes();
    let (plain, trapped) = (peak_of(None, &[]), peak_of(None, &[mail]));
    assert!(plain > 0 && trapped < plain + ALLOWED, "{plain} kB without it, {trapped} kB with it");
}

/// The parser of structures recurses until the stack ends.
#[test]
fn no_structure_or_envelope_is_ever_asked_for() {
    let stage = Stage::new(Setup::Append);
    let scene = stage.scene();
    scene.run_until_quiet();
    let commands = scene.sandbox.world().commands();
    let fetches: Vec<&str> =
        commands.iter().filter(|seen| seen.verb == Verb::Fetch).map(|seen| seen.text.as_str()).collect();
    assert!(fetches.len() > 3, "{fetches:?}");
    let parsed_deeply = ["BODYSTRUCTURE", "ENVELOPE", " BODY ", "(BODY)", "ALL)", "FULL"];
    assert!(!fetches.iter().any(|fetch| parsed_deeply.iter().any(|item| fetch.contains(item))), "{fetches:?}");
    stage.runtime.block_on(scene.sandbox.stop());
}

/// The highest memory of a program that reads Dana's mail while the server does that, in kB. Whatever it
/// does, what she asked for leaves once.
fn peak_of(effect: Option<ImapEffect>, more: &[Vec<u8>]) -> u64 {
    let stage = Stage::new(Setup::Append);
    let scene = stage.scene();
    for mail in more {
        scene.sandbox.world().deliver("dana", "INBOX", mail, None).unwrap();
    }
    if let Some(effect) = effect {
        scene.sandbox.world().inject(Fault::imap(Verb::Fetch).folder("INBOX").nth(2).then(effect));
    }
    let mut peak = 0;
    let run = scene.program.run_watched(&["sync"], |pid| peak = peak.max(peak_kilobytes(pid)));
    assert!(run.status.code().is_some(), "it was ended by a signal: {run:?}");
    scene.run_until_quiet();
    assert!(scene.taken().values().all(|count| *count == 1), "{:?}", scene.taken());
    assert!(is_read(&scene.program), "the pitches behind it are read");
    stage.runtime.block_on(scene.sandbox.stop());
    peak
}

fn is_read(program: &Program) -> bool {
    program.texts("SELECT 'x' FROM message WHERE ours = 0 AND blocked_by = '[]'").len() == 2
}

fn peak_kilobytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)).map_or(0, |number| number.parse().unwrap())
}
