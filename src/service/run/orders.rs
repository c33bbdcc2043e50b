//! Carrying out the commands of other processes.

use std::sync::Arc;

use futures::future::join_all;
use jiff::SignedDuration;

use super::post::Post;
use crate::domain::asked::Request;
use crate::service::Workspace;
use crate::service::asked::{self, Begun};
use crate::service::command::{Command, Outcome};
use crate::service::sync::{self, AccountSynced, Synced};
use crate::store::{StoreError, commands};

/// A command that was taken: it is carried out once, and its outcome noted.
#[derive(Debug)]
pub(super) struct Order {
    id: i64,
    text: String,
}

/// Takes the next command, if one waits.
pub(super) fn next(workspace: &Workspace) -> Result<Option<Order>, StoreError> {
    // never waited for: the next look finds it too
    let Some(mut store) = workspace.try_store() else { return Ok(None) };
    if !commands::any_waiting(store.read())? {
        return Ok(None);
    }
    let now = workspace.clock.now();
    let taken = store.write::<_, StoreError>(|tx| commands::take(tx, now))?;
    Ok(taken.map(|(id, text)| Order { id, text }))
}

impl Order {
    pub(super) async fn carry_out(self, workspace: Arc<Workspace>, posts: Vec<Arc<Post>>) {
        let outcome = match serde_json::from_str(&self.text) {
            Ok(command) => execute(&workspace, &posts, command).await,
            Err(_) => Outcome::Failed { why: "the running service is of another version: start it again".to_owned() },
        };
        let noted = serde_json::to_string(&outcome)
            .map_err(StoreError::from)
            .and_then(|text| workspace.store().write::<_, StoreError>(|tx| commands::finish(tx, self.id, &text)));
        if let Err(error) = noted {
            tracing::error!("The outcome of a command could not be noted: {error}");
        }
    }
}

async fn execute(workspace: &Workspace, posts: &[Arc<Post>], command: Command) -> Outcome {
    let done = match command {
        Command::Sync { backfill_seconds } => synced(workspace, posts, backfill_seconds).await.map_err(Into::into),
        Command::Send { request } => send(workspace, posts, &request).await,
    };
    done.unwrap_or_else(|error| Outcome::Failed { why: format!("{error:#}") })
}

/// The account's own task reads and sends; here it is only judged.
async fn send(workspace: &Workspace, posts: &[Arc<Post>], request: &Request) -> anyhow::Result<Outcome> {
    let account = match workspace.app().word_asked(request, workspace.clock.now()) {
        Ok(worded) => worded.account.name.clone(),
        Err(because) => return Ok(Outcome::Asked(Box::new(asked::Outcome::Refused { because }))),
    };
    let posts: Vec<Arc<Post>> = posts.iter().filter(|post| post.name == account).cloned().collect();
    let trouble =
        |synced: Vec<AccountSynced>| synced.into_iter().find_map(|account| account.sending.trouble.or(account.error));
    let unread = trouble(ask_all(&posts).await);
    let outcome = match asked::begin(workspace, request, unread)? {
        Begun::Ended(outcome) => *outcome,
        Begun::Goes(mail) => asked::end(workspace, &mail, trouble(ask_all(&posts).await))?,
    };
    Ok(Outcome::Asked(Box::new(outcome)))
}

async fn synced(
    workspace: &Workspace,
    posts: &[Arc<Post>],
    backfill_seconds: Option<i64>,
) -> Result<Outcome, StoreError> {
    let mut synced = Synced { accounts: ask_all(posts).await, unknown: 0 };
    if let Some(seconds) = backfill_seconds {
        // judged only once everything is read, as in a `sync` without the service
        sync::judge_since(workspace, SignedDuration::from_secs(seconds))?;
        for (account, more) in synced.accounts.iter_mut().zip(ask_all(posts).await) {
            sync::join(account, more);
        }
    }
    sync::note_due(workspace, &mut synced)?;
    Ok(Outcome::Synced(synced))
}

async fn ask_all(posts: &[Arc<Post>]) -> Vec<AccountSynced> {
    join_all(posts.iter().map(|post| async {
        post.order().await.unwrap_or_else(|| AccountSynced {
            name: post.name.clone(),
            error: Some("the service could not finish it; its log says why".to_owned()),
            ..AccountSynced::default()
        })
    }))
    .await
}
