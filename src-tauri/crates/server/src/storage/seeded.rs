//! `seeded`: what a company was given once. It does not come back when somebody deletes it.

use rusqlite::params;
use uuid::Uuid;

use super::{Reader, StorageError, Tx};

pub(super) const TABLE: &str = "
CREATE TABLE seeded (
    company BLOB NOT NULL REFERENCES company (id),
    what TEXT NOT NULL,
    PRIMARY KEY (company, what)
) STRICT, WITHOUT ROWID;";

impl Reader<'_> {
    /// Whether the company was given this.
    pub fn is_seeded(&self, company: Uuid, what: &str) -> Result<bool, StorageError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM seeded WHERE company = ?1 AND what = ?2)";
        let key = params![company.as_bytes(), what];
        Ok(self.sql.prepare_cached(sql)?.query_row(key, |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Notes that the company is given this; `false` if it was before.
    pub fn note_seeded(&self, company: Uuid, what: &str) -> Result<bool, StorageError> {
        let added = self
            .sql
            .prepare_cached("INSERT OR IGNORE INTO seeded (company, what) VALUES (?1, ?2)")?
            .execute(params![company.as_bytes(), what])?;
        Ok(added > 0)
    }
}
