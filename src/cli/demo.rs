//! `demo`.
use super::Call;
use clap::Args;
use std::process::ExitCode;
/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Keep the servers up
    #[arg(long)]
    serve: bool,
}
/// Runs the demo.
pub async fn run(_call: &Call, _args: DemoArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("soon")
}
