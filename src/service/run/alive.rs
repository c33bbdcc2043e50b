//! A panic ends a task, never the service: the task is begun again.

use std::future::Future;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Pace;
use super::backoff::Backoff;

/// Runs a task to its end and gives its value; one that breaks down is begun again, later each time.
/// `None`: it broke down and the stop came. A task that runs is not touched by the stop: it has to heed
/// it by itself.
pub(super) async fn keep_alive<T, F>(
    pace: &Pace,
    stop: &CancellationToken,
    mut begin: impl FnMut() -> F,
    mut broke_down: impl FnMut(),
) -> Option<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut backoff = Backoff::new(pace);
    loop {
        let begun = Instant::now();
        // what the panic says is not told: it may hold mail text
        if let Ok(value) = AbortOnDropHandle::new(tokio::spawn(begin())).await {
            return Some(value);
        }
        broke_down();
        if begun.elapsed() > pace.longest_retry {
            backoff.reset();
        }
        tokio::select! {
            () = stop.cancelled() => return None,
            () = sleep(backoff.next()) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    fn quick() -> Pace {
        Pace { first_retry: Duration::from_millis(1), longest_retry: Duration::from_millis(5), ..Pace::default() }
    }

    #[tokio::test]
    async fn a_task_that_panics_is_begun_again() {
        let begun = Arc::new(AtomicU32::new(0));
        let mut broken = 0;
        let work = || {
            let begun = Arc::clone(&begun);
            async move {
                let time = begun.fetch_add(1, Ordering::SeqCst);
                assert!(time >= 3, "it breaks down three times");
                time
            }
        };
        let ended = keep_alive(&quick(), &CancellationToken::new(), work, || broken += 1).await;
        assert_eq!((ended, broken), (Some(3), 3));
    }

    #[tokio::test]
    async fn the_stop_ends_the_wait_after_a_breakdown() {
        let stop = CancellationToken::new();
        stop.cancel();
        let pace = Pace { first_retry: Duration::from_secs(3600), longest_retry: Duration::from_secs(3600), ..quick() };
        let ended: Option<()> = keep_alive(&pace, &stop, || async { panic!("always") }, || ()).await;
        assert_eq!(ended, None);
    }
}
