//! `notified`: alerts that the user of this desk has been told about, so that a restart does not tell them again.

use chrono::{DateTime, Utc};
use domain::AlertId;
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::Migration;
use crate::StoreError;

pub(super) const CREATE: Migration = Migration {
    version: 2,
    sql: "
        CREATE TABLE notified (
            alert BLOB PRIMARY KEY,
            at_ms INTEGER NOT NULL
        ) STRICT;",
};

pub(super) fn all(conn: &Connection) -> Result<Vec<AlertId>, StoreError> {
    let mut select = conn.prepare_cached("SELECT alert FROM notified")?;
    let ids = select.query_map([], |row| Ok(Uuid::from_bytes(row.get(0)?).into()))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

pub(super) fn add(conn: &Connection, alerts: &[AlertId], now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut insert = conn.prepare_cached("INSERT OR IGNORE INTO notified (alert, at_ms) VALUES (?1, ?2)")?;
    for alert in alerts {
        insert.execute(params![alert.0.as_bytes(), now.timestamp_millis()])?;
    }
    Ok(())
}

pub(super) fn clear(conn: &Connection) -> Result<(), StoreError> {
    conn.execute("DELETE FROM notified", [])?;
    Ok(())
}

/// Answers how many went.
pub(super) fn purge(conn: &Connection, before_ms: i64) -> Result<usize, StoreError> {
    Ok(conn.execute("DELETE FROM notified WHERE at_ms < ?1", [before_ms])?)
}
