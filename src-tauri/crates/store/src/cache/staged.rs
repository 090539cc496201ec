//! `staged`: the rows of a snapshot on its way, beside the live ones. Once it is whole, its table becomes that of the live rows: copying
//! them would write everything twice.

use protocol::wire::{Item, op};
use rusqlite::{Connection, params};

use super::{Migration, rows};
use crate::StoreError;

pub(super) const CREATE: Migration = Migration {
    version: 1,
    sql: "
        CREATE TABLE staged (
            type    TEXT NOT NULL,
            id      BLOB NOT NULL,
            version INTEGER NOT NULL,
            at_ms   INTEGER NOT NULL,
            data    TEXT NOT NULL,
            PRIMARY KEY (type, id)
        ) STRICT;",
};

pub(super) fn clear(conn: &Connection) -> Result<usize, StoreError> {
    conn.execute("DELETE FROM staged", [])?;
    Ok(0)
}

/// A snapshot holds whole rows only; anything else in it is left out, and the sums tell.
pub(super) fn add(conn: &Connection, items: &[Item]) -> Result<usize, StoreError> {
    let mut insert = conn.prepare_cached(
        "INSERT OR REPLACE INTO staged (type, id, version, at_ms, data) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for item in items.iter().filter(|item| item.op == op::PUT) {
        let Some(data) = &item.data else { continue };
        let (version, at_ms) = (item.version.cast_signed(), item.at.timestamp_millis());
        insert.execute(params![item.entity.0, item.id.as_bytes(), version, at_ms, data.get()])?;
    }
    Ok(0)
}

/// The staged rows take the place of all others.
pub(super) fn become_rows(conn: &Connection) -> Result<(), StoreError> {
    conn.execute_batch("DROP TABLE rows; ALTER TABLE staged RENAME TO rows;")?;
    // Made in one go it is cheaper than kept up row by row.
    conn.execute_batch(rows::SUM_INDEX.sql)?;
    Ok(conn.execute_batch(CREATE.sql)?)
}
