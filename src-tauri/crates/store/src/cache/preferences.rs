//! `preferences`: settings of this desk, by name; what a value means is the caller's.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::Migration;
use crate::StoreError;

pub(super) const CREATE: Migration = Migration {
    version: 2,
    sql: "
        CREATE TABLE preferences (
            name  TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT;",
};

pub(super) fn all(conn: &Connection) -> Result<BTreeMap<String, String>, StoreError> {
    let mut select = conn.prepare_cached("SELECT name, value FROM preferences")?;
    let pairs = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(pairs.collect::<Result<_, _>>()?)
}

pub(super) fn set(conn: &Connection, name: &str, value: Option<&str>) -> Result<(), StoreError> {
    match value {
        Some(value) => conn
            .prepare_cached("INSERT OR REPLACE INTO preferences (name, value) VALUES (?1, ?2)")?
            .execute(params![name, value])?,
        None => conn.prepare_cached("DELETE FROM preferences WHERE name = ?1")?.execute([name])?,
    };
    Ok(())
}
