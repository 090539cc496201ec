//! `failure`: wrong passwords and wrong connection codes of the last minutes, by a hash of who tried.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::{Reader, StorageError, Tx, from_ms, to_ms};
use crate::auth::token::TokenHash;

pub(super) const TABLE: &str = "
CREATE TABLE failure (
    who BLOB NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX failure_who ON failure (who, at_ms);";

impl Reader<'_> {
    /// The failures of `who` after `since`, oldest first.
    pub fn failures(
        &self,
        who: &TokenHash,
        since: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, StorageError> {
        let sql = "SELECT at_ms FROM failure WHERE who = ?1 AND at_ms > ?2 ORDER BY at_ms";
        let mut statement = self.sql.prepare_cached(sql)?;
        let rows = statement.query_map(params![who.0, to_ms(since)], |row| Ok(from_ms(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Notes a failure.
    pub fn insert_failure(&self, who: &TokenHash, at: DateTime<Utc>) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("INSERT INTO failure (who, at_ms) VALUES (?1, ?2)")?
            .execute(params![who.0, to_ms(at)])?;
        Ok(())
    }

    /// Forgets the failures of `who`: they got in.
    pub fn delete_failures(&self, who: &TokenHash) -> Result<(), StorageError> {
        self.sql.prepare_cached("DELETE FROM failure WHERE who = ?1")?.execute([who.0])?;
        Ok(())
    }

    /// Forgets failures before `before`.
    pub fn delete_old_failures(&self, before: DateTime<Utc>) -> Result<(), StorageError> {
        self.sql.prepare_cached("DELETE FROM failure WHERE at_ms < ?1")?.execute([to_ms(before)])?;
        Ok(())
    }
}
