//! Any bytes: parse, classify, tone, then match with one outreach.
#![no_main]

use checkback_fuzz::{build_tables, read_and_match};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: build_tables(), |data: &[u8]| read_and_match(data));
