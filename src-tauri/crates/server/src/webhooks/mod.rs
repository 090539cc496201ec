//! Hands messages to customers on to the company's webhook: durably, with patience, and never what is no longer so.
//!
//! A message waits in the store until the webhook has taken it ([`protocol::wire::WebhookMessage`]) or it is given up: after a day, when
//! the promised time has come, or when there is no webhook (any more). A promise that is settled takes its message with it, in the same
//! transaction. What became of a message is told by its task's row, and its text is deleted with that. Deliberately absent: other ways
//! of telling somebody (that is what is behind the webhook), and order between messages.

mod address;
mod letter;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::task::{MessageState, Promise, Task};
use protocol::entity::EntityKind;
use reqwest::Client;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

pub use address::WebhookUrlError;
pub(crate) use address::checked;
use letter::Letter;

use crate::core::Core;
use crate::storage::{MessageRow, Reader, StorageError};

/// How often is looked for messages that are due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Messages under way at a time.
const AT_ONCE: usize = 32;
/// How long a webhook may take for one.
const TIME_OUT: Duration = Duration::from_secs(10);
/// A message is given up after this.
const LONGEST: TimeDelta = TimeDelta::hours(24);
/// The wait after the first try; it doubles with each.
const FIRST_WAIT_SECS: i64 = 5;
/// The longest wait.
const LONGEST_WAIT_SECS: i64 = 30 * 60;

/// Hands messages on until the server stops. What is under way then stays in the queue: the webhook may get it twice.
pub(crate) async fn run(core: Arc<Core>, stopping: CancellationToken) {
    let mut clients = None;
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let look = async {
            ticks.tick().await;
            hand_on(&core, &mut clients).await
        };
        tokio::select! {
            () = stopping.cancelled() => return,
            handed = look => if let Err(error) = handed {
                tracing::error!(%error, "messages wait, and will be tried again");
            },
        }
    }
}

/// Who posts: another one for this machine's own webhooks, because a proxy would take their texts elsewhere, in the clear.
#[derive(Clone)]
struct Clients {
    anywhere: Client,
    this_machine: Client,
}

impl Clients {
    fn make() -> Result<Self, reqwest::Error> {
        let common = || {
            Client::builder()
                .timeout(TIME_OUT)
                .connect_timeout(TIME_OUT)
                // A redirect would carry the text to another address.
                .redirect(reqwest::redirect::Policy::none())
                .user_agent("officetrack-server")
        };
        Ok(Self { anywhere: common().build()?, this_machine: common().no_proxy().build()? })
    }

    /// Who posts to an address as [`checked`] answers it: plain http is there for this machine only.
    fn to(&self, url: &str) -> &Client {
        if url.starts_with("http:") { &self.this_machine } else { &self.anywhere }
    }
}

/// Why a look for messages did not end.
#[derive(Debug, thiserror::Error)]
enum HandOnError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Ended(#[from] JoinError),
}

/// Tries everything that is due, once. The clients are made with the first message: they read the machine's certificates.
async fn hand_on(core: &Arc<Core>, known: &mut Option<Clients>) -> Result<(), HandOnError> {
    let due =
        core.blocking(|core| core.storage.read(|rows| rows.messages_due(core.now(), AT_ONCE))).await??;
    if !due.is_empty() && known.is_none() {
        let made = core.blocking(|_| Clients::make()).await?;
        *known = made.inspect_err(|error| tracing::error!(%error, "no webhook can be reached")).ok();
    }
    let (clients, mut under_way) = (&*known, JoinSet::new());
    for message in due {
        under_way.spawn(deliver(Arc::clone(core), clients.clone(), message));
    }
    let mut outcome = Ok(());
    while let Some(done) = under_way.join_next().await {
        outcome = outcome.and(done.map_err(HandOnError::from).and_then(|done| done));
    }
    outcome
}

async fn deliver(core: Arc<Core>, clients: Option<Clients>, message: MessageRow) -> Result<(), HandOnError> {
    let row = message.clone();
    match core.blocking(move |core| prepare(core, &row)).await? {
        Ok(Some(letter)) => {
            let is_taken = match &clients {
                Some(clients) => letter.post(clients).await,
                None => false,
            };
            if is_taken {
                core.blocking(move |core| finish(core, &message, MessageState::Sent { at: core.now() }))
                    .await??;
            }
            Ok(())
        }
        Ok(None) => Ok(()),
        Err(error) => {
            // One that can't even be read has to keep out of the others' way.
            let due = |core: &Core| core.now() + TimeDelta::seconds(LONGEST_WAIT_SECS);
            core.blocking(move |core| put_off(core, &message, due(core))).await??;
            Err(error.into())
        }
    }
}

/// The message as it goes out; `None` where that is no longer to be, and then it is done with. The next try is written down before this
/// one: were it to fail after the post, the same text would go out with every look.
fn prepare(core: &Core, message: &MessageRow) -> Result<Option<Letter>, StorageError> {
    let now = core.now();
    let letter = core.storage.read(|rows| letter(rows, message, now))?;
    match &letter {
        None => finish(core, message, MessageState::Failed { at: now })?,
        Some(letter) => put_off(core, message, (now + wait_after(message.tries)).min(letter.give_up))?,
    }
    Ok(letter)
}

fn letter(
    rows: &Reader<'_>,
    message: &MessageRow,
    now: DateTime<Utc>,
) -> Result<Option<Letter>, StorageError> {
    let company = message.company.0;
    let row = rows.entity(company, EntityKind::Task, message.task.0)?.filter(|row| !row.deleted);
    let task = row.map(|row| serde_json::from_str::<Task>(&row.data)).transpose()?;
    let Some((task, webhook)) = task.zip(rows.webhook(company)?) else { return Ok(None) };
    let waits = |promise: &&Promise| promise.id == message.promise && promise.is_open();
    let Some(promise) = task.promises.iter().find(waits) else { return Ok(None) };
    let give_up = promise.until.min(message.queued + LONGEST);
    Ok((now < give_up).then(|| Letter::new(&webhook, &task, promise, message, (now, give_up))))
}

fn put_off(core: &Core, message: &MessageRow, due: DateTime<Utc>) -> Result<(), StorageError> {
    core.storage.write(|tx| tx.put_off_message(message.task, message.promise, due), |()| ())
}

/// Tells what became of the message, and forgets its text.
fn finish(core: &Core, message: &MessageRow, state: MessageState) -> Result<(), StorageError> {
    core.write(message.company, None, |ledger| {
        if let Some((mut task, _)) = ledger.load::<Task>(message.task.0)? {
            task.note_message(message.promise, state);
            ledger.put(task)?;
        }
        ledger.tx().delete_message(message.task, message.promise)
    })
}

/// How long to wait after so many tries that came to nothing, and one more.
fn wait_after(tries: u32) -> TimeDelta {
    let secs = FIRST_WAIT_SECS.saturating_mul(1_i64.checked_shl(tries.min(30)).unwrap_or(i64::MAX));
    TimeDelta::seconds(secs.min(LONGEST_WAIT_SECS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_half_an_hour() {
        let waits: Vec<i64> =
            [0, 1, 2, 8, 9, 40, u32::MAX].map(|tries| wait_after(tries).num_seconds()).into();
        assert_eq!(waits, [5, 10, 20, 1_280, 1_800, 1_800, 1_800], "soon at first, and never for ever");
    }
}
