//! One database file: its key, its pragmas, its schema.

mod aside;
mod ballast;
mod key_check;
mod migration;
mod steps;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

pub(crate) use aside::{delete, delete_older, set_aside};
pub(crate) use ballast::Ballast;
pub(crate) use migration::{Migration, newest};
pub(crate) use steps::between;

use crate::{Key, StoreError};
use key_check::KeyCheck;
pub(crate) use key_check::replace_file;

/// SQLite up to 3.51.2 can corrupt a database when its write-ahead log is reset.
const OLDEST_SQLITE: i32 = 3_051_003;
/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A file that tells how far a database has come: see [`outbox`](crate::outbox).
pub(crate) const MARK: &str = ".mark";

const READ_WRITE: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_CREATE);

/// What tells the databases apart.
pub(crate) struct Layout {
    /// Name of the file.
    pub file: &'static str,
    /// `NORMAL` may lose the last transactions in a power cut, `FULL` does not.
    pub synchronous: &'static str,
    /// After so many pages the write-ahead log is brought into the file. A short log needs little room on a full disk.
    pub log_pages: u32,
    /// All steps, in order.
    pub migrations: &'static [Migration],
}

/// Where a database lives.
pub(crate) enum Medium<'a> {
    /// In a folder, encrypted.
    Sealed { dir: &'a Path, key: &'a Key },
    /// Nowhere.
    Memory,
    /// In a folder, readable: lets tests search the file's bytes.
    #[cfg(test)]
    Plain { dir: &'a Path },
}

impl Medium<'_> {
    /// The folder, if there is one.
    pub fn dir(&self) -> Option<&Path> {
        match self {
            Medium::Sealed { dir, .. } => Some(dir),
            Medium::Memory => None,
            #[cfg(test)]
            Medium::Plain { dir } => Some(dir),
        }
    }

    /// Where the database's file is.
    pub fn file(&self, layout: &Layout) -> Option<PathBuf> {
        self.dir().map(|dir| dir.join(layout.file))
    }
}

/// Opens (or makes) a database and brings its schema up to date.
///
/// # Errors
/// [`StoreError::WrongKey`], [`StoreError::Corrupt`], [`StoreError::NewerSchema`], [`StoreError::Unavailable`]: in all cases
/// the file stays as it is.
pub(crate) fn open(layout: &Layout, medium: &Medium<'_>) -> Result<Connection, StoreError> {
    assert_sqlite()?;
    match medium {
        Medium::Sealed { dir, key } => {
            // On a full disk there is not even room for the log's index, which others could share.
            let ballast = Ballast::in_dir(Some(dir));
            match open_sealed(layout, dir, key, Index::Shared) {
                Err(error) if error.is_full() && ballast.give_up() => {
                    open_sealed(layout, dir, key, Index::Shared)
                }
                opened => opened,
            }
            .or_else(|error| match error {
                error if error.is_full() => open_sealed(layout, dir, key, Index::InMemory),
                other => Err(other),
            })
        }
        Medium::Memory => {
            let mut conn = Connection::open_in_memory()?;
            prepare(&mut conn, layout, Path::new(":memory:"))?;
            Ok(conn)
        }
        #[cfg(test)]
        Medium::Plain { dir } => {
            let file = dir.join(layout.file);
            let mut conn = connect(&file, None, READ_WRITE)?;
            prepare(&mut conn, layout, &file)?;
            Ok(conn)
        }
    }
}

/// Where the index of the write-ahead log is.
#[derive(Clone, Copy)]
enum Index {
    /// In a file, so that several connections can open the database.
    Shared,
    /// In memory: needs no room on the disk, and keeps everybody else out.
    InMemory,
}

fn open_sealed(layout: &Layout, dir: &Path, key: &Key, index: Index) -> Result<Connection, StoreError> {
    std::fs::create_dir_all(dir).map_err(|source| StoreError::File { file: dir.to_owned(), source })?;
    let file = dir.join(layout.file);
    let check = KeyCheck::of(&file)?;
    let size = file_size(&file)?;
    // Perhaps it is the check that is damaged.
    if size.is_some() && check.refuses(key) && !is_key_of(&file, key) {
        return Err(StoreError::WrongKey { file });
    }
    // The check is written after the first pages: an empty file beside one has lost its content, and one that is missing was there.
    if size.unwrap_or(0) == 0 && check.proves(key) {
        return Err(StoreError::Corrupt { file });
    }
    let opened = connect(&file, Some(key), READ_WRITE).and_then(|mut conn| {
        leave_log(&conn, true)?;
        match index {
            Index::Shared => {}
            Index::InMemory => conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?,
        }
        prepare(&mut conn, layout, &file)?;
        Ok(conn)
    });
    match opened {
        Ok(conn) => {
            between("a database without its key check");
            check.write(key)?;
            leave_log(&conn, false)?;
            Ok(conn)
        }
        // Without a check nobody can tell which of the two it is; a wrong key is the one that may be mended.
        Err(StoreError::Damaged(_)) if !check.proves(key) => Err(StoreError::WrongKey { file }),
        Err(StoreError::Damaged(_)) => Err(StoreError::Corrupt { file }),
        Err(other) => Err(other),
    }
}

/// Whether closing leaves the write-ahead log as it is, as a damaged file has to be left.
pub(crate) fn leave_log(conn: &Connection, leave: bool) -> Result<(), StoreError> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, leave)?;
    Ok(())
}

fn is_key_of(file: &Path, key: &Key) -> bool {
    let read = connect(file, Some(key), OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(|conn| {
        leave_log(&conn, true)?;
        Ok(conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, u32>(0))?)
    });
    read.is_ok_and(|tables| tables > 0)
}

/// A connection to a file that must exist and may be damaged, for saving what can be saved.
pub(crate) fn open_damaged(layout: &Layout, dir: &Path, key: &Key) -> Result<Connection, StoreError> {
    let file = dir.join(layout.file);
    if KeyCheck::of(&file)?.refuses(key) && !is_key_of(&file, key) {
        return Err(StoreError::WrongKey { file });
    }
    let conn = connect(&file, Some(key), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    leave_log(&conn, true)?;
    Ok(conn)
}

fn connect(file: &Path, key: Option<&Key>, access: OpenFlags) -> Result<Connection, StoreError> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let conn = Connection::open_with_flags(file, flags)?;
    if let Some(key) = key {
        // What SQLCipher would print of a damaged page is in the error, too.
        conn.execute_batch("PRAGMA cipher_log_level = NONE")?;
        conn.execute_batch(&key.pragma())?;
    }
    Ok(conn)
}

fn prepare(conn: &mut Connection, layout: &Layout, file: &Path) -> Result<(), StoreError> {
    set_pragmas(conn, layout)?;
    migration::check_newest(conn, layout, file)?;
    quick_check(conn)?;
    migration::migrate(conn, layout)
}

/// All pragmas of all databases; those of the key come before ([`Key::pragma`]).
fn set_pragmas(conn: &Connection, layout: &Layout) -> Result<(), StoreError> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(64);
    // Before the first table: it can't be changed later. Setting it again would write, perhaps into a damaged file.
    let pages: u32 = conn.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    if pages == 0 {
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", layout.synchronous)?;
    conn.pragma_update(None, "wal_autocheckpoint", layout.log_pages)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "secure_delete", true)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "journal_size_limit", 4 * 1024 * 1024)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}

/// Reads every page, which also checks every page's seal.
fn quick_check(conn: &Connection) -> Result<(), StoreError> {
    let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(StoreError::Damaged(rusqlite::Error::SqliteFailure(code, Some(verdict))))
}

/// After it nothing that was deleted is left in the file or its log.
pub(crate) fn scrub(conn: &Connection) -> Result<(), StoreError> {
    let mut vacuum = conn.prepare("PRAGMA incremental_vacuum")?;
    let mut pages = vacuum.query([])?;
    while pages.next()?.is_some() {}
    drop(pages);
    empty_log(conn)
}

/// Brings the write-ahead log into the file and truncates it.
pub(crate) fn empty_log(conn: &Connection) -> Result<(), StoreError> {
    let busy: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(code, None).into());
    }
    Ok(())
}

fn assert_sqlite() -> Result<(), StoreError> {
    let found = rusqlite::version_number();
    if found < OLDEST_SQLITE { Err(StoreError::OldSqlite { found }) } else { Ok(()) }
}

fn file_size(file: &Path) -> Result<Option<u64>, StoreError> {
    match std::fs::metadata(file) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { file: file.to_owned(), source }),
    }
}

/// A file that belongs to a database: its name with more behind it.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
