//! Any bytes as the answers of an IMAP server to every command of the client, over a loopback socket. Built
//! with the whole crate: the command loop is tokio's, and the parser async-imap's.
#![no_main]

#[path = "../../tests/hostile/server.rs"]
mod server;

use libfuzzer_sys::fuzz_target;

thread_local! {
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
}

fuzz_target!(|data: &[u8]| RUNTIME.with(|runtime| runtime.block_on(server::converse(data))));
