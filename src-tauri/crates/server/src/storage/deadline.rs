//! `deadline`: when open bids run out.

use chrono::{DateTime, Utc};
use rusqlite::params;
use uuid::Uuid;

use super::{Reader, StorageError, Tx, id_of, to_ms};

pub(super) const TABLE: &str = "
CREATE TABLE deadline (
    bid BLOB NOT NULL PRIMARY KEY,
    company BLOB NOT NULL REFERENCES company (id),
    due_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deadline_due ON deadline (due_ms);";

impl Reader<'_> {
    /// Company and id of the bids due at `now`.
    pub fn bids_due(&self, now: DateTime<Utc>) -> Result<Vec<(Uuid, Uuid)>, StorageError> {
        let mut statement =
            self.sql.prepare_cached("SELECT company, bid FROM deadline WHERE due_ms <= ?1")?;
        let rows = statement.query_map([to_ms(now)], |row| Ok((id_of(row.get(0)?), id_of(row.get(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Sets when an open bid runs out; `None` for one that is over.
    pub fn set_deadline(
        &self,
        company: Uuid,
        bid: Uuid,
        due: Option<DateTime<Utc>>,
    ) -> Result<(), StorageError> {
        let Some(due) = due else {
            self.sql.prepare_cached("DELETE FROM deadline WHERE bid = ?1")?.execute([bid.as_bytes()])?;
            return Ok(());
        };
        self.sql
            .prepare_cached(
                "INSERT INTO deadline (bid, company, due_ms) VALUES (?1, ?2, ?3) ON CONFLICT (bid) DO UPDATE SET due_ms = ?3",
            )?
            .execute(params![bid.as_bytes(), company.as_bytes(), to_ms(due)])?;
        Ok(())
    }
}
