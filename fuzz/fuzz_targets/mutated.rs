//! Mutated mail of the fixtures: the first byte picks one, and the rest says how lines and pieces of
//! it are cut, repeated, swapped and mixed with those of another.
#![no_main]

use checkback_fuzz::{build_tables, read_and_match};
use libfuzzer_sys::fuzz_target;

const FIXTURES: &[&[u8]] = &[
    include_bytes!("../../tests/fixtures/mail/dsn-delayed.eml"),
    include_bytes!("../../tests/fixtures/mail/dsn-nested-untyped-no-blank-lines.eml"),
    include_bytes!("../../tests/fixtures/mail/dsn-postfix-unknown-user.eml"),
    include_bytes!("../../tests/fixtures/mail/human-forwards-a-bounce.eml"),
    include_bytes!("../../tests/fixtures/mail/human-reply-through-own-group.eml"),
    include_bytes!("../../tests/fixtures/mail/invitation.eml"),
    include_bytes!("../../tests/fixtures/mail/json-ses-bounce.eml"),
    include_bytes!("../../tests/fixtures/mail/list-post.eml"),
    include_bytes!("../../tests/fixtures/mail/mdn-displayed.eml"),
    include_bytes!("../../tests/fixtures/mail/text-domino.eml"),
    include_bytes!("../../tests/fixtures/mail/text-exchange-2003.eml"),
    include_bytes!("../../tests/fixtures/mail/text-gmail-policy.eml"),
    include_bytes!("../../tests/fixtures/mail/text-qmail.eml"),
    include_bytes!("../../tests/fixtures/mail/ticket-receipt.eml"),
];
const MAX: usize = 64 * 1024;

fn fixture(byte: u8) -> Vec<Vec<u8>> {
    FIXTURES[usize::from(byte) % FIXTURES.len()].split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fuzz_target!(init: build_tables(), |data: &[u8]| {
    let Some((&first, edits)) = data.split_first() else { return };
    let mut lines = fixture(first);
    let mut edits = edits.iter().copied();
    while let Some(edit) = edits.next() {
        let place = usize::from(edits.next().unwrap_or(0)) % lines.len().max(1);
        let value = edits.next().unwrap_or(0);
        if lines.is_empty() {
            break;
        }
        let other = usize::from(value) % lines.len();
        match edit % 8 {
            0 => drop(lines.remove(place)),
            1 => lines.insert(place, lines[other].clone()),
            2 => lines.swap(place, other),
            3 => lines[place].truncate(usize::from(value)),
            4 => {
                let at = usize::from(value) % (lines[place].len() + 1);
                lines[place].insert(at, edits.next().unwrap_or(0));
            }
            5 => lines[place] = lines[place].repeat(usize::from(value % 8)),
            6 => lines.splice(place..place, fixture(value)).for_each(drop),
            _ => {
                let count = usize::from(value % 40);
                lines[place] = edits.by_ref().take(count).collect();
            }
        }
        if lines.iter().map(Vec::len).sum::<usize>() > MAX {
            break;
        }
    }
    read_and_match(&lines.concat());
});
