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
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().thread_stack_size(STACK);
    if cli.is_service() {
        // it mostly waits; two, so that the one that computes does not keep the other accounts waiting
        builder.worker_threads(2);
    }
    match builder.build() {
        Ok(runtime) => {
            let code = runtime.block_on(cli::run(cli));
            // a password command that hangs must not keep the program
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            eprintln!("checkback: the system gives no threads: {error}");
            ExitCode::FAILURE
        }
    }
}
