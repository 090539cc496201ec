//! The files of one identity, and the adaptor between crate `store` and the storage that crate `sync` wants.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use domain::company::{Company, Retention, User};
use protocol::durable::{
    CacheWrite, Incident, NewCommand, OutboxChange, QueuedCommand, StoredCache, StoredOutbox, WriteReport,
};
use protocol::entity::{Entity, EntityKind};
use protocol::view::{DeskError, DeskErrorCode};
use store::key::REFRESH_TOKEN;
use store::{Cache, Key, KeyStore, KeyStoreError, Outbox, Secret, StoreError, StoredSession};
use sync::{CacheStore, OutboxStore, StorageFault};

use crate::files::Identity;
use crate::{DeskConfig, KeyPolicy};

/// Everything of one identity, open.
pub struct OpenFiles {
    /// The sync session's half of the cache.
    pub cache: CacheFile,
    /// The outbox.
    pub outbox: OutboxFile,
    /// What is in the outbox.
    pub outbox_state: StoredOutbox,
    /// The controller's half of the cache.
    pub reader: RowReader,
    /// The rows of the cache with their versions.
    pub rows: Vec<(Entity, u64)>,
    /// Who signed in last, if anybody.
    pub session: Option<StoredSession>,
    /// Whether all this outlives the process.
    pub durable: bool,
    /// The folder, if it was made just now.
    made: Option<PathBuf>,
}

/// The cache as the sync session writes it.
#[derive(Clone)]
pub struct CacheFile(Arc<Mutex<Cache>>);

/// The outbox as the sync session writes it.
pub struct OutboxFile(Outbox);

/// The controller's half: reads rows, keeps who is signed in. Calls block: not for the loop.
#[derive(Clone)]
pub struct RowReader {
    cache: CacheFile,
    keys: Option<Arc<dyn KeyStore>>,
    server: String,
    /// Each identity has a token of its own: one user's must never refresh another's session.
    token_name: String,
}

/// Opens the files of an identity. Without a key store nothing outlives the process; but where files exist already, that is
/// an error: what waits in them must not be forgotten silently.
///
/// # Errors
/// [`DeskErrorCode::KeyStore`], [`DeskErrorCode::Storage`]; nothing was deleted.
pub fn open(
    config: &DeskConfig,
    identity: &Identity,
    is_demo: bool,
    now: DateTime<Utc>,
) -> Result<OpenFiles, DeskError> {
    let dir = config.data_dir.as_ref().filter(|_| !is_demo).map(|dir| folder(dir, identity));
    let Some(dir) = dir else { return in_memory(identity) };
    let exists = dir.join("outbox.db").exists();
    match key_store(&config.keys).and_then(|keys| Ok((Key::of_store(&*keys)?, keys))) {
        Ok((key, keys)) => on_disk(dir, &key, keys, identity, now),
        Err(error) if exists => Err(explain_keys(&error)),
        Err(error) => {
            tracing::warn!(%error, "no key store: this session leaves nothing behind");
            in_memory(identity)
        }
    }
}

/// Until when the cache of an identity opens without a server; `None` when it does not.
pub fn offline_until(config: &DeskConfig, identity: &Identity, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let dir = folder(config.data_dir.as_ref()?, identity);
    if !dir.join("cache.db").exists() {
        return None;
    }
    let keys = key_store(&config.keys).ok()?;
    let cache = Cache::open(&dir, &Key::of_store(&*keys).ok()?, now);
    let session = cache.and_then(|cache| cache.session());
    let session =
        session.inspect_err(|error| tracing::warn!(%error, "the cache can't be looked at")).ok()??;
    Some(session.offline_until).filter(|until| *until > now)
}

fn folder(data_dir: &std::path::Path, identity: &Identity) -> PathBuf {
    data_dir.join("sessions").join(identity.folder())
}

fn key_store(policy: &KeyPolicy) -> Result<Arc<dyn KeyStore>, KeyStoreError> {
    match policy {
        KeyPolicy::MemoryOnly => Err(KeyStoreError::Missing("not wanted".to_owned())),
        KeyPolicy::Given(keys) => Ok(keys.clone()),
        KeyPolicy::OsKeyring => os_keyring(),
    }
}

#[cfg(target_os = "linux")]
fn os_keyring() -> Result<Arc<dyn KeyStore>, KeyStoreError> {
    Ok(Arc::new(store::key::OsKeyring::probe("OfficeTrack Desk")?))
}

#[cfg(not(target_os = "linux"))]
fn os_keyring() -> Result<Arc<dyn KeyStore>, KeyStoreError> {
    Err(KeyStoreError::Missing("this build knows no key store here".to_owned()))
}

fn in_memory(identity: &Identity) -> Result<OpenFiles, DeskError> {
    let cache = Cache::open_in_memory().map_err(|error| explain(&error))?;
    let outbox = Outbox::open_in_memory().map_err(|error| explain(&error))?;
    assemble(cache, outbox, None, identity)
}

fn on_disk(
    dir: PathBuf,
    key: &Key,
    keys: Arc<dyn KeyStore>,
    identity: &Identity,
    now: DateTime<Utc>,
) -> Result<OpenFiles, DeskError> {
    let made = (!dir.exists()).then(|| dir.clone());
    let cache = Cache::open(&dir, key, now).map_err(|error| explain(&error))?;
    let outbox = Outbox::open(&dir, key).map_err(|error| explain(&error))?;
    let files = assemble(cache, outbox, Some(keys), identity)?;
    Ok(OpenFiles { durable: true, made, ..files })
}

fn assemble(
    cache: Cache,
    mut outbox: Outbox,
    keys: Option<Arc<dyn KeyStore>>,
    identity: &Identity,
) -> Result<OpenFiles, DeskError> {
    let outbox_state = outbox.load().map_err(|error| explain(&error))?;
    let session = cache.session().unwrap_or_else(|error| {
        tracing::warn!(%error, "who signed in last is not known any more");
        None
    });
    let cache = CacheFile(Arc::new(Mutex::new(cache)));
    let reader = RowReader {
        cache: cache.clone(),
        keys,
        server: identity.server_url.clone(),
        token_name: format!("{REFRESH_TOKEN} {}", identity.folder()),
    };
    let rows = reader.rows().map_err(|fault| {
        tracing::error!(%fault, "the cache can't be read");
        DeskError::from(DeskErrorCode::Storage)
    })?;
    let outbox = OutboxFile(outbox);
    Ok(OpenFiles { cache, outbox, outbox_state, reader, rows, session, durable: false, made: None })
}

impl OpenFiles {
    /// Closes files that nobody signed in to; a folder made for them goes again.
    pub fn close_unused(self) {
        let made = self.made.clone();
        drop(self);
        if let Some(dir) = made
            && let Err(error) = std::fs::remove_dir_all(&dir)
        {
            tracing::debug!(%error, "an unused folder stays");
        }
    }
}

impl RowReader {
    /// All rows of types that this build knows, with their versions; one that can't be read is left out.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn rows(&self) -> Result<Vec<(Entity, u64)>, StorageFault> {
        let cache = self.cache.lock();
        let mut rows = Vec::new();
        for kind in EntityKind::ALL {
            let stored = cache.rows(*kind).map_err(fault)?;
            rows.extend(stored.iter().filter_map(|row| decode(*kind, row)));
        }
        Ok(rows)
    }

    /// Remembers who is signed in, for opening without a server; `proof_at` is the last proof of freshness.
    pub fn remember(&self, user: &User, company: &Company, proof_at: DateTime<Utc>) {
        let session = StoredSession {
            server: self.server.clone(),
            user: user.clone(),
            company: company.clone(),
            offline_until: proof_at + TimeDelta::hours(i64::from(company.offline_hours)),
        };
        if let Err(error) = self.cache.lock().set_session(Some(&session)) {
            tracing::warn!(%error, "the session is not remembered");
        }
    }

    /// Keeps the refresh token where secrets are kept.
    pub fn keep_token(&self, refresh: &str) {
        let Some(keys) = &self.keys else { return };
        if let Err(error) = keys.set(&self.token_name, &Secret::new(refresh)) {
            tracing::warn!(%error, "the session has to be signed in to again after a restart");
        }
    }

    /// The refresh token kept last.
    pub fn token(&self) -> Option<String> {
        let secret = self.keys.as_ref()?.get(&self.token_name);
        let secret = secret.inspect_err(|error| tracing::warn!(%error, "no refresh token")).ok()??;
        secret.expose_text().map(str::to_owned)
    }

    /// Takes away what the company's retention no longer allows; answers whether rows went.
    pub fn purge(&self, retention: &Retention, now: DateTime<Utc>) -> bool {
        match self.cache.lock().purge(now, retention) {
            Ok(purge) => !purge.rows.is_empty(),
            Err(error) => {
                tracing::error!(%error, "old rows stay in the cache");
                false
            }
        }
    }

    /// Forgets all that came from the server, and the token. The outbox is not touched.
    pub fn forget(&self) {
        if let Err(error) = self.cache.lock().clear() {
            tracing::error!(%error, "the cache was not cleared");
        }
        if let Some(Err(error)) = self.keys.as_ref().map(|keys| keys.delete(&self.token_name)) {
            tracing::error!(%error, "the refresh token was not forgotten");
        }
    }
}

fn decode(kind: EntityKind, row: &store::Row) -> Option<(Entity, u64)> {
    let read = kind.decode(&row.data);
    let read = read.inspect_err(|_| tracing::warn!(kind = kind.name(), id = %row.id, "a row can't be read"));
    Some((read.ok()?, row.version))
}

impl CacheFile {
    fn lock(&self) -> MutexGuard<'_, Cache> {
        // A panic elsewhere can't have left half a transaction: the database takes it back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheStore for CacheFile {
    fn load(&mut self) -> Result<StoredCache, StorageFault> {
        self.lock().load().map_err(fault)
    }

    fn write(&mut self, write: &CacheWrite) -> Result<WriteReport, StorageFault> {
        self.lock().write(write).map_err(fault)
    }

    fn record(&mut self, incident: &Incident) -> Result<(), StorageFault> {
        self.lock().record(incident).map_err(fault)
    }
}

impl OutboxStore for OutboxFile {
    fn load(&mut self) -> Result<StoredOutbox, StorageFault> {
        self.0.load().map_err(fault)
    }

    fn push(&mut self, new: &NewCommand, wall: DateTime<Utc>) -> Result<QueuedCommand, StorageFault> {
        self.0.push(new, wall).map_err(fault)
    }

    fn replace(
        &mut self,
        old: u64,
        new: &NewCommand,
        wall: DateTime<Utc>,
    ) -> Result<QueuedCommand, StorageFault> {
        self.0.replace(old, new, wall).map_err(fault)
    }

    fn change(&mut self, changes: &[OutboxChange]) -> Result<(), StorageFault> {
        self.0.change(changes).map_err(fault)
    }
}

fn fault(error: StoreError) -> StorageFault {
    StorageFault(error.to_string())
}

fn explain(error: &StoreError) -> DeskError {
    tracing::error!(%error, "the local database can't be opened");
    DeskErrorCode::Storage.into()
}

fn explain_keys(error: &KeyStoreError) -> DeskError {
    tracing::error!(%error, "the key store does not give the key of the local database");
    let detail = match error {
        KeyStoreError::Missing(_) => "missing",
        KeyStoreError::Locked(_) => "locked",
        KeyStoreError::NoAnswer => "no_answer",
        KeyStoreError::Garbled | KeyStoreError::NotKept | KeyStoreError::NoRandomness => "broken",
    };
    DeskError { code: DeskErrorCode::KeyStore, detail: Some(detail.to_owned()) }
}
