//! A desk of a campaign: the real sync session on real encrypted files, and somebody who signs in again when asked to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use domain::CommandId;
use protocol::durable::{CommandState, IncidentKind, NewCommand, StoredOutbox};
use protocol::view::ConnectionState;
use protocol::wire::{CommandBody, Cursor, Rejection, SignInRequest};
use store::Key;
use sync::{
    BaseUrl, CacheStore as _, Clock as _, CoreConfig, Session, SyncConfig, SyncEvent, SyncHandle,
    SystemClock, Tokens,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::company::Login;
use super::files::{self, SharedCache, SharedOutbox};

/// A desk.
pub struct Desk {
    /// Whose.
    pub login: Login,
    setup: Setup,
    running: Option<Running>,
    told: Arc<Mutex<Told>>,
    /// Every command ever submitted.
    pub submitted: BTreeMap<u64, CommandBody>,
    /// Those that the server refused, given up since.
    pub refused: BTreeSet<u64>,
}

/// What a desk is made of.
pub struct Setup {
    /// Of its files.
    pub folder: PathBuf,
    /// What the session talks to.
    pub proxy_url: String,
    /// What signing in talks to.
    pub server_url: String,
    /// Rules of the session.
    pub core: CoreConfig,
    /// Of the session's jitter.
    pub seed: u64,
}

struct Running {
    handle: SyncHandle,
    cache: SharedCache,
    outbox: SharedOutbox,
    listener: JoinHandle<()>,
}

/// What the session has told.
#[derive(Default)]
struct Told {
    tokens: Option<Tokens>,
    sign_in_again: bool,
    done: BTreeSet<u64>,
    attention: BTreeSet<u64>,
    incidents: BTreeMap<IncidentKind, u64>,
}

impl Desk {
    /// Signs in and starts.
    ///
    /// # Errors
    /// When the files can't be opened or nobody can sign in.
    pub async fn open(login: Login, setup: Setup) -> Result<Desk> {
        std::fs::create_dir_all(&setup.folder)?;
        let mut desk = Desk {
            login,
            setup,
            running: None,
            told: Arc::default(),
            submitted: BTreeMap::new(),
            refused: BTreeSet::new(),
        };
        desk.start().await?;
        Ok(desk)
    }

    async fn start(&mut self) -> Result<()> {
        let clock = Arc::new(SystemClock::new());
        let key = Key::from_bytes([7; 32]);
        let (cache, outbox) = files::open(&self.setup.folder, &key, clock.now().wall)?;
        let known = lock(&self.told).tokens.clone();
        let tokens = match known {
            Some(tokens) => Tokens { expires_in_secs: 0, ..tokens },
            None => self.sign_in(&outbox.stored()?).await?,
        };
        lock(&self.told).tokens = Some(tokens.clone());
        let (events, heard) = mpsc::channel(64);
        let base_url = BaseUrl::parse(&self.setup.proxy_url)?;
        let session = Session {
            config: SyncConfig { base_url, core: self.setup.core, seed: self.setup.seed },
            tokens,
            cache: cache.clone(),
            outbox: outbox.clone(),
            events,
            clock,
            cancel: CancellationToken::new(),
        };
        let listener = tokio::spawn(listen(heard, Arc::clone(&self.told)));
        self.running = Some(Running { handle: session.start()?, cache, outbox, listener });
        Ok(())
    }

    async fn sign_in(&self, outbox: &StoredOutbox) -> Result<Tokens> {
        let request = SignInRequest {
            company: self.login.company.clone(),
            user: self.login.user.clone(),
            password: self.login.password.clone(),
            device: outbox.device,
            device_epoch: outbox.device_epoch,
        };
        let server = BaseUrl::parse(&self.setup.server_url)?;
        Ok(Tokens::from(&sync::sign_in(&server, &request).await?))
    }

    fn running(&self) -> Result<&Running> {
        self.running.as_ref().context("the desk is stopped")
    }

    /// The process ends, wherever it stands, and starts again with its files.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        self.setup.seed = self.setup.seed.wrapping_add(1);
        self.start().await
    }

    /// The process ends.
    ///
    /// # Errors
    /// When what it told can't be read to the end.
    pub async fn stop(&mut self) -> Result<()> {
        if let Some(running) = self.running.take() {
            running.handle.stop().await;
            drop(running.handle);
            running.listener.await?;
        }
        Ok(())
    }

    /// Somebody asks for something: from here on it may not be lost.
    ///
    /// # Errors
    /// When it was not stored.
    pub async fn submit(&mut self, id: Uuid, body: CommandBody, if_match: Option<u64>) -> Result<u64> {
        let (id, valid_until, depends_on) = (CommandId(id), None, None);
        let new = NewCommand { id, body: body.clone(), if_match, valid_until, depends_on };
        let n = self.running()?.handle.submit(new).await?;
        anyhow::ensure!(self.submitted.insert(n, body).is_none(), "number {n} was given out twice");
        Ok(n)
    }

    /// Signs in again if the desk has asked for it; whether it had.
    ///
    /// # Errors
    /// When nobody can sign in.
    pub async fn answer_sign_in(&self) -> Result<bool> {
        if !std::mem::take(&mut lock(&self.told).sign_in_again) {
            return Ok(false);
        }
        let running = self.running()?;
        let tokens = self.sign_in(&running.outbox.stored()?).await?;
        lock(&self.told).tokens = Some(tokens.clone());
        running.handle.signed_in(tokens).await?;
        Ok(true)
    }

    /// The cache.
    ///
    /// # Errors
    /// When the desk is stopped.
    pub fn cache(&self) -> Result<&SharedCache> {
        Ok(&self.running()?.cache)
    }

    /// Where the cache stands.
    ///
    /// # Errors
    /// As the store says.
    pub fn cursor(&self) -> Result<Option<Cursor>> {
        Ok(self.cache()?.clone().load()?.cursor)
    }

    /// Commands that are still on their way.
    ///
    /// # Errors
    /// As the store says.
    pub fn pending(&self) -> Result<usize> {
        let stored = self.running()?.outbox.stored()?;
        Ok(stored.commands.iter().filter(|queued| queued.state.is_pending()).count())
    }

    /// Why what has not arrived has not arrived, for the report.
    pub fn explain(&self) -> String {
        let queue = self.running().and_then(|running| running.outbox.stored());
        let queue: Vec<_> = queue.map(|stored| stored.commands).unwrap_or_default();
        let pending = queue.iter().filter(|queued| queued.state.is_pending());
        let pending: Vec<_> =
            pending.map(|queued| (queued.command.n, queued.attempts, &queued.state)).take(5).collect();
        let told = lock(&self.told);
        format!(
            "{}: at {:?}, waiting {pending:?}, incidents {:?}",
            self.login.user,
            self.cursor(),
            told.incidents
        )
    }

    /// Incidents so far.
    pub fn incidents(&self) -> BTreeMap<IncidentKind, u64> {
        lock(&self.told).incidents.clone()
    }

    /// Moves what the server refused from the queue to [`refused`](Self::refused), as a user who has read why. Answers what can't be
    /// right: numbers with two ends, and numbers that the server says were used for something else.
    ///
    /// # Errors
    /// As the store says.
    pub async fn settle(&mut self) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        let running = self.running.as_ref().context("the desk is stopped")?;
        for queued in running.outbox.stored()?.commands {
            let n = queued.command.n;
            match queued.state {
                CommandState::Queued | CommandState::InFlight | CommandState::Acked { .. } => continue,
                CommandState::Failed { reason: Rejection::NumberReused } => {
                    wrong.push(format!("{n}: reused"))
                }
                CommandState::Failed { .. } | CommandState::NeedsUser { .. } => {}
            }
            self.refused.insert(n);
            running.handle.discard(n).await?;
        }
        let told = lock(&self.told);
        let both = told.done.intersection(&told.attention).map(|n| format!("{n}: done and refused"));
        wrong.extend(both);
        wrong.extend(
            told.done.intersection(&self.refused).map(|n| format!("{n}: done, yet refused in the file")),
        );
        Ok(wrong)
    }
}

fn lock(told: &Mutex<Told>) -> MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(mut heard: mpsc::Receiver<SyncEvent>, told: Arc<Mutex<Told>>) {
    while let Some(event) = heard.recv().await {
        let mut told = lock(&told);
        match event {
            SyncEvent::Done { n } => drop(told.done.insert(n)),
            SyncEvent::Attention { n } => drop(told.attention.insert(n)),
            SyncEvent::TokensChanged(tokens) => told.tokens = Some(Tokens::from(&*tokens)),
            SyncEvent::Incident(incident) => *told.incidents.entry(incident.kind).or_default() += 1,
            SyncEvent::Freshness(freshness) => {
                told.sign_in_again |= freshness.state == ConnectionState::SignInAgain;
            }
            SyncEvent::Applied { .. }
            | SyncEvent::Reset { .. }
            | SyncEvent::Positions(_)
            | SyncEvent::Outbox { .. }
            | SyncEvent::ViewChanged => {}
        }
    }
}
