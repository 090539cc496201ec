//! `cursor`: where the cache stands in the feed; one row or none.

use protocol::wire::Cursor;
use rusqlite::{Connection, OptionalExtension, params};

use super::Migration;
use crate::StoreError;

pub(super) const CREATE: Migration = Migration {
    version: 1,
    sql: "
        CREATE TABLE cursor (
            one   INTEGER PRIMARY KEY CHECK (one = 1),
            epoch INTEGER NOT NULL,
            seq   INTEGER NOT NULL
        ) STRICT;",
};

pub(super) fn get(conn: &Connection) -> Result<Option<Cursor>, StoreError> {
    let mut select = conn.prepare_cached("SELECT epoch, seq FROM cursor")?;
    let cursor = select.query_row([], |row| {
        let (epoch, seq): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok(Cursor { epoch: epoch.cast_unsigned(), seq: seq.cast_unsigned() })
    });
    Ok(cursor.optional()?)
}

pub(super) fn set(conn: &Connection, cursor: Cursor) -> Result<(), StoreError> {
    let mut insert =
        conn.prepare_cached("INSERT OR REPLACE INTO cursor (one, epoch, seq) VALUES (1, ?1, ?2)")?;
    insert.execute(params![cursor.epoch.cast_signed(), cursor.seq.cast_signed()])?;
    Ok(())
}

pub(super) fn clear(conn: &Connection) -> Result<(), StoreError> {
    conn.execute("DELETE FROM cursor", [])?;
    Ok(())
}
