//! `company`: each tenant's place in its own history.

use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::{Reader, StorageError, Tx, id_of, to_i64, to_u64};

pub(super) const TABLE: &str = "
CREATE TABLE company (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    epoch INTEGER NOT NULL,
    head INTEGER NOT NULL,
    floor INTEGER NOT NULL,
    last_task_number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;";

/// A tenant's place in its own history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompanyRow {
    /// Which tenant.
    pub id: Uuid,
    /// Which history; raised when it is rewritten.
    pub epoch: u64,
    /// The newest change.
    pub head: u64,
    /// The newest change that the feed no longer holds.
    pub floor: u64,
}

const COLUMNS: &str = "id, epoch, head, floor";

fn row(row: &Row<'_>) -> rusqlite::Result<CompanyRow> {
    Ok(CompanyRow {
        id: id_of(row.get(0)?),
        epoch: to_u64(row.get(1)?),
        head: to_u64(row.get(2)?),
        floor: to_u64(row.get(3)?),
    })
}

impl Reader<'_> {
    /// The tenant with that id.
    pub fn company(&self, id: Uuid) -> Result<Option<CompanyRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM company WHERE id = ?1");
        Ok(self.sql.prepare_cached(&sql)?.query_row([id.as_bytes()], row).optional()?)
    }

    /// The tenant of that name; case does not matter.
    pub fn company_named(&self, name: &str) -> Result<Option<CompanyRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM company WHERE name = ?1");
        Ok(self.sql.prepare_cached(&sql)?.query_row([name], row).optional()?)
    }

    /// All tenants.
    pub fn companies(&self) -> Result<Vec<CompanyRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM company ORDER BY name");
        let rows = self.sql.prepare_cached(&sql)?.query_map([], row)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

impl Tx<'_> {
    /// Adds a tenant with an empty history.
    pub fn insert_company(&self, id: Uuid, name: &str, epoch: u64) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("INSERT INTO company (id, name, epoch, head, floor, last_task_number) VALUES (?1, ?2, ?3, 0, 0, 0)")?
            .execute(params![id.as_bytes(), name, to_i64(epoch)])?;
        Ok(())
    }

    /// Stores how far the tenant's history has come.
    pub fn update_company(&self, company: &CompanyRow) -> Result<(), StorageError> {
        self.sql
            .prepare_cached("UPDATE company SET epoch = ?2, head = ?3, floor = ?4 WHERE id = ?1")?
            .execute(params![
                company.id.as_bytes(),
                to_i64(company.epoch),
                to_i64(company.head),
                to_i64(company.floor)
            ])?;
        Ok(())
    }

    /// Notes that a number was given elsewhere, so that it is not given again.
    pub fn note_task_number(&self, company: Uuid, number: u32) -> Result<(), StorageError> {
        let sql = "UPDATE company SET last_task_number = ?2 WHERE id = ?1 AND last_task_number < ?2";
        self.sql.prepare_cached(sql)?.execute(params![company.as_bytes(), number])?;
        Ok(())
    }

    /// The next running number of a task.
    pub fn next_task_number(&self, company: Uuid) -> Result<u32, StorageError> {
        let sql = "UPDATE company SET last_task_number = last_task_number + 1 WHERE id = ?1 RETURNING last_task_number";
        Ok(self.sql.prepare_cached(sql)?.query_row([company.as_bytes()], |row| row.get(0))?)
    }
}
