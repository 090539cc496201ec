//! `incidents`: what should not have happened and was dealt with.

use chrono::DateTime;
use protocol::durable::Incident;
use rusqlite::{Connection, params};

use super::Migration;
use crate::StoreError;

/// So many are kept.
const MOST: u32 = 1000;

pub(super) const CREATE: Migration = Migration {
    version: 1,
    sql: "
        CREATE TABLE incidents (
            seq    INTEGER PRIMARY KEY,
            at_ms  INTEGER NOT NULL,
            kind   TEXT NOT NULL,
            detail TEXT NOT NULL
        ) STRICT;",
};

pub(super) fn add(conn: &Connection, incident: &Incident) -> Result<(), StoreError> {
    let kind = serde_json::to_string(&incident.kind)?;
    let mut insert =
        conn.prepare_cached("INSERT INTO incidents (at_ms, kind, detail) VALUES (?1, ?2, ?3)")?;
    insert.execute(params![incident.at.timestamp_millis(), kind, incident.detail])?;
    conn.prepare_cached("DELETE FROM incidents WHERE seq <= (SELECT max(seq) FROM incidents) - ?1")?
        .execute([MOST])?;
    Ok(())
}

/// Newest first; kinds that this build does not know are left out.
pub(super) fn newest(conn: &Connection, limit: u32) -> Result<Vec<Incident>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT at_ms, kind, detail FROM incidents ORDER BY seq DESC LIMIT ?1")?;
    let rows = select.query_map([limit], |row| {
        let (at_ms, kind, detail): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let kind = serde_json::from_str(&kind).ok();
        Ok(kind.and_then(|kind| Some(Incident { at: DateTime::from_timestamp_millis(at_ms)?, kind, detail })))
    })?;
    Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}

/// Answers how many went.
pub(super) fn purge(conn: &Connection, before_ms: i64) -> Result<usize, StoreError> {
    Ok(conn.execute("DELETE FROM incidents WHERE at_ms < ?1", [before_ms])?)
}
