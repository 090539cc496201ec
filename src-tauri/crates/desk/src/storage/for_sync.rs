//! The adaptor between crate `store` and the storage that crate `sync` wants.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use protocol::durable::{
    CacheWrite, Incident, NewCommand, OutboxChange, QueuedCommand, StoredCache, StoredOutbox, WriteReport,
};
use store::{Cache, Outbox, StoreError};
use sync::{CacheStore, OutboxStore, StorageFault};

/// The cache as the sync session writes it; `None` once it was wiped.
#[derive(Clone)]
pub struct CacheFile(pub(super) Arc<Mutex<Option<Cache>>>);

/// The outbox as the sync session writes it.
#[derive(Clone)]
pub struct OutboxFile(pub(super) Arc<Mutex<Outbox>>);

impl CacheFile {
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Cache) -> Result<T, StoreError>,
    ) -> Result<T, StorageFault> {
        match &mut *self.lock() {
            Some(cache) => work(cache).map_err(fault),
            None => Err(StorageFault("the cache was wiped".to_owned())),
        }
    }

    /// Closes it for everybody who still holds it; answers it.
    pub(super) fn close(&self) -> Option<Cache> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Cache>> {
        // A panic elsewhere can't have left half a transaction: the database takes it back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OutboxFile {
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Outbox) -> Result<T, StoreError>,
    ) -> Result<T, StorageFault> {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)).map_err(fault)
    }
}

impl CacheStore for CacheFile {
    fn load(&mut self) -> Result<StoredCache, StorageFault> {
        self.with(Cache::load)
    }

    fn write(&mut self, write: &CacheWrite) -> Result<WriteReport, StorageFault> {
        self.with(|cache| cache.write(write))
    }

    fn record(&mut self, incident: &Incident) -> Result<(), StorageFault> {
        self.with(|cache| cache.record(incident))
    }
}

impl OutboxStore for OutboxFile {
    fn load(&mut self) -> Result<StoredOutbox, StorageFault> {
        self.with(Outbox::load)
    }

    fn push(&mut self, new: &[NewCommand], wall: DateTime<Utc>) -> Result<Vec<QueuedCommand>, StorageFault> {
        self.with(|outbox| outbox.push_all(new, wall))
    }

    fn replace(
        &mut self,
        old: u64,
        new: &NewCommand,
        wall: DateTime<Utc>,
    ) -> Result<QueuedCommand, StorageFault> {
        self.with(|outbox| outbox.replace(old, new, wall))
    }

    fn change(&mut self, changes: &[OutboxChange]) -> Result<(), StorageFault> {
        self.with(|outbox| outbox.change(changes))
    }
}

/// What went wrong, without the path of any file: it ends up in the diagnostics, and a home folder has its owner's name.
fn fault(error: StoreError) -> StorageFault {
    StorageFault(match &error {
        StoreError::WrongKey { .. } => "wrong key".to_owned(),
        StoreError::Corrupt { .. } => "damaged".to_owned(),
        StoreError::NewerSchema { found, known, .. } => format!("schema {found}, known is {known}"),
        StoreError::File { source, .. } => source.to_string(),
        StoreError::Unavailable { .. }
        | StoreError::Damaged(_)
        | StoreError::NoSuchCommand { .. }
        | StoreError::AlreadyQueued { .. }
        | StoreError::Unreadable { .. }
        | StoreError::Encoding(_)
        | StoreError::NoRandomness
        | StoreError::OldSqlite { .. }
        | StoreError::Sql(_) => error.to_string(),
    })
}
