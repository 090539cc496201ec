//! The peer that does nothing but insert: the same rows, already in memory, into an encrypted file in one transaction.

use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::{Connection, params};
use store::Row;

/// As the cache's, so that the encryption costs the same.
const PRAGMAS: &str = "
    PRAGMA key = \"x'0707070707070707070707070707070707070707070707070707070707070707'\";
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;";

/// The versions of SQLite and SQLCipher.
pub fn version() -> Result<String> {
    let conn = Connection::open_in_memory()?;
    let cipher: String = conn.query_row("PRAGMA cipher_version", [], |row| row.get(0))?;
    Ok(format!("{} (SQLCipher {cipher})", rusqlite::version()))
}

/// How long the insert took, commit included.
#[expect(clippy::disallowed_methods, reason = "a measurement")]
pub fn insert(rows: &[(&'static str, Row)]) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let mut conn = Connection::open(folder.path().join("bare.db"))?;
    conn.execute_batch(PRAGMAS)?;
    conn.execute_batch(
        "CREATE TABLE rows (
             type TEXT NOT NULL, id BLOB NOT NULL, version INTEGER NOT NULL, at_ms INTEGER NOT NULL, data TEXT NOT NULL,
             PRIMARY KEY (type, id)
         ) STRICT;",
    )?;
    let began = Instant::now();
    let tx = conn.transaction()?;
    let mut insert =
        tx.prepare("INSERT INTO rows (type, id, version, at_ms, data) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (entity, row) in rows {
        let (version, at_ms) = (row.version.cast_signed(), row.at.timestamp_millis());
        insert.execute(params![entity, row.id.as_bytes(), version, at_ms, row.data])?;
    }
    drop(insert);
    tx.commit()?;
    Ok(began.elapsed())
}
