//! `rows`: the server's rows as they came, of all types, also those this build does not know.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::ResourceId;
use protocol::entity::{EntityKind, EntityType};
use protocol::wire::{Checksums, Item, row_hash};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::Migration;
use crate::StoreError;

pub(super) const CREATE: Migration = Migration {
    version: 1,
    sql: "
        CREATE TABLE rows (
            type    TEXT NOT NULL,
            id      BLOB NOT NULL,
            version INTEGER NOT NULL,
            at_ms   INTEGER NOT NULL,
            data    TEXT NOT NULL,
            PRIMARY KEY (type, id)
        ) STRICT;",
};

/// Sums are compared every some seconds: without it, that reads every row.
pub(super) const SUM_INDEX: Migration =
    Migration { version: 2, sql: "CREATE INDEX rows_by_sum ON rows (type, id, version);" };

/// A row as the server has it, undecoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// The server's version.
    pub version: u64,
    /// When the server wrote it, to the millisecond.
    pub at: DateTime<Utc>,
    /// Its JSON: [`EntityKind::decode`] reads it.
    pub data: String,
}

pub(super) fn put(conn: &Connection, item: &Item, data: &str) -> Result<(), StoreError> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO rows (type, id, version, at_ms, data) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (type, id) DO UPDATE SET version = ?3, at_ms = ?4, data = ?5",
    )?;
    let version = item.version.cast_signed();
    insert.execute(params![item.entity.0, item.id.as_bytes(), version, item.at.timestamp_millis(), data])?;
    Ok(())
}

pub(super) fn delete(conn: &Connection, item: &Item) -> Result<(), StoreError> {
    let mut delete = conn.prepare_cached("DELETE FROM rows WHERE type = ?1 AND id = ?2")?;
    delete.execute(params![item.entity.0, item.id.as_bytes()])?;
    Ok(())
}

/// Answers how many went.
pub(super) fn clear(conn: &Connection) -> Result<usize, StoreError> {
    Ok(conn.execute("DELETE FROM rows", [])?)
}

pub(super) fn of_type(conn: &Connection, entity: &str) -> Result<Vec<Row>, StoreError> {
    let mut select = conn.prepare_cached("SELECT id, version, at_ms, data FROM rows WHERE type = ?1")?;
    let rows = select.query_map([entity], |row| {
        Ok(Row {
            id: Uuid::from_bytes(row.get(0)?),
            version: row.get::<_, i64>(1)?.cast_unsigned(),
            at: DateTime::from_timestamp_millis(row.get(2)?).unwrap_or_default(),
            data: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Resources whose card says that their location is private.
pub(super) fn private_resources(conn: &Connection) -> Result<Vec<ResourceId>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT id FROM rows WHERE type = ?1 AND json_extract(data, '$.private_since') IS NOT NULL",
    )?;
    let ids =
        select.query_map([EntityKind::Resource.name()], |row| Ok(Uuid::from_bytes(row.get(0)?).into()))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Sums over the rows, and over those that retention has taken away here but not yet at the server.
pub(super) fn checksums(conn: &Connection) -> Result<Checksums, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT type, id, version FROM rows UNION ALL SELECT type, id, version FROM purged",
    )?;
    let mut found = select.query([])?;
    let mut sums = Checksums::new();
    while let Some(row) = found.next()? {
        let hash = row_hash(Uuid::from_bytes(row.get(1)?), row.get::<_, i64>(2)?.cast_unsigned());
        let entity = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        add(&mut sums, entity, hash);
    }
    Ok(sums)
}

fn add(sums: &mut Checksums, entity: &str, hash: u64) {
    // The last type is the same again in all but a dozen rows.
    match sums.iter_mut().rev().find(|(known, _)| known.0 == entity) {
        Some((_, sum)) => *sum = sum.wrapping_add(hash),
        None => {
            sums.insert(EntityType(entity.to_owned()), hash);
        }
    }
}

/// Types whose rows do not sum up; one without rows sums up to nothing, whether it is named or not.
pub(super) fn mismatched(conn: &Connection, expected: &Checksums) -> Result<Vec<EntityType>, StoreError> {
    let ours = checksums(conn)?;
    let types: BTreeSet<&EntityType> = ours.keys().chain(expected.keys()).collect();
    let sum = |sums: &Checksums, entity: &EntityType| sums.get(entity).copied().unwrap_or(0);
    let differs = |entity: &&EntityType| sum(&ours, entity) != sum(expected, entity);
    Ok(types.into_iter().filter(differs).cloned().collect())
}
