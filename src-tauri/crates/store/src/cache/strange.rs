//! `strange`: changes with an operation that this build does not know, raw, for the diagnostics.

use protocol::wire::Item;
use rusqlite::{Connection, params};

use super::Migration;
use crate::StoreError;

/// So many are kept.
const MOST: u32 = 1000;

pub(super) const CREATE: Migration = Migration {
    version: 1,
    sql: "
        CREATE TABLE strange (
            seq   INTEGER PRIMARY KEY,
            at_ms INTEGER NOT NULL,
            item  TEXT NOT NULL
        ) STRICT;",
};

pub(super) fn add(conn: &Connection, item: &Item) -> Result<(), StoreError> {
    let text = serde_json::to_string(item)?;
    let mut insert = conn.prepare_cached("INSERT INTO strange (at_ms, item) VALUES (?1, ?2)")?;
    insert.execute(params![item.at.timestamp_millis(), text])?;
    conn.prepare_cached("DELETE FROM strange WHERE seq <= (SELECT max(seq) FROM strange) - ?1")?
        .execute([MOST])?;
    Ok(())
}

pub(super) fn clear(conn: &Connection) -> Result<(), StoreError> {
    conn.execute("DELETE FROM strange", [])?;
    Ok(())
}

/// Answers how many went.
pub(super) fn purge(conn: &Connection, before_ms: i64) -> Result<usize, StoreError> {
    Ok(conn.execute("DELETE FROM strange WHERE at_ms < ?1", [before_ms])?)
}
