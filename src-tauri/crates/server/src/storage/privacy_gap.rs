//! `privacy_gap`: when location sharing was switched off. No coordinate of these stretches exists.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, from_ms, to_ms};

pub(super) const TABLE: &str = "
CREATE TABLE privacy_gap (
    resource BLOB NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    PRIMARY KEY (resource, from_ms)
) STRICT, WITHOUT ROWID;";

/// `to_ms` of a gap that goes on.
const OPEN: i64 = i64::MAX;

/// A stretch without coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivacyGapRow {
    /// Begin.
    pub from: DateTime<Utc>,
    /// End; `None` means it goes on.
    pub to: Option<DateTime<Utc>>,
}

impl PrivacyGapRow {
    /// Whether `at` lies in the gap.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<PrivacyGapRow> {
    let to: i64 = row.get(1)?;
    Ok(PrivacyGapRow { from: from_ms(row.get(0)?), to: (to != OPEN).then(|| from_ms(to)) })
}

impl Reader<'_> {
    /// The gaps of a resource that touch a time range, in order.
    pub fn privacy_gaps(
        &self,
        resource: Uuid,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<PrivacyGapRow>, StorageError> {
        let sql = "SELECT from_ms, to_ms FROM privacy_gap WHERE resource = ?1 AND from_ms <= ?3 AND to_ms > ?2 ORDER BY from_ms";
        let mut statement = self.sql.prepare_cached(sql)?;
        let rows = statement.query_map(params![resource.as_bytes(), to_ms(from), to_ms(to)], row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// A gap begins.
    pub fn open_privacy_gap(&self, resource: Uuid, from: DateTime<Utc>) -> Result<(), StorageError> {
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO privacy_gap (resource, from_ms, to_ms) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![resource.as_bytes(), to_ms(from), OPEN])?;
        Ok(())
    }

    /// The open gap ends.
    pub fn close_privacy_gap(&self, resource: Uuid, to: DateTime<Utc>) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("UPDATE privacy_gap SET to_ms = ?2 WHERE resource = ?1 AND to_ms = ?3")?
            .execute(params![resource.as_bytes(), to_ms(to), OPEN])?;
        Ok(())
    }

    /// Deletes the gaps of a company's resources that ended before `before`: there are no fixes left to explain.
    pub fn delete_old_privacy_gaps(&self, company: Uuid, before: DateTime<Utc>) -> Result<(), StorageError> {
        let sql = "DELETE FROM privacy_gap WHERE to_ms < ?2 AND resource IN (SELECT id FROM entity WHERE company = ?1 AND kind = 'resource')";
        self.sql.prepare_cached(sql)?.execute(params![company.as_bytes(), to_ms(before)])?;
        Ok(())
    }
}
