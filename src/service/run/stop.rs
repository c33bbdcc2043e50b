//! The stop: at SIGTERM or SIGINT everything ends within two seconds, whatever it is at.

use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

/// From the signal to the end of the process, at the latest. The rows say what was under way.
const AT_LAST: Duration = Duration::from_millis(1900);

/// Cancels `stop` at a signal. It listens on a thread of its own, which nothing else can hold up, and
/// which ends the process if the orderly stop takes too long.
///
/// # Errors
/// If the system gives no thread or no signals.
pub fn stop_at_signals(stop: CancellationToken) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (ready, listening) = mpsc::channel();
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                let mut signals = match Signals::listen() {
                    Ok(signals) => signals,
                    Err(error) => return ready.send(Err(error)).unwrap_or_default(),
                };
                let _listening = ready.send(Ok(()));
                signals.next().await;
                stop.cancel();
                tokio::select! {
                    () = tokio::time::sleep(AT_LAST) => {}
                    // whoever asks twice does not want to wait
                    () = signals.next() => {}
                }
                tracing::warn!("The service did not end in time: it is cut off");
                std::process::exit(0);
            });
        })
        .context("the system gives no thread to listen for signals")?;
    listening.recv().context("the thread that listens for signals ended")?.context("cannot listen for signals")
}

#[cfg(unix)]
#[derive(Debug)]
pub(in crate::service) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(in crate::service) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub(in crate::service) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
#[derive(Debug)]
pub(in crate::service) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(in crate::service) fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    pub(in crate::service) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
