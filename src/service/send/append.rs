//! Mail of ours put into a folder: the copy in Sent, the draft. A look for the mail comes first, since an
//! APPEND whose answer was lost may have arrived.

use crate::domain::ident::MessageId;
use crate::mail::imap::{ImapError, Role, Session};
use crate::service::watch::{Link, ReadError};
use crate::store::outbox::{self, OutboxRow};
use crate::store::{StoreError, found, mailboxes};

/// Makes the copies in Sent that are still due; looks for the Message-ID first.
///
/// # Errors
/// If the database or the mailbox fails; what is due stays due.
pub async fn copy_to_sent(link: &mut Link<'_>) -> Result<(), ReadError> {
    let workspace = link.workspace();
    let Some(account) = mailboxes::account(workspace.store().read(), &link.account.name)? else { return Ok(()) };
    let due = outbox::copies_due(workspace.store().read(), account.id)?;
    if due.is_empty() {
        return Ok(());
    }
    let folder = link.folder_or_create(Role::Sent, "Sent").await?;
    for row in due {
        let there = found::by_id(workspace.store().read(), &row.message_id)?.is_some();
        if !there {
            let bytes = row.bytes.clone().unwrap_or_default();
            append_once(link, &folder, &row, &bytes, "\\Seen").await?;
        }
        workspace.store().write::<_, StoreError>(|tx| outbox::set_copy(tx, row.id, "made"))?;
    }
    Ok(())
}

/// APPEND is not idempotent: what was appended and then cut off is found by its Message-ID.
pub(super) async fn append_once(
    link: &mut Link<'_>,
    folder: &str,
    row: &OutboxRow,
    bytes: &[u8],
    flag: &str,
) -> Result<(), ReadError> {
    let result: Result<(), ImapError> = async {
        let session = match link.session().await {
            Ok(session) => session,
            Err(ReadError::Imap(error)) => return Err(error),
            Err(error) => return Err(ImapError::Closed { text: error.to_string() }),
        };
        let seen = session.examine(folder).await?;
        let there = !session.find_message_id(&row.message_id).await?.is_empty()
            // some servers' search finds nothing by a header
            || is_among_the_latest(session, &row.message_id, seen.uid_next).await?;
        if !there {
            session.append(folder, bytes, &[flag]).await?;
        }
        Ok(())
    }
    .await;
    result.map_err(|error| {
        link.broke(&error);
        error.into()
    })
}

/// Whether one of the latest mails of the open folder has this Message-ID, by their headers.
async fn is_among_the_latest(session: &mut Session, id: &MessageId, uid_next: Option<u32>) -> Result<bool, ImapError> {
    const LATEST: u32 = 20;
    const HEADER: usize = 64 * 1024;
    let Some(next) = uid_next else { return Ok(false) };
    let entries = session.list_uids(next.saturating_sub(LATEST)).await?;
    let uids: Vec<u32> = entries.iter().map(|entry| entry.uid).collect();
    if uids.is_empty() {
        return Ok(false);
    }
    let headers = session.fetch(&uids, HEADER, true).await?;
    Ok(headers.iter().any(|mail| memchr::memmem::find(&mail.raw, id.as_str().as_bytes()).is_some()))
}
