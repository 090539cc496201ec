//! `positions`: the newest fix of each resource, so that an older fix never takes the place of a newer one.

use chrono::{DateTime, Utc};
use domain::ResourceId;
use protocol::entity::EntityKind;
use protocol::view::{RetainedData, RetentionRuleView};
use protocol::wire::PositionUpdate;
use rusqlite::{Connection, params};

use super::Migration;
use crate::StoreError;

pub(super) const CREATE: Migration = Migration {
    version: 1,
    sql: "
        CREATE TABLE positions (
            resource    BLOB PRIMARY KEY,
            fix_time_us INTEGER NOT NULL,
            server_seq  INTEGER NOT NULL,
            data        TEXT NOT NULL
        ) STRICT;",
};

pub(super) fn all(conn: &Connection) -> Result<Vec<PositionUpdate>, StoreError> {
    let mut select = conn.prepare_cached("SELECT data FROM positions")?;
    let mut rows = select.query([])?;
    let mut positions = Vec::new();
    while let Some(row) = rows.next()? {
        let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        // One of another build is as good as none: the next fix replaces it.
        positions.extend(serde_json::from_str::<PositionUpdate>(text).ok());
    }
    Ok(positions)
}

/// Keeps what is newer than what is stored; answers 0, since nothing was forgotten.
pub(super) fn put(conn: &Connection, positions: &[PositionUpdate]) -> Result<usize, StoreError> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO positions (resource, fix_time_us, server_seq, data) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (resource) DO UPDATE SET fix_time_us = ?2, server_seq = ?3, data = ?4
         WHERE (?2, ?3) > (fix_time_us, server_seq)",
    )?;
    for position in positions {
        let (time_us, seq) = (position.fix.fix_time.timestamp_micros(), position.server_seq.cast_signed());
        let data = serde_json::to_string(position)?;
        insert.execute(params![position.resource.0.as_bytes(), time_us, seq, data])?;
    }
    Ok(0)
}

/// Answers how many went.
pub(super) fn forget(conn: &Connection, resources: &[ResourceId]) -> Result<usize, StoreError> {
    let mut delete = conn.prepare_cached("DELETE FROM positions WHERE resource = ?1")?;
    let mut gone = 0;
    for resource in resources {
        gone += delete.execute([resource.0.as_bytes()])?;
    }
    Ok(gone)
}

/// Answers how many went.
pub(super) fn forget_all(conn: &Connection) -> Result<usize, StoreError> {
    Ok(conn.execute("DELETE FROM positions", [])?)
}

/// Forgets those of resources that are private or off duty, or that the rows do not have; answers how many went.
pub(super) fn forget_hidden(conn: &Connection) -> Result<usize, StoreError> {
    let mut delete = conn.prepare_cached(
        "DELETE FROM positions WHERE resource NOT IN
         (SELECT id FROM rows
          WHERE type = ?1 AND json_extract(data, '$.private_since') IS NULL AND json_extract(data, '$.on_duty'))",
    )?;
    Ok(delete.execute([EntityKind::Resource.name()])?)
}

/// Answers how many went.
pub(super) fn purge(conn: &Connection, before_us: i64) -> Result<usize, StoreError> {
    Ok(conn.execute("DELETE FROM positions WHERE fix_time_us < ?1", [before_us])?)
}

/// How many there are, and how many of them are older than `before`.
pub(super) fn retained(
    conn: &Connection,
    days: u16,
    before: DateTime<Utc>,
) -> Result<RetentionRuleView, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT count(*), count(*) FILTER (WHERE fix_time_us < ?1), min(fix_time_us) FROM positions",
    )?;
    Ok(select.query_row([before.timestamp_micros()], |row| {
        Ok(RetentionRuleView {
            data: RetainedData::Positions,
            days: days.into(),
            rows: row.get::<_, i64>(0)?.cast_unsigned(),
            going: row.get::<_, i64>(1)?.cast_unsigned(),
            oldest: row.get::<_, Option<i64>>(2)?.and_then(DateTime::from_timestamp_micros),
        })
    })?)
}
