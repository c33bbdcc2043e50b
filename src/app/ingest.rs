//! Raw mails → what the store learns. The pure part runs on all cores, outside any transaction.

use std::sync::LazyLock;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::domain::gist::Gist;
use crate::domain::ident::OwnAddresses;
use crate::domain::inbound::ContentDigest;
use crate::domain::read;
pub use crate::store::apply::Learnt;

/// Stack of the threads that parse: mail-parser recurses into nested messages.
const STACK: usize = 16 * 1024 * 1024;

/// A mail as it came from a server or a file.
#[derive(Debug, Clone)]
pub struct RawMail {
    /// UID, or the position in a file.
    pub uid: u32,
    /// INTERNALDATE, or the best date known.
    pub received: Timestamp,
    /// Its bytes.
    pub raw: Vec<u8>,
    /// `X-GM-THRID`, or empty.
    pub thread: String,
}

/// Reads a chunk on all cores; the order stays. `role` is that of the folder.
pub fn read_chunk(mails: &[RawMail], role: &str, own: &OwnAddresses) -> Vec<Learnt> {
    let learn = |mail: &RawMail| {
        let gist = read_one(&mail.raw, mail.received);
        let ours = is_ours(&gist, role, own);
        Learnt { uid: mail.uid, received: mail.received, ours, thread: mail.thread.clone(), gist }
    };
    on_all_cores(|| mails.par_iter().map(learn).collect())
}

/// Reads one mail. Should reading it ever panic, the mail counts as one that can't be parsed, and the
/// others go on.
pub(crate) fn read_one(raw: &[u8], received: Timestamp) -> Gist {
    std::panic::catch_unwind(|| read::read(raw, received)).unwrap_or_else(|_| {
        let head = raw.get(..4096).unwrap_or(raw);
        let mut gist = read::read(&[], received);
        gist.digest = ContentDigest::of("", None, "", &String::from_utf8_lossy(head));
        gist
    })
}

/// Does work of rayon on threads with stacks for what strangers nested. Without such threads (none to
/// be had) it is done on rayon's own.
pub(crate) fn on_all_cores<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match POOL.as_ref() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

static POOL: LazyLock<Result<rayon::ThreadPool, rayon::ThreadPoolBuildError>> =
    LazyLock::new(|| rayon::ThreadPoolBuilder::new().stack_size(STACK).thread_name(|n| format!("read-{n}")).build());

/// Whether the user (or this program) wrote it: it lies in Sent, whatever address it bears, or it says
/// so and was never stamped by a server. What comes in under the user's own name is somebody's mail,
/// or a forgery.
pub(crate) fn is_ours(gist: &Gist, role: &str, own: &OwnAddresses) -> bool {
    let from_us = gist.author().is_some_and(|author| own.contains(author));
    role == "sent" || from_us && (role == "outreach" || !gist.relayed)
}
