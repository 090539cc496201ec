//! The cache: a disposable mirror of the server's feed, and what a desk remembers for itself.

mod cursor;
mod incidents;
mod notified;
mod positions;
mod preferences;
mod retention;
mod rows;
mod session;
mod staged;
mod strange;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use domain::AlertId;
use protocol::durable::{CacheWrite, Incident, IncidentKind, StoredCache, WriteReport};
use protocol::entity::EntityKind;
use protocol::wire::{Checksums, Cursor, Item, op};
use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use retention::Purge;
pub use rows::Row;
pub use session::StoredSession;

use crate::database::{self, Ballast, Layout, Medium, Migration, between};
use crate::{Key, StoreError};

pub(crate) const LAYOUT: Layout = Layout {
    file: "cache.db",
    synchronous: "NORMAL",
    log_pages: 1_000,
    migrations: &[
        rows::CREATE,
        staged::CREATE,
        strange::CREATE,
        cursor::CREATE,
        positions::CREATE,
        incidents::CREATE,
        rows::SUM_INDEX,
        retention::CREATE,
        notified::CREATE,
        preferences::CREATE,
        session::CREATE,
        retention::CREATE_REPORTS,
    ],
};

/// The cache. All of it can be had from the server again, but for preferences and what was notified.
#[derive(Debug)]
pub struct Cache {
    pub(crate) conn: Connection,
    /// `None` in memory.
    file: Option<PathBuf>,
    set_aside: Option<PathBuf>,
    ballast: Ballast,
}

impl Cache {
    /// Opens `cache.db` in `dir`, making both when missing. A damaged file is set aside and an empty cache takes its place: see
    /// [`set_aside_as`](Self::set_aside_as).
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], [`StoreError::NewerSchema`] and [`StoreError::Unavailable`] leave the file as it is; for the
    /// first two, [`set_aside`](Self::set_aside) starts anew when the user wants that.
    pub fn open(dir: &Path, key: &Key, now: DateTime<Utc>) -> Result<Self, StoreError> {
        Cache::open_on(dir, &Medium::Sealed { dir, key }, now)
    }

    /// A cache of which nothing survives the process.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn open_in_memory() -> Result<Self, StoreError> {
        let conn = database::open(&LAYOUT, &Medium::Memory)?;
        Ok(Cache { conn, file: None, set_aside: None, ballast: Ballast::in_dir(None) })
    }

    pub(crate) fn open_on(dir: &Path, medium: &Medium<'_>, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let (file, ballast) = (medium.file(&LAYOUT), Ballast::in_dir(medium.dir()));
        let mut cache = match database::open(&LAYOUT, medium) {
            Ok(conn) => Cache { conn, file, set_aside: None, ballast },
            Err(StoreError::Corrupt { .. }) => {
                let set_aside = Some(Cache::set_aside(dir, now)?);
                Cache { conn: database::open(&LAYOUT, medium)?, file, set_aside, ballast }
            }
            Err(other) => return Err(other),
        };
        // Without room for it nothing new is written, but what is there can be seen.
        let _ = cache.ballast.keep();
        match staged::clear(&cache.conn) {
            // What is staged of a snapshot that was cut short stays until the next one: on a full disk the rest is worth more.
            Err(error) if !error.is_full() => return Err(error),
            Ok(_) | Err(_) => {}
        }
        if cache.set_aside.is_some() {
            let detail = format!("{} was damaged and set aside", LAYOUT.file);
            cache.record(&Incident { at: now, kind: IncidentKind::Quarantined, detail })?;
        }
        Ok(cache)
    }

    /// Renames `cache.db` in `dir`, so that the next [`open`](Self::open) starts with an empty one; answers its new name.
    ///
    /// # Errors
    /// [`StoreError::File`]
    pub fn set_aside(dir: &Path, now: DateTime<Utc>) -> Result<PathBuf, StoreError> {
        database::set_aside(&dir.join(LAYOUT.file), now)
    }

    /// Deletes `cache.db` in `dir` with all that lies beside it, and what was set aside of it. No cache may be open there.
    ///
    /// # Errors
    /// [`StoreError::File`]; calling it again goes on.
    pub fn delete(dir: &Path) -> Result<(), StoreError> {
        database::delete(&dir.join(LAYOUT.file))
    }

    /// Where the file is that turned out to be damaged when this cache was opened.
    pub fn set_aside_as(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// Where the cache stands and whom it knows the place of.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn load(&mut self) -> Result<StoredCache, StoreError> {
        Ok(StoredCache {
            cursor: cursor::get(&self.conn)?,
            positions: positions::all(&self.conn)?,
            private: rows::private_resources(&self.conn)?,
        })
    }

    /// One write in one transaction.
    ///
    /// # Errors
    /// When the database can't be written ([`StoreError::is_full`]: the disk is full); then nothing of it is.
    pub fn write(&mut self, write: &CacheWrite) -> Result<WriteReport, StoreError> {
        self.ballast.keep()?;
        let tx = self.begin()?;
        let mut report = WriteReport::default();
        let forgotten = match write {
            CacheWrite::Apply { items, cursor, checksums, forget } => {
                items.iter().try_for_each(|item| apply(&tx, item))?;
                cursor::set(&tx, *cursor)?;
                if let Some(expected) = checksums {
                    report.mismatched = rows::mismatched(&tx, expected)?;
                }
                positions::forget(&tx, forget)?
            }
            CacheWrite::StageBegin => staged::clear(&tx)?,
            CacheWrite::Stage { items } => staged::add(&tx, items)?,
            CacheWrite::Swap { cursor } => swap(&tx, *cursor)?,
            CacheWrite::Positions { positions } => positions::put(&tx, positions)?,
            CacheWrite::ForgetView => forget_view(&tx)?,
        };
        tx.commit()?;
        between("a cache written, its log not emptied");
        if forgotten > 0 {
            // Not left to the next checkpoint: what is to be forgotten is forgotten now. A busy log is emptied later.
            let _ = database::empty_log(&self.conn);
        }
        Ok(report)
    }

    /// Keeps an incident for the diagnostics; the oldest of too many go.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn record(&mut self, incident: &Incident) -> Result<(), StoreError> {
        match incidents::add(&self.conn, incident) {
            Err(error) if error.is_full() && self.ballast.give_up() => {
                // Bringing a long log into the file would take all the room that there is now.
                self.conn.pragma_update(None, "wal_autocheckpoint", 0)?;
                let recorded = incidents::add(&self.conn, incident);
                self.conn.pragma_update(None, "wal_autocheckpoint", LAYOUT.log_pages)?;
                recorded
            }
            done => done,
        }
    }

    /// The newest incidents, newest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn incidents(&self, limit: u32) -> Result<Vec<Incident>, StoreError> {
        incidents::newest(&self.conn, limit)
    }

    /// All rows of a kind, undecoded.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn rows(&self, kind: EntityKind) -> Result<Vec<Row>, StoreError> {
        rows::of_type(&self.conn, kind.name())
    }

    /// The sums over all rows, by type, as the server computes them.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn checksums(&self) -> Result<Checksums, StoreError> {
        rows::checksums(&self.conn)
    }

    /// Alerts that this desk has told its user about.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn notified(&self) -> Result<Vec<AlertId>, StoreError> {
        notified::all(&self.conn)
    }

    /// Remembers that the user was told about these alerts.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn note_notified(&mut self, alerts: &[AlertId], now: DateTime<Utc>) -> Result<(), StoreError> {
        let tx = self.begin()?;
        notified::add(&tx, alerts, now)?;
        Ok(tx.commit()?)
    }

    /// The desk's own settings.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn preferences(&self) -> Result<BTreeMap<String, String>, StoreError> {
        preferences::all(&self.conn)
    }

    /// Sets a setting; `None` unsets it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn set_preference(&mut self, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        preferences::set(&self.conn, name, value)
    }

    /// Who signed in last, for opening without a server.
    ///
    /// # Errors
    /// When the database can't be read; [`StoreError::Unreadable`] when it is of another build.
    pub fn session(&self) -> Result<Option<StoredSession>, StoreError> {
        session::get(&self.conn)
    }

    /// Remembers who signed in; `None` forgets.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn set_session(&mut self, session: Option<&StoredSession>) -> Result<(), StoreError> {
        session::set(&self.conn, session)
    }

    /// Forgets everything that came from the server, so that somebody else may sign in; preferences stay.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn clear(&mut self) -> Result<(), StoreError> {
        let tx = self.begin()?;
        forget_view(&tx)?;
        notified::clear(&tx)?;
        session::set(&tx, None)?;
        tx.commit()?;
        database::scrub(&self.conn)
    }

    pub(crate) fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        Ok(self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

/// One change of the feed. The feed's order decides, not the version.
pub(crate) fn apply(tx: &Transaction<'_>, item: &Item) -> Result<(), StoreError> {
    match (item.op.as_str(), &item.data) {
        (op::PUT, Some(data)) => {
            retention::forget(tx, item)?;
            rows::put(tx, item, data.get())
        }
        (op::DEL, _) => {
            retention::forget(tx, item)?;
            rows::delete(tx, item)
        }
        // Something newer than this build: the row stays as it was, its sum will differ, and the resync brings it whole.
        _ => strange::add(tx, item),
    }
}

/// Everything that tells what the user could see; answers how many rows and positions went.
fn forget_view(tx: &Transaction<'_>) -> Result<usize, StoreError> {
    staged::clear(tx)?;
    strange::clear(tx)?;
    retention::clear(tx)?;
    cursor::clear(tx)?;
    Ok(rows::clear(tx)? + positions::forget_all(tx)?)
}

/// Answers how many positions went.
fn swap(tx: &Transaction<'_>, cursor: Cursor) -> Result<usize, StoreError> {
    strange::clear(tx)?;
    retention::clear(tx)?;
    staged::become_rows(tx)?;
    cursor::set(tx, cursor)?;
    positions::forget_hidden(tx)
}
