//! The storage seam. Crate `store` has the same methods on its own types; the adaptor between them is in crate `desk`.

use chrono::{DateTime, Utc};
use protocol::durable::{
    CacheWrite, Incident, NewCommand, OutboxChange, QueuedCommand, StoredCache, StoredOutbox, WriteReport,
};

/// The store could not do it; nothing of the transaction has happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StorageFault(pub String);

/// The disposable mirror of the server's feed.
pub trait CacheStore {
    /// What is stored.
    fn load(&mut self) -> Result<StoredCache, StorageFault>;
    /// One write in one transaction.
    fn write(&mut self, write: &CacheWrite) -> Result<WriteReport, StorageFault>;
    /// Keeps an incident for the diagnostics.
    fn record(&mut self, incident: &Incident) -> Result<(), StorageFault>;
}

/// The precious queue of what the user did.
pub trait OutboxStore {
    /// What is stored.
    fn load(&mut self) -> Result<StoredOutbox, StorageFault>;
    /// Stores commands, all of them or none; their numbers are taken in the same transaction, one after the other.
    fn push(&mut self, new: &[NewCommand], wall: DateTime<Utc>) -> Result<Vec<QueuedCommand>, StorageFault>;
    /// Stores a command that takes the place of `old`, which is deleted, in one transaction.
    fn replace(
        &mut self,
        old: u64,
        new: &NewCommand,
        wall: DateTime<Utc>,
    ) -> Result<QueuedCommand, StorageFault>;
    /// All changes in one transaction.
    fn change(&mut self, changes: &[OutboxChange]) -> Result<(), StorageFault>;
}
