//! A running session and its handle.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime};

use chrono::{DateTime, Utc};
use domain::ResourceId;
use protocol::durable::NewCommand;
use protocol::wire::{ContactResponse, TrackResponse, WhatIfRequest, WhatIfResponse, WhereaboutsResponse};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::drive::{Ask, Driver};
use super::http::{Http, OnDemandError};
use super::url::BaseUrl;
use crate::core::CoreConfig;
use crate::event::SyncEvent;
use crate::io::{CallError, Secret, Tokens};
use crate::storage::{CacheStore, OutboxStore, StorageFault};
use crate::time::{Clock, Now};

/// Questions of handles that may wait.
const ASKS_WAITING: usize = 64;
/// Why whereabouts are asked for, as the server's audit has it.
const WHO_COULD_HAVE_GONE: &str = "who could have gone";

/// Where and how to sync.
#[derive(Debug, Clone)]
pub struct SyncConfig {
    /// The server.
    pub base_url: BaseUrl,
    /// Rules that tests may change.
    pub core: CoreConfig,
    /// Seeds the jitter; any number that differs between desks.
    pub seed: u64,
}

/// All that a session needs. The stores are its own: it is their only writer.
pub struct Session<C, O> {
    /// Where and how.
    pub config: SyncConfig,
    /// From [`sign_in`](super::sign_in), or kept from an earlier session.
    pub tokens: Tokens,
    /// The cache.
    pub cache: C,
    /// The outbox.
    pub outbox: O,
    /// Gets told everything. Reading slowly slows the network down, never the handle.
    pub events: mpsc::Sender<SyncEvent>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ends the session.
    pub cancel: CancellationToken,
}

/// A question that has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    /// The session has ended.
    #[error("the session has ended")]
    Stopped,
    /// The store could not take it; nothing was queued.
    #[error(transparent)]
    Storage(#[from] StorageFault),
    /// There is no command of that number, or it is on its way and can't be taken back.
    #[error("this command can't be changed any more")]
    NotOpen,
    /// The session can't start.
    #[error("the session can't start: {0}")]
    Start(String),
}

/// What the rest of the program holds of a session.
#[derive(Clone)]
pub struct SyncHandle {
    asks: mpsc::Sender<Ask>,
    access: watch::Receiver<Secret>,
    http: Http,
    cancel: CancellationToken,
    ended: watch::Receiver<bool>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl<C: CacheStore + Send + 'static, O: OutboxStore + Send + 'static> Session<C, O> {
    /// Starts the session on its own thread; has to be called within a tokio runtime.
    ///
    /// # Errors
    /// [`HandleError::Start`] when there is no thread or no HTTP client to be had.
    pub fn start(self) -> Result<SyncHandle, HandleError> {
        let start = |error: String| HandleError::Start(error);
        let runtime = tokio::runtime::Handle::try_current().map_err(|error| start(error.to_string()))?;
        let http = Http::new(self.config.base_url.clone()).map_err(|error| start(error.to_string()))?;
        let (asks, asked) = mpsc::channel(ASKS_WAITING);
        let (access_tx, access) = watch::channel(self.tokens.access.clone());
        let (ended_tx, ended) = watch::channel(false);
        let cancel = self.cancel.child_token();
        let stop = cancel.clone();
        let client = http.clone();
        let thread = std::thread::Builder::new()
            .name("sync".to_owned())
            .spawn(move || {
                // Database work blocks: it must not hold up the runtime's own threads.
                runtime.block_on(Driver::new(self, client, access_tx, stop).run(asked));
                ended_tx.send_replace(true);
            })
            .map_err(|error| start(error.to_string()))?;
        Ok(SyncHandle { asks, access, http, cancel, ended, thread: Arc::new(Mutex::new(Some(thread))) })
    }
}

impl SyncHandle {
    /// Stores a command and queues it; answers its number. From then on it survives a crash.
    ///
    /// # Errors
    /// [`HandleError::Storage`] when it could not be stored.
    pub async fn submit(&self, new: NewCommand) -> Result<u64, HandleError> {
        let numbers = self.submit_together(vec![new]).await?;
        numbers.first().copied().ok_or(HandleError::Stopped)
    }

    /// Stores and queues commands of which none builds on another one, all of them or none; answers their numbers in their order. For
    /// what comes in hundreds: each by itself would take the disk as long as all together.
    ///
    /// # Errors
    /// [`HandleError::Storage`] when they could not be stored.
    pub async fn submit_together(&self, new: Vec<NewCommand>) -> Result<Vec<u64>, HandleError> {
        self.ask(|reply| Ask::Submit { new, reply }).await?
    }

    /// Stores a command that takes the place of one that needs a decision or failed; answers its number.
    ///
    /// # Errors
    /// [`HandleError::NotOpen`] when the old one is not waiting for the user, [`HandleError::Storage`] when the new one could not
    /// be stored; then the old one stays.
    pub async fn replace(&self, n: u64, new: NewCommand) -> Result<u64, HandleError> {
        self.ask(|reply| Ask::Replace { n, new: Box::new(new), reply }).await?
    }

    /// Gives a command up that needs a decision, failed, or was never sent.
    ///
    /// # Errors
    /// [`HandleError::NotOpen`] when it is on its way.
    pub async fn discard(&self, n: u64) -> Result<(), HandleError> {
        self.ask(|reply| Ask::Discard { n, reply }).await?
    }

    /// Tries everything that waits at once: the user asks, the network changed, the machine woke up.
    pub async fn request_now(&self) -> Result<(), HandleError> {
        self.asks.send(Ask::TryNow).await.map_err(|_| HandleError::Stopped)
    }

    /// Goes on with the tokens of a new sign-in (after “sign in again”).
    pub async fn signed_in(&self, tokens: Tokens) -> Result<(), HandleError> {
        self.asks.send(Ask::SignedIn(tokens)).await.map_err(|_| HandleError::Stopped)
    }

    /// Where a resource was; audited by the server.
    ///
    /// # Errors
    /// [`OnDemandError`]; nothing is queued, this works online only.
    pub async fn track(
        &self,
        resource: ResourceId,
        span: (DateTime<Utc>, DateTime<Utc>),
        purpose: &str,
    ) -> Result<TrackResponse, OnDemandError> {
        let access = self.access.borrow().clone();
        match self.http.track(resource, span, purpose, &access).await {
            Err(error) if is_refused(&error) => {
                let access = self.newer_than(access).await?;
                Ok(self.http.track(resource, span, purpose, &access).await?)
            }
            answer => Ok(answer?),
        }
    }

    /// Where everybody was at a past moment; audited by the server.
    ///
    /// # Errors
    /// [`OnDemandError`]; nothing is queued, this works online only.
    pub async fn whereabouts(&self, at: DateTime<Utc>) -> Result<WhereaboutsResponse, OnDemandError> {
        let access = self.access.borrow().clone();
        match self.http.whereabouts(at, WHO_COULD_HAVE_GONE, &access).await {
            Err(error) if is_refused(&error) => {
                let access = self.newer_than(access).await?;
                Ok(self.http.whereabouts(at, WHO_COULD_HAVE_GONE, &access).await?)
            }
            answer => Ok(answer?),
        }
    }

    /// The unmasked contact data of a resource; audited by the server.
    ///
    /// # Errors
    /// [`OnDemandError`]; nothing is queued, this works online only.
    pub async fn contact(&self, resource: ResourceId) -> Result<ContactResponse, OnDemandError> {
        let access = self.access.borrow().clone();
        match self.http.contact(resource, &access).await {
            Err(error) if is_refused(&error) => {
                let access = self.newer_than(access).await?;
                Ok(self.http.contact(resource, &access).await?)
            }
            answer => Ok(answer?),
        }
    }

    /// How often a fence would have spoken under other settings; audited by the server.
    ///
    /// # Errors
    /// [`OnDemandError`]; nothing is queued, this works online only.
    pub async fn what_if(&self, asked: WhatIfRequest) -> Result<WhatIfResponse, OnDemandError> {
        let access = self.access.borrow().clone();
        match self.http.what_if(asked, &access).await {
            Err(error) if is_refused(&error) => {
                let access = self.newer_than(access).await?;
                Ok(self.http.what_if(asked, &access).await?)
            }
            answer => Ok(answer?),
        }
    }

    /// Tells the server that the session is over (as far as it can be reached) and stops. The queue stays in the outbox.
    pub async fn sign_out(&self) {
        let access = self.access.borrow().clone();
        if let Err(error) = self.http.sign_out(&access).await {
            tracing::info!(%error, "the server was not told of the sign-out");
        }
        self.stop().await;
    }

    /// Stops: network tasks are cancelled and awaited, the thread is joined, the stores are closed.
    pub async fn stop(&self) {
        self.cancel.cancel();
        self.ended.clone().wait_for(|ended| *ended).await.ok();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the sync thread panicked");
        }
    }

    /// The access token that follows a refused one.
    async fn newer_than(&self, refused: Secret) -> Result<Secret, OnDemandError> {
        let ask = Ask::TokenRefused(refused.clone());
        self.asks.send(ask).await.map_err(|_| OnDemandError::NotSignedIn)?;
        let mut access = self.access.clone();
        let newer = access.wait_for(|access| *access != refused);
        let newer = tokio::time::timeout(std::time::Duration::from_secs(10), newer).await;
        newer.ok().and_then(Result::ok).map(|access| access.clone()).ok_or(OnDemandError::NotSignedIn)
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, HandleError> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(ask(reply)).await.map_err(|_| HandleError::Stopped)?;
        answer.await.map_err(|_| HandleError::Stopped)
    }
}

fn is_refused(error: &CallError) -> bool {
    matches!(error, CallError::Status { status: 401, .. })
}

/// The machine's clocks.
#[derive(Debug, Clone)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    pub fn new() -> Self {
        SystemClock { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    fn now(&self) -> Now {
        let mono_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { wall: SystemTime::now().into(), mono_ms }
    }
}
