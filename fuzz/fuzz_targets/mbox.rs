//! Any bytes as a mail file: it is split, and each mail keeps within its bounds.
#![no_main]

use std::cell::RefCell;
use std::io::{Seek as _, Write as _};

use checkback_fuzz::domain::inbound::MAX_BYTES;
use checkback_fuzz::mail::mailfile;
use libfuzzer_sys::fuzz_target;
use tempfile::NamedTempFile;

thread_local! {
    static FILE: RefCell<NamedTempFile> = RefCell::new(NamedTempFile::new().expect("a temporary file"));
}

fuzz_target!(|data: &[u8]| {
    FILE.with_borrow_mut(|file| {
        file.as_file_mut().set_len(0).expect("the file is cut");
        file.rewind().expect("the file is rewound");
        file.write_all(data).expect("the file is written");
        let Ok(mails) = mailfile::open(file.path()) else { return };
        let mut count = 0;
        for mail in mails.flatten() {
            assert_eq!(mail.index, count, "mails are numbered from 0");
            assert!(mail.raw.len() <= MAX_BYTES + 1);
            count += 1;
        }
        assert!(count <= data.len() + 1, "each mail but that of an empty file has a byte");
    });
});
