//! Arguments, the runtime, the exit code.

use std::process::ExitCode;

use checkback::cli::{self, Cli};
use clap::Parser as _;

/// Stack of the threads: parsers of protocols and mail recurse into what strangers nested.
const STACK: usize = 8 * 1024 * 1024;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // one TLS library in the whole process, chosen before its first use
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("checkback: another TLS provider is installed already");
        return ExitCode::FAILURE;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    match runtime {
        Ok(runtime) => runtime.block_on(cli::run(cli)),
        Err(error) => {
            eprintln!("checkback: the system gives no threads: {error}");
            ExitCode::FAILURE
        }
    }
}
