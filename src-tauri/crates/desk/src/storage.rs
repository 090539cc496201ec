//! The files of one identity: opened, salvaged, and handed out to the sync session and to the controller.
//!
//! Two keys: the outbox has the store's own, the cache one of its identity. Signing out forgets the latter, so that what is left
//! of the cache anywhere can't be read again, while what still waits in the outbox can.

mod damage;
mod for_sync;
mod local;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use protocol::durable::StoredOutbox;
use protocol::view::{DeskError, DeskErrorCode};
use store::key::REFRESH_TOKEN;
use store::{Cache, Key, KeyStore, KeyStoreError, Outbox, StoreError, StoredSession, UnreadableCommand};

pub use damage::{export_damaged, salvage};
pub use for_sync::{CacheFile, OutboxFile};
pub use local::{LocalData, LocalFacts};

use crate::files::Identity;
use crate::rows::CachedRow;
use crate::speeds::KeptSpeeds;
use crate::{DeskConfig, KeyPolicy};

/// Everything of one identity, open.
pub struct OpenFiles {
    /// The sync session's half of the cache.
    pub cache: CacheFile,
    /// The outbox.
    pub outbox: OutboxFile,
    /// What is in the outbox.
    pub outbox_state: StoredOutbox,
    /// Commands that this build can't read.
    pub unreadable: Vec<UnreadableCommand>,
    /// The controller's half.
    pub local: LocalData,
    /// The rows of the cache.
    pub rows: Vec<CachedRow>,
    /// Who signed in last, if anybody.
    pub session: Option<StoredSession>,
    /// What was learnt of the roads' speeds.
    pub speeds: KeptSpeeds,
    /// Whether all this outlives the process.
    pub durable: bool,
    /// The folder, if it was made just now.
    made: Option<PathBuf>,
}

/// Where the secrets of one identity are.
#[derive(Clone)]
struct Secrets {
    keys: Arc<dyn KeyStore>,
    /// Each identity has a token of its own: one user's must never refresh another's session.
    token: String,
    /// And a key of its own for what came from the server.
    cache_key: String,
}

/// Opens the files of an identity. Without a key store nothing outlives the process; but where files exist already, that is
/// an error: what waits in them must not be forgotten silently.
///
/// # Errors
/// [`DeskErrorCode::KeyStore`], [`DeskErrorCode::Storage`], [`DeskErrorCode::StorageNewer`], [`DeskErrorCode::QueueDamaged`];
/// nothing was deleted.
pub fn open(
    config: &DeskConfig,
    identity: &Identity,
    is_demo: bool,
    now: DateTime<Utc>,
) -> Result<OpenFiles, DeskError> {
    let dir = config.data_dir.as_ref().filter(|_| !is_demo).map(|dir| folder(dir, identity));
    let Some(dir) = dir else { return in_memory() };
    let exists = dir.join("outbox.db").exists();
    match Secrets::of(config, identity).and_then(|secrets| Ok((secrets.outbox_key(&dir)?, secrets))) {
        Ok((key, secrets)) => on_disk(dir, &key, secrets, now),
        Err(error) if exists => Err(explain_keys(&error)),
        Err(error) => {
            tracing::warn!(%error, "no key store: this session leaves nothing behind");
            in_memory()
        }
    }
}

/// Until when the cache of an identity opens without a server; `None` when it does not.
pub fn offline_until(config: &DeskConfig, identity: &Identity, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let dir = folder(config.data_dir.as_ref()?, identity);
    if !dir.join("cache.db").exists() {
        return None;
    }
    let secrets = Secrets::of(config, identity).ok()?;
    let key = secrets.outbox_key(&dir).and_then(|key| secrets.cache_key(&dir, &key)).ok()?;
    let session = Cache::open(&dir, &key, now).and_then(|cache| cache.session());
    let session =
        session.inspect_err(|error| tracing::warn!(%error, "the cache can't be looked at")).ok()??;
    Some(session.offline_until).filter(|until| *until > now)
}

impl Secrets {
    fn of(config: &DeskConfig, identity: &Identity) -> Result<Self, KeyStoreError> {
        let folder = identity.folder();
        let keys = key_store(&config.keys)?;
        Ok(Self {
            keys,
            token: format!("{REFRESH_TOKEN} {folder}"),
            cache_key: format!("cache-key {folder}"),
        })
    }

    /// The key of the outbox in `dir`. Where there is one already, a new key would only hide that the old one is lost.
    fn outbox_key(&self, dir: &Path) -> Result<Key, KeyStoreError> {
        if dir.join("outbox.db").exists() {
            Key::kept_in(&*self.keys)?.ok_or(KeyStoreError::Lost)
        } else {
            Key::of_store(&*self.keys)
        }
    }

    /// The key of the cache in `dir`. One that was made before caches had keys of their own has the outbox's, until it is wiped.
    fn cache_key(&self, dir: &Path, outbox: &Key) -> Result<Key, KeyStoreError> {
        let is_of_old = dir.join("cache.db").exists() && self.keys.get(&self.cache_key)?.is_none();
        if is_of_old { Ok(outbox.clone()) } else { Key::named(&*self.keys, &self.cache_key) }
    }
}

fn folder(data_dir: &Path, identity: &Identity) -> PathBuf {
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

fn in_memory() -> Result<OpenFiles, DeskError> {
    let cache = Cache::open_in_memory().map_err(|error| explain(&error))?;
    let outbox = Outbox::open_in_memory().map_err(|error| explain(&error))?;
    assemble(cache, outbox, None)
}

fn on_disk(dir: PathBuf, key: &Key, secrets: Secrets, now: DateTime<Utc>) -> Result<OpenFiles, DeskError> {
    let made = (!dir.exists()).then(|| dir.clone());
    // The outbox first: where it can't be opened, the cache is left alone.
    let outbox = Outbox::open(&dir, key).map_err(|error| explain_outbox(&error))?;
    let cache_key = secrets.cache_key(&dir, key).map_err(|error| explain_keys(&error))?;
    let cache = match Cache::open(&dir, &cache_key, now) {
        // Its key is gone, and all of it can be had again: nobody is locked out for that.
        Err(StoreError::WrongKey { .. }) => {
            Cache::set_aside(&dir, now).and_then(|_| Cache::open(&dir, &cache_key, now))
        }
        opened => opened,
    };
    let cache = cache.map_err(|error| explain(&error))?;
    let files = assemble(cache, outbox, Some((dir, secrets)))?;
    Ok(OpenFiles { durable: true, made, ..files })
}

fn assemble(
    cache: Cache,
    mut outbox: Outbox,
    lasting: Option<(PathBuf, Secrets)>,
) -> Result<OpenFiles, DeskError> {
    let outbox_state = outbox.load().map_err(|error| explain_outbox(&error))?;
    let unreadable = outbox.unreadable().map_err(|error| explain_outbox(&error))?;
    let session = cache.session().unwrap_or_else(|error| {
        tracing::warn!(%error, "who signed in last is not known any more");
        None
    });
    let cache = CacheFile(Arc::new(Mutex::new(Some(cache))));
    let outbox = OutboxFile(Arc::new(Mutex::new(outbox)));
    let local = LocalData::new(cache.clone(), outbox.clone(), lasting);
    let rows = local.rows().map_err(|fault| {
        tracing::error!(%fault, "the cache can't be read");
        DeskError::from(DeskErrorCode::Storage)
    })?;
    let speeds = local.speeds();
    Ok(OpenFiles {
        cache,
        outbox,
        outbox_state,
        unreadable,
        local,
        rows,
        session,
        speeds,
        durable: false,
        made: None,
    })
}

impl OpenFiles {
    /// Closes files that nobody signed in to; a folder made for them goes again, with its key.
    pub fn close_unused(self) {
        let (made, local) = (self.made.clone(), self.local.clone());
        let Some(dir) = made else { return };
        local.wipe();
        drop((self, local));
        if let Err(error) = std::fs::remove_dir_all(&dir) {
            tracing::debug!(%error, "an unused folder stays");
        }
    }
}

/// What the sign-in page says when a file can't be opened.
fn explain(error: &StoreError) -> DeskError {
    tracing::error!(%error, "the local database can't be opened");
    match error {
        StoreError::NewerSchema { .. } => DeskErrorCode::StorageNewer.into(),
        StoreError::WrongKey { .. } => {
            DeskError { code: DeskErrorCode::Storage, detail: Some("wrong_key".to_owned()) }
        }
        StoreError::Unavailable { why, .. } => {
            DeskError { code: DeskErrorCode::Storage, detail: Some(why.to_string()) }
        }
        StoreError::Corrupt { .. }
        | StoreError::Damaged(_)
        | StoreError::NoSuchCommand { .. }
        | StoreError::AlreadyQueued { .. }
        | StoreError::Unreadable { .. }
        | StoreError::Encoding(_)
        | StoreError::File { .. }
        | StoreError::NoRandomness
        | StoreError::OldSqlite { .. }
        | StoreError::Sql(_) => DeskErrorCode::Storage.into(),
    }
}

/// As [`explain`]; damage of the outbox is the user's to decide about.
fn explain_outbox(error: &StoreError) -> DeskError {
    if matches!(error, StoreError::Corrupt { .. } | StoreError::Damaged(_)) {
        tracing::error!(%error, "the queue is damaged");
        return DeskErrorCode::QueueDamaged.into();
    }
    explain(error)
}

fn explain_keys(error: &KeyStoreError) -> DeskError {
    tracing::error!(%error, "the key store does not give the key of the local database");
    let detail = match error {
        KeyStoreError::Missing(_) => "missing",
        KeyStoreError::Locked(_) => "locked",
        KeyStoreError::NoAnswer => "no_answer",
        KeyStoreError::Lost => "lost",
        KeyStoreError::Garbled | KeyStoreError::NotKept | KeyStoreError::NoRandomness => "broken",
    };
    DeskError { code: DeskErrorCode::KeyStore, detail: Some(detail.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_with_a_file_has_its_own_word() {
        let file = || PathBuf::from("/home/somebody/outbox.db");
        let newer = StoreError::NewerSchema { file: file(), found: 9, known: 2 };
        assert_eq!(explain_outbox(&newer).code, DeskErrorCode::StorageNewer, "update the program");
        let damaged = StoreError::Corrupt { file: file() };
        assert_eq!(explain_outbox(&damaged).code, DeskErrorCode::QueueDamaged, "salvage the queue");
        let wrong = explain(&StoreError::WrongKey { file: file() });
        assert_eq!(wrong.detail.as_deref(), Some("wrong_key"), "find the key");
        assert_eq!(wrong.code, DeskErrorCode::Storage, "and no path in any of them");
    }
}
