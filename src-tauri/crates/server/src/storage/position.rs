//! `position`: where resources were. Speed, heading and accuracy are really unknown at times: the only columns without NOT NULL.

use chrono::{DateTime, Utc};
use domain::position::Fix;
use domain::{CoordinateError, LonLat, ResourceId};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, from_ms, id_of, to_i64, to_ms, to_u64};

pub(super) const TABLE: &str = "
CREATE TABLE position (
    resource BLOB NOT NULL,
    fix_ms INTEGER NOT NULL,
    server_seq INTEGER NOT NULL,
    lon REAL NOT NULL,
    lat REAL NOT NULL,
    accuracy_m REAL,
    speed_mps REAL,
    heading_deg REAL,
    PRIMARY KEY (resource, fix_ms, server_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX position_seq ON position (server_seq);";

/// Where a resource was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositionRow {
    /// Who.
    pub resource: ResourceId,
    /// Order of arrival.
    pub server_seq: u64,
    /// The fix.
    pub fix: Fix,
}

fn row(row: &Row<'_>) -> rusqlite::Result<PositionRow> {
    let bad = |error: CoordinateError| {
        rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Real, Box::new(error))
    };
    Ok(PositionRow {
        resource: ResourceId(id_of(row.get(0)?)),
        server_seq: to_u64(row.get(2)?),
        fix: Fix {
            at: LonLat::new(row.get(3)?, row.get(4)?).map_err(bad)?,
            fix_time: from_ms(row.get(1)?),
            accuracy_m: row.get(5)?,
            speed_mps: row.get(6)?,
            heading_deg: row.get(7)?,
        },
    })
}

const COLUMNS: &str = "resource, fix_ms, server_seq, lon, lat, accuracy_m, speed_mps, heading_deg";

impl Reader<'_> {
    /// The fixes of a resource in a time range, by fix time.
    pub fn track(
        &self,
        resource: Uuid,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Fix>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM position WHERE resource = ?1 AND fix_ms BETWEEN ?2 AND ?3 ORDER BY fix_ms, server_seq"
        );
        let mut statement = self.sql.prepare_cached(&sql)?;
        let rows = statement.query_map(params![resource.as_bytes(), to_ms(from), to_ms(to)], row)?;
        rows.map(|found| Ok(found?.fix)).collect()
    }

    /// How many fixes of a resource there are in a time range.
    pub fn track_len(
        &self,
        resource: Uuid,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<u64, StorageError> {
        let sql = "SELECT COUNT(*) FROM position WHERE resource = ?1 AND fix_ms BETWEEN ?2 AND ?3";
        let key = params![resource.as_bytes(), to_ms(from), to_ms(to)];
        Ok(to_u64(self.sql.prepare_cached(sql)?.query_row(key, |row| row.get(0))?))
    }

    /// The newest fix of a resource since `since`.
    pub fn newest_position(
        &self,
        resource: Uuid,
        since: DateTime<Utc>,
    ) -> Result<Option<PositionRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM position WHERE resource = ?1 AND fix_ms >= ?2 ORDER BY fix_ms DESC, server_seq DESC LIMIT 1"
        );
        Ok(self
            .sql
            .prepare_cached(&sql)?
            .query_row(params![resource.as_bytes(), to_ms(since)], row)
            .optional()?)
    }

    /// The newest fix of a resource in a time range, both ends included.
    pub fn last_fix(
        &self,
        resource: Uuid,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Option<Fix>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM position WHERE resource = ?1 AND fix_ms BETWEEN ?2 AND ?3 ORDER BY fix_ms DESC, server_seq DESC LIMIT 1"
        );
        let found = self
            .sql
            .prepare_cached(&sql)?
            .query_row(params![resource.as_bytes(), to_ms(from), to_ms(to)], row)
            .optional()?;
        Ok(found.map(|found| found.fix))
    }

    /// The newest order of arrival.
    pub fn newest_position_seq(&self) -> Result<u64, StorageError> {
        let newest: Option<i64> = self
            .sql
            .prepare_cached("SELECT MAX(server_seq) FROM position")?
            .query_row([], |row| row.get(0))?;
        Ok(newest.map_or(0, to_u64))
    }
}

impl Tx<'_> {
    /// Adds fixes, but for those of a private stretch: whatever raced past the checks above ends here.
    pub fn insert_positions(&self, rows: &[PositionRow]) -> Result<(), StorageError> {
        let sql = format!(
            "INSERT OR IGNORE INTO position ({COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
             WHERE NOT EXISTS (SELECT 1 FROM privacy_gap WHERE resource = ?1 AND from_ms <= ?2 AND ?2 < to_ms)"
        );
        let mut statement = self.sql.prepare_cached(&sql)?;
        for PositionRow { resource, server_seq, fix } in rows {
            statement.execute(params![
                resource.0.as_bytes(),
                to_ms(fix.fix_time),
                to_i64(*server_seq),
                fix.at.lon(),
                fix.at.lat(),
                fix.accuracy_m,
                fix.speed_mps,
                fix.heading_deg
            ])?;
        }
        Ok(())
    }

    /// Deletes the fixes of a company's resources from before `before`; how many.
    pub fn delete_old_positions(&self, company: Uuid, before: DateTime<Utc>) -> Result<usize, StorageError> {
        let sql = "DELETE FROM position WHERE fix_ms < ?2 AND resource IN (SELECT id FROM entity WHERE company = ?1 AND kind = 'resource')";
        Ok(self.sql.prepare_cached(sql)?.execute(params![company.as_bytes(), to_ms(before)])?)
    }

    /// Deletes the fixes of a resource from `since` on.
    pub fn delete_positions_since(&self, resource: Uuid, since: DateTime<Utc>) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("DELETE FROM position WHERE resource = ?1 AND fix_ms >= ?2")?
            .execute(params![resource.as_bytes(), to_ms(since)])?;
        Ok(())
    }
}
