//! A desk's two encrypted files, as the sync session writes them and as the campaign looks at them meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use chrono::{DateTime, Utc};
use protocol::durable::{
    CacheWrite, Incident, NewCommand, OutboxChange, QueuedCommand, StoredCache, StoredOutbox, WriteReport,
};
use protocol::entity::EntityKind;
use protocol::wire::PositionUpdate;
use store::{Cache, Key, Outbox, StoreError};
use sync::{CacheStore, OutboxStore, StorageFault};
use uuid::Uuid;

/// Rows by kind and id: their version and their JSON.
pub type Table = BTreeMap<(EntityKind, Uuid), (u64, String)>;

/// The cache: the session writes through one handle, the campaign reads through another.
#[derive(Clone)]
pub struct SharedCache(Arc<Mutex<Cache>>);

/// The outbox, likewise.
#[derive(Clone)]
pub struct SharedOutbox(Arc<Mutex<Outbox>>);

/// Opens both files in `folder`.
///
/// # Errors
/// As the store says.
pub fn open(folder: &Path, key: &Key, now: DateTime<Utc>) -> Result<(SharedCache, SharedOutbox)> {
    let cache = Cache::open(folder, key, now)?;
    let outbox = Outbox::open(folder, key)?;
    Ok((SharedCache(Arc::new(Mutex::new(cache))), SharedOutbox(Arc::new(Mutex::new(outbox)))))
}

impl SharedCache {
    fn lock(&self) -> MutexGuard<'_, Cache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every row.
    ///
    /// # Errors
    /// As the store says.
    pub fn table(&self) -> Result<Table> {
        let cache = self.lock();
        let mut table = Table::new();
        for &kind in EntityKind::ALL {
            let rows = cache.rows(kind)?;
            table.extend(rows.into_iter().map(|row| ((kind, row.id), (row.version, row.data))));
        }
        Ok(table)
    }

    /// Where everybody is.
    ///
    /// # Errors
    /// As the store says.
    pub fn positions(&self) -> Result<Vec<PositionUpdate>> {
        Ok(self.lock().load()?.positions)
    }
}

impl SharedOutbox {
    fn lock(&self) -> MutexGuard<'_, Outbox> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits in it.
    ///
    /// # Errors
    /// As the store says.
    pub fn stored(&self) -> Result<StoredOutbox> {
        Ok(self.lock().load()?)
    }
}

impl CacheStore for SharedCache {
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

impl OutboxStore for SharedOutbox {
    fn load(&mut self) -> Result<StoredOutbox, StorageFault> {
        self.lock().load().map_err(fault)
    }

    fn push(&mut self, new: &[NewCommand], wall: DateTime<Utc>) -> Result<Vec<QueuedCommand>, StorageFault> {
        self.lock().push_all(new, wall).map_err(fault)
    }

    fn replace(
        &mut self,
        old: u64,
        new: &NewCommand,
        wall: DateTime<Utc>,
    ) -> Result<QueuedCommand, StorageFault> {
        self.lock().replace(old, new, wall).map_err(fault)
    }

    fn change(&mut self, changes: &[OutboxChange]) -> Result<(), StorageFault> {
        self.lock().change(changes).map_err(fault)
    }
}

fn fault(error: StoreError) -> StorageFault {
    StorageFault(error.to_string())
}
