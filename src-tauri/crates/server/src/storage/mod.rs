//! Where rows are kept: one SQLite file, one writer, read-only readers.
//!
//! This module is the seam for another database: outside it nobody names `rusqlite`. Everything above works with
//! [`Storage::write`] (one transaction: all of it or nothing), [`Storage::read`] (one consistent snapshot) and the methods that
//! each table's file adds to [`Reader`] and [`Tx`].

mod alert_event;
mod audit;
mod company;
mod credential;
mod deadline;
mod device;
mod entity;
mod entry;
mod failure;
mod feed;
mod message;
mod migrate;
mod phone;
mod position;
mod privacy_gap;
mod receipt;
mod seeded;
mod session;
mod webhook;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use uuid::Uuid;

pub use audit::AuditRow;
pub use company::CompanyRow;
pub use credential::CredentialRow;
pub use device::DeviceRow;
pub use entity::{EntityRow, NewEntityRow, View};
pub use entry::EntryRow;
pub use feed::NewFeedRow;
pub use message::MessageRow;
pub use phone::PhoneRow;
pub use position::PositionRow;
pub use privacy_gap::PrivacyGapRow;
pub use receipt::ReceiptRow;
pub use session::SessionRow;
pub use webhook::WebhookRow;

use crate::config::DataPlace;

/// The store failed.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database said no.
    #[error("database: {0}")]
    Sql(#[from] rusqlite::Error),
    /// A stored row can't be read back.
    #[error("a stored row can't be read: {0}")]
    Row(#[from] serde_json::Error),
    /// The file was written by a newer server.
    #[error("the data is of version {found}, this server knows {known}: it needs a newer server")]
    Newer {
        /// Version in the file.
        found: i64,
        /// Newest version this build knows.
        known: i64,
    },
    /// There is no such tenant.
    #[error("there is no such company")]
    NoCompany,
    /// The linked SQLite has the bug that can corrupt a WAL file when it is reset.
    #[error("SQLite {0} is too old")]
    OldLibrary(i32),
}

/// First SQLite release without the WAL-reset corruption.
const MIN_LIBRARY: i32 = 3_051_003;

/// The rows.
#[derive(Debug)]
pub struct Storage {
    writer: Mutex<Connection>,
    readers: Readers,
}

#[derive(Debug)]
enum Readers {
    /// Read-only connections to a file, made as needed and reused.
    Pool { path: PathBuf, idle: Mutex<Vec<Connection>> },
    /// Data in memory belongs to one connection: readers take turns with the writer.
    Writer,
}

/// Reads within one consistent snapshot.
#[derive(Debug)]
pub struct Reader<'a> {
    sql: &'a Connection,
}

/// Writes within one transaction; everything that [`Reader`] does, too.
#[derive(Debug)]
pub struct Tx<'a> {
    reader: Reader<'a>,
}

impl<'a> Deref for Tx<'a> {
    type Target = Reader<'a>;
    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

impl Storage {
    /// Opens (or makes) the data and brings it to the newest version.
    pub fn open(place: &DataPlace) -> Result<Self, StorageError> {
        let library = rusqlite::version_number();
        if library < MIN_LIBRARY {
            return Err(StorageError::OldLibrary(library));
        }
        let (mut sql, readers) = match place {
            DataPlace::Memory => (Connection::open_in_memory()?, Readers::Writer),
            DataPlace::File(path) => {
                let idle = Mutex::new(Vec::new());
                (Connection::open(path)?, Readers::Pool { path: path.clone(), idle })
            }
        };
        configure(&sql)?;
        migrate::migrate(&mut sql)?;
        Ok(Storage { writer: Mutex::new(sql), readers })
    }

    /// Runs `work` in one transaction: committed when it answers `Ok`, rolled back otherwise. `committed` sees the outcome
    /// before the next writer may begin, so what it announces is announced in order. Blocks while another writes.
    pub fn write<T, E: From<StorageError>>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
        committed: impl FnOnce(&T),
    ) -> Result<T, E> {
        let mut sql = lock(&self.writer);
        let transaction =
            sql.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StorageError::from)?;
        let out = work(&Tx { reader: Reader { sql: &transaction } })?;
        transaction.commit().map_err(StorageError::from)?;
        committed(&out);
        Ok(out)
    }

    /// Brings the write-ahead log into the file and truncates it, so that nothing that was deleted is left in it. While somebody
    /// reads, that has to wait for the next time.
    pub fn empty_log(&self) -> Result<(), StorageError> {
        let busy: bool =
            lock(&self.writer).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy {
            tracing::debug!("the log is being read and was not emptied");
        }
        Ok(())
    }

    /// Runs `work` on one consistent snapshot.
    pub fn read<T, E: From<StorageError>>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        match &self.readers {
            Readers::Writer => work(&Reader { sql: &lock(&self.writer) }),
            Readers::Pool { path, idle } => {
                let pooled = lock(idle).pop();
                let mut sql = pooled.map_or_else(|| open_reader(path), Ok)?;
                let out = {
                    let transaction = sql.transaction().map_err(StorageError::from)?;
                    work(&Reader { sql: &transaction })
                };
                lock(idle).push(sql);
                out
            }
        }
    }
}

/// The one place for the settings of a connection.
fn configure(sql: &Connection) -> Result<(), StorageError> {
    sql.pragma_update(None, "journal_mode", "WAL")?;
    sql.pragma_update(None, "synchronous", "NORMAL")?;
    sql.pragma_update(None, "foreign_keys", true)?;
    sql.pragma_update(None, "busy_timeout", 5_000)?;
    sql.pragma_update(None, "secure_delete", true)?;
    sql.pragma_update(None, "temp_store", "MEMORY")?;
    sql.pragma_update(None, "journal_size_limit", 67_108_864)?;
    sql.pragma_update(None, "trusted_schema", false)?;
    sql.set_prepared_statement_cache_capacity(128);
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection, StorageError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sql = Connection::open_with_flags(path, flags)?;
    sql.pragma_update(None, "busy_timeout", 5_000)?;
    sql.set_prepared_statement_cache_capacity(128);
    Ok(sql)
}

/// A panic of another thread inside a transaction has rolled it back: the connection behind a poisoned lock is sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds since 1970, how times are stored.
pub(crate) fn to_ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The time of stored milliseconds; what is out of range becomes the epoch's begin.
pub(crate) fn from_ms(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or(DateTime::UNIX_EPOCH)
}

fn id_of(bytes: [u8; 16]) -> Uuid {
    Uuid::from_bytes(bytes)
}

/// SQLite's integers are signed; versions, cursors and hashes keep their bits.
pub(crate) fn to_i64(value: u64) -> i64 {
    i64::from_ne_bytes(value.to_ne_bytes())
}

pub(crate) fn to_u64(value: i64) -> u64 {
    u64::from_ne_bytes(value.to_ne_bytes())
}
